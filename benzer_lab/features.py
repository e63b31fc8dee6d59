"""Features: the rows of a model, each named by its image."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, cast, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import Metric, by_folded, nfc, one_of, suggestion
from benzer_lab._engine import BLOCK_ROWS, Floats
from benzer_lab.errors import InputError


@runtime_checkable
class Positions(Protocol):
    """File names that are found without a dictionary of them, as `benzer_lab.names.Names` are."""

    def position(self, key: str) -> int:
        """Find a name in NFC; -1 where it is not there."""

    def take(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the names at some positions."""


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """File names and their feature rows.

    Parameters
    ----------
    filenames : sequence of str, length n
        The image of each row; no two the same.
    x : ndarray or memmap of shape (n, d), float32 or float16
        One row an image, of any length.
    model : str, default="custom"
        What is compared: 'color', 'pattern', or a name of the caller's.
    version : str, default="v1"
        Which published set of rows of that model this is.
    metric : {'cosine', 'l2'}, default='cosine'
        The model's default measure.
    norms : ndarray of shape (n,), float64, optional
        Euclidean length of each row. Left out, they are computed, and with them NaN rows and duplicate names are looked for.
    blocks : mapping of str to slice, optional
        Which columns belong to which model, where several were joined; their rows are unit within each block.
    recipe : str, optional
        How the rows were made; without it no new image can be embedded among them.
    n_left_out : int, default=0
        Images that only some of the joined models have.

    Raises
    ------
    InputError
        When the lengths differ, the matrix is not two-dimensional float, or rows and names are unsound.
    """

    filenames: Sequence[str]
    x: Floats
    model: str = "custom"
    version: str = "v1"
    metric: Metric = "cosine"
    norms: NDArray[np.float64] | None = None
    blocks: Mapping[str, slice] | None = None
    recipe: str | None = None
    n_left_out: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        """Check what costs nothing; check every value only where `norms` do not say that it was done."""
        one_of(self.metric, get_args(Metric), caller="FeatureSet", name="metric")
        if self.x.ndim != 2 or self.x.dtype not in (np.float32, np.float16):
            raise InputError(
                f"FeatureSet: x must be a float32 or float16 matrix of shape (n, d); got {self.x.dtype} of shape {self.x.shape}."
            )
        if len(self.filenames) != len(self.x):
            raise InputError(f"FeatureSet: filenames must be as many as the rows of x, {len(self.x)}; got {len(self.filenames)}.")
        if self.norms is None:
            object.__setattr__(self, "norms", row_norms(self.x, self.filenames))
            refuse_duplicates(self.filenames)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.x)

    def __repr__(self) -> str:
        """Say size, source and metric."""
        left_out = f", {self.n_left_out:,} images left out because only one of the models has them" if self.n_left_out else ""
        n, d = self.x.shape
        return f"FeatureSet({self.model} {self.version}, {n:,} images x {d}, {self.x.dtype}, {self.metric}{left_out})"

    @cached_property
    def _row_of(self) -> Callable[[str], int]:
        """What finds the row of a name in NFC, or says -1."""
        if isinstance(self.filenames, Positions):
            return self.filenames.position
        row_of = {nfc(name): row for row, name in enumerate(self.filenames)}
        return lambda key: row_of.get(key, -1)

    @cached_property
    def names(self) -> Callable[[NDArray[np.int64]], list[str]]:
        """What gives the file names of some rows."""
        if isinstance(self.filenames, Positions):
            return self.filenames.take
        return lambda rows: [self.filenames[row] for row in rows]

    @cached_property
    def _folded(self) -> dict[str, str]:
        return by_folded(self.filenames)

    def rows(self, filenames: Sequence[str], *, caller: str = "FeatureSet.rows") -> NDArray[np.int64]:
        """Return the row of each file name.

        Parameters
        ----------
        filenames : sequence of str, length q
            Names, compared as NFC.
        caller : str, default="FeatureSet.rows"
            Who asks; named in the error.

        Returns
        -------
        ndarray of shape (q,), int64
            Positions in `x`.

        Raises
        ------
        InputError
            When a name is not there; the sentence gives the nearest that are.
        """
        found = [self._row_of(nfc(name)) for name in filenames]
        if -1 in found:
            name = filenames[found.index(-1)]
            more = f" ({found.count(-1)} of {len(found)} names are not)" if found.count(-1) > 1 else ""
            raise InputError(
                f"{caller}: {name!r} must be a file name in {self.model} {self.version}; it is not among its {len(self):,} images{more}."
                f"{suggestion(name, self._folded)}"
            )
        return np.array(found, np.int64)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame of shape (n, d) with the file names as index.

        Returns
        -------
        pandas.DataFrame
            A copy of the rows.
        """
        import pandas as pd

        return pd.DataFrame(np.asarray(self.x), index=pd.Index(self.filenames, name="filename"))


def row_norms(x: Floats, filenames: Sequence[str] | None = None, *, caller: str = "FeatureSet") -> NDArray[np.float64]:
    """Return the Euclidean length of each row of `x`, or tell which rows hold NaN or infinity."""
    norms = np.empty(len(x))
    for start in range(0, len(x), BLOCK_ROWS):
        block = np.asarray(x[start : start + BLOCK_ROWS], np.float64)
        norms[start : start + BLOCK_ROWS] = np.sqrt(np.einsum("ij,ij->i", block, block))
    bad = np.flatnonzero(~np.isfinite(norms))
    if len(bad):
        name = f" ({filenames[bad[0]]!r})" if filenames is not None else ""
        raise InputError(
            f"{caller}: rows must be finite; {len(bad):,} of {len(x):,} hold NaN or infinity, the first is row {bad[0]}{name}."
            " Compute them again or take them out."
        )
    return norms


def refuse_duplicates(filenames: Sequence[str]) -> None:
    """Raise InputError when two names are the same as NFC."""
    seen: set[str] = set()
    repeated = [name for name in map(nfc, filenames) if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        raise InputError(
            f"FeatureSet: filenames must be unique; {len(repeated):,} of {len(filenames):,} are repeated,"
            f" the first is {repeated[0]!r}. Keep one row an image."
        )


def fuse(first: FeatureSet, second: FeatureSet) -> FeatureSet:
    """Join two models by file name into one matrix of two unit blocks.

    Parameters
    ----------
    first, second : FeatureSet of shape (n1, d1) and (n2, d2)
        Usually `color` and `pattern`.

    Returns
    -------
    FeatureSet of shape (n, d1 + d2)
        The images that both have, in the order of `first`; its `model` and `version` join theirs with '+'.
    """
    if first.filenames == second.filenames:
        rows = np.repeat(np.arange(len(first))[:, None], 2, axis=1)
    else:
        other = {nfc(name): row for row, name in enumerate(second.filenames)}
        pairs = [(row, other[key]) for row, key in enumerate(map(nfc, first.filenames)) if key in other]
        rows = np.array(pairs, np.int64).reshape(-1, 2)
    d1, d2 = first.x.shape[1], second.x.shape[1]
    x = np.empty((len(rows), d1 + d2), np.float32)
    blocks = {first.model: slice(0, d1), second.model: slice(d1, d1 + d2)}
    for part, columns, mine in zip((first, second), blocks.values(), rows.T, strict=True):
        for start in range(0, len(rows), BLOCK_ROWS):
            some = mine[start : start + BLOCK_ROWS]
            x[start : start + BLOCK_ROWS, columns] = unit(part.x[some], cast(NDArray[np.float64], part.norms)[some])
    return FeatureSet(
        filenames=first.filenames if len(rows) == len(first) else [first.filenames[row] for row in rows[:, 0]],
        x=x,
        model=f"{first.model}+{second.model}",
        version=f"{first.version}+{second.version}",
        norms=np.ones(len(rows)),
        blocks=blocks,
        recipe=f"{first.recipe}+{second.recipe}" if first.recipe and second.recipe else None,
        n_left_out=len(first) + len(second) - 2 * len(rows),
    )


def unit(x: Floats, norms: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the rows of `x` (n, d) at length 1; a row of zeros stays one."""
    x = np.asarray(x, np.float64)
    norms = np.linalg.norm(x, axis=-1) if norms is None else norms
    return x / np.where(norms > 0, norms, 1)[..., None]
