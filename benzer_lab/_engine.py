"""Faiss behind one door: numpy is imported before it, every raw pointer, thread count and device is handled here."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

Floats = NDArray[np.floating]
Rows = NDArray[np.int64]
Part = TypeVar("Part")
Result = TypeVar("Result")

BLOCK_ROWS = 32_768  # 64 MB of 512-d float32: what a float16 matrix is widened to at a time
ALONE_ROWS = 4_096  # fewer rows are compared sooner than a second thread has started
CORE = "OPENBLAS_CORETYPE"
# The OpenBLAS inside Faiss's wheels is years older than numpy's and takes processors that came after it for very old ones. These are
# the cores that it does know, by what numpy's calls them, and how new each is.
KNOWN_CORES = {"Haswell": "Haswell", "Zen": "Zen", "SkylakeX": "SkylakeX", "Cooperlake": "SkylakeX", "SapphireRapids": "SkylakeX"}
AGES = {"Haswell": 1, "Zen": 1, "SkylakeX": 2, "Cooperlake": 2, "SapphireRapids": 2}  # 0 for all others


def _cores() -> dict[str, str]:
    """Return the processor core that each OpenBLAS in this process computes for: numpy's (or scipy's) and Faiss's."""
    pools = [pool for pool in threadpool_info() if pool.get("internal_api") == "openblas"]
    return {("faiss" if "faiss" in pool["filepath"] else "numpy"): str(pool["architecture"]) for pool in pools}


@contextmanager
def _numpys_core() -> Iterator[None]:
    """Have an OpenBLAS that is loaded meanwhile compute for the core that numpy's found, unless the user named one."""
    core = KNOWN_CORES.get(_cores().get("numpy", ""))
    if core is None or CORE in os.environ:
        yield
        return
    os.environ[CORE] = core
    try:
        yield
    finally:
        del os.environ[CORE]


with _numpys_core():
    import faiss as _faiss

faiss: Any = _faiss  # its stubs leave out much of what is there


_threshold = threading.Lock()
_forked = threading.Event()
_compute = threading.local()


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Have this thread's Faiss calls use `n` cores, and put the caller's count back; one core in a process that was forked.

    OpenMP's team does not live on in a child, which would wait for it for ever.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if _forked.is_set() else n)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


@contextmanager
def batches() -> Iterator[None]:
    """Have Faiss compare batches by matrix products on all cores: its own threshold would compare each query by itself.

    The threshold is one for the whole process, so batches wait for each other; it is left alone where Faiss's BLAS is not to be trusted.
    """
    with threads(n_cores()), _by_matrix_products() if blas_is_right() else nullcontext():
        yield


@contextmanager
def _by_matrix_products() -> Iterator[None]:
    """Have Faiss multiply matrices for any number of queries, and put its threshold back."""
    with _threshold:
        before = faiss.cvar.distance_compute_blas_threshold
        faiss.cvar.distance_compute_blas_threshold = 1
        try:
            yield
        finally:
            faiss.cvar.distance_compute_blas_threshold = before


@cache
def blas_is_right() -> bool:
    """Whether Faiss's matrix products equal numpy's, on small whole numbers, which no order of adding can round."""
    x, q = (np.random.default_rng(seed).integers(-8, 9, (n, 96)).astype(np.float32) for seed, n in ((0, 256), (1, 32)))
    with threads(1), _by_matrix_products():
        scores, rows = faiss.knn(q, x, 8, faiss.METRIC_INNER_PRODUCT)
    truth = q @ x.T
    best = -np.sort(-truth, axis=1)[:, :8]
    return bool((scores == best).all() and (np.take_along_axis(truth, rows, axis=1) == best).all())


