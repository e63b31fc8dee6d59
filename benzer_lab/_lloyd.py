"""Lloyd's rounds: first and last over all rows and clusters, in between of the rows that may change theirs, with the clusters nearby."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import Metric
from benzer_lab._engine import Floats, Rows, batches, faiss, runs, spread, threads
from benzer_lab.features import unit

NEARBY = 64  # clusters that a row is compared with between rounds over all of them
TOGETHER = 65_536  # rows, neighbors on disk, that are put in the order of their clusters at a time
STEP_BYTES = 4_000_000  # of rows at a time
STARTS, ROUNDS = 32, 64  # rows a cluster that starts are drawn from, and in how many draws at most
CONFIRMED = 10  # a run ends when rounds nearby have missed less than so many times what a round may gain

Centers = NDArray[np.float32]
Labels = NDArray[np.int32]
Far = NDArray[np.float32]
Sums = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """Rows as a metric sees them: as they lie, or, by the inverse of their lengths, as directions."""

    x: Floats
    scale: NDArray[np.float32] | None = None
    chosen: Rows | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.x if self.chosen is None else self.chosen)

    def __getitem__(self, rows: slice | Rows) -> Centers:
        """Return some rows in float32."""
        rows = rows if self.chosen is None else self.chosen[rows]
        some = np.ascontiguousarray(self.x[rows], np.float32)
        return some if self.scale is None else some * self.scale[rows, None]

    @property
    def metric(self) -> Metric:
        """How rows are seen."""
        return "l2" if self.scale is None else "cosine"

    def steps(self) -> Iterator[slice]:
        """Cut all rows into blocks of a bounded size."""
        return self._cut(len(self))

    def _cut(self, n: int) -> Iterator[slice]:
        step = max(1, STEP_BYTES // (4 * self.x.shape[1]))
        return (slice(start, min(start + step, n)) for start in range(0, n, step))

    def sums(self, labels: Labels, n_clusters: int, rows: Rows | None = None) -> Sums:
        """Return the sum of each cluster, of all rows or of some; `labels` has one for each of these."""
        sums = np.zeros((n_clusters, self.x.shape[1]))
        for part in self._cut(len(labels)):
            order = np.argsort(labels[part], kind="stable")
            present, starts = np.unique(labels[part][order], return_index=True)
            sums[present] += np.add.reduceat(self[part if rows is None else rows[part]][order], starts, axis=0)
        return sums

    def off(self, labels: Labels, centers: Centers) -> NDArray[np.float64]:
        """Return the squared distance of each row to its center."""
        off = np.empty(len(self))
        for part in self.steps():
            apart = self[part] - centers[labels[part]]
            off[part] = np.einsum("ij,ij->i", apart, apart, dtype=np.float64)
        return off

    def nearest(self, centers: Centers, k: int = 1) -> tuple[Labels, Far]:
        """Return the nearest `k` centers of each row, and how far they are."""
        labels, far = np.empty((len(self), k), np.int32), np.empty((len(self), k), np.float32)
        with batches():
            for part in self.steps():
                squared, labels[part] = faiss.knn(self[part], centers, k)
                far[part] = np.sqrt(np.maximum(squared, 0))
        return labels, far


def spread_out(seen: Seen, n_clusters: int, rng: np.random.Generator) -> Centers:
    """Return rows to start from that lie apart: drawn one after another, or some at a time, by their squared distance to those before.

    Of several that are drawn those stay that lower the sum of squared distances most: greedy k-means++ on a sample of the rows.
    """
    rows = seen[np.sort(rng.choice(len(seen), min(len(seen), STARTS * n_clusters), replace=False))]
    squares = np.einsum("ij,ij->i", rows, rows)
    near, drawn = np.full(len(rows), np.inf, np.float32), rng.integers(len(rows), size=1)
    chosen: list[int] = []
    while True:
        apart = np.minimum(squares + squares[drawn, None] - 2 * (rows[drawn] @ rows.T), near)
        n_added = min(max(1, n_clusters // ROUNDS), n_clusters - len(chosen))
        best = np.argsort(apart.sum(axis=1), kind="stable")[:n_added]
        near, chosen = np.maximum(apart[best].min(axis=0), 0), [*chosen, *drawn[best].tolist()]
        near[chosen] = 0
        there = np.flatnonzero(near)
        if len(chosen) == n_clusters or not len(there):
            break
        chances = near[there].astype(np.float64)
        n_drawn = min(len(there), n_added + 2 + int(np.log(n_clusters)))
        drawn = rng.choice(there, n_drawn, replace=False, p=chances / chances.sum())
    left = np.setdiff1d(np.arange(len(rows)), chosen)  # where there are no more different rows, any will do
    return rows[[*chosen, *rng.choice(left, n_clusters - len(chosen), replace=False)]]


def lloyd(seen: Seen, centers: Centers, *, tol: float, max_iter: int) -> tuple[Centers, int]:
    """Return better centers, and rounds.

    After a round over all, each row knows its two nearest centers. It is looked at again only when, by as much as those centers and the
    mean one nearby have moved since, the second may have become the first, and then only among the clusters near its own. That misses a
    few moves, which the next round over all finds; a run ends when one has found next to none.
    """
    n_clusters, n_iter, last = len(centers), 0, np.inf
    squares = sum(float(np.einsum("ij,ij->", seen[part], seen[part], dtype=np.float64)) for part in seen.steps())
    while n_iter < max_iter:
        labels, far = seen.nearest(centers, min(2, n_clusters))
        _fill(labels[:, 0], far[:, 0], n_clusters)
        sums = seen.sums(labels[:, 0], n_clusters)
        before, n_iter = last, n_iter + 1
        while True:
            counts = np.bincount(labels[:, 0], minlength=n_clusters)
            former, centers = centers, _means(sums, counts, centers, seen.metric)
            inertia = squares + float(counts @ (centers.astype(np.float64) ** 2).sum(axis=1) - 2 * (sums * centers).sum())
            gain, last = last - inertia, inertia
            if n_iter == max_iter or gain <= tol * inertia or n_clusters == 1:
                break
            _round(seen, sums, labels, far, centers, former)
            n_iter += 1
        if before - last <= CONFIRMED * tol * last or n_clusters == 1:
            break
    return centers, n_iter


def _means(sums: Sums, counts: NDArray[np.int64], centers: Centers, metric: Metric) -> Centers:
    """Return the means of clusters, at length 1 for cosine; an empty one stays where it is."""
    means = unit(sums) if metric == "cosine" else sums / np.maximum(counts, 1)[:, None]
    return np.where(counts[:, None] > 0, means, centers).astype(np.float32)


def _fill(labels: Labels, far: Far, n_clusters: int) -> None:
    """Give each empty cluster one of the rows that are furthest from their centers."""
    counts = np.bincount(labels, minlength=n_clusters)
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        rows = np.argsort(np.where(counts[labels] > 1, -far, 0), kind="stable")[: len(empty)]
        rows = rows[far[rows] > 0]
        labels[rows] = empty[: len(rows)]


def _round(seen: Seen, sums: Sums, labels: Labels, far: Far, centers: Centers, former: Centers) -> None:
    """Move rows to nearer clusters, and their sums with them; `far` becomes bounds of the distances to the two nearest centers."""
    moved = np.linalg.norm(centers - former, axis=1).astype(np.float32)
    nearby = _nearby(centers)
    far[:, 0] += moved[labels[:, 0]]
    far[:, 1] -= np.maximum(moved[labels[:, 1]], moved[nearby].mean(axis=1)[labels[:, 0]])
    doubtful = np.flatnonzero(far[:, 0] > far[:, 1])
    for start in range(0, len(doubtful), TOGETHER):
        rows = doubtful[start : start + TOGETHER]
        was = labels[rows, 0]
        order = np.argsort(was, kind="stable")
        rows, was = rows[order], was[order]
        ends = np.searchsorted(was, np.arange(len(centers) + 1))
        two, apart = np.empty((len(rows), 2), np.int32), np.empty((len(rows), 2), np.float32)

        def compare(clusters: range, rows: Rows = rows, ends: Rows = ends, two: Labels = two, apart: Far = apart) -> None:
            for cluster in clusters:
                own, near = slice(ends[cluster], ends[cluster + 1]), nearby[cluster]
                if own.start < own.stop:
                    squared, places = faiss.knn(seen[rows[own]], centers[near], 2)
                    two[own], apart[own] = near[places], np.sqrt(np.maximum(squared, 0))

        with batches(), threads(1):
            spread(compare, runs(len(centers)))
        labels[rows], far[rows] = two, apart
        off = two[:, 0] != was
        sums += seen.sums(two[off, 0], len(centers), rows[off]) - seen.sums(was[off], len(centers), rows[off])


def _nearby(centers: Centers) -> Labels:
    """Return of each cluster those whose centers are nearest, itself among them."""
    n_near = min(NEARBY, len(centers))
    apart = np.einsum("ij,ij->i", centers, centers) - 2 * (centers @ centers.T)
    np.fill_diagonal(apart, -np.inf)
    return np.argpartition(apart, n_near - 1, axis=1)[:, :n_near].astype(np.int32)
