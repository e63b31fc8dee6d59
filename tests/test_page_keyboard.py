"""The search page without a mouse."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import benzer_lab as bl
from tests.page_server import ACTIVE, archive_of, chip_of, control_of, expect_names, focused, hits_of, names_in, show
from tests.small_archive import NAMES

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

LABEL = f"() => {{ {ACTIVE} return (at.ariaLabel ?? at.labels?.[0]?.innerText ?? at.innerText).trim(); }}"
NO_POINTER = "addEventListener('pointerdown', () => { window.pointed = true; }, true);"
FURTHEST = 40  # presses of Tab that lead around the whole page


class Keyboard:
    """Presses keys, and keeps each with what was expected of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps: list[tuple[str, str]] = []

    def press(self, key: str, expected: str, check: Callable[[], object]) -> None:
        """Press keys, given with a space between them, or type what stands in quotes; what is expected must come."""
        self.steps.append((key, expected))
        try:
            if key.startswith("'"):
                self.page.keyboard.type(key.strip("'"))
            else:
                for one in key.split():
                    self.page.keyboard.press(one)
            assert check() is not False
        except AssertionError as error:
            error.add_note("The steps, of which the last failed:\n" + "\n".join(f"{key:20} {expected}" for key, expected in self.steps))
            raise

    def tab(self, label: str, *, key: str = "Tab") -> None:
        """Go to the control whose label begins so."""
        passed: list[str] = []

        def arrived() -> bool:
            while len(passed) < FURTHEST:
                passed.append(self.page.evaluate(LABEL))
                if passed[-1].startswith(label):
                    return True
                self.page.keyboard.press(key)
            raise AssertionError(f"no way to {label!r}; passed {passed}")

        self.press(key, f"in the end, the focus is on {label!r}", arrived)


@pytest.fixture(scope="module")
def archive(search_folder: Path) -> bl.Archive:
    """The archive that the page shows, to compare with."""
    return bl.Archive.open(search_folder)


def test_a_whole_session_needs_no_mouse(page: Page, search_url: str, archive: bl.Archive, outside: list[str]) -> None:
    page.add_init_script(NO_POINTER)
    show(page, search_url)
    keyboard = Keyboard(page)
    press, tab = keyboard.press, keyboard.tab
    dialog, hits = page.get_by_role("dialog"), hits_of(page)
    caption, box = hits.locator(".caption"), page.get_by_placeholder("File name or design")

    # Find a design by its name.
    press("/", "the box has the focus", lambda: expect(box).to_be_focused())
    press("'lale 2'", "two images are called so", lambda: expect_names(archive_of(page), NAMES[4:6]))

    # Go to its second image and ask.
    tab("Lâle 2, SS24 · viscose")
    press("ArrowRight", "the second image has the focus", lambda: focused(page) == NAMES[5])
    press("Enter", "its look-alikes are there", lambda: expect_names(hits, archive.find_similar(NAMES[5]).filenames))
    press("Space", "a design of the archive is seen alone", lambda: expect(dialog.locator(".picture")).to_have_count(1))
    press("Escape", "the large view is gone", lambda: expect(dialog).to_be_hidden())

    # Go to the hits, and among them.
    found = names_in(hits)
    first = str(archive.metadata.records([archive.filenames.index(found[0])])[0]["design"])
    tab("Tile size")
    press("Tab", "the first hit has the focus", lambda: focused(page) == found[0])
    assert page.evaluate(LABEL).startswith(first)
    press("ArrowRight ArrowRight", "the third hit has the focus", lambda: focused(page) == found[2])
    press("End", "the last one has it", lambda: focused(page) == found[-1])
    press("Home", "the first one has it again", lambda: focused(page) == found[0])

    # Look closer, go on, and choose.
    place = dialog.locator(".place")
    press("Space", "the hit stands beside what was looked for", lambda: expect(dialog.locator(".picture")).to_have_count(2))
    press("ArrowRight", "the next hit is shown", lambda: expect(place).to_have_text("2 / 11"))
    chosen = dialog.get_by_role("button", name="Chosen")
    press("p", "it is chosen", lambda: expect(chosen).to_have_attribute("aria-pressed", "true"))
    tab("Previous")
    press("Enter", "the first hit is shown", lambda: expect(place).to_have_text("1 / 11"))
    press("ArrowRight", "keys still work where the button cannot be pressed again", lambda: expect(place).to_have_text("2 / 11"))
    press("Escape", "the large view is gone", lambda: expect(dialog).to_be_hidden())
    press("p", "the hit that has the focus is chosen", lambda: expect(page.locator(".picks .count")).to_have_text("2 chosen"))
    assert focused(page) == found[0]

    # Cut off what is less similar; from the slider, / still leads to the box.
    tab("At least as similar as", key="Shift+Tab")
    near = archive.find_similar(NAMES[5], min_similarity=0.5).filenames
    assert 0 < len(near) < 11
    press("PageUp " * 5, "only hits as similar as 0.5 are left", lambda: expect_names(hits, near))
    press("Home", "all are back", lambda: expect_names(hits, found))
    press("/", "the box has the focus", lambda: expect(box).to_be_focused())
    press("Escape", "the box is empty", lambda: expect(box).to_have_value(""))

    # Narrow by a filter.
    tab("Season")
    press("Enter", "its menu is open", lambda: expect(page.locator("details[open] .choice")).to_have_count(3))
    tab("AW24")
    press("Space", "only the season's designs are found", lambda: expect(caption).to_have_text("The 5 most similar of 5 images"))
    press("Space", "the same box has the focus, and is empty", lambda: expect(caption).to_have_text("The 11 most similar of 11 images"))
    press("Space", "it is checked once more", lambda: expect(caption).to_have_text("The 5 most similar of 5 images"))
    press("Escape", "the menu is closed", lambda: expect(page.locator("details[open]")).to_have_count(0))
    press("Enter Escape", "its title has the focus: it opens and closes again", lambda: page.evaluate(LABEL).startswith("Season"))
    tab("Clear")
    press("Enter", "no filter is left", lambda: expect(caption).to_have_text("The 11 most similar of 11 images"))
    press("Tab", "the focus goes on from the first menu", lambda: page.evaluate(LABEL).startswith("Quality"))

    # Save what is chosen.
    tab("Save as CSV")
    with page.expect_download() as saving:
        press("Enter", "the file is saved", lambda: None)
    lines = csv.DictReader(io.StringIO(saving.value.path().read_text(encoding="utf-8-sig")))
    assert [line["filename"] for line in lines] == [found[1], found[0]]

    # Change the language.
    tab("Türkçe", key="Shift+Tab")
    press("Enter", "the page speaks Turkish", lambda: expect(caption).to_have_text("11 görselden en benzer 11 tanesi"))
    expect(chip_of(page).locator(".label")).to_have_text("Aranan")
    expect(control_of(page, "En az benzerlik")).to_have_value("0")

    assert page.evaluate("window.pointed") is None
    assert outside == []


def test_a_box_under_a_key_stays_while_counts_change(page: Page, search_url: str, outside: list[str]) -> None:
    show(page, search_url, query=NAMES[0])
    page.locator("summary", has_text="Season").click()
    boxes = page.locator("details[open] .choice input")
    held = boxes.nth(0).element_handle()
    counts = page.locator("details[data-field=quality] .count").all_text_contents()
    boxes.nth(1).check()
    expect(page.locator("details[data-field=quality] .count")).not_to_have_text(counts)
    assert held.evaluate("box => box.isConnected")
    assert outside == []
