"""The pages by their widgets, without a browser."""

import ast
import io
import re
import struct
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import panel as pn
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab.errors import InputError
from benzer_lab.views import gallery as gallery_module
from benzer_lab.views import page as page_module
from benzer_lab.views import search_view
from benzer_lab.views.gallery import Gallery
from benzer_lab.views.page import Page
from benzer_lab.views.preparation_model import Preparation
from benzer_lab.views.preparation_view import PreparationView
from benzer_lab.views.upload import Upload
from benzer_lab.views.words import LANGUAGES, WORDS, Words
from tests.small_archive import NAMES, write_small_archive
from tests.test_archive import draw, names_of

VIEWS = Path(search_view.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_archive(tmp_path / "archive")


@pytest.fixture
def view(folder: Path) -> bl.views.Search:
    return bl.views.Search(bl.Archive.open(folder))


def sent(component: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component sends to the browser from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_send_msg", messages.append)
    return messages


def test_every_word_is_there_in_every_language_with_the_same_values() -> None:
    for key, texts in WORDS.items():
        assert set(texts) == set(LANGUAGES), key
        assert all(texts.values()), key
        assert len({frozenset(field for _, field, _, _ in Formatter().parse(text) if field) for text in texts.values()}) == 1, key


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in VIEWS.glob("*.py") if path.name != "words.py")
    assert set(re.findall(r"""words\("([^"]+)\"""", source)) <= set(WORDS)
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)} | {
        "color",
        "pattern",
        "color+pattern",
        "image",
        "images",
    }
    assert set(WORDS) <= texts


def test_no_script_of_a_page_makes_markup_of_text() -> None:
    for path in VIEWS.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text(encoding="utf-8")), path.name


def test_numbers_are_written_as_the_language_does() -> None:
    assert Words("en")("images", n=1234) == "1,234 images"
    assert Words("tr")("images", n=1234) == "1.234 görsel"
    assert Words("tr").number(0.5, 3) == "0,500"


def test_one_image_is_no_images(view: bl.views.Search) -> None:
    assert (Words("en").images(1), Words("tr").images(1)) == ("1 image", "1 görsel")
    view.text.value_input = "lale 5"
    assert view.archive_gallery.caption == "2 of 12 images"
    view.model.param.update(query=NAMES[1], filters={"season": ["SS24"], "features": ["floral"]}, top_n=1)
    assert view.hits_gallery.caption == "The most similar of 2 images"
    view.model.ask(NAMES[0])
    assert view.hits_gallery.caption == "The most similar of 1 image"
    view.language = "tr"
    assert view.hits_gallery.caption == "1 görselden en benzeri"


def test_words_refuse_an_unknown_language() -> None:
    with pytest.raises(InputError, match=r"Words: language must be one of 'en', 'tr'; got 'de'"):
        Words("de")


def test_the_page_begins_with_the_archive_and_what_to_do(view: bl.views.Search) -> None:
    assert view.archive_gallery.caption == "12 images"
    assert [tile["title"] for tile in view.archive_gallery.content["tiles"][3:5]] == ["Iğdır Kilim", "Lâle 2"]
    assert view.hits_gallery.notice == WORDS["start"]["en"]
    assert view.query_gallery.content["total"] == 0


def test_a_click_in_the_archive_shows_hits_and_the_query(view: bl.views.Search) -> None:
    view.archive_gallery._handle_msg({"type": "pick", "name": NAMES[0]})
    first = view.hits_gallery.content["tiles"][0]
    hits = view.model.hits
    assert (first["name"], first["badge"]) == (hits.filenames[0], f"{hits.similarities[0]:.3f}")
    assert view.hits_gallery.caption == "The 11 most similar of 11 images"
    assert view.archive_gallery.selected == NAMES[0]
    assert view.query_gallery.content["tiles"][0]["name"] == NAMES[0]
    assert not view.hits_gallery.busy


def test_a_click_on_a_hit_makes_it_the_query(view: bl.views.Search) -> None:
    view.hits_gallery._handle_msg({"type": "pick", "name": NAMES[7]})
    assert view.model.query == NAMES[7]


@pytest.mark.parametrize(("name", "value"), [("metric", "l2"), ("top_n", 20), ("color_weight", 0.25), ("one_per_design", True)])
def test_a_control_changes_the_question(view: bl.views.Search, name: str, value: object) -> None:
    view.controls[name].value = value
    assert getattr(view.model, name) == value


def test_controls_follow_the_question(view: bl.views.Search) -> None:
    view.model.param.update(top_n=50, filters={"season": ["SS24"]})
    view.model.choose_model("pattern")
    assert (view.controls["top_n"].value, view.controls["model"].value) == (50, "pattern")
    assert view.facets.value == {"season": ["SS24"]}


def test_the_share_of_color_is_offered_only_where_color_and_pattern_mix(view: bl.views.Search) -> None:
    assert view.controls["color_weight"].visible
    view.controls["model"].value = "pattern"
    assert not view.controls["color_weight"].visible
    assert view.controls["version"].options == {"Current (v1)": "", "v1": "v1"}


