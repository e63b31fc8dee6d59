"""More flowers, and leaves of known trees: layers of outlines of unit size, each with its ink, the lowest first."""

import numpy as np

from benzer_lab._drawing.canvas import Array, Motif, mixed, placed, put
from benzer_lab._drawing.outlines import circle, petal, polar, ribbon, ring, spline

_FLIP = np.array([-1, 1])


def line(*points: tuple[float, float], width: float = 0.04, thin: float = 0.5) -> Array:
    """Stroke through points that ends `thin` times as wide as it begins."""
    curve = spline(points, closed=False, steps=6) if len(points) > 2 else np.array(points)
    return ribbon(curve, np.linspace(width, width * thin, len(curve)))


def cherry(ink: int = 1, heart: int = 3, shade: int = 4) -> Motif:
    """Cherry blossom: five notched petals, stamens like pins."""
    notched = spline([(0, -0.08), (0.36, -0.4), (0.42, -0.78), (0.17, -0.98), (0.0, -0.86), (-0.17, -0.98), (-0.42, -0.78), (-0.36, -0.4)])
    pins = ring(line((0, -0.05), (0, -0.5), width=0.03), 10)
    return [
        (ring(notched, 5), ink),
        (ring(placed(notched, 0, 0, 0.55), 5), mixed(ink, 0)),
        (pins, shade),
        (ring(circle(0.045, 0, -0.52), 10), heart),
        ([circle(0.12)], heart),
    ]


def hibiscus(ink: int = 1, heart: int = 4, gold: int = 3) -> Motif:
    """Hibiscus: five wide petals with veins, and a long column."""
    wide = spline([(0, 0), (0.4, -0.35), (0.6, -0.75), (0.36, -1.0), (0.08, -0.94), (-0.16, -1.02), (-0.5, -0.86), (-0.42, -0.36)])
    veins = [line((0, -0.2), (s * 0.14, -0.5), (s * 0.26, -0.8), width=0.03, thin=0.2) for s in (-1, 0, 1)]
    pistil = [
        line((0, 0), (0.16, -0.34), (0.12, -0.78), width=0.08),
        *(circle(0.045, 0.13 + s * 0.07, -0.6 - 0.07 * i) for i in range(4) for s in (-1, 1)),
    ]
    return [
        *(
            (ring(wide, 1, 1, 2 * np.pi / 5 * i), ink) if not edge else (ring(wide, 1, 1.03, 2 * np.pi / 5 * i), heart)
            for i in range(5)
            for edge in (1, 0)
        ),
        ([placed(vein, 0, 0, 1, 2 * np.pi / 5 * i) for i in range(5) for vein in veins], mixed(heart, ink)),
        ([circle(0.2)], heart),
        (pistil, gold),
    ]


def magnolia(ink: int = 1, shade: int = 3, cup: int = 4) -> Motif:
    """Magnolia from the side, cupped, on a short twig."""
    back, side = petal(0.34, 0.95, 0.8), petal(0.33, 0.9, 0.8, 0.2)
    layers: list[tuple[list[Array], int]] = [([line((0, 0.95), (0.05, 0.6), (0, 0.3), width=0.1, thin=0.8)], cup)]
    layers.append(([placed(back, x, 0.4, 1.3, a) for x, a in ((-0.08, -0.42), (0.08, 0.42))], shade))
    layers.append(([placed(back, 0, 0.4, 1.38)], mixed(ink, shade)))
    layers.append(([placed(side, 0.03, 0.42, 1.18, 0.28), placed(side * _FLIP, -0.03, 0.42, 1.18, -0.28)], ink))
    layers.append(([line((s * 0.03, 0.3), (s * 0.2, -0.1), (s * 0.36, -0.5), width=0.03, thin=0.2) for s in (-1, 1)], shade))
    layers.append(([spline([(-0.18, 0.36), (0, 0.22), (0.18, 0.36), (0, 0.56)])], cup))
    return layers


