"""Designs without a grid: camouflage, watercolor and animal skins."""

from collections.abc import Callable

import numpy as np

from benzer_lab._drawing.canvas import Array, Artwork, Canvas, noise, pack, placed
from benzer_lab._drawing.outlines import circle, petal, polygon, ribbon, wobbly


def edge(field: Array, level: float, softness: float) -> Array:
    """Mask of what lies above a level, its edge `softness` wide in units of the field."""
    return ((field - level) / softness + 0.5).clip(0, 1)


def _steepness(field: Array) -> float:
    """How much a field rises in a pixel, on average."""
    return float(np.hypot(*np.gradient(field)).mean())


# Each camouflage: name, parts of a swatch, height and width of its patches, roughness of their rims.
_CAMOUFLAGES: tuple[tuple[str, int, float, float, float], ...] = (
    ("woodland", 1, 38, 54, 0.02),
    ("tiger stripe", 1, 14, 80, 0.02),
    ("brush", 1, 64, 24, 0.02),
    ("woodland", 2, 26, 36, 0.02),
    ("pixel", 1, 9, 13, 0.3),
    ("flecktarn", 1, 24, 24, 0.0),
    ("splinter", 1, 0, 0, 0.0),
    ("desert", 1, 60, 90, 0.05),
    ("pixel", 1, 5, 16, 0.5),
    ("lizard", 1, 26, 120, 0.1),
)


