"""What an archive lists: its images with their metadata, found, sorted, and gathered by design."""

import hashlib
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import fold
from benzer_lab.metadata import Metadata

SORTS = ("name", "design", "season", "quality")
ALPHABET = "abcçdefgğhıijklmnoöpqrsştuüvwxyz"  # Turkish with q, w and x where others have them, so that it is English, too

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class OwnImage:
    """An image that is not in the archive, decoded once and as small as the recipes want it; told apart by its key."""

    name: str
    key: str
    image: Image.Image = field(compare=False, repr=False)
    picture: bytes = field(compare=False, repr=False)

    @classmethod
    def of(cls, name: str, content: bytes, image: Image.Image, picture: bytes) -> "OwnImage":
        """Make one of a file's content and what was decoded from it."""
        return cls(name, f"own-{hashlib.blake2b(content, digest_size=16).hexdigest()}", image, picture)


class Catalog:
    """The images of an archive.

    Parameters
    ----------
    filenames : tuple of str, length n
        The images.
    metadata : Metadata
        What is known of them.
    """

    def __init__(self, filenames: tuple[str, ...], metadata: Metadata) -> None:
        self.filenames = filenames
        self.metadata = metadata.align(filenames, model="", version="")
        self._rows = {name: row for row, name in enumerate(filenames)}
        self._orders: dict[str, Rows] = {}

    def row(self, filename: str) -> int:
        """Return the row of an image, -1 for one that is not listed."""
        return self._rows.get(filename, -1)

    def record(self, filename: str) -> dict[str, Any]:
        """Return what is known of an image, nothing of one that is not listed."""
        row = self._rows.get(filename)
        fields = [field for field in self.metadata.fields if "/" not in field]
        return {} if row is None else self.metadata.records(np.array([row]), fields)[0]

    def listed(self, text: str = "", *, sort: str = SORTS[0], per_design: bool = False) -> Rows:
        """List the images.

        Parameters
        ----------
        text : str, default=""
            What their file name or design holds, whatever its case and accents; empty for all.
        sort : {'name', 'design', 'season', 'quality'}, default='name'
            By what; texts by the alphabet, images without the field last.
        per_design : bool, default=False
            Only the first image of each design.

        Returns
        -------
        ndarray of shape (k,), int64
            Positions in `filenames`.
        """
        rows = self._order(sort)
        wanted = fold(text.strip())
        if wanted:
            holds = np.fromiter((wanted in held for held in self._texts), bool, len(self._texts))
            rows = rows[holds[rows]]
        if per_design:
            rows = rows[np.sort(np.unique(self._designs[rows], return_index=True)[1])]
        return rows

    def n_of_design(self, rows: Rows) -> list[int]:
        """Count the images of the design of each of some rows."""
        return [int(n) for n in self._n_each[self._designs[rows]]]

    @cached_property
    def _texts(self) -> list[str]:
        designs = self.metadata.records(np.arange(len(self.filenames)), ["design"])
        return [fold(f"{name}\n{record['design'] or ''}") for name, record in zip(self.filenames, designs, strict=True)]

    @cached_property
    def _designs(self) -> Rows:
        """A number for each row's design; a row without one has a number of its own."""
        designs = self.metadata.records(np.arange(len(self.filenames)), ["design"])
        number: dict[object, int] = {}
        keys = (str(record["design"]) if record["design"] else row for row, record in enumerate(designs))
        return np.fromiter((number.setdefault(key, len(number)) for key in keys), np.int64, len(designs))

    @cached_property
    def _n_each(self) -> Rows:
        return np.bincount(self._designs)

    def _order(self, sort: str) -> Rows:
        """Return all rows in an order, made once."""
        if sort not in self._orders:
            n = len(self.filenames)
            rows = np.arange(n)
            if sort in self.metadata.fields:
                codes = self.metadata.codes(sort)
                ranked = sorted(range(len(codes.values)), key=lambda code: alphabetical(codes.values[code]))
                rank = np.empty(len(ranked) + 1, np.int64)
                rank[ranked] = np.arange(len(ranked))
                rank[-1] = len(ranked)  # of code -1: without the field
                of_row = np.full(n, len(ranked))
                place = rows if codes.parents is None else codes.parents
                np.minimum.at(of_row, place, rank[codes.codes])
                rows = np.argsort(of_row, kind="stable")
            self._orders[sort] = rows
        return self._orders[sort]


@lru_cache(maxsize=2)
def catalog(filenames: tuple[str, ...], metadata: Metadata) -> Catalog:
    """Share one catalog among all sessions of a process, until files or metadata change."""
    return Catalog(filenames, metadata)


def alphabetical(value: Any) -> Any:
    """Return what sorts values as a reader looks for them: numbers by size, texts by the alphabet, whatever their case and accents."""
    if not isinstance(value, str):
        return value
    letters = [_letter(c) for c in unicodedata.normalize("NFC", value).replace("I", "ı").replace("İ", "i").lower()]
    return letters, value


def _letter(character: str) -> tuple[int, int]:
    """Return the place of a small letter: in the alphabet, else before or after it by its code."""
    plain = character if character in ALPHABET else unicodedata.normalize("NFKD", character)[0]
    if plain in ALPHABET:
        return 1, ALPHABET.index(plain)
    return (0 if plain < "a" else 2), ord(plain)
