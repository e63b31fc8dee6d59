"""What was chosen, and its export."""

import asyncio
from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script

MEDIA = {"csv": "text/csv;charset=utf-8", "pdf": "application/pdf"}


class Picks(JSComponent):  # type: ignore[misc]
    """How many designs are chosen, and buttons that save them as files.

    Parameters
    ----------
    export : callable
        Gives the name and the content of a file of a kind, 'csv' or 'pdf'.
    clear : callable
        Called when nothing is to be chosen any more.
    **params : object
        The parameters below, and those of every Panel component.
    """

    n = param.Integer(doc="How many are chosen.")
    text = param.String(doc="The same in words.")
    labels = param.Dict(default={}, doc="Words for: csv, pdf, clear, failed.")

    _esm = script("picks.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "picks.css"))

    def __init__(self, *, export: Callable[[str], tuple[str, bytes]], clear: Callable[[], None], **params: Any) -> None:
        super().__init__(**params)
        self._export = export
        self._clear = clear

    async def _handle_msg(self, data: dict[str, Any]) -> None:
        """Send a file, or forget what was chosen; while a file is written, other visitors are served."""
        match data:
            case {"type": "export", "kind": "csv" | "pdf" as kind}:
                try:
                    name, body = await asyncio.to_thread(self._export, kind)
                except BaseException:
                    self._send_msg({})  # ends the waiting; Panel logs the error
                    self.text = self.labels["failed"]
                    raise
                self._send_msg({"name": name, "media": MEDIA[kind], "body": body})
            case {"type": "clear"}:
                self._clear()
