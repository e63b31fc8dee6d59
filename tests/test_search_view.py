"""The pages by their widgets, without a browser."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import panel as pn
import param
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab.views import search_view
from benzer_lab.views.gallery import Gallery, Tile
from benzer_lab.views.words import WORDS
from tests.small_archive import NAMES, awaited, send_from_page, write_small_archive
from tests.test_archive import draw, names_of
from tests.test_repeats import cloth
from tests.test_search_model import encoded

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


def tiles_of(gallery: Gallery) -> list[Tile]:
    """The tiles that are sent with the gallery."""
    return list(gallery.content["tiles"])


def counts_of(view: bl.views.Search, field: str) -> list[list[Any]]:
    """What the menu of a field says."""
    return [list(value) for menu in view.facets.fields for value in menu["values"] if menu["name"] == field]


def receive(view: bl.views.Search, name: str, content: bytes | None) -> None:
    """Drop an image on the page."""
    send_from_page(view.upload, {"name": name, "content": content})


def test_no_script_of_a_page_makes_markup_of_text() -> None:
    for path in VIEWS.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text(encoding="utf-8")), path.name


def test_one_image_is_no_images(view: bl.views.Search) -> None:
    view.find.value = "lale 5"
    assert view.archive_gallery.caption == "2 of 12 images"
    view.model.param.update(query=NAMES[1], filters={"season": ["SS24"], "features": ["floral"]}, top_n=1)
    assert view.hits_gallery.caption == "The most similar of 2 images"
    view.model.ask(NAMES[0])
    assert view.hits_gallery.caption == "The most similar of 1 image"
    view.language = "tr"
    assert view.hits_gallery.caption == "1 görselden en benzeri"


def test_the_page_begins_with_the_archive_and_what_to_do(view: bl.views.Search) -> None:
    assert view.archive_gallery.caption == "12 images"
    assert [title for _, _, title, *_ in tiles_of(view.archive_gallery)[3:5]] == ["Iğdır Kilim", "Lâle 2"]
    assert view.hits_gallery.notice == WORDS["start"]["en"]
    assert (view.query.chip, view.query.trail, view.closeup.shown, view.picks.text) == (None, [], None, "Nothing chosen yet")


def test_a_click_in_the_archive_shows_hits_and_the_query(view: bl.views.Search) -> None:
    view.archive_gallery._handle_msg({"type": "pick", "name": NAMES[0]})
    name, key, _, note, badge = tiles_of(view.hits_gallery)[0]
    hits = view.model.hits
    assert (name, badge) == (hits.filenames[0], f"{hits.similarities[0]:.3f}")
    assert (key, note) == (view.model.key(name), f"{hits.records[0]['season']} · viscose")
    assert view.hits_gallery.caption == "The 11 most similar of 11 images"
    assert view.archive_gallery.selected == NAMES[0]
    assert view.query.chip == {
        "mark": NAMES[0],
        "name": NAMES[0],
        "key": view.model.key(NAMES[0]),
        "title": "Iğdır Kilim",
        "note": "SS24 · viscose",
        "has_parts": True,
    }


def test_a_click_on_a_hit_makes_it_the_query(view: bl.views.Search) -> None:
    view.hits_gallery._handle_msg({"type": "pick", "name": NAMES[7]})
    assert view.model.query == NAMES[7]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metric", "l2"),
        ("top_n", 20),
        ("color_weight", 0.25),
        ("one_per_design", True),
        ("min_similarity", 0.4),
        ("version", "v1+v1"),
        ("model", "color"),
    ],
)
def test_a_control_changes_the_question(view: bl.views.Search, name: str, value: object) -> None:
    view.question[name].value = value
    assert getattr(view.model, name) == value


@pytest.mark.parametrize(("name", "value"), [("archive_tile", 60), ("hits_tile", 200)])
def test_tiles_have_the_size_of_their_slider(view: bl.views.Search, name: str, value: int) -> None:
    view.sizes[name].value = value
    assert (getattr(view.model, name), getattr(view, name.replace("tile", "gallery")).tile) == (value, value)


def test_controls_follow_the_question(view: bl.views.Search) -> None:
    view.model.param.update(top_n=50, filters={"season": ["SS24"]})
    view.model.choose_model("pattern")
    assert (view.question["top_n"].value, view.question["model"].value) == (50, "pattern")
    assert view.facets.value == {"season": ["SS24"]}
    view.model.change(text="lale", sort="design", per_design=True, archive_tile=60)
    assert (view.find.value, view.listing["sort"].value, view.listing["per_design"].value) == ("lale", "design", True)
    assert (view.sizes["archive_tile"].value, view.archive_gallery.tile) == (60, 60)


def test_an_address_brings_model_version_and_clusters_back_together(view: bl.views.Search) -> None:
    given = {"query": NAMES[3], "model": "color", "version": "v1", "filters": '{"cluster":[1]}'}
    view.model.restore(given)
    assert view.model.address() == given
    assert (view.question["model"].value, view.question["version"].value, view.facets.value) == ("color", "v1", {"cluster": [1]})


def test_the_share_of_color_is_offered_only_where_color_and_pattern_mix(view: bl.views.Search) -> None:
    assert view.question["color_weight"].visible
    view.question["model"].value = "pattern"
    assert not view.question["color_weight"].visible
    assert view.question["version"].options == {"v1 (current)": "", "v1": "v1"}


def test_filters_narrow_the_hits_and_say_when_nothing_passes(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.facets.value = {"season": ["AW24"], "cluster": [1]}
    assert view.hits_gallery.content["total"] == 3
    view.facets.value = {"season": ["AW25"]}
    assert view.hits_gallery.notice == WORDS["no_hits"]["en"]
    view.facets.value = {}
    view.question["min_similarity"].value = 1
    assert view.hits_gallery.notice == WORDS["none_as_similar"]["en"]
    assert view.hits_gallery.caption == "None of 11 images"


def test_the_counts_of_filters_follow_each_other(view: bl.views.Search) -> None:
    assert counts_of(view, "features") == [["floral", 3, 3], ["small", 3, 3], ["stripes", 9, 9]]
    view.facets.value = {"season": ["AW24"]}
    assert counts_of(view, "features") == [["floral", 1, 3], ["small", 1, 3], ["stripes", 5, 9]]
    assert counts_of(view, "season") == [["AW24", 6, 6], ["SS24", 6, 6]]


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
    view.find.value = "igdir"
    assert view.archive_gallery.caption == "4 of 12 images"
    view.language = "tr"
    assert view.archive_gallery.caption == "12 görselden 4 tanesi"
    view.language = "en"
    view.listing["per_design"].value = True
    assert view.archive_gallery.caption == "1 design of 12 images"
    view.find.value = "<b>"
    assert view.archive_gallery.notice == "Nothing in the archive is called “<b>”."


def test_one_card_a_design_says_how_many_images_there_are(view: bl.views.Search) -> None:
    view.listing["per_design"].value = True
    assert view.archive_gallery.caption == "5 designs of 12 images"
    view.language = "tr"
    assert view.archive_gallery.caption == "12 görselden 5 desen"
    assert [(title, badge) for _, _, title, _, badge in tiles_of(view.archive_gallery)[:2]] == [("Iğdır Kilim", "×4"), ("Lâle 2", "×2")]
    view.listing["per_design"].value = False
    assert {badge for *_, badge in tiles_of(view.archive_gallery)} == {""}


def test_the_archive_is_sorted(view: bl.views.Search) -> None:
    view.listing["sort"].value = "season"
    assert [name for name, *_ in tiles_of(view.archive_gallery)] == [*NAMES[1::2], *NAMES[0::2]]
    assert list(view.listing["sort"].options) == ["File name", "Design", "Season", "Quality"]


def test_what_was_looked_for_before_is_shown_and_asked_again(view: bl.views.Search) -> None:
    for name in NAMES[:3]:
        view.model.ask(name)
    assert [name for name, *_ in view.query.trail] == [NAMES[1], NAMES[0]]
    view.query._handle_msg({"type": "again", "mark": NAMES[0]})
    assert (view.model.query, view.query.chip["name"]) == (NAMES[0], NAMES[0])
    view.query._handle_msg({"type": "back"})
    assert view.query.chip["name"] == NAMES[2]
    view.query._handle_msg({"type": "clear"})
    assert (view.query.chip, view.hits_gallery.notice) == (None, WORDS["start"]["en"])


def test_a_hit_is_looked_at_beside_the_query(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    hits = view.model.hits
    name = str(hits.filenames[1])
    view.hits_gallery._handle_msg({"type": "look", "name": name})
    shown = view.closeup.shown
    assert (shown["one"]["mark"], shown["query"]["mark"], shown["place"]) == (name, NAMES[0], "2 / 11")
    assert (shown["before"], shown["after"], shown["chosen"]) == (True, True, False)
    facts = {label: values for label, *values in shown["facts"]}
    assert facts["File name"] == [NAMES[0], name]
    assert facts["Design"] == [view.model.record(one)["design"] for one in (NAMES[0], name)]
    assert facts["Similarity"] == ["", f"{hits.similarities[1]:.3f}"]
    view.closeup._handle_msg({"type": "choose"})
    assert (view.closeup.shown["chosen"], view.hits_gallery.chosen, view.picks.text) == (True, [name], "1 chosen")
    view.closeup._handle_msg({"type": "step", "by": -1})
    assert (view.closeup.shown["before"], view.closeup.shown["chosen"]) == (False, False)
    view.closeup._handle_msg({"type": "pick"})
    assert (view.model.query, view.closeup.shown) == (hits.filenames[0], None)


def test_an_image_of_the_archive_is_looked_at_alone(view: bl.views.Search) -> None:
    view.archive_gallery._handle_msg({"type": "look", "name": NAMES[11]})
    assert (view.closeup.shown["query"], view.closeup.shown["place"], view.closeup.shown["after"]) == (None, "12 / 12", False)
    view.closeup._handle_msg({"type": "close"})
    assert view.closeup.shown is None


def test_what_is_chosen_is_marked_counted_and_exported(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (NAMES[3], NAMES[1]):
        view.archive_gallery._handle_msg({"type": "choose", "name": name})
    assert view.archive_gallery.chosen == view.hits_gallery.chosen == [NAMES[3], NAMES[1]]
    assert (view.picks.n, view.picks.text) == (2, "2 chosen")
    messages = sent(view.picks, monkeypatch)
    for kind in ("csv", "pdf"):
        send_from_page(view.picks, {"type": "export", "kind": kind})
    assert [message["name"] for message in messages] == ["benzer-lab.csv", "benzer-lab.pdf"]
    assert (messages[0]["body"], messages[1]["body"][:5]) == (view.model.picks_csv(), b"%PDF-")
    send_from_page(view.picks, {"type": "clear"})
    assert (view.model.picks, view.picks.n, view.archive_gallery.chosen) == ([], 0, [])


def test_an_error_is_shown_in_words_in_place_of_hits(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.model.ask("D-99.png")
    assert view.hits_gallery.error.startswith("There is no answer to this.\nfind_similar: 'D-99.png'")
    assert (view.hits_gallery.content["total"], view.hits_gallery.notice) == (0, "")


def test_an_image_that_is_too_large_is_refused_in_words(view: bl.views.Search) -> None:
    receive(view, "huge.tif", None)
    assert "“huge.tif” is larger than 16 MB" in view.hits_gallery.error
    assert view.model.own_image is None


def test_a_refused_image_takes_the_place_of_the_question_before_it(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    receive(view, "huge.tif", None)
    assert (view.model.query, view.query.chip, view.archive_gallery.selected) == ("", None, "")
    assert (view.hits_gallery.content["total"], view.hits_gallery.caption) == (0, "")
    assert "“huge.tif” is larger than 16 MB" in view.hits_gallery.error


def test_ones_own_images_of_one_name_have_different_addresses(view: bl.views.Search) -> None:
    keys = []
    for color in ("red", "blue", "red"):
        held = io.BytesIO()
        Image.new("RGB", (9, 9), color).save(held, "PNG")
        receive(view, "mine.png", held.getvalue())
        keys.append(view.query.chip["key"])
    assert keys[0] == keys[2] != keys[1]
    assert view.query.chip["note"] == WORDS["own_note"]["en"]
    shown = view.hits_gallery.content["epoch"]
    receive(view, "mine.png", held.getvalue())
    assert view.hits_gallery.content["epoch"] > shown  # which ends the waiting, though nothing else has changed


def test_what_is_asked_while_an_image_is_read_comes_before_it(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (encoded(), b"no image"):
        with monkeypatch.context() as slow:
            read = view.model.read_own
            slow.setattr(view.model, "read_own", lambda name, content, read=read: view.model.ask(NAMES[5]) or read(name, content))
            receive(view, "mine.png", content)
        assert (view.model.asked, view.hits_gallery.error) == (NAMES[5], "")
        view.model.ask(NAMES[6])


def test_nothing_is_sent_before_an_image_is_read(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    messages, shown = sent(view.hits_gallery, monkeypatch), view.hits_gallery.content["epoch"]
    before: list[object] = []
    read = view.model.read_own
    monkeypatch.setattr(view.model, "read_own", lambda *file: before.extend(messages) or read(*file))
    receive(view, "mine.png", encoded())
    assert before == []
    assert view.hits_gallery.content["epoch"] > shown


def test_a_fault_while_an_image_is_read_ends_the_waiting(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view.model, "read_own", lambda name, content: 1 / 0)
    shown = view.hits_gallery.content["epoch"]
    with pytest.raises(ZeroDivisionError):
        receive(view, "mine.png", encoded())
    assert view.hits_gallery.content["epoch"] > shown


def test_a_file_that_cannot_be_made_is_told(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = sent(view.picks, monkeypatch)
    monkeypatch.setattr(view.model, "picks_pdf", lambda title: 1 / 0)
    view.model.choose(NAMES[1])
    with pytest.raises(ZeroDivisionError):
        send_from_page(view.picks, {"type": "export", "kind": "pdf"})
    assert (messages, view.picks.text) == ([{}], WORDS["export_failed"]["en"])


def test_the_language_changes_and_the_galleries_stay_where_they_are(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    view.language = "tr"
    assert (view.archive_gallery.content["stay"], view.hits_gallery.content["stay"]) == (True, True)
    assert tiles_of(view.hits_gallery)[0][-1].startswith("0,")
    view.model.ask(NAMES[1])
    assert view.hits_gallery.content["stay"] is False


def test_a_number_of_hits_that_only_an_address_names_is_offered(view: bl.views.Search) -> None:
    view.model.restore({"top_n": "900"})
    assert (view.question["top_n"].value, view.model.top_n) == (900, 900)


@pytest.mark.parametrize("content", [b"", b"no image"], ids=["empty", "broken"])
def test_an_image_that_cannot_be_read_is_refused_in_words(view: bl.views.Search, content: bytes) -> None:
    view.model.ask(NAMES[0])
    receive(view, "mine.png", content)
    assert "'mine.png' must be an image" in view.hits_gallery.error
    assert view.query.chip is None


def test_the_language_changes_every_word_and_no_question(view: bl.views.Search) -> None:
    view.model.param.update(query=NAMES[0], metric="l2", top_n=20)
    view.language = "tr"
    assert view.question["model"].name == "Karşılaştırma"
    assert view.question["metric"].value == view.model.metric == "l2"
    assert view.hits_gallery.caption == "11 görselden en benzer 11 tanesi"
    assert "," in tiles_of(view.hits_gallery)[0][-1]
    assert view.facets.fields[0]["label"] == "Sezon"


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


def palette_says(view: bl.views.Search, **message: object) -> None:
    """Have the bar of colors take a message of the browser."""
    view.palette.bar._handle_msg(message)


def test_colors_are_looked_for_and_shown_as_chips(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    assert (view.palette.bar.visible, view.palette.bar.can_take) == (False, True)
    view.palette.button._handle_msg({})
    assert (view.palette.bar.visible, view.palette.button.is_open) == (True, True)
    palette_says(view, type="add", text="b83b5e #F5EBDD")
    palette_says(view, type="weigh", place=0, percent=5)
    palette_says(view, type="divide", place=0, percent=70.2)
    palette_says(view, type="demand", must_show="any")
    palette_says(view, type="tolerate", tolerance=12)
    bar = view.palette.bar
    assert (bar.colors, bar.must_show, bar.tolerance, bar.can_take) == ([["#B83B5E", 70], ["#F5EBDD", 30]], "any", 12, False)
    chip = view.query.chip
    assert (chip["title"], chip["note"]) == ("#B83B5E #F5EBDD", "Showing any of these colors")
    assert [name for name, *_ in view.query.trail] == [NAMES[0]]
    palette_says(view, type="replace", place=1, color="#000000")
    palette_says(view, type="remove", place=0)
    assert bar.colors == [["#000000", 100]]
    palette_says(view, type="add", text="<b>")
    view.language = "tr"
    assert bar.error == "“<b>” bir renk değil. Altı onaltılık basamakla yazın, örneğin #B83B5E."


@pytest.mark.parametrize("message", [{}, {"type": "weigh", "place": "0"}, {"type": "add"}, {"type": "divide", "place": 0, "percent": None}])
def test_what_the_page_never_sends_of_colors_is_left_alone(view: bl.views.Search, message: dict[str, Any]) -> None:
    view.model.restore({"palette": "B83B5E-50_F5EBDD-50"})
    palette_says(view, **message)
    assert view.palette.bar.colors == [["#B83B5E", 50], ["#F5EBDD", 50]]


def test_while_colors_are_looked_for_the_model_is_theirs(view: bl.views.Search) -> None:
    view.model.restore({"palette": "B83B5E"})
    model, version = view.question["model"], view.question["version"]
    assert (list(model.options), model.disabled) == (["Color"], True)
    assert (list(version.options), version.disabled) == (["v1 (current)"], True)
    assert not view.question["color_weight"].visible
    view.model.ask(NAMES[0])
    assert (model.value, model.disabled, version.disabled) == ("color+pattern", False, False)
    view.model.choose_model("color")
    view.model.restore({**view.model.address(), "query": "", "palette": "B83B5E"})
    assert (model.value, model.disabled) == ("color", False)


def test_the_colors_of_the_query_are_taken_unless_something_else_was_asked_meanwhile(
    view: bl.views.Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.model.ask(NAMES[5])
    messages = sent(view.palette.bar, monkeypatch)
    awaited(view.palette._take())
    assert (view.palette.bar.colors, messages) == ([["#645A8C", 100]], [{}])
    view.model.ask(NAMES[6])
    read = view.palette.model.read_colors
    monkeypatch.setattr(view.palette.model, "read_colors", lambda source: view.model.ask(NAMES[7]) or read(source))
    awaited(view.palette._take())
    assert (view.model.asked, messages) == (NAMES[7], [{}, {}])


def test_colors_that_cannot_be_read_are_told(view: bl.views.Search, folder: Path) -> None:
    (folder / "images" / NAMES[5]).write_bytes(b"broken")
    view.model.ask(NAMES[5])
    awaited(view.palette._take())
    assert view.palette.bar.error.startswith("The colors of “D-05.png” could not be read. ")
    assert view.model.query == NAMES[5]
    view.model.ask(NAMES[6])
    assert view.palette.bar.error == ""


def test_colors_are_picked_from_the_query_else_from_a_hit_else_from_the_archive(view: bl.views.Search) -> None:
    palette_says(view, type="eyedropper")
    assert (view.closeup.shown["one"]["mark"], view.closeup.picking) == (NAMES[0], True)
    view.model.ask(NAMES[4])
    palette_says(view, type="eyedropper")
    assert (view.closeup.shown["one"]["mark"], view.closeup.shown["query"]) == (NAMES[4], None)
    view.closeup._handle_msg({"type": "colors", "colors": ["#B83B5E", "#F5EBDD"]})
    assert (view.closeup.shown, view.palette.bar.colors) == (None, [["#B83B5E", 50], ["#F5EBDD", 50]])
    view.closeup._handle_msg({"type": "colors", "colors": ["<b>", 7]})
    assert view.palette.bar.error.startswith("“<b> 7” is not a color.")


def test_without_colors_or_images_their_tools_are_not_offered(tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "archive", pictures=False)
    view = bl.views.Search(bl.Archive.open(folder))
    view.model.ask(NAMES[0])
    assert (view.palette.button.visible, view.palette.bar.can_take, view.palette.bar.can_pick) == (True, False, False)
    (folder / "color_features.npy").unlink()
    assert not bl.views.Search(bl.Archive.open(folder)).palette.button.visible


def test_repeats_are_named_in_filters_and_told_in_the_large_view(view: bl.views.Search, folder: Path) -> None:
    Image.fromarray(cloth("half-drop", 60, 72)).save(folder / "images" / NAMES[3])
    view.model.archive.find_repeats(processes=1, progress=False)
    view.model.ask(NAMES[0])
    view.language = "tr"
    assert [menu["label"] for menu in view.facets.fields] == ["Sezon", "Kalite", "Özellikler", "Rapor", "Ölçek", "Küme"]
    assert view.facets.names["repeat"]["half-drop"] == "Yarım atlamalı"
    view.hits_gallery._handle_msg({"type": "look", "name": NAMES[3]})
    shown = view.closeup.shown
    assert (shown["one"]["repeat"]["kind"], shown["one"]["repeat"]["size"]) == ("half-drop", (320, 300))
    facts = {label: values for label, *values in shown["facts"]}
    assert [value.partition(",")[0] for value in facts["Rapor"]] == ["Raporsuz", "Yarım atlamalı"]
    assert "60 × 72 px, güven %" in facts["Rapor"][1]
    assert facts["Ölçek"] == ["", "Orta"]


def test_the_archives_own_repeat_stays_as_it_is(view: bl.views.Search, folder: Path) -> None:
    path = folder / "image_metadata_map.json"
    records = json.loads(path.read_text())
    records[NAMES[0]]["repeat"] = "tossed, 64 cm"
    path.write_text(json.dumps(records))
    view.model.archive.find_repeats(processes=1, progress=False)
    view = bl.views.Search(view.model.archive)
    view.archive_gallery._handle_msg({"type": "look", "name": NAMES[0]})
    assert ["Repeat", "tossed, 64 cm"] in view.closeup.shown["facts"]


def test_an_answer_that_is_only_likely_says_how_likely(view: bl.views.Search) -> None:
    view.model.ask(NAMES[0])
    with param.edit_constant(view.model):
        view.model.hits = replace(view.model.hits, recall=0.9937)
    assert view.hits_gallery.caption == "The 11 most similar of 11 images; finds 99.3% of the true answer"
    view.language = "tr"
    assert view.hits_gallery.caption == "11 görselden en benzer 11 tanesi; gerçek yanıtın %99,3 kadarını bulur"


def test_clusters_that_were_found_are_called_by_their_names(view: bl.views.Search) -> None:
    assert view.facets.names["cluster"] == {}  # those of the metadata have none
    groups = view.model.archive.cluster(view.model.model, n_clusters=3, progress=False)
    view.language = "tr"
    assert view.facets.names["cluster"] == {str(label): name for name, label in groups.names["tr"].items()}
    assert {value for value, *_ in counts_of(view, "cluster")} == {0, 1, 2}
    view.model.ask(NAMES[0])
    view.hits_gallery._handle_msg({"type": "look", "name": NAMES[3]})
    facts = {label: values for label, *values in view.closeup.shown["facts"]}
    label_of = dict(zip(groups.filenames, groups.labels.tolist(), strict=True))
    assert facts["Küme"] == [view.facets.names["cluster"][str(label_of[name])] for name in (NAMES[0], NAMES[3])]


def test_the_large_view_leads_to_the_place_on_the_map_where_there_is_one(view: bl.views.Search, monkeypatch: pytest.MonkeyPatch) -> None:
    view.archive_gallery._handle_msg({"type": "look", "name": NAMES[3]})
    assert view.closeup.shown["map"] == ""
    monkeypatch.setattr("benzer_lab.views.search_view.pages", lambda: {"/search", "/atlas"})
    view.closeup._handle_msg({"type": "step", "by": 1})
    assert view.closeup.shown["map"] == f"atlas?query={NAMES[4]}&model=color%2Bpattern&language=en"
