"""Long work beside the page."""

import threading
from typing import Any

import pytest

from benzer_lab.views.jobs import Job, StoppedError
from benzer_lab.views.runner import Runner


def test_a_job_tells_how_far_it_has_come_and_brings_its_result() -> None:
    def work(progress: Any) -> str:
        progress(3, 7)
        return "map"

    job = Job("laying_out", work, lambda result: None)
    assert (job.run(), job.done, job.total) == ("map", 3, 7)


def test_a_stopped_job_ends_at_the_next_sign_of_progress() -> None:
    done: list[int] = []

    def work(progress: Any) -> None:
        for i in range(5):
            progress(i, 5)
            done.append(i)
            job.stop()

    job = Job("laying_out", work, lambda result: None)
    with pytest.raises(StoppedError, match="laying_out was stopped"):
        job.run()
    assert done == [0]


def test_a_runner_takes_what_is_soon_done_at_once() -> None:
    ended: list[tuple[Any, ...]] = []
    runner = Runner(lambda *result: ended.append(result), lambda job: None)
    job = Job("laying_out", lambda progress: 1 / 0, lambda result: None)
    runner.begin(job)
    [(which, result, error)] = ended
    assert (which, result, type(error)) == (job, None, ZeroDivisionError)


def test_a_runner_shows_how_far_a_long_job_is_and_takes_it_when_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 0)
    shown: list[Any] = []
    ended: list[Any] = []
    go = threading.Event()
    runner = Runner(lambda job, result, error: ended.append(result), shown.append)
    job = Job("laying_out", lambda progress: go.wait(10), lambda result: None)
    runner.begin(job)
    assert (shown, ended) == ([job], [])
    go.set()
    [thread] = [thread for thread in threading.enumerate() if thread.name == "page-laying_out"]
    thread.join(10)
    runner.look()
    assert ended == [True]
    runner.begin(None)
    assert shown[-1] is None
