"""Search on a GPU. Without one, all is driven but the call that makes the index there: in its place stands one of half precision here."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benzer_lab as bl
from benzer_lab import _contests, _engine, _finder, _gpu, _likenesses, _requests, calibration, index
from benzer_lab.timings import Ready, engines
from tests.test_index import METRICS, N, X, brute_force

QUERIES = X[[5, 77, 900]] + np.float32(0.02)
GPUS = bool(bl.gpus())


class Alone:
    """Has what a GPU index has, and tells when two threads ask it at once."""

    def __init__(self, native: Any) -> None:
        self.native, self.asked, self._inside = native, 0, threading.Lock()
        self.nprobe = 1

    def train(self, x: np.ndarray) -> None:
        self.native.train(x)

    def add(self, x: np.ndarray) -> None:
        self.native.add(x)

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        assert k <= _gpu.MOST
        assert self._inside.acquire(blocking=False), "a GPU index must be asked by one thread at a time"
        try:
            self.asked += 1
            if hasattr(self.native, "nprobe"):
                self.native.nprobe = self.nprobe
            return self.native.search(queries, k)  # type: ignore[no-any-return]
        finally:
            self._inside.release()


def half_precision(what: str, device: int, d: int, n_lists: int, *, cosine: bool) -> Alone:
    """What stands in the place of the call that needs a GPU: the same rounding, the same calls."""
    faiss = _engine.faiss
    measure = faiss.METRIC_INNER_PRODUCT if cosine else faiss.METRIC_L2
    half = faiss.ScalarQuantizer.QT_fp16
    if what == "flat":
        made = faiss.IndexScalarQuantizer(d, half, measure)
        made.is_trained = True
        return Alone(made)
    made = faiss.IndexIVFScalarQuantizer(faiss.IndexFlat(d, measure), d, n_lists, half, measure, False)
    return Alone(made)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine with a GPU, as far as the library can see."""
    listed = [{"device": "cuda:0", "name": "Test"}]
    for module in (_engine, _gpu, index, calibration):
        monkeypatch.setattr(module, "gpus", lambda: listed)
    monkeypatch.setattr(_gpu, "make_native", half_precision)
    monkeypatch.setattr(_finder, "GATHERED_BYTES", -1)
    return "cuda:0"


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["flat", "exact", "ivf", "fast"])
def test_a_device_lists_and_the_processor_compares(device: str, kind: str, metric: str) -> None:
    built = bl.Index.build(X, kind=kind, metric=metric, device=device)
    assert "on cuda:0 in half precision" in built.plan
    assert built.kind == kind if kind in {"flat", "exact"} else {"fast", "ivf"}
    native = built.native[0]
    asked = native.asked
    for query in QUERIES:
        best, scores = brute_force(X, query, metric, np.ones(N, bool), 50)
        answer = built.search(query, 50)
        if kind in {"flat", "exact"}:
            assert answer.rows[0].tolist() == best.tolist()
            assert answer.certified.all()
        assert np.isin(best, answer.rows[0]).mean() > 0.95
        np.testing.assert_allclose(answer.scores[0], scores[answer.rows[0]], rtol=1e-6, atol=2e-7)
    assert native.asked == asked + len(QUERIES)


def test_what_a_device_cannot_do_goes_to_the_processor(device: str) -> None:
    built = bl.Index.build(X, kind="exact", device=device)
    native = built.native[0]
    asked = native.asked
    mask = np.random.default_rng(0).random(N) < 0.5
    best, _ = brute_force(X, QUERIES[0], "cosine", mask, 50)
    assert built.search(QUERIES[0], 50, rows=mask).rows[0].tolist() == best.tolist()
    assert (built.search(QUERIES[0], 3_000).rows >= 0).all()
    assert native.asked == asked


def test_threads_take_turns_at_a_device(device: str) -> None:
    built = bl.Index.build(X, kind="exact", device=device)
    truth = built.search(QUERIES, 20).rows
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                np.testing.assert_array_equal(built.search(QUERIES, 20).rows, truth)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_rows_that_do_not_fit_stay_on_the_processor(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*args: object, **options: object) -> Alone:
        raise RuntimeError("Error in cudaMalloc\nout of memory: cudaMalloc failed")

    monkeypatch.setattr(_gpu, "make_native", too_large)
    built = bl.Index.build(X, kind="exact", device=device)
    assert "on the CPU, for the rows do not fit cuda:0 (out of memory: cudaMalloc failed)" in built.plan
    assert built.search(QUERIES, 5).certified.all()


