"""Maps: UMAP on the Faiss neighbor graph, with scikit-learn's estimator contract."""

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab._checks import Metric, integer, one_of
from benzer_lab._distances import Score, blocks, chosen_rows
from benzer_lab._engine import BLOCK_ROWS, Floats, Rows
from benzer_lab._neighborhoods import trustworthiness
from benzer_lab._optional import require
from benzer_lab.errors import InputError
from benzer_lab.index import Index

if TYPE_CHECKING:
    from sklearn.utils import Tags

Method = Literal["umap", "densmap", "pca"]
PARAMETERS = ("n_components", "method", "metric", "n_neighbors", "max_rows", "random_state", "umap_options")
COMPARED = 10**9  # pairs of rows up to which all are compared: half a minute of 512 columns; of more, codes suggest which
RECALL = 0.95  # of neighbors that codes suggest: a map is no better with all of them
SAME = 1e-6  # distance, as a part of the longest, that is rounding
JUDGED = 1_000  # rows whose neighbors on the map are judged
JUDGED_PAIRS = 2 * 10**8  # and of many rows so many fewer that this is how many pairs are compared
COMPARED_BY, LAID_OUT = 0.4, 0.95  # what part of the work is done when neighbors are known, and when all is laid out
ROUNDS = 10  # in which a place settles amid its neighbors
EPOCHS, SMALL = 300, 10_000  # rounds of UMAP up to so many rows, where umap-learn takes 500: a map is no better by the rest (decision 15)
FEW = 10  # rows below which a graph has no spectrum to begin with

Coordinates = NDArray[np.float32]


