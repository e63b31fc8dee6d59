"""How like itself an image is when it is shifted: correlation with its own copies, by FFT."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

REACH = 0.6  # of each side: the farthest shift that is looked at; at that in both directions a sixth of the image still meets itself
FLAT = 0.5  # squared gray levels: what varies less shows no design


def correlation(planes: Floats) -> Floats:
    """Correlate an image with itself at every shift of the upper half plane.

    Means and variances are those of the two parts that overlap, so that large shifts compare with small ones, and light that
    falls off toward a side does not count.

    Parameters
    ----------
    planes : ndarray of shape (c, h, w), float32
        Channels in gray levels; each counts by its variance.

    Returns
    -------
    ndarray of shape (m + 1, 2 * k + 1), float32
        m and k are `REACH` of h and w; the value at [dy, k + dx] is that of shift (dx, dy), -1 to 1; 1 at no shift.
    """
    _, height, width = planes.shape
    reach = int(height * REACH), int(width * REACH)
    planes = planes - planes.mean((1, 2), keepdims=True)
    products = _products(planes, reach)
    n = np.multiply.outer(height - np.arange(reach[0] + 1), width - np.abs(np.arange(-reach[1], reach[1] + 1)))
    covariance = products / n
    first, second = (sums / n for sums in _overlap_sums((planes**2).sum(0), reach))
    for plane in planes:
        here, there = (sums / n for sums in _overlap_sums(plane, reach))
        covariance -= here * there
        first -= here**2
        second -= there**2
    return np.asarray(covariance / np.sqrt(np.maximum(first, FLAT) * np.maximum(second, FLAT)), np.float32)


def _products(planes: Floats, reach: tuple[int, int]) -> NDArray[np.float64]:
    """Sum the products of each pixel with the one that a shift brings there, for every shift."""
    shape = _fast(planes.shape[1] + reach[0]), _fast(planes.shape[2] + reach[1])
    power: Floats = np.zeros((shape[0], shape[1] // 2 + 1), np.float32)
    for plane in planes:
        spectrum = np.fft.rfft2(plane, shape)
        power += spectrum.real**2 + spectrum.imag**2
    rolled = np.fft.irfft2(power, shape)[: reach[0] + 1]
    return np.concatenate([rolled[:, rolled.shape[1] - reach[1] :], rolled[:, : reach[1] + 1]], axis=1).astype(np.float64)


def _overlap_sums(plane: Floats, reach: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum a plane over the part that a shifted copy covers, and over what of the copy lies on it, for every shift."""
    height, width = plane.shape
    down, across = reach
    total = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(plane, axis=0, dtype=np.float64), axis=1, out=total[1:, 1:])
    upper, lower = total[height - down :][::-1], total[height] - total[: down + 1]
    result = []
    for rows, is_shifted in ((upper, False), (lower, True)):
        left = rows[:, width - across :][:, ::-1]  # the left part, for shifts 0, 1, ... to the right
        right = rows[:, width:] - rows[:, : across + 1]
        positive, negative = (right, left) if is_shifted else (left, right)
        result.append(np.concatenate([negative[:, :0:-1], positive], axis=1))
    return result[0], result[1]


def _fast(n: int) -> int:
    """Return the next number at or above `n` that a fast Fourier transform takes apart into 2, 3 and 5."""
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1
