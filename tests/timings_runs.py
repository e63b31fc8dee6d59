"""Runs of timings for the tests of their page: drawn by rule, not measured."""

from pathlib import Path
from typing import Any

import numpy as np

from benzer_lab._fairness import Measured, Remark
from benzer_lab.timings import Timings
from benzer_lab.views.jobs import Progress
from benzer_lab.views.timings_sources import Runs

MS = {"scikit-learn": 24.0, "Faiss flat": 6.0, "Benzer Lab fast": 1.5, "Faiss HNSW": 0.5}  # at 2,000 rows
RECALL = {"Faiss HNSW": 0.81, "Benzer Lab fast": 0.9951}
HOSTILE = "<img src=x onerror='window.hacked = 1'>"


def drawn_row(engine: str, n: int, ms: float, recall: float, machine: str) -> Measured:
    calls = tuple(float(ms * factor) for factor in np.linspace(0.9, 1.1, 21))
    faults = (Remark("why_quality", {"quality": "recall", "got": recall, "asked": 0.99}),) if recall < 0.99 else ()
    facts = {"cpu_ms": 2 * ms, "build_s": ms / 10, "memory_mb": 12.0, "quality": recall, "threads": 2, "machine": machine}
    faster = float("nan") if faults else MS["scikit-learn"] * n / 2_000 / ms
    return Measured(engine, "cpu", n, 64, calls_ms=calls, rounds_ms=calls[:7], faults=faults, faster=faster, **facts)


def drawn_run(
    question: str = "search",
    sizes: tuple[int, ...] = (2_000,),
    *,
    when: str = "2026-11-23T18:00:00+00:00",
    machine: str = "Test, 2 cores",
    busy: bool = False,
) -> Timings:
    """A run in which HNSW is quick and finds too little, and there is no GPU."""
    gpu = Remark("why_no_gpu", {})
    rows = [drawn_row(engine, n, ms * n / 2_000, RECALL.get(engine, 1.0), machine) for n in sizes for engine, ms in MS.items()]
    rows += [Measured("Faiss GPU", "gpu", n, 64, faults=(gpu,), machine=machine) for n in sizes]
    facts = {"name": machine, "processor": machine.partition(",")[0], "cores": 2, "threads": 2, "gpus": [], "when": when, "seconds": 4.0}
    facts |= {
        "load_before": [0.2],
        "load_after": [0.4],
        "others": 1.4 if busy else 0.0,
        "busy": busy,
        "versions": {"numpy": "2.4.6"},
        "system": "Linux",
        "python": "3.11",
    }
    asked = {
        "k": 100,
        "n_clusters": 10,
        "recall": 0.99,
        "d": 64,
        "source": "generated",
        "n": list(sizes),
        "rounds": 7,
        "each": 20,
        "random_state": 0,
        "threads": 2,
    }
    return Timings(question, asked, {machine: facts}, tuple(rows), "recall", "scikit-learn")


class DrawnRuns(Runs):
    """Runs that are drawn at once in the place of measuring."""

    def __init__(self, folder: Path, *, error: Exception | None = None) -> None:
        super().__init__(folder=folder)
        self.asked: list[dict[str, Any]] = []
        self._error = error

    def measure(self, question: str, model: str, seconds: float, progress: Progress, **asked: Any) -> Timings:
        self.asked.append({"question": question, "model": model, "seconds": seconds, **asked})
        progress(3, 7)
        if self._error is not None:
            raise self._error
        return drawn_run(question, tuple(asked.get("n", (2_000,))), when="2026-11-23T19:00:00+00:00")
