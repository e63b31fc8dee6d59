"""A design as it comes back: turned, scaled, photographed, recolored; and setts woven at random."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benzer_lab.network import SIDE

Floats = NDArray[np.float32]
PROTOCOLS = ("turned 15 degrees", "turned 90 degrees", "half scale", "double scale", "photographed", "in gray", "negative", "faint")


def disturbed(image: Image.Image, protocol: str, rng: np.random.Generator) -> Image.Image:
    """Return a square image of a seamless design as one of PROTOCOLS has it."""
    side = image.width
    middle = (side // 4, side // 4, side // 4 + side // 2, side // 4 + side // 2)
    if protocol == "turned 15 degrees":  # the middle half alone, so that no empty corner is left
        return image.rotate(15, Image.Resampling.BICUBIC).crop(middle)
    if protocol == "turned 90 degrees":
        return image.transpose(Image.Transpose.ROTATE_90)
    if protocol == "half scale":
        return Image.fromarray(np.tile(np.asarray(image), (2, 2, 1))).resize((side, side), Image.Resampling.LANCZOS)
    if protocol == "double scale":
        return image.crop(middle).resize((side, side), Image.Resampling.BICUBIC)
    if protocol == "photographed":
        return _on_the_table(image, rng)
    if protocol == "in gray":
        return image.convert("L").convert("RGB")
    if protocol == "negative":
        return image.point(lambda value: 255 - value)
    return image.point(lambda value: 85 + value / 3)


def _on_the_table(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Photograph a design at a slant, in uneven light with a cast, with noise and as JPEG."""
    side = image.width
    x = view(image, seamless=True, side=side, scale=1.1, corners=rng.uniform(-0.08, 0.08, (4, 2)))
    x = lit(x, rng, 0.35) * rng.uniform(0.88, 1.12, 3).astype(np.float32)
    return squeezed(x + rng.normal(0, 6, x.shape), 60)


def random_view(image: Image.Image, rng: np.random.Generator, *, seamless: bool, p_recolor: float) -> Image.Image:
    """Return a view of a design: another scale, turn, part, slant, and often other colors or the marks of a camera."""
    scale = np.exp(rng.uniform(np.log(0.45), np.log(2.1))) if rng.random() < 0.75 else 1.0
    angle = rng.uniform(0, 360) if rng.random() < 0.6 else 90.0 * rng.integers(4)
    shift = rng.uniform(-1, 1, 2) * (rng.random() < 0.8) * (0.5 if seamless else 0.25)
    corners = rng.uniform(-0.09, 0.09, (4, 2)) * (rng.random() < 0.4)
    x = view(image, seamless=seamless, scale=scale, angle=angle, shift=shift, corners=corners)
    if rng.random() < p_recolor:
        x = recolored(x, rng)
    if rng.random() < 0.55:
        return photographed(x, rng)
    return squeezed(x, int(rng.integers(40, 95))) if rng.random() < 0.3 else _image(x)


def view(
    image: Image.Image,
    *,
    seamless: bool,
    side: int = SIDE,
    scale: float = 1.0,
    angle: float = 0.0,
    shift: NDArray[np.floating] | tuple[float, float] = (0.0, 0.0),
    corners: NDArray[np.floating] | None = None,
) -> Floats:
    """Look at a design that goes on without end, in repeats or mirrored, through a square of `side` pixels."""
    step = min(image.size) / scale / side  # pixels of the image a pixel of the view
    if step > 1.05:  # else thin lines would fall between the pixels looked at
        image = image.resize(tuple(max(8, round(n / step)) for n in image.size), Image.Resampling.LANCZOS)
        step = min(image.size) / scale / side
    source = np.asarray(image, np.float32)
    grid = np.arange(side) + 0.5 - side / 2
    x, y = np.meshgrid(grid, grid)
    if corners is not None and corners.any():
        frame = side / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        h = _homography(frame, frame + corners * side)
        depth = h[2, 0] * x + h[2, 1] * y + 1
        x, y = (h[0, 0] * x + h[0, 1] * y + h[0, 2]) / depth, (h[1, 0] * x + h[1, 1] * y + h[1, 2]) / depth
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    u = (cos * x - sin * y) * step + source.shape[1] * (0.5 + shift[0]) - 0.5
    v = (sin * x + cos * y) * step + source.shape[0] * (0.5 + shift[1]) - 0.5
    return _read(source, u, v, seamless)


