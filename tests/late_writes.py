"""What the app of a page test calls so that every question comes at the moment at which Panel could lose its answer.

While Bokeh acknowledges a message of the browser, Panel 1.9.4 puts off what it has to send. What changes just as that has been written
is not sent until something else changes: the task that should send it finds no `_WRITE_BLOCK` (`panel.io.document._dispatch_msgs`).
"""

import asyncio
import time
from functools import cache
from pathlib import Path
from typing import Any

from panel.io import document

from benzer_lab.views.catalog import OwnImage
from benzer_lab.views.search_model import Query, SearchModel

READ_NOW = "read_now"  # an image is read when this file is in the server's folder
PATIENCE = 30  # seconds


@cache  # Panel runs an app more than once
def install() -> None:
    """Have Panel note what it has written only when the next question is asked, and images read only when the test says so."""
    write, read_own, ask = document._run_write_futures, SearchModel.read_own, SearchModel.ask
    written: list[asyncio.Future[None]] = []

    async def write_and_wait(doc: Any) -> None:
        await write(doc)
        written.append(asyncio.get_running_loop().create_future())
        await written[-1]

    def read_when_told(model: SearchModel, name: str, content: bytes) -> OwnImage:
        end = time.monotonic() + PATIENCE
        while not Path(READ_NOW).exists() and time.monotonic() < end:
            time.sleep(0.02)
        return read_own(model, name, content)

    def ask_as_writes_end(model: SearchModel, query: Query) -> None:
        while written:
            written.pop().set_result(None)
        ask(model, query)

    document._run_write_futures = write_and_wait
    SearchModel.read_own = read_when_told
    SearchModel.ask = ask_as_writes_end
