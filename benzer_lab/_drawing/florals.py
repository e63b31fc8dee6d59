"""Printed flowers: ditsies, bouquets, meadows and Ottoman tulips."""

from collections.abc import Sequence

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, Place, pack, placed, put
from benzer_lab._drawing.outlines import circle, ogee, petal, ribbon

Turned = tuple[float, float, float, float]


def repeat_canvas(size: int, repeat: str) -> Canvas:
    """Canvas whose repeat, straight or shifted, fills the whole image."""
    return Canvas(size // (1 + (repeat == "half-drop")), size // (1 + (repeat == "brick")), repeat)


def set_canvas(size: int, rows: int, repeat: str) -> Canvas:
    """Canvas of one place in a grid of `rows` rows (columns in a brick), half of them moved unless the repeat is straight."""
    return Canvas(size // rows // (1 + (repeat == "half-drop")), size // rows // (1 + (repeat == "brick")), repeat)


def turned(rng: np.random.Generator, places: list[Place]) -> list[Turned]:
    """Give each place an angle at random."""
    return [(*place, angle) for place, angle in zip(places, rng.uniform(0, 2 * np.pi, len(places)), strict=True)]


def _rosette(rng: np.random.Generator, place: Place, n: int, length: float) -> list[Array]:
    """Leaves that look out from under a flower."""
    angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.normal(0, 0.15, n)
    return [placed(petal(0.2, 0.9, 1.0, 0.1), *place[:2], place[2] * length, angle) for angle in angles]


# Each ditsy: repeat, scale, radii of its flowers, leaves under a flower, seeds strewn, and its flowers.
_DITSIES: tuple[tuple[str, float, tuple[float, ...], int, int, tuple[Motif, ...]], ...] = (
    ("straight", 1.0, (13, 10, 7), 3, 60, (motifs.daisy(5, 1, 0, 0.36), motifs.daisy(6, 3, 4, 0.3), motifs.daisy(8, 1, 0, 0.2))),
    ("half-drop", 0.62, (12, 9), 2, 40, (motifs.daisy(10, 1, 3, 0.16), motifs.daisy(8, 1, 3, 0.2))),
    ("brick", 1.0, (15, 11, 8), 3, 50, (botany.cherry(1), botany.cherry(3, 1), motifs.daisy(5, 2, 4, 0.34))),
    ("straight", 0.85, (11, 8), 0, 120, (motifs.anemone(1), motifs.anemone(3, 4), motifs.daisy(5, 2, 0, 0.36))),
    ("half-drop", 1.1, (12, 8), 5, 0, (motifs.rose(1, 4, 3), motifs.rose(3, 4, 1))),
    ("brick", 0.75, (16, 11), 0, 30, (motifs.sprig(3, 2, 3, 0.26), motifs.daisy(6, 1, 3, 0.28), motifs.sprig(4, 4, 1, 0.2))),
    ("straight", 1.0, (14, 12), 2, 30, (motifs.poppy(1), motifs.poppy(3), motifs.daisy(9, 2, 3, 0.18))),
    ("half-drop", 0.5, (11, 11, 9), 0, 80, (motifs.daisy(5, 1, 3, 0.38), motifs.daisy(5, 3, 1, 0.38), motifs.daisy(5, 2, 0, 0.38))),
    ("straight", 1.15, (17, 13, 9), 0, 60, (botany.bluebell(1), botany.bluebell(3), motifs.daisy(5, 2, 0, 0.34))),
    ("brick", 1.05, (13, 9, 6), 4, 20, (botany.cosmos(1), botany.cosmos(3, 1), botany.cosmos(2, 3))),
    ("half-drop", 1.1, (15, 11, 8), 0, 60, (botany.mimosa(3), botany.mimosa(1), motifs.daisy(5, 1, 3, 0.36))),
    ("straight", 0.7, (15, 10), 3, 90, (motifs.tulip(1), motifs.daisy(6, 3, 4, 0.3), motifs.tulip(3, 1))),
    ("brick", 0.95, (16, 12), 2, 0, (botany.hibiscus(1), botany.hibiscus(3, 4, 1))),
    ("half-drop", 0.85, (18, 12, 9), 0, 50, (botany.thistle(1), motifs.umbel(3), motifs.daisy(8, 1, 3, 0.2))),
    ("straight", 0.55, (10, 7, 5), 2, 160, (motifs.daisy(4, 1, 3, 0.42), motifs.daisy(6, 1, 0, 0.3), motifs.daisy(5, 3, 0, 0.36))),
    ("brick", 0.8, (14, 9), 3, 40, (botany.camellia(1), motifs.daisy(7, 2, 3, 0.24), botany.cherry(3, 1))),
)


def ditsy(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Tiny tossed flowers with leaves and seeds between them, dense as on lawn cotton."""
    repeat, scale, radii, leaves, seeds, kinds = _DITSIES[variant]
    canvas, unit = repeat_canvas(size // (1 + (scale < 0.65)), repeat), size / 256 * scale
    room = canvas.tile[0] * canvas.tile[1] / unit**2
    numbers = [int(room * 0.16 / radius**2) + 4 for radius in radii]
    flowers = pack(rng, canvas, np.repeat(radii, numbers) * unit, 3.5 * unit)
    canvas.paint([leaf for flower in flowers for leaf in (_rosette(rng, flower, leaves, 1.6) if leaves else ())], 2)
    for kind, motif in enumerate(kinds):
        canvas.stamp(motif, turned(rng, flowers[kind :: len(kinds)]))
    strewn = pack(rng, canvas, [1.7 * unit] * seeds, 3 * unit, [(x, y, radius * 1.2) for x, y, radius in flowers])
    canvas.paint([placed(circle(), *seed) for seed in strewn], 3)
    return canvas.artwork(size, "tossed", "ditsy", "small scale" if scale < 0.8 else "medium scale", "multicolor")


_Bouquet = tuple[str, tuple[float, ...], Sequence[Motif], Sequence[Motif], Motif, float]
# Each bouquet: repeat, radii of its large flowers, these, the small ones, the leaves under them, and how far the leaves look out.
_BOUQUETS: tuple[_Bouquet, ...] = (
    ("straight", (46, 41, 36, 33, 31), [motifs.peony()], [motifs.anemone(3, 4)], motifs.leaf(), 1.6),
    ("half-drop", (46, 41, 36, 33), [motifs.rose()], [motifs.daisy(11, 3, 1)], motifs.leaf(), 1.6),
    ("brick", (44, 41, 36, 33), [motifs.anemone()], [motifs.rose(3, 4, 1)], motifs.leaf(2, 4, 0.26), 1.7),
    ("straight", (50, 44, 40, 33, 28), [motifs.poppy()], [motifs.daisy(8, 3, 4)], motifs.fern(2), 1.5),
    ("half-drop", (46, 40, 34, 30), [botany.hibiscus()], [botany.cherry(3, 1)], botany.monstera(2, 4), 1.35),
    ("brick", (44, 38, 34, 28), [botany.camellia()], [motifs.daisy(6, 3, 1)], motifs.leaf(2, 4, 0.4), 1.5),
    ("straight", (38, 34, 30, 28, 26, 24), [botany.cosmos(), botany.cosmos(3, 1)], [motifs.umbel(2, 4)], botany.willow(2, 4), 1.6),
    ("half-drop", (48, 42, 34), [botany.magnolia()], [botany.cherry(1)], botany.willow(4, 2), 1.3),
    ("straight", (56, 50, 44), [motifs.peony(3, 1), motifs.peony()], [motifs.rose(1, 4, 3)], motifs.leaf(4, 2, 0.3), 1.5),
    ("brick", (40, 36, 30, 26), [motifs.rose(), motifs.rose(3, 4, 2)], [motifs.daisy(5, 2, 3, 0.34)], botany.eucalyptus(2, 4), 1.6),
    ("half-drop", (42, 38, 32, 28), [botany.pomegranate()], [botany.cherry(3, 1)], motifs.leaf(2, 4, 0.24), 1.6),
    ("straight", (42, 38, 34, 30, 26), [motifs.anemone(), motifs.anemone(3, 4), botany.camellia()], [botany.mimosa()], motifs.fern(2), 1.5),
    ("brick", (46, 42, 36, 30), [botany.hibiscus(3, 4, 1), botany.hibiscus(1, 4, 3)], [motifs.daisy(7, 3, 1)], botany.palm(2, 4), 1.5),
    ("half-drop", (34, 32, 28, 26, 24, 22), [botany.cherry()], [botany.cherry(3, 1)], botany.willow(2, 4), 1.5),
    ("straight", (48, 40, 32, 28), [botany.cosmos(1, 3), motifs.poppy(3)], [motifs.anemone(2, 4)], botany.olive(2, 4), 1.5),
    ("half-drop", (50, 44, 38), [botany.camellia(3, 1, 4), motifs.peony()], [botany.cherry(1)], botany.plane_leaf(2, 4), 1.25),
    ("brick", (52, 44, 36, 30), [motifs.peony(1, 3, 4), motifs.anemone(3, 4)], [motifs.daisy(9, 1, 3)], botany.ivy(2, 4), 1.35),
    (
        "straight",
        (40, 36, 30, 28, 26),
        [motifs.daisy(13, 1, 3, 0.16), motifs.daisy(9, 3, 1, 0.22)],
        [botany.cosmos(1)],
        botany.oak_leaf(2, 4),
        1.3,
    ),
)


def bouquet(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Large open flowers over a bed of leaves, smaller ones and berries filling the ground."""
    repeat, radii, heroes, fillers, leaf, reach = _BOUQUETS[variant]
    canvas, unit = repeat_canvas(size, repeat), size / 256
    large = pack(rng, canvas, np.array(radii) * unit, 8 * unit)
    small = pack(rng, canvas, np.array([17] * 8 + [12] * 8) * unit, 3 * unit, large)
    from_base = leaf[0][0][0][:, 1].max() < 0.1  # a leaf drawn from its base grows from the flower's heart, another lies half under it
    for x, y, radius in large:
        for angle in rng.uniform(0, 6) + np.arange(5) * 1.257:
            shift = 0.0 if from_base else radius * (reach - 0.75)
            length = radius * (reach if from_base else 0.75)
            canvas.stamp(leaf, [(x + np.sin(angle) * shift, y - np.cos(angle) * shift, length, angle)])
    canvas.paint([one for place in small for one in _rosette(rng, place, 5, 1.55)], 2)
    for i, place in enumerate(large):
        canvas.stamp(heroes[i % len(heroes)], [(*place, rng.uniform(-0.5, 0.5))])
    for i, spot in enumerate(turned(rng, small)):
        canvas.stamp(fillers[i % len(fillers)], [spot])
    berries = pack(rng, canvas, [2.6 * unit] * 40, 4 * unit, [(x, y, radius * 1.25) for x, y, radius in large + small])
    canvas.paint([placed(circle(), *berry) for berry in berries], 3)
    return canvas.artwork(size, "large scale", "multicolor", "all-over")


_Meadow = tuple[str, tuple[float, float], float, float, tuple[Motif, ...]]
# Each meadow: repeat, how high its stems are, how far apart, radius of the heads, and these.
_MEADOWS: tuple[_Meadow, ...] = (
    ("straight", (55, 85), 19, 16, (motifs.daisy(9, 1, 3), motifs.umbel(3), motifs.umbel(1))),
    ("half-drop", (55, 85), 19, 17, (motifs.poppy(1), motifs.umbel(1), motifs.anemone(3, 4))),
    ("straight", (40, 60), 14, 11, (motifs.daisy(7, 3, 4), motifs.daisy(9, 1, 3), motifs.daisy(5, 4, 0, 0.36))),
    ("half-drop", (60, 95), 22, 20, (motifs.umbel(1), motifs.umbel(3), motifs.umbel(4))),
    ("straight", (50, 80), 20, 18, (botany.cosmos(1), botany.cosmos(3, 1), motifs.daisy(7, 1, 3))),
    ("half-drop", (50, 90), 18, 18, (botany.thistle(1), botany.thistle(3), motifs.umbel(1))),
    ("straight", (35, 50), 17, 24, (botany.bluebell(1), botany.bluebell(3), botany.bluebell(1))),
    ("half-drop", (60, 90), 24, 22, (motifs.poppy(3), motifs.poppy(1), motifs.poppy(3))),
    ("straight", (60, 85), 22, 19, (motifs.tulip(1), motifs.carnation(3, 1), motifs.tulip(3, 1))),
    ("half-drop", (45, 70), 16, 15, (motifs.anemone(1), motifs.daisy(11, 3, 1), motifs.umbel(3))),
    ("straight", (70, 110), 26, 24, (motifs.fern(2), motifs.poppy(1), motifs.fern(4))),
    ("half-drop", (50, 75), 17, 19, (botany.mimosa(3), botany.mimosa(1), motifs.daisy(8, 1, 3))),
    ("straight", (60, 95), 25, 22, (botany.magnolia(1), botany.magnolia(1), botany.bluebell(3))),
    ("half-drop", (30, 46), 12, 9, (motifs.daisy(6, 1, 3), motifs.umbel(1), motifs.daisy(6, 3, 1))),
)


def meadow(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Wild flowers growing side by side on thin stems."""
    repeat, heights, apart, radius, heads = _MEADOWS[variant]
    canvas, unit = repeat_canvas(size, repeat), size / 256
    roots = sorted(pack(rng, canvas, [apart * unit] * 90, 0), key=lambda root: root[1])
    for i, (x, y, _) in enumerate(roots):
        height, lean = rng.uniform(*heights) * unit, rng.uniform(-0.18, 0.18) * heights[1] * unit
        t = np.linspace(0, 1, 12)
        stem = np.stack([x + lean * t**2, y + (0.55 - t) * height], axis=1)
        blades = [
            placed(petal(0.11, 0.8, 1.0, 0.3 * side), stem[j, 0], stem[j, 1], height * 0.42, side * 0.5)
            for j, side in enumerate((-1, 1, -1, 1), start=1)
        ]
        canvas.paint([ribbon(stem, np.linspace(2.4, 1.4, 12) * unit * (apart / 19)), *blades[: 2 + i % 3]], 4 if i % 3 == 2 else 2)
        canvas.stamp(heads[i % 3], [(*stem[-1], rng.uniform(0.8, 1.15) * radius * unit, lean / height * 2)])
    return canvas.artwork(size, "wild flowers", "small scale" if apart < 15 else "medium scale", "multicolor")


# Each Ottoman design: flower, columns in a swatch, how it is framed, height of the flower in a tile, the flower between.
_TULIPS: tuple[tuple[Motif, int, str, float, Motif], ...] = (
    (motifs.tulip(), 2, "ogee", 0.33, motifs.daisy(6, 3, 1)),
    (motifs.carnation(), 2, "ogee", 0.33, motifs.daisy(6, 3, 1)),
    (motifs.tulip(3, 1), 2, "", 0.44, motifs.daisy(6, 3, 1)),
    (motifs.carnation(3, 1), 2, "waves", 0.34, motifs.tulip(1, 3)),
    (motifs.tulip(1, 2), 4, "", 0.42, motifs.daisy(5, 3, 1, 0.34)),
    (motifs.rose(1, 4, 3), 2, "ogee", 0.24, motifs.tulip(3, 1)),
    (botany.pomegranate(), 2, "ogee", 0.3, motifs.daisy(8, 3, 1)),
    (motifs.carnation(1, 2), 4, "waves", 0.36, motifs.daisy(6, 3, 1)),
    (motifs.tulip(1, 3), 1, "fan", 0.4, motifs.carnation(3, 1)),
    (botany.bluebell(1, 2, 3), 2, "waves", 0.36, motifs.daisy(8, 3, 1)),
    (botany.pomegranate(3, 1), 2, "", 0.38, motifs.tulip(1, 3)),
    (motifs.tulip(3, 4), 2, "frames", 0.34, motifs.carnation(1, 3)),
    (motifs.carnation(1, 3), 1, "fan", 0.4, botany.pomegranate(3, 1)),
    (botany.cherry(1), 2, "waves", 0.2, botany.cherry(3, 1)),
)


def tulips(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Ottoman tulips, carnations and pomegranates in a half-drop: in pointed fields, between wavy stems, in fans, or free."""
    flower, columns, frame, height, other = _TULIPS[variant]
    canvas = Canvas(size // columns // 2, size // columns, "half-drop")
    wide, high = canvas.tile
    center = (wide / 2, high / 2)
    if frame in ("ogee", "frames"):
        field = ogee(2 * wide, high) * ((0.9, 0.9) if frame == "frames" else (1, 1))
        for scale, ink in ((1.0, 2), (0.94, 0), (0.9, 4), (0.88, 0)) if frame == "ogee" else ((0.98, 1), (0.93, 4), (0.88, 10)):
            canvas.paint([placed(field, *center, scale)], ink)
    elif frame == "waves":
        t = np.linspace(-0.05, 1.05, 60)
        for side in (-1, 1):
            wave = np.stack([wide * (0.5 + side * (0.32 + 0.2 * np.cos(2 * np.pi * t))), t * high], axis=1)
            canvas.paint([ribbon(wave, wide * 0.035)], 2)
            canvas.paint(
                [put(petal(0.24, 0.9, 1.0, 0.2 * side), wave[i], wide * 0.24, side * 0.9 + np.pi * (i % 2)) for i in range(6, 54, 8)], 2
            )
    if frame == "fan":
        for angle, scale in ((-0.95, 0.8), (0.95, 0.8), (-0.48, 0.92), (0.48, 0.92), (0.0, 1.0)):
            one = flower if angle else other
            reach = height * high * 0.5
            canvas.stamp(
                one, [(center[0] + np.sin(angle) * reach, high * 0.66 - np.cos(angle) * reach * scale, 0.24 * high * scale, angle)]
            )
        canvas.stamp(motifs.daisy(6, 3, 1), [(center[0], high * 0.7, high * 0.05, 0)])
        return canvas.artwork(size, "large scale", "multicolor", "set motif", "fan")
    canvas.stamp(flower, [(*center, height * high, 0)])
    small = 0.06 if len(other[0][0]) > 4 else 0.13
    canvas.stamp(other, [(0, high * y, small * high, 0) for y in (0.25, 0.75)])
    return canvas.artwork(size, "medium scale" if columns == 2 else "small scale", "multicolor", "set motif", frame or "free")
