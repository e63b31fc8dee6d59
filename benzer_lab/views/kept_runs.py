"""Runs of timings to look at."""

from collections.abc import Callable, Mapping
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class KeptRuns(JSComponent):  # type: ignore[misc]
    """Runs, of which one is looked at, or several beside each other.

    Parameters
    ----------
    act : mapping of str to callable
        What to do with the place of a run: `show` it alone, or set it `beside` the others.
    **params : object
        The parameters below, and those of every Panel component.
    """

    label = param.String(doc="What all of it is, for screen readers.")
    runs = param.List(default=[], doc="Of each: title, note, whether it is looked at, and what setting it beside others is called, or ''.")

    _esm = script("kept_runs.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "kept_runs.css"))

    def __init__(self, *, act: Mapping[str, Callable[[int], None]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take the place of a run."""
        match data:
            case {"type": ("show" | "beside") as what, "place": int(place)} if 0 <= place < len(self.runs):
                self._act[what](place)
