"""Where images lie: a folder, on this disk or behind a URL, and the reading of files within bounds."""

import os
import re
import stat
import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import fsspec
from fsspec.implementations.local import LocalFileSystem

from benzer_lab._checks import nfc
from benzer_lab.errors import ImageError, InputError

MAX_BYTES = 1_000_000_000
SUFFIXES = frozenset({".bmp", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".psd", ".tif", ".tiff", ".webp"})

# How file systems tell that a file has changed: S3, Azure, local, Google, zip, memory
_STAMPS = ("ETag", "etag", "LastModified", "last_modified", "mtime", "updated", "CRC", "date_time", "created")
# What file systems behind a URL raise besides OSError
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error)


class ImageFolder:
    """The images in a folder and its subfolders, on this disk or behind a URL.

    Hidden files and folders are left out, and files without the suffix of an image. On this disk links to folders are not
    followed, links to files only where they stay inside the folder (which may be a link itself), and names that are not
    UTF-8 are left out with a warning. The listing is made when it is first needed, and kept until `refresh`;
    threads may ask while another lists again.

    Parameters
    ----------
    images : str or Path
        A folder, or any URL that fsspec knows: `s3://bucket/designs`, `zip://::designs.zip`.

    Raises
    ------
    InputError
        When there is no such folder.
    """

    def __init__(self, images: str | Path) -> None:
        self._shown = re.sub(r"//[^/@]*@", "//", str(images))  # errors and logs are no place for a password
        if "://" in str(images):
            self._fs, self._root = fsspec.core.url_to_fs(str(images))
        else:
            self._fs, self._root = LocalFileSystem(), str(Path(images).expanduser().absolute())
        self._listing: _Listing | None = None
        self._is_away = False  # since the last attempt to list it again
        if not self._fs.isdir(self._root):
            raise InputError(f"ImageFolder: images must be a folder that exists; got {self._shown!r}. Check the path.")

    def __repr__(self) -> str:
        listing = self._listing
        return f"ImageFolder({self._shown!r}{'' if listing is None else f', {len(listing.files):,} images'})"

    def __contains__(self, name: object) -> bool:
        return name in self._listed().files

    @property
    def filenames(self) -> tuple[str, ...]:
        """The names of all images, relative to the folder, with '/' between folders, sorted."""
        return tuple(self._listed().files)

    def locate(self, name: str) -> str | None:
        """Find the image that a name means.

        Parameters
        ----------
        name : str
            A name as metadata or a user spells it: composed or decomposed letters are the same.

        Returns
        -------
        str or None
            The name as the folder spells it; for one without a '/' that the folder lacks, the one image of that name in whatever
            folder in it; None where there is none, or more than one.
        """
        listing = self._listed()
        if name in listing.files:
            return name
        whole, base = listing.spellings
        wanted = nfc(name)
        return whole.get(wanted) or base.get(wanted)  # a name with its folder never means an image of another folder

    def read(self, name: str, *, max_bytes: int = MAX_BYTES) -> bytes:
        """Read an image's file.

        Parameters
        ----------
        name : str
            One of `filenames`; nothing else is ever read.
        max_bytes : int, default=1_000_000_000
            Size above which nothing is read.

        Returns
        -------
        bytes
            The content, not decoded.

        Raises
        ------
        InputError
            When `name` is not one of `filenames`.
        ImageError
            When the file is too large, cannot be read, or has become a link that leaves the folder.
        """
        where = f"ImageFolder.read: {name!r}"
        check_bytes(self._facts(name, "read")[0], max_bytes, where)
        path = f"{self._root}/{name}" if self._root else name
        if isinstance(self._fs, LocalFileSystem):
            if not _is_within(path, os.path.realpath(self._root)):
                raise refusal(where, "a link that leaves the folder. Put the file itself there")
            return read_file(Path(path), max_bytes, where)
        try:
            with self._fs.open(path, "rb") as file:
                data: bytes = file.read(max_bytes + 1)
        except _UNREADABLE as error:
            raise refusal(where, f"a file that cannot be read ({error}). Check {self._shown}") from error
        check_bytes(len(data), max_bytes, where)
        return data

    def fingerprint(self, name: str) -> str:
        """Tell whether an image has changed, without reading it.

        Parameters
        ----------
        name : str
            One of `filenames`.

        Returns
        -------
        str
            Size and modification time, or what the file system has in its place (ETag, checksum), as last listed.

        Raises
        ------
        InputError
            When `name` is not one of `filenames`.
        """
        return self._facts(name, "fingerprint")[1]

    def size(self, name: str) -> int:
        """Return how large an image's file is, as last listed.

        Parameters
        ----------
        name : str
            One of `filenames`.

        Returns
        -------
        int
            Bytes.

        Raises
        ------
        InputError
            When `name` is not one of `filenames`.
        """
        return self._facts(name, "size")[0]

    def is_as_listed(self, name: str) -> bool:
        """Tell whether an image on this disk is still what it was when the folder was listed.

        Parameters
        ----------
        name : str
            One of `filenames`.

        Returns
        -------
        bool
            True behind a URL, where asking takes as long as reading.

        Raises
        ------
        InputError
            When `name` is not one of `filenames`.
        """
        listed = self._facts(name, "is_as_listed")[1]
        if not isinstance(self._fs, LocalFileSystem):
            return True
        try:
            return listed == _print(Path(f"{self._root}/{name}").stat())
        except OSError:
            return False

    def refresh(self) -> bool:
        """List the images again.

        Returns
        -------
        bool
            False where the folder, or one in it, cannot be listed now: the listing from before stays, with one warning.

        Raises
        ------
        InputError
            When it cannot be listed and never was.
        """
        try:
            if isinstance(self._fs, LocalFileSystem):
                found = sorted(_scan(self._root))
            else:
                self._fs.invalidate_cache()
                found = sorted(_find(self._fs, self._root))
        except _UNREADABLE as error:
            sentence = f"ImageFolder: images must be a folder that can be listed; got {self._shown!r} ({error})."
            if self._listing is None:
                raise InputError(sentence) from error
            if not self._is_away:
                warnings.warn(f"{sentence} The images listed before are kept. Mount it again, or check the path.", stacklevel=2)
            self._is_away = True
            return False
        files = {name: facts for name, facts in found if name.encode(errors="ignore").decode() == name}
        if len(files) < len(found):
            message = f"ImageFolder: {len(found) - len(files):,} names in {self._shown!r} are not UTF-8 and left out. Rename those files."
            warnings.warn(message, stacklevel=2)
        self._listing, self._is_away = _Listing(files), False
        return True

    def _listed(self) -> "_Listing":
        """Return the listing; a caller asks once, for another thread may list again."""
        if self._listing is None:
            self.refresh()
        assert self._listing is not None
        return self._listing

    def _facts(self, name: str, caller: str) -> tuple[int, str]:
        """Return size and fingerprint of one image."""
        files = self._listed().files
        if name not in files:
            raise InputError(f"ImageFolder.{caller}: name must be one of the {len(files):,} images of {self._shown!r}; got {name!r}.")
        return files[name]


