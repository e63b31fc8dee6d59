"""Measure the search page as a visitor feels it: `python benchmarks/page_speed.py http://localhost:5006/search`.

Starts no server; prints medians and 95th percentiles with the load of the machine. Chromium is driven by Playwright.
"""

import os
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

N = 30
WINDOW = {"width": 1440, "height": 900}
# Resolves with the milliseconds from an act until a hundred hits are other ones than before, and all painted
PAINTED = """
([at, n, pause]) => new Promise((resolve) => {
  const deep = (root, found = []) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("wall")) found.push(node);
      if (node.shadowRoot) deep(node.shadowRoot, found);
    }
    return found;
  };
  const [archive, hits] = deep(document);
  const shown = () => [...hits.querySelectorAll(".tile")].filter((tile) => Number(tile.dataset.place) < n);
  const names = () => shown().map((tile) => tile.dataset.name).join();
  const painted = (tile) => { const image = tile.querySelector("img"); return image && image.complete && image.naturalWidth; };
  const before = names();
  const began = performance.now();
  let busy;
  archive.querySelectorAll(".main")[at].click();
  const look = () => {
    if (busy === undefined && hits.getAttribute("aria-busy") === "true") busy = performance.now() - began;
    if (names() !== before && shown().length >= n && shown().every(painted))
      requestAnimationFrame(() => resolve([performance.now() - began, busy ?? 0]));
    else if (pause) setTimeout(look, pause);
    else requestAnimationFrame(look);
  };
  look();
})
"""
JUMPED = """
(part) => new Promise((resolve) => {
  const deep = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("scroller")) return node;
      const inner = node.shadowRoot && deep(node.shadowRoot);
      if (inner) return inner;
    }
  };
  const scroller = deep(document);
  const began = performance.now();
  scroller.scrollTop = part * scroller.scrollHeight;
  const seen = () => [...scroller.querySelectorAll(".tile")].filter((tile) => {
    const [box, frame] = [tile.getBoundingClientRect(), scroller.getBoundingClientRect()];
    return box.bottom > frame.top && box.top < frame.bottom;
  });
  const painted = (tile) => { const image = tile.querySelector("img"); return image && image.complete && image.naturalWidth; };
  const look = () => {
    const tiles = seen();
    if (tiles.length && tiles.every((tile) => tile.dataset.name && painted(tile)))
      requestAnimationFrame(() => resolve(performance.now() - began));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""
# The milliseconds that the same question takes without a page: search, names and metadata, JSON and HTTP
ASKED = """
async (at) => {
  const deep = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("wall")) return node;
      const inner = node.shadowRoot && deep(node.shadowRoot);
      if (inner) return inner;
    }
  };
  const name = deep(document).querySelectorAll(".tile")[at].dataset.name;
  const began = performance.now();
  const answer = await fetch(`find-similar?model=color%2Bpattern&topN=100&filename=${encodeURIComponent(name)}`);
  const rows = await answer.json();
  if (rows.length !== 100) throw new Error(`${rows.length} rows, ${answer.status}`);
  return performance.now() - began;
}
"""
SLID = """
([label, value]) => new Promise((resolve) => {
  const deep = (root, selector, found = []) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(selector)) found.push(node);
      if (node.shadowRoot) deep(node.shadowRoot, selector, found);
    }
    return found;
  };
  const hits = deep(document, ".wall")[1];
  const [slider] = deep(document, `input[aria-label="${label}"]`);
  const score = (tile) => tile.dataset.name + tile.querySelector(".badge").textContent;
  const scores = () => [...hits.querySelectorAll(".tile")].slice(0, 20).map(score).join();
  const before = scores();
  const began = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const look = () => (scores() !== before ? requestAnimationFrame(() => resolve(performance.now() - began)) : requestAnimationFrame(look));
  look();
})
"""


def told(name: str, values: Sequence[float], unit: str = "ms") -> None:
    """Print the median and the 95th percentile."""
    last = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    print(f"{name:42} p50 {statistics.median(values):8.0f} {unit}   p95 {last:8.0f} {unit}   of {len(values)}")


def measured(act: Callable[[int], Any], pause: Callable[[], None], n: int = N) -> list[Any]:
    """Do something several times with rests between."""
    results = []
    for i in range(n):
        results.append(act(i))
        pause()
    return results


def measure(page: Page, url: str) -> None:
    """Print all figures of one page."""
    received: list[int] = []
    outside: list[str] = []
    host = urlsplit(url).hostname
    page.on("request", lambda request: outside.append(request.url) if urlsplit(request.url).hostname not in {host, None} else None)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto(f"{url}?hits_tile=56", wait_until="load")
    page.wait_for_selector(".tile img")
    rest = lambda: page.wait_for_timeout(400)  # noqa: E731
    rest()
    for name in ("click to 100 painted, first time", "click to 100 painted, pictures made before"):
        results = []
        sent = []
        for i in range(N):
            before = sum(received)
            results.append(page.evaluate(PAINTED, [i % 12, 100]))
            rest()
            sent.append(sum(received) - before)
        told(name, [r[0] for r in results])
        told("  click to busy", [r[1] for r in results])
        told("  over the websocket a click", sent, "B ")
    told("the same asked of /find-similar, no page", measured(lambda i: page.evaluate(ASKED, i % 12), rest))
    for name in ("jump in the archive to painted, first time", "  the same again"):
        told(name, measured(lambda i: page.evaluate(JUMPED, ((i * 37) % 97) / 97), rest))
    told("slider to re-ranked", measured(lambda i: page.evaluate(SLID, ["Share of color", 0.4 + 0.2 * (i % 2)]), rest))
    print(f"requests to other hosts: {len(outside)}; load {os.getloadavg()[0]:.1f} {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        measure(browser.new_page(viewport=WINDOW), sys.argv[1])
        browser.close()
