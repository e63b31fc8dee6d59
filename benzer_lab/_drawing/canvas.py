"""A canvas that wraps at its edges, so that what is drawn on it repeats without a seam."""

from collections.abc import Callable, Iterable, Sequence
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
_BARE = 99  # in the plane of inks: nothing drawn yet


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

    An ink of two digits is a tint, half of each: 10 is ink 1 thinned with the ground, 14 is ink 1 in the shade of ink 4. Outlines are
    drawn into one plane of inks at four times the size, later ones over earlier ones; shares of pixels are made when they are asked for.

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
        self._settled = np.zeros((5, self.height, self.width), dtype=np.float32)
        self._settled[0] = 1
        self._clear()

    def _clear(self) -> None:
        """Begin an empty plane of inks."""
        self._plane = Image.new("L", (self.width * SUPERSAMPLING, self.height * SUPERSAMPLING), _BARE)
        self._inks: set[int] = set()

    @property
    def coverage(self) -> Array:
        """Share of each ink in each pixel, of shape (5, height, width)."""
        if self._inks:
            planes = [self._share(ink) for ink in range(5)]
            bare = self._reduced([255 * (code == _BARE) for code in range(256)])
            total = np.sum(planes, axis=0, dtype=np.float32) + bare
            self._settled = ((self._settled * bare + np.stack(planes)) / total).astype(np.float32)
            self._clear()
        return self._settled

    @coverage.setter
    def coverage(self, coverage: Array) -> None:
        self._clear()
        self._settled = coverage.astype(np.float32)

    def _share(self, ink: int) -> Array | np.float32:
        """Share of an ink in the plane, 0 to 255, with its part in the tints."""
        parts = [(code == ink) + (code > 9) * ((code // 10 == ink) + (code % 10 == ink)) / 2 for code in range(_BARE)]
        if not any(parts[code] for code in self._inks):
            return np.zeros((self.height, self.width), dtype=np.float32)
        return self._reduced([*(round(254 * part) for part in parts), *[0] * (256 - _BARE)])

    def _reduced(self, values: list[int]) -> Array:
        """Give each ink of the plane a value, 0 to 255, and average them over a pixel."""
        return np.asarray(self._plane.point(values).reduce(SUPERSAMPLING), dtype=np.float32)

    def cover(self, mask: Array, ink: int) -> None:
        """Lay an ink over the canvas by `mask`, of shape (height, width), 0 to 1."""
        # Steps of 1/256 hide the last bit of sines and exponentials, in which processors differ.
        exact = (np.round(np.asarray(mask, dtype=np.float64) * 256) / 256).astype(np.float32)
        coverage = self.coverage * (1 - exact)
        for part in divmod(ink, 10) if ink > 9 else (ink,):
            coverage[part] += exact / (2 if ink > 9 else 1)
        self._settled = coverage

    def paint(self, outlines: Iterable[Array], ink: int) -> None:
        """Fill closed outlines, each (n, 2) in pixels, wherever the repeat brings them."""
        draw = ImageDraw.Draw(self._plane)
        self._inks.add(ink)
        for outline in outlines:
            for copy in self.copies:
                moved = outline + copy
                (left, top), (right, bottom) = moved.min(axis=0), moved.max(axis=0)
                for column in range(-floor(right / self.width), 1 - floor(left / self.width)):
                    for row in range(-floor(bottom / self.height), 1 - floor(top / self.height)):
                        points = (moved + np.array([column * self.width, row * self.height])) * SUPERSAMPLING
                        # Pillow rounds toward zero, which would shift what lies across the left or the upper edge.
                        draw.polygon(np.floor(points + 1e-6).ravel().tolist(), fill=ink)

    def ink(self, rule: Callable[[Array, Array], Array]) -> None:
        """Give every subpixel the ink that a rule tells for x and y in pixels; the rule closes at the edges."""
        y, x = (np.mgrid[: self._plane.height, : self._plane.width] + 0.5) / SUPERSAMPLING
        codes = np.asarray(rule(x, y)).astype(np.uint8)
        self._plane = Image.fromarray(codes)
        self._inks = set(np.unique(codes).tolist())

    def wash(self, outlines: Iterable[Array], ink: int, opacity: float) -> None:
        """Fill closed outlines with an ink that lets through what lies below; `opacity` 0 to 1."""
        layer = Canvas(*self.tile, self.repeat)
        layer.paint(outlines, 1)
        self.cover(layer.coverage[1] * opacity, ink)

    def stamp(self, motif: Motif, places: Iterable[Sequence[float]]) -> None:
        """Paint a motif of unit size at each place (x, y, radius, angle), the later places over the earlier."""
        for place in places:
            for outlines, ink in motif:
                self.paint([placed(outline, *place) for outline in outlines], ink)

    def artwork(self, size: int, *features: str) -> Artwork:
        """Repeat the canvas to a square of `size` pixels."""
        coverage = np.tile(self.coverage, (1, size // self.height, size // self.width))
        return Artwork(coverage, self.repeat, self.tile, features)


def mixed(ink: int, other: int) -> int:
    """Give the tint that is half of each ink; a tint stays what it is."""
    return ink if ink > 9 or other > 9 else 10 * max(ink, other) + min(ink, other)


def placed(outline: Array, x: float, y: float, radius: float, angle: float = 0.0) -> Array:
    """Turn an outline by `angle` (radians, clockwise on screen), scale it by `radius` and move it to (x, y)."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(outline @ turn * radius + (x, y))


def put(outline: Array, spot: Array | tuple[float, float], radius: float, angle: float = 0.0) -> Array:
    """Place an outline at a point (x, y) kept as one."""
    return placed(outline, float(spot[0]), float(spot[1]), radius, angle)


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
