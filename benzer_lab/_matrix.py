"""A feature matrix as a search sees it: how good each row is for a query, in float32 and, to settle order, in float64."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import Metric
from benzer_lab._engine import BLOCK_ROWS, Floats, Rows, batches, each, faiss, inner_products, squared_distances

Scores = NDArray[np.float32]
ROUNDING = 2.0**-24  # of one float32 operation
LONGEST = 1e9  # row or query for l2 of which codes are made: the squares of longer ones are beyond float32
UNIT = 16 * ROUNDING  # rows whose lengths are this near to 1 are unit: far within `slack`
SPARE = 16  # neighbours that a batch takes beyond those asked for, to see whether rounding may have cut one off


@dataclass(frozen=True, eq=False)
class Matrix:
    """Rows and a metric.

    *Goodness* is what every part of the search compares, most is best: the inner product of unit vectors for cosine, minus half the
    squared distance for l2. A row of zeros has cosine 0 with everything.

    Parameters
    ----------
    x : ndarray of shape (n, d), float32 or float16
        The rows, of any length.
    norms : ndarray of shape (n,), float32
        Their lengths, with 1 for rows of zeros.
    metric : {'cosine', 'l2'}
        Measure.
    blocks : sequence of slice
        Columns that belong together, which a query may weigh apart; together all columns.
    length : float, default=0
        What every row's length counts as, where rows are joined of blocks that are unit, or zero; 0 where each has its own.
    """

    x: Floats
    norms: Scores
    metric: Metric
    blocks: Sequence[slice]
    length: float = 0.0

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.x)

    @property
    def d(self) -> int:
        """Columns."""
        return int(self.x.shape[1])

    def aim(self, query: Floats) -> NDArray[np.float64]:
        """Return a query (d,) as it is compared: at length 1 for cosine."""
        aim = np.asarray(query, np.float64)
        largest = float(np.abs(aim).max(initial=0)) if self.metric == "cosine" else 0.0
        aim = aim / largest if largest else aim  # its square may be beyond what float64 holds
        length = float(np.linalg.norm(aim)) if self.metric == "cosine" else 1.0
        return aim / length if length else aim

    def unit(self, rows: slice | Rows) -> Scores:
        """Return some rows (r, d) in float32, at length 1 for cosine."""
        x = np.asarray(self.x[rows], np.float32)
        return x / self.norms[rows][:, None] if self.metric == "cosine" else x

    def unit_blocks(self, n_rows: int = BLOCK_ROWS) -> Iterator[tuple[slice, Scores]]:
        """Give all rows as `unit` does, block by block."""
        for start in range(0, self.n, n_rows):
            part = slice(start, min(start + n_rows, self.n))
            yield part, self.unit(part)

    def goodness(self, aim: NDArray[np.float64], rows: Rows | None = None) -> Scores:
        """Return how good the named rows, or all, are for a query, in float32."""
        query = aim.astype(np.float32)
        if self.metric == "l2":
            return squared_distances(self.x, query, rows) / np.float32(-2)
        good = inner_products(self.x, query, rows)
        good /= self.norms if rows is None else self.norms[rows]
        return good

    def slack(self, aim: NDArray[np.float64], good: Any) -> Any:
        """Return how far `goodness` may be from the truth where it says `good`, in the way the sums are rounded."""
        if self.metric == "cosine":
            return 4 * ROUNDING * (self.d + 4) * float(np.linalg.norm(aim))
        square, length = 2 * np.where(np.isfinite(good), np.abs(good), 0), float(np.linalg.norm(aim))
        return 2 * ROUNDING * ((self.d + 4) * square + 2 * length * np.sqrt(square) + ROUNDING * length**2)

    def scores(self, aim: NDArray[np.float64], rows: Rows) -> NDArray[np.float64]:
        """Return the scores of some rows in float64, computed the same way for each: cosine, or distance."""
        scores = np.empty(len(rows))
        for start in range(0, len(rows), BLOCK_ROWS):
            x = np.asarray(self.x[rows[start : start + BLOCK_ROWS]], np.float64)
            if self.metric == "l2":
                x -= aim
                score = np.sqrt(np.einsum("ij,ij->i", x, x))
            else:
                lengths = np.array(self.length) if self.length else np.sqrt(np.einsum("ij,ij->i", x, x))
                score = np.clip(np.einsum("ij,j->i", x, aim) / np.where(lengths > 0, lengths, 1), -1, 1)
            scores[start : start + BLOCK_ROWS] = score
        return scores

    def best(self, aim: NDArray[np.float64], k: int, rows: Rows | None = None) -> Rows:
        """Return the named rows, or all, that may be among the `k` best: float32 cannot rule them out."""
        if rows is None:
            return self.contenders(aim, self.goodness(aim), k)
        is_most = 4 * len(rows) > 3 * self.n  # in sequence, more are read sooner
        good = self.goodness(aim)[rows] if is_most else self.goodness(aim, rows)
        return rows[self.contenders(aim, good, k)]

    def contenders(self, aim: NDArray[np.float64], good: Scores, k: int) -> Rows:
        """Return the places in `good` that rounding cannot rule out of the `k` best."""
        floor = self.floor(aim, good, k)
        return np.flatnonzero(good >= floor)

    def floor(self, aim: NDArray[np.float64], good: Scores, k: int) -> float:
        """Return the least goodness that one of the `k` best may have, by what float32 says of some rows."""
        if k >= len(good):
            return -np.inf
        return self.below(aim, float(np.partition(good, len(good) - k)[len(good) - k]))

    def below(self, aim: NDArray[np.float64], good: float) -> float:
        """Return what is surely worse than a goodness that float32 says."""
        return good - 2 * float(self.slack(aim, good))

    def best_of_batch(self, aims: NDArray[np.float64], k: int) -> list[Rows]:
        """Return for each query (q, d) the rows that may be among the `k` best, by products of whole matrices."""
        wanted = min(k + SPARE, self.n)
        queries = np.ascontiguousarray(aims, np.float32)
        measure = faiss.METRIC_INNER_PRODUCT if self.metric == "cosine" else faiss.METRIC_L2
        found, good = np.empty((len(aims), 0), np.int64), np.empty((len(aims), 0), np.float32)
        with batches():
            for part, x in self._whole():
                scores, rows = faiss.knn(queries, np.ascontiguousarray(x), min(wanted, len(x)), measure)
                found = np.hstack([found, rows + part.start])
                good = np.hstack([good, scores if self.metric == "cosine" else scores / -2])
                if found.shape[1] > wanted:
                    kept = np.argpartition(-good, wanted - 1, axis=1)[:, :wanted]
                    found, good = np.take_along_axis(found, kept, axis=1), np.take_along_axis(good, kept, axis=1)

        def finish(i: int) -> Rows:
            floor = self.floor(aims[i], good[i], k)
            # A batch of l2 is |q|^2 + |x|^2 - 2 q x, whose rounding grows with the lengths, not with the distance
            floor -= 0 if self.metric == "cosine" else 8 * ROUNDING * (self.d + 4) * (float(aims[i] @ aims[i]) + abs(floor))
            if wanted < self.n and good[i].min() >= floor:
                return self.best(aims[i], k)
            return cast(Rows, found[i][good[i] >= floor])

        return each(len(aims), finish)

    def _whole(self) -> Iterator[tuple[slice, Floats]]:
        """Give the rows as they lie where that is as good as `unit_blocks`."""
        as_is = self.x.dtype == np.float32 and self.x.flags.c_contiguous
        if as_is and (self.metric == "l2" or float(np.abs(self.norms - 1).max()) < UNIT):
            yield slice(0, self.n), self.x
        else:
            yield from self.unit_blocks()
