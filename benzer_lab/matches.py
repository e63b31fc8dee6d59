"""What two images share: colors, and places that look alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab import network
from benzer_lab.color import delta_e, lab_of
from benzer_lab.palettes import MERGED
from benzer_lab.pattern import without_color

Floats = npt.NDArray[np.float32]

CELL, CELLS = 16, 14  # pixels of a place; places on the shorter side
MARGIN = 2  # places mirrored around the image: the network sees where an image ends, and all images end
LONGEST = 4  # times as long as wide
CLEAR = 95  # percentile: what stands out as much as this twentieth of the places of both images counts fully
FLAT = 1.0  # deviations: what stands out less counts less, even where nothing else does; of drawn designs the twentieth has 0.9 to 2
GROUND = 0.3  # how warm a place is that does not stand out, where what most places show is the same in both images


class SharedColor(NamedTuple):
    """A color of one palette and its like in another, as hex, with their shares of the images and the CIEDE2000 between them."""

    query: str
    hit: str
    query_share: float
    hit_share: float
    distance: float


def match_palettes(query: Sequence[tuple[str, float]], hit: Sequence[tuple[str, float]], *, tolerance: float = MERGED) -> list[SharedColor]:
    """Pair the colors of two palettes, the nearest first.

    Parameters
    ----------
    query, hit : sequence of (str, float)
        Hex and share, as `palette_of` returns them.
    tolerance : float, default=8
        CIEDE2000 up to which two colors are taken for one.

    Returns
    -------
    list of SharedColor
        Each color at most once; those that both images show much of come first.

    Examples
    --------
    >>> [shared] = match_palettes([("#B83B5E", 0.7), ("#FFFFFF", 0.3)], [("#BA3E60", 0.4), ("#2F4858", 0.6)])
    >>> shared.query, shared.hit, shared.query_share, shared.hit_share, round(shared.distance, 1)
    ('#B83B5E', '#BA3E60', 0.7, 0.4, 0.8)
    """
    if not query or not hit:
        return []
    first, second = (lab_of(np.array([list(bytes.fromhex(color[1:])) for color, _ in palette], float)) for palette in (query, hit))
    apart = delta_e(first[:, None], second)
    found = []
    while apart.min() <= tolerance:
        i, j = divmod(int(apart.argmin()), len(hit))
        found.append(SharedColor(query[i][0], hit[j][0], query[i][1], hit[j][1], float(apart[i, j])))
        apart[i], apart[:, j] = np.inf, np.inf
    return sorted(found, key=lambda shared: -min(shared.query_share, shared.hit_share))


def places_of(image: Image.Image) -> Floats:
    """Describe the places of an image whatever their colors, by the maps of recipe `pattern-2`.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB, of any size; what is more than 4 times as long as wide is squeezed to that.

    Returns
    -------
    numpy.ndarray of shape (h, w, 112), float32
        Of 14 places on the shorter side, and as many as fit on the longer one, what the network sees there, in deviations
        from the mean of most designs.

    Raises
    ------
    MissingExtraError
        When the network's weights or its engine are not installed.
    """
    width, height = (CELL * round(CELLS * min(side / min(image.size), LONGEST)) for side in image.size)
    maps = without_color(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)))
    around = [(MARGIN * CELL, MARGIN * CELL)] * 2
    seen = network.maps(np.pad(maps, [*around, (0, 0)], mode="reflect")[None])[-1][0, :, MARGIN:-MARGIN, MARGIN:-MARGIN]
    mean, deviation = _constants()
    return np.asarray((np.moveaxis(seen, 0, -1) - mean) / deviation, np.float32)


def match_places(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Tell of each place of two images how well the other image has its like.

    What most places show, the ground, is taken away first. A place that stands out from it is as warm as the best of the other image
    is like it; one that does not, by as much as the grounds are alike, and never as warm: so a motif is warmer than its ground.

    Parameters
    ----------
    first, second : numpy.ndarray of shape (h, w, 112), float32
        From `places_of`; they may differ in height and width.

    Returns
    -------
    first, second : numpy.ndarray of shape (h, w), float32
        From 0 to 1, 1 is the same.
    """
    one, other = (places.reshape(-1, places.shape[-1]) for places in (first, second))
    grounds = np.stack([one.mean(axis=0), other.mean(axis=0)])
    one, other = one - grounds.mean(axis=0), other - grounds.mean(axis=0)
    length = np.sqrt(np.mean(np.concatenate([one, other]) ** 2, axis=1))
    stands_out = np.minimum(length / max(float(np.percentile(length, CLEAR)), FLAT), 1) ** 2
    alike = network.unit_rows(one) @ network.unit_rows(other).T
    ground = max(float(np.prod(network.unit_rows(grounds), axis=0).sum()), 0.0)
    best = np.concatenate([alike.max(axis=1), alike.max(axis=0)]).clip(0, 1)
    warm = np.asarray(stands_out * best + (1 - stands_out) * GROUND * ground, np.float32)
    at_one, at_other = np.split(warm, [len(one)])
    return at_one.reshape(first.shape[:2]), at_other.reshape(second.shape[:2])


def _constants() -> tuple[Floats, Floats]:
    """Return mean and deviation of each channel at stride 16: the last of the recipe's moments of the network."""
    n, end = network.N_TAPPED[-1], network.N_RAW - network.N_POOLED
    moments = network.constants_of("pattern-2")["mean"]
    return moments[end - 2 * n : end - n], moments[end - n : end]
