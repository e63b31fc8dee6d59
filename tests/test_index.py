"""One contract for every kind of index, metric and filter: brute force in float64, or to the recall that the index states."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import benzer_lab as bl
from benzer_lab import _coarse, _engine, _finder
from benzer_lab._selection import Selection
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.features import FeatureSet, fuse

KINDS = ["flat", "exact", "fast", "ivf", "hnsw"]
EXACT = {"flat", "exact"}
METRICS = ["cosine", "l2"]
PASSING = [None, 0.001, 0.01, 0.1, 0.5, 0.99, "far", "one", "none"]
N, D, K = 6_000, 40, 20


@pytest.fixture(autouse=True, scope="module")
def codes_are_used() -> Iterator[None]:
    """Have small matrices searched as large ones are: by codes in several shards, never by comparing all because they are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_coarse, "SHARD_BYTES", 512)
        patch.setattr(_engine, "n_cores", lambda: 3)
        patch.setattr(_finder, "GATHERED_BYTES", -1)
        patch.setattr(_finder, "PART", 1)
        yield


def matrix(n: int = N, d: int = D, *, seed: int = 0) -> np.ndarray:
    """Groups of rows of several lengths, some of them twice, some of them nothing."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(30, d))
    x = centres[rng.integers(30, size=n)] + 0.7 * rng.normal(size=(n, d)) @ np.diag(np.linspace(1.5, 0.1, d))
    x *= rng.uniform(0.8, 1.3, size=(n, 1))
    x[n // 2 : n // 2 + n // 20] = x[: n // 20]
    x[[n // 3, n // 4]] = 0
    return x.astype(np.float32)


def truth(x: np.ndarray, query: np.ndarray, metric: str) -> np.ndarray:
    """The score of every row, in the plainest way."""
    x, query = x.astype(np.float64), query.astype(np.float64)
    if metric == "l2":
        return np.sqrt(((x - query) ** 2).sum(axis=1))
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(query)
    return np.divide((x * query).sum(axis=1), lengths, out=np.zeros(len(x)), where=lengths > 0)


def brute_force(x: np.ndarray, query: np.ndarray, metric: str, mask: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows that answer, and the score of every row."""
    scores = truth(x, query, metric)
    rows = np.flatnonzero(mask)
    return rows[np.lexsort((rows, scores[rows] if metric == "l2" else -scores[rows]))[:k]], scores


