"""Seasons: what each takes of the clusters, how new its designs are, and what it leaves empty. Pure functions of arrays."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab._checks import Metric, array, integer, one_of
from benzer_lab._engine import Floats, Rows
from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet
from benzer_lab.layout import nearest

__all__ = ["Novelty", "SeasonShares", "WhiteSpace", "in_order", "novelty", "season_shares", "white_space"]

HALVES = {"SS": 0, "AW": 1, "FW": 1}
NAMED = re.compile(r"(?:(?P<half>SS|AW|FW)[ /_-]?(?P<year>\d{4}|\d\d)|(?P<year_first>\d{4}|\d\d)[ /_-]?(?P<half_last>SS|AW|FW))", re.I)
CENTURY = 70  # two digits from here on are of the last one

Seasons = Sequence[str | None]


def in_order(seasons: Iterable[str | None]) -> list[str]:
    """Return the different seasons, oldest first.

    Parameters
    ----------
    seasons : iterable of str or None
        Such as 'SS24', 'AW24', 'FW 2024' or '24-SS': spring comes before autumn of the same year.

    Returns
    -------
    list of str
        Those that look like that by time; after them the others, as sorted.
    """
    return sorted({season for season in seasons if season}, key=_time)


@dataclass(frozen=True, eq=False)
class SeasonShares:
    """How the designs of each season spread over the clusters.

    Parameters
    ----------
    seasons : tuple of str, length s
        Oldest first.
    clusters : tuple, length c
        Labels of the clusters, sorted.
    counts : ndarray of shape (s, c), int64
        Designs of a season in a cluster.
    """

    seasons: tuple[str, ...]
    clusters: tuple[Any, ...]
    counts: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """What part of a season each cluster takes, (s, c), from 0 to 1; each line adds up to 1."""
        return np.asarray(self.counts / self.counts.sum(axis=1, keepdims=True))

    def __repr__(self) -> str:
        """Say how many of each."""
        return f"SeasonShares({self.counts.sum():,} designs, {len(self.seasons)} seasons x {len(self.clusters)} clusters)"

    def unused(self, season: str) -> list[Any]:
        """Return the clusters that earlier seasons used and one does not.

        Parameters
        ----------
        season : str
            One of `seasons`.

        Returns
        -------
        list
            Labels; the one that earlier seasons used most comes first.

        Raises
        ------
        InputError
            When there is no such season.
        """
        one_of(season, self.seasons, caller="SeasonShares.unused", name="season")
        row = self.seasons.index(season)
        before = self.counts[:row].sum(axis=0)
        left = np.flatnonzero((self.counts[row] == 0) & (before > 0))
        return [self.clusters[i] for i in left[np.argsort(-before[left], kind="stable")]]

    def to_frame(self) -> Any:
        """Return a DataFrame with a row for each season and cluster.

        Returns
        -------
        pandas.DataFrame
            season, cluster, n, share.
        """
        import pandas as pd

        s, c = self.counts.shape
        facts = {"season": np.repeat(np.array(self.seasons, object), c), "cluster": list(self.clusters) * s}
        return pd.DataFrame(facts | {"n": self.counts.ravel(), "share": self.shares.ravel()})


def season_shares(seasons: Seasons, labels: ArrayLike) -> SeasonShares:
    """Count the designs of each season in each cluster.

    Parameters
    ----------
    seasons : sequence of str or None, length n
        Of each design; those without one are left out.
    labels : array of shape (n,)
        Cluster of each design.

    Returns
    -------
    SeasonShares
        Seasons oldest first, as `in_order` has them.

    Raises
    ------
    InputError
        When the lengths differ, or no design has a season.
    """
    caller = "season_shares"
    of, names = _codes(seasons, caller)
    marks = array(labels, caller=caller, name="labels")
    if marks.shape != of.shape:
        raise InputError(f"{caller}: labels must be as many as seasons, {len(of):,}; got shape {marks.shape}.")
    clusters, codes = np.unique(marks[of >= 0], return_inverse=True)
    counts = np.bincount(of[of >= 0] * len(clusters) + codes, minlength=len(names) * len(clusters))
    return SeasonShares(tuple(names), tuple(clusters.tolist()), counts.reshape(len(names), len(clusters)).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Novelty:
    """How new each design is against all that came before its season.

    Parameters
    ----------
    seasons : ndarray of shape (n,), object
        Season of each design, or None.
    distances : ndarray of shape (n,), float32
        To the nearest design of an earlier season: 1 - cosine, or Euclidean; NaN where there is no earlier one, or no season.
    nearest : ndarray of shape (n,), int64
        The row of that design; -1 where there is none.
    percentiles : ndarray of shape (n,), float64
        The part of all designs that have a distance and are no further from what came before them, from 0 to 100, 100 newest.
    """

    seasons: NDArray[np.object_]
    distances: NDArray[np.float32]
    nearest: Rows
    percentiles: NDArray[np.float64]

    def __repr__(self) -> str:
        """Say how many."""
        return f"Novelty({np.isfinite(self.distances).sum():,} of {len(self.distances):,} designs have earlier ones)"

    def to_frame(self) -> Any:
        """Return a DataFrame with a row a design.

        Returns
        -------
        pandas.DataFrame
            season, distance, nearest, percentile; in the order of the rows.
        """
        import pandas as pd

        facts = {"season": self.seasons, "distance": self.distances, "nearest": self.nearest, "percentile": self.percentiles}
        return pd.DataFrame(facts)

    def by_season(self) -> Any:
        """Return a DataFrame with a row a season that has an earlier one.

        Returns
        -------
        pandas.DataFrame
            season, n, and the median, 10th and 90th percentile of the distances of its designs; oldest first.
        """
        import pandas as pd

        lines = []
        for season in in_order(self.seasons):
            some = self.distances[(self.seasons == season) & np.isfinite(self.distances)]
            if len(some):
                low, median, high = np.percentile(some, [10, 50, 90])
                lines.append({"season": season, "n": len(some), "median": median, "low": low, "high": high})
        return pd.DataFrame(lines, columns=["season", "n", "median", "low", "high"])


def novelty(x: Floats | FeatureSet, seasons: Seasons, *, metric: Metric | None = None) -> Novelty:
    """Find the nearest design of an earlier season of each design.

    Parameters
    ----------
    x : array or memmap of shape (n, d), or FeatureSet
        A row a design.
    seasons : sequence of str or None, length n
        Of each design.
    metric : {'cosine', 'l2'}, optional
        By which designs are near; that of the features, or cosine, where it is left out.

    Returns
    -------
    Novelty
        A later season has more before it, so that its distances are less by that alone.

    Raises
    ------
    InputError
        When the lengths differ, or no design has a season.
    """
    caller = "novelty"
    rows = x.x if isinstance(x, FeatureSet) else array(x, caller=caller, name="x")
    measure: Any = one_of(metric or (x.metric if isinstance(x, FeatureSet) else "cosine"), get_args(Metric), caller=caller, name="metric")
    of, names = _codes(seasons, caller, n=len(rows))
    distances, found = np.full(len(rows), np.nan, np.float32), np.full(len(rows), -1)
    for code in range(1, len(names)):
        new, before = np.flatnonzero(of == code), np.flatnonzero((of >= 0) & (of < code))
        best, near = nearest(rows[before], rows[new], 1, measure)
        distances[new], found[new] = near[:, 0], before[best[:, 0]]
    known = np.flatnonzero(found >= 0)
    percentiles = np.full(len(rows), np.nan)
    percentiles[known] = 100 * np.searchsorted(np.sort(distances[known]), distances[known], side="right") / max(1, len(known))
    return Novelty(np.array([season or None for season in seasons], object), distances, found, percentiles)


@dataclass(frozen=True, eq=False)
class WhiteSpace:
    """Squares of a map that earlier seasons fill and one does not.

    Parameters
    ----------
    season : str
        The one that leaves them empty.
    squares : ndarray of shape (m, 4), float64
        Left, bottom, right and top of each, in the coordinates of the map.
    chances : ndarray of shape (m,), float64
        How likely a square were empty if the season spread as the earlier ones did, from 0 to 1: least first, which says most.
    rows : tuple of ndarray of int64, length m
        The earlier designs in each.
    """

    season: str
    squares: NDArray[np.float64]
    chances: NDArray[np.float64]
    rows: tuple[Rows, ...]

    def __len__(self) -> int:
        """Return the number of squares."""
        return len(self.squares)

    def __repr__(self) -> str:
        """Say how many, and how many earlier designs they hold."""
        return f"WhiteSpace({self.season}, {len(self)} squares, {sum(map(len, self.rows)):,} earlier designs in them)"

    def to_frame(self) -> Any:
        """Return a DataFrame with a row a square.

        Returns
        -------
        pandas.DataFrame
            left, bottom, right, top, n_earlier, chance; in the order of `squares`.
        """
        import pandas as pd

        frame = pd.DataFrame(self.squares, columns=["left", "bottom", "right", "top"])
        return frame.assign(n_earlier=[len(rows) for rows in self.rows], chance=self.chances)


def white_space(coordinates: ArrayLike, seasons: Seasons, season: str, *, n_across: int = 24, min_designs: int = 3) -> WhiteSpace:
    """Find the squares of a map that earlier seasons fill and one does not.

    Parameters
    ----------
    coordinates : array of shape (n, 2)
        Where each design lies.
    seasons : sequence of str or None, length n
        Of each design.
    season : str
        The one that is looked at.
    n_across : int, default=24
        Squares along the longer side of the map.
    min_designs : int, default=3
        Earlier designs that a square holds at least.

    Returns
    -------
    WhiteSpace
        What is least likely by chance first.

    Raises
    ------
    InputError
        When the lengths differ, or there is no such season.
    """
    caller = "white_space"
    places = array(coordinates, caller=caller, name="coordinates")
    if places.ndim != 2 or places.shape[1] != 2 or places.dtype.kind not in "fiu" or not np.isfinite(places).all():
        raise InputError(f"{caller}: coordinates must be finite numbers of shape (n, 2); got {places.dtype} of shape {places.shape}.")
    n_across = integer(n_across, caller=caller, name="n_across", low=1)
    min_designs = integer(min_designs, caller=caller, name="min_designs", low=1)
    of, names = _codes(seasons, caller, n=len(places))
    code = names.index(one_of(season, names, caller=caller, name="season"))
    low, sides = places.min(axis=0), np.ptp(places, axis=0)
    side = float(sides.max()) / n_across or 1.0
    cells = np.minimum((places - low) // side, n_across - 1).astype(np.int64)
    cell = cells[:, 0] * n_across + cells[:, 1]
    earlier = np.flatnonzero((of >= 0) & (of < code))
    n_new = int((of == code).sum())
    squares, chances, rows = [], [], []
    for one in np.setdiff1d(cell[earlier], cell[of == code]):
        inside = earlier[cell[earlier] == one]
        if len(inside) >= min_designs:
            corner = low + side * np.array(divmod(int(one), n_across))
            squares.append([*corner, *(corner + side)])
            chances.append((1 - len(inside) / len(earlier)) ** n_new)
            rows.append(inside)
    order = np.argsort(chances, kind="stable").astype(np.int64)
    return WhiteSpace(season, np.reshape(squares, (-1, 4))[order], np.array(chances)[order], tuple(rows[i] for i in order))


def _time(season: str) -> tuple[int, int, int, str]:
    """Return what seasons are sorted by."""
    named = NAMED.fullmatch(season.strip())
    if named is None:
        return 1, 0, 0, season
    digits = named["year"] or named["year_first"]
    year = int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) >= CENTURY else 2000)
    return 0, year, HALVES[(named["half"] or named["half_last"]).upper()], season


def _codes(seasons: Seasons, caller: str, n: int | None = None) -> tuple[Rows, list[str]]:
    """Return the season of each design as its place in time, -1 without one, and the names by time."""
    if n is not None and len(seasons) != n:
        raise InputError(f"{caller}: seasons must be as many as designs, {n:,}; got {len(seasons):,}.")
    names = in_order(seasons)
    if not names:
        raise InputError(f"{caller}: seasons must name at least one season; got {len(seasons):,} designs without one.")
    code_of = {name: code for code, name in enumerate(names)}
    return np.array([code_of[season] if season else -1 for season in seasons], np.int64), names
