"""A part of an image as the question of the search page: its boxes, how an address writes them, and how they are shown."""

import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from benzer_lab.hits import Box, Hits
from benzer_lab.images import encode_thumbnail
from benzer_lab.parts import MOST_PARTS
from benzer_lab.thumbnails import SIZES
from benzer_lab.views.catalog import OwnImage

FARTHEST = 2**31  # pixels: no image is as large


@dataclass(frozen=True)
class Part:
    """A part of an image, or several: what the trail remembers.

    Parameters
    ----------
    whole : str or OwnImage
        Of what.
    boxes : tuple of tuple of int
        Left, top, right and bottom in pixels of its upright original; all of them are looked for.
    """

    whole: str | OwnImage
    boxes: tuple[Box, ...]

    @property
    def key(self) -> str:
        """What tells it from all others, and is the address of its picture."""
        whole = self.whole if isinstance(self.whole, str) else self.whole.key
        return f"part-{hashlib.blake2b(json.dumps([whole, self.boxes]).encode(), digest_size=16).hexdigest()}"


def read_boxes(value: object) -> list[Box]:
    """Return the boxes that an address holds, or that a browser sent.

    Parameters
    ----------
    value : object
        One box or a list of them, as it came out of JSON.

    Returns
    -------
    list of tuple of int
        Whether they fit the image is not looked at.

    Raises
    ------
    ValueError
        When it is nothing of that kind, or holds more than `MOST_PARTS`.
    """
    if not isinstance(value, list) or len(value) > MOST_PARTS:
        raise ValueError(f"no boxes: {value!r}")
    several = [value] if value and not isinstance(value[0], list) else value
    for box in several:
        if not isinstance(box, list) or len(box) != 4 or not all(_is_pixel(side) for side in box):
            raise ValueError(f"no box: {box!r}")
    return [(round(a), round(b), round(c), round(d)) for a, b, c, d in several]


def _is_pixel(side: object) -> bool:
    return isinstance(side, int | float) and not isinstance(side, bool) and abs(side) < FARTHEST


def places(boxes: Sequence[Sequence[float]], size: Sequence[int]) -> dict[str, Any]:
    """Return boxes as a browser draws them.

    Parameters
    ----------
    boxes : sequence of sequence of four numbers
        In pixels of the upright original.
    size : sequence of two int
        Width and height of it.

    Returns
    -------
    dict
        `aspect`, width over height, and `boxes` as shares of width and height, 0 to 1.
    """
    width, height = size
    shares = [[round(side / whole, 4) for side, whole in zip(box, (width, height) * 2, strict=True)] for box in boxes]
    return {"aspect": round(width / height, 4), "boxes": shares}


def cut_out(picture: bytes, boxes: Sequence[Box], size: tuple[int, int], name: str) -> bytes:
    """Make a picture of parts of an image: of one as it is, of several side by side.

    Parameters
    ----------
    picture : bytes
        Of the whole image.
    boxes : sequence of tuple of int
        In pixels of the upright original; at least one.
    size : tuple of int
        Width and height of it.
    name : str
        The size that is asked for, one of `benzer_lab.thumbnails.SIZES`.

    Returns
    -------
    bytes
        WebP.
    """
    with Image.open(io.BytesIO(picture)) as opened:
        whole = opened.convert("RGB")
    across, down = whole.width / size[0], whole.height / size[1]
    corners = [(math.floor(a * across), math.floor(b * down), math.ceil(c * across), math.ceil(d * down)) for a, b, c, d in boxes]
    within = [(max(a, 0), max(b, 0), min(c, whole.width), min(d, whole.height)) for a, b, c, d in corners]
    parts = [whole.crop((a, b, c, d)) if a < c and b < d else whole for a, b, c, d in within]  # an address may hold any box
    if len(parts) == 1:
        return encode_thumbnail(parts[0], SIZES[name])
    columns = math.ceil(math.sqrt(len(parts)))
    side = SIZES[name] // columns
    sheet = Image.new("RGB", (side * columns, side * math.ceil(len(parts) / columns)), "white")
    for place, part in enumerate(parts):
        sheet.paste(ImageOps.fit(part, (side - 1, side - 1)), (place % columns * side, place // columns * side))
    return encode_thumbnail(sheet, SIZES[name])


def found_in(hits: Hits | None, place: int) -> tuple[list[Box], tuple[int, int]] | None:
    """Return where parts were found in a hit.

    Parameters
    ----------
    hits : Hits or None
        Of any search.
    place : int
        Of the hit, from 0.

    Returns
    -------
    tuple of boxes and size, or None
        In pixels; None where no part was looked for.
    """
    if hits is None or hits.boxes is None or hits.sizes is None or place >= len(hits):
        return None
    boxes, (width, height) = hits.boxes[place], hits.sizes[place].tolist()
    return (boxes if isinstance(boxes, list) else [boxes]), (width, height)
