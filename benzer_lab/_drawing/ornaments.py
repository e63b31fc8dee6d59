"""Printed ornaments with a long past: paisley, ogee, damask."""

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Array, Artwork, Motif, pack, placed, put
from benzer_lab._drawing.florals import repeat_canvas, set_canvas, turned
from benzer_lab._drawing.outlines import circle, ogee, petal

_FLIP = np.array([-1, 1])
_OGEE_SCALE = {2: "large scale", 4: "medium scale", 8: "small scale"}
_Nest = tuple[tuple[float, int], ...]
# Each ogee: rows in a swatch, cells nested as (scale, ink), the motif within and its size.
_OGEES: tuple[tuple[int, _Nest, Motif | None, float], ...] = (
    (4, ((0.96, 1), (0.86, 0), (0.8, 2), (0.62, 0), (0.56, 1)), motifs.daisy(8, 3, 0), 0.17),
    (2, ((0.97, 1), (0.92, 2), (0.8, 0), (0.76, 4), (0.73, 0)), motifs.peony(), 0.18),
    (8, ((0.9, 1), (0.6, 0), (0.45, 3)), None, 0),
    (4, ((0.94, 2), (0.7, 1), (0.5, 0), (0.44, 3)), motifs.daisy(6, 1, 3), 0.16),
    (4, ((0.97, 4), (0.92, 1), (0.7, 0), (0.64, 2)), motifs.daisy(10, 3, 1), 0.17),
    (2, ((0.98, 1), (0.94, 0), (0.9, 1), (0.82, 10), (0.6, 0)), botany.pomegranate(), 0.22),
    (4, ((0.98, 3), (0.9, 0), (0.84, 1)), motifs.tulip(0, 3, 2), 0.3),
    (2, ((0.96, 2), (0.84, 1), (0.72, 2), (0.6, 1), (0.48, 2), (0.36, 1), (0.24, 3)), None, 0),
    (4, ((0.94, 10), (0.88, 0), (0.84, 1), (0.8, 0)), motifs.carnation(), 0.24),
    (2, ((0.99, 4), (0.95, 2), (0.9, 0), (0.5, 10), (0.46, 0)), botany.camellia(), 0.15),
    (8, ((0.94, 1), (0.8, 2), (0.5, 0)), motifs.daisy(4, 3, 1, 0.4), 0.16),
    (2, ((0.97, 1), (0.93, 0), (0.86, 3), (0.8, 0), (0.62, 2), (0.56, 0)), motifs.rose(), 0.2),
)


