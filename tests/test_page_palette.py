"""Colors to look for, the eyedropper, and the grid of the repeat, in a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benzer_lab as bl
from tests.page_server import APP, chip_of, expect_names, expect_painted, hits_of, served, show, tile_of
from tests.small_archive import BLUE, CREAM, RED, TWO_COLORED, draw_two_colors
from tests.test_page_access import grave_faults
from tests.test_repeats import cloth

pytest.importorskip("playwright")
from playwright.sync_api import BrowserContext, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

KINDS = {"R-0.png": "half-drop", "R-1.png": "brick", "R-2.png": "straight"}
UNIT = (64, 80)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four images of two colors each, and one of each kind of repeat."""
    folder = tmp_path_factory.mktemp("colors") / "archive"
    images = draw_two_colors(folder / "images")
    for name, kind in KINDS.items():
        Image.fromarray(cloth(kind, *UNIT)).save(images / name)
    archive = bl.Archive.create(folder, images=images)
    archive.extract(["color"], processes=1, progress=False)
    archive.find_repeats(processes=1, progress=False)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(APP, folder) as url:
        yield url


@pytest.fixture(scope="module")
def archive(folder: Path) -> bl.Archive:
    """The archive that the page shows, to compare with."""
    return bl.Archive.open(folder)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def add(page: Page, text: str) -> None:
    """Type a color."""
    box = page.get_by_label("Add by hex")
    box.fill(text)
    box.press("Enter")


def expect_colors(page: Page, parts: dict[str, int]) -> None:
    """The chips have these colors and shares."""
    expect(page.locator(".color .hex")).to_have_text(list(parts))
    expect(page.locator(".color .share")).to_have_text([f"{percent}%" for percent in parts.values()])


def test_colors_are_added_by_hex_and_taken_away(page: Page, url: str, archive: bl.Archive, outside: list[str]) -> None:
    show(page, url)
    expect(page.locator(".palette")).to_be_hidden()
    button(page, "Colors").click()
    expect(button(page, "Colors")).to_have_attribute("aria-expanded", "true")
    add(page, RED.lower())
    expect_colors(page, {RED: 100})
    add(page, "F5EBDD")
    expect_colors(page, {RED: 50, CREAM: 50})
    expect(page.get_by_label("Add by hex")).to_have_value("")
    expect_names(hits_of(page), archive.find_similar(palette=[RED, CREAM]).filenames)
    expect(chip_of(page).locator(".title")).to_have_text(f"{RED} {CREAM}")
    expect_painted(page.locator(".query .chip"))
    expect(page).to_have_url(re.compile("palette=B83B5E-50_F5EBDD-50"))
    add(page, "reddish")
    expect(page.locator(".wrong")).to_have_text("“reddish” is not a color. Write it as six hex digits, such as #B83B5E.")
    expect(page.get_by_label("Add by hex")).to_have_value("reddish")
    button(page, f"Remove {RED}").click()
    expect_colors(page, {CREAM: 100})
    expect(page.locator(".wrong")).to_be_hidden()
    expect_names(hits_of(page), archive.find_similar(palette=[CREAM]).filenames)
    button(page, f"Remove {CREAM}").click()
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    assert outside == []


