"""The groups of an archive: what its pairs are is found once and kept, and so are the groups that follow from it."""

import json
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from benzer_lab import _checks
from benzer_lab._disk import cache_home, cache_places, replacing, state
from benzer_lab._grouping import Member, grouped
from benzer_lab._verdicts import ALIKE, METHOD, Comparer, Pairs, Relation, Verdict, candidates, verdicts
from benzer_lab.errors import ArchiveError
from benzer_lab.extraction import locked
from benzer_lab.progress import Progress, bar, show
from benzer_lab.search import Searcher

CALLER = "find_duplicates"
FILE = "duplicates.parquet"  # the groups
PAIRS = "pairs.parquet"  # what pairs of images are: of the pictures alone, so that a new version asks only for new pairs
WORK = ".work/duplicates"  # the lock, and what is found until all is
CANDIDATES = "candidates.npz"
ALIKE_ELSEWHERE = 0.9  # of rows that no recipe with a measured threshold made
SCHEMA = pa.schema(
    {
        "group": pa.int32(),  # from 0; null in the one row of an image that is in no group
        "kind": pa.string(),
        "filename": pa.string(),
        "like": pa.string(),
        "score": pa.float32(),
        "difference": pa.float32(),
        "key": pa.string(),  # what changes when the image does
        "reason": pa.string(),  # why an image could not be compared
    }
)
PAIRS_SCHEMA = pa.schema(
    {"first": pa.string(), "second": pa.string(), "kind": pa.string(), "score": pa.float32(), "difference": pa.float32()},
    metadata={"method": METHOD},
)

Group = tuple[Relation, list[Member]]


class Found(NamedTuple):
    """The groups of an archive, and what they were found of.

    Parameters
    ----------
    table : pyarrow.Table
        A row an image of each group, in their order, and a row for each image that is in none: group, kind, filename, like, score,
        difference, key, reason.
    version : str
        Of the model `pattern`.
    created : str
        When, in UTC.
    n_pairs : int
        How many pairs were compared.
    asked : str
        What tells whether the same would be found again.
    """

    table: pa.Table
    version: str
    created: str
    n_pairs: int
    asked: str


def find(
    folder: Path,
    searcher: Searcher,
    comparer: Comparer,
    *,
    keys: dict[str, str],
    stamp: object,
    neighbors: int,
    processes: int | None,
    progress: Progress,
) -> Found:
    """Find the groups, and keep them; what is known of pairs of unchanged images is not compared again, also of a run that was stopped.

    Parameters
    ----------
    folder : Path
        The archive; where it may not be written, the user's cache keeps what is found.
    searcher : Searcher
        Of the model 'pattern'.
    comparer : Comparer
        Compares its images.
    keys : dict of str to str
        The image of each row, with what changes when it does.
    stamp : object
        What changes when the rows do.
    neighbors : int
        How many of each image are compared with it.
    processes : int or None
        How many work at a time; by default one a core. With 1 all is done in this process.
    progress : bool or callable
        Whether to show bars on stderr, or what to call with (done, total): of the images whose neighbors are sought, then of the pairs.

    Returns
    -------
    Found
        The kept ones, where the same was found before and every image could be read.

    Raises
    ------
    InputError
        When a number is below 1.
    ArchiveError
        When the disk refuses, or another process is at the same work.
    """
    neighbors = _checks.integer(neighbors, caller=CALLER, name="neighbors", low=1)
    if processes is not None:
        processes = _checks.integer(processes, caller=CALLER, name="processes", low=1)
    home = cache_home(folder)
    asked = json.dumps([METHOD, stamp, neighbors])
    with nullcontext() if home is None else locked(home / WORK, caller=CALLER):
        if (known := _found_before(folder, asked, keys)) is not None:
            return known
        work = None if home is None else home / WORK
        pairs, cosines = _candidates(work, searcher, asked, neighbors=neighbors, progress=progress)
        found, failures = _compared(home, comparer, pairs, cosines, keys, processes=processes, progress=progress)
        features = searcher.features
        groups = grouped(found, len(features), alike=ALIKE.get(features.recipe or "", ALIKE_ELSEWHERE))
        table = _table(groups, keys, failures)
        done = Found(table, features.version, datetime.now(UTC).isoformat(timespec="seconds"), len(pairs), asked)
        if home is not None:
            about = {name: str(value) for name, value in done._asdict().items() if name != "table"}
            with replacing(home / FILE) as draft:
                parquet.write_table(table.replace_schema_metadata(about), draft)
            (home / WORK / CANDIDATES).unlink(missing_ok=True)
    return done