@cache
def n_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Return `function` of each part: the first in this thread, the others in as many threads as there are cores.

    What a part spreads in turn is done where it is: threads of a pool that wait for the pool might all wait for each other.
    """
    if len(parts) < 2 or getattr(_compute, "working", False):
        return [function(part) for part in parts]
    others = [_pool().submit(_work, function, part) for part in parts[1:]]
    _compute.working = True
    try:
        first = function(parts[0])
    finally:
        _compute.working = False
        wait(others)  # also where the first has failed: nobody is to change what they still read
    return [first, *(other.result() for other in others)]


def _work(function: Callable[[Part], Result], part: Part) -> Result:
    """Do a part in a thread of the pool."""
    _compute.working = True
    faiss.omp_set_num_threads(1)
    return function(part)


def _stay_alone() -> None:
    """Use one core from now on, in a process that was forked."""
    _forked.set()
    faiss.omp_set_num_threads(1)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_cores(), thread_name_prefix="benzer-search")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_threshold.acquire, after_in_parent=_threshold.release, after_in_child=_threshold.release)
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not live on in a child
    os.register_at_fork(after_in_child=_stay_alone)


def runs(n: int, smallest: int = 4) -> list[range]:
    """Cut `n` tasks into one run a core, none below `smallest` tasks."""
    n_runs = max(1, min(n_cores(), n // smallest))
    return [range(n * i // n_runs, n * (i + 1) // n_runs) for i in range(n_runs)]


def each(n: int, do: Callable[[int], Result]) -> list[Result]:
    """Do `n` tasks; a single one may spread what it does over the cores, several are spread themselves."""
    if n == 1:
        return [do(0)]
    return [result for part in spread(lambda run: [do(i) for i in run], runs(n, 1)) for result in part]


def pieces(n: int, smallest: int = ALONE_ROWS) -> list[slice]:
    """Cut `n` rows into one piece a core, none below `smallest` rows, each but the last ending at a multiple of 64."""
    n_pieces = max(1, min(n_cores(), n // smallest))
    ends = [min(n, -(-n * (i + 1) // n_pieces // 64) * 64) for i in range(n_pieces)]
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], [*ends[:-1], n], strict=True)]


def inner_products(x: Floats, query: Floats, rows: Rows | None = None) -> NDArray[np.float32]:
    """Return the inner products of `query` (d,) with the named `rows` of `x` (n, d), or with all, in float32."""
    return _by_rows("fvec_inner_products", x, query, rows)


def squared_distances(x: Floats, query: Floats, rows: Rows | None = None) -> NDArray[np.float32]:
    """Return the squared Euclidean distances of `query` (d,) to the named `rows` of `x` (n, d), or to all, in float32."""
    return _by_rows("fvec_L2sqr", x, query, rows)


def _by_rows(name: str, x: Floats, query: Floats, rows: Rows | None) -> NDArray[np.float32]:
    """Run a Faiss kernel on all cores, over rows of a float32 matrix where it lies, or over a float16 one in widened blocks."""
    query = np.ascontiguousarray(query, np.float32)
    out = np.empty(len(x) if rows is None else len(rows), np.float32)
    if rows is not None:
        rows = np.ascontiguousarray(rows, np.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= len(x)):
            raise IndexError(f"rows must lie in 0..{len(x) - 1}; got {rows.min()}..{rows.max()}")  # Faiss would read foreign memory
    in_place = x.dtype == np.float32 and x.flags.c_contiguous

    def one(piece: slice) -> None:
        step = max(len(out), 1) if in_place else BLOCK_ROWS
        for start in range(piece.start, piece.stop, step):
            part = slice(start, min(start + step, piece.stop))
            if rows is not None and in_place:
                _call(f"{name}_by_idx", out[part], query, x, rows[part])
            else:
                _call(f"{name}_ny", out[part], query, np.ascontiguousarray(x[part if rows is None else rows[part]], np.float32))

    spread(one, pieces(len(out)))
    return out


def products(x: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the inner products of `query` (d,) with the rows of a small `x` (n, d), in this thread: numpy's would wake another for it."""
    out = np.empty(len(x), np.float32)
    _call("fvec_inner_products_ny", out, query, np.ascontiguousarray(x))
    return out


def _call(kernel: str, out: NDArray[np.float32], query: Floats, x: Floats, rows: Rows | None = None) -> None:
    """Call one of Faiss's kernels, which are not in its stubs."""
    if not len(out):
        return
    arrays = [faiss.swig_ptr(a) for a in ((out, query, x) if rows is None else (out, query, x, rows))]
    sizes = (x.shape[1], len(out)) if rows is None else (x.shape[1], 1, len(out))
    with threads(1):
        getattr(faiss, kernel)(*arrays, *sizes)


def gpus() -> list[dict[str, Any]]:
    """List the GPUs that Faiss can use.

    Returns
    -------
    list of dict
        For each its `device`, such as 'cuda:0', and its `name`; empty without a GPU, or with a Faiss that was built for the CPU.
    """
    if not hasattr(faiss, "get_num_gpus"):
        return []
    return [{"device": f"cuda:{i}", "name": _gpu_name(i)} for i in range(faiss.get_num_gpus())]


def _gpu_name(i: int) -> str:
    """Return what the driver calls a GPU."""
    properties = faiss.getDeviceProperties(i) if hasattr(faiss, "getDeviceProperties") else None
    return str(getattr(properties, "name", f"GPU {i}"))


def wheels() -> dict[str, str]:
    """Return the Faiss wheels that are installed, by name: they share one module, so only one may be."""
    found = {}
    for name in ("faiss-cpu", "faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12", "faiss-gpu-cuvs"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def describe() -> Mapping[str, object]:
    """Return what `benzer doctor` says of the engine: versions, the BLAS core of each library, threads, GPUs."""
    cores = _cores()
    older = AGES.get(cores.get("faiss", ""), 0) < AGES.get(cores.get("numpy", ""), 0)
    return {
        "faiss": faiss.__version__,
        "faiss_wheels": wheels(),
        "faiss_built_for": faiss.get_compile_options().strip(),
        "numpy": np.__version__,
        "openblas_cores": cores,
        "openblas_core_of_faiss": "older than numpy's: k-means and batches take 3 to 4 times as long" if older else "as new as numpy's",
        "openblas_of_faiss_agrees_with_numpy": blas_is_right(),
        "blas_threshold": faiss.cvar.distance_compute_blas_threshold,
        "openmp_threads": faiss.omp_get_max_threads(),
        "search_threads": n_cores(),
        "gpus": gpus(),
    }
