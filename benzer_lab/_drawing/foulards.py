"""Foulard: small motifs at even distance, as on neckties and scarves."""

from collections.abc import Sequence

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Artwork, Canvas, Motif, placed, put
from benzer_lab._drawing.outlines import blossom, circle, petal, polygon, ribbon, ring, spline, star


def _four_petals() -> Motif:
    return [(ring(petal(0.42, 1.2), 4), 1), ([circle(0.22)], 3)]


def _lozenge() -> Motif:
    return [([polygon(4)], 1), ([polygon(4, 0.62)], 0), ([polygon(4, 0.36)], 3)]


def _clover() -> Motif:
    return [([blossom(4, 0.5)], 1), ([blossom(4, 0.5) * 0.6], 2), ([circle(0.2)], 3)]


def _lily() -> Motif:
    """Fleur-de-lis."""
    side = spline(
        [(0.1, 0.1), (0.3, -0.35), (0.68, -0.42), (0.78, -0.08), (0.58, 0.12), (0.55, -0.16), (0.34, 0.02), (0.16, 0.34)], steps=5
    )
    foot = spline([(0.05, 0.28), (0.3, 0.5), (0.42, 0.75), (0.18, 0.68), (0.0, 0.98)], closed=False, steps=5)
    flip = np.array([-1, 1])
    leaf = placed(petal(0.24, 0.8), 0, 0.3, 1.3)
    band = np.array([[-0.42, 0.18], [0.42, 0.18], [0.42, 0.34], [-0.42, 0.34]])
    return [([side, side * flip, np.concatenate([foot, (foot * flip)[::-1]]), leaf], 1), ([band], 3)]


def _square() -> Motif:
    turned = np.array([[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]])
    return [([turned], 1), ([turned * 0.72], 0), (ring(petal(0.3, 1.2), 4, 0.72, np.pi / 4), 2), ([circle(0.16)], 3)]


def _fan() -> Motif:
    """Fan of a gingko leaf on its stalk."""
    angles = np.linspace(-1.1, 1.1, 25)
    rim = 1 - 0.16 * (np.abs(angles) < 0.06) - 0.05 * np.cos(11 * angles)
    leaf = placed(np.concatenate([np.stack([np.sin(angles), -np.cos(angles)], axis=1) * rim[:, None], [[0.0, 0.2]]]), 0, 0.3, 1)
    return [([leaf], 1), ([ribbon(np.array([[0, 0.4], [0.05, 0.7], [0.0, 1.0]]), 0.09)], 1), ([leaf * 0.45 + (0, 0.18)], 2)]


def _bee() -> Motif:
    wings = [placed(petal(0.26, 1.3, 0.7), 0, -0.1, 0.85, side * turn) for side in (-1, 1) for turn in (0.75, 1.5)]
    body = spline([(0, -0.3), (0.24, 0.0), (0.22, 0.45), (0, 0.85), (-0.22, 0.45), (-0.24, 0.0)])
    bands = [np.array([[-w, y], [w, y], [w, y + 0.11], [-w, y + 0.11]]) for y, w in ((0.05, 0.22), (0.3, 0.22), (0.55, 0.14))]
    return [(wings, 2), ([body, circle(0.17, 0, -0.4)], 1), (bands, 3)]


def _horseshoe() -> Motif:
    angles = np.linspace(0.75, 2 * np.pi - 0.75, 28) + np.pi / 2
    arc = np.stack([np.cos(angles) * 0.66, np.sin(angles) * 0.8], axis=1)
    return [([ribbon(arc, 0.34)], 1), ([circle(0.06, *point) for point in arc[2::4]], 3)]


def _pine() -> Motif:
    """Pine cone in scales."""
    cone = spline([(0, -0.95), (0.42, -0.45), (0.5, 0.1), (0.0, 0.72), (-0.5, 0.1), (-0.42, -0.45)])
    scales = [circle(0.13, (i - (row % 2) / 2) * 0.28, -0.55 + 0.22 * row) for row in range(5) for i in (-1, 0, 1) if row or i == 0]
    twigs = [placed(petal(0.13), 0, 0.65, 0.62, side * 1.9) for side in (-1, 1)]
    return [(twigs, 2), ([cone], 1), (scales, 3), ([circle(0.08, *s.mean(axis=0)) for s in scales], 1)]


def _cross() -> Motif:
    return [(ring(petal(0.34, 1.6, 0.7), 4), 1), (ring(petal(0.16, 1.4), 4, 0.9, np.pi / 4), 2), ([polygon(4, 0.26)], 3)]


def _drops() -> Motif:
    """Two drops head to tail."""
    drop = placed(petal(0.5, 1.6, 0.9), -0.34, 0.5, 1.1)
    return [([drop], 1), ([-drop], 2), ([circle(0.14, -0.34, -0.26)], 0), ([circle(0.14, 0.34, 0.26)], 3)]


