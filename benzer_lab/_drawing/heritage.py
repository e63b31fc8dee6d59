"""Cloths of Anatolia and of the roads that led there: ikat, kilim, cintamani, star tiles."""

from collections.abc import Callable

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, noise, placed
from benzer_lab._drawing.outlines import circle, petal, polygon, ribbon, ring, star

_Field = Callable[[Array, Array], Array]
_Edges = tuple[tuple[float, int], ...]
_BOLD: _Edges = ((0.46, 4), (0.42, 1), (0.33, 0), (0.29, 3), (0.2, 2), (0.11, 1), (0.05, 0))
_OPEN: _Edges = ((0.36, 1), (0.3, 0), (0.26, 2), (0.13, 3), (0.06, 4))
_STARK: _Edges = ((0.42, 1), (0.24, 3), (0.12, 0), (0.06, 1))
# Each ikat: how many across, whether its fields are dropped by half, how far a point lies from the middle of a field (u and v go from 0
# there to 1 at its edges), and the inks within each distance.
_IKATS: tuple[tuple[int, bool, _Field, _Edges], ...] = (
    (1, True, lambda u, v: (u + v) / 2, _BOLD),
    (2, True, lambda u, v: np.maximum(u, v) * 0.3 + (u + v) * 0.3, _BOLD),
    (2, False, lambda u, v: np.hypot(u, v) / 1.8, _BOLD),
    (2, True, lambda u, v: (u**1.5 + v) / 2, _BOLD),
    (1, True, lambda u, v: (u + v) / 2 + 0.07 * np.cos(6 * np.pi * v), _BOLD),
    (2, False, lambda u, v: u / 2 + 0.06 * np.cos(8 * np.pi * v), _OPEN),
    (2, True, lambda u, v: np.minimum((u + v) / 2, np.hypot(u - 0.5, v - 0.5) * 1.4 + 0.1), _STARK),
    (4, True, lambda u, v: (1.3 * u + v) / 2, _OPEN),
    (1, False, lambda u, v: np.abs((u + 0.5 * v) % 1 - 0.5) * 0.9, _BOLD),
    (2, True, lambda u, v: np.minimum(np.hypot(u, v * 0.7), np.abs(u) * 1.6 + np.abs(v - 0.75) * 0.5) / 1.5, _STARK),
    (4, False, lambda u, v: np.maximum(u, v) / 2 + 0.02, _OPEN),
    (1, True, lambda u, v: np.minimum(np.hypot(u, v) / 1.6, 0.16 + np.abs(np.hypot(u, v) - 0.72) * 0.8), _BOLD),
    (2, False, lambda u, v: np.minimum(u, 0.35 + np.abs(v - 0.5)) / 1.7, _OPEN),
    (1, True, lambda u, v: np.minimum((u * 1.6 + v) / 2, np.abs(u - 0.55) * 1.5 + np.abs(v % 0.5 - 0.25) * 0.7), _STARK),
)


