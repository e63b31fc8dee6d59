"""The indexes of an archive's versions, in `derived/index`: built once, found again, swapped in whole."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from benzer_lab._disk import cache_home, cache_places, read_json, state, write_json
from benzer_lab._planner import is_soon_compared
from benzer_lab.derived import Parts
from benzer_lab.errors import ArchiveError, BenzerError
from benzer_lab.features import FeatureSet
from benzer_lab.index import CARD, FORMAT, Index, Kind
from benzer_lab.progress import Progress, bar
from benzer_lab.versions import Versions

FOLDER = "index"
SOURCE = "source.json"  # beside the card: the state of the files that the index was built of, and what was asked for


class IndexStore:
    """Where indexes lie.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def stamp(self, parts: Parts) -> tuple[object, ...]:
        """Return what changes when an index is built or taken away.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched; several are joined.

        Returns
        -------
        tuple
            Empty where there is none.
        """
        return tuple(tuple(found) for path in self.cards(parts) if (found := _state_or_none(path)) is not None)

    def cards(self, parts: Parts) -> list[Path]:
        """Return which files appear, or change, when an index is built.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched.

        Returns
        -------
        list of Path
            One for each place where an index may lie.
        """
        return [folder / CARD for folder in self._folders(parts)]

    def states(self, parts: Parts) -> list[list[int]]:
        """Return what changes when the rows do; to be asked before the rows are opened.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched.

        Returns
        -------
        list of [int, int]
            Size and time of each file.
        """
        places = [self._versions.place(model, version, caller="index") for model, version in parts]
        return [state(path) for place in places for path in place.files]

    def load(self, parts: Parts, features: FeatureSet, states: list[list[int]], **asked: Any) -> Index | None:
        """Open an index of these features.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched.
        features : FeatureSet of shape (n, d)
            Its rows, from which the index compares.
        states : list of [int, int]
            Of the files, from before the rows were opened.
        **asked : object
            Only an index for which this was asked will do.

        Returns
        -------
        Index or None
            None where there is none; one that is damaged, or of other rows, is told of.
        """
        settled = self.states(parts) == states
        for folder in self._folders(parts):
            if not (folder / CARD).exists():
                continue
            try:
                source = read_json(folder / SOURCE)
                if all(source["asked"].get(name) == value for name, value in asked.items()):
                    return Index.load(folder, features, verify=not settled or source["states"] != states)
            except (BenzerError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
                warnings.warn(f"{error} Until then every row is compared.", stacklevel=2)
        return None

    def build(
        self,
        parts: Parts,
        features: FeatureSet,
        states: list[list[int]],
        *,
        kind: Kind,
        recall: float,
        progress: Progress,
    ) -> Index:
        """Return the index of these features; build and keep it where there is none.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched.
        features : FeatureSet of shape (n, d)
            Its rows.
        states : list of [int, int]
            Of the files, from before the rows were opened.
        kind, recall : str and float
            As for `Index.build`.
        progress : bool or callable
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        Index
            One that the disk refuses to keep, or that compares every row, is not kept.
        """
        home = cache_home(self._derived(parts))
        asked = {"kind": kind, "recall": recall}
        with bar(f"index of {features.model} {features.version}", len(features), progress) as tell:
            if home is None:
                return Index.build(features, metric=features.metric, kind=kind, recall=recall, progress=tell)
            with _alone(home):  # another process may be building the same
                found = self.load(parts, features, states, **asked)
                if found is None:
                    found = Index.build(features, metric=features.metric, kind=kind, recall=recall, progress=tell)
                    if self.states(parts) == states:  # else it is of rows that are no longer there
                        self._keep(found, home / self._name(parts), {"states": states, "asked": asked})
        return found

    def wants(self, parts: Parts, n: int, d: int) -> bool:
        """Tell whether searches would be sooner by an index that is not there.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is searched.
        n, d : int
            Its rows and columns.

        Returns
        -------
        bool
            False for so few rows that all are compared at once.
        """
        if is_soon_compared(n, d):
            return False
        return not any(_is_of(folder, self.states(parts)) for folder in self._folders(parts))

    def _keep(self, index: Index, folder: Path, source: dict[str, Any]) -> None:
        """Put an index in the place of an older one; who has that open keeps it."""
        if index.kind == "flat":
            shutil.rmtree(folder, ignore_errors=True)
            return
        draft, old = folder.with_name(f".{folder.name}-new"), folder.with_name(f".{folder.name}-old")
        try:
            for leftover in (draft, old, *folder.parent.glob(f".{draft.name}-*")):  # of a process that was killed here
                shutil.rmtree(leftover, ignore_errors=True)
            index.save(draft)
            write_json(draft / SOURCE, source)
            if folder.exists():
                folder.rename(old)
            draft.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        except (ArchiveError, OSError) as error:
            warnings.warn(f"{error} Until then the index is built again when it is next asked for.", stacklevel=3)

    def _derived(self, parts: Parts) -> Path:
        """Return the folder of what follows from a version; from joined ones, that of the last."""
        return self._versions.place(*parts[-1], caller="index").derived

    def _name(self, parts: Parts) -> str:
        """Return the name of an index in that folder."""
        return "-with-".join([FOLDER, *(f"{model}-{version}" for model, version in parts[:-1])])

    def _folders(self, parts: Parts) -> list[Path]:
        """Return where an index may lie: beside its version, or in the user's cache."""
        return [home / self._name(parts) for home in cache_places(self._derived(parts))]


def _state_or_none(path: Path) -> list[int] | None:
    """Return the state of a file that may be gone this moment."""
    try:
        return state(path)
    except OSError:
        return None


def _is_of(folder: Path, states: list[list[int]]) -> bool:
    """Tell whether an index lies in a folder that is of files in this state, and in the form that this version reads."""
    try:
        return bool(read_json(folder / SOURCE)["states"] == states and read_json(folder / CARD)["format"] == FORMAT)
    except (BenzerError, KeyError, TypeError):
        return False


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other processes from building here; where the disk allows no lock, two may build the same."""
    lock, held = FileLock(home / ".index.lock"), False
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        held = True
    try:
        yield
    finally:
        if held:
            lock.release()
