"""How often duplicates and colorways are called so: `python benchmarks/duplicates.py ../shared/data --cache CACHE`.

Archives with known truth: the sample (drawn here; its copies and scans are its own), and patterns, tartans and surfaces of the data folder,
to which one image of each design is added as it comes back from a scanner: cut, turned by up to 3 degrees, at 0.7 to 1.3 times its
size, lighter or darker, with a cast, uneven light, noise, blur and JPEG. Precision and recall are of pairs in one group, with
their 95 % intervals over 2,000 bootstrap samples of designs. Two thresholds are chosen on four fifths of the designs and scored on the
fifth, as `folded` says; the shipped ones stand beside it. What was computed stays in CACHE.

With `--time N` the pass over the neighbor graph of N rows: those of the archives, repeated with noise.
"""

import argparse
import csv
import json
import pickle
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from disturbances import lit, squeezed, view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import benzer_lab as bl
from benzer_lab._checks import nfc
from benzer_lab._grouping import grouped
from benzer_lab._registration import Match
from benzer_lab._verdicts import CHUNK, COPIED, SCANNED, Comparer, candidates, neighborly, verdict
from benzer_lab._workers import spread
from benzer_lab.features import FeatureSet
from benzer_lab.search import Searcher

N_FOLDS, N_SAMPLES, PROCESSES = 5, 2000, 2
GRID = [(likeness, tint) for likeness in (0.8, 0.85, 0.9) for tint in (2.2, 2.8, 3.4, 4.0)]
AGAIN = {"patterns": 1, "tartans": 1, "surfaces": 3}  # of how many designs one is scanned again
Pairs = set[tuple[int, int]]


class Truth(NamedTuple):
    """What is known of an archive, and what comparing its pairs gave."""

    designs: NDArray[np.str_]
    colorways: NDArray[np.str_]
    pairs: NDArray[np.int64]
    cosines: NDArray[np.float32]
    found: dict[int, Match]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of patterns, tartans and surfaces")
    parser.add_argument("--cache", required=True, type=Path, help="a folder for what is computed on the way")
    parser.add_argument("--sample", type=Path, help="a sample archive that is drawn and extracted already")
    parser.add_argument("--time", type=int, default=0, metavar="N", help="time the pass over N rows instead")
    arguments = parser.parse_args()
    sample = arguments.sample or drawn(arguments.cache / "sample")
    if arguments.time:
        passed(sample, arguments.time)
        return
    folders = [sample, *(scanned(arguments.data / name, arguments.cache / name) for name in AGAIN)]
    rows = [row for folder in folders for row in scores(folder.name if folder != sample else "sample", known(folder, arguments.cache))]
    print(pd.DataFrame(rows).to_string(index=False))


def drawn(folder: Path) -> Path:
    """Draw and extract the sample archive."""
    if not (folder / "truth.csv").exists():
        bl.draw_archive(folder)
    bl.Archive.open(folder).extract(models=["pattern"])
    return folder


