"""Batik of Java: kawung, parang and their kin, wax lines and all."""

import numpy as np

from benzer_lab._drawing import botany, motifs
from benzer_lab._drawing.canvas import Array, Artwork, Canvas, pack, placed, put
from benzer_lab._drawing.florals import set_canvas
from benzer_lab._drawing.outlines import circle, petal, polar, polygon, ribbon, ring, star

# Each kawung: rows in a swatch, layers of an oval as (length, width, ink), dots along it, what lies at the crossing and in the gap.
_KAWUNGS: tuple[tuple[int, tuple[tuple[float, float, int], ...], int, int, int], ...] = (
    (4, ((0.9, 0.4, 1), (0.76, 0.28, 0), (0.66, 0.2, 1)), 0, 3, 2),
    (8, ((0.88, 0.38, 1),), 2, 3, 2),
    (2, ((0.92, 0.42, 2), (0.84, 0.35, 0), (0.78, 0.3, 1), (0.4, 0.1, 0)), 3, 3, 4),
    (4, ((0.94, 0.44, 4), (0.84, 0.36, 2), (0.7, 0.24, 0)), 3, 1, 3),
)
# Each parang: bands in a swatch, knives along a band, how far they bend, inks of knife, ground of the band and lines.
_PARANGS = ((4, 2, 0.5, 1, 0, 3), (8, 2, 0.5, 1, 0, 2), (2, 2, 0.7, 1, 2, 4), (4, 1, 0.3, 3, 4, 1))


