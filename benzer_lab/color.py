"""Color: CIE Lab, CIEDE2000, and how much of each color an image shows (recipe `color-1`)."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab.errors import InputError
from benzer_lab.images import tiles

FloatArray = npt.NDArray[np.float32]

# The constants of recipe `color-1`, chosen on drawn designs (same palette on other designs: mAP .84, coarser bins .80, power .7 .81):
# target   decode to at least this many pixels on the shorter side
# bits     of each channel that are looked at: steps of 4 of 256 are below what JPEG leaves intact
# step     between two bins, the same for lightness, a and b: 8 levels from black to white
# chroma   how fast differences between vivid colors lose weight, as in CIE94 [1]
# power    of the areas: the root makes 2 % of an accent count for 14 %, and the l2 distance that of Hellinger
# least    a bin stays when it is the share of at least this many of the 2 ** (3 * bits) colors looked at; 1.2 is far from any bin's own
COLOR_1: dict[str, float] = {"target": 224, "bits": 6, "step": 100 / 7, "chroma": 0.045, "power": 0.5, "least": 1.2}

_XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]], np.float32
)
_CORNERS = np.array(list(product((0, 1), repeat=3)))


def rgb_to_lab(rgb: npt.ArrayLike) -> FloatArray:
    """Convert sRGB to CIE 1976 L*a*b* under its own white, D65.

    Parameters
    ----------
    rgb : array-like of shape (..., 3)
        Red, green and blue, 0 to 255.

    Returns
    -------
    float32 array of shape (..., 3)
        L* from 0 (black) to 100 (white), a* (green to red) and b* (blue to yellow) from about -108 to 99.

    References
    ----------
    .. [1] IEC 61966-2-1 (sRGB) and CIE 15:2004, equations 8.3 to 8.11.

    Examples
    --------
    >>> rgb_to_lab([255, 0, 0]).round(1).tolist()
    [53.2..., 80.0..., 67.1...]
    """
    return lab_of(np.asarray(rgb, np.float32)).astype(np.float32)


def lab_of(rgb: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Convert as `rgb_to_lab` does, in the precision that comes in.

    Parameters
    ----------
    rgb : float array of shape (..., 3)
        Red, green and blue, 0 to 255.

    Returns
    -------
    array of shape (..., 3)
        L*, a* and b*.
    """
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = linear @ (_XYZ_OF_RGB / _XYZ_OF_RGB.sum(1, keepdims=True)).T
    x, y, z = np.moveaxis(np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(first: npt.ArrayLike, second: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Compute how different colors look: CIEDE2000, with all parametric factors 1.

    Parameters
    ----------
    first, second : array-like of shape (..., 3)
        CIE L*a*b*; shapes that broadcast.

    Returns
    -------
    float64 array of shape (...)
        0 is the same, about 1 is just seen side by side, black to white is 100.

    References
    ----------
    .. [1] G. Sharma, W. Wu, E. N. Dalal, The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test Data, and
       Mathematical Observations, Color Research and Application 30 (2005), equations 2 to 22.

    Examples
    --------
    >>> delta_e([50, 2.5, 0], [73, 25, -18]).round(4).item()
    27.1492
    """
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(np.asarray(lab, np.float64), -1, 0) for lab in (first, second))
    stretch = 1.5 - 0.5 * _vivid((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2)
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, stretch * a1)) % 360, np.degrees(np.arctan2(b2, stretch * a2)) % 360
    turn = np.where(np.abs(h2 - h1) <= 180, h2 - h1, h2 - h1 - 360 * np.sign(h2 - h1))
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    # Gray has no hue: the other color's stands for both
    hue = np.where(c1 * c2 == 0, h1 + h2, h1 + turn / 2)
    t = 1.0
    for size, times, shift in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63)):
        t = t + size * np.cos(np.radians(times * hue + shift))
    far = (lightness - 50) ** 2
    by_lightness = (l2 - l1) / (1 + 0.015 * far / np.sqrt(20 + far))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    blue = -2 * _vivid(chroma) * np.sin(np.radians(60 * np.exp(-(((hue % 360 - 275) / 25) ** 2))))
    squared = by_lightness**2 + by_chroma**2 + by_hue**2 + blue * by_chroma * by_hue
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _vivid(chroma: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return from 0 (gray) to 1 how vivid a color is, as CIEDE2000 weighs it."""
    seventh = chroma**7
    return np.asarray(np.sqrt(seventh / (seventh + 25.0**7)))


def describe(pixels: npt.NDArray[np.uint8] | Image.Image) -> FloatArray:
    """Describe an image by the areas of its colors: recipe `color-1`.

    Each pixel is shared among the eight nearest bins of a grid in Lab, so that a small change of color is a small change of
    the row. The roots of the areas are the row: accents count, and the l2 distance is that of Hellinger, 0 (the same colors) to 1.41.

    Parameters
    ----------
    pixels : uint8 array of shape (h, w, 3), or PIL.Image.Image of mode RGB
        sRGB; decoded with `target=COLOR_1["target"]`.

    Returns
    -------
    float32 array of shape (224,)
        A row of length 1, no value below 0.

    Raises
    ------
    InputError
        When `pixels` is not such an array or is empty.

    References
    ----------
    .. [1] CIE 116:1995, Industrial colour-difference evaluation (CIE94): S_C = 1 + 0.045 C.
    """
    if isinstance(pixels, Image.Image):
        parts = (np.asarray(pixels.crop(box)) for box in tiles(pixels.size))  # the whole as an array would take its size twice more
    elif pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size:
        parts = (pixels[top:bottom, left:right] for left, top, right, bottom in tiles((pixels.shape[1], pixels.shape[0])))
    else:
        raise InputError(f"describe: pixels must be a uint8 array of shape (h, w, 3) with pixels; got {pixels.dtype} {pixels.shape}.")
    counts = np.zeros(2 ** (3 * int(COLOR_1["bits"])), np.intp)
    for part in parts:
        counts += _counts(part)
    colors = np.flatnonzero(counts)
    positions, columns, shape = _grid()
    bins, shares = share(positions[colors], shape)
    areas = np.bincount(columns[bins].ravel(), (shares * counts[colors, None]).ravel(), minlength=columns.max() + 1)
    row = areas[1:] ** COLOR_1["power"]
    return (row / np.linalg.norm(row)).astype(np.float32)


def _counts(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    """Return how many pixels show each of the colors looked at."""
    bits = int(COLOR_1["bits"])
    return np.bincount(codes_of(pixels, bits).ravel(), minlength=2 ** (3 * bits))


def codes_of(pixels: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.int32]:
    """Return which of the 2 ** (3 * bits) colors looked at each pixel (..., 3) shows."""
    red, green, blue = np.moveaxis(pixels >> (8 - bits), -1, 0).astype(np.int32)
    return np.asarray((red << 2 * bits) | (green << bits) | blue, np.int32)


@cache
def _grid() -> tuple[FloatArray, npt.NDArray[np.intp], tuple[int, ...]]:
    """Return where each color lies in the grid of bins, the column of each bin (0: too rare to have one), and the grid's shape."""
    levels = np.arange(2 ** int(COLOR_1["bits"]))
    lab = rgb_to_lab(np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3) * 255 / levels[-1])
    chroma = np.maximum(np.hypot(lab[:, 1], lab[:, 2]), 1e-6)
    # A step of chroma C weighs 1 / (1 + 0.045 C) in CIE94; summed up from gray, that is a logarithm
    lab[:, 1:] *= (np.log1p(COLOR_1["chroma"] * chroma) / COLOR_1["chroma"] / chroma)[:, None]
    positions = lab / np.float32(COLOR_1["step"])
    positions -= np.floor(positions.min(0))
    shape = tuple(int(n) for n in np.floor(positions.max(0)) + 2)
    bins, shares = share(positions, shape)
    kept = np.bincount(bins.ravel(), shares.ravel(), minlength=int(np.prod(shape))) >= COLOR_1["least"]
    return positions, np.where(kept, np.cumsum(kept), 0), shape


def share(positions: npt.NDArray[np.floating], shape: tuple[int, ...]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Return the eight bins around each position, (n, 8), and how much each gets of it, (n, 8)."""
    low = np.floor(positions).astype(np.intp)
    part = (positions - low)[:, None]
    bins = np.ravel_multi_index(tuple(np.moveaxis(low[:, None] + _CORNERS, -1, 0)), shape)
    return bins, np.where(_CORNERS, part, 1 - part).prod(-1)