def mask_of(passing: float | str | None, x: np.ndarray, query: np.ndarray, metric: str) -> np.ndarray:
    """Which rows pass: a share of them, the half that is farthest from the query, one, or none."""
    if passing is None:
        return np.ones(len(x), bool)
    if passing == "far":
        scores = truth(x, query, metric) * (1 if metric == "l2" else -1)
        return scores > np.median(scores)
    if passing in ("one", "none"):
        return np.arange(len(x)) == (len(x) // 2 if passing == "one" else -1)
    return np.random.default_rng(1).random(len(x)) < float(passing)


X = matrix()
QUERIES = np.vstack([X[[5, 3_010]], matrix(200, seed=0)[7:9] + 0.1, np.zeros((1, D))]).astype(np.float32)


@pytest.fixture(scope="module", params=METRICS)
def metric(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=KINDS)
def index(request: pytest.FixtureRequest, metric: str) -> bl.Index:
    return bl.Index.build(X, metric=metric, kind=request.param, recall=0.99)


@pytest.mark.parametrize("passing", PASSING)
def test_an_answer_is_that_of_brute_force_over_the_rows_that_pass(index: bl.Index, metric: str, passing: float | str | None) -> None:
    found = wanted = 0
    for query in QUERIES:
        mask = mask_of(passing, X, query, metric)
        best, scores = brute_force(X, query, metric, mask, K)
        answer = index.search(query, K, rows=None if passing is None else mask)
        rows = answer.rows[0][answer.rows[0] >= 0]
        assert len(rows) == len(best) == min(K, mask.sum())
        assert mask[rows].all()
        assert len(set(rows.tolist())) == len(rows)
        np.testing.assert_allclose(answer.scores[0, : len(rows)], scores[rows], rtol=1e-6, atol=2e-7)
        assert np.isnan(answer.scores[0, len(rows) :]).all()
        if index.kind in EXACT or answer.certified[0]:
            assert answer.certified[0]
            np.testing.assert_array_equal(rounded(scores[rows]), rounded(scores[best]))
            assert rows.tolist() == best.tolist() or not query.any()
        if query.any():  # nothing is near to nothing: all rows are as good
            found, wanted = found + int(np.isin(rows, best).sum()), wanted + len(best)
    assert found >= 0.97 * wanted  # of 0.99 asked for, in some 100 neighbours


def rounded(scores: np.ndarray) -> np.ndarray:
    return scores.round(9)


def test_recall_is_what_was_asked_for(index: bl.Index, metric: str) -> None:
    queries = X[40:80] + np.random.default_rng(3).normal(scale=0.05, size=(40, D)).astype(np.float32)
    answer = index.search(queries, 100)
    best = [brute_force(X, query, metric, np.ones(N, bool), 100)[0] for query in queries]
    assert index.recall_ >= 0.99
    assert np.mean([np.isin(true, rows).mean() for true, rows in zip(best, answer.rows, strict=True)]) >= 0.97
    assert index.kind in index.plan
    assert f"{index.recall_:.4f}" in repr(index) or index.kind in EXACT


@pytest.mark.parametrize("k", [1, 7, 300, N, N + 5])
def test_a_batch_answers_as_its_queries_do_alone(index: bl.Index, metric: str, k: int) -> None:
    queries = matrix(30, seed=4)[:12]
    together = index.search(queries, k)
    assert together.rows.shape == together.scores.shape == (12, k)
    for i, query in enumerate(queries[:4]):
        alone = index.search(query, k)
        if index.kind in EXACT:
            np.testing.assert_array_equal(alone.rows[0], together.rows[i])
            np.testing.assert_array_equal(alone.scores[0], together.scores[i])
        else:
            assert len(np.intersect1d(alone.rows[0], together.rows[i])) >= 0.9 * len(np.unique(alone.rows[0]))
        assert (alone.rows[0] >= 0).sum() == min(k, N)


@pytest.mark.parametrize("passing", [0.01, 0.5, "far"])
def test_a_batch_is_filtered_as_its_queries_are_alone(index: bl.Index, metric: str, passing: float | str) -> None:
    queries = matrix(30, seed=5)[:10]
    mask = mask_of(passing, X, queries[0], metric)
    together = index.search(queries, K, rows=mask)
    hits = [np.isin(brute_force(X, query, metric, mask, K)[0], rows).mean() for query, rows in zip(queries, together.rows, strict=True)]
    assert np.mean(hits) == 1 if index.kind in EXACT else np.mean(hits) >= 0.97


def test_rows_may_be_a_mask_or_numbers_or_a_bitmap(index: bl.Index) -> None:
    mask = np.random.default_rng(2).random(N) < 0.3
    forms = [mask, np.flatnonzero(mask), np.flatnonzero(mask)[::-1].astype(np.int32), np.packbits(mask, bitorder="little")]
    answers = [index.search(QUERIES[:2], K, rows=form).rows for form in forms]
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])
    assert (index.search(QUERIES[:2], K, rows=np.array([], np.int64)).rows == -1).all()
    assert (index.search(QUERIES[:2], K, rows=[]).rows == -1).all()


def test_a_saved_index_answers_as_before(index: bl.Index, tmp_path: Path) -> None:
    index.save(tmp_path / "index")
    card = json.loads((tmp_path / "index/index.json").read_text())
    assert {"kind", "parameters", "bound", "recall_", "plan", "versions"} <= card.keys()
    for mmap in (True, False):
        again = bl.Index.load(tmp_path / "index", X, mmap=mmap)
        assert (again.kind, again.plan, again.recall_) == (index.kind, index.plan, index.recall_)
        for rows in (None, mask_of(0.5, X, QUERIES[0], "l2")):
            np.testing.assert_array_equal(again.search(QUERIES, K, rows).rows, index.search(QUERIES, K, rows).rows)
    other = X.copy()
    other[17, 3] += 1
    with pytest.raises(ArchiveError, match="must be searched with the matrix that it was built of"):
        bl.Index.load(tmp_path / "index", other)
    for path in (tmp_path / "index").iterdir():
        if path.name != "index.json":
            content = path.read_bytes()
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            with pytest.raises(ArchiveError, match=rf"{path.name}: must be the file that was saved"):
                bl.Index.load(tmp_path / "index", X)
            path.write_bytes(content)
    with pytest.raises(InputError, match=r"folder must be new"):
        index.save(tmp_path / "index")


