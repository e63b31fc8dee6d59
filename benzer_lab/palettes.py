"""Palettes: the few colors that an image is made of, as a row (recipe `color-2`), as a list, and as a question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab import _checks
from benzer_lab.color import delta_e, lab_of
from benzer_lab.errors import InputError
from benzer_lab.images import decode, tiles, upright_rgb

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

ACCENT = 0.02  # the smallest share of an image that is called one of its colors
MERGED = 8.0  # CIEDE2000: colors of one image that are nearer are one
_DIN99O_TO_E2000 = 0.8  # DIN99o is 1.25 times CIEDE2000, to 13 % (STRESS), from 1 to 120
_WEIGHTS = np.maximum(1, np.round(255 * np.exp(-np.arange(4096) / COLOR_2["slope"] ** 2))).astype(np.uint8)
_CORNERS = np.array(list(product((0, 1), repeat=3)))


class _Grid(NamedTuple):
    """The bins of the recipe and what follows from them."""

    positions: Floats  # (n_colors, 3), of each color looked at, in steps
    columns: npt.NDArray[np.int32]  # of each node of the grid: its bin, or -1 where it has none
    shape: tuple[int, ...]
    apart: Floats  # (n_bins, n_bins), CIEDE2000
    axes: Floats  # (n_bins, width): a row is areas @ axes


def describe_palette(pixels: Pixels | Image.Image) -> Floats:
    """Describe an image by its palette: recipe `color-2`.

    Each color counts by the area that it and its like cover, raised to a power, so that accents count; pixels that mix their neighbors, as at
    edges, count less. Two colors are alike by exp(-CIEDE2000 / 4), and a little by how far apart they are beyond that; the l2 distance of rows is the
    distance of the palettes under that likeness, 0 (the same colors) to about 1.5.

    Parameters
    ----------
    pixels : uint8 array of shape (h, w, 3), or PIL.Image.Image of mode RGB
        sRGB; decoded with `target=COLOR_2["target"]`.

    Returns
    -------
    float32 array of shape (384,)
        A row of length 1.

    Raises
    ------
    InputError
        When `pixels` is not such an array or is empty.

    References
    ----------
    .. [1] G. J. Szekely, M. L. Rizzo, Energy statistics: A class of statistics based on distances, Journal of Statistical Planning and
       Inference 143 (2013), for the energy distance.
    """
    areas = _areas(_counted(pixels, caller="describe_palette")[1])
    bins = np.flatnonzero(areas)
    mine = areas[bins]
    around = np.exp(-((_grid().apart[np.ix_(bins, bins)] / COLOR_2["reach"]) ** 2) / 2) @ mine
    weights = mine * around ** (COLOR_2["power"] - 1) * around**2 / (around**2 + COLOR_2["trace"] ** 2)
    row = weights @ _grid().axes[bins]
    return np.asarray(row / np.linalg.norm(row), np.float32)


def palette_of(image: Path | bytes | Image.Image | Pixels) -> list[tuple[str, float]]:
    """Find the few colors that an image is made of, accents down to 2 % of it.

    Parameters
    ----------
    image : Path, bytes, PIL image or uint8 array of shape (h, w, 3)
        What to look at.

    Returns
    -------
    list of (str, float)
        Hex such as '#B83B5E' and share of the image, 0.02 to 1, largest first; the shares sum to 1. No two colors are nearer than 8 (CIEDE2000).

    Raises
    ------
    InputError
        When `image` is of no such kind.
    ImageError
        When it cannot be read.
    """
    pixels = decode(image, target=int(COLOR_2["target"])) if isinstance(image, Path | bytes) else image
    if isinstance(pixels, Image.Image):
        pixels = upright_rgb(pixels, int(COLOR_2["target"]), caller="palette_of")
    plain, flat = _counted(pixels, caller="palette_of")
    centers = _modes(_areas(flat))
    nearest, far = _nearest(np.arange(len(plain)), centers)
    shares = np.bincount(nearest, plain, minlength=len(centers)) / plain.sum()
    # Of each, the mean of the pixels near its center that are no mixtures, in all 8 bits
    label = np.where(far <= COLOR_2["reach"], nearest, len(centers))
    sums = np.zeros((4, len(centers) + 1))
    for part, slope in _parts(pixels):
        mine, weight = label[_codes(part)].ravel(), _WEIGHTS[slope].ravel().astype(float)
        sums += [np.bincount(mine, weight * value, len(centers) + 1) for value in (1.0, *part.reshape(-1, 3).T)]
    found = _merged(sums[:, :-1].T, shares)
    return [("#{:02X}{:02X}{:02X}".format(*rgb), share) for rgb, share in found]


def _merged(sums: Doubles, shares: Doubles) -> list[tuple[list[int], float]]:
    """Join the colors of (k, 4) sums of weight, red, green and blue until they are apart and none is small; the largest first."""
    while True:
        rgb = sums[:, 1:] / np.maximum(sums[:, :1], 1)
        apart = delta_e(lab_of(rgb)[:, None], lab_of(rgb)) + np.diag(np.full(len(rgb), np.inf))
        smallest = int(shares.argmin())
        one, other = np.unravel_index(apart.argmin(), apart.shape)
        if len(shares) == 1 or (apart[one, other] >= MERGED and shares[smallest] >= ACCENT):
            order = np.lexsort((np.arange(len(shares)), -shares))
            return [(rgb[i].round().astype(int).tolist(), float(shares[i])) for i in order]
        if apart[one, other] >= MERGED:  # too small for a color of its own: its area goes to the nearest, its look to none
            one, other = int(apart[smallest].argmin()), smallest
            sums[other] = 0
        shares[one] += shares[other]
        sums[one] += sums[other]
        sums, shares = np.delete(sums, other, axis=0), np.delete(shares, other)


def _modes(areas: Doubles) -> Doubles:
    """Return where in the grid the colors lie that cover most, one after another, (k, 3), until less than half an accent is left around."""
    grid = _grid()
    bins = np.flatnonzero(areas)
    left, apart = areas[bins].copy(), grid.apart[np.ix_(bins, bins)]
    nodes = _nodes()[bins]
    around = np.exp(-((apart / (MERGED / 2)) ** 2) / 2)
    found: list[Doubles] = []
    while True:
        best = int((around @ left).argmax())
        own = np.where(apart[best] < MERGED, left, 0)
        if found and own.sum() < ACCENT / 2:
            return np.array(found)
        core = own * around[best]
        found.append(core @ nodes / core.sum())
        left = left - own


def _nearest(colors: npt.NDArray[np.intp], centers: Doubles) -> tuple[npt.NDArray[np.intp], Doubles]:
    """Return of each color the nearest center and how far it is."""
    far = np.linalg.norm(_grid().positions[colors][:, None] - centers, axis=-1) * COLOR_2["step"]
    nearest = far.argmin(axis=1)
    return nearest, far[np.arange(len(colors)), nearest]


def _counted(pixels: Pixels | Image.Image, *, caller: str) -> tuple[Doubles, Doubles]:
    """Return how many pixels show each of the colors looked at, (2 ** (3 * bits),), and the same with mixtures weighing less."""
    if not isinstance(pixels, Image.Image) and not (
        isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size
    ):
        got = f"{pixels.dtype} {pixels.shape}" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise InputError(f"{caller}: pixels must be a uint8 array of shape (h, w, 3) with pixels; got {got}.")
    n = 2 ** (3 * int(COLOR_2["bits"]))
    plain, flat = np.zeros(n), np.zeros(n)
    for part, slope in _parts(pixels):
        codes = _codes(part).ravel()
        plain += np.bincount(codes, minlength=n)
        flat += np.bincount(codes, _WEIGHTS[slope].ravel(), minlength=n)  # whole numbers: their sum does not depend on the parts
    return plain, flat


def _parts(pixels: Pixels | Image.Image) -> Iterator[tuple[Pixels, npt.NDArray[np.intp]]]:
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
    codes = _codes(pixels)
    h, w = codes.shape[0] - 2, codes.shape[1] - 2
    slope = np.zeros((h, w), np.float32)
    planes = [plane[codes] for plane in _planes()]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        product_ = np.zeros((h, w), np.float32)
        for plane in planes:
            middle = plane[1:-1, 1:-1]
            product_ += (plane[1 + down : 1 + down + h, 1 + right : 1 + right + w] - middle) * (
                middle - plane[1 - down : 1 - down + h, 1 - right : 1 - right + w]
            )
        np.maximum(slope, product_, out=slope)
    return np.minimum(slope, len(_WEIGHTS) - 1).astype(np.intp)


def _codes(pixels: Pixels) -> npt.NDArray[np.int32]:
    """Return which of the colors looked at each pixel shows."""
    bits = int(COLOR_2["bits"])
    red, green, blue = np.moveaxis(pixels >> (8 - bits), -1, 0).astype(np.int32)
    return (red << 2 * bits) | (green << bits) | blue


def _areas(counts: Doubles) -> Doubles:
    """Return the share of each bin, (n_bins,)."""
    grid = _grid()
    colors = np.flatnonzero(counts)
    bins, shares = _share(grid.positions[colors], grid.columns, grid.shape)
    kept = bins >= 0
    areas = np.bincount(bins[kept], (shares * counts[colors, None])[kept], minlength=len(grid.apart))
    return areas / areas.sum()


def _share(positions: Floats, columns: npt.NDArray[np.int32], shape: tuple[int, ...]) -> tuple[npt.NDArray[np.int32], Doubles]:
    """Return the eight bins around each position, (n, 8), and how much each gets of it, (n, 8)."""
    low = np.floor(positions).astype(np.intp)
    part = (positions - low)[:, None].astype(np.float64)
    nodes = np.ravel_multi_index(tuple(np.moveaxis(low[:, None] + _CORNERS, -1, 0)), shape)
    return columns[nodes], np.where(_CORNERS, part, 1 - part).prod(-1)


@cache
def _planes() -> tuple[Floats, Floats, Floats]:
    """Return the three coordinates of each color looked at, scaled to CIEDE2000."""
    first, second, third = np.ascontiguousarray(_grid().positions.T * np.float32(COLOR_2["step"]))
    return first, second, third


@cache
def _nodes() -> Doubles:
    """Return where in the grid each bin lies, (n_bins, 3), in steps."""
    grid = _grid()
    return np.stack(np.unravel_index(np.flatnonzero(grid.columns >= 0), grid.shape), axis=-1).astype(np.float64)


@cache
def _grid() -> _Grid:
    """Compute the bins and their likeness. In float64, so that rows of different machines agree."""
    levels = np.arange(2 ** int(COLOR_2["bits"]))
    lab = lab_of(np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3) * 255 / levels[-1])
    positions = _din99o(lab) * (_DIN99O_TO_E2000 / COLOR_2["step"])
    positions -= np.floor(positions.min(0))
    shape = tuple(int(n) for n in np.floor(positions.max(0)) + 2)
    n_nodes = int(np.prod(shape))
    nodes, shares = _share(positions, np.arange(n_nodes, dtype=np.int32), shape)
    counts = np.bincount(nodes.ravel(), shares.ravel(), minlength=n_nodes)
    kept = counts >= COLOR_2["least"]
    # A bin's color is the mean of those that it is a part of
    centers = np.stack([np.bincount(nodes.ravel(), (shares * lab[:, i, None]).ravel(), minlength=n_nodes)[kept] for i in range(3)], axis=-1)
    centers /= counts[kept, None]
    columns = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    apart = np.empty((len(centers), len(centers)))
    for start in range(0, len(centers), 64):
        rows = slice(start, start + 64)
        apart[rows, start:] = delta_e(centers[rows, None], centers[start:])
        apart[start:, rows] = apart[rows, start:].T
    return _Grid(positions.astype(np.float32), columns, shape, apart.astype(np.float32), _axes(apart))


def _axes(apart: Doubles) -> Floats:
    """Return the principal directions of the bins' likeness, (n_bins, width), each as long as it is worth."""
    # Less distance is more likeness; centered, that is positive definite, and its distance is the energy distance
    energy = apart.mean(0) + apart.mean(1)[:, None] - apart.mean() - apart
    values, vectors = np.linalg.eigh(np.exp(-apart / COLOR_2["scale"]) + COLOR_2["transport"] * energy)
    values, vectors = values[::-1][: int(COLOR_2["width"])], vectors[:, ::-1][:, : int(COLOR_2["width"])]
    ends = vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])]
    return (vectors * np.sign(ends) * np.sqrt(values)).astype(np.float32)  # a direction has no sign of its own


def _din99o(lab: Doubles) -> Doubles:
    """Convert L*a*b* to DIN99o (DIN 6176:2018), where Euclid is near CIEDE2000."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    turn = np.radians(26)
    red, yellow = a * np.cos(turn) + b * np.sin(turn), 0.83 * (b * np.cos(turn) - a * np.sin(turn))
    chroma, hue = np.log1p(0.075 * np.hypot(red, yellow)) / 0.0435, np.arctan2(yellow, red) + turn
    return np.stack([303.67 * np.log1p(0.0039 * lightness), chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