def test_filters_narrow_the_hits_and_say_when_nothing_passes(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.facets.value = {"season": ["AW24"], "cluster": [1]}
    assert view.hits_gallery.content["total"] == 3
    view.facets.value = {"season": ["AW25"]}
    assert view.hits_gallery.notice == WORDS["no_hits"]["en"]


def test_the_archive_may_shrink_while_its_page_is_open(tmp_path: Path) -> None:
    draw(tmp_path / "images", names_of(0, 6))
    bl.Archive.create(tmp_path / "archive", images=tmp_path / "images").extract(["color"], processes=1, progress=False)
    view = bl.views.Search(bl.Archive.open(tmp_path / "archive"))
    for name in names_of(3, 6):
        (tmp_path / "images" / name).unlink()
    bl.Archive.open(tmp_path / "archive").extract(["color"], processes=1, progress=False)
    view.model.ask(names_of(0, 1)[0])
    view.language = "tr"
    assert view.archive_gallery.caption == "6 görsel"
    assert bl.views.Search(view.model.archive).archive_gallery.caption == "3 images"


def test_the_box_narrows_the_archive(view: bl.views.Search) -> None:
    view.text.value_input = "igdir"
    assert view.archive_gallery.caption == "4 of 12 images"
    view.text.value_input = "<b>"
    assert view.archive_gallery.notice == "Nothing in the archive is called “<b>”."


def test_an_error_is_shown_in_words_in_place_of_hits(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.model.ask("D-99.png")
    assert view.hits_gallery.error.startswith("There is no answer to this.\nfind_similar: 'D-99.png'")
    assert (view.hits_gallery.content["total"], view.hits_gallery.notice) == (0, "")


def test_an_image_that_is_too_large_is_refused_in_words(view: bl.views.Search) -> None:
    view.upload._handle_msg({"name": "huge.tif", "content": None})
    assert "“huge.tif” is larger than 16 MB" in view.hits_gallery.error
    assert view.model.own_image is None


def test_a_refused_image_takes_the_place_of_the_question_before_it(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.upload._handle_msg({"name": "huge.tif", "content": None})
    assert (view.model.query, view.query_gallery.content["total"], view.archive_gallery.selected) == ("", 0, "")
    assert (view.hits_gallery.content["total"], view.hits_gallery.caption) == (0, "")
    assert "“huge.tif” is larger than 16 MB" in view.hits_gallery.error


def test_ones_own_images_of_one_name_have_different_addresses(view: bl.views.Search) -> None:
    keys = []
    for color in ("red", "blue", "red"):
        held = io.BytesIO()
        Image.new("RGB", (9, 9), color).save(held, "PNG")
        view.upload._handle_msg({"name": "mine.png", "content": held.getvalue()})
        keys.append(view.query_gallery.content["tiles"][0]["key"])
    assert keys[0] == keys[2] != keys[1]


def test_the_language_changes_every_word_and_no_question(view: bl.views.Search) -> None:
    view.model.param.update(query=NAMES[0], metric="l2", top_n=20)
    view.language = "tr"
    assert view.controls["model"].name == "Karşılaştırma"
    assert view.controls["metric"].value == view.model.metric == "l2"
    assert view.hits_gallery.caption == "11 görselden en benzer 11 tanesi"
    assert "," in view.hits_gallery.content["tiles"][0]["badge"]
    assert view.facets.fields[0]["label"] == "Sezon"


def test_a_gallery_sends_its_tiles_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "BATCH", 3)
    gallery = Gallery(picture=lambda name: None)
    gallery.show(8, lambda start, stop: [{"name": str(i), "key": None} for i in range(start, stop)])
    assert [tile["name"] for tile in gallery.content["tiles"]] == ["0", "1", "2"]
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "tiles", "epoch": gallery.content["epoch"], "start": 6})
    assert [tile["name"] for tile in messages[0]["tiles"]] == ["6", "7"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "tiles", "epoch": 0, "start": 0},
        {"type": "tiles", "epoch": 1, "start": -3},
        {"type": "tiles", "epoch": 1, "start": 2},
        {"type": "tiles", "epoch": 1, "start": "0"},
        {"type": "pick", "name": ["D-1.png"]},
        {"type": "pick"},
        {"type": "pictures", "keys": "abc"},
        {},
    ],
    ids=str,
)
def test_a_gallery_does_not_answer_what_no_page_sends(message: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(picture=lambda name: b"", pick=lambda name: pytest.fail("picked"))
    gallery.show(2, lambda start, stop: [{"name": "a", "key": "k"}] * (stop - start))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg(message)
    assert messages == []


def test_a_gallery_sends_pictures_of_its_own_tiles_in_one_binary_message(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {"a": b"picture", "b": None}
    gallery = Gallery(picture=pictures.get)
    gallery.show(2, lambda start, stop: [{"name": "a", "key": "1"}, {"name": "b", "key": "2"}])
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "pictures", "keys": ["1", "2", "another", 4]})
    assert messages == [{"type": "pictures", "keys": ["1", "2"], "body": struct.pack("<2I", 7, 0) + b"picture"}]


