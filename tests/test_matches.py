"""What two images share: colors, and places that look alike."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benzer_lab.matches import GROUND, match_palettes, match_places, places_of

Box = tuple[int, int, int, int]
RED, NEARLY_RED, BLUE, WHITE = "#B83B5E", "#BA3E60", "#2F4858", "#FFFFFF"


def test_colors_that_look_the_same_are_paired_once_and_the_larger_come_first() -> None:
    shared = match_palettes([(WHITE, 0.5), (RED, 0.3), (BLUE, 0.2)], [(BLUE, 0.6), (NEARLY_RED, 0.35), (RED, 0.05)])
    assert [(one.query, one.hit, one.query_share, one.hit_share) for one in shared] == [(BLUE, BLUE, 0.2, 0.6), (RED, RED, 0.3, 0.05)]
    assert [one.distance for one in shared] == [0, 0]


def test_the_tolerance_says_which_colors_are_one() -> None:
    assert match_palettes([(RED, 1.0)], [(NEARLY_RED, 1.0)], tolerance=0.5) == []
    [shared] = match_palettes([(RED, 1.0)], [(NEARLY_RED, 1.0)], tolerance=4)
    assert 0.5 < shared.distance < 4


@pytest.mark.parametrize(("query", "hit"), [([], []), ([], [(RED, 1.0)]), ([(RED, 1.0)], []), ([(RED, 1.0)], [(BLUE, 1.0)])])
def test_palettes_may_share_nothing(query: list[tuple[str, float]], hit: list[tuple[str, float]]) -> None:
    assert match_palettes(query, hit) == []


def stripes(size: tuple[int, int] = (256, 256)) -> Image.Image:
    image = Image.new("RGB", size, "#EDE7D7")
    pen = ImageDraw.Draw(image)
    for x in range(0, size[0], 24):
        pen.rectangle((x, 0, x + 9, size[1]), fill="#2F6480")
    return image


def dots(size: tuple[int, int] = (256, 256)) -> Image.Image:
    image = Image.new("RGB", size, "#F6D9C8")
    pen = ImageDraw.Draw(image)
    for x in range(0, size[0], 22):
        for y in range(0, size[1], 22):
            pen.ellipse((x, y, x + 9, y + 9), fill="#8B3A4A")
    return image


def with_flower(ground: Image.Image, left: int, top: int, colors: tuple[str, str] = ("#D94F30", "#F2C14E")) -> tuple[Image.Image, Box]:
    """A flower of 96 pixels on a ground, and where it is."""
    image = ground.copy()
    pen = ImageDraw.Draw(image)
    pen.ellipse((left, top, left + 96, top + 96), fill=colors[1])
    for angle in np.arange(6) * np.pi / 3:
        x, y = left + 48 + 30 * np.cos(angle), top + 48 + 30 * np.sin(angle)
        pen.ellipse((x - 17, y - 17, x + 17, y + 17), fill=colors[0])
    pen.ellipse((left + 36, top + 36, left + 60, top + 60), fill=colors[1])
    return image, (left, top, left + 96, top + 96)


def is_inside(heat: np.ndarray, box: Box, size: tuple[int, int]) -> np.ndarray:
    """Which places have their middle within a box of the image."""
    y, x = ((np.arange(n) + 0.5) * pixels / n for n, pixels in zip(heat.shape, size[::-1], strict=True))
    left, top, right, bottom = box
    return ((y[:, None] > top) & (y[:, None] < bottom)) & ((x > left) & (x < right))


@pytest.mark.parametrize("colors", [("#D94F30", "#F2C14E"), ("#3A3F8F", "#9ADBC5")], ids=["same colors", "other colors"])
@pytest.mark.parametrize("size", [(256, 256), (448, 256)], ids=["square", "wide"])
def test_the_maps_peak_on_the_motif_that_both_images_show(colors: tuple[str, str], size: tuple[int, int]) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    one, first = with_flower(stripes(), 20, 130)
    other, second = with_flower(dots(size), size[0] - 110, 24, colors)
    for heat, box, image in zip(match_places(places_of(one), places_of(other)), (first, second), (one, other), strict=True):
        inside = is_inside(heat, box, image.size)
        assert heat.dtype == np.float32
        assert heat.shape == (14, round(14 * image.width / image.height))
        assert 0 <= heat.min() <= heat.max() <= 1
        assert inside[np.unravel_index(heat.argmax(), heat.shape)]
        assert np.median(heat[inside]) > 0.3 > 0.1 > np.median(heat[~inside])


def test_a_motif_is_warmer_than_the_ground_that_both_share() -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    one, first = with_flower(stripes(), 20, 130)
    other, second = with_flower(stripes(), 140, 20)
    for heat, box in zip(match_places(places_of(one), places_of(other)), (first, second), strict=True):
        inside = is_inside(heat, box, (256, 256))
        assert inside[np.unravel_index(heat.argmax(), heat.shape)]
        assert heat[inside].mean() > 1.5 * heat[~inside].mean()


def test_images_without_a_like_stay_cooler_than_those_with_one() -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    (one, _), (other, _) = with_flower(stripes(), 20, 130), with_flower(dots(), 140, 20)
    alike, unlike = match_places(places_of(one), places_of(other)), match_places(places_of(stripes()), places_of(dots()))
    assert max(heat.max() for heat in unlike) < 0.8 * min(heat.max() for heat in alike)


def test_of_plain_colors_no_place_stands_out() -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    for heat in match_places(*(places_of(Image.new("RGB", (90, 70), color)) for color in ("red", "blue"))):
        np.testing.assert_allclose(heat, GROUND, atol=0.1)


def test_of_a_fine_repeat_the_edges_are_hardly_warmer_than_the_middle() -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    turned = Image.fromarray(np.ascontiguousarray(np.asarray(stripes())[:, 4:].transpose(1, 0, 2)))
    for heat in match_places(places_of(stripes()), places_of(turned)):
        edge = np.ones(heat.shape, bool)
        edge[2:-2, 2:-2] = False
        assert heat[edge].mean() < 1.5 * heat[~edge].mean() + 0.05


def test_a_long_strip_is_squeezed() -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    assert places_of(Image.new("RGB", (20, 2000))).shape == (56, 14, 112)
