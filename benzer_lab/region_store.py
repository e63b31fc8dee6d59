"""The regions of an archive's images: described on all cores, kept in a file of their own, mapped when they are searched."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa

from benzer_lab import _checks
from benzer_lab._disk import replacing, state
from benzer_lab._workers import DIED, chunks_of, done, stopping
from benzer_lab.errors import ArchiveError, ImageError
from benzer_lab.extraction import locked
from benzer_lab.images import ImageFolder, opened
from benzer_lab.network import SIDE
from benzer_lab.progress import Progress, show
from benzer_lab.region_search import SIEVED, Regions
from benzer_lab.region_sieve import Sieve
from benzer_lab.regions import LEAST, N_BYTES, REGIONS_1, View, describe_regions, pack, views_of

FILE = "regions.arrow"
WINDOWS = "regions-windows.npz"  # made of it: by what many images are sifted, and how much of the truth is found so
WORK = ".work/regions"  # the lock, and what is described until all is
CALLER = "index_regions"
CHUNK = 32  # images: a second of work, which is what a kill can cost
BLOCK = 4096  # images written, and mapped, together: 29 MB
LISTED = 1_000  # images looked at closely, at least
QUESTIONS, DRAWN = 16, 8  # by which recall is measured: parts of as many images, for each the one of several boxes that shows most
OLD_ENOUGH = 0.8  # of the images there are: recall that was measured with fewer is measured again
SCHEMA = pa.schema(
    {
        "filename": pa.string(),
        "width": pa.int32(),
        "height": pa.int32(),
        "rows": pa.int16(),
        "columns": pa.int16(),
        "reason": pa.string(),  # why an image has no regions
        "fingerprint": pa.string(),
        "packed": pa.binary(N_BYTES),
    },
    metadata={"method": json.dumps(REGIONS_1)},
)

Row = dict[str, Any]


def read(folder: Path) -> tuple[pa.Table, Regions]:
    """Map the regions of an archive.

    Parameters
    ----------
    folder : Path
        The archive.

    Returns
    -------
    table : pyarrow.Table of n rows
        A row an image: filename, width, height, rows, columns, reason, fingerprint.
    regions : Regions
        Of the same images; none where nothing was described.

    Raises
    ------
    ArchiveError
        When the file is torn, or of another method than this library's.
    """
    path = folder / FILE
    table = _mapped(path) if path.exists() else SCHEMA.empty_table()
    if table is None:
        raise ArchiveError(f"{path}: must be a whole file of this library's regions. Call index_regions(), which writes it anew.")
    chunks = table["packed"].chunks
    packed = [np.frombuffer(c.buffers()[1], np.int8, len(c) * N_BYTES, c.offset * N_BYTES).reshape(-1, N_BYTES) for c in chunks]
    grids, sizes = (
        np.stack([table[one].to_numpy() for one in pair], axis=1).astype(np.int64) for pair in (("rows", "columns"), ("width", "height"))
    )
    table, regions = table.drop_columns("packed"), Regions(packed, grids, sizes)
    windows = _windows(folder)
    return table, regions if windows is None or windows["of"] != _digest(table) else _with(regions, windows)


def stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes when the regions of an archive do; nothing where there are none."""
    if not (folder / FILE).exists():
        return ()
    return tuple(part for path in (folder / FILE, folder / WINDOWS) if path.exists() for part in state(path))


def describe(folder: Path, images: ImageFolder, *, processes: int | None, progress: Progress) -> None:
    """Describe those images that are new or changed; started again after a kill, go on where it stopped.

    Parameters
    ----------
    folder : Path
        The archive.
    images : ImageFolder
        Its images, listed afresh.
    processes : int or None
        How many work at a time; by default one a core. With 1 all is done in this process.
    progress : bool or callable
        Whether to show a bar on stderr, or what to call with the numbers of images done and to do.

    Raises
    ------
    InputError
        When `processes` is below 1.
    ArchiveError
        When the disk refuses, or another process is at the same work.
    """
    if processes is not None:
        processes = _checks.integer(processes, caller=CALLER, name="processes", low=1)
    images.refresh()
    work = folder / WORK
    with locked(work, caller=CALLER):
        prints = {name: images.fingerprint(name) for name in images.filenames}
        kept = _mapped(folder / FILE)
        known = _places(_sources(folder, work))
        wanted = [(name, found) for name, found in prints.items() if (name, found) not in known]

        def keeping() -> Iterator[int]:
            for rows in _described(images, wanted, processes):
                with replacing(work / f"part-{uuid4().hex}.arrow", durable=False) as draft:
                    _write(draft, [pa.Table.from_pylist(rows, SCHEMA)])
                yield len(rows)

        show(keeping(), progress, len(prints), len(prints) - len(wanted))
        if wanted or kept is None or kept["filename"].to_pylist() != list(prints):
            sources = _sources(folder, work)
            known = _places(sources)
            places = [known[one] for one in prints.items() if one in known]
            with replacing(folder / FILE) as draft:
                _write(draft, (_gathered(sources, places[i : i + BLOCK]) for i in range(0, len(places), BLOCK)))
        for part in work.glob("part-*.arrow"):
            part.unlink(missing_ok=True)
        _sift(folder, images)


