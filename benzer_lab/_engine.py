"""Faiss behind one door: numpy is imported before it, every raw pointer is made here."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

import faiss  # isort: skip  (after numpy, whose BLAS knows newer processors than the one inside the wheel)

Floats = NDArray[np.floating]
BLOCK_ROWS = 32_768  # 64 MB of 512-d float32: what a float16 matrix is widened to at a time


def inner_products(x: Floats, query: Floats, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the inner products of `query` (d,) with the named `rows` of `x` (n, d), in float32."""
    return _by_rows("fvec_inner_products_by_idx", x, query, rows)


def squared_distances(x: Floats, query: Floats, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the squared Euclidean distances of `query` (d,) to the named `rows` of `x` (n, d), in float32."""
    return _by_rows("fvec_L2sqr_by_idx", x, query, rows)


def _by_rows(name: str, x: Floats, query: Floats, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Run a Faiss kernel over rows of a float32 matrix where it lies, or over a float16 one in widened blocks."""
    kernel = getattr(faiss, name)  # Faiss's own stubs leave its free functions out
    out = np.empty(len(rows), np.float32)
    query = np.ascontiguousarray(query, np.float32)
    rows = np.ascontiguousarray(rows, np.int64)
    if len(rows) and (rows.min() < 0 or rows.max() >= len(x)):
        raise IndexError(f"rows must lie in 0..{len(x) - 1}; got {rows.min()}..{rows.max()}")  # Faiss would read foreign memory
    in_place = x.dtype == np.float32 and x.flags.c_contiguous
    step = max(len(rows), 1) if in_place else BLOCK_ROWS
    with one_thread():
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            block = x if in_place else np.ascontiguousarray(x[rows[part]], np.float32)
            ids = rows[part] if in_place else np.arange(len(block))
            pointers = [faiss.swig_ptr(a) for a in (out[part], query, block, ids)]
            kernel(*pointers, x.shape[1], 1, len(ids))
    return out


@contextmanager
def one_thread() -> Iterator[None]:
    """Have this thread's Faiss calls use one core: a scan is as fast by memory alone, and others are asking at the same time."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def describe() -> dict[str, object]:
    """Return what `benzer doctor` says of the engine: versions, the BLAS core of each library, GPUs."""
    from threadpoolctl import threadpool_info

    pools = [p for p in threadpool_info() if p.get("internal_api") == "openblas"]
    return {
        "faiss": faiss.__version__,
        "numpy": np.__version__,
        "openblas": {("faiss" if "faiss" in p["filepath"] else "numpy/scipy"): f"{p['version']} ({p['architecture']})" for p in pools},
        "openmp_threads": faiss.omp_get_max_threads(),
        "gpus": faiss.get_num_gpus() if hasattr(faiss, "get_num_gpus") else 0,
    }
