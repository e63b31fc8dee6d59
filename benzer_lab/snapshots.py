"""Snapshots: what a reader holds, features and metadata that belong together and never change under its hands."""

import threading
import time
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar, cast

from PIL.Image import Image

from benzer_lab import repeat_store
from benzer_lab._checks import one_of
from benzer_lab.derived import DerivedTables, Parts
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.features import FeatureSet, fuse
from benzer_lab.groups import DEFAULT, Groups
from benzer_lab.index import Index, Kind
from benzer_lab.index_store import IndexStore
from benzer_lab.metadata import Metadata
from benzer_lab.progress import Progress
from benzer_lab.search import Searcher
from benzer_lab.versions import CURRENT, SETTLED_NS, Versions

FUSED = ("color", "pattern")
FUSED_MODEL = "+".join(FUSED)
HELD = 8  # sets of features held open at once, mapped
HELD_FUSED = 2  # and of those that lie in memory

Held = TypeVar("Held")
Version = str | Mapping[str, str] | None


class Shelf(Generic[Held]):
    """What was made last, each under a key and made once; asking for one thing does not wait while another is made.

    Parameters
    ----------
    n : int
        How many things are held; those used longest ago go first.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._lock = threading.Lock()
        self._things: OrderedDict[object, Held] = OrderedDict()
        self._makers: dict[object, threading.Lock] = {}

    def get(self, key: object, make: Callable[[], Held]) -> Held:
        """Return the thing under a key, after making it if need be."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            maker = self._makers.setdefault(key, threading.Lock())
        with maker:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            thing = make()
            with self._lock:
                self._things[key] = thing
                self._makers.pop(key, None)
                while len(self._things) > self._n:
                    self._things.popitem(last=False)
            return thing

    def last(self) -> Held | None:
        """Return what was used last, if anything is held."""
        with self._lock:
            return next(reversed(self._things.values()), None)


