"""What a page says and does when its server cannot be reached."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE


class Connection(JSComponent):  # type: ignore[misc]
    """A bar that is there while the connection is lost, and brings the page back."""

    lost = param.String(doc="What the bar says.")

    _esm = HERE / "connection.js"
    _stylesheets = (str(HERE / "connection.css"),)
