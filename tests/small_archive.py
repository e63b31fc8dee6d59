"""A small archive in the flat layout, for the tests of the pages, and what their browser would send."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

NAMES = [f"D-{i:02}.png" for i in range(12)]
RED, CREAM, BLUE = "#B83B5E", "#F5EBDD", "#2F4858"
TWO_COLORED = [f"C-{i}.png" for i in range(4)]
HOSTILE_DESIGN = "<script>window.hacked = 1</script>"
HOSTILE_SEASON = '<img src="x" onerror="window.hacked = 1">'
HOSTILE_NAME = '<img src="x" onerror="window.hacked = 1">.png'


def write_small_archive(folder: Path, *, hostile: bool = False, pictures: bool = True) -> Path:
    """Write twelve images, `color` and `pattern` features and metadata; `hostile` ones try to run a script."""
    rng = np.random.default_rng(0)
    names = [HOSTILE_NAME, *NAMES[1:]] if hostile else NAMES
    records = {
        name: {
            "design": "Iğdır Kilim" if i < 4 else f"Lâle {i // 2}",
            "season": ["SS24", "AW24"][i % 2],
            "quality": "viscose",
            "features": ["floral", "small"] if i < 3 else ["stripes"],
            "cluster": i // 6,
        }
        for i, name in enumerate(names)
    }
    if hostile:
        records[HOSTILE_NAME] |= {"design": HOSTILE_DESIGN, "season": HOSTILE_SEASON}
    folder.mkdir(exist_ok=True)
    if pictures:
        (folder / "images").mkdir()
        for i, name in enumerate(names):
            Image.new("RGB", (80, 60), (20 * i, 90, 140)).save(folder / "images" / name)
    for model in ("color", "pattern"):
        np.save(folder / f"{model}_features.npy", rng.normal(size=(len(names), 6)).astype(np.float32))
        (folder / f"{model}_filenames.json").write_text(json.dumps(names))
    (folder / "image_metadata_map.json").write_text(json.dumps(records))
    return folder


def draw_two_colors(images: Path) -> Path:
    """Draw four images, three quarters in one color and a quarter in another; the last is all of one."""
    images.mkdir(parents=True)
    for name, (left, right) in zip(TWO_COLORED, [(RED, CREAM), (CREAM, BLUE), (BLUE, RED), (CREAM, CREAM)], strict=True):
        image = Image.new("RGB", (80, 60), left)
        image.paste(Image.new("RGB", (20, 60), right), (60, 0))
        image.save(images / name)
    return images


def awaited(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run what takes long; in a thread of its own, for this one has the loop of a browser test before."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


def send_from_page(component: Any, message: dict[str, Any]) -> None:
    """Have a component take a message that takes it long."""
    awaited(component._handle_msg(message))
