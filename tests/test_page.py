"""The page around the search: its address, its language, and what is shown until the archive is ready."""

from pathlib import Path
from typing import Any

import pytest

import benzer_lab as bl
from benzer_lab.views import page as page_module
from benzer_lab.views.page import Page
from benzer_lab.views.preparation_model import Preparation
from benzer_lab.views.preparation_view import PreparationView
from tests.small_archive import NAMES, write_small_archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_archive(tmp_path / "archive")


def sent(component: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component sends to the browser from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_send_msg", messages.append)
    return messages


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
    page = Page(preparation, given={"query": NAMES[3], "sort": "design"}, language="tr")
    assert isinstance(page.body, PreparationView)
    preparation.run()
    assert page.follow()
    assert isinstance(page.body, bl.views.Search)
    assert (page.body.model.query, page.body.model.sort, page.body.language) == (NAMES[3], "design", "tr")


def test_an_archive_that_fails_as_a_page_opens_is_told_in_place_of_the_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation = Preparation(folder)
    preparation.run()
    (folder / "image_metadata_map.json").write_text("{torn")
    monkeypatch.setattr(preparation.archive, "searcher", lambda *names: (_ for _ in ()).throw(bl.ArchiveError("The metadata are torn.")))
    page = Page(preparation, given={})
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
    page_module.search_page()
    assert waited == waits


def test_back_shows_the_question_of_the_address_and_makes_no_step_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation = Preparation(folder)
    preparation.run()
    page = Page(preparation, given={"query": NAMES[3]})
    messages = sent(page.address, monkeypatch)
    page.body.model.ask(NAMES[4])
    assert [message["shown"] for message in messages] == [{"language": "en", "query": NAMES[4]}]
    page.address._handle_msg({"search": f"?language=tr&query={NAMES[3]}"})
    assert (page.body.model.query, page.language, page.address.language) == (NAMES[3], "tr", "tr")
    page.address._handle_msg({"search": ""})
    page.address._handle_msg({"search": 4})
    assert (page.body.model.query, page.language) == ("", "en")
    assert [message["how"] for message in messages].count("step") == 1
    page.body.model.choose(NAMES[5])
    page.address._handle_msg({"search": f"?query={NAMES[3]}"})
    assert messages[-1] == {"shown": {"language": "en", "query": NAMES[3], "picks": f'["{NAMES[5]}"]'}, "how": "same"}


def test_only_another_question_is_a_step_of_the_browser_s_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation = Preparation(folder)
    preparation.run()
    page = Page(preparation, given={})
    messages = sent(page.address, monkeypatch)
    page.body.model.ask(NAMES[4])
    page.body.model.change(top_n=50)
    page.language = "tr"
    page.theme.clicks += 1
    assert [message["how"] for message in messages] == ["step", "same", "same", "load"]
    assert messages[-1]["shown"] == {"query": NAMES[4], "top_n": "50", "language": "tr", "theme": "dark"}


def test_an_address_that_holds_rubbish_still_shows_the_search(folder: Path) -> None:
    preparation = Preparation(folder)
    preparation.run()
    given = {"query": NAMES[3], "model": "no", "version": "v9", "filters": '{"no":["x"]}', "top_n": "true", "language": "xx"}
    page = Page(preparation, given=given)
    assert len(page.body.model.hits) == 11
    assert page.body.hits_gallery.error == ""
