"""Regions: a part of a design is found in others, and where; checked on sample designs and on one composed by hand."""

import hashlib
import io
import json
import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab import region_search, region_sieve, region_store, regions
from benzer_lab.region_search import Regions

SIZE = 192
GROUND, PLACE = "composed.png", (300, 40)  # where a motif of 96 pixels is pasted, on an image of another shape


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 16 sample designs, and one image composed by hand, with its regions."""
    folder = bl.draw_archive(tmp_path_factory.mktemp("regions") / "archive", n_designs=16, size=SIZE, n_jobs=1, progress=False)
    image = Image.fromarray(np.full((200, 480, 3), (236, 228, 214), np.uint8))
    image.paste(motif(), PLACE)
    image.save(folder / "images" / GROUND)
    names = sorted(path.name for path in (folder / "images").iterdir())
    np.save(folder / "pattern_features.npy", np.random.default_rng(0).normal(size=(len(names), 6)).astype(np.float32))
    (folder / "pattern_filenames.json").write_text(json.dumps(names))
    bl.Archive.open(folder).index_regions(processes=1, progress=False)
    return folder


@pytest.fixture
def archive(described: Path) -> bl.Archive:
    return bl.Archive.open(described)


@pytest.fixture
def own(described: Path, tmp_path: Path) -> bl.Archive:
    """A copy with three images, which a test may change."""
    folder = tmp_path / "archive"
    (folder / "images").mkdir(parents=True)
    for path in sorted((described / "images").iterdir())[:3]:
        shutil.copy(path, folder / "images")
    return bl.Archive.open(folder)


def motif() -> Image.Image:
    """Draw rings and rays of 96 pixels, like nothing in the sample."""
    y, x = np.mgrid[-48:48, -48:48]
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    inked = ((np.sin(7 * angle + radius / 5) > 0.2) & (radius < 44)) | ((radius > 14) & (radius < 18))
    pixels = np.where(inked[..., None], (30, 60, 110), (236, 228, 214))
    pixels[(x > 4) & (y < -8) & (radius < 34)] = (190, 60, 50)
    return Image.fromarray(pixels.astype(np.uint8))


def asked(at: tuple[int, int] = (20, 60), *, scale: float = 1.0, turn: int = 0) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Put the motif on an image of the composed one's size; return it with the motif's box."""
    side = round(96 * scale)
    image = Image.fromarray(np.full((200, 480, 3), (236, 228, 214), np.uint8))
    image.paste(motif().resize((side, side), Image.Resampling.BICUBIC).rotate(90 * turn), at)
    return image, (at[0], at[1], at[0] + side, at[1] + side)


def colorways(archive: bl.Archive, design: str) -> list[str]:
    return [name for name in archive.filenames if name.startswith(f"{design}_")]


