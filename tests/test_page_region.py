"""Parts of a design on the search page in a real browser: drawn, looked for, marked, linked and prepared."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image

import benzer_lab as bl
from tests.page_server import APP, START, archive_of, expect_names, hits_of, names_in, served, show, tile_of
from tests.part_archive import AT, BOX, SIZE, picture, write_part_archive
from tests.test_page_access import grave_faults

pytest.importorskip("playwright")
pytest.importorskip("onnxruntime", reason="needs the extra 'features'")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

REGION = json.dumps([BOX])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_part_archive(tmp_path_factory.mktemp("region") / "archive")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(APP, folder) as url:
        yield url


def drag(page: Page, corners: tuple[float, ...], *, kind: str = "mouse") -> None:
    """Drag from one place of the picture to another, in pixels of the original."""
    seen = page.locator(".drawn .layer").bounding_box()
    assert seen
    scale = seen["width"] / SIZE[0]
    (x, y), (to_x, to_y) = ((seen["x"] + scale * a, seen["y"] + scale * b) for a, b in (corners[:2], corners[2:]))
    if kind == "mouse":
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
        page.mouse.move(to_x, to_y)
        page.mouse.up()
        return
    finger = page.context.new_cdp_session(page)
    for what, place in (
        ("touchStart", (x, y)),
        ("touchMove", ((x + to_x) / 2, (y + to_y) / 2)),
        ("touchMove", (to_x, to_y)),
        ("touchEnd", None),
    ):
        points = [{"x": place[0], "y": place[1]}] if place else []
        finger.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})


def drawn(page: Page) -> list[list[int]]:
    """The boxes as they are told to those who do not see them: left, top, right, bottom."""
    found = []
    for box in page.locator(".box").all():
        width, height, left, top = map(int, re.findall(r"\d+", box.get_attribute("aria-label") or "")[1:])
        found.append([left, top, left + width, top + height])
    return found


def expect_boxes(page: Page, boxes: list[tuple[int, ...]], *, off: int = 2) -> None:
    """These boxes are drawn, to some pixels."""
    expect(page.locator(".box")).to_have_count(len(boxes))
    for found, wanted in zip(drawn(page), boxes, strict=True):
        assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= off, (found, wanted)


def begin(page: Page) -> None:
    page.get_by_role("button", name="Find a part").first.click()
    expect(page.locator(".drawn .layer")).to_be_visible()


def looked_for(page: Page) -> list[tuple[int, ...]]:
    """The boxes in the address."""
    return [tuple(box) for box in json.loads(parse_qs(urlparse(page.url).query)["region"][0])]


def assert_lies(mark: Locator, frame: Locator, box: tuple[int, ...]) -> None:
    """A mark lies where a box does on a picture that fills its square, shifted so that the box is in sight."""
    inner, outer = mark.bounding_box(), frame.bounding_box()
    assert inner
    assert outer
    side = outer["height"]
    image = frame.locator("img").evaluate("image => [image.naturalWidth / image.naturalHeight, getComputedStyle(image).objectPosition]")
    assert image[0] == pytest.approx(SIZE[0] / SIZE[1], rel=0.02)
    shift = float(image[1].split("%")[0]) / 100 * (image[0] - 1) * side
    scale = side / SIZE[1]
    wanted = [box[0] * scale - shift, box[1] * scale, (box[2] - box[0]) * scale, (box[3] - box[1]) * scale]
    found = [inner["x"] - outer["x"], inner["y"] - outer["y"], inner["width"], inner["height"]]
    assert found == pytest.approx(wanted, abs=2)
    assert found[0] > -1
    assert found[0] + found[2] < side + 1


def test_a_part_is_dragged_with_the_mouse_looked_for_and_marked(page: Page, url: str, folder: Path, outside: list[str]) -> None:
    show(page, url, query="P-0.png")
    begin(page)
    drag(page, BOX)
    expect_boxes(page, [BOX])
    page.get_by_role("button", name="Search for this part").click()
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
    expect(page.get_by_role("dialog")).to_be_hidden()
    (box,) = looked_for(page)
    hits = bl.Archive.open(folder).find_similar("P-0.png", region=box)
    expect_names(hits_of(page), list(hits.filenames))
    assert set(hits.filenames[:3]) == set(AT) - {"P-0.png"}
    for place, name in enumerate(hits.filenames):
        tile = tile_of(hits_of(page), name)
        assert_lies(tile.locator(".mark"), tile.locator(".frame"), hits.boxes[place])
    expect(page.locator(".chip .note")).to_have_text("A part of it")
    expect(page.get_by_label("Compare by")).to_be_disabled()
    expect(page.get_by_label("Share of color")).to_be_disabled()
    expect(page.get_by_text("Comparison, distance and version do not apply")).to_be_visible()
    assert outside == []


def test_the_large_view_shows_the_part_and_where_it_is_found(page: Page, url: str) -> None:
    show(page, url, query="P-0.png", region=REGION)
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
    hits_of(page).locator("[data-place='0'] .main").focus()
    page.keyboard.press("Space")
    layers = page.locator(".closeup .layer")
    expect(layers).to_have_count(2)
    layer, mark = layers.first.bounding_box(), layers.first.locator(".mark").bounding_box()
    assert layer
    assert mark
    assert layer["width"] / layer["height"] == pytest.approx(2, rel=0.01)
    scale = layer["width"] / SIZE[0]
    assert [mark["x"] - layer["x"], mark["width"]] == pytest.approx([BOX[0] * scale, 96 * scale], abs=2)
    expect(page.locator(".why")).to_be_hidden()
    page.keyboard.press("r")  # as a repeat: over its first tile
    tiled = layers.first.bounding_box()
    square = page.locator(".closeup .picture").first.bounding_box()
    assert tiled
    assert square
    assert tiled["width"] == pytest.approx(square["width"] / 3, abs=1)


def test_boxes_are_moved_resized_and_removed_and_all_of_several_are_looked_for(page: Page, url: str) -> None:
    show(page, url, query="P-0.png", region=REGION)
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
    page.get_by_role("button", name="Change the part").click()
    expect_boxes(page, [BOX], off=0)
    drag(page, (60, 80, 80, 70))  # by its middle
    expect_boxes(page, [(30, 20, 126, 116)])
    drag(page, (126, 116, 200, 150))  # by a corner
    expect_boxes(page, [(30, 20, 200, 150)])
    drag(page, (30, 85, 100, 85))  # by an edge
    expect_boxes(page, [(100, 20, 200, 150)])
    drag(page, (150, 80, 319, 159))  # as far as the picture goes
    expect_boxes(page, [(220, 30, 320, 160)])
    drag(page, (20, 20, 24, 90))  # too narrow to be found again: it grows
    ((left, top, right, bottom),) = drawn(page)[1:]
    assert (right - left > 20, top, bottom) == (True, pytest.approx(20, abs=2), pytest.approx(90, abs=2))
    drag(page, (60, 120, 61, 121))  # a click is no box
    expect(page.locator(".box")).to_have_count(2)
    page.get_by_role("button", name="Remove box 1").click()
    expect(page.locator(".box")).to_have_count(1)
    drag(page, (150, 20, 250, 120))
    page.get_by_role("button", name="Search for these parts").click()
    expect(page.locator(".chip .note")).to_have_text("2 parts of it")
    expect(hits_of(page).locator("[data-place='0'] .mark")).to_have_count(2, timeout=START)
    assert len(looked_for(page)) == 2


def test_all_of_it_is_done_with_the_keyboard(page: Page, url: str) -> None:
    show(page, url, query="P-0.png")
    page.locator(".steps .part").focus()
    page.keyboard.press("Enter")
    add = page.get_by_role("button", name="Add a box")
    expect(add).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".box")).to_be_focused()
    ((left, top, right, bottom),) = drawn(page)
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert drawn(page) == [[left - 6, top - 2, right - 3, bottom + 2]]
    expect(page.locator(".said")).to_contain_text(f"{left - 6} from the left")
    page.keyboard.press("Delete")
    expect(page.locator(".box")).to_have_count(0)
    expect(add).to_be_focused()
    for _ in range(2):
        add.focus()
        page.keyboard.press("Enter")
    expect(page.locator(".box")).to_have_count(2)
    page.keyboard.press("Escape")  # first the boxes, then the drawing, then the large view
    expect(page.locator(".box")).to_have_count(0)
    expect(page.locator(".drawn")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".drawn")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".drawn")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # on the box: search
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)


def test_a_link_back_and_the_whole_design_lead_where_they_say(page: Page, url: str) -> None:
    show(page, url, query="P-0.png")
    whole = names_in(hits_of(page))
    begin(page)
    drag(page, BOX)
    page.get_by_role("button", name="Search for this part").click()
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
    found, link = names_in(hits_of(page)), page.url
    page.go_back()
    expect(page.locator(".chip .note")).to_have_text("SS24")
    expect_names(hits_of(page), whole)
    expect(hits_of(page).locator(".mark")).to_have_count(0)
    page.go_forward()
    expect(hits_of(page).locator(".mark")).to_have_count(6)
    page.get_by_role("button", name="Whole design").click()
    expect_names(hits_of(page), whole)
    expect(page.get_by_role("button", name="Whole design")).to_be_hidden()
    page.locator(".trail button").first.click()
    expect(hits_of(page).locator(".mark")).to_have_count(6)
    page.goto(link)
    expect(archive_of(page).locator(".tile[data-name]").first).to_be_visible(timeout=START)
    expect(hits_of(page).locator(".mark")).to_have_count(6, timeout=START)
    expect_names(hits_of(page), found)


def test_boxes_that_do_not_fit_are_told_on_the_page(page: Page, url: str) -> None:
    show(page, url, query="P-0.png", region="[[10, 30, 900, 126]]")
    expect(page.get_by_role("alert").filter(has_text="must lie within the image of 320 x 160 pixels")).to_be_visible(timeout=START)
    expect(page.locator(".chip .title")).to_have_text("P0")
    page.get_by_role("button", name="Change the part").click()  # what fits of it is drawn
    expect_boxes(page, [(10, 30, 320, 126)], off=0)


def test_a_part_of_an_image_of_ones_own_is_drawn_by_touch(page: Page, url: str) -> None:
    file = io.BytesIO()
    picture("P-0.png").resize((1280, 640), Image.Resampling.BICUBIC).save(file, "PNG")
    show(page, url)
    page.locator("input[type=file]").set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(page.locator(".chip .title")).to_have_text("mine.png", timeout=START)
    begin(page)
    drag(page, BOX, kind="touch")
    expect_boxes(page, [tuple(4 * side for side in BOX)], off=8)
    page.get_by_role("button", name="Search for this part").click()
    expect(hits_of(page).locator(".marks .mark")).to_have_count(7, timeout=START)
    assert set(names_in(hits_of(page))[:4]) == set(AT)
    assert "region" not in page.url


@pytest.mark.parametrize(("theme", "language"), [("default", "en"), ("dark", "tr")])
def test_axe_finds_nothing_grave_where_parts_are_drawn_and_found(page: Page, url: str, theme: str, language: str) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    show(page, url, query="P-0.png", region=REGION, theme=theme, language=language)
    expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
    assert not grave_faults(page)
    page.locator(".steps .part").click()
    expect(page.locator(".box")).to_have_count(1)
    assert not grave_faults(page)


def test_an_archive_is_prepared_from_the_page_and_then_answers(page: Page, folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare, ignore=shutil.ignore_patterns("regions.arrow", ".work"))
    with served(APP, bare) as url:
        show(page, url, query="P-0.png", region=REGION)
        expect(page.get_by_text("No image of this archive is prepared for parts yet.")).to_be_visible(timeout=START)
        page.get_by_role("button", name="Prepare").click()
        expect(hits_of(page).locator(".marks .mark")).to_have_count(6, timeout=START)
        expect(page.get_by_role("button", name="Prepare")).to_be_hidden()
        assert bl.Archive.open(bare).count_undescribed() == 0