def read(folder: Path) -> Found | None:
    """Return the groups that were found last.

    Parameters
    ----------
    folder : Path
        The archive.

    Returns
    -------
    Found or None
        None where nothing was looked for.

    Raises
    ------
    ArchiveError
        When the file is torn.
    """
    path = _latest(folder)
    if path is None:
        return None
    try:
        table = parquet.read_table(path)
        about = {name.decode(): value.decode() for name, value in (table.schema.metadata or {}).items()}
        return Found(table.cast(SCHEMA), about["version"], about["created"], int(about["n_pairs"]), about["asked"])
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise ArchiveError(f"{path}: must be a table of duplicates; {reason}. Delete it and call find_duplicates() again.") from error


def stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes when the groups of an archive do; nothing where there are none."""
    path = _latest(folder)
    return () if path is None else tuple(state(path))


def _latest(folder: Path) -> Path | None:
    """Return the file of the groups, in the archive or in the user's cache."""
    there = [path for place in cache_places(folder) if (path := place / FILE).exists()]
    return max(there, key=lambda path: path.stat().st_mtime_ns, default=None)


def keys_of(found: Found) -> dict[str, str]:
    """Return the images that groups were found of, with what changes when they do."""
    return dict(zip(found.table["filename"].to_pylist(), found.table["key"].to_pylist(), strict=True))


def _found_before(folder: Path, asked: str, keys: dict[str, str]) -> Found | None:
    """Return the groups that are kept, if they are of just these images and rows, and all images could be read."""
    try:
        found = read(folder)
    except ArchiveError:  # torn: they are found again
        return None
    is_same = found is not None and found.asked == asked and found.table["reason"].null_count == len(found.table)
    return found if found is not None and is_same and keys_of(found) == keys else None


