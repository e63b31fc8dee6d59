"""What is known of each image, as Arrow columns: design, season, quality, features and any other field."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benzer_lab._checks import nfc, whole_text
from benzer_lab._disk import cache_home, cache_places, keep, read_json, state
from benzer_lab.errors import ArchiveError
from benzer_lab.names import Names

FILE = "image_metadata_map.json"
SHOWN = ("design", "season", "quality", "features", "cluster")  # the fields that every answer carries
CACHE_FORMAT = 2  # one more whenever the columns are made differently


@dataclass(frozen=True, eq=False)
class Codes:
    """One field as numbers: `codes` point into `values`; `parents` names the row of each code, each once, where a field holds lists."""

    values: list[Any]
    codes: NDArray[np.int32]
    parents: NDArray[np.int64] | None
    present: NDArray[np.bool_]


class Metadata:
    """Columns of what is known of each image.

    Parameters
    ----------
    table : pyarrow.Table of n rows
        A `filename` column and one column a field; a null is a field that the image does not have.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.cluster_names: dict[str, int] = {}  # by which filters may ask for a cluster, in every language
        self._codes: dict[str, Codes] = {}

    def __len__(self) -> int:
        """Return the number of images."""
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        """Say how many images and which fields."""
        return f"Metadata({len(self):,} images: {', '.join(self.fields)})"

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, without `filename`."""
        return tuple(name for name in self.table.column_names if name != "filename")

    @cached_property
    def _whole(self) -> dict[str, pa.Array]:
        """Each field in one piece, of which Arrow takes rows sooner than of a table."""
        return {name: self.table[name].combine_chunks() for name in self.fields}

    @cached_property
    def designs(self) -> NDArray[np.int64]:
        """A number for each image, the same for images of one design; one without a design has a number of its own. Shape (n,)."""
        n = len(self)
        number = {str(nothing): -1 for nothing in (None, "", [], [""])}
        records = self.records(np.arange(n), ["design"])
        codes = np.array([number.setdefault(str(record["design"]), row) for row, record in enumerate(records)], np.int64)
        return np.where(codes < 0, np.arange(n), codes)

    @classmethod
    def from_records(cls, records: Mapping[str, Mapping[str, Any]]) -> "Metadata":
        """Make columns of `{filename: {field: value}}`.

        Parameters
        ----------
        records : mapping of str to mapping
            The existing system's form. A nested `cluster` (`{model: {version: label}}`) becomes one column a version.

        Returns
        -------
        Metadata of n rows
            Numbers stay numbers where every value of a field is one; lists stay lists; what is mixed becomes text.
        """
        flat = [_flatten(record) for record in records.values()]
        fields = list(dict.fromkeys(key for record in flat for key in record))
        columns = {"filename": pa.array([_text(name) for name in records], pa.string())}
        columns |= {key: _column([record.get(key) for record in flat]) for key in fields if key != "filename"}
        return cls(pa.table(columns))

    @classmethod
    def read(cls, path: Path) -> "Metadata":
        """Read a metadata file, from its cache of columns where that is newer than the file's last change.

        Parameters
        ----------
        path : Path
            `{filename: {field: value}}` as JSON.

        Returns
        -------
        Metadata of n rows
            Memory-mapped where it came from the cache.

        Raises
        ------
        ArchiveError
            When the file is no such JSON.
        """
        stamp = json.dumps(cls.stamp(path)).encode()
        name = f".{path.stem}.arrow"
        for place in cache_places(path.parent):
            table = _mapped(place / name)
            if table is not None and (table.schema.metadata or {}).get(b"source") == stamp:
                return cls(table)
        records = read_json(path)
        if not isinstance(records, dict) or not all(isinstance(record, dict) for record in records.values()):
            raise ArchiveError(f"{path}: must map each file name to an object of fields, like {{'D-1.png': {{'design': 'Lale'}}}}.")
        made = cls.from_records(records)
        home = cache_home(path.parent)
        if home is not None:
            keep(home / name, lambda draft: _write(draft, made.table.replace_schema_metadata({b"source": stamp})))
        return made

    @staticmethod
    def stamp(path: Path) -> tuple[int, ...]:
        """Return what changes when a metadata file does.

        Parameters
        ----------
        path : Path
            A metadata file.

        Returns
        -------
        tuple of int
            Without reading it.

        Raises
        ------
        ArchiveError
            When it is not there.
        """
        try:
            return (CACHE_FORMAT, *state(path))
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be read: {error.strerror}. Name another file with metadata=.") from error

    def align(self, filenames: Sequence[str], *, model: str, version: str) -> "Metadata":
        """Return the same columns with one row for each of `filenames`, in their order.

        Parameters
        ----------
        filenames : sequence of str, length n
            Names, compared as NFC; one without metadata gets nulls.
        model, version : str
            Whose `cluster` labels become the column `cluster`.

        Returns
        -------
        Metadata of n rows
            With the spelling of `filenames`.
        """
        keys = filenames.keys if isinstance(filenames, Names) else pa.array([nfc(name) for name in filenames], pa.string())
        is_in_order = self.table["filename"].equals(pa.chunked_array([keys]))
        table = self.table if is_in_order else self.table.take(pc.index_in(keys, value_set=self.table["filename"]))
        own = f"cluster/{model}/{version}"
        columns = {"filename": filenames.column if isinstance(filenames, Names) else pa.array(filenames, pa.string())}
        for name in self.fields:
            if name == own or (name == "cluster" and own not in self.fields):
                columns["cluster"] = table[name]
            elif name != "cluster" and not name.startswith("cluster/"):
                columns[name] = table[name]
        return Metadata(pa.table(columns))

    def with_clusters(self, labels: NDArray[np.int32], names: Mapping[str, int]) -> "Metadata":
        """Return the same columns with other clusters.

        Parameters
        ----------
        labels : ndarray of shape (n,), int32
            Of each row; -1 is none.
        names : mapping of str to int
            What clusters are called, in any language, to their labels.

        Returns
        -------
        Metadata of n rows
            With `labels` as the column `cluster`.
        """
        column = pa.array(labels, pa.int64(), mask=labels < 0)
        kept = [name for name in self.table.column_names if name != "cluster"]
        made = Metadata(self.table.select(kept).append_column("cluster", column))
        made.cluster_names = dict(names)
        return made

    def codes(self, field: str) -> Codes:
        """Return one field as dictionary codes, made once.

        Parameters
        ----------
        field : str
            One of `fields`.

        Returns
        -------
        Codes
            For n rows; absent values have no code (-1 in a scalar field).
        """
        if field not in self._codes:
            self._codes[field] = _codes(self._whole[field])
        return self._codes[field]

    def records(self, rows: NDArray[np.int64], fields: Sequence[str] = SHOWN) -> list[dict[str, Any]]:
        """Return the fields of some rows as plain values.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64
            Positions.
        fields : sequence of str, default=SHOWN
            Which fields; one that does not exist is None everywhere.

        Returns
        -------
        list of dict, length k
            One for each row.
        """
        known = [field for field in fields if field in self._whole]
        if not known:
            return [dict.fromkeys(fields) for _ in range(len(rows))]
        taken = pa.record_batch([self._whole[field] for field in known], names=known).take(pa.array(rows))
        plain = dict(zip(known, (column.to_pylist() for column in taken.columns), strict=True))
        columns = [plain.get(field, [None] * len(rows)) for field in fields]
        return [dict(zip(fields, values, strict=True)) for values in zip(*columns, strict=True)]


def _flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """Spread a nested cluster into one key a model and version."""
    cluster = record.get("cluster")
    if not isinstance(cluster, dict):
        return dict(record)
    flat = {key: value for key, value in record.items() if key != "cluster"}
    for model, versions in cluster.items():
        for version, label in versions.items() if isinstance(versions, dict) else [("v1", versions)]:
            flat[f"cluster/{model}/{version}"] = label
    return flat


def _column(values: list[Any]) -> pa.Array:
    """Return values as the plainest Arrow array that holds them all; the JSON that pandas writes has NaN for what is missing."""
    values = [None if v != v else v for v in values]
    kinds = {type(v) for v in values} - {type(None)}
    if list in kinds:
        lists = [v if isinstance(v, list) or v is None else [v] for v in values]
        items = {type(e) for v in lists if v for e in v} - {type(None)}
        kept = [v and [e for e in v if e is not None and e == e] for v in lists]
        if items and items <= {int, float} and all(_fits(e) for v in kept if v for e in v):
            return pa.array(kept, pa.list_(pa.float64()))
        return pa.array([v if v is None else [_text(e) for e in v] for v in kept], pa.list_(pa.string()))
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and all(v is None or _fits(v) for v in values):
        return pa.array(values, pa.int64())
    if kinds and kinds <= {int, float} and all(v is None or _fits(v) for v in values):
        return pa.array(values, pa.float64())
    return pa.array([v if v is None else _text(v) for v in values], pa.string())


def _fits(number: float) -> bool:
    """Tell whether a column of numbers can hold a number; a code of 400 digits is text."""
    return isinstance(number, float) or abs(number) < 2**63


def _text(value: object) -> str:
    return nfc(whole_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def _codes(column: pa.Array) -> Codes:
    """Encode one column."""
    present = np.asarray(column.is_valid())
    parents = None
    if pa.types.is_list(column.type):
        parents = np.asarray(pc.list_parent_indices(column), np.int64)
        column = pc.list_flatten(column)
    encoded = column.dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1), np.int32)
    if parents is not None:  # a value that a list holds twice is one
        n = max(len(encoded.dictionary), 1)
        pairs = np.unique(parents * n + codes)
        parents, codes = pairs // n, (pairs % n).astype(np.int32)
    return Codes(encoded.dictionary.to_pylist(), codes, parents, present)


def _write(path: Path, table: pa.Table) -> None:
    """Write a table as a file that can be mapped."""
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table)


def _mapped(path: Path) -> pa.Table | None:
    """Return a cached table without reading it, or None where there is none that this version can read."""
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowInvalid):
        return None
