"""Printed leaves: tossed, in rows, climbing, or growing through the whole cloth."""

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Artwork, Canvas, Motif, pack
from benzer_lab._drawing.florals import repeat_canvas, set_canvas, turned
from benzer_lab._drawing.outlines import circle, ribbon

_Leaves = tuple[str, tuple[float, ...], float, bool, tuple[Motif, ...]]
# Each tossed design: repeat, radii, gap between (below 0 they overlap), whether all look up, and its leaves.
_TOSSED: tuple[_Leaves, ...] = (
    ("straight", (30, 24, 18, 12), 0, False, (botany.plane_leaf(1, 0), botany.plane_leaf(2, 4), botany.plane_leaf(3, 4))),
    ("brick", (34, 26, 20, 14), -5, False, (motifs.fern(1), motifs.fern(2), motifs.fern(4))),
    ("straight", (30, 24, 18, 13), -9, False, (botany.olive(2, 4), botany.olive(1, 3), botany.olive(2, 1))),
    ("half-drop", (50, 42, 34, 26), -9, False, (botany.monstera(2, 4), botany.monstera(1, 0), botany.palm(4, 2))),
    ("straight", (28, 22, 16), 1, False, (botany.ginkgo(3), botany.ginkgo(1), botany.ginkgo(2))),
    ("brick", (46, 38, 30, 24), -8, False, (botany.palm(1, 2), botany.palm(2, 4), botany.palm(4, 2))),
    ("half-drop", (32, 26, 20, 14), -6, False, (botany.oak_leaf(1, 0), botany.oak_leaf(2, 4), botany.oak_leaf(3, 1))),
    ("straight", (36, 28, 22, 16), -8, False, (botany.eucalyptus(2, 4), botany.eucalyptus(1, 2), botany.eucalyptus(4, 2))),
    ("brick", (38, 30, 24, 17), -12, True, (botany.willow(1, 4), botany.willow(2, 4), botany.willow(4, 2))),
    ("half-drop", (24, 18, 13), 2, False, (botany.ivy(1, 0), botany.ivy(2, 4), botany.ivy(4, 2))),
)