def camellia(ink: int = 1, light: int = 3, shade: int = 4) -> Motif:
    """Camellia: round petals that overlap in rows, as a formal bloom."""
    one = petal(0.5, 1.5, 0.45)
    layers: list[tuple[list[Array], int]] = []
    for row, (n, radius) in enumerate(((8, 1.0), (7, 0.8), (6, 0.6), (5, 0.42), (4, 0.26))):
        for i in range(n):
            turn = 2 * np.pi / n * i + row * 0.4
            layers.append(([placed(one, 0, 0, radius, turn)], shade))
            layers.append(([placed(one, 0, 0, radius - 0.04, turn)], (ink, mixed(ink, light), light)[min(row // 2, 2)]))
    return [*layers, ([circle(0.08)], shade)]


def cosmos(ink: int = 1, heart: int = 3, vein: int = 4) -> Motif:
    """Cosmos: eight blunt petals with two lines each."""
    blunt = spline([(0, -0.1), (0.2, -0.4), (0.34, -0.9), (0.14, -0.97), (0.0, -0.92), (-0.14, -0.97), (-0.34, -0.9), (-0.2, -0.4)])
    lines = [line((s * 0.03, -0.3), (s * 0.12, -0.8), width=0.028) for s in (-1, 1)]
    return [
        (ring(blunt, 8), ink),
        ([placed(one, 0, 0, 1, i * np.pi / 4) for i in range(8) for one in lines], mixed(ink, vein)),
        ([circle(0.25)], vein),
        (ring(circle(0.05, 0, -0.16), 9), heart),
        ([circle(0.09)], heart),
    ]


def thistle(ink: int = 1, cup: int = 2, shade: int = 4) -> Motif:
    """Thistle head on its scaly cup."""
    hairs = [
        line((0, 0.15), (np.sin(a) * 0.5, -np.cos(a) * 0.5), (np.sin(a) * 0.8, -np.cos(a) * 0.95), width=0.09)
        for a in np.linspace(-0.75, 0.75, 13)
    ]
    cup_outline = spline([(-0.3, 0.0), (0, -0.12), (0.3, 0.0), (0.36, 0.35), (0.0, 0.66), (-0.36, 0.35)])
    scales = [circle(0.05, (i - (row % 2) / 2) * 0.16, 0.1 + 0.14 * row) for row in range(4) for i in (-1, 0, 1)]
    return [(hairs[::2], shade), (hairs[1::2], ink), ([cup_outline], cup), (scales, shade)]


def bluebell(ink: int = 1, stem: int = 2, shade: int = 4) -> Motif:
    """Stem of bells that hang to both sides."""
    bell = spline(
        [
            (0, -0.14),
            (0.12, -0.08),
            (0.14, 0.08),
            (0.22, 0.22),
            (0.08, 0.17),
            (0, 0.24),
            (-0.08, 0.17),
            (-0.22, 0.22),
            (-0.14, 0.08),
            (-0.12, -0.08),
        ],
        steps=4,
    )
    spots = [(s * (0.2 + 0.09 * i), -0.75 + 0.34 * i) for i in range(4) for s in ((-1,) if i % 2 else (1,))] + [
        (-0.22, -0.4),
        (0.28, -0.05),
    ]
    stalks = [line((0.0, y - 0.16), (x * 0.6, y - 0.2), (x, y - 0.1), width=0.04) for x, y in spots]
    return [
        ([line((0, 1.0), (0.04, 0.2), (-0.03, -0.98), width=0.06), *stalks], stem),
        ([placed(bell, x, y, 1.0) for x, y in spots], ink),
        ([placed(bell, x, y + 0.02, 0.5) for x, y in spots], mixed(ink, shade)),
    ]


def pomegranate(ink: int = 1, seeds: int = 3, leaf: int = 2, shade: int = 4) -> Motif:
    """Pomegranate cut open, with its crown and two leaves."""
    fruit = spline([(0, -0.52), (0.45, -0.4), (0.62, 0.1), (0.4, 0.6), (0, 0.74), (-0.4, 0.6), (-0.62, 0.1), (-0.45, -0.4)])
    crown = np.array([[-0.2, -0.46], [-0.3, -0.92], [-0.1, -0.72], [0, -0.98], [0.1, -0.72], [0.3, -0.92], [0.2, -0.46]])
    window = spline([(0, -0.26), (0.26, 0.1), (0, 0.52), (-0.26, 0.1)])
    grains = [
        circle(0.06, (i - (row % 2) / 2) * 0.15 + 0.0, -0.08 + 0.13 * row)
        for row in range(5)
        for i in ((0, 1) if row % 2 else (0,) if row in (0, 4) else (-1, 0, 1))
    ]
    leaves = [placed(petal(0.2, 0.9, 1.0, 0.15 * s), 0, 0.66, 0.85, s * 1.9) for s in (-1, 1)]
    return [
        (leaves, leaf),
        ([crown], shade),
        ([fruit], ink),
        ([window], 0),
        (grains, seeds),
        ([line((s * 0.44, -0.2), (s * 0.5, 0.1), (s * 0.36, 0.45), width=0.035) for s in (-1, 1)], shade),
    ]


def plane_leaf(ink: int = 2, vein: int = 4) -> Motif:
    """Leaf of the plane tree: five pointed lobes."""
    half = [
        (0.0, -1.0),
        (0.12, -0.72),
        (0.24, -0.62),
        (0.2, -0.42),
        (0.42, -0.62),
        (0.86, -0.62),
        (0.74, -0.38),
        (0.8, -0.24),
        (0.5, -0.12),
    ]
    half += [(0.62, 0.2), (0.56, 0.42), (0.36, 0.32), (0.2, 0.46), (0.04, 0.4)]
    outline = np.array(half + [(-x, y) for x, y in half[:0:-1]])
    tips = ((0.0, -0.9), (0.74, -0.54), (-0.74, -0.54), (0.5, 0.3), (-0.5, 0.3))
    return [
        ([outline, line((0, 0.35), (0.02, 0.7), (-0.05, 1.0), width=0.06)], ink),
        ([line((0.0, 0.36), tip, width=0.04, thin=0.2) for tip in tips], vein),
    ]


def oak_leaf(ink: int = 2, vein: int = 4) -> Motif:
    """Oak leaf with round lobes."""
    t = np.linspace(0, 1, 60)
    half = (0.1 + 0.34 * np.sin(np.pi * t**0.8)) * (1 - 0.38 * (0.5 + 0.5 * np.cos(2 * np.pi * 4.5 * t)))
    half *= np.minimum(1, 8 * (1 - t)) * np.minimum(1, 10 * t)
    side = np.stack([half, 0.8 - 1.75 * t], axis=1)
    ribs = [line((0, 0.62 - 0.36 * i), (s * 0.3, 0.36 - 0.36 * i), width=0.03, thin=0.3) for i in range(4) for s in (-1, 1)]
    return [([np.concatenate([side, (side * _FLIP)[::-1]])], ink), ([line((0, 1.0), (0, -0.75), width=0.05), *ribs], vein)]


def monstera(ink: int = 2, vein: int = 0) -> Motif:
    """Swiss cheese plant: a heart cut by long slits."""
    heart = spline(
        [
            (0, -1.0),
            (0.42, -0.78),
            (0.84, -0.3),
            (0.86, 0.28),
            (0.5, 0.62),
            (0.14, 0.56),
            (0, 0.36),
            (-0.14, 0.56),
            (-0.5, 0.62),
            (-0.86, 0.28),
            (-0.84, -0.3),
            (-0.42, -0.78),
        ]
    )
    slits = [
        placed(petal(0.075, 1.4), s * 1.02, y, 0.66, s * -(1.9 - 0.3 * i))
        for i, y in enumerate((-0.62, -0.24, 0.14, 0.48))
        for s in (-1, 1)
    ]
    holes = [placed(petal(0.16), s * 0.14, y, 0.2, s * 0.9) for y in (-0.36, 0.02) for s in (-1, 1)]
    ribs = [line((0, 0.34), (0, -0.92), width=0.045, thin=0.3)]
    return [([heart, line((0, 0.3), (0.03, 0.7), (-0.06, 1.0), width=0.06)], ink), ([*slits, *holes, *ribs], vein)]


def palm(ink: int = 2, stem: int = 4) -> Motif:
    """Palm frond: long blades along a bent rib."""
    t = np.linspace(0, 1, 13)
    rib = np.stack([0.3 * t**2, 1 - 1.8 * t], axis=1)
    blades = [
        put(petal(0.07, 0.7), rib[i], 0.3 + 0.62 * np.sin(np.pi * (0.1 + 0.75 * t[i])), s * (1.25 - 0.75 * t[i]) + 0.25 * t[i])
        for i in range(12)
        for s in (-1, 1)
    ]
    return [([*blades, put(petal(0.08), rib[-1], 0.36, 0.35)], ink), ([ribbon(rib, np.linspace(0.055, 0.02, 13))], stem)]


def ginkgo(ink: int = 3, vein: int = 4) -> Motif:
    """Ginkgo: a fan with a cleft, on a long stalk."""
    angles = np.linspace(-1.15, 1.15, 61)
    rim = 1 - 0.42 * np.exp(-((angles / 0.07) ** 2)) - 0.035 * np.cos(14 * angles)
    leaf = np.concatenate([np.stack([np.sin(angles), -np.cos(angles)], axis=1) * rim[:, None], [[0.0, 0.12]]])
    fan = [line((0, 0.05), (np.sin(a) * 0.8, -np.cos(a) * 0.8), width=0.02, thin=0.6) for a in np.linspace(-0.95, 0.95, 9)]
    return [
        ([placed(leaf, 0, 0.25, 1), line((0, 0.35), (0.05, 0.7), (0.16, 1.0), width=0.06)], ink),
        ([placed(one, 0, 0.25, 1) for one in fan], vein),
    ]


def eucalyptus(ink: int = 2, light: int = 4) -> Motif:
    """Branch of round leaves in pairs, smaller toward the tip."""
    pairs = [(0.84 - 0.33 * i, 0.19 - 0.016 * i) for i in range(6)]
    leaves = [placed(circle(1.0, 0, -1.25), 0, y, r, s * 1.2) for y, r in pairs for s in (-1, 1)]
    return [
        ([line((0, 1.0), (0.04, 0.2), (0, -0.95), width=0.05)], light),
        (leaves[::2], ink),
        (leaves[1::2], mixed(ink, light)),
        ([circle(0.1, 0, -0.97)], ink),
    ]


def willow(ink: int = 2, other: int = 4) -> Motif:
    """Willow: slim leaves on an arched twig, each other one in shade."""
    t = np.linspace(0, 1, 11)
    twig = np.stack([0.34 * np.sin(1.7 * t) - 0.15, 1 - 1.85 * t], axis=1)
    leaves = [
        put(petal(0.12, 0.85, 1.0, 0.12 * s), twig[i], 0.62 - 0.25 * t[i], s * 0.75 + 0.3 * t[i])
        for i in range(1, 11)
        for s in ((-1,) if i % 2 else (1,))
    ]
    return [([ribbon(twig, np.linspace(0.05, 0.02, 11))], other), (leaves[::2], ink), (leaves[1::2], mixed(ink, other))]


def ivy(ink: int = 2, vein: int = 0) -> Motif:
    """Ivy leaf of three lobes."""
    half = [(0.0, -1.0), (0.26, -0.5), (0.3, -0.3), (0.88, -0.2), (0.62, 0.16), (0.54, 0.44), (0.2, 0.5), (0.0, 0.34)]
    outline = spline(half + [(-x, y) for x, y in half[-2:0:-1]], steps=4)
    return [
        ([outline, line((0, 0.3), (0.1, 0.98), width=0.05)], ink),
        ([line((0, 0.36), tip, width=0.04, thin=0.2) for tip in ((0, -0.85), (0.7, -0.16), (-0.7, -0.16))], vein),
    ]


def olive(leaf: int = 2, fruit: int = 4) -> Motif:
    """Olive twig with slim leaves and three olives."""
    t = np.linspace(0, 1, 9)
    twig = np.stack([0.16 * np.sin(3 * t), 0.95 - 1.6 * t], axis=1)
    leaves = [put(petal(0.15, 0.95), twig[i], 0.5, s * 0.85) for i in range(0, 9, 2) for s in (-1, 1)]
    fruits = [put(polar(1.0, 20) * (0.1, 0.14), twig[i] + (s * 0.17, 0.1), 1, s * 0.3) for i, s in ((2, 1), (4, -1), (5, 1))]
    return [([ribbon(twig, 0.04)], fruit), (leaves[::2], leaf), (leaves[1::2], mixed(leaf, 0)), (fruits, fruit)]


def mimosa(ink: int = 3, leaf: int = 2) -> Motif:
    """Mimosa: a spray of round balls above feathered leaves."""
    t = np.linspace(0, 1, 10)
    twig = np.stack([0.3 * t**1.5, 1 - 1.7 * t], axis=1)
    feathers = [put(petal(0.06), twig[i], 0.34, s * 1.1) for i in range(1, 6) for s in (-1, 1)]
    balls = [circle(0.065 + 0.02 * (i % 3), *(twig[i] + (s * (0.13 + 0.14 * (i % 2)), -0.06))) for i in range(3, 10) for s in (-1, 0, 1)]
    return [([ribbon(twig, 0.035), *feathers], leaf), (balls[::2], ink), (balls[1::2], mixed(ink, 0))]
