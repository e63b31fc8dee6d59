"""Printed geometry: grids of shapes that fill the cloth."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, placed
from benzer_lab._drawing.outlines import circle, petal, polygon, ribbon, star


def box(left: float, top: float, right: float, bottom: float) -> Array:
    """Rectangle."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)


def sector(x: float, y: float, radius: float, start: float, turns: float = 0.25) -> Array:
    """Slice of a disc from angle `start` (in turns, clockwise from the right) over `turns`."""
    angles = 2 * np.pi * np.linspace(start, start + turns, 24)
    return placed(np.concatenate([np.stack([np.cos(angles), np.sin(angles)], axis=1), [[0, 0]]]), x, y, radius)


def geometric(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """One of many grids, from Art Deco fans to Bauhaus quarters."""
    return _GRIDS[variant](rng, size // 4)


def _fans(rng: np.random.Generator, wide: int) -> Artwork:
    """Overlapping Art Deco fans."""
    high = wide // 4
    tall = Canvas(wide, 8 * high)  # a fan lies under the next row's, all around the repeat: cut it from the middle of a longer piece
    for row in range(8):
        tall.stamp(motifs.scallop(), [(wide / 2 * (row % 2), row * high, wide / 2, 0)])
    canvas = Canvas(wide, high, "brick")
    canvas.coverage = tall.coverage[:, 3 * high : 5 * high]
    return canvas.artwork(4 * wide, "fans", "art deco", "medium scale")


def _blocks(rng: np.random.Generator, wide: int) -> Artwork:
    """Cubes that seem to stand out, from three rhombs each."""
    high = 2 * wide
    canvas = Canvas(wide // 2, high, "half-drop")
    h, q = high / 3, high / 6
    left = np.array([[0, q], [wide / 2, 2 * q], [wide / 2, 2 * q + h], [0, q + h]])
    right = left * (-1, 1) + (wide, 0)
    lid = np.array([[0, q], [wide / 2, 0], [wide, q], [wide / 2, 2 * q]])
    for face, ink in ((left, 1), (right, 2), (lid, 0)):
        canvas.paint([face], ink)
    return canvas.artwork(4 * wide, "tumbling blocks", "medium scale", "multicolor")


def _circles(rng: np.random.Generator, wide: int) -> Artwork:
    """Circles that overlap by a petal, a dot where four petals look at each other."""
    canvas = Canvas(wide, wide)
    t = np.linspace(0, 1, 20)
    arc = (np.sqrt(0.5 - (t - 0.5) ** 2) - 0.5) * wide
    lens = np.concatenate([np.stack([t * wide, arc], axis=1), np.stack([t * wide, -arc], axis=1)[::-1]])
    canvas.paint([lens, lens[:, ::-1]], 1)
    canvas.paint([placed(lens - (wide / 2, 0), wide / 2, 0, 0.55), placed(lens - (wide / 2, 0), 0, wide / 2, 0.55, np.pi / 2)], 2)
    canvas.paint([circle(wide * 0.09, wide / 2, wide / 2)], 3)
    return canvas.artwork(4 * wide, "interlaced", "medium scale", "multicolor")


def _harlequin(rng: np.random.Generator, wide: int) -> Artwork:
    """Lozenges in two colors, smaller ones inside."""
    high = 2 * wide
    canvas = Canvas(wide, high)
    lozenge = np.array([[0, -high / 2], [wide / 2, 0], [0, high / 2], [-wide / 2, 0]])
    for x, y, scale, ink in ((wide / 2, high / 2, 1, 1), (wide / 2, high / 2, 0.42, 2), (0, 0, 0.42, 3), (0, 0, 0.2, 0)):
        canvas.paint([placed(lozenge, x, y, scale)], ink)
    canvas.paint([placed(lozenge, wide / 2, high / 2, 0.2)], 0)
    return canvas.artwork(4 * wide, "harlequin", "medium scale", "multicolor")


def _honeycomb(rng: np.random.Generator, wide: int) -> Artwork:
    """Hexagons with a six-pointed star inside."""
    high = 2 * wide
    canvas = Canvas(wide // 2, high, "half-drop")
    stretch, center = np.array([wide / np.sqrt(3), high / 3]), np.array([wide / 2, high / 3])
    for outline, ink in ((polygon(6), 1), (polygon(6, 0.88), 0), (star(6, 0.577) * 0.74, 2), (polygon(6, 0.36), 0), (polygon(6, 0.22), 3)):
        canvas.paint([outline * stretch + center], ink)
    return canvas.artwork(4 * wide, "honeycomb", "medium scale", "multicolor")


def _quarters(rng: np.random.Generator, wide: int) -> Artwork:
    """Quarter discs thrown into squares, no two neighbors alike."""
    canvas, cell = Canvas(4 * wide, 4 * wide), wide / 2
    for row in range(8):
        for column in range(8):
            x, y, turn = column * cell, row * cell, int(rng.integers(4))
            back, front = rng.permutation(5)[:2]
            corner = ((0, 0), (1, 0), (1, 1), (0, 1))[turn]
            canvas.paint([box(x, y, x + cell, y + cell)], int(back))
            canvas.paint([sector(x + corner[0] * cell, y + corner[1] * cell, cell, turn / 4)], int(front))
    return canvas.artwork(4 * wide, "bauhaus", "large scale", "multicolor")


def _truchet(rng: np.random.Generator, wide: int) -> Artwork:
    """Bands that wander through tiles of two arcs each."""
    canvas, cell = Canvas(4 * wide, 4 * wide), wide / 2
    for row in range(8):
        for column in range(8):
            turn = int(rng.integers(2))
            for corner in ((0, 0), (1, 1)) if turn else ((1, 0), (0, 1)):
                x, y = (column + corner[0]) * cell, (row + corner[1]) * cell
                start = {(0, 0): 0.0, (1, 0): 0.25, (1, 1): 0.5, (0, 1): 0.75}[corner]
                for radius, ink in ((0.68, 1), (0.56, 2), (0.44, 1), (0.32, 0)):
                    canvas.paint([sector(x, y, radius * cell, start)], ink)
    return canvas.artwork(4 * wide, "labyrinth", "large scale", "multicolor")


def _meander(rng: np.random.Generator, wide: int) -> Artwork:
    """Greek key in rows."""
    canvas, u = Canvas(wide // 2, wide // 2), wide / 16
    line = np.array([[0, 6.5], [6.5, 6.5], [6.5, 0.5], [1.5, 0.5], [1.5, 4.5], [4.5, 4.5], [4.5, 2.5]]) * u
    for start, end in pairwise(line):
        lo, hi = np.minimum(start, end) - u * 0.5, np.maximum(start, end) + u * 0.5
        canvas.paint([box(*lo, *hi)], 1)
    canvas.paint([box(0, 7.35 * u, wide / 2, 7.65 * u)], 3)
    return canvas.artwork(4 * wide, "greek key", "small scale", "multicolor")


def _waves(rng: np.random.Generator, wide: int) -> Artwork:
    """Seigaiha: waves of the sea in rings."""
    high = wide // 8
    tall = Canvas(wide // 2, 16 * high)
    for row in range(16):
        for radius, ink in ((1.0, 1), (0.9, 0), (0.72, 2), (0.62, 0), (0.44, 1), (0.34, 0), (0.16, 3)):
            tall.paint([circle(radius * wide / 4, wide / 4 * (row % 2), row * high)], ink)
    canvas = Canvas(wide // 2, high, "brick")
    canvas.coverage = tall.coverage[:, 6 * high : 8 * high]
    return canvas.artwork(4 * wide, "seigaiha", "small scale", "multicolor")


def _arches(rng: np.random.Generator, wide: int) -> Artwork:
    """Rainbows, each row looking the other way."""
    canvas = Canvas(wide, wide, "brick")
    for radius, ink in ((0.5, 1), (0.4, 0), (0.36, 3), (0.25, 0), (0.21, 2), (0.1, 0)):
        canvas.paint([sector(wide / 2, wide * 0.52, radius * wide * 0.96, 0.5, 0.5)], ink)
        canvas.paint([sector(0, wide * 0.48, radius * wide * 0.96, 0.0, 0.5)], ink)
    return canvas.artwork(4 * wide, "arches", "mid-century", "large scale")


def _pinwheels(rng: np.random.Generator, wide: int) -> Artwork:
    """Pinwheels of quilt triangles."""
    canvas, h = Canvas(wide, wide), wide / 2
    wheel = np.array([[0, 0], [0, -h], [h, -h]])
    for i, ink in enumerate((1, 2, 1, 2)):
        canvas.paint([placed(wheel, h, h, 1, i * np.pi / 2)], ink)
        canvas.paint([placed(wheel * 0.5, 0, 0, 1, i * np.pi / 2)], 3 if ink == 2 else 4)
    return canvas.artwork(4 * wide, "pinwheel", "quilt", "medium scale")


def _parquet(rng: np.random.Generator, wide: int) -> Artwork:
    """Bricks laid in herringbone."""
    side = wide // 4
    canvas = Canvas(4 * side, 4 * side)
    for k in range(4):
        for column in (0, 4):
            x, y = (k + column) * side, k * side
            canvas.paint([box(x + side * 0.08, y + side * 0.08, x + side * 1.92, y + side * 0.92)], (1, 2, 1, 4)[k])
            canvas.paint([box(x + side * 2.08, y + side * 0.08, x + side * 2.92, y + side * 1.92)], (2, 3, 2, 1)[k])
    return canvas.artwork(4 * wide, "parquet", "medium scale", "multicolor")


def _trellis(rng: np.random.Generator, wide: int) -> Artwork:
    """Moroccan trellis: a lattice of lobed cells."""
    canvas = Canvas(wide // 2, wide, "half-drop")
    t = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    radius = 0.46 * (1 + 0.16 * np.cos(4 * t) + 0.07 * np.cos(8 * t))
    cell = np.stack([np.cos(t) * radius, np.sin(t) * radius], axis=1)
    for scale, ink in ((1.14, 1), (0.98, 0), (0.62, 2), (0.52, 0), (0.3, 3)):
        canvas.paint([placed(cell, wide / 4, wide / 2, wide * scale)], ink)
    return canvas.artwork(4 * wide, "trellis", "medium scale", "multicolor")


def _chevrons(rng: np.random.Generator, wide: int) -> Artwork:
    """Chevrons of uneven bands."""
    canvas = Canvas(wide, 2 * wide)
    band = np.array([[0, 0], [wide / 2, wide / 2], [wide, 0]])
    for y, thick, ink in ((0, 0.34, 1), (0.42, 0.12, 3), (0.62, 0.34, 2), (1.04, 0.06, 1), (1.18, 0.34, 4), (1.6, 0.12, 1)):
        canvas.paint([np.concatenate([placed(band, 0, y * wide, 1), placed(band, 0, (y + thick) * wide, 1)[::-1]])], ink)
    return canvas.artwork(4 * wide, "chevron", "zigzag", "large scale")


def _squares(rng: np.random.Generator, wide: int) -> Artwork:
    """Squares in squares, their hearts out of the middle."""
    canvas = Canvas(2 * wide, 2 * wide)
    for i, (x, y) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        dx, dy = ((-1, -1), (1, -1), (-1, 1), (1, 1))[i]
        for k, ink in enumerate((1, 0, 2, 0, 3) if i in (0, 3) else (4, 2, 1, 0, 3)):
            half, shift = wide * (0.47 - 0.09 * k), 0.035 * k * wide
            cx, cy = (x + 0.5) * wide + dx * shift, (y + 0.5) * wide + dy * shift
            canvas.paint([box(cx - half, cy - half, cx + half, cy + half)], ink)
    return canvas.artwork(4 * wide, "op art", "large scale", "multicolor")


def _crosses(rng: np.random.Generator, wide: int) -> Artwork:
    """Plus signs that fit into each other."""
    side = wide // 4
    canvas = Canvas(4 * side, 2 * side, "brick")
    for x, y, ink in ((1, 0.5, 1), (3, 0.5, 3), (0, 1.5, 2)):
        for across, down in ((0.9, 0.3), (0.3, 0.9)):
            cx, cy = x * side, y * side
            canvas.paint([box(cx - across * side, cy - down * side * 0.9, cx + across * side, cy + down * side * 0.9)], ink)
    return canvas.artwork(4 * wide, "crosses", "small scale", "multicolor")


def _leafy(rng: np.random.Generator, wide: int) -> Artwork:
    """Mid-century leaves standing in a grid, half of each in shade."""
    canvas = Canvas(wide // 2, wide, "half-drop")
    for y, ink in ((1.0, 1), (0.5, 2)):
        outline = placed(petal(0.25, 1.0), wide / 4, y * wide, wide * 0.5)
        canvas.paint([outline], ink)
        canvas.paint([np.concatenate([outline[:14], [[wide / 4, (y - 0.5) * wide]]])], 4 if ink == 2 else 3)
        canvas.paint([ribbon(np.array([[wide / 4, y * wide], [wide / 4, (y - 0.5) * wide]]), wide / 60)], 0)
    return canvas.artwork(4 * wide, "mid-century", "medium scale", "multicolor")


def _sunrise(rng: np.random.Generator, wide: int) -> Artwork:
    """Rays of a rising sun in every brick."""
    canvas = Canvas(2 * wide, wide, "brick")
    for i in range(9):
        canvas.paint([sector(wide, wide, 0.94 * wide, 0.5 + i / 18, 1 / 18)], (1, 2)[i % 2])
    for radius, ink in ((0.42, 0), (0.36, 3), (0.2, 4)):
        canvas.paint([sector(wide, wide, radius * wide, 0.5, 0.5)], ink)
    return canvas.artwork(4 * wide, "art deco", "large scale", "multicolor")


def _triangles(rng: np.random.Generator, wide: int) -> Artwork:
    """Triangles in rows, colored as a patchwork."""
    canvas, cell = Canvas(4 * wide, 4 * wide), wide / 2
    for row in range(8):
        for column in range(8):
            x, y = (column + 0.5 * (row % 2)) * cell, row * cell
            up = placed(np.array([[0.0, 1], [0.5, 0], [1, 1]]), x, y, cell)
            down = placed(np.array([[0.5, 0], [1.5, 0], [1, 1]]), x, y, cell)
            canvas.paint([up], int(rng.choice([1, 2, 3, 4])))
            canvas.paint([down], int(rng.choice([0, 0, 2])))
    return canvas.artwork(4 * wide, "triangles", "patchwork", "medium scale")


def _ribbons(rng: np.random.Generator, wide: int) -> Artwork:
    """Basket of ribbons that pass over and under."""
    canvas, h = Canvas(wide, wide), wide / 2
    for x, y in ((0.0, 0.0), (h, h)):
        for edge, ink in ((0.14, 1), (0.3, 2), (0.44, 3)):
            canvas.paint([box(x + edge * h, y, x + h * (1 - edge), y + h)], ink)
            canvas.paint([box(x + h, y + edge * h, x + 2 * h, y + h * (1 - edge))], ink)
    return canvas.artwork(4 * wide, "basket", "medium scale", "multicolor")


def _capsules(rng: np.random.Generator, wide: int) -> Artwork:
    """Set rounded bars of several lengths in columns."""
    canvas, step = Canvas(4 * wide, 4 * wide), wide / 2
    for column in range(8):
        y, end = rng.uniform(0, wide), 0.0
        while end < 3.6 * wide:
            length = min(float(rng.choice([0.3, 0.6, 1.0])) * wide, 4 * wide - end - 0.38 * wide)
            x = (column + 0.5) * step
            line = np.array([[x, y + end + step * 0.4], [x, y + end + step * 0.4 + length]])
            ink = int(rng.choice([1, 1, 2, 3, 4]))
            canvas.paint([ribbon(line, step * 0.62), circle(step * 0.31, *line[0]), circle(step * 0.31, *line[1])], ink)
            end += length + step * 0.8
    return canvas.artwork(4 * wide, "mid-century", "large scale", "multicolor")


_GRIDS: tuple[Callable[[np.random.Generator, int], Artwork], ...] = (
    _fans, _blocks, _circles, _harlequin, _honeycomb, _quarters, _truchet, _meander, _waves, _arches, _pinwheels,
    _parquet, _trellis, _chevrons, _squares, _crosses, _leafy, _sunrise, _triangles, _ribbons, _capsules,
)  # fmt: skip
