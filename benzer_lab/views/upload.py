"""A place to drop one's own image."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

LIMIT_MB = 16  # a websocket message above 20 MiB would close the page's connection without a word

PICTURES = "image/*,.heic,.heif,.psd,.tif,.tiff"

HERE = Path(__file__).parent


class Upload(JSComponent):  # type: ignore[misc]
    """A button on which a file may be dropped.

    Parameters
    ----------
    receive : callable
        Awaited with the file's name and its content; None in place of the content of a file over `LIMIT_MB`.
    **params : object
        The parameters below, and those of every Panel component.
    """

    label = param.String(doc="What the button says.")
    anywhere = param.Boolean(doc="Whether what is dropped or pasted anywhere in the browser's window is meant for it.")
    group = param.String(doc="What it shares with the gallery of a search that waits for the answer; see `Gallery`.")
    accept = param.String(default=PICTURES, doc="Which files are offered, as the browser's own choice of files takes it.")
    limit = param.Integer(default=LIMIT_MB * 1_000_000, doc="Bytes that a file may have.")

    _esm = HERE / "upload.js"
    _stylesheets = (str(HERE / "upload.css"),)

    def __init__(self, *, receive: Callable[[str, bytes | None], Awaitable[None]], **params: Any) -> None:
        super().__init__(**params)
        self._receive = receive

    async def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take a file from the browser, from which anything may come."""
        match data:
            case {"name": str(name), "content": bytes(content)} if len(content) <= self.limit:
                await self._receive(name, content)
            case {"name": str(name)}:
                await self._receive(name, None)