def assert_near(box: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """The centers are within a quarter of the side, and the boxes share more than half of what they cover."""
    found, true = np.array(box, float), np.array(wanted, float)
    assert np.abs(found[:2] + found[2:] - true[:2] - true[2:]).max() / 2 < 0.25 * (true[2:] - true[:2]).max()
    shared = np.prod(np.maximum(np.minimum(found[2:], true[2:]) - np.maximum(found[:2], true[:2]), 0))
    assert shared / (np.prod(found[2:] - found[:2]) + np.prod(true[2:] - true[:2]) - shared) > 0.5


@pytest.mark.parametrize(("scale", "turn"), [(1.0, 0), (0.75, 0), (1.3, 2), (0.85, 3)])
def test_a_motif_is_found_where_it_was_pasted(archive: bl.Archive, scale: float, turn: int) -> None:
    image, box = asked(scale=scale, turn=turn)
    hits = archive.find_similar(image, region=box, top_n=3)
    assert hits.filenames[0] == GROUND
    assert hits.boxes is not None
    assert_near(hits.boxes[0], (*PLACE, PLACE[0] + 96, PLACE[1] + 96))
    assert hits.similarities[0] > hits.similarities[1] + 0.03


def test_all_kinds_of_images_may_be_asked_with(archive: bl.Archive, tmp_path: Path) -> None:
    image, box = asked()
    path = tmp_path / "query.png"
    image.save(path)
    answers = [archive.find_similar(query, region=box, top_n=5) for query in (path, path.read_bytes(), image, np.asarray(image), [path])]
    assert {hits.filenames for hits in answers} == {answers[0].filenames}
    assert {hits.boxes for hits in answers} == {answers[0].boxes}


@pytest.mark.parametrize("design", ["D-0007", "D-0012"])
def test_a_part_finds_the_other_colorways_of_its_design(archive: bl.Archive, design: str) -> None:
    first, *others = colorways(archive, design)
    hits = archive.find_similar(first, region=(40, 30, 130, 125), top_n=5)
    assert first not in hits.filenames
    assert set(others[:3]) <= set(hits.filenames)


def test_the_query_may_be_among_the_hits_and_lies_where_it_was_asked(archive: bl.Archive) -> None:
    name = colorways(archive, "D-0012")[0]
    hits = archive.find_similar(name, region=(48, 32, 128, 128), include_query=True, top_n=1)
    assert hits.filenames == (name,)
    assert hits.boxes is not None
    assert_near(hits.boxes[0], (48, 32, 128, 128))
    assert hits.scores[0] > 0.9


def test_several_parts_must_all_be_found(archive: bl.Archive) -> None:
    image, box = asked((20, 60))
    other = Image.open(archive.folder / "images" / colorways(archive, "D-0012")[0]).convert("RGB")
    image.paste(other, (200, 4))
    both = archive.find_similar(image, region=[box, (220, 20, 330, 130)], top_n=200)
    alone = archive.find_similar(image, region=[box], top_n=200)
    assert alone.filenames[0] == GROUND
    worst = dict(zip(both.filenames, both.scores, strict=True))
    best = dict(zip(alone.filenames, alone.scores, strict=True))
    assert all(worst[name] <= best[name] for name in worst)
    assert both.boxes is not None
    assert all(isinstance(boxes, list) and len(boxes) == 2 for boxes in both.boxes)


def test_a_frame_has_boxes_only_where_a_region_was_asked_for(archive: bl.Archive) -> None:
    name = archive.filenames[0]
    frame = archive.find_similar(name, region=(20, 20, 100, 100), top_n=7).to_frame()
    assert list(frame.columns[-3:]) == ["score", "similarity", "box"]
    for left, top, right, bottom in frame["box"]:
        assert 0 <= left < right
        assert 0 <= top < bottom
    sizes = [Image.open(archive.folder / "images" / one).size for one in frame["filename"]]
    assert all(box[2] <= width and box[3] <= height for box, (width, height) in zip(frame["box"], sizes, strict=True))
    assert "box" not in archive.find_similar(name, top_n=7).to_frame()


def test_filters_count_and_groups_and_similarity_too(archive: bl.Archive) -> None:
    first = colorways(archive, "D-0012")[0]
    season = archive.metadata.records(np.array([archive.filenames.index(first)]))[0]["season"]
    hits = archive.find_similar(first, region=(40, 30, 130, 125), top_n=200, filters={"season": season})
    assert {record["season"] for record in hits.records} == {season}
    assert hits.n_candidates == sum(record == season for record in archive.designs["season"]) - 1
    grouped = archive.find_similar(first, region=(40, 30, 130, 125), top_n=10, group_by="design")
    designs = [record["design"] for record in grouped.records if record["design"]]
    assert len(designs) == len(set(designs))
    near = archive.find_similar(first, region=(40, 30, 130, 125), top_n=200, min_similarity=0.9)
    assert 0 < len(near) < 20
    assert near.similarities.min() >= 0.9


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ((50, 50, 50, 90), r"region must have left below right and top below bottom; got \(50, 50, 50, 90\)\.$"),
        ((90, 50, 50, 90), "left below right"),
        ((-1, 0, 50, 90), r"region must lie within the image of 192 x 192 pixels; got \(-1, 0, 50, 90\)"),
        ((100, 100, 200, 150), "within the image of 192 x 192"),
        ((float("nan"), 0, 50, 50), "region must be finite numbers; got"),
        ((10, 10, 20, 90), r"region must be 25 x 25 pixels of this image or more, to be found again; got 10 x 80\. Draw it larger"),
        ((10, 10, 20), r"region must be four numbers \(left, top, right, bottom\) a box; got"),
        (("a", "b", "c", "d"), "region must be four numbers"),
        ([(10, 10, 90, 90), (1, 2)], r"four numbers .* a box; got \(1, 2\)"),
        ([], r"region must be \(left, top, right, bottom\) in pixels, or a list of such boxes; got \[\]"),
        ("everything", "or a list of such boxes; got 'everything'"),
        (7, "or a list of such boxes; got 7"),
    ],
)
def test_what_is_no_region_is_refused(archive: bl.Archive, region: object, message: str) -> None:
    with pytest.raises(bl.InputError, match=message):
        archive.find_similar(archive.filenames[0], region=region)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "l2"}, "metric must be 'cosine' where a region is looked for; got 'l2'"),
        ({"color_weight": 0.5}, "color_weight must be left out where a region is looked for"),
    ],
)
def test_what_only_whole_images_have_is_refused(archive: bl.Archive, options: dict[str, object], message: str) -> None:
    with pytest.raises(bl.InputError, match=message):
        archive.find_similar(archive.filenames[0], region=(0, 0, 90, 90), **options)  # type: ignore[arg-type]


