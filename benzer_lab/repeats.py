"""The repeat of a design: the smallest unit that it is printed or woven by, and how the units lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling

from benzer_lab._lattice import Lattice, find_lattice
from benzer_lab._selfsimilarity import correlation
from benzer_lab.images import opened

Kind = Literal["straight", "half-drop", "brick", "none"]
Scale = Literal["micro", "small", "medium", "large"]

KINDS: tuple[Kind, ...] = ("straight", "half-drop", "brick", "none")
SCALES: tuple[Scale, ...] = ("micro", "small", "medium", "large")
METHOD = "1"  # the next whenever answers change: those that archives keep are then found anew
SIDE = 224  # pixels: the root of the area that an image is looked at with
CM = (1.0, 4.0, 16.0)  # the longer side of the unit from which a design is small, medium and large, where the image knows its size,
SHARES = (1 / 12, 1 / 6, 1 / 3)  # and as a share of the image's longer side where it does not
SCREENS = (72, 96)  # dots an inch that software writes into a file without having measured anything
SURE = 0.99  # of no answer is more claimed: that many are right of those that look best

_THREADS = 0.7  # share of the variance that is of stripes down and across, from which a design is taken for a check
_TILT = 12  # degrees by which a picture may be turned
_SKEW = 3  # degrees by which the sides of a unit may miss the right angle


@dataclass(frozen=True)
class Repeat:
    """The unit by which a design repeats.

    Attributes
    ----------
    width, height : float or None
        Of the unit, in pixels of the upright original; 1 along stripes, which have no length of their own; as long as the image
        where only the other side is seen to repeat; None where nothing repeats.
    kind : {'straight', 'half-drop', 'brick', 'none'}
        How the units lie: in rows and columns; each column dropped by half the height; each row moved by half the width. The same
        design can be said to be a half-drop of w x h or a brick of 2w x h/2; it is called what makes its unit the nearer to a square,
        and a half-drop where both are as near.
    confidence : float, 0 to 1
        How often such an answer is right, 'none' too.
    size : tuple of int
        Width and height of the image, in pixels.
    dpi : float or None
        Pixels an inch, where the image tells; not the 72 and 96 that software writes without having measured.
    """

    width: float | None
    height: float | None
    kind: Kind
    confidence: float
    size: tuple[int, int]
    dpi: float | None = None

    @property
    def cm(self) -> tuple[float, float] | None:
        """Width and height of the unit in centimeters, where the image knows its dpi."""
        if self.dpi is None or self.width is None or self.height is None:
            return None
        return self.width / self.dpi * 2.54, self.height / self.dpi * 2.54

    @property
    def scale(self) -> Scale | None:
        """Micro, small, medium or large, by the longer side of the unit; None where nothing repeats.

        Small starts at 1 cm, medium at 4 cm, large at 16 cm; where the image does not know its dpi, at a twelfth, a sixth and a third
        of its own longer side.
        """
        if self.width is None or self.height is None:
            return None
        side, limits = (max(self.cm), CM) if self.cm else (max(self.width, self.height) / max(self.size), SHARES)
        return SCALES[sum(side >= limit * 0.999 for limit in limits)]  # a unit of exactly a third may measure a hair less


def find_repeat(image: Path | bytes | Image.Image | NDArray[np.uint8]) -> Repeat:
    """Find the unit by which a design repeats.

    The unit must lie in the image one and two thirds of a time, or as a half-drop or brick once. Light that falls off, noise, a cast
    of color and a turn by a few degrees are borne; a perspective is not.

    Parameters
    ----------
    image : Path, bytes, PIL image or uint8 array of shape (h, w, 3)
        The design.

    Returns
    -------
    Repeat
        Kind 'none' where no unit is likelier right than wrong.

    Raises
    ------
    InputError
        When `image` is of no such kind.
    ImageError
        When it cannot be read.
    """
    picture, size, dpi = opened(image, target=SIDE, caller="find_repeat")
    dpi = dpi if dpi and np.isfinite(dpi) and dpi > 1 and round(dpi) not in SCREENS else None
    planes = _planes(picture)
    lattice = _check(planes)
    if lattice is None:
        lattice = find_lattice(correlation(planes))
    chance, unit = 1 - SURE, None
    if lattice is not None:
        stretch = np.array(size) / planes.shape[:0:-1]
        chance, unit = _chance(lattice), _unit(lattice.basis * stretch, size, is_striped=lattice.along is not None)
    if unit is None or chance < 0.5:
        return Repeat(None, None, "none", max(1 - chance, 0.5), size, dpi)
    return Repeat(round(unit[0], 2), round(unit[1], 2), unit[2], chance, size, dpi)


def _planes(picture: Image.Image) -> NDArray[np.float32]:
    """Return gray and two differences of color, small and a little soft, so that peaks lie between pixels; shape (3, h, w)."""
    scale = min(1.0, SIDE / (picture.width * picture.height) ** 0.5)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), Resampling.BILINEAR)
    red, green, blue = np.moveaxis(np.asarray(picture, np.float32), -1, 0)
    planes = np.stack([(red + green + blue) / 3, (red - blue) / 2, (2 * green - red - blue) / 4])
    planes[:, 1:-1] = (planes[:, :-2] + 2 * planes[:, 1:-1] + planes[:, 2:]) / 4
    planes[:, :, 1:-1] = (planes[:, :, :-2] + 2 * planes[:, :, 1:-1] + planes[:, :, 2:]) / 4
    return np.asarray(planes)


def _check(planes: NDArray[np.float32]) -> Lattice | None:
    """Find the repeat of a check by its stripes down and across; the twill that binds them need not close with them.

    None for all that is no check, and where its stripes are not seen to repeat.
    """
    total = float(planes.var((1, 2)).sum())
    stripes = [planes.mean(1, keepdims=True), planes.mean(2, keepdims=True).transpose(0, 2, 1)]
    shares = [float(lines.var((1, 2)).sum()) / max(total, 1) for lines in stripes]
    if sum(shares) < _THREADS or min(shares) < 0.1:
        return None
    warp, weft = (find_lattice(correlation(lines), along=np.pi / 2) for lines in stripes)
    if warp is None or weft is None or min(warp.quality, weft.quality) < 0.9:
        return None
    basis = np.array([[warp.basis[0, 0], 0], [0, weft.basis[0, 0]]])
    return Lattice(basis, None, min(warp.quality, weft.quality), warp.n_shifts * weft.n_shifts)


def _unit(basis: NDArray[np.float64], size: tuple[int, int], *, is_striped: bool) -> tuple[float, float, Kind] | None:
    """Return width, height and kind of the unit of a lattice; None where it has none with sides down and across."""
    if len(basis) == 2:
        return _tile(basis)
    across, down = np.abs(basis[0])
    length, slope = float(np.hypot(across, down)), np.degrees(np.arctan2(down, across))
    if slope < 4:
        return length, 1.0 if is_striped else float(size[1]), "straight"
    if slope > 86:
        return 1.0 if is_striped else float(size[0]), length, "straight"
    return (float(length**2 / across), float(length**2 / down), "straight") if is_striped else None


def _tile(basis: NDArray[np.float64]) -> tuple[float, float, Kind] | None:
    """Return the unit of a lattice in two directions: the smallest rectangle that repeats, halved where its middle repeats, too."""
    steps = np.stack(np.meshgrid(np.arange(-12, 13), np.arange(-12, 13)), -1).reshape(-1, 2)
    shifts = steps[steps.any(1)] @ basis
    x, y = shifts.T
    lengths, lean, tilt = np.hypot(x, y), np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(-x, y))
    wide, high = (np.flatnonzero(np.abs(angle) <= _TILT) for angle in (lean, tilt))
    wide, high = (places[np.argsort(lengths[places], kind="stable")[:16]] for places in (wide, high))
    if not len(wide) or not len(high):
        return None
    area = abs(basis[0, 0] * basis[1, 1] - basis[0, 1] * basis[1, 0])
    cells = np.rint(np.abs(np.outer(x[wide], y[high]) - np.outer(y[wide], x[high])) / area)
    skew = np.abs(lean[wide][:, None] - tilt[high])
    fits = (skew <= _SKEW) & (cells > 0)
    if not fits.any():
        return None
    i, j = np.unravel_index(np.where(fits, cells + skew / 100, np.inf).argmin(), cells.shape)
    width, height = float(lengths[wide[i]]), float(lengths[high[j]])
    middle = (shifts[wide[i]] + shifts[high[j]]) / 2 @ np.linalg.inv(basis)
    if cells[i, j] != 2 or np.abs(middle - np.rint(middle)).max() > 0.1:
        return width, height, "straight"
    return (width / 2, height, "half-drop") if width >= 0.97 * height else (width, height / 2, "brick")


def _chance(lattice: Lattice) -> float:
    """Return how often a lattice of this quality is the design's: a logistic fit, whose table `benchmarks/repeats.py` prints."""
    is_one_sided = len(lattice.basis) == 1 and lattice.along is None
    log_odds = -4.42 - 4.27 * np.log10(1.005 - min(max(lattice.quality, 0.0), 1.0)) - 3.73 * is_one_sided
    return float(np.clip(1 / (1 + np.exp(-log_odds)), 1 - SURE, SURE))
