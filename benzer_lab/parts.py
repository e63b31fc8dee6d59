"""A part of an image as the question: the images that show it, and where."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from PIL import Image

from benzer_lab import region_store
from benzer_lab._checks import nfc
from benzer_lab._engine import Rows
from benzer_lab.errors import InputError
from benzer_lab.hits import Hits
from benzer_lab.images import ImageFolder, opened
from benzer_lab.network import SIDE
from benzer_lab.region_search import Regions
from benzer_lab.regions import boxes_of, views_of
from benzer_lab.search import CALLER, IMAGES_A_DESIGN, Question, Searcher, similarity

MOST_PARTS = 8  # that pages and requests may ask for at once: each is looked for by itself
LISTED_A_HIT = 2  # images looked at closely for each hit wanted
MODEL, VERSION = "regions", "regions-1"


class PartSearcher:
    """Search for parts of images; never changed once made, for any number of threads at once.

    Parameters
    ----------
    searcher : Searcher of n images
        Whose images, metadata and filters count.
    filenames : sequence of str, length m
        The images that are described place by place.
    regions : Regions of m images
        Of them.
    images : ImageFolder, optional
        Where images of the archive are read from, to look for a part of one.
    """

    def __init__(self, searcher: Searcher, filenames: Sequence[str], regions: Regions, images: ImageFolder | None = None) -> None:
        self._searcher, self._regions, self._images = searcher, regions, images
        described = pa.array([nfc(name) for name in filenames], pa.string())
        wanted = pa.array([nfc(name) for name in searcher.features.filenames], pa.string())
        self._places = pc.fill_null(
            pc.index_in(wanted, value_set=described), -1
        ).to_numpy()  # of each row of the searcher among the regions
        self._rows = np.full(len(filenames), -1)
        there = self._places >= 0
        self._rows[self._places[there]] = np.flatnonzero(there)

    @classmethod
    def open(cls, folder: Path, searcher: Searcher, images: ImageFolder | None) -> "PartSearcher":
        """Return what searches the regions that an archive keeps.

        Parameters
        ----------
        folder : Path
            The archive's.
        searcher : Searcher of n images
            Whose images, metadata and filters count.
        images : ImageFolder or None
            Where images of the archive are read from.

        Returns
        -------
        PartSearcher
            Of the images that were described.

        Raises
        ------
        ArchiveError
            When the file of regions is torn.
        """
        table, regions = region_store.read(folder)
        return cls(searcher, table["filename"].to_pylist(), regions, images)

    @property
    def n_undescribed(self) -> int:
        """How many images no part can be found in, for they are not described yet."""
        return int(np.count_nonzero(self._places < 0))

    def find_similar(
        self,
        query: Any,
        region: object,
        question: Question,
        *,
        size: tuple[int, int] | None = None,
        among: NDArray[np.bool_] | None = None,
    ) -> Hits:
        """Find the images that show a part of an image, or all of several parts.

        Parameters
        ----------
        query : str, Path, bytes, PIL image or uint8 array of shape (h, w, 3)
            Of which they are parts; a str is a file name in the archive. One may come in a sequence.
        region : sequence of four numbers, or sequence of such
            Left, top, right and bottom in pixels of the upright original.
        question : Question
            How many, among which.
        size : tuple of int, optional
            Width and height of the upright original, where the query is a smaller picture of it.
        among : ndarray of shape (n,), bool, optional
            Which rows of the searcher may be found, beside what the filters say.

        Returns
        -------
        Hits
            With boxes, best first. The score is the cosine of the part that is found worst.

        Raises
        ------
        InputError
            When the query is not one image, the region is none of it, or the question asks for what only whole images have.
        ImageError
            When the image cannot be read.
        """
        _refuse_whole(question)
        image = _one_of(query)
        own = image if isinstance(image, str) else None
        file = self._file_of(own) if own is not None else image
        picture, own_size, _ = opened(file, target=2 * SIDE, caller=CALLER)  # twice as fine as in the archive: parts are enlarged
        size = size or own_size
        left_out = self._own_rows(own) if own is not None and not question.include_query else np.empty(0, np.int64)
        mask = self._searcher.passing(question, left_out, among)
        if mask is None:
            mask = np.ones(len(self._places), np.bool_)
            mask[left_out] = False
        return self._hits(picture, boxes_of(region, size, caller=CALLER), size, question, mask)

    def _file_of(self, filename: str) -> bytes:
        """Return the file of an image of the archive."""
        found = self._images.locate(filename) if self._images is not None else None
        if self._images is None or found is None:
            raise InputError(f"{CALLER}: query must be an image that is there where a region of it is looked for; got {filename!r}.")
        return self._images.read(found)

    def _own_rows(self, own: str) -> Rows:
        """Return the row of the image itself."""
        return np.asarray(self._searcher.features.rows([own], caller=CALLER), np.int64)

    def _hits(self, picture: Image.Image, boxes: list[Any], size: tuple[int, int], question: Question, mask: NDArray[np.bool_]) -> Hits:
        """Look for boxes among the rows that pass."""
        shares = [tuple(np.array(box) / np.tile(size, 2)) for box in boxes]
        views = views_of(picture, shares)
        places = np.sort(self._places[mask & (self._places >= 0)])
        wanted = question.top_n * (IMAGES_A_DESIGN if question.group_by else 1)
        n = max(region_store.LISTED, LISTED_A_HIT * wanted)
        while True:
            found = self._regions.find(views, places, n=n)
            rows, kept = self._rows[found.rows], np.arange(len(found.rows))
            if question.group_by:
                kept = np.sort(np.unique(self._searcher.metadata.designs[rows], return_index=True)[1])
            if len(kept) >= question.top_n or n >= len(places):
                break
            n *= IMAGES_A_DESIGN
        similarities = similarity(found.scores, "cosine")
        kept = kept[similarities[kept] >= question.min_similarity][: question.top_n]
        hits = self._searcher.hits(rows[kept], found.scores[kept], similarities[kept], "cosine", int(np.count_nonzero(mask)))
        where = [[tuple(box) for box in several] for several in found.boxes[kept].tolist()]
        return replace(
            hits,
            model=MODEL,
            version=VERSION,
            recall=1.0 if n >= len(places) else self._regions.recall,
            boxes=tuple(several if len(boxes) > 1 else several[0] for several in where),
            sizes=self._regions.sizes[found.rows[kept]],
        )


def _one_of(query: Any) -> Any:
    """Return the one image that is asked with."""
    several = list(query) if isinstance(query, Sequence) and not isinstance(query, str | bytes) else [query]
    if len(several) != 1:
        raise InputError(f"{CALLER}: query must be one image where a region of it is looked for; got {len(several)}.")
    return several[0]


def _refuse_whole(question: Question) -> None:
    """Refuse what is asked of whole images only."""
    if question.metric not in (None, "cosine"):
        raise InputError(f"{CALLER}: metric must be 'cosine' where a region is looked for; got {question.metric!r}. Leave it out.")
    if question.color_weight is not None:
        raise InputError(f"{CALLER}: color_weight must be left out where a region is looked for: it is found in any colors.")
