"""Groups: the clusters of an archive's designs, named, kept beside their version."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, cast, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benzer_lab import _checks
from benzer_lab._checks import Metric
from benzer_lab._display import draw, html, pictures
from benzer_lab._distances import chosen_rows, seen_by
from benzer_lab._engine import Floats
from benzer_lab._optional import require
from benzer_lab.choosing import Choice, choose_k
from benzer_lab.cluster_names import Cluster, Trait, describe, named
from benzer_lab.clusters import KMeans
from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet
from benzer_lab.index import Index
from benzer_lab.metadata import Metadata
from benzer_lab.progress import Progress, show
from benzer_lab.search import COLOR_WEIGHT

CALLER = "cluster"
DEFAULT = "default"  # the clusters that hits and filters speak of
DENSE = 10_000  # rows among which dense places are looked for; the others go with their nearest
DENSE_SHARE, DENSE_LEAST = 0.005, 5  # images that make a place dense: of all, and at least
DRAWN, DRAWN_EACH = 12, 4  # clusters drawn in a notebook, and images of each

Method = Literal["kmeans", "hdbscan"]
Labels = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Groups:
    """The clusters of a version's images.

    Parameters
    ----------
    filenames : sequence of str, length n
        The images.
    labels : ndarray of shape (n,), int32
        The cluster of each: 0 is the largest, -1 is none.
    clusters : tuple of Cluster
        What each is made of, by label.
    model, version : str
        Whose rows were clustered.
    method : {'kmeans', 'hdbscan'}
        How.
    metric : {'cosine', 'l2'}
        By which distance.
    reasons : mapping of str to str
        Why so many, by language; empty where the caller chose.
    thumbnail : callable, optional
        Gives the WebP picture of a file name, or None where there is none.
    """

    filenames: Any
    labels: Labels
    clusters: tuple[Cluster, ...]
    model: str
    version: str
    method: str
    metric: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    thumbnail: Callable[[str], bytes | None] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Return the number of clusters."""
        return len(self.clusters)

    def __repr__(self) -> str:
        """Say how many clusters of what."""
        loose = int(np.count_nonzero(self.labels < 0))
        rest = f", {loose:,} images in none" if loose else ""
        how = f"{self.model} {self.version}, {self.method}, {self.metric}"
        return f"Groups({len(self):,} clusters of {len(self.labels):,} images{rest}; {how})"

    @property
    def names(self) -> dict[str, dict[str, int]]:
        """The label of each name, by language."""
        languages = self.clusters[0].names if self.clusters else {}
        return {language: {cluster.names[language]: cluster.label for cluster in self.clusters} for language in languages}

    def summary(self, language: str = "en") -> Any:
        """Return a DataFrame with a row a cluster.

        Parameters
        ----------
        language : {'en', 'tr'}, default='en'
            Of the names.

        Returns
        -------
        pandas.DataFrame
            cluster (its label), name, n, share (of all images), typical (file names, nearest to the middle first), palette (hex to share),
            features (those it has more of than other clusters, strongest first), seasons and qualities (value to share).

        Raises
        ------
        InputError
            When there is no such language.
        """
        import pandas as pd

        _checks.one_of(language, ["en", "tr"], caller="Groups.summary", name="language")
        rows = [
            {
                "cluster": cluster.label,
                "name": cluster.names[language],
                "n": cluster.n,
                "share": cluster.n / len(self.labels),
                "typical": list(cluster.typical),
                "palette": dict(cluster.palette),
                "features": [trait.feature for trait in cluster.traits],
                "seasons": dict(cluster.seasons),
                "qualities": dict(cluster.qualities),
            }
            for cluster in self.clusters
        ]
        return pd.DataFrame(rows, columns=["cluster", "name", "n", "share", "typical", "palette", "features", "seasons", "qualities"])

    def to_frame(self, language: str = "en") -> Any:
        """Return a DataFrame with a row an image.

        Parameters
        ----------
        language : {'en', 'tr'}, default='en'
            Of the names.

        Returns
        -------
        pandas.DataFrame
            filename, cluster (-1 for none) and name (None for none).

        Raises
        ------
        InputError
            When there is no such language.
        """
        import pandas as pd

        _checks.one_of(language, ["en", "tr"], caller="Groups.to_frame", name="language")
        names = {cluster.label: cluster.names[language] for cluster in self.clusters}
        return pd.DataFrame(
            {"filename": list(self.filenames), "cluster": self.labels, "name": [names.get(int(label)) for label in self.labels]}
        )

    def _repr_html_(self) -> str:
        """Draw the largest clusters for a notebook."""
        root, _ = pictures(repr(self))
        for cluster in self.clusters[:DRAWN]:
            _, row = pictures(f"{cluster.label}: {cluster.names['en']} ({cluster.n:,})", root)
            for name in cluster.typical[:DRAWN_EACH]:
                draw(row, name, self.thumbnail(name) if self.thumbnail else None, name)
        return html(root)

    def to_table(self) -> tuple[pa.Table, dict[str, Any]]:
        """Return what is kept of it: a row an image, and a card."""
        table = pa.table({"filename": pa.array(list(self.filenames), pa.string()), "cluster": pa.array(self.labels, pa.int32())})
        card = {name: getattr(self, name) for name in ("model", "version", "method", "metric")}
        return table, card | {"reasons": dict(self.reasons), "clusters": [asdict(cluster) for cluster in self.clusters]}

    @classmethod
    def from_table(cls, table: pa.Table, card: Mapping[str, Any], thumbnail: Callable[[str], bytes | None] | None = None) -> "Groups":
        """Return what `to_table` kept."""
        clusters = [
            Cluster(
                **{
                    **kept,
                    "typical": tuple(kept["typical"]),
                    "palette": tuple((color, share) for color, share in kept["palette"]),
                    "traits": tuple(Trait(**trait) for trait in kept["traits"]),
                }
            )
            for kept in card["clusters"]
        ]
        told = {name: card[name] for name in ("model", "version", "method", "metric", "reasons")}
        labels = table["cluster"].combine_chunks().to_numpy()
        return cls(filenames=table["filename"].to_pylist(), labels=labels, clusters=tuple(clusters), thumbnail=thumbnail, **told)


