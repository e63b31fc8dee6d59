"""From coarse codes to the rows that may be the nearest: listed, compared exactly, and more where the list does not suffice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benzer_lab._coarse import Likely, Listed, Proven
from benzer_lab._engine import Rows, each
from benzer_lab._matrix import Matrix
from benzer_lab._selection import Selection

K = 100  # neighbours for which `reach` is measured
GATHERED_BYTES = 12_000_000  # rows that pass a filter are compared one and all where they are no more than this
WIDER = 4  # how many times more rows are listed where those listed did not suffice and do not tell how many would
MOST_DOUBLINGS = 16  # of rows listed, at a time
PART = 4  # of the rows: to list more than this part costs more than to compare all

Found = tuple[Rows, bool]


@dataclass(frozen=True, eq=False)
class Finder:
    """A matrix with or without coarse codes.

    Parameters
    ----------
    matrix : Matrix
        Where to search.
    coarse : Proven, Likely or None
        Without codes every row is compared.
    reach : int
        How many rows to list for `K` neighbours.
    """

    matrix: Matrix
    coarse: Proven | Likely | None = None
    reach: int = 0

    @property
    def kind(self) -> str:
        """What its codes are called; 'flat' without any."""
        return self.coarse.kind if self.coarse else "flat"

    @cached_property
    def _proven(self) -> Proven | None:
        """Its codes, where they are bounds: a protocol is slowly told."""
        return self.coarse if isinstance(self.coarse, Proven) else None

    def find(self, aims: NDArray[np.float64], k: int, selection: Selection | None = None) -> list[Found]:
        """Return for each query (q, d) the rows that may be among its `k` nearest, and whether no other can be."""
        coarse, n = self.coarse, self.matrix.n if selection is None else selection.n
        listed = -(-self.reach * max(k, K) // K)  # to list as many for fewer neighbours costs next to nothing
        if coarse is None or PART * listed > n or self._is_few(selection):
            return self._compare_all(aims, k, selection)
        if self._proven is not None:
            return [(rows, True) for rows in self._proven.nearest(aims, k, listed, selection)]
        likely = cast(Likely, coarse)
        several = likely.best(aims, listed, None if selection is None else selection.bitmap)
        return each(len(aims), lambda i: self._likely(likely, aims[i], k, several[i], selection))

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

    def _likely(self, coarse: Likely, aim: NDArray[np.float64], k: int, listed: Listed, selection: Selection | None) -> Found:
        """Compare what was listed; with a filter, list more while rows that are not listed may well be better."""
        n_listed = max(len(listed.rows), k)
        while True:
            missing = np.inf
            if len(listed.rows) >= k:
                good = self.matrix.goodness(aim, listed.rows)
                floor = self.matrix.floor(aim, good, k)
                missing = listed.rest + coarse.margin - floor
                if selection is None or missing < 0:
                    return listed.rows[good >= floor], False
            n_listed = _enough(listed, missing, n_listed)
            if PART * n_listed > (self.matrix.n if selection is None else selection.n):
                return self._compare_all(aim[None], k, selection)[0]
            listed = coarse.best(aim[None], n_listed, None if selection is None else selection.bitmap)[0]


def _enough(listed: Listed, missing: float, n: int) -> int:
    """Guess how many rows to list so that what the others say falls by `missing`: it falls by about as much with each doubling."""
    if not (np.isfinite(missing) and len(listed.good) > 1):
        return WIDER * n
    fall = float(np.median(listed.good)) - listed.rest
    return int(n * 2 ** min(1 + missing / fall, MOST_DOUBLINGS)) if fall > 0 else WIDER * n


def ranked(matrix: Matrix, aim: NDArray[np.float64], rows: Rows, k: int) -> tuple[Rows, NDArray[np.float64]]:
    """Return the `k` nearest of some rows and their scores in float64, nearest first, equal ones in row order."""
    scores = matrix.scores(aim, rows)
    order = np.lexsort((rows, scores if matrix.metric == "l2" else -scores))[:k]
    return rows[order], scores[order]


def recall(truth: Sequence[Rows], found: Sequence[Rows]) -> float:
    """Return what part of the true neighbours was found."""
    hit = sum(int(np.isin(true, rows).sum()) for true, rows in zip(truth, found, strict=True))
    return hit / max(1, sum(map(len, truth)))