def camouflage(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Overlapping patches in four colors: woodland, tiger, brush, desert, of dots, of splinters or of square cells."""
    name, parts, high, wide, rough = _CAMOUFLAGES[variant]
    side, unit = size // parts, size / 256
    canvas = Canvas(side, side)
    if name == "splinter":
        for i, (x, y, r) in enumerate(pack(rng, canvas, np.repeat([52, 40, 28], [6, 10, 16]) * unit, -26 * unit)):
            shard = polygon(int(rng.integers(3, 6))) * rng.uniform(0.6, 1.2, (1, 2))
            canvas.paint([placed(shard, x, y, r, rng.uniform(0, 6))], (1, 2, 3, 4)[i % 4])
        for x, y, r in pack(rng, canvas, [7 * unit] * 60, unit):
            canvas.paint([placed(np.array([[-0.06, -1], [0.06, -1], [0.06, 1], [-0.06, 1]]), x, y, r, 0.2)], 4)
        return canvas.artwork(size, name, "large scale", "multicolor")
    for ink, level in ((2, 0.05), (4, 0.5), (1, 0.95)):
        if name == "pixel":
            cells = noise(rng, 64, 64, (high, wide), rough)
            canvas.cover(np.kron(cells > level, np.ones((size // 64, size // 64))), ink)
        elif name == "flecktarn":
            field = noise(rng, 64, 64, (high / 4, wide / 4))
            spots = np.argwhere(field + 0.35 * rng.standard_normal((64, 64)) > level) + rng.random((1, 2))
            canvas.paint([circle(rng.uniform(2.2, 4.6) * unit, x * size / 64, y * size / 64)[::2] for y, x in spots], ink)
        else:
            field = noise(rng, side, side, (high * unit, wide * unit), rough)
            canvas.cover(edge(field, level + (0.35 if name == "desert" else 0), _steepness(field)), ink)
    if name == "desert":
        for x, y, r in pack(rng, canvas, rng.uniform(3, 8, 16) * unit, 10 * unit):
            canvas.paint([placed(wobbly(rng, 0.2), x, y + r * 0.25, r)], 1)
            canvas.paint([placed(wobbly(rng, 0.2), x, y, r * 0.75)], 0)
    return canvas.artwork(size, name, "small scale" if parts > 1 else "large scale", "multicolor")


# Each wash: high and wide spots, inks in their order, how even the pigment lies.
_WASHES: tuple[tuple[float, float, tuple[int, ...], float], ...] = (
    (90, 90, (2, 3, 1), 0.62),
    (60, 60, (1, 2, 3), 0.62),
    (34, 150, (2, 1, 3), 0.62),
    (110, 70, (3, 2, 1), 0.62),
    (48, 48, (1, 3, 2), 0.62),
    (150, 26, (2, 4, 1), 0.5),
)


def watercolor(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Washes that run into each other, pigment gathered at their rims; blobs, rings, stripes and petals of water color."""
    canvas = Canvas(size, size)
    if variant < len(_WASHES):
        high, wide, inks, even = _WASHES[variant]
        unit = size / 256
        for ink in inks:
            field = noise(rng, size, size, (high * unit, wide * unit), 0.06)
            _washed(rng, canvas, edge(field, 0.35, 0.08), np.exp(-(((field - 0.4) / 0.07) ** 2)), ink, even)
        splash = pack(rng, canvas, rng.uniform(1, 5, 24) * unit, 3)
        canvas.wash([placed(wobbly(rng, 0.1), *drop) for drop in splash], 1, 0.6)
        return canvas.artwork(size, "painterly", "large scale", "multicolor")
    rule, name = (
        (_blobs, "blobs"), (_rings, "rings"), (_bands, "stripes"), (_petals, "petals"), (_squares, "checks"), (_marbled, "marbled"),
    )[variant - len(_WASHES)]  # fmt: skip
    rule(rng, canvas, size)
    return canvas.artwork(size, "painterly", name, "multicolor")


def _washed(rng: np.random.Generator, canvas: Canvas, inside: Array, rim: Array, ink: int, even: float) -> None:
    """Lay a wash that is thinner where water stood, darker along its rim."""
    grain = 40 * canvas.width / 256
    water = even + 0.16 * noise(rng, canvas.height, canvas.width, (grain, grain), 0.3)
    canvas.cover(inside * water.clip(0.15, 0.92), ink)
    canvas.cover(0.4 * inside * rim, 4 if ink == 1 else ink)


def _daub(rng: np.random.Generator, canvas: Canvas, outlines: list[Array], ink: int) -> None:
    """Wash closed outlines: their inside thinner, their rim darker."""
    whole, core = Canvas(*canvas.tile), Canvas(*canvas.tile)
    whole.paint(outlines, 1)
    core.paint([(outline - outline.mean(axis=0)) * 0.93 + outline.mean(axis=0) for outline in outlines], 1)
    inside = whole.coverage[1].astype(float)
    _washed(rng, canvas, inside, 1 - core.coverage[1].astype(float), ink, 0.6)


def _blobs(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Round blobs of color side by side, some over others."""
    spots = pack(rng, canvas, np.repeat([34, 26, 19, 12, 6], [5, 9, 14, 24, 40]) * size / 256, -2 * size / 256)
    for i, ink in enumerate((2, 3, 1, 4)):
        _daub(rng, canvas, [placed(wobbly(rng, 0.1), *spot) for spot in spots[i::4]], ink)


def _rings(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Tie-dye: rings that spread from knots."""
    unit = size / 256
    y, x = canvas.y, canvas.x
    bend = 7 * unit * noise(rng, size, size, (26 * unit, 26 * unit), 0.2)
    for i, (cx, cy, r) in enumerate(pack(rng, canvas, np.array([58, 52, 46, 40, 34, 28]) * unit, 2 * unit)):
        dx, dy = (x - cx + size / 2) % size - size / 2, (y - cy + size / 2) % size - size / 2
        away = (np.hypot(dx, dy) + bend) / r
        for middle, width, ink in ((0.92, 0.1, 1), (0.62, 0.12, 2), (0.34, 0.1, 1), (0.05, 0.12, (3, 4)[i % 2])):
            canvas.cover(0.85 * np.exp(-(((away - middle) / width) ** 2)) * (away < 1.4), ink)


def _bands(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Brush-wide stripes of thin color."""
    for i in range(8):
        middle = (i + 0.5) * size / 8
        t = np.linspace(0, 2 * np.pi, 80)
        sway = sum(rng.normal(0, 0.006) * np.sin(k * t + rng.uniform(0, 6)) for k in range(1, 6)) * size
        half = size / 16 * (0.78 + 0.1 * np.sin(t + i))
        x = t / (2 * np.pi) * size
        stripe = np.concatenate([np.stack([x, middle + sway - half], axis=1), np.stack([x, middle + sway + half], axis=1)[::-1]])
        _daub(rng, canvas, [stripe], (1, 2, 3, 2, 4, 2, 3, 2)[i])


def _petals(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Flowers of five wet petals, a drop of ink in each."""
    spots = pack(rng, canvas, np.repeat([44, 34, 24], [4, 7, 12]) * size / 256, size / 128)
    for i, (x, y, r) in enumerate(spots):
        turn, ink = rng.uniform(0, 6), (1, 2, 3)[i % 3]
        for start in (0, 1):
            rounds = [placed(petal(0.42, 1.3, 0.6) * rng.uniform(0.9, 1.06), x, y, r, turn + 2 * np.pi / 5 * k) for k in range(start, 5, 2)]
            canvas.wash(rounds, ink, 0.55)
        canvas.wash([placed(wobbly(rng, 0.15), x, y, r * 0.2)], 4, 0.85)
    canvas.wash([placed(wobbly(rng, 0.12), *drop) for drop in pack(rng, canvas, rng.uniform(1, 4, 40) * size / 256, 3)], 2, 0.6)


def _squares(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Swatches as a painter tries his colors, in rows."""
    step = size / 6.4
    inks = rng.choice([1, 2, 2, 3, 4], 36)
    for ink in (2, 3, 1, 4):
        places = [(i % 6, i // 6) for i in range(36) if inks[i] == ink]
        shapes = []
        for column, row in places:
            box = np.array([[-1, -1], [0, -1.04], [1, -1], [1.04, 0], [1, 1], [0, 1.03], [-1, 1], [-1.03, 0]]) + rng.normal(0, 0.05, (8, 2))
            shapes.append(placed(box, (column + 0.5) * size / 6, (row + 0.5) * size / 6, step * 0.42, rng.normal(0, 0.05)))
        _daub(rng, canvas, shapes, ink)


def _marbled(rng: np.random.Generator, canvas: Canvas, size: int) -> None:
    """Ebru: colors floated on water and drawn with a comb."""
    unit = size / 256
    combed = noise(rng, size, size, (70 * unit, 70 * unit)) + 0.35 * np.sin(
        2 * np.pi * canvas.x / size * 6 + 1.5 * noise(rng, size, size, (50 * unit, 90 * unit))
    )
    lines = np.sin(9 * combed)
    for level, ink in ((-0.55, 2), (0.1, 1), (0.5, 0), (0.8, 3)):
        canvas.cover(edge(lines, level, 2.2 * _steepness(lines)) * 0.92, ink)


def _zebra(rng: np.random.Generator, side: int, unit: float, turns: int, *, upright: bool) -> Canvas:
    """Stripes that fork where they bend."""
    canvas = Canvas(side, side)
    bend = noise(rng, side, side, (60 * unit, 60 * unit)) * 1.1
    along = (canvas.x if upright else canvas.y) / side
    field = np.cos(2 * np.pi * turns * along + 2.2 * bend) + 0.35 * noise(rng, side, side, (12 * unit, 12 * unit))
    canvas.cover(edge(field, 0.05, _steepness(field)), 1)
    return canvas


def _rosettes(rng: np.random.Generator, side: int, unit: float, scale: float, stretch: float = 1.0) -> Canvas:
    """Rings broken in three around a darker heart."""
    canvas = Canvas(side, side)
    spots = pack(rng, canvas, np.repeat([15, 12, 9, 6], [30, 40, 40, 40]) * unit * scale, 3 * unit)
    canvas.paint([placed(wobbly(rng, 0.2) * (stretch, 1), x, y, radius * 0.66) for x, y, radius in spots], 2)
    for x, y, radius in spots:
        for start in rng.uniform(0, 2) + np.arange(3) * 2.1:
            angles = start + np.linspace(0, rng.uniform(0.9, 2.0), 10)
            arc = np.stack([np.cos(angles) * stretch, np.sin(angles) * 0.92], axis=1) * radius * 0.86 + (x, y)
            canvas.paint([ribbon(arc, radius * 0.46 * np.sqrt(np.sin(np.linspace(0.25, np.pi - 0.25, 10))))], 1)
    return canvas


def _cheetah(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Full spots."""
    canvas = Canvas(side, side)
    spots = pack(rng, canvas, np.repeat([15, 12, 9, 6], [30, 40, 40, 40]) * unit * 0.7, 3 * unit)
    canvas.paint([placed(wobbly(rng, 0.2), *spot) for spot in spots], 1)
    return canvas


def _tiger(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Pointed stripes from both sides, in three tones."""
    canvas = Canvas(side, side)
    field = noise(rng, side, side, (90 * unit, 90 * unit))
    canvas.cover(0.7 * edge(field, 0.2, 1.4), 3)
    for x, y, r in pack(rng, canvas, np.repeat([34, 26, 17], [14, 24, 40]) * unit, -17 * unit):
        t = np.linspace(-1, 1, 26)
        curve = np.stack([t, 0.2 * np.sin(2.6 * t + rng.uniform(0, 6)) + 0.12 * np.sin(7 * t)], axis=1)
        canvas.paint([ribbon(placed(curve, x, y, r, rng.normal(0, 0.2)), r * 0.3 * (1 - t**2) ** 0.8 * (1 + 0.3 * np.sin(5 * t)))], 1)
    return canvas


def _cells(rng: np.random.Generator, canvas: Canvas, radii: Array, stretch: tuple[float, float] = (1, 1)) -> tuple[Array, Array]:
    """How far each pixel lies from the border of its cell, and which cell it is in, around points clear of each other."""
    away = []
    for x, y, _ in pack(rng, canvas, radii):
        dx = (canvas.x - x + canvas.width / 2) % canvas.width - canvas.width / 2
        dy = (canvas.y - y + canvas.height / 2) % canvas.height - canvas.height / 2
        away.append(np.hypot(dx * stretch[0], dy * stretch[1]))
    order = np.sort(np.stack(away), axis=0)[:2]
    return order[1] - order[0], np.argmin(np.stack(away), axis=0)


def _giraffe(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Patches parted by a light net."""
    canvas = Canvas(side, side)
    border, cell = _cells(rng, canvas, np.repeat([13.0, 10], [30, 30]) * unit)
    border = border + 1.2 * unit * noise(rng, side, side, (7 * unit, 7 * unit))
    inside = edge(border, 5 * unit, 1.5)
    canvas.cover(inside, 2)
    canvas.cover(inside * edge(border, 12 * unit, 9 * unit) * 0.8 * (cell % 4 > 0), 4)
    return canvas


def _crocodile(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Scales of a hide, lighter in their middle."""
    canvas = Canvas(side, side)
    border, cell = _cells(rng, canvas, np.repeat([9.0, 7, 5], [20, 50, 60]) * unit, (1.0, 1.35))
    canvas.cover(np.ones(border.shape), 4)
    canvas.cover(edge(border, 2.2 * unit, 1.2), 1 if side < 0 else 2)
    canvas.cover(edge(border, 7 * unit, 7 * unit) * (0.35 + 0.35 * (cell % 3 == 0)), 0)
    return canvas


def _python(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Saddles on a ground of small scales."""
    canvas, n = Canvas(side, side), 16

    def figure(x: Array, y: Array) -> Array:
        u, v = x / side * n, y / side * n
        shifted = np.floor(u) + 0.5 * (np.floor(v) % 2)
        a, b = (u - 0.5 * (np.floor(v) % 2)) % 1 - 0.5, v % 1 - 0.5
        scale = np.abs(a) + np.abs(b) < 0.46
        column, row = shifted / n % 0.5 * 2 - 0.5, np.floor(v) / n % 0.5 * 2 - 0.5
        away = np.abs(column) * 0.9 + np.abs(row) * 0.7 + 0.08 * np.sin(37 * np.floor(u) + 11 * np.floor(v))
        code = np.where(away < 0.12, 3, np.where(away < 0.2, 2, np.where(away < 0.32, 1, np.where(away < 0.4, 4, 0))))
        return np.where(scale, code, np.where(away < 0.4, 4, 2))

    canvas.ink(figure)
    return canvas


def _cow(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Large patches."""
    canvas = Canvas(side, side)
    field = noise(rng, side, side, (40 * unit, 34 * unit), 0.05)
    canvas.cover(edge(field, 0.3, _steepness(field)), 1)
    return canvas


def _tortoise(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Shell in warm drifts of three tones."""
    canvas = Canvas(side, side)
    for ink, level, grain in ((3, 0.1, 40), (2, 0.3, 34), (4, 0.6, 26), (1, 1.0, 20)):
        field = noise(rng, side, side, (grain * unit, grain * 1.5 * unit), 0.12)
        canvas.cover(edge(field, level, 0.5) * 0.95, ink)
    return canvas


def _feathers(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Rows of feathers, an eye at the tip of each."""
    high = side // 8
    tall = Canvas(side // 2, 16 * high)
    for row in range(16):
        for column in range(2):
            x, y = (column + 0.5 * (row % 2)) * side / 4, row * high
            for scale, ink in ((1.0, 1), (0.9, 2), (0.62, 0), (0.48, 4), (0.3, 3), (0.16, 1)):
                shift = side * 0.125 * (1 - scale) * 0.7
                tall.paint([placed(circle() * (1, 1.25), x, y + shift, side * 0.135 * scale)], ink)
    canvas = Canvas(side // 2, 2 * high)
    canvas.coverage = tall.coverage[:, 6 * high : 8 * high]
    return canvas


def _scales(rng: np.random.Generator, side: int, unit: float) -> Canvas:
    """Fish scales, some of them shining."""
    canvas, n = Canvas(side, side), 16
    step = side / n
    for row in range(-1, n * 2 + 1):
        for column in range(n):
            x, y = (column + 0.5 * (row % 2)) * step, row * step / 2
            ink = int(np.random.default_rng([row % (2 * n), column]).choice([2, 2, 1, 12, 0, 3]))
            for scale, code in ((1.0, 4), (0.88, ink)):
                canvas.paint([placed(circle() * (1, 1.15), x, y, step * 0.56 * scale)], code)
    return canvas


_SKINS: tuple[tuple[str, int, Callable[[np.random.Generator, int, float], Canvas]], ...] = (
    ("leopard", 1, lambda rng, side, unit: _rosettes(rng, side, unit, 1.0)),
    ("zebra", 1, lambda rng, side, unit: _zebra(rng, side, unit, 10, upright=False)),
    ("cheetah", 1, _cheetah),
    ("leopard", 2, lambda rng, side, unit: _rosettes(rng, side, unit, 0.8)),
    ("zebra", 2, lambda rng, side, unit: _zebra(rng, side, unit, 6, upright=True)),
    ("tiger", 1, _tiger),
    ("giraffe", 2, _giraffe),
    ("python", 2, _python),
    ("crocodile", 2, _crocodile),
    ("cow", 1, _cow),
    ("ocelot", 1, lambda rng, side, unit: _rosettes(rng, side, unit, 1.5, 1.5)),
    ("tortoise", 1, _tortoise),
    ("feathers", 1, _feathers),
    ("scales", 1, _scales),
)


def animal(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Skins, hides and plumage: leopard, zebra, tiger, giraffe, snake, tortoise and others."""
    name, parts, rule = _SKINS[variant]
    return rule(rng, size // parts, size / 256).artwork(size, name, "large scale" if parts == 1 else "small scale")
