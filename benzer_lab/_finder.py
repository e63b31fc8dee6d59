"""From coarse codes to the rows that may be the nearest: listed, compared exactly, and more where the list does not suffice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benzer_lab._coarse import Coarse, Listed
from benzer_lab._engine import Rows, runs, spread
from benzer_lab._matrix import Matrix, Scores
from benzer_lab._selection import Selection

K = 100  # neighbours for which `reach` is measured
GATHERED_BYTES = 12_000_000  # rows that pass a filter are compared one and all where they are no more than this
WIDER = 4  # how many times more rows are listed where those listed did not suffice
PART = 4  # of the rows: to list more than this part costs more than to compare all

Found = tuple[Rows, bool]


@dataclass(frozen=True, eq=False)
class Finder:
    """A matrix with or without coarse codes.

    Parameters
    ----------
    matrix : Matrix
        Where to search.
    coarse : Coarse or None
        Without codes every row is compared.
    reach : int
        How many rows to list for `K` neighbours.
    """

    matrix: Matrix
    coarse: Coarse | None = None
    reach: int = 0

    def find(self, aims: NDArray[np.float64], k: int, selection: Selection | None = None) -> list[Found]:
        """Return for each query (q, d) the rows that may be among its `k` nearest, and whether no other can be."""
        coarse, n = self.coarse, self.matrix.n if selection is None else selection.n
        listed = self._n_listed(k)
        if coarse is None or PART * listed > n or self._is_few(selection):
            return self._compare_all(aims, k, selection)
        bitmap = None if selection is None else selection.bitmap
        several = coarse.best(aims, listed, bitmap)
        return self._each(aims, lambda i: self._finish(coarse, aims[i], k, several[i], selection))

    def _n_listed(self, k: int) -> int:
        """Return how many rows to list for `k` neighbours: as many as for `K` where they are fewer, which costs next to nothing."""
        return -(-self.reach * max(k, K) // K)

    def _is_few(self, selection: Selection | None) -> bool:
        """Whether all that pass are sooner compared than listed; a graph must not be asked with a filter at all."""
        if selection is None:
            return False
        assert self.coarse is not None
        return self.coarse.kind == "hnsw" or selection.n * self.matrix.x.itemsize * self.matrix.d <= GATHERED_BYTES

    def _compare_all(self, aims: NDArray[np.float64], k: int, selection: Selection | None) -> list[Found]:
        """Compare every row that passes."""
        if selection is None and len(aims) > 1:
            return [(rows, True) for rows in self.matrix.best_of_batch(aims, k)]
        rows = None if selection is None else selection.rows
        return [(self.matrix.best(aim, k, rows), True) for aim in aims]

    def _each(self, aims: NDArray[np.float64], finish: "object") -> list[Found]:
        """Finish all queries, on all cores where there are several."""
        return [found for part in spread(lambda run: [finish(i) for i in run], runs(len(aims))) for found in part]  # type: ignore[operator]

    def _finish(self, coarse: Coarse, aim: NDArray[np.float64], k: int, listed: Listed, selection: Selection | None) -> Found:
        """Compare what was listed; list more where other rows may be better."""
        n, n_listed = (self.matrix.n, len(listed.rows)) if selection is None else (selection.n, len(listed.rows))
        bitmap = None if selection is None else selection.bitmap
        while True:
            if len(listed.rows) >= k:
                rows, good, floor = self._compare(coarse, aim, k, listed)
                if listed.rest + coarse.margin < floor or (selection is None and not coarse.proven):
                    return rows[good >= floor], coarse.proven
                if coarse.proven:
                    rows, good, floor = self._compare(coarse, aim, k, coarse.above(aim[None], np.array([floor]), bitmap)[0])
                    return rows[good >= floor], True
            n_listed = WIDER * max(n_listed, k)
            if PART * n_listed > n:
                return self._compare_all(aim[None], k, selection)[0]
            listed = coarse.best(aim[None], n_listed, bitmap)[0]

    def _compare(self, coarse: Coarse, aim: NDArray[np.float64], k: int, listed: Listed) -> tuple[Rows, Scores, float]:
        """Return listed rows with their goodness, and the least that one of the `k` nearest may have; rows that cannot be are left out."""
        rows, good = listed.rows, listed.good
        if not coarse.proven or len(rows) <= 2 * k:
            exact = self.matrix.goodness(aim, rows)
            return rows, exact, self.matrix.floor(aim, exact, k)
        order = np.argpartition(-good, 2 * k)
        first, others = order[: 2 * k], order[2 * k :]
        exact = self.matrix.goodness(aim, rows[first])
        others = others[good[others] >= self.matrix.floor(aim, exact, k)]
        exact = np.concatenate([exact, self.matrix.goodness(aim, rows[others])])
        return np.concatenate([rows[first], rows[others]]), exact, self.matrix.floor(aim, exact, k)


def ranked(matrix: Matrix, aim: NDArray[np.float64], rows: Rows, k: int) -> tuple[Rows, NDArray[np.float64]]:
    """Return the `k` nearest of some rows and their scores in float64, nearest first, equal ones in row order."""
    scores = matrix.scores(aim, rows)
    order = np.lexsort((rows, scores if matrix.metric == "l2" else -scores))[:k]
    return rows[order], scores[order]


def recall(truth: Sequence[Rows], found: Sequence[Rows]) -> float:
    """Return what part of the true neighbours was found."""
    hit = sum(int(np.isin(true, rows).sum()) for true, rows in zip(truth, found, strict=True))
    return hit / max(1, sum(map(len, truth)))
