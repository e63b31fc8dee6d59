"""The atlas in a real browser, served as a user serves it; its maps are made at once, by scikit-learn."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.page_server import APP, START, expect_painted, names_in, served
from tests.small_archive import HOSTILE_DESIGN, NAMES, write_small_archive

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

APPLICATION = """
from benzer_lab.server import install
from benzer_lab.views import atlas_page, atlas_view, shared_archive
from tests.atlas_sources import DrawnSources

atlas_view.Sources = DrawnSources
install(shared_archive)
atlas_page().servable()
"""


@pytest.fixture(scope="module")
def atlas_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The atlas of the small archive, beside the search page."""
    folder = tmp_path_factory.mktemp("atlas")
    app = folder / "atlas.py"
    app.write_text(APPLICATION)
    with served(app, write_small_archive(folder / "archive", hostile=True), str(APP)) as url:
        yield url


def plane_of(page: Page, place: int = 0) -> Locator:
    return page.locator(".plane").nth(place)


def show(page: Page, url: str, query: str = "") -> None:
    """Open the atlas and wait until its points are drawn in the colors of its clusters."""
    page.goto(f"{url}?{query}", timeout=START)
    expect(plane_of(page)).to_have_attribute("data-drawn", re.compile("category|number"), timeout=START)


def encircle(page: Page, place: int = 0) -> None:
    """Draw a lasso around the right half of a map."""
    plane_of(page, place).get_by_role("button", name="Lasso").click()
    box = plane_of(page, place).locator("canvas").bounding_box()
    assert box
    left, right, top, bottom = box["x"] + box["width"] / 2, box["x"] + box["width"] - 4, box["y"] + 60, box["y"] + box["height"] - 4
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 8)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def caption(page: Page) -> Locator:
    return page.locator(".kept .caption")


def test_all_designs_are_drawn_and_nothing_is_asked_of_others(page: Page, atlas_url: str, outside: list[str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, atlas_url)
    expect(plane_of(page)).to_have_attribute("data-shown", "12")
    expect(caption(page)).to_have_text("12 images")
    expect(page.locator(".legend .entry")).to_have_count(3)
    expect(page.locator(".told .palette span").first).to_be_visible()  # what they have in common comes after the points
    payloads = [url for url in asked if "/payloads/" in url]
    assert len(payloads) == len(set(payloads)) >= 3  # library, points and colors, each once
    assert outside == []


def test_a_lasso_shows_what_it_holds_and_its_card_takes_it_away(page: Page, atlas_url: str, outside: list[str]) -> None:
    show(page, atlas_url)
    encircle(page)
    expect(caption(page)).to_have_text(re.compile(r"^\d+ of 12 images$"))
    n = int(caption(page).inner_text().split()[0])
    assert 0 < n < 12
    expect(plane_of(page)).to_have_attribute("data-shown", str(n))
    expect(page.locator(".wall .tile[data-name]")).to_have_count(n)
    expect_painted(page.locator(".wall .tile"))
    expect(page).to_have_url(re.compile("outline="))
    page.get_by_role("button", name="Remove: Lasso").click()
    expect(caption(page)).to_have_text("12 images")
    assert outside == []


def test_what_the_server_looks_up_is_what_was_encircled(page: Page, atlas_url: str) -> None:
    show(page, atlas_url)
    encircle(page)
    expect(caption(page)).to_have_text(re.compile(r"^\d+ of 12 images$"))
    expect(page.locator(".wall .tile[data-name]")).to_have_count(int(caption(page).inner_text().split()[0]))
    held = set(names_in(page.locator(".wall")))
    page.get_by_role("button", name="Remove: Lasso").click()
    expect(page.locator(".wall .tile[data-name]")).to_have_count(12)
    for name in sorted(held)[:2]:
        page.locator(f".wall [data-name='{name}'] .main").click()
        ring, canvas = plane_of(page).locator(".ring"), plane_of(page).locator("canvas")
        expect(ring).to_be_visible()
        at, box = ring.bounding_box(), canvas.bounding_box()
        assert at
        assert box
        assert at["x"] + at["width"] / 2 > box["x"] + box["width"] / 2 - 2
        page.locator(".one .tools button").last.click()  # lets go of it
        expect(ring).to_be_hidden()


def test_the_wheel_brings_pictures_and_a_click_on_one_chooses_it(page: Page, atlas_url: str) -> None:
    show(page, atlas_url)
    picture = plane_of(page).locator(".over .frame img").first  # few points have room for pictures at once
    expect(picture).to_be_visible()
    before = plane_of(page).locator(".over .frame").first.bounding_box()
    frame = plane_of(page).locator(".over .frame").first
    box = frame.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(plane_of(page).locator(".card .title")).to_be_visible()
    title = plane_of(page).locator(".card .title").inner_text()
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".one .title")).to_have_text(title)
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        "([node, x]) => Math.abs(node.getBoundingClientRect().x - x) > 0.5 || !node.isConnected",
        arg=[plane_of(page).locator(".over .frame").last.element_handle(), before["x"] if before else 0],
    )


