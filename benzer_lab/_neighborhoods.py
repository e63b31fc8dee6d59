"""Scores of maps: how far the neighbors on a map are those in truth."""

from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from benzer_lab import _checks
from benzer_lab._checks import Metric
from benzer_lab._distances import EXACT_ROWS, SAMPLED_ROWS, Score, chosen_rows, distances, mean_of
from benzer_lab.errors import InputError


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
    chosen = chosen_rows(n, n_sampled if n_sampled is not None or n <= EXACT_ROWS else SAMPLED_ROWS, seed)
    values = np.empty(len(chosen))
    both = zip(distances(there, chosen, true_metric), distances(here, chosen, shown_metric), strict=True)
    for (part, far), (_, near) in both:
        line = np.arange(len(near))
        far[line, chosen[part]] = near[line, chosen[part]] = np.inf
        neighbors = np.argpartition(near, k - 1, axis=1)[:, :k]
        for i, some in enumerate(neighbors):
            ranks = 1 + np.array([np.count_nonzero(far[i] < one) for one in far[i, some]])
            values[part.start + i] = np.maximum(ranks - k, 0).sum()
    return mean_of(1 - values * 2 / (k * (2 * n - 3 * k - 1)), n)