@pytest.mark.parametrize("kind", ["flat", "exact", "fast"])
def test_half_precision_rows_are_searched_as_they_lie(kind: str, metric: str) -> None:
    half = X.astype(np.float16)
    index = bl.Index.build(half, metric=metric, kind=kind)
    best = [brute_force(half, query, metric, np.ones(N, bool), K)[0] for query in QUERIES[:4]]
    answers = [index.search(QUERIES[:4], K).rows, np.vstack([index.search(query, K).rows for query in QUERIES[:4]])]
    for rows in answers:
        hits = np.mean([np.isin(true, found).mean() for true, found in zip(best, rows, strict=True)])
        assert hits == 1 if kind in EXACT else hits > 0.97


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, np.ndarray, str]:
    """Small matrices of few distinct values: duplicates, zero rows and ties are the rule."""
    n, d = draw(st.integers(1, 70)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    few = draw(st.booleans())
    x = rng.integers(-1, 2, (n, d)) if few else rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 4)
    x = x[rng.integers(n, size=n)]
    query = x[rng.integers(n)] if draw(st.booleans()) else rng.integers(-1, 2, d)
    k = draw(st.sampled_from([1, 2, n // 2 + 1, n, n + 3]))
    mask = rng.random(n) < draw(st.sampled_from([0.1, 0.5, 1.0]))
    return x.astype(np.float32), np.asarray(query, np.float32), k, mask, draw(st.sampled_from(METRICS))


@pytest.mark.parametrize("kind", ["flat", "exact", "fast", "auto"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_small_and_repetitive_matrices_are_answered_exactly(kind: str, case: tuple[np.ndarray, np.ndarray, int, np.ndarray, str]) -> None:
    x, query, k, mask, metric = case
    index = bl.Index.build(x, metric=metric, kind=kind)
    answer = index.search(query, k, rows=mask)
    best, scores = brute_force(x, query, metric, mask, k)
    rows = answer.rows[0][answer.rows[0] >= 0]
    assert len(rows) == len(best)
    size = max(1e-30, float(np.abs(scores).max()))
    np.testing.assert_allclose(scores[rows], scores[best], atol=1e-7 * size)  # the same but for ties that float64 rounds apart
    np.testing.assert_allclose(answer.scores[0, : len(rows)], scores[rows], rtol=1e-6, atol=2e-7 * size)
    assert answer.certified.all()


def test_few_neighbors_of_rows_in_groups(rng: np.random.Generator) -> None:
    x = np.repeat(rng.normal(size=(200, 32)), 30, axis=0) + 0.01 * rng.normal(size=(6_000, 32))  # what is near lies in one shard
    x = x.astype(np.float32)
    index = bl.Index.build(x, kind="exact")
    for k in (1, 2, 5, 10, 15):
        for query in x[::601]:
            best, _ = brute_force(x, query, "cosine", np.ones(6_000, bool), k)
            assert index.search(query, k).rows[0].tolist() == best.tolist()


def test_bounds_hold_where_nearly_nothing_lies_outside_the_axes(rng: np.random.Generator) -> None:
    from benzer_lab._bounds import Bounds
    from benzer_lab._matrix import Matrix

    d, m = 128, 64
    x = (1e-3 * rng.normal(size=(4_000, d)) + np.eye(d)[0]).astype(np.float32)  # one direction holds all but a thousandth
    matrix = Matrix(x, np.linalg.norm(x, axis=1).astype(np.float32), "cosine", [slice(0, d)])
    coarse = Bounds.build(matrix, np.eye(d, m, dtype=np.float32), lambda part: None)
    for seed in range(8):
        query = np.random.default_rng(seed).normal(size=d)
        query[:m] *= 1e-6
        aim = matrix.aim(query)
        for k in (1, 5):
            best, _ = brute_force(x, query, "cosine", np.ones(4_000, bool), k)
            assert np.isin(best, coarse.nearest(aim[None], k, 20, None)[0]).all()


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_rows_and_queries_beyond_what_floats_can_square() -> None:
    x = X.copy()
    x[7] = 1e30
    index = bl.Index.build(x, metric="l2", kind="exact")
    assert (index.kind, index.search(X[3], 1).rows[0].tolist()) == ("flat", [3])
    assert bl.Index.build(X, metric="l2", kind="exact").search(1e25 * X[3].astype(np.float64), 5).rows.min() >= 0
    for kind in ("flat", "exact"):
        built = bl.Index.build(X, kind=kind)
        for size in (1e-250, 1e250):
            np.testing.assert_array_equal(built.search(size * X[3].astype(np.float64)).rows, built.search(X[3]).rows)


def test_an_index_of_joined_models_is_the_same_on_the_plain_matrix(rng: np.random.Generator, tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(3_000)]
    color, pattern = (FeatureSet(names, rng.normal(size=(3_000, 16)).astype(np.float32), model) for model in ("color", "pattern"))
    pattern.x[::15] = 0
    joined = fuse(color, FeatureSet(names, pattern.x, "pattern"))
    bl.Index.build(joined, kind="exact").save(tmp_path / "index")
    one, two = (bl.Index.load(tmp_path / "index", x) for x in (joined, joined.x))
    for row in (1, 15, 30):
        np.testing.assert_array_equal(one.search(joined.x[row], 10).rows, two.search(joined.x[row], 10).rows)


def test_equal_scores_keep_row_order() -> None:
    x = np.tile(matrix(40, 16)[:20], (100, 1))
    for kind in ("flat", "exact"):
        rows = bl.Index.build(x, kind=kind).search(x[7], 150).rows[0]
        assert rows[:100].tolist() == list(range(7, 2000, 20))


def test_joined_models_are_searched_at_any_weight(rng: np.random.Generator) -> None:
    names = [f"{i}.png" for i in range(3_000)]
    color, pattern = (
        FeatureSet(names, rng.normal(size=(3_000, d)).astype(np.float32), model) for model, d in (("color", 16), ("pattern", 24))
    )
    joined = fuse(color, pattern)
    index = bl.Index.build(joined, kind="exact")
    for weight in (0.0, 0.3, 1.0):
        query = joined.x[11] * np.repeat([weight, 1 - weight], [16, 24]).astype(np.float32)
        best, scores = brute_force(joined.x, query, "cosine", np.ones(3_000, bool), 50)
        answer = index.search(query, 50)
        np.testing.assert_allclose(scores[answer.rows[0]], scores[best], atol=1e-7)
        assert answer.certified[0]


def test_auto_takes_an_exact_kind_where_that_is_soon_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    from benzer_lab import _planner

    assert bl.Index.build(X).kind == "flat"
    monkeypatch.setattr(_planner, "FLAT_MS", 0.0)
    assert bl.Index.build(X).kind == "exact"
    assert bl.Index.build(X, memory_mb=0).kind in {"fast", "ivf"}
    assert bl.Index.build(X, memory_mb=0, recall=1.0).kind == "flat"
    monkeypatch.setattr(_planner, "EXACT_MS", 0.0)
    index = bl.Index.build(X, recall=0.95)
    assert index.kind in {"fast", "ivf"}
    assert "recall" in index.plan
    assert "exact codes would take" in index.plan


def test_the_same_seed_builds_the_same_index() -> None:
    one, two = (bl.Index.build(X, kind="ivf", random_state=3) for _ in range(2))
    np.testing.assert_array_equal(one.search(QUERIES, K).rows, two.search(QUERIES, K).rows)
    assert one.plan == two.plan


def test_a_search_leaves_thread_counts_and_thresholds_as_they_were() -> None:
    faiss = _engine.faiss
    index = bl.Index.build(X, kind="exact")
    before, threshold = faiss.omp_get_max_threads(), faiss.cvar.distance_compute_blas_threshold
    faiss.omp_set_num_threads(3)
    try:
        index.search(QUERIES[0])
        index.search(np.vstack([QUERIES] * 4))
        bl.Index.build(X, kind="flat").search(QUERIES)
        assert faiss.omp_get_max_threads() == 3
        assert faiss.cvar.distance_compute_blas_threshold == threshold
    finally:
        faiss.omp_set_num_threads(before)


def test_the_matrix_is_never_changed() -> None:
    x = X.copy()
    x.setflags(write=False)
    for kind in ("flat", "exact", "fast"):
        bl.Index.build(x, kind=kind).search(QUERIES)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"x": X.astype(np.float64)}, r"x must be a float32 or float16 matrix of shape \(n, d\); got float64"),
        ({"x": X[0]}, r"got float32 of shape \(40,\)"),
        ({"x": [[1.0]]}, "got list"),
        ({"x": np.where(np.arange(N)[:, None] == 9, np.nan, X).astype(np.float32)}, "rows must be finite; 1 of 6,000 hold NaN or infinity"),
        ({"metric": "euclid"}, "metric must be one of 'cosine', 'l2'"),
        ({"kind": "hsnw"}, "Did you mean 'hnsw'"),
        ({"recall": 0}, "recall must be above 0, up to 1; got 0"),
        ({"recall": 1.5}, "recall must be a number from 0 to 1"),
        ({"random_state": -1}, "random_state must be a whole number of 0 or more"),
        ({"device": "cuda:9"}, "device must be one of"),
        ({"memory_mb": "x"}, "memory_mb must be a whole number of 0 or more"),
    ],
)
def test_build_refuses(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=rf"Index.build: .*{sentence}"):
        bl.Index.build(**({"x": X} | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"queries": np.zeros((2, 3))}, r"queries must have 40 columns, as the index has; got float64 of shape \(2, 3\)"),
        ({"queries": np.full((2, D), np.inf)}, "queries must be finite; 2 of 2 hold NaN or infinity"),
        ({"k": 0}, "k must be a whole number of 1 or more; got 0"),
        ({"rows": np.ones(5, bool)}, r"rows must be a bool mask .* got bool of shape \(5,\)"),
        ({"rows": np.ones(5, np.float32)}, r"got float32 of shape \(5,\)"),
        ({"rows": np.array([1, N])}, "rows must be numbers from 0 to 5999; got 1 to 6000"),
        ({"rows": np.array([-1, 2])}, "got -1 to 2"),
    ],
)
def test_search_refuses(index: bl.Index, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=rf"Index.search: .*{sentence}"):
        index.search(**({"queries": QUERIES} | wrong))  # type: ignore[arg-type]


