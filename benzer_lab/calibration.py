"""Which device answers sooner here, measured once and kept: single queries and batches may differ."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benzer_lab._disk import write_json
from benzer_lab._engine import gpus
from benzer_lab._gpu import calibration_path
from benzer_lab.index import Index, Kind

KINDS: tuple[Kind, ...] = ("flat", "exact", "fast", "ivf")
ROUNDS = 9


def calibrate(n: int = 100_000, d: int = 512, *, progress: Callable[[str], None] = lambda what: None) -> dict[str, Any]:
    """Measure each kind of index on the CPU and on the first GPU, and keep which was sooner for `device='auto'`.

    Parameters
    ----------
    n, d : int
        Rows and columns to measure with.
    progress : callable, optional
        Told what is being measured.

    Returns
    -------
    dict
        `gpus`; `kinds`: for each kind where single queries (`alone`) and batches of 64 (`together`) go; `ms`: the medians. Without a GPU
        there is nothing to choose, and nothing is kept.
    """
    devices = [gpu["device"] for gpu in gpus()[:1]]
    facts: dict[str, Any] = {"gpus": [gpu["name"] for gpu in gpus()], "kinds": {}, "ms": {}}
    if not devices:
        return facts
    rng = np.random.default_rng(0)
    centers = rng.standard_normal((max(8, n // 500), d)).astype(np.float32)
    x = centers[rng.integers(len(centers), size=n)] + rng.standard_normal((n, d)).astype(np.float32)
    queries = x[:64] + np.float32(0.1)
    for kind in KINDS:
        for device in ["cpu", *devices]:
            progress(f"{kind} on {device}")
            index = Index.build(x, kind=kind, device=device)
            for name, asked in (("alone", queries[:1]), ("together", queries)):
                facts["ms"].setdefault(kind, {}).setdefault(name, {})[device] = _median_ms(partial(index.search, asked))
        facts["kinds"][kind] = {name: min(ms, key=ms.__getitem__) for name, ms in facts["ms"][kind].items()}
    write_json(calibration_path(), facts)
    return facts


def _median_ms(call: Callable[[], object]) -> float:
    """Return how long a call takes, after one that warms up."""
    call()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return 1000 * median(taken)
