"""Faiss behind one door: the core of its BLAS, its threads, its thresholds."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from benzer_lab import _engine

CODE = """
import os, sys
import benzer_lab
from threadpoolctl import threadpool_info
found = [p for p in threadpool_info() if p.get("internal_api") == "openblas"]
cores = {"faiss" if "faiss" in p["filepath"] else "numpy": p["architecture"] for p in found}
print(cores.get("faiss"), cores.get("numpy"), os.environ.get("OPENBLAS_CORETYPE"))
"""


def cores(**environment: str) -> list[str]:
    clean = {name: value for name, value in os.environ.items() if name != _engine.CORE}
    done = subprocess.run([sys.executable, "-c", CODE], env=clean | environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_faiss_computes_for_the_core_that_numpy_found_and_the_environment_stays() -> None:
    faiss_core, numpy_core, left = cores()
    if numpy_core not in _engine.KNOWN_CORES:
        pytest.skip(f"numpy's BLAS here is for {numpy_core}, of which nothing is to be told to Faiss's")
    assert faiss_core == _engine.KNOWN_CORES[numpy_core]
    assert left == "None"


def test_a_core_that_the_user_names_is_kept() -> None:
    faiss_core, _, left = cores(OPENBLAS_CORETYPE="Sandybridge")
    if faiss_core == "None":
        pytest.skip("Faiss has no OpenBLAS of its own here")
    assert (faiss_core, left) == ("Sandybridge", "Sandybridge")


def test_matrix_products_of_faiss_are_checked_against_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _engine.blas_is_right.__wrapped__()
    wrong = _engine.faiss.knn

    def off_by_one(*args: object) -> tuple[np.ndarray, np.ndarray]:
        scores, rows = wrong(*args)
        return scores + 1, rows

    monkeypatch.setattr(_engine.faiss, "knn", off_by_one)
    assert not _engine.blas_is_right.__wrapped__()


def test_where_they_differ_batches_go_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _engine.faiss.cvar.distance_compute_blas_threshold
    with _engine.batches():
        assert _engine.faiss.cvar.distance_compute_blas_threshold == 1
    monkeypatch.setattr(_engine, "blas_is_right", lambda: False)
    with _engine.batches():
        assert _engine.faiss.cvar.distance_compute_blas_threshold == before
    assert _engine.faiss.cvar.distance_compute_blas_threshold == before


def test_thread_counts_are_put_back_in_every_thread() -> None:
    count = _engine.faiss.omp_get_max_threads()

    def ask() -> int:
        _engine.faiss.omp_set_num_threads(3)
        with _engine.threads(1):
            assert _engine.faiss.omp_get_max_threads() == 1
        return int(_engine.faiss.omp_get_max_threads())

    with ThreadPoolExecutor(2) as pool:
        assert [done.result() for done in [pool.submit(ask) for _ in range(2)]] == [3, 3]
    assert _engine.faiss.omp_get_max_threads() == count


def test_work_is_spread_in_order_and_never_waits_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine, "n_cores", lambda: 2)

    def nested(part: int) -> list[int]:
        return _engine.spread(lambda inner: 10 * part + inner, range(5))

    assert _engine.spread(nested, range(6)) == [[10 * part + inner for inner in range(5)] for part in range(6)]
    assert threading.current_thread() is threading.main_thread()


def test_what_fails_in_a_thread_is_raised() -> None:
    def fail(part: int) -> int:
        return 1 // (2 - part)

    with pytest.raises(ZeroDivisionError, match="by zero"):
        _engine.spread(fail, range(4))


@pytest.mark.parametrize("n", [0, 1, 63, 64, 8_191, 8_192, 100_001])
def test_pieces_cover_all_rows_and_start_at_whole_bytes(n: int) -> None:
    cut = _engine.pieces(n)
    assert [piece.start for piece in cut] == [0, *(piece.stop for piece in cut[:-1])]
    assert cut[-1].stop == n
    assert all(piece.start % 64 == 0 for piece in cut)
