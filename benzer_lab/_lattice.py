"""The lattice of a self-similarity surface: the smallest shifts that bring a design onto itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

LEAST = 0.85  # correlation of a peak below which no lattice would be believed, so that none is looked for
RISE = 0.04  # by how much a peak must stand above the lowest value between it and no shift
SAME = 0.006  # how far the correlations of shifts that all bring the design onto itself lie apart by interpolation,
NOISE = 0.25  # by noise, this share of what the best of them lacks to 1,
FINE = 0.12  # and by pixels that are coarse for the design: this share of how much is lost within one of them
FEW = 200  # shifts of a lattice that are read: those of more tell no more
STEPS = np.linspace(0, 1, 25)[1:-1]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Shifts that bring a design onto itself.

    Attributes
    ----------
    basis : ndarray of shape (2, 2) or (1, 2)
        Shortest shifts (x, y) in pixels, one a row; one row where the design repeats along one line only.
    along : float or None
        Direction, in radians from the x axis, in which the design never changes, as stripes do; None for all else.
    quality : float
        Low end of the correlations at all of the lattice's shifts, -1 to 1.
    n_shifts : int
        At how many shifts the lattice was seen.
    """

    basis: Points
    along: float | None
    quality: float
    n_shifts: int


def find_lattice(surface: Floats, along: float | None = None) -> Lattice | None:
    """Find the smallest lattice at whose every shift the image is as like itself as at the best.

    Parameters
    ----------
    surface : ndarray of shape (m + 1, 2 * k + 1)
        From `correlation`.
    along : float, optional
        Direction in which the design is known never to change, in radians from the x axis; found where it is left out.

    Returns
    -------
    Lattice or None
        None where no shift stands out.
    """
    along = _unchanging(surface) if along is None else along
    shifts, values = _peaks(surface) if along is None else _line_peaks(surface, along)
    best: Lattice | None = None
    for _ in range(3):  # a peak or two may stand above those of the lattice by chance, most of all at far shifts
        limit = float(values.max(initial=-1))
        if limit < LEAST:
            break
        found = _lattice_at(surface, shifts, values, along)
        if best is None or _merit(found) > _merit(best):
            best = found
        if found.n_shifts > 2 and found.quality > limit - 3 * tolerance(surface, limit):
            break
        kept = values < limit - 2 * tolerance(surface, limit)
        shifts, values = shifts[kept], values[kept]
    return best


def tolerance(surface: Floats, value: float) -> float:
    """Return how far below the best correlation `value` one of the same design may lie."""
    steps = _at(surface, np.array([1, 0]), np.array([0, 1]))
    return SAME + NOISE * (1 - value) + FINE * float(1 - steps.mean())


def _merit(lattice: Lattice) -> float:
    """Return what makes one lattice more credible than another: likeness, and that it was seen more than once."""
    return lattice.quality - 0.03 / max(lattice.n_shifts, 1)


def _lattice_at(surface: Floats, shifts: Points, values: Points, along: float | None) -> Lattice:
    """Find the smallest lattice whose correlations are near the best."""
    best = float(values.max())
    order = np.argsort(np.hypot(*shifts.T), kind="stable")
    shifts, values = shifts[order], values[order]
    good = shifts[values >= best - tolerance(surface, best)]
    if along is not None:
        return _measured(surface, good[:1], along)
    # Threads differ among themselves, so that a shift along them may bring a cloth onto itself better than one across
    fair = shifts[values >= best - 2 * tolerance(surface, best)]
    for limit, pool in ((2, good), (3, np.concatenate([good[:1], fair]))):
        for basis in _bases(pool):
            if not _is_likely(surface, basis, best - 2 * limit * tolerance(surface, best)):
                continue
            found = _measured(surface, basis, None)
            if found.quality >= best - limit * tolerance(surface, best):
                return found
    return _measured(surface, good[:1], None)


def _is_likely(surface: Floats, basis: Points, least: float) -> bool:
    """Tell, by a glance at its diagonals, whether a lattice may be as good as `least`."""
    ends = np.array([basis[0] + basis[1], basis[0] - basis[1]])
    ends[ends[:, 1] < 0] *= -1
    ends = ends[_are_inside(surface, ends)]
    return not len(ends) or bool(_climbed(surface, ends)[1].min() >= least)


