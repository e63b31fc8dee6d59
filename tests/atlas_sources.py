"""Maps and clusters for the tests of the atlas: made at once of real rows, by scikit-learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from benzer_lab.archive import Archive
from benzer_lab.views.atlas_map import AtlasMap
from benzer_lab.views.atlas_sources import Curve, Sources
from benzer_lab.views.jobs import Progress


@dataclass
class Plane:
    filenames: list[str]
    coordinates: NDArray[np.float32]
    trustworthiness: float = 0.9


@dataclass
class Trait:
    feature: str


@dataclass
class Group:
    label: int
    n: int
    names: dict[str, str]
    typical: list[str]
    palette: list[tuple[str, float]]
    traits: list[Trait]


@dataclass
class Grouping:
    filenames: list[str]
    labels: NDArray[np.int32]
    clusters: list[Group]
    reasons: dict[str, str]


class DrawnSources(Sources):
    """The plane in which rows differ most, and k-means."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive)
        self.archive = archive
        self.asked: list[tuple[Any, ...]] = []

    def map(self, model: str, version: str | None, progress: Progress) -> AtlasMap:
        self.asked.append(("map", model, version))
        progress(1, 2)
        features = self.archive.features(model, version)
        plane = Plane(list(features.filenames), PCA(2, random_state=0).fit_transform(np.asarray(features.x)))
        return AtlasMap(features.model, features.version, plane, self.archive.metadata)

    def grouping(self, shown: AtlasMap, n_clusters: int, progress: Progress) -> Grouping:
        self.asked.append(("grouping", shown.model, n_clusters))
        features = self.archive.features(*shown.place)
        k = n_clusters or 3
        labels = KMeans(k, n_init=1, random_state=0).fit_predict(np.asarray(features.x))
        groups = []
        for label in np.argsort(-np.bincount(labels), kind="stable").tolist():
            names = [features.filenames[row] for row in np.flatnonzero(labels == label)]
            told = {"en": f"Kind {label}", "tr": f"Tür {label}"}
            groups.append(Group(label, len(names), told, names[:5], [("#112233", 1.0)], [Trait("floral")]))
        return Grouping(list(features.filenames), labels, groups, {"en": f"{k} are best.", "tr": f"En iyisi {k}."})

    def curve(self, shown: AtlasMap, progress: Progress) -> Curve:
        self.asked.append(("curve", shown.model))
        return Curve((2, 3, 4), {"silhouette": ([0.1, 0.3, 0.2], [0.01, 0.01, 0.01]), "stability": ([0.5, 0.9, 0.6], None)}, 3)
