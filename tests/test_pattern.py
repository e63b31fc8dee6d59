"""The recipe pattern-2: a design is the same whatever its colors, its turn and its scale."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benzer_lab import pattern
from benzer_lab.errors import InputError
from benzer_lab.recipes import embed_images, find_recipe

pytest.importorskip("torch", reason="needs the extra 'features'")
RECIPE = find_recipe("pattern-2")
COLORS = [(20, 40, 110), (240, 230, 200), (190, 60, 40)]


def draw(seed: int, colors: list[tuple[int, int, int]] = COLORS, side: int = 256, repeats: int = 4) -> Image.Image:
    """A repeat of a few dots and bars in two colors on a ground, drawn large and scaled down."""
    rng, large = np.random.default_rng(seed), 4 * side // repeats
    tile = Image.new("RGB", (large, large), colors[0])
    pen = ImageDraw.Draw(tile)
    for x, y, width, height in rng.uniform(0.05, 0.45, (5, 4)) * large:
        pen.ellipse((x, y, x + width, y + height), fill=colors[1])
        pen.rectangle((x + 0.4 * large, y + 0.3 * large, x + 0.4 * large + width / 2, y + 0.3 * large + height), fill=colors[2])
    return Image.fromarray(np.tile(np.asarray(tile), (repeats, repeats, 1))).resize((side, side), Image.Resampling.BOX)


def rows(*images: Image.Image) -> np.ndarray:
    return embed_images(images, RECIPE, device="cpu")


@pytest.fixture(scope="module")
def others() -> np.ndarray:
    """Rows of other designs: nearer to a design than they are, another view of it is found first."""
    return rows(*[draw(seed) for seed in range(1, 25)])


def test_rows_are_unit_float32_of_the_recipes_width(others: np.ndarray) -> None:
    assert others.shape == (24, 336)
    assert RECIPE.d == 336
    assert others.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(others, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.point(lambda value: 255 - value),
        lambda image: image.point(lambda value: 85 + value / 3),
        lambda image: image.convert("L").convert("RGB"),
        lambda image: Image.merge("RGB", image.split()[::-1]),
    ],
    ids=["negative", "a third of the contrast", "gray", "red for blue"],
)
@pytest.mark.parametrize("seed", range(4))
def test_other_colors_give_nearly_the_same_row(change: object, seed: int) -> None:
    image = draw(seed)
    assert callable(change)
    row, changed = rows(image, change(image))
    assert row @ changed > 0.9


def test_a_negative_has_the_same_maps_but_for_rounding() -> None:
    maps, negative = (pattern.color_blind(image).astype(int) for image in (draw(0), draw(0).point(lambda value: 255 - value)))
    assert (np.abs(maps - negative) > 2).mean() < 0.01  # a color on the edge between two cells of the histogram may fall into either


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.transpose(Image.Transpose.ROTATE_90),
        lambda image: image.rotate(15, Image.Resampling.BICUBIC).crop((40, 40, 216, 216)),
        lambda image: image.crop((64, 64, 192, 192)),
        lambda image: Image.fromarray(np.tile(np.asarray(image.resize((128, 128), Image.Resampling.LANCZOS)), (2, 2, 1))),
        lambda image: draw(0, [(250, 240, 90), (60, 90, 60), (20, 20, 20)]),
    ],
    ids=["90 degrees", "15 degrees", "double scale", "half scale", "another colorway"],
)
def test_a_design_is_found_again_among_others(others: np.ndarray, change: object) -> None:
    assert callable(change)
    row, changed = rows(draw(0), change(draw(0)))
    assert row @ changed > (others @ changed).max()


def test_the_same_image_gives_the_same_row() -> None:
    np.testing.assert_array_equal(rows(draw(3)), rows(draw(3)))


def test_a_row_does_not_depend_on_its_batch() -> None:
    images = [draw(seed) for seed in range(10)]
    np.testing.assert_allclose(rows(*images), np.concatenate([rows(image) for image in images]), atol=1e-5)


def test_threads_compute_the_same() -> None:
    images = [draw(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = np.concatenate([*pool.map(rows, images)])
    np.testing.assert_allclose(found, rows(*images), atol=1e-5)


@pytest.mark.parametrize("color", ["white", "black", "red"])
@pytest.mark.parametrize("size", [(1, 1), (300, 7), (256, 256)])
def test_an_image_of_one_color_has_a_row(color: str, size: tuple[int, int]) -> None:
    row = rows(Image.new("RGB", size, color))
    np.testing.assert_allclose(np.linalg.norm(row, axis=1), 1, atol=1e-6)


def test_no_images_give_no_rows() -> None:
    assert pattern.embed_pattern_2(np.empty((0, 224, 224, 3), np.uint8), device="cpu").shape == (0, 336)


@pytest.mark.parametrize("maps", [np.zeros((224, 224, 3), np.uint8), np.zeros((1, 200, 224, 3), np.uint8), np.zeros((1, 224, 224, 3))])
def test_maps_of_another_shape_or_type_are_refused(maps: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"describe: maps must have shape \(n, 224, 224, 3\) and type uint8; got shape .* color_blind"):
        pattern.embed_pattern_2(maps, device="cpu")


def test_rings_and_rays_share_out_every_frequency_between_them() -> None:
    _, frequencies, _, parts = pattern._rings()
    v, u = np.fft.fftfreq(224, 1 / 224)[:, None], np.fft.rfftfreq(224, 1 / 224)[None]
    between = np.flatnonzero((np.hypot(v, u) >= pattern.LOW) & (np.hypot(v, u) <= pattern.HIGH))
    np.testing.assert_allclose(np.bincount(frequencies, parts, minlength=v.size * u.size)[between], 1, atol=1e-5)


def test_a_turn_and_a_scale_move_the_spectrum_only() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(40 * 24), (1, 3)).reshape(1, 3, 40, 24).astype(np.float32)
    shares[:, :, :8] = shares[:, :, -8:] = 0
    turned, scaled = np.roll(shares, 5, axis=3), np.roll(shares, 8, axis=2)
    np.testing.assert_allclose(pattern._turn_free(turned), pattern._turn_free(shares), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(pattern._scale_free(turned), pattern._scale_free(shares), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(pattern._scale_free(scaled), pattern._scale_free(shares), rtol=1e-3, atol=1e-3)


def test_the_constants_are_those_that_the_recipe_names() -> None:
    data = resources.files("benzer_lab").joinpath("weights", "pattern-2.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == pattern.PATTERN_2["constants"]


def test_all_constants_stay_below_2_mb() -> None:
    folder = resources.files("benzer_lab").joinpath("weights")
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 2_000_000
