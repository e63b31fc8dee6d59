"""The colors of an image, counted into bins of a space where Euclid is near CIEDE2000 (recipe `color-2`)."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab.color import codes_of, delta_e, lab_of, share
from benzer_lab.errors import InputError
from benzer_lab.images import tiles

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

# The constants of recipe `color-2`; what each is worth stands in docs/decisions/0008-color-2.md:
# target     decode to at least this many pixels on the shorter side
# bits       of each channel that are looked at
# slope      a pixel between two neighbors this far to both sides (CIEDE2000, nearly) is a mixture of them, and counts 1 / e
# step       between two bins of a grid in DIN99o, scaled to CIEDE2000
# least      a bin stays when it is the share of at least this many of the 2 ** (3 * bits) colors looked at
# reach      colors about this far apart lie on one area
# power      of the areas: 2 % of an accent count for .46
# trace      a share of the image at which a color counts half of what it would
# scale      colors this far apart are alike by 1 / e
# transport  what a difference of 1 weighs on top, between any two colors however far: the energy distance, which is a transport distance
# width      of a row: so many of the principal directions of that likeness
COLOR_2: dict[str, float] = {
    "target": 224,
    "bits": 6,
    "slope": 12.0,
    "step": 6.0,
    "least": 0.3,
    "reach": 8.0,
    "power": 0.2,
    "trace": 0.003,
    "scale": 4.0,
    "transport": 0.0015,
    "width": 384,
}

BITS = int(COLOR_2["bits"])
_DIN99O_TO_E2000 = 0.8  # DIN99o is 1.25 times CIEDE2000, to 13 % (STRESS), from 1 to 120
WEIGHTS = np.maximum(1, np.round(255 * np.exp(-np.arange(4096) / COLOR_2["slope"] ** 2))).astype(np.uint8)


class Grid(NamedTuple):
    """The bins of the recipe and what follows from them."""

    positions: Floats  # (n_colors, 3), of each color looked at, in steps
    columns: npt.NDArray[np.int32]  # of each node of the grid: its bin, or -1 where it has none
    shape: tuple[int, ...]
    lab: Doubles  # (n_bins, 3), the color of each
    apart: Floats  # (n_bins, n_bins), CIEDE2000
    axes: Floats  # (n_bins, width): a row is areas @ axes


def counted(pixels: Pixels | Image.Image, *, caller: str) -> tuple[Doubles, Doubles]:
    """Return how many pixels show each of the colors looked at, (2 ** (3 * bits),), and the same with mixtures weighing less."""
    if not isinstance(pixels, Image.Image) and not (
        isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size
    ):
        got = f"{pixels.dtype} {pixels.shape}" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise InputError(f"{caller}: pixels must be a uint8 array of shape (h, w, 3) with pixels; got {got}.")
    n = 2 ** (3 * BITS)
    plain, flat = np.zeros(n), np.zeros(n)
    for part, slope in parts_of(pixels):
        codes = codes_of(part, BITS).ravel()
        plain += np.bincount(codes, minlength=n)
        flat += np.bincount(codes, WEIGHTS[slope].ravel(), minlength=n)  # whole numbers: their sum does not depend on the parts
    return plain, flat


def parts_of(pixels: Pixels | Image.Image) -> Iterator[tuple[Pixels, npt.NDArray[np.intp]]]:
    """Yield parts of an image, (h, w, 3), and how steep each pixel lies between its neighbors, (h, w): squared, 0 to 4095."""
    width, height = pixels.size if isinstance(pixels, Image.Image) else pixels.shape[1::-1]
    for left, top, right, bottom in tiles((width, height)):
        box = max(left - 1, 0), max(top - 1, 0), min(right + 1, width), min(bottom + 1, height)
        seen = np.asarray(pixels.crop(box)) if isinstance(pixels, Image.Image) else pixels[box[1] : box[3], box[0] : box[2]]
        edge = (int(top == 0), int(bottom == height)), (int(left == 0), int(right == width)), (0, 0)
        seen = np.pad(seen, edge, mode="edge")
        yield seen[1:-1, 1:-1], _slope(seen)


def _slope(pixels: Pixels) -> npt.NDArray[np.intp]:
    """Return by how much each pixel lies between two opposite neighbors: a pixel at the end of a step or on a line does not.

    The inner product of the ways to the two, negated, the most of four directions.
    """
    codes = codes_of(pixels, BITS)
    h, w = codes.shape[0] - 2, codes.shape[1] - 2
    slope = np.zeros((h, w), np.float32)
    planes = [plane[codes] for plane in _planes()]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        between = np.zeros((h, w), np.float32)
        for plane in planes:
            middle = plane[1:-1, 1:-1]
            between += (plane[1 + down : 1 + down + h, 1 + right : 1 + right + w] - middle) * (
                middle - plane[1 - down : 1 - down + h, 1 - right : 1 - right + w]
            )
        np.maximum(slope, between, out=slope)
    return np.minimum(slope, len(WEIGHTS) - 1).astype(np.intp)


def areas_of(counts: Doubles) -> Doubles:
    """Return the share of each bin, (n_bins,)."""
    grid = color_grid()
    colors = np.flatnonzero(counts)
    nodes, shares = share(grid.positions[colors], grid.shape)
    bins = grid.columns[nodes]
    kept = bins >= 0
    areas = np.bincount(bins[kept], (shares * counts[colors, None])[kept], minlength=len(grid.apart))
    return np.asarray(areas / areas.sum())


@cache
def _planes() -> tuple[Floats, Floats, Floats]:
    """Return the three coordinates of each color looked at, scaled to CIEDE2000."""
    first, second, third = np.ascontiguousarray(color_grid().positions.T * np.float32(COLOR_2["step"]))
    return first, second, third


@cache
def nodes_of_bins() -> Doubles:
    """Return where in the grid each bin lies, (n_bins, 3), in steps."""
    grid = color_grid()
    return np.stack(np.unravel_index(np.flatnonzero(grid.columns >= 0), grid.shape), axis=-1).astype(np.float64)


@cache
def color_grid() -> Grid:
    """Compute the bins and their likeness. In float64, so that rows of different machines agree."""
    levels = np.arange(2**BITS)
    lab = lab_of(np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3) * 255 / levels[-1])
    positions = _din99o(lab) * (_DIN99O_TO_E2000 / COLOR_2["step"])
    positions -= np.floor(positions.min(0))
    shape = tuple(int(n) for n in np.floor(positions.max(0)) + 2)
    n_nodes = int(np.prod(shape))
    nodes, shares = share(positions, shape)
    counts = np.bincount(nodes.ravel(), shares.ravel(), minlength=n_nodes)
    kept = counts >= COLOR_2["least"]
    # A bin's color is the mean of those that it is a part of
    sums = [np.bincount(nodes.ravel(), (shares * value[:, None]).ravel(), minlength=n_nodes) for value in lab.T]
    centers = np.stack(sums, axis=-1)[kept] / counts[kept, None]
    columns = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    apart = np.empty((len(centers), len(centers)))
    for start in range(0, len(centers), 64):
        rows = slice(start, start + 64)
        apart[rows, start:] = delta_e(centers[rows, None], centers[start:])
        apart[start:, rows] = apart[rows, start:].T
    return Grid(positions.astype(np.float32), columns, shape, centers, apart.astype(np.float32), _axes(apart))


def _axes(apart: Doubles) -> Floats:
    """Return the principal directions of the bins' likeness, (n_bins, width), each as long as it is worth."""
    # Less distance is more likeness; centered, that is positive definite, and its distance is the energy distance
    energy = apart.mean(0) + apart.mean(1)[:, None] - apart.mean() - apart
    values, vectors = np.linalg.eigh(np.exp(-apart / COLOR_2["scale"]) + COLOR_2["transport"] * energy)
    values, vectors = values[::-1][: int(COLOR_2["width"])], vectors[:, ::-1][:, : int(COLOR_2["width"])]
    ends = vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])]
    axes = vectors * np.sign(ends) * np.sqrt(values)  # a direction has no sign of its own
    return np.asarray(axes, np.float32)


def _din99o(lab: Doubles) -> Doubles:
    """Convert L*a*b* to DIN99o (DIN 6176:2018), where Euclid is near CIEDE2000."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    turn = np.radians(26)
    red, yellow = a * np.cos(turn) + b * np.sin(turn), 0.83 * (b * np.cos(turn) - a * np.sin(turn))
    chroma, hue = np.log1p(0.075 * np.hypot(red, yellow)) / 0.0435, np.arctan2(yellow, red) + turn
    return np.stack([303.67 * np.log1p(0.0039 * lightness), chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
