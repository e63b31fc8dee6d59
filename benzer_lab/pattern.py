"""Pattern: what a design shows whatever its colors, its turn and its scale (recipe `pattern-2`)."""

from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from benzer_lab import network
from benzer_lab.errors import InputError

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

N_RADII, N_ANGLES, N_TURNS = 40, 24, 7  # rings and rays of the spectrum; harmonics of the angle that are kept
LOW, HIGH = 2.0, 112.0  # cycles an image: below is the light on the cloth, above there is nothing at 224 pixels
N_DIMENSIONS = 336

PATTERN_2 = {  # what a version's card says of the recipe; the constants are told by the SHA-256 of their file
    "network": network.PATTERN_1["network"],
    "side": network.SIDE,
    "cut": network.PATTERN_1["cut"],
    "spectrum": f"{N_RADII} rings from {LOW:g} to {HIGH:g} cycles, {N_ANGLES} rays, {N_TURNS} harmonics",
    "constants": "3ab69e8af79bef92b4141359b191f3d2bd07340940734d18d689db8626cbd0fd",
}

# Lightness and two opponent colors as sums of sRGB values: a third of the time of Lab, and as good (docs/decisions/0007-pattern-2.md)
_OPPONENTS = np.array([[0.30, 0.59, 0.11], [0.5, -0.5, 0], [0.25, 0.25, -0.5]], np.float32)
_CELLS, _REACH = 25, 2.6  # of the histogram of colors along an axis, odd so that a negative is its mirror; where it ends, in deviations


def color_blind(image: Image.Image) -> Pixels:
    """Show what an image has beside its colors, as three gray maps.

    The first holds the strongest contrast there is, whichever colors make it, its rarer end light. The second holds the edges between
    any two colors; strong and faint ones come close. The third says how rare the color of each pixel is in this image. An image, its
    negative and the same with more or less contrast give nearly the same maps.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB, of any size; the middle square is taken.

    Returns
    -------
    numpy.ndarray of shape (224, 224, 3), uint8
        Contrast, edges and rarity, 0 to 255.
    """
    return without_color(network.middle_square(image))


def without_color(pixels: Pixels) -> Pixels:
    """Show what `color_blind` does, of pixels as they come.

    Parameters
    ----------
    pixels : numpy.ndarray of shape (h, w, 3), uint8
        sRGB, 0 to 255.

    Returns
    -------
    numpy.ndarray of shape (h, w, 3), uint8
        Contrast, edges and rarity, 0 to 255.
    """
    colors = _OPPONENTS @ pixels.reshape(-1, 3).T.astype(np.float32)
    colors -= colors.mean(1, keepdims=True)
    spread = colors @ colors.T / colors.shape[1]
    shape = pixels.shape[:2]
    maps = [_contrast(colors, spread).reshape(shape), _edges(colors.reshape(3, *shape)), _rarity(colors, spread).reshape(shape)]
    return np.asarray(np.stack(maps, axis=-1).round().clip(0, 255), np.uint8)


def describe(maps: Pixels, *, device: str) -> list[Floats]:
    """Compute what the maps of some images show, before the constants of the recipe.

    Parameters
    ----------
    maps : numpy.ndarray of shape (n, 224, 224, 3), uint8
        From `color_blind`.
    device : {"cpu", "cuda", "cuda:N", "mps"}
        Where the network runs.

    Returns
    -------
    list of numpy.ndarray of shape (n, 352), (n, 420) and (n, 840), float32
        Moments of the network's maps at stride 4, 8 and 16; the spectrum, which a turn leaves as it is; the same, which a change of
        scale leaves as it is, too.

    Raises
    ------
    InputError
        When `maps` has another shape or type.
    """
    side = network.SIDE
    if maps.dtype != np.uint8 or maps.shape[1:] != (side, side, 3):
        raise InputError(
            f"describe: maps must have shape (n, {side}, {side}, 3) and type uint8; got shape {maps.shape}, type {maps.dtype}. "
            "Make them with color_blind."
        )
    moments = network.raw_features(maps, device=device)[:, network.N_POOLED :]
    shares = np.stack([_shares(one) for one in maps]) if len(maps) else np.empty((0, 3, N_RADII, N_ANGLES), np.float32)
    return [moments, _turn_free(shares), _scale_free(shares)]


