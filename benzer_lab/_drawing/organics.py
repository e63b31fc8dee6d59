"""Designs without a grid: camouflage, watercolor and animal skins."""

import numpy as np

from benzer_lab._drawing.canvas import Array, Artwork, Canvas, noise, pack, placed
from benzer_lab._drawing.outlines import ribbon, wobbly


def _edge(field: Array, level: float, softness: float) -> Array:
    """Mask of what lies above a level, its edge `softness` wide in units of the field."""
    return ((field - level) / softness + 0.5).clip(0, 1)


def camouflage(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Overlapping patches in four colors: woodland, tiger, brush, small or of square cells."""
    side = size if variant != 3 else size // 2
    canvas = Canvas(side, side)
    unit = size / 256
    high, wide = ((38, 54), (14, 80), (64, 24), (30, 40), (0, 0))[variant]
    for ink, level in ((2, 0.05), (4, 0.5), (1, 0.95)):
        if variant == 4:
            cells = noise(rng, 64, 64, (9, 13), 0.3)
            canvas.cover(np.kron(cells > level, np.ones((size // 64, size // 64))), ink)
        else:
            field = noise(rng, side, side, (high * unit, wide * unit), 0.02)
            steep = np.hypot(*np.gradient(field)).mean()
            canvas.cover(_edge(field, level, steep), ink)
    name = ("woodland", "tiger stripe", "brush", "woodland", "pixel")[variant]
    return canvas.artwork(size, name, "small scale" if side < size else "large scale", "multicolor")


def watercolor(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Washes that run into each other, pigment gathered at their rims."""
    canvas, unit = Canvas(size, size), size / 256
    grain = ((90, 90), (60, 60), (34, 150), (110, 70), (48, 48))[variant]
    for ink in ((2, 3, 1), (1, 2, 3), (2, 1, 3), (3, 2, 1), (1, 3, 2))[variant]:
        field = noise(rng, size, size, (grain[0] * unit, grain[1] * unit), 0.06)
        water = 0.62 + 0.16 * noise(rng, size, size, (40 * unit, 40 * unit), 0.3)
        inside = _edge(field, 0.35, 0.08)
        canvas.cover(inside * water.clip(0.15, 0.92), ink)
        rim = inside * np.exp(-(((field - 0.4) / 0.07) ** 2))
        canvas.cover(0.4 * rim, 4 if ink == 1 else ink)
    splash = pack(rng, canvas, rng.uniform(1, 5, 24) * unit, 3)
    canvas.paint([placed(wobbly(rng, 0.1), *drop) for drop in splash], 1, 0.6)
    return canvas.artwork(size, "painterly", "large scale", "multicolor")


def animal(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Leopard rosettes, cheetah spots or zebra stripes."""
    side = (size, size, size, size // 2, size // 2)[variant]
    canvas, unit = Canvas(side, side), size / 256
    if variant in (1, 4):
        bend = noise(rng, side, side, (60 * unit, 60 * unit)) * 1.1
        turns = (10, 6)[variant == 4]
        along = (canvas.x if variant == 4 else canvas.y) / side
        field = np.cos(2 * np.pi * turns * along + 2.2 * bend) + 0.35 * noise(rng, side, side, (12 * unit, 12 * unit))
        canvas.cover(_edge(field, 0.05, np.hypot(*np.gradient(field)).mean()), 1)
        return canvas.artwork(size, "zebra", "two-tone", "large scale" if side == size else "small scale")
    spots = pack(rng, canvas, np.repeat([15, 12, 9, 6], [30, 40, 40, 40]) * unit * (1.0, 1, 0.7, 0.8)[variant], 3 * unit)
    if variant == 2:
        canvas.paint([placed(wobbly(rng, 0.2), *spot) for spot in spots], 1)
        return canvas.artwork(size, "cheetah", "two-tone", "small scale")
    canvas.paint([placed(wobbly(rng, 0.2), x, y, radius * 0.66) for x, y, radius in spots], 2)
    patches = []
    for x, y, radius in spots:
        for start in rng.uniform(0, 2) + np.arange(3) * 2.1:
            angles = start + np.linspace(0, rng.uniform(0.9, 2.0), 10)
            arc = np.stack([np.cos(angles), np.sin(angles) * 0.92], axis=1) * radius * 0.86 + (x, y)
            patches.append(ribbon(arc, radius * 0.46 * np.sqrt(np.sin(np.linspace(0.25, np.pi - 0.25, 10)))))
    canvas.paint(patches, 1)
    return canvas.artwork(size, "leopard", "multicolor", "large scale" if side == size else "small scale")
