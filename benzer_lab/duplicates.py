"""Three words kept apart: duplicate (the same file or scan), colorway (the same design recolored), look-alike (another design)."""

import io
from dataclasses import replace
from typing import Literal

import numpy as np
from PIL import Image

from benzer_lab._engine import each
from benzer_lab._registration import Match, Swatch, match
from benzer_lab.errors import ImageError
from benzer_lab.search import Hits, Question, Searcher
from benzer_lab.thumbnails import Thumbnails

Kind = Literal["duplicate", "colorway", "look-alike"]
KINDS: tuple[Kind, ...] = ("duplicate", "colorway", "look-alike")
SHORTLIST = 24  # nearest by pattern that are compared on the pixels; more colorways of one design are rare


def kind_of(found: Match) -> Kind:
    """Tell what two images are to each other.

    Parameters
    ----------
    found : Match
        What they have in common.

    Returns
    -------
    {'duplicate', 'colorway', 'look-alike'}
        'look-alike' means that they are not the same design.
    """
    is_same = found.overlap >= 0.85 and max(found.likeness, found.inks) >= 0.85
    if not is_same:
        return "look-alike"
    return "duplicate" if found.residue <= (8.0 if found.moved > 0.01 else 1.2) and found.cast <= 0.05 else "colorway"


def find_colorways(filename: str, searcher: Searcher, thumbnails: Thumbnails) -> Hits:
    """Find the other colorways of a design: the nearest by pattern, compared on the pixels.

    Parameters
    ----------
    filename : str
        An image of the design.
    searcher : Searcher
        Of the model 'pattern'.
    thumbnails : Thumbnails
        Where the pixels come from.

    Returns
    -------
    Hits
        Only images of the same design in other colors, nearest by pattern first.

    Raises
    ------
    InputError
        When the image is unknown.
    ImageError
        When it cannot be read.
    """
    hits = searcher.find_similar(filename, Question(top_n=SHORTLIST))
    own = _swatch(filename, thumbnails)

    def is_colorway(place: int) -> bool:
        try:
            return kind_of(match(own, _swatch(hits.filenames[place], thumbnails))) == "colorway"
        except ImageError:
            return False

    kept = np.flatnonzero(each(len(hits), is_colorway))
    return replace(
        hits,
        filenames=tuple(hits.filenames[i] for i in kept),
        scores=hits.scores[kept],
        similarities=hits.similarities[kept],
        records=[hits.records[i] for i in kept],
    )


def _swatch(filename: str, thumbnails: Thumbnails) -> Swatch:
    """Return what is compared of an image, read from its small picture, which is made once and kept."""
    return Swatch(Image.open(io.BytesIO(thumbnails.get(filename))).convert("RGB"))
