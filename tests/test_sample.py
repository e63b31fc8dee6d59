"""The sample archive: what is drawn, that it repeats, and that the truth about it is true."""

import csv
import hashlib
import json
import os
import unicodedata
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benzer_lab import sample
from benzer_lab._drawing import copies
from benzer_lab._drawing.canvas import Canvas, mixed
from benzer_lab._drawing.cloth import expand_sett, parse_sett, plain, twill
from benzer_lab._drawing.families import FAMILIES, plan
from benzer_lab._drawing.outlines import circle
from benzer_lab._drawing.palettes import COLOR_RANGES, PALETTES, TARTAN_RANGES, THREADS
from benzer_lab._drawing.wovens import SETTS_FILE, setts
from benzer_lab.errors import InputError
from benzer_lab.sample import draw_archive

N_DESIGNS = len(FAMILIES)
N_COPIES = 3  # among the first designs: number 19 lies there twice, 25 and 31 were scanned again
HASHES = Path(__file__).parent / "sample_hashes.json"  # of `draw_archive(folder, n_designs=100, size=64)`, by requirements/*.lock
LATTICES = {
    "straight": lambda width, height: [(width, 0), (0, height)],
    "half-drop": lambda width, height: [(width, height // 2), (0, height)],
    "brick": lambda width, height: [(width // 2, height), (width, 0)],
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_archive(tmp_path_factory.mktemp("sample"), n_designs=N_DESIGNS, size=128, n_jobs=1, progress=False)


@pytest.fixture(scope="module")
def truth(drawn):
    with (drawn / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def metadata(drawn):
    return json.loads((drawn / "image_metadata_map.json").read_text(encoding="utf-8"))


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def originals(truth):
    return [row for row in truth if not row["duplicate_of"]]


def pixels(folder: Path, filename: str) -> np.ndarray:
    return np.asarray(Image.open(folder / "images" / filename).convert("RGB"), dtype=float)


@pytest.fixture(scope="module")
def all_artworks():
    drawn = {}
    for number, (kind, variant) in enumerate(plan()):
        drawn[f"{kind} {variant}"] = FAMILIES[kind].draw(np.random.default_rng([0, number]), 64, variant)
    return drawn


def test_the_same_seed_draws_the_same_files_whatever_the_number_of_processes(tmp_path):
    one = draw_archive(tmp_path / "one", n_designs=7, size=64, random_state=3, n_jobs=1, progress=False)
    two = draw_archive(tmp_path / "two", n_designs=7, size=64, random_state=3, n_jobs=2, progress=False)
    assert hashes(one) == hashes(two)


def test_the_pixels_are_those_that_were_drawn_before(tmp_path):
    wanted = json.loads(HASHES.read_text(encoding="utf-8"))
    assert len(wanted) == 20
    found = {}
    for number in {int(name.split("-")[1][:4]) - 1 for name in wanted}:
        for row, _ in sample._draw_design(number, images=tmp_path, size=64, random_state=0):
            found[row.filename] = hashlib.sha256(np.asarray(Image.open(tmp_path / row.filename)).tobytes()).hexdigest()[:16]
    assert {name: found.get(name) for name in wanted} == wanted


def test_another_seed_draws_every_design_differently(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "_colorways", lambda rng, family: ["modern"] if family.colors == "tartans" else ["lacivert"])
    first = hashes(draw_archive(tmp_path / "first", n_designs=N_DESIGNS, size=64, n_jobs=1, progress=False) / "images")
    second = hashes(draw_archive(tmp_path / "second", n_designs=N_DESIGNS, size=64, random_state=1, n_jobs=1, progress=False) / "images")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_each_design_comes_in_four_colorways_of_the_asked_size(drawn, truth, originals):
    files = list((drawn / "images").iterdir())
    assert len(originals) == 4 * N_DESIGNS
    assert len(files) == len(truth) == 4 * N_DESIGNS + N_COPIES
    assert {Image.open(drawn / "images" / row["filename"]).size for row in originals} == {(128, 128)}
    assert {file.suffix for file in files} == {".jpg", ".png", ".tif"}
    for _, rows in groupby(originals, key=lambda row: row["design_id"]):
        assert len({row["colorway"] for row in rows}) == 4


def test_there_are_480_designs_of_32_families_and_each_family_comes_first_once():
    designs = plan()
    assert len(set(designs)) == len(designs) == 480
    assert [kind for kind, variant in designs[: len(FAMILIES)]] == list(FAMILIES)
    assert {variant for _, variant in designs[: len(FAMILIES)]} == {0}
    assert len(FAMILIES) == 32
    assert sum(kind == "tartan" for kind, _ in designs) == 60
    assert sum(copies.twin(number) is not None for number in range(480)) == 24
    assert sum(copies.rescan(number) is not None for number in range(480)) == 36


def test_a_twin_is_the_same_file_and_a_scan_shows_the_same_design(drawn, truth):
    rows = {row["filename"]: row for row in truth}
    twins, scans = [], []
    for row in truth:
        if row["duplicate_of"]:
            original = rows[row["duplicate_of"]]
            assert not original["duplicate_of"]
            assert {**row, "filename": "", "duplicate_of": ""} == {**original, "filename": "", "duplicate_of": ""}
            (scans if row["filename"].startswith("Scan") else twins).append((row["filename"], original["filename"]))
    assert len(twins) + len(scans) == N_COPIES
    for twin, original in twins:
        assert (drawn / "images" / twin).read_bytes() == (drawn / "images" / original).read_bytes()
    for scan, original in scans:
        one, other = pixels(drawn, scan), pixels(drawn, original)
        assert all(other.shape[axis] * 0.9 < one.shape[axis] < other.shape[axis] for axis in (0, 1))
        assert 2 < np.abs(one.mean(axis=(0, 1)) - other.mean(axis=(0, 1))).max() < 60


def test_truth_metadata_and_files_name_the_same_images(drawn, truth, metadata):
    names = [row["filename"] for row in truth]
    assert sorted(names) == sorted(metadata) == sorted(file.name for file in (drawn / "images").iterdir())
    for row in truth:
        record = metadata[row["filename"]]
        assert list(record) == ["design", "season", "quality", "features"]
        assert record["design"] == row["design"]
        assert record["season"] in sample.SEASONS
        assert record["quality"] in FAMILIES[row["family"]].qualities
        assert set(FAMILIES[row["family"]].features) <= set(record["features"]) or row["filename"].startswith("Scan")
        assert len(set(record["features"])) == len(record["features"])


def test_colorways_of_a_design_share_season_and_quality(truth, metadata):
    shared = {(row["design_id"], row["design"], metadata[row["filename"]]["season"], metadata[row["filename"]]["quality"]) for row in truth}
    assert len(shared) == N_DESIGNS


def test_designs_are_named_once():
    names = [name for family in FAMILIES.values() for name in family.names]
    assert len(set(names)) == len({name.casefold() for name in names}) == 480
    assert min(len(family.names) for family in FAMILIES.values()) >= 10


def test_names_are_composed_unicode_with_turkish_letters(truth):
    assert all(unicodedata.is_normalized("NFC", row["filename"] + row["design"]) for row in truth)
    assert all(" " not in row["filename"] for row in truth)
    names = "".join(name for family in FAMILIES.values() for name in family.names)
    assert unicodedata.is_normalized("NFC", names)
    assert set("çğışöüâ") <= set(names)


def test_colorways_of_a_design_differ_in_color_but_not_in_structure(drawn, originals):
    for design_id, group in groupby(originals, key=lambda row: row["design_id"]):
        edges, images = [], []
        for row in group:
            image = pixels(drawn, row["filename"])
            images.append(image)
            step = np.hypot(*np.gradient(image, axis=(0, 1))).sum(axis=2)
            edges.append((step / step.std()).ravel())
        alike = np.corrcoef(edges)[0, 1:]
        apart = [np.abs(images[0] - other).mean() for other in images[1:]]
        # Colors decide how strong an edge is, so it is correlated, not equal; unrelated designs stay below .1.
        assert alike.min() > 0.25, design_id
        assert min(apart) > 8, design_id


def test_the_palette_of_an_image_is_what_it_shows(drawn, originals):
    for row in originals:
        image = pixels(drawn, row["filename"]).reshape(-1, 3)
        colors = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in row["palette"].split()], dtype=float)
        mixed = np.linalg.lstsq(np.vstack([colors.T, 100 * np.ones(len(colors))]), np.append(image.mean(axis=0), 100), rcond=None)[0]
        assert np.abs(mixed @ colors - image.mean(axis=0)).max() < 12, row["filename"]
        assert set(row["palette"].split()) <= set(PALETTES[row["colorway"]])


def test_the_inks_of_every_design_cover_each_pixel_exactly(all_artworks):
    for name, artwork in all_artworks.items():
        assert artwork.coverage.shape == (len(artwork.inks), 64, 64), name
        assert artwork.coverage.min() >= -1e-5, name
        np.testing.assert_allclose(artwork.coverage.sum(axis=0), 1, atol=1e-4, err_msg=name)


def test_every_design_repeats_by_the_tile_that_truth_tells(all_artworks):
    for name, artwork in all_artworks.items():
        for right, down in LATTICES[artwork.repeat](*artwork.repeat_px):
            moved = np.roll(artwork.coverage, (down, right), axis=(1, 2))
            # A corner may fall into the next subpixel, a sixteenth of a pixel.
            assert np.abs(moved - artwork.coverage).max() < 0.13, name


def test_every_image_continues_across_its_edges(drawn, originals):
    for row in originals:
        image = pixels(drawn, row["filename"])
        for axis in (0, 1):
            steps = np.abs(image - np.roll(image, 1, axis=axis)).mean(axis=(1 - axis, 2))
            assert steps[0] <= 1.1 * steps[1:].max() + 2, row["filename"]


def test_no_two_designs_are_nearly_the_same_drawing(all_artworks):
    """Each design moved by every step beside every other: wherever they lie, some part differs; what is close is drawn again, larger."""
    grays = np.stack([_lightness(artwork) for artwork in all_artworks.values()])
    designs, close = plan(), []
    for i in range(len(grays) - 1):
        close += [(i, i + 1 + int(j)) for j in np.flatnonzero(_alike(grays[i], grays[i + 1 :]) > 0.95)]
    large = {}
    for number in {number for pair in close for number in pair}:
        kind, variant = designs[number]
        large[number] = _lightness(FAMILIES[kind].draw(np.random.default_rng([0, number]), 256, variant))
    for i, j in close:
        assert _alike(large[i], large[j][None])[0] < 0.98, (designs[i], designs[j])


def _alike(gray, others):
    """Correlate a drawing with others, each where it fits best."""
    spectra = np.fft.rfft2(others) * np.fft.rfft2(gray).conj()
    return np.fft.irfft2(spectra, s=gray.shape).max(axis=(1, 2)) / np.sqrt((gray**2).sum() * (others**2).sum(axis=(1, 2)))


def _lightness(artwork):
    """The drawing in grays, its mean taken away."""
    tones = np.resize([1.0, -1.0, 0.45, -0.3, -0.7], len(artwork.inks)) if len(artwork.inks) <= 5 else np.linspace(-1, 1, len(artwork.inks))
    gray = np.einsum("k,kyx->yx", tones, artwork.coverage.astype(float))
    return gray - gray.mean()


def test_a_tint_is_half_of_each_ink_and_of_tints_the_first():
    assert [mixed(1, 0), mixed(0, 3), mixed(2, 4), mixed(10, 3), mixed(3, 14)] == [10, 30, 42, 10, 3]
    canvas = Canvas(16, 16)
    canvas.paint([circle(20)], 14)
    np.testing.assert_allclose(canvas.coverage[:, 8, 8], [0, 0.5, 0, 0, 0.5], atol=0.01)


def test_what_is_painted_later_covers_what_was_painted_before():
    canvas = Canvas(16, 16)
    canvas.paint([circle(20)], 1)
    canvas.paint([circle(4, 8, 8)], 2)
    canvas.cover(np.full((16, 16), 0.25), 3)
    np.testing.assert_allclose(canvas.coverage[:, 8, 8], [0, 0, 0.75, 0.25, 0], atol=0.01)
    np.testing.assert_allclose(canvas.coverage[:, 0, 0], [0, 0.75, 0, 0.25, 0], atol=0.01)


def test_a_reflective_sett_weaves_its_pivots_once():
    stripes, reflective = parse_sett("G/4 R2 W6 BK/2")
    assert (stripes, reflective) == ([("G", 4), ("R", 2), ("W", 6), ("BK", 2)], True)
    assert "".join(color[0] for color in expand_sett(stripes, reflective)) == "GGGGRRWWWWWWBBWWWWWWRR"


def test_a_repeating_sett_is_woven_as_it_stands():
    stripes, reflective = parse_sett("G4 R2 BK1")
    assert not reflective
    assert expand_sett(stripes, reflective) == ["G"] * 4 + ["R"] * 2 + ["BK"]


def test_the_first_sett_of_the_file_has_134_threads():
    # Abercrombie, added up by hand: 28 + 2 + 14 + 14 + 4 + 4 + 4 + 4 + 14 = 88, and 2 x 88 - 28 - 14 = 134.
    assert len(expand_sett(*parse_sett("G/28 W2 G14 BK14 B4 BK4 B4 BK4 B/14"))) == 134


def test_every_sett_of_the_file_can_be_read_and_dyed():
    with SETTS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 273
    for row in rows:
        stripes, reflective = parse_sett(row["threadcount"])
        assert reflective == (row["reflective"] == "1")
        assert {color for color, _ in stripes} <= set(THREADS)
        assert len(expand_sett(stripes, reflective)) == 2 * sum(n for _, n in stripes) - stripes[0][1] - stripes[-1][1]
    assert len(setts()) >= 60
    assert {"Stewart Royal", "Black Watch", "Rob Roy", "Wallace"} <= set(setts())


@pytest.mark.parametrize("text", ["", "G/4", "G/4 R2", "G4 R/2 W4", "G4 R0", "4G R2", "G4,R2", "g4 r2", "G4 R2.5"])
def test_parse_sett_refuses_what_is_no_thread_count(text):
    with pytest.raises(InputError, match=r"text must be stripes such as 'B/24 W4 R/8'"):
        parse_sett(text)


def test_twill_floats_over_two_and_steps_by_one():
    up = twill(8, 8)
    assert (up.sum(axis=0) == 4).all()
    assert (up[1:, :-1] == up[:-1, 1:]).all()
    assert up[0].tolist() == [1, 1, 0, 0, 1, 1, 0, 0]


def test_plain_weave_alternates():
    assert plain(4, 2).tolist() == [[0, 1, 0, 1], [1, 0, 1, 0]]


def test_palettes_are_five_clear_colors_and_ranges_dye_every_thread():
    printed = {name: colors for grounds in COLOR_RANGES.values() for palettes in grounds for name, colors in palettes.items()}
    for name, colors in printed.items():
        light = [sum(int(c[i : i + 2], 16) * w for i, w in ((1, 0.2126), (3, 0.7152), (5, 0.0722))) for c in colors]
        assert len(set(colors)) == 5, name
        assert abs(light[0] - light[1]) > 60, name
    assert {len(PALETTES[name]) for name in TARTAN_RANGES} == {len(THREADS)}
    assert len(printed) == sum(len(palettes) for grounds in COLOR_RANGES.values() for palettes in grounds) >= 60


def test_draw_archive_refuses_a_folder_that_holds_images(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"folder must hold no archive yet; got .*images\. Name another folder, or move that away first\."):
        draw_archive(tmp_path, n_designs=1, size=64, n_jobs=1, progress=False)
    assert [path.name for path in tmp_path.rglob("*")] == ["images", "mine.jpg"]


def test_draw_archive_refuses_to_overwrite_metadata(tmp_path):
    (tmp_path / "image_metadata_map.json").write_text("{}")
    with pytest.raises(InputError, match=r"got .*image_metadata_map\.json\. Name another folder"):
        draw_archive(tmp_path, n_designs=1, size=64, n_jobs=1, progress=False)
    assert (tmp_path / "image_metadata_map.json").read_text() == "{}"


def test_draw_archive_leaves_other_files_alone_and_fills_an_empty_images_folder(tmp_path):
    (tmp_path / "README.md").write_text("kept")
    (tmp_path / "images").mkdir()
    draw_archive(tmp_path, n_designs=1, size=64, n_jobs=1, progress=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "image_metadata_map.json", "images", "truth.csv"]
    assert len(list((tmp_path / "images").iterdir())) == 4


def test_draw_archive_leaves_nothing_behind_when_interrupted(tmp_path, monkeypatch):
    draw = sample._draw_design

    def interrupted(number, **options):
        if number == 2:
            raise KeyboardInterrupt("Ctrl-C")
        return draw(number, **options)

    monkeypatch.setattr(sample, "_draw_design", interrupted)
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        draw_archive(tmp_path / "new", n_designs=4, size=64, n_jobs=1, progress=False)
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_designs": 0}, "n_designs must be a whole number of 1 or more; got 0"),
        ({"n_designs": 481}, "n_designs must be 480 or fewer, .*; got 481"),
        ({"size": 100}, "size must be a multiple of 64 from 64 to 1024, .*; got 100"),
        ({"size": 2048}, "size must be a multiple of 64 from 64 to 1024, .*; got 2048"),
        ({"random_state": -1}, "random_state must be a whole number of 0 or more; got -1"),
        ({"n_jobs": 0}, "n_jobs must be a whole number of 1 or more; got 0"),
    ],
)
def test_draw_archive_refuses_numbers_out_of_range(tmp_path, options, message):
    with pytest.raises(InputError, match=f"draw_archive: {message}"):
        draw_archive(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_progress_is_silent_when_not_wanted(tmp_path, capsys):
    draw_archive(tmp_path, n_designs=1, size=64, n_jobs=1, progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_may_be_told_to_a_function(tmp_path, capsys, n_jobs):
    told = []
    draw_archive(tmp_path, n_designs=3, size=64, n_jobs=n_jobs, progress=lambda done, total: told.append((os.getpid(), done, total)))
    assert told == [(os.getpid(), done, 3) for done in range(4)]
    assert capsys.readouterr() == ("", "")
