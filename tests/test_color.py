"""Color: Lab against published values, and recipe `color-1` against what an eye would say."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms

from benzer_lab import images
from benzer_lab.color import COLOR_1, delta_e, describe, rgb_to_lab
from benzer_lab.errors import InputError
from benzer_lab.images import decode

PATTERNS = Path(__file__).parents[2] / "shared" / "data" / "patterns"
SHARMA = np.array(  # G. Sharma, W. Wu, E. N. Dalal (2005), table 1: two colors as L*a*b*, and their difference
    [
        [50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425],
        [50.0, 3.1571, -77.2803, 50.0, 0.0, -82.7485, 2.8615],
        [50.0, 2.8361, -74.02, 50.0, 0.0, -82.7485, 3.4412],
        [50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0],
        [50.0, -1.1848, -84.8006, 50.0, 0.0, -82.7485, 1.0],
        [50.0, -0.9009, -85.5211, 50.0, 0.0, -82.7485, 1.0],
        [50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669],
        [50.0, -1.0, 2.0, 50.0, 0.0, 0.0, 2.3669],
        [50.0, 2.49, -0.001, 50.0, -2.49, 0.0009, 7.1792],
        [50.0, 2.49, -0.001, 50.0, -2.49, 0.001, 7.1792],
        [50.0, 2.49, -0.001, 50.0, -2.49, 0.0011, 7.2195],
        [50.0, 2.49, -0.001, 50.0, -2.49, 0.0012, 7.2195],
        [50.0, -0.001, 2.49, 50.0, 0.0009, -2.49, 4.8045],
        [50.0, -0.001, 2.49, 50.0, 0.001, -2.49, 4.8045],
        [50.0, -0.001, 2.49, 50.0, 0.0011, -2.49, 4.7461],
        [50.0, 2.5, 0.0, 50.0, 0.0, -2.5, 4.3065],
        [50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492],
        [50.0, 2.5, 0.0, 61.0, -5.0, 29.0, 22.8977],
        [50.0, 2.5, 0.0, 56.0, -27.0, -3.0, 31.903],
        [50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535],
        [50.0, 2.5, 0.0, 50.0, 3.1736, 0.5854, 1.0],
        [50.0, 2.5, 0.0, 50.0, 3.2972, 0.0, 1.0],
        [50.0, 2.5, 0.0, 50.0, 1.8634, 0.5757, 1.0],
        [50.0, 2.5, 0.0, 50.0, 3.2592, 0.335, 1.0],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.263],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.248, -4.962, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.694, 23.0331, 14.973, -42.5619, 2.0373],
        [36.4612, 47.858, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.441, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.135, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)


def field(color: tuple[int, int, int], *accents: tuple[tuple[int, int, int], float]) -> np.ndarray:
    """100 x 100 pixels of one color, with accents that cover a share each."""
    pixels = np.full((10_000, 3), color, np.uint8)
    start = 0
    for accent, share in accents:
        stop = start + round(share * len(pixels))
        pixels[start:stop] = accent
        start = stop
    return pixels.reshape(100, 100, 3)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(describe(a) - describe(b)))


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        # B. Lindbloom, CIE Color Calculator (sRGB, D65, no adaptation)
        ((255, 0, 0), (53.2408, 80.0925, 67.2032)),
        ((0, 255, 0), (87.7347, -86.1827, 83.1793)),
        ((0, 0, 255), (32.2970, 79.1875, -107.8602)),
        ((0, 255, 255), (91.1132, -48.0875, -14.1312)),
        ((255, 0, 255), (60.3242, 98.2343, -60.8249)),
        ((255, 255, 0), (97.1393, -21.5537, 94.4780)),
        ((255, 255, 255), (100, 0, 0)),
        ((128, 128, 128), (53.5850, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_rgb_to_lab_meets_published_values(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(rgb_to_lab(rgb), lab, atol=0.02)


def test_rgb_to_lab_agrees_with_littlecms_on_lightness_and_gray(rng: np.random.Generator) -> None:
    # littleCMS adapts to D50, which moves a* and b* but hardly L*; grays stay gray under both
    rgb = rng.integers(0, 256, (50, 50, 3), dtype=np.uint8)
    rgb[:25] = rgb[:25, :, :1]
    theirs = ImageCms.profileToProfile(
        Image.fromarray(rgb), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), renderingIntent=1, outputMode="LAB"
    )
    lab = np.asarray(theirs).astype(float)
    ours = rgb_to_lab(rgb)
    np.testing.assert_allclose(ours[:25, :, 0], lab[:25, :, 0] / 2.55, atol=0.5)
    np.testing.assert_allclose(ours[..., 0], lab[..., 0] / 2.55, atol=4)
    np.testing.assert_allclose(ours[:25, :, 1:], 0, atol=0.02)


def test_rgb_to_lab_keeps_the_shape_and_is_float32() -> None:
    lab = rgb_to_lab(np.zeros((4, 5, 3), np.uint8))
    assert (lab.shape, lab.dtype) == ((4, 5, 3), np.float32)


def test_delta_e_meets_the_published_pairs() -> None:
    np.testing.assert_allclose(delta_e(SHARMA[:, :3], SHARMA[:, 3:6]), SHARMA[:, 6], atol=5e-5)


def test_delta_e_is_the_same_both_ways_and_zero_only_for_the_same(rng: np.random.Generator) -> None:
    lab = rgb_to_lab(rng.integers(0, 256, (60, 3)))
    apart = delta_e(lab[:, None], lab)
    np.testing.assert_allclose(apart, apart.T, atol=1e-9)
    assert (np.diag(apart) == 0).all()
    assert (apart[~np.eye(60, dtype=bool)] > 0).all()
    assert delta_e([0, 0, 0], [100, 0, 0]) == pytest.approx(100)


def test_recipe_can_be_written_into_a_card() -> None:
    assert json.loads(json.dumps(COLOR_1)) == COLOR_1


@given(pixels=arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
@settings(deadline=None)
def test_row_has_length_one_whatever_the_pixels(pixels: np.ndarray) -> None:
    row = describe(pixels)
    assert (row.shape, row.dtype) == ((224,), np.float32)
    assert row.min() >= 0
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


@given(pixels=arrays(np.uint8, (8, 6, 3)), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_row_does_not_depend_on_where_the_colors_are(pixels: np.ndarray, seed: int) -> None:
    mixed = np.random.default_rng(seed).permutation(pixels.reshape(-1, 3)).reshape(4, 12, 3)
    np.testing.assert_allclose(describe(mixed), describe(pixels), atol=1e-6)


@given(pixels=arrays(np.uint8, (4, 6, 3)))
@settings(deadline=None)
def test_row_does_not_depend_on_size(pixels: np.ndarray) -> None:
    np.testing.assert_allclose(describe(np.repeat(pixels, 3, axis=0)), describe(pixels), atol=1e-6)


def test_other_colors_are_as_far_as_it_gets() -> None:
    assert distance(field((200, 30, 40)), field((20, 60, 160))) == pytest.approx(2**0.5, abs=1e-3)


def test_a_small_change_of_color_is_a_small_distance() -> None:
    base = field((150, 100, 80))
    steps = [distance(base, field((150 + step, 100, 80))) for step in (4, 12, 24, 48)]
    assert steps == sorted(steps)
    assert steps[0] < 0.35


def test_an_accent_of_two_percent_counts() -> None:
    ground, accent = (240, 235, 225), (200, 20, 40)
    plain, touched = field(ground), field(ground, (accent, 0.02))
    # The same ground with a little more of the accent is far nearer than the ground alone
    assert distance(touched, plain) > 0.14
    assert distance(touched, plain) > 3 * distance(touched, field(ground, (accent, 0.03)))


def test_areas_count() -> None:
    navy, cream = (20, 30, 80), (240, 230, 210)
    half = field(navy, (cream, 0.5))
    assert distance(half, field(navy, (cream, 0.4))) < distance(half, field(navy, (cream, 0.1)))


def test_jpeg_moves_a_design_less_than_another_colorway() -> None:
    design = field((20, 30, 80), ((240, 230, 210), 0.3), ((200, 20, 40), 0.05))
    file = io.BytesIO()
    Image.fromarray(design).save(file, "JPEG", quality=40)
    recolored = field((25, 90, 60), ((240, 230, 210), 0.3), ((200, 20, 40), 0.05))
    assert distance(design, np.asarray(Image.open(file))) < 0.4 * distance(design, recolored)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3))],
    ids=["empty", "gray", "with alpha", "float"],
)
def test_describe_refuses_what_is_no_rgb(pixels: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"^describe: pixels must be a uint8 array of shape \(h, w, 3\) with pixels; got "):
        describe(pixels)


@pytest.mark.slow
@pytest.mark.skipif(not PATTERNS.is_dir(), reason="the designs to measure with (../shared/data) are not here")
def test_same_palette_on_another_design_is_found() -> None:
    with (PATTERNS / "truth.csv").open() as file:
        truth = list(csv.DictReader(file))
    rows = np.stack([describe(np.asarray(decode(PATTERNS / "images" / t["filename"], target=int(COLOR_1["target"])))) for t in truth])
    design, colorway = (np.array([t[key] for t in truth]) for key in ("design_id", "colorway"))
    others = design[:, None] != design
    order = np.argsort(np.where(others, -(rows @ rows.T), np.inf), axis=1, kind="stable")
    relevant = np.take_along_axis((colorway[:, None] == colorway) & others, order, axis=1)
    precision = relevant.cumsum(1) / np.arange(1, len(truth) + 1)
    # Measured: P@1 .985, mAP .844; the issue asks for .77
    assert relevant[:, 0].mean() > 0.96
    assert ((relevant * precision).sum(1) / relevant.sum(1)).mean() > 0.82


def test_large_images_are_counted_in_parts_with_the_same_row(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = rng.integers(0, 256, (90, 131, 3), dtype=np.uint8)
    row = describe(pixels)
    monkeypatch.setattr(images, "TILE", 17)
    np.testing.assert_array_equal(describe(pixels), row)
    np.testing.assert_array_equal(describe(Image.fromarray(pixels)), row)


@pytest.mark.parametrize("kind", [np.asarray, Image.fromarray])
def test_a_ribbon_takes_little_memory(kind: Callable[[np.ndarray], np.ndarray | Image.Image]) -> None:
    ribbon = kind(np.zeros((25_000, 400, 3), np.uint8))  # 30 MB, from a file of 2 kB
    describe(field((1, 2, 3)))
    tracemalloc.start()
    describe(ribbon)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000  # 2^20 pixels at a time; 320 MB when all were looked at at once
