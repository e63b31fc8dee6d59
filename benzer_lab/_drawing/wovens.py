"""Cloth woven of colored threads: tartans, checks and the twills of suitings."""

import csv
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from benzer_lab._drawing.canvas import Artwork
from benzer_lab._drawing.cloth import cut, expand_sett, ordered, parse_sett, plain, twill
from benzer_lab._drawing.palettes import THREADS

SETTS_FILE = Path(__file__).parent.parent / "sample_setts.csv"
_FAMOUS = ("Black Watch", "Stewart Royal", "Rob Roy", "MacLeod of Lewis", "Wallace", "Gordon", "Cameron of Erracht", "MacGregor")
_ALIKE = frozenset({"Fergusson", "Leslie Hunting", "Murray"})  # one line away from MacLaren, Farquharson and Colquhoun
_SOURCE = re.compile(r" (D|VS|LO|LC|SM|W|WI|C|CC|L|N|P|\([a-z]\))$")  # which collection tells the sett
_MOST_THREADS = 232  # more would leave a thread less than two pixels wide


@cache
def setts() -> dict[str, list[str]]:
    """Return one traditional sett a clan that closes the twill and fits a swatch: the famous ones, then those of many colors."""
    with SETTS_FILE.open(encoding="utf-8", newline="") as file:
        threads = {row["name"]: expand_sett(*parse_sett(row["threadcount"])) for row in csv.DictReader(file)}
    known = {name: colors for name, colors in threads.items() if name not in _ALIKE}
    fit = {name: colors for name, colors in known.items() if name in _FAMOUS or (len(colors) >= 40 and _n_woven(colors) <= _MOST_THREADS)}
    ranked = sorted(fit, key=lambda name: (name not in _FAMOUS, not _is_lively(fit[name]), -len(set(fit[name])), len(name), name))
    chosen: dict[str, list[str]] = {}
    clans = set()
    for name in ranked:
        clan = name.split()[0].replace("Colq", "Colqu").replace("uu", "u")  # the source has Colquhoun in two spellings
        if clan not in clans and fit[name] not in chosen.values():
            chosen[_SOURCE.sub("", name)] = fit[name]
            clans.add(clan)
    return chosen


def _n_woven(colors: list[str]) -> int:
    """How many threads close both the sett and a twill over four."""
    return len(colors) * (1 if len(colors) % 4 == 0 else 2 if len(colors) % 2 == 0 else 4)


def _is_lively(colors: list[str]) -> bool:
    """Whether a third color takes at least a tenth of the threads."""
    counts = sorted(Counter(colors).values())
    return len(counts) > 2 and counts[-3] * 10 >= len(colors)


