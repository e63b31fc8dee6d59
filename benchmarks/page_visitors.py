"""Let many visitors use the search page at once: `python benchmarks/page_visitors.py http://localhost:5006/search PID`.

Twenty sessions click for two minutes, each about every four seconds, while the memory of the server, whose process is PID, is read.
The visitors speak the page's own protocol and fetch the pictures, but draw nothing: twenty windows of a browser would need all of
a small machine for themselves, and hide the server. `page_speed.py` measures what one visitor sees.
"""

import asyncio
import json
import os
import random
import re
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

VISITORS = 20
SECONDS = 120
THINKING = (2.0, 6.0)  # seconds between clicks
PICTURES = 40  # fetched after a click: what a page shows at first
PATIENCE = 30.0  # seconds after which an answer counts as an error


def memory_mb(pid: int) -> float:
    """Return the memory of a process that is its own: what is mapped from files is not counted."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]) / 1024


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def objects(node: Any, name: str) -> list[dict[str, Any]]:
    """Return all objects of a type in a document as JSON."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = [one for child in inner for one in objects(child, name)]
    return [node, *found] if isinstance(node, dict) and node.get("type") == "object" and str(node.get("name", "")).rpartition(".")[2] == name else found


class Visitor:
    """One session of the page, in Bokeh's protocol.

    Parameters
    ----------
    url : str
        Of the page.
    number : int
        Which visitor; each clicks other designs.
    """

    def __init__(self, url: str, number: int) -> None:
        self._url = url
        self._chance = random.Random(number)
        self._socket: WebSocketClientConnection | None = None
        self.times: list[float] = []
        self.errors: list[str] = []

    async def open(self) -> None:
        """Load the page and its document."""
        page = (await AsyncHTTPClient().fetch(self._url)).body.decode()
        token = re.search(r'"token":"([^"]+)"', page)
        assert token, "the page holds no session"
        address = self._url.replace("http", "ws", 1) + "/ws"
        self._socket = await websocket_connect(HTTPRequest(address), subprotocols=["bokeh", token[1]], max_message_size=2**26)
        await self._next("ACK")
        await self._send("PULL-DOC-REQ", {})
        document = await self._next("PULL-DOC-REPLY")
        galleries = [one["attributes"] | {"id": one["id"]} for one in objects(document, "ReactiveESM") if one["attributes"]["class_name"] == "Gallery"]
        data = {one["id"]: one["data"]["attributes"] for one in galleries}
        archive, hits = sorted(galleries, key=lambda one: bool(data[one["id"]].get("answers")))
        self._archive, self._hits = archive["id"], hits["data"]["id"]
        content = dict(data[self._archive]["content"]["entries"])
        self._names = [tile[0] for tile in content["tiles"]]
        await self._event("document_ready", [])

    async def _send(self, kind: str, content: object) -> None:
        """Send a message: three frames."""
        assert self._socket
        for part in ({"msgid": uuid.uuid4().hex, "msgtype": kind}, {}, content):
            await self._socket.write_message(json.dumps(part))

    async def _event(self, name: str, entries: list[object]) -> None:
        """Send what happened in the page."""
        event = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        await self._send("PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]})

    async def _next(self, kind: str) -> Any:
        """Return the content of the next message of a kind."""
        assert self._socket
        while True:
            header, _, content = [json.loads(await asyncio.wait_for(self._socket.read_message(), PATIENCE) or "null") for _ in range(3)]
            for _ in range(header.get("num_buffers", 0)):
                await self._socket.read_message()
                await self._socket.read_message()
            if header["msgtype"] == kind:
                return content

    async def click(self) -> float:
        """Click a design; return the milliseconds until the hits and their pictures are there."""
        name = self._chance.choice(self._names)
        self._names = [*(other for other in self._names if other != name)]  # the same again would change nothing
        data = {"type": "map", "entries": [["type", "pick"], ["name", name]]}
        began = time.perf_counter()
        await self._event("data_event", [["model", {"id": self._archive}], ["data", data]])
        tiles = None
        while tiles is None:
            for change in (await self._next("PATCH-DOC"))["events"]:
                if change.get("kind") == "ModelChanged" and change["model"]["id"] == self._hits and change["attr"] == "content":
                    tiles = dict(change["new"]["entries"])["tiles"]
        keys = ",".join(tile[1] for tile in tiles[:PICTURES])
        await AsyncHTTPClient().fetch(urljoin(self._url, "thumbnails?" + urlencode({"keys": keys})), request_timeout=PATIENCE)
        return 1000 * (time.perf_counter() - began)

    async def visit(self, until: float) -> None:
        """Click until the time is over."""
        while time.monotonic() < until:
            await asyncio.sleep(self._chance.uniform(*THINKING))
            try:
                self.times.append(await self.click())
            except Exception as error:
                self.errors.append(repr(error))
                return

    def close(self) -> None:
        """Leave the page."""
        assert self._socket
        self._socket.close()


async def main(url: str, pid: int) -> None:
    """Print times, errors and memory."""
    AsyncHTTPClient.configure(None, max_clients=2 * VISITORS)
    before = memory_mb(pid)
    visitors = [Visitor(url, number) for number in range(VISITORS)]
    for visitor in visitors:
        await visitor.open()
    cpu, until = cpu_seconds(pid), time.monotonic() + SECONDS
    visits = [asyncio.create_task(visitor.visit(until)) for visitor in visitors]
    await asyncio.sleep(SECONDS - 5)
    during, load = memory_mb(pid), os.getloadavg()
    await asyncio.gather(*visits)
    cpu = cpu_seconds(pid) - cpu
    times = [one for visitor in visitors for one in visitor.times]
    errors = [one for visitor in visitors for one in visitor.errors]
    assert len(times) > 1, errors
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{VISITORS} visitors, {len(times)} clicks: p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms; {len(errors)} errors {errors[:3]}")
    print(f"load {load[0]:.1f} on {os.cpu_count()} cores; server {1000 * cpu / len(times):.0f} ms of CPU a click")
    print(f"server {before:.0f} MB before, {during:.0f} MB with {VISITORS} pages: {(during - before) / VISITORS:.2f} MB a page")
    for visitor in visitors:
        visitor.close()
    for wait in (30, 60):
        await asyncio.sleep(30)
        print(f"server {memory_mb(pid):.0f} MB, {wait} s after the last page was closed")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