def _anchor() -> Motif:
    angles = np.linspace(0.35, np.pi - 0.35, 20)
    arc = np.stack([np.cos(angles) * 0.7, np.sin(angles) * 0.7 + 0.12], axis=1)
    flukes = [put(polygon(3, 0.22), arc[i], 1, turn) for i, turn in ((0, 0.5), (-1, -0.5))]
    bars = [ribbon(np.array([[0, -0.55], [0, 0.85]]), 0.15), ribbon(np.array([[-0.42, -0.32], [0.42, -0.32]]), 0.13)]
    return [([*bars, ribbon(arc, 0.17), *flukes, circle(0.22, 0, -0.75)], 1), ([circle(0.1, 0, -0.75)], 0)]


def _snowflake() -> Motif:
    """Snowflake of six branches."""
    arm = [ribbon(np.array([[0, 0], [0, -1.0]]), 0.11), *(ribbon(np.array([[0, -0.5], [s * 0.28, -0.8]]), 0.09) for s in (-1, 1))]
    return [([placed(part, 0, 0, 1, i * np.pi / 3) for i in range(6) for part in arm], 1), ([polygon(6, 0.26)], 3)]


def _stars() -> Motif:
    return [([star(8, 0.55)], 1), ([circle(0.5)], 0), ([star(8, 0.5) * 0.42], 3)]


def _knot() -> Motif:
    """Two rings linked, with a bar."""
    left, right = circle(0.55, -0.36), circle(0.55, 0.36)
    return [
        ([left], 1),
        ([circle(0.36, -0.36)], 0),
        ([right], 2),
        ([circle(0.36, 0.36)], 0),
        ([circle(0.12, -0.36), circle(0.12, 0.36)], 3),
    ]


def _acorn() -> Motif:
    nut = spline([(0, 0.95), (0.38, 0.45), (0.4, 0.0), (-0.4, 0.0), (-0.38, 0.45)])
    cup = spline([(-0.52, 0.06), (-0.4, -0.3), (0, -0.42), (0.4, -0.3), (0.52, 0.06), (0, 0.16)])
    stem = ribbon(np.array([[0, -0.35], [0.08, -0.8]]), 0.12)
    leaf = placed(petal(0.22), 0.04, -0.55, 0.8, 1.9)
    return [([stem, leaf], 2), ([nut], 3), ([cup], 1)]


# Each foulard: its motif, rows in a swatch, repeat, radius (in rows), angle, what stands between: nothing, dots, small squares, or a net.
_FOULARDS: tuple[tuple[Motif, int, str, float, float, str], ...] = (
    (_four_petals(), 8, "half-drop", 0.3, 0.0, "dots"),
    (motifs.medallion(), 4, "brick", 0.3, 0.0, "dots"),
    (_lozenge(), 8, "half-drop", 0.34, 0.0, ""),
    (_clover(), 8, "straight", 0.34, 0.0, "dots"),
    (motifs.buta(), 4, "half-drop", 0.34, 0.3, "dots"),
    (_lily(), 8, "half-drop", 0.36, 0.0, ""),
    (_square(), 4, "half-drop", 0.3, 0.0, "squares"),
    (_fan(), 4, "brick", 0.32, 0.4, ""),
    (_bee(), 4, "half-drop", 0.26, 0.0, "net"),
    (_horseshoe(), 8, "half-drop", 0.36, 0.0, "dots"),
    (_pine(), 4, "half-drop", 0.36, -0.3, "dots"),
    (_cross(), 4, "straight", 0.44, 0.0, "squares"),
    (_drops(), 8, "half-drop", 0.34, 0.6, ""),
    (_anchor(), 8, "brick", 0.4, 0.0, ""),
    (_snowflake(), 4, "half-drop", 0.3, 0.0, "squares"),
    (_stars(), 8, "half-drop", 0.32, 0.0, "net"),
    (_knot(), 8, "brick", 0.4, 0.5, "dots"),
    (_acorn(), 4, "half-drop", 0.3, 0.5, "dots"),
)


def foulard(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Small motifs set at even distance, with dots, squares or a net between them."""
    motif, rows, repeat, radius, angle, between = _FOULARDS[variant]
    step = size / rows
    canvas = Canvas(size // rows // (1 + (repeat == "half-drop")), size // rows // (1 + (repeat == "brick")), repeat)
    wide, high = canvas.tile
    middle = (wide / 2, high / 2)
    if between == "net":
        _net(canvas, step / 40)
    canvas.stamp(motif, [(*middle, radius * step, angle)])
    gap = (wide / 2, 0) if repeat == "half-drop" else (0, high / 2) if repeat == "brick" else (0, 0)
    if between == "dots":
        canvas.paint([circle(step * 0.055, *gap)], 2)
    elif between == "squares":
        canvas.paint([put(polygon(4, step * 0.12), gap, 1)], 2)
        canvas.paint([put(polygon(4, step * 0.06), gap, 1)], 0)
    return canvas.artwork(
        size, "set motif", "small scale" if rows == 8 else "medium scale", "multicolor", *(["lattice"] if between == "net" else [])
    )


def _net(canvas: Canvas, width: float) -> None:
    """Draw thin lines halfway between the motifs of a half-drop."""
    wide, high = canvas.tile
    corners: Sequence[tuple[float, float]] = [(wide / 2, 0), (wide * 1.5, high / 2), (wide / 2, high), (-wide / 2, high / 2)]
    for i in range(4):
        canvas.paint([ribbon(np.array([corners[i], corners[(i + 1) % 4]]), width)], 2)
