"""Two small pictures brought onto each other by their edges, whatever their colors; and what is the same then."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling, Transform

from benzer_lab.color import lab_of
from benzer_lab.pattern import edges

Floats = NDArray[np.float32]
Motion = NDArray[np.float64]  # (2, 3): from a place in the first picture to one in the second, both from their middles, in pixels

SIDE = 128  # pixels: lines and small motifs are told apart; of colors every second pixel
LEAST = 0.2  # of a picture, below which two hardly overlap
ALIGNED = 0.8  # correlation of edges from which pictures lie on each other without being turned or scaled
N_RADII, N_ANGLES, SLOW, FAST = 64, 180, 4.0, 60.0  # of the spectrum: rings from 4 to 60 cycles a picture, rays
RINGS = 12  # looked at for scales from 0.6 to 1.67
TURN = 12  # degrees off a quarter turn: a stripe that is laid at a slant is another design
COARSE_STEPS, FINE_STEPS = 8, 4
SHARP = 14.0  # deviations by which the right place stands out, at least
UNLIKE = 0.5  # correlation of edges below which two are not one design, whatever their colors
SAME = 0.97  # correlation of edges at which nothing is left to refine
N_PARTS = 16  # a side
FAINT = 400.0  # squared gray levels: what is darker than 20 says little of the light
EXPOSURE, CAST = 0.3, 0.12  # logarithms of factors: what light and scanners do to a picture, at most
STAYS = np.array([[1.0, 0, 0], [0, 1, 0]])
CORNERS = np.array([[x, y, 2 / SIDE] for x in (-1, 1) for y in (-1, 1)]).T / 2  # of the picture, in sides, and what turns pixels into these


class Swatch:
    """A picture made small, and what of it is compared; each part is computed when it is first needed.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB; the middle square is taken.
    """

    def __init__(self, image: Image.Image) -> None:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        filtered = Resampling.BOX if side >= 2 * SIDE else Resampling.BICUBIC
        self._square = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), filtered)
        found = edges(np.asarray(self._square))
        found -= found.mean()
        self.edges: Floats = found / (found.std() + np.float32(1e-6))

    @cached_property
    def drawings(self) -> dict[int, Image.Image]:
        """The edges as images that can be moved: whole, and at half the size."""
        whole = Image.fromarray(self.edges)
        return {SIDE: whole, SIDE // 2: whole.resize((SIDE // 2, SIDE // 2), Resampling.BOX)}

    @cached_property
    def spectrum(self) -> NDArray[np.complex64]:
        """The Fourier transform of the edges, faded out toward the margins; shape (128, 65)."""
        return spectrum(self.edges)

    @cached_property
    def mellin(self) -> NDArray[np.complex64]:
        """The Fourier transform of the spectrum's size over rings and rays: a turn and a scale move them there."""
        cells, parts = _polar()
        size = np.log1p(np.abs(self.spectrum)).ravel()
        rings = (size[cells] * parts).sum(0)
        rings -= rings.mean(1, keepdims=True)
        padded = np.zeros((2 * N_RADII, N_ANGLES), np.float32)
        padded[:N_RADII] = rings / (rings.std() + np.float32(1e-6))
        return np.fft.rfft2(padded).astype(np.complex64)

    @cached_property
    def slopes(self) -> dict[int, Floats]:
        """How the edges change with each of the six numbers of a motion, at both sizes; shape (6, side * side)."""
        return {side: _slopes(np.asarray(drawing)) for side, drawing in self.drawings.items()}

    @cached_property
    def _small(self) -> Image.Image:
        return self._square.resize((SIDE // 2, SIDE // 2), Resampling.BOX)

    @cached_property
    def rgb(self) -> Floats:
        """Colors of shape (64, 64, 3), 0 to 255."""
        return np.asarray(self._small, np.float32)

    @cached_property
    def planes(self) -> list[Image.Image]:
        """The colors as images that can be moved."""
        return [Image.fromarray(np.ascontiguousarray(self.rgb[..., i])) for i in range(3)]


@dataclass(frozen=True)
class Match:
    """What two swatches have in common once the second is brought onto the first.

    Parameters
    ----------
    likeness : float
        Correlation of the edges where the two overlap, -1 to 1.
    overlap : float
        The part of one that lies on the other, or the other way round, whichever is larger; 0 to 1.
    moved : float
        How far the corner that moves farthest does, in sides of the picture; 0 where the two lie on each other as they are.
    residue : float
        How far apart the colors of pixels are once the light is the same, as a part of how far the colors of a picture are apart; 0 is
        the same.
    difference : float
        How far apart the mean colors of 16 x 16 parts are, on average, in L*a*b* (CIE76).
    exposure, cast : float
        By how much the second's light differs, and its channels beside each other: logarithms of factors, 0 is the same.
    tint : float
        The same as `difference` once the light is the same.
    """

    likeness: float
    overlap: float
    moved: float
    residue: float
    difference: float
    exposure: float
    cast: float
    tint: float


def match(first: Swatch, second: Swatch, *, turned: bool = True) -> Match:
    """Bring a swatch onto another and compare them.

    Parameters
    ----------
    first, second : Swatch
        Two pictures.
    turned : bool, default=True
        Whether to try turns and scales, which takes ten times as long, where the pictures do not lie on each other as they are.

    Returns
    -------
    Match
        At the best motion found.
    """
    return _compared(first, second, _placed(first, second, turned=turned))


def spectrum(edges: Floats) -> NDArray[np.complex64]:
    """Return the Fourier transform of edges (128, 128), faded out toward the margins; shape (128, 65)."""
    return np.fft.rfft2(edges * _window()).astype(np.complex64)


def _placed(first: Swatch, second: Swatch, *, turned: bool) -> Motion:
    """Return the best motion found: as they lie; moved; turned, scaled and moved."""

    def merit(motion: Motion) -> float:
        # Of a design that repeats, several places are as good: the one where more of the two overlaps tells more
        return _likeness(first, second, motion) + LEAST * float(_inside(motion, SIDE).mean())

    if (likeness := _likeness(first, second, STAYS)) >= SAME:
        return STAYS
    best = STAYS
    if likeness < ALIGNED:
        sharp, moved = _moved(first.spectrum, second.spectrum, np.eye(2))
        best = max(best, moved, key=merit) if sharp >= SHARP else best
    if _likeness(first, second, best) >= ALIGNED:
        return max(best, _refined(first, second, best), key=merit)
    for turns in _turns(first, second) if turned else ():
        found = []
        for turn in turns:
            drawn = _seen(second.drawings[SIDE], np.column_stack([turn, [0.0, 0.0]]))
            found.append(_moved(first.spectrum, spectrum(drawn), turn))
        sharp, moved = max(found, key=lambda one: one[0])
        best = max(best, _refined(first, second, moved), key=merit) if sharp >= SHARP else best
        if _likeness(first, second, best) >= ALIGNED:
            break
    return best


def _turns(first: Swatch, second: Swatch) -> list[list[Motion]]:
    """Return the turns and scales, (2, 2), at which the two spectra agree best: upright, upside down, and on either side.

    In this order, for what is symmetric or a check is nearly the same when it is turned.
    """
    alike = np.fft.irfft2(first.mellin * np.conj(second.mellin), (2 * N_RADII, N_ANGLES))
    alike = np.concatenate([alike[-RINGS:], alike[: RINGS + 1]])
    upright, across = (_peaks(alike, middle) for middle in (0, 90))
    return [upright, [-turn for turn in upright], [across[0], -across[0]]]


def _peaks(alike: NDArray[np.floating], middle: int) -> list[Motion]:
    """Return the two best turns and scales within some degrees of `middle`."""
    off = np.abs((np.arange(N_ANGLES) * 180 / N_ANGLES - middle + 90) % 180 - 90)
    alike = np.where(off > TURN, -np.inf, alike)
    turns = []
    for _ in range(2):
        ring, ray = divmod(int(alike.argmax()), N_ANGLES)
        exactly = ring + _between(alike[:, ray], ring), ray + _between(alike[ring], ray)
        scale, angle = np.exp((exactly[0] - RINGS) * np.log(FAST / SLOW) / (N_RADII - 1)), exactly[1] * np.pi / N_ANGLES
        angle -= np.pi * round((angle - np.radians(middle)) / np.pi)  # a degree below none is 179
        turns.append(scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]))
        alike[max(0, ring - 2) : ring + 3, np.arange(ray - 4, ray + 5) % N_ANGLES] = -np.inf
    return turns


