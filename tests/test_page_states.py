"""States of the page that are not the usual one: long archives, images of one's own, and nothing to show."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

import benzer_lab as bl
from tests.late_writes import READ_NOW
from tests.page_server import (
    APP,
    archive_of,
    chip_of,
    control_of,
    expect_names,
    expect_painted,
    focused,
    hits_of,
    names_in,
    served,
    show,
    tile_of,
)
from tests.small_archive import NAMES
from tests.test_archive import draw

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

N_LONG = 3000
MOST_TILES = 300  # in the document, however long the archive; some 100 are in sight
# Whether every tile in sight of the wall has a name, and some are
NAMED = """wall => {
  const sight = wall.querySelector('.scroller').getBoundingClientRect();
  const seen = [...wall.querySelectorAll('.tile')].filter(tile => {
    const at = tile.getBoundingClientRect();
    return at.bottom > sight.top && at.top < sight.bottom;
  });
  return seen.length > 0 && seen.every(tile => tile.dataset.name);
}"""
IN_SIGHT = """tile => {
  const [at, sight] = [tile, tile.closest('.scroller')].map(node => node.getBoundingClientRect());
  return at.top >= sight.top - 1 && at.bottom <= sight.bottom + 1;
}"""
# Gives the page a file as a visitor would; tells whether the browser is kept from opening it itself
HAND_OVER = """(node, { how, name, type, content }) => {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const shared = { bubbles: true, cancelable: true, composed: true };
  const paste = () => new ClipboardEvent('paste', { clipboardData: data, ...shared });
  const event = how === 'paste' ? paste() : new DragEvent('drop', { dataTransfer: data, ...shared });
  return !node.dispatchEvent(event);
}"""


def long_name(i: int) -> str:
    return f"L-{i:04}.png"


@pytest.fixture(scope="module")
def long_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of an archive of many rows, without images."""
    folder = tmp_path_factory.mktemp("long") / "archive"
    folder.mkdir()
    names = [long_name(i) for i in range(N_LONG)]
    np.save(folder / "color_features.npy", np.random.default_rng(0).normal(size=(N_LONG, 6)).astype(np.float32))
    (folder / "color_filenames.json").write_text(json.dumps(names))
    (folder / "image_metadata_map.json").write_text(json.dumps({name: {"design": f"Design {i}"} for i, name in enumerate(names)}))
    with served(APP, folder) as url:
        yield url


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose color features were made here, so that an image of one's own can be looked for."""
    folder = tmp_path_factory.mktemp("own") / "archive"
    draw(folder / "images", NAMES)
    bl.Archive.create(folder, images=folder / "images").extract(["color"], processes=1, progress=False)
    return folder


@pytest.fixture(scope="module")
def own_url(own_folder: Path) -> Iterator[str]:
    with served(APP, own_folder) as url:
        yield url


def expect_drawn(wall: Locator) -> None:
    """All tiles in sight have names, and only these and a few more exist."""
    wall.page.wait_for_function(NAMED, arg=wall.element_handle())
    assert wall.locator(".tile").count() < MOST_TILES


def test_the_keyboard_reaches_every_row_of_a_long_archive(page: Page, long_url: str, outside: list[str]) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    show(page, long_url)
    wall = archive_of(page)
    expect(wall.locator(".caption")).to_have_text("3,000 images")
    wall.locator(".main").first.focus()
    page.keyboard.press("End")
    last = tile_of(wall, long_name(N_LONG - 1))
    expect(last).to_contain_text("Design 2999")
    expect(last.locator(".main")).to_be_focused()
    expect(last).to_have_attribute("aria-posinset", "3000")
    expect_drawn(wall)
    page.keyboard.press("Home")
    expect(tile_of(wall, long_name(0)).locator(".main")).to_be_focused()
    assert wall.locator(".scroller").evaluate("scroller => scroller.scrollTop") == 0
    columns = wall.locator(".tile").evaluate_all("tiles => tiles.filter(t => t.style.transform.endsWith(' 0px)')).length")
    assert columns > 1
    for row in range(1, 40):  # 40 rows are several screens
        page.keyboard.press("ArrowDown")
        tile = wall.locator(f"[data-place='{row * columns}']")
        assert tile.evaluate(IN_SIGHT), row
        expect(tile.locator(".main")).to_be_focused()
    expect(tile).to_have_attribute("data-name", long_name(39 * columns))
    page.keyboard.press("Enter")
    expect(chip_of(page)).to_have_attribute("title", re.compile(long_name(39 * columns)))
    expect_drawn(wall)
    expect_drawn(hits_of(page))
    assert outside == []


