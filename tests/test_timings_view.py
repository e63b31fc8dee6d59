"""The page of timings by its widgets, without a browser."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from holoviews import render

import benzer_lab as bl
from benzer_lab.errors import BenzerError
from benzer_lab.views import timings_process
from benzer_lab.views.jobs import StoppedError
from benzer_lab.views.page import Page
from benzer_lab.views.preparation_model import Preparation
from benzer_lab.views.timings_process import BusyError, LateError, measure_apart
from benzer_lab.views.timings_sources import Runs
from benzer_lab.views.timings_table import Told
from benzer_lab.views.timings_words import TimingsWords
from benzer_lab.views.words import LANGUAGES
from tests.small_archive import awaited, write_small_archive
from tests.timings_runs import HOSTILE, DrawnRuns, drawn_run


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is measured is there as soon as it is asked for."""
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)
    monkeypatch.delenv("BENZER_TIMINGS", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two kept runs, of one and of three sizes; the larger is the newer."""
    folder = tmp_path / "kept"
    drawn_run().to_parquet(folder / "small.parquet")
    drawn_run(sizes=(2_000, 4_000, 8_000), when="2026-11-23T18:30:00+00:00").to_parquet(folder / "large.parquet")
    return folder


@pytest.fixture
def view(folder: Path) -> bl.views.Timings:
    return bl.views.Timings(runs=DrawnRuns(folder))


def press(view: bl.views.Timings) -> None:
    """Press "Measure"; what ran is taken without a server's loop."""
    view.model.run()


def engines_of(rows: list[Any]) -> list[str]:
    return [cells[0][0] for cells, *_ in rows]


def is_hidden(part: Any) -> bool:
    return "gone" in part.css_classes


# ---- what is shown of a run


def test_the_newest_run_is_shown_with_its_verdict_its_chart_and_all_figures(view: bl.views.Timings) -> None:
    assert view.verdict.text == "Benzer Lab fast is the fastest: 6.00 ms, 16.0 times as fast as scikit-learn"
    assert (
        view.verdict.note.splitlines()[0] == "The 100 nearest of 2,000 / 4,000 / 8,000 rows. The line above is of the largest size, 8,000."
    )
    assert view.verdict.warning == ""
    assert [label for label, _ in view.figures.table["columns"]][:3] == ["Engine", "Rows", "Median"]
    assert view.chart.object is not None
    assert [title for title, *_ in view.kept.runs] == ["2,000 · 4,000 · 8,000 rows", "2,000 rows"]


def test_rows_that_cannot_be_compared_stand_apart_with_the_reason_and_no_ratio(view: bl.views.Timings) -> None:
    view.model.show(1)
    table = view.figures.table
    assert engines_of(table["rows"]) == ["Benzer Lab fast", "Faiss flat", "scikit-learn"]
    assert engines_of(table["apart"]) == ["Faiss HNSW", "Faiss GPU"]
    (hnsw, why, is_best), (gpu, absent, _) = table["apart"]
    assert (hnsw[-1], gpu[-1], is_best) == ("", "", False)
    assert "0.81" in why
    assert "no GPU here" in absent
    assert gpu[1:-1] == ["–"] * len(gpu[1:-1])
    assert "HNSW" not in view.verdict.text


def test_engines_that_their_spread_does_not_tell_apart_are_both_the_fastest() -> None:
    run = drawn_run()
    frame = run.to_frame()
    frame.loc[frame["engine"] == "Faiss flat", ["median_ms", "p05_ms", "p95_ms"]] = [1.6, 1.4, 1.8]
    told = Told(frame, TimingsWords("en"), run.baseline)
    assert told.verdict()[0] == "Benzer Lab fast, Faiss flat are the fastest, and equal within their spread: 1.50 ms"
    assert [is_best for *_, is_best in told.table()["rows"]] == [True, True, False]


def test_there_are_no_ratios_where_what_they_refer_to_was_not_measured() -> None:
    run = drawn_run()
    table = Told(run.to_frame().assign(faster=float("nan")), TimingsWords("en"), run.baseline).table()
    assert table["columns"][-1] == ["Recall", True]
    assert {len(cells) for cells, *_ in [*table["rows"], *table["apart"]]} == {len(table["columns"])}


def test_a_run_of_which_nothing_can_be_compared_says_so() -> None:
    run = drawn_run()
    told = Told(run.to_frame().assign(comparable=False), TimingsWords("en"), run.baseline)
    assert told.verdict() == ("Nothing in this run can be compared", "")
    assert told.table()["rows"] == []


def test_a_busy_machine_is_said_to_be_busy_and_nothing_is_called_so_many_times_as_fast(tmp_path: Path) -> None:
    drawn_run(busy=True).to_parquet(tmp_path / "busy.parquet")
    view = bl.views.Timings(runs=DrawnRuns(tmp_path))
    assert view.verdict.text == "The machine was busy: measure again"
    assert view.verdict.warning.startswith("Others used 1.4 of its 2 cores")
    assert view.verdict.warning.endswith("are to be quoted.")
    assert TimingsWords("en").busy({"others": None, "cores": 8, "load_before": [7.5]}) == "Its load was 7.50 before, with 8 cores."


def test_how_it_was_measured_tells_the_machine_and_what_was_asked(view: bl.views.Timings) -> None:
    [facts] = view.account.facts
    told = dict(facts)
    assert (told["Processor"], told["Threads"], told["GPU"]) == ("Test", "2", "None that Faiss can use")
    assert "recall 0.99" in told["Asked"]
    assert view.account.sentences[-1].startswith("What it does not say")


def test_charts_that_do_not_apply_are_not_offered(view: bl.views.Timings) -> None:
    assert "growth" in view.kinds.options.values()
    view.kinds.value = "growth"
    assert view.model.kind == "growth"
    assert view.chart.object.opts.get("plot").kwargs["title"] == ""
    view.model.show(1)
    assert "growth" not in view.kinds.options.values()
    assert view.chart.object is not None


def test_a_chart_of_one_size_of_several_says_which(view: bl.views.Timings) -> None:
    assert view.chart.object.opts.get("plot").kwargs["title"] == "The 100 nearest of 8,000 rows"
    view.language = "tr"
    assert view.chart.object.opts.get("plot").kwargs["title"] == "8.000 satır içinde en yakın 100"


def test_answers_that_are_all_as_good_need_no_chart_of_how_good(tmp_path: Path) -> None:
    run = drawn_run()
    exact = tuple(row for row in run.rows if row.quality == 1)
    replace(run, rows=exact).to_parquet(tmp_path / "exact.parquet")
    view = bl.views.Timings(runs=DrawnRuns(tmp_path))
    assert list(view.kinds.options.values()) == ["bars"]
    assert is_hidden(view.kinds)


def test_bars_reach_over_the_spread_on_an_axis_that_is_written_in_the_language() -> None:
    figure = render(drawn_run().plot("bars", "tr"), backend="bokeh")
    data = {type(one.glyph).__name__: one for one in figure.renderers if hasattr(one, "glyph")}
    (low, high), points = (figure.x_range.start, figure.x_range.end), data["Scatter"].data_source.data
    assert figure.y_range.factors[-1] == "Benzer Lab fast"
    assert sorted(points["median_ms"]) == pytest.approx([0.5, 1.5, 6, 24])
    assert low < 0.45
    assert high > 26.4
    assert figure.xaxis.major_label_overrides[0.5] == "0,5"
    assert list(data["Text"].data_source.data["number"]) == ["0,500", "24,0", "6,00", "1,50"]


def test_bars_of_several_machines_are_of_the_largest_size_that_all_have() -> None:
    both = drawn_run(sizes=(2_000, 4_000)).merge(drawn_run(sizes=(2_000,), machine="Other"))
    drawn = both.plot("bars")
    assert len(drawn.dimension_values("engine", expanded=False)) == 8
    assert drawn.opts.get("plot").kwargs["title"] == "The 100 nearest of 2,000 rows\nA: Test, 2 cores; B: Other"


def test_a_chart_is_as_high_as_its_legend() -> None:
    runs = [drawn_run(sizes=(2_000, 4_000), machine=f"Machine {i}") for i in range(9)]
    figure = render(runs[0].merge(*runs[1:]).plot("growth"), backend="bokeh")
    assert len(figure.legend.items) == 27
    assert figure.height > 27 * 20


def test_runs_of_two_machines_stand_beside_each_other_and_no_ratio_goes_across(folder: Path) -> None:
    drawn_run(machine="Other, 16 cores", when="2026-11-23T17:00:00+00:00").to_parquet(folder / "other.parquet")
    view = bl.views.Timings(runs=DrawnRuns(folder))
    view.model.show(1)
    view.kept._handle_msg({"type": "beside", "place": 2})
    assert view.verdict.text == "2 runs side by side"
    assert [is_shown for _, _, is_shown, _ in view.kept.runs] == [False, True, True]
    assert [label for label, _ in view.figures.table["columns"]][:2] == ["Engine", "Machine"]
    assert {cells[1] for cells, *_ in view.figures.table["rows"]} == {"A", "B"}
    assert [line[:3] for line in view.verdict.note.splitlines()[1:]] == ["A: ", "B: "]
    assert [facts[0][1][:3] for facts in view.account.facts] == ["A: ", "B: "]
    view.kept._handle_msg({"type": "beside", "place": 1})
    assert view.model.shown == ["other"]
    view.kept._handle_msg({"type": "show", "place": 9})
    assert view.model.shown == ["other"]


def test_another_question_shows_its_own_runs(view: bl.views.Timings) -> None:
    view.question.value = "kmeans"
    assert (view.verdict.text, view.kept.runs, view.figures.table["columns"]) == ("Nothing was measured yet", [], [])
    assert is_hidden(view.exports)
    assert view.asks.text.startswith("How long does it take to group")


# ---- measuring


def test_a_run_is_measured_as_it_was_asked_kept_and_shown(view: bl.views.Timings, folder: Path) -> None:
    view.sizes._handle_msg({"type": "toggle", "place": 1})
    view.minutes.value = 2
    view.engines._handle_msg({"type": "toggle", "place": 0})
    press(view)
    [asked] = view.model.runs.asked
    assert (asked["n"], asked["seconds"], asked["rounds"]) == ([2_000, 10_000], 120, 7)
    assert "scikit-learn" not in asked["engines"]
    assert (folder / f"{view.model.shown[0]}.parquet").exists()
    assert view.kept.runs[0][2]
    assert (view.working.text, view.run.disabled) == ("", False)


def test_one_size_is_always_measured_and_each_question_has_its_own(view: bl.views.Timings) -> None:
    view.sizes._handle_msg({"type": "toggle", "place": 0})
    assert [text for text, _, is_checked in view.sizes.items if is_checked] == ["2,000"]
    view.sizes._handle_msg({"type": "toggle", "place": 2})
    view.sizes._handle_msg({"type": "toggle", "place": 0})
    assert view.model.asked_sizes == [100_000]
    view.question.value = "extraction"
    assert [text for text, *_ in view.sizes.items] == ["24", "96", "384"]
    press(view)
    assert view.model.runs.asked[0]["n"] == [24]


def test_the_last_engine_stays_and_those_that_are_missing_are_not_measured_unasked(view: bl.views.Timings) -> None:
    names = list(view.model.engines)
    for place, name in enumerate(names):
        if name in view.model.measured:
            view.engines._handle_msg({"type": "toggle", "place": place})
    assert len(view.model.measured) == 1
    assert sum(is_checked for *_, is_checked in view.engines.items) == 1
    missing = [name for name, engine in view.model.engines.items() if engine.optional and engine.note]
    assert not set(missing) & set(view.model.usual)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StoppedError("stopped"), "Stopped. Of that run nothing was kept."),
        (BusyError("busy"), "Another run is being measured on this machine"),
        (LateError("late"), "The time was over before the run."),
    ],
)
def test_a_run_that_brought_nothing_says_why_and_what_was_shown_stays(folder: Path, error: Exception, told: str) -> None:
    view = bl.views.Timings(runs=DrawnRuns(folder, error=error))
    before = view.verdict.text
    press(view)
    assert view.ended.text.startswith(told)
    assert (view.failure.text, view.verdict.text, view.run.disabled) == ("", before, False)
    view.language = "tr"
    assert not view.ended.text.startswith(told)


