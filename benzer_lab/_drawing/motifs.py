"""Flowers, leaves and ornaments of unit size: layers of outlines, each with its ink, the lowest first."""

import numpy as np

from benzer_lab._drawing.canvas import Array, Motif, placed
from benzer_lab._drawing.outlines import blossom, circle, petal, polar, ribbon, ring, spline


def daisy(petals: int = 9, ink: int = 1, center: int = 3, width: float = 0.2) -> Motif:
    """Single row of petals around a button."""
    return [(ring(petal(width, 1.3, 0.7), petals), ink), ([circle(0.24)], center), (ring(circle(0.05, 0, -0.13), 6), 4)]


def anemone(ink: int = 1, center: int = 4) -> Motif:
    """Six round petals with veins, and a dark heart with stamens."""
    veins = [ribbon(np.array([[s * 0.02, -0.3], [s * 0.09, -0.72]]), np.array([0.035, 0.01])) for s in (-1, 0, 1)]
    return [
        (ring(petal(0.5, 1.25, 0.62), 6), ink),
        ([placed(vein, 0, 0, 1, np.pi / 3 * i) for i in range(6) for vein in veins], center),
        ([circle(0.22)], center),
        (ring(circle(0.035, 0, -0.31), 14), 0),
        ([circle(0.09)], 3),
    ]


def rose(ink: int = 1, shade: int = 4, light: int = 3) -> Motif:
    """Full rose: rows of petals, each set off by a line of shade."""
    layers: list[tuple[list[Array], int]] = []
    for row, (radius, lobes, turn) in enumerate([(1.0, 7, 0.0), (0.76, 6, 0.45), (0.55, 5, 0.1), (0.36, 4, 0.7), (0.2, 3, 0.2)]):
        layers.append(([placed(blossom(lobes, 0.24), 0, 0, radius, turn)], shade))
        layers.append(([placed(blossom(lobes, 0.24), 0, -0.015, radius - 0.045, turn)], ink if row % 2 == 0 else light))
    return layers


def peony(ink: int = 1, light: int = 3, shade: int = 4) -> Motif:
    """Open peony: pointed outer petals with veins, a lighter cup, a crown of stamens."""
    outer, inner = petal(0.42, 1.35, 0.6), petal(0.34, 1.3, 0.6)
    vein = ribbon(np.array([[0, -0.35], [0, -0.82]]), np.array([0.05, 0.01]))
    return [
        (ring(outer, 8), shade),
        (ring(placed(outer, 0, -0.02, 0.92), 8), ink),
        (ring(vein, 8), shade),
        (ring(inner, 7, 0.7, 0.3), shade),
        (ring(inner, 7, 0.64, 0.3), light),
        (ring(placed(vein, 0, 0.06, 0.7), 7, 1, 0.3), ink),
        (ring(petal(0.3, 1.3, 0.6), 5, 0.4), shade),
        (ring(petal(0.3, 1.3, 0.6), 5, 0.35), ink),
        (ring(circle(0.035, 0, -0.22), 9), 0),
        ([circle(0.1)], light),
    ]


def poppy(ink: int = 1, heart: int = 4) -> Motif:
    """Four wide crinkled petals, two behind and two before, around a dark heart."""
    wide = spline([(0, 0), (0.5, -0.3), (0.62, -0.8), (0.3, -0.97), (0.05, -0.9), (-0.25, -1.0), (-0.62, -0.78), (-0.5, -0.3)])
    return [
        (ring(wide, 2, 1.0, np.pi / 2), ink),
        (ring(wide, 2, 0.95), heart),
        (ring(wide, 2, 0.91), ink),
        (ring(petal(0.2, 1.0, 1.3), 4, 0.55, np.pi / 4), heart),
        ([circle(0.2)], heart),
        (ring(circle(0.03, 0, -0.3), 12), 0),
        ([circle(0.09)], 2),
    ]


def tulip(ink: int = 1, heart: int = 3, leaf: int = 2, line: int = 4) -> Motif:
    """Long Ottoman tulip on its stem, the flower above the origin, two leaves below."""
    side = spline([(0, 0.06), (0.2, 0.0), (0.31, -0.3), (0.22, -0.62), (0.3, -0.98), (0.06, -0.66), (0.02, -0.3)], steps=6)
    stem = ribbon(np.array([[0, 0.02], [0.0, 0.5], [0.0, 0.98]]), 0.045)
    blade = spline([(0, 0.98), (0.2, 0.7), (0.3, 0.35), (0.44, 0.08), (0.2, 0.3), (0.04, 0.66)], steps=6)
    flipped = np.array([-1, 1])
    return [
        ([stem, blade, blade * flipped], leaf),
        ([placed(petal(0.15, 0.9), 0, 0, 0.9)], heart),
        ([side, side * flipped], ink),
        ([placed(petal(0.05, 0.8), 0, -0.06, 0.42)], line),
    ]


def carnation(ink: int = 1, heart: int = 3, leaf: int = 2, line: int = 4) -> Motif:
    """Serrated fan of a carnation on its calyx and stem."""
    angles = np.linspace(-1.15, 1.15, 57)
    rim = 1 - 0.11 * np.abs((np.arange(57) % 8) / 4 - 1)
    fan = np.stack([np.sin(angles), -np.cos(angles)], axis=1)
    layers: list[tuple[list[Array], int]] = [([ribbon(np.array([[0, 0.2], [0.02, 0.6], [0.0, 1.0]]), 0.05)], leaf)]
    layers.append(([placed(petal(0.16, 1.0, 1.2), 0, 0.85, 0.6, side * 0.8) for side in (-1, 1)], leaf))
    for radius, color in ((0.98, line), (0.93, ink), (0.6, line), (0.56, heart), (0.32, line), (0.28, ink)):
        layers.append(([np.concatenate([fan * rim[:, None] * radius, [[0.0, 0.16]]])], color))
    layers.append(([spline([(-0.13, -0.02), (0, -0.12), (0.13, -0.02), (0.07, 0.26), (-0.07, 0.26)])], leaf))
    return layers


