"""Palettes: the few colors that an image is made of, as a row (recipe `color-2`), as a list, and as a question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab import _checks
from benzer_lab._bins import BITS, COLOR_2, WEIGHTS, Doubles, Floats, Pixels, areas_of, color_grid, counted, nodes_of_bins, parts_of
from benzer_lab.color import codes_of, delta_e, lab_of
from benzer_lab.errors import InputError
from benzer_lab.images import decode, upright_rgb

SHOWN = 0.17  # what `readout` gives where 2 % of an image are of a color; on drawn designs it finds 95 % of them at a tolerance of 8
ACCENT = 0.02  # the smallest share of an image that is called one of its colors
MOST = 100  # colors of a palette that is asked for
ALIKE = 12.0  # CIEDE2000: colors of several images that are nearer are told as one
MERGED = 8.0  # CIEDE2000: colors of one image that are nearer are one


@dataclass(frozen=True)
class Palette:
    """Colors to look for.

    Parameters
    ----------
    colors : mapping of str to float, or sequence of str
        Hex such as '#B83B5E', each with its weight: how large its area is beside the others'. A sequence weighs all the same.
    must_show : {'all', 'any'}, optional
        Find only images that show about 2 % or more of every color, or of any of them; left out, the nearest palettes are found.
    tolerance : float from 4 to 50, default=8
        Within which CIEDE2000 a color of an image counts as one of these; for `must_show`.

    Raises
    ------
    InputError
        When there is no color, one is not hex, a weight is not above 0, or an option is out of range.

    Examples
    --------
    >>> Palette({"#F5EBDD": 3, "#b83b5e": 1}).shares
    {'#F5EBDD': 0.75, '#B83B5E': 0.25}
    """

    colors: Mapping[str, float] | Sequence[str]
    must_show: Literal["all", "any"] | None = None
    tolerance: float = 8.0

    def __post_init__(self) -> None:
        """Check each value by itself."""
        _ = self.shares
        if self.must_show is not None:
            _checks.one_of(self.must_show, ["all", "any"], caller="Palette", name="must_show")
        if not _is_number(self.tolerance) or not 4 <= self.tolerance <= 50:
            raise InputError(f"Palette: tolerance must be a number from 4 to 50 (CIEDE2000); got {self.tolerance!r}.")

    @property
    def shares(self) -> dict[str, float]:
        """The colors as '#RRGGBB' and their parts of the whole; one named twice counts twice."""
        if isinstance(self.colors, str) or not isinstance(self.colors, Mapping | Sequence) or not 0 < len(self.colors) <= MOST:
            raise InputError(
                f"Palette: colors must be 1 to {MOST} hex colors with weights, such as {{'#B83B5E': 2}}; got {self.colors!r:.80}."
            )
        weights: dict[str, float] = {}
        for color, weight in self.colors.items() if isinstance(self.colors, Mapping) else ((color, 1) for color in self.colors):
            if not isinstance(color, str) or not re.fullmatch("#[0-9A-Fa-f]{6}", color):
                raise InputError(f"Palette: colors must be written as '#RRGGBB', such as '#B83B5E'; got {color!r:.80}.")
            if not _is_number(weight) or not 0 < weight < float("inf"):
                raise InputError(f"Palette: weights must be numbers above 0; got {weight!r} for {color!r}.")
            weights[color.upper()] = weights.get(color.upper(), 0.0) + float(weight)
        return {color: weight / sum(weights.values()) for color, weight in weights.items()}

    @property
    def rgb(self) -> Pixels:
        """The colors as uint8 of shape (k, 3)."""
        return np.array([list(bytes.fromhex(color[1:])) for color in self.shares], np.uint8)

    def picture(self) -> Image.Image:
        """Return flat areas of these colors, as any recipe of the model `color` can describe them.

        Returns
        -------
        PIL.Image.Image
            Of 100 x 100 pixels, at least one of each color.
        """
        counts = np.maximum(np.round(np.array(list(self.shares.values())) * 10_000), 1).astype(int)
        counts[counts.argmax()] += 10_000 - counts.sum()
        areas = np.repeat(np.arange(len(counts)), counts)
        return Image.fromarray(self.rgb[areas].reshape(100, 100, 3))


def readout(rgb: Pixels, tolerance: float) -> Doubles:
    """Return what tells from rows of recipe `color-2` whether an image shows a color.

    Parameters
    ----------
    rgb : uint8 array of shape (3,)
        The color.
    tolerance : float from 4 to 50
        Within which CIEDE2000 a color counts as this one.

    Returns
    -------
    float64 array of shape (384,)
        Its inner product with a row is near 0 where the color is missing, `SHOWN` where it covers some 2 % and 1 where there is no other.
    """
    grid = color_grid()
    # How much each bin is within tolerance, as far as rows can tell it: its projection on the axes, which are orthogonal
    within = 1 / (1 + np.exp((delta_e(grid.lab, lab_of(rgb.astype(np.float64))) - tolerance) / 1.5))
    axes = grid.axes.astype(np.float64)
    return np.asarray(within @ axes / (axes**2).sum(0))


def _is_number(value: object) -> bool:
    """Whether a value is a number that can be compared, and no truth value."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def describe_palette(pixels: Pixels | Image.Image) -> Floats:
    """Describe an image by its palette: recipe `color-2`.

    Each color counts by the area that it and its like cover, raised to a power, so that accents count; pixels that mix their
    neighbors, as at edges, count less. Two colors are alike by exp(-CIEDE2000 / 4), and a little by how far apart they are beyond
    that; the l2 distance of rows is the distance of the palettes under that likeness, 0 (the same colors) to about 1.5.

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
    areas = areas_of(counted(pixels, caller="describe_palette")[1])
    bins = np.flatnonzero(areas)
    mine = areas[bins]
    around = np.exp(-((color_grid().apart[np.ix_(bins, bins)] / COLOR_2["reach"]) ** 2) / 2) @ mine
    weights = mine * around ** (COLOR_2["power"] - 1) * around**2 / (around**2 + COLOR_2["trace"] ** 2)
    row = weights @ color_grid().axes[bins]
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
        Hex such as '#B83B5E' and share of the image, 0.02 to 1, largest first; the shares sum to 1. No two
            colors are nearer than 8 (CIEDE2000).

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
    plain, flat = counted(pixels, caller="palette_of")
    centers = _modes(areas_of(flat))
    colors = np.flatnonzero(plain)
    nearest, far = _nearest(colors, centers)
    shares = np.bincount(nearest, plain[colors], minlength=len(centers)) / plain.sum()
    # Of each, the mean of the pixels near its center that are no mixtures, in all 8 bits
    label = np.zeros(len(plain), np.intp)
    label[colors] = np.where(far <= COLOR_2["reach"], nearest, len(centers))
    sums = np.zeros((4, len(centers) + 1))
    for part, slope in parts_of(pixels):
        mine, weight = label[codes_of(part, BITS)].ravel(), WEIGHTS[slope].ravel().astype(float)
        sums += [np.bincount(mine, weight * value, len(centers) + 1) for value in (1.0, *part.reshape(-1, 3).T)]
    found = _merged(sums[:, :-1].T, shares)
    return [("#{:02X}{:02X}{:02X}".format(*rgb), share) for rgb, share in found]


def common_palette(palettes: Sequence[Sequence[tuple[str, float]]], most: int = 8) -> list[tuple[str, float]]:
    """Join the palettes of several images into one.

    Parameters
    ----------
    palettes : sequence of sequences of (hex, share)
        As `palette_of` returns them; each counts the same.
    most : int, default=8
        How many colors at most.

    Returns
    -------
    list of (hex, share)
        The largest first; shares sum to 1. Colors nearer than 12 CIEDE2000 are one, as the largest of them is.

    Examples
    --------
    >>> common_palette([[("#FF0000", 1.0)], [("#FE0000", 0.5), ("#0000FF", 0.5)]])
    [('#FF0000', 0.75), ('#0000FF', 0.25)]
    """
    colors = sorted(((share, color) for palette in palettes for color, share in palette), key=lambda one: -one[0])
    if not colors:
        return []
    lab = lab_of(np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for _, color in colors], np.float64))
    kept: list[int] = []
    sums: list[float] = []
    for place, (share, _) in enumerate(colors):
        apart = delta_e(lab[kept], lab[place]) if kept else np.array([np.inf])
        if apart.min() < ALIKE:
            sums[int(apart.argmin())] += share
        else:
            kept.append(place)
            sums.append(share)
    largest = np.argsort(-np.array(sums), kind="stable")[:most]
    total = sum(sums[i] for i in largest)
    return [(colors[kept[i]][1], float(sums[i] / total)) for i in largest]


def _merged(sums: Doubles, shares: Doubles) -> list[tuple[list[int], float]]:
    """Join the colors of (k, 4) sums of weight, red, green and blue until they are apart and none is small; the largest first."""
    while True:
        rgb = sums[:, 1:] / np.maximum(sums[:, :1], 1)
        apart = delta_e(lab_of(rgb)[:, None], lab_of(rgb)) + np.diag(np.full(len(rgb), np.inf))
        smallest = int(shares.argmin())
        one, other = divmod(int(apart.argmin()), len(apart))
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
    grid = color_grid()
    bins = np.flatnonzero(areas)
    left, apart = areas[bins].copy(), grid.apart[np.ix_(bins, bins)]
    nodes = nodes_of_bins()[bins]
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
    positions = color_grid().positions[colors]
    far = np.stack([np.linalg.norm(positions - center, axis=-1) for center in centers], axis=-1) * COLOR_2["step"]
    nearest = far.argmin(axis=1)
    return nearest, far[np.arange(len(colors)), nearest]
