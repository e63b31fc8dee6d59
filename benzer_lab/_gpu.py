"""Search on a GPU: the same rows listed by a device, and by rule on the processor what the device cannot do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray

from benzer_lab._coarse import Bitmap, Listed
from benzer_lab._engine import Rows, each, faiss, gpus
from benzer_lab._matrix import SPARE, Matrix
from benzer_lab._selection import Selection

MOST = 2_048  # neighbours, and lists read, of Faiss's classic GPU indexes
LARGEST = 6e4  # number of half precision
HALF = 2.0**-11  # what half precision may lose of a number
TEMPORARY_BYTES = 512 * 2**20  # of the device, for searches
BATCH = 8  # queries that count as a batch
CALIBRATION = "devices.json"
DEVICE_KINDS = {
    "flat": "flat",
    "exact": "flat",
    "fast": "ivf",
    "ivf": "ivf",
    "hnsw": "cagra",
}  # what does on the device what a kind does here

Moved = TypeVar("Moved", bound="OnDevice")
_lock = threading.Lock()  # Faiss's GPU indexes must not be asked by two threads at once, not even to read


@cache
def _resources(device: int) -> Any:
    """Return the one set of streams and buffers of a device, which is dear to make."""
    resources = faiss.StandardGpuResources()
    resources.setTempMemory(TEMPORARY_BYTES)
    return resources


def make_native(what: str, device: int, d: int, n_lists: int, *, cosine: bool) -> Any:
    """Return an empty index on a device, in half precision: the one call that needs a GPU."""
    resources, measure = _resources(device), faiss.METRIC_INNER_PRODUCT if cosine else faiss.METRIC_L2
    if what == "flat":
        flat = faiss.GpuIndexFlatConfig()
        flat.device, flat.useFloat16 = device, True
        return faiss.GpuIndexFlat(resources, d, measure, flat)
    if what == "ivf":
        lists = faiss.GpuIndexIVFScalarQuantizerConfig()
        lists.device = device
        return faiss.GpuIndexIVFScalarQuantizer(resources, d, n_lists, faiss.ScalarQuantizer.QT_fp16, measure, False, lists)
    graph = faiss.GpuIndexCagraConfig()
    graph.device = device
    return faiss.GpuIndexCagra(resources, d, measure, graph)


@contextmanager
def on_device(index: Any, device: str) -> Iterator[Any]:
    """Give a flat index as it is on the processor, or on a device, which is held meanwhile."""
    if device == "cpu":
        yield index
        return
    with _lock:
        place = int(device.removeprefix("cuda:"))
        yield faiss.index_cpu_to_gpu(_resources(place), place, index)


def has_cagra() -> bool:
    """Whether this Faiss was built with cuVS."""
    return hasattr(faiss, "GpuIndexCagra")


@dataclass(frozen=True, eq=False)
class OnDevice:
    """Codes on a device, beside those on the processor that do what the device cannot: filters, long lists, and bounds.

    Parameters
    ----------
    matrix : Matrix
        Where to search.
    index : faiss.GpuIndex
        Of its rows in half precision.
    what : {'flat', 'ivf', 'cagra'}
        Which of Faiss's GPU indexes that is.
    here : Proven, Likely or None
        Codes on the processor; without them the processor compares every row.
    n_probed : int
        Lists that 'ivf' reads.
    alone, together : bool
        Whether single queries and batches go to the device.
    """

    matrix: Matrix
    index: Any
    what: str
    here: Any
    n_probed: int = 1
    alone: bool = True
    together: bool = True

    @staticmethod
    def build(
        matrix: Matrix, what: str, device: str, here: Any, training: Rows, tell: Callable[[float], None]
    ) -> "ProvenOnDevice | LikelyOnDevice":
        """Copy all rows to a device; RuntimeError where they do not fit."""
        n_lists = 2 ** max(0, min(14, round(np.log2(max(matrix.n, 1)) / 2)))
        with _lock:
            index = make_native(what, int(device.removeprefix("cuda:")), matrix.d, n_lists, cosine=matrix.metric == "cosine")
            if what == "cagra":
                index.train(np.concatenate([x for _, x in matrix.unit_blocks()]))
            else:
                if what == "ivf":
                    index.train(matrix.unit(training))
                for part, x in matrix.unit_blocks():
                    index.add(np.ascontiguousarray(x))
                    tell(part.stop / matrix.n)
        kind = ProvenOnDevice if what == "flat" else LikelyOnDevice
        return kind(matrix, index, what, here, min(n_lists, MOST))

    def settings(self: Moved) -> Iterator[Moved]:
        """Give it with ever more work a search."""
        steps = [2**i for i in range(12) if 2**i <= self.n_probed] if self.what == "ivf" else [1]
        yield from (replace(self, n_probed=n) for n in steps)

    @property
    def kind(self) -> str:
        """What does the same on the processor."""
        return self.here.kind if self.here else "flat"

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was built with."""
        return (self.here.parameters if self.here else {}) | {"lists_read_on_the_device": self.n_probed}

    @property
    def native(self) -> list[Any]:
        """The Faiss index on the device, then those of the processor."""
        return [self.index, *(self.here.native if self.here else [])]

    @property
    def n_bytes(self) -> int:
        """What it holds beside the features, in the memory of this machine."""
        return self.here.n_bytes if self.here else 0

    def _does(self, q: int, n: int) -> bool:
        """Whether the device is to list `n` rows for each of `q` queries."""
        return n <= MOST and (self.together if q >= BATCH else self.alone)

    def _listed(self, aims: NDArray[np.float64], n: int) -> list[Listed]:
        """Have the device list rows."""
        with _lock:
            if self.what == "ivf":
                self.index.nprobe = self.n_probed
            good, rows = self.index.search(np.ascontiguousarray(aims, np.float32), min(n, self.matrix.n))
        good = good if self.matrix.metric == "cosine" else good / np.float32(-2)
        return [Listed(row[row >= 0], one[row >= 0], float(one[-1])) for row, one in zip(rows, good, strict=True)]

    def save(self, folder: Path) -> list[str]:
        """Write what lies on the processor: a device is filled again from the features."""
        return self.here.save(folder) if self.here else []