class Watch:
    """Tells, by a few microseconds a path, whether any of some files and folders has changed.

    Parameters
    ----------
    paths : sequence of Path
        Those that do not exist may come to be.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._seen = self._states()
        # A folder that has only just changed may change again within the same tick of its file system's clock
        self._is_settled = all(state is None or time.time_ns() - max(state[:2]) > SETTLED_NS for state in self._seen)

    def is_still(self) -> bool:
        """Return whether all are as they were when this was made; False where that cannot be told yet."""
        return self._is_settled and self._states() == self._seen

    def _states(self) -> list[tuple[int, ...] | None]:
        found: list[tuple[int, ...] | None] = []
        for path in self._paths:
            try:
                status = path.stat()
            except OSError:
                found.append(None)
            else:
                found.append((status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
        return found


class Snapshots:
    """The features and searchers of an archive, opened when asked for and kept until their files change.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    metadata : Path or None
        The metadata file.
    """

    def __init__(self, versions: Versions, metadata: Path | None) -> None:
        self._versions = versions
        self._indexes = IndexStore(versions)
        self.clusters = DerivedTables(versions, "clusters")
        self._path = metadata
        self._metadata: Shelf[tuple[object, Metadata]] = Shelf(1)
        self._features: dict[bool, Shelf[FeatureSet]] = {False: Shelf(HELD), True: Shelf(HELD_FUSED)}
        self._searchers: dict[bool, Shelf[Searcher]] = {False: Shelf(HELD), True: Shelf(HELD_FUSED)}
        self._seen: dict[str, tuple[str, ...]] = {}
        self._held: dict[object, tuple[Watch | None, Callable[[], Searcher | None]]] = {}

    def models(self) -> dict[str, tuple[str, ...]]:
        """Return the models and their versions.

        Returns
        -------
        dict of str to tuple of str
            Oldest version first; `color+pattern` is there, at the current versions, when both of its parts are.
        """
        models = self._versions.models()
        if FUSED_MODEL not in models and all(part in models for part in FUSED):
            current = self._versions.currents()
            models[FUSED_MODEL] = ("+".join(current[part] for part in FUSED),)
        return models

    def resolve(self, model: str | None, version: Version) -> tuple[str, tuple[str, ...]]:
        """Return the model meant and its version.

        Parameters
        ----------
        model : str or None
            None means the default model: `color+pattern` when both exist, else the one there is.
        version : str, mapping or None
            None means current.

        Returns
        -------
        model : str
            One of `models()`.
        version : tuple of str
            One name, or one for each part of `color+pattern`.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        models = self.models()
        if not models:
            raise InputError(
                f"Archive: {self._versions.folder} has no features yet. Call extract(), or run: benzer extract {self._versions.folder}"
            )
        if model is None:
            model = next((m for m in (FUSED_MODEL, *reversed(FUSED)) if m in models), next(iter(models)))
        one_of(model, models, caller="Archive", name="model")
        stored, current = self._versions.models(), self._versions.currents()

        def named(part: str, version: str | None) -> str:
            if version is None:
                if current[part] not in stored[part]:
                    raise ArchiveError(self._versions.not_there(part, current[part]))
                return current[part]
            return one_of(version, stored[part], caller="Archive", name=f"version of {part!r}")

        if model in stored:
            return model, (named(model, cast(str | None, version)),)
        if isinstance(version, str):
            names = version.split("+")
            if len(names) != len(FUSED):
                raise InputError(f"Archive: version of {model!r} must name one of each, like 'v1+v2'; got {version!r}.")
            version = dict(zip(FUSED, names, strict=True))
        wanted = dict(version or {})
        for part in wanted:
            one_of(part, FUSED, caller="Archive", name=f"version of {model!r}")
        return model, tuple(named(part, wanted.get(part)) for part in FUSED)

    def metadata(self) -> tuple[object, Metadata]:
        """Return the metadata with the repeats that were found, read again when a file of theirs has changed.

        Returns
        -------
        stamp : object
            What changes when a file does.
        metadata : Metadata
            Of all images that the files name.
        """
        path, folder = self._path, self._versions.folder

        def make() -> tuple[object, Metadata]:
            known = Metadata.from_records({}) if path is None else Metadata.read(path)
            return stamp, repeat_store.join(known, folder)

        try:
            stamp = (path and Metadata.stamp(path), repeat_store.stamp(folder))
            return self._metadata.get(stamp, make)
        except ArchiveError as error:
            held = self._metadata.last()
            if held is None:
                raise
            warnings.warn(f"{error} Until then what was read before is used.", stacklevel=2)
            return held

    def features(self, model: str, version: tuple[str, ...]) -> FeatureSet:
        """Return the features of a resolved version.

        Parameters
        ----------
        model : str
            As `resolve` returned it.
        version : tuple of str
            As `resolve` returned it.

        Returns
        -------
        FeatureSet of shape (n, d)
            The same object until its files change.
        """

        def make() -> FeatureSet:
            if len(version) == 1:
                return self._versions.load(model, version[0])
            return fuse(*(self.features(part, (v,)) for part, v in zip(FUSED, version, strict=True)))

        return self._features[len(version) > 1].get(self._stamp(model, version), make)

    def answering(
        self,
        model: str | None,
        version: Version,
        *,
        thumbnail: Callable[[str], bytes | None],
        picture: Callable[[str], Image],
        renewed: Callable[[], None],
    ) -> Searcher:
        """Return the searcher of what was asked for; looking at the files suffices where it was asked for before.

        Parameters
        ----------
        model : str or None
            As for `resolve`.
        version : str, mapping or None
            As for `resolve`.
        thumbnail, picture : callable
            Give the WebP picture and the image of a file name.
        renewed : callable
            Called when the current version of a model has become another: new images come with it.

        Returns
        -------
        Searcher
            The same object until a version is promoted or a file changes.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        asked = (model, version) if isinstance(model, str | None) and isinstance(version, str | None) else None
        watch, held = self._held.get(asked, (None, lambda: None))
        searcher = held()
        if watch is not None and searcher is not None and watch.is_still():
            return searcher
        model, versions = resolved = self.resolve(model, version)
        watch = self.watch(model, versions)
        if version is None and self._seen.setdefault(model, versions) != versions:
            self._seen[model] = versions
            renewed()
        searcher = self.searcher(model, versions, thumbnail=thumbnail, picture=picture)
        if asked and self.resolve(*asked) == resolved:  # else something has changed before it was watched
            kept = self._held if len(self._held) < HELD or asked in self._held else {}
            self._held = {**kept, asked: (watch, weakref.ref(searcher))}  # which of them stay open, the shelves decide
        return searcher

    def searcher(
        self,
        model: str,
        version: tuple[str, ...],
        *,
        thumbnail: Callable[[str], bytes | None] | None,
        picture: Callable[[str], Image] | None,
    ) -> Searcher:
        """Return the searcher of a resolved version.

        Parameters
        ----------
        model : str
            As `resolve` returned it.
        version : tuple of str
            As `resolve` returned it.
        thumbnail, picture : callable or None
            Give the WebP picture and the image of a file name.

        Returns
        -------
        Searcher
            The same object until a file changes.
        """
        stamp, metadata = self.metadata()

        def make() -> Searcher:
            states = self._indexes.states(parts)
            features = self.features(model, version)
            aligned = metadata.align(features.filenames, model=model, version=features.version)
            kept = self.clusters.read(parts, DEFAULT)
            if kept is not None:
                groups = Groups.from_table(*kept)
                aligned = aligned.with_clusters(
                    groups.labels, {name: label for names in groups.names.values() for name, label in names.items()}
                )
            index = self._indexes.load(parts, features, states)
            return Searcher(features, aligned, index=index, thumbnail=thumbnail, picture=picture)

        parts = parts_of(model, version)
        key = (stamp, self._stamp(model, version), self._indexes.stamp(parts), self.clusters.stamp(parts, DEFAULT))
        return self._searchers[len(version) > 1].get(key, make)

    def index(self, model: str, version: tuple[str, ...], *, kind: Kind, recall: float, progress: Progress) -> Index:
        """Return the index of a resolved version, built where there is none.

        Parameters
        ----------
        model : str
            As `resolve` returned it.
        version : tuple of str
            As `resolve` returned it.
        kind, recall : str and float
            As for `Index.build`.
        progress : bool or callable
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        Index
            By which the version is searched from now on.
        """
        parts = parts_of(model, version)
        states = self._indexes.states(parts)
        return self._indexes.build(parts, self.features(model, version), states, kind=kind, recall=recall, progress=progress)

    def wants_index(self, model: str, version: tuple[str, ...]) -> bool:
        """Tell whether searches of a resolved version would be sooner by an index that is not there.

        Parameters
        ----------
        model : str
            As `resolve` returned it.
        version : tuple of str
            As `resolve` returned it.

        Returns
        -------
        bool
            False for so few rows that all are compared at once.
        """
        parts = parts_of(model, version)
        shapes = [self.features(part, (v,)).x.shape for part, v in parts]  # joining them, only to count, would take their memory
        return self._indexes.wants(parts, min(n for n, _ in shapes), sum(d for _, d in shapes))

    def watch(self, model: str, version: tuple[str, ...]) -> Watch:
        """Return what tells whether the same question would still be answered from the same snapshot.

        Parameters
        ----------
        model : str
            As `resolve` returned it.
        version : tuple of str
            As `resolve` returned it.

        Returns
        -------
        Watch
            Of the versions there are, the current ones, and the files of this one.
        """
        parts, folder = parts_of(model, version), self._versions.folder
        listed = [folder, folder / CURRENT, *(folder / name for name in self._versions.models())]
        files = [path for part, v in parts for path in self._versions.place(part, v, caller="Archive").files]
        own = [
            *self._indexes.cards(parts),
            *self.clusters.paths(parts, DEFAULT),
            folder / repeat_store.FILE,
            *([self._path] if self._path else []),
        ]
        return Watch([*listed, *files, *own])

    def _stamp(self, model: str, version: tuple[str, ...]) -> tuple[object, ...]:
        """Return what changes when the files of a version do."""
        return (model, *(self._versions.stamp(part, v) for part, v in parts_of(model, version)))


def parts_of(model: str, version: tuple[str, ...]) -> Parts:
    """Return the stored models and versions that a resolved version is made of."""
    return tuple(zip((model,) if len(version) == 1 else FUSED, version, strict=True))
