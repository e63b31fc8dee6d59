"""What needs no weights, for comparison: local binary patterns with orientations, and a histogram of Lab."""

import numpy as np
from fit_pattern_2 import Floats
from PIL import Image, ImageFilter

from benzer_lab.color import rgb_to_lab
from benzer_lab.network import SIDE, middle_square

_AROUND = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_BITS = np.arange(256)[:, None] >> np.arange(8) & 1
_UNIFORM = (np.roll(_BITS, 1, axis=1) != _BITS).sum(1) <= 2  # at most one run of ones around the circle
_PATTERN = np.where(_UNIFORM, np.cumsum(_UNIFORM), 0)  # 58 uniform patterns; 0 is all others
RADII, BLUR, N_ORIENTATIONS = (1, 2, 4), 1, 18
LEVELS = 8  # of each of L*, a* and b*


def textures(images: list[Image.Image]) -> Floats:
    """Describe gray images by uniform local binary patterns at three radii and by the directions of their edges."""
    return np.stack([_texture(image) for image in images])


def lab_histograms(images: list[Image.Image]) -> Floats:
    """Describe images by the roots of the areas that 8 x 8 x 8 cells of Lab cover: cosine is then Bhattacharyya's coefficient."""
    return np.stack([_lab_histogram(image) for image in images])


def _texture(image: Image.Image) -> Floats:
    """Return roots of the shares of all patterns and directions, each block of length 1."""
    gray = Image.fromarray(middle_square(image)).convert("L").filter(ImageFilter.GaussianBlur(BLUR))
    x = np.asarray(gray, np.float32)
    down, right = np.gradient(x)
    angle = (np.arctan2(down, right) % np.pi / np.pi * N_ORIENTATIONS).astype(np.intp) % N_ORIENTATIONS
    directions = np.bincount(angle.ravel(), np.hypot(down, right).ravel(), N_ORIENTATIONS)
    blocks = [np.bincount(_PATTERN[_codes(x, radius)].ravel(), minlength=59) for radius in RADII]
    return np.concatenate([np.sqrt(block / max(block.sum(), 1e-9)) for block in (*blocks, directions)]).astype(np.float32)


def _codes(x: Floats, radius: int) -> np.ndarray:
    """Return of each pixel which of its eight neighbors are at least as light, as bits."""
    n = SIDE - 2 * radius
    middle = x[radius : radius + n, radius : radius + n]
    codes = np.zeros(middle.shape, np.uint8)
    for bit, (down, right) in enumerate(_AROUND):
        top, left = radius * (1 + down), radius * (1 + right)
        codes |= (x[top : top + n, left : left + n] >= middle).astype(np.uint8) << bit
    return codes


def _lab_histogram(image: Image.Image) -> Floats:
    """Count pixels."""
    lab = rgb_to_lab(middle_square(image).reshape(-1, 3))
    cells = (np.add(lab, (0, 100, 100)) / (100, 200, 200) * LEVELS).clip(0, LEVELS - 1).astype(np.intp)
    counts = np.bincount(cells @ (LEVELS * LEVELS, LEVELS, 1), minlength=LEVELS**3)
    return np.sqrt(counts / counts.sum()).astype(np.float32)