def test_colors_are_weighed_by_keys_and_by_dragging(page: Page, url: str, archive: bl.Archive) -> None:
    show(page, url, palette="B83B5E-50_F5EBDD-30_2F4858-20")
    expect_colors(page, {RED: 50, CREAM: 30, BLUE: 20})
    button(page, f"More of {CREAM}").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("+")
    expect_colors(page, {RED: 42, CREAM: 40, BLUE: 18})
    page.keyboard.press("-")
    expect_colors(page, {RED: 46, CREAM: 35, BLUE: 19})
    expect_names(hits_of(page), archive.find_similar(palette={RED: 46, CREAM: 35, BLUE: 19}).filenames)
    border, strip = page.locator(".border").first.bounding_box(), page.locator(".strip").bounding_box()
    assert border
    assert strip
    y = border["y"] + border["height"] / 2
    page.mouse.move(border["x"] + border["width"] / 2, y)
    page.mouse.down()
    for share in (0.4, 0.3, 0.2):
        page.mouse.move(strip["x"] + strip["width"] * share, y)
    expect_colors(page, {RED: 20, CREAM: 61, BLUE: 19})
    page.mouse.up()
    expect(page).to_have_url(re.compile("palette=B83B5E-20_F5EBDD-61_2F4858-19"))
    expect_names(hits_of(page), archive.find_similar(palette={RED: 20, CREAM: 61, BLUE: 19}).filenames)
    button(page, f"Less of {BLUE}").focus()
    page.keyboard.press("Delete")
    expect_colors(page, {RED: 25, CREAM: 75})
    expect(button(page, f"Remove {CREAM}")).to_be_focused()


def test_a_color_is_changed_and_added_by_the_browsers_own_choice(page: Page, url: str) -> None:
    show(page, url, palette="B83B5E-50_F5EBDD-50")
    page.get_by_label(f"Change {RED}").fill("#112233")
    expect_colors(page, {"#112233": 50, CREAM: 50})
    page.get_by_label("Choose a color to add").fill("#2f4858")
    expect_colors(page, {"#112233": 34, CREAM: 33, BLUE: 33})


def test_the_colors_of_a_design_are_taken_and_back_leads_to_it(page: Page, context: BrowserContext, url: str, archive: bl.Archive) -> None:
    show(page, url, query=TWO_COLORED[0])
    button(page, "Colors").click()
    button(page, "Take this design's colors").click()
    expect_colors(page, {RED: 75, CREAM: 25})
    expect(page.get_by_label(f"Change {RED}")).to_be_focused()
    expect(button(page, "Take this design's colors")).to_be_hidden()
    palette = {RED: 75, CREAM: 25}
    expect_names(hits_of(page), archive.find_similar(palette=palette).filenames)
    expect_painted(page.locator(".trail li"))
    button(page, f"More of {RED}").click()
    expect_colors(page, {RED: 80, CREAM: 20})
    expect(page).to_have_url(re.compile("palette=B83B5E-80_F5EBDD-20"))

    other = context.new_page()
    other.goto(page.url)
    expect_colors(other, {RED: 80, CREAM: 20})
    expect_names(hits_of(other), archive.find_similar(palette={RED: 80, CREAM: 20}).filenames)
    other.close()

    page.go_back()
    expect_names(hits_of(page), archive.find_similar(TWO_COLORED[0]).filenames)
    expect(page).not_to_have_url(re.compile("palette="))
    page.go_forward()
    expect_names(hits_of(page), archive.find_similar(palette={RED: 80, CREAM: 20}).filenames)
    tile_of(hits_of(page), TWO_COLORED[2]).click()
    expect_names(hits_of(page), archive.find_similar(TWO_COLORED[2]).filenames)
    page.locator(".trail button").first.click()
    expect_colors(page, {RED: 80, CREAM: 20})


def test_only_what_shows_the_colors_is_found(page: Page, url: str, archive: bl.Archive) -> None:
    show(page, url, palette="B83B5E-50_2F4858-50")
    expect(page.get_by_label("Tolerance")).to_be_hidden()
    page.locator(".how select").select_option("any")
    wanted = archive.find_similar(palette=bl.Palette([RED, BLUE], must_show="any"))
    expect_names(hits_of(page), wanted.filenames)
    assert 0 < len(wanted) < len(archive.filenames)
    page.locator(".how select").select_option("all")
    expect_names(hits_of(page), archive.find_similar(palette=bl.Palette([RED, BLUE], must_show="all")).filenames)
    page.get_by_label("Tolerance").focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("_all_50"))
    expect_names(hits_of(page), archive.find_similar(palette=bl.Palette([RED, BLUE], must_show="all", tolerance=50)).filenames)


