"""Scores of clusterings: alone, or beside another one."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab._checks import Metric
from benzer_lab._distances import SAMPLED_ROWS, Labels, Score, blocks, chosen_rows, distances, mean_of, squared, sums_of
from benzer_lab.errors import InputError


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
    return float(sum(((some - middle[of[part]]) ** 2).sum() for part, some in blocks(rows)))


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
    centers = sums_of(rows, codes, len(counts)) / counts[:, None]
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
    centers, widths = sums_of(rows, codes, len(counts)) / counts[:, None], np.zeros(len(counts))
    for part, some in blocks(rows):
        off = np.linalg.norm(some - centers[codes[part]], axis=1)
        widths += np.bincount(codes[part], off, len(counts))
    widths /= counts
    apart = np.sqrt(squared(centers, centers))
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
    chosen = chosen_rows(len(rows), n_sampled, random_state)
    values = np.empty(len(chosen))
    for part, apart in distances(rows, chosen, metric, columns=order):
        sums, own, line = np.add.reduceat(apart, starts, axis=1), codes[chosen[part]], np.arange(len(apart))
        inside = sums[line, own] / np.maximum(counts[own] - 1, 1)
        means = sums / counts
        means[line, own] = np.inf
        outside = means.min(axis=1)
        widest = np.maximum(inside, outside)
        values[part] = np.where((counts[own] > 1) & (widest > 0), (outside - inside) / np.where(widest > 0, widest, 1), 0)
    return mean_of(values, len(rows))


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
