"""What part is looked for, as a bar over the hits; and how far the images are prepared for it."""

from collections.abc import Callable, Mapping
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE


class PartBar(JSComponent):  # type: ignore[misc]
    """A line that tells what is looked for, with the way to the whole; below it, what is still to be prepared.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `whole`, `prepare` and `stop`, all without an argument.
    **params : object
        The parameters below, and those of every Panel component.
    """

    text = param.String(doc="What is looked for, and what does not apply meanwhile.")
    labels = param.Dict(default={}, doc="Words for: whole, stop, progress.")
    state = param.Dict(default={}, doc="Of what is to be prepared: text, is_error, prepare (a button's word); or done, total and can_stop.")

    _esm = HERE / "part_bar.js"
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "part_bar.css"))

    def __init__(self, *, act: Mapping[str, Callable[[], None]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Do what was clicked, of what the browser may ask for."""
        match data:
            case {"type": "whole" | "prepare" | "stop" as what}:
                self._act[what]()
