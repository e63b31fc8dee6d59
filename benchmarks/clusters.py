"""Measure k-means and the scores of clusterings: `python benchmarks/clusters.py --folder FOLDER`; docs/performance.md holds the figures.

Each fit runs in a fresh process on one core with one thread. Seconds are CPU seconds of the fit, a ratio is that of the medians over
seeds; inertia is of all rows, in float64, from the centers found. Memory is what a fit adds at its peak to what was there, files that are
mapped aside (VmHWM less RssFile).
"""

import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from search_ground import Bench, Sample, load, machine

from benzer_lab import clusters, metrics

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SOONER = 0.3  # `tol` of scikit-learn, a part of the variance of the rows, by which it stops at about our inertia
SMALL, LARGE, SCORED = (100_000, 512), (1_000_000, 512), (20_000, 512)


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    at: str
    figure: str
    quality: str = ""
    asked: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Fit:
    """What one fit took and gave."""

    seconds: float
    inertia: float
    n_iter: int
    megabytes: float


def ours(n_clusters: int, seed: int, **options: Any) -> Any:
    return clusters.KMeans(n_clusters, n_init=1, random_state=seed, device="cpu", **options)


def theirs(name: str, n_clusters: int, seed: int, **options: Any) -> Any:
    from sklearn import cluster

    return getattr(cluster, name)(n_clusters, n_init=1, random_state=seed, **options)


def fresh(function: Callable[..., Any], *args: Any) -> Any:
    """Return what a function returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, args)


def fit(path: Path, make: Callable[[], Any], mapped: bool) -> Fit:
    """Fit a model to rows in memory or on disk."""
    x, model = np.load(path, mmap_mode="r" if mapped else None), make()
    small = np.random.default_rng(0).normal(size=(2_000, 8)).astype(np.float32)
    make().set_params(n_clusters=8).fit(small)  # loads what it uses
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    before, began = anonymous_mb("VmRSS"), time.process_time()
    model.fit(x)
    seconds = time.process_time() - began
    megabytes = anonymous_mb("VmHWM") - before
    centers = model.cluster_centers_
    inertia = 0.0
    for start in range(0, len(x), 16_384):
        rows = x[start : start + 16_384].astype(np.float64)
        squared = (rows**2).sum(axis=1)[:, None] + (centers.astype(np.float64) ** 2).sum(axis=1) - 2 * rows @ centers.T
        inertia += float(squared.min(axis=1).sum())
    return Fit(seconds, inertia, int(model.n_iter_), megabytes)


def anonymous_mb(which: str) -> float:
    """Return this process's memory, now or at its peak, less the files it maps now."""
    lines = [line.split() for line in Path("/proc/self/status").read_text().splitlines()]
    kb = {parts[0].rstrip(":"): int(parts[1]) for parts in lines if parts[-1] == "kB"}
    return (kb[which] - kb["RssFile"]) * 1024 / 1e6


def fits_of(sample: Sample, seeds: int, *makers: Callable[[int], Any]) -> list[list[Fit]]:
    """Fit each of several sides from several seeds, in turn."""
    rounds = [[fresh(fit, sample.path, partial(make, seed), False) for make in makers] for seed in range(seeds)]
    return [list(side) for side in zip(*rounds, strict=True)]


def median(fits: list[Fit], field: str) -> float:
    return float(np.median([getattr(one, field) for one in fits]))


def compared(what: str, sample: Sample, asked: str, mine: list[Fit], others: list[Fit]) -> Row:
    """Set the fits of both sides against each other."""
    own, other = ({field: median(side, field) for field in ("seconds", "inertia", "n_iter", "megabytes")} for side in (mine, others))
    figure = f"**{other['seconds'] / own['seconds']:.1f} times** ({own['seconds']:.1f} CPU s against {other['seconds']:.1f})"
    quality = f"inertia {100 * (own['inertia'] / other['inertia'] - 1):+.2f} % ({own['inertia']:,.0f} against {other['inertia']:,.0f})"
    memory = f"memory {own['megabytes']:.0f} MB against {other['megabytes']:.0f}"
    notes = f"{len(mine)} seeds, {own['n_iter']:.0f} rounds against {other['n_iter']:.0f}; {memory}"
    return Row(what, sample.at, figure, quality, asked, notes)


def lloyd(sample: Sample, seeds: int) -> Iterator[Row]:
    exact = partial(theirs, "KMeans", 100)
    mine, others, sooner = fits_of(sample, seeds, partial(ours, 100), exact, partial(exact, tol=SOONER))
    asked = "3; within +0.15 %; a tenth of its memory"
    yield compared("k = 100 against scikit-learn's `KMeans` (Lloyd)", sample, asked, mine, others)
    yield compared(f"the same, its `tol` at {SOONER:g}", sample, "", mine, sooner)


