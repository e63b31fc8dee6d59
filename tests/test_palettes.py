"""Palettes: recipe `color-2` against what an eye would say, the palette of an image, and palettes as questions."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from benzer_lab import images
from benzer_lab._bins import COLOR_2, color_grid, counted
from benzer_lab.color import delta_e, rgb_to_lab
from benzer_lab.errors import ImageError, InputError
from benzer_lab.images import decode
from benzer_lab.palettes import SHOWN, Palette, describe_palette, palette_of, readout
from benzer_lab.sample import draw_archive
from tests.test_color import field

PATTERNS = Path(__file__).parents[2] / "shared" / "data" / "patterns"
NAVY, CREAM, RED = (20, 30, 80), (240, 230, 210), (200, 20, 40)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(describe_palette(a) - describe_palette(b)))


def precision(rows: np.ndarray, design: np.ndarray, colorway: np.ndarray) -> tuple[float, float]:
    """P@1 and mAP of the same colorway on other designs."""
    others = design[:, None] != design
    order = np.argsort(np.where(others, -(rows @ rows.T), np.inf), axis=1, kind="stable")
    relevant = np.take_along_axis((colorway[:, None] == colorway) & others, order, axis=1)
    asked = relevant.any(1)
    at = relevant.cumsum(1) / np.arange(1, len(rows) + 1)
    return relevant[asked, 0].mean(), ((relevant * at).sum(1)[asked] / relevant.sum(1)[asked]).mean()


@given(pixels=arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
@settings(deadline=None, max_examples=40)
def test_row_has_length_one_whatever_the_pixels(pixels: np.ndarray) -> None:
    row = describe_palette(pixels)
    assert (row.shape, row.dtype) == ((384,), np.float32)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_rows_are_those_of_other_machines() -> None:
    # Signs and values of a few columns, as computed when the recipe was made
    row = describe_palette(field(NAVY, (CREAM, 0.3), (RED, 0.05)))
    np.testing.assert_allclose(row[[0, 1, 2, 50, 100, 383]], [-0.13530, -0.07300, -0.06639, 0.03680, -0.00303, -0.01731], atol=1e-4)


def test_recipe_can_be_written_into_a_card() -> None:
    assert json.loads(json.dumps(COLOR_2)) == COLOR_2


def test_a_palette_has_no_order() -> None:
    stripes = field(NAVY, (CREAM, 0.3), (RED, 0.05))
    np.testing.assert_allclose(describe_palette(stripes[::-1]), describe_palette(stripes), atol=1e-5)


def test_a_small_change_of_color_is_a_small_distance_and_a_larger_one_larger() -> None:
    base = field((150, 100, 80))
    steps = [distance(base, field((150 + step, 100, 80))) for step in (4, 12, 24, 48, 96)]
    assert steps == sorted(steps)
    assert steps[0] < 0.5


def test_colors_that_share_nothing_are_still_nearer_or_farther() -> None:
    red, blue = field((200, 30, 40)), field((20, 60, 160))
    assert distance(red, field((230, 120, 60))) < distance(red, blue) - 0.02


def test_distances_of_single_colors_rise_with_ciede2000(rng: np.random.Generator) -> None:
    colors = rng.integers(0, 256, (150, 3), dtype=np.uint8)
    rows = np.stack([describe_palette(color[None, None]) for color in colors])
    lab = rgb_to_lab(colors)
    pairs = np.triu_indices(len(colors), 1)
    apart, far = delta_e(lab[:, None], lab)[pairs], np.linalg.norm(rows[:, None] - rows, axis=-1)[pairs]
    ranks = [values.argsort().argsort() for values in (apart, far)]
    assert np.corrcoef(*ranks)[0, 1] > 0.85


def test_an_accent_of_two_percent_counts() -> None:
    plain, touched = field(CREAM), field(CREAM, (RED, 0.02))
    assert distance(touched, plain) > 0.3
    assert distance(touched, plain) > 3 * distance(touched, field(CREAM, (RED, 0.03)))


def test_a_speck_counts_little() -> None:
    assert distance(field(CREAM), field(CREAM, (RED, 0.0004))) < 0.4 * distance(field(CREAM), field(CREAM, (RED, 0.02)))


def test_areas_count() -> None:
    half = field(NAVY, (CREAM, 0.5))
    assert distance(half, field(NAVY, (CREAM, 0.4))) < distance(half, field(NAVY, (CREAM, 0.1)))


def test_soft_edges_move_a_design_less_than_another_color_does() -> None:
    dots = Image.new("RGB", (1024, 1024), NAVY)
    for x in range(0, 1024, 128):
        for y in range(0, 1024, 128):
            ImageDraw.Draw(dots).ellipse([x + 24, y + 24, x + 104, y + 104], fill=CREAM)
    sharp, soft = (np.asarray(dots.resize((256, 256), how)) for how in (Image.Resampling.NEAREST, Image.Resampling.BICUBIC))
    assert distance(sharp, soft) < 0.5 * distance(sharp, np.where(sharp == NAVY, np.uint8([60, 30, 80]), sharp))
    plain, flat = counted(soft, caller="test")
    assert (flat > 0).sum() == (plain > 0).sum()
    pure = plain > 1000  # the two colors themselves
    assert flat[pure].sum() / flat.sum() > plain[pure].sum() / plain.sum()


def test_jpeg_moves_a_design_less_than_another_colorway() -> None:
    design = field(NAVY, (CREAM, 0.3), (RED, 0.05))
    file = io.BytesIO()
    Image.fromarray(design).save(file, "JPEG", quality=40)
    recolored = field((25, 90, 60), (CREAM, 0.3), (RED, 0.05))
    assert distance(design, np.asarray(Image.open(file))) < 0.8 * distance(design, recolored)


@pytest.mark.parametrize("ask", [describe_palette, palette_of])
@pytest.mark.parametrize(
    "pixels",
    [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3)), "D-1.png"],
    ids=["empty", "gray", "with alpha", "float", "a name"],
)
def test_what_is_no_rgb_is_refused(ask: Callable[[Any], object], pixels: Any) -> None:
    with pytest.raises(InputError, match=rf"^{ask.__name__}: pixels must be a uint8 array of shape \(h, w, 3\) with pixels; got "):
        ask(pixels)


def test_large_images_are_counted_in_parts_with_the_same_row(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = rng.integers(0, 256, (90, 131, 3), dtype=np.uint8)
    row = describe_palette(pixels)
    monkeypatch.setattr(images, "TILE", 17)
    np.testing.assert_array_equal(describe_palette(pixels), row)
    np.testing.assert_array_equal(describe_palette(Image.fromarray(pixels)), row)


@pytest.mark.parametrize("kind", [np.asarray, Image.fromarray])
def test_a_ribbon_takes_little_memory(kind: Callable[[np.ndarray], np.ndarray | Image.Image]) -> None:
    ribbon = kind(np.zeros((25_000, 400, 3), np.uint8))
    describe_palette(field((1, 2, 3)))
    tracemalloc.start()
    describe_palette(ribbon)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_palette_of_flat_areas_is_exact() -> None:
    found = palette_of(field((0xF5, 0xEB, 0xDD), ((0xB8, 0x3B, 0x5E), 0.25), ((0x10, 0x40, 0x30), 0.02)))
    assert found == [("#F5EBDD", pytest.approx(0.73)), ("#B83B5E", pytest.approx(0.25)), ("#104030", pytest.approx(0.02))]


def test_palette_of_leaves_out_what_is_under_two_percent() -> None:
    assert palette_of(field(CREAM, (RED, 0.01))) == [("#F0E6D2", 1.0)]


def test_palette_of_merges_colors_that_look_the_same() -> None:
    found = palette_of(field((120, 120, 120), ((126, 120, 118), 0.4)))
    assert len(found) == 1


def test_palette_of_a_noisy_jpeg_is_that_of_the_design(rng: np.random.Generator) -> None:
    design = np.kron(field(NAVY, (CREAM, 0.3), (RED, 0.06)), np.ones((3, 3, 1), np.uint8))
    noisy = (design + rng.normal(0, 3, design.shape)).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=75)
    found = palette_of(file.getvalue())
    apart = delta_e(rgb_to_lab([NAVY, CREAM, RED]), rgb_to_lab([list(bytes.fromhex(color[1:])) for color, _ in found[:3]]))
    assert apart.max() < 4


@given(pixels=arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3))))
@settings(deadline=None, max_examples=40)
def test_palette_of_anything_is_a_palette(pixels: np.ndarray) -> None:
    found = palette_of(pixels)
    shares = [share for _, share in found]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert min(shares) >= 0.02
    assert len(Palette(dict(found)).shares) == len(found)


def test_palette_of_names_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.png"):
        palette_of(tmp_path / "gone.png")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"colors": {}}, r"colors must be 1 to 100 hex colors with weights, such as \{'#B83B5E': 2\}; got \{\}\.$"),
        ({"colors": "#B83B5E"}, "colors must be 1 to 100 hex colors with weights"),
        ({"colors": [f"#{i:06X}" for i in range(101)]}, "colors must be 1 to 100 hex colors with weights"),
        ({"colors": {"red": 1}}, r"colors must be written as '#RRGGBB', such as '#B83B5E'; got 'red'\.$"),
        ({"colors": ["#12345"]}, "colors must be written as '#RRGGBB'"),
        ({"colors": ["#B83B5E\n"]}, "colors must be written as '#RRGGBB'"),
        ({"colors": {"#B83B5E": -1}}, r"weights must be numbers above 0; got -1 for '#B83B5E'\.$"),
        ({"colors": {"#B83B5E": 0}}, "weights must be numbers above 0"),
        ({"colors": {"#B83B5E": float("nan")}}, "weights must be numbers above 0"),
        ({"colors": {"#B83B5E": True}}, "weights must be numbers above 0"),
        ({"colors": ["#B83B5E"], "tolerance": 1}, r"tolerance must be a number from 4 to 50 \(CIEDE2000\); got 1\.$"),
        ({"colors": ["#B83B5E"], "must_show": "some"}, "must_show must be one of 'all', 'any'; got 'some'"),
    ],
)
def test_palette_refuses_what_is_none(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=f"^Palette: {sentence}"):
        Palette(**options)


def test_a_picture_of_a_palette_has_its_areas() -> None:
    palette = Palette({"#F5EBDD": 3, "#b83b5e": 1})
    assert palette_of(palette.picture()) == [("#F5EBDD", 0.75), ("#B83B5E", 0.25)]


def test_a_picture_of_a_palette_shows_every_color() -> None:
    palette = Palette({"#000000": 1e9, **{f"#{i:06X}": 1 for i in range(0x100, 0x163)}})
    assert len(np.unique(np.asarray(palette.picture()).reshape(-1, 3), axis=0)) == 100


def test_readout_tells_an_accent_from_its_absence() -> None:
    accent = np.uint8(RED)
    five = field(NAVY, (CREAM, 0.3), ((90, 160, 120), 0.2), ((230, 180, 60), 0.1), (RED, 0.03))
    without = field(NAVY, (CREAM, 0.3), ((90, 160, 120), 0.2), ((230, 180, 60), 0.1))
    assert describe_palette(five) @ readout(accent, 8) > SHOWN
    assert describe_palette(without) @ readout(accent, 8) < SHOWN / 2


def test_color_bins_are_every_color() -> None:
    grid = color_grid()
    assert grid.apart.shape == (len(grid.lab), len(grid.lab))
    assert (grid.apart == grid.apart.T).all()
    assert delta_e(rgb_to_lab([255, 0, 0]), grid.lab).min() < 6


def test_same_palette_on_another_drawn_design_is_found(tmp_path: Path) -> None:
    folder = draw_archive(tmp_path / "drawn", n_designs=48, size=128, n_jobs=1, progress=False)
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        truth = [t for t in csv.DictReader(file) if not t["duplicate_of"]]
    rows = np.stack([describe_palette(decode(folder / "images" / t["filename"], target=224)) for t in truth])
    _, found = precision(rows, *(np.array([t[key] for t in truth]) for key in ("design_id", "colorway")))
    # Measured: .911; color-1 .810
    assert found > 0.88


@pytest.mark.slow
@pytest.mark.skipif(not PATTERNS.is_dir(), reason="the designs to measure with (../shared/data) are not here")
def test_same_palette_on_another_design_is_found() -> None:
    with (PATTERNS / "truth.csv").open() as file:
        truth = list(csv.DictReader(file))
    rows = np.stack([describe_palette(decode(PATTERNS / "images" / t["filename"], target=int(COLOR_2["target"]))) for t in truth])
    first, found = precision(rows, *(np.array([t[key] for t in truth]) for key in ("design_id", "colorway")))
    # Measured: P@1 .993, mAP .926 (docs/decisions/0008-color-2.md); the issue asks for .92
    assert first > 0.98
    assert found > 0.92
