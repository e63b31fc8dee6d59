"""Distances of rows to rows in float64, block by block, of all or of a sample, and what a mean over them is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import Metric
from benzer_lab.features import unit

EXACT_ROWS = 20_000  # of which scores of all pairs are computed one and all; of more, a sample's
SAMPLED_ROWS = 1_000
BLOCK_BYTES = 64_000_000  # of distances at a time

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Score:
    """A score that is a mean over rows, and how far a sample may be from it.

    Parameters
    ----------
    value : float
        The mean.
    error : float
        Its standard error; 0 where all rows were taken.
    n_sampled, n : int
        Rows taken, of how many.
    """

    value: float
    error: float
    n_sampled: int
    n: int

    def __float__(self) -> float:
        """Return the mean."""
        return self.value

    def __repr__(self) -> str:
        """Say the mean, and how sure it is."""
        return f"{self.value:.4f}" if not self.error else f"{self.value:.4f} ± {self.error:.4f} ({self.n_sampled:,} of {self.n:,} rows)"


def chosen_rows(n: int, n_sampled: int | None, seed: int) -> Labels:
    """Return the rows of a sample, or all."""
    if n_sampled is None or n_sampled >= n:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, n_sampled, replace=False))


def mean_of(values: Floats, n: int) -> Score:
    """Return a mean and its error, which a sample without replacement has the less the more of all it holds."""
    m = len(values)
    error = float(values.std(ddof=1) / np.sqrt(m) * np.sqrt(1 - m / n)) if 1 < m < n else 0.0
    return Score(float(values.mean()), error, m, n)


def parts(n: int, width: int) -> Iterator[slice]:
    """Cut rows into blocks of a bounded size in float64."""
    step = max(1, BLOCK_BYTES // (8 * max(1, width)))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def blocks(x: NDArray[Any], metric: Metric = "l2") -> Iterator[tuple[slice, Floats]]:
    """Give all rows as a metric sees them, block by block."""
    for part in parts(*x.shape):
        yield part, seen_by(metric, x[part])


def distances(rows: NDArray[Any], chosen: Labels, metric: Metric, columns: Labels | None = None) -> Iterator[tuple[slice, Floats]]:
    """Give the distances (b, n) of some rows to all, in float64, block by block; `columns` is the order of all."""
    whole = rows if columns is None else rows[columns]
    for part in parts(len(chosen), len(rows)):
        aims = seen_by(metric, rows[chosen[part]])
        distances = np.empty((len(aims), len(rows)))
        for there in parts(len(rows), rows.shape[1]):
            some = seen_by(metric, whole[there])
            distances[:, there] = 1 - aims @ some.T if metric == "cosine" else np.sqrt(squared(aims, some))
        line = np.arange(len(aims))
        place = chosen[part] if columns is None else np.argsort(columns)[chosen[part]]
        distances[line, place] = 0
        yield part, np.maximum(distances, 0, out=distances)


def seen_by(metric: Metric, x: NDArray[Any]) -> Floats:
    """Return rows in float64, at length 1 for cosine."""
    return unit(x) if metric == "cosine" else x.astype(np.float64)


def squared(a: Floats, b: Floats) -> Floats:
    """Return the squared distances of rows to rows, none below 0."""
    squared = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b) - 2 * (a @ b.T)
    return np.asarray(np.maximum(squared, 0, out=squared))


def sums_of(x: NDArray[Any], labels: NDArray[Any], n_clusters: int, metric: Metric = "l2") -> Floats:
    """Return the sum of the rows of each cluster (n_clusters, d), as a metric sees them."""
    sums = np.zeros((n_clusters, x.shape[1]))
    for part, rows in blocks(x, metric):
        order = np.argsort(labels[part], kind="stable")
        present, starts = np.unique(labels[part][order], return_index=True)
        sums[present] += np.add.reduceat(rows[order], starts, axis=0)
    return sums
