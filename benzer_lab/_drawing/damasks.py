"""Damask: mirrored ornament of acanthus leaves and tendrils around a flower, in few tones."""

from dataclasses import dataclass

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, placed, put
from benzer_lab._drawing.florals import set_canvas
from benzer_lab._drawing.outlines import circle, ogee, petal, ribbon, ring, spline

_Leaf = tuple[float, float, float, float]
_Curl = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Plan:
    """One damask; heights go from -1 (top) to 1 in a tile, lengths are parts of it, angles go clockwise from above."""

    rows: int
    repeat: str
    heart: Motif
    size: float
    leaves: tuple[_Leaf, ...]  # height, angle, length, curl
    curls: tuple[_Curl, ...]  # height, angle, length, turns
    inks: tuple[int, int] = (1, 0)  # figure and veins
    crown: Motif | None = None
    framed: bool = False


def _acanthus(length: float, curl: float) -> tuple[list[Array], list[Array]]:
    """Acanthus leaf from the origin upward, pointed lobes along a rib that curls; and its veins."""
    t = np.linspace(0, 1, 7)
    angle = curl * 1.6 * t**1.4
    rib = np.concatenate([[[0.0, 0.0]], np.cumsum(np.stack([np.sin(angle), -np.cos(angle)], axis=1)[:-1] * length / 6, axis=0)])
    lobes, veins = [], [ribbon(rib, np.linspace(0.05, 0.015, 7) * length)]
    for i in range(1, 7):
        for side in (-1, 1):
            reach = length * (0.34 - 0.2 * t[i] + 0.12 * np.sin(np.pi * t[i]))
            lean = angle[i] + side * (1.05 - 0.45 * t[i])
            lobes.append(put(petal(0.26, 1.0, 0.9, 0.1 * side), rib[i - 1], reach, lean))
            veins.append(put(ribbon(np.array([[0, -0.05], [0, -0.7]]), np.array([0.07, 0.02])), rib[i - 1], reach, lean))
    lobes.append(put(petal(0.3), rib[5], length * 0.3, angle[-1]))
    body = ribbon(rib, np.array([0.05, 0.13, 0.16, 0.15, 0.12, 0.08, 0.03]) * length)
    return [body, *lobes], veins


def _tendril(length: float, turns: float) -> tuple[list[Array], list[Array]]:
    """Stalk from the origin upward that rolls up, small leaves outside, a bead within."""
    t = np.linspace(0, 1, 48)
    angle = 2 * np.pi * turns * t**1.7
    steps = np.stack([np.sin(angle), -np.cos(angle)], axis=1) * (length / 30 * (1 - 0.72 * t))[:, None]
    curve = np.concatenate([[[0.0, 0.0]], np.cumsum(steps, axis=0)[:-1]])
    stalk = ribbon(curve, np.linspace(0.075, 0.03, 48) * length)
    leaves = [put(petal(0.3, 0.9), curve[i], length * (0.3 - 0.002 * i), angle[i] - 0.7 * np.sign(turns)) for i in (8, 18, 27)]
    return [stalk, *leaves, circle(length * 0.075, *curve[-1])], []


def _palmette(ink: int = 1, vein: int = 0) -> Motif:
    """Fan of seven fingers over two volutes."""
    fingers = [placed(petal(0.17, 1.25, 0.8), 0, 0.15, 1.1 - 0.09 * abs(i), i * 0.36) for i in range(-3, 4)]
    lines = [
        placed(ribbon(np.array([[0, -0.35], [0, -0.85]]), np.array([0.05, 0.02])), 0, 0.15, 1.1 - 0.09 * abs(i), i * 0.36)
        for i in range(-3, 4)
    ]
    foot = spline([(-0.5, 0.3), (-0.2, 0.12), (0.2, 0.12), (0.5, 0.3), (0.24, 0.5), (0.0, 0.9), (-0.24, 0.5)])
    return [(fingers, ink), (lines, vein), ([foot], ink), ([circle(0.12, -0.3, 0.3), circle(0.12, 0.3, 0.3), circle(0.1, 0, 0.4)], vein)]


def _pineapple(ink: int = 1, vein: int = 0) -> Motif:
    """Artichoke in scales, as on the velvets of Bursa."""
    body = spline([(0, -0.8), (0.42, -0.35), (0.5, 0.2), (0.28, 0.7), (-0.28, 0.7), (-0.5, 0.2), (-0.42, -0.35)])
    scales = [
        placed(petal(0.4, 0.9), (i - (row % 2) / 2) * 0.26, 0.6 - 0.22 * row, 0.26) for row in range(6) for i in range(-1, 2 + row % 2)
    ]
    inside = [scale for scale in scales if np.abs(scale[:, 0]).max() < 0.44]
    cup = [placed(petal(0.3), 0, 0.72, 0.66, side * turn) for side in (-1, 1) for turn in (0.7, 1.4)]
    crown = [placed(petal(0.2), 0, -0.7, 0.42, turn) for turn in (-0.7, 0.0, 0.7)]
    return [
        ([*cup, *crown], ink),
        ([body], ink),
        (inside, vein),
        ([(one - one.mean(axis=0)) * 0.55 + one.mean(axis=0) for one in inside], ink),
    ]


