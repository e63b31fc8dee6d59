"""Flame stitch: upright stitches of one length that step up and down in a run of shades."""

from collections.abc import Callable

import numpy as np

from benzer_lab._drawing.canvas import Array, Artwork

# Each bargello: columns of a repeat (of 64), how high each column starts, rows a stitch takes, run of eight inks, and what it is called.
_Rise = Callable[[Array], Array]
_BARGELLOS: tuple[tuple[int, _Rise, int, tuple[int, ...], str], ...] = (
    (32, lambda t: 16 * t, 2, (0, 1, 4, 1, 3, 2, 2, 0), "zigzag"),
    (16, lambda t: 10 * t**2, 2, (0, 2, 1, 4, 1, 2, 0, 3), "flame"),
    (16, lambda t: 16 * t, 1, (0, 1, 4, 1, 3, 2, 2, 0), "zigzag"),
    (64, lambda t: 9 * np.sin(2 * np.pi * t) + 4 * np.sin(6 * np.pi * t), 2, (0, 2, 1, 4, 1, 2, 0, 3), "hungarian point"),
    (8, lambda t: 4 * t, 1, (0, 1, 4, 1, 3, 2, 2, 0), "mini"),
    (32, lambda t: 14 * np.sqrt(t), 2, (1, 1, 12, 2, 2, 20, 0, 0), "scallop"),
    (32, lambda t: 7 * (t > 0.5) + 7 * t, 2, (3, 3, 0, 1, 1, 0, 2, 4), "stepped"),
    (64, lambda t: 30 * t, 2, (1, 14, 4, 14, 1, 10, 0, 10), "large flame"),
    (16, lambda t: 7 * np.sin(np.pi * t), 1, (1, 2, 3, 2, 1, 4, 0, 4), "wave"),
    (32, lambda t: np.abs(12 * t - 6) * 2, 2, (0, 3, 1, 1, 4, 2, 2, 0), "double peak"),
    (64, lambda t: 20 * t**3 + 6 * np.cos(4 * np.pi * t), 1, (0, 20, 2, 12, 1, 14, 4, 3), "flame"),
    (16, lambda t: 5 * np.round(2 * t), 2, (1, 1, 0, 2, 2, 0, 3, 0), "castle"),
    (32, lambda t: 8 * np.sin(2 * np.pi * t), 2, (4, 1, 1, 2, 20, 0, 3, 3), "ribbon"),
)


def flame_stitch(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Bargello in points, scallops, steps and waves."""
    columns, rise, rows, run, name = _BARGELLOS[variant]
    stitch = size // 64
    mirrored = np.minimum(np.arange(columns), columns - np.arange(columns)) / (columns / 2)
    heights = np.round(rise(mirrored)).astype(int) + int(rng.integers(8))
    cells = np.tile(np.array(run)[(np.arange(64)[:, None] + heights) // rows % 8], (1, 64 // columns))
    parts = [(cells == ink) + 0.5 * ((cells > 9) & ((cells // 10 == ink) | (cells % 10 == ink))) for ink in range(5)]
    coverage = np.stack([np.kron(part, np.ones((stitch, stitch))) for part in parts]).astype(np.float32)
    features = (name, "multicolor", "large scale" if rows == 2 else "small scale")
    return Artwork(coverage, "straight", (columns * stitch, 8 * rows * stitch), features)
