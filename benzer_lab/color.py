"""Color: CIE Lab, and how much of each color an image shows (recipe `color-1`)."""

from functools import cache
from itertools import product

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
    value = np.asarray(rgb, np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = linear @ (_XYZ_OF_RGB / _XYZ_OF_RGB.sum(1, keepdims=True)).T
    x, y, z = np.moveaxis(np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


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
    bins, shares = _share(positions[colors], shape)
    areas = np.bincount(columns[bins].ravel(), (shares * counts[colors, None]).ravel(), minlength=columns.max() + 1)
    row = areas[1:] ** COLOR_1["power"]
    return (row / np.linalg.norm(row)).astype(np.float32)


def _counts(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    """Return how many pixels show each of the colors looked at."""
    bits = int(COLOR_1["bits"])
    red, green, blue = np.moveaxis(pixels >> (8 - bits), -1, 0).astype(np.int32)
    return np.bincount(((red << 2 * bits) | (green << bits) | blue).ravel(), minlength=2 ** (3 * bits))


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
    bins, shares = _share(positions, shape)
    kept = np.bincount(bins.ravel(), shares.ravel(), minlength=int(np.prod(shape))) >= COLOR_1["least"]
    return positions, np.where(kept, np.cumsum(kept), 0), shape


def _share(positions: FloatArray, shape: tuple[int, ...]) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return the eight bins around each position, (n, 8), and how much each gets of it, (n, 8)."""
    low = np.floor(positions).astype(np.intp)
    part = (positions - low)[:, None]
    bins = np.ravel_multi_index(tuple(np.moveaxis(low[:, None] + _CORNERS, -1, 0)), shape)
    return bins, np.where(_CORNERS, part, 1 - part).prod(-1)