def test_what_a_run_was_wrong_about_is_said_in_its_sentence(folder: Path) -> None:
    view = bl.views.Timings(runs=DrawnRuns(folder, error=BenzerError(HOSTILE)))
    press(view)
    assert view.failure.text == HOSTILE


def test_a_run_that_cannot_be_kept_is_shown_and_the_reason_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    view = bl.views.Timings(runs=DrawnRuns(tmp_path / "file" / "kept"))
    press(view)
    assert "file" in view.failure.text
    assert engines_of(view.figures.table["rows"])[0] == "Benzer Lab fast"
    assert view.model.address() == {}


# ---- files


def test_a_run_that_is_brought_is_shown_and_another_file_refused_in_a_sentence(view: bl.views.Timings, tmp_path: Path) -> None:
    path = tmp_path / "brought.parquet"
    drawn_run("kmeans").to_parquet(path)
    awaited(view.upload._handle_msg({"name": "brought.parquet", "content": path.read_bytes()}))
    assert (view.question.value, view.model.shown) == ("kmeans", ["brought"])
    awaited(view.upload._handle_msg({"name": f"{HOSTILE}.parquet", "content": b"PAR1 none"}))
    assert HOSTILE in view.failure.text
    assert view.model.shown == ["brought"]
    awaited(view.upload._handle_msg({"name": "huge.parquet", "content": bytes(view.upload.limit + 1)}))
    assert view.failure.text == "“huge.parquet” is too large for a run of timings."


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_run_is_saved_in_four_forms(view: bl.views.Timings, language: str, tmp_path: Path) -> None:
    view.language = language
    files = {form: view.model.file(form, language) for form in view.saves}
    assert [name for name, _ in files.values()] == [f"benzer-lab-search.{ending}" for ending in ("md", "html", "parquet", "csv")]
    (tmp_path / "again.parquet").write_bytes(files["parquet"][1])
    assert len(bl.timings.Timings.read(tmp_path / "again.parquet").rows) == 15
    assert "Benzer Lab fast" in files["markdown"][1].decode()
    html = files["html"][1].decode()
    assert html.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in html
    assert view.model.timings.report("html", language) in html
    header, *lines = files["csv"][1].decode("utf-8-sig").splitlines()
    assert header.split(";" if language == "tr" else ",")[:2] == ["engine", "device"]
    assert len(lines) == 15


