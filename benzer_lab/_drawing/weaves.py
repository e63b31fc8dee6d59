"""Cloth whose drawing lies in the weave: birdseye and its kin, jacquard diamonds, and seersucker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._drawing.canvas import Array, Artwork, noise
from benzer_lab._drawing.cloth import cut, ordered, plain

# Each fine weave: which threads of the warp lie on top (#), threads in a swatch, orders of warp and weft, and what it is called.
_FINE_WEAVES = (
    (("...##...", "..#..#..", ".#.##.#.", "#..##..#", "#..##..#", ".#.##.#.", "..#..#..", "...##..."), 128, "0x8", "1x8", ("birdseye",)),
    (("#..#", "##..", ".##.", "..##"), 128, "0x2 1x2", "1x2 0x2", ("nailhead",)),
    (("##..", "##..", "..##", "..##"), 64, "0x8", "1x8", ("hopsack", "medium scale")),
    (("##..", ".##.", "..##", "#..#"), 128, "0x1 1x1", "0x1 1x1", ("pick and pick",)),
    (("##....", "###...", ".###..", "..###.", "...###", "#...##"), 96, "0x24", "1x24", ("barleycorn", "diagonal")),
    (("##..", ".##.", "..##", "#..#"), 128, "1x30 0x2", "1x32", ("pinstripe", "stripes")),
    (("...##...", "...##...", ".#....#.", "##....##", "##....##", ".#....#.", "...##...", "...##..."), 64, "0x8", "1x8", ("crow's foot",)),
    (("##..", ".##.", "..##", "#..#"), 128, "1x28 2x1 0x2 2x1", "1x32", ("chalk stripe", "stripes")),
    (("####....", "####....", "####....", "####....", "....####", "....####", "....####", "....####"), 64, "0x1 2x1", "1x8", ("basket",)),
    (("#.......", ".#......", "..#.#...", "...#....", "..#.#...", ".#...#..", "#.....#.", ".......#"), 128, "0x8", "1x8", ("cross twill",)),
)


def birdseye(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Small weaves of suitings, two colors that mix from afar: birdseye, nailhead, hopsack, sharkskin, barleycorn."""
    rows, n, warp, weft, features = _FINE_WEAVES[variant]
    draft = np.array([[mark == "#" for mark in row] for row in rows], dtype=np.float32)
    high, wide = draft.shape
    order, other = ordered(warp), ordered(weft)
    repeat = max(wide, high, len(order), len(other))
    up = np.tile(draft, (n // high, n // wide))
    art = cut(rng, order * (n // len(order)), other * (n // len(other)), up, size, repeats=n // repeat)
    return replace(art, features=("fine", *features))


Figure = Callable[[Array, Array], NDArray[Any]]


def _lozenge(x: Array, y: Array) -> Array:
    """Distance from the middle of a cell in the way of a diamond, 0 to 1; x and y go from -1 to 1."""
    return (np.abs(x) + np.abs(y)) / 2


# Each figure: where the warp comes to the top, in a cell whose middle is 0 and whose edges are -1 and 1; how many cells lie side by side
# in a swatch, and one above the other; whether the cells are dropped by half.
_FIGURES: tuple[tuple[Figure, int, int, str], ...] = (
    (lambda x, y: _lozenge(x, y) % 0.25 < 0.125, 4, 4, "nested"),
    (lambda x, y: (_lozenge(x, y) < 0.5) ^ (_lozenge(x, y) < 0.16), 8, 4, "harlequin"),
    (lambda x, y: (np.abs(_lozenge(x, y) - 0.5) < 0.06) | (np.hypot(x, y) < 0.22), 8, 8, "lattice"),
    (lambda x, y: (_lozenge(x, y) < 0.38) & ~((np.abs(x) < 0.07) | (np.abs(y) < 0.07)) | (_lozenge(x, y) > 0.9), 4, 4, "quartered"),
    (lambda x, y: (np.abs(x) + np.abs(y) * 0.5) % 0.5 < 0.25, 8, 4, "zigzag"),
    (lambda x, y: np.floor(_lozenge(x, y) * 16) % 4 < 2, 2, 4, "stepped"),
    (lambda x, y: (np.abs(_lozenge(x, y) - 0.5) < 0.035) | (np.maximum(np.abs(x), np.abs(y)) < 0.18), 4, 8, "lattice"),
    (lambda x, y: (_lozenge(x, y) < 0.5) ^ ((x + y) % 0.5 < 0.18), 4, 4, "striped"),
    (lambda x, y: np.abs(_lozenge(x, y) - 0.5 + 0.06 * np.cos(3 * np.pi * (x - y))) < 0.1, 4, 4, "braided"),
    (lambda x, y: np.abs(x * y) < 0.035 * (1 + 4 * (np.hypot(x, y) < 0.45)), 4, 4, "star"),
    (lambda x, y: (_lozenge(x, y) < 0.5) & (np.abs((np.abs(x) - np.abs(y)) % 0.4 - 0.2) < 0.1), 2, 2, "fret"),
    (lambda x, y: (_lozenge(x, y) < 0.14) | (np.abs(_lozenge(x, y) - 0.32) < 0.05) | (_lozenge(x, y) > 0.86), 8, 4, "foulard"),
)


def jacquard_diamond(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Diamonds of satin on satin: the warp comes to the top within the figure, the weft around it."""
    figure, across, down, name = _FIGURES[variant]
    n = 128
    x, y = (np.mgrid[:n, :n][::-1] + 0.5) * np.array([across, down])[:, None, None] / n % 1 * 2 - 1
    inside = figure(x, y)
    step = np.add.outer(np.arange(n) * 3, np.arange(n)) % 4
    up = np.where(inside, step != 0, step == 0).astype(np.float32)
    third = variant % 3 == 2
    weft = [2 if third and (thread * down // n) % 2 else 1 for thread in range(n)]
    art = cut(rng, [0] * n, weft, up, size)
    tile = (size // across, 2 * size // down if third else size // down)
    tone = "multicolor" if third else "two-tone"
    return replace(
        art, repeat_px=tile, features=(name, tone, "small scale" if across == 8 else "medium scale" if across == 4 else "large scale")
    )


# Each seersucker: stripes as ink x pixels of a 64th of the swatch, repeats, whether they also cross.
_SEERSUCKERS = (
    ("0x2 1x2", 16, False, ("fine stripe", "small scale")),
    ("0x2 1x6", 8, False, ("medium scale",)),
    ("0x8 1x4 0x2 1x2", 4, False, ("mixed stripe", "medium scale")),
    ("0x4 1x4", 8, True, ("checks", "medium scale")),
    ("0x3 1x3 0x3 2x3 0x4", 4, False, ("multicolor", "medium scale")),
    ("1x12 0x3 1x3 0x14", 2, False, ("awning stripe", "large scale")),
    ("0x6 1x2 0x6 3x2", 4, True, ("windowpane", "multicolor")),
    ("1x2 0x2 1x2 0x2 1x2 0x6", 4, False, ("grouped stripe", "small scale")),
    ("1x6 10x4 0x3 3x1 0x2", 4, False, ("shaded stripe", "medium scale")),
    ("0x12 2x8 1x4 2x8", 2, True, ("checks", "multicolor", "large scale")),
)


def seersucker(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Striped cotton in which every colored stripe lies flat and the ground between puckers."""
    text, repeats, crossed, features = _SEERSUCKERS[variant]
    line = np.repeat(ordered(text), size // 64)
    line = np.tile(line, size // len(line))
    shares = np.stack([(line == ink) + 0.5 * ((line > 9) & ((line // 10 == ink) | (line % 10 == ink))) for ink in range(5)])
    coverage = np.repeat(shares[:, None], size, axis=1).astype(np.float32)
    if crossed:
        up = np.kron(plain(size // 2, size // 2), np.ones((2, 2))).astype(np.float32)
        coverage = coverage * up + np.repeat(shares[:, :, None], size, axis=2).astype(np.float32) * (1 - up)
    unit = size / 256
    pucker = 0.055 * noise(rng, size, size, (3 * unit, 5 * unit)) + 0.02 * noise(rng, size, size, (1.5, 1.5))
    loose = np.where(line == line[0], 1.0, 0.3)[None]
    relief = 1 + pucker * loose - 0.012 * (np.arange(size)[:, None] % 2)
    relief = (np.round(relief * 4096) / 4096).astype(np.float32)
    tile = size // repeats
    return Artwork(coverage, "straight", (tile, tile if crossed else size), ("puckered", *features), relief)
