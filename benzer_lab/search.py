"""Search: a query in, the most similar designs out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL.Image import Image

from benzer_lab import _checks
from benzer_lab._checks import Metric
from benzer_lab._engine import BLOCK_ROWS
from benzer_lab._selection import Selection
from benzer_lab.embedding import Picture
from benzer_lab.errors import InputError
from benzer_lab.explanations import Comparison
from benzer_lab.features import FeatureSet, unit
from benzer_lab.filters import passing
from benzer_lab.hits import Hits
from benzer_lab.index import Index
from benzer_lab.metadata import Metadata
from benzer_lab.palettes import Palette

Rows = NDArray[np.int64]
Vector = NDArray[np.float64]
CALLER = "find_similar"
COLOR_WEIGHT = 0.1  # cosines of palettes spread twice as wide as those of patterns (docs/decisions/0012-default-weight.md)
IMAGES_A_DESIGN = 4  # how many more images are found at first, and then again, where one hit a design is asked for


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a search, checked once.

    Parameters
    ----------
    top_n : int, default=100
        How many hits at most, 1 or more; more than there are means all.
    metric : {'cosine', 'l2'}, optional
        Measure; the model's own where it is left out.
    filters : mapping, optional
        Conditions on the metadata, see `benzer_lab.filters.passing`.
    color_weight : float from 0 to 1, optional
        Share of color in a `color+pattern` search: 0 is pattern only, 1 color only; 0.1 where it is left out.
    min_similarity : float from 0 to 1, default=0
        Hits below it are cut off.
    group_by : {'design'}, optional
        One hit a design: its best image. An image without a design stands for itself.
    include_query : bool, default=False
        Whether the query images may be among the hits.

    Raises
    ------
    InputError
        When a value is outside these ranges.
    """

    top_n: int = 100
    metric: Metric | None = None
    filters: Mapping[str, Any] | None = None
    color_weight: float | None = None
    min_similarity: float = 0.0
    group_by: str | None = None
    include_query: bool = False

    def __post_init__(self) -> None:
        """Check each value by itself."""
        _checks.integer(self.top_n, caller=CALLER, name="top_n", low=1)
        _checks.fraction(self.min_similarity, caller=CALLER, name="min_similarity")
        if self.metric is not None:
            _checks.one_of(self.metric, get_args(Metric), caller=CALLER, name="metric")
        if self.color_weight is not None:
            _checks.fraction(self.color_weight, caller=CALLER, name="color_weight")
        if self.group_by is not None:
            _checks.one_of(self.group_by, ["design"], caller=CALLER, name="group_by")


