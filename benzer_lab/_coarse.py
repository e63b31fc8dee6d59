"""Coarse codes: a few bytes a row that name the rows worth comparing, and say what the others can at most be worth."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import Rows, faiss, pieces, products, runs, spread, threads
from benzer_lab._matrix import ROUNDING, Matrix, Scores
from benzer_lab._selection import Selection

Bitmap = NDArray[np.uint8]
Axes = list[tuple[slice, NDArray[np.float64], NDArray[np.float64]]]
SHARD_BYTES = 6_000_000  # fewer codes are scanned sooner, half a millisecond, than a second thread has started


class Listed(NamedTuple):
    """The rows worth comparing with a query: `good` is what their codes say, `rest` what the codes of all others say at most."""

    rows: Rows
    good: Scores
    rest: float


class Coarse(Protocol):
    """What every kind of codes has."""

    @property
    def kind(self) -> str:
        """What it is called."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""

    @property
    def native(self) -> list[Any]:
        """The Faiss indexes, one a shard."""

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features."""

    def save(self, folder: Path) -> list[str]:
        """Write the files of which it can be made again; return their names."""


@runtime_checkable
class Proven(Coarse, Protocol):
    """Codes that bound how good a row is."""

    def nearest(self, aims: NDArray[np.float64], k: int, n: int, selection: Selection | None) -> list[Rows]:
        """Return for each query (q, d) the rows that may be among the `k` nearest, after listing about `n`; no other can be."""


class Likely(Coarse, Protocol):
    """Codes that are off to either side; `margin` is by how much they nearly always are at most."""

    @property
    def margin(self) -> float:
        """By how much rows that are not listed may be better than `rest` says."""

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""


def leading_axes(matrix: Matrix, rows: Rows) -> Axes:
    """Return for each block of columns its directions (b, b), those that hold most of some rows first, and how much each holds."""
    x = matrix.unit(rows).astype(np.float64)
    found = []
    for columns in matrix.blocks:
        part = x[:, columns]
        weights, axes = np.linalg.eigh(part.T @ part / len(part))
        found.append((columns, axes[:, ::-1], np.maximum(weights[::-1], 0)))
    return found


def cut_axes(matrix: Matrix, led: Axes, m: int) -> Scores:
    """Return the `m` leading directions of all blocks as columns (d, m), each block's after the block's before it."""
    strength = np.concatenate([weights for _, _, weights in led])
    chosen = np.sort(np.argsort(-strength, kind="stable")[:m])
    axes = np.zeros((matrix.d, len(strength)))
    start = 0
    for columns, own, weights in led:
        axes[columns, start : start + len(weights)] = own
        start += len(weights)
    return np.ascontiguousarray(axes[:, chosen], np.float32)


def along(x: Scores, axes: Scores) -> Scores:
    """Return the coordinates of rows (r, d) along axes (d, m), which lie direction by direction."""
    return x @ axes if len(x) > 1 else products(axes.T, np.ascontiguousarray(x[0]))[None]


def tails(x: Scores, axes: Scores, blocks: Sequence[slice]) -> tuple[Scores, Scores]:
    """Return rows (r, d) along the axes (r, m), and how much of each block (r, b) the axes leave out, rounded upwards."""
    inside = along(x, axes)
    left = np.empty((len(x), len(blocks)), np.float32)
    for i, columns in enumerate(blocks):
        own = slice(None) if len(blocks) == 1 else axes[columns].any(axis=0)
        whole = np.einsum("ij,ij->i", x[:, columns], x[:, columns])
        rest = whole - np.einsum("ij,ij->i", inside[:, own], inside[:, own])
        left[:, i] = np.sqrt(np.maximum(rest, 0) + 4 * ROUNDING * (x.shape[1] + 4) * whole)  # what is left of a difference of sums
    return inside, left


def cut(n: int, width: int) -> list[slice]:
    """Return the rows of each shard, of codes of `width` bytes."""
    return pieces(n, -(-SHARD_BYTES // width))


def spans(shards: Sequence[Any]) -> list[slice]:
    """Return which rows each shard holds."""
    ends = np.cumsum([shard.ntotal for shard in shards]).tolist()
    return [slice(end - shard.ntotal, end) for shard, end in zip(shards, ends, strict=True)]


def append(shards: Sequence[tuple[slice, Any]], part: slice, x: Scores) -> None:
    """Add consecutive rows to the shards they belong to."""
    for piece, shard in shards:
        start, stop = max(part.start, piece.start), min(part.stop, piece.stop)
        if start < stop:
            shard.add(np.ascontiguousarray(x[start - part.start : stop - part.start]))


def selector(bitmap: Bitmap | None, piece: slice) -> Any:
    """Return what lets Faiss skip the rows of a shard whose bit is not set; shards start at whole bytes."""
    if bitmap is None:
        return None
    own = bitmap[piece.start // 8 : -(-piece.stop // 8)]
    return faiss.IDSelectorBitmap(own)


def selecting(bitmap: Bitmap | None, piece: slice) -> Any:
    """Return Faiss's search parameters for a shard without any others."""
    return None if bitmap is None else faiss.SearchParametersIVF(sel=selector(bitmap, piece))


def of_shards(
    shards: Sequence[Any], asked: Scores, n: int, bitmap: Bitmap | None, asking: Callable[[Bitmap | None, slice], Any]
) -> list[Listed]:
    """Ask all shards, and put their lists together; a few queries ask the shards in a thread each, many are spread themselves."""

    def some(run: range) -> list[Listed]:
        return _of_shards(shards, asked[run.start : run.stop], n, bitmap, asking)

    return [listed for part in spread(some, runs(len(asked))) for listed in part]


def _of_shards(
    shards: Sequence[Any], asked: Scores, n: int, bitmap: Bitmap | None, asking: Callable[[Bitmap | None, slice], Any]
) -> list[Listed]:
    """Ask all shards; `rest` is the worst that any full list holds."""
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


def write(shards: Sequence[Any], folder: Path, **arrays: NDArray[Any]) -> list[str]:
    """Write Faiss indexes and arrays; return the names of the files."""
    names = [f"shard-{i}.faiss" for i in range(len(shards))]
    for shard, name in zip(shards, names, strict=True):
        faiss.write_index(shard, str(folder / name))
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return [*names, *(f"{name}.npy" for name in arrays)]


def read(folder: Path, *arrays: str, mmap: bool) -> tuple[list[Any], dict[str, NDArray[Any]]]:
    """Read Faiss indexes, or map them so that all processes share them, and arrays."""
    flags = int(getattr(faiss, "IO_FLAG_MMAP_IFC", 0)) if mmap else 0
    paths = sorted(folder.glob("shard-*.faiss"), key=lambda path: int(path.stem.split("-")[1]))
    kept = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in arrays}
    return [faiss.read_index(str(path), flags) for path in paths], kept
