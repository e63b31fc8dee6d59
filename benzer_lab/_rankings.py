"""Scores of rankings: how much of what is relevant stands how far up."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab import _checks
from benzer_lab.errors import InputError

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


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
