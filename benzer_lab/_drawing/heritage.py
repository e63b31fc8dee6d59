"""Ornaments of Anatolia and of the roads that led there."""

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, noise, pack, placed
from benzer_lab._drawing.florals import repeat_canvas, turned
from benzer_lab._drawing.outlines import circle, ogee, petal, polygon, ribbon, ring, star

# The upper left quarter of each motif, mirrored when woven; a digit is an ink.
_KILIM = {
    "ram's horn": ("00001111", "00010001", "00010101", "00010111", "00010000", "11111111", "01110000", "00111000"),
    "diamond": ("00000001", "00000013", "00000133", "00001332", "00013322", "00133220", "01332201", "13322011"),
    "hooked": ("01110001", "01010013", "00110133", "00011333", "11113322", "10133220", "10332204", "03322044"),
    "eye": ("22222222", "20000001", "20000011", "20000111", "20001131", "20011331", "20113331", "21133441"),
    "star": ("00000011", "00000111", "11111111", "01111113", "00111133", "00111333", "01113334", "11133344"),
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


def ikat(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Warp ikat: nested fields whose edges feather along the warp, because the yarn was dyed before it was woven."""
    parts = (1, 2, 2, 2, 1)[variant]
    side, unit = size // parts, size / 256
    canvas = Canvas(side, side) if variant == 2 else Canvas(side // 2, side, "half-drop")
    wide, high = canvas.tile
    slip = noise(rng, 1, wide, (1, 1.5)) * 3.2 * unit
    tremble = noise(rng, high, wide, (14, 2)) * 0.5 * unit
    dropped = [np.roll(tremble, side // 2 * column, axis=0) for column in range(side // wide)]
    x = (canvas.x + np.concatenate(dropped, axis=1)) / side
    y = (canvas.y + np.tile(slip, side // wide)) / side
    centers = [0.0] if canvas.repeat == "straight" else [0.0, 0.5]
    fields = []
    for center in centers:
        u, v = np.abs((x - center) % 1 - 0.5) * 2, np.abs((y - center) % 1 - 0.5) * 2
        shapes = (
            (u + v) / 2,
            np.maximum(u, v) * 0.3 + (u + v) * 0.3,
            np.hypot(u, v) / 1.8,
            (u**1.5 + v) / 2,
            (u + v) / 2 + 0.07 * np.cos(6 * np.pi * v),
        )
        fields.append(shapes[variant])
    field = np.minimum.reduce(fields)
    for edge, ink in ((0.46, 4), (0.42, 1), (0.33, 0), (0.29, 3), (0.2, 2), (0.11, 1), (0.05, 0)):
        canvas.cover(((edge - field) * side / 4 / unit + 0.5).clip(0, 1), ink)
    return canvas.artwork(size, "blurred edges", "small scale" if parts == 2 else "large scale", "multicolor")


def _mirrored(rows: tuple[str, ...]) -> Array:
    """Inks of a motif from its upper left quarter."""
    quarter = np.array([[int(ink) for ink in row] for row in rows])
    half = np.concatenate([quarter, quarter[::-1]])
    return np.concatenate([half, half[:, ::-1]], axis=1)


def kilim(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Bands of stepped motifs between borders, as slit tapestry builds them cell by cell."""
    motifs_wanted = (3, 1)[variant % 2]
    bands: list[Array] = []
    for i, name in enumerate(rng.permutation(sorted(_KILIM))[:3]):
        inks = np.concatenate([[(0, 4, 0)[i]], rng.permutation([1, 2, 3, 4])])
        motif = inks[_mirrored(_KILIM[str(name)])]
        border = np.array([[int(ink) for ink in row] for row in _BORDERS[(variant + i) % 3]])
        bands += [np.tile(motif, (1, 4))] * (i < motifs_wanted) + [np.tile(border, (1, 4))]
    cells = np.concatenate(bands)
    rows = len(cells)
    coverage = np.stack([np.kron(np.tile(cells == ink, (64 // rows, 1)), np.ones((size // 64, size // 64))) for ink in range(5)])
    scale = "large scale" if motifs_wanted == 3 else "medium scale"
    return Artwork(coverage.astype(np.float32), "straight", (size // 4, size * rows // 64), (scale, "bands", "stepped"))


def ogees(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Onion-shaped cells nested in each other, a palmette or a medallion in the middle."""
    parts = (4, 2, 8, 4, 4)[variant]
    canvas = Canvas(size // parts // 2, size // parts, "half-drop")
    wide, high = canvas.tile
    cell, center = ogee(2 * wide, high), (wide / 2, high / 2)
    nests = (
        ((0.96, 1), (0.86, 0), (0.8, 2), (0.62, 0), (0.56, 1)),
        ((0.97, 1), (0.92, 2), (0.8, 0), (0.76, 4), (0.73, 0)),
        ((0.9, 1), (0.6, 0), (0.45, 3)),
        ((0.94, 2), (0.7, 1), (0.5, 0), (0.44, 3)),
        ((0.97, 4), (0.92, 1), (0.7, 0), (0.64, 2)),
    )
    for scale, ink in nests[variant]:
        canvas.paint([placed(cell, *center, scale)], ink)
    if parts < 8:
        heart = (motifs.daisy(8, 3, 0), motifs.peony(), motifs.daisy(), motifs.daisy(6, 1, 3), motifs.daisy(10, 3, 1))[variant]
        canvas.stamp(heart, [(*center, 0.17 * high, 0)])
    return canvas.artwork(size, ("small scale", "medium scale", "large scale")[(8, 4, 2).index(parts)], "multicolor")


def paisley(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Paisley drops with a bent tip, in rows that face each other or tossed over a ground of small flowers."""
    unit = size / 256
    if variant % 2 == 0:
        parts = (2, 1, 4)[variant // 2]
        canvas = Canvas(size // 2 // parts, size // parts, "half-drop")
        wide, high = canvas.tile
        radius = 0.56 * wide
        canvas.stamp(motifs.buta(), [(wide * 0.5, high * 0.28, radius, 0.25)])
        canvas.stamp(motifs.buta(1, 3, 2, 4), [(wide * 0.5, high * 0.76, radius * 0.85, np.pi - 0.3)])
        canvas.stamp(motifs.daisy(6, 3, 1), [(0, high * y, 0.07 * high, 0) for y in (0.02, 0.52)])
        return canvas.artwork(size, "set motif", "small scale" if parts > 1 else "large scale", "multicolor")
    canvas = repeat_canvas(size, variant)
    drops = pack(rng, canvas, np.repeat([46, 36, 27, 20], [3, 4, 6, 8]) * unit, -3 * unit)
    for i, drop in enumerate(turned(rng, drops)):
        canvas.stamp(motifs.buta(*((1, 2, 3, 4), (1, 3, 2, 4))[i % 2]), [drop])
    flowers = pack(rng, canvas, np.repeat([8, 5], [14, 30]) * unit, 2 * unit, [(x, y, r * 0.9) for x, y, r in drops])
    canvas.stamp(motifs.daisy(6, 3, 1), turned(rng, flowers))
    return canvas.artwork(size, "tossed", "large scale", "multicolor")


def cintamani(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Three balls over a pair of tiger stripes, the mark of the sultans' caftans."""
    parts = (2, 4, 2, 1, 4)[variant]
    canvas = Canvas(size // 2 // parts, size // parts, "half-drop") if variant != 2 else Canvas(size // 2, size // 2)
    wide, high = canvas.tile
    ball = 0.19 * wide if wide < high else 0.13 * wide
    middle, top = wide / 2, high * 0.3
    balls = [(middle, top - ball * 1.15), (middle - ball * 1.25, top + ball), (middle + ball * 1.25, top + ball)]
    eyes = ((1, 0, 3), (1, 4, 3), (3, 0, 1), (1, 0, 3), (1, 3, 0))[variant]
    canvas.stamp(motifs.crescent(*eyes), [(*spot, ball, 0) for spot in balls])
    t = np.linspace(-1, 1, 40)
    for row in (0, 1):
        wave = np.stack([middle + t * wide * 0.42, high * (0.68 + 0.13 * row) + high * 0.035 * np.sin(2 * np.pi * t)], axis=1)
        canvas.paint([ribbon(wave, high * 0.075 * np.sqrt(1 - t**2))], (2, 1)[(row + variant) % 2] if variant else 2)
    return canvas.artwork(size, ("large scale", "medium scale", "small scale")[(1, 2, 4).index(parts)], "set motif", "multicolor")


def star_tiles(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Stars and crosses as on Seljuk tiles, a rosette in each star."""
    parts = (4, 2, 4, 8, 2)[variant]
    canvas = Canvas(size // parts, size // parts)
    side = canvas.tile[0]
    center = (side / 2, side / 2)
    eight = star(8, np.cos(np.pi / 4) / np.cos(np.pi / 8))
    layers = (
        ((1.0, 1), (0.9, 0), (0.84, 2), (0.6, 1)),
        ((1.0, 1), (0.93, 4), (0.88, 0), (0.72, 2), (0.66, 0)),
        ((1.0, 4), (0.88, 1), (0.62, 0)),
        ((1.0, 1), (0.5, 0)),
        ((1.0, 2), (0.92, 0), (0.86, 1), (0.6, 0), (0.55, 3)),
    )
    for scale, ink in layers[variant]:
        canvas.paint([placed(eight, *center, scale * side * 0.5)], ink)
    if parts < 8:
        canvas.paint(_rosette(center, side * 0.27, 8), 3 if variant != 4 else 1)
        canvas.paint([placed(circle(), *center, side * 0.06)], 0)
    canvas.paint([polygon(4, side * 0.2)], (2, 3, 2, 3, 4)[variant])
    canvas.paint(_rosette((0, 0), side * 0.13, 4), 0)
    return canvas.artwork(size, ("large scale", "medium scale", "small scale")[(2, 4, 8).index(parts)], "tile", "multicolor")


def _rosette(center: tuple[float, float], radius: float, petals: int) -> list[Array]:
    """Petals around a center."""
    return [placed(outline, *center, radius) for outline in ring(petal(0.24, 1.2), petals)]