def test_the_scrollbar_reaches_every_row_of_a_long_archive(page: Page, long_url: str, outside: list[str]) -> None:
    show(page, long_url)
    wall = archive_of(page)
    scroller = wall.locator(".scroller")
    for part in (1, 0.5, 0.02, 0.98, 0.5):
        scroller.evaluate("(scroller, part) => { scroller.scrollTop = part * scroller.scrollHeight; }", part)
        expect_drawn(wall)
        middle = np.mean([int(name[2:6]) for name in names_in(wall)])
        assert middle == pytest.approx(part * N_LONG, abs=60)
    control_of(page.locator(".archive"), "Tile size").focus()
    page.keyboard.press("Tab")  # the tile that had the focus, or would have had it, is far away
    expect(wall.locator(".main:focus")).to_have_count(1)
    assert wall.locator(".tile:focus-within").evaluate(IN_SIGHT)
    assert int(focused(page)[2:6]) == pytest.approx(N_LONG / 2, abs=60)
    assert outside == []


def hand_over(page: Page, how: str, content: bytes, *, name: str = "mine.png") -> None:
    """Give the page an image of one's own."""
    if how == "choose":
        with page.expect_file_chooser() as choosing:
            page.get_by_role("button", name="Drop your own image").click()
        choosing.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})
        return
    onto = {"drop": ".drop button", "drop beside": ".archive .wall", "paste": "body"}[how]
    file = {"how": how, "name": name, "type": "image/png", "content": base64.b64encode(content).decode()}
    assert page.locator(onto).evaluate(HAND_OVER, file)


def test_an_image_of_ones_own_is_chosen_dropped_or_pasted(page: Page, own_url: str, own_folder: Path, outside: list[str]) -> None:
    archive = bl.Archive.open(own_folder)
    show(page, own_url)
    before = page.url
    for i, how in enumerate(["choose", "drop", "paste", "drop beside"]):
        image = own_folder / "images" / NAMES[4 + i]
        hand_over(page, how, image.read_bytes(), name=f"mine-{i}.png")
        expect(chip_of(page).locator(".title")).to_have_text(f"mine-{i}.png")
        expect(chip_of(page).locator(".note")).to_have_text("Your own image; the link leaves it out")
        expect_names(hits_of(page), archive.find_similar(image).filenames)
        assert names_in(hits_of(page))[0] == NAMES[4 + i]  # the same picture
        expect_painted(hits_of(page).locator(".tile"))
        expect_painted(chip_of(page))
        expect(page.locator(".trail li")).to_have_count(i)
        assert page.url == before
    assert outside == []


def test_an_answer_arrives_also_where_panel_would_lose_it(page: Page, own_folder: Path, tmp_path: Path, outside: list[str]) -> None:
    folder = shutil.copytree(own_folder, tmp_path / "archive")
    app = tmp_path / "search.py"
    app.write_text("import tests.late_writes\ntests.late_writes.install()\n" + APP.read_text(encoding="utf-8"))
    with served(app, folder) as url:
        show(page, url)
        hand_over(page, "drop", (folder / "images" / NAMES[4]).read_bytes())
        expect(hits_of(page)).to_have_attribute("aria-busy", "true")  # at once: the server is still reading
        (tmp_path / READ_NOW).touch()
        expect(chip_of(page).locator(".title")).to_have_text("mine.png")
        expect(hits_of(page).locator("[data-place='0']")).to_have_attribute("data-name", NAMES[4])
        expect(hits_of(page)).to_have_attribute("aria-busy", "false")
    assert outside == []


