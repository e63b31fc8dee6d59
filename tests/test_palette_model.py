"""The colors that are looked for, as plain Python."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benzer_lab.archive import Archive
from benzer_lab.errors import ImageError, InputError
from benzer_lab.palettes import Palette, palette_of
from benzer_lab.views.palette_model import MOST, PaletteModel, colors_in, percents, picture, read, written
from benzer_lab.views.search_model import SearchModel, mark_of, name_of
from tests.small_archive import BLUE, CREAM, RED, TWO_COLORED, draw_two_colors, write_small_archive
from tests.test_search_model import encoded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four images of two colors each, whose features were made here: red and cream, cream and blue, blue and red, all cream."""
    folder = tmp_path_factory.mktemp("colors") / "archive"
    images = draw_two_colors(folder / "images")
    Archive.create(folder, images=images).extract(["color", "pattern"], processes=1, progress=False)
    return folder


@pytest.fixture
def search(folder: Path) -> SearchModel:
    return SearchModel(Archive.open(folder))


@pytest.fixture
def model(search: SearchModel) -> PaletteModel:
    return PaletteModel(search)


def test_colors_are_found_as_the_archive_finds_them(model: PaletteModel, search: SearchModel) -> None:
    model.add(f"{RED} {CREAM}")
    assert model.parts == {RED: 50, CREAM: 50}
    assert search.hits.to_records() == search.archive.find_similar(palette=[RED, CREAM]).to_records()
    assert search.hits.filenames[0] == TWO_COLORED[0]
    assert (search.hits.model, search.model) == ("color", "color+pattern")


def test_the_question_around_colors_is_that_of_every_query(model: PaletteModel, search: SearchModel) -> None:
    model.add(BLUE)
    search.change(top_n=2, metric="cosine")
    wanted = search.archive.find_similar(palette=[BLUE], top_n=2, metric="cosine")
    assert search.hits.to_records() == wanted.to_records()


def test_each_color_is_added_with_the_share_of_the_others_on_average(model: PaletteModel) -> None:
    model.add(RED)
    model.add(CREAM)
    model.weigh(0, 20)
    model.add(BLUE)
    assert model.parts == {RED: 47, CREAM: 20, BLUE: 33}


@pytest.mark.parametrize(
    ("by", "parts"), [(5, [55, 30, 15]), (-5, [45, 36, 19]), (-80, [1, 65, 34]), (80, [98, 1, 1])], ids=["more", "less", "least", "most"]
)
def test_a_color_is_weighed_against_all_others(model: PaletteModel, by: int, parts: list[int]) -> None:
    model.take([(RED, 0.5), (CREAM, 1 / 3), (BLUE, 1 / 6)])
    model.weigh(0, by)
    assert list(model.parts.values()) == parts


def test_a_border_moves_between_two_colors_only(model: PaletteModel) -> None:
    model.take([(RED, 0.5), (CREAM, 0.3), (BLUE, 0.2)])
    model.divide(0, 60.4)
    assert list(model.parts.values()) == [60, 20, 20]
    model.divide(1, 99)
    assert list(model.parts.values()) == [60, 39, 1]
    for place, share in ((2, 10), (-1, 10), (0, float("nan"))):
        model.divide(place, share)
    assert list(model.parts.values()) == [60, 39, 1]


def test_a_color_is_replaced_and_two_that_become_one_join(model: PaletteModel) -> None:
    model.take([(RED, 0.5), (CREAM, 0.3), (BLUE, 0.2)])
    model.replace(0, "#000000")
    assert model.parts == {"#000000": 50, CREAM: 30, BLUE: 20}
    model.replace(0, BLUE.lower())
    assert model.parts == {BLUE: 70, CREAM: 30}


def test_with_the_last_color_the_question_ends(model: PaletteModel, search: SearchModel) -> None:
    model.add(f"{RED} {CREAM}")
    model.remove(0)
    assert model.parts == {CREAM: 100}
    model.weigh(0, 5)
    model.remove(7)
    assert model.parts == {CREAM: 100}
    model.remove(0)
    assert (model.palette, search.hits, search.asked) == (None, None, None)


