"""The page of timings in a real browser, served as a user serves it; what it measures is small."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import benzer_lab as bl
from tests.page_server import APP, START, control_of, served
from tests.small_archive import write_small_archive
from tests.timings_runs import HOSTILE, drawn_run

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")]

RUN = 120_000  # milliseconds that a small run may take on a machine that does much else


@pytest.fixture(scope="module")
def timings_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page beside the search page; two runs of searches are kept, of one and of three sizes."""
    folder = write_small_archive(tmp_path_factory.mktemp("timings") / "archive")
    drawn_run().to_parquet(folder / "timings" / "small.parquet")
    drawn_run(sizes=(2_000, 4_000, 8_000), when="2026-11-23T18:30:00+00:00").to_parquet(folder / "timings" / "large.parquet")
    app = APP.with_name("timings.py")
    with served(app, folder, str(APP)) as url:
        yield url


def show(page: Page, url: str, query: str = "") -> None:
    page.goto(f"{url}?{query}", timeout=START)
    expect(verdict_of(page)).to_be_visible(timeout=START)


def verdict_of(page: Page) -> Locator:
    return page.locator("header h2")


def row_of(page: Page, engine: str) -> Locator:
    return page.locator("tbody tr", has=page.locator(".name", has_text=engine))


def test_a_kept_run_is_shown_with_chart_and_table_and_nothing_is_asked_of_others(page: Page, timings_url: str, outside: list[str]) -> None:
    show(page, timings_url)
    expect(verdict_of(page)).to_have_text("Benzer Lab fast is the fastest: 6.00 ms, 16.0 times as fast as scikit-learn")
    expect(page.locator(".bk-Canvas, .bk-Figure").first).to_be_visible()
    expect(page.locator("tbody.apart .why").first).to_contain_text("0.81")
    expect(page.locator("tbody.apart .name").filter(has_text="Faiss GPU")).to_have_count(1)
    page.locator("li", has_text="2,000 rows").last.locator(".main").click()
    expect(verdict_of(page)).to_have_text(re.compile("1.50 ms"))
    expect(page).to_have_url(re.compile("shown="))
    page.reload()
    expect(verdict_of(page)).to_have_text(re.compile("1.50 ms"), timeout=START)
    assert outside == []


def test_how_it_was_measured_is_one_click_away(page: Page, timings_url: str) -> None:
    show(page, timings_url)
    expect(page.get_by_text("What it does not say")).to_be_hidden()
    page.get_by_text("How this was measured").click()
    expect(page.get_by_text("What it does not say")).to_be_visible()
    expect(page.locator("dd", has_text="None that Faiss can use")).to_be_visible()


def test_a_chart_of_growth_is_drawn_where_there_are_sizes(page: Page, timings_url: str, outside: list[str]) -> None:
    show(page, timings_url)
    page.get_by_role("button", name="Growth", exact=True).click()
    expect(page).to_have_url(re.compile("kind=growth"))
    expect(page.locator(".bk-Canvas, .bk-Figure").first).to_be_visible()
    assert outside == []


def test_long_tables_push_down_what_follows_on_a_narrow_screen(page: Page, timings_url: str) -> None:
    page.set_viewport_size({"width": 800, "height": 600})
    show(page, timings_url, "shown=[%22small%22,%22large%22]")
    page.get_by_text("How this was measured").click()
    expect(page.get_by_text("What it does not say")).to_be_visible()


def test_a_small_run_is_measured_kept_and_shown(page: Page, timings_url: str, outside: list[str]) -> None:
    show(page, timings_url)
    runs = page.locator("li .main")
    before = runs.count()
    for engine in ("scikit-learn", "Faiss HNSW", "Faiss IVF", "Benzer Lab exact", "Benzer Lab fast"):
        page.get_by_label(engine, exact=True).click()
        expect(page.get_by_label(engine, exact=True)).not_to_be_checked()
    control_of(page, "Rounds").focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_text(re.compile(r"Measuring: \d+ of \d+"))).to_be_visible()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_disabled()
    expect(runs).to_have_count(before + 1, timeout=RUN)
    expect(row_of(page, "numpy").locator("td").first).to_contain_text("ms")
    expect(row_of(page, "Faiss GPU")).to_have_count(1)
    expect(runs.first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_enabled()
    assert outside == []


def test_a_run_is_stopped_and_what_was_shown_stays(page: Page, timings_url: str) -> None:
    show(page, timings_url, "sizes=[100000]")
    shown, n = verdict_of(page).inner_text(), page.locator("li .main").count()
    page.get_by_role("button", name="Measure", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).click(timeout=RUN)
    expect(page.get_by_text("Stopped. Of that run nothing was kept.")).to_be_visible()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_enabled()
    expect(verdict_of(page)).to_have_text(shown)
    expect(page.locator("li .main")).to_have_count(n)


def test_a_run_is_saved_in_every_form(page: Page, timings_url: str, tmp_path: Path) -> None:
    show(page, timings_url, "shown=[%22small%22]")
    for form, ending in (("Markdown", "md"), ("HTML", "html"), ("Parquet", "parquet"), ("CSV", "csv")):
        with page.expect_download() as download:
            page.get_by_role("button", name=form, exact=True).click()
        assert download.value.suggested_filename == f"benzer-lab-search.{ending}"
        download.value.save_as(tmp_path / ending)
    assert len(bl.timings.Timings.read(tmp_path / "parquet").rows) == 5


def test_a_run_that_is_brought_is_shown_and_its_names_stay_text(page: Page, timings_url: str, tmp_path: Path) -> None:
    drawn_run(machine=HOSTILE).to_parquet(tmp_path / "brought.parquet")
    show(page, timings_url)
    page.locator("input[type=file]").set_input_files(tmp_path / "brought.parquet")
    expect(page.locator("header .note")).to_contain_text(HOSTILE[:20])
    (tmp_path / "other.parquet").write_bytes(b"none")
    page.locator("input[type=file]").set_input_files(tmp_path / "other.parquet")
    expect(page.get_by_role("alert").filter(has_text="other.parquet")).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_one_turns_to_turkish_and_dark_and_stays_where_one_was(page: Page, timings_url: str) -> None:
    show(page, timings_url, "shown=[%22small%22]")
    page.get_by_text("Türkçe").click()
    expect(verdict_of(page)).to_have_text("En hızlısı Benzer Lab fast: 1,50 ms; scikit-learn motorunun 16,0 katı hızlı")
    page.get_by_role("button", name="Koyu").click()
    expect(page).to_have_url(re.compile("theme=dark"))
    expect(verdict_of(page)).to_have_text(re.compile("1,50 ms"), timeout=START)


def test_one_goes_to_the_search_and_back(page: Page, timings_url: str) -> None:
    show(page, timings_url)
    page.get_by_role("link", name="Search").click()
    page.get_by_role("link", name="Timings").click(timeout=START)
    expect(verdict_of(page)).to_be_visible(timeout=START)


@pytest.mark.parametrize("width", [1440, 800])
@pytest.mark.parametrize(("language", "theme"), [("en", "default"), ("tr", "dark")])
def test_the_page_has_no_serious_fault_of_access_and_fits(page: Page, timings_url: str, language: str, theme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.set_viewport_size({"width": width, "height": 900})
    show(page, timings_url, f"language={language}&theme={theme}")
    page.locator("summary").click()
    page.wait_for_timeout(500)
    found: list[Any] = [fault for fault in axe.run(page).response["violations"] if fault["impact"] in ("serious", "critical")]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
