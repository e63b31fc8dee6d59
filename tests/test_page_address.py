"""What the page keeps: in its address, and over a lost connection."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import benzer_lab as bl
from tests.page_server import APP, START, archive_of, chip_of, control_of, expect_names, free_port, hits_of, names_in, served, show, tile_of
from tests.small_archive import NAMES, write_small_archive

pytest.importorskip("playwright")
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

# What every control of the page holds, through all shadow roots
HELD = """() => {
  const held = [];
  const walk = (node) => {
    for (const child of node.children ?? []) {
      if (child.matches("select")) held.push(child.selectedIndex);
      else if (child.matches("input[type=checkbox]")) held.push(child.checked);
      else if (child.matches("input:not([type=file])")) held.push(child.value);
      if (child.shadowRoot) walk(child.shadowRoot);
      walk(child);
    }
  };
  walk(document.body);
  return held;
}"""
SOCKETS = "window.sockets = []; WebSocket = class extends WebSocket { constructor(...all) { super(...all); sockets.push(this); } };"
WORD_OF = {"Türkçe": "Koyu", "Koyu": "Açık", "English": "Light", "Light": "Dark"}  # what the theme's button says after a click
DARK = "rgb(33, 37, 41)"


def address_of(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


def state_of(page: Page) -> dict[str, Any]:
    """What the page shows and holds, but for its words and colors."""
    return {
        "held": page.evaluate(HELD),
        "archive": names_in(archive_of(page)),
        "hits": names_in(hits_of(page)),
        "asked": chip_of(page).get_attribute("title"),
    }


def expect_state(page: Page, state: dict[str, Any]) -> None:
    expect_names(hits_of(page), state["hits"])
    expect_names(archive_of(page), state["archive"])
    assert state_of(page) == state


@pytest.fixture
def second(context: BrowserContext) -> Iterator[Page]:
    """Another tab of the same browser."""
    page = context.new_page()
    yield page
    page.close()


def test_the_address_brings_everything_back(page: Page, second: Page, search_url: str, search_folder: Path, outside: list[str]) -> None:
    show(page, search_url, query=NAMES[3])
    for label, key in (("Share of color", "ArrowRight"), ("At least as similar as", "ArrowRight")):
        control_of(page, label).focus()
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"color_weight=0\.15"))
    for side, key in (("archive", "End"), ("hits", "Home")):
        control_of(page.locator(f".{side}"), "Tile size").focus()
        page.keyboard.press(key)
    for label, choice in (
        ("Compare by", "Pattern"),
        ("Distance", "Euclidean"),
        ("Version", "v1"),
        ("How many", "20"),
        ("Sorted by", "Design"),
    ):
        control_of(page, label).select_option(choice)
    for side in ("archive", "hits"):
        page.locator(f".{side}").get_by_label("One per design").check()
    page.locator("summary", has_text="Season").click()
    page.locator("details[open] .choice", has_text="AW24").click()
    page.keyboard.press("Escape")
    page.get_by_placeholder("File name or design").press_sequentially("LÂLE")
    page.get_by_text("Türkçe").click()
    page.get_by_role("button", name="Koyu").click()
    expect(page.get_by_role("button", name="Açık")).to_be_visible(timeout=START)
    assert address_of(page) == {
        "query": NAMES[3],
        "model": "pattern",
        "metric": "l2",
        "version": "v1",
        "top_n": "20",
        "color_weight": "0.15",
        "min_similarity": "0.01",
        "one_per_design": "true",
        "filters": '{"season":["AW24"]}',
        "text": "LÂLE",
        "sort": "design",
        "per_design": "true",
        "archive_tile": "320",
        "hits_tile": "56",
        "language": "tr",
        "theme": "dark",
    }
    options = {"metric": "l2", "top_n": 20, "min_similarity": 0.01, "group_by": "design", "filters": {"season": ["AW24"]}}
    wanted = bl.Archive.open(search_folder).find_similar(NAMES[3], model="pattern", **options)
    assert 0 < len(wanted) < 6
    expect_names(hits_of(page), wanted.filenames)
    expect_names(archive_of(page), [name for name in NAMES[4:] if int(name[2:4]) % 2 == 0])
    state = state_of(page)
    page.reload()
    expect_state(page, state)
    second.goto(page.url)
    for tab in (page, second):
        expect_state(tab, state)
        expect(tab.locator("summary", has_text="AW24")).to_be_visible()
        expect(tab.locator("html")).to_have_attribute("lang", "tr")
        expect(tab.locator(".page")).to_have_css("background-color", DARK)
        assert address_of(tab) == address_of(page)
    assert outside == []


def test_language_and_theme_leave_the_state_as_it_is(page: Page, search_url: str, outside: list[str]) -> None:
    filters = '{"features":["stripes"]}'
    show(
        page, search_url, query=NAMES[5], text="lale", filters=filters, sort="season", top_n="50", min_similarity="0.2", color_weight="0.8"
    )
    expect(hits_of(page).locator(".caption")).to_have_text(re.compile("of 8 images"))
    state, address = state_of(page), address_of(page)
    clicks = [("Türkçe", {"language": "tr"}), ("Koyu", {"theme": "dark"}), ("English", {"language": "en"}), ("Light", {"theme": "default"})]
    for click, change in clicks:
        address |= change
        page.get_by_role("button", name=click).click()
        page.wait_for_function("wanted => location.search.includes(wanted)", arg=urlencode(change))
        expect(page.get_by_role("button", name=WORD_OF[click])).to_be_visible(timeout=START)
        expect_state(page, state)
        assert address_of(page) == address
    assert outside == []


def test_a_connection_that_breaks_comes_back_in_the_same_session(page: Page, search_url: str, outside: list[str]) -> None:
    page.add_init_script(SOCKETS)
    show(page, search_url, query=NAMES[3])
    tile_of(archive_of(page), NAMES[5]).locator(".main").focus()
    page.keyboard.press("p")
    expect(page.locator(".picks .count")).to_have_text("1 chosen")
    page.evaluate("window.before = true; sockets[0].close()")
    page.wait_for_function("sockets.length === 2 && sockets[1].readyState === WebSocket.OPEN")
    expect(page.locator(".bar")).to_be_hidden()
    tile_of(archive_of(page), NAMES[7]).click()
    expect(chip_of(page)).to_have_attribute("title", re.compile(NAMES[7]))
    expect(page).to_have_url(re.compile(NAMES[7]))
    expect(page.locator(".picks .count")).to_have_text("1 chosen")
    assert page.evaluate("window.before")
    assert outside == []


def test_the_page_comes_back_when_its_server_does(page: Page, second: Page, tmp_path: Path) -> None:
    """`page` hears only that the server answers; `second` is only given a new session by Bokeh's own reconnection."""
    folder, port = write_small_archive(tmp_path / "archive"), free_port()
    left: list[str] = []
    second.route("**/healthz", lambda route: route.abort())
    second.clock.install()
    with served(APP, folder, port=port) as url:
        for tab in (page, second):
            tab.on("request", lambda request: None if request.url.startswith(("http://localhost:", "blob:")) else left.append(request.url))
        show(second, url)
        tile_of(archive_of(second), NAMES[3]).click()
        second.locator("summary", has_text="Season").click()
        second.locator("details[open] .choice", has_text="SS24").click()
        expect(second).to_have_url(re.compile("query=.*filters="))
        expect(hits_of(second).locator(".caption")).to_have_text("The 6 most similar of 6 images")
        state, address = state_of(second), second.url
        page.goto(address)
        expect_state(page, state)
        for tab in (page, second):
            tab.evaluate("window.before = true")
        page.evaluate("window.WebSocket = undefined")
    for tab in (page, second):
        expect(tab.get_by_role("alert").filter(has_text="The connection to the server is lost.")).to_be_visible()
        assert state_of(tab) == state
    with served(APP, folder, port=port):
        second.clock.fast_forward(20_000)  # Bokeh waits ever longer between its attempts
        for tab in (page, second):
            tab.wait_for_function("window.before === undefined", timeout=START)
            expect_state(tab, state)
            assert tab.url == address
            expect(tab.get_by_text("The connection to the server is lost.")).to_be_hidden()
            tile_of(archive_of(tab), NAMES[5]).click()
            expect(chip_of(tab)).to_have_attribute("title", re.compile(NAMES[5]))
            expect(hits_of(tab).locator(".caption")).to_have_text("The 6 most similar of 6 images")
    assert left == []
