"""Parts of a design as a question, as plain Python."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab import region_store
from benzer_lab.parts import MOST_PARTS
from benzer_lab.views.catalog import OwnImage
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.describing_model import Describing, describing, hindrance
from benzer_lab.views.part_model import Part, cut_out, found_in, places, read_boxes
from benzer_lab.views.search_model import SearchModel, mark_of, name_of
from benzer_lab.views.search_view import Search
from tests.part_archive import AT, BOX, OTHERS, SIZE, picture, write_part_archive

pytest.importorskip("onnxruntime", reason="needs the extra 'features'")

PART = Part("P-0.png", (BOX,))
TWO = Part("P-0.png", (BOX, (150, 20, 250, 120)))


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_part_archive(tmp_path_factory.mktemp("parts") / "archive")


@pytest.fixture
def archive(described: Path) -> bl.Archive:
    return bl.Archive.open(described)


@pytest.fixture
def model(archive: bl.Archive) -> SearchModel:
    return SearchModel(archive)


@pytest.fixture
def bare(described: Path, tmp_path: Path) -> bl.Archive:
    """A copy without regions, which a test may change."""
    shutil.copytree(described, tmp_path / "bare", ignore=shutil.ignore_patterns("regions.arrow", ".work"))
    return bl.Archive.open(tmp_path / "bare")


def content(image: Image.Image, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, format)
    return file.getvalue()


def test_a_part_is_found_where_it_is_whatever_is_compared_else(model: SearchModel, archive: bl.Archive) -> None:
    model.change(metric="l2", color_weight=0.9)
    model.ask(PART)
    hits = archive.find_similar("P-0.png", region=BOX)
    assert (model.error, model.hits.filenames, model.hits.boxes) == ("", hits.filenames, hits.boxes)
    assert set(model.hits.filenames[:3]) == set(AT) - {"P-0.png"}
    found, size = found_in(model.hits, model.hits.filenames.index("P-1.png")) or ([], (0, 0))
    assert size == SIZE
    assert np.abs(np.array(found[0]) - (200, 40, 296, 136)).max() < 24
    assert found_in(archive.find_similar("P-0.png"), 0) is None
    assert found_in(None, 0) is found_in(hits, len(hits)) is None


@pytest.mark.parametrize(
    "option",
    [{"top_n": 2}, {"filters": {"season": ["AW24"]}}, {"one_per_design": True}, {"min_similarity": 0.8}, {"model": "pattern"}],
)
def test_what_applies_to_parts_too_is_kept_to(model: SearchModel, archive: bl.Archive, option: dict[str, Any]) -> None:
    model.ask(PART)
    every = model.hits.filenames
    model.change(**option)
    given = {"group_by": "design"} if "one_per_design" in option else option
    assert model.hits.filenames == archive.find_similar("P-0.png", region=BOX, **given).filenames
    assert len(model.hits) <= len(every)


def test_a_part_of_an_image_of_ones_own_is_given_in_its_own_pixels(model: SearchModel) -> None:
    image = picture("P-0.png").resize((4 * SIZE[0], 4 * SIZE[1]), Image.Resampling.BICUBIC)
    own = model.read_own("mine.jpg", content(image, "JPEG"))
    assert own.size == (4 * SIZE[0], 4 * SIZE[1])
    model.ask(Part(own, (tuple(4 * side for side in BOX),)))
    assert model.error == ""
    assert set(model.hits.filenames[:4]) == set(AT)
    assert "region" not in model.address()


def test_the_size_of_an_image_of_ones_own_is_that_of_the_upright_original() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    file = io.BytesIO()
    picture("P-0.png").save(file, "JPEG", exif=exif)
    assert OwnImage.read("turned.jpg", file.getvalue()).size == (SIZE[1], SIZE[0])


def test_an_address_brings_parts_back(model: SearchModel, archive: bl.Archive) -> None:
    model.ask(TWO)
    given = model.address()
    assert json.loads(given["region"]) == [list(box) for box in TWO.boxes]
    again = SearchModel(archive)
    again.restore(given)
    assert (again.step, again.hits.filenames, again.hits.boxes) == (TWO, model.hits.filenames, model.hits.boxes)
    assert len(again.hits.boxes[0]) == 2
    again.restore({"query": "P-0.png", "region": json.dumps(BOX), "colorways": "true"})  # one box may stand alone
    assert (again.step, again.colorways) == (PART, False)
    again.restore({"region": given["region"]})
    assert (again.step, again.region) == (None, [])


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "1", "{}", "[[1, 2, 3]]", "[1, 2, 3]", '[["a", 1, 2, 3]]'),
        *("[[1, 2, 3, true]]", "[[1, 2, 3, NaN]]", "[[1, 2, 3, 1e99]]", json.dumps([BOX] * (MOST_PARTS + 1)), "[" * 5000),
    ],
)
def test_what_is_no_region_in_an_address_is_left_out(model: SearchModel, text: str) -> None:
    model.restore({"query": "P-0.png", "region": text})
    assert (model.region, model.error, len(model.hits)) == ([], "", 6)


def test_boxes_that_do_not_fit_are_refused_in_a_sentence_and_nothing_is_lost(model: SearchModel) -> None:
    model.ask("P-1.png")
    model.restore({"query": "P-0.png", "region": "[[10, 30, 900, 126]]"})
    assert "region must lie within the image of 320 x 160 pixels" in model.error
    assert (model.hits, model.query, model.region, model.trail) == (None, "P-0.png", [(10, 30, 900, 126)], ["P-1.png"])
    assert json.loads(model.address()["region"]) == [[10, 30, 900, 126]]
    model.ask(PART)
    assert (model.error, len(model.hits)) == ("", 6)


def test_back_leads_from_a_part_to_its_whole_and_the_trail_to_the_part_again(model: SearchModel) -> None:
    model.ask("P-0.png")
    whole = model.hits.filenames
    model.ask(PART)
    assert model.trail == ["P-0.png"]
    model.ask(TWO)
    assert model.trail == [PART, "P-0.png"]
    model.ask_again(mark_of(PART))
    assert (model.step, model.trail) == (PART, [TWO, "P-0.png"])
    model.back()
    assert model.step == TWO
    model.ask("P-0.png")
    assert (model.region, model.hits.boxes, model.hits.filenames) == ([], None, whole)
    model.ask(PART)
    model.ask_colorways("P-1.png")
    assert (model.region, model.trail[0]) == ([], PART)


def test_a_part_is_shown_cut_out_once_the_size_of_its_whole_is_known(model: SearchModel) -> None:
    assert model.key(PART) == model.key("P-0.png")
    model.ask(PART)
    assert model.key(PART) == mark_of(PART) == PART.key
    shown = Image.open(io.BytesIO(model.picture(PART.key, "large") or b""))
    assert shown.size == (96, 96)
    model.ask("P-1.png")  # what is on the trail can be seen, too
    assert model.picture(PART.key) is not None
    assert (model.picture(TWO.key), name_of(PART), model.record(PART)["design"]) == (None, "P-0.png", "P0")


def test_several_parts_are_shown_side_by_side() -> None:
    several = cut_out(content(picture("P-0.png")), TWO.boxes, SIZE, "small")
    assert Image.open(io.BytesIO(several)).size == (256, 128)
    assert Image.open(io.BytesIO(cut_out(content(picture("P-0.png")), [(-9, 80, 2**30, 2**30)], SIZE, "small"))).size == (256, 64)
    assert Image.open(io.BytesIO(cut_out(content(picture("P-0.png")), [(900, 0, 990, 9)], SIZE, "small"))).size == (256, 128)
    assert TWO.key != PART.key != Part("P-1.png", (BOX,)).key


def test_boxes_are_drawn_by_shares_of_the_picture() -> None:
    assert places([(32, 16, 160, 80)], SIZE) == {"aspect": 2.0, "boxes": [[0.1, 0.1, 0.5, 0.5]]}
    assert read_boxes([1.4, 2, 3.6, 4]) == [(1, 2, 4, 4)]
    assert read_boxes([]) == []


def test_an_answer_that_comes_late_is_dropped_and_one_that_nobody_waits_for_is_not_looked_for(model: SearchModel) -> None:
    waiting: list[Any] = []
    model.aside = lambda work, show: waiting.append((work, show))
    model.ask(PART)
    model.ask(TWO)
    assert model.busy
    close = CloseupModel(model)
    close.look("query")
    (work, show), (second, show_second) = waiting
    assert work() == {}
    show({"hits": None, "error": "late"})
    assert (model.busy, model.error) == (True, "")
    found = second()
    model._set(hits=None)  # an answer does not close what is drawn on meanwhile
    assert close.one == "P-0.png"
    model.ask("P-1.png")
    assert close.one is None
    whole = model.hits
    show_second(found)
    assert (model.busy, model.hits) == (False, whole)
    assert len(waiting) == 2


def test_a_fault_in_a_thread_is_told_and_asked_again_when_it_is_asked_again(model: SearchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(model.archive, "part_searcher", lambda *place: 1 / 0)
        model.ask(PART)
        assert (model.error.startswith("ZeroDivisionError"), model.busy) == (True, False)
    model.ask(PART)
    assert (model.error, len(model.hits)) == ("", 6)


def test_until_the_images_are_described_there_is_no_answer_and_then_there_is(bare: bl.Archive) -> None:
    model, now = SearchModel(bare), describing(bare)
    assert now is describing(bare)
    model.ask(PART)
    assert (model.hits, model.error, model.undescribed, bare.count_undescribed()) == (None, "", 7, 7)
    now.start(bare)
    now.start(bare)  # runs once
    now.wait()
    assert (now.status, now.done, now.total) == ("idle", 7, 7)
    model.look_again()
    assert (len(model.hits), model.undescribed) == (6, 0)
    model.ask("P-0.png")
    assert model.undescribed == 0


def test_images_that_came_since_are_counted(bare: bl.Archive) -> None:
    (bare.folder / "images" / "Q-2.png").rename(bare.folder / "Q-2.png")
    bare.index_regions(processes=1, progress=False)
    (bare.folder / "Q-2.png").rename(bare.folder / "images" / "Q-2.png")
    model = SearchModel(bl.Archive.open(bare.folder))
    model.ask(PART)
    assert (model.undescribed, set(model.hits.filenames)) == (1, {*AT, *OTHERS} - {"P-0.png", "Q-2.png"})


def test_describing_stops_when_it_is_told_and_goes_on_where_it_was(bare: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region_store, "CHUNK", 1)
    now, seen = Describing(), []

    class Watched:
        folder = bare.folder

        def index_regions(self, *, processes: int, progress: Any) -> Any:
            def tell(done: int, total: int) -> None:
                seen.append(done)
                if len(seen) == 4:
                    now.stop()
                progress(done, total)

            return bare.index_regions(processes=1, progress=tell)

    now.start(Watched())  # type: ignore[arg-type]
    now.wait()
    assert (now.status, seen) == ("idle", [0, 1, 2, 3])
    assert not (bare.folder / region_store.FILE).exists()
    now.stop()  # of what does not run
    now.start(Watched())  # type: ignore[arg-type]
    now.wait()
    assert (now.status, seen[4:]) == ("idle", [3, 4, 5, 6, 7])
    assert bare.count_undescribed() == 0


def test_why_images_cannot_be_described_is_told(
    bare: bl.Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = Describing()
    with region_store.locked(bare.folder / region_store.WORK, caller="index_regions"):
        now.start(bare)
        now.wait()
    assert (now.status, now.is_running, "index_regions" in now.error) == ("failed", False, True)
    monkeypatch.setattr(bare, "index_regions", lambda **options: 1 / 0)
    now.start(bare)
    now.wait()
    assert now.error == "ZeroDivisionError: division by zero. The server's log has the details."
    assert "cannot be described" in caplog.text
    assert hindrance(bare) == ""
    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda path, mode: False)
        assert hindrance(bare) == "read_only"
    shutil.rmtree(bare.folder / "images")
    assert hindrance(bl.Archive.open(bare.folder)) == "no_images"


def test_a_torn_file_of_regions_is_as_none(bare: bl.Archive) -> None:
    (bare.folder / region_store.FILE).write_bytes(b"torn")
    model = SearchModel(bare)
    model.ask(PART)
    assert (model.hits, model.error, model.undescribed) == (None, "", 7)
    bare.index_regions(processes=1, progress=False)
    model.look_again()
    assert len(model.hits) == 6


def test_a_part_of_an_image_that_is_gone_is_refused(model: SearchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.archive, "images", None)
    model.ask(PART)
    assert model.error == "'P-0.png' must be among the images, to have a part of it looked for; there is no such file."


def test_the_page_marks_what_is_found_and_disables_what_does_not_apply(archive: bl.Archive) -> None:
    search = Search(archive)
    search.model.aside = None  # at once
    search.model.ask("P-0.png")
    assert (search.part.bar.visible, search.query.chip["has_parts"], search.query.part) == (False, True, "Find a part")
    search.model.ask(PART)
    tiles = search.hits_gallery.content["tiles"]
    assert tiles[0][5] == places(search.model.hits.boxes[:1], SIZE)
    assert search.hits_gallery.caption == "The 6 of 6 images that show it best"
    disabled = {name for name, control in search.question.items() if control.disabled}
    assert disabled == {"model", "version", "metric", "color_weight", "colorways"}
    assert search.part.bar.text == "A part of P0 is looked for, in any colors. Comparison, distance and version do not apply."
    assert (search.query.chip["note"], search.query.chip["key"], search.query.part) == ("A part of it", PART.key, "Change the part")
    search.language = "tr"
    assert search.part.bar.text.startswith("P0: bir parçası aranıyor")
    search.closeup_model.look("hits", tiles[0][0])
    assert search.closeup.shown["one"]["found"] == tiles[0][5]
    assert search.closeup.shown["query"]["found"] == places([BOX], SIZE)
    assert search.closeup.shown["why"] == ""
    search.part._ask_whole()
    assert not any(control.disabled for control in search.question.values())
    assert len(search.hits_gallery.content["tiles"][0]) == 5
    assert search.query.chip["note"] == "SS24"


def test_parts_that_the_browser_draws_are_looked_for_and_anything_else_is_refused(archive: bl.Archive) -> None:
    search = Search(archive)
    search.model.aside = None
    search.part.take([list(BOX)])  # nothing is looked at
    assert search.model.step is None
    search.closeup_model.look("archive", "P-0.png")
    with pytest.raises(ValueError, match="no box"):
        search.closeup._handle_msg({"type": "boxes", "boxes": [["a"]]})
    search.closeup._handle_msg({"type": "boxes", "boxes": [list(BOX)]})
    assert (search.model.step, search.closeup_model.side) == (PART, "")


def test_the_bar_tells_what_can_be_done_about_images_that_are_not_described(bare: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(bare)
    search.model.aside = None
    search.model.ask(PART)
    state = search.part.bar.state
    assert state["prepare"] == "Prepare"
    assert state["text"].startswith("To find a part, each image must first be looked at place by place")
    assert search.hits_gallery.notice == "No image of this archive is prepared for parts yet."
    now = describing(bare)
    now.status, now.error = "failed", "index_regions: no space left."
    search.part._show()
    assert search.part.bar.state == {"text": "index_regions: no space left.", "is_error": True, "prepare": "Prepare"}
    now.status, now.error = "idle", ""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    search.part._show()
    assert f"benzer regions {bare.folder}" in search.part.bar.state["text"]
    assert "prepare" not in search.part.bar.state
