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
from benzer_lab._engine import each
from benzer_lab.errors import InputError

Box = tuple[float, float, float, float]
Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

CELL = 16  # pixels of a side of a cell of the small image, the stride of the network's deepest map that is used
MOST_CELLS = 196  # of an image: those of the square of 224 pixels that the network was trained on
N_VALUES = 36  # of a cell
N_BYTES = MOST_CELLS * N_VALUES  # 7,056 of an image
WINDOW = 4  # cells of a side of what a part is told by before images are looked at closely
LEAST = 1.8  # cells of a side of a part: with fewer it says too little to be found again
SCALES = (0.71, 0.84, 1.0, 1.19, 1.41)  # at which a part is looked for: a step of 1.19 leaves a mistake of a tenth at most
TURNS = 4  # by a quarter each
UPRIGHT = 0.98  # the weight of what is turned, so that of two places that look the same the one that is not counts
PHASE = CELL // 2
PHASES = [(across, down) for across in (0, PHASE) for down in (0, PHASE)]  # by which a part may lie off the cells of an image
NOTHING = 127  # what the network takes for nothing: the gray beyond the edge of an image
MARGIN = 2  # cells around a part that the network sees, too

REGIONS_1 = {  # what the file of an archive's regions says of how they were made; the constants are told by the SHA-256 of their file
    "network": network.PATTERN_1["network"],
    "cells": f"at most {MOST_CELLS} of {CELL} pixels, {N_VALUES} values",
    "constants": "b5f071fd224d627e0bb89deadafc3d92fd1ebe251964f9058cb86c8eac791fa0",
}


@dataclass(frozen=True, eq=False)
class View:
    """A part of a query, at one scale and turn.

    Attributes
    ----------
    cells : numpy.ndarray of shape (p, h, w, 36), float32
        What it shows, in the phases by which it may lie off the cells of an image.
    fours : numpy.ndarray of shape (2, 2, 36), float32
        Means of fours of the 16 cells around its center, in the first of them.
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


def fours_of(cells: Floats) -> Floats:
    """Pool cells by fours.

    Parameters
    ----------
    cells : numpy.ndarray of shape (n, rows, columns, 36), float32
        Of images of one grid, both even.

    Returns
    -------
    numpy.ndarray of shape (n, rows / 2, columns / 2, 36), float32
        Their means; nothing is added to an image of two rows or columns, so that it has two of fours, too.
    """
    down, across = (max(0, WINDOW - side) for side in cells.shape[1:3])
    cells = np.pad(cells, ((0, 0), (0, down), (0, across), (0, 0))) if down or across else cells
    pairs = cells[:, ::2] + cells[:, 1::2]
    return np.asarray((pairs[:, :, ::2] + pairs[:, :, 1::2]) / 4, np.float32)


def pack(cells: Codes) -> Codes:
    """Return what is kept of an image, whatever its grid.

    Parameters
    ----------
    cells : numpy.ndarray of shape (rows, columns, 36), int8
        From `describe_regions`.

    Returns
    -------
    numpy.ndarray of shape (7056,), int8
        Its cells; zeros where it has fewer.
    """
    packed = np.zeros(N_BYTES, np.int8)
    packed[: cells.size] = cells.ravel()
    return packed


def unpack(packed: Codes, grid: tuple[int, int]) -> Floats:
    """Return the cells of images of one grid.

    Parameters
    ----------
    packed : numpy.ndarray of shape (n, 7056), int8
        From `pack`.
    grid : tuple of int
        Rows and columns of all of them.

    Returns
    -------
    numpy.ndarray of shape (n, rows, columns, 36), float32
        What `describe_regions` returned.
    """
    rows, columns = grid
    return packed[:, : rows * columns * N_VALUES].astype(np.float32).reshape(len(packed), rows, columns, N_VALUES)


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
    sizes = [(round(CELL * columns * scale), round(CELL * rows * scale)) for scale in SCALES]
    maps = each(len(sizes), lambda i: _small(image, *sizes[i]))
    tasks = list(product(range(TURNS), range(len(sizes))))  # turn by turn, so that each core has views of all sizes

    def some(task: tuple[int, int]) -> list[View | None]:
        turn, scale = task
        (width, height), turned = sizes[scale], np.rot90(maps[scale], turn)
        scaled = [(left * width, top * height, right * width, bottom * height) for left, top, right, bottom in boxes]
        return [_view(turned, _turned(box, width, height, turn), UPRIGHT if turn else 1.0) for box in scaled]

    found = each(len(tasks), lambda i: some(tasks[i]))
    return [[view for view in views if view is not None] for views in zip(*found, strict=True)]


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
    height, width = CELL * rows + 2 * margin, CELL * columns + 2 * margin
    seen = network.maps(wide[y + CELL :, x + CELL :][None, :height, :width])
    inner = np.stack([_projected(_raw(seen, (MARGIN, MARGIN), (rows, columns), phase))[0] for phase in PHASES])
    middle = MARGIN + (rows - WINDOW) // 2, MARGIN + (columns - WINDOW) // 2
    fours = fours_of(_projected(_raw(seen, middle, (WINDOW, WINDOW))))[0]
    boxes = [(left - x + a, top - y + b, right - x + a, bottom - y + b) for a, b in PHASES]
    return View(inner, fours, boxes, weight)


def _small(image: Image.Image, width: int, height: int) -> Pixels:
    """Return the color-blind maps of an image at some size."""
    return pattern.without_color(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3)))


def _cells(maps: Pixels) -> Floats:
    """Return the values of each cell of some color-blind maps, (n, rows, columns, 36)."""
    return _projected(raw_cells(maps))


def _projected(raw: Floats) -> Floats:
    """Return what is kept of raw cells, (..., 36)."""
    known = network.constants_of("regions-1")
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
    return _raw(network.maps(maps), (0, 0), (maps.shape[1] // CELL, maps.shape[2] // CELL))


def _raw(seen: Sequence[Floats], start: tuple[int, int], grid: tuple[int, int], phase: tuple[int, int] = (0, 0)) -> Floats:
    """Return raw cells of a part of what the network saw, which starts at a cell, less some pixels; between two cells lies their mean."""
    fine, middle, deep = seen
    (y, x), (rows, columns), (across, down) = start, grid, phase
    pooled: list[Floats] = []
    for one, side in ((fine, 4), (middle, 2)):
        top, left = (side * cell - pixels * side // CELL for cell, pixels in ((y, down), (x, across)))
        pooled += _moments(one[:, :, top : top + side * rows, left : left + side * columns], side)
    around = [deep[:, :, y - b : y - b + rows, x - a : x - a + columns] for b in {0, down // PHASE} for a in {0, across // PHASE}]
    return np.ascontiguousarray(np.concatenate([*pooled, np.mean(around, axis=0)], axis=1).transpose(0, 2, 3, 1))


def _moments(one: Floats, side: int) -> tuple[Floats, Floats]:
    """Return mean and deviation of a map within squares of some side."""
    n, channels, height, width = one.shape
    squares = one.reshape(n, channels, height // side, side, width // side, side)
    mean = squares.mean((3, 5))
    return mean, np.sqrt(np.maximum((squares * squares).mean((3, 5)) - mean * mean, 0))