_DAMASKS: tuple[_Plan, ...] = (
    _Plan(
        2,
        "half-drop",
        _palmette(),
        0.17,
        ((0.5, 0.55, 0.5, 0.6), (0.34, 1.5, 0.36, -0.5)),
        ((0.06, 1.1, 0.3, 1.1), (-0.3, 0.7, 0.24, -1.0)),
    ),
    _Plan(2, "half-drop", motifs.carnation(1, 0, 1, 0), 0.17, ((0.7, 0.9, 0.36, -0.5),), ((0.3, 1.9, 0.16, 1.0),), (1, 0), None, True),
    _Plan(
        1,
        "half-drop",
        _pineapple(),
        0.15,
        ((0.5, 0.5, 0.46, 0.7), (0.42, 1.3, 0.34, -0.6), (0.1, 1.2, 0.24, 0.5)),
        ((-0.2, 0.8, 0.22, 1.1),),
        (1, 0),
        _palmette(),
    ),
    _Plan(4, "half-drop", motifs.tulip(1, 0, 1, 0), 0.26, ((0.5, 1.1, 0.32, 0.4),), (), (1, 0), None, True),
    _Plan(
        2,
        "half-drop",
        botany.camellia(10, 0, 1),
        0.14,
        ((0.4, 0.7, 0.4, 0.7), (0.2, 1.6, 0.3, 0.4), (-0.36, 0.6, 0.26, 0.5)),
        ((0.6, 1.5, 0.2, -1.0),),
        (10, 0),
    ),
    _Plan(2, "half-drop", _pineapple(1, 2), 0.18, ((0.56, 0.7, 0.44, 0.6), (-0.1, 1.0, 0.24, -0.5)), ((0.3, 1.3, 0.26, 1.1),), (1, 2)),
    _Plan(
        1,
        "half-drop",
        botany.pomegranate(3, 1, 1, 1),
        0.16,
        ((0.6, 0.6, 0.34, 0.6),),
        ((0.3, 1.3, 0.2, 1.1), (-0.3, 0.7, 0.16, -1.0)),
        (1, 10),
        _palmette(1, 3),
        True,
    ),
    _Plan(4, "brick", _palmette(), 0.17, ((0.4, 0.9, 0.36, 0.6), (-0.1, 1.3, 0.24, -0.4)), ()),
    _Plan(
        2,
        "half-drop",
        motifs.rose(0, 1, 10),
        0.13,
        ((0.6, 0.8, 0.34, -0.6), (-0.2, 0.8, 0.2, 0.5)),
        ((0.2, 1.7, 0.18, 1.0),),
        (2, 1),
        None,
        True,
    ),
    _Plan(
        1,
        "brick",
        motifs.peony(0, 10, 1),
        0.14,
        ((0.5, 0.8, 0.36, 0.6), (0.3, 1.5, 0.36, 0.3), (-0.3, 0.8, 0.24, 0.5)),
        ((0.7, 1.6, 0.2, 1.0), (-0.5, 1.3, 0.18, -1.0)),
        (1, 0),
        _palmette(),
    ),
    _Plan(
        2,
        "half-drop",
        _palmette(1, 3),
        0.15,
        ((0.2, 2.3, 0.3, -0.6), (-0.3, 0.8, 0.28, 0.5)),
        ((0.3, 1.2, 0.3, 1.1), (0.1, 0.6, 0.26, -1.1)),
        (1, 3),
    ),
    _Plan(4, "half-drop", _pineapple(1, 3), 0.22, ((0.5, 1.0, 0.34, 0.5), (-0.2, 0.9, 0.18, 0.4)), (), (1, 3)),
)


def damask(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Mirrored ornament of acanthus and tendrils around a flower, in few tones as satin on satin shows it."""
    plan = _DAMASKS[variant]
    canvas = set_canvas(size, plan.rows, plan.repeat)
    wide, high = canvas.tile
    step, center = size / plan.rows, np.array([wide / 2, high / 2])
    figure, vein = plan.inks
    if plan.framed:
        for scale, ink in ((0.98, figure), (0.93, 0), (0.9, figure), (0.885, 0)):
            canvas.paint([put(ogee(2 * wide, high), center, scale)], ink)
    fit = 0.86 if plan.framed else 1.0
    for side in (-1, 1):
        flip = np.array([side, 1]) * step * fit
        for parts, rule in ((plan.curls, _tendril), (plan.leaves, _acanthus)):
            for y, angle, length, bend in parts:
                outlines, veins = rule(length, bend)
                canvas.paint([placed(one, 0, y / 2, 1, angle) * flip + center for one in outlines], figure)
                canvas.paint([placed(one, 0, y / 2, 1, angle) * flip + center for one in veins], vein)
    canvas.paint([ribbon(center + np.array([[0, 0.0], [0, 0.36]]) * step * fit, step * 0.012)], figure)
    canvas.stamp(plan.heart, [(*center, plan.size * step * fit, 0)])
    _between(canvas, plan, step)
    tone = "tone on tone" if vein in (0, 10) else "multicolor"
    return canvas.artwork(size, tone, {1: "large scale", 2: "medium scale", 4: "small scale"}[plan.rows])


def _between(canvas: Canvas, plan: _Plan, step: float) -> None:
    """Draw what stands between two ornaments: a palmette, or a small flower."""
    wide, high = canvas.tile
    gap = {"half-drop": (wide / 2, 0.0), "brick": (0.0, high / 2), "straight": (0.0, 0.0)}[plan.repeat]
    if plan.crown is not None:
        canvas.stamp(plan.crown, [(*gap, step * 0.08, 0)])
    elif not plan.framed:
        canvas.paint([put(one, gap, step * 0.06) for one in ring(petal(0.3, 1.2), 6)], plan.inks[0])
        canvas.paint([put(circle(0.2), gap, step * 0.06)], plan.inks[1])