def scanned(source: Path, folder: Path) -> Path:
    """Copy an archive, with one image of each design scanned again, and extract it."""
    if not (folder / "truth.csv").exists():
        images, rng = folder / "images", np.random.default_rng(5)
        shutil.copytree(source / "images", images, dirs_exist_ok=True)
        designs: dict[str, list[dict[str, str]]] = {}
        with (source / "truth.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                designs.setdefault(row["design_id"], []).append({name: row[name] for name in ("filename", "design_id", "colorway")})
        rows = [row for several in designs.values() for row in several]
        for number, several in enumerate(designs.values()):
            if number % AGAIN[source.name] == 0:
                row = several[int(rng.integers(len(several)))]
                name = f"scan_{number:04d}.jpg"
                rescanned(Image.open(images / row["filename"]).convert("RGB"), rng).save(images / name, quality=95)
                rows.append({**row, "filename": name})
        shutil.copyfile(source / "image_metadata_map.json", folder / "image_metadata_map.json")
        pd.DataFrame(rows).to_csv(folder / "truth.csv", index=False)
    bl.Archive.create(folder, images=folder / "images").extract(models=["pattern"])
    return folder


def rescanned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return an image as it comes back from a scanner."""
    scale = rng.uniform(1.12, 1.3)
    margin = (1 - 1 / scale) / 2 - 0.03
    side, shift = int(min(image.size) * rng.uniform(0.7, 1.3)), rng.uniform(-margin, margin, 2)
    x = view(image, seamless=False, side=side, scale=scale, angle=rng.uniform(-3, 3), shift=shift)
    x = lit(x, rng, 0.12) * (1 + rng.normal(0, 0.03, 3)).astype(np.float32) * np.float32(rng.uniform(0.88, 1.12))
    x = 255 * (x.clip(0, 255) / 255) ** np.float32(rng.uniform(0.9, 1.1))
    if rng.random() < 0.4:
        x = np.asarray(Image.fromarray(np.rint(x).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8))), np.float32)
    return squeezed(x + rng.normal(0, rng.uniform(1, 5), x.shape), int(rng.integers(50, 95)))


def known(folder: Path, cache: Path) -> Truth:
    """Compare the candidates of an archive, and read the truth about it."""
    archive = bl.Archive.open(folder)
    searcher = archive.searcher("pattern")
    filenames = list(searcher.features.filenames)
    path = cache / f"compared-{folder.name}.pickle"
    if not path.exists():
        pairs, cosines = candidates(searcher, neighbors=24, tell=lambda part: None)
        path.write_bytes(pickle.dumps((pairs, cosines, dict(compared(pairs, filenames, archive)))))
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = {nfc(row["filename"]): row for row in csv.DictReader(file)}
    designs, colorways = (np.array([rows[nfc(name)][field] for name in filenames]) for field in ("design_id", "colorway"))
    return Truth(designs, colorways, *pickle.loads(path.read_bytes()))


def compared(pairs: NDArray[np.int64], filenames: list[str], archive: bl.Archive) -> Iterator[tuple[int, Match]]:
    """Yield what each pair has in common."""
    jobs = [(number, filenames[pairs[number, 0]], filenames[pairs[number, 1]]) for number in neighborly(pairs, len(filenames)).tolist()]
    chunks = [jobs[start : start + CHUNK] for start in range(0, len(jobs), CHUNK)]
    with closing(spread(Comparer(archive.images, archive.thumbnails), chunks, PROCESSES)) as results:
        for _, result in results:
            yield from result[0]


def scores(name: str, truth: Truth) -> Iterator[dict[str, object]]:
    """Yield the rows of an archive."""
    same = {(i, j) for rows in by(truth.designs) for i, j in combinations(rows, 2)}
    copies = {pair for pair in same if truth.colorways[pair[0]] == truth.colorways[pair[1]]}
    fold = dict(zip(dict.fromkeys(truth.designs), np.random.default_rng(0).permutation(len(set(truth.designs))) % N_FOLDS, strict=True))
    told = {choice: called(truth, *choice) for choice in GRID}
    shipped = called(truth, SCANNED.colorway, SCANNED.tint)
    for kind, right in (("duplicate", copies), ("colorway", same - copies)):
        if right:
            folded = (set[tuple[int, int]](), set[tuple[int, int]]())
            for held in range(N_FOLDS):
                best = max(GRID, key=lambda choice: f1(*(without(s, truth, fold, held) for s in (told[choice][kind], right))))
                folded[0].update(told[best][kind] - without(told[best][kind], truth, fold, held))
                folded[1].update(right - without(right, truth, fold, held))
            wrong = len(shipped["duplicate"] & (same - copies))
            row = {"archive": name, "kind": kind, "pairs": len(right), **stated(shipped[kind], right, truth, "")}
            yield row | stated(*folded, truth, " folded") | {"colorways called duplicates": wrong if kind == "duplicate" else ""}


def called(truth: Truth, likeness: float, tint: float) -> dict[str, Pairs]:
    """Return the pairs that are in one group of each kind; those of a colorway group that are duplicates are left out of it."""
    limits = {
        "copied": COPIED._replace(colorway=likeness + COPIED.colorway - SCANNED.colorway),
        "scanned": SCANNED._replace(colorway=likeness, tint=tint),
    }
    found = [verdict(truth.pairs[number], one, float(truth.cosines[number]), **limits) for number, one in truth.found.items()]
    pairs: dict[str, Pairs] = {"duplicate": set(), "colorway": set(), "look-alike": set()}
    for kind, members in grouped(found, len(truth.designs), alike=2.0):
        pairs[kind] |= set(combinations(sorted(member.row for member in members), 2))
    pairs["colorway"] -= pairs["duplicate"]
    return pairs


def by(labels: NDArray[np.str_]) -> Iterator[list[int]]:
    """Yield the rows of each label."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(labels.tolist()):
        rows.setdefault(label, []).append(row)
    yield from rows.values()


def without(pairs: Pairs, truth: Truth, fold: dict[str, int], held: int) -> Pairs:
    """Return the pairs whose first image's design is not in a fold."""
    return {pair for pair in pairs if fold[truth.designs[pair[0]]] != held}


def f1(told: Pairs, right: Pairs) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * len(told & right) / max(len(told) + len(right), 1)


def stated(told: Pairs, right: Pairs, truth: Truth, suffix: str) -> dict[str, str]:
    """Write precision and recall with their intervals."""
    names, number = np.unique(truth.designs, return_inverse=True)
    counts = np.zeros((3, len(names)))
    for row, pairs in enumerate((told & right, told, right)):
        np.add.at(counts[row], [number[i] for i, _ in pairs], 1)
    drawn_again = counts[:, np.random.default_rng(0).integers(len(names), size=(N_SAMPLES, len(names)))].sum(2)
    texts = {}
    for name, of in (("precision", 1), ("recall", 2)):
        value = counts[0].sum() / max(counts[of].sum(), 1)
        low, high = np.quantile(drawn_again[0] / np.maximum(drawn_again[of], 1), [0.025, 0.975])
        texts[name + suffix] = f"{value:.3f} ({low:.3f}-{high:.3f})"
    return texts


def passed(sample: Path, n: int) -> None:
    """Time the pass over the neighbor graph of many rows."""
    features, rng = bl.Archive.open(sample).features("pattern"), np.random.default_rng(0)
    x = np.asarray(features.x)[np.arange(n) % len(features)] + rng.normal(0, 0.6 / features.x.shape[1] ** 0.5, (n, features.x.shape[1]))
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    many = FeatureSet([f"{i}.png" for i in range(n)], x, "pattern", "v1", "cosine", recipe=features.recipe)
    began, cpu = time.perf_counter(), time.process_time()
    index = bl.Index.build(many)
    built = time.perf_counter(), time.process_time()
    pairs, _ = candidates(Searcher(many, index=index), neighbors=24, tell=lambda part: None)
    ended = time.perf_counter(), time.process_time()
    seconds = {"index": (built[0] - began, built[1] - cpu), "pass": (ended[0] - built[0], ended[1] - built[1])}
    told = {name: {"seconds": round(wall, 1), "CPU seconds": round(own, 1)} for name, (wall, own) in seconds.items()}
    print(json.dumps({"rows": n, "pairs": len(pairs), "index kind": index.kind, **told}))


if __name__ == "__main__":
    main()
