"""Engines that search: each a function of a problem, which returns what answers a query with rows."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._contests import Array, Filters, Search
from benzer_lab._engine import faiss
from benzer_lab._stage import Ready, greater
from benzer_lab.index import Index

LINKS = 32  # of a row in a graph, as Faiss's own page advises
MOST = 4_096  # rows that a graph keeps in view


def scikit_learn(problem: Search) -> Callable[[Array], Any]:
    """Compare every row by cosine, as its page says."""
    from sklearn.neighbors import NearestNeighbors

    neighbors = NearestNeighbors(n_neighbors=min(problem.k, problem.n), algorithm="brute", metric="cosine").fit(problem.x)
    return lambda query: neighbors.kneighbors(query, return_distance=False)[0]


def in_numpy(problem: Search) -> Callable[[Array], Any]:
    """Multiply matrices, and keep the best."""
    x, k = problem.x, min(problem.k, problem.n)

    def answer(query: Array) -> Array:
        cosines = x @ query[0]
        best = np.argpartition(-cosines, k - 1)[:k]
        return np.asarray(best[np.argsort(-cosines[best], kind="stable")])

    return answer


def faiss_flat(problem: Search) -> Callable[[Array], Any]:
    """Compare every row with Faiss, as it comes."""
    index = faiss.IndexFlatIP(problem.d)
    index.add(np.ascontiguousarray(problem.x))
    return lambda query: index.search(query, problem.k)[1][0]


def faiss_hnsw(problem: Search) -> Ready:
    """Build a graph of Faiss, as it comes, with as many rows in view as the recall takes."""
    index = faiss.IndexHNSWFlat(problem.d, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(problem.x))
    tune = partial(setattr, index.hnsw, "efSearch")
    return Ready(lambda query: index.search(query, problem.k)[1][0], tune, efforts(problem.k, MOST))


def faiss_ivf(problem: Search) -> Ready:
    """Build lists of Faiss, 4 roots of n as its page of guidelines says, with as many read as the recall takes."""
    n_lists = max(1, int(4 * problem.n**0.5))
    index = faiss.index_factory(problem.d, f"IVF{n_lists},Flat", faiss.METRIC_INNER_PRODUCT)
    x = np.ascontiguousarray(problem.x)
    index.train(x)
    index.add(x)
    return Ready(lambda query: index.search(query, problem.k)[1][0], partial(setattr, index, "nprobe"), efforts(1, n_lists))


def faiss_gpu(problem: Search) -> Callable[[Array], Any]:
    """Compare every row on the first GPU, as it comes."""
    resources = faiss.StandardGpuResources()
    index = faiss.index_cpu_to_gpu(resources, 0, faiss.IndexFlatIP(problem.d))
    index.add(np.ascontiguousarray(problem.x))
    return lambda query: (resources, index.search(query, problem.k)[1][0])[1]


def own_exact(problem: Search) -> Callable[[Array], Any]:
    """Build our proven index."""
    index = Index.build(problem.x, kind="exact", device="cpu", random_state=problem.random_state)
    return lambda query: index.search(query, problem.k).rows[0]


def own_gpu(problem: Search) -> Callable[[Array], Any]:
    """Build our proven index, whose rows the first GPU lists."""
    index = Index.build(problem.x, kind="exact", device="cuda", random_state=problem.random_state)
    return lambda query: index.search(query, problem.k).rows[0]


def own_fast(problem: Search) -> Ready:
    """Build our likely index for the recall, and for more where these queries want it."""
    made: list[Index] = []

    def tune(recall: float) -> None:
        if not made or recall > problem.asked_quality:
            made[:] = [Index.build(problem.x, kind="fast", recall=recall, device="cpu", random_state=problem.random_state)]

    tune(problem.asked_quality)
    return Ready(lambda query: made[0].search(query, problem.k).rows[0], tune, greater(problem.asked_quality))


def by_hnswlib(problem: Search) -> Ready:
    """Build a graph of hnswlib, with as many rows in view as the recall takes."""
    from hnswlib import Index as Graph

    graph = Graph(space="ip", dim=problem.d)
    graph.init_index(max_elements=problem.n, ef_construction=200, M=LINKS, random_seed=problem.random_state)
    graph.add_items(np.ascontiguousarray(problem.x), num_threads=problem.threads)
    k = min(problem.k, problem.n)

    def answer(query: Array) -> Any:
        return graph.knn_query(query, k, num_threads=1)[0][0].astype(np.int64)

    return Ready(answer, graph.set_ef, efforts(problem.k, MOST), problem.threads)


def by_usearch(problem: Search) -> Ready:
    """Build a graph of usearch, with as many rows in view as the recall takes."""
    from usearch.index import Index as Graph

    graph = Graph(ndim=problem.d, metric="ip", dtype="f32", connectivity=LINKS)
    graph.add(np.arange(problem.n), np.ascontiguousarray(problem.x), threads=problem.threads)

    def answer(query: Array) -> Any:
        return graph.search(query[0], problem.k, threads=1).keys.astype(np.int64)

    return Ready(answer, partial(setattr, graph, "expansion_search"), efforts(problem.k, MOST), problem.threads)


def efforts(start: int, end: int) -> Sequence[int]:
    """Return ever greater efforts, each a quarter above the last."""
    steps = [min(start, end)]
    while steps[-1] < end:
        steps.append(min(end, max(steps[-1] + 1, steps[-1] * 5 // 4)))
    return steps


Asked = tuple[Array, NDArray[np.bool_]]  # a query, and the rows that pass


def scikit_learn_passing(problem: Filters) -> Callable[[Asked], Array]:
    """Copy the rows that pass, and compare with them by scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    def answer(asked: Asked) -> Array:
        rows = np.flatnonzero(asked[1])
        neighbors = NearestNeighbors(n_neighbors=min(problem.k, len(rows)), algorithm="brute", metric="cosine").fit(problem.x[rows])
        return np.asarray(rows[neighbors.kneighbors(asked[0], return_distance=False)[0]])

    return answer


