"""What is looked for: a chip, the way back, and what was looked for before."""

from collections.abc import Callable, Mapping
from typing import Any

import param

from benzer_lab.views.pictures import HERE, Pictured, script


class QueryChip(Pictured):
    """The query as a chip with its picture, and those before it.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `back`, `clear`, `look`, `part` (all without an argument) and `again` (with the mark of an earlier query).
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    chip = param.Dict(default=None, allow_None=True, doc="Mark, name, key, title, note, has_parts of the query; None where there is none.")
    trail = param.List(doc="Mark, key and title of each earlier query, the latest first.")
    label = param.String(doc="What stands over the chip's title.")
    back = param.String(doc="What the button that goes back says.")
    clear = param.String(doc="What the button that ends the query says.")
    part = param.String(doc="What the button to look for a part says.")
    look = param.String(doc="What a click on the chip does.")
    trail_label = param.String(doc="What the earlier queries are, for screen readers.")

    _esm = script("query.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "query.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def show(self, chip: dict[str, Any] | None, trail: list[tuple[str, str | None, str]]) -> None:
        """Show another query.

        Parameters
        ----------
        chip : dict or None
            Mark, name, key, title, note, and has_parts: whether a part of it may be looked for.
        trail : list of (mark, key, title)
            Earlier queries, the latest first.
        """
        self.remember({key: mark for mark, key, _ in trail})
        if chip is not None:
            self.remember({chip["key"]: chip["mark"]})
        self.param.update(chip=chip, trail=trail)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Do what was clicked, of what the browser may ask for."""
        match data:
            case {"type": "back" | "clear" | "look" | "part" as what}:
                self._act[what]()
            case {"type": "again", "mark": str(mark)}:
                self._act["again"](mark)
            case {"type": "pictures"}:
                self.answer_pictures(data)
