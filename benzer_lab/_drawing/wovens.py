"""Designs made of threads: what the loom draws by the order of its colors and the way they cross."""

import csv
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from benzer_lab._drawing.canvas import Artwork
from benzer_lab._drawing.cloth import cut, expand_sett, parse_sett, plain, twill
from benzer_lab._drawing.palettes import THREADS

SETTS_FILE = Path(__file__).parent.parent / "sample_setts.csv"


@cache
def setts() -> dict[str, list[str]]:
    """Return the traditional setts that close the twill, fit a swatch and show three colors well, most colorful first."""
    with SETTS_FILE.open(encoding="utf-8", newline="") as file:
        threads = {row["name"]: expand_sett(*parse_sett(row["threadcount"])) for row in csv.DictReader(file)}
    fit = {name: colors for name, colors in threads.items() if len(colors) % 4 == 0 and 64 <= len(colors) <= 168 and _is_lively(colors)}
    return dict(sorted(fit.items(), key=lambda sett: -len(set(sett[1]))))


def _is_lively(colors: list[str]) -> bool:
    """Whether a third color takes at least a tenth of the threads."""
    counts = sorted(Counter(colors).values())
    return len(counts) > 2 and counts[-3] * 10 >= len(colors)


def tartan(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Traditional sett in 2/2 twill, the same in warp and weft."""
    colors = list(setts().values())[variant]
    codes = [THREADS.index(color) for color in colors]
    inks = sorted(set(codes))
    repeats = 2 if len(colors) <= 108 else 1
    start = int(rng.integers(len(codes)))
    threads = [inks.index(code) for code in codes[start:] + codes[:start]] * repeats
    art = cut(rng, threads, threads, twill(len(threads), len(threads)), size, repeats=repeats)
    return replace(art, inks=tuple(inks), features=("small scale" if repeats > 1 else "large scale",))


def houndstooth(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Four light and four dark threads in 2/2 twill; some with a second weft, some with an overcheck."""
    repeats = (8, 4, 16, 8, 16)[variant]
    warp = [0, 0, 0, 0, 1, 1, 1, 1] * repeats
    weft = [2 if thread == 0 and variant == 3 else thread for thread in warp]
    features = ["two-tone" if variant < 3 else "multicolor", ("medium", "large", "small")[(8, 4, 16).index(repeats)] + " scale"]
    if variant == 4:
        for start in (28, 92):
            warp[start : start + 4] = weft[start : start + 4] = [3] * 4
        repeats, features = 2, [*features, "overcheck"]
    art = cut(rng, warp, weft, twill(len(warp), len(warp)), size, repeats=repeats)
    return replace(art, features=tuple(features))


def herringbone(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """2/2 twill that turns back after every few threads, dark weft on light warp; some with a fine stripe."""
    rib = (16, 8, 16, 32, 8)[variant]
    n = 64 if rib == 32 else 128
    column = np.arange(n)
    turned = column // rib % 2
    step = np.where(turned, 2 - column, column)
    up = (np.add.outer(np.arange(n), step) % 4 < 2).astype(np.float32)
    warp, repeat = [0] * n, 2 * rib
    if variant in (2, 4):
        repeat = 64
        warp = [(3 if variant == 2 else 2) if i % 64 in (31, 32) else 0 for i in range(n)]
    art = cut(rng, warp, [1] * n, up, size)
    scale = "large scale" if n == 64 else "small scale"
    features = (scale, "stripes" if repeat == 64 and n == 128 else "two-tone")
    return replace(art, repeat_px=(size * repeat // n, size * 4 // n), features=features)


def gingham(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Even checks in plain weave, tattersall lines, or a gingham of two colors."""
    n = (128, 192, 128, 192, 128)[variant]
    check = (8, 6, 16, 24, 32)[variant]
    block = np.arange(n) // check
    if variant == 3:
        offset = np.arange(n) % 48
        warp = np.where(np.abs(offset - 12) < 2, 1, np.where(np.abs(offset - 36) < 2, 3, 0)).tolist()
        weft, features, repeat = warp, ("tattersall", "multicolor"), 48
    else:
        warp = (block % 2).tolist()
        weft = [2 if thread and variant == 4 else thread for thread in warp]
        features, repeat = (("multicolor", "large scale") if variant == 4 else ("two-tone", "small scale")), 2 * check
    art = cut(rng, warp, weft, plain(n, n), size, repeats=n // repeat)
    return replace(art, features=features)


def glen_check(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Prince of Wales check: blocks of 4 and 4 threads beside blocks of 2 and 2, in 2/2 twill, with or without an overcheck."""
    coarse, fine = ((32, 32), (48, 16), (16, 16), (32, 32), (64, 64))[variant]
    sett = [0, 0, 0, 0, 1, 1, 1, 1] * (coarse // 8) + [0, 0, 1, 1] * (fine // 4)
    features = ["two-tone", "large scale" if len(sett) >= 64 else "small scale"]
    if variant % 2 == 0:
        middle = coarse + fine // 2
        sett[middle - 2 : middle + 2] = [3] * 4
        features = ["overcheck", features[1]]
    repeats = 128 // len(sett)
    threads = sett * repeats
    art = cut(rng, threads, threads, twill(128, 128), size, repeats=repeats)
    return replace(art, features=tuple(features))


def stripes(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Stripes along the warp, the weft or the diagonal; even, graded, mirrored or fine."""
    repeat = size // (2, 4, 2, 8, 1)[variant]
    weights = ([4, 4], [3, 1, 1, 1], [9, 1, 2, 1, 5, 1, 2, 1], [5, 1], rng.integers(1, 9, 12).tolist())[variant]
    inks = ([0, 1], [0, 1, 0, 2], [0, 1, 0, 3, 1, 3, 0, 1], [0, 1], [0, 1, 2, 0, 3, 0, 1, 0, 4, 2, 0, 2])[variant]
    edges = np.round(np.cumsum([0, *weights]) / sum(weights) * repeat * 8).astype(int)
    line = np.repeat(inks, np.diff(edges))
    shares = np.stack([(line == ink).reshape(repeat, 8).mean(axis=1) for ink in range(5)])
    direction = int(rng.integers(3))
    y, x = np.mgrid[:size, :size]
    coverage = shares[:, (x, y, x + y)[direction] % repeat].astype(np.float32)
    direction_name = ("vertical", "horizontal", "diagonal")[direction]
    tile = ((repeat, 1), (1, repeat), (repeat, repeat))[direction]
    tone = "two-tone" if len(set(inks)) == 2 else "multicolor"
    return Artwork(coverage, "straight", tile, (direction_name, tone, "large scale" if repeat >= size // 2 else "small scale"))