def _sift(folder: Path, images: ImageFolder) -> None:
    """Write by what many images are sifted, and how much of the truth is found so, unless that is there."""
    (table, regions), windows = read(folder), _windows(folder)
    of, n = _digest(table), int(np.count_nonzero(regions.grids[:, 0]))
    if windows is not None and windows["of"] == of:
        return
    if n > SIEVED:
        regions = regions.sieved()
    same = windows is not None and ("codes" in windows) == (n > SIEVED) and windows["measured_on"] > LISTED  # as it is looked for now
    if windows is not None and same and windows["measured_on"] >= OLD_ENOUGH * n:
        found, measured_on = float(windows["recall"]), int(windows["measured_on"])
    else:
        found, measured_on = (regions.measured(_questions(table, regions, images), n=LISTED) if n > LISTED else 1.0), n
    kept: dict[str, Any] = {} if regions.sieve is None else {"axes": regions.sieve.axes, "codes": regions.sieve.packed()}
    with replacing(folder / WINDOWS) as draft, draft.open("wb") as file:
        np.savez_compressed(file, of=of, recall=found, measured_on=measured_on, **kept)


def _windows(folder: Path) -> dict[str, Any] | None:
    """Read what `_sift` wrote; None where there is nothing, or it is torn."""
    try:
        with np.load(folder / WINDOWS, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, BadZipFile):
        return None


def _with(regions: Regions, windows: dict[str, Any]) -> Regions:
    """Return regions with what was made of them."""
    sieve = Sieve.unpacked(windows["axes"], windows["codes"]) if "codes" in windows else None
    return replace(regions, sieve=sieve, recall=float(windows["recall"]))


def _digest(table: pa.Table) -> str:
    """Return what tells the described images, and the method, from any others."""
    told = hashlib.sha256(json.dumps(REGIONS_1).encode())
    for name in ("filename", "fingerprint"):
        told.update(json.dumps(table[name].to_pylist()).encode())
    return told.hexdigest()


def _questions(table: pa.Table, regions: Regions, images: ImageFolder) -> list[tuple[int, list[list[View]]]]:
    """Return parts of some of the images, each with the row of its image."""
    rng, questions = np.random.default_rng(0), []
    for row in rng.permutation(np.flatnonzero(regions.grids[:, 0]))[:QUESTIONS]:
        picture, _, _ = opened(images.read(table["filename"][row].as_py()), target=2 * SIDE, caller=CALLER)
        energy, grid = np.square(regions.cells(np.array([row]))[0]).sum(2), regions.grids[row]
        sides = np.clip(rng.uniform(0.2, 0.5, (DRAWN, 2)) * grid, LEAST, grid)
        corners = rng.uniform(0, 1, (DRAWN, 2)) * (grid - sides)
        shown = [energy[int(y) : round(y + h), int(x) : round(x + w)].mean() for (y, x), (h, w) in zip(corners, sides, strict=True)]
        one = int(np.argmax(shown))
        (top, left), (bottom, right) = corners[one] / grid, (corners[one] + sides[one]) / grid
        questions.append((int(row), views_of(picture, [(left, top, right, bottom)])))
    return questions


def _mapped(path: Path) -> pa.Table | None:
    """Map a file of regions; None where it is torn, or of another method."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowException):
        return None
    return table if table.schema.equals(SCHEMA, check_metadata=True) else None


def _sources(folder: Path, work: Path) -> list[pa.Table]:
    """Map what earlier runs described by the same method; of a run that was killed, too."""
    tables = (_mapped(path) for path in [folder / FILE, *work.glob("part-*.arrow")])
    return [table for table in tables if table is not None]


def _write(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write tables of at most a block each, so that each is one batch of the file."""
    with pa.ipc.new_file(str(path), SCHEMA) as file:
        for table in tables:
            file.write_table(table.combine_chunks())


def _places(sources: list[pa.Table]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return where an image with its fingerprint is found: which table, which row; the first counts."""
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for number, table in enumerate(sources):
        for row, one in enumerate(zip(table["filename"].to_pylist(), table["fingerprint"].to_pylist(), strict=True)):
            places.setdefault(one, (number, row))
    return places


def _gathered(sources: list[pa.Table], places: list[tuple[int, int]]) -> pa.Table:
    """Return some rows of some tables, in their order."""
    numbers, rows = (np.array(side) for side in zip(*places, strict=True))
    order = np.argsort(numbers, kind="stable")
    parts = [sources[number].take(rows[numbers == number]) for number in np.unique(numbers)]
    return pa.concat_tables(parts).take(np.argsort(order, kind="stable"))


def _described(images: ImageFolder, wanted: list[tuple[str, str]], processes: int | None) -> Iterator[list[Row]]:
    """Describe some images, given with their fingerprints, chunk by chunk."""
    with done(partial(_rows, images), chunks_of(wanted, CHUNK), processes) as results:
        for chunk, rows in results:
            yield [_failed(name, found, f"{CALLER}: {name!r} {DIED}.") for name, found in chunk] if rows is None else rows


def _rows(images: ImageFolder, chunk: Iterable[tuple[str, str]]) -> list[Row]:
    """Describe some images."""
    rows = []
    for name, found in chunk:
        if stopping():
            break
        try:
            picture, (width, height), _ = opened(images.read(name), target=SIDE, caller=CALLER)
        except ImageError as error:
            rows.append(_failed(name, found, str(error)))
            continue
        cells = describe_regions(picture)
        grid = {"rows": cells.shape[0], "columns": cells.shape[1], "packed": pack(cells).tobytes()}
        rows.append({"filename": name, "fingerprint": found, "width": width, "height": height} | grid)
    return rows


def _failed(name: str, fingerprint: str, reason: str) -> Row:
    """Return the row of an image that has no regions."""
    nothing = {"width": 0, "height": 0, "rows": 0, "columns": 0, "packed": bytes(N_BYTES)}
    return {"filename": name, "fingerprint": fingerprint, "reason": reason} | nothing
