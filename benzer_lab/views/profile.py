"""What the designs are that were picked out: their colors, their seasons and qualities, beside those of all."""

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Profile(JSComponent):  # type: ignore[misc]
    """A palette, a few facts, and bars that can be picked.

    Parameters
    ----------
    pick : callable
        Called with the field and the place of a value.
    **params : object
        The parameters below, and those of every Panel component.
    """

    palette = param.List(default=[], doc="Hex and share of each color, and what it is called.")
    facts = param.List(default=[], doc="What is known of all of them: [name, value].")
    fields = param.List(default=[], doc="One dict a field: name, label and values, each of these [text, n picked, n, in words, chosen].")
    labels = param.Dict(default={}, doc="Words for: palette.")

    _esm = script("profile.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "profile.css"))

    def __init__(self, *, pick: Callable[[str, int], None], **params: Any) -> None:
        super().__init__(**params)
        self._pick = pick

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Pick a value that is shown."""
        match data:
            case {"type": "pick", "field": str(name), "place": int(place)}:
                for field in self.fields:
                    if field["name"] == name and 0 <= place < len(field["values"]):
                        self._pick(name, place)
