"""What a page says and does when its server cannot be reached."""

import secrets
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE


class Connection(JSComponent):  # type: ignore[misc]
    """A bar that is there while the connection is lost, and brings the page back."""

    lost = param.String(doc="What the bar says.")
    session = param.String(constant=True, doc="Tells this page from one that a server makes anew in its place.")

    _esm = HERE / "connection.js"
    _stylesheets = (str(HERE / "connection.css"),)

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"session": secrets.token_hex(8), **params})
