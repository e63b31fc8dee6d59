"""The section of duplicates, in a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import benzer_lab as bl
from tests.few_designs import write_few_designs
from tests.page_server import APP, START, chip_of, expect_painted, focused, served
from tests.test_page_access import grave_faults

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of an archive whose duplicates nobody has looked for; the first test does."""
    with served(APP, write_few_designs(tmp_path_factory.mktemp("duplicates") / "archive")) as address:
        yield address


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of an archive whose duplicates were found."""
    folder = write_few_designs(tmp_path_factory.mktemp("found") / "archive")
    bl.Archive.open(folder).find_duplicates(processes=1, progress=False)
    with served(APP, folder) as address:
        yield address


def groups_of(page: Page) -> Locator:
    return page.locator(".groups .group")


def show(page: Page, url: str, **query: str) -> None:
    """Open the section and wait until its groups are there."""
    page.goto(f"{url}?show=duplicates&" + "&".join(f"{key}={value}" for key, value in query.items()))
    expect(groups_of(page).locator(".tile[data-name]").first).to_be_visible(timeout=START)


def test_one_click_leads_there_and_finds_them(page: Page, url: str, outside: list[str]) -> None:
    page.goto(url)
    page.get_by_role("button", name="Duplicates", exact=True).click(timeout=START)
    expect(page).to_have_url(re.compile("show=duplicates"))
    expect(page.get_by_text("The same file or scan, in the archive more than once.")).to_be_visible()
    page.get_by_role("button", name="Look for them").click()
    expect(groups_of(page)).to_have_count(2, timeout=START)
    expect_painted(groups_of(page).locator(".tile"))
    expect(page.get_by_text("among 8 images.")).to_be_visible()
    expect(page.get_by_role("button", name="Look for them")).to_be_hidden()
    page.go_back()
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    expect(groups_of(page).first).to_be_hidden()
    assert outside == []


def test_kinds_and_switches_are_in_the_address(page: Page, found: str) -> None:
    show(page, found)
    page.get_by_role("button", name="Colorways · 1").click()
    expect(groups_of(page)).to_have_count(1)
    expect(groups_of(page).locator(".tile")).to_have_count(3)
    expect(page).to_have_url(re.compile("kind=colorway"))
    page.get_by_role("button", name="Duplicates · 2").click()
    page.get_by_label("Across seasons").check()
    expect(groups_of(page)).to_have_count(1)
    expect(groups_of(page).locator("h3")).to_have_text("Design b, =Bahar")
    expect(groups_of(page).locator(".remarkable")).to_have_text(["2 design names", "AW25, SS24"])
    page.reload()
    expect(page.get_by_label("Across seasons")).to_be_checked(timeout=START)
    expect(groups_of(page).locator("h3")).to_have_text("Design b, =Bahar")


def test_a_click_leads_to_the_look_alikes_and_back_leads_back(page: Page, found: str) -> None:
    show(page, found, kind="look-alike")
    groups_of(page).locator("[data-name='e-red.png'] .main").click()
    expect(chip_of(page)).to_contain_text("Design e")
    expect(page).to_have_url(re.compile("query=e-red.png"))
    expect(page).not_to_have_url(re.compile("show=duplicates"))
    expect(groups_of(page).first).to_be_hidden()
    page.go_back()
    expect(groups_of(page).first).to_be_visible()
    expect(page).to_have_url(re.compile("show=duplicates"))


def test_two_are_set_side_by_side_and_one_asked_for_from_there(page: Page, found: str) -> None:
    show(page, found)
    tile = groups_of(page).locator("[data-name='b-copy.png']")
    tile.hover()
    tile.get_by_role("button", name="Look closer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("figcaption")).to_have_text(["SS24 · silk", "AW25 · silk"])
    dialog.get_by_role("button", name="Similar to this").click()
    expect(dialog).to_be_hidden()
    expect(chip_of(page)).to_contain_text("Bahar")
    page.get_by_role("button", name="Duplicates", exact=True).click()
    tile.hover()
    tile.get_by_role("button", name="Look closer").click()
    dialog.get_by_role("button", name="Similar to this").click()  # the same again
    expect(groups_of(page).first).to_be_hidden()
    expect(chip_of(page)).to_contain_text("Bahar")


def test_groups_are_chosen_and_the_table_is_saved(page: Page, found: str, tmp_path: Path) -> None:
    show(page, found)
    groups_of(page).first.hover()
    groups_of(page).first.get_by_role("button", name="Choose all").click()
    expect(page.locator(".duplicates .picks .count")).to_have_text("2 chosen")
    expect(groups_of(page).locator(".tile.chosen")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole table as CSV").click()
    download.value.save_as(tmp_path / "table.csv")
    assert len((tmp_path / "table.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 2 + 2 + 3 + 3


def test_arrows_lead_from_tile_to_tile_through_all_groups(page: Page, found: str) -> None:
    show(page, found)
    groups_of(page).locator(".main").first.focus()
    names = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Home", "PageDown", "End", "PageUp"):
        page.keyboard.press(key)
        names.append(focused(page))
    assert names == ["a-scan.jpg", "b-red.png", "b-copy.png", "b-copy.png", "a-red.png", "b-red.png", "b-copy.png", "a-red.png"]
    page.keyboard.press("p")
    expect(groups_of(page).locator(".tile.chosen")).to_have_count(1)
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog").locator(".picture")).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(chip_of(page)).to_contain_text("Design a")


@pytest.mark.parametrize(("theme", "language"), [("default", "en"), ("dark", "tr")])
def test_axe_finds_nothing_grave(page: Page, found: str, outside: list[str], theme: str, language: str) -> None:
    for kind in ("duplicate", "look-alike"):
        show(page, found, theme=theme, language=language, kind=kind)
        expect_painted(groups_of(page).locator(".tile"))
        groups_of(page).locator(".tile").first.hover()
        faults = grave_faults(page)
        assert not faults, "\n".join(faults)
    assert outside == []