def find_groups(
    features: FeatureSet,
    metadata: Metadata,
    *,
    n_clusters: int | Literal["auto"] = "auto",
    method: Method = "kmeans",
    metric: Metric | None = None,
    random_state: int = 0,
    progress: Progress = True,
    thumbnail: Callable[[str], bytes | None] | None = None,
) -> Groups:
    """Cluster images by their features, and say what each cluster is made of.

    Parameters
    ----------
    features : FeatureSet of shape (n, d)
        What is compared; of joined models color weighs as much as in a search.
    metadata : Metadata of n rows
        In the order of the features.
    n_clusters : int or 'auto', default='auto'
        How many, from 1 to n; chosen by `choose_k` where it is 'auto'. HDBSCAN finds their number itself.
    method : {'kmeans', 'hdbscan'}, default='kmeans'
        K-means puts every image in a cluster; HDBSCAN finds places where images lie dense, and may say that there are none.
    metric : {'cosine', 'l2'}, optional
        The features' own where it is left out.
    random_state : int, default=0
        Of samples and runs.
    progress : bool or callable, default=True
        A bar on stderr, or what is called with (done, total); what it raises stops the work.
    thumbnail : callable, optional
        Gives the WebP picture of a file name: for palettes, and to be shown.

    Returns
    -------
    Groups
        The largest cluster first.

    Raises
    ------
    InputError
        When an argument is out of range.
    MissingExtraError
        For 'hdbscan' without scikit-learn.
    """
    _checks.one_of(method, get_args(Method), caller=CALLER, name="method")
    metric = cast(Metric, _checks.one_of(metric or features.metric, get_args(Metric), caller=CALLER, name="metric"))
    wanted = None if n_clusters == "auto" else _checks.integer(n_clusters, caller=CALLER, name="n_clusters", low=1)
    if not len(features) or (wanted or 1) > len(features):
        raise InputError(f"{CALLER}: n_clusters must be from 1 to {len(features):,}, the number of images; got {n_clusters!r}.")
    if wanted is not None and method == "hdbscan":
        raise InputError(f"{CALLER}: n_clusters must be left out with method 'hdbscan', which finds their number; got {wanted}.")
    x, reasons = _rows(features), {}
    if method == "hdbscan":
        labels = _dense(x, metric, random_state)
    else:
        if wanted is None and len(x) >= 4:
            choice = choose_k(x, metric=metric, random_state=random_state, progress=progress)
            wanted, reasons = choice.n_clusters, dict(choice.reasons)
        labels = KMeans(wanted or 1, metric=metric, random_state=random_state).fit(x).labels_
    labels = _by_size(labels)
    clusters: list[Cluster] = []

    def steps() -> Iterator[int]:
        for cluster in describe(x, labels, features.filenames, metadata, metric=metric, picture=thumbnail):
            clusters.append(cluster)
            yield 1

    show(steps(), progress, int(labels.max(initial=-1)) + 1, 0, unit="clusters described")
    names = named(clusters, by_color=features.model == "color")
    return Groups(
        filenames=features.filenames,
        labels=labels,
        clusters=tuple(replace(cluster, names=names[cluster.label]) for cluster in clusters),
        model=features.model,
        version=features.version,
        method=method,
        metric=metric,
        reasons=reasons,
        thumbnail=thumbnail,
    )


