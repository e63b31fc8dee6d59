"""Fixtures that many tests share."""

import os
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

TOOLS = {"browser", "postgres"}  # what .ci/run installs: to skip there would hide that it did not


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Under BENZER_CI a test that is skipped for want of a tool has failed."""
    report = yield
    if report.skipped and os.environ.get("BENZER_CI") and any(item.get_closest_marker(tool) for tool in TOOLS):
        report.outcome = "failed"
        report.longrepr = f"skipped under BENZER_CI: {report.longrepr}"
    return report
