"""Scores of retrieval, clusterings and maps: pure functions of arrays, usable at 100,000 rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab import _checks
from benzer_lab._checks import Metric
from benzer_lab.errors import InputError

EXACT_ROWS = 20_000  # of which scores of all pairs are computed one and all; of more, a sample's
SAMPLED_ROWS = 1_000
BLOCK_BYTES = 64_000_000  # of distances at a time

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Score:
    """A score that is a mean over rows, and how far a sample may be from it.

    Parameters
    ----------
    value : float
        The mean.
    error : float
        Its standard error; 0 where all rows were taken.
    n_sampled, n : int
        Rows taken, of how many.
    """

    value: float
    error: float
    n_sampled: int
    n: int

    def __float__(self) -> float:
        """Return the mean."""
        return self.value

    def __repr__(self) -> str:
        """Say the mean, and how sure it is."""
        return f"{self.value:.4f}" if not self.error else f"{self.value:.4f} ± {self.error:.4f} ({self.n_sampled:,} of {self.n:,} rows)"


def relevance(found: ArrayLike, labels: ArrayLike, queries: ArrayLike) -> tuple[NDArray[np.bool_], Labels]:
    """Tell which neighbors share the query's label, and how many there are to find.

    Parameters
    ----------
    found : array of shape (q, k), int
        Rows, nearest first, without the query's own; -1 in places that hold none.
    labels : array of shape (n,)
        What counts as the same, such as the design of each row.
    queries : array of shape (q,), int
        The row of each query.

    Returns
    -------
    relevant : ndarray of shape (q, k), bool
        Whether the row in that place shares the query's label.
    n_relevant : ndarray of shape (q,), int64
        Rows that share it, the query's own left out.

    Raises
    ------
    InputError
        When a row is not among the labels, or the shapes do not fit.
    """
    rows, own = np.asarray(found), np.asarray(queries)
    codes = np.unique(np.asarray(labels), return_inverse=True)[1]
    if rows.ndim != 2 or own.shape != rows.shape[:1] or rows.max(initial=-1) >= len(codes) or own.max(initial=0) >= len(codes):
        raise InputError(
            f"relevance: found must be rows of {len(codes):,} labels, one line a query; got shapes {rows.shape} and {own.shape}."
        )
    relevant = (codes[rows] == codes[own][:, None]) & (rows >= 0)
    return relevant, np.bincount(codes)[codes[own]].astype(np.int64) - 1


def precision_at(relevant: ArrayLike, k: int) -> Floats:
    """Return which part of the first `k` answers is relevant.

    Parameters
    ----------
    relevant : array of shape (q, m), bool
        Best first.
    k : int
        From 1 to m.

    Returns
    -------
    ndarray of shape (q,)
        From 0 to 1, 1 best.

    Raises
    ------
    InputError
        When `k` is none of the places.
    """
    return np.asarray(_first(relevant, k, "precision_at").mean(axis=1))


def recall_at(relevant: ArrayLike, n_relevant: ArrayLike, k: int) -> Floats:
    """Return which part of what is relevant is among the first `k` answers.

    Parameters
    ----------
    relevant : array of shape (q, m), bool
        Best first.
    n_relevant : array of shape (q,), int
        How many there are to find.
    k : int
        From 1 to m.

    Returns
    -------
    ndarray of shape (q,)
        From 0 to 1, 1 best; NaN where there is nothing to find.

    Raises
    ------
    InputError
        When `k` is none of the places.
    """
    return _part(_first(relevant, k, "recall_at").sum(axis=1), n_relevant)


def average_precision(relevant: ArrayLike, n_relevant: ArrayLike) -> Floats:
    """Return the mean, over what is relevant, of the precision at its place; what was not found counts 0.

    Parameters
    ----------
    relevant : array of shape (q, m), bool
        Best first.
    n_relevant : array of shape (q,), int
        How many there are to find.

    Returns
    -------
    ndarray of shape (q,)
        From 0 to 1, 1 best; NaN where there is nothing to find. Its mean over queries is the mAP.

    References
    ----------
    .. [1] Manning, Raghavan, Schütze, Introduction to Information Retrieval, 2008, section 8.4.
    """
    hit = np.asarray(relevant, bool)
    precision = np.cumsum(hit, axis=1) / np.arange(1, hit.shape[1] + 1)
    return _part((precision * hit).sum(axis=1), n_relevant)


def ndcg(gains: ArrayLike, ideal: ArrayLike | None = None) -> Floats:
    """Return the discounted cumulative gain as a part of the best that there could be.

    Parameters
    ----------
    gains : array of shape (q, m)
        How much each answer is worth, best answer first; 0 or 1 where it is relevant or not.
    ideal : array of shape (q, l), optional
        All gains there are, in any order; those of `gains` where it is left out.

    Returns
    -------
    ndarray of shape (q,)
        From 0 to 1, 1 best; NaN where there is nothing to gain.

    References
    ----------
    .. [1] Järvelin, Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002.
    """
    got = np.asarray(gains, np.float64)
    best = -np.sort(-np.asarray(got if ideal is None else ideal, np.float64), axis=1)[:, : got.shape[1]]
    return _part(_discounted(got), _discounted(best))


def index_recall(found: ArrayLike, truth: ArrayLike) -> Floats:
    """Return which part of the true neighbors was found.

    Parameters
    ----------
    found, truth : array of shape (q, k), int
        Rows in any order; -1 in places that hold none.

    Returns
    -------
    ndarray of shape (q,)
        From 0 to 1, 1 best; NaN where there is nothing to find.
    """
    rows, true = np.asarray(found), np.asarray(truth)
    hits = [np.isin(t[t >= 0], r).sum() for r, t in zip(rows, true, strict=True)]
    return _part(np.array(hits, np.float64), (true >= 0).sum(axis=1))


def adjusted_rand(first: ArrayLike, second: ArrayLike) -> float:
    """Return how alike two clusterings are, beyond chance.

    Parameters
    ----------
    first, second : array of shape (n,)
        A label a row.

    Returns
    -------
    float
        1 for the same partition, 0 for what chance gives, negative for less.

    References
    ----------
    .. [1] Hubert, Arabie, Comparing partitions, Journal of Classification 2, 1985.
    """
    both, a, b = _contingency(first, second, "adjusted_rand")
    together, of_a, of_b = (float((c * (c - 1) // 2).sum()) for c in (both, a, b))
    pairs = float(a.sum() * (a.sum() - 1) // 2)
    expected = of_a * of_b / pairs if pairs else 0.0
    most = (of_a + of_b) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def normalized_mutual_information(first: ArrayLike, second: ArrayLike) -> float:
    """Return how much two clusterings tell of each other, as a part of the mean of what each holds.

    Parameters
    ----------
    first, second : array of shape (n,)
        A label a row.

    Returns
    -------
    float
        From 0 to 1, 1 for the same partition.

    References
    ----------
    .. [1] Strehl, Ghosh, Cluster ensembles, JMLR 3, 2002; with the arithmetic mean.
    """
    both, a, b = _contingency(first, second, "normalized_mutual_information")
    n = a.sum()
    of_a, of_b, of_both = (float(-(c / n * np.log(c / n)).sum()) for c in (a, b, both))
    if len(a) == len(b) == 1:
        return 1.0
    shared = of_a + of_b - of_both
    return max(0.0, shared / ((of_a + of_b) / 2)) if shared > np.finfo(float).eps else 0.0


def inertia(x: ArrayLike, labels: ArrayLike, centers: ArrayLike) -> float:
    """Return the sum of the squared distances of all rows to the centers of their clusters.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    labels : array of shape (n,), int
        Which center is each row's.
    centers : array of shape (c, d)
        Centers.

    Returns
    -------
    float
        0 or more, less is tighter.
    """
    rows, of, middle = np.asarray(x), np.asarray(labels), np.asarray(centers, np.float64)
    return float(sum(((rows[part].astype(np.float64) - middle[of[part]]) ** 2).sum() for part in _parts(len(rows), rows.shape[1])))


def calinski_harabasz(x: ArrayLike, labels: ArrayLike) -> float:
    """Return the spread between clusters by the spread within them, each by its degrees of freedom.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    labels : array of shape (n,)
        A cluster for each; from 2 to n - 1 of them.

    Returns
    -------
    float
        0 or more, more is better.

    Raises
    ------
    InputError
        When there is one cluster, or as many as rows.

    References
    ----------
    .. [1] Caliński, Harabasz, A dendrite method for cluster analysis, Communications in Statistics 3, 1974.
    """
    rows, codes, counts = _clustered(x, labels, "calinski_harabasz")
    centers = _centers(rows, codes, counts)
    middle = counts @ centers / counts.sum()
    between, within = float(counts @ ((centers - middle) ** 2).sum(axis=1)), inertia(rows, codes, centers)
    return 1.0 if within == 0 else between * (len(rows) - len(counts)) / (within * (len(counts) - 1))


def davies_bouldin(x: ArrayLike, labels: ArrayLike) -> float:
    """Return how wide clusters are for how far they lie apart: the mean, over clusters, of the worst other one.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    labels : array of shape (n,)
        A cluster for each; from 2 to n - 1 of them.

    Returns
    -------
    float
        0 or more, less is better.

    Raises
    ------
    InputError
        When there is one cluster, or as many as rows.

    References
    ----------
    .. [1] Davies, Bouldin, A cluster separation measure, IEEE PAMI 1, 1979.
    """
    rows, codes, counts = _clustered(x, labels, "davies_bouldin")
    centers, widths = _centers(rows, codes, counts), np.zeros(len(counts))
    for part in _parts(*rows.shape):
        off = np.linalg.norm(rows[part].astype(np.float64) - centers[codes[part]], axis=1)
        widths += np.bincount(codes[part], off, len(counts))
    widths /= counts
    apart = np.sqrt(_squared(centers, centers))
    apart[apart == 0] = np.inf
    np.fill_diagonal(apart, np.inf)
    return float(((widths[:, None] + widths) / apart).max(axis=1).mean())


def silhouette(
    x: ArrayLike, labels: ArrayLike, *, metric: Metric = "l2", n_sampled: int | None = SAMPLED_ROWS, random_state: int = 0
) -> Score:
    """Return how much nearer rows are to their own cluster than to the next one.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    labels : array of shape (n,)
        A cluster for each; from 2 to n - 1 of them.
    metric : {'l2', 'cosine'}, default='l2'
        Euclidean distance, or 1 - cosine.
    n_sampled : int, optional
        Rows whose silhouette is computed, each against all rows; None means all, 1,000 by default.
    random_state : int, default=0
        Of the sample.

    Returns
    -------
    Score
        From -1 to 1, 1 best.

    Raises
    ------
    InputError
        When there is one cluster, or as many as rows.

    References
    ----------
    .. [1] Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987.
    """
    rows, codes, counts = _clustered(x, labels, "silhouette")
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    chosen = _chosen(len(rows), n_sampled, random_state)
    values = np.empty(len(chosen))
    for part, distances in _distances(rows, chosen, metric, columns=order):
        sums, own, line = np.add.reduceat(distances, starts, axis=1), codes[chosen[part]], np.arange(distances.shape[0])
        inside = sums[line, own] / np.maximum(counts[own] - 1, 1)
        means = sums / counts
        means[line, own] = np.inf
        outside = means.min(axis=1)
        widest = np.maximum(inside, outside)
        values[part] = np.where((counts[own] > 1) & (widest > 0), (outside - inside) / np.where(widest > 0, widest, 1), 0)
    return _score(values, len(rows))


def trustworthiness(
    x: ArrayLike,
    layout: ArrayLike,
    *,
    n_neighbors: int = 15,
    metric: Metric = "l2",
    n_sampled: int | None = None,
    random_state: int = 0,
) -> Score:
    """Return how far the neighbors that a map shows are neighbors in truth.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    layout : array of shape (n, m)
        Where the map puts them.
    n_neighbors : int, default=15
        Neighbors on the map; below n / 2.
    metric : {'l2', 'cosine'}, default='l2'
        Of `x`; a map is measured by Euclidean distance.
    n_sampled : int, optional
        Rows whose neighbors are judged, each against all rows; all where it is left out and there are 20,000 at most, else 1,000.
    random_state : int, default=0
        Of the sample.

    Returns
    -------
    Score
        From 0 to 1, 1 best; 0.5 or so by chance.

    Raises
    ------
    InputError
        When the shapes do not fit, or there are too many neighbors for the rows.

    References
    ----------
    .. [1] Venna, Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001.
    """
    return _preserved(x, layout, metric, "l2", n_neighbors, n_sampled, random_state, "trustworthiness")


def continuity(
    x: ArrayLike,
    layout: ArrayLike,
    *,
    n_neighbors: int = 15,
    metric: Metric = "l2",
    n_sampled: int | None = None,
    random_state: int = 0,
) -> Score:
    """Return how far true neighbors are neighbors on a map: trustworthiness the other way round.

    Parameters
    ----------
    x : array of shape (n, d)
        Rows.
    layout : array of shape (n, m)
        Where the map puts them.
    n_neighbors : int, default=15
        True neighbors; below n / 2.
    metric : {'l2', 'cosine'}, default='l2'
        Of `x`; a map is measured by Euclidean distance.
    n_sampled : int, optional
        Rows whose neighbors are judged, each against all rows; all where it is left out and there are 20,000 at most, else 1,000.
    random_state : int, default=0
        Of the sample.

    Returns
    -------
    Score
        From 0 to 1, 1 best.

    Raises
    ------
    InputError
        When the shapes do not fit, or there are too many neighbors for the rows.

    References
    ----------
    .. [1] Venna, Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001.
    """
    return _preserved(layout, x, "l2", metric, n_neighbors, n_sampled, random_state, "continuity")


def _preserved(
    true: ArrayLike, shown: ArrayLike, true_metric: Metric, shown_metric: Metric, k: int, n_sampled: int | None, seed: int, caller: str
) -> Score:
    """Return 1 less the ranks, beyond `k`, that the `k` neighbors by `shown` have by `true`, as a part of the most there could be."""
    for metric in (true_metric, shown_metric):
        _checks.one_of(metric, get_args(Metric), caller=caller, name="metric")
    there, here = np.asarray(true), np.asarray(shown)
    n = len(there)
    if there.ndim != 2 or here.ndim != 2 or len(here) != n:
        raise InputError(f"{caller}: x and layout must have a line for each row; got shapes {there.shape} and {here.shape}.")
    if not 1 <= k < n / 2:
        raise InputError(f"{caller}: n_neighbors must be 1 or more, and below half of the {n:,} rows; got {k}.")
    chosen = _chosen(n, n_sampled if n_sampled is not None or n <= EXACT_ROWS else SAMPLED_ROWS, seed)
    values = np.empty(len(chosen))
    both = zip(_distances(there, chosen, true_metric), _distances(here, chosen, shown_metric), strict=True)
    for (part, far), (_, near) in both:
        line = np.arange(len(near))
        far[line, chosen[part]] = near[line, chosen[part]] = np.inf
        neighbors = np.argpartition(near, k - 1, axis=1)[:, :k]
        for i, some in enumerate(neighbors):
            ranks = 1 + np.array([np.count_nonzero(far[i] < one) for one in far[i, some]])
            values[part.start + i] = np.maximum(ranks - k, 0).sum()
    return _score(1 - values * 2 / (k * (2 * n - 3 * k - 1)), n)


def _first(relevant: ArrayLike, k: int, caller: str) -> NDArray[np.bool_]:
    """Return the first places."""
    hit = np.asarray(relevant, bool)
    if _checks.integer(k, caller=caller, name="k", low=1) > hit.shape[1]:
        raise InputError(f"{caller}: k must be one of the {hit.shape[1]:,} places that there are; got {k}.")
    return hit[:, :k]


def _part(some: Any, whole: ArrayLike) -> Floats:
    """Return a part, and NaN of nothing."""
    total = np.asarray(whole, np.float64)
    return np.asarray(np.divide(some, total, out=np.full(total.shape, np.nan), where=total > 0))


def _discounted(gains: Floats) -> Floats:
    return np.asarray((gains / np.log2(np.arange(2, gains.shape[1] + 2))).sum(axis=1))


def _contingency(first: ArrayLike, second: ArrayLike, caller: str) -> tuple[Labels, Labels, Labels]:
    """Return how many rows each pair of labels has, of those there are, and how many each label has."""
    one, other = np.asarray(first), np.asarray(second)
    if one.ndim != 1 or one.shape != other.shape or not len(one):
        raise InputError(f"{caller}: both must have a label for each of the same rows; got shapes {one.shape} and {other.shape}.")
    a, b = (np.unique(labels, return_inverse=True)[1] for labels in (one, other))
    both = np.unique(a * (int(b.max()) + 1) + b, return_counts=True)[1]
    return both.astype(np.int64), np.bincount(a).astype(np.int64), np.bincount(b).astype(np.int64)


def _clustered(x: ArrayLike, labels: ArrayLike, caller: str) -> tuple[NDArray[Any], Labels, Labels]:
    """Return rows, the number of the cluster of each, and how many rows each cluster has."""
    rows, given = np.asarray(x), np.asarray(labels)
    if rows.ndim != 2 or given.shape != rows.shape[:1]:
        raise InputError(f"{caller}: labels must be one for each row; got {given.shape} for rows of shape {rows.shape}.")
    codes = np.unique(given, return_inverse=True)[1].astype(np.int64)
    counts = np.bincount(codes).astype(np.int64)
    if not 1 < len(counts) < len(rows):
        raise InputError(f"{caller}: labels must name 2 to {len(rows) - 1:,} clusters; got {len(counts):,}.")
    return rows, codes, counts


def _centers(rows: NDArray[Any], codes: Labels, counts: Labels) -> Floats:
    """Return the mean of each cluster, in float64."""
    order = np.argsort(codes, kind="stable")
    sums = np.zeros((len(counts), rows.shape[1]))
    for part in _parts(len(rows), rows.shape[1]):
        some = order[part]
        present, starts = np.unique(codes[some], return_index=True)
        sums[present] += np.add.reduceat(rows[some].astype(np.float64), starts, axis=0)
    return sums / counts[:, None]


def _chosen(n: int, n_sampled: int | None, seed: int) -> Labels:
    """Return the rows of a sample, or all."""
    if n_sampled is None or n_sampled >= n:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, n_sampled, replace=False))


def _score(values: Floats, n: int) -> Score:
    """Return a mean and its error, which a sample without replacement has the less the more of all it holds."""
    m = len(values)
    error = float(values.std(ddof=1) / np.sqrt(m) * np.sqrt(1 - m / n)) if 1 < m < n else 0.0
    return Score(float(values.mean()), error, m, n)


def _parts(n: int, width: int) -> Iterator[slice]:
    """Cut rows into blocks of a bounded size in float64."""
    step = max(1, BLOCK_BYTES // (8 * max(1, width)))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def _distances(rows: NDArray[Any], chosen: Labels, metric: Metric, columns: Labels | None = None) -> Iterator[tuple[slice, Floats]]:
    """Give the distances (b, n) of some rows to all, in float64, block by block; `columns` is the order of all."""
    whole = rows if columns is None else rows[columns]
    for part in _parts(len(chosen), len(rows)):
        aims = _unit(rows[chosen[part]], metric)
        distances = np.empty((len(aims), len(rows)))
        for there in _parts(len(rows), rows.shape[1]):
            some = _unit(whole[there], metric)
            distances[:, there] = 1 - aims @ some.T if metric == "cosine" else np.sqrt(_squared(aims, some))
        line = np.arange(len(aims))
        place = chosen[part] if columns is None else np.argsort(columns)[chosen[part]]
        distances[line, place] = 0
        yield part, np.maximum(distances, 0, out=distances)


def _unit(x: NDArray[Any], metric: Metric) -> Floats:
    """Return rows in float64, at length 1 for cosine."""
    rows = x.astype(np.float64)
    if metric == "l2":
        return rows
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=rows, where=lengths > 0))


def _squared(a: Floats, b: Floats) -> Floats:
    """Return the squared distances of rows to rows, none below 0."""
    squared = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b) - 2 * (a @ b.T)
    return np.asarray(np.maximum(squared, 0, out=squared))
