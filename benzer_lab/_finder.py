"""From coarse codes to the rows that may be the nearest: listed, compared exactly, and more where the list does not suffice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benzer_lab._bounds import Bounds
from benzer_lab._coarse import Coarse, Listed
from benzer_lab._engine import Rows, runs, spread
from benzer_lab._matrix import Matrix, Scores
from benzer_lab._selection import Selection

K = 100  # neighbours for which `reach` is measured
GATHERED_BYTES = 12_000_000  # rows that pass a filter are compared one and all where they are no more than this
BATCH = 8  # queries, from which on bounds are sooner multiplied as matrices than scanned one by one
WIDER = 4  # how many times more rows are listed where those listed did not suffice
PART = 4  # of the rows: to list more than this part costs more than to compare all

Found = tuple[Rows, bool]
Result = TypeVar("Result")


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

    @property
    def kind(self) -> str:
        """What its codes are called; 'flat' without any."""
        return self.coarse.kind if self.coarse else "flat"

    def find(self, aims: NDArray[np.float64], k: int, selection: Selection | None = None) -> list[Found]:
        """Return for each query (q, d) the rows that may be among its `k` nearest, and whether no other can be."""
        coarse, n = self.coarse, self.matrix.n if selection is None else selection.n
        if coarse is None or PART * self._n_listed(k) > n or self._is_few(selection):
            return self._compare_all(aims, k, selection)
        bitmap = None if selection is None else selection.bitmap
        if isinstance(coarse, Bounds) and len(aims) < BATCH:
            return [(coarse.nearest(aim, k, self._n_listed(k), bitmap)[0], True) for aim in aims]
        if coarse.proven:
            return self._proven(coarse, aims, k, selection, bitmap)
        several = coarse.best(aims, self._n_listed(k), bitmap)
        return _each(len(aims), lambda i: self._likely(coarse, aims[i], k, several[i], selection))

    def _n_listed(self, k: int) -> int:
        """Return how many rows to list for `k` neighbours: as many as for `K` where they are fewer, which costs next to nothing."""
        return -(-self.reach * max(k, K) // K)

    def _is_few(self, selection: Selection | None) -> bool:
        """Whether all that pass are sooner compared than listed; a graph must not be asked with a filter at all."""
        if selection is None:
            return False
        return self.kind == "hnsw" or selection.n * self.matrix.x.itemsize * self.matrix.d <= GATHERED_BYTES

    def _compare_all(self, aims: NDArray[np.float64], k: int, selection: Selection | None) -> list[Found]:
        """Compare every row that passes."""
        if selection is None and len(aims) > 1:
            return [(rows, True) for rows in self.matrix.best_of_batch(aims, k)]
        rows = None if selection is None else selection.rows
        return [(self.matrix.best(aim, k, rows), True) for aim in aims]

    def _proven(
        self, coarse: Coarse, aims: NDArray[np.float64], k: int, selection: Selection | None, bitmap: NDArray[np.uint8] | None
    ) -> list[Found]:
        """Compare the rows of highest bound; then all whose bound is not below the worst of the best of these."""
        first = coarse.best(aims, self._n_listed(k), bitmap)
        found = _each(len(aims), lambda i: self._compare(coarse, aims[i], k, first[i]))
        open_ = [i for i, (_, _, floor) in enumerate(found) if first[i].rest >= floor]
        again = coarse.above(aims[open_], np.array([found[i][2] for i in open_]), bitmap) if open_ else []
        for i, more in zip(open_, _each(len(open_), lambda j: self._compare(coarse, aims[open_[j]], k, again[j])), strict=True):
            found[i] = more
        return [(rows[good >= floor], True) for rows, good, floor in found]

    def _likely(self, coarse: Coarse, aim: NDArray[np.float64], k: int, listed: Listed, selection: Selection | None) -> Found:
        """Compare what was listed; with a filter, list more while rows that are not listed may well be better."""
        n_listed = len(listed.rows)
        while True:
            if len(listed.rows) >= k:
                rows, good, floor = self._compare(coarse, aim, k, listed)
                if selection is None or listed.rest + coarse.margin < floor:
                    return rows[good >= floor], False
            n_listed = WIDER * max(n_listed, k)
            if PART * n_listed > (self.matrix.n if selection is None else selection.n):
                return self._compare_all(aim[None], k, selection)[0]
            listed = coarse.best(aim[None], n_listed, None if selection is None else selection.bitmap)[0]

    def _compare(self, coarse: Coarse, aim: NDArray[np.float64], k: int, listed: Listed) -> tuple[Rows, Scores, float]:
        """Return listed rows with their goodness, and the least that one of the `k` nearest may have; rows that cannot be are left out."""
        rows, good = listed.rows, listed.good
        if not coarse.proven or len(rows) <= 2 * k:  # what likely codes say is no bound
            exact = self.matrix.goodness(aim, rows)
            return rows, exact, self.matrix.floor(aim, exact, k)
        order = np.argpartition(-good, 2 * k)
        first, others = order[: 2 * k], order[2 * k :]
        exact = self.matrix.goodness(aim, rows[first])
        others = others[good[others] >= self.matrix.floor(aim, exact, k)]
        exact = np.concatenate([exact, self.matrix.goodness(aim, rows[others])])
        return np.concatenate([rows[first], rows[others]]), exact, self.matrix.floor(aim, exact, k)


def _each(n: int, finish: Callable[[int], Result]) -> list[Result]:
    """Do `n` tasks, on all cores where there are several."""
    return [result for part in spread(lambda run: [finish(i) for i in run], runs(n)) for result in part]


def ranked(matrix: Matrix, aim: NDArray[np.float64], rows: Rows, k: int) -> tuple[Rows, NDArray[np.float64]]:
    """Return the `k` nearest of some rows and their scores in float64, nearest first, equal ones in row order."""
    scores = matrix.scores(aim, rows)
    order = np.lexsort((rows, scores if matrix.metric == "l2" else -scores))[:k]
    return rows[order], scores[order]


def recall(truth: Sequence[Rows], found: Sequence[Rows]) -> float:
    """Return what part of the true neighbours was found."""
    hit = sum(int(np.isin(true, rows).sum()) for true, rows in zip(truth, found, strict=True))
    return hit / max(1, sum(map(len, truth)))
