"""What axe-core finds wrong with the page for people who see it badly or not at all."""

import shutil
from typing import Any

import pytest

from benzer_lab.views.words import Words
from tests.page_server import archive_of, expect_painted, hits_of, show, tile_of
from tests.small_archive import NAMES

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

GRAVE = {"serious", "critical"}
ADVICE = {"region", "landmark-one-main", "page-has-heading-one"}  # none is grave, and the first takes most of the time


def grave_faults(page: Page) -> list[str]:
    """What is seriously wrong or worse, each with the element and what to do."""
    for faded in page.locator(".grid, .tile:hover .tools").all():
        expect(faded).to_have_css("opacity", "1")
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in ADVICE}}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['impact']} {fault['id']}: {node['html'][:200]}\n    {node['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


# Words do not depend on the colors, nor colors on the words: two pages show every pair that matters
@pytest.mark.parametrize(("theme", "language"), [("default", "en"), ("dark", "tr")])
def test_axe_finds_nothing_grave(page: Page, search_url: str, outside: list[str], theme: str, language: str) -> None:
    words = Words(language)
    faults: dict[str, list[str]] = {}
    show(page, search_url, theme=theme, language=language)
    faults["empty"] = grave_faults(page)
    for select in page.locator("select").all():  # Bokeh draws a black arrow, and axe cannot judge text on a picture
        arrow, text = select.evaluate("select => [getComputedStyle(select).backgroundImage, getComputedStyle(select).color]")
        assert arrow.count(text) == 2

    tile_of(archive_of(page), NAMES[3]).click()
    expect(hits_of(page).locator(".tile")).to_have_count(11)
    expect_painted(hits_of(page).locator(".tile"))
    tile = tile_of(archive_of(page), NAMES[4])
    tile.hover()
    tile.get_by_role("button", name=words("choose")).click()
    expect(tile.locator("[aria-pressed=true]")).to_be_visible()
    faults["results"] = grave_faults(page)

    page.locator("summary").first.click()
    page.locator("details[open] .choice", has_text="AW24").click()
    expect(hits_of(page).locator(".tile")).to_have_count(5)
    page.locator("summary").nth(2).click()
    expect(page.locator("details[open] .choice")).to_have_count(3)
    faults["open menu"] = grave_faults(page)
    page.keyboard.press("Escape")

    tile = hits_of(page).locator("[data-place='1']")
    tile.hover()
    tile.get_by_role("button", name=words("look")).click()
    expect(page.get_by_role("dialog").locator(".picture")).to_have_count(2)
    faults["large view"] = grave_faults(page)

    show(page, search_url, theme=theme, language=language, query="D-99.png")
    expect(page.get_by_role("alert").filter(has_text="D-99.png")).to_be_visible()
    faults["error"] = grave_faults(page)
    told = [f"{state}: {fault}" for state, several in faults.items() for fault in several]
    assert not told, "\n".join(told)
    assert outside == []
