"""The state of the search page, as plain Python."""

import io
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benzer_lab import sample
from benzer_lab.archive import Archive
from benzer_lab.errors import ArchiveError
from benzer_lab.images import decode
from benzer_lab.metadata import Metadata
from benzer_lab.views import preparation_model
from benzer_lab.views.preparation_model import Preparation, archive_folder, awaits_sample, prepare, shared_archive
from benzer_lab.views.search_model import Catalog, SearchModel
from tests.small_archive import NAMES, write_small_archive
from tests.test_archive import draw, names_of


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(write_small_archive(tmp_path / "archive"))


@pytest.fixture
def model(archive: Archive) -> SearchModel:
    model = SearchModel(archive)
    model.ask(NAMES[0])
    return model


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
    asked: list[str] = []
    monkeypatch.setattr(model.archive, "find_similar", lambda query, **options: asked.append(query))
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


def encoded(size: tuple[int, int] = (9, 9), kind: str = "PNG", mode: str = "RGB") -> bytes:
    held = io.BytesIO()
    Image.new(mode, size).save(held, kind)
    return held.getvalue()


def test_an_own_image_in_a_model_not_made_here_is_refused_with_what_to_do(model: SearchModel) -> None:
    model.ask_own("mine.png", encoded())
    assert model.hits is None
    assert "extract" in model.error


def test_an_own_image_takes_the_place_of_the_query_and_back(model: SearchModel) -> None:
    model.ask_own("mine.png", encoded())
    assert model.query == ""
    model.ask(NAMES[2])
    assert model.own_image is None
    assert model.hits is not None


def test_an_unexpected_failure_leaves_the_page_free_for_the_next_question(model: SearchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(query: object, **options: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(model.archive, "find_similar", fail)
    with pytest.raises(RuntimeError, match="broken"):
        model.ask(NAMES[1])
    assert not model.busy


def test_a_refusal_is_shown_in_place_of_hits(model: SearchModel) -> None:
    model.refuse("Too large.")
    assert (model.hits, model.error) == (None, "Too large.")


@pytest.mark.parametrize(
    ("text", "n"), [("", 12), ("igdir", 4), ("IĞDIR", 4), ("lale 5", 2), ("D-03", 1), ("kilim ", 4), ("D-03.png\nlale", 0), ("x", 0)]
)
def test_images_are_found_by_a_part_of_name_or_design(model: SearchModel, text: str, n: int) -> None:
    model.text = text
    assert len(model.found) == n


def test_a_catalog_knows_images_without_metadata_by_their_names() -> None:
    catalog = Catalog(("a.png", "b.png"), Metadata.from_records({"a.png": {"design": "Lâle"}}))
    assert catalog.find("LALE").tolist() == [0]
    assert catalog.find("b.p").tolist() == [1]


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
        "season": [("AW24", 6), ("SS24", 6)],
        "quality": [("viscose", 12)],
        "features": [("floral", 3), ("small", 3), ("stripes", 9)],
        "cluster": [(0, 6), (1, 6)],
    }


def test_facets_stand_in_the_order_of_the_alphabet() -> None:
    from benzer_lab.views.search_model import _counts

    wanted = [
        "10 yarns",
        "2 yarns",
        "âlâ",
        "Batik",
        "çiçek",
        "Çizgili",
        "damask",
        "Iğdır",
        "ikat",
        "İpek",
        "organza",
        "örgü",
        "şal",
        "Üzüm",
        "zigzag",
    ]
    codes = Metadata.from_records({str(i): {"f": value} for i, value in enumerate(sorted(wanted))}).codes("f")
    assert [value for value, _ in _counts(codes)] == wanted
    codes = Metadata.from_records({"a": {"f": 10}, "b": {"f": 9}}).codes("f")
    assert _counts(codes) == [(9, 1), (10, 1)]


def test_facets_count_a_value_that_a_list_holds_twice_once(archive: Archive) -> None:
    from benzer_lab.views.search_model import _counts

    codes = Metadata.from_records({"a": {"f": ["x", "x", "y"]}, "b": {"f": ["x"]}, "c": {}}).codes("f")
    assert _counts(codes) == [("x", 2), ("y", 1)]


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
    model.ask_own("mine.bmp", encoded(kind="BMP"))
    assert (model.own_picture("mine.bmp") or b"")[8:12] == b"WEBP"
    model.ask_own("mine.bmp", b"broken")
    assert model.own_picture("mine.bmp") is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "an empty file"), (b"broken", "a file that is none of JPEG"), (encoded((8001, 8000), mode="1"), "at most 64,000,000 pixels")],
    ids=["empty", "broken", "large"],
)
def test_an_own_image_that_cannot_be_read_is_refused_in_a_sentence(model: SearchModel, content: bytes, sentence: str) -> None:
    model.ask_own("mine.png", content)
    assert (model.query, model.own_image, model.hits) == ("", None, None)
    assert "'mine.png'" in model.error
    assert sentence in model.error