def test_a_region_is_of_one_image_that_is_there(archive: bl.Archive) -> None:
    with pytest.raises(bl.InputError, match="query must be one image where a region of it is looked for; got 2"):
        archive.find_similar(list(archive.filenames[:2]), region=(0, 0, 90, 90))
    with pytest.raises(bl.InputError, match="region must be left out where a palette"):
        archive.find_similar(palette=["#B83B5E"], region=(0, 0, 90, 90))
    with pytest.raises(bl.InputError, match=r"query must be an image that is there .*; got 'nowhere\.png'"):
        archive.find_similar("nowhere.png", region=(0, 0, 90, 90))
    with pytest.raises(bl.ImageError, match="none of"):
        archive.find_similar(b"no image", region=(0, 0, 90, 90))


def test_an_archive_that_is_not_described_names_the_method(own: bl.Archive) -> None:
    names = list(own.filenames)
    np.save(own.folder / "pattern_features.npy", np.eye(3, dtype=np.float32))
    (own.folder / "pattern_filenames.json").write_text(json.dumps(names))
    with pytest.raises(bl.InputError, match=r"whose regions are described\. Call archive\.index_regions\(\)"):
        own.find_similar(names[0], region=(0, 0, 90, 90))
    own.images = None
    with pytest.raises(bl.InputError, match="index_regions: images must be known"):
        own.index_regions()


def test_only_new_and_changed_images_are_described(own: bl.Archive) -> None:
    own.index_regions(processes=1, progress=False)
    folder = own.folder / "images"
    first, second, third = own.filenames
    Image.new("RGB", (300, 100), "red").save(folder / first)
    (folder / second).unlink()
    (folder / "new.png").write_bytes(b"torn")
    seen: list[tuple[int, int]] = []
    table = own.index_regions(processes=1, progress=lambda done, total: seen.append((done, total))).set_index("filename")
    assert seen == [(1, 3), (3, 3)]
    assert list(table.index) == [first, third, "new.png"]
    assert table.loc[first, ["width", "height", "rows", "columns"]].tolist() == [300, 100, 8, 24]
    assert "none of" in table.loc["new.png", "reason"]
    seen.clear()
    own.index_regions(processes=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 3)]