def ikat(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Warp ikat: nested fields whose edges feather along the warp, because the yarn was dyed before it was woven."""
    parts, dropped, shape, edges = _IKATS[variant]
    side, unit = size // parts, size / 256
    canvas = Canvas(side // 2, side, "half-drop") if dropped else Canvas(side, side)
    wide, high = canvas.tile
    slip = noise(rng, 1, wide, (1, 1.5)) * 3.2 * unit / parts**0.5
    tremble = noise(rng, high, wide, (14, 2)) * 0.5 * unit
    columns = [np.roll(tremble, side // 2 * column, axis=0) for column in range(side // wide)]
    x = (canvas.x + np.concatenate(columns, axis=1)) / side
    y = (canvas.y + np.tile(slip, side // wide)) / side
    fields = []
    for center in (0.0, 0.5) if dropped else (0.0,):
        u, v = np.abs((x - center) % 1 - 0.5) * 2, np.abs((y - center) % 1 - 0.5) * 2
        fields.append(shape(u, v))
    field = np.minimum.reduce(fields)
    for edge, ink in edges:
        canvas.cover(((edge - field) * side / 4 / unit + 0.5).clip(0, 1), ink)
    return canvas.artwork(size, "blurred edges", ("large scale", "medium scale", "", "small scale")[parts - 1], "multicolor")


# The upper left quarter of each motif, mirrored when woven; a digit is an ink.
_KILIM = {
    "ram's horn": ("00001111", "00010001", "00010101", "00010111", "00010000", "11111111", "01110000", "00111000"),
    "diamond": ("00000001", "00000013", "00000133", "00001332", "00013322", "00133220", "01332201", "13322011"),
    "hooked": ("01110001", "01010013", "00110133", "00011333", "11113322", "10133220", "10332204", "03322044"),
    "eye": ("22222222", "20000001", "20000011", "20000111", "20001131", "20011331", "20113331", "21133441"),
    "star": ("00000011", "00000111", "11111111", "01111113", "00111133", "00111333", "01113334", "11133344"),
    "hands on hips": ("00000111", "00000101", "00110111", "01010010", "01011110", "01000133", "00111332", "00003322"),
    "burdock": ("00000001", "00100001", "00010111", "00001133", "01111333", "00011322", "00013224", "11133244"),
    "comb": ("00000000", "01010101", "01010101", "01010101", "01111111", "00000333", "00000033", "00000223"),
    "running water": ("11110000", "22211000", "33221100", "03322110", "00332211", "00033221", "11003322", "11100333"),
    "amulet": ("00000033", "00000330", "00003301", "00033011", "00330112", "03301122", "33011224", "30112244"),
}
_BORDERS = (
    ("1111111111111111", "3333000033330000", "0033330000333300", "0000333300003333", "1111111111111111"),
    (
        "4444444444444444",
        "2222222222222222",
        "2200222222002222",
        "0000220000002200",
        "1100001111000011",
        "1111111111111111",
        "4444444444444444",
    ),
    ("1111111111111111", "3311331133113311", "3311331133113311", "1111111111111111"),
)
# Each kilim: how it is laid out (bands of motifs, motifs all over, nested lozenges, plain stripes), and its motifs or, for lozenges, steps.
_KILIMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bands", ("hooked", "diamond", "eye")),
    ("bands", ("burdock",)),
    ("all-over", ("ram's horn", "diamond")),
    ("lozenges", ("4", "2")),
    ("bands", ("star", "hands on hips", "amulet")),
    ("stripes", ()),
    ("all-over", ("hands on hips", "star")),
    ("bands", ("running water",)),
    ("lozenges", ("2", "1")),
    ("all-over", ("amulet", "amulet")),
    ("bands", ("comb", "ram's horn", "burdock")),
    ("niches", ("hands on hips",)),
    ("all-over", ("burdock", "eye")),
    ("checks", ("diamond", "hooked")),
)


def _mirrored(rows: tuple[str, ...]) -> Array:
    """Inks of a motif from its upper left quarter."""
    quarter = np.array([[int(ink) for ink in row] for row in rows])
    half = np.concatenate([quarter, quarter[::-1]])
    return np.concatenate([half, half[:, ::-1]], axis=1)


def kilim(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Build stepped motifs as slit tapestry does, cell by cell: in bands between borders, all over, or in nested lozenges."""
    layout, names = _KILIMS[variant]
    if layout == "bands":
        cells = _bands(rng, names, variant)
    elif layout == "stripes":
        bands = np.concatenate([_border(rng, i) for i in (0, 2, 1, 2)])
        cells = np.concatenate([bands, np.full((64 - len(bands), 16), 2)])
    elif layout == "lozenges":
        cells = _lozenges(rng, *map(int, names))
    elif layout == "niches":
        cells = _niche(rng, names[0])
    else:
        cells = _tiles(rng, names, checks=layout == "checks")
    cells = np.tile(cells, (1, max(16 // cells.shape[1], 1)))
    rows, columns = cells.shape
    whole = np.tile(cells, (64 // rows, 64 // columns))
    coverage = np.stack([np.kron(whole == ink, np.ones((size // 64, size // 64))) for ink in range(5)])
    scale = "large scale" if rows > 40 or columns > 32 else "medium scale"
    return Artwork(coverage.astype(np.float32), "straight", (size * columns // 64, size * rows // 64), (scale, layout, "stepped"))


def _bands(rng: np.random.Generator, names: tuple[str, ...], variant: int) -> Array:
    """Bands of one or three motifs between borders, 32 or 64 rows high."""
    bands: list[Array] = []
    for i, name in enumerate(names if len(names) == 3 else (names[0], "")):
        ground = (0, 4, 0)[i]
        inks = np.concatenate([[ground], rng.permutation([1, 2, 3, 4 - ground])])
        border = np.array([[int(ink) for ink in row] for row in _BORDERS[(variant + i) % 3]])
        bands += [inks[_mirrored(_KILIM[name])]] if name else []
        bands += [border]
    cells = np.concatenate(bands)
    return np.concatenate([cells, np.full(((-len(cells)) % 32, 16), int(rng.integers(1, 4)))])


def _border(rng: np.random.Generator, number: int) -> Array:
    """Border in inks of its own, with plain rows."""
    inks = np.concatenate([[0], rng.permutation([1, 2, 3, 4])])
    border = inks[np.array([[int(ink) for ink in row] for row in _BORDERS[number]])]
    plain = np.repeat(rng.permutation([1, 0, 3, 2, 4]), (3, 1, 2, 1, 1))[: 13 - len(border)]
    return np.concatenate([border, np.repeat(plain[:, None], 16, axis=1)])


def _tiles(rng: np.random.Generator, names: tuple[str, ...], *, checks: bool) -> Array:
    """Two motifs by turns; on checks each stands on a ground of its own."""
    first, second = (_mirrored(_KILIM[name]) for name in names)
    inks = np.concatenate([[0], rng.permutation([1, 2, 3, 4])])
    other = np.concatenate([[4 if checks else 0], rng.permutation([1, 2, 3] + ([0] if checks else [4]))])
    a, b = inks[first], other[second]
    return np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([b, a], axis=1)])


def _lozenges(rng: np.random.Generator, step: int, tooth: int) -> Array:
    """Lozenges in lozenges with teeth along their sides."""
    n = 16 * step if step < 4 else 64
    y, x = np.abs(np.mgrid[:n, :n] - (n - 1) / 2)
    away = (np.floor(x / tooth) * tooth + np.floor(y / step) * step).astype(int) // step
    serrated = away + ((np.floor(x) // tooth) % 2).astype(int) * (away % 3 == 0)
    run = np.concatenate([rng.permutation([0, 1, 2, 3, 4]), [0], rng.permutation([1, 2, 3]), [4]])
    return np.asarray(run[serrated % len(run)])


def _niche(rng: np.random.Generator, name: str) -> Array:
    """Prayer niches side by side, a motif in each."""
    cells = np.zeros((64, 32), dtype=int) + 2
    x = np.abs(np.arange(32) - 15.5)
    for inset, ink in ((0, 1), (2, 0), (3, 4)):
        for row in range(4 + inset, 60 - inset):
            half = 13 - inset if row > 22 + inset else (row - 4 - inset) // 2 * 1.35
            cells[row, x < half] = ink
    motif = np.concatenate([[4], rng.permutation([1, 0, 2, 3])])[_mirrored(_KILIM[name])]
    cells[28:44, 8:24] = motif
    for row in range(14, 24):
        cells[row, x < (24 - row if row > 18 else row - 13) // 2] = 3
    cells[60:, :] = np.where(np.arange(32) // 2 % 2, 3, 1)
    return cells


# Each cintamani: columns in a swatch, repeat, inks of ball, moon and eye, how the stripes run (two, one, none, or a field of them),
# and how many balls.
_CINTAMANIS = (
    (2, "half-drop", (1, 0, 3), "two", 3),
    (4, "half-drop", (1, 4, 3), "two", 3),
    (2, "straight", (3, 0, 1), "two", 3),
    (1, "half-drop", (1, 0, 3), "two", 3),
    (4, "half-drop", (1, 3, 0), "none", 3),
    (2, "half-drop", (1, 4, 0), "tiger", 1),
    (2, "brick", (3, 4, 1), "none", 3),
    (4, "straight", (1, 0, 3), "one", 1),
    (1, "brick", (1, 2, 4), "none", 3),
    (2, "half-drop", (2, 0, 3), "cloud", 3),
)


def cintamani(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Three balls over a pair of tiger stripes, the mark of the sultans' caftans."""
    columns, repeat, eyes, lines, balls = _CINTAMANIS[variant]
    canvas = Canvas(size // columns // (1 + (repeat == "half-drop")), size // columns // (1 + (repeat == "brick")), repeat)
    wide, high = canvas.tile
    span = min(wide, high)
    ball, middle, top = span * (0.19 if balls == 3 else 0.24), wide / 2, high * (0.34 if lines != "none" else 0.5)
    places = [(middle, top - ball * 1.15), (middle - ball * 1.25, top + ball), (middle + ball * 1.25, top + ball)]
    canvas.stamp(motifs.crescent(*eyes), [(*place, ball, 0) for place in (places if balls == 3 else [(middle, top)])])
    t = np.linspace(-1, 1, 40)
    thick = np.sqrt(1 - t**2) * span * 0.11
    for row in range({"two": 2, "one": 1, "none": 0, "tiger": 2, "cloud": 2}[lines]):
        y = high * 0.72 + row * span * 0.24
        sway = (0.05, 0.09)[lines == "tiger"] * span * np.sin(2 * np.pi * t + (np.pi * row if lines == "tiger" else 0))
        wave = np.stack([middle + t * wide * (0.42 if lines != "cloud" else 0.3), y + sway], axis=1)
        canvas.paint([ribbon(wave, thick * (1.25 if lines == "tiger" else 1))], 2 if row == 0 else 1)
        if lines == "cloud":
            canvas.paint([circle(span * r, middle + s * wide * 0.3, y) for s, r in ((-1, 0.1), (1, 0.1))], 2)
    if lines == "none":
        canvas.stamp(motifs.daisy(6, 2, 3), [(0, high / 2 if repeat != "half-drop" else 0, span * 0.13, 0)])
    scale = {1: "large scale", 2: "medium scale", 4: "small scale"}[columns]
    return canvas.artwork(size, scale, "set motif", "multicolor")


_EIGHT = star(8, np.cos(np.pi / 4) / np.cos(np.pi / 8))
_TWELVE, _SIX = star(12, 0.72), star(6, 0.577)
_OCTAGON = np.asarray(polygon(8) @ np.array([[np.cos(np.pi / 8), np.sin(np.pi / 8)], [-np.sin(np.pi / 8), np.cos(np.pi / 8)]]))
_Layers = tuple[tuple[float, int], ...]
# Each tile: how many across a swatch, its outline, layers as (scale, ink), petals of its rosette and their ink, what lies at the corners.
_TILES: tuple[tuple[int, Array, _Layers, int, int, Motif], ...] = (
    (4, _EIGHT, ((1.0, 1), (0.9, 0), (0.84, 2), (0.6, 1)), 8, 3, [([polygon(4)], 2), (ring(petal(0.24, 1.2), 4, 0.65), 0)]),
    (2, _EIGHT, ((1.0, 1), (0.93, 4), (0.88, 0), (0.72, 2), (0.66, 0)), 8, 3, [([polygon(4)], 3), (ring(petal(0.24, 1.2), 4, 0.65), 0)]),
    (4, _EIGHT, ((1.0, 4), (0.88, 1), (0.62, 0)), 8, 3, [([polygon(4)], 2), (ring(petal(0.24, 1.2), 4, 0.65), 0)]),
    (8, _EIGHT, ((1.0, 1), (0.5, 0)), 0, 3, [([polygon(4)], 3)]),
    (2, _EIGHT, ((1.0, 2), (0.92, 0), (0.86, 1), (0.6, 0), (0.55, 3)), 8, 1, [([polygon(4)], 4), (ring(petal(0.24, 1.2), 4, 0.65), 0)]),
    (4, _OCTAGON, ((1.08, 1), (0.98, 0), (0.9, 2), (0.66, 0)), 6, 3, [([polygon(4, 1.5)], 1), ([polygon(4, 1.1)], 3), ([circle(0.4)], 0)]),
    (2, _TWELVE, ((1.0, 1), (0.93, 0), (0.82, 3), (0.74, 0), (0.52, 4)), 12, 2, [([star(8, 0.6)], 1), ([circle(0.4)], 3)]),
    (4, _TWELVE, ((1.02, 2), (0.8, 1), (0.46, 0)), 6, 3, [([star(4, 0.5)], 4)]),
    (4, circle(), ((1.0, 1), (0.92, 0), (0.84, 1), (0.5, 2)), 8, 0, [([star(4, 0.34) * 1.5], 2), ([star(4, 0.34) * 0.8], 3)]),
    (2, _OCTAGON, ((1.06, 4), (1.0, 0), (0.92, 1), (0.78, 0)), 8, 1, [([_EIGHT * 1.3], 1), ([_EIGHT], 3), ([circle(0.5)], 0)]),
    (8, _OCTAGON, ((1.04, 2), (0.78, 0)), 4, 1, [([polygon(4, 1.4)], 1)]),
    (2, _EIGHT, ((1.0, 3), (0.95, 0), (0.9, 1), (0.82, 0), (0.76, 1), (0.68, 0)), 16, 2, [([_EIGHT * 1.1], 2), ([_EIGHT * 0.6], 0)]),
    (4, polygon(4), ((1.0, 1), (0.9, 0), (0.82, 2), (0.55, 0)), 8, 1, [(ring(petal(0.3, 1.2), 8, 1.6), 3), ([circle(0.4)], 4)]),
    (
        2,
        circle(),
        ((1.0, 2), (0.95, 0), (0.88, 1), (0.56, 0), (0.5, 3)),
        12,
        0,
        [([star(8, 0.7) * 1.4], 1), ([star(8, 0.7)], 0), ([circle(0.45)], 3)],
    ),
)


def star_tiles(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Stars, octagons and medallions as on Seljuk tiles, a rosette in each."""
    parts, outline, layers, petals, ink, corner = _TILES[variant]
    canvas = Canvas(size // parts, size // parts)
    side = canvas.tile[0]
    center = (side / 2, side / 2)
    canvas.stamp(corner, [(0, 0, side * 0.2, 0)])
    for scale, layer in layers:
        canvas.paint([placed(outline, *center, scale * side * 0.5)], layer)
    if petals:
        canvas.paint(
            [placed(one, *center, side * 0.5 * (layers[-1][0] * 0.88)) for one in ring(petal(min(0.24, 1.9 / petals), 1.2), petals)], ink
        )
        canvas.stamp(botany.cherry(0, ink) if petals == 16 else [([circle(0.24)], 0)], [(*center, side * 0.24, 0)])
    return canvas.artwork(size, {2: "large scale", 4: "medium scale", 8: "small scale"}[parts], "tile", "multicolor")