def point(picture: Locator, x: float, y: float) -> tuple[float, float]:
    """Where a part of an image of 80 x 60 lies on the screen, whole and in the middle of its box."""
    box = picture.bounding_box()
    assert box
    scale = min(box["width"] / 80, box["height"] / 60)
    return box["x"] + box["width"] / 2 + (x - 0.5) * 80 * scale, box["y"] + box["height"] / 2 + (y - 0.5) * 60 * scale


def near(text: str, color: str) -> bool:
    one, other = (np.array(list(bytes.fromhex(value[1:])), int) for value in (text, color))
    return bool(np.abs(one - other).max() <= 4)  # WebP


def test_the_eyedropper_takes_colors_from_pictures(page: Page, url: str, outside: list[str]) -> None:
    show(page, url, query=TWO_COLORED[0])
    button(page, "Colors").click()
    button(page, "Pick from a picture").click()
    dialog = page.get_by_role("dialog")
    picture = dialog.locator(".picture")
    expect(picture).to_have_css("background-image", re.compile("blob:"))
    expect(button(page, "Pick colors")).to_have_attribute("aria-pressed", "true")
    expect(dialog.locator(".loupe")).to_be_hidden()
    for x, color in ((0.3, RED), (0.9, CREAM)):
        page.mouse.move(*point(picture, x, 0.5))
        expect(dialog.locator(".loupe")).to_be_visible()
        assert near(dialog.locator(".loupe span").inner_text(), color)
        page.mouse.down()
        page.mouse.up()
    expect(dialog.locator(".taken li")).to_have_count(2)
    page.mouse.move(*point(picture, 0.5, 1.0 + 0.02))  # beside the picture there is nothing to take
    expect(dialog.locator(".loupe")).to_be_hidden()
    dialog.get_by_role("button", name=re.compile("^Remove #F")).click()
    button(page, "Search with these colors").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".color")).to_have_count(1)
    assert near(page.locator(".color .hex").inner_text(), RED)

    tile_of(hits_of(page), TWO_COLORED[1]).hover()
    tile_of(hits_of(page), TWO_COLORED[1]).get_by_role("button", name="Look closer").click()
    expect(dialog.locator(".picture")).to_have_count(2)
    page.keyboard.press("i")
    page.keyboard.press("r")
    box = dialog.locator(".picture").last.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * (2 - 0.1) / 3, box["y"] + 10)  # in the second of three, at its right
    expect(dialog.locator(".taken li")).to_have_count(1)
    button(page, "Search with these colors").click()
    expect(page.locator(".color")).to_have_count(2)  # added to those that are looked for
    assert near(page.locator(".color .hex").last.inner_text(), BLUE)
    assert outside == []


def test_colors_that_were_picked_are_forgotten_when_the_view_closes(page: Page, url: str) -> None:
    show(page, url, query=TWO_COLORED[0])
    button(page, "Colors").click()
    button(page, "Pick from a picture").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".picture")).to_have_css("background-image", re.compile("blob:"))
    page.mouse.click(*point(dialog.locator(".picture"), 0.3, 0.5))
    expect(dialog.locator(".taken li")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".color")).to_have_count(0)
    button(page, "Pick from a picture").click()
    expect(dialog.locator(".taken li")).to_have_count(0)


