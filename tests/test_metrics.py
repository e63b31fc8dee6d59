"""Scores of retrieval, clusterings and maps, held against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import manifold
from sklearn import metrics as theirs

from benzer_lab import _distances, metrics
from benzer_lab.errors import InputError


@pytest.fixture
def blobs() -> tuple[np.ndarray, np.ndarray]:
    """Rows of groups that overlap, and the group of each; one group has a single row."""
    rng = np.random.default_rng(0)
    labels = np.append(rng.integers(7, size=599), 9)
    x = 2 * rng.normal(size=(10, 12))[labels] + rng.normal(size=(600, 12))
    return x.astype(np.float32), labels


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_silhouette_equals_scikit_learns(blobs: tuple[np.ndarray, np.ndarray], metric: str) -> None:
    x, labels = blobs
    want = theirs.silhouette_score(x.astype(np.float64), labels, metric="euclidean" if metric == "l2" else metric)
    got = metrics.silhouette(x, labels, metric=metric, n_sampled=None)
    assert (float(got), got.error, got.n_sampled) == (pytest.approx(want, abs=1e-9), 0, 600)


def test_a_sampled_silhouette_lies_within_its_errors_of_the_whole(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    x, labels = blobs
    whole = float(metrics.silhouette(x, labels, n_sampled=None))
    off = [(float(s) - whole) / s.error for s in (metrics.silhouette(x, labels, n_sampled=150, random_state=i) for i in range(60))]
    assert 0.6 < np.std(off) < 1.4
    assert "150 of 600 rows" in repr(metrics.silhouette(x, labels, n_sampled=150))


def test_indices_of_a_clustering_equal_scikit_learns(blobs: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = blobs
    monkeypatch.setattr(_distances, "BLOCK_BYTES", 5_000)  # many blocks
    exact = x.astype(np.float64)
    assert metrics.calinski_harabasz(x, labels) == pytest.approx(theirs.calinski_harabasz_score(exact, labels), rel=1e-9)
    assert metrics.davies_bouldin(x, labels) == pytest.approx(theirs.davies_bouldin_score(exact, labels), rel=1e-9)


def test_inertia_is_the_sum_of_squared_distances(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    x, labels = blobs
    centers = np.random.default_rng(1).normal(size=(10, 12))
    assert metrics.inertia(x, labels, centers) == pytest.approx(((x.astype(np.float64) - centers[labels]) ** 2).sum(), rel=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_two_clusterings_compare_as_in_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    a, b = zip(*pairs, strict=True)
    assert metrics.adjusted_rand(a, b) == pytest.approx(theirs.adjusted_rand_score(a, b), abs=1e-12)
    assert metrics.normalized_mutual_information(a, b) == pytest.approx(theirs.normalized_mutual_info_score(a, b), abs=1e-9)


def test_adjusted_rand_of_many_rows_does_not_overflow() -> None:
    a = np.random.default_rng(0).integers(3, size=100_000)
    assert metrics.adjusted_rand(a, a) == 1
    assert abs(metrics.adjusted_rand(a, np.random.default_rng(1).integers(3, size=100_000))) < 0.001


def test_average_precision_equals_scikit_learns_over_a_whole_ranking() -> None:
    rng = np.random.default_rng(0)
    relevant = rng.random((30, 50)) < 0.2
    relevant[:, 0] |= ~relevant.any(axis=1)
    scores = -np.arange(50)
    want = [theirs.average_precision_score(line, scores) for line in relevant]
    np.testing.assert_allclose(metrics.average_precision(relevant, relevant.sum(axis=1)), want, rtol=1e-12)


def test_what_was_not_found_lowers_average_precision_and_recall() -> None:
    relevant = np.array([[True, False, True, False]])
    assert metrics.average_precision(relevant, [4]) == pytest.approx((1 + 2 / 3) / 4)
    assert metrics.recall_at(relevant, [4], 3) == pytest.approx(0.5)
    assert metrics.precision_at(relevant, 3) == pytest.approx(2 / 3)


def test_ndcg_equals_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    gains = rng.integers(4, size=(20, 15)).astype(float)
    want = [theirs.ndcg_score([line], [-np.arange(15)]) for line in gains]
    np.testing.assert_allclose(metrics.ndcg(gains), want, rtol=1e-12)
    np.testing.assert_allclose(
        metrics.ndcg(gains[:, :5], gains), [theirs.ndcg_score([g], [-np.arange(15)], k=5) for g in gains], rtol=1e-12
    )


def test_a_query_with_nothing_to_find_has_no_score() -> None:
    nothing = np.zeros((1, 3), bool)
    assert np.isnan([metrics.average_precision(nothing, [0]), metrics.recall_at(nothing, [0], 2), metrics.ndcg(nothing)]).all()


def test_relevance_is_the_label_of_the_query_without_itself() -> None:
    relevant, n = metrics.relevance([[1, 2, -1], [0, 2, 1]], ["a", "a", "b", "a"], [0, 3])
    assert relevant.tolist() == [[True, False, False], [True, False, True]]
    assert n.tolist() == [2, 2]


def test_recall_of_an_index_counts_the_neighbors_there_are() -> None:
    assert metrics.index_recall([[1, 2, 3], [4, -1, -1]], [[3, 2, 9], [4, 5, -1]]).tolist() == pytest.approx([2 / 3, 1 / 2])


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("k", [1, 5, 30])
def test_trustworthiness_equals_scikit_learns(blobs: tuple[np.ndarray, np.ndarray], metric: str, k: int) -> None:
    x = blobs[0].astype(np.float64)
    layout = x[:, :2] + np.random.default_rng(1).normal(size=(600, 2))
    want = manifold.trustworthiness(x, layout, n_neighbors=k, metric="euclidean" if metric == "l2" else metric)
    got = metrics.trustworthiness(x, layout, n_neighbors=k, metric=metric)
    assert (float(got), got.error) == (pytest.approx(want, abs=1e-9), 0)
    if metric == "l2":
        back = manifold.trustworthiness(layout, x, n_neighbors=k)
        assert float(metrics.continuity(x, layout, n_neighbors=k)) == pytest.approx(back, abs=1e-9)


def test_a_sample_of_a_map_tells_its_error(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    x = blobs[0]
    layout = x[:, :2]
    whole, part = metrics.trustworthiness(x, layout), metrics.trustworthiness(x, layout, n_sampled=200)
    assert part.error > 0
    assert abs(float(part) - float(whole)) < 4 * part.error


def test_a_perfect_map_is_perfect(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    x = blobs[0]
    assert float(metrics.trustworthiness(x, 3 * x)) == float(metrics.continuity(x, 3 * x)) == 1


def test_metrics_refuse_what_does_not_fit(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    x, labels = blobs
    with pytest.raises(InputError, match="one for each row"):
        metrics.silhouette(x, labels[:5])
    for clusters in (np.zeros(600), np.arange(600)):
        with pytest.raises(InputError, match="must name 2 to 599 clusters"):
            metrics.calinski_harabasz(x, clusters)
    with pytest.raises(InputError, match="below half of the 600 rows"):
        metrics.trustworthiness(x, x[:, :2], n_neighbors=300)
    with pytest.raises(InputError, match="a line for each row"):
        metrics.continuity(x, x[:5, :2])
    with pytest.raises(InputError, match="one of the 3 places"):
        metrics.precision_at(np.zeros((1, 3), bool), 4)
    with pytest.raises(InputError, match="a label for each of the same rows"):
        metrics.adjusted_rand([0, 1], [0])
    with pytest.raises(InputError, match="rows of 2 labels"):
        metrics.relevance([[2]], [0, 1], [0])
