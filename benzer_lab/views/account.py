"""How something was done, a click away."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Account(JSComponent):  # type: ignore[misc]
    """Sentences and facts under a heading that opens them."""

    label = param.String(doc="What the heading says.")
    sentences = param.List(default=[], doc="What was done, a sentence each.")
    facts = param.List(default=[], doc="Lists of what is known, each fact as its name and what it is; nothing is shown without one.")

    _esm = script("account.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "account.css"))
