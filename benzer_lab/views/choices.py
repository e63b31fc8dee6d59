"""Several boxes to check under one heading."""

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Choices(JSComponent):  # type: ignore[misc]
    """Boxes to check, each with a note.

    Parameters
    ----------
    toggle : callable
        Called with the place of a box that was checked, or no longer is.
    **params : object
        The parameters below, and those of every Panel component.
    """

    label = param.String(doc="What stands over them.")
    hint = param.String(doc="What stands under them.")
    items = param.List(default=[], doc="What each says, its note, and whether it is checked.")
    inline = param.Boolean(doc="Whether they stand beside each other.")

    _esm = script("choices.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "choices.css"))

    def __init__(self, *, toggle: Callable[[int], None], **params: Any) -> None:
        super().__init__(**params)
        self._toggle = toggle

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take the place of a box."""
        match data:
            case {"type": "toggle", "place": int(place)} if 0 <= place < len(self.items):
                self._toggle(place)