def test_an_upload_takes_files_within_its_limit_only() -> None:
    received: list[tuple[str, bytes | None]] = []
    upload = Upload(receive=lambda name, content: received.append((name, content)), limit=3)
    for message in ({"name": "a", "content": b"123"}, {"name": "b", "content": b"1234"}, {"name": "c", "content": "text"}, {"name": 4}):
        upload._handle_msg(message)
    assert received == [("a", b"123"), ("b", None), ("c", None)]


def test_the_preparation_says_what_is_done_in_both_languages() -> None:
    preparation = Preparation(Path("nowhere"))
    preparation.status, preparation.done, preparation.total = "extracting", 1200, 4800
    view = PreparationView(preparation)
    assert (view.step.object, view.bar.value) == ("Extracting features: 1,200 of 4,800.", 25)
    view.language = "tr"
    assert view.step.object == "Özellikler çıkarılıyor: 1.200 / 4.800."


def test_a_failed_preparation_shows_the_sentence_and_no_bar() -> None:
    preparation = Preparation(Path("nowhere"))
    preparation.status, preparation.error = "failed", "The disk is full."
    view = PreparationView(preparation)
    assert (view.step.object, view.bar.visible) == ("The disk is full.", False)


def test_the_page_turns_into_the_search_when_the_archive_is_ready(folder: Path) -> None:
    preparation = Preparation(folder)
    page = Page(preparation, query=NAMES[3], language="tr")
    assert isinstance(page.body, PreparationView)
    preparation.run()
    assert page.follow()
    assert isinstance(page.body, bl.views.Search)
    assert (page.body.model.query, page.body.language) == (NAMES[3], "tr")


def test_an_archive_that_fails_as_a_page_opens_is_told_in_place_of_the_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation = Preparation(folder)
    preparation.run()
    (folder / "image_metadata_map.json").write_text("{torn")
    monkeypatch.setattr(preparation.archive, "searcher", lambda *names: (_ for _ in ()).throw(bl.ArchiveError("The metadata are torn.")))
    page = Page(preparation)
    assert isinstance(page.body, PreparationView)
    assert (page.body.step.object, page.body.bar.visible) == ("The metadata are torn.", False)


@pytest.mark.parametrize(("status", "waits"), [("opening", [page_module.PATIENCE]), ("drawing", []), ("extracting", [])])
def test_a_visitor_waits_only_while_the_archive_is_being_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, status: str, waits: list[float]
) -> None:
    preparation, waited = Preparation(folder), []
    preparation.status = status
    monkeypatch.setattr(preparation.ended, "wait", waited.append)
    monkeypatch.setattr(page_module, "prepare", lambda: preparation)
    monkeypatch.setattr(pn.config, "nthreads", 1)
    page_module.search_page()
    assert waited == waits


def test_back_shows_the_question_of_the_address_and_writes_no_address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation = Preparation(folder)
    preparation.run()
    page = Page(preparation, query=NAMES[3])
    messages = sent(page.address, monkeypatch)
    page.body.model.ask(NAMES[4])
    assert [message["shown"] for message in messages] == [{"language": "en", "query": NAMES[4]}]
    page.address._handle_msg({"search": f"?language=tr&query={NAMES[3]}"})
    assert (page.body.model.query, page.language, page.address.language, len(messages)) == (NAMES[3], "tr", "tr", 1)
    page.address._handle_msg({"search": ""})
    page.address._handle_msg({"search": 4})
    assert (page.body.model.query, page.language, len(messages)) == ("", "en", 1)


def test_a_panel_that_is_missing_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bl.views, "require", lambda name, **where: (_ for _ in ()).throw(bl.MissingExtraError(f"{where}")))
    with pytest.raises(bl.MissingExtraError, match="dashboards"):
        _ = bl.views.Search


NOTEBOOK = """
import sys
from types import ModuleType
import benzer_lab as bl

ipython, display = ModuleType("IPython"), ModuleType("IPython.display")  # as much of Jupyter as Panel asks for
display.display = lambda **options: None
sys.modules |= {{"IPython": ipython, "IPython.display": display}}
bundle, _ = bl.views.Search(bl.Archive.open({folder!r}))._repr_mimebundle_()
print(sorted(bundle), bl.views.search_view.pn.config.inline)
"""


def test_a_notebook_shows_the_search_without_being_told_to_load_panel(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", NOTEBOOK.format(folder=str(folder))], capture_output=True, text=True, check=True)
    assert done.stdout == "['application/vnd.holoviews_exec.v0+json', 'text/html'] True\n"
    assert "pn.extension" not in done.stderr


def test_the_search_is_a_viewable_of_its_own_height(view: bl.views.Search) -> None:
    assert isinstance(pn.panel(view), pn.viewable.Viewable)
    assert view.__panel__().height == search_view.NOTEBOOK_HEIGHT
