"""The questions of `benzer_lab.timings`. Less is better in all that is followed; a time is a part of the baseline's in the same rounds."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from benzer_lab.timings import (
    Measured,
    Timings,
    compare_extraction,
    compare_filters,
    compare_kmeans,
    compare_layout,
    compare_request,
    compare_search,
)

ROWS = {"n": 20_000, "d": 128, "rounds": 3}


class _Question:
    """What is followed of each. Each class has a `setup_cache` of its own, for asv keeps one for each line that defines one."""

    timeout = 1_800
    param_names: ClassVar = ["engine"]
    params: ClassVar[list[list[str]]]

    def track_time(self, run: Timings, engine: str) -> float:
        """Return what part of the baseline's time it takes, the median over rounds."""
        return float(np.median(np.divide(_row(run, engine).rounds_ms, _row(run, run.baseline).rounds_ms)))

    def track_cpu(self, run: Timings, engine: str) -> float:
        """Return what part of the baseline's processor time it takes."""
        return _row(run, engine).cpu_ms / _row(run, run.baseline).cpu_ms

    def track_memory(self, run: Timings, engine: str) -> float:
        """Return the megabytes that it adds at its peak."""
        return _row(run, engine).memory_mb

    track_time.unit = track_cpu.unit = "of the baseline's"  # type: ignore[attr-defined]
    track_memory.unit = "MB"  # type: ignore[attr-defined]

    def measured(self, compare: Callable[..., Timings], baseline: str, **asked: Any) -> Timings:
        """Measure once, for all that is followed; a row that may not be compared has no place in a history."""
        run = compare(engines=[baseline, *self.params[0]], progress=False, **asked)
        wrong = [f"{row.engine}: {row.why}" for row in run.rows if not row.comparable]
        if wrong:
            raise RuntimeError(" ".join(wrong))
        return run


class Search(_Question):
    """The nearest rows of a query."""

    params: ClassVar = [["Benzer Lab exact", "Benzer Lab fast", "Faiss flat"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_search, "scikit-learn", **ROWS)


class Filters(_Question):
    """The nearest of the rows that pass a filter."""

    params: ClassVar = [["Benzer Lab exact", "Benzer Lab fast", "Faiss flat"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_filters, "scikit-learn", **ROWS)


class KMeans(_Question):
    """Clusters."""

    params: ClassVar = [["Benzer Lab"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_kmeans, "scikit-learn", n_clusters=50, **ROWS | {"rounds": 2})


class Layout(_Question):
    """A map, once everything is compiled."""

    params: ClassVar = [["Benzer Lab"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_layout, "umap-learn", n=1_000, d=64, rounds=2)


class Extraction(_Question):
    """Features of images, from files."""

    params: ClassVar = [["Benzer Lab (one process)"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_extraction, "torch", n=12, rounds=2)


class Request(_Question):
    """A whole click."""

    params: ClassVar = [["Benzer Lab exact", "Benzer Lab fast"]]

    def setup_cache(self) -> Timings:
        """Measure."""
        return self.measured(compare_request, "existing request", **ROWS)


def _row(run: Timings, engine: str) -> Measured:
    """Return what an engine took and gave."""
    return next(row for row in run.rows if row.engine == engine)
