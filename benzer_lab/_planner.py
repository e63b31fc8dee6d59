"""Which codes, of which size: chosen by what they cost here, and by the recall that is measured with rows held out."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benzer_lab._bounds import Bounds
from benzer_lab._coarse import Proven, cut_axes, leading_axes
from benzer_lab._engine import Rows, n_cores
from benzer_lab._finder import Finder, K, ranked, recall
from benzer_lab._gpu import DEVICE_KINDS, MOST, OnDevice, calibrated, has_cagra
from benzer_lab._graph import Graph
from benzer_lab._matrix import LONGEST, Matrix
from benzer_lab._quantized import Quantized

# Costs on one core of a server of 2021, in nanoseconds; machines differ in them far more than in their ratios.
FLAT_NS, BOUND_NS, QUANTIZED_NS = 0.27, 0.12, 0.05  # of a coordinate: float32, 8 bits, 4 bits
LISTED_NS, COMPARED_NS = 50.0, 0.5  # of a listed row, and of each of its coordinates where it is compared
FLAT_MS, EXACT_MS, FAST_MS = 1.5, 3.0, 2.0  # a search that is expected to take no longer needs no other kind

FEW = 1_000  # rows, of which no code book is made
HELD_OUT = 256  # rows that play the query when an index is built
SURELY = 2  # standard errors that a measured recall must lie above the one asked for: other queries miss more, or less
CERTIFIED = 0.95  # part of them for which the rows listed must suffice
TRAINING_ROWS = 32_768  # for directions and code books
SAMPLED_ROWS = 16_384  # for the number of dimensions
DIMENSIONS = (12, 28, 44, 60, 92, 124, 156, 188, 252, 380, 508, 764)  # with what is added to them, whole registers
LISTED_PER_K = (4, 6, 8, 12, 16, 32)
MISSED = 0.001  # part of the true neighbours that `margin` may leave out
LINKED = (64, 128, 256, 512, 1024)  # rows that a graph keeps in mind while it walks

Tell = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Chosen:
    """What the planner chose: a finder, its recall, and the reason in one sentence."""

    finder: Finder
    recall: float
    plan: str


@dataclass(frozen=True, eq=False)
class Trial:
    """Rows that play the query, and their true neighbours."""

    aims: NDArray[np.float64]
    truth: list[Rows]

    @classmethod
    def of(cls, matrix: Matrix, rows: Rows) -> "Trial":
        """Find the true neighbours of some rows, themselves left out."""
        aims = np.stack([matrix.aim(row) for row in matrix.x[rows].astype(np.float64)])
        nearest = Finder(matrix).find(aims, min(K + 1, matrix.n))
        best = [ranked(matrix, aim, found, K + 1)[0] for aim, (found, _) in zip(aims, nearest, strict=True)]
        return cls(aims, [near[near != row][:K] for near, row in zip(best, rows, strict=True)])

    def recall(self, finder: Finder) -> tuple[float, float]:
        """Return what part of the true neighbours a finder returns among as many, and the standard error of that."""
        found = finder.find(self.aims, min(K + 1, finder.matrix.n))
        best = [ranked(finder.matrix, aim, rows, K + 1)[0] for aim, (rows, _) in zip(self.aims, found, strict=True)]
        each_query = [recall([true], [rows]) for true, rows in zip(self.truth, best, strict=True)]
        return float(np.mean(each_query)), float(np.std(each_query)) / len(each_query) ** 0.5


class Planner:
    """Builds what answers soonest at the recall asked for; exact kinds where they are soon enough.

    Parameters
    ----------
    matrix : Matrix
        Where to search.
    recall : float
        At least this part of the true neighbours must be found.
    memory : int
        Bytes that codes may take beside the features.
    seed : int
        Of the rows held out, and of training.
    tell : callable
        Told how much is done, from 0 to 1.
    """

    def __init__(self, matrix: Matrix, *, recall: float, memory: int, seed: int, tell: Tell) -> None:
        self.matrix, self.recall, self.memory, self._tell = matrix, recall, memory, tell
        self._rng = np.random.default_rng(seed)
        self._seed = int(self._rng.integers(2**31))
        order = self._rng.permutation(matrix.n)
        self._held = np.sort(order[:HELD_OUT])
        self._training = np.sort(order[HELD_OUT : HELD_OUT + TRAINING_ROWS]) if matrix.n > 4 * HELD_OUT else np.arange(matrix.n)
        self._sampled = np.sort(order[-SAMPLED_ROWS:])

    def choose(self, kind: str) -> Chosen:
        """Build the kind asked for, or choose one."""
        if kind == "flat" or (kind == "auto" and is_soon_compared(self.matrix.n, self.matrix.d)):
            few = f", which takes about {self._flat_ms():.1g} ms" if kind == "auto" else ""
            return Chosen(Finder(self.matrix), 1.0, f"flat: every row is compared{few}")
        longest = float(self.matrix.norms.max())
        if self.matrix.metric == "l2" and not longest < LONGEST:
            return Chosen(Finder(self.matrix), 1.0, f"flat: every row is compared, for rows of length {longest:.2g} leave codes no scale")
        if self.matrix.n < (2 if kind == "exact" else FEW):
            return Chosen(
                Finder(self.matrix), 1.0, f"flat: every row is compared, for {self.matrix.n:,} are too few for codes to be made of"
            )
        self._led = leading_axes(self.matrix, self._training)
        self._trial = Trial.of(self.matrix, self._held)
        if kind == "auto":
            return self._choose()
        made = {"exact": self._exact, "fast": self._fast, "ivf": self._ivf, "hnsw": self._graph}[kind]()
        return replace(made, plan=f"{made.plan}, as asked for")

    def move(self, chosen: Chosen, device: str) -> Chosen:
        """Have a device list the rows, where it can and they fit; 'auto' means where it was measured to be sooner."""
        here, kind = chosen.finder.coarse, chosen.finder.kind
        sooner = calibrated(kind) if device == "auto" else {"alone": device, "together": device}
        there = next((place for place in sooner.values() if place.startswith("cuda")), None)
        if there is None:
            return chosen
        what = DEVICE_KINDS[kind]
        if what == "cagra" and not has_cagra():
            return replace(chosen, plan=f"{chosen.plan}; on the CPU, for this Faiss has no graph for a GPU (cuVS)")
        try:
            moved = OnDevice.build(self.matrix, what, there, here, self._training, self._tell)
        except RuntimeError as error:
            why = str(error).strip().splitlines()[-1]
            return replace(chosen, plan=f"{chosen.plan}; on the CPU, for the rows do not fit {there} ({why})")
        moved = replace(moved, alone=sooner.get("alone") == there, together=sooner.get("together") == there)
        note = f"on {there} in half precision, with filters, more than {MOST:,} neighbours and proofs on the CPU"
        if isinstance(moved, Proven):
            finder = replace(chosen.finder, coarse=moved, reach=chosen.finder.reach or 2 * K)
            return Chosen(finder, 1.0, f"{chosen.plan}; {note}")
        finder = replace(chosen.finder, coarse=moved, reach=2 * K)  # half precision loses next to nothing
        self._trial = Trial.of(self.matrix, self._held)
        best = self._measured((replace(finder, coarse=setting) for setting in moved.settings()), "on a device")
        return replace(best, plan=f"{best.plan}; {note}")

    def _choose(self) -> Chosen:
        """Take the first kind that is soon enough, exact ones first."""
        m, _reach, ms = self._bounds()
        if ms <= EXACT_MS and m * self.matrix.n <= self.memory:
            return self._exact()
        slow = f"exact codes would take about {ms:.1f} ms" if m * self.matrix.n <= self.memory else "exact codes would not fit the memory"
        if self.recall < 1:
            kinds = [self._fast, self._ivf] if self._fast_ms() <= FAST_MS else [self._ivf, self._fast]
            for build in kinds:
                made = build()
                if made.recall >= self.recall:
                    return replace(made, plan=f"{made.plan}; {slow}")
        if m * self.matrix.n <= self.memory:
            return self._exact()
        return Chosen(Finder(self.matrix), 1.0, f"flat: {slow}, and no others reach a recall of {self.recall}")

    def _flat_ms(self) -> float:
        return flat_ms(self.matrix.n, self.matrix.d)

    def _fast_ms(self) -> float:
        return self.matrix.n * self._dimensions() * QUANTIZED_NS / n_cores() / 1e6

    def _bounds(self) -> tuple[int, int, float]:
        """Return with how many dimensions bounds cost least, how many rows they will list, and the time, by a sample of the rows."""
        whole, rows = self.matrix, self._sampled
        sample = replace(whole, x=np.ascontiguousarray(whole.x[rows]), norms=whole.norms[rows])
        part = sample.n / whole.n
        trial = self._trial.aims[:48]
        k = max(1, round(K * part))
        floors = np.array([whole.floor(aim, sample.goodness(aim), k) for aim in trial])
        best = (np.inf, whole.d, whole.n)
        for m in [m for m in DIMENSIONS if m < whole.d] + [whole.d]:
            coarse = Bounds.build(sample, cut_axes(whole, self._led, m), lambda part: None)
            listed = int(np.mean(coarse.count(trial, floors)) / part)
            ns = whole.n * coarse.width * BOUND_NS + listed * (LISTED_NS + whole.d * COMPARED_NS)
            best = min(best, (ns, m, listed))
        return best[1], best[2], best[0] / n_cores() / 1e6

    def _exact(self) -> Chosen:
        """Build bounds, and measure how many rows they must list."""
        m, _, ms = self._bounds()
        coarse = Bounds.build(self.matrix, cut_axes(self.matrix, self._led, m), self._tell)
        k = min(K, len(self._trial.truth[0]))
        worst = [
            float(self.matrix.goodness(aim, near[k - 1 : k])[0]) for aim, near in zip(self._trial.aims, self._trial.truth, strict=True)
        ]
        floors = np.array([self.matrix.below(aim, good) for aim, good in zip(self._trial.aims, worst, strict=True)])
        listed = coarse.count(self._trial.aims, floors)
        reach = max(2 * K, int(np.quantile(listed, CERTIFIED)))
        plan = f"exact: upper bounds from {m} of {self.matrix.d} dimensions in 8 bits, about {reach:,} rows compared, {ms:.1g} ms expected"
        return Chosen(Finder(self.matrix, coarse, reach), 1.0, plan)

    def _dimensions(self) -> int:
        """Return how many leading dimensions are quantised."""
        return min(self.matrix.d, 128)

    def _quantized(self, n_lists: int) -> Iterator[Finder]:
        """Build codes, and give them with ever more work a search; then larger ones."""
        for m in sorted({self._dimensions(), min(self.matrix.d, 256), self.matrix.d}):
            axes = cut_axes(self.matrix, self._led, m)
            turn = np.linalg.qr(np.random.default_rng(self._seed).standard_normal((m, m)))[0]  # each code is to carry as much as any other
            axes = np.ascontiguousarray(axes @ turn, np.float32)
            coarse = Quantized.build(self.matrix, axes, n_lists, self._seed, self._training, self._tell)
            probed = sorted({min(n_lists, max(1, n_lists // part)) for part in (32, 16, 8, 4, 2, 1)})
            for n_probed in probed:
                for listed in LISTED_PER_K:
                    yield Finder(self.matrix, replace(coarse, n_probed=n_probed), listed * K)

    def _measured(self, finders: Iterator[Finder], what: str) -> Chosen:
        """Return the first that surely reaches the recall, or the last."""
        for finder in finders:
            measured, error = self._trial.recall(finder)
            if measured - SURELY * error >= self.recall:
                break
        coarse = finder.coarse
        assert coarse is not None
        if isinstance(coarse, Quantized):
            finder = replace(finder, coarse=replace(coarse, margin=self._margin(coarse)))
        facts = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in coarse.parameters.items())
        fell = "" if measured >= self.recall else f", below the {self.recall:g} asked for"
        plan = f"{coarse.kind}: {what} ({facts}), {finder.reach:,} rows compared, recall {measured:.4f} measured{fell}"
        return Chosen(finder, measured, plan)

    def _margin(self, coarse: Quantized) -> float:
        """Return by how much nearly all true neighbours are better than their codes say."""
        off = []
        for aim, near in zip(self._trial.aims, self._trial.truth, strict=True):
            listed = replace(coarse, n_probed=coarse.n_lists).best(aim[None], 32 * K, None)[0]
            true = near[np.isin(near, listed.rows)]
            order = np.argsort(listed.rows)
            said = listed.good[order[np.searchsorted(listed.rows[order], true)]]
            off.append(self.matrix.goodness(aim, true) - said)
        return max(0.0, float(np.quantile(np.concatenate(off), 1 - MISSED)))

    def _fast(self) -> Chosen:
        return self._measured(self._quantized(1), "4-bit codes, all scanned")

    def _ivf(self) -> Chosen:
        n_lists = 2 ** max(0, min(14, round(np.log2(max(self.matrix.n, 1)) / 2)))
        return self._measured(self._quantized(n_lists), "4-bit codes in lists")

    def _graph(self) -> Chosen:
        graph = Graph.build(self.matrix, self._tell)
        return self._measured((Finder(self.matrix, replace(graph, ef=ef), 2 * K) for ef in LINKED), "a graph of near rows")


def flat_ms(n: int, d: int) -> float:
    """Return how long comparing every row is expected to take, in milliseconds."""
    return n * d * FLAT_NS / n_cores() / 1e6


def is_soon_compared(n: int, d: int) -> bool:
    """Tell whether an index of `n` rows of `d` columns would be flat."""
    return flat_ms(n, d) <= FLAT_MS


def memory_for_codes() -> int:
    """Return how many bytes codes may take where the caller does not say: a quarter of this machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 if hasattr(os, "sysconf") else 2**31
