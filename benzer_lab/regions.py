"""Regions: a part of a design, and where in other images it is found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab import network, pattern
from benzer_lab.errors import InputError

Box = tuple[float, float, float, float]
Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

CELL = 16  # pixels of a side of a cell of the small image, the stride of the network's deepest map that is used
MOST_CELLS = 196  # of an image: those of the square of 224 pixels that the network was trained on
N_VALUES, N_ROUGH = 36, 16  # of a cell; of four of them together, by which images are told that are worth a closer look
N_BYTES = MOST_CELLS * N_VALUES + MOST_CELLS // 4 * N_ROUGH  # 7,840 of an image
LEAST = 1.8  # cells of a side of a part: with fewer it says too little to be found again
SCALES = (0.71, 0.84, 1.0, 1.19, 1.41)  # at which a part is looked for: a step of 1.19 leaves a mistake of a tenth at most
TURNS = 4  # by a quarter each
UPRIGHT = 0.98  # the weight of what is turned, so that of two places that look the same the one that is not counts
PHASES = tuple(product((0, CELL // 2), repeat=2))  # by which a part may lie off the cells of an image
NOTHING = 127  # what the network takes for nothing: the gray beyond the edge of an image
MARGIN = 2  # cells around a part that the network sees, too

REGIONS_1 = {  # what the file of an archive's regions says of how they were made; the constants are told by the SHA-256 of their file
    "network": network.PATTERN_1["network"],
    "cells": f"at most {MOST_CELLS} of {CELL} pixels, {N_VALUES} values; fours of them, {N_ROUGH} values",
    "constants": "b5f071fd224d627e0bb89deadafc3d92fd1ebe251964f9058cb86c8eac791fa0",
}


@dataclass(frozen=True, eq=False)
class View:
    """A part of a query, at one scale and turn.

    Attributes
    ----------
    cells : numpy.ndarray of shape (p, h, w, 36), float32
        What it shows, in the phases by which it may lie off the cells of an image.
    fours : numpy.ndarray of shape (h', w', 16), float32
        The first of them by fours of cells.
    boxes : list of p tuple of float
        Left, top, right and bottom of the part, in pixels of the small image, from the upper left corner of `cells`.
    weight : float
        What the cosine is multiplied by.
    """

    cells: Floats
    fours: Floats
    boxes: list[Box]
    weight: float


def grid_of(size: tuple[int, int]) -> tuple[int, int]:
    """Choose how many cells an image has: both even, at most 196, as near to its proportions as may be.

    Parameters
    ----------
    size : tuple of int
        Its width and height.

    Returns
    -------
    tuple of int
        Rows and columns.
    """
    return _grid(round(float(np.log(size[0] / size[1])), 4))


@cache
def _grid(proportion: float) -> tuple[int, int]:
    """Return the grid for a logarithm of width over height; too few cells cost half as much as an image drawn out of shape."""
    sides = range(2, MOST_CELLS // 2 + 1, 2)
    grids = [(rows, columns) for rows in sides for columns in sides if rows * columns <= MOST_CELLS]
    cost = [abs(np.log(columns / rows) - proportion) + 0.5 * np.log(MOST_CELLS / (rows * columns)) for rows, columns in grids]
    return grids[int(np.argmin(cost))]


def describe_regions(image: Image.Image) -> Codes:
    """Describe an image place by place, whatever its colors.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB, of any size.

    Returns
    -------
    numpy.ndarray of shape (rows, columns, 36), int8
        A row of values for each cell; see `grid_of`.

    Raises
    ------
    MissingExtraError
        When the network's weights or its engine are not installed.
    """
    rows, columns = grid_of(image.size)
    maps = _small(image, CELL * columns, CELL * rows)
    return np.asarray(_cells(maps[None])[0].round().clip(-127, 127), np.int8)


def rough(cells: npt.NDArray[np.generic]) -> Floats:
    """Pool cells by fours.

    Parameters
    ----------
    cells : numpy.ndarray of shape (..., 2 h, 2 w, 36)
        From `describe_regions`.

    Returns
    -------
    numpy.ndarray of shape (..., h, w, 16), float32
        Their means, of the values that vary most.
    """
    *others, height, width, _ = cells.shape
    fours = cells[..., :N_ROUGH].reshape(*others, height // 2, 2, width // 2, 2, N_ROUGH)
    return np.asarray(fours.mean((-4, -2), dtype=np.float32), np.float32)


def pack(cells: Codes) -> Codes:
    """Return what is kept of an image, whatever its grid.

    Parameters
    ----------
    cells : numpy.ndarray of shape (rows, columns, 36), int8
        From `describe_regions`.

    Returns
    -------
    numpy.ndarray of shape (7840,), int8
        Its cells, then the fours of them; zeros where it has fewer.
    """
    packed = np.zeros(N_BYTES, np.int8)
    packed[: cells.size] = cells.ravel()
    fours = rough(cells).round().astype(np.int8).ravel()
    packed[MOST_CELLS * N_VALUES :][: fours.size] = fours
    return packed


def unpack(packed: Codes, grid: tuple[int, int], *, fours: bool = False) -> Floats:
    """Return the cells of images of one grid.

    Parameters
    ----------
    packed : numpy.ndarray of shape (n, 7840), int8
        From `pack`.
    grid : tuple of int
        Rows and columns of all of them.
    fours : bool, default=False
        Whether to return the fours of cells instead.

    Returns
    -------
    numpy.ndarray of shape (n, rows, columns, 36) or (n, rows / 2, columns / 2, 16), float32
        What `describe_regions` or `rough` returned, the latter rounded.
    """
    (rows, columns), start, values = grid, 0, N_VALUES
    if fours:
        rows, columns, start, values = rows // 2, columns // 2, MOST_CELLS * N_VALUES, N_ROUGH
    part = packed[:, start : start + rows * columns * values]
    return part.astype(np.float32).reshape(len(packed), rows, columns, values)


def boxes_of(region: object, size: tuple[int, int], *, caller: str) -> list[Box]:
    """Check the part, or parts, of an image that a caller names.

    Parameters
    ----------
    region : sequence of four numbers, or sequence of such
        Left, top, right and bottom in pixels.
    size : tuple of int
        Width and height of the image.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    list of tuple of float
        At least one.

    Raises
    ------
    InputError
        When there is none, or one is no box, empty, too small, or not within the image.
    """
    if not isinstance(region, Sequence | np.ndarray) or isinstance(region, str | bytes) or not len(region):
        raise InputError(f"{caller}: region must be (left, top, right, bottom) in pixels, or a list of such boxes; got {region!r}.")
    several = list(region) if any(isinstance(part, Sequence | np.ndarray) for part in region) else [region]
    return [_box(box, size, caller=caller) for box in several]


def least_of(size: tuple[int, int]) -> tuple[int, int]:
    """Tell how large a part of an image must be to be found again.

    Parameters
    ----------
    size : tuple of int
        Width and height of the image.

    Returns
    -------
    tuple of int
        The least width and height, in whole pixels.
    """
    rows, columns = grid_of(size)
    return math.ceil(LEAST * size[0] / columns), math.ceil(LEAST * size[1] / rows)


def _box(box: object, size: tuple[int, int], *, caller: str) -> Box:
    """Return one box as numbers, or say what is wrong with it."""
    try:
        left, top, right, bottom = (float(side) for side in box)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise InputError(f"{caller}: region must be four numbers (left, top, right, bottom) a box; got {box!r}.") from error
    shown, (width, height) = f"({left:g}, {top:g}, {right:g}, {bottom:g})", size
    if not np.isfinite([left, top, right, bottom]).all():
        raise InputError(f"{caller}: region must be finite numbers; got {shown}.")
    if left >= right or top >= bottom:
        raise InputError(f"{caller}: region must have left below right and top below bottom; got {shown}.")
    if left < 0 or top < 0 or right > width or bottom > height:
        raise InputError(f"{caller}: region must lie within the image of {width} x {height} pixels; got {shown}.")
    least = least_of(size)
    if right - left < least[0] or bottom - top < least[1]:
        raise InputError(
            f"{caller}: region must be {least[0]} x {least[1]} pixels of this image or more, to be found again;"
            f" got {right - left:g} x {bottom - top:g}. Draw it larger."
        )
    return left, top, right, bottom


def views_of(image: Image.Image, boxes: Sequence[Box]) -> list[list[View]]:
    """Show parts of an image as they may be met in others: larger and smaller, turned, between two cells.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB.
    boxes : sequence of tuple of float
        Left, top, right and bottom of each, as shares of the width and height of the image, 0 to 1.

    Returns
    -------
    list of list of View
        For each box its views; fewer where it would be larger than an image.
    """
    rows, columns = grid_of(image.size)
    found: list[list[View]] = [[] for _ in boxes]
    for scale in SCALES:
        width, height = round(CELL * columns * scale), round(CELL * rows * scale)
        maps = _small(image, width, height)
        for place, (left, top, right, bottom) in enumerate(boxes):
            box = (left * width, top * height, right * width, bottom * height)
            turns = ((np.rot90(maps, turn), _turned(box, width, height, turn), UPRIGHT if turn else 1.0) for turn in range(TURNS))
            views = (_view(*turn) for turn in turns)
            found[place] += [view for view in views if view is not None]
    return found


def _turned(box: Box, width: int, height: int, turn: int) -> Box:
    """Return where a box lies once its image is turned to the left by some quarters."""
    left, top, right, bottom = box
    for _ in range(turn):
        left, top, right, bottom, width, height = top, width - right, bottom, width - left, height, width
    return left, top, right, bottom


def _view(maps: Pixels, box: Box, weight: float) -> View | None:
    """Return the view of a box in color-blind maps of one scale and turn; None where it is larger than any image."""
    left, top, right, bottom = box
    columns, rows = (max(2, round((high - low) / CELL)) for low, high in ((left, right), (top, bottom)))
    if rows * columns > MOST_CELLS:
        return None
    half, margin = CELL // 2, MARGIN * CELL
    x, y = round((left + right) / 2) - half * columns, round((top + bottom) / 2) - half * rows
    wide = np.pad(maps, ((margin + CELL,) * 2, (margin + CELL,) * 2, (0, 0)), constant_values=NOTHING)
    corners = [(x - across, y - down) for across, down in PHASES]
    height, width = CELL * rows + 2 * margin, CELL * columns + 2 * margin
    seen = _cells(np.stack([wide[b + CELL :, a + CELL :][:height, :width] for a, b in corners]))
    inner = seen[:, MARGIN : MARGIN + rows, MARGIN : MARGIN + columns]
    (up, down), (back, across) = (_even(side) for side in (rows, columns))
    boxes = [(left - a, top - b, right - a, bottom - b) for a, b in corners]
    return View(np.ascontiguousarray(inner), rough(seen[0, up : up + down, back : back + across]), boxes, weight)


def _even(cells: int) -> tuple[int, int]:
    """Return where, in what is seen of a part, an even number of cells starts that is nearest to its own; and that number."""
    n = 2 * max(1, round(cells / 2))
    return MARGIN + (cells - n) // 2, n


def _small(image: Image.Image, width: int, height: int) -> Pixels:
    """Return the color-blind maps of an image at some size."""
    return pattern.without_color(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3)))


def _cells(maps: Pixels) -> Floats:
    """Return the values of each cell of some color-blind maps, (n, rows, columns, 36)."""
    known = network.constants_of("regions-1")
    raw = raw_cells(maps)
    return np.asarray((raw - known["mean"]) @ known["components"].T, np.float32)


def raw_cells(maps: Pixels) -> Floats:
    """Compute what the network sees in each cell, before the constants.

    Parameters
    ----------
    maps : numpy.ndarray of shape (n, 16 h, 16 w, 3), uint8
        From `benzer_lab.pattern.without_color`.

    Returns
    -------
    numpy.ndarray of shape (n, h, w, 240), float32
        Mean and deviation of the maps at stride 4 and 8 within the cell, and the map at stride 16.
    """
    fine, middle, deep = network.maps(maps)
    return np.ascontiguousarray(np.concatenate([*_moments(fine, 4), *_moments(middle, 2), deep], axis=1).transpose(0, 2, 3, 1))


def _moments(one: Floats, side: int) -> tuple[Floats, Floats]:
    """Return mean and deviation of a map within squares of some side."""
    n, channels, height, width = one.shape
    squares = one.reshape(n, channels, height // side, side, width // side, side)
    mean = squares.mean((3, 5))
    return mean, np.sqrt(np.maximum((squares * squares).mean((3, 5)) - mean * mean, 0))
