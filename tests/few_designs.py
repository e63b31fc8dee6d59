"""A few designs, some recolored, copied or scanned again, as an archive whose duplicates, colorways and look-alikes are known."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

RED = ("#F5EBDD", "#B83B5E", "#2F4858")
GREEN = ("#12303A", "#7FB069", "#F2D0A4")


def drawn(seed: int, inks: tuple[str, ...] = RED, side: int = 240) -> Image.Image:
    """A design of blobs in three inks."""
    noise = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)).filter(ImageFilter.GaussianBlur(7))
    levels = np.asarray(noise, float)
    layer = np.digitize(levels, np.quantile(levels, [0.4, 0.75]))
    rgb = np.array([list(bytes.fromhex(ink[1:])) for ink in inks], np.uint8)
    return Image.fromarray(rgb[layer]).filter(ImageFilter.GaussianBlur(0.6))


def rescanned(image: Image.Image, angle: float = 1.5) -> Image.Image:
    """Cut, turned a little, lighter, with a cast, at another size, as JPEG."""
    turned = image.rotate(angle, Image.Resampling.BICUBIC).crop((12, 9, 230, 227)).resize((300, 300), Image.Resampling.BICUBIC)
    light = np.asarray(turned, float) * [1.06, 1.02, 1.0] + np.random.default_rng(0).normal(0, 3, (300, 300, 1))
    file = io.BytesIO()
    Image.fromarray(light.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=70)
    return Image.open(file).convert("RGB")


def write_few_designs(folder: Path) -> Path:
    """Write five designs, three of them in more than one color or scanned again, in the flat layout with rows set by hand."""
    pictures = {
        "a-red.png": drawn(1),
        "a-scan.jpg": rescanned(drawn(1)),
        "a-green.png": drawn(1, GREEN),
        "b-red.png": drawn(2),
        "b-copy.png": drawn(2),
        "c-red.png": drawn(3),
        "d-red.png": drawn(4),
        "e-red.png": drawn(5),
    }
    (folder / "images").mkdir(parents=True)
    for name, picture in pictures.items():
        picture.save(folder / "images" / name)
    records = {name: {"design": f"Design {name[0]}", "season": "SS24", "quality": "silk"} for name in pictures}
    records["b-copy.png"] |= {"design": "=Bahar", "season": "AW25"}
    (folder / "image_metadata_map.json").write_text(json.dumps(records))
    write_rows(folder, list(pictures))
    return folder


def write_rows(folder: Path, names: list[str]) -> None:
    """Write the rows of images by the letter of their design: c and d lie near each other, and d and e, but c and e do not."""
    places = {"a": (0, 0), "b": (90, 0), "c": (0, 90), "d": (0, 70), "e": (0, 50)}
    angles = np.radians([places[name[0]] for name in names])
    rows = np.stack([np.cos(angles[:, 0]) * np.cos(angles[:, 1]), np.sin(angles[:, 0]), np.cos(angles[:, 0]) * np.sin(angles[:, 1])], 1)
    np.save(folder / "pattern_features.npy", rows.astype(np.float32))
    (folder / "pattern_filenames.json").write_text(json.dumps(names))
