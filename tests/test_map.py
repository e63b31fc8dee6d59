"""The map: what it sends and what it takes from a browser."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benzer_lab import payloads
from benzer_lab.views import map as map_module
from benzer_lab.views.map import Map

VIEWS = Path(map_module.__file__).parent
POINTS = np.array([[0, 0.5], [-1, 1], [0.25, 0]], np.float32)


def made(routes: bool = False, **acts: Any) -> Map:
    designs = lambda rows: [(f"D-{row}", f"key {row}", f"Design {row}", "SS24") for row in rows]  # noqa: E731
    one = Map(designs=designs, act=acts, picture=lambda name, size: b"picture", routes=routes)
    one.place(POINTS)
    one.color(np.array([2, 0, 1], np.uint8), scale="category", legend={"title": "Cluster", "entries": []})
    return one


def sent(component: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component sends to the browser from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_send_msg", messages.append)
    return messages


def test_points_and_colors_are_one_payload_each(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made()
    messages = sent(one, monkeypatch)
    for what, parameter in (("points", one.points), ("colors", one.colors), ("library", {"key": one.library})):
        one._handle_msg({"type": "payload", "what": what, "key": parameter["key"]})
    points, colors, library = (message["body"] for message in messages)
    np.testing.assert_array_equal(np.frombuffer(points, "<f4").reshape(-1, 2), POINTS)
    assert (list(colors), library) == ([2, 0, 1], map_module.LIBRARY)


def test_with_routes_they_are_offered_there() -> None:
    one = made(routes=True)
    assert payloads.payload(one.points["key"]) == POINTS.tobytes()
    assert payloads.payload(one.library) == map_module.LIBRARY


def test_what_stands_out_is_a_bit_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made()
    one.show(np.array([True, False, True]))
    messages = sent(one, monkeypatch)
    one._handle_msg({"type": "payload", "what": "shown", "key": one.shown["key"]})
    assert (messages[0]["body"], one.shown["n"]) == (bytes([0b101]), 2)
    one.show(None)
    assert one.shown == {"key": "", "n": 3}


def test_a_payload_that_was_replaced_is_sent_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made()
    old = one.points["key"]
    one.place(POINTS + 1)
    messages = sent(one, monkeypatch)
    one._handle_msg({"type": "payload", "what": "points", "key": old})
    assert messages == [{"type": "payload", "key": old, "body": b""}]


def test_designs_are_told_by_row_and_their_pictures_may_then_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made()
    messages = sent(one, monkeypatch)
    one._handle_msg({"type": "designs", "rows": [2, 0, 3, -1, "1"]})
    one._handle_msg({"type": "pictures", "keys": ["key 2", "key 1"]})
    assert messages[0]["designs"] == [[2, "D-2", "key 2", "Design 2", "SS24"], [0, "D-0", "key 0", "Design 0", "SS24"]]
    assert messages[1]["body"].endswith(b"picture")
    assert messages[1]["body"].count(b"picture") == 1


def test_the_map_does_what_was_done_on_it() -> None:
    done: list[Any] = []
    acts = {name: lambda *args, name=name: done.append((name, *args)) for name in ("pick", "label", "entry", "square", "clear", "ready")}
    one = made(**acts, lasso=lambda outline: done.append(("lasso", outline.tolist())))
    for message in (
        {"type": "pick", "row": 1},
        {"type": "lasso", "outline": [0, 0, 1, 0, 1, 1]},
        {"type": "label", "place": 4},
        {"type": "entry", "place": 0},
        {"type": "square", "place": 2},
        {"type": "clear"},
        {"type": "ready"},
    ):
        one._handle_msg(message)
    assert done == [
        ("pick", 1),
        ("lasso", [[0, 0], [1, 0], [1, 1]]),
        ("label", 4),
        ("entry", 0),
        ("square", 2),
        ("clear",),
        ("ready",),
    ]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "pick", "row": 3},
        {"type": "pick", "row": -1},
        {"type": "pick", "row": "1"},
        {"type": "lasso", "outline": [0, 0, 1, 1]},
        {"type": "lasso", "outline": [0, 0, 1, "x", 1, 1]},
        {"type": "lasso"},
        {"type": "label", "place": -1},
        {"type": "clear"},
        {},
    ],
    ids=str,
)
def test_the_map_does_not_do_what_no_page_asks(message: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(**{name: lambda *args: pytest.fail("done") for name in ("pick", "lasso", "label")})
    messages = sent(one, monkeypatch)
    one._handle_msg(message)
    assert messages == []


def test_the_built_library_is_of_the_locked_versions_and_has_their_licenses() -> None:
    lock = (VIEWS / "js/package-lock.json").read_text(encoding="utf-8")
    [version] = re.findall(r'"node_modules/regl-scatterplot": \{\s*"version": "([^"]+)"', lock)
    head = map_module.LIBRARY.decode().splitlines()[0]
    assert f"regl-scatterplot {version} (MIT)" in head
    licenses = (VIEWS / "dist/scatterplot.licenses.txt").read_text(encoding="utf-8")
    for name in re.findall(r"[@\w/.-]+ [\d.]+ \(\w+\)", head):
        assert f"{name}\n{'=' * len(name)}\n" in licenses
    assert not re.search(r"registry|npmjs|https?://(?!get\.webgl\.org)", lock + map_module.LIBRARY.decode())
