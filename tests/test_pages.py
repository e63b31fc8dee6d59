"""The pages in a real browser, served as a user serves them."""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

import benzer_lab as bl
from tests.page_server import (
    APP,
    START,
    archive_of,
    chip_of,
    expect_painted,
    focused,
    hits_of,
    served,
    show,
    tile_of,
)
from tests.small_archive import HOSTILE_DESIGN, HOSTILE_NAME, HOSTILE_SEASON, NAMES, write_small_archive
from tests.test_archive import draw, names_of

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

INLINE = """
import benzer_lab as bl
bl.views.Search(bl.Archive.open({folder!r})).servable()
"""
SMALL_SAMPLE = """
from functools import partial
from benzer_lab import sample
from benzer_lab.views import preparation_model

preparation_model.draw_archive = partial(sample.draw_archive, n_designs=8, size=128)
"""


def test_a_click_on_a_design_paints_its_look_alikes(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url)
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    tile_of(archive_of(page), NAMES[3]).click()
    hits = hits_of(page).locator(".tile")
    expect(hits).to_have_count(11)
    expect_painted(hits)
    expect_painted(archive_of(page).locator(".tile"))
    expect(chip_of(page).locator(".title")).to_have_text("Iğdır Kilim")
    expect(page.get_by_text("The 11 most similar of 11 images")).to_be_visible()
    assert outside == []


def test_pictures_come_in_one_request_a_batch(page: Page, search_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "thumbnails" in request.url else None)
    show(page, search_url)
    expect_painted(archive_of(page).locator(".tile"))
    archive_of(page).locator(".tile").nth(3).click()
    expect(hits_of(page).locator(".tile")).to_have_count(11)
    expect_painted(hits_of(page).locator(".tile"))
    queries = [parse_qs(urlsplit(url).query) for url in asked]
    pictures = [(key, query["size"][0]) for query in queries for key in query["keys"][0].split(",")]
    assert len(pictures) == len(set(pictures))  # none is asked for twice in one size
    assert len({key for key, _ in pictures}) == 12
    assert len(asked) <= 5  # for each gallery what is in sight as the page is laid out, and what comes into sight; the query


