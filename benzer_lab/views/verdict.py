"""What came out, in a line."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Verdict(JSComponent):  # type: ignore[misc]
    """A heading with what came out, a note, and a warning."""

    text = param.String(doc="What came out.")
    note = param.String(doc="Of what.")
    warning = param.String(doc="Why it may not hold.")

    _esm = script("verdict.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "verdict.css"))
