"""Printed flowers and leaves."""

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, Place, pack, placed
from benzer_lab._drawing.outlines import circle, ogee, petal, ribbon

_REPEATS = ("straight", "half-drop", "brick")
Turned = tuple[float, float, float, float]


def repeat_canvas(size: int, variant: int) -> Canvas:
    """Canvas whose repeat, straight or shifted, fills the whole image."""
    repeat = _REPEATS[variant % 3]
    return Canvas(size // (1 + (repeat == "half-drop")), size // (1 + (repeat == "brick")), repeat)


def turned(rng: np.random.Generator, places: list[Place]) -> list[Turned]:
    """Give each place an angle at random."""
    return [(*place, angle) for place, angle in zip(places, rng.uniform(0, 2 * np.pi, len(places)), strict=True)]


def _rosette(rng: np.random.Generator, place: Place, n: int, length: float) -> list[Array]:
    """Leaves that look out from under a flower."""
    angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.normal(0, 0.15, n)
    return [placed(petal(0.2, 0.9, 1.0, 0.1), *place[:2], place[2] * length, angle) for angle in angles]


def ditsy(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Tiny tossed flowers of three kinds with leaves between them, dense as on lawn cotton."""
    canvas, unit = repeat_canvas(size, variant), size / 256
    first, second, third = ((1, 3, 1), (3, 1, 1), (1, 2, 3), (1, 1, 3), (3, 1, 2))[variant]
    kinds: list[Motif] = [motifs.daisy(5, first, 0, 0.36), motifs.daisy(6, second, 4, 0.3), motifs.daisy(8, third, 0, 0.2)]
    scale = unit * (1.0, 0.75, 1.25, 0.85, 1.1)[variant]
    flowers = pack(rng, canvas, np.repeat([13, 10, 7], [14, 26, 40]) * scale, 4 * scale)
    canvas.paint([leaf for flower in flowers for leaf in _rosette(rng, flower, 3, 1.6)], 2)
    for kind, motif in enumerate(kinds):
        canvas.stamp(motif, turned(rng, flowers[kind::3]))
    seeds = pack(rng, canvas, [1.7 * scale] * 60, 3 * scale, [(x, y, radius * 1.2) for x, y, radius in flowers])
    canvas.paint([placed(circle(), *seed) for seed in seeds], 3)
    return canvas.artwork(size, "tossed", "small scale", "multicolor")


def bouquet(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Large open flowers over a bed of leaves, smaller ones and berries filling the ground."""
    canvas, unit = repeat_canvas(size, variant), size / 256
    heroes: list[Motif] = [motifs.peony(), motifs.rose(), motifs.anemone(), motifs.poppy(), motifs.anemone(3)]
    fillers: list[Motif] = [motifs.anemone(3, 4), motifs.daisy(11, 3, 1), motifs.rose(3, 4, 1), motifs.daisy(8, 3, 4), motifs.anemone(1, 4)]
    large = pack(rng, canvas, np.array([46, 41, 36, 33, 31]) * unit, 9 * unit)
    small = pack(rng, canvas, np.array([17] * 8 + [12] * 8) * unit, 3 * unit, large)
    for place in large:
        canvas.stamp(motifs.leaf(), [(*place[:2], place[2] * 1.6, angle) for angle in rng.uniform(0, 6) + np.arange(5) * 1.257])
    canvas.paint([leaf for place in small for leaf in _rosette(rng, place, 5, 1.55)], 2)
    for i, spot in enumerate(turned(rng, large)):
        canvas.stamp(heroes[4 if variant == 4 and i % 2 else variant % 4], [spot])
    canvas.stamp(fillers[variant], turned(rng, small))
    berries = pack(rng, canvas, [2.6 * unit] * 40, 4 * unit, [(x, y, radius * 1.25) for x, y, radius in large + small])
    canvas.paint([placed(circle(), *berry) for berry in berries], 3)
    return canvas.artwork(size, "large scale", "multicolor", "all-over")


def meadow(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Wild flowers growing side by side on thin stems."""
    canvas, unit = repeat_canvas(size, variant % 2), size / 256
    heads: list[Motif] = [
        motifs.daisy(9, 1, 3),
        motifs.umbel(3),
        motifs.poppy(1),
        motifs.umbel(1),
        motifs.daisy(7, 3, 4),
        motifs.anemone(3, 4),
    ]
    chosen = [heads[(variant + i) % 6] for i in (0, 1, 3)]
    roots = sorted(pack(rng, canvas, [19 * unit] * 40, 0), key=lambda root: root[1])
    for i, (x, y, _) in enumerate(roots):
        height, lean = rng.uniform(55, 85) * unit, rng.uniform(-14, 14) * unit
        t = np.linspace(0, 1, 12)
        stem = np.stack([x + lean * t**2, y + (0.55 - t) * height], axis=1)
        blades = [
            placed(petal(0.11, 0.8, 1.0, 0.3 * side), stem[j, 0], stem[j, 1], height * 0.42, side * 0.5)
            for j, side in enumerate((-1, 1, -1, 1), start=1)
        ]
        canvas.paint([ribbon(stem, np.linspace(2.4, 1.4, 12) * unit), *blades[: 2 + i % 3]], 4 if i % 3 == 2 else 2)
        canvas.stamp(chosen[i % 3], [(*stem[-1], rng.uniform(13, 19) * unit, lean / height * 2)])
    return canvas.artwork(size, "wild flowers", "medium scale", "multicolor")


def tulips(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Ottoman tulips or carnations in a half-drop, some in pointed fields."""
    canvas = Canvas(size // 4, size // 2, "half-drop")
    wide, high = canvas.tile
    flowers: list[Motif] = [motifs.tulip(), motifs.carnation(), motifs.tulip(3, 1), motifs.carnation(3, 1), motifs.tulip(1, 2)]
    center, field = (wide / 2, high / 2), ogee(2 * wide, high)
    framed = variant in (0, 1, 3)
    for scale, ink in ((1.0, 2), (0.94, 0), (0.9, 4), (0.88, 0)) if framed else ():
        canvas.paint([placed(field, *center, scale)], ink)
    canvas.stamp(flowers[variant], [(*center, (0.33 if framed else 0.44) * high, 0)])
    canvas.stamp(motifs.daisy(6, 3, 1), [(0, high * y, 0.06 * high, 0) for y in (0.25, 0.75)])
    return canvas.artwork(size, "medium scale", "multicolor", "set motif")


def leaves(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Leaves: tossed broad ones, climbing branches, ferns, olive sprigs, or sprigs in rows."""
    unit = size / 256
    if variant == 1:
        return _branches(rng, size)
    if variant == 4:
        canvas = Canvas(size // 8, size // 4, "half-drop")
        canvas.stamp(motifs.sprig(4, 1, 3), [(canvas.tile[0] / 2, canvas.tile[1] / 2, canvas.tile[1] * 0.46, 0)])
        return canvas.artwork(size, "set motif", "small scale", "multicolor")
    canvas = repeat_canvas(size, variant)
    kinds: tuple[list[Motif], list[Motif], list[Motif]] = (
        [motifs.leaf(1, 0, 0.4), motifs.leaf(2, 4), motifs.leaf(4, 2, 0.3, -0.1)],
        [motifs.fern(1), motifs.fern(2), motifs.fern(4)],
        [motifs.sprig(4, 1, 3, 0.19), motifs.sprig(5, 2, None, 0.17), motifs.sprig(3, 4, 3, 0.22)],
    )
    places = pack(rng, canvas, np.repeat([30, 24, 18, 13, 10], [10, 20, 30, 40, 30]) * unit, -5 * unit)
    for kind, motif in enumerate(kinds[(0, 0, 1, 2)[variant]]):
        spots = turned(rng, places[kind::3])
        if variant == 0:
            spots = [(x - np.sin(a) * r * 0.9, y + np.cos(a) * r * 0.9, r * 1.8, a) for x, y, r, a in spots]
        canvas.stamp(motif, spots)
    return canvas.artwork(size, "tossed", "large scale", "multicolor")


def _branches(rng: np.random.Generator, size: int) -> Artwork:
    """Winding branches that climb through the repeat, leaves to both sides."""
    canvas = Canvas(size // 4, size, "half-drop")
    t = np.linspace(0, 1, 97)
    swing = rng.uniform(0.1, 0.2) * canvas.tile[0]
    stem = np.stack([canvas.tile[0] / 2 + swing * np.sin(4 * np.pi * t), size * (1 - t)], axis=1)
    canvas.paint([ribbon(np.concatenate([stem, stem[1:2] - (0, size)]), size / 110)], 4)
    for side, ink in ((-1, 1), (1, 2)):
        spots = [(*stem[i], size * 0.115, side * 0.95 + 0.5 * np.cos(4 * np.pi * t[i])) for i in range(2 + 3 * side, 96, 8)]
        canvas.stamp(motifs.leaf(ink, 0 if ink == 1 else 4, 0.3, side * 0.14), spots)
    canvas.paint([circle(size / 70, *(stem[i] + (side * size / 22, 0))) for i, side in zip(range(8, 96, 16), [1, -1] * 3, strict=True)], 3)
    return canvas.artwork(size, "trailing", "medium scale", "multicolor")
