"""The state of the search page, as plain Python."""

import csv
import io
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benzer_lab.archive import Archive
from benzer_lab.errors import ImageError
from benzer_lab.images import decode
from benzer_lab.repeats import KINDS, SCALES
from benzer_lab.sample import draw_archive
from benzer_lab.views.catalog import OwnImage
from benzer_lab.views.search_address import ADDRESS
from benzer_lab.views.search_model import LISTING, QUESTION, TRAIL, SearchModel, name_of
from tests.small_archive import NAMES, write_small_archive
from tests.test_archive import draw, names_of
from tests.test_repeats import cloth


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(write_small_archive(tmp_path / "archive"))


@pytest.fixture
def model(archive: Archive) -> SearchModel:
    model = SearchModel(archive)
    model.ask(NAMES[0])
    return model


@pytest.fixture(scope="module")
def recolored(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Drawn designs in several colors each, compared by pattern."""
    folder = tmp_path_factory.mktemp("recolored") / "archive"
    draw_archive(folder, n_designs=6)
    archive = Archive.open(folder)
    archive.extract(["pattern"], processes=1, progress=False)
    return archive


def test_other_colorways_are_asked_for_and_nothing_else(recolored: Archive) -> None:
    with (recolored.folder / "truth.csv").open(encoding="utf-8") as file:
        design_of = {line["filename"]: line["design_id"] for line in csv.DictReader(file) if not line["duplicate_of"]}
    name = next(name for name in design_of if list(design_of.values()).count(design_of[name]) > 1)
    model = SearchModel(recolored)
    model.ask_colorways(name)
    assert model.hits.filenames == recolored.find_colorways(name).filenames
    assert {design_of[hit] for hit in model.hits.filenames if hit in design_of} == {design_of[name]}
    assert model.address()["colorways"] == "true"
    again = SearchModel(recolored)
    again.restore(model.address())
    assert again.hits.filenames == model.hits.filenames
    model.change(colorways=False)
    assert len(model.hits) > len(again.hits)
    again.ask(again.hits.filenames[0])  # an ordinary question is one
    assert (again.colorways, again.trail) == (False, [name])


def test_nothing_is_found_before_anything_is_asked(archive: Archive) -> None:
    model = SearchModel(archive)
    assert (model.hits, model.error, model.busy) == (None, "", False)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({}, {}),
        ({"top_n": 3}, {"top_n": 3}),
        ({"metric": "l2"}, {"metric": "l2"}),
        ({"version": "v1+v1"}, {"version": "v1+v1"}),
        ({"color_weight": 0.9}, {"color_weight": 0.9}),
        ({"one_per_design": True}, {"group_by": "design"}),
        ({"min_similarity": 0.4}, {"min_similarity": 0.4}),
        ({"filters": {"season": ["AW24"]}}, {"filters": {"season": ["AW24"]}}),
        ({"filters": {"season": ["AW24"], "features": ["stripes"]}}, {"filters": {"season": ["AW24"], "features": ["stripes"]}}),
        ({"filters": {"cluster": [1]}}, {"filters": {"cluster": [1]}}),
    ],
    ids=str,
)
def test_every_change_of_the_question_is_searched(model: SearchModel, change: dict[str, Any], options: dict[str, Any]) -> None:
    model.param.update(**change)
    wanted = model.archive.find_similar(NAMES[0], **options)
    assert model.hits.to_records() == wanted.to_records()
    assert model.hits.n_candidates == wanted.n_candidates


def test_another_model_is_searched_without_a_color_weight(model: SearchModel) -> None:
    model.param.update(color_weight=0.9)
    model.choose_model("pattern")
    assert not model.mixes
    assert model.hits.to_records() == model.archive.find_similar(NAMES[0], model="pattern").to_records()


def test_another_model_is_searched_in_its_current_version_and_without_the_clusters_of_the_former(model: SearchModel) -> None:
    model.param.update(version="v1+v1", filters={"cluster": [1], "season": ["SS24"]})
    model.choose_model("color")
    assert (model.version, model.filters, model.error) == ("", {"season": ["SS24"]}, "")


def test_one_change_asks_once(model: SearchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("benzer_lab.search.Searcher.find_similar", lambda self, query, question: asked.append(query))
    model.choose_model("color")
    assert asked == [NAMES[0]]


def test_an_unknown_name_becomes_a_sentence_and_no_hits(model: SearchModel) -> None:
    model.ask("D-99.png")
    assert model.hits is None
    assert "'D-99.png'" in model.error


def test_a_path_is_a_name_like_any_other(model: SearchModel) -> None:
    model.ask("../archive.json")
    assert model.hits is None
    assert "must be a file name" in model.error


def test_a_good_question_takes_the_error_away(model: SearchModel) -> None:
    model.ask("D-99.png")
    model.ask(NAMES[1])
    assert model.error == ""
    assert NAMES[1] not in model.hits.filenames


def test_the_question_before_a_bad_one_is_answered_again(model: SearchModel) -> None:
    model.ask("D-99.png")
    model.ask(NAMES[0])
    assert (model.error, len(model.hits)) == ("", 11)


def encoded(size: tuple[int, int] = (9, 9), kind: str = "PNG", mode: str = "RGB", color: str | None = None) -> bytes:
    held = io.BytesIO()
    Image.new(mode, size, color or 0).save(held, kind)
    return held.getvalue()


def ask_own(model: SearchModel, name: str, content: bytes) -> OwnImage:
    """Ask for an image of one's own as the page does."""
    own = model.read_own(name, content)
    model.ask(own)
    return own


def test_an_own_image_in_a_model_not_made_here_is_refused_with_what_to_do(model: SearchModel) -> None:
    ask_own(model, "mine.png", encoded())
    assert model.hits is None
    assert "extract" in model.error


def test_an_own_image_takes_the_place_of_the_query_and_back(model: SearchModel) -> None:
    own = ask_own(model, "mine.png", encoded())
    assert (model.query, model.own_image, model.asked) == ("", own, own)
    model.ask(NAMES[2])
    assert model.own_image is None
    assert model.hits is not None


def test_an_unexpected_failure_is_told_and_logged_and_the_same_click_tries_again(
    model: SearchModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: object, query: object, question: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("benzer_lab.search.Searcher.find_similar", fail)
        model.ask(NAMES[1])
    assert (model.hits, model.busy, model.query) == (None, False, NAMES[1])
    assert model.error == "OSError: [Errno 5] Input/output error. The server's log has the details."
    assert "Traceback" in caplog.text
    model.ask(NAMES[1])
    assert (model.error, len(model.hits)) == ("", 11)


def test_a_refusal_is_shown_in_place_of_hits(model: SearchModel) -> None:
    model.refuse("Too large.")
    assert (model.hits, model.error, model.asked, model.trail) == (None, "Too large.", None, [NAMES[0]])


@pytest.mark.parametrize(
    ("text", "n"), [("", 12), ("igdir", 4), ("IĞDIR", 4), ("lale 5", 2), ("D-03", 1), ("kilim ", 4), ("D-03.png\nlale", 0), ("x", 0)]
)
def test_images_are_found_by_a_part_of_name_or_design(model: SearchModel, text: str, n: int) -> None:
    model.text = text
    assert len(model.found) == n


@pytest.mark.parametrize(("first", "second"), [((0, 8), (0, 4)), ((0, 4), (0, 8))], ids=["shrunk", "grown"])
def test_what_was_found_goes_with_its_catalog_while_the_archive_changes(
    tmp_path: Path, first: tuple[int, int], second: tuple[int, int]
) -> None:
    images = draw_designs(tmp_path, first)
    Archive.create(tmp_path / "archive", images=images).extract(["color"], processes=1, progress=False)
    model = SearchModel(Archive.open(tmp_path / "archive"))
    draw_designs(tmp_path, second)
    Archive.open(tmp_path / "archive").extract(["color"], processes=1, progress=False)
    model.ask(names_of(0, 1)[0])
    assert len(model.hits) == second[1] - 1
    for text, (_, n) in (("", first), ("d-", second), ("", second)):
        model.text = text
        assert len(model.found) == len(model.catalog.filenames) == n
        assert len(model.catalog.metadata.records(model.found)) == n


def draw_designs(folder: Path, numbers: tuple[int, int]) -> Path:
    """Draw designs in place of those that are there."""
    shutil.rmtree(folder / "images", ignore_errors=True)
    draw(folder / "images", names_of(*numbers))
    return folder / "images"


def test_facets_count_the_images_of_each_value(model: SearchModel) -> None:
    assert model.facets() == {
        "season": [("AW24", 6, 6), ("SS24", 6, 6)],
        "quality": [("viscose", 12, 12)],
        "features": [("floral", 3, 3), ("small", 3, 3), ("stripes", 9, 9)],
        "cluster": [(0, 6, 6), (1, 6, 6)],
    }


def test_facets_count_what_passes_the_filters_on_other_fields(model: SearchModel) -> None:
    model.filters = {"season": ["AW24"], "cluster": [0]}
    assert model.facets() == {
        "season": [("AW24", 3, 6), ("SS24", 3, 6)],
        "quality": [("viscose", 3, 12)],
        "features": [("floral", 1, 3), ("small", 1, 3), ("stripes", 2, 9)],
        "cluster": [(0, 3, 6), (1, 3, 6)],
    }


def test_facets_stand_in_the_order_of_the_alphabet_and_offer_the_most_frequent(model: SearchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [("zigzag", 2, 2), ("Çizgili", 2, 2), ("rare", 1, 1), ("çiçek", 2, 2), ("Iğdır", 2, 2), ("ikat", 2, 2)]
    monkeypatch.setattr("benzer_lab.views.search_model.count_values", lambda *args, **options: {"features": counted})
    monkeypatch.setattr("benzer_lab.views.search_model.MOST_VALUES", 5)
    assert [value for value, *_ in model.facets()["features"]] == ["çiçek", "Çizgili", "Iğdır", "ikat", "zigzag"]


def test_repeats_and_scales_stand_in_their_own_order(archive: Archive) -> None:
    for place, (kind, side) in enumerate([("brick", 160), ("straight", 100), ("half-drop", 60), ("straight", 16)]):
        Image.fromarray(cloth(kind, side, side)).save(archive.folder / "images" / NAMES[place])
    archive.find_repeats(processes=1, progress=False)
    model = SearchModel(archive)
    facets = model.facets()
    assert [value for value, *_ in facets["repeat"]] == [kind for kind in KINDS if kind in dict(counts(facets["repeat"]))]
    assert [value for value, *_ in facets["scale"]] == [scale for scale in SCALES if scale in dict(counts(facets["scale"]))]
    assert len(facets["scale"]) > 2
    model.ask(NAMES[5])
    model.change(filters={"repeat": ["straight", "half-drop"], "scale": ["micro"]})
    assert list(model.hits.filenames) == [NAMES[3]]
    other = SearchModel(archive)
    other.restore(model.address())
    assert other.filters == model.filters


def counts(values: list[tuple[str, int, int]]) -> list[tuple[str, int]]:
    return [(value, n) for value, n, _ in values]


def test_the_picture_of_an_image_is_webp(model: SearchModel) -> None:
    picture = model.picture(NAMES[0])
    assert picture
    assert Image.open(io.BytesIO(picture)).format == "WEBP"


def test_a_broken_or_unknown_image_has_no_picture(model: SearchModel) -> None:
    (model.archive.folder / "images" / NAMES[0]).write_bytes(b"broken")
    assert model.picture(NAMES[0]) is None
    assert model.picture("../truth.csv") is None
    assert model.key("../truth.csv") is None


def test_an_archive_without_images_has_no_pictures(tmp_path: Path) -> None:
    model = SearchModel(Archive.open(write_small_archive(tmp_path / "archive", pictures=False)))
    model.ask(NAMES[0])
    assert len(model.hits) == 11
    assert model.key(NAMES[0]) is None


def test_ones_own_image_has_a_picture(model: SearchModel) -> None:
    own = ask_own(model, "mine.bmp", encoded((600, 400), kind="BMP"))
    small, large = model.picture(own.key), model.picture(own.key, "large")
    assert Image.open(io.BytesIO(small)).size < Image.open(io.BytesIO(large)).size
    assert (model.key(own), model.record(own)) == (own.key, {})
    model.ask(NAMES[1])
    assert model.picture(own.key) == small  # it is on the trail
    assert model.picture("own-another") is None


def test_own_images_of_one_name_and_of_a_name_in_the_archive_are_told_apart(model: SearchModel) -> None:
    of_archive = model.picture(NAMES[2])
    owns = [ask_own(model, NAMES[2], encoded((60, 40), color=color)) for color in ("red", "blue")]
    model.ask(NAMES[1])
    assert len({model.picture(own.key) for own in owns}) == 2
    assert model.picture(NAMES[2]) == of_archive
    for own in owns:
        model.ask_again(own.key)
        assert model.asked == own


def test_an_own_image_that_would_fill_the_memory_of_a_visit_is_refused(model: SearchModel) -> None:
    with pytest.raises(ImageError, match=r"'mine\.png' must be at most 16 times as long as wide\. Cut out a part of it\."):
        model.read_own("mine.png", encoded((256 * 17, 256)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "an empty file"), (b"broken", "a file that is none of JPEG"), (encoded((8001, 8000), mode="1"), "at most 64,000,000 pixels")],
    ids=["empty", "broken", "large"],
)
def test_an_own_image_that_cannot_be_read_is_refused_in_a_sentence(model: SearchModel, content: bytes, sentence: str) -> None:
    with pytest.raises(ImageError, match=r"'mine\.png'") as refused:
        model.read_own("mine.png", content)
    assert sentence in str(refused.value)
    assert (model.query, model.own_image) == (NAMES[0], None)


def test_an_own_image_is_decoded_once_and_finds_what_its_file_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive.create(tmp_path / "archive", images=draw_designs(tmp_path, (0, 6)))
    archive.extract(["color"], processes=1, progress=False)
    Image.effect_mandelbrot((1300, 900), (-3, -2.5, 2, 2.5), 100).save(tmp_path / "mine.jpg")
    model = SearchModel(archive)
    embedded: list[object] = []
    embed = archive.embed
    monkeypatch.setattr(archive, "embed", lambda *args, **options: embedded.append(args) or embed(*args, **options))
    monkeypatch.setattr("benzer_lab.embedding.decode", lambda *args, **options: pytest.fail("decoded again"))
    ask_own(model, "mine.jpg", (tmp_path / "mine.jpg").read_bytes())
    model.top_n = 3
    assert len(embedded) == 1
    monkeypatch.setattr("benzer_lab.embedding.decode", decode)
    assert model.hits.to_records() == archive.find_similar(tmp_path / "mine.jpg", top_n=3).to_records()


def test_questions_from_several_threads_end_with_the_last_state(model: SearchModel) -> None:
    threads = [threading.Thread(target=model.ask, args=(name,)) for name in NAMES * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert model.hits.to_records() == model.archive.find_similar(model.query).to_records()


def test_the_models_load_without_panel() -> None:
    modules = "catalog, closeup_model, palette_model, preparation_model, search_model, words"
    code = f"import sys; from benzer_lab.views import {modules}; print('panel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_an_address_holds_only_what_was_changed(archive: Archive) -> None:
    model = SearchModel(archive)
    assert model.address() == {}
    model.ask(NAMES[3])
    model.change(top_n=50)
    assert model.address() == {"query": NAMES[3], "top_n": "50"}
    model.change(top_n=100)
    model.ask("")
    assert model.address() == {}


STATE: dict[str, Any] = {
    "query": NAMES[3],
    "model": "pattern",
    "version": "v1",
    "metric": "l2",
    "top_n": 7,
    "color_weight": 0.25,
    "one_per_design": True,
    "colorways": True,
    "min_similarity": 0.1,
    "filters": {"season": ["SS24"], "cluster": [0], "features": ['çizgi & "nokta"', "stripes"]},
    "text": "ığdır & <b>",
    "sort": "design",
    "per_design": True,
    "archive_tile": 60,
    "hits_tile": 200,
    "picks": [NAMES[5], NAMES[1]],
}


def test_an_address_brings_the_whole_state_back(archive: Archive) -> None:
    before, after = SearchModel(archive, **STATE), SearchModel(archive)
    assert (
        set(before.address()) == set(STATE) == set(ADDRESS) - {"palette", "region"}
    )  # which stand in the place of a query, and of other colorways
    assert all(isinstance(value, str) for value in before.address().values())
    after.restore(before.address())
    assert {name: getattr(after, name) for name in STATE} == STATE
    assert after.hits.to_records() == before.hits.to_records()
    assert after.found.tolist() == before.found.tolist()


def test_an_address_that_names_less_puts_the_rest_back(archive: Archive) -> None:
    model = SearchModel(archive, **STATE)
    model.restore({"query": NAMES[4]})
    assert model.address() == {"query": NAMES[4]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model", "nope"),
        ("version", "v99"),
        ("version", "../.."),
        ("metric", "cosinus"),
        ("top_n", "7.5"),
        ("top_n", "0"),
        ("top_n", "true"),
        ("top_n", "null"),
        ("top_n", "1e400"),
        ("top_n", "seven"),
        ("color_weight", "NaN"),
        ("color_weight", "false"),
        ("color_weight", "2"),
        ("min_similarity", "-1"),
        ("one_per_design", "1"),
        ("filters", "[]"),
        ("filters", "{"),
        ("filters", '{"season": "SS24"}'),
        ("filters", '{"season": [["SS24"]]}'),
        ("filters", '{"season": [{"min": 1}]}'),
        ("filters", '{"sesaon": ["SS24"]}'),
        ("filters", "[" * 100_000),
        ("sort", "size"),
        ("per_design", "yes"),
        ("archive_tile", "1000000"),
        ("hits_tile", ""),
        ("own_image", "mine.png"),
        ("picks", '["another.png", 4]'),
        ("picks", "D-01.png"),
        ("filters", '{"cluster": [1' + "0" * 400 + "]}"),
        ("filters", '{"cluster": [1e400]}'),
        ("filters", '{"cluster": [NaN]}'),
        ("filters", '{"width": [4]}'),
        ("nothing", "of this"),
    ],
)
def test_an_address_that_holds_rubbish_leaves_that_out(archive: Archive, name: str, text: str) -> None:
    model = SearchModel(archive)
    model.restore({"query": NAMES[3], name: text})
    assert model.address() == {"query": NAMES[3]}
    assert (model.error, len(model.hits), model.picks) == ("", 11, [])
    assert set(model.facets()) == {"season", "quality", "features", "cluster"}


def test_a_value_that_the_archive_does_not_have_passes_nothing_and_says_so(archive: Archive) -> None:
    model = SearchModel(archive)
    model.restore({"query": NAMES[3], "filters": '{"season": ["AW99"]}'})
    assert (len(model.hits), model.hits.n_candidates, model.error) == (0, 0, "")


def test_an_address_leaves_an_own_image_where_it_is(model: SearchModel) -> None:
    own = ask_own(model, "mine.png", encoded())
    assert model.address() == {}
    model.restore({"top_n": "5"})
    assert (model.own_image, model.top_n) == (own, 5)
    model.restore({"query": NAMES[0]})
    assert (model.own_image, model.query) == (None, NAMES[0])


def test_back_goes_through_the_questions(archive: Archive) -> None:
    model = SearchModel(archive)
    model.back()
    for name in NAMES[:3]:
        model.ask(name)
    model.ask(NAMES[2])
    assert model.trail == [NAMES[1], NAMES[0]]
    for name, trail in ((NAMES[1], [NAMES[0]]), (NAMES[0], []), (NAMES[0], [])):
        model.back()
        assert (model.query, model.trail, model.error, len(model.hits)) == (name, trail, "", 11)


def test_an_earlier_question_is_asked_again_and_comes_once(archive: Archive) -> None:
    model = SearchModel(archive)
    for name in NAMES[:4]:
        model.ask(name)
    model.ask_again(NAMES[0])
    assert (model.query, model.trail) == (NAMES[0], [NAMES[3], NAMES[2], NAMES[1]])
    model.ask_again("never asked")
    assert (model.query, len(model.trail)) == (NAMES[0], 3)


def test_the_trail_remembers_so_many(archive: Archive) -> None:
    model = SearchModel(archive)
    for i in range(TRAIL + 4):
        model.ask(f"{i}.png")
    assert model.trail == [f"{i}.png" for i in range(TRAIL + 2, 2, -1)]


def test_an_own_image_is_on_the_trail_and_comes_back(model: SearchModel) -> None:
    own = ask_own(model, "mine.png", encoded())
    model.ask(NAMES[1])
    assert [name_of(query) for query in model.trail] == ["mine.png", NAMES[0]]
    model.back()
    assert (model.asked, model.query, model.trail) == (own, "", [NAMES[0]])
    model.ask(NAMES[1])
    model.ask_again(own.key)
    assert model.asked == own


def test_what_is_chosen_is_in_the_address_up_to_its_length_and_outlives_a_way_back(archive: Archive) -> None:
    model = SearchModel(archive)
    model.choose(NAMES[1])
    model.ask(NAMES[3])
    before = model.address()
    model.choose(NAMES[2])
    model.restore(before, again=True)
    assert model.picks == [NAMES[1], NAMES[2]]
    again = SearchModel(archive)
    again.restore(model.address())
    assert (again.picks, again.links_picks) == ([NAMES[1], NAMES[2]], True)
    again.change(picks=["ğ" * 100 + f"{i}.png" for i in range(20)])
    assert (again.links_picks, "picks" in again.address()) == (False, False)


def test_another_version_is_compared_without_the_clusters_of_the_former(archive: Archive) -> None:
    model = SearchModel(archive, query=NAMES[0], model="color", filters={"cluster": [1], "season": ["SS24"]})
    model.choose_model("color", "v1")
    assert (model.version, model.filters) == ("v1", {"season": ["SS24"]})


def test_two_steps_back_in_the_browser_leave_no_question_on_its_own_trail(archive: Archive) -> None:
    model = SearchModel(archive)
    addresses = []
    for name in NAMES[:3]:
        model.ask(name)
        addresses.append(model.address())
    model.restore(addresses[0])
    assert (model.query, NAMES[0] in model.trail) == (NAMES[0], False)


def test_an_address_from_the_browser_s_history_shortens_the_trail_or_lengthens_it(archive: Archive) -> None:
    model = SearchModel(archive)
    for name in NAMES[:2]:
        model.ask(name)
    model.restore({"query": NAMES[0]})
    assert (model.query, model.trail) == (NAMES[0], [])
    model.restore({"query": NAMES[1]})
    assert (model.query, model.trail) == (NAMES[1], [NAMES[0]])
    model.restore({})
    assert (model.query, model.hits) == ("", None)


def test_hits_below_the_limit_are_cut_off(model: SearchModel) -> None:
    similarities = model.hits.similarities
    limit = float(similarities[4])
    model.change(min_similarity=limit - 1e-6)
    assert model.hits.similarities.tolist() == similarities[:5].tolist()
    model.change(min_similarity=1)
    assert (len(model.hits), model.hits.n_candidates, model.error) == (0, 11, "")


def test_every_part_of_the_question_has_its_parameter() -> None:
    assert set(QUESTION) <= set(SearchModel.param)
    assert set(ADDRESS) == {*QUESTION, *LISTING, "archive_tile", "hits_tile", "picks"} - {"own_image"}
