"""How many clusters: a curve over their number, and a choice with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import Metric, integer
from benzer_lab._clusterings import adjusted_rand, calinski_harabasz, davies_bouldin, silhouette
from benzer_lab._distances import chosen_rows, seen_by
from benzer_lab._engine import Floats
from benzer_lab.clusters import KMeans
from benzer_lab.errors import InputError
from benzer_lab.progress import Progress, show

CALLER = "choose_k"
MOST = 64  # clusters that are tried where nobody says which: what a person can look through
TRIED = 12  # numbers to that, from the fourth root of n: two halves of an archive are sure, and say nothing
SAMPLED = 10_000  # rows that all is tried on
PAIRS = 2  # of runs, each on another part of the rows, that are held against each other
PART = 0.8  # of the rows that such a run sees
NEAR = 0.9  # of the best silhouette: numbers as good as the best
COLUMNS = ("silhouette", "silhouette_error", "calinski_harabasz", "davies_bouldin", "inertia", "stability")
REASONS = {
    "en": "{k} clusters: of the numbers from {first} to {last} whose silhouette is within a tenth of the best ({top:.3f} at {best}), the"
    " one whose clusters come back most surely among other images (adjusted Rand {surely:.2f}).",
    "tr": "{k} küme: {first} ile {last} arasında, silueti en iyisine ({best} kümede {top:.3f}) onda bir yakın olan sayılardan, kümeleri"
    " başka görsellerle denendiğinde en tutarlı biçimde yeniden ortaya çıkanı (düzeltilmiş Rand {surely:.2f}).",
}


@dataclass(frozen=True, eq=False)
class Choice:
    """How good each number of clusters is, and which was chosen.

    Parameters
    ----------
    n_clusters : int
        The number that was chosen.
    reasons : mapping of str to str
        Why, in a sentence, by language: 'en' and 'tr'.
    knee : int
        Where the inertia stops falling fast.
    k : ndarray of shape (m,), int64
        The numbers that were tried, ascending.
    scores : mapping of str to ndarray of shape (m,)
        silhouette (-1 to 1, 1 best) and its standard error, calinski_harabasz (higher is better), davies_bouldin (0 best), inertia, and
        stability: how alike two clusterings of other parts of the rows are (adjusted Rand, 1 is the same, 0 chance).
    n_sampled, n : int
        Rows that all was tried on, of how many.
    """

    n_clusters: int
    reasons: Mapping[str, str]
    knee: int
    k: NDArray[np.int64]
    scores: Mapping[str, NDArray[np.float64]] = field(repr=False)
    n_sampled: int
    n: int

    @property
    def reason(self) -> str:
        """Why, in English."""
        return self.reasons["en"]

    def __repr__(self) -> str:
        """Say what was chosen, and of what."""
        return f"Choice({self.n_clusters} of {', '.join(map(str, self.k))}; {self.n_sampled:,} of {self.n:,} rows. {self.reason})"

    def to_frame(self) -> Any:
        """Return the curve as a DataFrame.

        Returns
        -------
        pandas.DataFrame
            A row for each number tried: k, the scores, and whether it is the chosen one and the knee.
        """
        import pandas as pd

        return pd.DataFrame({"k": self.k, **self.scores, "chosen": self.k == self.n_clusters, "knee": self.k == self.knee})

    def _repr_html_(self) -> str:
        """Draw the curve for a notebook."""
        return str(self.to_frame().to_html(index=False, float_format="{:.3f}".format, caption=self.reason))


def choose_k(
    x: Floats, *, ks: Sequence[int] | None = None, metric: Metric = "l2", random_state: int = 0, progress: Progress = False
) -> Choice:
    """Try several numbers of clusters and choose one.

    Of the numbers whose silhouette is within a tenth of the best, the one is chosen whose clusters come back most surely among other
    rows: a silhouette alone grows as long as clusters shrink to near copies.

    Parameters
    ----------
    x : ndarray or memmap of shape (n, d)
        Rows; of more than 10,000 a sample is tried.
    ks : sequence of int, optional
        Numbers to try, each from 2 to n - 1; a dozen from the fourth to the square root of n, at most 64, where it is left out.
    metric : {'l2', 'cosine'}, default='l2'
        By which they are clustered.
    random_state : int, default=0
        Of the sample and of the runs.
    progress : bool or callable, default=False
        A bar on stderr, or what is called with (done, total); what it raises stops the work.

    Returns
    -------
    Choice
        The curve, and the number chosen with its reason.

    Raises
    ------
    InputError
        When there are fewer than four rows, or a number is out of range.

    References
    ----------
    .. [1] Ben-Hur, Elisseeff, Guyon, A stability based method for discovering structure in clustered data, Pacific Symposium on
       Biocomputing, 2002.
    """
    n = len(x)
    if n < 4:
        raise InputError(f"{CALLER}: x must have 4 rows or more; got {n}.")
    rows = np.sort(chosen_rows(n, SAMPLED, random_state))
    sample = np.ascontiguousarray(seen_by(metric, np.asarray(x[rows], np.float32)), np.float32)
    tried = _tried(len(sample), ks)
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}

    def steps() -> Iterator[int]:
        for k in tried:
            for name, value in _scored(sample, int(k), metric, random_state).items():
                found[name].append(value)
            yield 1

    show(steps(), progress, len(tried), 0, unit="numbers of clusters")
    scores = {name: np.array(values) for name, values in found.items()}
    chosen, best = _best(scores)
    told = {
        "first": int(tried[0]),
        "last": int(tried[-1]),
        "k": int(tried[chosen]),
        "best": int(tried[best]),
        "top": scores["silhouette"][best],
        "surely": scores["stability"][chosen],
    }
    return Choice(
        n_clusters=int(tried[chosen]),
        reasons={language: sentence.format(**told) for language, sentence in REASONS.items()},
        knee=int(tried[_knee(np.log(tried), scores["inertia"])]),
        k=tried,
        scores=scores,
        n_sampled=len(sample),
        n=n,
    )


def _tried(n: int, ks: Sequence[int] | None) -> NDArray[np.int64]:
    """Return the numbers to try."""
    if ks is None:
        return np.unique(np.geomspace(max(2, n**0.25), max(2, min(MOST, n**0.5)), TRIED).round().astype(np.int64))
    numbers = sorted({integer(k, caller=CALLER, name="ks", low=2) for k in ks})
    if not numbers or numbers[-1] >= n:
        raise InputError(f"{CALLER}: ks must be numbers from 2 to {n - 1:,}, one less than there are rows; got {list(ks)}.")
    return np.array(numbers, np.int64)


def _scored(x: Floats, k: int, metric: Metric, seed: int) -> dict[str, float]:
    """Return how good a number of clusters is; the rows are as the metric sees them."""
    made = KMeans(k, metric=metric, random_state=seed).fit(x)
    if len(np.unique(made.labels_)) < 2:  # all rows are the same
        return dict.fromkeys(COLUMNS, 0.0) | {"inertia": made.inertia_}
    judged = silhouette(x, made.labels_, metric=metric, random_state=seed)
    return {
        "silhouette": judged.value,
        "silhouette_error": judged.error,
        "calinski_harabasz": calinski_harabasz(x, made.labels_),
        "davies_bouldin": davies_bouldin(x, made.labels_),
        "inertia": made.inertia_,
        "stability": float(np.mean([_agreement(x, k, metric, seed + 2 * pair) for pair in range(PAIRS)])),
    }


def _agreement(x: Floats, k: int, metric: Metric, seed: int) -> float:
    """Return how alike two clusterings are that were found among other parts of the rows, in what they say of all rows."""
    rng = np.random.default_rng(seed)
    labels = []
    for run in range(2):
        seen = x[rng.permutation(len(x))[: max(k, int(PART * len(x)))]]
        labels.append(KMeans(k, metric=metric, n_init=1, random_state=seed + run).fit(seen).predict(x))
    return adjusted_rand(*labels)


def _best(scores: Mapping[str, NDArray[np.float64]]) -> tuple[int, int]:
    """Return which is chosen, and which has the best silhouette."""
    judged = scores["silhouette"]
    best = int(judged.argmax())
    near = judged >= judged[best] - (1 - NEAR) * abs(judged[best])
    return int(np.where(near, scores["stability"], -np.inf).argmax()), best


def _knee(x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
    """Return where a falling curve lies farthest below the straight line between its ends."""
    if len(x) < 3 or y[0] == y[-1]:
        return 0
    return int(((x - x[0]) / (x[-1] - x[0]) + (y - y[-1]) / (y[0] - y[-1])).argmin())
