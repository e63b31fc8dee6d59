"""How the points of a map are colored: by a category or by a number, as a code for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

CATEGORIES = 19  # with a color of their own; map.css names them
OTHER = CATEGORIES  # the code of all others
LEVELS = 32  # of a number
NONE = LEVELS  # the code of a point that has no number
ENDS = (0.02, 0.999)  # of the numbers, between which the colors are spread: few far ones would leave the others alike


@dataclass(frozen=True, eq=False)
class Coloring:
    """A code for each point, and what the codes mean.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint8
        Of a category up to `OTHER`; of a number up to `NONE`.
    scale : {'category', 'number'}
        Which of the two.
    values : list
        The category of each code, from 0.
    counts : list of int
        Points of each category.
    n_other : int
        Points of all other categories, and of none.
    low, high : float
        What the first and the last color of a number stand for.
    """

    codes: NDArray[np.uint8]
    scale: Literal["category", "number"]
    values: list[Any] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    n_other: int = 0
    low: float = 0.0
    high: float = 0.0


def by_category(values: Sequence[Any], codes: NDArray[np.integer[Any]], order: Sequence[int] | None = None) -> Coloring:
    """Color points by the category of each: the largest have colors of their own.

    Parameters
    ----------
    values : sequence of length k
        The categories.
    codes : ndarray of shape (n,), int
        Which of them each point is of; -1 for none.
    order : sequence of int, optional
        In which order they are told, such as that of seasons; by size where it is left out.

    Returns
    -------
    Coloring
        Of scale 'category'.
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    ranked = np.arange(len(values)) if order is None else np.asarray(order, np.int64)
    largest = ranked[np.argsort(-counts[ranked], kind="stable")[:CATEGORIES]]
    if order is not None:
        largest = ranked[np.isin(ranked, largest)]
    told = np.full(len(values) + 1, OTHER, np.uint8)  # the last is that of code -1
    told[largest] = np.arange(len(largest))
    n_each = counts[largest]
    return Coloring(told[codes], "category", [values[code] for code in largest], n_each.tolist(), len(codes) - int(n_each.sum()))


def by_number(numbers: NDArray[np.floating[Any]]) -> Coloring:
    """Color points by a number, between the low and the high end of nearly all of them.

    Parameters
    ----------
    numbers : ndarray of shape (n,), float
        NaN where a point has none.

    Returns
    -------
    Coloring
        Of scale 'number'.
    """
    known = numbers[np.isfinite(numbers)]
    low, high = (float(end) for end in np.quantile(known, ENDS)) if len(known) else (0.0, 0.0)
    parts = (numbers - low) / ((high - low) or 1.0)
    codes = np.where(np.isfinite(numbers), np.clip(np.nan_to_num(parts) * LEVELS, 0, LEVELS - 1), NONE)
    return Coloring(codes.astype(np.uint8), "number", low=low, high=high, n_other=len(numbers) - len(known))
