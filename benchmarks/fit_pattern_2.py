"""Make the constants of the recipe pattern-2 from designs and views of them.

The shipped file was made by

    python benchmarks/fit_pattern_2.py ../shared/data --cache CACHE --out benzer_lab/weights/pattern-2.npz

DATA holds `patterns`, `tartans` and `surfaces`, each with `images/` and `truth.csv`. To them come the sample designs (tartans apart:
they are the setts of `tartans`) and setts woven at random. Each design is seen several times, disturbed and recolored by fixed
seeds; the projection keeps the directions in which views of one design are alike and designs are not (linear discriminant
analysis). `quality.py` fits it again without the designs that it asks for. What was computed stays in CACHE.
"""

import argparse
import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from disturbances import random_sett, random_view, woven
from numpy.typing import NDArray
from PIL import Image

from benzer_lab.images import decode
from benzer_lab.network import SIDE
from benzer_lab.pattern import N_DIMENSIONS, color_blind, describe, standardize
from benzer_lab.sample import draw_archive

Floats = NDArray[np.float32]
Source = Iterator[tuple[str, Image.Image]]
BLOCKS = {"moments": 352, "turn-free": 420, "scale-free": 840}
VIEWS = {"patterns": 6, "tartans": 5, "surfaces": 3, "drawn": 5, "setts": 3}
WEIGHTS = {"patterns": 1.0, "tartans": 1.0, "surfaces": 0.5, "drawn": 1.0, "setts": 1.0}
P_RECOLOR = {"patterns": 0.35, "tartans": 0.35, "surfaces": 0.5, "drawn": 0.2, "setts": 0.0}
SEAMLESS = {"patterns", "drawn"}
CONSTANTS = ("setts views", "drawn views", "surfaces views")  # give the z-scores: none of an image that quality.py judges recolors by
N_SETTS = 800
SHRINKAGE = 0.1  # of the variance within designs, in shares of its mean: without it the rarest directions would be trusted most


@dataclass(frozen=True)
class Rows:
    """Described images: `x` of shape (n, 1612), and the design that each shows."""

    x: Floats
    designs: NDArray[np.str_]


@dataclass(frozen=True)
class Projection:
    """The constants of the recipe; `rows` embeds described images by them."""

    mean: Floats
    deviation: Floats
    components: Floats
    offset: Floats
    blocks: tuple[str, ...]

    def rows(self, x: Floats) -> Floats:
        y = scored(x, self.mean, self.deviation, self.blocks) @ self.components.T - self.offset
        return np.asarray(y / np.linalg.norm(y, axis=1, keepdims=True), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of patterns, tartans and surfaces")
    parser.add_argument("--cache", required=True, type=Path, help="a folder for what is computed on the way")
    parser.add_argument("--out", required=True, type=Path, help="the .npz file to write")
    arguments = parser.parse_args()
    made = fit(training_rows(arguments.data, arguments.cache))
    np.savez(
        arguments.out,
        mean=made.mean,
        deviation=made.deviation,
        components=made.components.astype(np.float16),
        offset=made.offset,
    )
    content = arguments.out.read_bytes()
    print(f"{len(content) / 1e3:.0f} kB, SHA-256 {hashlib.sha256(content).hexdigest()}")


def training_rows(data: Path, cache: Path) -> dict[str, Rows]:
    """Describe the designs as they are (`patterns`) and their views (`patterns views`)."""
    cache.mkdir(parents=True, exist_ok=True)
    sources: dict[str, Callable[[], Source]] = {}
    for name in ("patterns", "tartans", "surfaces"):
        sources[name] = lambda name=name: originals(data / name)
        sources[f"{name} views"] = lambda name=name: views(data / name, name)
    sources["drawn views"] = lambda: drawn(cache)
    sources["setts views"] = setts
    return {name: described(cache / f"{name.replace(' ', '-')}.npz", source) for name, source in sources.items()}


def seen(images: list[Image.Image]) -> Floats:
    """Describe images as `pattern-2` does, before its constants."""
    return np.concatenate(describe(np.stack([color_blind(image) for image in images]), device="cpu"), axis=1)


def described(file: Path, source: Callable[[], Source], compute: Callable[[list[Image.Image]], Floats] = seen) -> Rows:
    """Describe images, or read what a run before has described."""
    if not file.exists():
        x, designs = [], []
        pairs = source()
        while chunk := [*islice(pairs, 64)]:
            designs += [design for design, _ in chunk]
            x.append(compute([image for _, image in chunk]))
        part = file.with_suffix(".part.npz")
        np.savez(part, x=np.concatenate(x), designs=np.array(designs))
        part.rename(file)
    with np.load(file) as stored:
        return Rows(stored["x"], stored["designs"])


def originals(folder: Path) -> Source:
    return ((row["design_id"], opened(folder, row)) for row in truth(folder))


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["filename"])


def opened(folder: Path, row: dict[str, str]) -> Image.Image:
    return decode(folder / "images" / row["filename"], target=SIDE)


