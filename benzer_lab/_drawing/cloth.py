"""Cloth: thread counts, weaves drawn thread by thread, and the grain of the cloth that a print lies on."""

import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

from benzer_lab._drawing.canvas import Array, Artwork, noise
from benzer_lab.errors import InputError

_STRIPE = re.compile(r"(?P<color>[A-Z]+)(?P<pivot>/?)(?P<count>[1-9]\d*)")
_PER_THREAD = 4  # subpixels: enough to round a thread, few enough to stay quick
_GRAINS = {
    # quality: (horizontal, vertical, diagonal, soft) strength of its threads
    "cotton poplin": (0.018, 0.018, 0.0, 0.008),
    "linen": (0.028, 0.034, 0.0, 0.012),
    "silk twill": (0.004, 0.006, 0.022, 0.006),
    "viscose": (0.008, 0.012, 0.0, 0.008),
    "crepe": (0.014, 0.014, 0.0, 0.028),
    "cotton jersey": (0.012, 0.035, 0.0, 0.008),
    "wool flannel": (0.012, 0.012, 0.012, 0.035),
    "wool kilim": (0.05, 0.015, 0.0, 0.03),
}


def parse_sett(text: str) -> tuple[list[tuple[str, int]], bool]:
    """Read a thread count such as ``"B/24 W4 R/8"``.

    Parameters
    ----------
    text : str
        Stripes of a color code and a number of threads. A slash in the first and the last stripe marks the pivots of a
        reflective sett; a sett without slashes repeats as it stands.

    Returns
    -------
    stripes : list of (str, int)
        Color code and threads, as written.
    reflective : bool
        Whether the sett turns back at its pivots.

    Raises
    ------
    InputError
        When a stripe cannot be read, or the slashes are elsewhere.
    """
    stripes = [_STRIPE.fullmatch(stripe) for stripe in text.split()]
    pivots = [i for i, stripe in enumerate(stripes) if stripe and stripe["pivot"]]
    if not stripes or None in stripes or pivots not in ([], [0, len(stripes) - 1]) or pivots == [0, 0]:
        raise InputError(
            f"parse_sett: text must be stripes such as 'B/24 W4 R/8', with a slash in the first and last or in none; got {text!r}"
        )
    return [(stripe["color"], int(stripe["count"])) for stripe in stripes if stripe], bool(pivots)


def expand_sett(stripes: Sequence[tuple[str, int]], reflective: bool) -> list[str]:
    """List the color of every thread of one full repeat; pivots are woven once, the stripes between them there and back."""
    full = [*stripes, *stripes[-2:0:-1]] if reflective else stripes
    return [color for color, count in full for _ in range(count)]


def ordered(text: str) -> list[int]:
    """List the ink of every thread of an order such as ``"0x4 1x4"``."""
    return [int(ink) for ink, count in (part.split("x") for part in text.split()) for _ in range(int(count))]


def twill(n_warp: int, n_weft: int, over: int = 4) -> Array:
    """Even twill over `over` threads, 2/2 by default: whether the warp lies on top, of shape (n_weft, n_warp), 0 or 1."""
    return (np.add.outer(np.arange(n_weft), np.arange(n_warp)) % over < over // 2).astype(np.float32)


def plain(n_warp: int, n_weft: int) -> Array:
    """Plain weave: over one, under one."""
    return (np.add.outer(np.arange(n_weft), np.arange(n_warp)) % 2).astype(np.float32)


def woven(rng: np.random.Generator, warp: Sequence[int], weft: Sequence[int], up: Array, size: int) -> tuple[Array, Array]:
    """Weave threads of these inks and look at them from `size` pixels away.

    Returns
    -------
    coverage : ndarray of shape (k, size, size)
        Share of each ink, 0 to `k` - 1.
    relief : ndarray of shape (size, size)
        Light on round threads, 1 is neutral.
    """
    ink = np.where(up > 0, np.asarray(warp)[None], np.asarray(weft)[:, None])
    across = (np.arange(_PER_THREAD) + 0.5) / _PER_THREAD * 2 - 1
    bow = 1.06 - 0.26 * across**2
    first, last = np.where(np.arange(_PER_THREAD) == 0, 0.84, 1.0), np.where(np.arange(_PER_THREAD) == _PER_THREAD - 1, 0.84, 1.0)

    def light(on_top: Array) -> Array:
        """Light on threads that run down the rows: darker where they dive."""
        dives, rises = np.roll(on_top, -1, axis=0) == 0, np.roll(on_top, 1, axis=0) == 0
        along = np.where(rises[:, None], first[:, None], 1) * np.where(dives[:, None], last[:, None], 1)
        return np.repeat(along.reshape(-1, on_top.shape[1]), _PER_THREAD, axis=1) * np.tile(bow, on_top.shape[1])

    warp_light, weft_light = light(up), light(1 - up.T).T
    warp_light *= np.repeat(rng.normal(1, 0.025, len(warp)), _PER_THREAD)
    weft_light *= np.repeat(rng.normal(0.97, 0.025, len(weft)), _PER_THREAD)[:, None]
    relief = np.where(np.kron(up, np.ones((_PER_THREAD, _PER_THREAD))) > 0, warp_light, weft_light)
    planes = [np.kron(ink == i, np.ones((_PER_THREAD, _PER_THREAD))) for i in range(ink.max() + 1)]
    coverage = np.stack([_shrunk(plane, size) for plane in planes]).clip(0)
    return coverage / coverage.sum(axis=0), _shrunk(relief, size)


def cut(rng: np.random.Generator, warp: Sequence[int], weft: Sequence[int], up: Array, size: int, *, repeats: int = 1) -> Artwork:
    """Weave a piece that holds `repeats` repeats in each direction."""
    coverage, relief = woven(rng, warp, weft, up, size)
    return Artwork(coverage, "straight", (size // repeats, size // repeats), (), relief, tuple(range(len(coverage))))


def _shrunk(plane: Array, size: int) -> Array:
    """Resize a plane that wraps to (size, size), looking across its edges."""
    height, width = plane.shape
    pad = 8 * _PER_THREAD
    image = Image.fromarray(np.pad(plane, pad, mode="wrap").astype(np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=(pad, pad, pad + width, pad + height)))


def grain(rng: np.random.Generator, quality: str, size: int) -> Array:
    """Light and shade of a plain cloth of this quality, of shape (size, size), 1 is neutral; it wraps."""
    rows, columns, diagonal, soft = _GRAINS[quality]
    y, x = np.mgrid[:size, :size]
    field: Array = (
        1 + rows * noise(rng, size, size, (1, 48)) + columns * noise(rng, size, size, (48, 1)) + soft * noise(rng, size, size, (2, 2))
    )
    field += diagonal * np.cos(np.pi / 2 * (x + y))
    return (np.round(field * 4096) / 4096).astype(np.float32)