@dataclass(frozen=True)
class _Listing:
    """The images of a folder at one moment, with size and fingerprint of each."""

    files: dict[str, tuple[int, str]]

    @cached_property
    def spellings(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """The name for each composed spelling of it, whole and without its folder."""
        composed = [(nfc(name), name) for name in self.files]
        return _by_spelling(composed), _by_spelling((spelling.rpartition("/")[2], name) for spelling, name in composed)


def refusal(where: str, reason: str) -> ImageError:
    """Return the error for an image that cannot be read; `reason` says what came, and what to do."""
    return ImageError(f"{where} must be an image that can be read; got {reason}.")


def check_bytes(size: int, max_bytes: int, where: str) -> None:
    """Refuse a file that is too large."""
    if size > max_bytes:
        raise ImageError(f"{where} must have at most {max_bytes:,} bytes; got {size:,}. Make it smaller, or raise max_bytes.")


def read_file(path: Path, max_bytes: int, where: str) -> bytes:
    """Return the content of a regular file: a pipe or a device might never end."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise refusal(where, "a folder, pipe or device. Name a file")
        check_bytes(status.st_size, max_bytes, where)
        return path.read_bytes()
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise refusal(where, "no file of this name. Check where it lies") from error
    except PermissionError as error:
        raise refusal(where, "a file that this user may not read. Give read permission") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise refusal(where, f"a file that cannot be read ({error}). Check its name and the disk") from error


def _scan(root: str) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield the images below a local folder with size and fingerprint; fsspec would take a call per file."""
    inside = os.path.realpath(root)
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(f"{root}/{folder}") as entries:
            for entry in entries:
                name = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        folders.append(f"{name}/")
                elif _is_image(entry.name) and (status := _status(entry, inside)):
                    yield name, (status.st_size, _print(status))


def _print(status: os.stat_result) -> str:
    """Return the fingerprint of a file on this disk."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def _status(entry: os.DirEntry[str], inside: str) -> os.stat_result | None:
    """Return what the disk knows of a file; None where it is gone, no file, or a link that leads out or nowhere."""
    if entry.is_symlink() and not (_is_within(entry.path, inside) and Path(entry.path).is_file()):
        return None
    try:
        status = entry.stat()
    except FileNotFoundError:  # deleted since its folder was opened
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is_within(path: str, folder: str) -> bool:
    """Tell whether a path, its links followed, lies in a folder that is no link."""
    return Path(os.path.realpath(path)).is_relative_to(folder)


def _find(fs: Any, root: str) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield the images below a folder of any file system with size and fingerprint."""
    for path, info in fs.find(root, detail=True).items():
        name = path[len(root) :].lstrip("/")
        if _is_image(name):
            size = int(info.get("size") or 0)
            yield name, (size, "-".join([str(size), *(str(info[key]) for key in _STAMPS if key in info)]))


def _is_image(name: str) -> bool:
    """Tell by its name whether a file is an image and not hidden."""
    return "/." not in f"/{name}" and name[name.rfind(".") :].lower() in SUFFIXES


def _by_spelling(pairs: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """Return the name of each spelling, None where several share it."""
    names: dict[str, str | None] = {}
    for spelling, name in pairs:
        names[spelling] = None if spelling in names else name
    return names