def test_files_that_are_no_runs_are_said_and_do_not_hide_the_others(folder: Path) -> None:
    (folder / "a.parquet").write_bytes(b"none")
    view = bl.views.Timings(runs=DrawnRuns(folder))
    assert "a.parquet" in view.failure.text
    assert len(view.kept.runs) == 2


def test_runs_are_kept_where_the_environment_says_else_in_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = bl.Archive.open(write_small_archive(tmp_path / "archive"))
    assert Runs(archive).folder == archive.folder / "timings"
    monkeypatch.setenv("BENZER_TIMINGS", str(tmp_path / "elsewhere"))
    runs = Runs(archive)
    assert [runs.keep(drawn_run()), runs.keep(drawn_run())] == ["search-2026-11-23T18-00-00-00-00", "search-2026-11-23T18-00-00-00-00-2"]
    assert len(runs.kept()[0]) == 2
    assert bl.Archive.open(archive.folder).filenames == archive.filenames


# ---- address, language, page


def test_an_address_holds_what_is_asked_and_shown_and_rubbish_in_it_is_passed_over(folder: Path) -> None:
    view = bl.views.Timings(runs=DrawnRuns(folder))
    view.model.param.update(sizes=[10_000, 100_000], rounds=9, minutes=3, shown=["small"], kind="recall")
    address = view.model.address()
    other = bl.views.Timings(runs=DrawnRuns(folder))
    other.model.restore(address)
    assert other.model.address() == address
    assert other.model.shown == ["small"]
    rubbish = {
        "question": "no",
        "sizes": "[5]",
        "rounds": "900",
        "minutes": "true",
        "shown": "{}",
        "data": "no",
        "kind": "no",
        "chosen": "[1]",
    }
    other.model.restore(rubbish)
    assert other.model.address() == {}


