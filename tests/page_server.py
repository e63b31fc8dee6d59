"""A server of pages in a process of its own, and what browser tests look for on the search page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import requests

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "dashboards/search.py"
START = 60_000  # milliseconds until the first page, on a machine that does much else
ERRORS = re.compile(r"^Traceback .*?^([\w.]+)(?::.*?)?$", re.MULTILINE | re.DOTALL)
LEFT = {"tornado.iostream.StreamClosedError", "tornado.websocket.WebSocketClosedError"}  # a visitor left while the server still answered
PAINTED = "tiles => tiles.every(tile => { const image = tile.querySelector('img'); return image?.complete && image.naturalWidth > 0; })"
ACTIVE = "let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
FOCUSED = f"() => {{ {ACTIVE} return at.closest('.tile')?.dataset.name; }}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


@contextmanager
def served(app: Path, archive: Path, *options: str, port: int = 0) -> Iterator[str]:
    """Run `panel serve` in a process of its own; give the address of the page."""
    port = port or free_port()
    log = archive.parent / "server.log"
    environment = {
        **os.environ,
        "BENZER_ARCHIVE": str(archive),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    with log.open("w") as output:
        command = [sys.executable, "-m", "panel", "serve", str(app), *options, "--port", str(port)]
        process = subprocess.Popen(command, env=environment, cwd=archive.parent, stdout=output, stderr=output, start_new_session=True)
        try:
            url = f"http://localhost:{port}"
            wait_for(url, process, log)
            yield f"{url}/{app.stem}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # with the processes that it forked
            process.wait(20)
    assert set(ERRORS.findall(log.read_text())) <= LEFT


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with suppress(requests.ConnectionError):
            requests.get(url, timeout=START / 1000)
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def archive_of(page: "Page") -> "Locator":
    return page.locator(".archive .wall")


def hits_of(page: "Page") -> "Locator":
    return page.locator(".hits .wall")


def tile_of(wall: "Locator", name: str) -> "Locator":
    return wall.locator(f"[data-name='{name}']")


def chip_of(page: "Page") -> "Locator":
    """The query with its picture and its words."""
    return page.locator(".chip")


def control_of(page: "Page | Locator", label: str) -> "Locator":
    """What belongs to a label: a select, a check box, or a slider."""
    return page.get_by_label(label).first


def show(page: "Page", url: str, **query: str) -> None:
    """Open the search page and wait until the archive is there."""
    from playwright.sync_api import expect

    page.goto(f"{url}?{urlencode(query)}")
    expect(archive_of(page).locator(".tile[data-name]").first).to_be_visible(timeout=START)


def names_in(wall: "Locator") -> list[str]:
    """The names of all tiles, in their order."""
    tiles = wall.locator(".tile").evaluate_all("tiles => tiles.map(tile => [Number(tile.dataset.place), tile.dataset.name])")
    return [name for _, name in sorted(tiles)]


def expect_names(wall: "Locator", names: list[str]) -> None:
    """The tiles have these names, in this order."""
    from playwright.sync_api import expect

    expect(wall.locator(".tile[data-name]")).to_have_count(len(names))
    for place, name in enumerate(names):
        expect(wall.locator(f"[data-place='{place}']")).to_have_attribute("data-name", name)


def expect_painted(tiles: "Locator") -> None:
    """Every tile has its picture."""
    from playwright.sync_api import expect

    expect(tiles.locator("img")).to_have_count(tiles.count())
    tiles.page.wait_for_function(PAINTED, arg=tiles.element_handles())


def focused(page: "Page") -> str:
    """The name of the tile that has the focus, through all shadow roots."""
    return str(page.evaluate(FOCUSED))