def ogees(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Onion-shaped cells nested in each other, a palmette or a medallion in the middle."""
    rows, nest, heart, height = _OGEES[variant]
    canvas = set_canvas(size, rows, "half-drop")
    wide, high = canvas.tile
    cell, center = ogee(2 * wide, high), (wide / 2, high / 2)
    for scale, ink in nest:
        canvas.paint([placed(cell, *center, scale)], ink)
    if heart is not None:
        canvas.stamp(heart, [(*center, height * high, 0)])
    if variant in (1, 5, 11):
        canvas.paint([circle(0.016 * high, wide / 2, y) for y in (0.0, high)], 3)
    return canvas.artwork(size, _OGEE_SCALE[rows], "multicolor")


def _flowered(line: int = 1, body: int = 2, inner: int = 3, heart: int = 4) -> Motif:
    """Paisley filled with three flowers that grow smaller toward the tip."""
    outline, middle = motifs.buta()[0][0][0], np.array([0.02, 0.25])
    layers: list[tuple[list[Array], int]] = [([outline], line), ([(outline - middle) * 0.88 + middle], 0)]
    layers.append(([(outline - middle) * 0.8 + middle], body))
    for x, y, r in ((0.0, 0.42, 0.3), (0.12, -0.06, 0.2), (0.02, -0.4, 0.13)):
        layers += [([placed(one, x, y, r) for one in outlines], ink) for outlines, ink in motifs.daisy(7, inner, heart)]
    layers.append(([circle(0.035, *((point - middle) * 1.1 + middle)) for point in outline[::4]], line))
    return layers


def _scaled(line: int = 1, body: int = 3, inner: int = 2, heart: int = 0) -> Motif:
    """Paisley in bands across, like scales."""
    outline, middle = motifs.buta()[0][0][0], np.array([0.02, 0.25])
    layers: list[tuple[list[Array], int]] = []
    for i, scale in enumerate((1.0, 0.87, 0.74, 0.61, 0.48, 0.35, 0.2)):
        layers.append(([(outline - middle) * scale + middle], (line, body, heart, inner, line, heart, body)[i]))
    tears = [put(petal(0.4, 1.4), ((point - middle) * 0.94 + middle), 0.1, i) for i, point in enumerate(outline[::6])]
    return [*layers, (tears, heart)]


def _leafed(line: int = 1, body: int = 2, inner: int = 3, heart: int = 4) -> Motif:
    """Paisley that is a leaf: veins from a bent rib, a fringe of small leaves around."""
    outline, middle = motifs.buta()[0][0][0], np.array([0.02, 0.25])
    fringe = []
    for i in range(0, len(outline), 4):
        out = outline[i] - middle
        fringe.append(put(petal(0.26), (outline[i] - out * 0.06), 0.22, float(np.arctan2(out[0], -out[1]))))
    rib = [(0.0, 0.85), (-0.04, 0.3), (0.0, -0.3), (0.16, -0.78)]
    veins = [
        botany.line((-0.02, 0.7 - 0.26 * i), (s * (0.36 - 0.05 * i), 0.38 - 0.26 * i), width=0.05, thin=0.3)
        for i in range(4)
        for s in (-1, 1)
    ]
    return [
        (fringe, inner),
        ([outline], line),
        ([(outline - middle) * 0.9 + middle], body),
        ([botany.line(*rib, width=0.07), *veins], heart),
    ]


# Each set of paisleys: rows in a swatch, repeat, the drop and its companion, radius, their angles, the flower between.
_SETS: tuple[tuple[int, str, Motif, Motif | None, float, tuple[float, float], Motif], ...] = (
    (2, "half-drop", motifs.buta(), motifs.buta(1, 3, 2, 4), 0.28, (0.25, 2.84), motifs.daisy(6, 3, 1)),
    (1, "half-drop", motifs.buta(), motifs.buta(1, 3, 2, 4), 0.28, (0.25, 2.84), motifs.daisy(6, 3, 1)),
    (4, "half-drop", motifs.buta(), motifs.buta(1, 3, 2, 4), 0.28, (0.25, 2.84), motifs.daisy(6, 3, 1)),
    (2, "half-drop", _flowered(), None, 0.33, (0.2, 0), botany.cherry(3, 1)),
    (4, "brick", _scaled(), None, 0.4, (0.5, 0), motifs.daisy(5, 2, 1, 0.3)),
    (1, "half-drop", _flowered(1, 3, 2, 4), _leafed(), 0.3, (0.1, 2.9), botany.cosmos(3, 1)),
    (2, "straight", _leafed(), None, 0.42, (0.35, 0), motifs.daisy(8, 3, 1)),
    (4, "half-drop", _leafed(1, 3, 2, 4), None, 0.38, (-0.4, 0), motifs.daisy(5, 2, 4, 0.34)),
    (1, "half-drop", _scaled(), _scaled(1, 2, 3), 0.25, (0.4, 3.5), motifs.daisy(10, 3, 1)),
)
# Each tossed design: repeat, radii, its drops, the small flower.
_TOSSES: tuple[tuple[str, tuple[float, ...], tuple[Motif, ...], Motif], ...] = (
    ("half-drop", (46, 36, 27, 20), (motifs.buta(), motifs.buta(1, 3, 2, 4)), motifs.daisy(6, 3, 1)),
    ("straight", (34, 26, 20, 15), (motifs.buta(), motifs.buta(3, 2, 1, 4)), motifs.daisy(5, 2, 1, 0.34)),
    ("brick", (52, 42, 24, 18), (_flowered(), _flowered(1, 3, 2, 4)), botany.cherry(3, 1)),
    ("straight", (44, 36, 28, 22), (_leafed(), _leafed(1, 3, 2, 4)), motifs.daisy(8, 3, 4)),
    ("half-drop", (40, 32, 24, 18), (_scaled(), _scaled(1, 2, 3)), motifs.daisy(6, 1, 3)),
    ("brick", (28, 22, 16, 12), (_flowered(1, 2, 0, 3), _scaled(), motifs.buta()), motifs.daisy(5, 3, 1, 0.34)),
    ("straight", (60, 50, 24, 18), (_flowered(), _leafed(1, 3, 2, 4), motifs.buta()), botany.cosmos(3, 1)),
)


def paisley(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Paisley drops with a bent tip: in rows that face each other, all one way, or tossed over small flowers."""
    unit = size / 256
    if variant < len(_SETS):
        rows, repeat, drop, companion, radius, angles, flower = _SETS[variant]
        canvas = set_canvas(size, rows, repeat)
        wide, high = canvas.tile
        reach = radius * size / rows
        upper = 0.28 if companion else 0.5
        canvas.stamp(drop, [(wide * 0.5, high * upper, reach, angles[0])])
        if companion:
            canvas.stamp(companion, [(wide * (0.5 if repeat != "brick" else 0.02), high * 0.76, reach * 0.85, angles[1])])
        gaps = (
            [(0, high * 0.02), (0, high * 0.52)] if companion and repeat == "half-drop" else [(0, high * 0.5 if repeat == "brick" else 0)]
        )
        canvas.stamp(flower, [(x, y, reach * 0.25, 0) for x, y in gaps])
        scale = {1: "large scale", 2: "medium scale", 4: "small scale"}[rows]
        return canvas.artwork(size, "set motif", scale, "multicolor")
    repeat, radii, drops, flower = _TOSSES[variant - len(_SETS)]
    canvas = repeat_canvas(size, repeat)
    places = pack(rng, canvas, np.repeat(radii, (3, 5, 8, 12)) * unit, -3 * unit)
    for i, place in enumerate(turned(rng, places)):
        canvas.stamp(drops[i % len(drops)], [place])
    flowers = pack(rng, canvas, np.repeat([8, 5], [16, 40]) * unit, 2 * unit, [(x, y, r * 0.9) for x, y, r in places])
    canvas.stamp(flower, turned(rng, flowers))
    return canvas.artwork(size, "tossed", "large scale" if radii[0] > 40 else "medium scale", "multicolor")