def test_an_own_image_is_decoded_once_and_finds_what_its_file_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive.create(tmp_path / "archive", images=draw_designs(tmp_path, (0, 6)))
    archive.extract(["color"], processes=1, progress=False)
    Image.effect_mandelbrot((1300, 900), (-3, -2.5, 2, 2.5), 100).save(tmp_path / "mine.jpg")
    model = SearchModel(archive)
    decoded: list[str] = []
    monkeypatch.setattr(
        "benzer_lab.views.search_model.decode", lambda *args, **options: decoded.append(options["name"]) or decode(*args, **options)
    )
    monkeypatch.setattr("benzer_lab.archive.decode", lambda *args, **options: pytest.fail("decoded again"))
    model.ask_own("mine.jpg", (tmp_path / "mine.jpg").read_bytes())
    model.top_n = 3
    assert model.own_picture("mine.jpg")
    assert decoded == ["mine.jpg"]
    monkeypatch.setattr("benzer_lab.archive.decode", decode)
    assert model.hits.to_records() == archive.find_similar(tmp_path / "mine.jpg", top_n=3).to_records()


def test_questions_from_several_threads_end_with_the_last_state(model: SearchModel) -> None:
    threads = [threading.Thread(target=model.ask, args=(name,)) for name in NAMES * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert model.hits.to_records() == model.archive.find_similar(model.query).to_records()


def test_the_models_load_without_panel() -> None:
    code = "import sys; from benzer_lab.views import search_model, preparation_model; print('panel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this process's archive, still empty."""
    (tmp_path / "archive").mkdir()
    monkeypatch.setenv("BENZER_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.delenv("BENZER_IMAGES", raising=False)
    return tmp_path / "archive"


def draw_few(folder: Path, **options: object) -> None:
    """Stand in for `draw_archive`: what it leaves behind."""
    write_small_archive(folder)
    (folder / sample.TRUTH).write_text("")


@pytest.fixture
def quick_sample(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A sample archive that is made at once; its steps are listed."""
    steps: list[str] = []

    def extract(archive: Archive, *, progress: Any) -> None:
        progress(5, 12)
        steps.append("extract")
        write_small_archive(archive.folder, pictures=False)

    def draw(folder: Path, **options: object) -> None:
        steps.append("draw")
        draw_few(folder)

    monkeypatch.setattr(preparation_model, "draw_archive", draw)
    monkeypatch.setattr(Archive, "extract", extract)
    return steps


def test_the_archive_folder_is_the_one_named_else_the_one_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BENZER_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "image_features").mkdir()
    assert archive_folder().resolve() == tmp_path / "image_features"
    monkeypatch.setenv("BENZER_ARCHIVE", "elsewhere")
    assert archive_folder() == Path("elsewhere")


@pytest.mark.parametrize(("names", "awaited"), [([], True), (["README.md", ".DS_Store"], True), (["README.md", "images"], False)])
def test_a_folder_awaits_the_sample_while_nothing_of_ones_own_is_in_it(tmp_path: Path, names: list[str], awaited: bool) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert awaits_sample(tmp_path) is awaited


def test_where_there_is_nothing_the_sample_is_made_and_opened(place: Path, quick_sample: list[str]) -> None:
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, preparation.error, quick_sample) == ("ready", "", ["draw", "extract"])
    assert (preparation.done, preparation.total) == (5, 12)
    assert not awaits_sample(place)


def test_a_sample_whose_extraction_was_interrupted_is_not_drawn_again(place: Path, quick_sample: list[str]) -> None:
    (place / preparation_model.UNFINISHED).touch()
    draw_few(place)
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["extract"])


@pytest.mark.parametrize("moved", [[], ["images"], ["images", sample.METADATA], ["images", sample.METADATA, sample.TRUTH]], ids=len)
def test_a_sample_goes_on_whenever_it_was_killed_after_the_drawing(place: Path, quick_sample: list[str], moved: list[str]) -> None:
    (place / preparation_model.UNFINISHED).touch()
    draft = place / preparation_model.DRAFT
    draw_few(draft)
    for name in moved:
        (draft / name).rename(place / name)
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, preparation.error, quick_sample) == ("ready", "", ["extract"])
    assert len(preparation.archive.filenames) == 12  # type: ignore[union-attr]
    assert not draft.exists()


@pytest.mark.parametrize("drawn", [True, False])
def test_ones_own_images_beside_a_sample_that_was_begun_are_never_deleted(place: Path, quick_sample: list[str], drawn: bool) -> None:
    (place / preparation_model.UNFINISHED).touch()
    if drawn:
        draw_few(place / preparation_model.DRAFT)
    (place / "images").mkdir()
    Image.new("RGB", (9, 9)).save(place / "images" / "mine.png")
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert preparation_model.UNFINISHED in preparation.error
    assert (place / "images" / "mine.png").exists()


def test_a_named_folder_that_is_not_there_gets_no_sample(place: Path, quick_sample: list[str]) -> None:
    place.rmdir()
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert f"{place} must be a folder; there is none. Check the name" in preparation.error
    assert not place.exists()


def test_the_default_folder_is_made(tmp_path: Path, quick_sample: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preparation = Preparation(preparation_model.DEFAULT)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["draw", "extract"])


def test_a_sample_whose_drawing_was_interrupted_is_drawn_again(place: Path, quick_sample: list[str]) -> None:
    (place / preparation_model.DRAFT / ".images-half").mkdir(parents=True)
    (place / preparation_model.UNFINISHED).touch()
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["draw", "extract"])
    assert not (place / preparation_model.DRAFT).exists()


def test_nothing_is_drawn_beside_ones_own_images(place: Path, quick_sample: list[str]) -> None:
    (place / "images").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(place / "images" / "mine.png")
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert "benzer extract" in preparation.error


def test_an_empty_folder_with_images_elsewhere_gets_no_sample(place: Path, quick_sample: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    preparation = Preparation(place, str(tmp_path / "mine"))
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path, quick_sample: list[str]) -> None:
    preparation = Preparation(tmp_path / "not there" / "archive")
    preparation.run()
    assert preparation.status == "failed"
    assert "BENZER_ARCHIVE" in preparation.error


def test_an_unexpected_failure_is_told_and_logged(
    place: Path, quick_sample: list[str], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(Archive, "open", lambda folder, **options: np.zeros(1)[2])
    preparation = Preparation(place)
    preparation.run()
    assert preparation.status == "failed"
    assert "cannot be opened" in preparation.error
    assert "IndexError" in caplog.text


def test_all_pages_of_a_process_share_one_archive(place: Path, quick_sample: list[str]) -> None:
    assert prepare().ended.wait(20)
    assert prepare() is prepare()
    assert shared_archive() is shared_archive()


def test_after_a_failure_the_next_page_tries_again(place: Path, quick_sample: list[str]) -> None:
    (place / "images").mkdir(parents=True)
    assert prepare().ended.wait(20)
    with pytest.raises(ArchiveError, match="benzer extract"):
        shared_archive()
    write_small_archive(place, pictures=False)
    assert prepare().ended.wait(20)
    assert "pattern" in shared_archive().models


def test_while_the_archive_is_being_made_the_routes_are_told_to_wait(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(preparation_model, "draw_archive", lambda folder, **options: goes_on.wait(20) and draw_few(folder))
    monkeypatch.setattr(Archive, "extract", lambda archive, **options: write_small_archive(archive.folder, pictures=False))
    prepare()
    with pytest.raises(ArchiveError, match="being made ready"):
        shared_archive()
    goes_on.set()
    assert prepare().ended.wait(20)
    assert prepare().status == "ready"


def test_two_processes_make_the_sample_once(place: Path, quick_sample: list[str]) -> None:
    both = [Preparation(place), Preparation(place)]
    threads = [threading.Thread(target=one.run) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status for one in both] == ["ready", "ready"]
    assert quick_sample == ["draw", "extract"]
