"""Printed stripes and dots."""

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, noise, pack, placed
from benzer_lab._drawing.cloth import ordered
from benzer_lab._drawing.outlines import circle, ring, star, wobbly

# Each stripe: its line as ink x parts, repeats in a swatch, direction (0 down the cloth, 1 across, 2 diagonal, 3 the other diagonal),
# how far a wave or an unsteady hand moves it (in tiles), and what it is called.
_STRIPES = (
    ("0x4 1x4", 8, 0, 0.0, ("candy stripe", "vertical", "two-tone")),
    ("0x4 1x4", 2, 0, 0.0, ("awning stripe", "vertical", "two-tone", "large scale")),
    ("0x9 1x1 0x2 3x1 0x5 3x1 0x2 1x1", 4, 1, 0.0, ("breton", "horizontal", "multicolor")),
    ("1x10 0x1 3x2 0x1 1x10 2x4 0x2 2x4", 2, 3, 0.0, ("regimental", "diagonal", "multicolor")),
    ("0x14 1x1 0x1 1x1 0x1 1x1 0x14 2x1", 4, 0, 0.0, ("ticking", "vertical", "multicolor")),
    ("1x5 2x3 0x1 3x8 0x1 4x2 2x6 0x3 1x2 3x1 0x7 4x5 0x1 2x2 1x9 0x4", 1, 0, 0.0, ("barcode", "vertical", "multicolor", "large scale")),
    ("0x8 10x4 1x8 14x4 4x8 14x4 1x8 10x4", 2, 1, 0.0, ("ombré", "horizontal", "multicolor", "large scale")),
    ("0x5 1x3 0x5 2x3", 4, 1, 0.3, ("wave", "horizontal", "multicolor")),
    ("0x6 1x5 0x1 1x1", 4, 0, 0.07, ("painted", "vertical", "two-tone")),
    ("1x1 0x7 1x2 0x6 1x3 0x5 1x4 0x4 1x5 0x3 1x6 0x2 1x7 0x1", 1, 1, 0.0, ("graduated", "horizontal", "two-tone", "large scale")),
    ("3x6 0x1 1x6 0x1 2x6 0x1 4x6 0x1", 2, 1, 0.035, ("bayadere", "horizontal", "multicolor")),
    ("0x7 1x1", 8, 2, 0.0, ("pinstripe", "diagonal", "two-tone", "small scale")),
    ("2x12 0x2 1x2 0x2 2x12 3x2 0x16 3x2", 2, 0, 0.0, ("deckchair", "vertical", "multicolor", "large scale")),
    ("0x6 20x2 2x3 12x2 1x4 12x2 2x3 20x2", 2, 2, 0.16, ("moiré", "diagonal", "multicolor", "large scale")),
)