def test_every_word_is_there_in_turkish_too(view: bl.views.Timings) -> None:
    view.language = "tr"
    assert view.verdict.text == "En hızlısı Benzer Lab fast: 6,00 ms; scikit-learn motorunun 16,0 katı hızlı"
    assert view.figures.table["apart_label"] == "Karşılaştırılamaz"
    assert "bu satırı doldurmak için" in view.figures.table["apart"][-1][1].lower()
    assert view.account.label == "Bu nasıl ölçüldü"
    assert list(view.question.options)[-1] == "Bütün tıklama"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.06123, "0.0612 ms"),
        (0.0067, "< 0.0100 ms"),
        (12.34, "12.3 ms"),
        (999.0, "999 ms"),
        (12_345, "12.3 s"),
        (float("nan"), "–"),
        (0, "0 ms"),
    ],
)
def test_a_time_has_three_figures(ms: float, text: str) -> None:
    assert TimingsWords("en").duration(ms) == text


def test_a_recall_is_never_rounded_up() -> None:
    assert TimingsWords("en").quality("recall", 0.98999) == "0.9899"
    assert TimingsWords("en").quality("recall", 1.0) == "1.0000"


def test_the_page_turns_into_the_timings_and_leads_to_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.page.pages", lambda: {"/search", "/atlas", "/timings"})
    preparation = Preparation(write_small_archive(tmp_path / "archive"))
    preparation.run()
    page = Page(preparation, given={"question": "kmeans"}, view=bl.views.Timings, language="tr")
    assert isinstance(page.body, bl.views.Timings)
    assert page.body.model.question == "kmeans"
    assert [(text, is_here) for text, _, is_here in page.nav.links] == [
        ("Arama", False),
        ("Kopyalar", False),
        ("Atlas", False),
        ("Süreler", True),
    ]
    assert list(page.body.data.options.values()) == ["", "color", "pattern", "color+pattern"]
    page.body.data.value = "pattern"
    assert is_hidden(page.body.sizes)
    assert page._address()["data"] == "pattern"
    page.body.question.value = "extraction"
    assert list(page.body.data.options.values()) == ["", "images"]
    assert page.body.model.data == ""


