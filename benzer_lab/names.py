"""The file names of many rows, mapped from disk: a million of them take no memory of the process and no time to open."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benzer_lab._checks import nfc

NAME, KEY, ORDER = "filename", "key", "order"
ITERATED = 65_536  # names made at a time by those who want all


class Names(Sequence[str]):
    """File names as an Arrow column, and the order by which one of them is found.

    Parameters
    ----------
    column : pyarrow.StringArray of length n
        The names, as the archive spells them.
    keys : pyarrow.StringArray of length n
        The names as they are compared, in NFC.
    order : ndarray of shape (n,), int32
        Positions, sorted by the keys' bytes.
    """

    def __init__(self, column: pa.StringArray, keys: pa.StringArray, order: NDArray[np.int32]) -> None:
        self.column = column
        self.keys = keys
        self._order = order

    @classmethod
    def of(cls, filenames: Sequence[str]) -> "Names":
        """Make a column of names, and sort them.

        Parameters
        ----------
        filenames : sequence of str, length n
            No two the same.

        Returns
        -------
        Names of length n
            In the order given.
        """
        keys = pa.array([nfc(name) for name in filenames], pa.string())
        return cls(pa.array(filenames, pa.string()), keys, pc.sort_indices(keys).to_numpy().astype(np.int32))

    @classmethod
    def read(cls, path: Path) -> "Names | None":
        """Map what `write` wrote.

        Parameters
        ----------
        path : Path
            A file.

        Returns
        -------
        Names or None
            None where there is no such file, or no whole one.
        """
        try:
            table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except (OSError, pa.ArrowInvalid):
            return None
        if table.column_names != [NAME, KEY, ORDER]:
            return None
        name, key, order = (column.combine_chunks() for column in table.columns)
        return cls(name, key, order.to_numpy())

    def write(self, path: Path) -> None:
        """Write a file that can be mapped.

        Parameters
        ----------
        path : Path
            Replaced where it exists.
        """
        table = pa.table({NAME: self.column, KEY: self.keys, ORDER: pa.array(self._order, pa.int32())})
        with pa.ipc.new_file(str(path), table.schema) as file:
            file.write_table(table, max_chunksize=max(len(self), 1))

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.column)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Return one name, or a list of some."""
        found = self.column[place]
        return found.to_pylist() if isinstance(place, slice) else str(found)

    def take(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the names at some positions.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64
            Positions.

        Returns
        -------
        list of str, length k
            As the archive spells them.
        """
        return list(self.column.take(pa.array(rows)).to_pylist())

    def __iter__(self) -> Iterator[str]:
        """Give all names, one block of them after the other."""
        for start in range(0, len(self), ITERATED):
            yield from self[start : start + ITERATED]

    def __eq__(self, other: object) -> bool:
        """Tell whether these are the same names in the same order."""
        if isinstance(other, Names):
            return bool(self.column.equals(other.column))
        return isinstance(other, Sequence) and len(other) == len(self) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Say how many."""
        return f"Names({len(self):,} file names)"

    def position(self, key: str) -> int:
        """Find a name.

        Parameters
        ----------
        key : str
            In NFC.

        Returns
        -------
        int
            Its position; -1 where it is not there.
        """
        place = bisect_left(self._order, key.encode(), key=lambda place: self.keys[int(place)].as_buffer().to_pybytes())
        found = int(self._order[place]) if place < len(self) else -1
        return found if found >= 0 and self.keys[found].as_py() == key else -1
