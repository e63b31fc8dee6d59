"""What the seasons of a map are to each other, as the atlas shows it: shares, newness, white space."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab.features import FeatureSet
from benzer_lab.seasons import Novelty, SeasonShares, WhiteSpace, novelty, season_shares, white_space
from benzer_lab.views.atlas_map import AtlasMap

MOST_SQUARES = 24  # of white space, those that say most


@dataclass(frozen=True, eq=False)
class Seasons:
    """The seasons of a map.

    Parameters
    ----------
    shown : AtlasMap of n images
        The map.
    of : sequence of str or None, length n
        The season of each image.
    shares : SeasonShares or None
        How each spreads over the clusters; None where there are none.
    newness : Novelty
        How new each image is against all before its season.
    """

    shown: AtlasMap
    of: Sequence[str | None]
    shares: SeasonShares | None
    newness: Novelty

    @classmethod
    def compare(cls, shown: AtlasMap, features: FeatureSet) -> "Seasons":
        """Compare the seasons of a map by the rows of its model, in the order of the map."""
        records = shown.metadata.records(np.arange(len(shown)), ["season", "cluster"])
        of = [None if record["season"] is None else str(record["season"]) for record in records]
        labels = [-1 if record["cluster"] is None else record["cluster"] for record in records]
        has_clusters = any(record["cluster"] is not None for record in records)
        return cls(shown, of, season_shares(of, np.array(labels)) if has_clusters else None, novelty(features, of))

    def count(self, label: Any, season: str) -> int:
        """Return how many images of a cluster are of a season."""
        place = self._place(label, season)
        return 0 if place is None or self.shares is None else int(self.shares.counts[place])

    def share(self, label: Any, season: str) -> float:
        """Return what part of a season a cluster takes, from 0 to 1."""
        place = self._place(label, season)
        return 0.0 if place is None else float(self._shares[place])

    def unused(self, season: str) -> list[Any]:
        """Return the clusters that earlier seasons used and this one does not, the most used first."""
        return self.shares.unused(season) if self.shares is not None else []

    def new_in(self, season: str) -> NDArray[np.float32]:
        """Return how new each image of a season is, shape (n,): its distance to the nearest before it; NaN for all others."""
        is_of = np.fromiter((one == season for one in self.of), bool, len(self.of))
        return np.where(is_of, self.newness.distances, np.nan).astype(np.float32)

    def white_space(self, season: str) -> WhiteSpace:
        """Return the squares of the map that earlier seasons fill and this one does not."""
        return white_space(self.shown.points, self.of, season)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        return self.shares.shares if self.shares is not None else np.empty((0, 0))

    def _place(self, label: Any, season: str) -> tuple[int, int] | None:
        """Return the line and the column of a season and a cluster; None where no image has both."""
        if self.shares is None or label not in self.shares.clusters or season not in self.shares.seasons:
            return None
        return self.shares.seasons.index(season), self.shares.clusters.index(label)
