"""What is picked out: how many of how many, and by what, as cards that can be taken away."""

from collections.abc import Callable, Mapping
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Cards(JSComponent):  # type: ignore[misc]
    """A line of words, and a card for each condition.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `remove` (with the place of a card) and `clear`.
    **params : object
        The parameters below, and those of every Panel component.
    """

    caption = param.String(doc="How many of how many.")
    cards = param.List(default=[], doc="What each card says.")
    labels = param.Dict(default={}, doc="Words for: remove, clear.")

    _esm = script("cards.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "cards.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take a card away, or all."""
        match data:
            case {"type": "remove", "place": int(place)} if 0 <= place < len(self.cards):
                self._act["remove"](place)
            case {"type": "clear"}:
                self._act["clear"]()
