"""Toile: small scenes engraved in one color, each on an island of grass, sprigs between them."""

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.botany import line
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, Motif, pack, placed
from benzer_lab._drawing.florals import turned
from benzer_lab._drawing.geometrics import box, sector
from benzer_lab._drawing.outlines import circle, petal, polar, ribbon, spline

_FLIP = np.array([-1, 1])
_TONE = 10  # the figure's color thinned by the ground, as close hatching looks


def _hatched(outline: Array, step: float, slant: float = 0.5) -> list[Array]:
    """Lines of an engraver within the bounds of an outline, on its right half."""
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    middle = (left + right) / 2
    rows = np.arange(top + step, bottom, step)
    return [line((middle + (right - middle) * 0.1, y), (right - 0.02, y - slant * step), width=step * 0.28, thin=1) for y in rows]


def _tower() -> Motif:
    """Galata tower: a round shaft, a gallery, a pointed roof."""
    shaft, roof = box(-0.24, -0.3, 0.24, 1.0), np.array([[-0.28, -0.5], [0, -1.0], [0.28, -0.5]])
    windows = [box(x - 0.035, y, x + 0.035, y + 0.12) for x in (-0.12, 0.02) for y in (-0.12, 0.18, 0.48)]
    arches = [sector(x, -0.36, 0.06, 0.5, 0.5) for x in (-0.2, -0.04, 0.12)]
    return [
        ([shaft], _TONE),
        ([box(-0.3, -0.5, 0.3, -0.28), roof, box(-0.02, -1.15, 0.02, -0.95)], 1),
        (arches, 0),
        (windows, 1),
        (_hatched(shaft, 0.07), 1),
    ]


def _cypress() -> Motif:
    tree = spline([(0, -1.0), (0.2, -0.4), (0.26, 0.3), (0.12, 0.8), (-0.12, 0.8), (-0.26, 0.3), (-0.2, -0.4)])
    return [
        ([box(-0.03, 0.7, 0.03, 1.0)], 1),
        ([tree], _TONE),
        ([line((0.02, y), (0.2, y - 0.16), width=0.045, thin=0.4) for y in np.arange(-0.5, 0.8, 0.13)], 1),
    ]


def _boat() -> Motif:
    """Sailing boat on three waves."""
    hull = spline([(-0.8, 0.42), (0.85, 0.36), (0.6, 0.72), (-0.55, 0.74)], steps=5)
    sails = [np.array([[0.02, -0.95], [0.02, 0.3], [0.7, 0.3]]), np.array([[-0.06, -0.75], [-0.06, 0.3], [-0.6, 0.3]])]
    t = np.linspace(-1, 1, 30)
    waves = [ribbon(np.stack([t * (1.1 - 0.2 * i), 0.8 + 0.1 * i + 0.025 * np.sin(14 * t + i)], axis=1), 0.03) for i in range(3)]
    return [
        ([hull, box(-0.04, -1.05, 0.02, 0.42)], 1),
        ([sails[0]], _TONE),
        ([sails[1]], 1),
        ([line((0.04, y), (0.6 * (y + 1), y), width=0.025, thin=1) for y in (-0.3, -0.05, 0.18)], 1),
        (waves, 1),
    ]


def _house() -> Motif:
    """House with a bay, as along the Bosphorus."""
    walls, roof = box(-0.6, -0.1, 0.6, 1.0), np.array([[-0.78, -0.08], [-0.5, -0.5], [0.5, -0.5], [0.78, -0.08]])
    windows = [box(x - 0.07, y, x + 0.07, y + 0.22) for x in (-0.42, -0.14, 0.14, 0.42) for y in (0.04, 0.52)]
    bay = box(-0.26, -0.02, 0.26, 0.42)
    return [
        ([walls], _TONE),
        ([roof, box(0.2, -0.75, 0.32, -0.45)], 1),
        ([bay], 0),
        (windows, 1),
        ([box(-0.08, 0.66, 0.08, 1.0)], 1),
        (_hatched(walls, 0.12), 1),
    ]


