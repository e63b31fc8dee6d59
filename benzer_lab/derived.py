"""Tables that follow from a version, in its `derived` folder: found again while its rows are the same, replaced in one rename."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from benzer_lab._disk import cache_home, cache_places, keep, state
from benzer_lab.errors import InputError
from benzer_lab.versions import Versions

Parts = tuple[tuple[str, str], ...]  # a model and its version, or several that are joined
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
CARD = b"card"  # in the table's own schema, so that table and card are one file


class DerivedTables:
    """Tables of one kind, such as clusters or maps, of an archive's versions; each row is one image of the version, in its order.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    kind : str
        What the names of the files begin with.
    """

    def __init__(self, versions: Versions, kind: str) -> None:
        self._versions, self._kind = versions, kind

    def paths(self, parts: Parts, name: str) -> list[Path]:
        """Return where a table may lie: beside its version, or in the user's cache.

        Parameters
        ----------
        parts : tuple of (model, version)
            What the table follows from; that of joined ones lies beside the last.
        name : str
            Of the table.

        Returns
        -------
        list of Path
            The first that is there counts.

        Raises
        ------
        InputError
            When the name is none that can be a file's.
        """
        if not NAME.fullmatch(name):
            raise InputError(f"{self._kind}: name must be up to 64 letters, digits, '-' or '_'; got {name!r}.")
        file = "-with-".join([f"{self._kind}-{name}", *(f"{model}-{version}" for model, version in parts[:-1])]) + ".parquet"
        return [home / file for home in cache_places(self._folder(parts))]

    def names(self, parts: Parts) -> tuple[str, ...]:
        """Return the names of the tables that there are, by the alphabet."""
        joined = "".join(f"-with-{model}-{version}" for model, version in parts[:-1])
        head, tail = f"{self._kind}-", f"{joined}.parquet"
        files = {path.name for home in cache_places(self._folder(parts)) if home.is_dir() for path in home.glob(f"{head}*{tail}")}
        names = {file.removeprefix(head).removesuffix(tail) for file in files}
        return tuple(sorted(name for name in names if "-with-" not in name))

    def stamp(self, parts: Parts, name: str) -> tuple[object, ...]:
        """Return what changes when a table does; empty where there is none."""
        return tuple(tuple(state(path)) for path in self.paths(parts, name) if path.exists())

    def source(self, parts: Parts) -> list[Any]:
        """Return what changes when the rows do, as JSON keeps it; to be asked before they are opened.

        Parameters
        ----------
        parts : tuple of (model, version)
            Of which.

        Returns
        -------
        list
            The checksums of a version's files, so that a copy of the archive keeps its tables; of flat files size and time.
        """
        places = [self._versions.place(model, version, caller=self._kind) for model, version in parts]
        return [
            [state(path) for path in place.files] if place.card is None else self._versions.card(*part)["files"]
            for part, place in zip(parts, places, strict=True)
        ]

    def read(self, parts: Parts, name: str, *, tell: bool = True) -> tuple[pa.Table, dict[str, Any]] | None:
        """Return a table and its card.

        Parameters
        ----------
        parts : tuple of (model, version)
            What it follows from.
        name : str
            Of the table.
        tell : bool, default=True
            Whether one that is torn, or of other rows, is warned of; not where it is made again at once.

        Returns
        -------
        tuple of pyarrow.Table and dict, or None
            As they were written; None where there are none, or they are torn, or of other rows.
        """
        for path in self.paths(parts, name):
            if not path.exists():
                continue
            try:
                table = parquet.read_table(path)
                card = json.loads(table.schema.metadata[CARD])
                is_of_these = card.pop("source") == self.source(parts)
            except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, AttributeError) as error:
                problem = f"must be a table with its card; {error}. Delete the file; it is made again when asked for."
            else:
                if is_of_these:
                    return table, card
                problem = f"is of other rows than {parts[-1][0]} {parts[-1][1]} has now, and left alone. Make it again."
            if tell:
                warnings.warn(f"{path}: {problem}", stacklevel=2)
        return None

    def write(self, parts: Parts, name: str, table: pa.Table, card: dict[str, Any], source: list[Any]) -> None:
        """Put a table in the place of an older one; where the disk refuses, a warning says so.

        Parameters
        ----------
        parts : tuple of (model, version)
            What it follows from.
        name : str
            Of the table.
        table : pyarrow.Table of n rows
            A row an image, in the order of the version.
        card : dict
            How it was made, as JSON keeps it.
        source : list
            What `source` returned before the rows were opened.
        """
        places = self.paths(parts, name)
        home = cache_home(self._folder(parts))
        if home is None or self.source(parts) != source:  # rows that are no longer there
            return
        told = json.dumps({**card, "source": source}, ensure_ascii=False).encode()
        file = table.replace_schema_metadata({CARD: told})
        keep(home / places[0].name, lambda draft: parquet.write_table(file, draft))

    def _folder(self, parts: Parts) -> Path:
        return self._versions.place(*parts[-1], caller=self._kind).derived
