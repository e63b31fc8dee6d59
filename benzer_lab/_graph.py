"""A navigable graph (HNSW), for those who ask for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benzer_lab._coarse import Bitmap, Listed, read, write
from benzer_lab._engine import faiss, n_cores, runs, spread, threads
from benzer_lab._matrix import Matrix

LINKS = 32  # of a row


@dataclass(frozen=True, eq=False)
class Graph:
    """A navigable graph over half-precision rows: quick without a filter, large, and slow to build."""

    kind: ClassVar[str] = "hnsw"
    matrix: Matrix
    index: Any
    ef: int
    margin: float = 0.0

    @classmethod
    def build(cls, matrix: Matrix, tell: Callable[[float], None]) -> "Graph":
        """Link all rows."""
        measure = faiss.METRIC_INNER_PRODUCT if matrix.metric == "cosine" else faiss.METRIC_L2
        index = faiss.IndexHNSWSQ(matrix.d, faiss.ScalarQuantizer.QT_fp16, LINKS, measure)
        with threads(n_cores()):
            index.train(matrix.unit(slice(0, 1)))
            for part, x in matrix.unit_blocks():
                index.add(x)
                tell(part.stop / matrix.n)
        return cls(matrix, index, 64)

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""
        return {"links": LINKS, "ef": self.ef}

    @property
    def native(self) -> list[Any]:
        """The Faiss index."""
        return [self.index]

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""
        return self.matrix.n * (2 * self.matrix.d + 2 * LINKS * 4 + 16)

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d)."""
        assert bitmap is None, "a filter makes a graph forget rows without a word; the index scans what passes instead"
        asked, total = aims.astype(np.float32), self.matrix.n
        ask = faiss.SearchParametersHNSW(efSearch=max(self.ef, n))

        def some(run: range) -> list[Listed]:
            with threads(1):
                good, rows = self.index.search(np.ascontiguousarray(asked[run]), min(n, total), params=ask)
            good = good if self.matrix.metric == "cosine" else good / -2
            return [
                Listed(row[row >= 0], one[row >= 0], -np.inf if len(row) == total else float(one[-1]))
                for row, one in zip(rows, good, strict=True)
            ]

        return [listed for run in spread(some, runs(len(aims))) for listed in run]

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        return write([self.index], folder, facts=np.array([self.ef]))

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, *, mmap: bool, **_: Any) -> "Graph":
        """Open what `save` wrote."""
        shards, kept = read(folder, "facts", mmap=mmap)
        return cls(matrix, shards[0], int(kept["facts"][0]))