def _tree() -> Motif:
    crowns = [circle(0.42, x, y) for x, y in ((-0.34, -0.3), (0.34, -0.34), (0, -0.58), (0.02, -0.1))]
    leaves = [
        sector(x, y, 0.1, 0.55, 0.4)
        for x, y in ((-0.5, -0.3), (-0.2, -0.55), (0.1, -0.75), (0.35, -0.45), (0.5, -0.2), (0.1, -0.2), (-0.2, -0.05), (0.3, 0.02))
    ]
    trunk = np.array([[-0.1, 0.1], [-0.16, 1.0], [0.18, 1.0], [0.1, 0.1]])
    return [([trunk], 1), (crowns, _TONE), (leaves, 1), (_hatched(trunk, 0.14), 0)]


def _balloon() -> Motif:
    """Hot air balloon over Cappadocia."""
    bag = spline([(0, -1.0), (0.52, -0.72), (0.56, -0.2), (0.14, 0.4), (-0.14, 0.4), (-0.56, -0.2), (-0.52, -0.72)])
    gores = [
        spline([(x * 0.25, -1.0), (x, -0.5), (x * 0.3, 0.4), (x * 0.2, 0.4), (x * 0.7, -0.5), (x * 0.15, -1.0)], steps=5)
        for x in (-0.36, 0.36)
    ]
    ropes = [line((s * 0.12, 0.4), (s * 0.09, 0.7), width=0.02, thin=1) for s in (-1, 1)]
    return [([bag], _TONE), ([*gores, sector(0, -0.2, 0.09, 0, 1) * (1, 2.2) + (0, 0.1)], 1), ([box(-0.12, 0.7, 0.12, 0.92), *ropes], 1)]


def _chimney() -> Motif:
    """Fairy chimney of tuff under a cap."""
    cone = spline([(-0.16, -0.5), (0.16, -0.5), (0.3, 0.2), (0.46, 1.0), (-0.46, 1.0), (-0.3, 0.2)], steps=5)
    cap = spline([(-0.3, -0.44), (-0.1, -0.95), (0.1, -0.92), (0.3, -0.44)], steps=5)
    return [([cone], _TONE), ([cap, sector(-0.08, 0.5, 0.08, 0.5, 0.5), box(-0.16, 0.5, 0.0, 0.7)], 1), (_hatched(cone, 0.1), 1)]


def _windmill() -> Motif:
    body = np.array([[-0.3, -0.1], [-0.4, 1.0], [0.4, 1.0], [0.3, -0.1]])
    arms = [placed(ribbon(np.array([[0, 0], [np.cos(a), np.sin(a)]]), 0.035), 0, -0.2, 0.85) for a in np.arange(8) * np.pi / 4 + 0.2]
    cloths = [
        np.array([[0.0, 0.0], [np.cos(a), np.sin(a)], [np.cos(a + 0.42) * 0.8, np.sin(a + 0.42) * 0.8]]) * 0.78 + (0, -0.2)
        for a in np.arange(8) * np.pi / 4 + 0.2
    ]
    return [
        ([body], _TONE),
        ([np.array([[-0.36, -0.1], [0, -0.55], [0.36, -0.1]]), box(-0.09, 0.6, 0.09, 1.0)], 1),
        (_hatched(body, 0.1), 1),
        (cloths, 0),
        ([one * (0.92, 1) for one in cloths[::2]], _TONE),
        (arms, 1),
    ]


