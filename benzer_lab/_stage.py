"""A process for each contestant, so that threads and memory of one are none of another's."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from benzer_lab import _engine
from benzer_lab._engine import faiss

LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
CORES = "hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, {int(cpu) for cpu in sys.argv[1].split(',')})"
CODE = f"import os, sys; {CORES}; from benzer_lab._stage import perform; perform()"
PATIENCE_S = 5.0  # for a process that is told to end
SETTLE_S = 0.05  # after each turn: threads of the one that had it wait for more work before they sleep, and would take the next one's time


class FellError(Exception):
    """A contestant failed; the message says how."""


@dataclass(frozen=True)
class Ready:
    """A contestant that is ready to answer.

    Parameters
    ----------
    answer : callable
        What is timed: takes what is asked, returns the answer.
    tune : callable, optional
        Sets how hard it works.
    efforts : sequence
        What to `tune` to, less first; the first that reaches the quality asked for is kept.
    threads : int, optional
        How many threads it was told to use, where it has a setting of its own that no library tells.
    """

    answer: Callable[[Any], Any]
    tune: Callable[[Any], object] | None = None
    efforts: Sequence[Any] = ()
    threads: int | None = None


def greater(recall: float) -> list[float]:
    """Return ever greater recalls that a likely index can be built for, half as much missed each time."""
    return [1 - (1 - recall) / 2**i for i in range(4)]


@dataclass(frozen=True)
class Turn:
    """What one call took, and gave."""

    wall_s: float
    cpu_s: float
    answer: Any


@dataclass(frozen=True)
class Built:
    """What getting ready took."""

    seconds: float
    effort: Any


@dataclass(frozen=True)
class Account:
    """What a contestant used: threads and cores it had, its memory at its peak, and the libraries that multiply matrices."""

    threads: int
    cores: int
    memory_mb: float
    blas: dict[str, str]


class Contestant:
    """A process that one engine answers in; to be closed by a `with`.

    Parameters
    ----------
    make : callable
        Takes a problem; returns what answers, or a `Ready`.
    problem : object
        What it is given; see `_contests.Problem`.
    needs : sequence of str, optional
        Modules that it loads first, so that this is no part of getting ready.
    """

    def __init__(self, make: Callable[[Any], Any], problem: Any, needs: Sequence[str] = ()) -> None:
        import cloudpickle

        given = cloudpickle.dumps((make, problem, tuple(needs)))  # an engine may be a function of a notebook's
        cpus = ",".join(map(str, _cpus(problem.threads)))
        environment = os.environ | dict.fromkeys(LIMITS, str(problem.threads)) | {"PYTHONPATH": _path()}
        command = [sys.executable, "-W", "ignore", "-c", CODE, cpus]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._send(given)

    def __enter__(self) -> "Contestant":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, whatever it is doing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # what it was to be told last, it does not need any more

    def build(self) -> Built:
        """Have it get ready, and find the effort that reaches the quality asked for."""
        built: Built = self._ask("build")
        return built

    def turns(self, asked: Sequence[int]) -> list[Turn]:
        """Have it answer, and return what each answer took."""
        turns: list[Turn] = self._ask("turns", asked)
        time.sleep(SETTLE_S)
        return turns

    def account(self) -> Account:
        """Return what it used."""
        account: Account = self._ask("account")
        return account

    def _ask(self, what: str, *args: Any) -> Any:
        """Send a wish, and return what came of it."""
        self._send(pickle.dumps((what, args)))
        try:
            good, reply = pickle.load(self._process.stdout)  # type: ignore[arg-type]  # of a process of our own
        except EOFError as error:
            raise FellError(f"its process ended with status {self._process.wait()}, most often for want of memory") from error
        if not good:
            raise FellError(reply)
        return reply

    def _send(self, data: bytes) -> None:
        """Write to the process, which may have ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise FellError(f"its process ended with status {self._process.wait()} before it was asked") from error