def _candidates(
    work: Path | None, searcher: Searcher, asked: str, *, neighbors: int, progress: Progress
) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs that may be of one design; of a run that was stopped those that it had named."""
    path = None if work is None else work / CANDIDATES
    if path is not None and path.exists():
        try:
            with np.load(path, allow_pickle=False) as kept:
                if str(kept["asked"]) == asked:
                    return kept["pairs"], kept["cosines"]
        except (OSError, ValueError, KeyError, EOFError):  # torn: they are named again
            pass
    with bar("neighbors", len(searcher.features), progress) as tell:
        pairs, cosines = candidates(searcher, neighbors=neighbors, tell=tell)
    if path is not None:
        with replacing(path, durable=False) as draft, draft.open("wb") as file:
            np.savez(file, asked=np.array(asked), pairs=pairs, cosines=cosines)
    return pairs, cosines


def _compared(
    home: Path | None,
    comparer: Comparer,
    pairs: Pairs,
    cosines: NDArray[np.float32],
    prints: dict[str, str],
    *,
    processes: int | None,
    progress: Progress,
) -> tuple[list[Verdict], dict[str, str]]:
    """Say what pairs are, and which images could not be read; verdicts are kept as they are found."""
    filenames, keys = list(prints), list(prints.values())
    table = _kept_pairs(home)
    rows, is_known = _places(table, pairs, keys)
    found = _verdicts(table.take(rows[is_known]), pairs[is_known], cosines[is_known])
    failures: dict[str, str] = {}
    new = ~is_known

    def steps() -> Iterator[int]:
        with closing(verdicts(pairs[new], cosines[new], filenames, comparer, processes=processes)) as results:
            for some, refused, n in results:
                found.extend(some)
                failures.update(refused)
                if home is not None:
                    with replacing(home / WORK / f"part-{uuid4().hex}.parquet", durable=False) as draft:
                        parquet.write_table(_told(some, keys), draft)
                yield n

    show(steps(), progress, len(pairs), int(is_known.sum()), unit="pairs")
    if home is not None and new.any():
        still = pa.array(keys, pa.string())
        whole = _kept_pairs(home)
        whole = whole.filter(pc.and_(pc.is_in(whole["first"], value_set=still), pc.is_in(whole["second"], value_set=still)))
        with replacing(home / PAIRS) as draft:
            parquet.write_table(whole, draft, dictionary_pagesize_limit=2**26)  # keys come several times, but may be many
        for part in (home / WORK).glob("part-*.parquet"):
            part.unlink(missing_ok=True)
    return found, failures


def _kept_pairs(home: Path | None) -> pa.Table:
    """Return what earlier runs found of pairs by the same method; of a run that was stopped, too."""
    tables = [PAIRS_SCHEMA.empty_table()]
    for path in [] if home is None else [home / PAIRS, *(home / WORK).glob("part-*.parquet")]:
        try:
            stored = parquet.read_table(path)
        except (OSError, pa.ArrowException):  # torn, or there is none: they are compared again
            continue
        if stored.schema.equals(PAIRS_SCHEMA, check_metadata=True):
            tables.append(stored)
    return pa.concat_tables(tables)


def _places(table: pa.Table, pairs: Pairs, keys: list[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return for each pair its row in a table of known ones, and whether it is known."""
    n, value_set = len(keys), pa.array(keys, pa.string())
    first, second = (pc.fill_null(pc.index_in(table[side], value_set=value_set), -1).to_numpy() for side in ("first", "second"))
    is_here = (first >= 0) & (second >= 0)
    codes = np.where(is_here, np.minimum(first, second).astype(np.int64) * n + np.maximum(first, second), -1)
    order = np.argsort(codes, kind="stable")
    wanted = pairs @ [n, 1]
    places = np.searchsorted(codes[order], wanted)
    rows = order[places.clip(max=len(order) - 1)] if len(order) else np.zeros(len(wanted), np.int64)
    return rows, (codes[rows] == wanted) if len(order) else np.zeros(len(wanted), np.bool_)


def _verdicts(known: pa.Table, pairs: Pairs, cosines: NDArray[np.float32]) -> list[Verdict]:
    """Return what is known of pairs; what two look-alikes score is the cosine of their rows, which may be those of another version."""
    columns = (known[name].to_pylist() for name in ("kind", "score", "difference"))
    rows = zip(pairs.tolist(), cosines.tolist(), *columns, strict=True)
    return [
        Verdict(first, second, kind, max(cosine, 0.0) if kind == "look-alike" else score, difference)
        for (first, second), cosine, kind, score, difference in rows
    ]


def _told(found: list[Verdict], keys: list[str]) -> pa.Table:
    """Return verdicts as they are kept."""
    first, second, *rest = zip(*found, strict=True) if found else ((),) * 5
    return pa.table([[keys[row] for row in first], [keys[row] for row in second], *rest], schema=PAIRS_SCHEMA)


def _table(groups: list[Group], prints: dict[str, str], failures: dict[str, str]) -> pa.Table:
    """Return groups as they are kept, and the images that are in none."""
    filenames, keys = list(prints), list(prints.values())
    members = [(number, kind, member) for number, (kind, several) in enumerate(groups) for member in several]
    lone = sorted(set(range(len(filenames))) - {member.row for _, _, member in members})
    rows = [member.row for _, _, member in members] + lone
    rest = [None] * len(lone)
    return pa.table(
        {
            "group": [number for number, _, _ in members] + rest,
            "kind": [kind for _, kind, _ in members] + rest,
            "filename": [filenames[row] for row in rows],
            "like": [filenames[member.like] for _, _, member in members] + rest,
            "score": [member.score for _, _, member in members] + rest,
            "difference": [member.difference for _, _, member in members] + rest,
            "key": [keys[row] for row in rows],
            "reason": [failures.get(filenames[row]) for row in rows],
        },
        schema=SCHEMA,
    )
