"""How many clusters: the curve and the choice."""

import numpy as np
import pytest

from benzer_lab import metrics
from benzer_lab.choosing import choose_k
from benzer_lab.clusters import KMeans
from benzer_lab.errors import InputError


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    """Rows of six groups that lie well apart."""
    rng = np.random.default_rng(0)
    return (12 * np.eye(6, 8)[rng.integers(6, size=300)] + rng.normal(size=(300, 8))).astype(np.float32)


def test_the_number_of_groups_that_are_there_is_chosen(blobs: np.ndarray) -> None:
    choice = choose_k(blobs, ks=[2, 4, 6, 8, 12])
    assert (choice.n_clusters, choice.knee) == (6, 6)
    assert choice.reason == choice.reasons["en"]
    assert all("6 " in reason and "2 " in reason and "12" in reason for reason in choice.reasons.values())


def test_the_curve_holds_the_scores_of_each_number(blobs: np.ndarray) -> None:
    frame = choose_k(blobs, ks=[3, 6]).to_frame().set_index("k")
    made = KMeans(6).fit(blobs)
    assert frame.loc[6, "silhouette"] == pytest.approx(metrics.silhouette(blobs, made.labels_).value)
    assert frame.loc[6, "calinski_harabasz"] == pytest.approx(metrics.calinski_harabasz(blobs, made.labels_))
    assert frame.loc[6, "davies_bouldin"] == pytest.approx(metrics.davies_bouldin(blobs, made.labels_))
    assert frame.loc[6, "inertia"] == pytest.approx(made.inertia_)
    assert 0.7 < frame.loc[6, "stability"] <= 1  # 0.80: one run in four ends beside the best
    assert frame["chosen"].tolist() == [False, True]


def test_numbers_to_try_lie_between_the_fourth_and_the_square_root_of_the_rows(rng: np.random.Generator) -> None:
    tried = choose_k(rng.normal(size=(100, 2)).astype(np.float32)).k
    assert (tried[0], tried[-1]) == (3, 10)


def test_what_progress_raises_stops_the_work(blobs: np.ndarray) -> None:
    told = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        choose_k(blobs, ks=[2, 3, 4], progress=stop)
    assert told == [(0, 3), (1, 3)]


def test_rows_that_are_all_the_same_have_a_choice_too() -> None:
    with pytest.warns(UserWarning, match="no more different rows"):
        choice = choose_k(np.ones((50, 4), np.float32))
    assert choice.n_clusters == 3


@pytest.mark.parametrize(
    ("x", "ks", "message"),
    [
        (np.ones((3, 2), np.float32), None, "4 rows or more; got 3"),
        (np.ones((9, 2), np.float32), [2, 9], "from 2 to 8"),
        (np.ones((9, 2), np.float32), [1], "ks must be a whole number of 2 or more; got 1"),
        (np.ones((9, 2), np.float32), [], "from 2 to 8"),
    ],
)
def test_what_cannot_be_tried_is_refused(x: np.ndarray, ks: list[int] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_k(x, ks=ks)