def leaves(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Leaves of known trees: tossed, set in rows, on winding branches, or in a thicket."""
    unit = size / 256
    if variant < len(_TOSSED):
        repeat, radii, gap, upright, kinds = _TOSSED[variant]
        canvas = repeat_canvas(size, repeat)
        numbers = [int(0.5 * canvas.tile[0] * canvas.tile[1] / (radius * unit) ** 2) + 4 for radius in radii]
        places = pack(rng, canvas, np.repeat(radii, numbers) * unit, gap * unit)
        spots = [(x, y, r, a % 0.7 - 0.35 if upright else a) for x, y, r, a in turned(rng, places)]
        for i in rng.permutation(len(spots)):
            canvas.stamp(kinds[i % len(kinds)], [spots[i]])
        return canvas.artwork(size, "tossed", "large scale" if radii[0] > 33 else "medium scale", "multicolor")
    rules = (_branches, _sprigs, _stripe, _alternating, _broad, _wreaths, _canopy, _vines)
    return rules[variant - len(_TOSSED)](rng, size)


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


def _sprigs(rng: np.random.Generator, size: int) -> Artwork:
    """Sprigs with berries in rows."""
    canvas = set_canvas(size, 4, "half-drop")
    wide, high = canvas.tile
    canvas.stamp(motifs.sprig(4, 1, 3), [(wide / 2, high / 2, high * 0.46, 0)])
    return canvas.artwork(size, "set motif", "small scale", "multicolor")


def _stripe(rng: np.random.Generator, size: int) -> Artwork:
    """Garlands of laurel that run down the cloth between fine lines."""
    canvas, step = Canvas(size // 4, size // 4), size / 4
    canvas.paint([ribbon(np.array([[x * step, 0.0], [x * step, step]]), step * w) for x, w in ((0.0, 0.05),)], 3)
    canvas.paint([ribbon(np.array([[step / 2, 0.0], [step / 2, step]]), step * 0.02)], 4)
    for i in range(4):
        for side, ink in ((-1, 1), (1, 2)):
            canvas.stamp(motifs.leaf(ink, 4, 0.24, side * 0.1), [(step / 2, step * (i + 1) / 4, step * 0.36, side * 0.7)])
        canvas.paint([circle(step * 0.03, step / 2, step * (i + 0.8) / 4)], 3)
    return canvas.artwork(size, "garland", "stripes", "medium scale", "multicolor")


def _alternating(rng: np.random.Generator, size: int) -> Artwork:
    """Ginkgo fans upright and upside down, as on a Japanese paper."""
    canvas = set_canvas(size, 4, "brick")
    wide, high = canvas.tile
    canvas.stamp(botany.ginkgo(1, 4), [(wide / 2, high / 2, high * 0.44, 0)])
    canvas.stamp(botany.ginkgo(3, 4), [(0, high / 2, high * 0.44, np.pi)])
    return canvas.artwork(size, "set motif", "medium scale", "multicolor")


def _broad(rng: np.random.Generator, size: int) -> Artwork:
    """Banana leaves that fill the cloth, one over the other."""
    canvas, unit = repeat_canvas(size, "half-drop"), size / 256
    places = pack(rng, canvas, np.repeat([38, 30, 22], [9, 14, 20]) * unit, -14 * unit)
    for i, (x, y, r) in enumerate(places):
        angle = rng.uniform(-0.9, 0.9) + np.pi * (i % 2)
        leaf = motifs.leaf((1, 2, 4, 12)[i % 4], (0, 4, 2, 0)[i % 4], 0.3, 0.16)
        canvas.stamp(leaf, [(x - np.sin(angle) * r, y + np.cos(angle) * r, r * 2.3, angle)])
    return canvas.artwork(size, "tropical", "large scale", "all-over", "multicolor")


def _wreaths(rng: np.random.Generator, size: int) -> Artwork:
    """Wreaths of laurel with a berry in the middle."""
    canvas = set_canvas(size, 4, "half-drop")
    wide, high = canvas.tile
    for i in range(14):
        angle = 2 * np.pi * i / 14
        for out, ink in ((0.5, 1), (-0.5, 2)):
            spot = (wide / 2 + np.sin(angle) * wide * 0.52, high / 2 - np.cos(angle) * wide * 0.52)
            canvas.stamp(motifs.leaf(ink, 4, 0.26, 0.0), [(*spot, wide * 0.32, angle + np.pi / 2 - out)])
    canvas.stamp(motifs.daisy(6, 3, 1), [(wide / 2, high / 2, wide * 0.14, 0), (wide / 2, 0, wide * 0.09, 0)])
    return canvas.artwork(size, "wreath", "set motif", "medium scale", "multicolor")


def _canopy(rng: np.random.Generator, size: int) -> Artwork:
    """Small leaves of every tree, packed as in an autumn wood."""
    canvas, unit = repeat_canvas(size, "straight"), size / 256
    kinds = [botany.plane_leaf(3, 4), botany.oak_leaf(1, 0), botany.ginkgo(2, 4), motifs.leaf(1, 0, 0.4), botany.ivy(4, 2), motifs.fern(2)]
    for i, spot in enumerate(turned(rng, pack(rng, canvas, np.repeat([17, 13, 9], [60, 70, 90]) * unit, 0.5 * unit))):
        canvas.stamp(kinds[i % 6], [spot])
    return canvas.artwork(size, "tossed", "all-over", "small scale", "multicolor")


def _vines(rng: np.random.Generator, size: int) -> Artwork:
    """Vine that curls in spirals, leaves on the outside of each turn."""
    canvas = Canvas(size // 4, size // 2, "half-drop")
    wide, high = canvas.tile
    t = np.linspace(0, 1, 60)
    radius = wide * 0.46 * (1 - 0.8 * t)
    for y, side in ((0.27, 1), (0.77, -1)):
        angle = side * (2.6 * 2 * np.pi * t * 0.72) + np.pi / 2 * (1 + side)
        curl = np.stack([wide / 2 + np.cos(angle) * radius, high * y + np.sin(angle) * radius], axis=1)
        canvas.paint([ribbon(curl, np.linspace(0.035, 0.015, 60) * wide)], 4)
        spots = [(*curl[i], wide * (0.26 - 0.0028 * i), angle[i] + np.pi / 2 + side * 0.6) for i in range(2, 50, 7)]
        canvas.stamp(motifs.leaf(1 if side > 0 else 2, 0, 0.34, 0.1), spots)
        canvas.paint([circle(wide * 0.05, *curl[-1])], 3)
    return canvas.artwork(size, "scroll", "set motif", "medium scale", "multicolor")
