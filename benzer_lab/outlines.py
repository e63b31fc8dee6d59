"""Outlines: which of many points a line drawn around them holds."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab.errors import InputError


class Plane:
    """Points of a plane, sorted once, so that an outline is looked up in milliseconds among 100,000.

    Parameters
    ----------
    points : array of shape (n, 2)
        Where they lie.
    """

    def __init__(self, points: ArrayLike) -> None:
        x, y = np.asarray(points, np.float64).T
        self._order = np.argsort(y, kind="stable")
        self._x, self._y = x[self._order], y[self._order]

    def inside(self, outline: ArrayLike) -> NDArray[np.bool_]:
        """Tell which points lie within an outline.

        Parameters
        ----------
        outline : array of shape (k, 2)
            Its corners in turn; the last is joined to the first. Where it crosses itself, what it goes around twice is outside.

        Returns
        -------
        ndarray of shape (n,), bool
            For each point, whether a ray from it crosses the outline an odd number of times.

        Raises
        ------
        InputError
            When the outline is not such an array of three corners or more.

        Examples
        --------
        >>> Plane([[0.5, 0.5], [2, 0.5]]).inside([[0, 0], [1, 0], [1, 1], [0, 1]])
        array([ True, False])
        """
        corners = np.asarray(outline, np.float64)
        if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3 or not np.isfinite(corners).all():
            raise InputError(f"Plane.inside: outline must be three or more finite corners of shape (k, 2); got shape {corners.shape}.")
        held = np.zeros(len(self._y), bool)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 != y1:
                some = slice(*np.searchsorted(self._y, sorted((y0, y1))))
                held[some] ^= self._x[some] < x0 + (self._y[some] - y0) / (y1 - y0) * (x1 - x0)
        mask: NDArray[Any] = np.empty(len(held), bool)
        mask[self._order] = held
        return mask
