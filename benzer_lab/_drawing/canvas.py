"""A canvas that wraps at its edges, so that what is drawn on it repeats without a seam."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.floating[Any]]
Motif = Sequence[tuple[Sequence[Array], int]]
Place = tuple[float, float, float]
SUPERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class Artwork:
    """A design before it is colored.

    Attributes
    ----------
    coverage : ndarray of shape (k, size, size)
        How much of each pixel each ink covers, 0 to 1; the inks of a pixel sum to 1.
    repeat : str
        How the tile repeats: straight, half-drop or brick.
    repeat_px : tuple of (int, int)
        Width and height of the tile in pixels.
    features : tuple of str
        What the trade would call this drawing, beyond what holds for its whole family.
    relief : ndarray of shape (size, size) or None
        Light and shade of woven threads, 1 is neutral; None where the design is printed on any cloth.
    inks : tuple of int
        Which color of a palette each of the `k` inks takes.
    """

    coverage: Array
    repeat: str
    repeat_px: tuple[int, int]
    features: tuple[str, ...] = ()
    relief: Array | None = None
    inks: tuple[int, ...] = (0, 1, 2, 3, 4)


class Canvas:
    """One repeat (two where neighbors are shifted) on which inks 1 to 4 are laid over a ground, ink 0.

    Parameters
    ----------
    width, height : int
        The tile in pixels.
    repeat : {"straight", "half-drop", "brick"}, default="straight"
        Whether the next column drops, or the next row moves, by half a tile.
    """

    def __init__(self, width: int, height: int, repeat: str = "straight") -> None:
        self.repeat, self.tile = repeat, (width, height)
        across, down = {"straight": (1, 1), "half-drop": (2, 1), "brick": (1, 2)}[repeat]
        self.copies = {"straight": [(0, 0)], "half-drop": [(0, 0), (width, height // 2)], "brick": [(0, 0), (width // 2, height)]}[repeat]
        self.width, self.height = width * across, height * down
        self.y, self.x = np.mgrid[: self.height, : self.width] + 0.5
        self.coverage = np.zeros((5, self.height, self.width), dtype=np.float32)
        self.coverage[0] = 1

    def cover(self, mask: Array, ink: int) -> None:
        """Lay an ink over the canvas where `mask`, of shape (height, width), is above 0."""
        self.coverage *= 1 - mask.astype(np.float32)
        self.coverage[ink] += mask.astype(np.float32)

    def paint(self, outlines: Iterable[Array], ink: int, opacity: float = 1.0) -> None:
        """Fill closed outlines, each (n, 2) in pixels, wherever the repeat brings them."""
        image = Image.new("L", (self.width * SUPERSAMPLING, self.height * SUPERSAMPLING))
        draw = ImageDraw.Draw(image)
        for outline in outlines:
            for copy in self.copies:
                moved = outline + copy
                (left, top), (right, bottom) = moved.min(axis=0), moved.max(axis=0)
                for column in range(-floor(right / self.width), 1 - floor(left / self.width)):
                    for row in range(-floor(bottom / self.height), 1 - floor(top / self.height)):
                        points = (moved + np.array([column * self.width, row * self.height])) * SUPERSAMPLING
                        # Pillow rounds toward zero, which would shift what lies across the left or the upper edge.
                        draw.polygon(np.floor(points + 1e-6).ravel().tolist(), fill=255)
        self.cover(np.asarray(image.reduce(SUPERSAMPLING), dtype=np.float32) * (opacity / 255), ink)

    def stamp(self, motif: Motif, places: Iterable[Sequence[float]]) -> None:
        """Paint a motif of unit size at each place (x, y, radius, angle), layer by layer."""
        places = list(places)
        for outlines, ink in motif:
            self.paint([placed(outline, *place) for place in places for outline in outlines], ink)

    def artwork(self, size: int, *features: str) -> Artwork:
        """Repeat the canvas to a square of `size` pixels."""
        coverage = np.tile(self.coverage, (1, size // self.height, size // self.width))
        return Artwork(coverage, self.repeat, self.tile, features)


def placed(outline: Array, x: float, y: float, radius: float, angle: float = 0.0) -> Array:
    """Turn an outline by `angle` (radians, clockwise on screen), scale it by `radius` and move it to (x, y)."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(outline @ turn * radius + (x, y))


def pack(rng: np.random.Generator, canvas: Canvas, radii: Iterable[float], gap: float = 0.0, taken: Sequence[Place] = ()) -> list[Place]:
    """Place circles of these radii, in this order, clear of each other and of the `taken` ones; those without room are left out."""
    span, copies = np.array([canvas.width, canvas.height]), np.array(canvas.copies)
    centers = (np.array([place[:2] for place in taken]).reshape(-1, 1, 2) + copies).reshape(-1, 2)
    reach = np.repeat([place[2] for place in taken], len(copies))
    to_own_copy = np.hypot(*copies[1:].T).min(initial=np.inf)
    found = []
    for radius in radii:
        tried = rng.random((40, 2)) * canvas.tile
        apart = np.abs(tried[:, None] - centers) % span
        room = np.hypot(*np.minimum(apart, span - apart).transpose(2, 0, 1)) - reach
        free = (room >= radius + gap).all(axis=1) & (to_own_copy >= 2 * radius + gap)
        if free.any():
            center = tried[free.argmax()]
            centers = np.concatenate([centers, center + copies])
            reach = np.concatenate([reach, np.full(len(copies), radius)])
            found.append((float(center[0]), float(center[1]), float(radius)))
    return found


def noise(rng: np.random.Generator, height: int, width: int, grain: tuple[float, float], roughness: float = 0.0) -> Array:
    """Make noise that wraps, of mean 0 and deviation 1, with spots of `grain` (high, wide) pixels; `roughness` 0 to 1 adds finer detail."""
    rows, columns = np.fft.fftfreq(height)[:, None] * grain[0], np.fft.rfftfreq(width)[None] * grain[1]
    distance = rows**2 + columns**2
    strength = np.exp(-4 * distance) + roughness / (1 + 20 * distance) ** 1.5
    field: Array = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) * strength, s=(height, width))
    field -= field.mean()
    field /= field.std()
    return field
