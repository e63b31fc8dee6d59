"""How good each number of clusters is: a curve to choose one from."""

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Curve(JSComponent):  # type: ignore[misc]
    """Lines over the number of clusters, on which one is chosen.

    Parameters
    ----------
    choose : callable
        Called with a number of clusters.
    **params : object
        The parameters below, and those of every Panel component.
    """

    curve = param.Dict(
        default={"ks": [], "lines": [], "chosen": 0},
        doc="ks: numbers, ascending; lines: name, values, errors or None, best k, told (each in words); chosen: what the map shows.",
    )
    labels = param.Dict(default={}, doc="Words for: clusters (with {k}).")

    _esm = script("curve.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "curve.css"))

    def __init__(self, *, choose: Callable[[int], None], **params: Any) -> None:
        super().__init__(**params)
        self._choose = choose

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take a number of clusters that is on the curve."""
        match data:
            case {"type": "choose", "k": int(k)} if k in self.curve["ks"]:
                self._choose(k)
