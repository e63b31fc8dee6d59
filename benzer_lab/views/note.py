"""A sentence on the page, whatever it holds: Panel's own text panes take it for HTML."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE


class Note(JSComponent):  # type: ignore[misc]
    """A sentence, such as one that names what a user called a season."""

    text = param.String(doc="What it says.")
    is_alert = param.Boolean(doc="Whether it says what went wrong.")

    _esm = HERE / "note.js"
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "note.css"))
