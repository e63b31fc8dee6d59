"""The section of duplicates, by its widgets."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import benzer_lab as bl
from benzer_lab.views.download import CHUNK, Download
from benzer_lab.views.duplicates_view import Duplicates
from benzer_lab.views.gallery import PAGE
from benzer_lab.views.groups import Groups
from benzer_lab.views.search_view import Search
from tests.few_designs import write_few_designs
from tests.small_archive import awaited, send_from_page


@pytest.fixture
def archive(tmp_path: Path) -> bl.Archive:
    return bl.Archive.open(write_few_designs(tmp_path / "archive"))


@pytest.fixture
def view(archive: bl.Archive) -> Duplicates:
    """Of an archive whose groups were found."""
    archive.find_duplicates(processes=1, progress=False)
    view = Duplicates(Search(archive))
    awaited(view.follow())
    return view


def sent(component: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component sends to the browser from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_send_msg", messages.append)
    return messages


def shown(view: Duplicates, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The tiles and heads that the browser gets."""
    messages = sent(view.groups, monkeypatch)
    view.groups._handle_msg({"type": "tiles", "epoch": view.groups.content["epoch"], "start": 0})
    return messages[-1]


def test_nothing_but_what_the_three_words_mean_is_shown_before_they_were_looked_for(archive: bl.Archive) -> None:
    view = Duplicates(Search(archive), language="tr")
    awaited(view.follow())
    assert view.explained.object.splitlines() == [
        "Kopyalar: Arşivde birden çok kez bulunan aynı dosya veya tarama.",
        "Renk varyantları: Bir desenin farklı renkleri, kopyalarıyla birlikte.",
        "Benzerler: Her grubun ilkine benzeyen başka desenler. Sayı ne kadar benzediğini söyler, en çok 1.",
    ]
    assert view.status.object.startswith("Henüz aranmadılar.")
    assert (view.find.visible, view.find.name, view.stop.visible, view.bar.visible) == (True, "Ara", False, False)
    assert (view.tabs.visible, view.csv.visible, view.groups.content["sizes"]) == (False, False, [])


def test_each_kind_has_its_count_and_its_groups(view: Duplicates) -> None:
    assert list(view.kinds.options) == ["Duplicates · 2", "Colorways · 1", "Look-alikes · 1"]
    assert view.groups.content["sizes"] == [2, 2]
    assert view.status.object.endswith("among 8 images.")
    assert (view.find.visible, view.tabs.visible) == (False, True)
    view.kinds.value = "colorway"
    assert view.groups.content["sizes"] == [3]
    assert view.switches["two_names"].visible
    view.kinds.value = "look-alike"
    assert (view.groups.content["sizes"], view.switches["two_names"].visible) == ([3], False)
    view.language = "tr"
    assert list(view.kinds.options) == ["Kopyalar · 2", "Renk varyantları · 1", "Benzerler · 1"]
    assert view.kinds.value == "look-alike"


def test_a_head_says_what_is_worth_a_look_and_tiles_what_tells_them_apart(view: Duplicates, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(view, monkeypatch)
    assert page["heads"] == [
        (0, {"title": "Design a", "count": "2 images", "marks": []}),
        (1, {"title": "Design b, =Bahar", "count": "2 images", "marks": [("2 design names", True), ("AW25, SS24", True)]}),
    ]
    assert [(name, title, note, badge) for name, _, title, note, badge in page["tiles"]] == [
        ("a-red.png", "a-red.png", "SS24 · silk", ""),
        ("a-scan.jpg", "a-scan.jpg", "SS24 · silk", ""),
        ("b-red.png", "Design b", "SS24 · silk", ""),
        ("b-copy.png", "'=Bahar", "AW25 · silk", ""),
    ]
    view.kinds.value = "look-alike"
    assert [tile[4] for tile in shown(view, monkeypatch)["tiles"]] == ["0.94", "0.94", "0.94"]


def test_switches_say_when_they_leave_nothing(view: Duplicates) -> None:
    view.kinds.value = "colorway"
    view.switches["across_seasons"].value = True
    assert view.groups.content["sizes"] == []
    assert view.groups.notice == "No group is like that. Clear a switch above."
    view.switches["across_seasons"].value = False
    assert view.groups.notice == ""


def test_a_click_asks_the_search_for_look_alikes(view: Duplicates) -> None:
    view.groups._handle_msg({"type": "pick", "group": 1, "name": "b-copy.png"})
    assert view._search.model.query == "b-copy.png"


def test_a_closer_look_sets_an_image_beside_the_one_it_is_most_like(view: Duplicates) -> None:
    search = view._search
    view.groups._handle_msg({"type": "look", "group": 1, "name": "b-copy.png"})
    large = search.closeup.shown
    assert (large["query"]["mark"], large["one"]["mark"]) == ("b-red.png", "b-copy.png")
    assert (large["captions"], large["place"], large["why"]) == (["SS24 · silk", "AW25 · silk"], "2 / 2", "")
    view.groups._handle_msg({"type": "look", "group": 1, "name": "a-red.png"})  # not in this group
    assert search.closeup.shown["one"]["mark"] == "b-copy.png"
    search.closeup_model.ask()
    assert search.model.query == "b-copy.png"


def test_images_and_whole_groups_are_chosen_with_those_of_the_search(view: Duplicates) -> None:
    view._search.model.choose("e-red.png")
    view.groups._handle_msg({"type": "choose", "group": 0, "name": "a-scan.jpg"})
    view.groups._handle_msg({"type": "choose_all", "group": 0})
    assert view._search.model.picks == view.groups.chosen == ["e-red.png", "a-scan.jpg", "a-red.png"]
    assert (view.picks.n, view.picks.text) == (3, "3 chosen")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "pick", "group": 2, "name": "a-red.png"},
        {"type": "choose_all", "group": -1},
        {"type": "choose_all"},
        {"type": "tiles", "epoch": -1, "start": 0},
        {"type": "tiles", "epoch": 1, "start": -5},
        {"type": "eval"},
    ],
)
def test_anything_else_from_the_browser_does_nothing(view: Duplicates, monkeypatch: pytest.MonkeyPatch, message: dict[str, Any]) -> None:
    messages = sent(view.groups, monkeypatch)
    view.groups._handle_msg(message)
    assert (messages, view._search.model.query, view._search.model.picks) == ([], "", [])


