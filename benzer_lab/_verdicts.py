"""What two images are to each other: the nearest by pattern are candidates, and each pair of those is compared on its pixels."""

import hashlib
import io
from collections.abc import Callable, Generator, Sequence
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._registration import Match, Swatch, match
from benzer_lab._workers import DIED, chunks_of, done, stopping
from benzer_lab.errors import ImageError, InputError
from benzer_lab.images import ImageFolder
from benzer_lab.search import Searcher
from benzer_lab.thumbnails import Thumbnails

Relation = Literal["duplicate", "colorway", "look-alike"]
Pairs = NDArray[np.int64]
Job = tuple[int, str, str]  # a pair's number, and its images
Found = tuple[int, Match]
Read = TypeVar("Read")

METHOD = "1"  # the next whenever a verdict changes: those that archives keep are then found anew
KINDS: tuple[Relation, ...] = ("duplicate", "colorway", "look-alike")
QUERIES = 1024  # rows whose neighbors are found at a time
CHUNK = 128  # pairs: a second or two of work, which is what a kill can cost, and how long a stop takes
CROWDED = 8  # times as many neighbors are asked for where all of an image's are still as near as its own design would be

# Cosines of the pattern model, by recipe, from labelled truth (docs/decisions/0011-duplicates.md): pairs below `FAR` are never one design,
# and below `NEAR` only if one is among the first of the other; from `CROWD` a list of neighbors may be full of one design; from `ALIKE`
# another design is called a look-alike
FAR, NEAR, CROWD, ALIKE = ({"pattern-2": cosine} for cosine in (0.4, 0.6, 0.8, 0.7))
FIRST = 4

ALIGNED = 0.012  # of a side: what lies no farther apart was never scanned again, but copied or recolored
TURNED = 0.7  # what lies farther was turned upside down or to its side


class Limits(NamedTuple):
    """What the pixels of two images of one design are, at least or at most; from labelled truth (the same page).

    Parameters
    ----------
    colorway, duplicate : float
        Correlation of their edges from which they are one design, and from which the same scan.
    tint : float
        How far apart their colors may be, once the light is the same, where they are duplicates; L*a*b* (CIE76).
    exposure, cast : float
        How much the light of duplicates may differ.
    residue : float
        How far apart the pixels of duplicates may be.
    overlap : float
        How much of one duplicate lies on the other.
    """

    colorway: float
    duplicate: float
    tint: float
    exposure: float
    cast: float
    residue: float
    overlap: float


OVERLAP = 0.9  # of one that lies on the other: else what lies beside may differ
COPIED = Limits(colorway=0.8, duplicate=0.8, tint=1.9, exposure=0.13, cast=0.018, residue=0.23, overlap=0.9)
SCANNED = Limits(colorway=0.85, duplicate=0.82, tint=3.4, exposure=0.2, cast=0.06, residue=0.6, overlap=0.92)
LAID = SCANNED._replace(tint=1.9)  # on another side: a check may be another check that is turned
ONE_FILE = Match(likeness=1.0, overlap=1.0, moved=0.0, residue=0.0, difference=0.0, exposure=0.0, cast=0.0, tint=0.0)


class Verdict(NamedTuple):
    """What two images are to each other.

    Parameters
    ----------
    first, second : int
        Their rows, the smaller first.
    kind : {'duplicate', 'colorway', 'look-alike'}
        'look-alike' where they are not one design.
    score : float
        0 to 1, 1 is the same: how alike their drawing is once one lies on the other; of a look-alike, the cosine of their rows.
    difference : float
        How far their colors are apart, in L*a*b* (CIE76); NaN for a look-alike.
    """

    first: int
    second: int
    kind: Relation
    score: float
    difference: float


def kind_of(found: Match, *, copied: Limits = COPIED, scanned: Limits = SCANNED, laid: Limits = LAID) -> Relation:
    """Tell what two images are to each other.

    Parameters
    ----------
    found : Match
        What they have in common.
    copied, scanned, laid : Limits
        What is asked of images that lie on each other as they are, of others, and of those turned upside down or to their side.

    Returns
    -------
    {'duplicate', 'colorway', 'look-alike'}
        'look-alike' means that they are not one design.
    """
    limits = copied if found.moved <= ALIGNED else scanned if found.moved <= TURNED else laid
    if found.overlap < OVERLAP or found.likeness < min(limits.duplicate, limits.colorway):
        return "look-alike"
    is_same_light = abs(found.exposure) <= limits.exposure and found.cast <= limits.cast
    is_same_place = found.likeness >= limits.duplicate and found.overlap >= limits.overlap
    if is_same_place and is_same_light and found.tint <= limits.tint and found.residue <= limits.residue:
        return "duplicate"
    return "colorway" if found.likeness >= limits.colorway else "look-alike"