def _between(values: NDArray[np.floating], peak: int) -> float:
    """Return how far beside a peak's place, -0.5 to 0.5, the parabola through it and its neighbors has its top."""
    before, at, after = values[peak - 1], values[peak], values[(peak + 1) % len(values)]
    bend = before - 2 * at + after
    return float((before - after) / (2 * bend)) if np.isfinite(bend) and bend < 0 else 0.0


def _moved(first: NDArray[np.complex64], second: NDArray[np.complex64], turn: Motion) -> tuple[float, Motion]:
    """Return the motion that puts a turned picture where the spectra's phases agree, and by how much that place stands out."""
    product = first * np.conj(second)
    product /= np.abs(product) ** 0.7 + 1e-3  # between plain and phase correlation: the noise of faint frequencies does not count
    surface = np.fft.irfft2(product, (SIDE, SIDE))
    y, x = divmod(int(surface.argmax()), SIDE)
    shift = np.array([x - SIDE if x > SIDE // 2 else x, y - SIDE if y > SIDE // 2 else y])
    return float(surface[y, x] / (surface.std() + 1e-9)), np.column_stack([turn, -turn @ shift])


def _refined(first: Swatch, second: Swatch, motion: Motion) -> Motion:
    """Return the motion near a given one at which the edges differ least: Gauss-Newton, inverse compositional, at half the size first."""
    for side, steps in ((SIDE // 2, COARSE_STEPS), (SIDE, FINE_STEPS)):
        edges, slopes = np.asarray(first.drawings[side]), first.slopes[side]
        for _ in range(steps):
            inside = _inside(motion, side)
            if inside.mean() < LEAST:
                return motion
            differs = (_seen(second.drawings[side], motion) - edges) * inside
            normal = (slopes * inside.ravel()) @ slopes.T + 1e-3 * side**2 * np.eye(6, dtype=np.float32)
            step = np.linalg.solve(normal, slopes @ differs.ravel()).reshape(2, 3).astype(np.float64)
            step[:, 2] *= SIDE / side
            motion = motion @ np.linalg.inv(np.vstack([STAYS + step, [0, 0, 1]]))
            if np.abs(step[:, 2]).max() < 0.05 and np.abs(step[:, :2]).max() < 5e-4:
                break
    return motion


def _compared(first: Swatch, second: Swatch, motion: Motion) -> Match:
    """Say what is the same at a motion."""
    half = SIDE // 2
    inside, covered = _inside(motion, half), float(_inside(motion, SIDE).mean())
    whole = _parts(inside) == 1
    likeness = _likeness(first, second, motion)
    if likeness < UNLIKE or not whole.any():
        return Match(likeness, covered, np.inf, np.inf, np.inf, 0.0, 0.0, np.inf)
    mine, theirs = first.rgb, np.stack([_seen(plane, motion) for plane in second.planes], axis=-1)
    mean, other = _parts(mine)[whole], _parts(theirs)[whole]
    factors = np.log(((mean * other).sum(0) + len(mean) * FAINT) / ((other * other).sum(0) + len(mean) * FAINT))
    exposure = float(factors.mean())
    light = np.exp(np.clip(exposure, -EXPOSURE, EXPOSURE) + np.clip(factors - exposure, -CAST, CAST)).astype(np.float32)
    before, after = (np.linalg.norm(lab_of(mean) - lab_of((other * by).clip(0, 255)), axis=1) for by in (1.0, light))
    contrast = np.sqrt((mine[inside].var(0) + theirs[inside].var(0)).sum() / 2 + 1)  # a gray level, so that a plain picture has some
    return Match(
        likeness=likeness,
        overlap=min(1.0, covered * max(1.0, abs(float(np.linalg.det(motion[:, :2]))))),
        moved=float(np.abs((motion - STAYS) @ CORNERS).max()),
        residue=float(np.linalg.norm(mine - theirs * light, axis=-1)[inside].mean() / contrast),
        difference=float(before.mean()),
        exposure=exposure,
        cast=float(factors.std()),
        tint=float(after.mean()),
    )


def _parts(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the means of N_PARTS x N_PARTS parts of a picture (h, w, ...)."""
    side = len(pixels) // N_PARTS
    return np.asarray(pixels.reshape(N_PARTS, side, N_PARTS, side, *pixels.shape[2:]).mean((1, 3)))


def _likeness(first: Swatch, second: Swatch, motion: Motion) -> float:
    """Correlate the edges of two swatches where they overlap at a motion; -1 where they hardly do."""
    inside = _inside(motion, SIDE)
    if inside.mean() < LEAST:
        return -1.0
    mine, theirs = first.edges[inside], _seen(second.drawings[SIDE], motion)[inside]
    mine, theirs = mine - mine.mean(), theirs - theirs.mean()
    return float(mine @ theirs / np.sqrt((mine @ mine) * (theirs @ theirs) + 1e-9))


def _seen(image: Image.Image, motion: Motion, resampling: Resampling = Resampling.BILINEAR) -> NDArray[Any]:
    """Return an image as it looks through the first picture's frame."""
    side = image.width
    turn, shift, middle = motion[:, :2], motion[:, 2] * side / SIDE, np.full(2, side / 2)
    rows = np.column_stack([turn, shift + middle - turn @ middle]).ravel()
    return np.asarray(image.transform((side, side), Transform.AFFINE, tuple(rows), resampling))


def _inside(motion: Motion, side: int) -> NDArray[np.bool_]:
    """Return where the first picture's frame shows the second, at a size of `side` pixels."""
    x, y = _grid(side)
    (a, b, c), (d, e, f) = motion.tolist()
    reach, c, f = (side - 1) / 2 - 1, c * side / SIDE, f * side / SIDE
    across, down = a * x + b * y + c, d * x + e * y + f
    return np.asarray((np.abs(across) <= reach) & (np.abs(down) <= reach))


def _slopes(edges: Floats) -> Floats:
    """Return the derivatives of edges by the six numbers of a motion: turn and scale by row, each row's shift last."""
    down, across = np.gradient(edges)
    x, y = _grid(len(edges))
    return np.stack([across * x, across * y, across, down * x, down * y, down]).reshape(6, -1).astype(np.float32)


@cache
def _grid(side: int) -> tuple[Floats, Floats]:
    """Return how far each pixel lies to the right of the middle and below it."""
    line = np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2)
    x, y = np.meshgrid(line, line)
    return x, y


@cache
def _window() -> Floats:
    """Return what fades a picture out toward its margins."""
    line = np.hanning(SIDE + 2)[1:-1].astype(np.float32)
    return np.outer(line, line)


@cache
def _polar() -> tuple[NDArray[np.intp], Floats]:
    """Return which four frequencies lie around each ring and ray, and how much of each; shape (4, 64, 180)."""
    radii = np.geomspace(SLOW, FAST, N_RADII)
    angles = np.arange(N_ANGLES) * np.pi / N_ANGLES - np.pi / 2
    u, v = np.outer(radii, np.cos(angles)), np.outer(radii, np.sin(angles))
    left, top = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
    corners = [(down, right) for down in (0, 1) for right in (0, 1)]
    cells = [(top + down) % SIDE * (SIDE // 2 + 1) + (left + right).clip(0, SIDE // 2) for down, right in corners]
    parts = [np.abs(1 - down - (v - top)) * np.abs(1 - right - (u - left)) for down, right in corners]
    return np.stack(cells), np.stack(parts).astype(np.float32)
