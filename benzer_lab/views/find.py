"""A box to find by name."""

from pathlib import Path

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class Find(JSComponent):  # type: ignore[misc]
    """A search box that takes what is typed while it is typed."""

    value = param.String(doc="What is looked for.")
    label = param.String(doc="What stands over the box.")
    hint = param.String(doc="What stands in it while it is empty.")

    _esm = HERE / "find.js"
    _stylesheets = (str(HERE / "find.css"),)