def test_a_graph_needs_cuvs(device: str) -> None:
    built = bl.Index.build(X, kind="hnsw", device=device)
    assert ("no graph for a GPU (cuVS)" in built.plan) != _gpu.has_cagra()


def test_auto_goes_where_it_was_measured_to_be_sooner(device: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(_gpu, "calibration_path", lambda: tmp_path / "devices.json")
    monkeypatch.setattr(calibration, "calibration_path", lambda: tmp_path / "devices.json")
    assert "cuda" not in bl.Index.build(X, kind="exact").plan  # nobody has measured
    facts = calibration.calibrate(3_000, 16)
    assert facts["kinds"].keys() == {"flat", "exact", "fast", "ivf"}
    assert all(set(ms) == {"cpu", "cuda:0"} for kinds in facts["ms"].values() for ms in kinds.values())
    (tmp_path / "devices.json").write_text('{"gpus": ["Test"], "kinds": {"exact": {"alone": "cpu", "together": "cuda:0"}}}')
    built = bl.Index.build(X, kind="exact")
    native = built.native[0]
    built.search(QUERIES[0])
    assert native.asked == 0
    built.search(X[:16])
    assert native.asked == 1
    (tmp_path / "devices.json").write_text('{"gpus": ["Another"], "kinds": {"exact": {"alone": "cuda:0"}}}')
    assert "cuda" not in bl.Index.build(X, kind="exact").plan


def test_an_index_is_loaded_onto_a_device(device: str, tmp_path: Any) -> None:
    bl.Index.build(X, kind="exact", device=device).save(tmp_path / "index")
    here, there = (bl.Index.load(tmp_path / "index", X, device=place) for place in ("cpu", device))
    np.testing.assert_array_equal(here.search(QUERIES, 30).rows, there.search(QUERIES, 30).rows)
    assert len(there.native) == len(here.native) + 1


@pytest.mark.gpu
@pytest.mark.skipif(not GPUS, reason="no GPU that Faiss can use")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["flat", "exact", "fast", "ivf", "hnsw"])
def test_a_real_device_answers_as_the_processor(kind: str, metric: str) -> None:
    built = bl.Index.build(X, kind=kind, metric=metric, device="cuda:0")
    for query in QUERIES:
        best, _ = brute_force(X, query, metric, np.ones(N, bool), 50)
        assert np.isin(best, built.search(query, 50).rows[0]).mean() >= (1 if kind in {"flat", "exact"} else 0.95)
    assert built.search(X[:200], 10).rows.shape == (200, 10)


class Everywhere:
    """What stands in the place of the copy to a device: the index as it is, but for what a device holds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.copied = 0
        monkeypatch.setattr(_engine.faiss, "StandardGpuResources", object, raising=False)
        monkeypatch.setattr(_engine.faiss, "index_cpu_to_gpu", self.copy, raising=False)

    def copy(self, resources: object, place: int, index: Any) -> Any:
        assert resources is not None
        self.copied += 1
        return index


@pytest.mark.skipif(GPUS, reason="here the rows of the GPU are measured as all others are")
def test_engines_of_a_gpu_do_all_but_the_call_that_needs_one(device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_requests, "gpus", _gpu.gpus)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    faiss = Everywhere(monkeypatch)
    n, d = 2_000, 32
    x = _likenesses.generate(n + 40, d)
    for kind, name in ((_contests.Search, "Faiss GPU"), (_contests.Search, "Benzer Lab GPU"), (_contests.Filters, "Faiss GPU")):
        share = {"share": 0.1} if kind is _contests.Filters else {}
        problem = kind(tmp_path, n, d, 10, 0.99, 2, 1, 0, **share)
        problem.prepare(x[40:], x[:40])
        answer = engines("filters" if share else "search")[name].make(problem)
        assert problem.judge([(which, answer(problem.asked(which))) for which in range(5)]) == 1
    click = _contests.Request(tmp_path, n, d, 10, 0.99, 2, 1, 0)
    (tmp_path / "rows.npy").unlink()
    click.prepare_archive(x[:n], *_contests.made_up(n))
    for name in ("Faiss GPU (all kept open)", "Benzer Lab GPU"):
        made = engines("request")[name].make(click)
        answer = made.answer if isinstance(made, Ready) else made
        assert click.judge([(which, answer(click.asked(which))) for which in range(3)]) == 1
    assert _gpu.calibrated("exact")["alone"] == device
    assert faiss.copied == 1 + 5 + 1