def test_a_run_that_was_killed_is_taken_up_again(own: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = own.index_regions(processes=1, progress=False)
    packed = region_store.read(own.folder)[1].packed[0].copy()
    (own.folder / region_store.FILE).unlink()
    monkeypatch.setattr(region_store, "CHUNK", 1)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.index_regions(processes=1, progress=stop)
    assert not (own.folder / region_store.FILE).exists()
    seen: list[int] = []
    assert own.index_regions(processes=1, progress=lambda done, total: seen.append(done)).equals(whole)
    assert seen[0] >= 1
    np.testing.assert_array_equal(region_store.read(own.folder)[1].packed[0], packed)
    assert not list((own.folder / region_store.WORK).glob("part-*"))


def test_processes_describe_what_one_does(own: bl.Archive) -> None:
    own.index_regions(processes=1, progress=False)
    alone = region_store.read(own.folder)[1].packed[0].copy()
    (own.folder / region_store.FILE).unlink()
    own.index_regions(processes=2, progress=False)
    np.testing.assert_array_equal(region_store.read(own.folder)[1].packed[0], alone)


def test_a_torn_file_and_another_method_are_described_anew(own: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    (own.folder / region_store.FILE).write_bytes(b"torn")
    with pytest.raises(bl.ArchiveError, match=r"regions\.arrow: must be a whole file of this library's regions\. Call index_regions"):
        region_store.read(own.folder)
    assert len(own.index_regions(processes=1, progress=False)) == 3
    monkeypatch.setattr(region_store, "SCHEMA", region_store.SCHEMA.with_metadata({"method": "another"}))
    seen: list[tuple[int, int]] = []
    own.index_regions(processes=1, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 3)


def test_blocks_of_the_file_do_not_change_the_answer(archive: bl.Archive) -> None:
    _, whole = region_store.read(archive.folder)
    cut = Regions([whole.packed[0][i : i + 7] for i in range(0, len(whole.grids), 7)], whole.grids, whole.sizes)
    image, box = asked()
    views = regions.views_of(image, [tuple(np.array(box) / np.tile(image.size, 2))])
    rows = np.arange(len(whole.grids))
    one, other = (them.find(views, rows, n=20) for them in (whole, cut))
    np.testing.assert_array_equal(one.rows, other.rows)
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-6)
    assert len(one.rows) == 20
    full = whole.find(views, rows, n=len(rows))
    assert one.rows[0] == full.rows[0]


def look_at_few(patch: pytest.MonkeyPatch) -> None:
    """Have so few images looked at that windows are sifted by their codes, and recall is measured."""
    patch.setattr(region_store, "LISTED", 8)
    patch.setattr(region_store, "SIEVED", 24)
    patch.setattr(region_search, "SIEVED", 24)
    patch.setattr(region_store, "QUESTIONS", 1)


@pytest.fixture(scope="module")
def with_codes(described: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(described, tmp_path_factory.mktemp("codes") / "archive")
    (folder / region_store.WINDOWS).unlink()
    with pytest.MonkeyPatch.context() as patch:
        look_at_few(patch)
        bl.Archive.open(folder).index_regions(processes=1, progress=False)
    return folder


@pytest.fixture
def sifted(with_codes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bl.Archive:
    """A copy that is searched by the codes of its windows."""
    look_at_few(monkeypatch)
    return bl.Archive.open(shutil.copytree(with_codes, tmp_path / "archive"))


def test_a_motif_is_found_by_codes_of_windows_and_the_recall_is_told(sifted: bl.Archive) -> None:
    image, box = asked(scale=0.85, turn=3)
    hits = sifted.find_similar(image, region=box, top_n=4)
    assert hits.filenames[0] == GROUND
    assert 0 < hits.recall < 1
    everything = sifted.find_similar(image, region=box, top_n=len(sifted.filenames))
    assert everything.recall == 1
    assert everything.filenames[0] == GROUND


def test_codes_list_only_what_may_be_found(sifted: bl.Archive) -> None:
    _, stored = region_store.read(sifted.folder)
    assert stored.sieve is not None
    image, box = asked()
    views = regions.views_of(image, [tuple(np.array(box) / np.tile(image.size, 2))])
    rows = np.arange(1, len(stored.grids), 3)
    found = stored.sieve.best(views, rows, 9)
    assert len(found) == 9
    assert set(found) <= set(rows)
    np.testing.assert_array_equal(stored.sieve.best(views, rows, len(rows)), rows)


def test_codes_of_windows_list_nearly_what_windows_do(sifted: bl.Archive) -> None:
    _, stored = region_store.read(sifted.folder)
    assert stored.sieve is not None
    rows, shares = np.arange(len(stored.grids)), []
    for name in sifted.filenames[:6]:
        image = Image.open(sifted.folder / "images" / name).convert("RGB")
        views = regions.views_of(image, [(0.2, 0.3, 0.6, 0.7)])
        likely = stored.sieve.best(views, rows, 20)
        shares.append(np.isin(replace(stored, sieve=None).find(views, rows, n=5).rows, likely).mean())
    assert np.mean(shares) > 0.9


def test_what_was_sifted_is_not_taken_for_other_images(sifted: bl.Archive) -> None:
    before = (sifted.folder / region_store.WINDOWS).read_bytes()
    sifted.index_regions(processes=1, progress=False)
    assert (sifted.folder / region_store.WINDOWS).read_bytes() == before
    (sifted.folder / "images" / sifted.filenames[0]).unlink()
    sifted.index_regions(processes=1, progress=False)
    after = (sifted.folder / region_store.WINDOWS).read_bytes()
    assert after != before
    assert region_store.read(sifted.folder)[1].sieve is not None
    (sifted.folder / region_store.WINDOWS).write_bytes(before)
    _, stale = region_store.read(sifted.folder)
    assert stale.sieve is None
    assert np.isnan(stale.recall)
    (sifted.folder / region_store.WINDOWS).write_bytes(b"torn")
    assert region_store.read(sifted.folder)[1].sieve is None
    sifted.index_regions(processes=1, progress=False)
    assert region_store.read(sifted.folder)[1].sieve is not None


def test_the_score_is_the_cosine_of_what_lies_there(archive: bl.Archive) -> None:
    _, stored = region_store.read(archive.folder)
    row = int(np.flatnonzero((stored.grids == 14).all(1))[3])
    cells = regions.unpack(stored.packed[0][row : row + 1], (14, 14))[0]
    part = cells[3:7, 5:10]
    view = regions.View(part[None], regions.fours_of(cells[None, 2:6, 4:8])[0], [(0.0, 0.0, 80.0, 64.0)], 1.0)
    found = stored.find([[view]], np.array([row]), n=1)
    assert found.scores[0] == pytest.approx(1, abs=1e-5)
    scale = stored.sizes[row, 0] / 224
    np.testing.assert_allclose(found.boxes[0, 0], np.array([80, 48, 160, 112]) * scale, atol=1)


def test_an_image_takes_at_most_eight_kilobytes(archive: bl.Archive) -> None:
    n = len(archive.filenames)
    assert (archive.folder / region_store.FILE).stat().st_size < n * regions.N_BYTES + 20_000
    windows = (regions.MOST_CELLS // 4 - 13) * (region_sieve.N_AXES // 2 + 8)  # codes of 4 bits, and the row of the image
    assert regions.N_BYTES + windows <= 8000


@pytest.mark.parametrize(
    ("size", "grid"), [((224, 224), (14, 14)), ((400, 300), (12, 16)), ((300, 900), (24, 8)), ((5000, 10), (2, 98)), ((1, 3000), (98, 2))]
)
def test_the_grid_keeps_the_proportions_within_its_cells(size: tuple[int, int], grid: tuple[int, int]) -> None:
    assert regions.grid_of(size) == grid
    assert grid[0] * grid[1] <= regions.MOST_CELLS


def test_a_colorway_and_a_negative_look_the_same(archive: bl.Archive) -> None:
    image = Image.open(archive.folder / "images" / colorways(archive, "D-0012")[0]).convert("RGB")
    cells, negative = (regions.describe_regions(one).astype(int) for one in (image, Image.fromarray(255 - np.asarray(image))))
    assert np.abs(cells - negative).mean() < 0.02 * np.abs(cells).mean() + 0.5


def test_the_orientation_of_a_file_turns_the_box(archive: bl.Archive) -> None:
    image, (left, top, right, bottom) = asked()
    file, exif = io.BytesIO(), Image.Exif()
    exif[274] = 6  # to be turned by a quarter to the right
    image.transpose(Image.Transpose.ROTATE_90).save(file, "PNG", exif=exif)
    upright = archive.find_similar(image, region=(left, top, right, bottom), top_n=3)
    turned = archive.find_similar(file.getvalue(), region=(left, top, right, bottom), top_n=3)
    assert turned.filenames == upright.filenames
    assert turned.boxes == upright.boxes


def test_the_constants_are_those_that_are_named() -> None:
    folder = resources.files("benzer_lab").joinpath("weights")
    data = folder.joinpath("regions-1.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == regions.REGIONS_1["constants"]
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 2_000_000
