"""Inspection: whether an archive is sound, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benzer_lab._checks import nfc
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.images import ImageFolder
from benzer_lab.metadata import Metadata
from benzer_lab.versions import Versions


@dataclass(frozen=True)
class Finding:
    """One thing that an inspection found.

    Parameters
    ----------
    where : str
        The version or file.
    what : str
        One sentence.
    is_error : bool
        True where answers may be wrong; False where something is only missing.
    """

    where: str
    what: str
    is_error: bool

    def __str__(self) -> str:
        """Say it as one line."""
        return f"{'error' if self.is_error else 'note'}: {self.where}: {self.what}"


def inspect(versions: Versions, images: ImageFolder | None, metadata: Path | None) -> list[Finding]:
    """Read every file of every version, and set images, rows and metadata against each other.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    images : ImageFolder or None
        Where the images lie.
    metadata : Path or None
        The file of what is known of them.

    Returns
    -------
    list of Finding
        Errors first; empty when all is well.
    """
    known = Metadata.from_records({})
    findings = []
    try:
        known = known if metadata is None else Metadata.read(metadata)
    except ArchiveError as error:
        findings.append(Finding("metadata", str(error), is_error=True))
    findings += _broken(versions)
    findings += _missing(versions, images, known, damaged={finding.where for finding in findings})
    return sorted(findings, key=lambda finding: not finding.is_error)


def _broken(versions: Versions) -> Iterator[Finding]:
    """Find versions that are not what was published."""
    for model, names in versions.models().items():
        for version in names:
            try:
                versions.load(model, version, verify=True)
            except (ArchiveError, InputError) as error:
                yield Finding(f"{model} {version}", str(error), is_error=True)
        current = versions.current(model)
        if current not in names:
            yield Finding(model, versions.not_there(model, current), is_error=True)


def _missing(versions: Versions, images: ImageFolder | None, metadata: Metadata, *, damaged: set[str]) -> Iterator[Finding]:
    """Find images without rows, rows without images, and metadata of neither, in current versions that are sound."""
    known = set(metadata.table["filename"].to_pylist())
    shown = None if images is None else {nfc(name) for name in images.filenames}
    for model, names in versions.models().items():
        version = versions.current(model)
        where = f"{model} {version}"
        if version not in names or where in damaged:
            continue
        rows = {nfc(name) for name in versions.names(model, version)}
        pairs = [
            (rows - known, "rows have no metadata"),
            (rows - shown if shown is not None else set(), "rows have no image; 'benzer extract' publishes a version without them"),
            (shown - rows if shown is not None else set(), "images have no row; 'benzer extract' adds them"),
        ]
        for some, what in pairs:
            if some:
                yield Finding(where, f"{len(some):,} {what}, the first is {min(some)!r}.", is_error=False)