def _deer() -> Motif:
    body = spline(
        [
            (-0.5, 0.05),
            (-0.1, -0.02),
            (0.3, -0.1),
            (0.42, -0.5),
            (0.6, -0.56),
            (0.56, 0.0),
            (0.42, 0.3),
            (0.0, 0.32),
            (-0.44, 0.36),
            (-0.62, 0.2),
        ]
    )
    head = spline([(0.42, -0.52), (0.5, -0.76), (0.66, -0.74), (0.88, -0.56), (0.66, -0.5)])
    legs = [
        line((x, 0.25), (x + d, 0.62), (x + d * 0.4, 1.0), width=0.11, thin=0.4)
        for x, d in ((-0.46, -0.08), (-0.3, 0.06), (0.28, -0.04), (0.4, 0.08))
    ]
    horns = [line((0.54, -0.74), (0.5 + s * 0.16, -0.95), (0.54 + s * 0.2, -1.15), width=0.045) for s in (-1, 1)] + [
        line((0.5 + s * 0.14, -0.92), (0.54 + s * 0.36, -1.06), width=0.035) for s in (-1, 1)
    ]
    return [
        ([*legs, *horns], 1),
        ([body, head], 1),
        ([circle(0.04, x, y) for x, y in ((-0.3, 0.1), (-0.1, 0.08), (0.1, 0.05), (-0.2, 0.2), (0.0, 0.18))], 0),
    ]


def _bird() -> Motif:
    """Bird on a flowering branch."""
    body = spline(
        [
            (-0.62, 0.3),
            (-0.2, -0.1),
            (0.1, -0.5),
            (0.36, -0.56),
            (0.48, -0.36),
            (0.4, 0.0),
            (0.1, 0.24),
            (-0.3, 0.24),
            (-0.9, 0.62),
            (-0.98, 0.52),
        ]
    )
    wing = spline([(0.16, -0.22), (0.1, 0.12), (-0.3, 0.2), (-0.62, 0.36), (-0.3, -0.02)])
    branch = line((-0.9, 0.2), (0.0, 0.34), (0.95, 0.1), width=0.06)
    leaves = [
        placed_leaf
        for x, y, a in ((0.5, 0.2, 0.6), (0.75, 0.12, 2.2), (-0.6, 0.26, 3.0), (-0.75, 0.22, -0.4))
        for placed_leaf in [np.asarray(_turn(petal(0.26), a) * 0.34 + (x, y))]
    ]
    return [
        ([branch, *leaves], 1),
        ([body], _TONE),
        ([wing, np.array([[0.46, -0.46], [0.64, -0.38], [0.46, -0.34]])], 1),
        ([circle(0.045, 0.34, -0.42)], 1),
        ([circle(0.09, x, y) for x, y in ((0.9, 0.02), (-0.9, 0.12), (0.66, 0.3))], 1),
    ]


def _turn(outline: Array, angle: float) -> Array:
    """Turn about the origin."""
    return np.asarray(outline @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]))


def _fountain() -> Motif:
    basin = np.array([[-0.8, 0.5], [0.8, 0.5], [0.5, 0.8], [-0.5, 0.8]])
    bowl = sector(0, 0.0, 0.42, 0.0, 0.5) * (1, 0.6)
    jets = [line((0, -0.1), (s * r, -0.75 + r * 0.3), (s * r * 2, 0.45), width=0.035, thin=1) for s in (-1, 1) for r in (0.12, 0.26, 0.36)]
    return [
        (jets, _TONE),
        ([basin, bowl, box(-0.06, 0, 0.06, 0.55), box(-0.6, 0.8, 0.6, 1.0)], 1),
        ([box(-0.7, 0.56, 0.7, 0.6)], 0),
        ([circle(0.05, 0, -0.8)], 1),
    ]


def _bridge() -> Motif:
    t = np.linspace(-1, 1, 30)
    deck = np.concatenate([np.stack([t, 0.2 + 0.35 * t**2], axis=1), np.stack([t, 0.75 + 0.0 * t], axis=1)[::-1]])
    arches = [sector(x, 0.8, r, 0.5, 0.5) for x, r in ((0, 0.36), (-0.66, 0.2), (0.66, 0.2))]
    rail = ribbon(np.stack([t, 0.14 + 0.35 * t**2], axis=1), 0.035)
    ripples = [line((-0.9 + 0.3 * i, 0.9), (0.2 + 0.2 * i, 0.9 + 0.04 * i), width=0.03, thin=1) for i in range(3)]
    return [
        ([deck], _TONE),
        (arches, 0),
        ([rail, *ripples], 1),
        ([line((x, 0.36 + 0.2 * x * x), (x + 0.12, 0.36 + 0.2 * x * x), width=0.025, thin=1) for x in np.arange(-0.9, 0.85, 0.17)], 1),
    ]


