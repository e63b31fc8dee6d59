"""K-means: scikit-learn's contract, and what it promises beyond."""

import numpy as np
import pytest
from sklearn import cluster
from sklearn.utils.estimator_checks import parametrize_with_checks

from benzer_lab.clusters import KMeans
from benzer_lab.errors import InputError
from benzer_lab.metrics import adjusted_rand, inertia


@parametrize_with_checks([KMeans(n_clusters=3), KMeans(n_clusters=3, metric="cosine", n_init=1)])
def test_k_means_keeps_scikit_learns_contract(estimator: KMeans, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.fixture
def grouped() -> tuple[np.ndarray, np.ndarray]:
    """Rows of twelve groups of several lengths, and the group of each."""
    rng = np.random.default_rng(0)
    labels = rng.integers(12, size=3_000)
    x = 4 * rng.normal(size=(12, 16))[labels] + rng.normal(size=(3_000, 16))
    return (x * rng.uniform(0.5, 2, size=(3_000, 1))).astype(np.float32), labels


def test_inertia_is_as_low_as_scikit_learns(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    x, _ = grouped
    ours = [KMeans(12, n_init=10, random_state=seed).fit(x).inertia_ for seed in range(3)]
    theirs = [cluster.KMeans(12, n_init=10, random_state=seed, init="random").fit(x).inertia_ for seed in range(3)]
    assert np.median(ours) < 1.01 * np.median(theirs)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_inertia_and_labels_are_those_of_all_rows(grouped: tuple[np.ndarray, np.ndarray], metric: str) -> None:
    x, _ = grouped
    made = KMeans(9, metric=metric).fit(x)
    seen = x.astype(np.float64) / (np.linalg.norm(x, axis=1, keepdims=True) if metric == "cosine" else 1)
    distances = np.linalg.norm(seen[:, None] - made.cluster_centers_, axis=2)
    assert (distances.argmin(axis=1) == made.labels_).all()
    assert made.inertia_ == pytest.approx(inertia(seen, made.labels_, made.cluster_centers_), rel=1e-6)
    np.testing.assert_allclose(made.transform(x), distances, atol=1e-3)
    assert made.counts_.tolist() == np.bincount(made.labels_, minlength=9).tolist()


def test_cosine_sees_directions_only(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    x, labels = grouped
    made = KMeans(12, metric="cosine", n_init=10).fit(x)
    np.testing.assert_allclose(np.linalg.norm(made.cluster_centers_, axis=1), 1, atol=1e-6)
    assert adjusted_rand(made.labels_, labels) > 0.85  # 0.90 when measured: a run may end beside the best
    again = KMeans(12, metric="cosine", n_init=10).fit(x / np.linalg.norm(x, axis=1, keepdims=True))
    assert again.inertia_ == pytest.approx(made.inertia_, rel=0.01)


def test_the_same_seed_gives_the_same_clusters(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    x, _ = grouped
    one, other, third = (KMeans(12, n_init=1, random_state=seed).fit(x) for seed in (5, 5, 6))
    assert (one.labels_ == other.labels_).all()
    assert (one.cluster_centers_ == other.cluster_centers_).all()
    assert not np.array_equal(one.cluster_centers_, third.cluster_centers_)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_rows_are_read_where_they_lie(grouped: tuple[np.ndarray, np.ndarray], tmp_path: object, dtype: type) -> None:
    x = grouped[0].astype(dtype)
    np.save(f"{tmp_path}/x.npy", x)
    mapped = np.load(f"{tmp_path}/x.npy", mmap_mode="r")
    assert (KMeans(12).fit(mapped).labels_ == KMeans(12).fit(x).labels_).all()
    whole = KMeans(12).fit(x.astype(np.float32))
    assert KMeans(12).fit(mapped).inertia_ == pytest.approx(whole.inertia_, rel=1e-3)


def test_no_cluster_is_empty() -> None:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(40, 5)), 50, axis=0)
    made = KMeans(40, n_init=1).fit(x)
    assert made.counts_.min() > 0


def test_fewer_different_rows_than_clusters_are_told() -> None:
    x = np.repeat(np.eye(3), 20, axis=0)
    with pytest.warns(UserWarning, match="3 clusters hold rows, fewer than n_clusters=5"):
        KMeans(5).fit(x)


def test_rows_that_come_later_move_the_centers(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    x, _labels = grouped
    whole = KMeans(12, n_init=10).fit(x)
    grown = KMeans(12, n_init=10)
    for start in range(0, 3_000, 500):
        grown.partial_fit(x[start : start + 500])
    assert grown.counts_.sum() == 3_000
    assert adjusted_rand(grown.predict(x), whole.labels_) > 0.8
    assert -grown.score(x) < 1.15 * whole.inertia_


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_clusters": 0}, "n_clusters must be a whole number of 1 or more"),
        ({"n_clusters": 4_000}, "n_samples=3000 should be >= 4000"),
        ({"metric": "l1"}, "metric must be one of 'cosine', 'l2'"),
        ({"n_init": 0}, "n_init must be a whole number"),
        ({"max_iter": 0}, "max_iter must be a whole number"),
        ({"tol": -1}, "tol must be 'auto', or a number of 0 or more"),
        ({"tol": "small"}, "tol must be 'auto', or a number of 0 or more"),
        ({"device": "cuda:9"}, "device must be"),
    ],
)
def test_k_means_refuses_what_it_cannot_do(grouped: tuple[np.ndarray, np.ndarray], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        KMeans(**options).fit(grouped[0])  # type: ignore[arg-type]


def test_groups_that_lie_apart_are_found_from_any_seed() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(40, size=4_000)
    x = 6 * rng.normal(size=(40, 32))[labels] + rng.normal(size=(4_000, 32))
    for seed in range(3):
        assert adjusted_rand(KMeans(40, n_init=1, random_state=seed).fit(x).labels_, labels) > 0.97
    random = cluster.KMeans(40, n_init=1, init="random", random_state=0).fit(x)
    assert KMeans(40, n_init=1).fit(x).inertia_ < 0.5 * random.inertia_  # random rows leave out groups: 0.24 when measured


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_many_rows_in_many_clusters_end_where_lloyds_rounds_end(metric: str) -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(300, 24))[rng.integers(300, size=60_000)] + 0.7 * rng.normal(size=(60_000, 24))).astype(np.float32)
    made = KMeans(100, metric=metric, n_init=1).fit(x)
    seen = x / np.linalg.norm(x, axis=1, keepdims=True) if metric == "cosine" else x
    started = cluster.KMeans(100, n_init=1, max_iter=3, tol=0, init=made.cluster_centers_).fit(seen)  # goes on where ours ended
    assert adjusted_rand(made.labels_, started.labels_) > 0.9
    if metric == "l2":
        assert made.inertia_ < 1.001 * started.inertia_
        assert made.inertia_ < 1.01 * cluster.KMeans(100, n_init=1, random_state=0).fit(x).inertia_
