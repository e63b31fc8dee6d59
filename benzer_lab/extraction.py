"""Images to rows by recipe: on all cores, resumable, and past whatever single image fails."""

import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from benzer_lab import _checks
from benzer_lab._disk import replacing
from benzer_lab._workers import DIED, chunks_of, done, stopping
from benzer_lab.errors import ArchiveError, ImageError, InputError
from benzer_lab.images import ImageFolder, decode
from benzer_lab.progress import Progress, show
from benzer_lab.recipes import Recipe, device_for, find_recipe

CHUNK = 32  # images: a second or two of work, which is what a kill can cost

Floats = NDArray[np.float32]
Job = tuple[str, tuple[str, ...]]  # a file name, and the recipes that want it
Done = tuple[dict[str, tuple[list[str], Any]], dict[str, str]]  # of each recipe names and arrays; of failures the reasons


@dataclass(frozen=True, eq=False)
class Extraction:
    """What an extraction made.

    Attributes
    ----------
    filenames : dict of str to tuple of str
        For each recipe the images that have a row, in the order in which they were wanted.
    rows : dict of str to numpy.ndarray of shape (n, d), float32
        For each recipe, beside `filenames`.
    fingerprints : dict of str to tuple of str
        For each recipe, beside `filenames`: what the images were when the folder was listed.
    failures : dict of str to str
        Images that lack a row, with the reason.
    resumed : frozenset of str
        Images of which an earlier run had left nothing to compute.
    seconds : float
        Wall time.
    """

    filenames: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Floats]
    fingerprints: Mapping[str, tuple[str, ...]]
    failures: Mapping[str, str]
    resumed: frozenset[str]
    seconds: float

    @property
    def n_resumed(self) -> int:
        """How many images an earlier run had done."""
        return len(self.resumed)

    @property
    def n_computed(self) -> int:
        """How many images this run did."""
        return len({name for names in self.filenames.values() for name in names} - self.resumed - self.failures.keys())

    def to_frame(self) -> Any:
        """Return the report.

        Returns
        -------
        pandas.DataFrame
            A row an image, by name: filename, status ('computed', 'resumed' or 'failed'), reason (empty unless failed).
        """
        import pandas as pd

        names = sorted({name for names in self.filenames.values() for name in names} | self.failures.keys())
        status = ["failed" if n in self.failures else "resumed" if n in self.resumed else "computed" for n in names]
        return pd.DataFrame({"filename": names, "status": status, "reason": [self.failures.get(n, "") for n in names]})


def extract(
    folder: ImageFolder,
    wanted: Mapping[str, Sequence[str]],
    *,
    work: Path,
    processes: int | None = None,
    device: str = "auto",
    progress: Progress = True,
) -> Extraction:
    """Compute the rows of many images, on all cores; started again after a kill, go on where it stopped.

    Each image is read and decoded once. What is done lies in `work` as small files, in a folder for each recipe, until the caller has
    stored the rows and calls `forget`.

    Parameters
    ----------
    folder : ImageFolder
        Where the images lie.
    wanted : mapping of str to sequence of str
        For each recipe, by name, the images to compute.
    work : Path
        A folder of this extraction's own, made if needed; hold it with `locked`.
    processes : int, optional
        How many work at a time; by default one a core. With 1 all is done in this process, which an image could then end.
    device : str, default="auto"
        Where the network runs; see `benzer_lab.network.choose_device`. On a GPU it runs in this process, the others decode.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of images done and wanted.

    Returns
    -------
    Extraction
        Rows, failures, and what was resumed.

    Raises
    ------
    InputError
        When a recipe, image or device is unknown, an image is wanted twice, or processes cannot start.
    ArchiveError
        When `work` cannot be written.
    """
    began = perf_counter()
    tables = {name: _Table(find_recipe(name), folder, names) for name, names in wanted.items()}
    device = device_for([table.recipe for table in tables.values()], device)
    if processes is not None:
        processes = _checks.integer(processes, caller="extract", name="processes", low=1)
    names = {name for table in tables.values() for name in table.places}
    run = _Run(folder, tables, work, device)
    run.resume()
    jobs = run.jobs()
    with closing(run.results(chunks_of(jobs, CHUNK), processes)) as steps:
        show(steps, progress, len(names), len(names) - len(jobs))
    parts = {name: table.filled() for name, table in tables.items()}
    return Extraction(
        filenames={name: part[0] for name, part in parts.items()},
        rows={name: part[1] for name, part in parts.items()},
        fingerprints={name: part[2] for name, part in parts.items()},
        failures=run.failures,
        resumed=frozenset(names - {name for name, _ in jobs}),
        seconds=perf_counter() - began,
    )