def tartan(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Traditional sett in 2/2 twill, the same in warp and weft."""
    colors = list(setts().values())[variant]
    codes = [THREADS.index(color) for color in colors]
    inks = sorted(set(codes))
    repeats = 8 if len(colors) <= 24 else 2 if len(colors) <= 108 or (len(colors) % 4 == 2 and len(colors) <= _MOST_THREADS // 2) else 1
    closed = repeats if len(colors) % 4 == 0 else 1
    start = int(rng.integers(len(codes)))
    threads = [inks.index(code) for code in codes[start:] + codes[:start]] * repeats
    art = cut(rng, threads, threads, twill(len(threads), len(threads)), size, repeats=closed)
    return replace(art, inks=tuple(inks), features=("small scale" if repeats > 1 else "large scale",))


# Each check: repeats in a swatch, threads of the warp as ink x count, those of the weft where they differ, and what it is called.
_GINGHAMS = (
    (8, "0x8 1x8", "", ("vichy", "two-tone", "small scale")),
    (2, "0x32 1x32", "", ("buffalo check", "two-tone", "large scale")),
    (4, "0x10 1x2 0x20 3x2 0x10", "", ("tattersall", "multicolor")),
    (16, "0x4 1x4", "", ("vichy", "two-tone", "mini")),
    (4, "0x8 1x8 0x8 2x8", "", ("vichy", "multicolor", "medium scale")),
    (2, "1x12 0x4 2x6 3x2 2x6 0x4 4x14 0x2 3x6 0x2 2x14 0x8", "", ("madras", "multicolor", "large scale")),
    (4, "0x30 1x2", "", ("windowpane", "two-tone", "large scale")),
    (2, "0x12 1x12 0x12 1x12 0x4 3x4 0x4 1x12", "", ("overcheck", "multicolor")),
    (16, "0x8 1x2", "", ("graph check", "two-tone", "small scale")),
    (2, "1x16 0x4 1x12 0x8 1x8 0x12 1x4 0x16", "", ("graduated", "two-tone", "large scale")),
    (4, "0x14 2x2 0x4 1x2 0x4 2x2 0x14", "", ("double windowpane", "multicolor")),
    (2, "2x20 0x6 1x2 0x4 1x2 0x6 2x20 3x4 0x12 3x4", "1x20 0x6 2x2 0x4 2x2 0x6 1x20 3x4 0x12 3x4", ("madras", "multicolor")),
)
_HOUNDSTEETH = (
    (8, "0x4 1x4", "", 4, ("two-tone", "medium scale")),
    (4, "0x8 1x8", "", 8, ("two-tone", "large scale")),
    (16, "0x4 1x4", "", 4, ("two-tone", "puppytooth", "small scale")),
    (4, "0x6 1x6 2x6 1x6", "", 4, ("multicolor", "medium scale")),
    (2, "0x4 1x4 0x4 1x4 3x4 0x4 3x4 1x4", "", 4, ("overcheck", "multicolor", "medium scale")),
    (8, "0x4 1x4 0x4 2x4", "", 4, ("gun club check", "multicolor", "small scale")),
    (2, "0x16 1x16", "", 8, ("two-tone", "shepherd check", "large scale")),
    (8, "0x4 1x8", "", 4, ("two-tone", "uneven", "medium scale")),
    (4, "0x8 1x8 0x8 3x8", "0x8 1x8 0x8 2x8", 8, ("gun club check", "multicolor", "medium scale")),
    (8, "0x6 1x6", "", 4, ("two-tone", "shepherd check", "small scale")),
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 1x8 0x8 1x8 0x8", "", 4, ("patchwork", "two-tone", "small scale")),
    (2, "2x32 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4", "", 4, ("framed", "multicolor", "medium scale")),
)
_GLEN_CHECKS = (
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 3x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2", "", ("overcheck",)),
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2", "", ("two-tone",)),
    (4, "0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2", "", ("two-tone", "small scale")),
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2", "2", ("multicolor",)),
    (1, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 " + "0x2 1x2 " * 16, "", ("two-tone", "large scale")),
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 " + "0x1 1x1 " * 16 + "0x4 1x4", "", ("pick and pick", "two-tone")),
    (2, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x15 3x2 0x15", "", ("windowpane", "overcheck")),
    (2, "0x4 2x4 0x4 2x4 0x4 2x4 0x4 2x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2", "", ("gun club", "multicolor")),
    (2, "0x8 1x8 0x8 1x8 0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4", "", ("two-tone", "bold")),
    (1, "0x4 1x4 0x4 1x4 0x4 1x4 0x4 1x4 0x2 1x2 0x2 1x2 0x2 1x2 0x2 3x2 " * 2 + "2x4 0x4 " * 4 + "0x2 1x2 " * 8, "", ("multicolor",)),
    (4, "0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 0x1 1x1 0x1 1x1 0x1 1x1 3x1 1x1", "", ("mini", "overcheck", "small scale")),
    (2, "0x6 1x6 0x6 1x6 0x6 1x6 0x2 1x2 0x2 1x2 0x2 1x2 0x2 1x2 2x1 0x1 2x1 1x1", "", ("multicolor", "medium scale")),
)


def gingham(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Weave checks in plain weave: vichy, tattersall, windowpane, madras."""
    repeats, warp, weft, features = _GINGHAMS[variant]
    threads = ordered(warp) * repeats
    art = cut(rng, threads, ordered(weft or warp) * repeats, plain(len(threads), len(threads)), size, repeats=repeats)
    return replace(art, features=features)


def houndstooth(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """As many light as dark threads in a twill that floats over half of them, which gives the check its teeth."""
    repeats, warp, weft, over, features = _HOUNDSTEETH[variant]
    threads = ordered(warp) * repeats
    art = cut(rng, threads, ordered(weft or warp) * repeats, twill(len(threads), len(threads), over), size, repeats=repeats)
    return replace(art, features=features)


def glen_check(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Prince of Wales check: blocks of four and four threads beside blocks of two and two, in 2/2 twill."""
    repeats, warp, tinted, features = _GLEN_CHECKS[variant]
    threads = ordered(warp) * repeats
    weft = [2 if thread == 1 and tinted else thread for thread in threads]
    art = cut(rng, threads, weft, twill(len(threads), len(threads)), size, repeats=repeats)
    return replace(art, features=features)


# Each herringbone: threads in a swatch, threads of its ribs, of how many threads a step of the twill is, how many of them lie on top,
# threads of the warp over one repeat (dark weft), and what it is called.
_HERRINGBONES = (
    (128, (16, 16), 4, 2, "0x32", ("two-tone", "small scale")),
    (64, (8, 8), 4, 2, "0x16", ("two-tone", "medium scale")),
    (128, (16, 16, 16, 16), 4, 2, "0x31 3x2 0x31", ("stripes", "small scale")),
    (64, (32, 32), 4, 2, "0x64", ("two-tone", "large scale")),
    (96, (24, 24), 6, 3, "0x48", ("two-tone", "bold", "medium scale")),
    (96, (36, 12), 4, 2, "0x36 2x12", ("uneven ribs", "multicolor")),
    (128, (16, 16), 4, 2, "0x16 2x16", ("two-tone ribs", "multicolor")),
    (192, (32, 32, 16, 16), 4, 1, "0x96", ("broken", "small scale")),
    (128, (64, 64), 8, 4, "0x128", ("two-tone", "large scale")),
    (128, (4, 4, 4, 4, 16, 16, 16), 4, 2, "0x16 2x48", ("fancy", "multicolor")),
    (128, (8, 8, 8, 8), 4, 3, "0x15 3x2 0x15", ("stripes", "small scale")),
    (64, (16, 16), 8, 3, "0x32", ("two-tone", "blanket", "large scale")),
)


def herringbone(rng: np.random.Generator, size: int, variant: int) -> Artwork:
    """Twill that turns back after every rib, dark weft on light warp; every fifth with the colored flecks of Donegal."""
    n, ribs, step, over, sett, features = _HERRINGBONES[variant]
    turns = np.concatenate([np.arange(rib) if i % 2 == 0 else rib - 1 - np.arange(rib) + 2 for i, rib in enumerate(ribs)])
    repeat = len(turns)
    up = (np.add.outer(np.arange(n), np.tile(turns, n // repeat)) % step < over).astype(np.float32)
    warp = ordered(sett) * (n // len(ordered(sett)))
    art = cut(rng, warp, [1] * n, up, size)
    art = replace(art, repeat_px=(size * repeat // n, size if size * step % n or n % step else size * step // n), features=features)
    return _flecked(rng, art, size) if variant % 5 == 4 else art


def _flecked(rng: np.random.Generator, art: Artwork, size: int) -> Artwork:
    """Strew neps of two other colors over a cloth; it then repeats only as a whole."""
    coverage = np.zeros((5, size, size), dtype=np.float32)
    coverage[: len(art.coverage)] = art.coverage
    high, wide = max(size // 128, 1), max(size // 64, 2)
    for ink, n in ((2, 70), (3, 45), (4, 30)):
        for y, x in rng.integers(0, size, (n, 2)):
            spot = np.ix_(range(5), (y + np.arange(high)) % size, (x + np.arange(wide)) % size)
            coverage[spot] *= 0.25
            coverage[ink][spot[1][0], spot[2][0]] += 0.75
    return replace(art, coverage=coverage, inks=(0, 1, 2, 3, 4), repeat_px=(size, size), features=(*art.features, "Donegal"))