def test_images_that_came_since_are_told_and_may_be_looked_for(view: Duplicates) -> None:
    (view.model.archive.folder / "images" / "e-red.png").unlink()
    view.model.archive._list_images()
    view.renew()
    awaited(view.follow())
    assert view.status.object.endswith("among 8 images. 1 came, changed or went since; looking again compares only those.")
    assert (view.find.visible, view.find.name) == (True, "Look again")


def test_progress_and_stop_are_shown_while_they_are_looked_for(view: Duplicates) -> None:
    finding = view.model.finding
    finding.status, finding.done, finding.total = "pairs", 1024, 4096
    awaited(view.follow())
    assert (view.status.object, view.bar.value) == ("Comparing pairs of images: 1,024 of 4,096", 25)
    assert (view.bar.visible, view.stop.visible, view.find.visible) == (True, True, False)
    view.stop.clicks += 1
    assert (finding.status, view.stop.disabled, view.status.object) == ("stopping", True, "Stopping…")
    finding.status, finding.error = "failed", "The disk is full: <b>.png"
    awaited(view.follow())
    assert view.status.object == "The disk is full: &lt;b&gt;.png"  # as text, not as markup


def test_the_whole_table_is_saved_as_the_language_writes_it(view: Duplicates, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = sent(view.csv, monkeypatch)
    view.switches["across_seasons"].value = True  # the table is whole whatever is shown
    view.language = "tr"
    send_from_page(view.csv, {"type": "piece", "start": 0})
    (file,) = messages
    lines = file["body"].decode("utf-8-sig").splitlines()
    assert file["name"] == "benzer-lab-duplicates.csv"
    assert lines[0] == "group;kind;filename;like;score;difference;design;season;quality;designs;seasons"
    assert len(lines) == 1 + 2 + 2 + 3 + 3
    assert "'=Bahar" in lines[4]


def test_a_large_file_comes_in_pieces_and_one_that_fails_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(range(250)) * (CHUNK // 100)
    download = Download(make=lambda: ("a.csv", content))
    messages = sent(download, monkeypatch)

    def asked() -> Iterator[bytes]:
        start = 0
        while start < len(content):
            asyncio.run(download._handle_msg({"type": "piece", "start": start}))
            yield messages[-1]["body"]
            start += len(messages[-1]["body"])

    assert b"".join(asked()) == content
    assert len(messages) == 3
    broken = Download(make=lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    messages = sent(broken, monkeypatch)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(broken._handle_msg({"type": "piece", "start": 0}))
    assert messages == [{"failed": True}]


def test_pages_of_tiles_begin_and_end_within_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [3, 250, 2]
    groups = Groups(act={}, picture=lambda name, size: None)
    groups.show(sizes, lambda group: {"title": str(group)}, lambda group, i, j: [(f"{group}/{n}", None, "", "", "") for n in range(i, j)])
    messages, names = sent(groups, monkeypatch), []
    for start in range(0, sum(sizes), PAGE):
        groups._handle_msg({"type": "tiles", "epoch": groups.content["epoch"], "start": start})
        names += [tile[0] for tile in messages[-1]["tiles"]]
    assert names == [f"{group}/{n}" for group, size in enumerate(sizes) for n in range(size)]
    assert [[group for group, _ in message["heads"]] for message in messages] == [[0, 1], [1], [1, 2]]
