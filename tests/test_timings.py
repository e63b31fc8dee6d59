"""Comparisons: figures of all engines, and unfairness that is planted is found. No test asserts a time."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import cloudpickle
import numpy as np
import panel as pn
import pytest

import benzer_lab as bl
from benzer_lab import _contests, _likenesses
from benzer_lab._fairness import Measured, Remark, with_ratios
from benzer_lab._stage import Contestant, FellError
from benzer_lab._timing_words import LANGUAGES, WORDS
from benzer_lab.errors import InputError
from benzer_lab.timings import QUESTIONS, Engine, Ready, Timings, engines
from tests.small_archive import write_small_archive

cloudpickle.register_pickle_by_value(__import__(__name__, fromlist=["Engine"]))  # engines of this file, in their processes
N, D = 2_000, 32
Answer = Callable[[Any], Any]


def compared(*named: str | Engine, question: str = "search", **options: Any) -> Timings:
    """A comparison of some engines at a small size."""
    function = getattr(bl.timings, f"compare_{question}")
    found: Timings = function(engines=named or None, **{"n": N, "d": D, "rounds": 2, "progress": False} | options)
    return found


def row_of(found: Timings, engine: str) -> Measured:
    return next(row for row in found.rows if row.engine == engine)


def brute(problem: Any) -> Answer:
    """An honest engine, in ten lines, as anyone may write one."""
    x, k = np.array(problem.x), problem.k
    return lambda query: np.argsort(-(x @ query[0]), kind="stable")[:k]


@pytest.fixture(scope="module")
def search() -> Timings:
    return compared(n=[N // 2, N])


def test_all_engines_answer_and_are_measured_alike(search: Timings) -> None:
    frame = search.to_frame()
    assert set(frame["engine"]) >= {"scikit-learn", "numpy", "Faiss flat", "Faiss HNSW", "Faiss IVF", "Benzer Lab exact", "Benzer Lab fast"}
    ran = frame[frame["device"] == "cpu"]
    assert ran["comparable"].all(), ran[["engine", "why"]].to_string()
    assert (ran["recall"] >= 0.99).all()
    assert (ran[["median_ms", "cpu_ms", "build_s"]] > 0).to_numpy().all()
    assert (ran["p05_ms"] <= ran["median_ms"]).all()
    assert (ran["median_ms"] <= ran["p95_ms"]).all()
    assert ran["rounds_ms"].map(len).eq(2).all()
    assert (ran.loc[ran["engine"] == "scikit-learn", "faster"] == 1).all()
    assert sorted(frame["n"].unique()) == [N // 2, N]


def test_the_row_of_an_absent_gpu_has_no_figures_and_says_what_fills_it(search: Timings) -> None:
    if bl.gpus():
        pytest.skip("Faiss finds a GPU here")
    row = row_of(search, "Faiss GPU")
    assert not row.ran
    assert not row.comparable
    assert "benzer-lab[gpu]" in row.why
    line = search.to_frame().query("engine == 'Faiss GPU'").iloc[0]
    assert line[["median_ms", "cpu_ms", "build_s", "memory_mb", "recall", "faster"]].isna().all()


def test_the_machine_is_recorded(search: Timings) -> None:
    machine = search.machine
    assert machine["cores"] >= machine["threads"] >= 1
    assert {"numpy", "faiss-cpu", "scikit-learn"} <= set(machine["versions"])
    assert {"processor", "system", "python", "blas", "gpus", "load_before", "load_after", "others", "busy", "when"} <= set(machine)


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("filters", {}),
        ("kmeans", {"n_clusters": 10}),
        ("layout", {"n": 200, "n_neighbors": 5, "engines": ["scikit-learn PCA"]}),
        ("extraction", {"n": 6, "engines": ["Benzer Lab (one process)"]}),
        ("request", {}),
    ],
)
def test_each_question_is_answered(question: str, options: dict[str, Any]) -> None:
    size = {} if question == "extraction" else {"d": D}
    found: Timings = getattr(bl.timings, f"compare_{question}")(**{"n": N, "rounds": 1, "progress": False} | size | options)
    assert found.question == question
    for row in found.rows:
        assert row.ran != (row.device == "gpu" and not bl.gpus()), row.why
        assert not row.ran or np.isfinite(row.quality)
        if row.ran and "Benzer" in row.engine:
            assert row.comparable, row.why


def test_an_engine_with_fewer_probes_than_the_recall_asks_for_is_caught() -> None:
    def lazy(problem: Any) -> Answer:
        import faiss

        index = faiss.index_factory(problem.d, "IVF64,Flat", faiss.METRIC_INNER_PRODUCT)
        index.train(np.array(problem.x))
        index.add(np.array(problem.x))
        index.nprobe = 1
        return lambda query: index.search(query, problem.k)[1][0]

    found = compared("scikit-learn", Engine("lazy", lazy))
    row = row_of(found, "lazy")
    assert not row.comparable
    assert row.quality < 0.99
    assert row.why.startswith("Its answers fall short: recall 0.")
    assert row.why.endswith("where 0.99000 was asked for.")
    never_called_faster(found, "lazy")


def test_an_engine_with_more_threads_is_caught() -> None:
    def greedy(problem: Any) -> Answer:
        import faiss

        faiss.omp_set_num_threads(problem.threads + 3)
        return brute(problem)

    def hidden(problem: Any) -> Ready:
        return Ready(brute(problem), threads=problem.threads + 3)

    found = compared("scikit-learn", Engine("greedy", greedy), Engine("hidden", hidden), threads=1)
    for name in ("greedy", "hidden"):
        assert row_of(found, name).why == "It had 4 threads, where the limit for all was 1."
        never_called_faster(found, name)


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2, reason="needs two cores, and a system that deals them out"
)
def test_an_engine_that_takes_back_the_other_cores_is_caught() -> None:
    def unbound(problem: Any) -> Answer:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        return brute(problem)

    found = compared("scikit-learn", Engine("unbound", unbound), threads=1)
    assert "where the limit for all was 1" in row_of(found, "unbound").why


def test_a_cold_first_call_is_caught() -> None:
    def sleepy(problem: Any) -> Answer:
        answer, calls = brute(problem), []

        def late(query: Any) -> Any:
            calls.append(1)
            end = time.process_time() + 0.2
            while len(calls) == 4 and time.process_time() < end:  # what a first call loads, after the warm-up
                pass
            return answer(query)

        return late

    found = compared("scikit-learn", Engine("sleepy", sleepy), Engine("cold", brute, warm=False))
    assert row_of(found, "sleepy").why.startswith("Its first answer was cold: ")
    assert row_of(found, "cold").why == "It was not warmed up, so that its cold first answers count."
    for name in ("sleepy", "cold"):
        never_called_faster(found, name)


def never_called_faster(found: Timings, name: str) -> None:
    """No ratio in the table, and in the reports it stands with those that are not compared, without one."""
    assert found.to_frame().set_index("engine").loc[name, "faster"] != found.to_frame().set_index("engine").loc[name, "faster"]
    for language, heading in (("en", "## Not compared"), ("tr", "## Karşılaştırılmayanlar")):
        above, _, below = found.report(language=language).partition(heading)  # type: ignore[arg-type]
        assert f"| {name} |" not in above
        assert f"| {name} |" in below
        assert row_of(found, name).why_in(language).split(":")[0] in below


def test_an_engine_that_fails_says_why_and_the_others_go_on() -> None:
    def broken(problem: Any) -> Answer:
        raise RuntimeError("no memory for lists")

    def dying(problem: Any) -> Answer:
        return lambda query: os._exit(3)

    found = compared("numpy", Engine("broken", broken), Engine("dying", dying))
    assert row_of(found, "numpy").comparable
    assert row_of(found, "broken").why == "It gave no answer: RuntimeError: no memory for lists."
    assert "ended with status 3" in row_of(found, "dying").why


def test_fewer_rounds_than_the_others_are_caught_and_fewer_than_asked_are_told() -> None:
    def tiring(problem: Any) -> Answer:
        answer, calls = brute(problem), []

        def once(query: Any) -> Any:
            calls.append(1)
            if len(calls) > 3 + 20:
                raise RuntimeError("tired")
            return answer(query)

        return once

    found = compared("numpy", Engine("tiring", tiring))
    assert not row_of(found, "tiring").comparable
    short = compared("numpy", "Faiss flat", rounds=50, budget_s=1e-6)
    assert {len(row.rounds_ms) for row in short.rows} == {1}
    assert {row.note_in("en") for row in short.rows} == {"1 of 50 rounds: the time allowed was used up."}
    assert all(row.comparable for row in short.rows)


def test_ratios_are_medians_over_rounds_within_one_machine_and_size() -> None:
    base = Measured("scikit-learn", "cpu", 10, 2, (8.0, 8.0, 4.0), (8.0, 8.0, 4.0), quality=1.0, machine="a")
    own = replace(base, engine="own", calls_ms=(2.0, 1.0, 4.0), rounds_ms=(2.0, 1.0, 4.0))
    unfair = replace(own, engine="unfair", faults=(Remark("why_not_warm", {}),))
    elsewhere = replace(own, machine="b")
    found = with_ratios([base, own, unfair, elsewhere], "scikit-learn")
    assert [row.faster for row in found[:2]] == [1.0, 4.0]
    assert np.isnan([row.faster for row in found[2:]]).all()
    no_base = with_ratios([replace(base, faults=unfair.faults), own], "scikit-learn")
    assert np.isnan([row.faster for row in no_base]).all()


def test_a_file_holds_all_of_it(search: Timings, tmp_path: Path) -> None:
    search.to_parquet(tmp_path / "one.parquet")
    again = Timings.read(tmp_path / "one.parquet")
    assert again.to_frame().equals(search.to_frame())
    assert again.report("html", "tr") == search.report("html", "tr")
    assert (again.asked, again.machines) == (search.asked, search.machines)


def test_what_is_no_such_file_is_refused(search: Timings, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    for i, text in enumerate([b"[]", b"\xff", b'{"format": 1}', b'{"format": 1, "rows": [], "machines": {}, "asked": {}}']):
        pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({b"benzer_timings": text}), tmp_path / f"{i}.parquet")
    for path in [*tmp_path.iterdir(), tmp_path / "none.parquet"]:
        with pytest.raises(InputError, match=r"Timings.read: path must be a file that Timings.to_parquet"):
            Timings.read(path)


def test_runs_of_several_machines_stand_beside_each_other(search: Timings) -> None:
    both = search.merge(search)
    assert len(both.rows) == 2 * len(search.rows)
    assert len(both.machines) == 2
    assert both.to_frame().groupby("machine")["faster"].count().nunique() == 1
    assert both.report().count("## The machine") == 2
    other = compared("numpy", k=7)
    with pytest.raises(InputError, match=r"Timings.merge: others must ask the same"):
        search.merge(other)


def test_names_are_escaped_in_reports() -> None:
    found = compared(Engine("<img src=x>|a", brute))
    assert "<img" not in found.report("html")
    assert "<img" not in found.report()
    assert "\\|a" in found.report()
    assert found._repr_html_() == found.report("html")
    assert pn.panel(found).object == found.report("html")


def test_charts_say_what_may_be_compared(search: Timings) -> None:
    bars = search.plot("bars").dimension_values("engine", expanded=False)
    assert not any("GPU" in name for name in bars)
    growth = search.plot("growth", "tr")
    assert any("Faiss flat: n^" in one.label for one in growth)
    pareto = next(one for one in search.plot("recall") if "none is faster" in one.label).dframe()
    assert pareto["quality"].is_monotonic_increasing
    one_size = compared("numpy", Engine("cold", brute, warm=False))
    assert "cold (not comparable)" in one_size.plot().dimension_values("engine", expanded=False)
    with pytest.raises(InputError, match=r"Timings.plot: kind .*'growth' needs"):
        one_size.plot("growth")
    with pytest.raises(InputError, match=r"Timings.plot: kind .*'recall' needs"):
        compared("numpy").plot("recall")


def test_progress_is_told_and_ends_a_run() -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compared("numpy", "Faiss flat", progress=tell)
    assert told[0] == (0, 7)
    assert told[-1] == (3, 7)
    told.clear()
    compared("numpy", "Faiss flat", rounds=1, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)


def test_rows_of_an_archive_are_compared_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    folder = write_small_archive(tmp_path / "archive")
    names = json.loads((folder / "pattern_filenames.json").read_text()) if (folder / "pattern_filenames.json").exists() else []
    if not names:
        names = sorted(path.name for path in (folder / "images").iterdir())
        (folder / "pattern_filenames.json").write_text(json.dumps(names))
    np.save(folder / "pattern_features.npy", rng.standard_normal((len(names), 8)).astype(np.float32))
    archive = bl.Archive.open(folder)
    found = bl.timings.compare_request(archive, model="pattern", k=3, rounds=1, progress=False)
    assert found.asked["source"] == "archive, pattern"
    assert {row.n for row in found.rows} == {len(names)}
    ran = [row for row in found.rows if row.device == "cpu"]
    assert len(ran) == 4
    assert all(row.comparable for row in ran), found.report()
    with pytest.raises(InputError, match=r"compare_search: archive must hold more than 142 designs"):
        bl.timings.compare_search(archive, model="pattern", progress=False)


def test_engines_are_known_by_name_whether_they_run_here_or_not() -> None:
    for question in QUESTIONS:
        assert all(name == engine.name for name, engine in engines(question).items())
    absent = Engine("absent", brute, needs=("no_such_library",))
    assert absent.note == "no_such_library is not installed here. To fill this row: pip install no_such_library."
    assert row_of(compared("numpy", absent), "absent").why == absent.note
    with pytest.raises(InputError, match=r"engines: question must be one of"):
        engines("sarch")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engines": ["numpi"]}, "Did you mean 'numpy'"),
        ({"engines": []}, "engines must name at least one"),
        ({"n": []}, "n must hold at least one size"),
        ({"n": 1}, "n must be a whole number of 2 or more"),
        ({"rounds": 0}, "rounds must be"),
        ({"threads": 10_000}, "threads must be at most"),
        ({"recall": 1.1}, "recall must be"),
        ({"budget_s": 0}, "budget_s must be above 0"),
        ({"k": 0}, "k must be"),
    ],
)
def test_arguments_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        bl.timings.compare_search(progress=False, **options)


def test_the_truth_is_brute_force(rng: np.random.Generator) -> None:
    x = _likenesses.generate(500, 16)
    q = _likenesses.generate(5, 16, random_state=1)
    assert np.allclose(np.linalg.norm(x, axis=1), 1, atol=1e-6)
    assert np.allclose(_contests.least(x, q, 7), np.sort(q.astype(np.float64) @ x.T.astype(np.float64), axis=1)[:, -7], atol=1e-7)
    assert (_likenesses.generate(500, 16) == x).all()


def test_a_row_that_is_found_twice_or_does_not_pass_counts_once_or_not_at_all(tmp_path: Path) -> None:
    x = _likenesses.generate(50, 8)
    problem = _contests.Filters(tmp_path, 40, 8, 4, 0.9, 1, 1, 0, 0.25)
    problem.prepare(x[10:], x[:10])
    passing = np.flatnonzero(problem.passing(0))
    best = passing[np.argsort(-(x[10:][passing] @ x[0]))][:4]
    assert problem.judge([(0, best)]) == 1
    assert problem.judge([(0, np.repeat(best[:1], 4))]) == 0.25
    assert problem.judge([(0, np.setdiff1d(np.arange(40), passing))]) == 0
    assert problem.judge([(0, np.array([-1, -1, best[0]]))]) == 0.25


def test_processes_end_whatever_they_do(tmp_path: Path) -> None:
    problem = _contests.Search(tmp_path, 20, 4, 2, 0.9, 1, 1, 0)
    problem.prepare(_likenesses.generate(20, 4), _likenesses.generate(20, 4))
    with Contestant(lambda problem: lambda query: time.sleep(600), problem) as contestant:
        contestant.build()
        process = contestant._process
    assert process.poll() is not None
    with Contestant(lambda problem: os._exit(0), problem) as contestant, pytest.raises(FellError, match="status 0"):
        contestant.build()


def test_all_words_are_there_in_both_languages_with_the_same_values() -> None:
    for code, texts in WORDS.items():
        assert len(texts) == len(LANGUAGES), code
        assert all(texts), code
        assert len({frozenset(field for _, field, _, _ in Formatter().parse(text) if field) for text in texts}) == 1, code
