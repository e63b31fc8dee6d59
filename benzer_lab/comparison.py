"""Timings: what a comparison found, as a table, a report, charts and a file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benzer_lab import _timing_report
from benzer_lab._checks import one_of
from benzer_lab._disk import replacing
from benzer_lab._fairness import Measured, Remark
from benzer_lab._timing_plots import KINDS
from benzer_lab._timing_words import LANGUAGES, Words
from benzer_lab.errors import InputError

if TYPE_CHECKING:
    import holoviews as hv

Language = Literal["en", "tr"]
FORMAT = 1  # one more whenever files are made differently
KEY = b"benzer_timings"
FREE = ("n", "rounds", "random_state", "engines", "budget_s", "threads", "source")  # what may differ between runs that are merged


@dataclass(frozen=True, eq=False)
class Timings:
    """What a comparison found; never changed afterwards.

    Parameters
    ----------
    question : str
        'search', 'filters', 'kmeans', 'layout', 'extraction' or 'request'.
    asked : mapping of str to object
        The arguments.
    machines : mapping of str to mapping
        Of each run what its figures depend on, by its name.
    rows : tuple of Measured
        One for each engine and size.
    quality : str
        What the quality of the answers is called: 'recall', 'inertia', 'trustworthiness' or 'same'.
    baseline : str
        The engine that others are compared with.
    """

    question: str
    asked: Mapping[str, Any]
    machines: Mapping[str, Mapping[str, Any]]
    rows: tuple[Measured, ...]
    quality: str
    baseline: str

    @property
    def machine(self) -> Mapping[str, Any]:
        """What the figures depend on; of merged runs those of the first."""
        return next(iter(self.machines.values()))

    def __repr__(self) -> str:
        """Say what was compared, and where."""
        n = sum(row.comparable for row in self.rows)
        return f"Timings({self.question}, {n} of {len(self.rows)} rows comparable, {'; '.join(self.machines)})"

    def to_frame(self) -> Any:
        """Return a DataFrame with a row for each engine and size.

        Returns
        -------
        pandas.DataFrame
            engine, device, median_ms, p05_ms, p95_ms, cpu_ms, build_s, memory_mb, threads, n, d, the quality by its name, comparable, why,
            faster, setting, note, machine, rounds_ms.
        """
        import pandas as pd

        return pd.DataFrame([self._line(row) for row in self.rows])

    def _line(self, row: Measured) -> dict[str, Any]:
        """Return a row of the table."""
        return {
            "engine": row.engine,
            "device": row.device,
            "median_ms": row.ms(50),
            "p05_ms": row.ms(5),
            "p95_ms": row.ms(95),
            "cpu_ms": row.cpu_ms,
            "build_s": row.build_s,
            "memory_mb": row.memory_mb,
            "threads": row.threads,
            "n": row.n,
            "d": row.d,
            self.quality: row.quality,
            "comparable": row.comparable,
            "why": row.why,
            "faster": row.faster,
            "setting": row.setting,
            "note": row.note_in("en"),
            "machine": row.machine,
            "rounds_ms": list(row.rounds_ms),
        }

    def title(self, language: Language = "en") -> str:
        """Return what was compared, in a line.

        Parameters
        ----------
        language : {'en', 'tr'}, default='en'
            Of the line.

        Returns
        -------
        str
            Without a full stop.
        """
        return _timing_report.title(self, _words(language, "Timings.title"))

    def how(self, language: Language = "en") -> list[str]:
        """Return how it was measured.

        Parameters
        ----------
        language : {'en', 'tr'}, default='en'
            Of the sentences.

        Returns
        -------
        list of str
            A sentence each; the last says where the machine was busy.
        """
        return _timing_report.how(self, _words(language, "Timings.how"))

    def report(self, format: Literal["markdown", "html"] = "markdown", language: Language = "en") -> str:
        """Return a report: what may be compared, what may not and why, the machine, and how it was measured.

        Parameters
        ----------
        format : {'markdown', 'html'}, default='markdown'
            HTML is a block without styles of its own, in which all names are escaped.
        language : {'en', 'tr'}, default='en'
            Of the words.

        Returns
        -------
        str
            The report.

        Raises
        ------
        InputError
            When there is no such format or language.
        """
        caller = "Timings.report"
        written = {"markdown": _timing_report.markdown, "html": _timing_report.html}
        return written[one_of(format, written, caller=caller, name="format")](self, _words(language, caller))

    def _repr_html_(self) -> str:
        """Show the report in Jupyter."""
        return self.report("html")

    def __panel__(self) -> Any:
        """Show the report on a page of Panel's, which would take an object with a `read` for a file."""
        import panel as pn

        return pn.pane.HTML(self.report("html"), sizing_mode="stretch_width")

    def plot(self, kind: Literal["bars", "recall", "growth"] = "bars", language: Language = "en") -> "hv.Overlay":
        """Draw a chart.

        Parameters
        ----------
        kind : {'bars', 'recall', 'growth'}, default='bars'
            'bars': the median of each engine at the largest size, with its spread from the 5th to the 95th percentile. 'recall': it
            against the quality of the answers, whatever that is called, with the line of those that none beats in both. 'growth': how it
            grows with the rows, on logarithmic axes, with the fitted exponent. Rows that may not be compared are gray, or left out.
        language : {'en', 'tr'}, default='en'
            Of the words.

        Returns
        -------
        holoviews.Overlay
            The chart.

        Raises
        ------
        InputError
            When the kind does not apply: 'recall' needs two engines, 'growth' two sizes.
        MissingExtraError
            When HoloViews is not installed.
        """
        caller = "Timings.plot"
        drawn: hv.Overlay = KINDS[one_of(kind, KINDS, caller=caller, name="kind")](self, _words(language, caller))
        return drawn

    def to_parquet(self, path: str | Path) -> None:
        """Write all of it into one file: the table, and in its schema the machine and what was asked.

        Parameters
        ----------
        path : str or Path
            Replaced where it exists.

        Raises
        ------
        ArchiveError
            When the disk refuses.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        facts = {"format": FORMAT, **{name: getattr(self, name) for name in ("question", "quality", "baseline")}}
        facts |= {"asked": dict(self.asked), "machines": {name: dict(one) for name, one in self.machines.items()}}
        facts["rows"] = [asdict(row) for row in self.rows]
        table = pa.Table.from_pandas(self.to_frame(), preserve_index=False).replace_schema_metadata({KEY: json.dumps(facts).encode()})
        with replacing(Path(path)) as draft:
            pq.write_table(table, draft)

    @classmethod
    def read(cls, path: str | Path) -> "Timings":
        """Read what `to_parquet` wrote.

        Parameters
        ----------
        path : str or Path
            Of the file.

        Returns
        -------
        Timings
            As it was.

        Raises
        ------
        InputError
            When it is no such file.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = cls._from_facts(json.loads(pq.read_schema(Path(path)).metadata[KEY]))
            found.report()  # says all that there is to say, so that a page which shows it does not fail later
        except (OSError, pa.ArrowException, LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise InputError(f"Timings.read: path must be a file that Timings.to_parquet of this version wrote; {path} is none.") from error
        return found

    @classmethod
    def _from_facts(cls, facts: Mapping[str, Any]) -> "Timings":
        """Return what was written, or raise ValueError where it is of another format or holds no run."""
        rows = tuple(map(_row, facts["rows"]))
        machines = {str(name): dict(machine) for name, machine in facts["machines"].items()}
        if facts["format"] != FORMAT or not rows or {row.machine for row in rows} != set(machines):
            raise ValueError("not of this format")
        return cls(str(facts["question"]), dict(facts["asked"]), machines, rows, str(facts["quality"]), str(facts["baseline"]))

    def merge(self, *others: "Timings") -> "Timings":
        """Set several runs beside each other; ratios stay within each.

        Parameters
        ----------
        *others : Timings
            Of the same question.

        Returns
        -------
        Timings
            All rows; `machine` says which run each belongs to.

        Raises
        ------
        InputError
            When something else was asked.
        """
        machines: dict[str, Mapping[str, Any]] = {}
        rows: list[Measured] = []
        for one in (self, *others):
            if one.question != self.question or _fixed(one.asked) != _fixed(self.asked):
                raise InputError(
                    f"Timings.merge: others must ask the same, {self.question} {_fixed(self.asked)};"
                    f" got {one.question} {_fixed(one.asked)}."
                )
            names = {name: _unused(name, machines) for name in one.machines}
            machines |= {new: one.machines[name] for name, new in names.items()}
            rows += [replace(row, machine=names[row.machine]) for row in one.rows]
        return replace(self, machines=machines, rows=tuple(rows))


def _fixed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be the same in runs that stand beside each other."""
    return {name: value for name, value in asked.items() if name not in FREE}


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    """Return a name that no other run has."""
    return next(new for i in range(1, len(taken) + 2) if (new := name if i == 1 else f"{name} ({i})") not in taken)


def _row(facts: Mapping[str, Any]) -> Measured:
    """Return a row that was written, each field of its own kind."""
    several = {name: tuple(map(float, facts[name])) for name in ("calls_ms", "rounds_ms")}
    remarks = {name: tuple(Remark(str(one["code"]), dict(one["values"])) for one in facts[name]) for name in ("faults", "notes")}
    numbers = {name: float(facts[name]) for name in ("cpu_ms", "build_s", "memory_mb", "quality", "faster")}
    texts = {name: str(facts[name]) for name in ("engine", "device", "setting", "machine")}
    values: dict[str, Any] = {**several, **remarks, **numbers, **texts, **{name: int(facts[name]) for name in ("n", "d", "threads")}}
    return Measured(**values)


def _words(language: str, caller: str) -> Words:
    """Return the words of a language."""
    return Words(one_of(language, LANGUAGES, caller=caller, name="language"))
