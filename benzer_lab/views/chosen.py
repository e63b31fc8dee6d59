"""The chosen design of the atlas, and where one can go from it."""

from collections.abc import Callable, Mapping
from typing import Any

import param

from benzer_lab.views.pictures import HERE, Pictured, script


class Chosen(Pictured):
    """A design with its picture and what can be done with it.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `go`, `similar`, `group` and `close`, each without an argument.
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    one = param.Dict(default=None, allow_None=True, doc="Mark, key, title, note, group and link of the design; None while there is none.")
    labels = param.Dict(default={}, doc="Words for: go, similar, search, close.")

    _esm = script("chosen.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "chosen.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def show(self, design: dict[str, Any] | None) -> None:
        """Show another design, or none."""
        if design is not None:
            self.remember({design["key"]: design["mark"]})
        self.one = design

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Do what was clicked, of what the browser may ask for."""
        match data:
            case {"type": "go" | "similar" | "group" | "close" as what}:
                self._act[what]()
            case {"type": "pictures"}:
                self.answer_pictures(data)
