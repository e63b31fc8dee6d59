"""Measure the atlas as a visitor feels it: `python benchmarks/atlas_speed.py [IMAGES]`, 100,000 where it is left out.

Makes an archive of rows without pictures of their own (a hundred small ones are shared), with its map and its clusters stored, in a
temporary folder; serves it, and drives Chromium without a GPU. Prints medians and 95th percentiles with the load of the machine.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import benzer_lab as bl  # noqa: E402
from tests.page_server import served  # noqa: E402

N_IMAGES, N_CLUSTERS, D = 100_000, 40, 32
N_OPENED, N_WHEELS, N_LASSOS = 20, 40, 15
WINDOW = {"width": 1440, "height": 900}
GPU = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DEEP = """
  const deep = (root, selector) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(selector)) return node;
      const inner = node.shadowRoot && deep(node.shadowRoot, selector);
      if (inner) return inner;
    }
  };
"""
# Resolves with the milliseconds from the wheel to the next frame in which the map has moved
WHEELED = f"""
(by) => new Promise((resolve) => {{
  {DEEP}
  const canvas = deep(document, "canvas.points");
  const box = canvas.getBoundingClientRect();
  const picture = () => {{
    const small = Object.assign(document.createElement("canvas"), {{ width: 64, height: 64 }});
    const pen = small.getContext("2d", {{ willReadFrequently: true }});
    pen.drawImage(canvas, 0, 0, 64, 64);
    return pen.getImageData(0, 0, 64, 64).data.join();
  }};
  const before = picture();
  const began = performance.now();
  const place = {{ clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 }};
  canvas.dispatchEvent(new WheelEvent("wheel", {{ deltaY: by, bubbles: true, cancelable: true, ...place }}));
  let drawn;
  const look = () => {{
    drawn = performance.now() - began;
    if (picture() !== before || drawn > 5000) resolve(drawn);
    else requestAnimationFrame(look);
  }};
  requestAnimationFrame(look);
}})
"""
# Resolves with the milliseconds from the end of a lasso until its designs are listed, and how many they are
LISTED = f"""
() => new Promise((resolve) => {{
  {DEEP}
  const caption = deep(document, ".kept .caption");
  const wall = deep(document, ".wall");
  const before = caption.textContent;
  const names = () => [...wall.querySelectorAll(".tile[data-name]")].map((tile) => tile.dataset.name).join();
  const listed = names();
  window.addEventListener("mouseup", () => {{
    const began = performance.now();
    const look = () => {{
      const isListed = caption.textContent !== before && names() !== listed && wall.getAttribute("aria-busy") !== "true";
      if (isListed) requestAnimationFrame(() => resolve([performance.now() - began, caption.textContent]));
      else requestAnimationFrame(look);
    }};
    look();
  }}, {{ once: true, capture: true }});
}})
"""


def told(name: str, values: Sequence[float]) -> None:
    """Print the median and the 95th percentile."""
    last = statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
    print(f"{name:42} p50 {statistics.median(values):8.0f} ms   p95 {last:8.0f} ms   of {len(values)}", flush=True)


def write_archive(folder: Path, n: int) -> Path:
    """Write clustered rows, what is known of them, and a hundred pictures; lay them out and cluster them."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, N_CLUSTERS, n)
    rows = rng.normal(size=(N_CLUSTERS, D))[kinds] + 0.25 * rng.normal(size=(n, D))
    names = [f"D-{i:06}.png" for i in range(n)]
    (folder / "images").mkdir(parents=True)
    for i in range(100):
        Image.new("RGB", (96, 96), tuple(rng.integers(40, 220, 3).tolist())).save(folder / "images" / names[i])
    np.save(folder / "pattern_features.npy", rows.astype(np.float16))
    (folder / "pattern_filenames.json").write_text(json.dumps(names))
    seasons, qualities = ["SS23", "AW23", "SS24", "AW24", "SS25"], ["poplin", "viscose", "silk twill", "crepe"]
    known = {
        name: {"design": f"Design {i // 4}", "season": seasons[i % 5], "quality": qualities[kinds[i] % 4], "features": [f"kind {kinds[i]}"]}
        for i, name in enumerate(names)
    }
    (folder / "image_metadata_map.json").write_text(json.dumps(known))
    archive = bl.Archive.open(folder)
    archive.layout("pattern", method="pca")  # how the map came to be is no matter here
    archive.cluster("pattern", N_CLUSTERS)
    return folder


def opened(page: Page, url: str) -> float:
    """Open the atlas; return the milliseconds from the request until the points are drawn, as map.js marks it."""
    page.goto(url)
    page.wait_for_selector(".plane[data-drawn]", state="attached", timeout=120_000)
    took = float(page.evaluate("performance.getEntriesByName('points')[0].startTime"))
    page.wait_for_selector(".told dl.facts dd", state="attached", timeout=120_000)  # summed up by then, not beside the next opening
    return took


def encircled(page: Page, size: float) -> tuple[float, str]:
    """Draw a lasso around the middle of the map; return the milliseconds until its designs are listed, and how many they are."""
    page.get_by_role("button", name="Lasso", exact=True).click()
    box = page.locator("canvas.points").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    corners = [(x + size * np.cos(turn), y + size * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 24)]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
        page.wait_for_timeout(12)  # the library leaves out what comes sooner
    page.evaluate(f"() => {{ window.listed = ({LISTED})(); }}")
    page.mouse.up()
    took, caption = page.evaluate("() => window.listed")
    return float(took), str(caption)


def stolen() -> float:
    """Return the processor seconds that this machine wanted since it began and its host gave to others."""
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


def measure(page: Page, url: str) -> None:
    """Print all figures."""
    began, stolen_before = time.perf_counter(), stolen()
    page.goto(url)
    page.wait_for_selector(".plane[data-drawn]", state="attached", timeout=300_000)  # opens the archive
    told("opened to first points", [opened(page, url) for _ in range(N_OPENED)])
    page.wait_for_timeout(1500)
    told("wheel to the next frame", [page.evaluate(WHEELED, -60 if i < N_WHEELS / 2 else 60) for i in range(N_WHEELS)])
    page.get_by_role("button", name="Whole map").click()
    page.wait_for_timeout(1000)
    times, caption = [], ""
    for i in range(N_LASSOS):
        took, caption = encircled(page, 150 + i % 3)
        times.append(took)
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Remove: Lasso").click()
        page.wait_for_timeout(700)
    told(f"lasso to its gallery ({caption})", times)
    lost = (stolen() - stolen_before) / (time.perf_counter() - began)
    print(f"cores given to other machines meanwhile {lost:.2f}")
    print(f"load {os.getloadavg()[0]:.1f} {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else N_IMAGES
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        made = write_archive(Path(place) / "archive", count)
        with served(ROOT / "dashboards/atlas.py", made) as address:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=GPU)
            measure(browser.new_page(viewport=WINDOW), address)
            browser.close()