def _gulls() -> Motif:
    return [
        (
            [
                line((x - 0.2, y - 0.1), (x - 0.06, y - 0.12), (x, y), width=0.03, thin=1.4),
                line((x, y), (x + 0.06, y - 0.12), (x + 0.22, y - 0.08), width=0.042, thin=0.6),
            ],
            1,
        )
        for x, y in ((-0.5, 0.2), (0.1, -0.3), (0.6, 0.3))
    ]


_Scene = tuple[tuple[Motif, float, float, float], ...]
_ISLAND = -1.0
# Each toile: columns in a swatch, repeat, two scenes of figures as (motif, x, y, radius) in half columns, and the sprig between.
_TOILES: tuple[tuple[int, str, _Scene, _Scene, Motif], ...] = (
    (
        1,
        "half-drop",
        ((_cypress(), -0.5, -0.06, 0.34), (_tower(), 0.0, -0.1, 0.42), (_tree(), 0.5, 0.02, 0.28)),
        ((_boat(), 0, 0, 0.4), (_gulls(), 0.1, -0.5, 0.3)),
        botany.olive(1, 1),
    ),
    (
        2,
        "half-drop",
        ((_balloon(), 0, -0.2, 0.5),),
        ((_chimney(), -0.3, 0.06, 0.4), (_chimney(), 0.22, 0.14, 0.32)),
        motifs.sprig(3, 1, None, 0.2),
    ),
    (
        1,
        "half-drop",
        ((_tree(), -0.5, -0.08, 0.36), (_house(), 0.06, 0.0, 0.32), (_cypress(), 0.56, 0.0, 0.3)),
        ((_bridge(), 0, 0, 0.48), (_gulls(), 0.0, -0.4, 0.28)),
        botany.willow(1, 1),
    ),
    (1, "brick", ((_deer(), 0.1, 0, 0.38), (_tree(), -0.5, -0.12, 0.42)), ((_bird(), 0, 0, 0.4),), motifs.fern(1)),
    (2, "half-drop", ((_boat(), 0, 0, 0.46),), ((_gulls(), 0, 0, 0.46),), motifs.daisy(6, 1, 0)),
    (2, "brick", ((_bird(), 0, 0, 0.52),), ((botany.cherry(1, 0, 1), 0, 0, 0.34),), motifs.sprig(3, 1, None, 0.2)),
    (
        1,
        "half-drop",
        ((_windmill(), -0.2, -0.1, 0.42), (_tree(), 0.44, 0.04, 0.26)),
        ((_house(), -0.16, 0.04, 0.3), (_cypress(), 0.36, 0.0, 0.34), (_cypress(), 0.54, 0.08, 0.26)),
        botany.eucalyptus(1, 1),
    ),
    (
        1,
        "brick",
        ((_fountain(), 0, 0, 0.4), (_cypress(), -0.56, -0.06, 0.4), (_cypress(), 0.56, -0.06, 0.4)),
        ((_bird(), 0, 0, 0.34),),
        motifs.rose(1, 0, 1),
    ),
    (2, "half-drop", ((_tower(), 0, -0.04, 0.5),), ((_boat(), 0, 0, 0.42),), motifs.sprig(3, 1, None, 0.24)),
    (2, "half-drop", ((_deer(), 0, 0, 0.46),), ((_cypress(), -0.2, 0, 0.42), (_cypress(), 0.16, 0.1, 0.32)), motifs.daisy(8, 1, 0)),
    (
        1,
        "half-drop",
        ((_balloon(), -0.4, -0.24, 0.36), (_balloon(), 0.3, -0.4, 0.24), (_chimney(), 0.14, 0.12, 0.28), (_chimney(), 0.42, 0.18, 0.22)),
        ((_chimney(), -0.2, 0.0, 0.4), (_tree(), 0.36, 0.14, 0.26)),
        motifs.umbel(1, 1),
    ),
    (
        1,
        "brick",
        ((_house(), -0.4, 0.04, 0.28), (_tower(), 0.06, -0.16, 0.44), (_house(), 0.5, 0.06, 0.26)),
        ((_bridge(), 0, 0, 0.42), (_boat(), 0.2, -0.4, 0.22)),
        botany.olive(1, 1),
    ),
)


