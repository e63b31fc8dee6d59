"""Fixtures that many tests share."""

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.page_server import APP, served
from tests.small_archive import write_small_archive

TOOLS = {"browser", "postgres"}  # what .ci/run installs: to skip there would hide that it did not


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start: a shell that runs them in the background has it ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Where the browser is; beside it, how long what is expected may take on a machine that does much else."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": shutil.which("chromium"), "args": options}


@pytest.fixture(scope="session")
def search_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive that holds names that try to run a script."""
    return write_small_archive(tmp_path_factory.mktemp("pages") / "archive", hostile=True)


@pytest.fixture(scope="session")
def search_url(search_folder: Path) -> Iterator[str]:
    """The search page of the small archive."""
    with served(APP, search_folder) as url:
        yield url


@pytest.fixture
def outside(page: Any) -> list[str]:
    """What the page asks of other hosts, or complains of; to stay empty."""
    found: list[str] = []
    own = ("http://localhost:", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else found.append(request.url))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Under BENZER_CI a test that is skipped for want of a tool has failed."""
    report = yield
    if report.skipped and os.environ.get("BENZER_CI") and any(item.get_closest_marker(tool) for tool in TOOLS):
        report.outcome = "failed"
        report.longrepr = f"skipped under BENZER_CI: {report.longrepr}"
    return report
