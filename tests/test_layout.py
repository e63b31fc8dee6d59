"""Maps: scikit-learn's contract, that neighbors stay neighbors, and that the same seed draws the same map."""

import warnings

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.utils.estimator_checks import parametrize_with_checks

from benzer_lab.errors import InputError
from benzer_lab.layout import Layout, nearest
from benzer_lab.metrics import silhouette

FEW_EPOCHS = {"n_epochs": 50}


@parametrize_with_checks([Layout(method="pca", n_components=1), Layout(n_neighbors=5, umap_options={"n_epochs": 10})])
def test_layout_keeps_scikit_learns_contract(estimator: Layout, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.fixture(scope="module")
def grouped() -> tuple[np.ndarray, np.ndarray]:
    """Rows of eight groups of several lengths, and the group of each."""
    rng = np.random.default_rng(0)
    labels = rng.integers(8, size=600)
    x = 4 * rng.normal(size=(8, 16))[labels] + rng.normal(size=(600, 16))
    return (x * rng.uniform(0.5, 2, size=(600, 1))).astype(np.float32), labels


@pytest.fixture(scope="module")
def laid_out(grouped: tuple[np.ndarray, np.ndarray]) -> Layout:
    return Layout(umap_options=FEW_EPOCHS).fit(grouped[0])


def test_a_map_keeps_neighbors_and_groups(grouped: tuple[np.ndarray, np.ndarray], laid_out: Layout) -> None:
    assert laid_out.embedding_.shape == (600, 2)
    assert laid_out.embedding_.dtype == np.float32
    assert laid_out.trustworthiness_ is not None
    assert laid_out.trustworthiness_.value > 0.9  # 0.95 when measured
    assert silhouette(laid_out.embedding_, grouped[1]).value > 0.5


def test_the_same_seed_draws_the_same_map(grouped: tuple[np.ndarray, np.ndarray], laid_out: Layout) -> None:
    again, other = (Layout(umap_options=FEW_EPOCHS, random_state=seed).fit_transform(grouped[0]) for seed in (0, 1))
    assert (again == laid_out.embedding_).all()
    assert not np.array_equal(other, again)


def test_rows_that_come_later_lie_amid_their_neighbors(grouped: tuple[np.ndarray, np.ndarray], laid_out: Layout) -> None:
    x, labels = grouped
    np.testing.assert_allclose(laid_out.place(x[:50]), laid_out.embedding_[:50], atol=1e-5)  # each is its own nearest
    later = laid_out.place(1.1 * x + 0.05)
    centers = np.stack([laid_out.embedding_[labels == label].mean(axis=0) for label in range(8)])
    assert (np.linalg.norm(later[:, None] - centers, axis=2).argmin(axis=1) == labels).mean() > 0.95


def test_of_many_rows_a_sample_is_laid_out_and_the_others_placed(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    x, labels = grouped
    made = Layout(umap_options=FEW_EPOCHS, max_rows=300).fit(x)
    assert made.trustworthiness_ is not None
    assert made.trustworthiness_.value > 0.85
    assert silhouette(made.embedding_, labels).value > 0.5
    np.testing.assert_allclose(made.place(x), made.embedding_, atol=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_principal_axes_are_scikit_learns(grouped: tuple[np.ndarray, np.ndarray], metric: str) -> None:
    x = grouped[0].astype(np.float64)
    seen = x / np.linalg.norm(x, axis=1, keepdims=True) if metric == "cosine" else x
    made = Layout(3, method="pca", metric=metric).fit(x)  # type: ignore[arg-type]
    theirs = PCA(3).fit_transform(seen)
    np.testing.assert_allclose(np.abs(made.embedding_), np.abs(theirs), atol=1e-4)
    np.testing.assert_allclose(made.place(x[:9]), made.embedding_[:9], atol=1e-5)


def test_densmap_is_another_map(grouped: tuple[np.ndarray, np.ndarray], laid_out: Layout) -> None:
    made = Layout(method="densmap", umap_options=FEW_EPOCHS).fit(grouped[0])
    assert not np.array_equal(made.embedding_, laid_out.embedding_)
    assert made.trustworthiness_ is not None
    assert made.trustworthiness_.value > 0.85


def test_equal_rows_and_few_rows_are_laid_out() -> None:
    x = np.repeat(np.random.default_rng(0).normal(size=(30, 5)), 8, axis=0)  # more equal rows than neighbors are asked for
    made = Layout(n_neighbors=5, umap_options=FEW_EPOCHS).fit(x)
    assert np.isfinite(made.embedding_).all()
    assert Layout().fit_transform(x[:24:8]).shape == (3, 2)


def test_a_fit_is_silent_and_leaves_the_callers_filters(grouped: tuple[np.ndarray, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        Layout(umap_options=FEW_EPOCHS).fit(grouped[0])
        assert warnings.filters == before


@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_neighbors_are_those_of_brute_force(grouped: tuple[np.ndarray, np.ndarray], metric: str) -> None:
    x = grouped[0].astype(np.float64)
    rows, distances = nearest(grouped[0], grouped[0], 5, metric)  # type: ignore[arg-type]
    lengths = np.linalg.norm(x, axis=1)
    truth = 1 - x @ x.T / lengths[:, None] / lengths if metric == "cosine" else np.linalg.norm(x[:, None] - x, axis=2)
    assert (rows == np.argsort(truth, axis=1)[:, :5]).mean() > 0.999
    np.testing.assert_allclose(distances, np.sort(truth, axis=1)[:, :5], atol=1e-4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_components": 0}, "n_components must be a whole number of 1 or more"),
        ({"method": "tsne"}, "method must be one of 'umap', 'densmap', 'pca'"),
        ({"metric": "l1"}, "metric must be one of 'cosine', 'l2'"),
        ({"n_neighbors": 1}, "n_neighbors must be a whole number of 2 or more"),
        ({"max_rows": 1}, "max_rows must be a whole number of 3 or more"),
        ({"umap_options": {"min_dost": 1}}, "umap_options must be options of umap.UMAP; .*min_dost"),
        ({"umap_options": {"min_dist": 0.5}, "method": "pca"}, "umap_options must be left out"),
        ({"n_components": 20, "method": "pca"}, "n_components must be at most the columns, 16"),
    ],
)
def test_layout_refuses_what_it_cannot_do(grouped: tuple[np.ndarray, np.ndarray], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Layout(**options).fit(grouped[0])  # type: ignore[arg-type]