class Searcher:
    """Search in one set of features; never changed once made, for any number of threads at once.

    Parameters
    ----------
    features : FeatureSet of shape (n, d)
        Where to search.
    metadata : Metadata of n rows, optional
        In the order of the features (`Metadata.align`); without it there are no fields to filter by.
    index : Index of the same features, optional
        What finds the nearest rows; without it, and by a metric that it does not serve, every row is compared.
    thumbnail : callable, optional
        Gives the WebP picture of a file name, for hits to show.
    picture : callable, optional
        Gives the image of a file name, for hits to be explained; raises ImageError where there is none.
    """

    def __init__(
        self,
        features: FeatureSet,
        metadata: Metadata | None = None,
        *,
        index: Index | None = None,
        thumbnail: Callable[[str], bytes | None] | None = None,
        picture: Callable[[str], Image] | None = None,
    ) -> None:
        self.features = features
        self.metadata = Metadata.from_records({name: {} for name in features.filenames}) if metadata is None else metadata
        self._thumbnail, self._picture = thumbnail, picture
        if len(self.metadata) != len(features):
            raise InputError(f"Searcher: metadata must have a row for each of {len(features):,} images; got {len(self.metadata):,}.")
        if index is not None and len(index) != len(features):
            raise InputError(f"Searcher: index must be of the {len(features):,} rows of the features; got one of {len(index):,}.")
        metrics = {_order(features, metric) for metric in get_args(Metric)} - ({index.metric} if index is not None else set())
        self._indexes = {metric: Index.build(features, metric=metric, kind="flat", device="cpu") for metric in metrics}
        if index is not None:
            self._indexes[index.metric] = index
        self.index = self._indexes[_order(features, features.metric)]

    def __repr__(self) -> str:
        """Say what is searched, and by what."""
        return f"Searcher({self.features!r}, {self.index!r})"

    def find_similar(
        self,
        query: str | Sequence[str] | ArrayLike,
        question: Question | None = None,
        *,
        among: NDArray[np.bool_] | None = None,
        shown: Sequence[Picture | Palette] = (),
    ) -> Hits:
        """Find the images most similar to the query.

        Parameters
        ----------
        query : str, sequence of str, or array of shape (d,) or (q, d)
            File names among the features, or rows of the same model; several mean the mean of their rows (of unit rows for cosine).
        question : Question, optional
            How many, by which metric, among which.
        among : ndarray of shape (n,), bool, optional
            Which rows may be found, beside what the filters say.
        shown : sequence of images or palettes, length q, optional
            What the rows of the query were made of, for hits to be explained.

        Returns
        -------
        Hits
            Most similar first; equal scores keep row order. The result equals brute force in float64 over the rows that pass, to the
            rounding of float32 and the recall of the index.

        Raises
        ------
        InputError
            When the query is unknown or of another width, or the question does not fit the features.
        """
        question = question or Question()
        metric = question.metric or self.features.metric
        own, vectors = self._rows_of(query)
        weights = self._weights(question.color_weight)
        target = self._target(vectors, metric, weights)
        left_out = own[:0] if question.include_query else np.unique(own)
        mask = self.passing(question, left_out, among)
        n_candidates = len(self.features) - len(left_out) if mask is None else int(np.count_nonzero(mask))
        found, scores = self._nearest(target, metric, None if mask is None else Selection(mask), left_out, question)
        similarities = similarity(scores, metric)
        kept = similarities >= question.min_similarity
        comparison = Comparison(
            features=self.features,
            metadata=self.metadata,
            metric=metric,
            weights=weights,
            vectors=vectors,
            rows=own,
            shown=shown,
            picture=self._picture,
        )
        return self.hits(found[kept], scores[kept], similarities[kept], metric, n_candidates, comparison)

    def similarities(self, filename: str) -> NDArray[np.float32]:
        """Tell how similar every image is to one of them, by the model's own metric.

        Parameters
        ----------
        filename : str
            The one image.

        Returns
        -------
        ndarray of shape (n,), float32
            From 0 to 1, 1 is the same, in the order of the features; equal to those of `find_similar`.

        Raises
        ------
        InputError
            When there is no such image.
        """
        metric, (_, vectors) = self.features.metric, self._rows_of(filename)
        target = self._target(vectors, metric, self._weights(None))
        return similarity(self._scores(target, metric, np.arange(len(self.features))), metric)

    def passing(self, question: Question, left_out: Rows, among: NDArray[np.bool_] | None = None) -> NDArray[np.bool_] | None:
        """Tell which rows may be found.

        Parameters
        ----------
        question : Question
            Its filters count.
        left_out : ndarray of shape (q,), int64
            Rows that are not to be found.
        among : ndarray of shape (n,), bool, optional
            Which rows may be found, beside what the filters say.

        Returns
        -------
        ndarray of shape (n,), bool, or None
            None where there is no condition: all rows but those left out.

        Raises
        ------
        InputError
            When a filter does not fit the metadata.
        """
        mask = passing(question.filters, self.metadata, caller=CALLER)
        if among is not None:
            mask = among.copy() if mask is None else mask & among
        if mask is not None:
            mask[left_out] = False
        return mask

    def hits(
        self,
        rows: Rows,
        scores: NDArray[np.float32],
        similarities: NDArray[np.float32],
        metric: Metric,
        n_candidates: int,
        comparison: Comparison | None = None,
    ) -> Hits:
        """Name the rows found.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64
            Best first.
        scores, similarities : ndarray of shape (k,), float32
            Of each.
        metric : {'cosine', 'l2'}
            By which they were scored.
        n_candidates : int
            How many rows passed.
        comparison : Comparison, optional
            What was compared, for `Hits.explain`.

        Returns
        -------
        Hits
            With what is known of each.
        """
        return Hits(
            filenames=tuple(self.features.names(rows)),
            scores=scores,
            similarities=similarities,
            records=self.metadata.records(rows),
            model=self.features.model,
            version=self.features.version,
            metric=metric,
            n_candidates=n_candidates,
            thumbnail=self._thumbnail,
            recall=self._indexes[_order(self.features, metric)].recall_,
            comparison=comparison,
        )

    def _rows_of(self, query: str | Sequence[str] | ArrayLike) -> tuple[Rows, Vector]:
        """Return the query's own rows, if it has any, and its vectors (q, d)."""
        x = self.features.x
        names = [query] if isinstance(query, str) else query
        if isinstance(names, Sequence) and any(isinstance(name, str) for name in names):
            if not all(isinstance(name, str) for name in names):
                raise InputError(f"{CALLER}: query must be file names only or rows only; got both.")
            rows = self.features.rows(cast(Sequence[str], names), caller=CALLER)
            return rows, np.asarray(x[rows], np.float64)
        vectors = np.atleast_2d(np.asarray(query, np.float64))
        if vectors.ndim != 2 or vectors.shape[1] != x.shape[1] or not len(vectors) or not np.isfinite(vectors).all():
            raise InputError(
                f"{CALLER}: query must be a file name or finite rows of {x.shape[1]} columns, as {self.features.model}"
                f" {self.features.version} has; got shape {vectors.shape}."
            )
        return np.empty(0, np.int64), vectors

    def _weights(self, color_weight: float | None) -> dict[str, float]:
        """Return how much each of the joined models counts; one that is not joined is all that counts."""
        blocks = self.features.blocks
        if blocks is None or "color" not in blocks:
            if color_weight is not None:
                raise InputError(
                    f"{CALLER}: color_weight must be left out with model {self.features.model!r}; only 'color+pattern' mixes the two."
                )
            return {self.features.model: 1.0}
        weight = COLOR_WEIGHT if color_weight is None else color_weight
        return {model: weight if model == "color" else 1 - weight for model in blocks}

    def _target(self, vectors: Vector, metric: Metric, weights: Mapping[str, float]) -> Vector:
        """Return the one vector that stands for the query: a mean, and for joined models each block at its weight."""
        blocks = self.features.blocks
        if blocks is None or "color" not in blocks:
            return unit(unit(vectors).mean(axis=0)) if metric == "cosine" else vectors.mean(axis=0)
        target = np.empty(vectors.shape[1])
        for model, columns in blocks.items():
            target[columns] = weights[model] * unit(unit(vectors[:, columns]).mean(axis=0))
        return target

    def _nearest(
        self, target: Vector, metric: Metric, selection: Selection | None, left_out: Rows, question: Question
    ) -> tuple[Rows, NDArray[np.float32]]:
        """Return the best of the rows that pass, ordered in float64; where designs are asked for, of each its best image."""
        index = self._indexes[_order(self.features, metric)]
        aim = target if index.metric == "l2" else unit(target)
        n = len(self.features) if selection is None else selection.n
        wanted = question.top_n + (len(left_out) if selection is None else 0)
        if question.group_by:
            wanted *= IMAGES_A_DESIGN
        while True:
            rows, _ = index.candidates(aim[None], min(wanted, n), selection)[0]
            scores = self._scores(target, metric, rows)
            order = np.lexsort((rows, -scores if metric == "cosine" else scores))[:wanted]
            rows, scores = rows[order], scores[order]
            if selection is None and len(left_out):
                others = ~np.isin(rows, left_out)
                rows, scores = rows[others], scores[others]
            if question.group_by:
                first = np.sort(np.unique(self.metadata.designs[rows], return_index=True)[1])
                rows, scores = rows[first], scores[first]
            if len(rows) >= question.top_n or wanted >= n:
                return rows[: question.top_n], scores[: question.top_n]
            wanted *= IMAGES_A_DESIGN

    def _scores(self, target: Vector, metric: Metric, rows: Rows) -> NDArray[np.float32]:
        """Return the scores of some rows, computed in float64 the same way for every row."""
        features, scores = self.features, np.empty(len(rows), np.float32)
        for start in range(0, len(rows), BLOCK_ROWS):
            some = rows[start : start + BLOCK_ROWS]
            x = np.asarray(features.x[some], np.float64)
            if metric == "l2" and features.blocks is None:
                x -= target
                score = np.sqrt(np.einsum("ij,ij->i", x, x))
            else:
                blocks = (features.blocks or {"": slice(None)}).values()  # float32 blocks are unit only to its rounding
                score = np.clip(sum(np.einsum("ij,j->i", unit(x[:, columns]), target[columns]) for columns in blocks), -1, 1)
                score = np.sqrt(2 - 2 * score) if metric == "l2" else score
            scores[start : start + BLOCK_ROWS] = score
        return scores


def _order(features: FeatureSet, metric: Metric) -> Metric:
    """Return the metric by whose order a model is searched: that of joined models is one, at either metric."""
    return "cosine" if features.blocks is not None else metric


def similarity(scores: NDArray[np.float32], metric: str) -> NDArray[np.float32]:
    """Return scores as similarities.

    Parameters
    ----------
    scores : ndarray of shape (k,)
        Cosine (-1 to 1, 1 best) or Euclidean distance (0 best).
    metric : {'cosine', 'l2'}
        Which of the two.

    Returns
    -------
    ndarray of shape (k,), float32
        From 0 to 1, 1 is the same: (1 + cosine) / 2, or 1 / (1 + distance).
    """
    return np.asarray((1 + scores) / 2 if metric == "cosine" else 1 / (1 + scores), np.float32)