def _cpus(threads: int) -> list[int]:
    """Return the cores that all contestants share; on systems that cannot hold a process to some, their number is all that is told."""
    there = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    return there[-threads:]


def _path() -> str:
    """Return where this process finds its modules, for another to find the same."""
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(dict.fromkeys(str(Path(place).absolute()) for place in [*filter(None, before), *sys.path]))


class _Actor:
    """What happens in the process of a contestant."""

    def __init__(self, make: Callable[[Any], Any], problem: Any, needs: Sequence[str]) -> None:
        self._make, self._problem, self._needs = make, problem, needs

    def build(self) -> Built:
        problem = self._problem
        problem.open()
        for name in self._needs:
            import_module(name)
        self._before = _anonymous_mb("VmRSS", forget_peak=True)
        began = time.perf_counter()
        made = self._make(problem)
        seconds = time.perf_counter() - began
        self._ready = made if isinstance(made, Ready) else Ready(made)
        return Built(seconds, self._tuned())

    def _tuned(self) -> Any:
        """Return the least effort that reaches the quality, or the greatest there is."""
        effort = None
        for effort in self._ready.efforts:
            assert self._ready.tune is not None
            self._ready.tune(effort)
            if self._problem.reached(self._ready.answer):
                break
        return effort

    def turns(self, asked: Sequence[int]) -> list[Turn]:
        return [self._turn(self._problem.asked(which)) for which in asked]

    def _turn(self, asked: Any) -> Turn:
        cpu, wall = cpu_seconds(), time.perf_counter()
        answer = self._ready.answer(asked)
        return Turn(time.perf_counter() - wall, cpu_seconds() - cpu, answer)

    def account(self) -> Account:
        pools = threadpool_info()
        threads = max([pool["num_threads"] for pool in pools] + [faiss.omp_get_max_threads(), self._ready.threads or 1])
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else self._problem.threads
        blas = {
            _owner(pool["filepath"]): f"{pool['internal_api']} {pool.get('architecture', '')}"
            for pool in pools
            if pool["user_api"] == "blas"
        }
        memory = _anonymous_mb("VmHWM") - self._before + (_largest_child_mb() if self._problem.in_processes else 0.0)
        return Account(threads, cores, memory, blas)


def perform() -> None:
    """Do what is asked on stdin until it ends; what libraries print goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks hears it, and ends this process
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    actor = _Actor(*pickle.load(sys.stdin.buffer))
    _engine.faiss.omp_set_num_threads(actor._problem.threads)
    while True:
        try:
            what, args = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply = True, getattr(actor, what)(*args)
        except Exception as error:  # whatever an engine raises is told, and its row says it
            reply = False, f"{type(error).__name__}: {error}"
        pickle.dump(reply, replies)
        replies.flush()


def cpu_seconds() -> float:
    """Return the processor time of this process, and of those that it started and that ended."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _anonymous_mb(which: str, *, forget_peak: bool = False) -> float:
    """Return this process's memory in MB, now or at its peak, less the files it maps now; NaN where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    if forget_peak:
        Path("/proc/self/clear_refs").write_text("5")
    lines = [line.split() for line in status.read_text().splitlines()]
    kb = {parts[0].rstrip(":"): int(parts[1]) for parts in lines if parts[-1] == "kB"}
    return (kb[which] - kb["RssFile"]) * 1024 / 1e6


def _largest_child_mb() -> float:
    """Return the peak memory in MB of the largest process that this one started and that ended."""
    import resource

    kilo = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * kilo / 1e6


def _owner(path: str) -> str:
    """Return whose library a file is, such as 'numpy' for .../numpy.libs/libopenblas.so."""
    folder = next((part for part in Path(path).parts if part.endswith((".libs", ".dylibs"))), Path(path).parent.name)
    return folder.partition(".")[0].replace("_cpu", "").replace("_gpu", "")
