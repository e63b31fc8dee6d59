"""Where the atlas gets its maps, clusters and seasons from: the methods of the archive, in the forms that the page shows."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab.archive import Archive
from benzer_lab.clusters import KMeans
from benzer_lab.errors import ImageError
from benzer_lab.features import FeatureSet
from benzer_lab.metrics import silhouette
from benzer_lab.palettes import common_palette, palette_of
from benzer_lab.views.atlas_map import AtlasMap, Grouping
from benzer_lab.views.atlas_seasons import Seasons
from benzer_lab.views.jobs import Progress

MEASURES = ("silhouette", "stability")  # that a curve may hold
TRIED = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # numbers of clusters
SAMPLED = 5_000  # rows that they are tried on
TYPICAL = 12  # images that stand for a cluster


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


@dataclass(frozen=True, eq=False)
class PlainGroup:
    """A cluster without a name of its own."""

    label: int
    n: int
    typical: Sequence[str]
    palette: Sequence[tuple[str, float]]
    names: Mapping[str, str] = field(default_factory=dict)
    traits: Sequence[Any] = ()


@dataclass(frozen=True, eq=False)
class PlainGroups:
    """Clusters of a model's rows."""

    filenames: Sequence[str]
    labels: NDArray[np.int32]
    clusters: Sequence[PlainGroup]
    reasons: Mapping[str, str] = field(default_factory=dict)


class Sources:
    """What computes, or loads where it is kept, all that the atlas shows; called from threads beside the page.

    Parameters
    ----------
    archive : Archive
        Of which.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def map(self, model: str, version: str | None, progress: Progress) -> AtlasMap:
        """Return the map of a model, without groups.

        Parameters
        ----------
        model : str
            One of the archive's models.
        version : str or None
            One of its versions; None is the current one.
        progress : callable
            Called with (done, total); what it raises stops the work.

        Returns
        -------
        AtlasMap
            Kept beside the version from now on.
        """
        layout = self._archive.layout(model, version=version, progress=progress)
        return AtlasMap(layout.model, layout.version, layout, self._archive.metadata)

    def grouping(self, shown: AtlasMap, n_clusters: int, progress: Progress) -> Grouping:
        """Return clusters of the images of a map.

        Parameters
        ----------
        shown : AtlasMap
            The map.
        n_clusters : int
            How many; 0 leaves it to the archive.
        progress : callable
            As for `map`.

        Returns
        -------
        Grouping
            The largest first.
        """
        features = self._archive.features(*shown.place)
        if not n_clusters:
            curve = self.curve(shown, progress)
            n_clusters = curve.best
        labels = KMeans(min(n_clusters, len(features)), metric=features.metric, n_init=1).fit(features.x).labels_
        order = np.argsort(-np.bincount(labels), kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order))
        labels = place[labels]
        groups = []
        for label in range(len(order)):
            progress(label, len(order))
            groups.append(self._group(features, label, np.flatnonzero(labels == label)))
        return PlainGroups(features.filenames, labels, groups)

    def _group(self, features: FeatureSet, label: int, rows: NDArray[np.int64]) -> PlainGroup:
        """Return a cluster with the images nearest to its middle and their colors."""
        x = np.asarray(features.x[rows], np.float32)
        nearest = rows[np.argsort(((x - x.mean(axis=0)) ** 2).sum(axis=1), kind="stable")[:TYPICAL]]
        typical = features.names(nearest)
        palettes = []
        for name in typical if self._archive.images is not None else ():
            with suppress(ImageError):  # its picture says that it is missing
                palettes.append(palette_of(self._archive.thumbnails.get(name)))
        return PlainGroup(label, len(rows), typical, common_palette(palettes))

    def curve(self, shown: AtlasMap, progress: Progress) -> Curve:
        """Return how good each number of clusters is.

        Parameters
        ----------
        shown : AtlasMap
            Of whose images.
        progress : callable
            As for `map`.

        Returns
        -------
        Curve
            Measured on a sample.
        """
        features = self._archive.features(*shown.place)
        rows = np.sort(np.random.default_rng(0).permutation(len(features))[:SAMPLED])
        x = np.asarray(features.x[rows], np.float32)
        ks = [k for k in TRIED if k < len(x)] or [1]
        values, errors = [], []
        for i, k in enumerate(ks):
            progress(i, len(ks))
            score = silhouette(x, KMeans(k, metric=features.metric, n_init=1).fit(x).labels_, metric=features.metric)
            values.append(float(score))
            errors.append(float(score.error or 0.0))
        return Curve(ks, {"silhouette": (values, errors)}, ks[int(np.argmax(values))])

    def seasons(self, shown: AtlasMap, progress: Progress) -> Seasons:
        """Return what the seasons of a map are to each other.

        Parameters
        ----------
        shown : AtlasMap
            The map.
        progress : callable
            As for `map`.

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