def test_a_click_on_a_hit_makes_it_the_query(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    hit = hits_of(page).locator(".tile").first
    expect(hit).to_be_visible()
    name = hit.get_attribute("data-name")
    hit.click()
    expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", str(name))
    expect(tile_of(hits_of(page), NAMES[3])).to_be_visible()


def test_the_keyboard_walks_through_the_tiles_and_asks(page: Page, search_url: str) -> None:
    show(page, search_url)
    archive_of(page).locator(".main").first.focus()
    for key in ("End", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", NAMES[10])


def test_page_keys_go_a_screen_further_and_keys_of_the_browser_are_left_to_it(page: Page, search_url: str) -> None:
    page.set_viewport_size({"width": 800, "height": 700})
    show(page, search_url)
    archive_of(page).locator(".main").first.focus()
    page.keyboard.press("PageDown")
    assert int(focused(page)[2:4]) >= 4
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+End")
    page.keyboard.press("Alt+ArrowDown")
    assert focused(page) == NAMES[1]


def test_the_keyboard_goes_from_hit_to_hit(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    first = hits_of(page).locator(".tile").first
    for _ in range(2):
        name = str(first.get_attribute("data-name"))
        first.locator(".main").focus()
        page.keyboard.press("Enter")
        expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", name)
        expect(first.locator(".main")).to_be_focused()
        assert first.get_attribute("data-name") != name


def test_back_and_forward_show_what_the_address_says(page: Page, search_url: str) -> None:
    show(page, search_url)
    tile_of(archive_of(page), NAMES[3]).click()
    expect(page).to_have_url(re.compile(f"query={NAMES[3]}"))
    expect(chip_of(page)).to_have_attribute("title", re.compile(NAMES[3]))
    page.go_back()
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    page.go_forward()
    expect(chip_of(page)).to_have_attribute("title", re.compile(NAMES[3]))
    expect(page).to_have_url(re.compile(f"query={NAMES[3]}"))


def test_pictures_come_after_the_login_has_ended(page: Page, tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "archive")
    for i in range(150):
        Image.new("RGB", (9, 9), (i, 0, 0)).save(folder / "images" / f"E-{i}.png")
    with served(APP, folder, "--basic-auth", "open sesame", "--cookie-secret", "salt") as url:
        page.goto(url)
        page.locator("[name=username]").fill("u")
        page.locator("[name=password]").fill("open sesame")
        page.locator("[type=submit]").click()
        page.wait_for_url("**/search*")
        tiles = archive_of(page).locator(".tile")
        expect(tiles.first).to_be_visible(timeout=START)
        page.context.clear_cookies()
        tiles.first.locator(".main").focus()
        page.keyboard.press("End")
        expect(archive_of(page).locator("[data-place='161'][data-name]")).to_be_visible()
        expect_painted(tiles)


def test_a_picture_that_is_none_is_asked_for_again_by_message(page: Page, search_url: str) -> None:
    def spoil(route: Any) -> None:
        n = route.request.url.count(",") + 1
        body = b"".join((4).to_bytes(4, "little") for _ in range(n)) + b"none" * n
        route.fulfill(body=body, content_type="application/octet-stream")

    page.route("**/thumbnails?*", spoil)
    show(page, search_url)
    expect_painted(archive_of(page).locator(".tile"))


@pytest.mark.parametrize("options", [["--num-threads", "2"], ["--num-procs", "2"]], ids=str)
def test_threads_and_processes_may_be_chosen(page: Page, tmp_path: Path, options: list[str]) -> None:
    folder = write_small_archive(tmp_path / "archive")
    with served(APP, folder, *options) as url:
        for _ in range(2):
            show(page, url, query=NAMES[3])
            expect(hits_of(page).locator(".tile")).to_have_count(11)


def test_a_file_without_content_is_refused_in_words(page: Page, search_url: str, tmp_path: Path) -> None:
    show(page, search_url, query=NAMES[3])
    expect(chip_of(page)).to_be_visible()
    (tmp_path / "empty.png").touch()
    page.locator("input[type=file]").set_input_files(tmp_path / "empty.png")
    expect(page.get_by_role("alert").filter(has_text="an empty file")).to_be_visible()
    expect(chip_of(page)).to_be_hidden()


@pytest.mark.parametrize(("before", "after"), [((0, 12), (0, 3)), ((0, 3), (0, 12))], ids=["shrinks", "grows"])
def test_an_open_page_and_a_new_one_stay_whole_while_the_archive_changes(
    page: Page, tmp_path: Path, outside: list[str], before: tuple[int, int], after: tuple[int, int]
) -> None:
    folder = tmp_path / "archive"
    draw(tmp_path / "images", names_of(*before))
    bl.Archive.create(folder, images=tmp_path / "images").extract(["color"], processes=1, progress=False)
    with served(APP, folder) as url:
        page.goto(url)
        tiles = archive_of(page).locator(".tile")
        expect(tiles).to_have_count(before[1], timeout=START)
        shutil.rmtree(tmp_path / "images")
        draw(tmp_path / "images", names_of(*after))
        bl.Archive.open(folder).extract(["color"], processes=1, progress=False)
        tiles.first.click()
        expect(hits_of(page).locator(".tile")).to_have_count(after[1] - 1)
        page.get_by_text("Türkçe").click()
        expect(archive_of(page).locator(".caption")).to_have_text(f"{before[1]} görsel")
        page.get_by_placeholder("Dosya").press_sequentially("d-")
        expect(tiles).to_have_count(after[1])
        page.goto(url)
        expect(tiles).to_have_count(after[1], timeout=START)
        expect_painted(tiles)
    assert outside == []


def test_a_filter_narrows_the_hits(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    page.locator("summary", has_text="Season").click()
    page.locator("details[open] .choice", has_text="SS24").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 5 most similar of 5 images")
    page.locator("details[open] .choice", has_text="AW24").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 10 most similar of 10 images")
    page.locator(".menus .clear").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 11 most similar of 11 images")


def test_the_box_finds_by_design(page: Page, search_url: str) -> None:
    show(page, search_url)
    page.get_by_placeholder("File name or design").press_sequentially("igdir")
    expect(archive_of(page).locator(".tile")).to_have_count(3)
    expect(archive_of(page).locator(".caption")).to_have_text("3 of 12 images")


def test_an_own_image_that_cannot_be_searched_is_told_in_words(page: Page, search_url: str, tmp_path: Path) -> None:
    show(page, search_url)
    page.locator("input[type=file]").set_input_files(write_small_archive(tmp_path / "own") / "images" / NAMES[5])
    expect(page.get_by_role("alert").filter(has_text="archive.extract")).to_be_visible()
    expect(chip_of(page).locator(".title")).to_have_text(NAMES[5])
    expect_painted(chip_of(page))


def test_a_file_that_is_too_large_is_refused_in_words(page: Page, search_url: str, tmp_path: Path) -> None:
    show(page, search_url)
    (tmp_path / "huge.tif").write_bytes(bytes(17_000_000))
    page.locator("input[type=file]").set_input_files(tmp_path / "huge.tif")
    expect(page.get_by_text("“huge.tif” is larger than 16 MB")).to_be_visible()


def test_an_unknown_name_in_the_address_is_told_in_words(page: Page, search_url: str) -> None:
    show(page, search_url, query="D-99.png")
    expect(page.get_by_role("alert").filter(has_text="'D-99.png' must be a file name")).to_be_visible()


def test_names_and_metadata_are_shown_as_the_text_they_are(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url)
    tile = archive_of(page).locator(".tile", has_text=HOSTILE_DESIGN)
    tile.click()
    expect(chip_of(page).locator(".title")).to_have_text(HOSTILE_DESIGN)
    assert tile.get_attribute("data-name") == HOSTILE_NAME
    page.locator("summary", has_text="Season").click()
    page.locator("details[open] .choice", has_text=HOSTILE_SEASON).click()
    expect(page.locator("summary", has_text=HOSTILE_SEASON)).to_be_visible()
    page.get_by_placeholder("File name or design").press_sequentially(HOSTILE_SEASON)
    expect(archive_of(page).locator(".tile")).to_have_count(1)
    page.goto(f"{search_url}?query={HOSTILE_SEASON}&language={HOSTILE_SEASON}&theme={HOSTILE_SEASON}")
    expect(page.get_by_role("alert").filter(has_text="onerror")).to_be_visible(timeout=START)
    assert page.evaluate("window.hacked") is None
    assert outside == []


def test_the_language_changes_without_a_reload(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_text("Türkçe").click()
    expect(page.get_by_text("11 görselden en benzer 11 tanesi")).to_be_visible()
    expect(page.locator("summary", has_text="Sezon")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    page.reload()
    expect(page.get_by_text("11 görselden en benzer 11 tanesi")).to_be_visible()


def test_the_theme_changes_and_keeps_the_query(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    light = page.locator(".page").evaluate("page => getComputedStyle(page).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Light")).to_be_visible()
    expect(page.get_by_text("The 11 most similar of 11 images")).to_be_visible()
    assert page.locator(".page").evaluate("page => getComputedStyle(page).backgroundColor") != light


@pytest.mark.parametrize("width", [800, 1440])
def test_the_page_fits_its_window(page: Page, search_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, search_url, query=NAMES[3])
    expect(hits_of(page).locator(".tile").first).to_be_visible()
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [width, 900]
    for wall in (archive_of(page), hits_of(page)):
        assert wall.evaluate("wall => wall.getBoundingClientRect().bottom") > 850


def test_without_routes_pictures_come_by_the_websocket(page: Page, tmp_path: Path, outside: list[str]) -> None:
    folder = write_small_archive(tmp_path / "archive")
    (tmp_path / "inline.py").write_text(INLINE.format(folder=str(folder)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "thumbnails" in request.url else None)
    with served(tmp_path / "inline.py", folder) as url:
        show(page, url)
        expect_painted(archive_of(page).locator(".tile"))
        archive_of(page).locator(".tile").first.click()
        expect(hits_of(page).locator(".tile")).to_have_count(11)
        expect_painted(hits_of(page).locator(".tile"))
    assert asked == outside == []


def test_an_empty_folder_shows_the_preparation_and_then_the_search(page: Page, tmp_path: Path, outside: list[str]) -> None:
    app = tmp_path / "search.py"
    app.write_text(SMALL_SAMPLE + APP.read_text(encoding="utf-8"))
    folder = tmp_path / "image_features"
    folder.mkdir()
    (folder / "README.md").write_text("What this folder is.")
    with served(app, folder) as url:
        page.goto(url)
        expect(page.get_by_text("The archive is being made ready")).to_be_visible(timeout=START)
        expect(archive_of(page).locator(".caption")).to_have_text("32 images", timeout=120_000)
        archive_of(page).locator(".tile").first.click()
        expect(hits_of(page).locator(".caption")).to_have_text("The 31 most similar of 31 images")
        expect_painted(hits_of(page).locator(".tile"))
        own = folder / "images" / bl.Archive.open(folder).filenames[4]
        page.locator("input[type=file]").set_input_files(own)
        expect(hits_of(page).locator(".tile").first).to_have_attribute("data-name", own.name)
        expect(chip_of(page).locator(".note")).to_have_text("Your own image; the link leaves it out")
        (tmp_path / "text.png").write_text("no image")
        page.locator("input[type=file]").set_input_files(tmp_path / "text.png")
        expect(page.get_by_role("alert").filter(has_text="must be an image")).to_be_visible()
    assert outside == []


def test_images_without_features_show_what_to_run(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    write_small_archive(tmp_path / "other")
    shutil.copytree(tmp_path / "other/images", folder / "images")
    with served(APP, folder) as url:
        page.goto(f"{url}?language=tr")
        expect(page.get_by_text("Henüz gösterecek bir şey yok")).to_be_visible(timeout=START)
        expect(page.get_by_text(f"benzer extract {folder}")).to_be_visible()
