"""What a visitor does with the search page, flow by flow, in a real browser."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest

import benzer_lab as bl
from tests.page_server import (
    archive_of,
    chip_of,
    control_of,
    expect_names,
    expect_painted,
    focused,
    hits_of,
    names_in,
    show,
    tile_of,
)
from tests.small_archive import HOSTILE_DESIGN, HOSTILE_NAME, NAMES

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]


@pytest.fixture(scope="module")
def archive(search_folder: Path) -> bl.Archive:
    """The archive that the page shows, to compare with."""
    return bl.Archive.open(search_folder)


def test_similar_to_a_hit_and_back_by_the_button(page: Page, search_url: str, archive: bl.Archive, outside: list[str]) -> None:
    show(page, search_url)
    tile_of(archive_of(page), NAMES[3]).click()
    expect_names(hits_of(page), archive.find_similar(NAMES[3]).filenames)
    second = names_in(hits_of(page))[1]
    tile_of(hits_of(page), second).click()
    expect_names(hits_of(page), archive.find_similar(second).filenames)
    expect_painted(hits_of(page).locator(".tile"))
    expect(page.locator(".trail li")).to_have_count(1)
    expect_painted(page.locator(".trail li"))
    page.get_by_role("button", name="Back").click()
    expect_names(hits_of(page), archive.find_similar(NAMES[3]).filenames)
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    page.locator(".query .clear").click()
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    page.locator(".trail button").click()
    expect_names(hits_of(page), archive.find_similar(NAMES[3]).filenames)
    assert outside == []


def test_back_and_forward_of_the_browser_lead_through_the_questions(page: Page, search_url: str, archive: bl.Archive) -> None:
    show(page, search_url)
    for name in (NAMES[3], NAMES[5], NAMES[7]):
        tile_of(archive_of(page), name).click()
        expect(page).to_have_url(re.compile(f"query={name}"))
    for name in (NAMES[5], NAMES[3]):
        page.go_back()
        expect_names(hits_of(page), archive.find_similar(name).filenames)
    page.go_back()
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    for name in (NAMES[3], NAMES[5], NAMES[7]):
        page.go_forward()
        expect_names(hits_of(page), archive.find_similar(name).filenames)
    expect(page).to_have_url(re.compile(f"query={NAMES[7]}"))


def test_the_large_view_shows_both_at_equal_size_and_as_a_repeat(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url, query=NAMES[3])
    tile = hits_of(page).locator("[data-place='2']")
    tile.hover()
    tile.get_by_role("button", name="Look closer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("figcaption")).to_have_text(["Looked for", "Found"])
    expect(dialog.locator(".place")).to_have_text("3 / 11")
    pictures = dialog.locator(".picture")
    for repeated in (False, True):
        one, other = (pictures.nth(i).bounding_box() for i in range(2))
        assert one
        assert other
        assert (one["width"], one["height"], one["y"]) == pytest.approx((other["width"], other["height"], other["y"]), abs=0.1)
        assert min(one["width"], one["height"]) > 200
        for i in range(2):
            expect(pictures.nth(i)).to_have_css("background-image", re.compile("^url"))
            expect(pictures.nth(i)).to_have_css("background-repeat", "repeat" if repeated else "no-repeat")
        expect(dialog.get_by_role("button", name="Repeat 3 × 3")).to_have_attribute("aria-pressed", str(repeated).lower())
        dialog.get_by_role("button", name="Repeat 3 × 3").click()
    facts = dialog.locator(".facts tr")
    expect(facts.filter(has_text="File name")).to_contain_text(NAMES[3])
    expect(facts.filter(has_text="Similarity").locator("td").last).to_have_text(re.compile(r"^0\.\d{3}$"))
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator(".place")).to_have_text("4 / 11")
    dialog.get_by_role("button", name="Choose").click()
    expect(dialog.get_by_role("button", name="Chosen")).to_have_attribute("aria-pressed", "true")
    fourth = names_in(hits_of(page))[3]
    dialog.get_by_role("button", name="Similar to this").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile(f"query={fourth}"))
    assert outside == []


def test_the_large_view_opens_by_the_space_key_and_gives_the_focus_back(page: Page, search_url: str) -> None:
    show(page, search_url)
    tile_of(archive_of(page), NAMES[4]).locator(".main").focus()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".picture")).to_have_count(1)
    expect(dialog.locator(".name")).to_have_text("Lâle 2")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".place")).to_have_text("6 / 12")
    page.keyboard.press("r")
    expect(dialog.locator(".picture")).to_have_css("background-repeat", "repeat")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert focused(page) == NAMES[4]
    expect(page).not_to_have_url(re.compile("query="))
    page.keyboard.press("Space")
    expect(dialog.locator(".place")).to_have_text("5 / 12")


def test_what_is_chosen_is_saved_as_csv_and_as_pdf(page: Page, search_url: str, archive: bl.Archive, outside: list[str]) -> None:
    show(page, search_url, query=NAMES[3])
    expect(page.get_by_role("button", name="Save as CSV")).to_be_hidden()
    for wall, name in ((archive_of(page), NAMES[1]), (hits_of(page), NAMES[5]), (archive_of(page), HOSTILE_NAME)):
        tile = wall.locator(".tile").filter(has_text=HOSTILE_DESIGN) if name == HOSTILE_NAME else tile_of(wall, name)
        tile.hover()
        tile.get_by_role("button", name="Choose").click()
        expect(tile.get_by_role("button", name="Chosen")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".picks .count")).to_have_text("3 chosen")
    expect(tile_of(hits_of(page), NAMES[1])).to_have_class(re.compile("chosen"))
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").click()
    saved = saving.value
    assert saved.suggested_filename == "benzer-lab.csv"
    lines = list(csv.DictReader(io.StringIO(saved.path().read_text(encoding="utf-8-sig"))))
    assert [(line["filename"], line["design"]) for line in lines] == [
        (NAMES[1], "Iğdır Kilim"),
        (NAMES[5], "Lâle 2"),
        (HOSTILE_NAME, HOSTILE_DESIGN),
    ]
    similar = {record["filename"]: record["similarity"] for record in archive.find_similar(NAMES[3]).to_records()}
    assert [float(line["similarity"]) for line in lines] == [pytest.approx(similar[line["filename"]], abs=1e-3) for line in lines]
    with page.expect_download() as saving:
        page.get_by_role("button", name="Contact sheet").click()
    saved = saving.value
    sheet = saved.path().read_bytes()
    assert saved.suggested_filename == "benzer-lab.pdf"
    assert sheet.startswith(b"%PDF-")
    assert len(re.findall(rb"/Subtype /Image", sheet)) >= 3
    page.get_by_role("button", name="Choose none").click()
    expect(page.locator(".picks .count")).to_have_text("Nothing chosen yet")
    expect(page.locator(".tile.chosen")).to_have_count(0)
    assert outside == []


def test_the_counts_of_filters_follow_each_other(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    page.locator("summary", has_text="Features").click()
    counts = page.locator("details[open] .choice .count")
    expect(counts).to_have_text(["3", "3", "9"])
    page.locator("summary", has_text="Season").click()
    expect(page.locator("details[open]")).to_have_count(1)
    page.locator("details[open] .choice", has_text="AW24").click()
    page.locator("summary", has_text="Features").click()
    expect(counts).to_have_text(["1 / 3", "1 / 3", "5 / 9"])
    page.locator("details[open] .choice", has_text="floral").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The most similar of 1 image")
    page.locator("summary", has_text="Season").click()
    expect(page.locator("details[open] .choice", has_text="AW24").locator(".count")).to_have_text("1 / 6")
    page.keyboard.press("Escape")
    expect(page.locator("details[open]")).to_have_count(0)
    page.locator(".menus .clear").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 11 most similar of 11 images")


def test_opening_a_menu_of_filters_closes_the_other_at_once(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    expect(page.locator(".menus summary").first).to_be_visible()
    left_open = page.locator(".menus").evaluate("""menus => {
        const [first, second] = menus.querySelectorAll("summary");
        first.click();
        second.click();
        second.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        return menus.querySelectorAll("details[open]").length;
    }""")
    assert left_open == 0


def test_the_limit_cuts_hits_off_and_says_so_when_none_is_left(page: Page, search_url: str, archive: bl.Archive) -> None:
    show(page, search_url, query=NAMES[3])
    expect(hits_of(page).locator(".tile")).to_have_count(11)
    handle = control_of(page, "At least as similar as")
    handle.focus()
    handle.fill("0.5")
    handle.press("ArrowRight")
    wanted = archive.find_similar(NAMES[3], min_similarity=0.51)
    assert 0 < len(wanted) < 11
    expect(page).to_have_url(re.compile(r"min_similarity=0\.51(&|$)"))
    expect_names(hits_of(page), wanted.filenames)
    handle.press("End")
    expect(page.get_by_text("No design is as similar as that. Lower the limit.")).to_be_visible()
    handle.press("Home")
    expect(hits_of(page).locator(".tile")).to_have_count(11)


def test_the_share_of_color_ranks_again(page: Page, search_url: str, archive: bl.Archive) -> None:
    show(page, search_url, query=NAMES[3])
    expect_names(hits_of(page), archive.find_similar(NAMES[3]).filenames)
    handle = control_of(page, "Share of color")
    handle.focus()
    handle.press("End")
    only_color = archive.find_similar(NAMES[3], color_weight=1.0).filenames
    assert only_color != archive.find_similar(NAMES[3]).filenames
    expect_names(hits_of(page), only_color)
    handle.press("ArrowLeft")
    expect_names(hits_of(page), archive.find_similar(NAMES[3], color_weight=0.95).filenames)
    control_of(page, "Compare by").select_option("Pattern")
    expect(page.get_by_text("Share of color")).to_be_hidden()
    expect_names(hits_of(page), archive.find_similar(NAMES[3], model="pattern").filenames)


def test_hits_come_once_a_design(page: Page, search_url: str, archive: bl.Archive) -> None:
    show(page, search_url, query=NAMES[3])
    page.locator(".hits").get_by_label("One per design").check()
    wanted = archive.find_similar(NAMES[3], group_by="design").filenames
    assert 0 < len(wanted) < 11
    expect_names(hits_of(page), wanted)


def test_the_archive_shows_each_design_once(page: Page, search_url: str) -> None:
    show(page, search_url)
    page.locator(".archive").get_by_label("One per design").check()
    expect(archive_of(page).locator(".caption")).to_have_text("6 designs of 12 images")
    expect(archive_of(page).locator(".badge").first).to_have_text("")
    expect(tile_of(archive_of(page), NAMES[1]).locator(".badge")).to_have_text("×3")


def test_a_slash_leads_to_the_box_from_anywhere_but_where_one_types(page: Page, search_url: str) -> None:
    show(page, search_url)
    box = page.get_by_placeholder("File name or design")
    archive_of(page).locator(".main").first.focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("igdir")
    expect(box).to_have_value("igdir")
    expect(archive_of(page).locator(".caption")).to_have_text("3 of 12 images")
    expect(archive_of(page).locator(".tile .title")).to_have_text(["Iğdır Kilim"] * 3)
    page.keyboard.type("/")
    expect(box).to_have_value("igdir/")
    expect(page.get_by_text("Nothing in the archive is called “igdir/”.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(archive_of(page).locator(".caption")).to_have_text("12 images")


def test_the_archive_is_sorted(page: Page, search_url: str) -> None:
    show(page, search_url)
    control_of(page, "Sorted by").select_option("Season")
    expect(archive_of(page).locator("[data-place='1']")).to_have_attribute("data-name", NAMES[1])
    expect_names(archive_of(page), [HOSTILE_NAME, *NAMES[1::2], *NAMES[2::2]])
    control_of(page, "Sorted by").select_option("Design")
    expect_names(archive_of(page), [HOSTILE_NAME, *NAMES[1:]])


@pytest.mark.parametrize("side", ["archive", "hits"])
def test_tiles_have_the_size_of_their_slider(page: Page, search_url: str, side: str) -> None:
    show(page, search_url, query=NAMES[3])
    tile = page.locator(f".{side} .wall .tile").first
    expect(tile).to_be_visible()
    before = tile.bounding_box()
    handle = control_of(page.locator(f".{side}"), "Tile size")
    handle.focus()
    handle.press("End")
    expect(page).to_have_url(re.compile(f"{side}_tile=320"))
    expect(page.locator(f".{side} .wall")).not_to_have_class(re.compile("bare"))
    large = tile.bounding_box()
    handle.press("Home")
    expect(page).to_have_url(re.compile(f"{side}_tile=56"))
    expect(page.locator(f".{side} .wall")).to_have_class(re.compile("bare"))
    small = tile.bounding_box()
    assert before
    assert large
    assert small
    assert small["width"] < before["width"] < large["width"]
    expect_painted(page.locator(f".{side} .wall .tile"))


def test_sixty_fast_clicks_end_on_the_last(page: Page, search_url: str, archive: bl.Archive, outside: list[str]) -> None:
    show(page, search_url)
    places = [tile_of(archive_of(page), name).bounding_box() for name in NAMES[1:6]]
    asked = [i * 3 % 5 for i in range(60)]
    for i in asked:
        place = places[i]
        assert place
        page.mouse.click(place["x"] + 20, place["y"] + 70)
    last = NAMES[1 + asked[-1]]
    expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", last)
    expect(page).to_have_url(re.compile(f"query={last}"))
    expect_names(hits_of(page), archive.find_similar(last).filenames)
    expect(chip_of(page)).to_have_attribute("title", re.compile(last))
    expect(hits_of(page)).to_have_attribute("aria-busy", "false")
    expect_painted(hits_of(page).locator(".tile"))
    assert outside == []