class ProvenOnDevice(OnDevice):
    """A device that compares every row in half precision, which loses no more than can be said."""

    def nearest(self, aims: NDArray[np.float64], k: int, n: int, selection: Selection | None) -> list[Rows]:
        """Return for each query (q, d) the rows that may be among the `k` nearest; the processor says where half precision does not."""
        if selection is not None or not self._does(len(aims), k + SPARE):
            return self._nearest_here(aims, k, n, selection)
        several, lost = self._listed(aims, k + SPARE), self._lost(aims)

        def finish(i: int) -> Rows:
            good = self.matrix.goodness(aims[i], several[i].rows)
            floor = self.matrix.floor(aims[i], good, k)
            if not several[i].rest + lost[i] < floor:
                return self._nearest_here(aims[i : i + 1], k, n, None)[0]
            return several[i].rows[good >= floor]

        return each(len(aims), finish)

    def _nearest_here(self, aims: NDArray[np.float64], k: int, n: int, selection: Selection | None) -> list[Rows]:
        """Answer on the processor."""
        if self.here is not None:
            return list(self.here.nearest(aims, k, n, selection))
        rows = None if selection is None else selection.rows
        return [self.matrix.best(aim, k, rows) for aim in aims]

    def _lost(self, aims: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far half precision may be from the truth: rows and query are rounded, and sums of `d` products."""
        longest = 1.0 if self.matrix.metric == "cosine" else float(self.matrix.norms.max())
        lengths = np.linalg.norm(aims, axis=1)
        scale = lengths * longest if self.matrix.metric == "cosine" else (lengths + longest) ** 2
        smallest = 2.0**-24 * np.sqrt(self.matrix.d) * (lengths + longest)  # of numbers too small for half precision's own exponent
        lost = (2 * HALF + 2.0**-22 * self.matrix.d) * scale + smallest
        return np.where(np.maximum(lengths, longest) < LARGEST, lost, np.inf)


class LikelyOnDevice(OnDevice):
    """A device that reads some lists, or walks a graph."""

    @property
    def margin(self) -> float:
        """Of the codes on the processor, which alone are asked with a filter."""
        return float(self.here.margin)

    def best(self, aims: NDArray[np.float64], n: int, bitmap: Bitmap | None) -> list[Listed]:
        """List about `n` rows for each query (q, d), of those whose bit is set."""
        if bitmap is not None or not self._does(len(aims), n):
            return list(self.here.best(aims, n, bitmap))
        return self._listed(aims, n)


def calibration_path() -> Path:
    """Return where `benzer doctor --calibrate` keeps what it measured."""
    return platformdirs.user_cache_path("benzer-lab") / CALIBRATION


def calibrated(kind: str) -> dict[str, str]:
    """Return by which device single queries (`alone`) and batches (`together`) of a kind were sooner; nothing where nobody measured."""
    try:
        kept = json.loads(calibration_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    names = [gpu["name"] for gpu in gpus()]
    return dict(kept["kinds"].get(kind, {})) if isinstance(kept, dict) and kept.get("gpus") == names else {}
