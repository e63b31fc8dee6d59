"""The sample archive: what is drawn, that it repeats, and that the truth about it is true."""

import csv
import hashlib
import json
import unicodedata
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benzer_lab import sample
from benzer_lab._drawing.cloth import expand_sett, parse_sett, plain, twill
from benzer_lab._drawing.families import FAMILIES
from benzer_lab._drawing.palettes import DARK_GROUNDS, LIGHT_GROUNDS, PALETTES, TARTAN_RANGES, THREADS
from benzer_lab._drawing.wovens import SETTS_FILE, setts
from benzer_lab.errors import InputError
from benzer_lab.sample import draw_archive

N_DESIGNS = len(FAMILIES)
DESIGNS_PER_FAMILY = 5
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


def artworks(size=128):
    for number in range(N_DESIGNS * DESIGNS_PER_FAMILY):
        kind = list(FAMILIES)[number % N_DESIGNS]
        rng = np.random.default_rng([0, number])
        yield f"{kind} {number // N_DESIGNS}", FAMILIES[kind].draw(rng, size, number // N_DESIGNS)


@pytest.fixture(scope="module")
def all_artworks():
    return dict(artworks())


def test_the_same_seed_draws_the_same_files_whatever_the_number_of_processes(tmp_path):
    one = draw_archive(tmp_path / "one", n_designs=7, size=64, random_state=3, n_jobs=1, progress=False)
    two = draw_archive(tmp_path / "two", n_designs=7, size=64, random_state=3, n_jobs=2, progress=False)
    assert hashes(one) == hashes(two)


def test_another_seed_draws_every_design_differently(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "_colorways", lambda rng, kind: ["modern"] if kind == "tartan" else ["lacivert"])
    first = hashes(draw_archive(tmp_path / "first", n_designs=N_DESIGNS, size=64, n_jobs=1, progress=False) / "images")
    second = hashes(draw_archive(tmp_path / "second", n_designs=N_DESIGNS, size=64, random_state=1, n_jobs=1, progress=False) / "images")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_each_design_comes_in_four_colorways_of_the_asked_size(drawn, truth):
    files = list((drawn / "images").iterdir())
    assert len(files) == len(truth) == 4 * N_DESIGNS
    assert {Image.open(file).size for file in files} == {(128, 128)}
    assert {file.suffix for file in files} == {".jpg", ".png"}
    for _, rows in groupby(truth, key=lambda row: row["design_id"]):
        assert len({row["colorway"] for row in rows}) == 4


def test_truth_metadata_and_files_name_the_same_images(drawn, truth, metadata):
    names = [row["filename"] for row in truth]
    assert sorted(names) == sorted(metadata) == sorted(file.name for file in (drawn / "images").iterdir())
    for row in truth:
        record = metadata[row["filename"]]
        assert list(record) == ["design", "season", "quality", "features"]
        assert record["design"] == row["design"]
        assert record["season"] in sample.SEASONS
        assert record["quality"] in FAMILIES[row["family"]].qualities
        assert set(FAMILIES[row["family"]].features) <= set(record["features"])
        assert len(set(record["features"])) == len(record["features"])


def test_colorways_of_a_design_share_season_and_quality(truth, metadata):
    shared = {(row["design_id"], row["design"], metadata[row["filename"]]["season"], metadata[row["filename"]]["quality"]) for row in truth}
    assert len(shared) == N_DESIGNS


def test_designs_of_many_families_are_named_once(truth):
    assert len({row["family"] for row in truth}) == N_DESIGNS >= 12
    names = [name for family in FAMILIES.values() for name in family.names]
    assert len(set(names)) == len(names)
    assert {len(family.names) for family in FAMILIES.values()} == {DESIGNS_PER_FAMILY}


def test_names_are_composed_unicode_with_turkish_letters(truth):
    assert all(unicodedata.is_normalized("NFC", row["filename"] + row["design"]) for row in truth)
    assert all(" " not in row["filename"] for row in truth)
    assert set("çğışöüâ") <= set("".join(name for family in FAMILIES.values() for name in family.names))


def test_colorways_of_a_design_differ_in_color_but_not_in_structure(drawn, truth):
    for design_id, group in groupby(truth, key=lambda row: row["design_id"]):
        edges, pixels = [], []
        for row in group:
            image = np.asarray(Image.open(drawn / "images" / row["filename"]), dtype=float)
            pixels.append(image)
            step = np.hypot(*np.gradient(image, axis=(0, 1))).sum(axis=2)
            edges.append((step / step.std()).ravel())
        alike = np.corrcoef(edges)[0, 1:]
        apart = [np.abs(pixels[0] - other).mean() for other in pixels[1:]]
        # Colors decide how strong an edge is, so it is correlated, not equal; unrelated designs stay below .1.
        assert alike.min() > 0.25, design_id
        assert min(apart) > 8, design_id


def test_the_palette_of_an_image_is_what_it_shows(drawn, truth):
    for row in truth:
        pixels = np.asarray(Image.open(drawn / "images" / row["filename"]), dtype=float).reshape(-1, 3)
        colors = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in row["palette"].split()], dtype=float)
        mixed = np.linalg.lstsq(np.vstack([colors.T, 100 * np.ones(len(colors))]), np.append(pixels.mean(axis=0), 100), rcond=None)[0]
        assert np.abs(mixed @ colors - pixels.mean(axis=0)).max() < 12, row["filename"]
        assert set(row["palette"].split()) <= set(PALETTES[row["colorway"]])


def test_the_inks_of_every_design_cover_each_pixel_exactly(all_artworks):
    for name, artwork in all_artworks.items():
        assert artwork.coverage.shape == (len(artwork.inks), 128, 128), name
        assert artwork.coverage.min() >= -1e-5, name
        np.testing.assert_allclose(artwork.coverage.sum(axis=0), 1, atol=1e-4, err_msg=name)


def test_every_design_repeats_by_the_tile_that_truth_tells(all_artworks):
    for name, artwork in all_artworks.items():
        for right, down in LATTICES[artwork.repeat](*artwork.repeat_px):
            moved = np.roll(artwork.coverage, (down, right), axis=(1, 2))
            # A corner may fall into the next subpixel, a sixteenth of a pixel.
            assert np.abs(moved - artwork.coverage).max() < 0.13, name


def test_every_image_continues_across_its_edges(drawn, truth):
    for row in truth:
        image = np.asarray(Image.open(drawn / "images" / row["filename"]), dtype=float)
        for axis in (0, 1):
            steps = np.abs(image - np.roll(image, 1, axis=axis)).mean(axis=(1 - axis, 2))
            assert steps[0] <= 1.1 * steps[1:].max() + 2, row["filename"]


def test_no_two_designs_are_the_same_drawing(all_artworks):
    marks = {hashlib.sha256(np.round(artwork.coverage * 8).tobytes()).hexdigest() for artwork in all_artworks.values()}
    assert len(marks) == len(all_artworks)


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
    assert len(setts()) >= DESIGNS_PER_FAMILY


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
    for name, colors in {**LIGHT_GROUNDS, **DARK_GROUNDS}.items():
        light = [sum(int(c[i : i + 2], 16) * w for i, w in ((1, 0.2126), (3, 0.7152), (5, 0.0722))) for c in colors]
        assert len(set(colors)) == 5, name
        assert abs(light[0] - light[1]) > 60, name
    assert {len(PALETTES[name]) for name in TARTAN_RANGES} == {len(THREADS)}
    assert len(LIGHT_GROUNDS) + len(DARK_GROUNDS) >= 16


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
        ({"n_designs": 121}, "n_designs must be 120 or fewer, .*; got 121"),
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
