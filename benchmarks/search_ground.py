"""What `search.py` measures on and against: rows and queries, truth, rounds, and other libraries' indexes."""

import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import benzer_lab as bl
from benzer_lab._engine import describe, faiss, n_cores
from benzer_lab.features import unit

K = 100
TIE = 1e-12  # cosines in float64 that are no further apart are equal
N_QUERIES, EACH = 200, 20  # held out, and of them in a round
NOISE = 0.05  # of a row's length
LINKS = (16, 32)  # of a row in graphs: the example of other libraries' pages, and what Faiss's advises
OPTIONAL = ("hnswlib", "usearch")

Array = NDArray[Any]
Call = Callable[[Any], Any]
Peer = tuple[Call, Call, Sequence[int]]  # answers a query, sets its effort, and the efforts there are


@dataclass(frozen=True)
class Paired:
    """Seconds of one query on either side, the median of each round."""

    base: Array
    own: Array

    @property
    def ratio(self) -> float:
        return float(np.median(self.base / self.own))

    def __str__(self) -> str:
        return f"**{self.ratio:,.1f} times** ({1e3 * np.median(self.own):,.2f} ms against {1e3 * np.median(self.base):,.2f})"


@dataclass(frozen=True)
class Sample:
    """Rows, memory-mapped, and queries that are not among them, all of length 1."""

    path: Path

    @cached_property
    def x(self) -> Array:
        rows: Array = np.load(self.path, mmap_mode="r")
        return rows

    @cached_property
    def queries(self) -> list[Array]:
        q = np.load(self.path.with_suffix(".queries.npy"))[:N_QUERIES]
        return [np.ascontiguousarray(q[i : i + 1]) for i in range(len(q))]

    @property
    def at(self) -> str:
        return f"{len(self.x):,} x {self.x.shape[1]}"

    @cached_property
    def truth(self) -> Array:
        """The cosines (q, k) of the nearest rows of each query, best first."""
        best = np.empty((len(self.queries), 0))
        for start in range(0, len(self.x), 16_384):
            cosines = unit(np.vstack(self.queries).astype(np.float64)) @ unit(self.x[start : start + 16_384].astype(np.float64)).T
            best = -np.sort(-np.hstack([best, cosines]), axis=1)[:, :K]
        return best

    def judge(self, answer: Call) -> tuple[float, float]:
        """Return the recall of what answers, and the share of its answers that are right, order included."""
        found = []
        for query, best in zip(self.queries, self.truth, strict=True):
            rows = np.asarray(answer(query))
            cosines = unit(self.x[rows].astype(np.float64)) @ unit(query[0].astype(np.float64))
            right = len(rows) == len(best) and bool((np.abs(cosines - best) <= TIE).all())
            found.append(((cosines[rows >= 0] >= best[-1] - TIE).sum() / len(best), right))
        recall, right = np.mean(found, axis=0)
        return float(recall), float(right)