def embed_pattern_2(maps: Pixels, *, device: str) -> Floats:
    """Compute rows of the recipe `pattern-2`.

    Parameters
    ----------
    maps : numpy.ndarray of shape (n, 224, 224, 3), uint8
        From `color_blind`.
    device : {"cpu", "cuda", "cuda:N", "mps"}
        Where the network runs; see `benzer_lab.network.choose_device`.

    Returns
    -------
    numpy.ndarray of shape (n, 336), float32
        Unit rows, compared by cosine.

    Raises
    ------
    InputError
        When `maps` has another shape or type.
    MissingExtraError
        When the network's weights or its engine are not installed.
    """
    known = network.constants_of("pattern-2")
    return project(standardize(describe(maps, device=device), known["mean"], known["deviation"]), known["components"], known["offset"])


def standardize(described: list[Floats], mean: Floats, deviation: Floats) -> Floats:
    """Weigh the values of each block alike, and the blocks alike.

    Parameters
    ----------
    described : list of numpy.ndarray
        From `describe`.
    mean, deviation : numpy.ndarray of shape (1612,), float32
        Of each value over a fixed set of images.

    Returns
    -------
    numpy.ndarray of shape (n, 1612), float32
        The blocks' z-scores, each block scaled to length 1.
    """
    ends = np.cumsum([block.shape[1] for block in described])[:-1]
    constants = zip(described, np.split(mean, ends), np.split(deviation, ends), strict=True)
    return np.concatenate([network.unit_rows((block - m) / d) for block, m, d in constants], axis=1)


def project(z: Floats, components: Floats, offset: Floats) -> Floats:
    """Keep what tells designs apart.

    Parameters
    ----------
    z : numpy.ndarray of shape (n, 1612), float32
        From `standardize`.
    components : numpy.ndarray of shape (d, 1612), float32
        Directions in which views of one design are alike and designs are not.
    offset : numpy.ndarray of shape (d,), float32
        Where the middle of all designs lies along them.

    Returns
    -------
    numpy.ndarray of shape (n, d), float32
        Unit rows.
    """
    return network.unit_rows(z @ components.T - offset)


def _contrast(colors: Floats, spread: Floats) -> Floats:
    """Return where each pixel lies along the direction in which colors differ most; the rarer end is light, as in its negative."""
    gray = np.linalg.eigh(spread)[1][:, -1] @ colors
    gray /= gray.std() + np.float32(1.3)  # gray levels: what an image of one color shows beside it is noise
    return np.asarray(127 + 55 * (gray if (gray**3).mean() > 0 else -gray), np.float32)


def _edges(colors: Floats) -> Floats:
    """Return the size of the gradient over all colors, against its mean, so that an edge counts whatever its contrast."""
    smooth = _blurred(_blurred(colors, 1), 2)
    down, right = smooth[:, 2:, 1:-1] - smooth[:, :-2, 1:-1], smooth[:, 1:-1, 2:] - smooth[:, 1:-1, :-2]
    size = np.pad(np.sqrt((down * down + right * right).sum(0)), 1, mode="edge")
    return np.asarray(255 * size / (size + size.mean() + np.float32(1.3)), np.float32)


def _blurred(x: Floats, axis: int) -> Floats:
    """Blur along an axis by the binomial of five pixels, a Gaussian of deviation 1."""
    wide, n = np.pad(x, [(2, 2) if a == axis else (0, 0) for a in range(3)], mode="edge"), x.shape[axis]
    a, b, c, d, e = (wide[(slice(None),) * axis + (slice(k, k + n),)] for k in range(5))
    return np.asarray((a + e + 4 * (b + d) + 6 * c) / np.float32(16), np.float32)