def _bases(good: Points) -> list[Points]:
    """Return pairs of the shortest shifts that span a cell, smallest cells first."""
    first, spans = good[0], np.hypot(*good.T)
    aside = np.abs(first[0] * good[:, 1] - first[1] * good[:, 0]) > 0.2 * spans[0] * spans
    short = np.concatenate([good[~aside][:3], good[aside][:4]])
    pairs = [(abs(float(a[0] * b[1] - a[1] * b[0])), np.array([a, b])) for i, a in enumerate(short) for b in short[i + 1 :]]
    spanning = [(area, pair) for area, pair in pairs if area > 0.2 * np.hypot(*pair[0]) * np.hypot(*pair[1])]
    return [pair for _, pair in sorted(spanning, key=lambda item: item[0])]


def _measured(surface: Floats, basis: Points, along: float | None) -> Lattice:
    """Refine a lattice by its peaks, nearest first, and read its correlations there."""
    multiples = _multiples(surface, basis)
    for cells in (1.5, 4.0, 12.0):
        near = multiples[np.abs(multiples).max(1) <= cells]
        if len(near) >= len(basis):
            found, _ = _climbed(surface, near @ basis, along)
            fitted = np.linalg.lstsq(near, found, rcond=None)[0]
            if along is not None:  # a ridge is as high everywhere: where along it the climb ended says nothing
                fitted = np.outer(fitted @ _across(along), _across(along))
            basis = fitted if np.abs(fitted - basis).max() < 2 else basis
    multiples = multiples[_are_inside(surface, multiples @ basis)]
    _, values = _climbed(surface, multiples @ basis, along)
    return Lattice(basis, along, float(np.quantile(values, 0.1)) if len(values) else -1.0, len(values))


