"""The way from page to page."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Nav(JSComponent):  # type: ignore[misc]
    """Links to the pages of a server."""

    links = param.List(default=[], doc="What each is called, where it leads, and whether it is this page.")

    _esm = script("nav.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "nav.css"))