class Layout:
    """A map: rows as points, such that neighbors stay neighbors.

    Parameters
    ----------
    n_components : int, default=2
        Dimensions of the map.
    method : {'umap', 'densmap', 'pca'}, default='umap'
        UMAP; UMAP that leaves dense places dense; or the plane in which rows differ most, which is quick, and rough.
    metric : {'cosine', 'l2'}, default='cosine'
        By which rows are neighbors.
    n_neighbors : int, default=15
        Neighbors of a row, itself among them: few show detail, many the whole. Fewer where there are no more rows.
    max_rows : int, default=100_000
        Rows that UMAP lays out. Of more it is given a sample, drawn by `random_state`, and `place` brings the others.
    random_state : int, RandomState or None, default=0
        The same gives the same map, to the last bit, on the same machine.
    umap_options : dict, optional
        For `umap.UMAP`, such as `{"min_dist": 0.3, "n_epochs": 100}`.

    Attributes
    ----------
    embedding_ : ndarray of shape (n, n_components), float32
        Where each row lies.
    trustworthiness_ : Score
        How far neighbors on the map are neighbors in truth, from 0 to 1, with its error: by up to 1,000 rows against all. It is left
        out, as None, of fewer than five rows.
    n_features_in_ : int
        Columns.

    References
    ----------
    .. [1] McInnes, Healy, Melville, UMAP: Uniform manifold approximation and projection, arXiv 1802.03426.
    .. [2] Narayan, Berger, Cho, Assessing single-cell transcriptomic variability through density-preserving data visualization, Nature
       Biotechnology 39, 2021.
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        method: Method = "umap",
        metric: Metric = "cosine",
        n_neighbors: int = 15,
        max_rows: int = 100_000,
        random_state: Any = 0,
        umap_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.n_components = n_components
        self.method = method
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.max_rows = max_rows
        self.random_state = random_state
        self.umap_options = umap_options

    def __repr__(self) -> str:
        """Say how it was made."""
        return f"Layout({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

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

    def set_params(self, **params: Any) -> "Layout":
        """Change arguments.

        Parameters
        ----------
        **params : object
            Name to value.

        Returns
        -------
        Layout
            Itself.

        Raises
        ------
        InputError
            When there is no such argument.
        """
        for name, value in params.items():
            one_of(name, PARAMETERS, caller="Layout.set_params", name="parameter")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> "Tags":
        """Say what kind of estimator it is."""
        utils = require("sklearn.utils", extra="maps", caller="Layout")
        return utils.Tags(
            estimator_type=None,
            target_tags=utils.TargetTags(required=False),
            transformer_tags=utils.TransformerTags(preserves_dtype=[]),
            input_tags=utils.InputTags(),
        )

    def fit(self, X: ArrayLike, y: None = None) -> "Layout":
        """Lay rows out.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows, float32 or float16 where they lie; others are copied to float32. They are kept, for `place`.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        Layout
            Itself.

        Raises
        ------
        InputError
            When an argument is outside its range.
        ValueError
            When `X` is no finite matrix, or has fewer than three rows.
        MissingExtraError
            When umap-learn is not installed, and `method` is not 'pca'.
        """
        return self.fit_told(X, tell=lambda part: None)

    def fit_told(self, X: ArrayLike, *, tell: Callable[[float], None]) -> "Layout":
        """Lay rows out as `fit` does, and tell how much is done.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows.
        tell : callable
            Called with what part is done, from 0 to 1; an exception that it raises ends the work.

        Returns
        -------
        Layout
            Itself.
        """
        x = self._rows(X, reset=True)
        seed = self._seed()
        if self.method == "pca":
            self._fitted = x[:0]
            self._mean, self._axes = self._principal(x)
            self.embedding_ = self._projected(x)
        else:
            chosen = chosen_rows(len(x), self.max_rows, seed)
            self._fitted = x if len(chosen) == len(x) else x[chosen]
            self.embedding_ = self._laid_out(x, chosen, seed, tell)
        tell(LAID_OUT)
        self.trustworthiness_ = judged(x, self.embedding_, self.n_neighbors, self.metric, seed)
        tell(1.0)
        return self

    def fit_transform(self, X: ArrayLike, y: None = None) -> Coordinates:
        """Lay rows out, and return where each lies.

        Parameters
        ----------
        X : array or memmap of shape (n, d)
            Rows.
        y : None
            Without effect; part of scikit-learn's contract.

        Returns
        -------
        ndarray of shape (n, n_components), float32
            Also kept as `embedding_`.
        """
        return self.fit(X).embedding_

    def place(self, X: ArrayLike) -> Coordinates:
        """Return where rows that come later lie: amid their neighbors, which stay where they are.

        Parameters
        ----------
        X : array or memmap of shape (m, d)
            Rows.

        Returns
        -------
        ndarray of shape (m, n_components), float32
            Weighted means of the coordinates of the neighbors, whose crowd counts more than who lies apart; with `pca` where the plane has
            them.

        Raises
        ------
        ValueError
            When `X` is no finite matrix of as many columns as before.
        """
        require("sklearn.utils.validation", extra="maps", caller="Layout").check_is_fitted(self, "embedding_")
        x = self._rows(X, reset=False)
        if self.method == "pca":
            return self._projected(x)
        rows, distances = nearest(self._fitted, x, min(self.n_neighbors, len(self._fitted) - 1), self.metric)
        return amid(self._anchors, rows, distances)

    def _rows(self, X: ArrayLike, *, reset: bool) -> Floats:
        """Check rows as scikit-learn does; float32 and float16 stay where they lie."""
        validation = require("sklearn.utils.validation", extra="maps", caller="Layout")
        least = 3 if reset else 1
        x = validation.validate_data(self, X, reset=reset, dtype=[np.float32, np.float16], order="C", copy=False, ensure_min_samples=least)
        return np.asarray(x)

    def _seed(self) -> int:
        """Check the arguments, and draw what the rest is drawn by."""
        one_of(self.method, get_args(Method), caller="Layout", name="method")
        one_of(self.metric, get_args(Metric), caller="Layout", name="metric")
        for name, low in (("n_components", 1), ("n_neighbors", 2), ("max_rows", 3)):
            integer(getattr(self, name), caller="Layout", name=name, low=low)
        if self.umap_options and self.method == "pca":
            raise InputError(f"Layout: umap_options must be left out where method is 'pca'; got {self.umap_options!r}.")
        check = require("sklearn.utils", extra="maps", caller="Layout").check_random_state
        return int(check(self.random_state).randint(2**31 - 1))

    def _laid_out(self, x: Floats, chosen: Rows, seed: int, tell: Callable[[float], None]) -> Coordinates:
        """Lay the chosen rows out by UMAP, and place the others amid them."""
        k = min(self.n_neighbors, len(self._fitted) - 1)
        rows, distances = nearest(self._fitted, x, k, self.metric, lambda part: tell(part * COMPARED_BY))
        self._anchors = self._umap(*_with_themselves(rows[chosen], distances[chosen]), seed)
        embedding = np.empty((len(x), self.n_components), np.float32)
        embedding[chosen] = self._anchors
        others = np.setdiff1d(np.arange(len(x)), chosen, assume_unique=True)
        embedding[others] = amid(self._anchors, rows[others], distances[others])
        return embedding

    def _umap(self, rows: Rows, distances: NDArray[np.float32], seed: int) -> Coordinates:
        """Run UMAP on a graph of neighbors."""
        umap = require("umap", extra="maps", caller="Layout")
        n, k = rows.shape
        options = {
            "n_components": self.n_components,
            "metric": "cosine" if self.metric == "cosine" else "euclidean",
            "n_neighbors": k,
            "densmap": self.method == "densmap",
            "n_epochs": EPOCHS if n <= SMALL and self.method == "umap" else None,
            "init": "spectral" if n > max(FEW, 2 * self.n_components) else "random",
            **(self.umap_options or {}),
        }
        try:
            model = umap.UMAP(
                random_state=seed,
                n_jobs=1,  # more would take the rows in another order each time
                force_approximation_algorithm=True,  # else it compares few rows itself
                precomputed_knn=(rows.astype(np.int32), distances),
                **options,
            )
        except TypeError as error:
            raise InputError(f"Layout: umap_options must be options of umap.UMAP; {error}.") from error
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)  # that it cannot transform: `place` does
            return np.asarray(model.fit_transform(self._fitted), np.float32)

    def _principal(self, x: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean of rows, and the axes (n_components, d) along which they differ most."""
        d = x.shape[1]
        if self.n_components > d:
            raise InputError(f"Layout: n_components must be at most the columns, {d}, where method is 'pca'; got {self.n_components}.")
        mean, products = np.zeros(d), np.zeros((d, d))
        for _, some in blocks(x, self.metric):
            mean += some.sum(axis=0) / len(x)
        for _, some in blocks(x, self.metric):
            some -= mean
            products += some.T @ some
        axes = np.linalg.eigh(products)[1][:, ::-1][:, : self.n_components].T
        largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
        return mean, axes * np.where(largest < 0, -1, 1)[:, None]  # a side of its own, which a solver is free to choose

    def _projected(self, x: Floats) -> Coordinates:
        """Return rows along the axes."""
        embedding = np.empty((len(x), self.n_components), np.float32)
        for part, some in blocks(x, self.metric):
            embedding[part] = (some - self._mean) @ self._axes.T
        return embedding