def _multiples(surface: Floats, basis: Points) -> Points:
    """Return the whole combinations of the basis that lie on the surface, one of each two opposites; the nearest of many."""
    reach = float(np.hypot(surface.shape[0], surface.shape[1] // 2))
    across = [abs(np.linalg.det(basis)) / np.hypot(*other) for other in basis[::-1]] if len(basis) == 2 else [np.hypot(*basis[0])]
    steps = [np.arange(-n, n + 1) for n in (min(int(reach / max(width, 1)) + 1, 24) for width in across)]
    multiples = np.stack(np.meshgrid(*steps), -1).reshape(-1, len(basis)).astype(float)
    multiples = multiples[_are_inside(surface, multiples @ basis)]
    return multiples[np.argsort((multiples**2).sum(1), kind="stable")[:FEW]]


def _are_inside(surface: Floats, shifts: Points) -> NDArray[np.bool_]:
    """Tell which shifts lie on the surface, no shift and its left side apart."""
    x, y = np.asarray(shifts, float).T
    down, across = surface.shape[0] - 1, surface.shape[1] // 2
    inside = (np.abs(x) <= across - 1) & (np.abs(y) <= max(down - 1, 0.5)) & ((y > 0.5) | ((y > -0.5) & (x > 0.5)))
    return np.asarray(inside)


def _climbed(surface: Floats, shifts: Points, along: float | None = None) -> tuple[Points, Points]:
    """Climb from each shift to the peak within two pixels; return where it is, between pixels, and how high."""
    offsets = np.stack(np.meshgrid(np.arange(-2, 3), np.arange(-2, 3)), -1).reshape(-1, 2)
    if along is not None:
        offsets = np.unique(np.rint(np.outer(np.arange(-2, 3), [-np.sin(along), np.cos(along)])), axis=0).astype(int)
    places = np.rint(shifts).astype(int)[:, None] + offsets
    values = _at(surface, places[..., 0], places[..., 1])
    peak = np.take_along_axis(places, values.argmax(1)[:, None, None], axis=1)[:, 0]
    return _refined(surface, peak, values.max(1).astype(float))


def _at(surface: Floats, x: NDArray[np.intp], y: NDArray[np.intp]) -> Floats:
    """Read the surface at whole shifts of either half plane."""
    down, across = surface.shape[0] - 1, surface.shape[1] // 2
    x = np.where(y < 0, -x, x)
    return np.asarray(surface[np.minimum(np.abs(y), down), np.clip(x, -across, across) + across])


def _refined(surface: Floats, peaks: NDArray[np.intp], values: Points) -> tuple[Points, Points]:
    """Lay a parabola through each peak and its neighbors, along both axes."""
    x, y = peaks.T
    found, high = peaks.astype(float), values.astype(float).copy()
    for axis, (dx, dy) in enumerate(((1, 0), (0, 1))):
        before, after = _at(surface, x - dx, y - dy).astype(float), _at(surface, x + dx, y + dy).astype(float)
        bend = before - 2 * values + after
        slope = np.where(bend < -1e-6, (before - after) / (2 * np.minimum(bend, -1e-6)), 0).clip(-0.5, 0.5)
        found[:, axis] += slope
        high -= (before - after) * slope / 4
    return found, np.minimum(high, 1)  # a parabola overshoots where peaks are a few pixels wide


def _peaks(surface: Floats) -> tuple[Points, Points]:
    """Return the shifts (x, y) at which the surface has peaks that stand out, between pixels, and their correlations."""
    across = surface.shape[1] // 2
    around = np.full((surface.shape[0] + 2, surface.shape[1] + 2), -1, np.float32)
    around[1:-1, 1:-1] = surface
    around[0, 1:-1] = surface[min(1, len(surface) - 1), ::-1]
    higher = np.full_like(surface, -1)
    for i in range(3):
        for j in range(3):
            if (i, j) != (1, 1):
                np.maximum(higher, around[i : i + surface.shape[0], j : j + surface.shape[1]], out=higher)
    inner = np.zeros(surface.shape, bool)
    inner[:-1, 1:-1] = True
    inner[0, : across + 1] = False
    y, x = np.nonzero((surface >= higher) & (surface > LEAST) & inner)
    values = surface[y, x].astype(float)
    order = np.argsort(-values, kind="stable")[:3000]
    peaks, values = np.stack([x[order] - across, y[order]], axis=1), values[order]
    between = _at(surface, *np.rint(peaks[:, None] * STEPS[:, None]).astype(int).transpose(2, 0, 1))
    stands = between.min(1, initial=1) < values - RISE
    return _refined(surface, peaks[stands], values[stands])


def _line_peaks(surface: Floats, along: float) -> tuple[Points, Points]:
    """Return the peaks across stripes."""
    down, across = surface.shape[0] - 1, surface.shape[1] // 2
    normal = _across(along)
    length = min(reach / part for reach, part in zip((across, down), np.abs(normal), strict=True) if part > 1e-6)
    t = np.arange(0, int(length) * 2 + 1) / 2
    line = _sampled(surface, np.outer(t, normal))
    if len(line) < 5:
        return np.zeros((0, 2)), np.zeros(0)
    is_peak = (line[1:-1] >= line[:-2]) & (line[1:-1] >= line[2:]) & (line[1:-1] > LEAST)
    places = np.flatnonzero(is_peak) + 1
    lowest = np.minimum.accumulate(line)
    places = places[lowest[places] < line[places] - RISE]
    bend = line[places - 1] - 2 * line[places] + line[places + 1]
    part = np.where(bend < -1e-6, (line[places - 1] - line[places + 1]) / (2 * np.minimum(bend, -1e-6)), 0).clip(-0.5, 0.5)
    shifts = np.outer((places + part) / 2, normal)
    return shifts, _climbed(surface, shifts, along)[1]


def _across(along: float) -> Points:
    """Return the direction across stripes, as a unit vector in the upper half plane."""
    normal = np.array([np.sin(along), -np.cos(along)])
    return -normal if normal[1] < -1e-6 else normal


def _sampled(surface: Floats, shifts: Points) -> Points:
    """Read the surface between pixels, by straight lines."""
    low = np.floor(shifts).astype(int)
    part = shifts - low
    total = np.zeros(len(shifts))
    for dx in (0, 1):
        for dy in (0, 1):
            weight = np.where(dx, part[:, 0], 1 - part[:, 0]) * np.where(dy, part[:, 1], 1 - part[:, 1])
            total += weight * _at(surface, low[:, 0] + dx, low[:, 1] + dy)
    return total


def _unchanging(surface: Floats) -> float | None:
    """Return the direction in which the image stays the same at every shift, or None."""
    radius = min(surface.shape[0] - 1, surface.shape[1] // 2) - 1
    if radius < 8:
        return None
    angles, typical = np.radians(np.arange(180)), 0.0
    for reach in (radius / 4, radius):  # near by first, where half a degree does not miss a narrow stripe
        rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None] * np.linspace(2, reach, 24)[:, None]
        least = np.quantile(_sampled(surface, rays.reshape(-1, 2)).reshape(len(angles), -1), 0.1, axis=1)
        typical = typical or float(np.median(least))
        best, top = float(least.max()), float(angles[least.argmax()])
        angles = top + np.radians(np.linspace(-1, 1, 21))
    return top if best > 0.9 and best - typical > 0.1 else None
