"""The versions of an archive's models on disk: opened and checked, published in one rename, then never changed."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, get_args

import numpy as np
from filelock import FileLock, Timeout

from benzer_lab import version_files
from benzer_lab._checks import Metric, nfc, one_of
from benzer_lab._disk import publishing, read_json, sha256, state, write_json
from benzer_lab._engine import Floats
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.features import FeatureSet, refuse_duplicates, row_norms
from benzer_lab.version_files import Place

FLAT_SUFFIX = "_features.npy"  # of a model in the existing system's layout, which is its v1
FLAT_METRICS: dict[str, Metric] = {"color": "l2"}  # of models that have no card; all others are compared by cosine
NAME = re.compile(r"[\w+][\w.+: -]*")
VERSION = re.compile(r"v([1-9]\d*)")
CARD, FEATURES, FILENAMES, SOURCES = "card.json", "features.npy", "filenames.json", "sources.json"
CURRENT = "current.json"
SETTLED_NS = 2_000_000_000  # age from which a folder's time of change tells of every change: the coarsest clock of a file system
LOCK_SECONDS = 60  # how long a writer waits for another to finish publishing
LIBRARIES = ("benzer-lab", "numpy", "pillow", "torch", "onnxruntime", "faiss-cpu", "faiss-gpu")


class Versions:
    """The versions that lie in one archive folder.

    Parameters
    ----------
    folder : Path
        The archive.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> dict[str, tuple[str, ...]]:
        """Return the models and their versions.

        Returns
        -------
        dict of str to tuple of str
            Oldest version first; only whole versions are seen.
        """
        found: dict[str, set[int]] = {}
        for name in _entries(self.folder):
            own = self.folder / name
            model = nfc(name.removesuffix(FLAT_SUFFIX))
            if not NAME.fullmatch(model):
                continue
            if name.endswith(FLAT_SUFFIX):
                found.setdefault(model, set()).add(1)
            elif os.access(own, os.R_OK | os.X_OK):  # `lost+found` is another's
                numbers = {int(m[1]) for inner in _entries(own) if (m := VERSION.fullmatch(inner)) and (own / inner / CARD).exists()}
                found.setdefault(model, set()).update(numbers)
        return {model: tuple(f"v{n}" for n in sorted(numbers)) for model, numbers in sorted(found.items()) if numbers}

    def stamp(self, model: str, version: str) -> tuple[object, ...]:
        """Return what changes when a version's files do.

        Parameters
        ----------
        model, version : str
            A version that exists.

        Returns
        -------
        tuple
            Hashable; a published version never changes, but flat files may be written again by those who made them.
        """
        files = self.place(model, version, caller="Archive").files
        return (model, version, *(tuple(state(path)) for path in files if path.exists()))

    def check_name(self, model: str, *, caller: str) -> str:
        """Return a model's name if a folder may be called so.

        Parameters
        ----------
        model : str
            A name from a caller.
        caller : str
            Who asks; named in the error.

        Returns
        -------
        str
            The same name.

        Raises
        ------
        InputError
            When it holds anything but letters, digits and `_ . + : -`.
        """
        if not isinstance(model, str) or not NAME.fullmatch(model):
            raise InputError(f"{caller}: model must be a name of letters, digits, '_', '.', '+', ':' or '-'; got {model!r}.")
        return model

    def current(self, model: str) -> str:
        """Return the version used where none is named.

        Parameters
        ----------
        model : str
            One of `models()`.

        Returns
        -------
        str
            What `current.json` says; the first version where it says nothing.
        """
        return self.currents()[model]

    def currents(self) -> dict[str, str]:
        """Return the version used of each model, as one reading of `current.json` gives them.

        Returns
        -------
        dict of str to str
            The first version of a model that it does not name.
        """
        named = self._named_current()
        return {model: named.get(model) or versions[0] for model, versions in self.models().items()}

    def not_there(self, model: str, version: str) -> str:
        """Return the sentence for a version that `current.json` names and that does not exist.

        Parameters
        ----------
        model, version : str
            What it names.

        Returns
        -------
        str
            What to do about it.
        """
        known = " or ".join(self.models()[model])
        return f"{self.folder / 'current.json'}: names {model} {version}, which does not exist. Promote {known}."

    def _named_current(self) -> dict[str, str]:
        """Return what `current.json` says."""
        path = self.folder / CURRENT
        named = read_json(path) if path.exists() else {}
        if not isinstance(named, dict) or not all(isinstance(v, str) for v in named.values()):
            raise ArchiveError(f"{path}: must map models to versions, like {{'pattern': 'v2'}}. Correct it or delete it.")
        return named

    def promote(self, versions: Mapping[str, str]) -> None:
        """Make versions the current ones, of all models named at the same moment.

        Parameters
        ----------
        versions : mapping of str to str
            A published version for each model; an older one goes back.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        for model, name in versions.items():
            self.place(model, name, caller="promote")
        with self.lock():
            write_json(self.folder / CURRENT, {**self._named_current(), **versions})

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the archive's lock, so that two writers take turns."""
        lock = FileLock(self.folder / ".lock", timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout as error:
            raise ArchiveError(
                f"{self.folder}: another process has been publishing for {LOCK_SECONDS} s. Try again when it is done."
            ) from error
        except OSError as error:
            raise ArchiveError(f"{self.folder}: cannot be written: {error.strerror}. Give write permission there.") from error
        try:
            yield
        finally:
            lock.release()

    def place(self, model: str, version: str, *, caller: str) -> Place:
        """Return where a version lies.

        Parameters
        ----------
        model, version : str
            Names from a caller.
        caller : str
            Who asks; named in the errors.

        Returns
        -------
        Place
            Of files that exist.

        Raises
        ------
        InputError
            When there is no such model or version.
        """
        models = self.models()
        one_of(model, models, caller=caller, name="model")
        one_of(version, models[model], caller=caller, name=f"version of {model!r}")
        spelled = {nfc(name): self.folder / name for name in _entries(self.folder)}
        own = spelled.get(model, self.folder / model) / version
        if (own / CARD).exists():
            return Place(own / FEATURES, own / FILENAMES, own / "derived", own / CARD)
        flat = spelled[model + FLAT_SUFFIX]
        return Place(flat, flat.with_name(flat.name.removesuffix(FLAT_SUFFIX) + "_filenames.json"), own / "derived", None)

    def card(self, model: str, version: str) -> dict[str, Any]:
        """Return the card of a version.

        Parameters
        ----------
        model, version : str
            A published version.

        Returns
        -------
        dict
            What `card.json` says; for a flat version the little that is known.
        """
        place = self.place(model, version, caller="card")
        if place.card is None:
            return {"model": model, "version": version, "recipe": None, "metric": FLAT_METRICS.get(model, "cosine"), "parent": None}
        card = read_json(place.card)
        if not isinstance(card, dict) or card.get("metric") not in get_args(Metric) or not isinstance(card.get("recipe"), dict | None):
            raise ArchiveError(f"{place.card}: must say how the version was made (metric, recipe, n, d). Restore it, or promote another.")
        return card

    def sources(self, model: str, version: str) -> dict[str, str]:
        """Return the fingerprint that each image had when its row was made.

        Parameters
        ----------
        model, version : str
            A published version.

        Returns
        -------
        dict of str to str
            By file name; empty for a flat version.
        """
        place = self.place(model, version, caller="sources")
        return {} if place.card is None else dict(read_json(place.card.parent / SOURCES))

    def names(self, model: str, version: str) -> tuple[str, ...]:
        """Return the file names of a version, without opening its rows.

        Parameters
        ----------
        model, version : str
            A version that exists.

        Returns
        -------
        tuple of str, length n
            In the order of the rows.
        """
        return version_files.names(self.place(model, version, caller="names").filenames)

    def load(self, model: str, version: str, *, verify: bool = False) -> FeatureSet:
        """Open one version, memory-mapped.

        Parameters
        ----------
        model, version : str
            A version that exists.
        verify : bool, default=False
            Read every byte and compare it with the card's checksums.

        Returns
        -------
        FeatureSet of shape (n, d)
            With norms that were computed, and rows that were checked, once.

        Raises
        ------
        InputError
            When there is no such model or version.
        ArchiveError
            When the files do not fit together, or hold NaN rows or duplicate names.
        """
        place = self.place(model, version, caller="features")
        card = self.card(model, version)
        if verify:
            self.verify(model, version)
        x, filenames, norms = version_files.opened(place, fresh=verify)
        if place.card is not None and [card.get("n"), card.get("d")] != list(x.shape):
            raise ArchiveError(f"{place.features}: must have the shape of its card, {card.get('n')} x {card.get('d')}; it has {x.shape}.")
        recipe = (card.get("recipe") or {}).get("name")
        return FeatureSet(filenames, x, model, version, card["metric"], norms, recipe=recipe)

    def verify(self, model: str, version: str) -> None:
        """Compare a version's files with the checksums of its card.

        Parameters
        ----------
        model, version : str
            A version that exists; a flat one has no checksums to compare.

        Raises
        ------
        ArchiveError
            When a file is not what was published.
        """
        place = self.place(model, version, caller="verify")
        for name, digest in self.card(model, version).get("files", {}).items():
            path = place.features.with_name(name)
            if not path.exists() or sha256(path) != digest:
                raise ArchiveError(
                    f"{path}: must be the file that was published (SHA-256 {digest[:12]}...). Restore it, or promote another version."
                )

    def publish(
        self,
        model: str,
        filenames: Sequence[str],
        rows: Floats,
        *,
        metric: str,
        recipe: Mapping[str, Any] | None,
        parent: str | None,
        sources: Mapping[str, str],
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Publish rows as the next version of a model, whole or not at all.

        Parameters
        ----------
        model : str
            Its name; a new one starts at v1.
        filenames : sequence of str, length n
            Unique as NFC.
        rows : ndarray of shape (n, d), float32 or float16
            Finite.
        metric : {'cosine', 'l2'}
            The model's default.
        recipe : mapping or None
            `{"name": ..., "parameters": ...}`.
        parent : str or None
            The version that this one follows from.
        sources : mapping of str to str
            The fingerprint of each image.
        extra : mapping, optional
            More to keep on the card, such as what the version was trained on and how it scored.

        Returns
        -------
        str
            The new version's name. The first version of a model is current from then on.

        Raises
        ------
        InputError
            When rows hold NaN or names are repeated.
        ArchiveError
            When the disk refuses.
        """
        self.check_name(model, caller="publish")
        refuse_duplicates(filenames)
        norms = row_norms(rows, filenames)
        with self.lock():
            versions = self.models().get(model, ())
            own = self.folder / model
            taken = [*versions, *(path.name for path in own.glob("v*"))]  # one that was taken away may have left its `derived`
            name = f"v{max((int(m[1]) for v in taken if (m := VERSION.fullmatch(v))), default=0) + 1}"
            for leftover in own.glob(".v*-*"):  # of a publish that was killed: whoever holds the lock is alone
                shutil.rmtree(leftover)
            with publishing(own / name) as draft:
                np.save(draft / FEATURES, rows)
                (draft / FILENAMES).write_text(json.dumps(list(filenames), ensure_ascii=False), encoding="utf-8")
                (draft / SOURCES).write_text(json.dumps(dict(sources), ensure_ascii=False), encoding="utf-8")
                card = {
                    "model": model,
                    "version": name,
                    "recipe": recipe,
                    "metric": metric,
                    "n": len(rows),
                    "d": rows.shape[1],
                    "dtype": str(rows.dtype),
                    "created": datetime.now(UTC).isoformat(timespec="seconds"),
                    "parent": parent,
                    **(extra or {}),
                    "libraries": libraries(),
                    "files": {file: sha256(draft / file) for file in (FEATURES, FILENAMES, SOURCES)},
                }
                (draft / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1), encoding="utf-8")
                version_files.write_derived(Place(draft / FEATURES, draft / FILENAMES, draft / "derived", draft / CARD), filenames, norms)
        if not versions:
            self.promote({model: name})
        return name


def _entries(folder: Path) -> tuple[str, ...]:
    """Return the names in a folder that may be models or versions."""
    mtime = folder.stat().st_mtime_ns
    read = _listed_once if time.time_ns() - mtime > SETTLED_NS else _listed_once.__wrapped__
    return read(folder, mtime)


@lru_cache
def _listed_once(folder: Path, mtime_ns: int) -> tuple[str, ...]:
    """Read a folder once a change, for images may lie there too."""
    with os.scandir(folder) as entries:
        return tuple(e.name for e in entries if e.name.endswith(FLAT_SUFFIX) or e.is_dir())


@cache
def libraries() -> dict[str, str]:
    """Return the versions of the libraries that a row may depend on.

    Returns
    -------
    dict of str to str
        Only those that are installed.
    """
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
