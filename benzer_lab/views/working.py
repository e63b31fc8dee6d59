"""What the page is working at, and how far it has come."""

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Working(JSComponent):  # type: ignore[misc]
    """A line of words with a bar, and a button that stops the work; nothing while there is none.

    Parameters
    ----------
    stop : callable
        Called when the work is to be stopped.
    **params : object
        The parameters below, and those of every Panel component.
    """

    text = param.String(doc="What is being done; empty while nothing is.")
    part = param.Number(default=-1, doc="How far it has come, from 0 to 1; below 0 while that is not known.")
    stop_label = param.String(doc="What the button says.")

    _esm = script("working.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "working.css"))

    def __init__(self, *, stop: Callable[[], None], **params: Any) -> None:
        super().__init__(**params)
        self._stop = stop

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Stop the work."""
        if data.get("type") == "stop":
            self._stop()
