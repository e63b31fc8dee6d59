"""Marks of a dry brush, one bristle at a time, and the shapes of Memphis."""

from collections.abc import Callable

import numpy as np

from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, pack, placed
from benzer_lab._drawing.geometrics import sector
from benzer_lab._drawing.outlines import circle, polygon, ribbon, ring, wobbly


def _stroke(rng: np.random.Generator, curve: Array, width: float, wet: float = 0.7) -> list[Array]:
    """Bristle marks along a curve of shape (n, 2): the drier the brush, the earlier a bristle runs out."""
    along = np.gradient(curve, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    n, marks = max(int(width / 1.3), 5), []
    last = len(curve) - 1
    for place in np.linspace(-0.5, 0.5, n):
        start = int(abs(rng.normal(0, 0.02)) * last)
        end = last - int(min(abs(rng.normal(0, 0.5 - 0.45 * wet)), 0.9) * last)
        line = curve + normal * (place * width + rng.normal(0, 0.1))
        if end - start > 2:
            marks.append(ribbon(line[start : end + 1], width / n * rng.uniform(0.9, 1.7)))
        if rng.random() > wet and end - start > 8:
            again = end + int((last - end) * 0.4)
            if last - again > 2:
                marks.append(ribbon(line[again:], width / n * rng.uniform(0.5, 1.2)))
    return marks


def _bent(rng: np.random.Generator, start: tuple[float, float], end: tuple[float, float], sway: float, n: int = 30) -> Array:
    """Line from one point to another that sways a little."""
    t = np.linspace(0, 1, n)[:, None]
    across = np.array([-(end[1] - start[1]), end[0] - start[0]])
    away = sum(rng.normal(0, sway / k) * np.sin(np.pi * k * t) for k in (1, 2, 3))
    return np.asarray(np.array(start) * (1 - t) + np.array(end) * t + across * away)


def _arc(x: float, y: float, radius: float, start: float, turns: float, n: int = 40) -> Array:
    """Arc of a circle, from an angle in turns."""
    angles = 2 * np.pi * (start + np.linspace(0, turns, n))
    return np.stack([x + np.cos(angles) * radius, y + np.sin(angles) * radius], axis=1)


def _spread(
    rng: np.random.Generator, canvas: Canvas, radii: list[float], number: int, gap: float
) -> list[tuple[float, float, float, float]]:
    """Places clear of each other, each with an angle."""
    found = pack(rng, canvas, np.repeat(radii, number) * canvas.width / 256, gap * canvas.width / 256)
    return [(*place, angle) for place, angle in zip(found, rng.uniform(0, 2 * np.pi, len(found)), strict=True)]


# Each design of marks: the marks it is made of, radii of their places, how many of each, gap, how wet the brush is, width of a mark as a
# part of its radius, inks.
_MARKS: tuple[tuple[str, list[float], int, float, float, float, tuple[int, ...]], ...] = (
    ("dashes", [26, 20, 14], 20, 1, 0.75, 0.6, (1, 2, 3)),
    ("sweeps", [80, 60, 44], 5, -40, 0.55, 0.42, (2, 3, 1, 4)),
    ("circles", [40, 30, 22], 8, 3, 0.65, 0.3, (1, 3, 1, 2)),
    ("arcs", [34, 26, 20], 12, -3, 0.7, 0.34, (1, 2, 3, 4)),
    ("crosses", [20, 15], 30, 3, 0.8, 0.36, (1, 1, 3)),
    ("scribbles", [46, 34, 24], 8, -5, 0.85, 0.09, (1, 3, 2)),
    ("dabs", [15, 11, 8], 60, 1, 0.9, 1.3, (1, 2, 3, 4)),
    ("zigzags", [40, 30], 14, 0, 0.7, 0.2, (1, 2, 4)),
)


def _mark(rng: np.random.Generator, kind: str, x: float, y: float, r: float, angle: float, wet: float, part: float) -> list[Array]:
    """One mark of a kind."""
    c, s = np.cos(angle) * r, np.sin(angle) * r
    width = r * part
    if kind == "circles":
        return _stroke(rng, _arc(x, y, r * 0.8, angle, 0.94, 60), width, wet)
    if kind == "arcs":
        return _stroke(rng, _arc(x, y, r * 0.75, angle, 0.5), width, wet)
    if kind == "crosses":
        ends = ((-c, -s, c, s), (s, -c, -s, c))
        return [one for a, b, d, e in ends for one in _stroke(rng, _bent(rng, (x + a, y + b), (x + d, y + e), 0.03), width, wet)]
    if kind == "scribbles":
        t = np.linspace(0, 1, 90)
        loops = np.stack([(t * 2 - 1) + 0.32 * np.cos(9 * 2 * np.pi * t / 2), 0.62 * np.sin(9 * 2 * np.pi * t / 2)], axis=1)
        return [ribbon(placed(loops, x, y, r * 0.8, angle), width * (0.6 + 0.4 * np.sin(17 * t) ** 2))]
    if kind == "zigzags":
        t = np.linspace(-1, 1, 60)
        teeth = np.stack([t, 0.5 * (np.abs((t * 2.5) % 2 - 1) * 2 - 1)], axis=1)
        return _stroke(rng, placed(teeth, x, y, r * 0.9, rng.normal(0, 0.3)), width, wet)
    angle = {"dashes": rng.normal(0.5, 0.12), "dabs": rng.normal(1.0, 0.4)}.get(kind, angle)
    c, s = np.cos(angle) * r, np.sin(angle) * r
    length = 0.5 if kind == "dabs" else 1.0
    return _stroke(
        rng, _bent(rng, (x - c * length, y - s * length), (x + c * length, y + s * length), 0.1 if kind == "sweeps" else 0.04), width, wet
    )


def brush(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Strokes of a dry brush: dashes, sweeps, circles, scribbles, or laid in stripes, checks and waves."""
    canvas = Canvas(size, size)
    if variant < len(_MARKS):
        kind, radii, number, gap, wet, part, inks = _MARKS[variant]
        for i, (x, y, r, angle) in enumerate(_spread(rng, canvas, radii, number, gap)):
            canvas.paint(_mark(rng, kind, x, y, r, angle, wet, part), inks[i % len(inks)])
        return canvas.artwork(size, "painterly", kind, "tossed", "large scale" if radii[0] > 35 else "medium scale")
    rule, name = (
        (_painted_stripes, "stripes"),
        (_painted_checks, "checks"),
        (_waves, "waves"),
        (_ladders, "herringbone"),
        (_combs, "combed"),
        (_calligraphy, "calligraphy"),
    )[variant - len(_MARKS)]
    rule(rng, canvas, size)
    return canvas.artwork(size, "painterly", name, "all-over", "multicolor")


def _painted_stripes(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Long strokes across, each as wide as it came."""
    y = 0.0
    while y < size * 0.97:
        width = min(rng.uniform(0.03, 0.1) * size, size - y)
        x = rng.uniform(0, size)
        ink = int(rng.choice([1, 1, 2, 3, 4]))
        canvas.paint(_stroke(rng, _bent(rng, (x, y + width / 2), (x + 0.97 * size, y + width / 2), 0.004), width * 0.86, 0.6), ink)
        y += width + 0.012 * size


def _painted_checks(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Strokes down, then strokes across."""
    for i in range(5):
        x = (i + 0.5) * size / 5
        canvas.paint(_stroke(rng, _bent(rng, (x, 0), (x, size), 0.006), size * 0.1, 1.05), (2, 2, 3)[i % 3])
    for i in range(5):
        y = (i + 0.5) * size / 5
        canvas.paint(_stroke(rng, _bent(rng, (0, y), (size, y), 0.006), size * (0.07, 0.02)[i % 2], 1.05), (1, 4)[i % 2])


def _waves(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Swells of a wide brush."""
    t = np.linspace(0, 1, 70)
    for i in range(9):
        y = (i + 0.5) * size / 9 + size * 0.035 * np.sin(2 * np.pi * (2 * t + i / 3))
        canvas.paint(_stroke(rng, np.stack([t * size + i * size / 4, y], axis=1), size * 0.07, 0.72), (1, 2, 4)[i % 3])


def _ladders(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Short strokes in columns, leaning left and right by turns."""
    for column in range(8):
        for row in range(12):
            x, y, lean = (column + 0.5) * size / 8, (row + 0.5) * size / 12, 0.028 * size * (-1) ** column
            line = _bent(rng, (x - size * 0.05, y + lean), (x + size * 0.05, y - lean), 0.05)
            canvas.paint(_stroke(rng, line, size * 0.034, 0.8), (1, 2, 1, 3)[int(rng.integers(4))])


def _combs(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Fans of a comb drawn through paste."""
    for row in range(5):
        for column in range(4):
            x, y = (column + 0.5 * (row % 2)) * size / 4, row * size / 5
            for k in range(6):
                arc = _arc(x, y, size * (0.03 + 0.018 * k), 0.0, 0.5)
                canvas.paint([ribbon(arc + rng.normal(0, 0.4, (1, 2)), size * 0.009 * rng.uniform(0.8, 1.4))], (1, 1, 2)[k % 3])


def _calligraphy(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Bold ink gestures, thick and thin, with drops beside."""
    t = np.linspace(0, 1, 50)
    for i, (x, y, r, angle) in enumerate(_spread(rng, canvas, [42.0, 32.0], 8, -4)):
        phase = rng.uniform(0, 6)
        curve = np.stack([np.cos(4.4 * t + phase) * (1 - 0.5 * t), np.sin(5.2 * t + phase) * (0.4 + 0.6 * t)], axis=1)
        canvas.paint(
            [ribbon(placed(curve, x, y, r, angle), r * 0.3 * np.abs(np.sin(2.6 * t * np.pi + 0.5)) ** 0.7 + r * 0.03)], (1, 1, 3)[i % 3]
        )
    for x, y, r, _ in _spread(rng, canvas, [2.6, 1.6], 30, 5):
        canvas.paint([placed(wobbly(rng, 0.1), x, y, r)], (1, 2)[int(r) % 2])


def _squiggle(width: float = 0.16) -> Array:
    t = np.linspace(-1, 1, 60)
    return ribbon(np.stack([t, 0.3 * np.sin(3 * np.pi * t)], axis=1), width)


def _zigzag() -> Array:
    return ribbon(np.array([[-1, 0.25], [-0.6, -0.25], [-0.2, 0.25], [0.2, -0.25], [0.6, 0.25], [1, -0.25]], dtype=float), 0.17)


def _dotted() -> list[Array]:
    return [circle(0.1, x * 0.36, y * 0.36) for x in (-2, -1, 0, 1, 2) for y in (-2, -1, 0, 1, 2) if abs(x) + abs(y) < 4]


_BOX = np.array([[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]])
_BAR = np.array([[-1, -0.14], [1, -0.14], [1, 0.14], [-1, 0.14]])
_SHAPES: dict[str, Motif] = {
    "squiggle": [([_squiggle()], 1)],
    "thick squiggle": [([_squiggle(0.34)], 4), ([_squiggle(0.24)], 3)],
    "zigzag": [([_zigzag()], 4)],
    "disc": [([circle(0.8)], 3)],
    "ring": [([circle(0.85)], 1), ([circle(0.52)], 0)],
    "half": [([sector(0, 0, 0.95, 0.0, 0.5)], 2), ([sector(0, 0, 0.5, 0.0, 0.5)], 1)],
    "triangle": [([polygon(3)], 2), ([polygon(3) * 0.5], 0)],
    "shadowed triangle": [([placed(polygon(3), 0.14, 0.14, 1)], 4), ([polygon(3)], 3)],
    "shadowed square": [([_BOX * 0.8 + (0.16, 0.16)], 4), ([_BOX * 0.8], 2)],
    "cross": [([_BAR, _BAR[:, ::-1]], 1)],
    "dots": [(_dotted(), 4)],
    "bars": [([_BAR * (0.8, 0.7) + (0, y) for y in (-0.5, 0.0, 0.5)], 1)],
    "rainbow": [([sector(0, 0.4, r, 0.5, 0.5)], ink) for r, ink in ((1.0, 1), (0.74, 0), (0.62, 3), (0.36, 0), (0.24, 2))],
    "flower": [(ring(circle(0.36, 0, -0.55), 6), 3), ([circle(0.36)], 4)],
    "bean": [([np.asarray(circle() * (1, 0.6) + np.stack([np.zeros(32), 0.4 * np.cos(np.linspace(0, 2 * np.pi, 32)) ** 2], axis=1))], 2)],
    "stairs": [
        ([np.array([[-1, 1], [-1, 0.5], [-0.5, 0.5], [-0.5, 0], [0, 0], [0, -0.5], [0.5, -0.5], [0.5, -1], [1, -1], [1, 1]]) * 0.8], 1)
    ],
}
# Each Memphis design: its shapes, radii, how many of each, gap, whether they are set in a grid, what fills the ground.
_MEMPHIS: tuple[tuple[tuple[str, ...], tuple[float, ...], int, float, bool, str], ...] = (
    (("squiggle", "shadowed triangle", "ring", "dots", "bars"), (26, 18, 12), 16, 4, False, ""),
    (("thick squiggle", "disc", "zigzag", "half"), (34, 26, 16), 12, 2, False, "dots"),
    (("triangle", "shadowed triangle"), (15, 11), 60, 4, False, ""),
    (("squiggle", "thick squiggle"), (28, 20), 40, 1, False, ""),
    (("half", "ring", "shadowed square", "stairs", "rainbow"), (19, 19), 1, 0, True, ""),
    (("cross", "disc", "zigzag"), (14, 10), 60, 4, False, "lines"),
    (("rainbow", "flower", "bean", "disc"), (30, 20, 12), 16, 4, False, ""),
    (("shadowed square", "shadowed triangle", "dots", "bars", "stairs"), (32, 24, 16), 10, 2, False, "grid"),
    (("bean", "ring", "squiggle"), (44, 34, 20), 8, 1, False, "dots"),
    (("zigzag", "bars", "cross", "triangle"), (18, 18), 1, 0, True, "checks"),
    (("terrazzo",), (22, 15, 9, 5), 50, 2, False, ""),
    (("flower", "disc", "squiggle", "half", "triangle", "cross"), (16, 11, 8), 50, 2, False, ""),
)


def memphis(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Shapes of the eighties: squiggles, shadowed triangles, dots and bars, tossed or in a grid."""
    names, radii, number, gap, grid, ground = _MEMPHIS[variant]
    canvas, unit = Canvas(size, size), size / 256
    _GROUNDS[ground](canvas, size)
    if grid:
        n = 6 if len(names) == 5 else 8
        places = [
            ((i % 8 + 0.5) * size / 8, (i // 8 + 0.5) * size / 8, size / 8 * 0.42, np.pi / 2 * int(rng.integers(4))) for i in range(64)
        ]
        shapes = [str(rng.choice(names)) for _ in range(64)]
        features = ("grid", "medium scale" if n == 6 else "small scale")
    else:
        places = [(*place, rng.uniform(0, 6)) for place in pack(rng, canvas, np.repeat(radii, number) * unit, gap * unit)]
        shapes = [names[i % len(names)] for i in range(len(places))]
        features = ("tossed", "large scale" if radii[0] > 25 else "small scale")
    for i, (place, name) in enumerate(zip(places, shapes, strict=True)):
        turn = i % 3
        if name == "terrazzo":
            chip = placed(polygon(int(rng.integers(4, 7))) * rng.uniform(0.6, 1.0, (1, 2)), *place)
            canvas.paint([chip], (1, 2, 3, 4)[i % 4])
            continue
        canvas.stamp([(outlines, ink if ink in (0, 4) else (ink + turn - 1) % 3 + 1) for outlines, ink in _SHAPES[name]], [place])
    return canvas.artwork(size, *features, "multicolor")


def _dot_ground(canvas: Canvas, size: int) -> None:
    canvas.paint([circle(size / 220, (i + 0.5 * (j % 2)) * size / 16, j * size / 32) for i in range(16) for j in range(32)], 2)


def _line_ground(canvas: Canvas, size: int) -> None:
    canvas.paint([ribbon(np.array([[0.0, (i + 0.5) * size / 32], [size, (i + 0.5) * size / 32]]), size / 180) for i in range(32)], 20)


def _grid_ground(canvas: Canvas, size: int) -> None:
    for i in range(16):
        at = (i + 0.5) * size / 16
        canvas.paint([ribbon(np.array([[0.0, at], [size, at]]), size / 250), ribbon(np.array([[at, 0.0], [at, size]]), size / 250)], 2)


def _check_ground(canvas: Canvas, size: int) -> None:
    step = size / 8
    canvas.paint([(_BOX / 1.6 + 0.5) * step + (x * step, y * step) for x in range(8) for y in range(8) if (x + y) % 2], 20)


_GROUNDS: dict[str, Callable[[Canvas, int], None]] = {
    "": lambda canvas, size: None,
    "dots": _dot_ground,
    "lines": _line_ground,
    "grid": _grid_ground,
    "checks": _check_ground,
}
