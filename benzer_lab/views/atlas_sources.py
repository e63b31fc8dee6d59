"""Where the atlas gets its maps, clusters and seasons from: the methods of the archive, in the forms that the page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from benzer_lab.archive import Archive
from benzer_lab.errors import MissingExtraError
from benzer_lab.features import FeatureSet
from benzer_lab.groups import choose_clusters
from benzer_lab.payloads import key_of
from benzer_lab.snapshots import Shelf
from benzer_lab.views.atlas_map import AtlasMap, Grouping
from benzer_lab.views.atlas_seasons import Seasons
from benzer_lab.views.jobs import Progress

MEASURES = ("silhouette", "stability", "davies_bouldin", "calinski_harabasz")  # that the curve shows
ERRORS = {"silhouette": "silhouette_error"}  # where a measure has its error
KEPT = 12  # maps of an archive, with clusters and without, that visitors share

_MADE: WeakKeyDictionary[Archive, Shelf[AtlasMap]] = WeakKeyDictionary()


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
    """What computes, or loads where it is kept, all that the atlas shows; called from threads beside the page.

    Parameters
    ----------
    archive : Archive
        Of which.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        _MADE.setdefault(archive, Shelf(KEPT))

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
            One that is kept beside the version, by UMAP where there are several; made and kept where there is none, by PCA where
            umap-learn is not installed.
        """
        kept = self._archive.layouts(model, version)
        layout = kept.get("umap") or next(iter(kept.values()), None)
        if layout is None:
            try:
                layout = self._archive.layout(model, version=version, progress=progress)
            except MissingExtraError:
                layout = self._archive.layout(model, version=version, method="pca", progress=progress)
        metadata = self._archive.metadata
        key = layout.model, layout.version, key_of(layout.coordinates.tobytes()), metadata
        return _MADE[self._archive].get(key, lambda: AtlasMap(layout.model, layout.version, layout, metadata))

    def regrouped(self, shown: AtlasMap, n_clusters: int, progress: Progress) -> AtlasMap:
        """Return the same map with its clusters; all visitors share it.

        Parameters
        ----------
        shown, n_clusters, progress : AtlasMap, int, callable
            As for `grouping`.

        Returns
        -------
        AtlasMap
            Another one.
        """
        grouping = self.grouping(shown, n_clusters, progress)
        key = shown, key_of(np.asarray(grouping.labels).tobytes())
        return _MADE[self._archive].get(key, lambda: shown.regrouped(grouping))

    def grouping(self, shown: AtlasMap, n_clusters: int, progress: Progress) -> Grouping:
        """Return clusters of the images of a map.

        Parameters
        ----------
        shown : AtlasMap
            The map.
        n_clusters : int
            How many; 0 means those that the archive's hits and filters speak of, and where there are none as many as are best.
        progress : callable
            As for `map`.

        Returns
        -------
        Grouping
            The largest first; kept under a name of the page's own, for what hits and filters speak of is the archive keeper's.
        """
        model, version = shown.place
        if not n_clusters and (kept := self._archive.clusters(model, version)) is not None:
            return kept
        name = f"atlas-{n_clusters or 'auto'}"
        kept = self._archive.clusters(model, version, name=name)
        if kept is not None:
            return kept
        return self._archive.cluster(model, n_clusters or "auto", version=version, name=name, progress=progress)

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
            As `choose_k` measures it.
        """
        choice = choose_clusters(self._archive.features(*shown.place), progress=progress)
        errors = {name: choice.scores[error].tolist() for name, error in ERRORS.items()}
        lines = {name: (choice.scores[name].tolist(), errors.get(name)) for name in MEASURES}
        return Curve(choice.k.tolist(), lines, choice.n_clusters)

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