def candidates(searcher: Searcher, *, neighbors: int, tell: Callable[[float], None]) -> tuple[Pairs, NDArray[np.float32]]:
    """Walk once over the neighbor graph.

    Parameters
    ----------
    searcher : Searcher
        Of the model 'pattern'.
    neighbors : int
        How many of each image are looked at; more where all of them may be one design.
    tell : callable
        Called with how much is done, from 0 to 1.

    Returns
    -------
    pairs : ndarray of shape (m, 2), int64
        Rows that may be of one design or look alike, the smaller first, each pair once.
    cosines : ndarray of shape (m,), float32
        Of each pair.
    """
    features = searcher.features
    crowd = CROWD.get(features.recipe or "", 1.0)
    n, found = len(features), [(np.empty((0, 2), np.int64), np.empty(0, np.float32))]
    for start in range(0, n, QUERIES):
        rows = np.arange(start, min(start + QUERIES, n))
        for k in (min(neighbors, n - 1), min(CROWDED * neighbors, n - 1)):
            nearest = searcher.index.search(np.asarray(features.x[rows]), k + 1)
            found.append(_pairs(rows, nearest.rows, nearest.scores, features.recipe or ""))
            rows = rows[nearest.scores[:, -1] >= crowd]
        tell(min(start + QUERIES, n) / n)
    pairs, cosines = (np.concatenate(several) for several in zip(*found, strict=True))
    _, first = np.unique(pairs @ [n, 1], return_index=True)
    return pairs[first], cosines[first]


def _pairs(rows: Pairs, found: Pairs, scores: NDArray[np.float32], recipe: str) -> tuple[Pairs, NDArray[np.float32]]:
    """Return which rows were found by which, each pair with the smaller first."""
    mine = np.repeat(rows[:, None], found.shape[1], axis=1)
    is_near = near(scores, recipe, first=FIRST + 1)  # with itself
    kept = (found >= 0) & (found != mine) & is_near
    return np.sort(np.stack([mine[kept], found[kept]], axis=1), axis=1), scores[kept]


def near(scores: NDArray[np.float32], recipe: str, *, first: int = FIRST) -> NDArray[np.bool_]:
    """Tell which neighbors may be of one design.

    Parameters
    ----------
    scores : ndarray of shape (..., k)
        Their cosines, the nearest first.
    recipe : str
        Of the rows.
    first : int, default=4
        How many are asked less of.

    Returns
    -------
    ndarray of shape (..., k), bool
        All of them where the recipe's cosines were not measured.
    """
    is_near = scores >= NEAR.get(recipe, -1.0)
    is_near[..., :first] |= scores[..., :first] >= FAR.get(recipe, -1.0)
    return is_near


