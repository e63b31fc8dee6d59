"""The components with pictures, and the upload: what they send and what they take from a browser."""

import struct
from pathlib import Path
from typing import Any

import pytest

from benzer_lab.views import gallery as gallery_module
from benzer_lab.views.closeup import Closeup
from benzer_lab.views.gallery import Gallery
from benzer_lab.views.pictures import KEPT
from benzer_lab.views.query import QueryChip
from benzer_lab.views.upload import Upload
from tests.small_archive import send_from_page

VIEWS = Path(gallery_module.__file__).parent


def sent(component: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component sends to the browser from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_send_msg", messages.append)
    return messages


def several(n: int) -> Any:
    """As many tiles as there are."""
    return lambda start, stop: [(str(i), f"key {i}", "", "", "") for i in range(start, min(stop, n))]


def test_a_gallery_sends_its_tiles_a_page_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "PAGE", 3)
    gallery = Gallery(picture=lambda name, size: None, act={})
    gallery.show(8, several(8))
    assert [name for name, *_ in gallery.content["tiles"]] == ["0", "1", "2"]
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "tiles", "epoch": gallery.content["epoch"], "start": 6})
    assert [name for name, *_ in messages[0]["tiles"]] == ["6", "7"]


def test_a_gallery_and_its_script_ask_for_as_many_tiles() -> None:
    assert f"const PAGE = {gallery_module.PAGE};" in (VIEWS / "gallery.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["pick", "look", "choose"])
def test_a_gallery_does_what_a_tile_was_told(what: str) -> None:
    done: list[tuple[str, str]] = []
    acts = {name: lambda tile, name=name: done.append((name, tile)) for name in ("pick", "look", "choose")}
    Gallery(picture=lambda name, size: None, act=acts)._handle_msg({"type": what, "name": "a"})
    assert done == [(what, "a")]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "tiles", "epoch": 0, "start": 0},
        {"type": "tiles", "epoch": 1, "start": -3},
        {"type": "tiles", "epoch": 1, "start": 2},
        {"type": "tiles", "epoch": 1, "start": "0"},
        {"type": "pick", "name": ["D-1.png"]},
        {"type": "pick"},
        {"type": "drop", "name": "a"},
        {"type": "look", "name": "a"},
        {},
    ],
    ids=str,
)
def test_a_gallery_does_not_answer_what_no_page_sends(message: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(picture=lambda name, size: b"", act={"pick": lambda name: pytest.fail("picked")})
    gallery.show(2, several(2))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg(message)
    assert messages == []


@pytest.mark.parametrize("message", [{"type": "pictures"}, {"type": "pictures", "keys": "abc"}, {"type": "pictures", "keys": 3}], ids=str)
def test_a_gallery_sends_no_picture_that_was_not_asked_for(message: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(picture=lambda name, size: b"picture", act={})
    gallery.show(2, several(2))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg(message)
    assert [message["body"] for message in messages] in ([], [b""])


def test_a_message_is_answered_with_each_picture_once_and_with_a_hundred_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(picture=lambda name, size: b"picture", act={})
    gallery.show(500, several(500))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "pictures", "keys": ["key 0"] * 20_000 + [f"key {i}" for i in range(300)]})
    assert messages[0]["keys"] == [f"key {i}" for i in range(100)]


def test_pictures_of_tiles_that_were_just_replaced_are_still_sent_but_not_of_all_that_ever_were(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(picture=lambda name, size: b"picture", act={})
    gallery.show(1, lambda start, stop: [("old", "old key", "", "", "")])
    gallery.show(KEPT + 50, several(KEPT + 50))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "pictures", "keys": ["old key"]})
    for start in range(100, KEPT + 50, 100):
        gallery._handle_msg({"type": "tiles", "epoch": 2, "start": start})
    gallery._handle_msg({"type": "pictures", "keys": ["old key"]})
    assert [message["body"] for message in (messages[0], messages[-1])] == [struct.pack("<I", 7) + b"picture", struct.pack("<I", 0)]
    assert len(gallery._names) == KEPT


def test_a_gallery_sends_pictures_of_its_own_tiles_in_one_binary_message(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {("0", "small"): b"picture", ("1", "large"): b"large", ("1", "tiny"): b"tiny"}
    gallery = Gallery(picture=lambda name, size: pictures.get((name, size)), act={})
    gallery.show(2, several(2))
    messages = sent(gallery, monkeypatch)
    gallery._handle_msg({"type": "pictures", "keys": ["key 0", "key 1", "another", 4]})
    gallery._handle_msg({"type": "pictures", "keys": ["key 1"], "size": "large"})
    gallery._handle_msg({"type": "pictures", "keys": ["key 1"], "size": ["large"]})
    gallery._handle_msg({"type": "pictures", "keys": ["key 1"], "size": "tiny"})
    small, large, odd, tiny = messages
    assert (tiny["size"], tiny["body"]) == ("tiny", struct.pack("<I", 4) + b"tiny")
    assert small["keys"] == ["key 0", "key 1", "another"]
    assert (small["size"], small["body"]) == ("small", struct.pack("<3I", 7, 0, 0) + b"picture")
    assert (large["size"], large["body"]) == ("large", struct.pack("<I", 5) + b"large")
    assert odd["body"] == struct.pack("<I", 0)


@pytest.mark.parametrize("kind", [QueryChip, Closeup])
@pytest.mark.parametrize("message", [{}, {"type": "drop"}, {"type": "step", "by": 2}, {"type": "again", "name": 3}], ids=str)
def test_a_component_does_not_do_what_no_page_asks_for(kind: Any, message: dict[str, Any]) -> None:
    done: list[object] = []
    acts = dict.fromkeys(("back", "clear", "look", "again", "close", "pick", "choose", "step"), lambda *args: done.append(args))
    kind(picture=lambda name, size: None, act=acts)._handle_msg(message)
    assert done == []


def test_an_upload_takes_files_within_its_limit_only() -> None:
    received: list[tuple[str, bytes | None]] = []

    async def receive(name: str, content: bytes | None) -> None:
        received.append((name, content))

    upload = Upload(receive=receive, limit=3)
    for message in ({"name": "a", "content": b"123"}, {"name": "b", "content": b"1234"}, {"name": "c", "content": "text"}, {"name": 4}):
        send_from_page(upload, message)
    assert received == [("a", b"123"), ("b", None), ("c", None)]
