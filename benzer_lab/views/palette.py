"""The colors that are looked for, as chips with their shares."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import param
from panel import state
from panel.custom import JSComponent

from benzer_lab.views.palette_model import STEP
from benzer_lab.views.pictures import HERE, script

STYLES = (str(HERE / "pictures.css"), str(HERE / "palette.css"))


class PaletteButton(JSComponent):  # type: ignore[misc]
    """A button that shows the colors, or no longer.

    Parameters
    ----------
    toggle : callable
        Called without an argument when it is clicked.
    **params : object
        The parameters below, and those of every Panel component.
    """

    label = param.String(doc="What it says.")
    is_open = param.Boolean(doc="Whether the colors are shown.")

    _esm = HERE / "palette_button.js"
    _stylesheets = STYLES

    def __init__(self, *, toggle: Callable[[], None], **params: Any) -> None:
        super().__init__(**params)
        self._toggle = toggle

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take a click."""
        self._toggle()


class PaletteBar(JSComponent):  # type: ignore[misc]
    """Colors as chips: weighed by buttons, keys or by dragging borders, added, changed and taken away.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `add` (with a text), `replace` (place, hex), `weigh` (place, percent), `divide` (place, percent), `remove` (place),
        `demand` ('', 'all' or 'any'), `tolerate` (a number) and `eyedropper`.
    take : callable
        Awaited when the colors of the query are to be taken.
    **params : object
        The parameters below, and those of every Panel component.
    """

    colors = param.List(doc="Hex and percent of each color.")
    must_show = param.String(doc="What must be shown: '', 'all' or 'any' of the colors.")
    tolerance = param.Number(default=8, doc="CIEDE2000, 4 to 50.")
    error = param.String(doc="What was wrong with the last change, in a sentence.")
    can_take = param.Boolean(doc="Whether there is an image whose colors can be taken.")
    can_pick = param.Boolean(doc="Whether there are pictures to pick colors from.")
    step = param.Integer(default=STEP, constant=True, doc="Percent that a click on + or - adds or takes.")
    labels = param.Dict(default={}, doc="Words by what they are for; those of `change`, `more`, `less` and `remove` hold '{color}'.")

    _esm = script("palette.js")
    _stylesheets = STYLES

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], take: Callable[[], Awaitable[None]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act
        self._take = take

    def done(self) -> None:
        """Say that the colors of the query were read, also where nothing has changed."""
        self._send_msg({})

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Do what was asked for, of what the browser may ask for."""
        match data:
            case {"type": "take"}:
                state.execute(self._take, schedule=False)
            case {"type": "eyedropper"}:
                self._act["eyedropper"]()
            case {"type": "add", "text": str(text)}:
                self._act["add"](text)
            case {"type": "replace", "place": int(place), "color": str(color)}:
                self._act["replace"](place, color)
            case {"type": "weigh" | "divide" as what, "place": int(place), "percent": int() | float() as percent}:
                self._act[what](place, percent)
            case {"type": "remove", "place": int(place)}:
                self._act["remove"](place)
            case {"type": "demand", "must_show": str(must_show)}:
                self._act["demand"](must_show)
            case {"type": "tolerate", "tolerance": int() | float() as tolerance}:
                self._act["tolerate"](tolerance)
