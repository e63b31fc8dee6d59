"""The repeats of an archive's images: found on all cores, kept in a file of their own, joined to the metadata."""

import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from benzer_lab import _checks
from benzer_lab._checks import nfc
from benzer_lab._disk import replacing, state
from benzer_lab._workers import DIED, chunks_of, done, stopping
from benzer_lab.errors import ArchiveError, ImageError
from benzer_lab.extraction import locked
from benzer_lab.folder import ImageFolder
from benzer_lab.metadata import Metadata
from benzer_lab.progress import Progress, show
from benzer_lab.repeats import METHOD, Repeat, find_repeat

FILE = "repeats.parquet"
WORK = ".work/repeats"  # the lock, and what is found until all is
CHUNK = 64  # images: two seconds of work, which is what a kill can cost
FIELDS = ("repeat", "scale")  # what joins the metadata
SCHEMA = pa.schema(
    {
        "filename": pa.string(),
        "repeat": pa.string(),
        "width": pa.float64(),
        "height": pa.float64(),
        "width_cm": pa.float64(),
        "height_cm": pa.float64(),
        "scale": pa.string(),
        "confidence": pa.float64(),
        "image_width": pa.int64(),
        "image_height": pa.int64(),
        "reason": pa.string(),  # why an image has no answer
        "fingerprint": pa.string(),
    },
    metadata={"method": METHOD},
)

Row = dict[str, Any]


def read(folder: Path) -> pa.Table:
    """Return what was found in an archive.

    Parameters
    ----------
    folder : Path
        The archive.

    Returns
    -------
    pyarrow.Table of n rows
        A row an image: filename, repeat, width and height in pixels and in centimeters, scale, confidence (0 to 1), the image's own
        width and height in pixels, reason, fingerprint; without rows where nothing was looked for.

    Raises
    ------
    ArchiveError
        When the file is torn.
    """
    path = folder / FILE
    if not path.exists():
        return SCHEMA.empty_table()
    try:
        return parquet.read_table(path, schema=SCHEMA)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise ArchiveError(f"{path}: must be a table of repeats; {reason}. Delete it and call find_repeats() again.") from error


def of(folder: Path, filename: str) -> Repeat | None:
    """Return what was found of one image.

    Parameters
    ----------
    folder : Path
        The archive.
    filename : str
        Its name, in either Unicode form.

    Returns
    -------
    Repeat or None
        None where nothing was looked for, or the image could not be read.

    Raises
    ------
    ArchiveError
        When the file is torn.
    """
    table, names = _held(folder, stamp(folder))
    place = pc.index(names, nfc(filename)).as_py()
    row = table.slice(place, 1).to_pylist()[0] if place >= 0 else {}
    if not row.get("repeat"):
        return None
    dpi = row["width"] / row["width_cm"] * 2.54 if row["width_cm"] else None
    return Repeat(row["width"], row["height"], row["repeat"], row["confidence"], (row["image_width"], row["image_height"]), dpi)


def stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes when the repeats of an archive do; nothing where there are none."""
    try:
        return tuple(state(folder / FILE))
    except OSError:
        return ()


def find(folder: Path, images: ImageFolder, *, processes: int | None, progress: Progress) -> pa.Table:
    """Find the repeats of those images that are new or changed; started again after a kill, go on where it stopped.

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

    Returns
    -------
    pyarrow.Table of n rows
        As `read` returns it.

    Raises
    ------
    InputError
        When `processes` is below 1.
    ArchiveError
        When the disk refuses, or another process is at the same work.
    """
    if processes is not None:
        processes = _checks.integer(processes, caller="find_repeats", name="processes", low=1)
    images.refresh()
    work = folder / WORK
    with locked(work, caller="find_repeats"):
        known = _known(folder, work)
        prints = {name: images.fingerprint(name) for name in images.filenames}
        rows = {name: known[name] for name, found in prints.items() if name in known and known[name]["fingerprint"] == found}
        wanted = [(name, found) for name, found in prints.items() if name not in rows]

        def keeping() -> Iterator[int]:
            for found_rows in _found(images, wanted, processes):
                rows.update({row["filename"]: row for row in found_rows})
                with replacing(work / f"part-{uuid4().hex}.parquet", durable=False) as draft:
                    parquet.write_table(pa.Table.from_pylist(found_rows, SCHEMA), draft)
                yield len(found_rows)

        show(keeping(), progress, len(wanted), 0)
        table = pa.Table.from_pylist([rows[name] for name in prints if name in rows], SCHEMA)
        if wanted or known.keys() != rows.keys():
            with replacing(folder / FILE) as draft:
                parquet.write_table(table, draft)
        for part in work.glob("part-*.parquet"):
            part.unlink(missing_ok=True)
    return table


def join(metadata: Metadata, folder: Path) -> Metadata:
    """Add `repeat` and `scale` to what is known of the images; fields of these names that are there already stay as they are.

    Parameters
    ----------
    metadata : Metadata of m rows
        By NFC names.
    folder : Path
        The archive. Where its file of repeats is torn, a warning says so and nothing is added.

    Returns
    -------
    Metadata
        Of all images that either names.
    """
    fields = [field for field in FIELDS if field not in metadata.fields]
    try:
        repeats = read(folder)
    except ArchiveError as error:
        warnings.warn(f"{error} Until then there is no repeat and no scale to filter by.", stacklevel=2)
        return metadata
    if not fields or not len(repeats):
        return metadata
    names = pa.array([nfc(name) for name in repeats["filename"].to_pylist()], pa.string())
    more = names.filter(pc.invert(pc.is_in(names, value_set=metadata.table["filename"])))
    table = pa.concat_tables([metadata.table, pa.table({"filename": more})], promote_options="default")
    rows = pc.index_in(table["filename"], value_set=names)
    for field in fields:
        table = table.append_column(field, repeats[field].combine_chunks().take(rows))
    return Metadata(table)


@lru_cache(maxsize=2)
def _held(folder: Path, stamp: tuple[int, ...]) -> tuple[pa.Table, pa.ChunkedArray]:
    """Return what was found in an archive, and the names as NFC; read again when the file has changed."""
    table = read(folder)
    return table, pc.utf8_normalize(table["filename"], form="NFC")


def _known(folder: Path, work: Path) -> dict[str, Row]:
    """Return what earlier runs found by the same method, by name; of a run that was killed, too."""
    rows: dict[str, Row] = {}
    for path in [folder / FILE, *work.glob("part-*.parquet")]:
        try:
            stored = parquet.read_table(path)
        except (OSError, pa.ArrowException):  # torn, or there is none: it is found again
            continue
        if stored.schema.equals(SCHEMA, check_metadata=True):
            rows |= {row["filename"]: row for row in stored.to_pylist()}
    return rows


def _found(images: ImageFolder, wanted: list[tuple[str, str]], processes: int | None) -> Iterator[list[Row]]:
    """Find the repeats of some images, given with their fingerprints, chunk by chunk."""
    with done(partial(_rows, images), chunks_of(wanted, CHUNK), processes) as results:
        for chunk, rows in results:
            yield [_row(name, found, f"find_repeats: {name!r} {DIED}.") for name, found in chunk] if rows is None else rows


def _rows(images: ImageFolder, chunk: Iterable[tuple[str, str]]) -> list[Row]:
    """Find the repeats of some images."""
    rows = []
    for name, found in chunk:
        if stopping():
            break
        try:
            rows.append(_row(name, found, find_repeat(images.read(name))))
        except ImageError as error:
            rows.append(_row(name, found, str(error)))
    return rows


def _row(name: str, fingerprint: str, found: Repeat | str) -> Row:
    """Return the row of an image: its repeat, or the reason why it has none."""
    row: Row = {"filename": name, "fingerprint": fingerprint}
    if isinstance(found, str):
        return row | {"reason": found}
    width_cm, height_cm = found.cm or (None, None)
    unit = {"width": found.width, "height": found.height, "width_cm": width_cm, "height_cm": height_cm}
    unit |= dict(zip(("image_width", "image_height"), found.size, strict=True))
    return row | unit | {"repeat": found.kind, "scale": found.scale, "confidence": found.confidence}