def test_the_map_is_walked_by_the_keyboard(page: Page, atlas_url: str) -> None:
    show(page, atlas_url)
    ground = plane_of(page).locator(".ground")
    ground.focus()
    page.keyboard.press("ArrowRight")
    expect(plane_of(page).locator(".card .title")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".one .title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".one")).to_be_hidden()


def test_a_cluster_is_picked_out_from_legend_and_list(page: Page, atlas_url: str) -> None:
    show(page, atlas_url)
    entry = page.locator(".legend .entry").first
    n = entry.locator(".count").inner_text()
    entry.click()
    expect(caption(page)).to_have_text(f"{n} of 12 images")
    expect(entry).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Clusters", exact=True).click()
    chosen = page.locator(".several .group[aria-pressed=true]")
    expect(chosen).to_have_count(1)
    expect_painted(chosen.locator(".row .frame"))
    expect(page.locator(".measured figure")).to_have_count(2)
    page.get_by_role("button", name="2 clusters").click()
    expect(page.locator(".several .group")).to_have_count(2)
    expect(caption(page)).to_have_text("12 images")


def test_a_cell_of_the_seasons_picks_out_its_designs(page: Page, atlas_url: str) -> None:
    show(page, atlas_url, "pane=seasons")
    cells = page.locator(".shares .cell")
    expect(cells.first).to_be_visible()
    full = page.locator(".shares .cell:not(.white)").first
    n = re.search(r"(\d+) images?$", str(full.get_attribute("title")))
    full.click()
    assert n
    expect(caption(page)).to_have_text(f"{n[1]} of 12 images")


def test_two_maps_share_what_is_picked_out(page: Page, atlas_url: str, outside: list[str]) -> None:
    show(page, atlas_url, "pane=compare&model=color")
    expect(plane_of(page, 1)).to_have_attribute("data-shown", "12")
    encircle(page, 1)
    expect(caption(page)).to_have_text(re.compile(r"^\d+ of 12 images$"))
    n = caption(page).inner_text().split()[0]
    for place in (0, 1):
        expect(plane_of(page, place)).to_have_attribute("data-shown", n)
    assert outside == []


def test_one_goes_to_the_search_and_back_with_the_design(page: Page, atlas_url: str) -> None:
    show(page, atlas_url, f"query={NAMES[3]}")
    page.get_by_role("link", name="Find look-alikes").click()
    expect(page.locator(".chip .title")).to_have_text("Iğdır Kilim", timeout=START)
    page.get_by_role("link", name="Atlas").click()
    expect(page.locator(".one .title")).to_have_text("Iğdır Kilim", timeout=START)
    expect(page).to_have_url(re.compile(f"atlas.*query={NAMES[3]}"))


def test_names_that_try_to_run_a_script_stay_text(page: Page, atlas_url: str) -> None:
    show(page, atlas_url)
    page.locator(".wall .tile[data-place='0'] .main").click()
    expect(page.locator(".one .title")).to_have_text(HOSTILE_DESIGN)
    page.get_by_role("button", name="Seasons", exact=True).click()
    expect(page.locator(".shares .cell").first).to_be_visible()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize(("language", "theme"), [("en", "default"), ("tr", "dark")])
@pytest.mark.parametrize("pane", ["designs", "clusters", "seasons", "compare"])
def test_the_atlas_has_no_serious_fault_of_access(page: Page, atlas_url: str, language: str, theme: str, pane: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    show(page, atlas_url, f"language={language}&theme={theme}&pane={pane}&query={NAMES[3]}&model=color")
    expect(page.locator(".one .title")).to_be_visible()
    page.wait_for_timeout(500)
    found: list[Any] = [fault for fault in axe.run(page).response["violations"] if fault["impact"] in ("serious", "critical")]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in found] == []


def test_without_the_route_points_come_as_messages(page: Page, atlas_url: str) -> None:
    page.route("**/payloads/**", lambda route: route.abort())
    show(page, atlas_url)
    expect(plane_of(page)).to_have_attribute("data-shown", "12")