def _rarity(colors: Floats, spread: Floats) -> Floats:
    """Return how rare the color of each pixel is: minus the logarithm of a smoothed histogram, z-scored."""
    middle = _CELLS // 2
    step = np.float32(_REACH * (np.sqrt(np.trace(spread)) + 2.5) / (middle + 0.5))
    cells = (np.rint(colors / step) + middle).clip(0, _CELLS - 1).astype(np.intp)
    cells = (cells[0] * _CELLS + cells[1]) * _CELLS + cells[2]
    counts = np.bincount(cells, minlength=_CELLS**3).reshape((_CELLS,) * 3).astype(np.float32)
    away = np.subtract.outer(np.arange(_CELLS), np.arange(_CELLS))
    near = np.where(np.abs(away) <= 3, np.exp(-0.5 * away**2), 0).astype(np.float32) / np.float32(np.sqrt(2 * np.pi))
    for _ in range(3):
        counts = np.tensordot(counts, near, (0, 0))  # the axes turn around, so each comes first once
    rare = -np.log(counts + np.float32(1e-3)).ravel()[cells]
    rare -= rare.mean()
    return np.asarray(127 + 55 * rare / (rare.std() + np.float32(0.05)), np.float32)


@cache
def _rings() -> tuple[Floats, npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Return the window, then which frequencies go to which cells of rings (logarithms of the radius) and rays, and how much of each."""
    side = network.SIDE
    v, u = np.fft.fftfreq(side, 1 / side)[:, None], np.fft.rfftfreq(side, 1 / side)[None]
    radius = np.log(np.maximum(np.hypot(v, u), 0.1) / LOW) / np.log(HIGH / LOW) * (N_RADII - 1)
    angle = np.arctan2(v, u) % np.pi / np.pi * N_ANGLES
    inside = np.flatnonzero((radius > -1) & (radius < N_RADII))
    radius, angle = radius.ravel()[inside], angle.ravel()[inside]
    ring, ray = np.floor(radius).astype(np.intp), np.floor(angle).astype(np.intp)
    frequencies, cells, parts = [], [], []
    for outer in (0, 1):
        for left in (0, 1):
            part = np.abs(1 - outer - (radius - ring)) * np.abs(1 - left - (angle - ray))
            there = (ring + outer >= 0) & (ring + outer < N_RADII)
            frequencies.append(inside[there])
            cells.append(((ring + outer) * N_ANGLES + (ray + left) % N_ANGLES)[there])
            parts.append(part[there])
    hann = np.hanning(side + 2)[1:-1].astype(np.float32)
    return np.outer(hann, hann), np.concatenate(frequencies), np.concatenate(cells), np.concatenate(parts).astype(np.float32)


def _shares(maps: Pixels) -> Floats:
    """Return the share of each ring and ray in the power of each map, (3, rings, rays)."""
    window, frequencies, cells, parts = _rings()
    x = np.moveaxis(maps, -1, 0).astype(np.float32)
    power = np.abs(np.fft.rfft2((x - x.mean((1, 2), keepdims=True)) * window)) ** 2
    sums = [np.bincount(cells, one.ravel()[frequencies] * parts, minlength=N_RADII * N_ANGLES) for one in power]
    energy = np.stack(sums).astype(np.float32)
    return np.asarray(energy / (energy.sum(1, keepdims=True) + np.float32(1e-6)), np.float32).reshape(3, N_RADII, N_ANGLES)


def _turn_free(shares: Floats) -> Floats:
    """Return the logarithms of the shares on rings of double width, as harmonics of the angle: a turn changes their phase only."""
    double = np.log(shares.reshape(-1, 3, N_RADII // 2, 2, N_ANGLES).sum(3) + np.float32(1e-5))
    harmonics = np.abs(np.fft.rfft(double, axis=-1)[..., :N_TURNS])
    return np.asarray(harmonics.reshape(len(shares), 3 * N_RADII // 2 * N_TURNS), np.float32)


def _scale_free(shares: Floats) -> Floats:
    """Return the Fourier-Mellin transform of the shares' roots: a change of scale moves them along the rings, and changes the phase only.

    References
    ----------
    .. [1] Casasent, Psaltis: Position, rotation and scale invariant optical correlation. Applied Optics 15 (1976) 1795.
    """
    harmonics = np.fft.rfft(np.sqrt(shares), axis=-1)[..., :N_TURNS]
    moved = np.abs(np.fft.fft(harmonics, 2 * N_RADII, axis=2))  # padded with as many rings of nothing, so that no end meets the other
    half = N_RADII // 2
    kept = np.concatenate([moved[:, :, :half], moved[:, :, -half:]], axis=2)
    return np.asarray(kept.reshape(len(shares), 3 * N_RADII * N_TURNS), np.float32)
