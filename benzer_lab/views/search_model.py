"""The state of the search page: what is asked, and what was found."""

import hashlib
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import fold
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError, ImageError
from benzer_lab.images import decode, encode_thumbnail
from benzer_lab.metadata import Codes, Metadata
from benzer_lab.recipes import TARGET
from benzer_lab.search import COLOR_WEIGHT
from benzer_lab.thumbnails import SIZES

FIELDS = ("season", "quality", "features", "cluster")
QUESTION = ("query", "own_image", "model", "version", "metric", "top_n", "color_weight", "one_per_design", "filters")
MOST_VALUES = 500  # of a field, the most frequent ones; a menu of more helps nobody
OWN_PIXELS = 64_000_000  # of one's own image: twice the largest scan, and a server with many visitors can still decode it
ALPHABET = "abcçdefgğhıijklmnoöpqrsştuüvwxyz"  # Turkish with q, w and x where others have them, so that it is English, too

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OwnImage:
    """An image that is not in the archive, decoded once and as small as the recipes want it."""

    name: str
    key: str
    image: Image.Image
    picture: bytes


class Catalog:
    """What an archive lists: its images with their metadata, found by name or design.

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
        designs = self.metadata.records(np.arange(len(filenames)), ["design"])
        self._rows = {name: row for row, name in enumerate(filenames)}
        self._texts = [fold(f"{name}\n{record['design'] or ''}") for name, record in zip(filenames, designs, strict=True)]

    def record(self, filename: str) -> dict[str, Any]:
        """Return what is known of an image, nothing of one that is not listed."""
        row = self._rows.get(filename)
        return {} if row is None else self.metadata.records(np.array([row]))[0]

    def find(self, text: str) -> Rows:
        """Return the rows whose file name or design holds a text, whatever its case and accents; all for an empty text."""
        wanted = fold(text.strip())
        return np.array([row for row, held in enumerate(self._texts) if wanted in held], np.int64)


@lru_cache(maxsize=2)
def _catalog(filenames: tuple[str, ...], metadata: Metadata) -> Catalog:
    """Share one catalog among all sessions of a process, until files or metadata change."""
    return Catalog(filenames, metadata)


class SearchModel(param.Parameterized):  # type: ignore[misc]
    """What is asked of an archive and what was found; every change of the question asks again.

    Parameters
    ----------
    archive : Archive
        Where to search; it must have features.
    **params : object
        The parameters below.
    """

    query = param.String(doc="File name of the chosen design; empty while there is none.")
    own_image = param.ClassSelector(class_=OwnImage, doc="One's own image, in the place of `query`.")
    model = param.String(doc="What is compared.")
    version = param.String(doc="Which version of the model; empty is the current one.")
    metric = param.Selector(default="", objects=["", "cosine", "l2"], doc="Measure; empty is the model's own.")
    top_n = param.Integer(default=100, bounds=(1, 1000), doc="How many look-alikes to show.")
    color_weight = param.Number(default=COLOR_WEIGHT, bounds=(0, 1), doc="Share of color where the model mixes color and pattern.")
    one_per_design = param.Boolean(doc="Whether each design comes once, as its best image.")
    filters = param.Dict(default={}, doc="Field to a list of values, of which any is enough.")
    text = param.String(doc="What to find in the archive: a part of a file name or design.")

    catalog = param.ClassSelector(class_=Catalog, constant=True, doc="The images of the archive when `text` was last looked for.")
    found = param.Parameter(constant=True, doc="Rows of `catalog` that hold `text`.")
    hits = param.Parameter(constant=True, doc="Hits of the question, most similar first; None while there is none.")
    error = param.String(constant=True, doc="Why there are no hits, in a sentence.")
    busy = param.Boolean(constant=True, doc="Whether an answer is being looked for.")

    def __init__(self, archive: Archive, **params: Any) -> None:
        self.archive = archive
        self._lock = threading.RLock()
        super().__init__(**{"model": archive.default_model, **params})
        self._find()
        self._search()

    @property
    def current_version(self) -> str:
        """The version that is searched where none is named."""
        return self.archive.features(self.model).version

    @property
    def mixes(self) -> bool:
        """Whether the model takes a `color_weight`."""
        return "color" in (self.archive.features(self.model, self.version or None).blocks or {})

    def change(self, **values: Any) -> None:
        """Change the question, one change after the other: param may lose one that comes from another thread meanwhile.

        Parameters
        ----------
        **values : object
            The parameters above that change, with their values.
        """
        with self._lock:
            self.param.update(**values)

    def choose_model(self, model: str) -> None:
        """Compare by another model, in its current version; clusters of the former one say nothing of it.

        Parameters
        ----------
        model : str
            One of the archive's models.
        """
        filters = {field: values for field, values in self.filters.items() if field != "cluster"}
        self.change(model=model, version="", filters=filters)

    def ask(self, filename: str) -> None:
        """Look for designs similar to one of the archive.

        Parameters
        ----------
        filename : str
            A file name; empty to ask nothing.
        """
        self.change(query=filename, own_image=None)

    def ask_own(self, name: str, content: bytes) -> None:
        """Look for designs similar to an image of one's own.

        Parameters
        ----------
        name : str
            What to call it.
        content : bytes
            Of the image file; one that cannot be read, or is too large, is refused.
        """
        try:
            image = decode(content, target=TARGET, max_pixels=OWN_PIXELS, name=name)
        except ImageError as error:
            self.refuse(str(error))
            return
        key = f"own-{hashlib.blake2b(content, digest_size=16).hexdigest()}"
        self.change(query="", own_image=OwnImage(name, key, image, encode_thumbnail(image, SIZES["small"])))

    def refuse(self, reason: str) -> None:
        """Say why something was not even asked, in the place of the question before it.

        Parameters
        ----------
        reason : str
            A sentence for the page.
        """
        with self._lock, param.edit_constant(self):
            self.param.update(query="", own_image=None)
            self.param.update(error=reason, hits=None)

    def facets(self) -> dict[str, list[tuple[Any, int]]]:
        """Count the images of each value of the fields that filters are offered for.

        Returns
        -------
        dict of str to list of (value, count)
            By value; without the fields that the archive does not have, and without filters' effect.
        """
        return _facets(self.archive.searcher(self.model, self.version or None).metadata)

    def picture(self, filename: str) -> bytes | None:
        """Return a small picture of an image of the archive.

        Parameters
        ----------
        filename : str
            Its name.

        Returns
        -------
        bytes or None
            WebP; None where the image is gone or broken.
        """
        try:
            return self.archive.thumbnails.get(filename) if self.key(filename) else None
        except ImageError:
            return None

    def own_picture(self, name: str) -> bytes | None:
        """Return a small picture of one's own image, as `picture` does."""
        own = self.own_image
        return self.picture(name) if own is None or own.name != name else own.picture

    def key(self, filename: str) -> str | None:
        """Return the address of an image's picture.

        Parameters
        ----------
        filename : str
            A name in the archive.

        Returns
        -------
        str or None
            See `Thumbnails.key`; None where there is no such image.
        """
        return self.archive.thumbnails.key(filename) if self.archive.images is not None else None

    @param.depends("text", watch=True)  # type: ignore[untyped-decorator]
    def _find(self) -> None:
        with self._lock, param.edit_constant(self):
            self.archive.searcher(self.model)  # a new version lists the images anew
            catalog = _catalog(self.archive.filenames, self.archive.metadata)
            self.param.update(catalog=catalog, found=catalog.find(self.text))

    @param.depends(*QUESTION, watch=True)  # type: ignore[untyped-decorator]
    def _search(self) -> None:
        """Ask with the question as it is now; the lock keeps an older answer from following a newer one."""
        with self._lock, param.edit_constant(self):
            self.busy = True
            try:
                self.param.update(error="", hits=self._answer())
            except BenzerError as error:
                self.param.update(error=str(error), hits=None)
            finally:
                self.busy = False

    def _answer(self) -> Any:
        """Return the hits, or None where nothing is asked."""
        if self.own_image is None and not self.query:
            return None
        return self.archive.find_similar(
            self.query if self.own_image is None else self.own_image.image,
            model=self.model,
            version=self.version or None,
            metric=self.metric or None,
            top_n=self.top_n,
            color_weight=self.color_weight if self.mixes else None,
            filters=self.filters,
            group_by="design" if self.one_per_design else None,
        )


@lru_cache(maxsize=8)
def _facets(metadata: Metadata) -> dict[str, list[tuple[Any, int]]]:
    """Share the counts of a snapshot among all sessions of a process."""
    return {field: _counts(metadata.codes(field)) for field in FIELDS if field in metadata.fields}


def _counts(codes: Codes) -> list[tuple[Any, int]]:
    """Count the rows of each value; the most frequent ones, in the order of the values."""
    n = len(codes.values)
    held = codes.codes >= 0
    values = codes.codes[held].astype(np.int64)
    if codes.parents is not None:
        values = np.unique(codes.parents[held] * n + values) % n  # a value that a list holds twice is one row
    counts = np.bincount(values, minlength=n)
    most = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    return sorted(((codes.values[i], int(counts[i])) for i in most), key=lambda one: _place(one[0]))


def _place(value: Any) -> Any:
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