def in_numpy_passing(problem: Filters) -> Callable[[Asked], Array]:
    """Copy the rows that pass, multiply matrices, and keep the best."""

    def answer(asked: Asked) -> Array:
        rows = np.flatnonzero(asked[1])
        cosines = problem.x[rows] @ asked[0][0]
        k = min(problem.k, len(rows))
        best = np.argpartition(-cosines, k - 1)[:k]
        return rows[best[np.argsort(-cosines[best], kind="stable")]]

    return answer


def faiss_flat_passing(problem: Filters) -> Callable[[Asked], Array]:
    """Compare every row that passes with Faiss, which is given a bitmap."""
    index = faiss.IndexFlatIP(problem.d)
    index.add(np.ascontiguousarray(problem.x))

    def answer(asked: Asked) -> Array:
        options = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(asked[1], bitorder="little")))
        return np.asarray(index.search(asked[0], problem.k, params=options)[1][0])

    return answer


def faiss_hnsw_passing(problem: Filters) -> Ready:
    """Walk a graph of Faiss, which is given a bitmap, with as many rows in view as the recall takes."""
    index = faiss.IndexHNSWFlat(problem.d, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(problem.x))
    in_view = [problem.k]

    def answer(asked: Asked) -> Array:
        bitmap = faiss.IDSelectorBitmap(np.packbits(asked[1], bitorder="little"))
        options = faiss.SearchParametersHNSW(sel=bitmap, efSearch=in_view[0])
        return np.asarray(index.search(asked[0], problem.k, params=options)[1][0])

    return Ready(answer, partial(in_view.__setitem__, 0), efforts(problem.k, MOST))


def own_exact_passing(problem: Filters) -> Callable[[Asked], Any]:
    """Search our proven index among the rows that pass."""
    index = Index.build(problem.x, kind="exact", device="cpu", random_state=problem.random_state)
    return lambda asked: index.search(asked[0], problem.k, rows=asked[1]).rows[0]


def own_fast_passing(problem: Filters) -> Callable[[Asked], Any]:
    """Search our likely index among the rows that pass."""
    index = Index.build(problem.x, kind="fast", recall=problem.asked_quality, device="cpu", random_state=problem.random_state)
    return lambda asked: index.search(asked[0], problem.k, rows=asked[1]).rows[0]


def faiss_gpu_passing(problem: Filters) -> Callable[[Asked], Any]:
    """Copy the rows that pass to the first GPU, whose indexes take no filter, and compare with them."""
    resources = faiss.StandardGpuResources()

    def answer(asked: Asked) -> Array:
        rows = np.flatnonzero(asked[1])
        index = faiss.index_cpu_to_gpu(resources, 0, faiss.IndexFlatIP(problem.d))
        index.add(np.ascontiguousarray(problem.x[rows]))
        return np.asarray(rows[index.search(asked[0], min(problem.k, len(rows)))[1][0]])

    return answer
