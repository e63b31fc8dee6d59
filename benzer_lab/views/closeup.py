"""The large view: a design beside the one that was looked for."""

from collections.abc import Callable, Mapping
from typing import Any

import param

from benzer_lab.views.pictures import HERE, Pictured, script


class Closeup(Pictured):
    """A window over the page: two designs at equal size, once or as a repeat, with what is known of both.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `close`, `pick`, `colorways`, `choose` (without an argument), `step` (with 1 or -1), `colors` (with a text of hex),
        `why` (with the key that tells what is shown), `part` (with whether parts are to be drawn) and `boxes` (with those drawn).
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    shown = param.Dict(default=None, allow_None=True, doc="One, query, facts, place, before, after, chosen, map; None closes.")
    labels = param.Dict(
        default={}, doc="Words for: close, previous, next, repeat, grid, similar, choose, chosen, query, one, eyedropper..."
    )
    picking = param.Boolean(doc="Whether a click on a picture takes its color.")
    part = param.Dict(
        default=None,
        allow_None=True,
        doc="Where parts are drawn: key of the picture, its size, the least of a part, how many at most, boxes; or key and error.",
    )
    why = param.Dict(default=None, allow_None=True, doc="Why the hit was found, as `WhyView` tells it; its key is the `why` of `shown`.")

    _esm = script("eyedropper.js", "repeat_grid.js", "why.js", "part_picker.js", "closeup.js")
    _stylesheets = tuple(str(HERE / name) for name in ("pictures.css", "closeup.css", "why.css", "part_picker.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def show(self, shown: dict[str, Any] | None) -> None:
        """Show other designs, or close.

        Parameters
        ----------
        shown : dict or None
            As the parameter; `one` and `query` are dicts of mark, key, title, repeat (kind, width, height and size, or None) and
            found (what `part_model.places` returns, or None).
        """
        for side in ("one", "query"):
            if shown is not None and shown[side] is not None:
                self.remember({shown[side]["key"]: shown[side]["mark"]})
        self.shown = shown

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Do what was clicked, of what the browser may ask for."""
        match data:
            case {"type": "close" | "pick" | "colorways" | "choose" as what}:
                self._act[what]()
            case {"type": "step", "by": 1 | -1 as by}:
                self._act["step"](by)
            case {"type": "colors", "colors": list(colors)}:
                self._act["colors"](" ".join(map(str, colors)))
            case {"type": "part", "on": bool(on)}:
                self._act["part"](on)
            case {"type": "boxes", "boxes": list(boxes)}:
                self._act["boxes"](boxes)
            case {"type": "why", "key": str(key)}:
                self._act["why"](key)
            case {"type": "pictures"}:
                self.answer_pictures(data)