def recolored(x: Floats, rng: np.random.Generator) -> Floats:
    """Give an image other colors: its negative, a gray, less contrast, or a random mix of its channels."""
    kind, mean = rng.random(), x.mean((0, 1))
    if kind < 0.2:
        return 255 - x
    if kind < 0.4:
        gray = np.repeat((x @ rng.dirichlet([2, 3, 1]).astype(np.float32))[..., None], 3, axis=-1)
        return gray if rng.random() < 0.5 else 255 - gray
    if kind < 0.5:
        return mean + (x - mean) * np.float32(rng.uniform(0.35, 1.3))
    mix = np.eye(3)[rng.permutation(3)] * rng.choice([-1, 1], 3) + rng.normal(0, 0.35, (3, 3))
    y = (x - mean) @ mix.T.astype(np.float32)
    contrast = rng.uniform(35, 70) / max(float(y.std()), 4.0) * min(1.0, float(x.std((0, 1)).mean()) / 20)
    return (y * np.float32(contrast) + rng.uniform(60, 195, 3).astype(np.float32)).clip(0, 255)


def photographed(x: Floats, rng: np.random.Generator) -> Image.Image:
    """Add what a camera adds: uneven light, a cast, another gamma, blur, noise and JPEG."""
    x = lit(x, rng, 0.35) * rng.uniform(0.88, 1.12, 3).astype(np.float32) * np.float32(rng.uniform(0.8, 1.1))
    x = 255 * (x.clip(0, 255) / 255) ** np.float32(rng.uniform(0.8, 1.25))
    if rng.random() < 0.5:
        x = np.asarray(_image(x).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.0))), np.float32)
    return squeezed(x + rng.normal(0, rng.uniform(2, 8), x.shape), int(rng.integers(45, 92)))


def lit(x: Floats, rng: np.random.Generator, amount: float) -> Floats:
    """Let the light fall off to one side."""
    grid, angle = np.linspace(-1, 1, len(x), dtype=np.float32), rng.uniform(0, 2 * np.pi)
    slope = np.add.outer(np.sin(angle) * grid, np.cos(angle) * grid) * rng.uniform(0.3, 1) / 1.4
    return np.asarray(x * (1 + amount * slope)[..., None], np.float32)


def squeezed(x: NDArray[np.floating], quality: int) -> Image.Image:
    """Return an image as JPEG leaves it."""
    file = io.BytesIO()
    _image(x).save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def random_sett(rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the color of each thread of a sett, most often one that turns back at its pivots."""
    n, n_colors = int(rng.integers(3, 12)), int(rng.integers(2, 7))
    widths = np.rint(np.exp(rng.uniform(np.log(1.5), np.log(40), n))).astype(int)
    colors = np.cumsum(rng.integers(1, n_colors, n)) % n_colors  # neighbors differ
    threads = np.repeat(colors, widths)
    return np.concatenate([threads, threads[::-1]]) if rng.random() < 0.85 else threads


def woven(threads: NDArray[np.intp], rng: np.random.Generator, side: int = 256) -> Image.Image:
    """Weave a sett as 2/2 twill in random colors, some repeats of it to a side."""
    palette = rng.integers(0, 256, (threads.max() + 1, 3))
    n = int(np.clip(len(threads) * rng.uniform(1.2, 2.6), 64, 400))
    warp, weft = (palette[threads[(np.arange(n) + rng.integers(len(threads))) % len(threads)]] for _ in range(2))
    weft = weft if rng.random() < 0.3 else warp
    over = (np.add.outer(np.arange(n), np.arange(n)) % 4 < 2)[..., None]
    cloth = Image.fromarray(np.where(over, warp[None], weft[:, None]).astype(np.uint8))
    return cloth.resize((side, side), Image.Resampling.LANCZOS if n > side else Image.Resampling.BICUBIC)


def _image(x: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.rint(x).clip(0, 255).astype(np.uint8))


def _homography(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the projective map that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return np.append(np.linalg.solve(np.array(rows, float), target.ravel()), 1).reshape(3, 3)


def _read(source: Floats, u: NDArray[np.floating], v: NDArray[np.floating], seamless: bool) -> Floats:
    """Read a picture between its pixels, bilinearly; beyond its edge it repeats, or is mirrored."""
    height, width = source.shape[:2]

    def within(i: NDArray[np.intp], n: int) -> NDArray[np.intp]:
        i = i % n if seamless else i % (2 * n)
        return np.where(i < n, i, 2 * n - 1 - i)

    x, y = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
    right, down = (u - x)[..., None].astype(np.float32), (v - y)[..., None].astype(np.float32)
    left, far, top, low = within(x, width), within(x + 1, width), within(y, height) * width, within(y + 1, height) * width
    flat = source.reshape(-1, 3)
    above = flat[top + left] * (1 - right) + flat[top + far] * right
    below = flat[low + left] * (1 - right) + flat[low + far] * right
    return np.asarray(above * (1 - down) + below * down, np.float32)
