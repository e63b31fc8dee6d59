"""The machine that something is measured on: what it is, and whether others used it meanwhile."""

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benzer_lab._engine import describe, gpus, n_cores

LIBRARIES = (
    *("benzer-lab", "numpy", "scipy", "scikit-learn", "faiss-cpu", "faiss-gpu", "hnswlib", "usearch", "umap-learn", "numba"),
    *("pynndescent", "torch", "onnxruntime", "pyarrow"),
)
BUSY = 0.15  # part of all cores that others may use before a machine is called busy


@dataclass(frozen=True)
class Watch:
    """What a machine was like when a run began."""

    when: str
    load: tuple[float, ...]
    ticks: tuple[float, float] | None
    own_s: float
    began: float

    @classmethod
    def begin(cls) -> "Watch":
        """Look at the machine now."""
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), _load(), _ticks(), _own_s(), time.perf_counter())

    def end(self, threads: int, blas: Mapping[str, str]) -> dict[str, Any]:
        """Return what the figures of a run depend on, once its processes have ended.

        Parameters
        ----------
        threads : int
            That each contestant was allowed.
        blas : mapping of str to str
            For each library its BLAS and the core that computes for.

        Returns
        -------
        dict
            `name`, `processor`, `cores`, `system`, `python`, `versions`, `blas`, `threads`, `gpus`, `load_before`, `load_after`,
            `others` (cores that other processes used, on average), `busy` (whether that is much), `when` and `seconds`.
        """
        others, there = self._others(), os.cpu_count() or 1
        load = self.load[0] if self.load else 0.0
        busy = others > BUSY * there if others is not None else load > there / 2
        processor = _processor()
        return {
            "name": f"{processor}, {n_cores()} cores",
            "processor": processor,
            "cores": n_cores(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "versions": _versions(),
            "faiss_built_for": describe()["faiss_built_for"],
            "blas": dict(blas),
            "threads": threads,
            "gpus": [gpu["name"] for gpu in gpus()],
            "load_before": list(self.load),
            "load_after": list(_load()),
            "others": others,
            "busy": busy,
            "when": self.when,
            "seconds": round(time.perf_counter() - self.began, 1),
        }

    def _others(self) -> float | None:
        """Return how many cores other processes used since, on average; None where the system does not tell."""
        now = _ticks()
        if self.ticks is None or now is None:
            return None
        hertz = os.sysconf("SC_CLK_TCK")
        busy_s = (now[0] - self.ticks[0]) / hertz - (_own_s() - self.own_s)
        return round(max(0.0, busy_s / (time.perf_counter() - self.began)), 2)


def _load() -> tuple[float, ...]:
    """Return the load of the last 1, 5 and 15 minutes."""
    return tuple(round(value, 2) for value in os.getloadavg()) if hasattr(os, "getloadavg") else ()


def _ticks() -> tuple[float, float] | None:
    """Return for how long the cores have worked, and in all, in ticks."""
    path = Path("/proc/stat")
    if not path.exists():
        return None
    user, nice, system, idle, waiting, *others = map(float, path.read_text().split("\n", 1)[0].split()[1:9])
    return user + nice + system + sum(others), idle + waiting


def _own_s() -> float:
    """Return the processor time of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


def _processor() -> str:
    """Return what the processor calls itself."""
    path = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in path.read_text().splitlines() if line.startswith("model name")] if path.exists() else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    """Return the libraries that are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