def batik(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Kawung ovals, parang knives, or another of the old figures."""
    if variant < len(_KAWUNGS):
        return _kawung(size, variant)
    if variant < len(_KAWUNGS) + len(_PARANGS):
        return _parang(size, *_PARANGS[variant - len(_KAWUNGS)])
    rules = (_truntum, _ceplok, _clouds, _lereng, _lattice, _patches)
    return rules[variant - len(_KAWUNGS) - len(_PARANGS)](rng, size)


def _kawung(size: int, variant: int) -> Artwork:
    """Four ovals that meet in a cross, as palm fruit cut open."""
    rows, layers, n_dots, heart, gap = _KAWUNGS[variant]
    canvas, step = Canvas(size // rows, size // rows), size / rows
    reach = step / np.sqrt(2) / 2
    for i in range(4):
        angle = np.pi / 4 + i * np.pi / 2
        middle = step / 2 + np.array([np.cos(angle), np.sin(angle)]) * reach
        for length, width, ink in layers:
            canvas.paint([put(polar(1.0, 40) * (width, length), middle, reach, angle + np.pi / 2)], ink)
        for k in range(n_dots):
            along = (k - (n_dots - 1) / 2) * 0.36 * reach
            canvas.paint([circle(reach * 0.07, *(middle + np.array([np.cos(angle), np.sin(angle)]) * along))], 0 if n_dots == 2 else 3)
    canvas.stamp([([star(4, 0.4)], gap), ([circle(0.3)], 0)], [(0, step / 2, step * 0.11, 0), (step / 2, 0, step * 0.11, 0)])
    canvas.stamp([([polygon(4)], heart), ([polygon(4, 0.5)], 0)], [(step / 2, step / 2, step * 0.09, 0), (0, 0, step * 0.09, 0)])
    return canvas.artwork(size, "kawung", "small scale" if rows == 8 else "large scale" if rows == 2 else "medium scale", "multicolor")


def _parang(size: int, bands: int, knives: int, bend: float, knife: int, ground: int, trim: int) -> Artwork:
    """Slanting bands of S-shaped knives, a row of lozenges between the bands."""
    side = size // bands

    def figure(x: Array, y: Array) -> Array:
        across, along = (x + y) / side % 1 * 2 - 1, (x - y) / side * knives
        inner = across / 0.72
        wave = (along + bend * 0.5 * np.sin(np.pi * inner) + 0.24 * inner) % 1
        blade = np.abs(wave - 0.5) < 0.26 + 0.1 * np.cos(np.pi * inner)
        eye = (np.abs(wave - 0.5) < 0.08) & (np.abs(inner) < 0.5)
        rim = (np.abs(wave - 0.5) > 0.42 + 0.02 * np.cos(np.pi * inner)) & (np.abs(inner) < 0.8)
        code = np.where(blade, knife, np.where(rim, trim, ground))
        code = np.where(eye, trim, code)
        lozenge = np.abs((along * 2 % 1) - 0.5) * 0.5 + np.abs(np.abs(across) - 0.89) * 3 < 0.2
        code = np.where(np.abs(across) > 0.76, np.where(lozenge, knife, 4 if ground != 4 else 0), code)
        return np.where(np.abs(np.abs(across) - 0.745) < 0.02, trim, code)

    canvas = Canvas(side, side)
    canvas.ink(figure)
    return canvas.artwork(size, "parang", "diagonal", "small scale" if bands == 8 else "large scale" if bands == 2 else "medium scale")


def _truntum(rng: np.random.Generator, size: int) -> Artwork:
    """Small starry flowers strewn evenly over a dark field of dots."""
    canvas = set_canvas(size, 8, "half-drop")
    wide, high = canvas.tile
    canvas.stamp(
        [(ring(petal(0.16, 1.2), 8), 1), (ring(circle(0.07, 0, -0.78), 8, 1, np.pi / 8), 2), ([circle(0.2)], 3)],
        [(wide / 2, high / 2, wide * 0.44, 0)],
    )
    canvas.paint(
        [circle(wide * 0.05, wide / 2 + dx * wide, dy * high) for dx, dy in ((0, 0), (0.14, 0), (-0.14, 0), (0, 0.07), (0, -0.07))], 3
    )
    return canvas.artwork(size, "truntum", "set motif", "small scale", "multicolor")


def _ceplok(rng: np.random.Generator, size: int) -> Artwork:
    """Rosettes in squares and circles by turns."""
    canvas = set_canvas(size, 4, "half-drop")
    wide, high = canvas.tile
    center = (wide / 2, high / 2)
    rosette: list[tuple[list[Array], int]] = [
        ([circle(1.0)], 1),
        ([circle(0.92)], 0),
        (ring(petal(0.3, 1.3), 8, 0.88), 2),
        (ring(petal(0.14, 1.3), 8, 0.84), 1),
    ]
    rosette += [([circle(0.34)], 0), ([star(8, 0.6) * 0.3], 3)]
    canvas.stamp(rosette, [(*center, wide * 0.5, 0)])
    canvas.stamp(
        [([polygon(4)], 1), ([polygon(4, 0.86)], 4), (ring(petal(0.3, 1.2), 4, 0.8), 3), ([circle(0.2)], 0)],
        [(wide / 2, 0, wide * 0.36, 0)],
    )
    canvas.paint(
        [
            circle(wide * 0.035, wide / 2 + np.cos(a) * wide * 0.57, high / 2 + np.sin(a) * wide * 0.57)
            for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ],
        3,
    )
    return canvas.artwork(size, "ceplok", "set motif", "medium scale", "multicolor")


def _clouds(rng: np.random.Generator, size: int) -> Artwork:
    """Mega mendung: rain clouds in seven lines of one color."""
    canvas = set_canvas(size, 2, "half-drop")
    wide, high = canvas.tile
    lobes = ((0, 0.02, 0.26), (0.26, 0.08, 0.2), (-0.28, 0.06, 0.22), (0.46, 0.14, 0.12), (-0.5, 0.15, 0.13), (0.1, -0.1, 0.2))
    for y, flip in ((0.28, 1), (0.76, -1)):
        for shrink, ink in ((0.0, 1), (0.03, 0), (0.045, 2), (0.085, 0), (0.1, 1), (0.14, 10), (0.18, 1)):
            shapes = [
                circle((r - shrink) * wide, wide * (0.5 + flip * dx * 0.92), high * y + dy * wide)
                for dx, dy, r in lobes
                if r > shrink + 0.02
            ]
            canvas.paint(shapes, ink)
        tail = np.linspace(0, 1, 24)
        line = np.stack([wide * (0.5 + flip * (0.2 - 0.75 * tail)), high * y + wide * (0.3 + 0.05 * np.sin(2 * np.pi * tail))], axis=1)
        canvas.paint([ribbon(line, wide * 0.07 * np.sin(np.pi * tail) ** 0.7)], 2)
        canvas.paint([ribbon(line[3:-3], wide * 0.02)], 0)
    return canvas.artwork(size, "mega mendung", "clouds", "large scale")


def _lereng(rng: np.random.Generator, size: int) -> Artwork:
    """Udan liris: slanting stripes, each with a small figure of its own."""
    side = size // 2

    def figure(x: Array, y: Array) -> Array:
        across, along = (x + y) / side % 1 * 8, (x - y) / side * 8 % 1
        band, place = np.floor(across), across % 1 - 0.5
        a = along - 0.5
        shapes = [
            np.hypot(a, place) < 0.26,
            np.abs(a) + np.abs(place) < 0.34,
            np.abs(place - 0.25 * np.sin(2 * np.pi * along)) < 0.1,
            np.abs((along * 2 % 1) - 0.5) < 0.16,
            (np.abs(a) < 0.1) ^ (np.abs(place) < 0.1),
            np.abs(np.hypot(a, place) - 0.25) < 0.09,
            np.abs(place) < 0.36 - np.abs(a) * 0.9,
            np.abs(a + place) % 0.5 < 0.16,
        ]
        code = np.zeros(x.shape, dtype=int)
        for i, shape in enumerate(shapes):
            here = (band == i) & (np.abs(place) < 0.42)
            code = np.where(here, np.where(shape, (1, 3, 1, 2, 1, 3, 2, 0)[i], (0, 4, 0, 0, 2, 0, 4, 1)[i]), code)
        return np.where(np.abs(np.abs(place) - 0.45) < 0.035, 1, code)

    canvas = Canvas(side, side)
    canvas.ink(figure)
    return canvas.artwork(size, "udan liris", "diagonal", "stripes", "multicolor")


def _lattice(rng: np.random.Generator, size: int) -> Artwork:
    """Sido mukti: a lozenge lattice with wings and flowers by turns."""
    canvas = set_canvas(size, 2, "half-drop")
    wide, high = canvas.tile
    corners = np.array([[wide / 2, 0], [wide * 1.5, high / 2], [wide / 2, high], [-wide / 2, high / 2]])
    for width, ink in ((0.07, 1), (0.045, 0), (0.02, 3)):
        for i in range(4):
            canvas.paint([ribbon(corners[[i, (i + 1) % 4]], width * wide)], ink)
    for side in (-1, 1):
        for i, length in enumerate((0.56, 0.5, 0.42, 0.32)):
            canvas.paint([placed(petal(0.15, 1.2), wide / 2, high * 0.56, wide * length, side * (0.45 + 0.36 * i))], (1, 2, 1, 2)[i])
    canvas.stamp(botany.cherry(3, 1), [(wide / 2, high * 0.56, wide * 0.13, 0)])
    canvas.stamp(motifs.daisy(8, 3, 1), [(corners[0][0], 0, wide * 0.1, 0)])
    dots = pack(rng, canvas, [wide * 0.012] * 90, wide * 0.045, [(wide / 2, high / 2, wide * 0.5)])
    canvas.paint([circle(r, x, y) for x, y, r in dots], 2)
    return canvas.artwork(size, "sido mukti", "lattice", "large scale", "multicolor")


def _patches(rng: np.random.Generator, size: int) -> Artwork:
    """Tambal: triangles of several old cloths sewn together."""
    side = size // 2

    def figure(x: Array, y: Array) -> Array:
        column, row = x / side * 4, y / side * 4
        a, b = column % 1, row % 1
        half = np.where((np.floor(column) + np.floor(row)) % 2 == 0, a + b < 1, a > b)
        kind = (np.floor(column) * 2 + np.floor(row) * 3 + half * 5) % 6
        u, v = column * 4 % 1 - 0.5, row * 4 % 1 - 0.5
        marks = [
            np.hypot(u, v) < 0.3,
            (u + v) % 0.5 < 0.25,
            np.abs(u) + np.abs(v) < 0.3,
            np.abs(v) < 0.2,
            np.abs(np.hypot(u, v) - 0.3) < 0.1,
            np.abs(u * v) < 0.03,
        ]
        code = np.zeros(x.shape, dtype=int)
        for i, mark in enumerate(marks):
            code = np.where(kind == i, np.where(mark, (1, 0, 3, 1, 0, 3)[i], (0, 1, 4, 2, 4, 0)[i]), code)
        seam = np.minimum.reduce(
            [a, 1 - a, b, 1 - b, np.where((np.floor(column) + np.floor(row)) % 2 == 0, np.abs(a + b - 1), np.abs(a - b)) * 0.7]
        )
        return np.where(seam < 0.03, 1, code)

    canvas = Canvas(side, side)
    canvas.ink(figure)
    return canvas.artwork(size, "tambal", "patchwork", "large scale", "multicolor")