def test_an_image_of_ones_own_stays_the_question(page: Page, own_url: str, own_folder: Path, outside: list[str]) -> None:
    show(page, own_url)
    hand_over(page, "choose", (own_folder / "images" / NAMES[4]).read_bytes())
    first = hits_of(page).locator("[data-place='0']")
    expect(first).to_have_attribute("data-name", NAMES[4])
    control_of(page, "At least as similar as").press("End")
    expect(hits_of(page).locator(".caption")).to_have_text("The most similar of 12 images")
    expect(page).to_have_url(re.compile("min_similarity=1"))
    assert not {"mine", "query"} & set(re.findall(r"\w+", page.url))
    control_of(page, "At least as similar as").press("Home")
    tile_of(archive_of(page), NAMES[7]).click()
    expect(page).to_have_url(re.compile(f"query={NAMES[7]}"))
    page.get_by_role("button", name="Back").click()
    expect(chip_of(page).locator(".title")).to_have_text("mine.png")
    expect(first).to_have_attribute("data-name", NAMES[4])
    expect(page).not_to_have_url(re.compile("query|mine"))
    assert outside == []


def test_an_image_that_cannot_be_read_is_told_and_the_page_goes_on(page: Page, own_url: str, outside: list[str]) -> None:
    show(page, own_url, query=NAMES[3])
    expect(hits_of(page).locator(".tile")).to_have_count(11)
    for i, how in enumerate(["choose", "drop", "paste"]):
        hand_over(page, how, b"\x89PNG\r\n\x1a\n and then nothing of the kind", name=f"broken-{i}.png")
        expect(page.get_by_role("alert").filter(has_text="There is no answer to this.")).to_contain_text(f"broken-{i}.png")
        expect(hits_of(page).locator(".tile")).to_have_count(0)
        expect(hits_of(page)).to_have_attribute("aria-busy", "false")
        expect(chip_of(page)).to_be_hidden()
        expect(page).not_to_have_url(re.compile("query="))
        page.get_by_role("button", name="Back").click()
        expect(chip_of(page)).to_have_attribute("title", re.compile(NAMES[3]))
        expect(hits_of(page).locator(".tile")).to_have_count(11)
        expect(page.get_by_text("There is no answer to this.")).to_be_hidden()
    tile_of(archive_of(page), NAMES[5]).click()
    expect(page).to_have_url(re.compile(f"query={NAMES[5]}"))
    assert outside == []


CONTRADICTION = '{"features":["floral"],"cluster":[1]}'
NOTHING = [  # what is given in the address, and what is said
    ({"text": "zzz"}, "Nothing in the archive is called “zzz”.", "Arşivde adı “zzz” olan bir şey yok."),
    (
        {"query": NAMES[3], "min_similarity": "1"},
        "No design is as similar as that. Lower the limit.",
        "O kadar benzer bir desen yok. Sınırı düşürün.",
    ),
    (
        {"query": NAMES[3], "filters": CONTRADICTION},
        "No image passes these filters. Take one away.",
        "Bu filtrelerden geçen görsel yok. Birini kaldırın.",
    ),
    ({"query": "D-99.png"}, "There is no answer to this.", "Buna yanıt verilemedi."),
]
GO = "search => { history.pushState({}, '', search); dispatchEvent(new PopStateEvent('popstate')); }"


def test_nothing_to_show_is_said_in_both_languages(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url)
    for given, english, turkish in NOTHING:
        page.evaluate(GO, f"?{urlencode(given)}")
        expect(page.get_by_text(english)).to_be_visible()
        page.get_by_text("Türkçe").click()
        expect(page.get_by_text(turkish)).to_be_visible()
        expect(page.get_by_text(english)).to_be_hidden()
        page.get_by_text("English").click()
        expect(page.get_by_text(english)).to_be_visible()
    tile_of(archive_of(page), NAMES[3]).click()
    expect(hits_of(page).locator(".caption")).to_have_text("The 11 most similar of 11 images")
    expect(page.get_by_text(NOTHING[-1][1])).to_be_hidden()
    assert outside == []
