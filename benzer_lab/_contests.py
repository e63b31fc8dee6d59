"""What contestants are given, and how good their answers are."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import Rows
from benzer_lab._neighborhoods import trustworthiness
from benzer_lab.features import unit
from benzer_lab.images import ImageFolder, decode
from benzer_lab.recipes import find_recipe

TIE = 1e-6  # cosines that are no further apart are equal: engines compute in float32
EACH = 20  # questions that a contestant is asked in a round
CLICKS = 3  # of a whole request
WARM_UP = 3  # that it is asked before
BLOCK = 16_384
JUDGED = 1_000  # rows of a map
MODEL, RECIPE = "pattern", "pattern-1"  # of archives that are made, and by which features are computed
FEW = 4  # images to warm up with
ALIKE = 0.9999  # cosine of rows that are the same but for rounding

Array = NDArray[Any]
Answers = Sequence[tuple[int, Any]]  # each with the question that it answers


@dataclass(frozen=True)
class Problem:
    """What all contestants are given alike; it lies on disk.

    Parameters
    ----------
    folder : Path
        Where.
    n, d : int
        Rows and columns.
    k : int
        Neighbors, clusters...
    asked_quality : float
        What an answer must reach.
    rounds : int
        How often each is asked.
    threads : int
        That each may use.
    random_state : int
        Of all that is drawn.
    """

    folder: Path
    n: int
    d: int
    k: int
    asked_quality: float
    rounds: int
    threads: int
    random_state: int

    quality = "quality"  # its name, as a column
    baseline = "scikit-learn"  # whom others are compared with
    each = 1  # questions in a round
    in_processes = False  # whether engines may start processes of their own
    rest_s = 0.0  # between the warm-up and the first round
    warm_up: ClassVar[tuple[int, ...]] = (-1,)  # questions asked before

    def open(self) -> None:
        """Read what all contestants need, before any is timed."""

    def round(self, i: int) -> list[int]:
        """Return the questions of a round."""
        return list(range(i * self.each, (i + 1) * self.each))

    def asked(self, which: int) -> Any:
        """Return a question."""
        raise NotImplementedError

    def judge(self, answers: Answers) -> float:
        """Return how good answers are."""
        raise NotImplementedError

    def wanted(self, qualities: Sequence[float]) -> float:
        """Return what the answers must reach, given how good those of all contestants are."""
        return self.asked_quality

    def as_good(self, quality: float, wanted: float) -> bool:
        """Whether answers are as good as is wanted."""
        return quality >= wanted

    def reached(self, answer: Callable[[Any], Any]) -> bool:
        """Whether answers are as good as was asked for; for those who can work harder. The questions are those that will be timed."""
        several = range(self.rounds * self.each)
        return self.judge([(which, answer(self.asked(which))) for which in several]) >= self.asked_quality


@dataclass(frozen=True)
class Search(Problem):
    """The nearest rows of queries that are not among them."""

    quality = "recall"
    each = EACH
    warm_up = tuple(range(WARM_UP))

    @cached_property
    def x(self) -> Array:
        """Rows of length 1 (n, d), float32, mapped."""
        return np.asarray(np.load(self.folder / "rows.npy", mmap_mode="r"))

    @cached_property
    def queries(self) -> Array:
        """Queries of length 1, (rounds * each, d)."""
        return np.asarray(np.load(self.folder / "queries.npy"))

    @cached_property
    def truth(self) -> Array:
        """The cosine of the `k`-th nearest row of each query, in float64."""
        return np.asarray(np.load(self.folder / "truth.npy"))

    def prepare(self, x: Array, queries: Array) -> None:
        """Write what contestants read."""
        np.save(self.folder / "rows.npy", x)
        np.save(self.folder / "queries.npy", queries)
        np.save(self.folder / "truth.npy", least(x, queries, self.k))

    def open(self) -> None:
        """Bring all rows into memory that is shared, so that nobody waits for the disk."""
        float(sum(self.x[start : start + BLOCK].sum() for start in range(0, self.n, BLOCK)))
        _ = self.queries, self.truth

    def asked(self, which: int) -> Any:
        """Return a query, (1, d)."""
        return self.queries[which : which + 1]

    def judge(self, answers: Answers) -> float:
        """Return which part of the nearest rows was found, on average."""
        found = [self._found(which, np.asarray(rows)) for which, rows in answers]
        return float(np.mean(found))

    def _found(self, which: int, rows: Rows) -> float:
        """Return which part of the nearest rows is among those found; a row counts once."""
        rows = np.unique(rows[(rows >= 0) & (rows < self.n)])
        cosines = unit(self.x[rows].astype(np.float64)) @ unit(self.queries[which : which + 1].astype(np.float64))[0]
        return min(1.0, float((cosines >= self.truth[which] - TIE).sum()) / min(self.k, self.n))


def least(x: Array, queries: Array, k: int) -> NDArray[np.float64]:
    """Return the cosine of the `k`-th nearest row of each query, by brute force in float64."""
    best = np.empty((len(queries), 0))
    q = unit(queries.astype(np.float64))
    for start in range(0, len(x), BLOCK):
        cosines = q @ unit(x[start : start + BLOCK].astype(np.float64)).T
        best = -np.sort(-np.hstack([best, cosines]), axis=1)[:, :k]
    return best[:, -1]


@dataclass(frozen=True)
class Filters(Search):
    """The nearest of the rows that pass a filter, another one for each query."""

    share: float = 1.0

    def passing(self, which: int) -> NDArray[np.bool_]:
        """Return which rows pass with a query: a part of all, drawn at random."""
        n = max(1, round(self.share * self.n))
        mask = np.zeros(self.n, bool)
        mask[np.random.default_rng([self.random_state, which]).choice(self.n, n, replace=False)] = True
        return mask

    def prepare(self, x: Array, queries: Array) -> None:
        """Write what contestants read."""
        truth = [least(x[self.passing(i)], queries[i : i + 1], self.k)[0] for i in range(len(queries))]
        np.save(self.folder / "rows.npy", x)
        np.save(self.folder / "queries.npy", queries)
        np.save(self.folder / "truth.npy", truth)

    def asked(self, which: int) -> Any:
        """Return a query (1, d), and the mask of the rows that pass."""
        return self.queries[which : which + 1], self.passing(which)

    def _found(self, which: int, rows: Rows) -> float:
        """Return which part of the nearest rows that pass is among those found; a row that does not pass counts for nothing."""
        rows = rows[(rows >= 0) & (rows < self.n)]
        kept = self.passing(which)[rows]
        n_wanted = min(self.k, max(1, round(self.share * self.n)))
        return min(1.0, super()._found(which, rows[kept]) * min(self.k, self.n) / n_wanted)


@dataclass(frozen=True)
class Request(Search):
    """A whole click: a file name in, the look-alikes with their metadata out, as JSON."""

    quality = "same"
    each = CLICKS
    warm_up = (0, 1)
    rest_s = 2.5  # files that have only just been written are looked at anew at each click: an archive that is in use is older
    baseline = "existing request"

    @cached_property
    def filenames(self) -> list[str]:
        """The name of each row."""
        return list(json.loads((self.archive / f"{MODEL}_filenames.json").read_text(encoding="utf-8")))

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each name."""
        return {name: row for row, name in enumerate(self.filenames)}

    @property
    def archive(self) -> Path:
        """Where the archive lies, as the existing system lays it out."""
        return self.folder / "archive"

    def prepare_archive(self, x: Array, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
        """Write an archive, of which some rows are the queries; each is nearest to itself, which is left out of the answer."""
        self.archive.mkdir()
        lay_out(self.archive, names, records)
        np.save(self.archive / f"{MODEL}_features.npy", x)
        (self.folder / "rows.npy").hardlink_to(self.archive / f"{MODEL}_features.npy")
        chosen = np.random.default_rng(self.random_state).choice(len(x), self.rounds * self.each, replace=self.rounds * self.each > len(x))
        np.save(self.folder / "asked.npy", chosen)
        np.save(self.folder / "queries.npy", x[chosen])
        np.save(self.folder / "truth.npy", least(x, x[chosen], self.k + 1))

    def own_archive(self) -> Path:
        """Return a copy for one contestant, which keeps its index there."""
        return Path(shutil.copytree(self.archive, self.folder / f"archive-{os.getpid()}", copy_function=os.link))

    @cached_property
    def chosen(self) -> Rows:
        """The row of each query."""
        return np.asarray(np.load(self.folder / "asked.npy"))

    def asked(self, which: int) -> Any:
        """Return a file name."""
        return self.filenames[self.chosen[which]]

    def judge(self, answers: Answers) -> float:
        """Return which part of the right answers was given, on average; the design that was asked for is none."""
        found = []
        for which, text in answers:
            rows = np.array([self.row_of[hit["filename"]] for hit in json.loads(text)], np.int64)
            found.append(self._found(which, rows[rows != self.chosen[which]]))
        return float(np.mean(found))


def lay_out(folder: Path, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
    """Write names and metadata of an archive as the existing system does; its features lie beside them."""
    for file, value in ((f"{MODEL}_filenames.json", names), ("image_metadata_map.json", dict(zip(names, records, strict=True)))):
        (folder / file).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def made_up(n: int, random_state: int = 0) -> tuple[list[str], list[dict[str, Any]]]:
    """Return names and metadata of `n` images that do not exist, four of each design."""
    rng = np.random.default_rng(random_state)
    designs = [f"{name} {i}" for i, name in enumerate(rng.choice(["Lâle", "Iğdır", "Çınar", "Şakayık", "Gül", "Ömür"], n // 4 + 1))]
    names = [f"{designs[i // 4].replace(' ', '-')}-{i % 4}.png" for i in range(n)]
    seasons = rng.choice(["SS23", "AW23", "SS24", "AW24"], n).tolist()
    qualities = rng.choice(["ipek saten", "pamuklu poplin", "yün krep", "keten"], n).tolist()
    features = rng.choice(["çiçekli", "çizgili", "ekose", "şal deseni", "puantiye", "geometrik"], (n, 2)).tolist()
    facts = zip(range(n), seasons, qualities, features, strict=True)
    return names, [
        {"design": designs[i // 4], "season": season, "quality": quality, "features": sorted(set(several))}
        for i, season, quality, several in facts
    ]


@dataclass(frozen=True)
class Task:
    """Rows to be worked on as a whole.

    Parameters
    ----------
    x : ndarray of shape (n, d), float32
        Of length 1, mapped.
    k : int
        Clusters, or neighbors.
    seed : int
        Another one in each round.
    """

    x: Array
    k: int
    seed: int


@dataclass(frozen=True)
class Whole(Problem):
    """All rows at once, in each round from another seed."""

    rehearsed: ClassVar[int] = 2_000  # rows to warm up with

    @cached_property
    def x(self) -> Array:
        """Rows of length 1 (n, d), float32, mapped."""
        return np.asarray(np.load(self.folder / "rows.npy", mmap_mode="r"))

    def prepare(self, x: Array) -> None:
        """Write what contestants read."""
        np.save(self.folder / "rows.npy", x)

    def open(self) -> None:
        """Bring all rows into memory that is shared."""
        float(sum(self.x[start : start + BLOCK].sum() for start in range(0, self.n, BLOCK)))

    def asked(self, which: int) -> Task:
        """Return the rows, or fewer to warm up with."""
        if which >= 0:
            return Task(self.x, self.k, self.random_state + which)
        few = min(self.n, self.rehearsed)
        return Task(self.x[:few], min(self.k, few // 2), self.random_state)


@dataclass(frozen=True)
class Clusters(Whole):
    """Rows in `k` clusters; inertia must be within a part of the least."""

    quality = "inertia"

    def judge(self, answers: Answers) -> float:
        """Return the inertia of all rows from the centers found, in float64, on average."""
        return float(np.mean([self._inertia(np.asarray(centers, np.float64)) for _, centers in answers]))

    def _inertia(self, centers: NDArray[np.float64]) -> float:
        """Return the sum of squared distances to the nearest center."""
        total = 0.0
        for start in range(0, self.n, BLOCK):
            x = self.x[start : start + BLOCK].astype(np.float64)
            squared = (x**2).sum(axis=1)[:, None] + (centers**2).sum(axis=1) - 2 * x @ centers.T
            total += float(squared.min(axis=1).sum())
        return total

    def wanted(self, qualities: Sequence[float]) -> float:
        """Return how much inertia there may be."""
        return min(qualities) * (1 + self.asked_quality)

    def as_good(self, quality: float, wanted: float) -> bool:
        """Whether the inertia is as low as is wanted."""
        return quality <= wanted


@dataclass(frozen=True)
class Map(Whole):
    """Rows on a map; trustworthiness must be within so much of the greatest."""

    quality = "trustworthiness"
    baseline = "umap-learn"
    rehearsed: ClassVar[int] = 4_500  # from 4,096 rows on umap-learn finds neighbors in the way that must be compiled

    def judge(self, answers: Answers) -> float:
        """Return how far the maps are to be trusted, on average."""
        k, n_sampled = min(self.k, (self.n - 1) // 2), min(self.n, JUDGED)
        several = [trustworthiness(self.x, places, n_neighbors=k, metric="cosine", n_sampled=n_sampled) for _, places in answers]
        return float(np.mean([score.value for score in several]))

    def wanted(self, qualities: Sequence[float]) -> float:
        """Return what must be reached."""
        return max(qualities) - self.asked_quality


@dataclass(frozen=True)
class Images(Problem):
    """Images whose features are computed; rows must be those of a reference, but for rounding."""

    images: ImageFolder
    names: tuple[str, ...]

    quality = "same"
    baseline = "torch"
    in_processes = True

    def asked(self, which: int) -> list[str]:
        """Return the names of all images, or of a few to warm up with."""
        return list(self.names if which >= 0 else self.names[:FEW])

    @cached_property
    def truth(self) -> Array:
        """Return the rows of all images, one after the other."""
        recipe = find_recipe(RECIPE)
        read = (decode(self.images.read(name), target=recipe.target, name=name) for name in self.names)
        return np.concatenate([recipe.embed([recipe.prepare(image)], "cpu") for image in read])

    def judge(self, answers: Answers) -> float:
        """Return which part of the rows is the same, on average."""
        return float(np.mean([((np.asarray(rows) * self.truth).sum(axis=1) >= ALIKE).mean() for _, rows in answers]))
