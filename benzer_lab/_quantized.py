"""Product-quantized codes of 4 bits: the likely answer, at a recall that is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._coarse import Bitmap, Listed, along, append, cut, of_shards, read, selector, tails, write
from benzer_lab._engine import Rows, faiss, n_cores, threads
from benzer_lab._matrix import Matrix, Scores


@dataclass(frozen=True, eq=False)
class Quantized:
    """Product-quantized codes, 4 bits a leading coordinate, in one list, or in many of which few are read.

    Their score is off to either side; `margin` is by how much it was below the truth for nearly all true neighbours of held-out rows.
    With a filter all lists are read: the lists near a query may hold only rows that do not pass.
    """

    matrix: Matrix
    axes: Scores
    shards: Sequence[Any]
    n_lists: int
    n_probed: int
    margin: float

    @classmethod
    def build(cls, matrix: Matrix, axes: Scores, n_lists: int, seed: int, rows: Rows, tell: Callable[[float], None]) -> "Quantized":
        """Train on some rows, encode all."""
        axes = np.asfortranarray(axes)  # each direction in one piece
        made = cls(matrix, axes, [], n_lists, n_lists, 0.0)
        width = made._seen(matrix.unit(rows[:1])).shape[1]
        measure = faiss.METRIC_INNER_PRODUCT if matrix.metric == "cosine" else faiss.METRIC_L2
        lists = faiss.IndexFlat(width, measure)
        first = faiss.IndexIVFPQFastScan(lists, width, n_lists, width, 4, measure)
        first.by_residual = False
        first.cp.seed = first.pq.cp.seed = seed
        first.cp.min_points_per_centroid = first.pq.cp.min_points_per_centroid = 1  # a small archive is not worth a warning
        with threads(n_cores()):
            first.train(made._seen(matrix.unit(rows)))
            tell(0.5)
            shards = [(piece, faiss.clone_index(first)) for piece in cut(matrix.n, -(-width // 2))]
            for part, x in matrix.unit_blocks():
                append(shards, part, made._seen(x))
                tell(0.5 + 0.5 * part.stop / matrix.n)
        return cls(matrix, axes, [shard for _, shard in shards], n_lists, n_lists, 0.0)

    def _seen(self, x: Scores) -> Scores:
        """Return rows (r, d) as the codes see them: along the axes, and for l2 the length of the rest, which distances need."""
        if self.matrix.metric == "cosine":
            return along(x, self.axes)
        return np.hstack(tails(x, self.axes, self.matrix.blocks))

    @property
    def kind(self) -> str:
        """By the number of lists."""
        return "fast" if self.n_lists == 1 else "ivf"

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""
        return {"dimensions": self.axes.shape[1], "lists": self.n_lists, "lists_read": self.n_probed}

    @property
    def native(self) -> list[Any]:
        """The Faiss indexes, one a shard."""
        return list(self.shards)

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""
        return int(self.matrix.n * (self.axes.shape[1] // 2 + 8) + self.axes.nbytes)

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""
        n_probed = self.n_probed if bitmap is None else self.n_lists

        def asking(bitmap: Bitmap | None, piece: slice) -> Any:
            return faiss.SearchParametersIVF(nprobe=n_probed, sel=selector(bitmap, piece))

        found = of_shards(self.shards, self._seen(aims.astype(np.float32)), n, bitmap, asking)
        if self.matrix.metric == "l2":
            found = [Listed(rows, good / np.float32(-2), rest / -2) for rows, good, rest in found]
        return found

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        return write(self.shards, folder, axes=self.axes, facts=np.array([self.n_lists, self.n_probed, self.margin]))

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, **_: Any) -> "Quantized":
        """Open what `save` wrote; Faiss cannot map these codes, so they are read."""
        shards, kept = read(folder, "axes", "facts", mmap=False)
        n_lists, n_probed, margin = kept["facts"].tolist()
        return cls(matrix, np.asfortranarray(kept["axes"]), shards, int(n_lists), int(n_probed), margin)