class _Table:
    """The rows of one recipe, while they come in."""

    def __init__(self, recipe: Recipe, folder: ImageFolder, filenames: Sequence[str]) -> None:
        self.recipe = recipe
        self.places = {name: place for place, name in enumerate(filenames)}
        if len(self.places) < len(filenames):
            raise InputError(f"extract: wanted must name an image once; {recipe.name!r} names {len(filenames) - len(self.places):,} twice.")
        self.fingerprints = [folder.fingerprint(name) for name in filenames]
        self.rows = np.empty((len(filenames), recipe.d), np.float32)
        self.has_row = np.zeros(len(filenames), bool)
        self.card = json.dumps(recipe.card(), sort_keys=True)

    def put(self, places: list[int], rows: Floats) -> None:
        """Take rows in."""
        self.rows[places] = rows
        self.has_row[places] = True

    def put_unchanged(self, filenames: list[str], fingerprints: list[str], rows: Floats) -> None:
        """Take in those rows of an earlier run whose images are wanted and the same."""
        found = [(self.places[name], row) for row, name in enumerate(filenames) if name in self.places]
        same = [(place, row) for place, row in found if self.fingerprints[place] == fingerprints[row]]
        self.put([place for place, _ in same], rows[[row for _, row in same]])

    def lacks(self, name: str) -> bool:
        """Whether a row is wanted for the image and not there yet."""
        place = self.places.get(name)
        return place is not None and not self.has_row[place]

    def filled(self) -> tuple[tuple[str, ...], Floats, tuple[str, ...]]:
        """Return file names, rows and fingerprints of the images that have a row, once all are in: the rows close up where they lie."""
        filenames, places = list(self.places), np.flatnonzero(self.has_row)
        for row, place in enumerate(places):
            if row < place:
                self.rows[row] = self.rows[place]
        return tuple(filenames[i] for i in places), self.rows[: len(places)], tuple(self.fingerprints[i] for i in places)


class _Run:
    """An extraction under way."""

    def __init__(self, folder: ImageFolder, tables: Mapping[str, _Table], work: Path, device: str) -> None:
        self._tables, self._work, self._device = tables, work, device
        recipes = {name: _sent(table.recipe) for name, table in tables.items()}
        self._compute = partial(_compute, folder, recipes, device)
        self.failures: dict[str, str] = {}

    def resume(self) -> None:
        """Take over what earlier runs left, where recipe and image are still the same."""
        found = ((table, path) for recipe, table in self._tables.items() for path in (self._work / recipe).glob("part-*.npz"))
        for table, path in found:
            part = _read_part(path)
            names, prints, rows = (part[key].shape for key in ("filenames", "fingerprints", "rows")) if part else ((), (), ())
            if part and str(part["recipe"]) == table.card and names == prints and rows == (*names, table.recipe.d):
                table.put_unchanged(part["filenames"].tolist(), part["fingerprints"].tolist(), part["rows"])

    def jobs(self) -> list[Job]:
        """List what is left to do."""
        names = dict.fromkeys(name for table in self._tables.values() for name in table.places)
        jobs = ((name, tuple(r for r, table in self._tables.items() if table.lacks(name))) for name in names)
        return [job for job in jobs if job[1]]

    def results(self, chunks: list[list[Job]], processes: int | None) -> Generator[int, None, None]:
        """Compute chunks and keep their rows; give the number of images of each."""
        with done(self._compute, chunks, processes) as results:
            for chunk, result in results:
                self._keep(chunk, result)
                yield len(chunk)

    def _keep(self, chunk: list[Job], result: Done | None) -> None:
        """Store the rows of a chunk on disk, then in memory."""
        if result is None:
            [(name, _)] = chunk
            self.failures[name] = f"extract: {name!r} {DIED}. Make the image smaller, or use a larger machine."
            return
        self.failures |= result[1]
        for recipe, (names, arrays) in result[0].items():
            table, rows = self._tables[recipe], arrays
            if not _is_embedded_early(table.recipe, self._device):
                names, rows, refused = _embedded(table.recipe, names, arrays, self._device)
                self.failures |= refused
            places = [table.places[name] for name in names]
            prints = [table.fingerprints[place] for place in places]
            with replacing(self._work / recipe / f"part-{uuid4().hex}.npz") as draft, draft.open("wb") as file:
                np.savez(file, recipe=table.card, filenames=names, fingerprints=prints, rows=rows)
            table.put(places, rows)


