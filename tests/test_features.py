"""FeatureSet, joined models and the kernels under them."""

import numpy as np
import pytest

from benzer_lab import _engine
from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet, fuse


def test_repr_says_size_source_and_metric() -> None:
    features = FeatureSet(["a", "b"], np.ones((2, 3), np.float32), model="pattern", version="v2")
    assert repr(features) == "FeatureSet(pattern v2, 2 images x 3, float32, cosine)"


@pytest.mark.parametrize(
    ("names", "x", "sentence"),
    [
        (["a"], np.ones((2, 3), np.float32), "filenames must be as many as the rows of x, 2; got 1"),
        (["a", "b"], np.ones((2, 3)), "x must be a float32 or float16 matrix of shape"),
        (["a", "b"], np.ones(2, np.float32), "x must be a float32 or float16 matrix of shape"),
        (["a", "b"], np.array([[1], [np.nan]], np.float32), r"1 of 2 hold NaN or infinity, the first is row 1 \('b'\)"),
        (["ğ", "g\u0306"], np.ones((2, 1), np.float32), "filenames must be unique; 1 of 2 are repeated, the first is 'ğ'"),
    ],
)
def test_unsound_features_are_refused(names: list[str], x: np.ndarray, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        FeatureSet(names, x)


def test_rows_finds_names_in_either_unicode_form() -> None:
    features = FeatureSet(["a", "Iğdır"], np.ones((2, 1), np.float32))
    assert list(features.rows(["Ig\u0306dır", "a"])) == [1, 0]


def test_rows_tells_the_nearest_names_without_minding_accents() -> None:
    features = FeatureSet(["D-7 Iğdır.png", "D-8 Şile.png"], np.ones((2, 1), np.float32))
    with pytest.raises(InputError, match=r"Did you mean 'D-7 Iğdır\.png'"):
        features.rows(["d-7 igdir.png"])


def test_fuse_covers_what_both_have_in_the_order_of_the_first(rng: np.random.Generator) -> None:
    color = FeatureSet(["a", "b", "c"], rng.standard_normal((3, 2)).astype(np.float32), model="color", version="v1")
    pattern = FeatureSet(["c", "d", "b"], 9 * rng.standard_normal((3, 4)).astype(np.float32), model="pattern", version="v2")
    both = fuse(color, pattern)
    assert both.filenames == ["b", "c"]
    assert (both.model, both.version, both.n_left_out) == ("color+pattern", "v1+v2", 2)
    assert "2 images left out" in repr(both)
    np.testing.assert_allclose(np.linalg.norm(both.x[:, :2], axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(both.x[0, 2:], pattern.x[2] / np.linalg.norm(pattern.x[2]), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("order", ["C", "F"])
def test_kernels_equal_numpy_on_any_matrix(rng: np.random.Generator, dtype: type, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine, "BLOCK_ROWS", 7)
    x = np.array(rng.standard_normal((40, 6)), dtype=dtype, order=order)  # type: ignore[call-overload]
    query, rows = rng.standard_normal(6).astype(np.float32), np.array([3, 3, 39, 0, *range(20)])
    wide = x.astype(np.float64)[rows]
    np.testing.assert_allclose(_engine.inner_products(x, query, rows), wide @ query, atol=1e-5)
    np.testing.assert_allclose(_engine.squared_distances(x, query, rows), ((wide - query) ** 2).sum(axis=1), atol=1e-4)


def test_kernels_never_read_beyond_the_matrix() -> None:
    with pytest.raises(IndexError, match=r"rows must lie in 0\.\.4; got 0\.\.5"):
        _engine.inner_products(np.ones((5, 2), np.float32), np.ones(2, np.float32), np.array([0, 5]))