def choose_clusters(features: FeatureSet, *, random_state: int = 0, progress: Progress = True) -> Choice:
    """Try several numbers of clusters of images, as `find_groups` does where it is to choose.

    Parameters
    ----------
    features : FeatureSet of shape (n, d)
        What is compared.
    random_state : int, default=0
        Of samples and runs.
    progress : bool or callable, default=True
        A bar on stderr, or what is called with (done, total); what it raises stops the work.

    Returns
    -------
    Choice
        The curve, and the number that was chosen.

    Raises
    ------
    InputError
        When there are fewer than four images.
    """
    return choose_k(_rows(features), metric=features.metric, random_state=random_state, progress=progress)


def _rows(features: FeatureSet) -> Floats:
    """Return what is clustered: the rows; of joined models each block at its weight, so that inner products are those of a search."""
    blocks = features.blocks
    if blocks is None or "color" not in blocks:
        return features.x
    scale = np.empty(features.x.shape[1], np.float32)
    for model, columns in blocks.items():
        scale[columns] = (COLOR_WEIGHT if model == "color" else 1 - COLOR_WEIGHT) ** 0.5
    return np.asarray(features.x * scale, np.float32)


def _by_size(labels: NDArray[Any]) -> Labels:
    """Return labels in the order of size, the largest 0; -1 stays."""
    counts = np.bincount(labels[labels >= 0])
    place = np.empty(len(counts) + 1, np.int32)
    place[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    place[-1] = -1  # label -1 looks here
    return np.asarray(place[labels], np.int32)


def _dense(x: Floats, metric: Metric, seed: int) -> NDArray[Any]:
    """Return the dense places that HDBSCAN finds; of many rows among a sample, which the others follow."""
    cluster = require("sklearn.cluster", extra="maps", caller=CALLER)
    rows = np.sort(chosen_rows(len(x), DENSE, seed))
    sample = np.ascontiguousarray(seen_by(metric, np.asarray(x[rows])), np.float32)
    least = max(DENSE_LEAST, round(DENSE_SHARE * len(rows)))
    if len(rows) <= least:
        return np.full(len(x), -1)
    found = cluster.HDBSCAN(min_cluster_size=least, copy=True).fit(sample).labels_
    if len(rows) == len(x):
        return np.asarray(found)
    index = Index.build(sample, metric=metric, kind="flat", device="cpu")
    return np.concatenate([found[index.search(x[start : start + DENSE], k=1).rows[:, 0]] for start in range(0, len(x), DENSE)])