class Comparer:
    """Compares pairs of images, in this process or in another: files that are the same byte for byte are duplicates whatever they show.

    Parameters
    ----------
    images : ImageFolder
        Where the files lie.
    thumbnails : Thumbnails
        Where the pixels come from: small pictures, made once and kept.
    """

    def __init__(self, images: ImageFolder, thumbnails: Thumbnails) -> None:
        self._images = images
        self._thumbnails = thumbnails

    def size(self, filename: str) -> int:
        """Return how large an image's file is, -1 where there is none."""
        name = self._images.locate(filename)
        return -1 if name is None else self._images.size(name)

    def digest(self, filename: str) -> bytes:
        """Return the SHA-256 of an image's file.

        Parameters
        ----------
        filename : str
            One of the images.

        Returns
        -------
        bytes
            32 of them.

        Raises
        ------
        ImageError
            When it cannot be read.
        """
        try:
            return hashlib.sha256(self._images.read(self._images.locate(filename) or filename)).digest()
        except InputError as error:
            raise ImageError(f"Comparer: {filename!r} must be among the images; it has just gone.") from error

    def swatch(self, filename: str) -> Swatch:
        """Return what is compared of an image.

        Parameters
        ----------
        filename : str
            One of the images.

        Returns
        -------
        Swatch
            Its small picture.

        Raises
        ------
        ImageError
            When it cannot be read.
        """
        return Swatch(Image.open(io.BytesIO(self._thumbnails.get(filename))).convert("RGB"))

    def __call__(self, chunk: Sequence[Job]) -> tuple[list[Found], dict[str, str]]:
        """Compare the pairs of a chunk; give what was found, and the images that cannot be read with their reasons."""
        digests: dict[str, bytes | None] = {}
        swatches: dict[str, Swatch | None] = {}
        found: list[Found] = []
        refused: dict[str, str] = {}

        def read(read_one: Callable[[str], Read], kept: dict[str, Read | None], filename: str) -> Read | None:
            if filename not in kept:
                try:
                    kept[filename] = read_one(filename)
                except ImageError as error:
                    kept[filename], refused[filename] = None, str(error)
            return kept[filename]

        for number, *names in chunk:
            if stopping():
                break
            if self.size(names[0]) == self.size(names[1]):
                bytes_of = [read(self.digest, digests, name) for name in names]
                if bytes_of[0] is not None and bytes_of[0] == bytes_of[1]:
                    found.append((number, ONE_FILE))
                    continue
            first, second = (read(self.swatch, swatches, name) for name in names)
            if first is not None and second is not None:
                found.append((number, match(first, second)))
        return found, refused


def verdicts(
    pairs: Pairs, cosines: NDArray[np.float32], filenames: Sequence[str], comparer: Comparer, *, processes: int | None
) -> Generator[tuple[list[Verdict], dict[str, str], int], None, None]:
    """Compare pairs on all cores.

    Parameters
    ----------
    pairs : ndarray of shape (m, 2), int64
        From `candidates`.
    cosines : ndarray of shape (m,), float32
        Of each pair.
    filenames : sequence of str
        The image of each row.
    comparer : Comparer
        What compares.
    processes : int or None
        How many work at a time; by default one a core. With 1 all is done in this process.

    Yields
    ------
    several : list of Verdict
        Of some pairs.
    refused : dict of str to str
        Images that cannot be read, with the reason.
    n : int
        How many pairs these were.
    """
    jobs = [(number, filenames[pairs[number, 0]], filenames[pairs[number, 1]]) for number in neighborly(pairs, len(filenames)).tolist()]
    with done(comparer, chunks_of(jobs, CHUNK), processes) as results:
        for chunk, result in results:
            found, refused = result or ([], {chunk[0][1]: f"{chunk[0][1:]} {DIED}."})
            some = [verdict(pairs[number], one, float(cosines[number])) for number, one in found]
            yield some, refused, len(chunk)


def verdict(pair: Pairs, found: Match, cosine: float, **limits: Limits) -> Verdict:
    """Say what a pair is.

    Parameters
    ----------
    pair : ndarray of shape (2,), int64
        Two rows.
    found : Match
        What their images have in common.
    cosine : float
        Of the rows.
    **limits : Limits
        As for `kind_of`.

    Returns
    -------
    Verdict
        With its score.
    """
    kind = kind_of(found, **limits)
    first, second = pair.tolist()
    if kind == "look-alike":
        return Verdict(first, second, kind, max(cosine, 0.0), float("nan"))
    return Verdict(first, second, kind, min(1.0, found.likeness), found.difference)


def neighborly(pairs: Pairs, n: int) -> NDArray[np.intp]:
    """Put pairs into an order in which those of the same images come together, so that each image is read a few times only.

    Parameters
    ----------
    pairs : ndarray of shape (m, 2), int64
        Of n rows.
    n : int
        How many rows there are.

    Returns
    -------
    ndarray of shape (m,), int64
        Numbers of the pairs: rows come as a walk over the graph meets them.
    """
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    ends, others = np.searchsorted(both[:, 0], np.arange(n + 1)).tolist(), both[:, 1].tolist()
    place = np.full(n, -1)
    met = 0
    for start in range(n):
        waiting = [start] if place[start] < 0 else []
        while waiting:
            row = waiting.pop()
            if place[row] < 0:
                place[row], met = met, met + 1
                waiting += [other for other in others[ends[row] : ends[row + 1]] if place[other] < 0]
    return np.lexsort(np.sort(place[pairs], axis=1).T)