def test_only_designs_that_show_the_colors_are_found(model: PaletteModel, search: SearchModel) -> None:
    model.add(f"{RED} {BLUE}")
    assert len(search.hits) == 4
    model.demand("any")
    assert set(search.hits.filenames) == set(TWO_COLORED[:3])
    model.demand("all")
    assert search.hits.filenames == (TWO_COLORED[2],)
    model.tolerate(50.2)
    assert model.palette == Palette({RED: 50, BLUE: 50}, "all", 50)
    model.tolerate(1)
    assert model.palette.tolerance == 4
    model.demand("none")
    assert model.palette.must_show == "all"
    model.demand("")
    assert len(search.hits) == 4


@pytest.mark.parametrize("text", ["red", "#12345", "#B83B5E, blue", "", "  "], ids=["word", "five digits", "one of two", "empty", "blank"])
def test_what_is_no_color_changes_nothing_and_is_named(model: PaletteModel, text: str) -> None:
    model.add(RED)
    model.add(text)
    assert model.error == ("no_hex", {"text": text.strip()})
    assert model.parts == {RED: 100}
    model.add(CREAM)
    assert model.error == ("", {})


def test_a_palette_has_a_most(model: PaletteModel) -> None:
    colors = [f"#{i:02X}{i:02X}00" for i in range(MOST + 1)]
    model.add(" ".join(colors))
    assert (model.error, model.parts) == (("too_many_colors", {"n": MOST}), {})
    model.add(" ".join(colors[:-1]))
    assert len(model.parts) == MOST


def test_the_colors_of_an_image_are_those_of_the_library(model: PaletteModel, search: SearchModel) -> None:
    assert model.source is None
    search.ask(TWO_COLORED[0])
    assert model.source == TWO_COLORED[0]
    colors = model.read_colors(TWO_COLORED[0])
    assert colors == palette_of(search.archive.folder / "images" / TWO_COLORED[0])
    model.take(colors)
    assert model.parts == {RED: 75, CREAM: 25}
    assert (model.source, search.trail) == (None, [TWO_COLORED[0]])


def test_the_colors_of_an_image_of_ones_own_are_taken(model: PaletteModel, search: SearchModel) -> None:
    search.ask(search.read_own("mine.png", encoded((40, 40), color=BLUE)))
    assert model.read_colors(model.source) == [(BLUE, 1.0)]


def test_an_image_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    search = SearchModel(Archive.open(write_small_archive(tmp_path / "archive")))
    model = PaletteModel(search)
    (search.archive.folder / "images/D-03.png").write_bytes(b"broken")
    with pytest.raises(ImageError, match="none of") as refused:
        model.read_colors("D-03.png")
    model.fail("D-03.png", refused.value)
    assert model.error == ("no_colors", {"name": "D-03.png", "reason": str(refused.value)})
    search.archive.images = None
    search.ask("D-03.png")
    assert model.source is None
    with pytest.raises(InputError, match="images must be known"):
        model.read_colors("D-03.png")


def test_the_colors_show_themselves_when_they_are_asked_for(model: PaletteModel, search: SearchModel) -> None:
    assert not model.is_open
    search.restore({"palette": "B83B5E"})
    assert model.is_open
    model.toggle()
    search.ask(TWO_COLORED[0])
    assert not model.is_open


def test_one_palette_is_one_step_back(model: PaletteModel, search: SearchModel) -> None:
    search.ask(TWO_COLORED[1])
    model.add(RED)
    model.add(CREAM)
    model.weigh(0, 10)
    last = model.palette
    assert search.trail == [TWO_COLORED[1]]
    search.ask(TWO_COLORED[2])
    assert search.trail == [last, TWO_COLORED[1]]
    search.ask_again(mark_of(last))
    assert (model.palette, search.trail) == (last, [TWO_COLORED[2], TWO_COLORED[1]])
    search.back()
    search.back()
    assert (search.query, model.palette) == (TWO_COLORED[1], None)


