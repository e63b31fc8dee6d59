"""What each engine of a comparison took and gave, and whether it may be compared with the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from benzer_lab._contests import Problem
from benzer_lab._stage import Account, Turn
from benzer_lab._timing_words import Words

COLD, COLD_MS = 10.0, 5.0  # times the processor time of the others, and so much more of it, that a first answer is cold
IDLE = 0.25  # cores more than it may use that a contestant is not called unfair for: clocks are coarse


@dataclass(frozen=True)
class Remark:
    """Something to be said of a row.

    Parameters
    ----------
    code : str
        What.
    values : mapping of str to object
        The numbers and names in the sentence.
    """

    code: str
    values: Mapping[str, Any]

    def said(self, language: str = "en") -> str:
        """Return it as a sentence.

        Parameters
        ----------
        language : {'en', 'tr'}, default='en'
            Of the sentence.

        Returns
        -------
        str
            With a full stop.
        """
        return Words(language)(self.code, **self.values)


@dataclass(frozen=True, eq=False)
class Measured:
    """What one engine took and gave at one size.

    Parameters
    ----------
    engine, device : str
        Who, and where it computes.
    n, d : int
        Rows and columns.
    calls_ms : tuple of float
        Milliseconds of each answer, in the order in which they were asked for.
    rounds_ms : tuple of float
        The median of each round.
    cpu_ms, build_s, memory_mb : float
        Processor time of an answer (median); seconds of getting ready; megabytes at the peak, files that are mapped aside.
    quality : float
        Of the answers that were timed; NaN where there is none.
    threads : int
        That it was told to use, at most; 0 where it did not run.
    setting : str
        The effort that reached the quality.
    faults : tuple of Remark
        Why it may not be compared; empty where it may.
    notes : tuple of Remark
        What else there is to say.
    machine : str
        Which run it belongs to.
    faster : float
        How many times sooner than the baseline, the median over rounds; NaN where that may not be said.
    """

    engine: str
    device: str
    n: int
    d: int
    calls_ms: tuple[float, ...] = ()
    rounds_ms: tuple[float, ...] = ()
    cpu_ms: float = np.nan
    build_s: float = np.nan
    memory_mb: float = np.nan
    quality: float = np.nan
    threads: int = 0
    setting: str = ""
    faults: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    machine: str = ""
    faster: float = np.nan

    @property
    def comparable(self) -> bool:
        """Whether it ran as the others did, and its answers are as good as was asked for."""
        return not self.faults

    @property
    def why(self) -> str:
        """Why it may not be compared; empty where it may."""
        return self.why_in("en")

    @property
    def ran(self) -> bool:
        """Whether there are figures at all."""
        return bool(self.calls_ms)

    def why_in(self, language: str) -> str:
        """Return why it may not be compared.

        Parameters
        ----------
        language : {'en', 'tr'}
            Of the sentences.

        Returns
        -------
        str
            Empty where it may.
        """
        return " ".join(fault.said(language) for fault in self.faults)

    def note_in(self, language: str) -> str:
        """Return what else there is to say.

        Parameters
        ----------
        language : {'en', 'tr'}
            Of the sentences.

        Returns
        -------
        str
            Empty where there is nothing.
        """
        return " ".join(note.said(language) for note in self.notes)

    def ms(self, percentile: float) -> float:
        """Return a percentile of the milliseconds of an answer.

        Parameters
        ----------
        percentile : float
            From 0 to 100.

        Returns
        -------
        float
            NaN where it did not run.
        """
        return float(np.percentile(self.calls_ms, percentile)) if self.calls_ms else np.nan


class Comparison(Protocol):
    """What reports and charts show; see `Timings`."""

    @property
    def question(self) -> str:
        """What was asked."""

    @property
    def asked(self) -> Mapping[str, Any]:
        """The arguments."""

    @property
    def machines(self) -> Mapping[str, Mapping[str, Any]]:
        """Of each run what its figures depend on."""

    @property
    def rows(self) -> tuple[Measured, ...]:
        """One for each engine and size."""

    @property
    def quality(self) -> str:
        """What the quality is called."""

    @property
    def baseline(self) -> str:
        """The engine that others are compared with."""


def faults_of(turns: Sequence[Sequence[Turn]], account: Account, problem: Problem, *, warm: bool) -> list[Remark]:
    """Return why a row may not be compared, but for its quality and the number of its rounds."""
    faults = []
    every = [turn for round_ in turns for turn in round_]
    busy = sum(turn.cpu_s for turn in every) / max(1e-9, sum(turn.wall_s for turn in every))
    used = max(account.threads, account.cores, int(np.ceil(busy - IDLE)))
    if used > problem.threads:
        faults.append(Remark("why_threads", {"used": used, "allowed": problem.threads}))
    if not warm:
        faults.append(Remark("why_not_warm", {}))
    elif len(every) > 1:
        first, later = 1e3 * every[0].cpu_s, 1e3 * float(np.median([turn.cpu_s for turn in every[1:]]))
        if first > COLD * later and first - later > COLD_MS:
            faults.append(Remark("why_cold", {"first": first, "later": later}))
    return faults


def judged(rows: Sequence[Measured], problem: Problem) -> list[Measured]:
    """Add the faults that show only beside the others: too few rounds, and answers that are not good enough."""
    most = max((len(row.rounds_ms) for row in rows), default=0)
    qualities = [row.quality for row in rows if np.isfinite(row.quality)]
    wanted = problem.wanted(qualities) if qualities else np.nan
    return [_judged(row, problem, most, wanted) for row in rows]


def _judged(row: Measured, problem: Problem, most: int, wanted: float) -> Measured:
    """Judge one row."""
    if not row.ran:
        return row
    faults, notes = list(row.faults), list(row.notes)
    n_rounds = len(row.rounds_ms)
    if n_rounds < most:
        faults.append(Remark("why_rounds", {"rounds": n_rounds, "others": most}))
    if n_rounds < problem.rounds:
        notes.append(Remark("note_rounds", {"rounds": n_rounds, "asked": problem.rounds}))
    if not np.isfinite(row.quality):
        faults.append(Remark("why_no_quality", {}))
    elif not problem.as_good(row.quality, wanted):
        faults.append(Remark("why_quality", {"quality": problem.quality, "got": row.quality, "asked": wanted}))
    return replace(row, faults=tuple(faults), notes=tuple(notes))


def with_ratios(rows: Sequence[Measured], baseline: str) -> tuple[Measured, ...]:
    """Say how much faster each row is than the baseline of the same run at the same size, where both may be compared."""
    bases = {(row.machine, row.n): row for row in rows if row.engine == baseline and row.comparable}
    return tuple(replace(row, faster=_ratio(bases.get((row.machine, row.n)), row)) for row in rows)


def _ratio(base: Measured | None, row: Measured) -> float:
    """Return the median over rounds of how many times sooner a row was; NaN where that may not be said."""
    if base is None or not row.comparable or len(base.rounds_ms) != len(row.rounds_ms):
        return float("nan")
    return float(np.median(np.divide(base.rounds_ms, row.rounds_ms)))