def mini_batch(sample: Sample, seeds: int) -> Iterator[Row]:
    theirs_small = partial(theirs, "MiniBatchKMeans", 1_000)
    mine, others = fits_of(sample, seeds, partial(ours, 1_000), theirs_small)
    yield compared("k = 1,000 against `MiniBatchKMeans`", sample, "faster; 2 % lower", mine, others)


def memory(sample: Sample, seeds: int) -> Iterator[Row]:
    found = fresh(fit, sample.path, partial(ours, 100, 0), True)
    notes = f"{found.seconds:.0f} CPU s, {found.n_iter} rounds"
    yield Row("k = 100 over a memmap, peak", sample.at, f"**{found.megabytes:.0f} MB**", "", "under 500 MB", notes)


def scored(path: Path) -> list[tuple[str, float, float, float, float]]:
    """Return name, CPU seconds and value of each score, ours and scikit-learn's."""
    from sklearn import metrics as other
    from sklearn.decomposition import PCA
    from sklearn.manifold import trustworthiness

    x = np.load(path, mmap_mode="r")[: SCORED[0]].astype(np.float64)
    labels, second = (clusters.KMeans(50, n_init=1, random_state=seed).fit(x).labels_ for seed in (0, 1))
    flat = PCA(2, random_state=0).fit_transform(x)
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "silhouette": (lambda: metrics.silhouette(x, labels, n_sampled=None), lambda: other.silhouette_score(x, labels)),
        "Calinski-Harabasz": (lambda: metrics.calinski_harabasz(x, labels), lambda: other.calinski_harabasz_score(x, labels)),
        "Davies-Bouldin": (lambda: metrics.davies_bouldin(x, labels), lambda: other.davies_bouldin_score(x, labels)),
        "adjusted Rand": (lambda: metrics.adjusted_rand(labels, second), lambda: other.adjusted_rand_score(labels, second)),
        "mutual information": (
            lambda: metrics.normalized_mutual_information(labels, second),
            lambda: other.normalized_mutual_info_score(labels, second),
        ),
        "trustworthiness": (
            lambda: metrics.trustworthiness(x, flat, n_neighbors=15, n_sampled=None),
            lambda: trustworthiness(x, flat, n_neighbors=15),
        ),
    }
    return [(name, *in_cpu_seconds(own), *in_cpu_seconds(reference)) for name, (own, reference) in pairs.items()]


def in_cpu_seconds(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the CPU seconds of a call, and what it returns as a number."""
    began = time.process_time()
    value = float(call())
    return time.process_time() - began, value


def scores(sample: Sample, seeds: int) -> Iterator[Row]:
    for name, own_s, own, other_s, other in fresh(scored, sample.path):
        figure = f"**{other_s / own_s:.1f} times** ({own_s:.3f} CPU s against {other_s:.3f})"
        yield Row(f"{name} against scikit-learn's", sample.at, figure, f"off by {abs(own - other):.0e}", "equal to 1e-6")


MEASURES: dict[str, tuple[Callable[[Sample, int], Iterator[Row]], tuple[int, int]]] = {
    "lloyd": (lloyd, SMALL),
    "mini_batch": (mini_batch, SMALL),
    "memory": (memory, LARGE),
    "scores": (scores, SCORED),
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(MEASURES)), help="What to measure; may be given several times.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--reference", default="../shared/reference", show_default=True, type=click.Path(exists=True, path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Where rows are kept for the next run; else a temporary folder.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write machine and rows there too.")
def main(only: tuple[str, ...], seeds: int, reference: Path, folder: Path | None, file: Path | None) -> None:
    """Print a table of what k-means and the scores were asked to reach, and what they reach here."""
    facts, rows = machine() | {"seeds": seeds, "load before": load()}, []
    click.echo("\n".join(f"- {name}: {value}" for name, value in facts.items()))
    click.echo("\n| what | at | figure | quality | asked | notes |\n|---|---|---|---|---|---|")
    os.environ.update(ONE_THREAD)  # of the processes to come
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(folder or Path(place), reference, "generated", 1)
        bench.folder.mkdir(parents=True, exist_ok=True)
        for name in only or MEASURES:
            measure, size = MEASURES[name]
            for row in measure(bench.sample(*size), seeds):
                rows.append(asdict(row) | {"load": load()})
                click.echo("| " + " | ".join(asdict(row).values()) + " |")
                if file:
                    file.write_text(json.dumps({"machine": facts, "rows": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(f"\nload after: {load()}")


if __name__ == "__main__":
    main()