@dataclass(frozen=True)
class Bench:
    """What is measured on, and how long."""

    folder: Path
    reference: Path
    data: str
    rounds: int

    def sample(self, n: int, d: int) -> Sample:
        """Make rows and queries, once a folder."""
        name = "generated" if self.data == "generated" else Path(self.data).resolve().name
        sample = Sample(self.folder / f"{name}-{n}x{d}.npy")
        if not sample.path.exists():
            x, q = self.module("vectors").vectors(n, d) if self.data == "generated" else self._repeated(n)
            np.save(sample.path.with_suffix(".queries.npy"), q)
            draft = sample.path.with_suffix(".draft.npy")
            np.save(draft, x)
            draft.replace(sample.path)
        return sample

    def module(self, name: str) -> Any:
        """Load a file of the reference folder."""
        spec = importlib.util.spec_from_file_location(name, self.reference / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def _repeated(self, n: int) -> tuple[Array, Array]:
        """Repeat the pattern rows of images with noise, so that no two are the same."""
        rng, rows = np.random.default_rng(0), self.image_rows()
        order = rng.permutation(np.resize(np.arange(len(rows)), n + N_QUERIES))
        x = np.empty((len(order), rows.shape[1]), np.float32)
        for start in range(0, len(x), 50_000):
            some = rows[order[start : start + 50_000]]
            x[start : start + 50_000] = unit(some + NOISE / some.shape[1] ** 0.5 * rng.standard_normal(some.shape, np.float32))
        return x[N_QUERIES:], x[:N_QUERIES]

    def image_rows(self) -> Array:
        """Return the `pattern` rows of all images, computed once a folder."""
        kept, data = self.folder / f"rows-of-{Path(self.data).resolve().name}.npy", Path(self.data)
        if not kept.exists():
            rows = []
            for images in sorted([*data.glob("images"), *data.glob("*/images")]):
                with tempfile.TemporaryDirectory() as place:
                    archive = bl.Archive.create(Path(place) / "archive", images=images)
                    archive.extract(["pattern"])
                    rows.append(unit(np.asarray(archive.features("pattern").x, np.float32)))
            np.save(kept, np.vstack(rows))
        return np.asarray(np.load(kept))

    def paired(self, base: Call, own: Call, asked: Sequence[Any], each: int = EACH) -> Paired:
        """Measure two sides in turn."""
        for one in asked[:3]:
            base(one), own(one)
        seconds = np.empty((self.rounds, 2))
        for i in range(self.rounds):
            some = [asked[(i * each + j) % len(asked)] for j in range(each)]
            for side in (0, 1) if i % 2 else (1, 0):
                seconds[i, side] = np.median([timed((base, own)[side], one)[1] for one in some])
        return Paired(seconds[:, 0], seconds[:, 1])

    def archive(self, sample: Sample) -> Path:
        """Lay an archive out as the existing system does: 'pattern' features, their names, and metadata."""
        folder = self.folder / f"archive-{sample.path.stem}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "pattern_features.npy").hardlink_to(sample.path)
        rng, n = np.random.default_rng(0), len(sample.x)
        designs = [f"{name} {i}" for i, name in enumerate(rng.choice(["Lâle", "Iğdır", "Çınar", "Şakayık", "Gül", "Ömür"], n // 4 + 1))]
        names = [f"{designs[i // 4].replace(' ', '-')}-{i % 4}.png" for i in range(n)]
        seasons = rng.choice(["SS23", "AW23", "SS24", "AW24"], n).tolist()
        qualities = rng.choice(["ipek saten", "pamuklu poplin", "yün krep", "keten"], n).tolist()
        features = rng.choice(["çiçekli", "çizgili", "ekose", "şal deseni", "puantiye", "geometrik"], (n, 2)).tolist()
        records = {
            name: {"design": designs[i // 4], "season": seasons[i], "quality": qualities[i], "features": sorted(set(features[i]))}
            for i, name in enumerate(names)
        }
        for file, value in (("pattern_filenames.json", names), ("image_metadata_map.json", records)):
            (folder / file).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        return folder


def timed(call: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, float]:
    """Return what a call returns, and the seconds it took."""
    began = time.perf_counter()
    result = call(*args, **options)
    return result, time.perf_counter() - began


def stock(x: Array) -> Any:
    """Return Faiss's flat index, as it comes."""
    flat = faiss.IndexFlatIP(x.shape[1])
    flat.add(np.ascontiguousarray(x))
    return flat


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    cpu = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    versions = {name: version(name) for name in ("scikit-learn", *(peer for peer in OPTIONAL if importlib.util.find_spec(peer)))}
    return {"cpu": cpu[0] if cpu else "unknown", "cores": n_cores(), "python": sys.version.split()[0], **versions, **describe()}


def load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def efforts_from(start: int, end: int) -> list[int]:
    """Return ever greater efforts, each a quarter above the last."""
    steps = [start]
    while steps[-1] < end:
        steps.append(min(end, max(steps[-1] + 1, steps[-1] * 5 // 4)))
    return steps


def faiss_hnsw(links: int, x: Array) -> Peer:
    index = faiss.IndexHNSWFlat(x.shape[1], links, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(x))
    tune = partial(setattr, index.hnsw, "efSearch")
    return (lambda q: index.search(q, K)[1][0]), tune, efforts_from(K, 4096)


def faiss_ivf(x: Array) -> Peer:
    """As Faiss's page of guidelines says: 4 to 16 roots of n lists below a million rows."""
    n_lists = int(4 * len(x) ** 0.5)
    index = faiss.index_factory(x.shape[1], f"IVF{n_lists},Flat", faiss.METRIC_INNER_PRODUCT)
    index.train(np.ascontiguousarray(x))
    index.add(np.ascontiguousarray(x))
    return (lambda q: index.search(q, K)[1][0]), partial(setattr, index, "nprobe"), efforts_from(1, n_lists)


def hnswlib(links: int, x: Array) -> Peer:
    from hnswlib import Index

    index = Index(space="ip", dim=x.shape[1])
    index.init_index(max_elements=len(x), ef_construction=200, M=links, random_seed=0)
    index.add_items(np.ascontiguousarray(x), num_threads=n_cores())
    return (lambda q: index.knn_query(q, K, num_threads=1)[0][0].astype(np.int64)), index.set_ef, efforts_from(K, 4096)


def usearch(links: int, x: Array) -> Peer:
    from usearch.index import Index as Graph

    graph = Graph(ndim=x.shape[1], metric="ip", dtype="f32", connectivity=links)
    graph.add(np.arange(len(x)), np.ascontiguousarray(x), threads=n_cores())
    tune = partial(setattr, graph, "expansion_search")
    return (lambda q: graph.search(q[0], K, threads=1).keys.astype(np.int64)), tune, efforts_from(K, 4096)


PEERS: dict[str, Callable[[Array], Peer]] = {
    **{f"{make.__name__} M {links}": partial(make, links) for make in (faiss_hnsw, hnswlib, usearch) for links in LINKS},
    "faiss_ivf": faiss_ivf,
}
