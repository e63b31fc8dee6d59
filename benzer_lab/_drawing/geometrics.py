"""Printed geometry: dots, small set motifs, grids, and flame stitch."""

import numpy as np

from benzer_lab._drawing import motifs
from benzer_lab._drawing.canvas import Artwork, Canvas, Motif, pack, placed
from benzer_lab._drawing.outlines import blossom, circle, petal, polygon, ring, star


def dots(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Dots in a half-drop: pin dots, polka dots, coins, rings; or confetti."""
    unit = size / 256
    if variant == 3:
        canvas = Canvas(size, size)
        spots = pack(rng, canvas, np.repeat([16, 11, 7, 4], [10, 25, 40, 60]) * unit, 3 * unit)
        for i, ink in enumerate((1, 2, 3, 4)):
            canvas.paint([placed(circle(), *spot) for spot in spots[i::4]], ink)
        return canvas.artwork(size, "tossed", "multicolor", "medium scale")
    parts, radius = ((16, 0.2), (8, 0.26), (4, 0.3), (1, 0), (4, 0.36))[variant]
    canvas = Canvas(size // parts // 2, size // parts, "half-drop")
    wide, high = canvas.tile
    layers = (((1.0, 1),), ((1.0, 1),), ((1.0, 1), (0.72, 0), (0.5, 3)), (), ((1.25, 1), (0.95, 2), (0.4, 0)))[variant]
    for scale, ink in layers:
        canvas.paint([circle(radius * wide * scale * 1.28, wide / 2, high / 2)], ink)
    if variant == 4:
        canvas.paint([circle(0.13 * wide, wide / 2, 0)], 3)
    tone, scale_name = ("two-tone", "small scale") if parts > 4 else ("multicolor", "large scale")
    return canvas.artwork(size, "set motif", tone, scale_name)


def foulard(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Small motifs set at even distance, as on neckties."""
    parts = (8, 4, 8, 8, 4)[variant]
    repeat = ("half-drop", "brick", "half-drop", "straight", "half-drop")[variant]
    wide, high = size // parts // (1 + (repeat == "half-drop")), size // parts // (1 + (repeat == "brick"))
    if repeat == "straight":
        wide = high = size // 8
    canvas = Canvas(wide, high, repeat)
    reach = min(wide * (2 if repeat == "half-drop" else 1), high * (2 if repeat == "brick" else 1))
    four: Motif = [(ring(petal(0.42, 1.2), 4), 1), ([circle(0.22)], 3)]
    lozenge: Motif = [([polygon(4)], 1), ([polygon(4, 0.62)], 0), ([polygon(4, 0.36)], 3)]
    clover: Motif = [([blossom(4, 0.5)], 1), ([blossom(4, 0.5) * 0.6], 2), ([circle(0.2)], 3)]
    chosen = (four, motifs.medallion(), lozenge, clover, motifs.buta())[variant]
    canvas.stamp(chosen, [(wide / 2, high / 2, reach * 0.3, 0.3 if variant == 4 else 0)])
    canvas.paint([circle(reach * 0.05, 0, high / 2), circle(reach * 0.05, wide / 2, 0)][: 2 if repeat == "straight" else 1], 2)
    return canvas.artwork(size, "set motif", "small scale", "multicolor")


def geometric(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """One of five grids: fans, tumbling blocks, interlaced circles, harlequin, honeycomb."""
    return (_fans, _blocks, _circles, _harlequin, _honeycomb)[variant](size // 4)


def _fans(wide: int) -> Artwork:
    """Overlapping Art Deco fans."""
    high = wide // 4
    tall = Canvas(wide, 8 * high)  # a fan lies under the next row's, all around the repeat: cut it from the middle of a longer piece
    for row in range(8):
        tall.stamp(motifs.scallop(), [(wide / 2 * (row % 2), row * high, wide / 2, 0)])
    canvas = Canvas(wide, high, "brick")
    canvas.coverage = tall.coverage[:, 3 * high : 5 * high]
    return canvas.artwork(4 * wide, "fans", "medium scale", "multicolor")


def _blocks(wide: int) -> Artwork:
    """Cubes that seem to stand out, from three rhombs each."""
    high = 2 * wide
    canvas = Canvas(wide // 2, high, "half-drop")
    h, q = high / 3, high / 6
    left = np.array([[0, q], [wide / 2, 2 * q], [wide / 2, 2 * q + h], [0, q + h]])
    right = left * (-1, 1) + (wide, 0)
    lid = np.array([[0, q], [wide / 2, 0], [wide, q], [wide / 2, 2 * q]])
    for face, ink in ((left, 1), (right, 2), (lid, 0)):
        canvas.paint([face], ink)
    return canvas.artwork(4 * wide, "tumbling blocks", "medium scale", "multicolor")


def _circles(wide: int) -> Artwork:
    """Circles that overlap by a petal, a dot where four petals look at each other."""
    canvas = Canvas(wide, wide)
    t = np.linspace(0, 1, 20)
    arc = (np.sqrt(0.5 - (t - 0.5) ** 2) - 0.5) * wide
    lens = np.concatenate([np.stack([t * wide, arc], axis=1), np.stack([t * wide, -arc], axis=1)[::-1]])
    canvas.paint([lens, lens[:, ::-1]], 1)
    canvas.paint([placed(lens - (wide / 2, 0), wide / 2, 0, 0.55), placed(lens - (wide / 2, 0), 0, wide / 2, 0.55, np.pi / 2)], 2)
    canvas.paint([circle(wide * 0.09, wide / 2, wide / 2)], 3)
    return canvas.artwork(4 * wide, "interlaced", "medium scale", "multicolor")


def _harlequin(wide: int) -> Artwork:
    """Lozenges in two colors with a fine line across."""
    high = 2 * wide
    canvas = Canvas(wide, high)
    lozenge = np.array([[0, -high / 2], [wide / 2, 0], [0, high / 2], [-wide / 2, 0]])
    canvas.paint([placed(lozenge, wide / 2, high / 2, 1)], 1)
    canvas.paint([placed(lozenge, wide / 2, high / 2, 0.42)], 2)
    canvas.paint([placed(lozenge, 0, 0, 0.42)], 3)
    canvas.paint([placed(lozenge, 0, 0, 0.2), placed(lozenge, wide / 2, high / 2, 0.2)], 0)
    return canvas.artwork(4 * wide, "harlequin", "medium scale", "multicolor")


def _honeycomb(wide: int) -> Artwork:
    """Hexagons with a six-pointed star inside."""
    high = 2 * wide
    canvas = Canvas(wide // 2, high, "half-drop")
    stretch = np.array([wide / np.sqrt(3), high / 3])
    center = np.array([wide / 2, high / 3])
    for outline, ink in ((polygon(6), 1), (polygon(6, 0.88), 0), (star(6, 0.577) * 0.74, 2), (polygon(6, 0.36), 0), (polygon(6, 0.22), 3)):
        canvas.paint([outline * stretch + center], ink)
    return canvas.artwork(4 * wide, "honeycomb", "medium scale", "multicolor")


def flame_stitch(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Bargello: upright stitches that step up and down, in a run of shades."""
    stitch = size // 64
    columns = 64 // (2, 4, 4, 1, 8)[variant]
    if variant == 3:
        steps = np.concatenate([[0], np.cumsum(rng.choice([-2, -1, 1, 2], columns // 2))])
        heights = np.concatenate([steps[:-1], steps[:0:-1]])
    else:
        ramp = np.minimum(np.arange(columns), columns - np.arange(columns))
        heights = (ramp, ramp**2 // 6, ramp * 2, ramp, ramp)[variant]
    run = (0, 2, 1, 4, 1, 2, 0, 3) if variant % 2 else (0, 1, 4, 1, 3, 2, 2, 0)
    band = 1 if variant in (2, 4) else 2
    rows = (np.arange(64)[:, None] + heights) // band
    cells = np.tile(np.array(run)[rows % 8], (1, 64 // columns))
    coverage = np.stack([np.kron(cells == ink, np.ones((stitch, stitch))) for ink in range(5)]).astype(np.float32)
    features = ("zigzag", "multicolor", "large scale" if band == 2 else "small scale")
    return Artwork(coverage, "straight", (columns * stitch, 8 * band * stitch), features)