def judged(x: Floats, embedding: Coordinates, n_neighbors: int, metric: Metric, seed: int) -> Score | None:
    """Return how far a map is to be trusted, by a sample of its rows; None where there are too few to tell."""
    k = min(n_neighbors, (len(x) - 1) // 2)
    if k < 2:
        return None
    n_sampled = min(JUDGED, max(1, JUDGED_PAIRS // len(x)))
    return trustworthiness(x, embedding, n_neighbors=k, metric=metric, n_sampled=n_sampled, random_state=seed)


def nearest(
    x: Floats, queries: Floats, k: int, metric: Metric, tell: Callable[[float], None] = lambda part: None
) -> tuple[Rows, NDArray[np.float32]]:
    """Return the nearest rows (q, k) of each query, and their distances, 1 - cosine or Euclidean: of few rows all are compared."""
    index = Index.build(x, metric=metric, kind="flat" if len(x) * len(queries) <= COMPARED else "fast", recall=RECALL)
    rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        found = index.search(queries[part], k)
        rows[part], distances[part] = found.rows, 1 - found.scores if metric == "cosine" else found.scores
        tell(min(1.0, part.stop / len(queries)))
    distances[distances < SAME * distances.max(initial=0)] = 0  # or rounding would be the distance of a row to its nearest
    return rows, distances


def amid(coordinates: Coordinates, rows: Rows, distances: NDArray[np.float32]) -> Coordinates:
    """Return where rows lie on a map by their neighbors (q, k), nearest first: a weighted mean of their coordinates.

    A neighbor weighs the less the further it is than the nearest, and the further off on the map: the mean of two groups lies in neither.
    """
    further = distances - distances[:, :1]
    weights = np.exp(-further / np.maximum(further.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny))
    weights = np.where(distances[:, :1] == 0, distances == 0, weights)  # a copy lies where the original does
    near = coordinates[rows].astype(np.float64)
    places = near[:, 0]
    for _ in range(ROUNDS):
        still = weights / (1 + ((near - places[:, None]) ** 2).sum(axis=2)) ** 2
        places = np.einsum("qk,qkd->qd", still / still.sum(axis=1, keepdims=True), near)
    return places.astype(np.float32)


def _with_themselves(rows: Rows, distances: NDArray[np.float32]) -> tuple[Rows, NDArray[np.float32]]:
    """Put each row first among its own neighbors, where codes or equals may have left it out."""
    own = np.arange(len(rows))[:, None]
    missing = ~(rows == own).any(axis=1)
    rows[missing, -1] = own[missing, 0]
    distances = np.where(rows == own, 0, distances)
    order = np.argsort(np.where(rows == own, -1, distances), axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(distances, order, axis=1).astype(np.float32)
