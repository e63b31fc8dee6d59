"""A button that saves a file of any size."""

import asyncio
from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script

CHUNK = 4_000_000  # bytes in one message: a websocket closes, without a word, on more than 20 MiB


class Download(JSComponent):  # type: ignore[misc]
    """A button; the file is made when it is pressed, and comes in pieces.

    Parameters
    ----------
    make : callable
        Gives the name and the content of the file; called in a thread of its own.
    **params : object
        The parameters below, and those of every Panel component.
    """

    label = param.String(doc="What the button says.")
    failed = param.String(doc="What it says where the file could not be made.")
    media = param.String(default="text/csv;charset=utf-8", doc="What kind of file it is.")

    _esm = script("download.js")
    _stylesheets = (str(HERE / "pictures.css"),)

    def __init__(self, *, make: Callable[[], tuple[str, bytes]], **params: Any) -> None:
        super().__init__(**params)
        self._make = make
        self._file: tuple[str, bytes] = ("", b"")

    async def _handle_msg(self, data: dict[str, Any]) -> None:
        """Make the file, and send the piece of it that the browser asks for."""
        match data:
            case {"type": "piece", "start": int(start)} if start >= 0:
                if start == 0:
                    try:
                        self._file = await asyncio.to_thread(self._make)
                    except BaseException:
                        self._send_msg({"failed": True})  # ends the waiting; Panel logs the error
                        raise
                name, content = self._file
                self._send_msg({"name": name, "start": start, "total": len(content), "body": content[start : start + CHUNK]})
                if start + CHUNK >= len(content):
                    self._file = ("", b"")
