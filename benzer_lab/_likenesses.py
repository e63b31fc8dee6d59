"""Generated rows that are to a search what rows of images are: many groups, each spread in a few directions of its own."""

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import BLOCK_ROWS

GROUPS, DIRECTIONS = 400, 48  # of rows, and in which a group spreads
FALL = 0.4  # by what power the directions of all matter less and less, as principal components of features do
APART, WIDE, NOISE = 0.8, 0.9, 0.02  # of the middles of groups, of a group, and of what is in no direction

Floats = NDArray[np.float32]


def generate(n: int, d: int, random_state: int = 0) -> Floats:
    """Return rows of length 1, in no order.

    Parameters
    ----------
    n, d : int
        Rows and columns.
    random_state : int, default=0
        The same gives the same rows.

    Returns
    -------
    ndarray of shape (n, d), float32
        About 20 dimensions by the distances of neighbors, where there are 100,000 of 512 columns.
    """
    rng = np.random.default_rng(random_state)
    scale = (np.arange(1, d + 1) ** -FALL).astype(np.float32)
    scale /= np.linalg.norm(scale)
    n_directions = min(d, DIRECTIONS)
    middles = APART * rng.standard_normal((GROUPS, d), np.float32) * scale
    directions = WIDE * rng.standard_normal((GROUPS, n_directions, d), np.float32) * scale / np.float32(n_directions**0.5)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0].astype(np.float32)
    weights = rng.dirichlet(np.full(GROUPS, 1.5))
    x = np.empty((n, d), np.float32)
    for start in range(0, n, BLOCK_ROWS):
        part = x[start : start + BLOCK_ROWS]
        of = rng.choice(GROUPS, len(part), p=weights)
        for group in np.unique(of):
            rows = np.flatnonzero(of == group)
            part[rows] = middles[group] + rng.standard_normal((len(rows), n_directions), np.float32) @ directions[group]
        part += NOISE / np.float32(d**0.5) * rng.standard_normal(part.shape, np.float32)
        part[:] = part @ turn
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return x
