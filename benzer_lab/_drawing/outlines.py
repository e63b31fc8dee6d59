"""Closed outlines of unit size around the origin, each an array of shape (n, 2); up is negative y."""

from collections.abc import Sequence

import numpy as np

from benzer_lab._drawing.canvas import Array, placed


def _angles(n: int) -> Array:
    """`n` angles around the circle, the first pointing up."""
    return np.linspace(0, 2 * np.pi, n, endpoint=False) - np.pi / 2


def polar(radius: Array | float, n: int = 32) -> Array:
    """Points at `radius` (one, or one for each of `n` angles)."""
    angles = _angles(n)
    return np.stack([np.cos(angles) * radius, np.sin(angles) * radius], axis=1)


def circle(radius: float = 1.0, x: float = 0.0, y: float = 0.0) -> Array:
    """Circle of 32 points."""
    return np.asarray(polar(radius) + np.array([x, y]))


def polygon(n: int, radius: float = 1.0) -> Array:
    """Regular polygon with a corner on top."""
    return polar(radius, n)


def star(points: int, inner: float) -> Array:
    """Star with tips at radius 1 and notches at `inner`."""
    return polar(np.resize([1.0, inner], 2 * points), 2 * points)


def blossom(lobes: int, depth: float, roundness: float = 0.6) -> Array:
    """Flower seen from above: `lobes` petals, cut in by `depth` (0 to 1)."""
    n = lobes * 12
    return polar(1 - depth * (1 - np.abs(np.cos(lobes / 2 * (_angles(n) + np.pi / 2))) ** roundness), n)


def wobbly(rng: np.random.Generator, amount: float, waves: int = 5) -> Array:
    """Circle drawn by an unsteady hand."""
    angles = _angles(48)
    radius = np.ones(48)
    for wave in range(2, waves + 1):
        radius += amount / wave * np.sin(wave * angles + rng.uniform(0, 2 * np.pi)) * rng.uniform(0.5, 1.5)
    return polar(radius, 48)


def petal(width: float, belly: float = 0.8, tip: float = 1.0, bend: float = 0.0) -> Array:
    """Petal or leaf from the origin up to (0, -1).

    `width` is its half width, `belly` below 1 puts the widest place toward the base and above 1 toward the tip, `tip`
    above 1 sharpens both ends, `bend` moves the tip sideways.
    """
    t = np.linspace(0, 1, 14)
    half = width * np.sin(np.pi * t**belly).clip(0) ** tip
    right = np.stack([half + bend * t**2, -t], axis=1)
    left = np.stack([bend * t**2 - half, -t], axis=1)
    return np.concatenate([right, left[::-1]])


def ribbon(curve: Array, widths: Array | float) -> Array:
    """Stroke along an open curve of shape (n, 2), as wide as `widths` (one, or one for each point)."""
    along = np.gradient(curve, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    half = np.broadcast_to(widths, len(curve))[:, None] / 2
    return np.concatenate([curve + normal * half, (curve - normal * half)[::-1]])


def spline(knots: Sequence[tuple[float, float]], *, closed: bool = True, steps: int = 8) -> Array:
    """Smooth curve through the knots (Catmull-Rom)."""
    points = np.array(knots, dtype=float)
    ends = (points[-1:], points[:2]) if closed else (points[:1], points[-1:])
    padded = np.concatenate([ends[0], points, ends[1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces if closed else [*pieces, points[-1:]])


def ogee(width: float, height: float) -> Array:
    """Onion-shaped cell between two waves, pointed above and below; its copies in a half-drop touch all around."""
    y = np.linspace(-0.5, 0.5, 40)
    half = width / 4 * (1 + np.cos(2 * np.pi * y))
    right = np.stack([half, y * height], axis=1)
    return np.concatenate([right, (right * (-1, 1))[::-1]])


def ring(outline: Array, n: int, radius: float = 1.0, start: float = 0.0) -> list[Array]:
    """`n` copies of an outline turned about the origin."""
    return [placed(outline, 0, 0, radius, start + 2 * np.pi * i / n) for i in range(n)]
