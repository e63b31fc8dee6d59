"""Clusters: k-means with scikit-learn's estimator contract."""

import warnings
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab._checks import Metric, integer, one_of
from benzer_lab._distances import blocks
from benzer_lab._engine import Floats, batches, faiss, gpus
from benzer_lab._gpu import on_device
from benzer_lab._lloyd import Centers, Labels, Seen, lloyd, spread_out
from benzer_lab._optional import require
from benzer_lab.errors import InputError
from benzer_lab.features import row_norms, unit
from benzer_lab.index import device_of

if TYPE_CHECKING:
    from sklearn.utils import Tags

PARAMETERS = ("n_clusters", "metric", "n_init", "max_iter", "tol", "random_state", "device")
TOL = 1e-6  # of the inertia, for each cluster
REPAIRS = 10  # times that empty clusters are given a row before they are left alone
SAMPLED, LARGE = 128, 4  # rows a cluster that a run starts on, where there are so many times more


class KMeans:
    """K-means: the best of a few runs over all rows, in which no cluster is empty.

    Where there are many rows, a run starts on a sample of them; between rounds over all it looks only at rows that may change their
    cluster. On a GPU, Faiss goes over all rows in each round.

    Parameters
    ----------
    n_clusters : int, default=8
        How many clusters, from 1 to n.
    metric : {'l2', 'cosine'}, default='l2'
        Squared distance, or that of rows brought to length 1, with centers of length 1 (spherical k-means).
    n_init : int, default=3
        Runs, each from other rows that lie apart (k-means++); the one of least inertia is kept.
    max_iter : int, default=300
        Rounds of a run at most.
    tol : float or 'auto', default='auto'
        A run ends when a round lowers the inertia by less than this part. 'auto' is a millionth for each cluster: of many clusters a
        round takes long, and each holds few rows, whose mean says little of rows to come.
    random_state : int, RandomState or None, default=0
        Of the rows that runs start from.
    device : str, default='auto'
        'cpu', 'cuda:0', or a GPU where Faiss finds one.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, d), float32
        Means of the rows of each cluster; of length 1 for cosine.
    labels_ : ndarray of shape (n,), int32
        The nearest center of each row; after `partial_fit`, of the rows given last.
    inertia_ : float
        Sum of squared distances of all rows to their centers; for cosine of unit rows. After `partial_fit`, of the rows given last.
    n_iter_ : int
        Rounds of the run that was kept.
    counts_ : ndarray of shape (n_clusters,), int64
        Rows that each center is the mean of.
    n_features_in_ : int
        Columns.

    References
    ----------
    .. [1] Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 1982.
    .. [2] Dhillon, Modha, Concept decompositions for large sparse text data using clustering, Machine Learning 42, 2001.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        metric: Metric = "l2",
        n_init: int = 3,
        max_iter: int = 300,
        tol: float | Literal["auto"] = "auto",
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.device = device

    def __repr__(self) -> str:
        """Say how it was made."""
        return f"KMeans({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments it was made with.

        Parameters
        ----------
        deep : bool, default=True
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        dict
            Name to value.
        """
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **params: Any) -> "KMeans":
        """Change arguments.

        Parameters
        ----------
        **params : object
            Name to value.

        Returns
        -------
        KMeans
            Itself.

        Raises
        ------
        InputError
            When there is no such argument.
        """
        for name, value in params.items():
            one_of(name, PARAMETERS, caller="KMeans.set_params", name="parameter")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> "Tags":
        """Say what kind of estimator it is."""
        utils = require("sklearn.utils", extra="maps", caller="KMeans")
        return utils.Tags(
            estimator_type="clusterer",
            target_tags=utils.TargetTags(required=False),
            transformer_tags=utils.TransformerTags(preserves_dtype=[]),
            input_tags=utils.InputTags(),
        )

    def fit(self, X: ArrayLike, y: None = None) -> "KMeans":
        """Find the clusters of all rows.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows, float32 or float16 where they lie; others are copied to float32.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        KMeans
            Itself.

        Raises
        ------
        InputError
            When an argument is outside its range.
        ValueError
            When `X` is no finite matrix, or has fewer rows than clusters.
        """
        x = self._rows(X, reset=True)
        seeds, seen = self._seeds(len(x)), self._seen(x)
        place = _device(self.device)
        best: tuple[float, Centers, Labels, int] | None = None
        for seed in seeds:
            centers, n_iter = self._run(seen, seed) if place == "cpu" else self._run_on_device(seen, seed, place)
            centers, labels, inertia = self._filled(seen, centers)
            if best is None or inertia < best[0]:
                best = inertia, centers, labels, n_iter
        assert best is not None
        self.inertia_, self.cluster_centers_, self.labels_, self.n_iter_ = best
        self.counts_ = np.bincount(self.labels_, minlength=self.n_clusters).astype(np.int64)
        if not self.counts_.all():
            exceptions = require("sklearn.exceptions", extra="maps", caller="KMeans")
            n_found = int((self.counts_ > 0).sum())
            warnings.warn(
                f"KMeans: {n_found} clusters hold rows, fewer than n_clusters={self.n_clusters}: there are no more different rows.",
                exceptions.ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def partial_fit(self, X: ArrayLike, y: None = None) -> "KMeans":
        """Take more rows into account: each draws its center toward itself, the less the more rows that one stands for.

        Parameters
        ----------
        X : array or memmap of shape (m, d)
            More rows; the first time at least as many as clusters.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        KMeans
            Itself; `labels_` and `inertia_` are of these rows.

        Raises
        ------
        InputError
            When an argument is outside its range.
        ValueError
            When `X` is no finite matrix of as many columns as before, or has fewer rows than clusters the first time.

        References
        ----------
        .. [1] Sculley, Web-scale k-means clustering, WWW 2010.
        """
        if not hasattr(self, "cluster_centers_"):
            return self.fit(X)
        seen = self._seen(self._rows(X, reset=False))
        labels, _ = _assigned(seen, self.cluster_centers_)
        counts = np.bincount(labels, minlength=self.n_clusters)
        sums = seen.sums(labels, self.n_clusters)
        total = np.maximum(self.counts_ + counts, 1)[:, None]
        centers = (self.cluster_centers_ * self.counts_[:, None].astype(np.float64) + sums) / total
        self.cluster_centers_ = np.ascontiguousarray(unit(centers) if self.metric == "cosine" else centers, np.float32)
        self.counts_ = self.counts_ + counts
        self.labels_, self.inertia_ = _assigned(seen, self.cluster_centers_)
        return self

    def fit_predict(self, X: ArrayLike, y: None = None) -> Labels:
        """Find the clusters of all rows, and return the cluster of each.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        ndarray of shape (n,), int32
            From 0 to n_clusters - 1.
        """
        return self.fit(X).labels_

    def predict(self, X: ArrayLike) -> Labels:
        """Return the nearest center of each row.

        Parameters
        ----------
        X : array or memmap of shape (m, d)
            Rows.

        Returns
        -------
        ndarray of shape (m,), int32
            From 0 to n_clusters - 1.

        Raises
        ------
        ValueError
            When `X` is no finite matrix of as many columns as before.
        """
        self._must_be_fitted()
        return _assigned(self._seen(self._rows(X, reset=False)), self.cluster_centers_)[0]

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the distance of each row to each center; for cosine of unit rows.

        Parameters
        ----------
        X : array or memmap of shape (m, d)
            Rows.

        Returns
        -------
        ndarray of shape (m, n_clusters), float32
            0 or more, least is nearest.

        Raises
        ------
        ValueError
            When `X` is no finite matrix of as many columns as before.
        """
        self._must_be_fitted()
        x, centers = self._rows(X, reset=False), self.cluster_centers_.astype(np.float64)
        out = np.empty((len(x), len(centers)), np.float32)
        for part, rows in blocks(x, self.metric):
            squared = np.einsum("ij,ij->i", rows, rows)[:, None] + np.einsum("ij,ij->i", centers, centers) - 2 * rows @ centers.T
            out[part] = np.sqrt(np.maximum(squared, 0))
        return out

    def fit_transform(self, X: ArrayLike, y: None = None) -> NDArray[np.float32]:
        """Find the clusters of all rows, and return the distance of each row to each center.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        ndarray of shape (n, n_clusters), float32
            0 or more, least is nearest.
        """
        return self.fit(X).transform(X)

    def score(self, X: ArrayLike, y: None = None) -> float:
        """Return how well the centers stand for some rows.

        Parameters
        ----------
        X : array or memmap of shape (m, d)
            Rows.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        float
            Their inertia, negative: 0 is best.

        Raises
        ------
        ValueError
            When `X` is no finite matrix of as many columns as before.
        """
        self._must_be_fitted()
        return -_assigned(self._seen(self._rows(X, reset=False)), self.cluster_centers_)[1]

    def _must_be_fitted(self) -> None:
        require("sklearn.utils.validation", extra="maps", caller="KMeans").check_is_fitted(self, "cluster_centers_")

    def _rows(self, X: ArrayLike, *, reset: bool) -> Floats:
        """Check rows as scikit-learn does; float32 and float16 stay where they lie."""
        validation = require("sklearn.utils.validation", extra="maps", caller="KMeans")
        x = validation.validate_data(self, X, reset=reset, dtype=[np.float32, np.float16], order="C", copy=False)
        return np.asarray(x)

    @property
    def _tol(self) -> float:
        """Return the part of the inertia that a round must lower it by."""
        if self.tol == "auto":
            return TOL * self.n_clusters
        if not isinstance(self.tol, Real) or not self.tol >= 0:
            raise InputError(f"KMeans: tol must be 'auto', or a number of 0 or more; got {self.tol!r}.")
        return float(self.tol)

    def _seeds(self, n: int) -> list[int]:
        """Check the arguments, and draw where runs start from."""
        one_of(self.metric, get_args(Metric), caller="KMeans", name="metric")
        for name in ("n_clusters", "n_init", "max_iter"):
            integer(getattr(self, name), caller="KMeans", name=name, low=1)
        _ = self._tol  # refused before the work
        if n < self.n_clusters:
            raise InputError(f"KMeans: n_clusters must be at most the number of rows: n_samples={n} should be >= {self.n_clusters}.")
        check = require("sklearn.utils", extra="maps", caller="KMeans").check_random_state
        return [int(seed) for seed in check(self.random_state).randint(2**31 - 1, size=self.n_init)]

    def _seen(self, x: Floats) -> Seen:
        """Return rows as the metric sees them."""
        if self.metric == "l2":
            return Seen(x)
        lengths = row_norms(x, caller="KMeans")
        return Seen(x, (1 / np.where(lengths > 0, lengths, 1)).astype(np.float32))

    def _run(self, seen: Seen, seed: int) -> tuple[Centers, int]:
        """Find centers from rows on that lie apart, among many rows first those of a sample; return centers and rounds over all."""
        rng, n, n_sampled = np.random.default_rng(seed), len(seen), SAMPLED * self.n_clusters
        centers = spread_out(seen, self.n_clusters, rng)
        if n >= LARGE * n_sampled:
            sample = replace(seen, chosen=np.sort(rng.choice(n, n_sampled, replace=False)))
            centers, _ = lloyd(sample, centers, tol=10 * self._tol, max_iter=self.max_iter)
        return lloyd(seen, centers, tol=self._tol, max_iter=self.max_iter)

    def _run_on_device(self, seen: Seen, seed: int, place: str) -> tuple[Centers, int]:
        """Have Faiss find centers on a device, where rounds over all rows are soon done."""
        how = faiss.ClusteringParameters()
        how.niter, how.early_stop_threshold, how.seed, how.spherical = self.max_iter, self._tol, seed, self.metric == "cosine"
        how.max_points_per_centroid, how.min_points_per_centroid = len(seen), 1
        d = seen.x.shape[1]
        run = faiss.Clustering(d, self.n_clusters, how)
        index = faiss.IndexFlatIP(d) if self.metric == "cosine" else faiss.IndexFlatL2(d)
        with batches(), on_device(index, place) as there:
            if seen.x.dtype == np.float32:
                run.train(seen.x, there, seen.scale)  # a weighted sum of rows is as one of unit rows
            else:
                codec = faiss.IndexScalarQuantizer(d, faiss.ScalarQuantizer.QT_fp16)
                run.train_encoded(seen.x.view(np.uint8), codec, there, seen.scale)
        centers = faiss.vector_to_array(run.centroids).reshape(self.n_clusters, d)
        return np.ascontiguousarray(unit(centers) if self.metric == "cosine" else centers, np.float32), run.iteration_stats.size()

    def _filled(self, seen: Seen, centers: Centers) -> tuple[Centers, Labels, float]:
        """Assign all rows; a center that no row is nearest to goes to the row that is furthest from its own."""
        labels, inertia = _assigned(seen, centers)
        for _ in range(REPAIRS):
            counts = np.bincount(labels, minlength=len(centers))
            empty = np.flatnonzero(counts == 0)
            if not len(empty):
                break
            off = seen.off(labels, centers)
            off[counts[labels] < 2] = 0
            far = np.argsort(-off, kind="stable")[: len(empty)]
            far = far[off[far] > 0]
            if not len(far):
                break
            centers = centers.copy()
            centers[empty[: len(far)]] = seen[far]
            labels, inertia = _assigned(seen, centers)
        return centers, labels, inertia


def _assigned(seen: Seen, centers: Centers) -> tuple[Labels, float]:
    """Return the nearest center of each row, and the inertia."""
    labels = seen.nearest(centers)[0][:, 0]
    return labels, float(seen.off(labels, centers).sum())


def _device(device: str) -> str:
    """Return the device to train on: a GPU where there is one, for k-means is nothing but products of matrices."""
    device = device_of(device, caller="KMeans")
    if device != "auto":
        return device
    there = gpus()
    return str(there[0]["device"]) if there else "cpu"
