"""Files that are whole or absent: atomic writes, checksums, and where caches go when the archive is read-only."""

import hashlib
import json
import os
import secrets
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from benzer_lab.errors import ArchiveError


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, its file takes the place of `path` in one rename."""
    draft = _beside(path)
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(exist_ok=False)
    try:
        with _told(path):
            yield draft
            if durable:
                flush(draft)
            draft.replace(path)
            if durable:
                flush(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def keep(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a file that can be made again; a disk that refuses it is warned of, and all goes on without the file."""
    try:
        with replacing(path, durable=False) as draft:
            write(draft)
    except ArchiveError as error:
        warnings.warn(f"{error} Without that file all answers stay the same, but take longer.", stacklevel=2)


@contextmanager
def publishing(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside `folder`; when the block ends well, it becomes `folder`, which must not exist, in one rename."""
    draft = _beside(folder)
    with _told(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    try:
        with _told(folder):
            yield draft
            for path in [*draft.rglob("*"), draft]:
                flush(path)
            draft.rename(folder)
            flush(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _beside(path: Path) -> Path:
    """Return a hidden name beside `path` that nobody else has."""
    return path.with_name(f".{path.name}-{secrets.token_hex(4)}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into one sentence with the path and the way out."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"Cannot write {path}: {error.strerror or error}. Free space or give write permission there; nothing was lost."
        ) from error


def flush(path: Path) -> None:
    """Have the disk keep a file or a folder's entries, so that a power cut does not undo what was reported done."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file in one rename."""
    with replacing(path) as draft:
        draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, or tell where it is torn."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{path}: must be JSON; {error}. Restore the file from a backup or write it again.") from error
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}. Give read permission or restore the file.") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state(path: Path) -> list[int]:
    """Return size and modification time: what tells whether a file changed without reading it."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def cache_places(folder: Path) -> tuple[Path, Path]:
    """Return where derived files of `folder` are sought: there, and in the user's cache for when it is read-only."""
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return folder, platformdirs.user_cache_path("benzer-lab") / key


def cache_home(folder: Path) -> Path | None:
    """Return the first of `cache_places` in which this process may write; None where it may write in neither."""
    for place in cache_places(folder):
        nearest = next(p for p in [place, *place.parents] if p.exists())
        if os.access(nearest, os.W_OK | os.X_OK):
            return place
    return None