# ---- the process of its own

SLEEPER = "import sys, time; print('[1, 9]', flush=True); time.sleep(600)"
REFUSER = "import json; print(json.dumps('n must be at least 2; got 1.'))"
DIER = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Puts another program in the place of the one that measures."""
    monkeypatch.setattr(timings_process.platformdirs, "user_cache_path", lambda *args, **kwargs: tmp_path)
    return lambda code: monkeypatch.setattr(timings_process, "COMMAND", [sys.executable, "-c", code])


def test_a_stop_ends_the_process_at_once(child: Any) -> None:
    child(SLEEPER)
    seen = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if total:
            raise StoppedError("stopped")

    began = time.monotonic()
    with pytest.raises(StoppedError, match="stopped"):
        measure_apart({"question": "search"}, 600, progress)
    assert seen[-1] == (1, 9)
    assert time.monotonic() - began < 60


def test_a_run_ends_with_its_budget(child: Any) -> None:
    child(SLEEPER)
    with pytest.raises(LateError, match="more minutes"):
        measure_apart({"question": "search"}, 0.5, lambda done, total: None)


def test_a_sentence_of_the_library_comes_through(child: Any) -> None:
    child(REFUSER)
    with pytest.raises(BenzerError, match=r"n must be at least 2; got 1\."):
        measure_apart({"question": "search"}, 600, lambda done, total: None)


def test_a_process_that_dies_is_told_of(child: Any) -> None:
    child(DIER)
    with pytest.raises(BenzerError, match="most often for want of memory"):
        measure_apart({"question": "search"}, 600, lambda done, total: None)


def test_two_runs_are_never_measured_at_once(child: Any) -> None:
    child(SLEEPER)

    def progress(done: int, total: int) -> None:
        with pytest.raises(BusyError, match="Another run"):
            measure_apart({"question": "search"}, 600, lambda *come: None)
        raise StoppedError("stopped")

    with pytest.raises(StoppedError, match="stopped"):
        measure_apart({"question": "search"}, 600, progress)


@pytest.mark.slow
def test_a_run_is_measured_in_another_process(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    asked = {"n": [500], "d": 8, "k": 5, "engines": ["numpy"], "rounds": 2, "archive": None}
    run = measure_apart({"question": "search", **asked}, 300, lambda done, total: told.append((done, total)))
    assert [row.engine for row in run.rows] == ["numpy"]
    assert run.asked["n"] == [500]
    assert json.dumps(told)
