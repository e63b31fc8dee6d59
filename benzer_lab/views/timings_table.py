"""A run of timings as the page tells it: a table, and in one line what came out."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benzer_lab._timing_report import letters
from benzer_lab.timings import Timings
from benzer_lab.views.timings_words import OF_QUALITY, TimingsWords

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("machine", "n")  # within which rows may be compared


@dataclass(frozen=True, eq=False)
class Told:
    """Rows of a run, and which columns they need.

    Parameters
    ----------
    frame : DataFrame
        As `Timings.to_frame` returns it, its sentences in the language.
    words : TimingsWords
        In which language it is told.
    baseline : str
        The engine that others are compared with.
    of_images : bool, default=False
        Whether rows are images.
    is_busy : bool, default=False
        Whether others used the machine meanwhile.
    """

    frame: "pd.DataFrame"
    words: TimingsWords
    baseline: str
    of_images: bool = False
    is_busy: bool = False

    @classmethod
    def of(cls, timings: Timings, words: TimingsWords) -> "Told":
        """Return a run as it is told in a language."""
        reasons = [row.why_in(words.language) for row in timings.rows]
        notes = [row.note_in(words.language) for row in timings.rows]
        is_busy = any(machine["busy"] for machine in timings.machines.values())
        frame = timings.to_frame().assign(why=reasons, note=notes)
        frame["machine"] = frame["machine"].map(letters(timings))
        return cls(frame, words, timings.baseline, of_images=timings.question == "extraction", is_busy=is_busy)

    @property
    def quality(self) -> str:
        """The column of the question's own quality; empty where it has none."""
        return next((name for name in OF_QUALITY if name in self.frame), "")

    @property
    def keys(self) -> list[str]:
        """What differs between groups of rows that may be compared."""
        return [name for name in KEYS if name in self.frame and self.frame[name].nunique() > 1]

    @property
    def has_ratios(self) -> bool:
        """Whether the engine was measured that others are compared with."""
        return bool(self.frame["faster"].notna().any())

    @property
    def comparable(self) -> "pd.DataFrame":
        """The rows that may be compared, the fastest of each group first."""
        frame = self.frame[self.frame["comparable"]]
        return frame.sort_values([*self.keys, "median_ms"], kind="stable")

    def fastest(self) -> "pd.DataFrame":
        """Return of each group the fastest row, and those that its spread does not tell from it, the fastest first."""
        rows = self.comparable
        if not self.keys:
            return rows[rows["p05_ms"] <= rows["p95_ms"].iloc[0]] if len(rows) else rows
        limit = rows.groupby(self.keys)["p95_ms"].transform("first")
        return rows[rows["p05_ms"] <= limit]

    def table(self) -> dict[str, Any]:
        """Return what `Figures` shows."""
        import pandas as pd

        words = self.words
        best = set() if self.is_busy else set(self.fastest().index)
        apart = self.frame[~self.frame["comparable"]].sort_values(self.keys, kind="stable")
        ran = apart["median_ms"].notna()
        absent = apart[~ran].drop_duplicates([*(name for name in self.keys if name != "n"), "engine", "why"])  # whatever the size
        names = [
            "median",
            "spread",
            "cpu",
            "build",
            "memory",
            *([OF_QUALITY[self.quality]] if self.quality else []),
            *(["faster"] if self.has_ratios else []),
        ]
        rows = "image_rows" if self.of_images else "rows"
        of_keys = [[words(rows if name == "n" else name), name == "n"] for name in self.keys]
        return {
            "columns": [[words("engine"), False], *of_keys, *([words(name), True] for name in names)],
            "rows": [[self._cells(row), row["note"], row["index"] in best] for row in _records(self.comparable)],
            "apart": [
                [self._cells(row), " ".join(filter(None, [row["why"], row["note"]])), False]
                for row in _records(pd.concat([apart[ran], absent]))
            ],
            "apart_label": words("apart"),
        }

    def verdict(self) -> tuple[str, str]:
        """Return what came out, and what to know of it; of several sizes that of the most rows."""
        words = self.words
        if "machine" in self.keys:
            return words("runs_beside", n=self.frame["machine"].nunique()), words("within")
        rows = self.comparable
        if not len(rows):
            return words("nothing_compares"), ""
        n = int(rows["n"].max())
        shown = replace(self, frame=self.frame[self.frame["n"] == n])
        return shown._verdict(), words("at_most", n=n) if "n" in self.keys and not self.is_busy else ""

    def _verdict(self) -> str:
        """Return what came out of rows of one size on one machine."""
        words, best = self.words, _records(self.fastest())
        first = best[0]
        time = words.duration(first["median_ms"])
        if self.is_busy:
            return words("was_busy")
        if len(best) > 1:
            return words("equals", engines=words.listed([row["engine"] for row in best]), time=time)
        if first["engine"] != self.baseline and words.times(first["faster"]):
            return words("fastest_by", engine=first["engine"], time=time, ratio=words.figures(first["faster"]), baseline=self.baseline)
        return words("fastest", engine=first["engine"], time=time)

    def _cells(self, row: dict[str, Any]) -> list[Any]:
        """Return the cells of a row: a ratio stands only in one that may be compared."""
        words = self.words
        of_keys = [str(row[name]) if name != "n" else words.number(int(row[name])) if row["median_ms"] > 0 else "" for name in self.keys]
        return [
            [row["engine"], words("baseline") if row["engine"] == self.baseline else row["device"] if row["device"] != "cpu" else ""],
            *of_keys,
            words.duration(row["median_ms"]),
            words.between(row["p05_ms"], row["p95_ms"]),
            words.duration(row["cpu_ms"]),
            words.duration(1000 * row["build_s"]),
            words.memory(row["memory_mb"]),
            *([words.quality(self.quality, row[self.quality])] if self.quality else []),
            *([words.times(row["faster"]) if row["comparable"] else ""] if self.has_ratios else []),
        ]


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows, each with its `index`."""
    return [dict(zip(["index", *frame.columns], row, strict=True)) for row in frame.itertuples()]
