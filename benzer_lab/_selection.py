"""The rows that a search is confined to, in whichever form is asked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import Rows
from benzer_lab.errors import InputError

FORMS = "a bool mask of length n, int64 row numbers, or a uint8 bitmap of length ceil(n / 8) in little bit order"


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows of a matrix of `n`.

    Parameters
    ----------
    mask : ndarray of shape (n,), bool
        Which pass.
    """

    mask: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: object, n: int, *, caller: str) -> "Selection | None":
        """Return the selection that a caller means; None where all rows pass."""
        if rows is None:
            return None
        given = np.asarray(rows)
        if given.dtype == bool and given.shape == (n,):
            return cls(given)
        if given.dtype == np.uint8 and given.shape == (-(-n // 8),):
            return cls(np.unpackbits(given, count=n, bitorder="little").view(bool))
        if given.ndim == 1 and ((given.dtype.kind in "iu" and given.dtype != np.uint8) or not given.size):
            mask = np.zeros(n, bool)
            if given.size and (given.min() < 0 or given.max() >= n):
                raise InputError(f"{caller}: rows must be numbers from 0 to {n - 1}; got {given.min()} to {given.max()}.")
            mask[given.astype(np.int64)] = True
            return cls(mask)
        raise InputError(f"{caller}: rows must be {FORMS}, with n {n}; got {given.dtype} of shape {given.shape}.")

    @cached_property
    def n(self) -> int:
        """How many rows pass."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def rows(self) -> Rows:
        """Their numbers, ascending."""
        return np.flatnonzero(self.mask)

    @cached_property
    def bitmap(self) -> NDArray[np.uint8]:
        """One bit a row, the first the lowest: numpy's own order would let other rows pass."""
        return np.packbits(self.mask, bitorder="little")