def test_no_rows_and_no_queries_are_answered_with_none() -> None:
    answer = bl.Index.build(X[:0]).search(QUERIES, 3)
    assert (answer.rows == -1).all()
    assert np.isnan(answer.scores).all()
    assert bl.Index.build(X).search(np.empty((0, D)), 3).rows.shape == (0, 3)
    assert len(bl.Index.build(X).search(QUERIES[:2], 3).to_frame()) == 6


def test_building_can_be_stopped_and_tells_how_far_it_is() -> None:
    told: list[float] = []

    def stop(part: float) -> None:
        told.append(part)
        if part > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bl.Index.build(X, kind="exact", progress=stop)
    assert told[-1] > 0.3


def test_a_bitmap_counts_bits_from_the_lowest() -> None:
    selection = Selection.of(np.array([0, 9]), 16, caller="")
    assert selection is not None
    assert selection.bitmap.tolist() == [1, 2]
    assert selection.rows.tolist() == [0, 9]


def test_a_forked_child_searches_and_builds_after_its_parent_has_searched_batches() -> None:
    code = """
import os, signal, numpy as np
from benzer_lab import Index
x = np.random.default_rng(0).normal(size=(20_000, 32)).astype(np.float32)
index = Index.build(x, kind="flat")
index.search(x[:16], 5)
child = os.fork()
if not child:
    signal.alarm(60)
    same = (index.search(x[:16], 5).rows[:, 0] == np.arange(16)).all()
    os._exit(0 if same and Index.build(x, kind="exact").search(x[:1], 5).rows[0, 0] == 0 else 1)
print(os.waitpid(child, 0)[1])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("kind", ["flat", "exact"])
def test_a_query_too_far_for_distances_in_float32_is_refused(kind: str) -> None:
    index = bl.Index.build(matrix(100), metric="l2", kind=kind)
    with pytest.raises(InputError, match="must hold numbers below 1e"):
        index.search(np.full((1, D), 1e200), 3)


def test_lines_of_different_length_are_refused() -> None:
    index = bl.Index.build(matrix(100), kind="flat")
    with pytest.raises(InputError, match="queries must be one array"):
        index.search([[1.0, 2.0], [3.0]], 3)


@pytest.mark.parametrize(("name", "value"), [("kind", "zzz"), ("recall_", 0.5), ("reach", 1), ("files", {})])
def test_a_changed_card_is_refused(tmp_path: Path, name: str, value: object) -> None:
    x = matrix(N)
    bl.Index.build(x, kind="fast").save(tmp_path / "index")
    card = json.loads((tmp_path / "index/index.json").read_text())
    (tmp_path / "index/index.json").write_text(json.dumps(card | {name: value}))
    with pytest.raises(ArchiveError, match="must be the card that was saved"):
        bl.Index.load(tmp_path / "index", x)


def test_another_matrix_of_the_same_shape_is_told_as_such(tmp_path: Path) -> None:
    x = matrix(200)
    bl.Index.build(x, kind="flat").save(tmp_path / "index")
    with pytest.raises(ArchiveError, match="got one of other values"):
        bl.Index.load(tmp_path / "index", x + 1)
