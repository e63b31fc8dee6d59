"""Why a hit was found, on the search page in a real browser."""

import re
import shutil
from pathlib import Path

import pytest

import benzer_lab as bl
from tests.page_server import START, hits_of, names_in, show
from tests.small_archive import NAMES

pytest.importorskip("playwright")
pytest.importorskip("torch", reason="needs the extra 'features'")
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]


def look_at(page: Page, place: int) -> None:
    """Look closely at a hit, and wait until it is explained: the first time the network is loaded."""
    hits_of(page).locator(f"[data-place='{place}'] .main").focus()
    page.keyboard.press("Space")
    expect(page.locator(".why .reason")).to_be_visible(timeout=START)


def test_the_large_view_says_why_a_hit_was_found(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url, query=NAMES[3])
    look_at(page, 2)
    why = page.get_by_role("dialog").locator(".why")
    expect(why.locator("h3")).to_have_text("Why")
    expect(why.locator(".legend")).to_have_text(re.compile(r"^Color \d+%Pattern \d+%$"))
    assert sum(map(int, re.findall(r"\d+", why.locator(".legend").inner_text()))) in (0, 100)
    expect(why.locator("h4")).to_have_text(re.compile("No color|1 color"))
    expect(why.locator(".strip")).to_have_count(2)
    expect(why.locator("dl")).to_contain_text("viscose")
    expect(page.locator(".facts .alike").filter(has_text="Quality")).to_have_count(1)
    assert outside == []


def test_the_key_w_lays_a_veil_over_both_pictures_and_takes_it_away(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    look_at(page, 2)
    pictures, switch = page.locator(".closeup .picture"), page.get_by_role("button", name="Where they match")
    veil = "picture => getComputedStyle(picture, '::after').backgroundImage"
    for is_on in (False, True, False):
        expect(switch).to_have_attribute("aria-pressed", str(is_on).lower())
        assert [pictures.nth(i).evaluate(veil).startswith("url(") for i in range(2)] == [is_on, is_on]
        page.keyboard.press("w")


def test_the_next_hit_is_explained_and_one_of_the_archive_is_not(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    look_at(page, 2)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".closeup .place")).to_have_text("4 / 11")
    expect(page.locator(".why .reason")).to_be_visible()
    fourth = names_in(hits_of(page))[3]
    expect(page.locator(".facts tr").first).to_contain_text(fourth)
    page.get_by_role("button", name="Where they match").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".closeup .place")).to_have_text("5 / 11")
    expect(page.locator(".why .reason")).to_be_visible()
    expect(page.get_by_role("button", name="Where they match")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator(".archive .wall .main").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".why")).to_be_hidden()


def test_it_is_said_in_turkish_on_a_narrow_dark_page_below_the_pictures(page: Page, search_url: str) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    show(page, search_url, query=NAMES[3], language="tr", theme="dark")
    look_at(page, 2)
    expect(page.locator(".why h3")).to_have_text("Neden")
    expect(page.locator(".legend")).to_have_text(re.compile(r"^Renk %\d+Motif %\d+$"))
    picture, why = page.locator(".closeup .pane").first.bounding_box(), page.locator(".why").bounding_box()
    assert picture
    assert why
    assert why["y"] >= picture["y"] + picture["height"]
    assert picture["height"] > 180


def test_other_colorways_of_a_hit_are_one_click_away(page: Page, search_url: str, search_folder: Path) -> None:
    show(page, search_url, query=NAMES[3])
    third = names_in(hits_of(page))[2]
    look_at(page, 2)
    page.get_by_role("button", name="Other colorways").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    only = page.get_by_label("Other colorways")
    expect(only).to_be_checked(timeout=START)
    wanted = bl.Archive.open(search_folder).find_colorways(third).filenames
    said = {0: "No other colorway", 1: "1 other colorway"}.get(len(wanted), f"{len(wanted)} other colorways")
    expect(page.get_by_text(said, exact=True)).to_be_visible()
    assert names_in(hits_of(page)) == list(wanted)
    assert "colorways=true" in page.url
    only.uncheck()
    expect(hits_of(page).locator(".tile")).to_have_count(11)
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    expect(page).to_have_url(re.compile(f"query={NAMES[3][:4]}"))