@pytest.mark.parametrize("name", KINDS)
def test_the_repeat_is_shown_as_a_grid_over_the_picture(page: Page, url: str, name: str, archive: bl.Archive) -> None:
    show(page, url, query=name)
    page.locator(".query .chip .frame").click()
    dialog = page.get_by_role("dialog")
    found = archive.repeat(name)
    text = dialog.locator(".facts tr", has_text="Repeat").locator("td")
    expect(text).to_have_text(re.compile(rf"^(Half-drop|Brick|Straight), {found.width:.0f} × {found.height:.0f} px, confidence \d+%$"))
    expect(dialog.locator(".facts tr", has_text="Scale").locator("td")).to_have_text(re.compile("Medium|Large"))
    expect(dialog.locator("svg")).to_have_count(0)
    page.keyboard.press("g")
    expect(button(page, "Repeat grid")).to_have_attribute("aria-pressed", "true")
    width, height = found.size
    for times in (1, 3):
        picture, unit = dialog.locator(".picture").bounding_box(), dialog.locator("svg .unit").bounding_box()
        assert picture
        assert unit
        scale = picture["width"] / 3 / width if times == 3 else min(picture["width"] / width, picture["height"] / height)
        left = picture["x"] + (0 if times == 3 else (picture["width"] - width * scale) / 2)
        assert unit["x"] == pytest.approx(left, abs=3)
        assert (unit["width"], unit["height"]) == pytest.approx((found.width * scale, found.height * scale), abs=4)
        page.keyboard.press("r")
    lines = dialog.locator("svg .line").first.get_attribute("d") or ""
    drawn = {(round(float(x)), round(float(y))) for x, y in re.findall(r"M([\d.]+) ([\d.]+)l", lines)}
    w, h = round(found.width), round(found.height)
    corner = {"half-drop": (w, round(found.height / 2)), "brick": (round(found.width / 2), h), "straight": (w, 0)}[found.kind]
    assert {(0, 0), corner} <= drawn
    page.keyboard.press("g")
    expect(dialog.locator("svg")).to_have_count(0)


def test_without_a_repeat_there_is_no_grid(page: Page, url: str) -> None:
    show(page, url, query=TWO_COLORED[3])
    page.locator(".query .chip .frame").click()
    expect(page.get_by_role("dialog").locator(".facts tr", has_text="Repeat")).to_contain_text("No repeat, confidence")
    expect(button(page, "Repeat grid")).to_be_hidden()
    page.keyboard.press("g")
    expect(page.get_by_role("dialog").locator("svg")).to_have_count(0)


def test_repeats_and_scales_are_filters_in_both_languages(page: Page, url: str, archive: bl.Archive) -> None:
    show(page, url, query=TWO_COLORED[3], language="tr")
    page.locator("summary", has_text="Rapor").click()
    choices = page.locator("details[open] .choice .value")
    expect(choices.first).to_have_text("Düz")
    expect(choices.last).to_have_text("Raporsuz")
    page.locator("details[open] .choice", has_text="Düz").click()
    expect(page.locator("summary", has_text="Rapor")).to_contain_text("Düz")
    expect_names(hits_of(page), archive.find_similar(TWO_COLORED[3], filters={"repeat": "straight"}).filenames)
    button(page, "English").click()
    expect(page.locator("summary", has_text="Repeat")).to_contain_text("Straight")
    page.locator("summary", has_text="Scale").click()
    shown = page.locator("details[open] .choice .value").all_inner_texts()
    assert shown == [scale for scale in ("Micro", "Small", "Medium", "Large") if scale in shown]
    assert shown


# Words do not depend on the colors, nor colors on the words: two pages show every pair that matters
@pytest.mark.parametrize(("theme", "language"), [("default", "en"), ("dark", "tr")])
def test_axe_finds_nothing_grave_in_colors_and_grids(page: Page, url: str, outside: list[str], theme: str, language: str) -> None:
    pytest.importorskip("axe_playwright_python")
    show(page, url, theme=theme, language=language, palette="B83B5E-50_F5EBDD-30_2F4858-20_any_12")
    expect(page.locator(".color")).to_have_count(3)
    expect_painted(hits_of(page).locator(".tile"))
    page.locator(".adder input[type=text]").fill("red")
    page.locator(".adder input[type=text]").press("Enter")
    expect(page.locator(".wrong")).to_be_visible()
    faults = grave_faults(page)
    page.locator(".dropper").first.click()
    expect(page.get_by_role("dialog").locator(".picture")).to_have_count(2)
    box = page.locator(".picture").last.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".taken li")).to_have_count(1)
    faults += grave_faults(page)
    assert not faults, "\n".join(faults)
    assert outside == []