def views(folder: Path, name: str, wanted: Callable[[dict[str, str]], bool] = lambda row: True) -> Source:
    """See each design several times, in one of its colorways."""
    colorways: dict[str, list[dict[str, str]]] = {}
    kind = [*VIEWS].index(name)
    for row in filter(wanted, truth(folder)):
        colorways.setdefault(row["design_id"], []).append(row)
    for number, (design, rows) in enumerate(sorted(colorways.items())):
        for turn in range(VIEWS[name]):
            rng = np.random.default_rng([kind, number, turn])
            image = opened(folder, rows[rng.integers(len(rows))])
            yield design, random_view(image, rng, seamless=name in SEAMLESS, p_recolor=P_RECOLOR[name])


def drawn(cache: Path) -> Source:
    """See the sample designs; its tartans are known setts, on which the recipe is judged."""
    return views(drawn_folder(cache), "drawn", lambda row: not row["duplicate_of"] and row["family"] != "tartan")


def drawn_folder(cache: Path) -> Path:
    """Return where the sample archive lies, drawn if need be."""
    if not (cache / "drawn").exists():
        draw_archive(cache / "drawn", size=256, random_state=5, n_jobs=1, progress=False)
    return cache / "drawn"


def setts() -> Source:
    """See setts woven at random, each time in other colors and another number of repeats."""
    kind = [*VIEWS].index("setts")
    for number in range(N_SETTS):
        threads = random_sett(np.random.default_rng([kind, number]))
        for turn in range(VIEWS["setts"]):
            rng = np.random.default_rng([kind, number, turn])
            yield f"sett-{number}", random_view(woven(threads, rng), rng, seamless=False, p_recolor=P_RECOLOR["setts"])


def scored(x: Floats, mean: Floats, deviation: Floats, blocks: tuple[str, ...] = tuple(BLOCKS)) -> Floats:
    """Standardize described images; of some blocks only, where an ablation asks for it."""
    every = dict(zip(BLOCKS, np.split(np.arange(x.shape[1]), np.cumsum([*BLOCKS.values()])[:-1]), strict=True))
    columns = np.concatenate([every[block] for block in blocks])
    return standardize([x[:, every[block]] for block in blocks], mean[columns], deviation[columns])


def fit(
    rows: dict[str, Rows], *, unseen: Callable[[str, str], bool] = lambda name, design: False, blocks: tuple[str, ...] = tuple(BLOCKS)
) -> Projection:
    """Fit the constants on all designs but those that are `unseen`."""
    kept = {name: np.array([not unseen(name.split()[0], str(design)) for design in r.designs]) for name, r in rows.items()}
    mean, deviation = z_constants(np.concatenate([rows[name].x[kept[name]] for name in CONSTANTS]))
    z = np.concatenate([scored(r.x[kept[name]], mean, deviation, blocks) for name, r in rows.items()])
    designs = np.concatenate([[f"{name.split()[0]} {design}" for design in r.designs[kept[name]]] for name, r in rows.items()])
    weights = np.concatenate([np.full(kept[name].sum(), WEIGHTS[name.split()[0]], np.float32) for name in rows])
    components, middle = discriminant(z, designs, weights)
    components = components.astype(np.float16).astype(np.float32)  # as they are shipped
    return Projection(mean, deviation, components, components @ middle, blocks)


def z_constants(x: Floats) -> tuple[Floats, Floats]:
    """Return mean and deviation, the latter with a floor: values that hardly ever change would drown all others."""
    deviation = x.std(0, dtype=np.float64)
    ends = np.cumsum([*BLOCKS.values()])[:-1]
    floors = np.concatenate([np.full(len(part), np.median(part)) for part in np.split(deviation, ends)])
    return x.mean(0, dtype=np.float64).astype(np.float32), (deviation + floors).astype(np.float32)


def discriminant(z: Floats, designs: NDArray[np.str_], weights: Floats) -> tuple[Floats, Floats]:
    """Return the directions that tell designs apart, scaled to variance 1 within designs, and the middle of all designs."""
    _, design, count = np.unique(designs, return_inverse=True, return_counts=True)
    order = np.argsort(design, kind="stable")
    means = np.add.reduceat(z[order], np.concatenate([[0], np.cumsum(count)[:-1]]), axis=0) / count[:, None]
    weight = np.bincount(design, weights / count[design])
    weight /= weight.sum()
    away = (z - means[design]) * np.sqrt(weight[design] / np.maximum(count[design] - 1, 1)).astype(np.float32)[:, None]
    within = (away.T @ away).astype(np.float64)
    middle = weight @ means
    between = (means - middle) * np.sqrt(weight)[:, None]
    values, vectors = np.linalg.eigh(within)
    whitening = vectors / np.sqrt(values.clip(0) + SHRINKAGE * values.mean())
    gain, turned = np.linalg.eigh(whitening.T @ (between.T @ between) @ whitening)
    best = np.argsort(-gain)[:N_DIMENSIONS]
    components = (whitening @ turned[:, best]).T
    largest = np.take_along_axis(components, np.abs(components).argmax(1, keepdims=True), axis=1)
    components *= np.sign(largest)  # either sign tells as much: this one is the same in every run
    return (components / np.abs(components).max()).astype(np.float32), middle.astype(np.float32)


if __name__ == "__main__":
    main()
