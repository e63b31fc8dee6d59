"""The suite that airspeed velocity follows from commit to commit."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_question_of_the_suite_is_answered_and_may_be_compared(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    for command in (["machine", "--yes"], ["run", "--quick", "-E", "existing", "--show-stderr"]):
        done = subprocess.run(
            [sys.executable, "-m", "asv", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    for name in ("Search", "Filters", "KMeans", "Layout", "Extraction", "Request"):
        for what in ("time", "cpu", "memory"):
            assert f"questions.{name}.track_{what}" in done.stdout
    assert "failed" not in done.stdout