def toile(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Scenes of the Bosphorus, of Cappadocia and of gardens, engraved in one color."""
    columns, repeat, first, second, sprig = _TOILES[variant]
    canvas = Canvas(size // columns // (1 + (repeat == "half-drop")), size // columns // (1 + (repeat == "brick")), repeat)
    wide, high = canvas.tile
    tall = high >= wide
    unit = (wide if tall else high) * (0.56 if tall else 0.6)
    centers = [(wide * 0.5, high * 0.25), (wide * 0.5, high * 0.76)] if tall else [(wide * 0.25, high * 0.5), (wide * 0.76, high * 0.5)]
    for scene, (x, y) in zip((first, second), centers, strict=True):
        floats = len(scene) == 1 and len(scene[0][0]) in (3, 5) and scene[0][3] in (0.46, 0.34, 0.4, 0.52)
        if not floats:
            _island(rng, canvas, x, y + 0.36 * unit, unit * (0.86 if len(scene) > 1 else 0.6))
        for motif, dx, dy, radius in scene:
            canvas.stamp(motif, [(x + dx * unit, y + dy * unit, radius * unit, 0)])
    taken = [
        (x + dx * unit, y + dy * unit, reach * unit)
        for x, y in centers
        for dx, dy, reach in ((0, -0.08, 0.52), (-0.6, 0.2, 0.34), (0.6, 0.2, 0.34))
    ]
    sprigs = pack(rng, canvas, np.repeat([0.24, 0.17, 0.11], (6, 10, 14)) * unit, unit * 0.03, taken)
    for spot in turned(rng, sprigs):
        canvas.stamp(sprig, [spot])
    return canvas.artwork(size, "scenic", "two-tone", "large scale" if columns == 1 else "medium scale")


def _island(rng: np.random.Generator, canvas: Canvas, x: float, y: float, width: float) -> None:
    """Ground under a scene: a hatched mound with tufts of grass and two small bushes."""
    mound = polar(1.0, 40) * (width, width * 0.13) + (x, y)
    canvas.paint([mound], _TONE)
    rows = [
        line((x - width * w, y + width * h), (x + width * (w - 0.14), y + width * h), width=width * 0.018, thin=1)
        for w, h in ((0.7, 0.03), (0.5, 0.07), (0.28, 0.1))
    ]
    canvas.paint(rows, 1)
    for at in rng.uniform(-0.92, 0.92, 9):
        root = (x + at * width, y + width * 0.1 * np.sqrt(1 - at * at) * rng.uniform(-0.6, 0.9))
        canvas.paint(
            [line(root, (root[0] + s * width * 0.05, root[1] - width * 0.09), width=width * 0.022, thin=0.2) for s in (-1, 0, 1)], 1
        )
    for side, r in ((-1, 0.08), (1, 0.065)):
        bush = [(x + (side * 0.84 + dx) * width, y + (dy - 0.03) * width) for dx, dy in ((-0.05, 0.0), (0.05, 0.0), (0.0, -0.06))]
        canvas.paint([circle(width * r, *spot) for spot in bush], 1)
        canvas.paint([sector(*spot, width * r * 0.6, 0.55, 0.4) for spot in bush], _TONE)