def _sent(recipe: Recipe) -> Recipe:
    """Return a recipe as it goes to other processes: without what stays here, which may be a function that cannot be sent."""
    return replace(recipe, embed=_stays) if recipe.runs_here else recipe


def _stays(prepared: Sequence[NDArray[Any]], device: str) -> Floats:
    """Stand in for an `embed` that is called elsewhere."""
    raise AssertionError("embed is called in the process that extracts")


def _embedded(recipe: Recipe, names: list[str], arrays: Sequence[NDArray[Any]], device: str) -> tuple[list[str], Floats, dict[str, str]]:
    """Embed what was prepared; where a model refuses a batch, image by image, so that only those are lost that it cannot take."""
    try:
        return names, recipe.embed([*arrays], device), {}
    except ImageError as error:
        whole = error
    rows, refused = {}, {}
    for name, array in zip(names, arrays, strict=True):
        try:
            rows[name] = recipe.embed([array], device)
        except ImageError as error:
            refused[name] = f"extract: {name!r}: {error}"
    if not rows:  # not for want of a good image: the model fails, and would on all the others, too
        raise InputError(f"extract: {next(iter(refused.values())).removeprefix('extract: ')}") from whole
    return [*rows], np.concatenate([*rows.values()]), refused


def _compute(folder: ImageFolder, known: Mapping[str, Recipe], device: str, chunk: list[Job]) -> Done:
    """Read, decode and prepare the images of a chunk, and embed them unless that is done on a GPU."""
    prepared: dict[str, dict[str, NDArray[Any]]] = {}
    failures = {}
    for name, recipes in chunk:
        if stopping():
            break
        try:
            data = folder.read(name)
            images = {target: decode(data, target=target, name=name) for target in {known[r].target for r in recipes}}
        except ImageError as error:
            failures[name] = str(error)
            continue
        for recipe in recipes:
            prepared.setdefault(recipe, {})[name] = known[recipe].prepare(images[known[recipe].target])
    found = {}
    for recipe, arrays in prepared.items():
        early = _is_embedded_early(known[recipe], device)
        found[recipe] = list(arrays), known[recipe].embed([*arrays.values()], device) if early else [*arrays.values()]
    return found, failures


def _is_embedded_early(recipe: Recipe, device: str) -> bool:
    """Whether the process that decodes embeds, too; a GPU is left to one process."""
    return not recipe.runs_here and (device == "cpu" or not recipe.uses_device)


def _read_part(path: Path) -> dict[str, NDArray[Any]] | None:
    """Read rows that an earlier run left; a file that is torn, or not such a part, gives None."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in ("recipe", "filenames", "fingerprints", "rows")}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError):
        return None
    except OSError as error:
        raise ArchiveError(f"extract: {path} cannot be read: {error.strerror}. Give read permission, or delete it.") from error


def forget(work: Path, recipes: Iterable[str]) -> None:
    """Delete what an extraction left in its work folder, once its rows are stored.

    Parameters
    ----------
    work : Path
        Held with `locked`.
    recipes : iterable of str
        Names of those whose parts go; others may belong to a run that was stopped.
    """
    for recipe in recipes:
        shutil.rmtree(work / recipe, ignore_errors=True)  # what cannot be deleted is taken up again, or not wanted any more


@contextmanager
def locked(work: Path, *, caller: str = "extract") -> Iterator[None]:
    """Hold a work folder against others that would do the same work.

    Parameters
    ----------
    work : Path
        Made if needed. It stays, with the file that is the lock: if that were deleted, two could each hold one.
    caller : str, default="extract"
        Who asks; named in the errors.

    Yields
    ------
    None
        While the folder is this process's own.

    Raises
    ------
    ArchiveError
        When it cannot be written, or another process extracts there; the sentence names the process.
    """
    lock, holder = FileLock(work / "lock"), work / "holder"
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        doing = "extracting" if caller == "extract" else "at work"
        who = f"process {holder.read_text()}" if holder.exists() else "another process"
        raise ArchiveError(f"{caller}: {work} must be free; {who} is {doing} there. Wait until it is done, or stop it.") from error
    except OSError as error:
        raise ArchiveError(f"{caller}: {work} cannot be written: {error.strerror}. Free space or give write permission there.") from error
    try:
        with replacing(holder) as draft:
            draft.write_text(str(os.getpid()))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
