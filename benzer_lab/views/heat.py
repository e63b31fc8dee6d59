"""A table of shares, the larger the darker."""

from collections.abc import Callable, Mapping
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Heat(JSComponent):  # type: ignore[misc]
    """What share of each column falls to each row; rows, columns and cells can be picked.

    Parameters
    ----------
    act : mapping of str to callable
        What to do on `cell` (with the places of its row and its column), `row` and `column` (with its place).
    **params : object
        The parameters below, and those of every Panel component.
    """

    table = param.Dict(
        default={"columns": [], "rows": [], "cells": [], "chosen": -1},
        doc="columns: texts; rows: [text, color]; cells: a list a row, each [share of the largest, text, in words, whether white]; chosen.",
    )
    label = param.String(doc="What the table tells.")
    white = param.String(doc="What a cell of white space says.")

    _esm = script("heat.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "map.css"), str(HERE / "heat.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Pick what was clicked, of what is shown."""
        match data:
            case {"type": "cell", "row": int(row), "column": int(column)} if self._has(row, column):
                self._act["cell"](row, column)
            case {"type": "row", "row": int(row)} if self._has(row, 0):
                self._act["row"](row)
            case {"type": "column", "column": int(column)} if self._has(0, column):
                self._act["column"](column)

    def _has(self, row: int, column: int) -> bool:
        """Tell whether there is such a cell."""
        return 0 <= row < len(self.table["rows"]) and 0 <= column < len(self.table["columns"])
