"""The repeat of a design: units drawn here must be found, and none where there is none."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import benzer_lab as bl
from benzer_lab import repeat_store
from benzer_lab._selfsimilarity import correlation
from benzer_lab.repeats import Repeat, find_repeat
from tests.small_archive import write_small_archive

Pixels = NDArray[np.uint8]
SHIFTS = {"straight": (0.0, 0.0), "half-drop": (0.0, 0.5), "brick": (0.5, 0.0)}


def tile(width: int, height: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw a soft random motif that wraps, of shape (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    color = np.full((height, width, 3), 128.0)
    for _ in range(5):
        dx, dy = ((axis - rng.uniform(0, n) + n / 2) % n - n / 2 for axis, n in ((x, width), (y, height)))
        spot = np.exp(-(dx**2 + dy**2) / (2 * (min(width, height) * rng.uniform(0.08, 0.2)) ** 2))
        color += spot[..., None] * rng.uniform(-110, 110, 3)
    return color


def cloth(kind: str, width: int, height: int, size: tuple[int, int] = (320, 300), seed: int = 0) -> Pixels:
    """Lay a unit over an image of `size` (width, height)."""
    unit = tile(width, height, seed)
    y, x = np.mgrid[: size[1], : size[0]]
    across, down = SHIFTS[kind]
    x, y = x + np.floor(y / height).astype(int) * int(across * width), y + np.floor(x / width).astype(int) * int(down * height)
    return unit[y % height, x % width].clip(0, 255).astype(np.uint8)


def noise(size: tuple[int, int] = (300, 280)) -> Pixels:
    """Smooth noise, like a watercolor that never repeats."""
    rng = np.random.default_rng(3)
    small = Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8))
    return np.asarray(small.resize(size, Image.Resampling.BICUBIC))


def as_found(repeat: Repeat) -> tuple[float, float, str]:
    assert repeat.width is not None
    assert repeat.height is not None
    return repeat.width, repeat.height, repeat.kind


@settings(max_examples=12, deadline=None)
@given(
    width=st.integers(30, 110),
    height=st.integers(30, 110),
    seed=st.integers(0, 50),
    size=st.tuples(st.integers(240, 400), st.integers(240, 400)),
)
def test_a_straight_repeat_is_found_to_three_percent(width: int, height: int, seed: int, size: tuple[int, int]) -> None:
    found = find_repeat(cloth("straight", width, height, size, seed))
    assert as_found(found) == (pytest.approx(width, rel=0.03), pytest.approx(height, rel=0.03), "straight")
    assert found.confidence > 0.5


@pytest.mark.parametrize(("width", "height"), [(60, 60), (64, 80), (50, 72)])
def test_a_half_drop_is_found(width: int, height: int) -> None:
    found = find_repeat(cloth("half-drop", width, height))
    assert as_found(found) == (pytest.approx(width, rel=0.03), pytest.approx(height, rel=0.03), "half-drop")


def test_turning_by_a_quarter_swaps_half_drop_and_brick() -> None:
    pixels = cloth("half-drop", 64, 80)
    width, height, kind = as_found(find_repeat(np.rot90(pixels).copy()))
    assert (width, height, kind) == (pytest.approx(80, rel=0.03), pytest.approx(64, rel=0.03), "brick")
    assert as_found(find_repeat(cloth("brick", 80, 64)))[2] == "brick"


def test_the_same_lattice_is_named_by_the_unit_nearest_a_square() -> None:
    flat = as_found(find_repeat(cloth("brick", 128, 40)))
    assert flat == (pytest.approx(64, rel=0.03), pytest.approx(80, rel=0.03), "half-drop")
    tie = as_found(find_repeat(cloth("brick", 96, 48)))
    assert tie == (pytest.approx(48, rel=0.03), pytest.approx(96, rel=0.03), "half-drop")


def test_a_unit_whose_halves_differ_only_in_color_is_whole() -> None:
    red, blue = tile(48, 48), tile(48, 48)
    blue[..., 0], blue[..., 2] = red[..., 2], red[..., 0]
    found = find_repeat(np.tile(np.concatenate([red, blue], axis=1), (6, 3, 1)).clip(0, 255).astype(np.uint8))
    assert as_found(found) == (pytest.approx(96, rel=0.03), pytest.approx(48, rel=0.03), "straight")


def test_a_unit_whose_halves_differ_in_a_detail_is_whole() -> None:
    plain, starred = tile(48, 48), tile(48, 48)
    starred[18:30, 18:30] = 20
    found = find_repeat(np.tile(np.concatenate([plain, starred], axis=1), (6, 3, 1)).clip(0, 255).astype(np.uint8))
    assert as_found(found)[:2] == (pytest.approx(96, rel=0.03), pytest.approx(48, rel=0.03))


@pytest.mark.parametrize("quality", [30, 75])
def test_noise_and_jpeg_are_borne(rng: np.random.Generator, quality: int) -> None:
    pixels = cloth("half-drop", 60, 72).astype(float)
    light = np.linspace(0.9, 1.1, pixels.shape[1])[None, :, None] * np.array([1.05, 1, 0.94])
    noisy = (pixels * light + rng.normal(0, 8, (*pixels.shape[:2], 1))).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=quality)
    assert as_found(find_repeat(file.getvalue())) == (pytest.approx(60, rel=0.03), pytest.approx(72, rel=0.03), "half-drop")


def test_a_turn_by_three_degrees_is_borne() -> None:
    turned = Image.fromarray(cloth("straight", 60, 45, (400, 400))).rotate(3, Image.Resampling.BICUBIC).crop((40, 40, 360, 360))
    assert as_found(find_repeat(turned)) == (pytest.approx(60, rel=0.03), pytest.approx(45, rel=0.03), "straight")


def test_stripes_have_no_length_of_their_own() -> None:
    pixels = np.repeat(cloth("straight", 40, 40)[:1], 300, axis=0)
    assert as_found(find_repeat(pixels)) == (pytest.approx(40, rel=0.03), 1, "straight")
    assert as_found(find_repeat(pixels.transpose(1, 0, 2).copy())) == (1, pytest.approx(40, rel=0.03), "straight")


@pytest.mark.parametrize(("period", "slope"), [(30, 1), (40, -1), (36, 2)])
def test_stripes_on_the_bias_repeat_across_and_down(period: int, slope: int) -> None:
    y, x = np.mgrid[:300, :320]
    stripes = np.where((x + slope * y) % period < period / 4, 220, 60).astype(np.uint8)
    down = period / abs(slope)
    assert as_found(find_repeat(np.stack([stripes] * 3, -1))) == (
        pytest.approx(period, rel=0.03),
        pytest.approx(down, rel=0.03),
        "straight",
    )


def test_a_check_repeats_by_its_sett_whether_or_not_the_twill_closes() -> None:
    threads = np.repeat([30.0, 200, 90, 200], [13, 5, 11, 5])  # 34 threads: two more than a twill over four closes with
    lines = np.tile(threads, 10)[:300]
    up = np.add.outer(np.arange(300), np.arange(300)) % 4 < 2
    pixels = np.where(up, lines[None], lines[:, None]).astype(np.uint8)
    assert as_found(find_repeat(np.stack([pixels] * 3, -1))) == (pytest.approx(34, rel=0.03), pytest.approx(34, rel=0.03), "straight")


@pytest.mark.parametrize(
    "pixels",
    [
        noise(),
        np.full((200, 180, 3), 90, np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 300, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8),
        np.broadcast_to(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], (200, 256, 3)).copy(),
        cloth("straight", 300, 280, (300, 280)),
    ],
    ids=["smooth noise", "flat", "one pixel", "one row", "tiny", "white noise", "gradient", "one unit"],
)
def test_nothing_is_claimed_where_nothing_repeats(pixels: Pixels) -> None:
    found = find_repeat(pixels)
    assert (found.width, found.height, found.kind, found.scale, found.cm) == (None, None, "none", None, None)
    assert 0.5 <= found.confidence <= 1


def test_pixels_are_those_of_the_original(tmp_path: Path) -> None:
    large = Image.fromarray(cloth("straight", 60, 40, (300, 240))).resize((1500, 1200), Image.Resampling.BICUBIC)
    path = tmp_path / "large.jpg"
    large.save(path, quality=90, dpi=(254, 254))
    for image in (path, path.read_bytes(), Image.open(path)):
        found = find_repeat(image)
        assert as_found(found) == (pytest.approx(300, rel=0.03), pytest.approx(200, rel=0.03), "straight")
        assert found.cm == (pytest.approx(3, rel=0.03), pytest.approx(2, rel=0.03))
        assert (found.size, found.scale) == ((1500, 1200), "small")


def test_an_orientation_turns_the_unit(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # a quarter turn
    path = tmp_path / "turned.jpg"
    Image.fromarray(cloth("straight", 60, 40)).save(path, exif=exif, quality=95)
    for image in (path, Image.open(path)):
        found = find_repeat(image)
        assert as_found(found)[:2] == (pytest.approx(40, rel=0.03), pytest.approx(60, rel=0.03))
        assert found.size == (300, 320)


@pytest.mark.parametrize("dpi", [72, 96, 0, None])
def test_a_resolution_that_nobody_measured_gives_no_centimeters(dpi: int | None) -> None:
    image = Image.fromarray(cloth("straight", 60, 40))
    if dpi is not None:
        image.info["dpi"] = (dpi, dpi)
    assert find_repeat(image).cm is None


@pytest.mark.parametrize(
    ("side", "dpi", "scale"),
    [
        (31, None, "micro"),
        (32, None, "small"),
        (64, None, "medium"),
        (128, None, "large"),
        (100, 300, "micro"),
        (200, 300, "small"),
        (600, 300, "medium"),
        (2000, 300, "large"),
    ],
)
def test_the_scale_is_that_of_the_longer_side(side: float, dpi: float | None, scale: str) -> None:
    assert Repeat(side, side / 2, "straight", 0.9, (384, 300), dpi).scale == scale


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(bl.InputError, match="find_repeat: image must be a Path, bytes, a PIL image or a uint8 array"):
        find_repeat(np.zeros((4, 4)))  # type: ignore[arg-type]
    with pytest.raises(bl.ImageError, match="none of"):
        find_repeat(b"no image")


def test_the_correlation_is_that_of_the_overlap(rng: np.random.Generator) -> None:
    planes = rng.normal(0, 20, (3, 40, 30)).astype(np.float32)
    surface = correlation(planes)
    assert surface.shape == (25, 37)
    for dx, dy in ((3, 4), (-7, 5), (-3, 0), (18, 24), (0, 0)):
        here = planes[:, : 40 - dy, max(0, -dx) : 30 - max(0, dx)]
        there = planes[:, dy:, max(0, dx) : 30 + min(0, dx)]
        here, there = (part - part.mean((1, 2), keepdims=True) for part in (here, there))
        expected = (here * there).sum() / np.sqrt((here**2).sum() * (there**2).sum())
        assert surface[dy, 18 + dx] == pytest.approx(expected, abs=1e-4)


@pytest.fixture
def archive(tmp_path: Path) -> bl.Archive:
    """Twelve images: a half-drop, a straight repeat, ten flat ones; one of them no image at all."""
    folder = write_small_archive(tmp_path / "archive")
    Image.fromarray(cloth("half-drop", 60, 72)).save(folder / "images/D-00.png")
    Image.fromarray(cloth("straight", 20, 20)).save(folder / "images/D-01.png")
    (folder / "images/D-02.png").write_bytes(b"torn")
    return bl.Archive.open(folder)


def test_an_archive_keeps_repeats_and_filters_by_them(archive: bl.Archive) -> None:
    assert archive.repeats().empty
    searcher = archive.searcher("pattern")
    assert "repeat" not in searcher.metadata.fields
    table = archive.find_repeats(processes=1, progress=False).set_index("filename")
    assert len(table) == 12
    assert table.loc["D-00.png", ["repeat", "scale"]].tolist() == ["half-drop", "medium"]
    assert "none of" in table.loc["D-02.png", "reason"]
    hits = archive.find_similar("D-05.png", model="pattern", filters={"repeat": ["half-drop", "straight"]})
    assert set(hits.filenames) == {"D-00.png", "D-01.png"}
    assert list(archive.find_similar("D-05.png", model="pattern", filters={"scale": "micro"}).filenames) == ["D-01.png"]
    assert {"design", "repeat", "scale"} <= set(archive.designs.columns)


def test_the_repeat_of_one_image_is_as_it_was_found(archive: bl.Archive) -> None:
    assert archive.repeat("D-00.png") is None
    image = Image.fromarray(cloth("straight", 60, 40))
    image.save(archive.folder / "images/D-03.png", dpi=(300, 300))
    archive.find_repeats(processes=1, progress=False)
    found = archive.repeat("D-03.png")
    assert replace(found, dpi=None) == replace(find_repeat(archive.folder / "images/D-03.png"), dpi=None)
    assert found.cm == pytest.approx((60 / 300 * 2.54, 40 / 300 * 2.54), rel=0.03)
    assert archive.repeat("D-00.png").kind == "half-drop"
    assert archive.repeat("D-05.png").kind == "none"
    assert archive.repeat("D-02.png") is None  # which cannot be read
    assert archive.repeat("../D-00.png") is None
    (archive.folder / repeat_store.FILE).unlink()
    assert archive.repeat("D-00.png") is None


def test_only_new_and_changed_images_are_looked_at_again(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.find_repeats(processes=1, progress=False)
    folder = archive.folder / "images"
    Image.fromarray(cloth("brick", 80, 64)).save(folder / "D-03.png")
    Image.fromarray(cloth("straight", 50, 50)).save(folder / "D-99.png")
    (folder / "D-04.png").unlink()
    seen: list[tuple[int, int]] = []
    table = archive.find_repeats(processes=1, progress=lambda done, total: seen.append((done, total))).set_index("filename")
    assert seen == [(0, 2), (2, 2)]
    assert table.loc["D-03.png", "repeat"] == "brick"
    assert "D-04.png" not in table.index
    assert "D-99.png" in archive.metadata.table["filename"].to_pylist()  # though the metadata file does not name it
    monkeypatch.setattr(repeat_store, "SCHEMA", repeat_store.SCHEMA.with_metadata({"method": "next"}))
    archive.find_repeats(processes=1, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (12, 12)


def test_a_run_that_was_stopped_goes_on_where_it_was(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeat_store, "CHUNK", 5)

    def stop(done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.find_repeats(processes=1, progress=stop)
    assert archive.repeats().empty
    seen: list[tuple[int, int]] = []
    assert len(archive.find_repeats(processes=1, progress=lambda done, total: seen.append((done, total)))) == 12
    assert seen == [(0, 2), (2, 2)]
    assert not list((archive.folder / repeat_store.WORK).glob("part-*"))


def test_processes_find_the_same(archive: bl.Archive) -> None:
    alone = archive.find_repeats(processes=1, progress=False)
    (archive.folder / repeat_store.FILE).unlink()
    assert archive.find_repeats(processes=2, progress=False).equals(alone)


def test_the_archives_own_field_wins(archive: bl.Archive) -> None:
    path = archive.folder / "image_metadata_map.json"
    records = json.loads(path.read_text())
    records["D-00.png"]["repeat"] = "brick"
    path.write_text(json.dumps(records))
    archive.find_repeats(processes=1, progress=False)
    assert list(archive.find_similar("D-05.png", model="pattern", filters={"repeat": "brick"}).filenames) == ["D-00.png"]
    assert list(archive.find_similar("D-05.png", model="pattern", filters={"scale": "micro"}).filenames) == ["D-01.png"]


def test_an_archive_without_images_says_so(archive: bl.Archive) -> None:
    archive.images = None
    with pytest.raises(bl.InputError, match="find_repeats: images must be known"):
        archive.find_repeats()


def test_a_torn_file_of_repeats_is_named_and_found_anew(archive: bl.Archive) -> None:
    (archive.folder / repeat_store.FILE).write_bytes(b"torn")
    with pytest.raises(bl.ArchiveError, match=r"repeats\.parquet: must be a table of repeats"):
        archive.repeats()
    with pytest.warns(UserWarning, match="no repeat and no scale to filter by"):
        assert "repeat" not in archive.metadata.fields
    assert len(archive.find_repeats(processes=1, progress=False)) == 12