def stripes(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Stripes down the cloth, across it or on the bias; even, graded, mirrored, shaded or drawn by hand."""
    text, repeats, direction, sway, features = _STRIPES[variant]
    repeat, line = size // repeats, np.array(ordered(text))
    fine = line[np.arange(repeat * 8) * len(line) // (repeat * 8)]
    parts = np.stack([(fine == ink) + 0.5 * ((fine > 9) & ((fine // 10 == ink) | (fine % 10 == ink))) for ink in range(5)])
    sums = np.cumsum(np.concatenate([parts, parts[:, :8]], axis=1), axis=1)
    shares = (sums[:, 8:] - sums[:, :-8]) / 8
    y, x = np.mgrid[:size, :size]
    place = (x, y, x + y, x - y)[direction].astype(float)
    if sway >= 0.1:
        place += sway * repeat * np.sin(2 * np.pi * (x if direction == 1 else y) / size * 4)
    elif sway:
        place += sway * repeat * noise(rng, size, size, (12 * size / 256, 12 * size / 256), 0.25)
    coverage = shares[:, np.floor(place * 8 + 1e-6).astype(int) % (repeat * 8)].astype(np.float32)
    tile = ((repeat, 1), (1, repeat), (repeat, repeat), (repeat, repeat))[direction]
    if sway:
        tile = (size, size) if sway < 0.1 else (size // 4, repeat) if direction == 1 else (repeat, repeat)
    return Artwork(coverage, "straight", tile, features)


# Each grid of dots: how many rows in a swatch, repeat, rings as (radius in half a row, ink) for the dot in the middle, for the one
# between, and what it is called.
_Ring = tuple[float, int]
_DOTS: tuple[tuple[int, str, tuple[_Ring, ...], tuple[_Ring, ...], tuple[str, ...]], ...] = (
    (16, "half-drop", ((0.24, 1),), (), ("pin dot", "two-tone", "small scale")),
    (8, "half-drop", ((0.34, 1),), (), ("polka dot", "two-tone", "medium scale")),
    (4, "half-drop", ((0.36, 1), (0.26, 0), (0.18, 3)), (), ("coin", "multicolor", "large scale")),
    (4, "half-drop", ((0.5, 1), (0.38, 2), (0.15, 0)), ((0.14, 3),), ("ring", "multicolor", "large scale")),
    (2, "brick", ((0.7, 1),), ((0.3, 3), (0.2, 0)), ("coin dot", "multicolor", "large scale")),
    (8, "straight", ((0.62, 1),), (), ("grid", "two-tone", "medium scale")),
    (4, "brick", ((0.52, 2), (0.44, 0), (0.36, 1), (0.22, 0), (0.12, 3)), ((0.08, 1),), ("target", "multicolor", "medium scale")),
)


def dots(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Dots in rows: pin dots, polka dots, coins, rings; graded, in clusters, tossed, or daubed by hand."""
    if variant >= len(_DOTS):
        rules = (_confetti, _graded, _clusters, _daubed, _eclipses, _bubbles, _starred)
        return rules[variant - len(_DOTS)](rng, size)
    rows, repeat, middle, between, features = _DOTS[variant]
    canvas = Canvas(size // rows // (1 + (repeat == "half-drop")), size // rows // (1 + (repeat == "brick")), repeat)
    wide, high = canvas.tile
    half = size / rows / 2
    for radius, ink in middle:
        canvas.paint([circle(radius * half, wide / 2, high / 2)], ink)
    for radius, ink in between:
        canvas.paint([circle(radius * half, 0 if repeat == "brick" else wide / 2, high / 2 if repeat == "brick" else 0)], ink)
    return canvas.artwork(size, "set motif", *features)


def _confetti(rng: np.random.Generator, size: int) -> Artwork:
    """Dots of all sizes and colors, strewn."""
    canvas, unit = Canvas(size, size), size / 256
    spots = pack(rng, canvas, np.repeat([16, 11, 7, 4], [10, 25, 40, 60]) * unit, 3 * unit)
    for i, ink in enumerate((1, 2, 3, 4)):
        canvas.paint([placed(circle(), *spot) for spot in spots[i::4]], ink)
    return canvas.artwork(size, "confetti", "tossed", "multicolor", "medium scale")


def _graded(rng: np.random.Generator, size: int) -> Artwork:
    """Screen of dots that swell and shrink in waves, as in a halftone."""
    canvas, step = Canvas(size, size), size / 32
    for row in range(32):
        for column in range(32):
            x, y = (column + 0.5 * (row % 2)) * step, (row + 0.5) * step
            swell = 0.5 + 0.5 * np.cos(2 * np.pi * (x + y) / size + 1.2 * np.sin(2 * np.pi * y / size))
            canvas.paint([circle((0.1 + 0.36 * swell) * step, x, y)], 1)
    return canvas.artwork(size, "halftone", "two-tone", "all-over")


def _clusters(rng: np.random.Generator, size: int) -> Artwork:
    """Three dots together, turned a little in each row."""
    canvas = Canvas(size // 8, size // 4, "half-drop")
    wide, high = canvas.tile
    three = ring(circle(0.34, 0, -0.5), 3)
    for dot, ink in zip(three, (1, 3, 2), strict=True):
        canvas.paint([placed(dot, wide / 2, high / 2, wide * 0.42, 0.3)], ink)
    canvas.paint([circle(wide * 0.05, wide / 2, 0)], 1)
    return canvas.artwork(size, "cluster", "set motif", "multicolor", "small scale")


def _daubed(rng: np.random.Generator, size: int) -> Artwork:
    """Spots of a loaded brush in loose rows."""
    canvas, step = Canvas(size, size), size / 8
    for row in range(8):
        for column in range(8):
            x, y = np.array([column + 0.5 * (row % 2), row]) * step + rng.normal(0, 0.045 * step, 2)
            spot = placed(wobbly(rng, 0.13), x, y, step * rng.uniform(0.27, 0.35))
            canvas.paint([spot], (1, 1, 2, 1, 3)[int(rng.integers(5))])
    return canvas.artwork(size, "painted", "multicolor", "medium scale")


def _eclipses(rng: np.random.Generator, size: int) -> Artwork:
    """Pairs of discs, one over the other, darker where they meet."""
    canvas = Canvas(size // 4, size // 2, "half-drop")
    wide, high = canvas.tile
    radius, left, right = wide * 0.36, wide * 0.36, wide * 0.64
    canvas.paint([circle(radius, left, high / 2)], 1)
    canvas.paint([circle(radius, right, high / 2)], 2)
    t = np.arccos((right - left) / 2 / radius)
    angles = np.linspace(-t, t, 24)
    arc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius
    canvas.paint([np.concatenate([placed(arc, left, high / 2, 1), placed(arc, right, high / 2, -1)])], 4)
    canvas.paint([circle(wide * 0.07, wide / 2, high * 0.02)], 3)
    return canvas.artwork(size, "eclipse", "set motif", "multicolor", "large scale")


def _bubbles(rng: np.random.Generator, size: int) -> Artwork:
    """Rings of all sizes, thin and thick."""
    canvas, unit = Canvas(size, size), size / 256
    for i, (x, y, radius) in enumerate(pack(rng, canvas, np.repeat([30, 21, 14, 8, 4], [5, 10, 20, 40, 60]) * unit, 2.5 * unit)):
        canvas.paint([circle(radius, x, y)], (1, 2, 1, 4)[i % 4])
        if radius > 5 * unit:
            canvas.paint([circle(radius * (0.8, 0.55, 0.9)[i % 3], x, y)], 0)
        if i % 4 == 0:
            canvas.paint([circle(radius * 0.3, x, y)], 3)
    return canvas.artwork(size, "bubbles", "tossed", "multicolor", "large scale")


def _starred(rng: np.random.Generator, size: int) -> Artwork:
    """Dots in a lozenge net, with a small star where the net crosses."""
    canvas = Canvas(size // 8, size // 4, "half-drop")
    wide, high = canvas.tile
    steps: Array = np.arange(8) / 8
    for side in (-1, 1):
        canvas.paint([circle(wide * 0.055, wide / 2 + side * t * wide, high * t / 2) for t in steps[1:]], 1)
    canvas.stamp([([star(8, 0.5)], 3), ([circle(0.2)], 0)], [(wide / 2, 0, wide * 0.13, 0)])
    canvas.stamp(motifs.daisy(6, 2, 4), [(wide / 2, high / 2, wide * 0.2, 0)])
    return canvas.artwork(size, "lozenge net", "set motif", "multicolor", "small scale")
