"""Upper bounds in 8 bits: the exact answer from a quarter of the bytes, with the proof that it is exact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benzer_lab._coarse import Bitmap, append, cut, read, selecting, spans, tails, write
from benzer_lab._engine import BLOCK_ROWS, Rows, each, faiss, products, spread, threads
from benzer_lab._matrix import LONGEST, ROUNDING, SPARE, Matrix, Scores
from benzer_lab._selection import Selection

STEPS = 127  # of a coordinate to either side of zero, in a byte
SAMPLED = 2_048  # rows that tell how many lie above a product
FEW = 8  # of them, below which that is a guess; and how many bounds are compared to guess one neighbour
SIGNED_BYTES = faiss.ScalarQuantizer.QT_8bit_direct_signed  # what a coordinate is worth, plus 128
LISTED = 4  # to list more than this part of the rows costs more than to compare all
BATCH = 16  # queries, from which on products of whole matrices are sooner than a scan each


@dataclass(frozen=True, eq=False)
class Bounds:
    """Codes whose score is never below the truth: the leading coordinates in 8 bits, and the length of the rest, rounded upwards.

    A row is x = A y + t with A the axes. q x = (A'q) y + q t, and q t is at most |q outside A| |t| (Cauchy-Schwarz), so |t| is one more
    coordinate, and an ordinary inner product of short 8-bit codes is an upper bound of the true one. What the 8 bits lose of y is at
    most `lost` steps, times the query's own length in steps; where Faiss rounds the query too, what that loses is added.

    For l2, goodness is q x - |x|^2 / 2 - |q|^2 / 2: half the square, taken from `middle`, is one more coordinate, in two bytes.
    """

    kind: ClassVar[str] = "exact"
    matrix: Matrix
    axes: Scores
    steps: Scores
    lost: float
    largest: float
    longest: float
    middle: float
    shards: Sequence[Any]

    @classmethod
    def build(cls, matrix: Matrix, axes: Scores, tell: Callable[[float], None]) -> "Bounds":
        """Encode all rows, in two passes: one for the range of each coordinate, one for the codes."""
        halves = _half_squares(matrix)
        middle = float((halves.min() + halves.max()) / 2) if len(halves) else 0.0
        top, longest = np.zeros(axes.shape[1] + len(matrix.blocks), np.float32), 0.0
        for part, x in matrix.unit_blocks():
            top = np.maximum(top, np.abs(np.hstack(tails(x, axes, matrix.blocks))).max(axis=0))
            longest = max(longest, float(np.sqrt(np.einsum("ij,ij->i", x, x).max())))
            tell(0.4 * part.stop / matrix.n)
        scale = np.sqrt(np.where(top > 0, top, 1))  # row and query are both rounded: each coordinate's range is shared between them
        steps = scale * scale.max() / STEPS
        if len(halves):  # a coarse byte and a fine one
            coarse = max(float(np.abs(halves - middle).max()) / STEPS, 1e-30)
            steps = np.append(steps, [coarse, coarse / (2 * STEPS)])
        axes = np.asfortranarray(axes)  # each direction in one piece
        made = cls(matrix, axes, steps.astype(np.float32), 0.0, 0.0, longest, middle, [])
        shards = [(piece, _one_list(made.width)) for piece in cut(matrix.n, made.width)]
        lost = largest = 0.0
        for part, x in matrix.unit_blocks():
            codes, loss, size = made._encode(x, middle - halves[part])
            lost, largest = max(lost, loss), max(largest, size)
            append(shards, part, codes)
            tell(0.4 + 0.6 * part.stop / matrix.n)
        return cls(matrix, axes, made.steps, lost, largest, longest, middle, [shard for _, shard in shards])

    @property
    def width(self) -> int:
        """Bytes a row."""
        return -(-len(self.steps) // 16) * 16

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""
        return {"dimensions": self.axes.shape[1], "bytes_a_row": self.width, "lost_steps": self.lost}

    @property
    def native(self) -> list[Any]:
        """The Faiss indexes, one a shard."""
        return list(self.shards)

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""
        return self.matrix.n * self.width + self.axes.nbytes

    def _encode(self, x: Scores, values: NDArray[np.float64]) -> tuple[Scores, float, float]:
        """Return the codes of rows, and of their leading coordinates by how many steps they are off, and how long they are, at most."""
        m, b = self.axes.shape[1], len(self.matrix.blocks)
        along, left = tails(x, self.axes, self.matrix.blocks)
        y = along / self.steps[:m]
        codes = np.zeros((len(x), self.width), np.float32)
        codes[:, :m] = np.clip(np.round(y), -STEPS, STEPS)
        codes[:, m : m + b] = np.minimum(np.ceil(left / self.steps[m : m + b]), STEPS)
        if self.matrix.metric == "l2":
            coarse, fine = self.steps[m + b : m + b + 2].astype(np.float64)
            codes[:, m + b] = np.clip(np.round(values / coarse), -STEPS, STEPS)
            codes[:, m + b + 1] = np.clip(np.round((values - codes[:, m + b] * coarse) / fine), -STEPS, STEPS)
        loss = float(np.sqrt(((y - codes[:, :m]) ** 2).sum(axis=1).max()))
        return codes, loss, float(np.sqrt((codes[:, :m] ** 2).sum(axis=1).max()))

    def _ask(self, aims: NDArray[np.float64]) -> tuple[Scores, NDArray[np.float64]]:
        """Return queries (q, width) as the codes are multiplied with, and what to add to the products for an upper bound."""
        m, b = self.axes.shape[1], len(self.matrix.blocks)
        asked = np.zeros((len(aims), self.width), np.float32)
        along, left = tails(aims.astype(np.float32), self.axes, self.matrix.blocks)
        asked[:, :m], asked[:, m : m + b] = along * self.steps[:m], left * self.steps[m : m + b]
        add = np.linalg.norm(asked[:, :m].astype(np.float64), axis=1) * self.lost
        lengths = np.linalg.norm(aims, axis=1)
        add += 4 * ROUNDING * (self.matrix.d + 4) * lengths * self.longest  # of the products that made codes and query
        if self.matrix.metric == "l2":
            asked[:, m + b : m + b + 2] = self.steps[m + b : m + b + 2]
            add += float(self.steps[m + b + 1]) - self.middle - lengths**2 / 2
        add += (
            4 * ROUNDING * (self.width + 4) * np.linalg.norm(asked, axis=1) * STEPS * np.sqrt(self.width)
        )  # of the products with the codes
        return asked, add

    def _rounded(self, asked: Scores) -> tuple[Scores, Scores, NDArray[np.float64]]:
        """Return queries in whole steps, as Faiss rounds them, what a step is worth (q,), and what to add for what that loses."""
        m, b = self.axes.shape[1], len(self.matrix.blocks)
        worth = np.abs(asked).max(axis=1) / np.float32(STEPS)
        worth[worth == 0] = 1
        steps = asked / worth[:, None]
        rounded = np.round(steps)
        rounded[:, m : m + b] = np.minimum(np.ceil(steps[:, m : m + b]), STEPS)  # the codes are not below 0: still an upper bound
        off = np.abs(asked - rounded * worth[:, None]).astype(np.float64)
        return rounded, worth, np.linalg.norm(off[:, :m], axis=1) * self.largest + off[:, m + b :].sum(axis=1) * STEPS

    def nearest(self, aims: NDArray[np.float64], k: int, n: int, selection: Selection | None) -> list[Rows]:
        """Return for each query (q, d) the rows that may be among the `k` nearest, after listing about `n`."""
        if selection is None and len(aims) >= BATCH:
            return self.matrix.best_of_batch(aims, k)
        if not float(np.linalg.norm(aims, axis=1).max()) < LONGEST:
            return [self.matrix.best(aim, k, None if selection is None else selection.rows) for aim in aims]
        return each(len(aims), lambda i: self._nearest(aims[i], k, n, selection))

    def _nearest(self, aim: NDArray[np.float64], k: int, n: int, selection: Selection | None) -> Rows:
        """Compare what is listed above a floor that promises `n` rows; where that may have left one out, all above the floor then known."""
        bitmap = None if selection is None else selection.bitmap
        asked, add = self._ask(aim[None])
        rounded, worth, lost = self._rounded(asked)
        unit, more = float(worth[0]), float(add[0] + lost[0])
        some, said = self._sampled(rounded[0], bitmap)
        if selection is not None and self._is_vain(aim, k, some, said * unit + more):
            return self.matrix.best(aim, k, selection.rows)
        least = self._floor(said, n)
        rows, good = self._compared_above(least, rounded, unit, more, aim, k, bitmap)
        floor = self.matrix.floor(aim, good, k)
        if not least * unit + more < floor:
            rows, good = self._compared_above((floor - more) / unit, rounded, unit, more, aim, k, bitmap)
            floor = self.matrix.floor(aim, good, k)
        return rows[good >= floor]

    def _compared_above(
        self, least: float, rounded: Scores, unit: float, more: float, aim: NDArray[np.float64], k: int, bitmap: Bitmap | None
    ) -> tuple[Rows, Scores]:
        """List what is at or above a product, compare the best of it, and then what may be better than the worst of these."""
        own = spans(self.shards)
        under = float(np.nextafter(np.float32(least), np.float32(-np.inf)))  # Faiss lists what is above, not what is at it

        def one(i: int) -> tuple[Rows, Scores]:
            with threads(1):
                _, said, found = self.shards[i].range_search(rounded, under, params=selecting(bitmap, own[i]))
            return found + own[i].start, said

        rows, said = (np.concatenate(parts) for parts in zip(*spread(one, range(len(own))), strict=True))
        n_first = 2 * (k + SPARE)  # nearly all of the k best are among them
        if len(rows) <= 2 * n_first:
            return rows, self.matrix.goodness(aim, rows)
        order = np.argpartition(-said, n_first)
        first, others = rows[order[:n_first]], order[n_first:]
        good = self.matrix.goodness(aim, first)
        others = rows[others[said[others] * unit + more >= self.matrix.floor(aim, good, k)]]
        return np.concatenate([first, others]), np.concatenate([good, self.matrix.goodness(aim, others)])

    @cached_property
    def _sample(self) -> tuple[Rows, Scores]:
        """Rows at even distances, and what their codes stand for."""
        rows = np.arange(0, self.matrix.n, max(1, self.matrix.n // SAMPLED))
        inside = [rows[(rows >= piece.start) & (rows < piece.stop)] - piece.start for piece in spans(self.shards)]
        return rows, _decoded(np.concatenate([self._codes(i)[some] for i, some in enumerate(inside)]))

    def _sampled(self, rounded: Scores, bitmap: Bitmap | None) -> tuple[Rows, Scores]:
        """Return the rows of the sample that pass, and their products with a query."""
        rows, codes = self._sample
        if bitmap is not None:
            passing = (bitmap[rows >> 3] >> (rows & 7)) & 1 == 1
            rows, codes = rows[passing], codes[passing]
        return rows, products(codes, rounded)

    def _is_vain(self, aim: NDArray[np.float64], k: int, rows: Rows, bounds: NDArray[Any]) -> bool:
        """Guess by a sample whether bounds rule out so little that all is sooner compared: a filter may leave none but a crowd far away."""
        place = max(1, round(k * len(self._sample[0]) / self.matrix.n))  # of the k-th best among the sample
        if len(rows) <= FEW * place:
            return False
        first = np.argpartition(-bounds, FEW * place)[: FEW * place]
        good = np.partition(self.matrix.goodness(aim, rows[first]), -place)[-place]
        return int((bounds >= good).sum()) * LISTED > len(rows)

    def _floor(self, said: Scores, n: int) -> float:
        """Return above which product about `n` rows lie, by what is said of the sample."""
        place = round(n * len(self._sample[0]) / self.matrix.n)
        if place < FEW or place >= len(said):  # too few of the sample to go by: a floor for twice as many, or none
            place = 2 * FEW
        if place >= len(said):
            return -np.inf
        return float(np.partition(said, len(said) - 1 - place)[len(said) - 1 - place])

    def count(self, aims: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return for each query (q, d) how many rows must be compared to be sure of those above its floor."""
        asked, add = self._ask(aims)
        rounded, worth, lost = self._rounded(asked)
        least = ((floors - add - lost) / worth)[:, None]
        counts = np.zeros(len(aims), np.int64)
        for i, piece in enumerate(spans(self.shards)):
            codes = self._codes(i)
            for start in range(0, piece.stop - piece.start, BLOCK_ROWS):
                counts += (rounded @ _decoded(codes[start : start + BLOCK_ROWS]).T >= least).sum(axis=1)
        return counts

    def _codes(self, i: int) -> Bitmap:
        """Return the codes of a shard where they lie."""
        shard = self.shards[i]
        codes: Bitmap = faiss.rev_swig_ptr(shard.invlists.get_codes(0), shard.ntotal * self.width).reshape(-1, self.width)
        return codes

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        facts = np.array([self.lost, self.largest, self.longest, self.middle])
        return write(self.shards, folder, axes=self.axes, steps=self.steps, facts=facts)

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, *, mmap: bool, **_: Any) -> "Bounds":
        """Open what `save` wrote."""
        shards, kept = read(folder, "axes", "steps", "facts", mmap=mmap)
        lost, largest, longest, middle = kept["facts"].tolist()
        return cls(matrix, np.asfortranarray(kept["axes"]), kept["steps"], lost, largest, longest, middle, shards)


def _half_squares(matrix: Matrix) -> NDArray[np.float64]:
    """Return half of each row's squared length for l2, which cosine has no need of."""
    if matrix.metric == "cosine":
        return np.empty(0)
    halves = np.empty(matrix.n)
    for part, x in matrix.unit_blocks():
        halves[part] = np.einsum("ij,ij->i", x, x, dtype=np.float64) / 2
    return halves


def _one_list(width: int) -> Any:
    """Return an index of one list of signed bytes: in a list, Faiss looks for all above a floor at the speed of a search."""
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(width), width, 1, SIGNED_BYTES, faiss.METRIC_INNER_PRODUCT, False)
    index.quantizer.add(np.zeros((1, width), np.float32))
    index.is_trained = True
    return index


def _decoded(codes: Bitmap) -> Scores:
    """Return codes as the numbers they stand for."""
    x = codes.astype(np.float32)
    x -= 128
    return x
