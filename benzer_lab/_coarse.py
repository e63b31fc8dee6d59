"""Coarse codes: a few bytes a row that name the rows worth comparing, and say what the others can at most be worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import BLOCK_ROWS, Floats, Rows, batches, faiss, n_cores, pieces, runs, spread, threads
from benzer_lab._matrix import ROUNDING, Matrix, Scores

Bitmap = NDArray[np.uint8]
STEPS = 127  # of a coordinate to either side of zero, in a byte
TRAINING_ROWS = 32_768  # for directions and code books
LINKS = 32  # of a row in the graph
SIGNED_BYTES = faiss.ScalarQuantizer.QT_8bit_direct_signed  # what a coordinate is worth, plus 128
BATCH = 8  # from here on a batch is quicker by products of matrices
BATCH_ROWS = 8_192  # rows decoded at a time, so that they stay in the processor's cache
SHARD_ROWS = 16_384  # fewer rows are scanned sooner than a second thread has started


class Listed(NamedTuple):
    """The rows worth comparing with a query: `good` is what their codes say, and `rest` what any other row may at most be."""

    rows: Rows
    good: Scores
    rest: float


class Coarse(Protocol):
    """What lists rows worth comparing; with `proven`, the true goodness of no row is above what `Listed` says."""

    kind: str
    proven: bool
    margin: float

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""

    @property
    def native(self) -> list[Any]:
        """The Faiss indexes, one a core."""

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""

    def above(self, aims: NDArray[np.float64], floors: NDArray[np.float64], bitmap: Bitmap | None) -> list[Listed]:
        """List for each query every row that may be as good as its floor; nothing where these codes cannot tell."""

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""


def leading_axes(matrix: Matrix, rows: Rows) -> list[tuple[slice, NDArray[np.float64], NDArray[np.float64]]]:
    """Return for each block of columns its directions (b, b), those that hold most of some rows first, and how much each holds."""
    x = matrix.unit(rows).astype(np.float64)
    found = []
    for columns in matrix.blocks:
        part = x[:, columns]
        weights, axes = np.linalg.eigh(part.T @ part / len(part))
        found.append((columns, axes[:, ::-1], np.maximum(weights[::-1], 0)))
    return found


def cut_axes(matrix: Matrix, led: list[tuple[slice, NDArray[np.float64], NDArray[np.float64]]], m: int) -> Scores:
    """Return the `m` leading directions of all blocks as columns (d, m), each block's after the block's before it."""
    strength = np.concatenate([weights for _, _, weights in led])
    chosen = np.sort(np.argsort(-strength, kind="stable")[:m])
    axes = np.zeros((matrix.d, len(strength)))
    start = 0
    for columns, own, weights in led:
        axes[columns, start : start + len(weights)] = own
        start += len(weights)
    return np.ascontiguousarray(axes[:, chosen], np.float32)


def tails(x: Scores, axes: Scores, blocks: Sequence[slice]) -> tuple[Scores, Scores]:
    """Return rows (r, d) along the axes (r, m), and how much of each block (r, b) the axes leave out, rounded upwards."""
    along = x @ axes
    left = np.empty((len(x), len(blocks)), np.float32)
    for i, columns in enumerate(blocks):
        own = np.abs(axes[columns]).max(axis=0, initial=0) > 0
        whole = np.einsum("ij,ij->i", x[:, columns], x[:, columns])
        left[:, i] = np.sqrt(np.maximum(whole - np.einsum("ij,ij->i", along[:, own], along[:, own]), 0) + 8 * ROUNDING * whole)
    return along, left


@dataclass(frozen=True, eq=False)
class Bounds:
    """Codes whose score is never below the truth: the leading coordinates in 8 bits, and the length of the rest, rounded upwards.

    A row is x = A y + t with A the axes. q x = (A'q) y + q t, and q t is at most |q outside A| |t| (Cauchy-Schwarz), so |t| is one more
    coordinate, and an ordinary inner product of short 8-bit codes is an upper bound of the true one. What the 8 bits lose of y is at
    most `lost` steps, times the query's own length in steps; where Faiss rounds the query too, what that loses is added.

    For l2, goodness is q x - |x|^2 / 2 - |q|^2 / 2: half the square, taken from `middle`, is one more coordinate, in two bytes.
    """

    kind: ClassVar[str] = "exact"
    proven: ClassVar[bool] = True
    margin: ClassVar[float] = 0.0

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
        made = cls(matrix, axes, steps.astype(np.float32), 0.0, 0.0, longest, middle, [])
        shards = [(piece, _one_list(made.width)) for piece in cut(matrix.n)]
        lost = largest = 0.0
        for part, x in matrix.unit_blocks():
            codes, loss, size = made._encode(x, middle - halves[part])
            lost, largest = max(lost, loss), max(largest, size)
            _append(shards, part, codes)
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
        """The Faiss indexes, one a core."""
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
        add += 4 * ROUNDING * (self.width + 4) * np.linalg.norm(asked, axis=1) * STEPS * np.sqrt(self.width)  # of the products with the codes
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

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""
        asked, add = self._ask(aims)
        if len(aims) >= BATCH:
            mask = _mask(bitmap, self.matrix.n)
            return _raised(self._products_above(asked, self._floors(asked, n, mask), mask), add)
        rounded, worth, lost = self._rounded(asked)
        return _raised(_of_shards(self.shards, rounded, n, bitmap, _selecting), add + lost, worth)

    def above(self, aims: NDArray[np.float64], floors: NDArray[np.float64], bitmap: Bitmap | None) -> list[Listed]:
        """List for each query every row that may be as good as its floor."""
        asked, add = self._ask(aims)
        if len(aims) >= BATCH:
            return _raised(self._products_above(asked, floors - add, _mask(bitmap, self.matrix.n)), add)
        rounded, worth, lost = self._rounded(asked)
        own, least = spans(self.shards), (floors - add - lost) / worth

        def one(i: int) -> tuple[Rows, Scores]:
            rows, good = [], []
            with threads(1):
                for query, floor in zip(rounded, least, strict=True):
                    under = float(np.nextafter(np.float32(floor), np.float32(-np.inf)))  # Faiss lists what is above, not what is at it
                    _, several, found = self.shards[i].range_search(query[None], under, params=_selecting(bitmap, own[i]))
                    rows.append(found + own[i].start)
                    good.append(several)
            return rows, good

        parts = spread(one, range(len(own)))
        found = [
            Listed(np.concatenate(rows), np.concatenate(good), float(floor))
            for rows, good, floor in zip(zip(*(rows for rows, _ in parts), strict=True), zip(*(good for _, good in parts), strict=True), least, strict=True)
        ]
        return _raised(found, add + lost, worth)

    def count(self, aims: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return for each query how many rows `best` must list for one to be sure of those above its floor."""
        asked, add = self._ask(aims)
        rounded, worth, lost = self._rounded(asked)
        return np.array([len(found.rows) for found in self._products_above(rounded * worth[:, None], floors - add - lost, None)])

    def _floors(self, asked: Scores, n: int, mask: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        """Return above which product about `n` rows lie, by a sample of those that pass."""
        passing = np.arange(self.matrix.n) if mask is None else np.flatnonzero(mask)
        sample = passing[:: max(1, len(passing) // BATCH_ROWS)]
        inside = [sample[(sample >= piece.start) & (sample < piece.stop)] - piece.start for piece in spans(self.shards)]
        products = asked @ _decoded(np.concatenate([self._codes(i)[rows] for i, rows in enumerate(inside)])).T
        place = min(products.shape[1] - 1, max(4, round(n * len(sample) / max(len(passing), 1))))
        return -np.partition(-products, place, axis=1)[:, place].astype(np.float64)

    def _products_above(self, asked: Scores, floors: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> list[Listed]:
        """List what is at or above a floor, by products of matrices, which serve all queries at once."""
        least = np.nextafter(floors.astype(np.float32), np.float32(-np.inf))[:, None]

        def listed(i: int) -> tuple[NDArray[np.int64], Rows, Scores]:
            piece, codes, queries, rows, good = own[i], self._codes(i), [], [], []
            for start in range(piece.start, piece.stop, BATCH_ROWS):
                stop = min(start + BATCH_ROWS, piece.stop)
                products = asked @ _decoded(codes[start - piece.start : stop - piece.start]).T
                above = products >= least
                if mask is not None:
                    above &= mask[start:stop]
                query, row = np.nonzero(above)
                queries.append(query)
                rows.append(row + start)
                good.append(products[query, row])
            return np.concatenate(queries), np.concatenate(rows), np.concatenate(good)

        own = spans(self.shards)
        queries, rows, good = (np.concatenate(parts) for parts in zip(*spread(listed, range(len(own))), strict=True))
        order = np.argsort(queries, kind="stable")
        ends = np.searchsorted(queries[order], np.arange(len(asked) + 1))
        each = [order[start:stop] for start, stop in zip(ends[:-1], ends[1:], strict=True)]
        return [Listed(rows[some], good[some], float(floor)) for some, floor in zip(each, floors, strict=True)]

    def _codes(self, i: int) -> Bitmap:
        """Return the codes of a shard where they lie."""
        shard = self.shards[i]
        codes: Bitmap = faiss.rev_swig_ptr(shard.invlists.get_codes(0), shard.ntotal * self.width).reshape(-1, self.width)
        return codes

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        facts = {"lost": self.lost, "largest": self.largest, "longest": self.longest, "middle": self.middle}
        np.savez(folder / "bounds.npz", axes=self.axes, steps=self.steps, **facts)
        return ["bounds.npz", *_write(self.shards, folder)]

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, *, mmap: bool, **_: Any) -> "Bounds":
        """Open what `save` wrote."""
        with np.load(folder / "bounds.npz", allow_pickle=False) as kept:
            facts = {name: float(kept[name]) for name in ("lost", "largest", "longest", "middle")}
            return cls(matrix, kept["axes"], kept["steps"], shards=_read(folder, mmap=mmap), **facts)


@dataclass(frozen=True, eq=False)
class Quantized:
    """Product-quantised codes, 4 bits a leading coordinate, scanned in the processor's registers; in one list, or in many of which few are read.

    Their score is off to either side; `margin` is by how much it was below the truth for nearly all true neighbours of held-out rows.
    With a filter all lists are read: the lists near a query may hold only rows that do not pass.
    """

    proven: ClassVar[bool] = False

    matrix: Matrix
    axes: Scores
    shards: Sequence[Any]
    n_lists: int
    n_probed: int
    margin: float

    @classmethod
    def build(cls, matrix: Matrix, axes: Scores, n_lists: int, seed: int, rows: Rows, tell: Callable[[float], None]) -> "Quantized":
        """Train on some rows, encode all."""
        made = cls(matrix, axes, [], n_lists, n_lists, 0.0)
        width = made._seen(matrix.unit(rows[:1])).shape[1]
        measure = faiss.METRIC_INNER_PRODUCT if matrix.metric == "cosine" else faiss.METRIC_L2
        lists = faiss.IndexFlat(width, measure)
        first = faiss.IndexIVFPQFastScan(lists, width, n_lists, width, 4, measure)
        first.by_residual = False
        first.cp.seed = first.pq.cp.seed = seed
        first.cp.min_points_per_centroid = first.pq.cp.min_points_per_centroid = 1  # a small archive is not worth a warning
        with batches():
            first.train(made._seen(matrix.unit(rows)))
            tell(0.5)
            shards = [(piece, faiss.clone_index(first)) for piece in cut(matrix.n)]
            for part, x in matrix.unit_blocks():
                _append(shards, part, made._seen(x))
                tell(0.5 + 0.5 * part.stop / matrix.n)
        return cls(matrix, axes, [shard for _, shard in shards], n_lists, n_lists, 0.0)

    def _seen(self, x: Scores) -> Scores:
        """Return rows (r, d) as the codes see them: along the axes, and for l2 the length of the rest, which distances need."""
        along, left = tails(x, self.axes, self.matrix.blocks)
        return np.ascontiguousarray(along if self.matrix.metric == "cosine" else np.hstack([along, left]))

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
        """The Faiss indexes, one a core."""
        return list(self.shards)

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""
        return self.matrix.n * (self.axes.shape[1] // 2 + 8) + self.axes.nbytes

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""
        n_probed = self.n_probed if bitmap is None else self.n_lists

        def asking(bitmap: Bitmap | None, piece: slice) -> Any:
            return faiss.SearchParametersIVF(nprobe=n_probed, sel=_selector(bitmap, piece))

        found = _of_shards(self.shards, self._seen(aims.astype(np.float32)), n, bitmap, asking)
        if self.matrix.metric == "l2":
            found = [Listed(rows, good / -2, rest / -2) for rows, good, rest in found]
        return found

    def above(self, aims: NDArray[np.float64], floors: NDArray[np.float64], bitmap: Bitmap | None) -> list[Listed]:
        """List nothing: these codes cannot tell."""
        return []

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        np.savez(folder / "quantized.npz", axes=self.axes, lists=self.n_lists, probed=self.n_probed, margin=self.margin)
        return ["quantized.npz", *_write(self.shards, folder)]

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, **_: Any) -> "Quantized":
        """Open what `save` wrote; Faiss cannot map these codes, so they are read."""
        with np.load(folder / "quantized.npz", allow_pickle=False) as kept:
            facts = int(kept["lists"]), int(kept["probed"]), float(kept["margin"])
            return cls(matrix, kept["axes"], _read(folder, mmap=False), *facts)


@dataclass(frozen=True, eq=False)
class Graph:
    """A navigable graph over half-precision rows: quick without a filter, large, and slow to build."""

    kind: ClassVar[str] = "hnsw"
    proven: ClassVar[bool] = False

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
            return [Listed(row[row >= 0], one[row >= 0], -np.inf if len(row) == total else float(one[-1])) for row, one in zip(rows, good, strict=True)]

        return [listed for run in spread(some, runs(len(aims))) for listed in run]

    def above(self, aims: NDArray[np.float64], floors: NDArray[np.float64], bitmap: Bitmap | None) -> list[Listed]:
        """List nothing: a graph cannot tell."""
        return []

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""
        np.savez(folder / "graph.npz", ef=self.ef)
        return ["graph.npz", *_write([self.index], folder)]

    @classmethod
    def load(cls, matrix: Matrix, folder: Path, *, mmap: bool, **_: Any) -> "Graph":
        """Open what `save` wrote."""
        with np.load(folder / "graph.npz", allow_pickle=False) as kept:
            return cls(matrix, faiss.read_index(str(folder / "shard-0.faiss"), _flags(mmap=mmap)), int(kept["ef"]))


KINDS: dict[str, Any] = {"exact": Bounds, "fast": Quantized, "ivf": Quantized, "hnsw": Graph}


def cut(n: int) -> list[slice]:
    """Return the rows of each shard."""
    return pieces(n, SHARD_ROWS)


def _half_squares(matrix: Matrix) -> NDArray[np.float64]:
    """Return half of each row's squared length for l2, which cosine has no need of."""
    if matrix.metric == "cosine":
        return np.empty(0)
    halves = np.empty(matrix.n)
    for part, x in matrix.unit_blocks():
        halves[part] = np.einsum("ij,ij->i", x, x, dtype=np.float64) / 2
    return halves


def _one_list(width: int) -> Any:
    """Return an index of one list of signed bytes: Faiss looks for all above a floor in a list at the speed of its search, elsewhere not."""
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(width), width, 1, SIGNED_BYTES, faiss.METRIC_INNER_PRODUCT, False)
    index.quantizer.add(np.zeros((1, width), np.float32))
    index.is_trained = True
    return index


def _raised(found: list[Listed], add: NDArray[np.float64], worth: Scores | None = None) -> list[Listed]:
    """Return what products say of rows as upper bounds of their goodness."""
    by = np.ones(len(add)) if worth is None else worth
    return [
        Listed(rows, (good * unit + more).astype(np.float32), rest * unit + more)
        for (rows, good, rest), more, unit in zip(found, add, by, strict=True)
    ]


def _mask(bitmap: Bitmap | None, n: int) -> NDArray[np.bool_] | None:
    """Return a bitmap as a byte a row."""
    return None if bitmap is None else np.unpackbits(bitmap, count=n, bitorder="little").view(bool)


def _decoded(codes: Bitmap) -> Scores:
    """Return codes as the numbers they stand for."""
    x = codes.astype(np.float32)
    x -= 128
    return x


def spans(shards: Sequence[Any]) -> list[slice]:
    """Return which rows each shard holds."""
    ends = np.cumsum([shard.ntotal for shard in shards]).tolist()
    return [slice(end - shard.ntotal, end) for shard, end in zip(shards, ends, strict=True)]


def _append(shards: Sequence[tuple[slice, Any]], part: slice, x: Scores) -> None:
    """Add consecutive rows to the shards they belong to."""
    for piece, shard in shards:
        start, stop = max(part.start, piece.start), min(part.stop, piece.stop)
        if start < stop:
            shard.add(np.ascontiguousarray(x[start - part.start : stop - part.start]))


def _selector(bitmap: Bitmap | None, piece: slice) -> Any:
    """Return what lets Faiss skip the rows of a shard whose bit is not set; shards start at whole bytes."""
    if bitmap is None:
        return None
    own = bitmap[piece.start // 8 : -(-piece.stop // 8)]
    return faiss.IDSelectorBitmap(own)


def _selecting(bitmap: Bitmap | None, piece: slice) -> Any:
    """Return Faiss's search parameters for a shard without any others."""
    return None if bitmap is None else faiss.SearchParametersIVF(sel=_selector(bitmap, piece))


def _of_shards(
    shards: Sequence[Any], asked: Scores, n: int, bitmap: Bitmap | None, asking: Callable[[Bitmap | None, slice], Any]
) -> list[Listed]:
    """Ask all shards, each in a thread, and put their lists together; `rest` is the worst that any full list holds."""
    own = spans(shards)
    share = n if len(own) == 1 else int(1.25 * n / len(own)) + 8

    def one(i: int) -> tuple[Scores, Rows]:
        piece = own[i]
        with threads(1):
            good, rows = shards[i].search(asked, min(share, piece.stop - piece.start), params=asking(bitmap, piece))
        return good, np.where(rows >= 0, rows + piece.start, -1)

    parts = spread(one, range(len(own)))
    worst = -np.inf if shards[0].metric_type == faiss.METRIC_INNER_PRODUCT else np.inf
    pick = np.fmax if worst < 0 else np.fmin
    rests = np.full(len(asked), worst)
    for (good, rows), piece in zip(parts, own, strict=True):
        if good.shape[1] < piece.stop - piece.start:
            rests = pick(rests, np.where(rows[:, -1] >= 0, good[:, -1], worst))
    rows, good = np.hstack([rows for _, rows in parts]), np.hstack([good for good, _ in parts])
    return [Listed(row[row >= 0], one[row >= 0], float(rest)) for row, one, rest in zip(rows, good, rests, strict=True)]


def _write(shards: Sequence[Any], folder: Path) -> list[str]:
    """Write Faiss indexes."""
    names = [f"shard-{i}.faiss" for i in range(len(shards))]
    for shard, name in zip(shards, names, strict=True):
        faiss.write_index(shard, str(folder / name))
    return names


def _read(folder: Path, *, mmap: bool) -> list[Any]:
    """Read Faiss indexes."""
    paths = sorted(folder.glob("shard-*.faiss"), key=lambda path: int(path.stem.split("-")[1]))
    return [faiss.read_index(str(path), _flags(mmap=mmap)) for path in paths]


def _flags(*, mmap: bool) -> int:
    """Return how Faiss opens a file: in place, so that all processes share it, or read."""
    return int(getattr(faiss, "IO_FLAG_MMAP_IFC", 0)) if mmap else 0
