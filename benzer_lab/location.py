"""Where the images and the metadata of an archive lie: named, remembered by the archive, or found beside it."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from benzer_lab._disk import read_json, write_json
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.folder import ImageFolder
from benzer_lab.metadata import FILE

SETTINGS = "archive.json"  # where images and metadata lie, when they are not beside the archive


@dataclass(frozen=True)
class Location:
    """Where an archive, its images and its metadata lie.

    Parameters
    ----------
    folder : Path
        The archive, absolute.
    images : ImageFolder or None
        None where there are none, or they are away for now.
    metadata : Path or None
        The metadata file, absolute.
    """

    folder: Path
    images: ImageFolder | None
    metadata: Path | None

    @classmethod
    def find(cls, folder: str | Path, *, images: str | Path | None, metadata: str | Path | None) -> "Location":
        """Find images and metadata of an archive.

        Parameters
        ----------
        folder, images, metadata : str or Path
            As for `Archive.open`.

        Returns
        -------
        Location
            What was named, else what `remember` wrote down, else what lies in the folder or beside it.

        Raises
        ------
        ArchiveError
            When there is no such folder, or its `archive.json` is torn.
        InputError
            When the images or the metadata that were named do not exist.
        """
        folder = Path(folder).expanduser().absolute()
        if not folder.is_dir():
            raise ArchiveError(f"Archive.open: {folder} must be a folder; there is none. Make one with Archive.create(folder, images=...).")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise ArchiveError(f"Archive.open: {folder} may not be read. Give read permission.")
        remembered = _settings(folder)
        place = images or _remembered(folder, remembered.get("images")) or _first(folder, "images", "designs")
        file = metadata or _remembered(folder, remembered.get("metadata")) or _first(folder, FILE)
        _refuse_no_file(file, "Archive.open")
        return cls(folder, _image_folder(place, is_named=images is not None), None if file is None else Path(file).expanduser().absolute())


def remember(folder: str | Path, *, images: str | Path | None, metadata: str | Path | None) -> None:
    """Write down in an archive where its images and metadata lie; what is not named stays as it was.

    Parameters
    ----------
    folder, images, metadata : str or Path
        As for `Archive.create`, or None.

    Raises
    ------
    InputError
        When there are no such images, or no such metadata file.
    ArchiveError
        When the folder cannot be written.
    """
    folder = Path(folder).expanduser().absolute()
    settings = _settings(folder)
    if images is not None:
        settings["images"] = str(images) if "://" in str(images) else _from(folder, images)
        ImageFolder(images)
    if metadata is not None:
        settings["metadata"] = _from(folder, metadata)
    _refuse_no_file(metadata, "Archive.create")
    write_json(folder / SETTINGS, settings)


def _settings(folder: Path) -> dict[str, str]:
    """Return what `create` wrote down; nothing where it was never called."""
    path = folder / SETTINGS
    settings = read_json(path) if path.exists() else {}
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise ArchiveError(
            f"{path}: must map 'images' and 'metadata' to where they lie. Correct it, or delete it and name them with images=."
        )
    return settings


def _from(folder: Path, place: str | Path) -> str:
    """Return a path as seen from the archive, so that both may be moved together."""
    return os.path.relpath(Path(place).expanduser().resolve(), folder.resolve())


def _refuse_no_file(metadata: str | Path | None, caller: str) -> None:
    """Raise InputError for a metadata file that does not exist."""
    if metadata is not None and not Path(metadata).expanduser().is_file():
        raise InputError(f"{caller}: metadata must be a JSON file; there is none at {metadata}.")


def _image_folder(place: str | Path | None, *, is_named: bool) -> ImageFolder | None:
    """Return the images, or None with a warning where they were not asked for by name and are away for now."""
    if place is None:
        return None
    try:
        return ImageFolder(place)
    except InputError as error:
        if is_named:
            raise
        warnings.warn(f"{error} Until then the archive is searched without pictures.", stacklevel=5)
        return None


def _remembered(folder: Path, where: str | None) -> str | Path | None:
    """Return a place that `create` wrote down relative to the archive."""
    return where if where is None or "://" in where else folder / where


def _first(folder: Path, *names: str) -> Path | None:
    """Return the first of some names that exists in the archive or beside it."""
    return next((place / name for place in (folder, folder.resolve().parent) for name in names if (place / name).exists()), None)
