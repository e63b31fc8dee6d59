"""The pages in a real browser, served as a user serves them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

import benzer_lab as bl
from tests.small_archive import HOSTILE_DESIGN, HOSTILE_NAME, HOSTILE_SEASON, NAMES, write_small_archive

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

ROOT = Path(__file__).resolve().parents[1]
START = 60_000  # milliseconds until the first page, on a machine that does much else
PAINTED = "images => images.length > 0 && images.every(image => image.complete && image.naturalWidth > 0)"
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


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": shutil.which("chromium"), "args": options}


@contextmanager
def served(app: Path, archive: Path) -> Iterator[str]:
    """Run `panel serve` in a process of its own; give the address of the page."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    log = archive.parent / "server.log"
    environment = {
        **os.environ,
        "BENZER_ARCHIVE": str(archive),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    with log.open("w") as output:
        command = [sys.executable, "-m", "panel", "serve", str(app), "--port", str(port)]
        process = subprocess.Popen(command, env=environment, cwd=archive.parent, stdout=output, stderr=output)
        try:
            url = f"http://localhost:{port}"
            wait_for(url, process, log)
            yield f"{url}/{app.stem}"
        finally:
            process.terminate()
            process.wait(20)
    assert "Traceback" not in log.read_text()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def search_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The search page of the small archive, which holds names that try to run a script."""
    folder = write_small_archive(tmp_path_factory.mktemp("pages") / "archive", hostile=True)
    with served(ROOT / "dashboards/search.py", folder) as url:
        yield url


@pytest.fixture
def outside(page: Page) -> list[str]:
    """What the page asks of other hosts, or complains of; to stay empty."""
    found: list[str] = []
    page.on(
        "request", lambda request: None if request.url.startswith(("http://localhost:", "data:", "blob:")) else found.append(request.url)
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def archive_of(page: Page) -> Locator:
    return page.locator(".archive .wall")


def hits_of(page: Page) -> Locator:
    return page.locator(".hits .wall:not(.line)")


def show(page: Page, url: str, **query: str) -> None:
    page.goto(f"{url}?{'&'.join(f'{key}={value}' for key, value in query.items())}")
    expect(archive_of(page).locator(".tile")).to_have_count(12, timeout=START)


def expect_painted(tiles: Locator) -> None:
    """Every tile has its picture."""
    images = tiles.locator("img")
    expect(images).to_have_count(tiles.count())
    for _ in range(100):
        if images.evaluate_all(PAINTED):
            return
        time.sleep(0.1)
    raise AssertionError("there are tiles without a picture")


def test_a_click_on_a_design_paints_its_look_alikes(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url)
    expect(page.get_by_text("Click a design on the left")).to_be_visible()
    archive_of(page).locator(f"[data-name='{NAMES[3]}']").click()
    hits = hits_of(page).locator(".tile")
    expect(hits).to_have_count(11)
    expect_painted(hits)
    expect_painted(archive_of(page).locator(".tile"))
    expect(page.locator(".line .title")).to_have_text("Iğdır Kilim")
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
    assert len(asked) == 1


def test_a_click_on_a_hit_makes_it_the_query(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    hit = hits_of(page).locator(".tile").first
    expect(hit).to_be_visible()
    name = hit.get_attribute("data-name")
    hit.click()
    expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", str(name))
    expect(hits_of(page).locator(f"[data-name='{NAMES[3]}']")).to_be_visible()


def test_the_keyboard_walks_through_the_tiles_and_asks(page: Page, search_url: str) -> None:
    show(page, search_url)
    archive_of(page).locator(".tile").first.focus()
    for key in ("End", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(archive_of(page).locator("[aria-current=true]")).to_have_attribute("data-name", NAMES[10])


def test_a_filter_narrows_the_hits(page: Page, search_url: str) -> None:
    show(page, search_url, query=NAMES[3])
    page.locator("summary", has_text="Season").click()
    page.locator("details[open] .choice", has_text="SS24").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 5 most similar of 5 images")
    page.locator("details[open] .choice", has_text="AW24").click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 10 most similar of 10 images")
    page.get_by_text("Clear").click()
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
    expect(page.locator(".line .title")).to_have_text(NAMES[5])
    expect_painted(page.locator(".line .tile"))


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
    expect(page.locator(".line .title")).to_have_text(HOSTILE_DESIGN)
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
    page.get_by_text("Türkçe").click()
    expect(page.get_by_text("11 görselden en benzer 11 tanesi")).to_be_visible()
    expect(page.locator("summary", has_text="Sezon")).to_be_visible()
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


def test_a_large_archive_comes_in_batches_as_one_scrolls(page: Page, tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "archive")
    for i in range(250):
        shutil.copy(folder / "images" / NAMES[0], folder / "images" / f"E-{i}.png")
    with served(ROOT / "dashboards/search.py", folder) as url:
        page.goto(url)
        tiles = archive_of(page).locator(".tile")
        expect(archive_of(page).locator(".caption")).to_have_text("262 images", timeout=START)
        expect(tiles).to_have_count(100)
        for n in (200, 262):
            archive_of(page).locator(".scroller").evaluate("scroller => scroller.scrollTo(0, scroller.scrollHeight)")
            expect(tiles).to_have_count(n)
        expect_painted(tiles)


def test_an_empty_folder_shows_the_preparation_and_then_the_search(page: Page, tmp_path: Path, outside: list[str]) -> None:
    app = tmp_path / "search.py"
    app.write_text(SMALL_SAMPLE + (ROOT / "dashboards/search.py").read_text(encoding="utf-8"))
    folder = tmp_path / "image_features"
    folder.mkdir()
    (folder / "README.md").write_text("What this folder is.")
    with served(app, folder) as url:
        page.goto(url)
        expect(page.get_by_text("The archive is being made ready")).to_be_visible(timeout=START)
        expect(archive_of(page).locator(".tile")).to_have_count(32, timeout=120_000)
        archive_of(page).locator(".tile").first.click()
        expect(hits_of(page).locator(".tile")).to_have_count(31)
        expect_painted(hits_of(page).locator(".tile"))
        own = folder / "images" / bl.Archive.open(folder).filenames[4]
        page.locator("input[type=file]").set_input_files(own)
        expect(hits_of(page).locator(".tile").first).to_have_attribute("data-name", own.name)
        expect(page.locator(".line .note")).to_have_text("Your own image")
        (tmp_path / "text.png").write_text("no image")
        page.locator("input[type=file]").set_input_files(tmp_path / "text.png")
        expect(page.get_by_role("alert").filter(has_text="must be an image")).to_be_visible()
    assert outside == []


def test_images_without_features_show_what_to_run(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    write_small_archive(tmp_path / "other")
    shutil.copytree(tmp_path / "other/images", folder / "images")
    with served(ROOT / "dashboards/search.py", folder) as url:
        page.goto(f"{url}?language=tr")
        expect(page.get_by_text("Henüz gösterecek bir şey yok")).to_be_visible(timeout=START)
        expect(page.get_by_text(f"benzer extract {folder}")).to_be_visible()