def test_an_address_holds_the_palette_and_brings_it_back(model: PaletteModel, search: SearchModel, folder: Path) -> None:
    model.take([(RED, 2 / 3), (CREAM, 1 / 3)])
    model.demand("any")
    model.tolerate(12)
    held = search.address()
    assert held == {"palette": "B83B5E-67_F5EBDD-33_any_12"}
    other = SearchModel(Archive.open(folder))
    other.restore(held)
    assert other.palette == model.palette
    assert other.hits.to_records() == search.hits.to_records()
    assert other.address() == held
    other.restore({}, again=True)
    assert (other.palette, other.hits) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "red", "B83B5E-0", "B83B5E_any_51", "B83B5E_any_3", "_".join(["B83B5E"] * 16), "B83B5E-1e3", "b83b5e"]
)
def test_an_address_without_a_palette_asks_nothing(search: SearchModel, text: str) -> None:
    search.restore({"palette": text})
    assert (search.palette, search.error) == (None, "")


def test_an_address_that_names_a_design_and_colors_asks_for_the_design(search: SearchModel) -> None:
    search.restore({"query": TWO_COLORED[1], "palette": "B83B5E"})
    assert (search.asked, search.palette) == (TWO_COLORED[1], None)


def test_colors_are_not_asked_of_an_archive_without_them(tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "archive")
    (folder / "color_features.npy").unlink()
    search = SearchModel(Archive.open(folder))
    search.restore({"palette": "B83B5E"})
    assert (search.palette, search.error) == (None, "")


def test_rows_that_were_not_made_here_say_what_to_do(tmp_path: Path) -> None:
    search = SearchModel(Archive.open(write_small_archive(tmp_path / "archive")))
    search.change(filters={"cluster": [1], "season": ["SS24"]})
    PaletteModel(search).add(RED)
    assert "archive.extract(models=['color'])" in search.error
    assert search.filters == {"season": ["SS24"]}  # clusters are those of another model
    assert [value for value, *_ in search.facets()["season"]] == ["AW24", "SS24"]


def test_a_palette_is_drawn_as_stripes_and_called_by_its_hex(model: PaletteModel, search: SearchModel) -> None:
    model.take([(RED, 0.75), (BLUE, 0.25)])
    palette = model.palette
    assert name_of(palette) == f"{RED} {BLUE}"
    drawn = search.picture(search.key(palette), "large")
    stripes = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)
    for column, color in ((10, RED), (180, RED), (200, BLUE), (250, BLUE)):
        assert np.abs(stripes[128, column] - list(bytes.fromhex(color[1:]))).max() < 12
    search.ask("")
    assert search.picture(mark_of(palette)) == picture(written(palette), "small")  # it is on the trail
    assert search.picture("palette-B83B5E") is None  # and this one is not
    assert search.record(palette) == {}


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=MOST))
def test_percents_sum_to_a_hundred_and_stay_what_they_are(weights: list[float]) -> None:
    parts = percents({str(i): weight for i, weight in enumerate(weights)})
    assert sum(parts.values()) == 100
    assert min(parts.values()) >= 1
    assert percents(parts) == parts


@given(
    st.dictionaries(st.from_regex("#[0-9A-F]{6}", fullmatch=True), st.integers(1, 50), min_size=1, max_size=MOST),
    st.sampled_from([None, "all", "any"]),
    st.integers(4, 50),
)
def test_an_address_loses_nothing_of_a_palette(weights: dict[str, int], must_show: str | None, tolerance: int) -> None:
    palette = Palette(percents(weights), must_show, tolerance if must_show else 8)
    assert read(written(palette)) == palette


def test_colors_are_read_as_designers_write_them() -> None:
    assert colors_in("#b83b5e;F5EBDD\n#fff, fff") == [RED, CREAM, "#FFFFFF"]
