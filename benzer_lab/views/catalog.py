"""What an archive lists: its images with their metadata, found, sorted, and gathered by design."""

import hashlib
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import fold
from benzer_lab.errors import ImageError
from benzer_lab.images import decode, encode_thumbnail, header, upright
from benzer_lab.metadata import Metadata
from benzer_lab.recipes import TARGET
from benzer_lab.thumbnails import SIZES

SORTS = ("filename", "design", "season", "quality")
OWN_PIXELS = 64_000_000  # of one's own image: twice the largest scan, and a server with many visitors can still decode it
OBLONG = 16  # times as long as wide
ALPHABET = "abcçdefgğhıijklmnoöpqrsştuüvwxyz"  # Turkish with q, w and x where others have them, so that it is English, too

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class OwnImage:
    """An image that is not in the archive, decoded once and as small as the recipes want it; told apart by its key.

    Parameters
    ----------
    name : str
        What its file is called; several may have one name.
    key : str
        A hash of its content.
    image : PIL.Image.Image
        What is embedded.
    pictures : dict of str to bytes
        WebP by size, as those of `Thumbnails`.
    size : tuple of int
        Width and height of the upright original, in pixels.
    rows : dict
        What was embedded so far, by model and version.
    """

    name: str
    key: str
    image: Image.Image = field(compare=False, repr=False)
    pictures: dict[str, bytes] = field(compare=False, repr=False)
    size: tuple[int, int] = field(compare=False)
    rows: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, name: str, content: bytes) -> "OwnImage":
        """Decode the content of a file.

        Parameters
        ----------
        name : str
            What to call it.
        content : bytes
            Of the file.

        Returns
        -------
        OwnImage
            Without rows.

        Raises
        ------
        ImageError
            When it cannot be read, or is too large or too long to keep one for each visitor.
        """
        image = decode(content, target=TARGET, max_pixels=OWN_PIXELS, name=name)
        if max(image.size) > OBLONG * min(image.size):
            raise ImageError(f"{name!r} must be at most {OBLONG} times as long as wide. Cut out a part of it.")
        large = decode(content, target=SIZES["large"], max_pixels=OWN_PIXELS, name=name)
        pictures = {size: encode_thumbnail(large, SIZES[size]) for size in ("tiny", "small", "large")}
        key = f"own-{hashlib.blake2b(content, digest_size=16).hexdigest()}"
        return cls(name, key, image, pictures, upright(header(content)[0], image))


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
        sort : {'filename', 'design', 'season', 'quality'}, default='filename'
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
            rows = rows[np.sort(np.unique(self.metadata.designs[rows], return_index=True)[1])]
        return rows

    def n_of_design(self, rows: Rows) -> list[int]:
        """Count the images of the design of each of some rows."""
        return [int(n) for n in self._n_each[self.metadata.designs[rows]]]

    @cached_property
    def _texts(self) -> list[str]:
        designs = self.metadata.records(np.arange(len(self.filenames)), ["design"])
        return [fold(f"{name}\n{record['design'] or ''}") for name, record in zip(self.filenames, designs, strict=True)]

    @cached_property
    def _n_each(self) -> Rows:
        return np.bincount(self.metadata.designs)

    def _order(self, sort: str) -> Rows:
        """Return all rows in an order, made once."""
        if sort not in self._orders:
            n = len(self.filenames)
            rows = np.arange(n)
            if sort == SORTS[0]:
                rows = np.array(sorted(range(n), key=[alphabetical(name) for name in self.filenames].__getitem__), np.int64)
            elif sort in self.metadata.fields:
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


class _Places(dict[int, str]):
    """Each character as one that sorts where the alphabet has its letter, whatever its case and accents; made when first met."""

    def __missing__(self, code: int) -> str:
        letter = {"I": "ı", "İ": "i"}.get(chr(code), chr(code).lower())[0]
        plain = letter if letter in ALPHABET else unicodedata.normalize("NFKD", letter)[0]
        if plain in ALPHABET:
            place = ord("a") + ALPHABET.index(plain)
        else:
            place = ord(plain) if plain < "a" else min(ord(plain) + len(ALPHABET), sys.maxunicode)
        self[code] = chr(place)
        return self[code]


_PLACES = _Places()


def alphabetical(value: Any) -> Any:
    """Return what sorts values as a reader looks for them: numbers by size, texts by the alphabet, whatever their case and accents."""
    return (unicodedata.normalize("NFC", value).translate(_PLACES), value) if isinstance(value, str) else value
