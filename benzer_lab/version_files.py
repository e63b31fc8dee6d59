"""The files of one version: its rows and names, checked once against each other and remembered."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import whole_text
from benzer_lab._disk import cache_home, cache_places, keep, read_json, state
from benzer_lab._engine import Floats
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.features import refuse_duplicates, row_norms
from benzer_lab.names import Names

NAMES, NORMS, CHECKED = "names.arrow", "norms.npy", "checked.json"


@dataclass(frozen=True)
class Place:
    """Where one version lies: its two files and its card, which a flat version does not have."""

    features: Path
    filenames: Path
    derived: Path
    card: Path | None

    @property
    def files(self) -> tuple[Path, Path]:
        """The two files that must agree."""
        return self.features, self.filenames


def opened(place: Place, *, fresh: bool = False) -> tuple[Floats, Names, NDArray[np.float64]]:
    """Return rows (n, d), names and the rows' norms, looking for NaN rows and duplicate names once, or again where `fresh`."""
    states = _states(place)
    x = _matrix(place.features)
    kept = None if fresh else _remembered(place, states, len(x))
    filenames, norms = _checked(place, x) if kept is None else kept
    if _states(place) != states:
        raise ArchiveError(f"{place.features}: must stay as it is while it is opened. Open the archive again when it has been written.")
    if kept is None:
        _remember(place, states, filenames, norms)
    return x, filenames, norms


def write_derived(place: Place, filenames: Sequence[str], norms: NDArray[np.float64]) -> None:
    """Write beside files that are about to be published what opening them would find out."""
    place.derived.mkdir()
    Names.of(filenames).write(place.derived / NAMES)
    np.save(place.derived / NORMS, norms)
    (place.derived / CHECKED).write_text(json.dumps(_states(place)), encoding="utf-8")


def _matrix(path: Path) -> Floats:
    """Memory-map a feature file."""
    try:
        x = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise ArchiveError(f"{path}: is missing. Restore it, or take the version away.") from error
    except PermissionError as error:
        raise ArchiveError(f"{path}: may not be read. Give read permission.") from error
    except (OSError, ValueError, EOFError) as error:
        raise ArchiveError(f"{path}: must be a whole .npy file of floats, without pickled objects. Write it again with np.save.") from error
    if x.ndim != 2 or x.dtype.kind != "f" or not x.shape[1]:
        raise ArchiveError(f"{path}: must hold a float matrix, a row an image; it holds {x.dtype} of shape {x.shape}.")
    return x if x.dtype in (np.float32, np.float16) else np.asarray(x, np.float32)


def names(path: Path) -> tuple[str, ...]:
    """Read a file of file names."""
    read = read_json(path) if path.exists() else None
    if not isinstance(read, list) or not all(isinstance(name, str) for name in read):
        raise ArchiveError(f"{path}: must be a JSON list of file names, in the order of the feature rows. Write it beside the features.")
    whole = tuple(map(whole_text, read))
    odd = [name for name, clean in zip(read, whole, strict=True) if name != clean]
    if odd:
        what = f"{len(odd):,} names hold bytes that are no UTF-8, the first is {odd[0]!r}"
        warnings.warn(f"{path}: {what}. They are shown with U+FFFD and have no picture; rename those files.", stacklevel=2)
    return whole


def _states(place: Place) -> list[list[int]]:
    """Return what changes when a version's files do."""
    return [state(path) for path in place.files if path.exists()]


def _remembered(place: Place, states: list[list[int]], n: int) -> tuple[Names, NDArray[np.float64]] | None:
    """Return names and norms that were kept for files in this state; None where there are none, or what was kept is damaged."""
    for folder in cache_places(place.derived):
        try:
            if read_json(folder / CHECKED) == states:
                filenames, norms = Names.read(folder / NAMES), np.load(folder / NORMS, allow_pickle=False)
                if filenames is not None and len(filenames) == n and norms.shape == (n,):
                    return filenames, norms
        except (ArchiveError, OSError, ValueError, EOFError):
            continue  # all that lies in `derived` may be deleted, and is made again
    return None


def _checked(place: Place, x: Floats) -> tuple[Names, NDArray[np.float64]]:
    """Read the names, look for duplicate ones and for NaN rows; return the names and the rows' norms."""
    filenames = names(place.filenames)
    if len(filenames) != len(x):
        raise ArchiveError(
            f"{place.filenames}: must name each of the {len(x):,} rows of {place.features.name}; it names {len(filenames):,}."
            " Write both files again from the same run."
        )
    try:
        refuse_duplicates(filenames)
        return Names.of(filenames), row_norms(x, filenames)
    except InputError as error:
        raise ArchiveError(f"{place.features}: {str(error).removeprefix('FeatureSet: ')}") from error


def _remember(place: Place, states: list[list[int]], filenames: Names, norms: NDArray[np.float64]) -> None:
    """Keep names and norms, and for which files they hold; the note comes last, so that it never speaks of what is not there."""
    home = cache_home(place.derived)
    if home is not None:
        keep(home / NAMES, filenames.write)
        keep(home / NORMS, lambda draft: _save(draft, norms))
        keep(home / CHECKED, lambda draft: draft.write_text(json.dumps(states), encoding="utf-8"))


def _save(path: Path, array: NDArray[Any]) -> None:
    """Write an array under just this name."""
    with path.open("wb") as file:
        np.save(file, array)