def umbel(ink: int = 1, stem: int = 2) -> Motif:
    """Wild carrot: rays that end in dots."""
    angles = np.linspace(-1.2, 1.2, 9)
    tips = np.stack([np.sin(angles) * 0.9, -np.cos(angles) * 0.75 + 0.1 * np.abs(angles)], axis=1)
    rays = [ribbon(np.stack([np.zeros(2), tip]), 0.04) for tip in tips]
    heads = [circle(0.12, *tip) for tip in tips] + [circle(0.09, *(tip * 0.7)) for tip in tips[1::2]]
    return [(rays, stem), (heads, ink)]


def sprig(pairs: int = 4, leaf: int = 2, berry: int | None = None, width: float = 0.3) -> Motif:
    """Stem with paired leaves and one at the tip; berries between them if asked for."""
    heights = np.linspace(0.75, -0.45, pairs)
    leaves = [placed(petal(width), 0, y, 0.62 - 0.07 * i, side * 0.95) for i, y in enumerate(heights) for side in (-1, 1)]
    stem = ribbon(np.array([[0, 1.0], [0, 0.2], [0, -0.6]]), np.array([0.07, 0.05, 0.03]))
    layers: list[tuple[list[Array], int]] = [([stem, *leaves, placed(petal(width), 0, -0.5, 0.5)], leaf)]
    if berry is not None:
        layers.append(([circle(0.09, side * 0.2, y + 0.17) for y in heights for side in (-1, 1)], berry))
    return layers


def leaf(ink: int = 2, vein: int = 4, width: float = 0.36, bend: float = 0.12) -> Motif:
    """Broad leaf with its veins, from the origin up to (0, -1)."""
    spine = np.stack([bend * np.linspace(0, 0.92, 8) ** 2, -np.linspace(0, 0.92, 8)], axis=1)
    ribs = [
        ribbon(np.array([spine[i], spine[i] + (side * width * 0.62, -0.16)]), np.array([0.022, 0.006]))
        for i in range(2, 6)
        for side in (-1, 1)
    ]
    return [([petal(width, 0.85, 1.0, bend)], ink), ([ribbon(spine, np.linspace(0.035, 0.01, 8)), *ribs], vein)]


def fern(ink: int = 2) -> Motif:
    """Fern frond: many narrow leaflets along a bent stem."""
    t = np.linspace(0, 1, 15)
    spine = np.stack([0.25 * np.sin(1.6 * t), 1 - 1.9 * t], axis=1)
    leaflets = [
        placed(petal(0.11, 0.9), spine[i, 0], spine[i, 1], 0.62 * np.sin(np.pi * (0.12 + 0.86 * t[i])) + 0.06, side * 1.1)
        for i in range(14)
        for side in (-1, 1)
    ]
    return [([ribbon(spine, 0.04), *leaflets], ink)]


def buta(line: int = 1, body: int = 2, inner: int = 3, heart: int = 4) -> Motif:
    """Paisley: a bent drop in nested borders, with a small flower in its belly and pearls around."""
    knots = [(0.0, 0.95), (0.46, 0.76), (0.62, 0.3), (0.5, -0.1), (0.3, -0.42), (0.3, -0.72), (0.56, -0.93), (0.12, -0.98)]
    knots += [(-0.26, -0.72), (-0.46, -0.3), (-0.6, 0.2), (-0.46, 0.74)]
    outline = spline(knots)
    middle = np.array([0.02, 0.25])
    layers: list[tuple[list[Array], int]] = []
    for scale, ink in ((1.0, line), (0.9, 0), (0.8, body), (0.58, line), (0.52, inner)):
        layers.append(([(outline - middle) * scale + middle], ink))
    pearls = ((outline - middle) * 0.69 + middle)[::4]
    layers.append(([circle(0.045, *pearl) for pearl in pearls], 0))
    layers.append(([placed(flower, 0, 0.34, 0.26) for flower in ring(petal(0.3, 1.3, 0.7), 7)], line))
    layers.append(([circle(0.08, 0, 0.34)], 0))
    layers.append(([placed(petal(0.24), 0.0, 0.02, 0.34, 0.12)], heart))
    return layers


def medallion(petals: int = 8, ink: int = 1, inner: int = 3, shade: int = 4) -> Motif:
    """Round ornament for a necktie: petals between two rings, a star in the middle."""
    return [
        ([circle(1.0)], ink),
        ([circle(0.86)], 0),
        (ring(petal(0.26, 1.25), petals, 0.82), ink),
        ([circle(0.36)], shade),
        ([blossom(petals, 0.5) * 0.3], inner),
        ([circle(0.1)], 0),
    ]


def crescent(ball: int = 1, moon: int = 0, eye: int = 3) -> Motif:
    """Ball of the cintamani: two smaller balls resting on its lower edge."""
    return [([circle(1.0)], ball), ([circle(0.66, 0, 0.26)], moon), ([circle(0.38, 0, 0.48)], eye)]


def scallop(inks: tuple[int, ...] = (1, 0, 2, 0, 3)) -> Motif:
    """Nested half discs of an Art Deco fan, drawn as whole discs that the next row covers."""
    return [([polar(1 - 0.19 * i, 64)], ink) for i, ink in enumerate(inks)]
