"""A run of timings in a process of its own: nothing else that a page does disturbs it, and Stop ends it at once."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import platformdirs
from filelock import FileLock, Timeout

from benzer_lab.errors import BenzerError
from benzer_lab.timings import Timings
from benzer_lab.views.jobs import Progress

LOOK = 0.1  # seconds between two looks at the process
SOFT = 0.8  # part of a budget after which no round begins, so that the last one ends within it
RESULT = "run.parquet"
PACKAGES = Path(__file__).parents[2]
COMMAND = [sys.executable, "-P", "-m", "benzer_lab.views.timings_process"]

log = logging.getLogger(__name__)


class BusyError(BenzerError):
    """Another run is being measured on this machine."""


class LateError(BenzerError):
    """The budget was over before there was anything to show."""


def measure_apart(asked: dict[str, Any], seconds: float, progress: Progress) -> Timings:
    """Measure in another process.

    Parameters
    ----------
    asked : dict
        `question`, `archive` (a folder, or None for generated rows), and what the function of that question takes.
    seconds : float
        The process is ended after so many.
    progress : callable
        Called with (done, total) again and again; what it raises ends the process.

    Returns
    -------
    Timings
        What was measured.

    Raises
    ------
    BusyError
        While another run is being measured: each would disturb the other.
    LateError
        When the time was over before the run.
    BenzerError
        What the run itself raised.
    """
    lock = platformdirs.user_cache_path("benzer-lab", ensure_exists=True) / "timings.lock"
    try:
        with FileLock(lock, blocking=False), TemporaryDirectory(prefix="benzer-timings-") as folder:
            return _measure({**asked, "budget_s": SOFT * seconds}, Path(folder), time.monotonic() + seconds, progress)
    except Timeout as error:
        raise BusyError("Another run is being measured on this machine, and each would disturb the other. Try again later.") from error


def _measure(asked: dict[str, Any], folder: Path, end: float, progress: Progress) -> Timings:
    """Start the process, follow it, and read what it wrote."""
    paths = os.pathsep.join([str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (
        (folder / "log").open("w+") as errors,
        subprocess.Popen(
            [*COMMAND, str(folder / RESULT), json.dumps(asked)],
            env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(folder)},  # so that nothing is left of what is ended at once
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # so that what it starts ends with it
        ) as process,
    ):
        assert process.stdout is not None
        told: list[Any] = [[0, 0]]
        reader = threading.Thread(target=_read, args=(process.stdout, told), daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                progress(*told[-1][:2])
                if time.monotonic() > end:
                    raise LateError("The time was over before the run. Choose fewer engines, fewer rows, or more minutes.")
                time.sleep(LOOK)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            reader.join()
            process.wait()
        if isinstance(told[-1], str):
            raise BenzerError(told[-1])
        if process.returncode:
            errors.seek(0)
            log.error("A run of timings failed:\n%s", errors.read())
            how = f"signal {-process.returncode}, most often for want of memory" if process.returncode < 0 else "the server's log says why"
            raise BenzerError(f"The run came to no end ({how}). Choose fewer rows or fewer engines.")
    return Timings.read(folder / RESULT)


def _read(lines: IO[str], told: list[Any]) -> None:
    """Take what the process tells, the latest last; in a thread, for reading waits."""
    told.extend(json.loads(line) for line in lines)


def main() -> None:
    """Write the run that is asked for into a file, and tell on stdout how far it is or what was wrong: `python -m ... FILE ASKED`."""
    from benzer_lab import timings
    from benzer_lab.archive import Archive

    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print

    def tell(what: object) -> None:
        told.write(json.dumps(what) + "\n")
        told.flush()

    path, asked = sys.argv[1], json.loads(sys.argv[2])
    compare, folder = getattr(timings, f"compare_{asked.pop('question')}"), asked.pop("archive")
    try:
        archive = None if folder is None else Archive.open(folder)
        compare(archive, progress=lambda done, total: tell([done, total]), **asked).to_parquet(path)
    except BenzerError as error:
        tell(str(error))


if __name__ == "__main__":
    main()
