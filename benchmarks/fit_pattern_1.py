"""Make the constants of the recipe pattern-1 from a fixed set of images.

The shipped file was made by

    python benchmarks/fit_pattern_1.py ../shared/data/tartans/images ../shared/data/surfaces/images \
        --flat ../shared/data/surfaces/images --out benzer_lab/weights/pattern-1.npz

No image of data/patterns, on which the recipe is judged, goes in. Photographs of cloth and tartans alone leave out what
most prints are, areas of flat color; so each photograph goes in again, twice, as a mirrored repeat in a few random colors.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab.images import ImageFolder, decode
from benzer_lab.network import N_DIMENSIONS, SIDE, middle_square, raw_features, standardize

DRAWN = 4 * SIDE  # drawn large and scaled down, so that edges come out smooth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", help="folders of images that go in as they are")
    parser.add_argument("--flat", required=True, help="a folder whose images go in as areas of flat color")
    parser.add_argument("--out", required=True, type=Path, help="the .npz file to write")
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    squares = [middle_square(image) for folder in arguments.folders for image in images(folder)]
    squares += [draw_flat(image, rng) for image in images(arguments.flat) for _ in range(2)]
    raw = np.concatenate([raw_features(np.stack(squares[i : i + 256]), device="cpu") for i in range(0, len(squares), 256)])
    constants = fit(raw)
    np.savez(arguments.out, **constants)
    print(f"{len(squares)} images; {arguments.out.stat().st_size / 1e3:.0f} kB")


def images(folder: str) -> Iterator[Image.Image]:
    found = ImageFolder(folder)
    return (decode(found.read(name), target=SIDE) for name in found.filenames)


def draw_flat(image: Image.Image, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the lightness of an image as 2 to 5 flat colors, or as lines on a ground, in a mirrored repeat."""
    repeats, cells, n_colors = int(rng.integers(1, 7)), int(rng.integers(6, 40)), int(rng.integers(2, 6))
    corner = DRAWN // repeats // 2
    gray = Image.fromarray(middle_square(image)).convert("L").resize((cells, cells), Image.Resampling.BOX)
    field = np.asarray(gray.resize((corner, corner), Image.Resampling.BICUBIC), np.float64)
    half = np.concatenate([field, field[:, ::-1]], axis=1)
    tile = np.concatenate([half, np.roll(half, corner * int(rng.integers(2)), axis=1)[::-1]])
    field = np.tile(tile, (repeats, repeats)) + rng.normal(0, 1e-3, (2 * corner * repeats,) * 2)
    if rng.random() < 0.3:
        levels = np.quantile(field, rng.uniform(0.2, 0.8, n_colors - 1))
        distance = np.abs(field[..., None] - levels) / (np.hypot(*np.gradient(field))[..., None] + 1e-6)
        areas = np.where(distance.min(-1) < rng.uniform(3, 12), 1 + distance.argmin(-1), 0)
    else:
        areas = np.digitize(field, np.quantile(field, np.sort(rng.uniform(0.05, 0.95, n_colors - 1))))
    return middle_square(Image.fromarray(rng.integers(0, 256, (n_colors, 3), dtype=np.uint8)[areas]))


def fit(raw: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
    """Return the z-score's constants, then the directions of most variance and the mean along them."""
    mean, deviation = raw.mean(0, dtype=np.float64), raw.std(0, dtype=np.float64)
    mean, deviation = mean.astype(np.float32), np.maximum(deviation, 1e-6).astype(np.float32)
    z = standardize(raw, mean, deviation).astype(np.float64)
    _, vectors = np.linalg.eigh(np.cov(z.T))
    components = vectors[:, ::-1][:, :N_DIMENSIONS].T.astype(np.float16)
    offset = (components.astype(np.float64) @ z.mean(0)).astype(np.float32)
    return {"mean": mean, "deviation": deviation, "components": components, "offset": offset}


if __name__ == "__main__":
    main()
