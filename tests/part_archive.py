"""A small archive of which some images show one motif, for the tests of parts."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

import benzer_lab as bl
from tests.test_regions import motif

GROUND, SIZE = (236, 228, 214), (320, 160)
AT = {"P-0.png": (10, 30), "P-1.png": (200, 40), "P-2.png": (110, 20), "P-3.png": (150, 60)}  # where the motif is, 96 pixels wide
OTHERS = ["Q-0.png", "Q-1.png", "Q-2.png"]
BOX = (10, 30, 106, 126)  # of the motif on P-0.png


def picture(name: str) -> Image.Image:
    """Draw an image: the motif, on P-3.png in other colors, or stripes."""
    image = Image.new("RGB", SIZE, GROUND)
    if name in AT:
        image.paste(motif(), AT[name])
        return image if name != "P-3.png" else Image.fromarray(255 - np.asarray(image))
    x = np.arange(SIZE[0]) // (8 + 6 * OTHERS.index(name)) % 2
    return Image.fromarray(np.broadcast_to((90 + 120 * x)[None, :, None], (SIZE[1], SIZE[0], 3)).astype(np.uint8))


def write_part_archive(folder: Path, *, described: bool = True) -> Path:
    """Write seven images, `color` and `pattern` features, metadata, and, where they are to be `described`, their regions."""
    names = [*AT, *OTHERS]
    (folder / "images").mkdir(parents=True)
    for name in names:
        picture(name).save(folder / "images" / name)
    rng = np.random.default_rng(0)
    for model in ("color", "pattern"):
        np.save(folder / f"{model}_features.npy", rng.normal(size=(len(names), 6)).astype(np.float32))
        (folder / f"{model}_filenames.json").write_text(json.dumps(names))
    records = {name: {"design": name[:1] + name[2], "season": ["SS24", "AW24"][i % 2]} for i, name in enumerate(names)}
    (folder / "image_metadata_map.json").write_text(json.dumps(records))
    if described:
        bl.Archive.open(folder).index_regions(processes=1, progress=False)
    return folder
