"""Rounds in which contestants take turns."""

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benzer_lab._contests import Problem
from benzer_lab._engine import gpus
from benzer_lab._fairness import Measured, Remark, faults_of, judged
from benzer_lab._stage import Account, Built, Contestant, FellError, Turn

PACKAGES = {"sklearn": "scikit-learn", "umap": "umap-learn"}  # what is installed for a module of another name


@dataclass(frozen=True)
class Engine:
    """Something that answers a question.

    Parameters
    ----------
    name : str
        Under which its row stands.
    make : callable
        Takes a problem (`x`, `k`, `threads`...), returns what answers; or a `benzer_lab.timings.Ready`, where it can work harder.
    device : str, default='cpu'
        Where it computes: 'cpu', or 'gpu' for the first that Faiss can use.
    needs : tuple of str
        Modules that it cannot do without; they are loaded before anything is measured.
    optional : bool, default=False
        Whether it is left out where they are missing, unless it is asked for.
    warm : bool, default=True
        Whether it is asked some questions before it is timed. A row of one that is not says so, and is not compared.
    """

    name: str
    make: Callable[[Any], Any]
    device: str = "cpu"
    needs: tuple[str, ...] = ()
    optional: bool = False
    warm: bool = True

    @property
    def note(self) -> str:
        """Why it cannot run here, in a sentence; empty where it can."""
        absent = self.absent()
        return absent.said() if absent else ""

    def absent(self) -> Remark | None:
        """Return what is missing for it to run here."""
        if self.device != "cpu" and not gpus():
            return Remark("why_no_gpu", {})
        missing = [top for name in self.needs if importlib.util.find_spec(top := name.partition(".")[0]) is None]
        return Remark("why_missing", {"library": PACKAGES.get(missing[0], missing[0])}) if missing else None


@dataclass
class _Entry:
    """A contestant in the course of a comparison."""

    engine: Engine
    contestant: Contestant | None = None
    built: Built | None = None
    account: Account | None = None
    turns: list[list[Turn]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)

    def enter(self, problem: Problem, stack: ExitStack) -> None:
        """Start, build and warm up."""
        absent = self.engine.absent()
        if absent:
            self.faults.append(absent)
            return
        self.contestant = stack.enter_context(Contestant(self.engine.make, problem, self.engine.needs))
        self.built = self.contestant.build()
        self.warm(problem)

    def warm(self, problem: Problem) -> None:
        """Answer before it counts."""
        if self.engine.warm and self.contestant is not None:
            self.tried(self.contestant.turns, problem.warm_up)

    def play(self, asked: Sequence[int]) -> None:
        """Take a turn."""
        assert self.contestant is not None
        turns = self.contestant.turns(asked)
        self.turns.append(turns)
        self.asked.extend(asked)

    def leave(self) -> None:
        """Say what was used."""
        assert self.contestant is not None
        self.account = self.contestant.account()

    def tried(self, do: Callable[..., object], *args: Any) -> None:
        """Do something that the contestant may fail in; then it is out."""
        try:
            do(*args)
        except FellError as error:
            self.faults.append(Remark("why_fell", {"error": str(error)}))
            self.contestant = None

    def row(self, problem: Problem) -> Measured:
        """Return the figures."""
        row = {"engine": self.engine.name, "device": self.engine.device, "n": problem.n, "d": problem.d}
        if self.account is None or not self.turns or self.built is None:
            return Measured(**row, faults=tuple(self.faults))  # type: ignore[arg-type]
        every = [turn for turns in self.turns for turn in turns]
        answers = [(which, turn.answer) for which, turn in zip(self.asked, every, strict=True)]
        return Measured(
            **row,  # type: ignore[arg-type]
            calls_ms=tuple(1e3 * turn.wall_s for turn in every),
            rounds_ms=tuple(1e3 * float(np.median([turn.wall_s for turn in turns])) for turns in self.turns),
            cpu_ms=1e3 * float(np.median([turn.cpu_s for turn in every])),
            build_s=self.built.seconds,
            memory_mb=self.account.memory_mb,
            quality=problem.judge(answers),
            threads=self.account.threads,
            setting="" if self.built.effort is None else str(self.built.effort),
            faults=(*self.faults, *faults_of(self.turns, self.account, problem, warm=self.engine.warm)),
        )


@dataclass
class Contest:
    """One problem, and those who solve it in turn.

    Parameters
    ----------
    problem : Problem
        What all are given.
    engines : sequence of Engine
        Who.
    """

    problem: Problem
    engines: Sequence[Engine]
    rows: list[Measured] = field(default_factory=list)
    blas: dict[str, str] = field(default_factory=dict)

    @property
    def n_steps(self) -> int:
        """How many steps there are."""
        return len(self.engines) * (1 + self.problem.rounds)

    def run(self, until: float) -> Iterator[int]:
        """Measure; give a 1 for each step, and begin no further round once the clock says `until`."""
        with ExitStack() as stack:
            entries = [_Entry(engine) for engine in self.engines]
            for entry in entries:
                entry.tried(entry.enter, self.problem, stack)
                yield 1
            self._rest(entries)
            for i in range(self.problem.rounds):
                if i and time.monotonic() > until:
                    yield (self.problem.rounds - i) * len(entries)
                    break
                first = i % len(entries)
                for entry in [*entries[first:], *entries[:first]]:
                    if entry.contestant is not None:
                        entry.tried(entry.play, self.problem.round(i))
                    yield 1
            for entry in entries:
                if entry.contestant is not None:
                    entry.tried(entry.leave)
        self.rows = judged([entry.row(self.problem) for entry in entries], self.problem)
        for entry in entries:
            self.blas |= entry.account.blas if entry.account else {}

    def _rest(self, entries: Sequence[_Entry]) -> None:
        """Let all rest, where the problem asks for it, and warm them up again."""
        if self.problem.rest_s:
            time.sleep(self.problem.rest_s)
            for entry in entries:
                entry.warm(self.problem)
