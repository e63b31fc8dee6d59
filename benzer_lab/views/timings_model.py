"""The state of the page of timings: which question, what is measured, and which runs are looked at."""

import json
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import param

from benzer_lab._display import save_csv
from benzer_lab._timing_report import page
from benzer_lab._timing_words import Words
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError, InputError
from benzer_lab.timings import QUESTIONS, Engine, Timings, engines
from benzer_lab.views.jobs import Job, Progress, StoppedError
from benzer_lab.views.timings_process import BusyError, LateError
from benzer_lab.views.timings_sources import Kept, Runs

log = logging.getLogger(__name__)

SIZES = (2_000, 10_000, 100_000, 1_000_000)  # rows that may be generated
OTHER_SIZES = {"layout": (500, 2_000, 10_000, 100_000), "extraction": (24, 96, 384)}  # where a row takes longer, or is an image
IMAGES = "images"  # of the archive, in the place of the rows of a model
KINDS = ("bars", "recall", "growth")  # of charts
STYLE = Path(__file__).parent / "timings_report.css"  # of a report that is saved
FORMATS = ("markdown", "html", "parquet", "csv")
ADDRESS = ("question", "data", "sizes", "chosen", "rounds", "minutes", "shown", "kind")
# How a run may end that is no fault
ENDED: dict[type[Exception], str] = {StoppedError: "run_stopped", BusyError: "run_busy", LateError: "run_late"}


class TimingsModel(param.Parameterized):  # type: ignore[misc]
    """What is measured and what is looked at.

    A run is put into `job`; who shows the model runs it beside the page, and calls `finish`.

    Parameters
    ----------
    runs : Runs
        What measures, and where runs are kept.
    **params : object
        The parameters below.
    """

    question = param.Selector(default=QUESTIONS[0], objects=list(QUESTIONS), doc="What is compared.")
    data = param.String(doc="The model of the archive whose rows are measured; empty for generated ones.")
    sizes = param.List(default=[], item_type=int, doc="How many rows are generated; several show how time grows, none means the fewest.")
    chosen = param.List(
        default=[], item_type=str, doc="Names of the engines that are measured; none means all that can run here, and the GPU."
    )
    rounds = param.Integer(default=7, bounds=(3, 31), doc="How often each engine has its turn.")
    minutes = param.Integer(default=5, bounds=(1, 60), doc="How long a run may take at most.")
    shown = param.List(default=[], item_type=str, doc="Names of the runs that are looked at beside each other; none means the newest.")
    kind = param.Selector(default=KINDS[0], objects=list(KINDS), doc="What is drawn.")

    timings = param.ClassSelector(class_=Timings, constant=True, doc="What is looked at; None where there is none.")
    kept = param.List(default=[], constant=True, doc="The runs of all questions, the newest first.")
    job = param.ClassSelector(class_=Job, constant=True, doc="The run that is being measured.")
    error = param.String(constant=True, doc="What went wrong, in a sentence.")
    ended = param.String(constant=True, doc="The word for how the last run ended, where it was no fault and brought nothing.")

    def __init__(self, runs: Runs, **params: Any) -> None:
        self.runs = runs
        self._own: list[Kept] = []  # that were uploaded, or could not be kept
        super().__init__(**params)
        self.renew()

    # ---- what is shown

    @property
    def archive(self) -> Archive | None:
        """Whose rows may be measured."""
        return self.runs.archive

    @property
    def models(self) -> list[str]:
        """Models of the archive, whose rows may be measured; for the question that is of images, `IMAGES`."""
        if self.archive is None or (self.question == "extraction" and self.archive.images is None):
            return []
        return [IMAGES] if self.question == "extraction" else list(self.archive.models)

    @property
    def all_sizes(self) -> tuple[int, ...]:
        """How many rows may be generated for the question."""
        return OTHER_SIZES.get(self.question, SIZES)

    @property
    def asked_sizes(self) -> list[int]:
        """How many rows are generated."""
        return [n for n in self.all_sizes if n in self.sizes] or [self.all_sizes[0]]

    @property
    def engines(self) -> dict[str, Engine]:
        """The engines of the question, by name."""
        return engines(self.question)

    @property
    def usual(self) -> list[str]:
        """The engines that are measured where none was chosen."""
        return [name for name, engine in self.engines.items() if not (engine.optional and engine.note)]

    @property
    def measured(self) -> list[str]:
        """The engines that are measured."""
        return [name for name in self.engines if name in self.chosen] or self.usual

    @property
    def listed(self) -> list[Kept]:
        """The runs of the question, the newest first."""
        return [one for one in self.kept if one.timings.question == self.question]

    @property
    def looked_at(self) -> list[Kept]:
        """The runs that are looked at; the newest of the question where none was chosen."""
        chosen = [one for one in self.listed if one.name in self.shown]
        return chosen or self.listed[:1]

    @property
    def kinds(self) -> list[str]:
        """What can be drawn of what is looked at."""
        return [] if self.timings is None else [kind for kind in KINDS if self._draws(kind)]

    def sizes_of(self, one: Kept) -> list[int]:
        """Return how many rows a run was measured with."""
        return sorted({int(n) for n in one.timings.to_frame()["n"]})

    def _draws(self, kind: str) -> bool:
        """Tell whether there is such a chart of it, and whether it says anything: not where all answers are as good."""
        if kind == "recall" and self.timings.to_frame()[self.timings.quality].nunique() < 2:
            return False
        try:
            self.timings.plot(kind)
        except InputError:
            return False
        return True

    # ---- what is done

    def renew(self) -> None:
        """Look again at which runs are kept."""
        found, faults = self.runs.kept()
        self._set(kept=[*self._own, *found], error=" ".join(faults[:1]))
        self._look()

    @param.depends("question", "shown", watch=True)  # type: ignore[untyped-decorator]
    def _look(self) -> None:
        """Look at the runs that are chosen."""
        runs = [one.timings for one in self.looked_at]
        try:
            self._set(timings=runs[0].merge(*runs[1:]) if len(runs) > 1 else next(iter(runs), None))
        except InputError as error:  # such as runs that did not ask the same
            self._set(timings=runs[0], error=str(error))

    @param.depends("question", watch=True)  # type: ignore[untyped-decorator]
    def _turn(self) -> None:
        """Forget what was said of another question, and what it alone takes."""
        self._set(error="", ended="")
        self.param.update(
            data=self.data if self.data in self.models else "",
            sizes=[n for n in self.sizes if n in self.all_sizes],
            chosen=[name for name in self.chosen if name in self.engines],
        )

    def show(self, place: int) -> None:
        """Look at one run alone.

        Parameters
        ----------
        place : int
            Its place in `listed`.
        """
        if place < len(self.listed):
            self.shown = [self.listed[place].name]

    def set_beside(self, place: int) -> None:
        """Look at a run beside those that are looked at, or no longer."""
        if place < len(self.listed):
            name, names = self.listed[place].name, [one.name for one in self.looked_at]
            self.shown = [one for one in names if one != name] if name in names else [*names, name]

    def toggle_size(self, place: int) -> None:
        """Measure so many rows, too, or no longer; one size is always measured."""
        if place < len(self.all_sizes):
            sizes = sorted(set(self.asked_sizes) ^ {self.all_sizes[place]})
            self.sizes = [] if sizes == [self.all_sizes[0]] else sizes or self.asked_sizes
            self.param.trigger("sizes")  # a box that was unchecked alone is to be checked again

    def toggle_engine(self, place: int) -> None:
        """Measure an engine, too, or no longer; one is always measured."""
        names = list(self.engines)
        if place < len(names):
            kept = [name for name in names if (name in self.measured) != (name == names[place])] or self.measured
            self.chosen = [] if kept == self.usual else kept
            self.param.trigger("chosen")  # a box that was unchecked alone is to be checked again

    def run(self) -> None:
        """Have the question measured as it is asked now."""
        if self.job is not None:
            return
        asked: dict[str, Any] = {"rounds": self.rounds, "engines": self.measured}
        if not self.data:
            asked["n"] = self.asked_sizes
        work = partial(self._measured, self.question, self.data, 60.0 * self.minutes, asked)
        self._set(error="", ended="", job=Job("measuring", work, self._take))

    def stop(self) -> None:
        """End the run; what it measured is lost."""
        if self.job is not None:
            self.job.stop()

    def finish(self, job: Job, result: Any, error: Exception | None) -> None:
        """Take what a run brought.

        Parameters
        ----------
        job : Job
            Which.
        result : object
            What it returned.
        error : Exception or None
            What it raised.
        """
        self._set(job=None)
        if error is None:
            job.take(result)
        elif type(error) in ENDED:
            self._set(ended=ENDED[type(error)])
        elif isinstance(error, BenzerError):
            self._set(error=str(error))
        else:
            log.error("A run of timings failed", exc_info=error)
            self._set(error=f"{type(error).__name__}: {error}")

    def receive(self, name: str, content: bytes) -> None:
        """Look at a run of a file that a visitor brought; it is not kept.

        Parameters
        ----------
        name : str
            Of the file.
        content : bytes
            What it holds.
        """
        with TemporaryDirectory(prefix="benzer-timings-") as folder:
            path = Path(folder) / "run.parquet"
            path.write_bytes(content)
            try:
                timings = Timings.read(path)
            except BenzerError as error:
                self._set(error=str(error).replace(str(path), name))
                return
        self._add(Kept(Path(name).stem, timings))

    def file(self, form: str, language: str) -> tuple[str, bytes]:
        """Return what is looked at as a file.

        Parameters
        ----------
        form : {'markdown', 'html', 'parquet', 'csv'}
            Which.
        language : {'en', 'tr'}
            Of its words and numbers.

        Returns
        -------
        (str, bytes)
            Its name and its content.
        """
        timings = self.timings
        assert timings is not None
        name = f"benzer-lab-{timings.question}"
        if form == "markdown":
            return f"{name}.md", timings.report("markdown", language).encode()
        if form == "html":
            return f"{name}.html", page(timings, Words(language), STYLE.read_text(encoding="utf-8")).encode()
        if form == "csv":
            return f"{name}.csv", save_csv(timings.to_frame(), comma="," if language == "tr" else ".").encode("utf-8-sig")
        with TemporaryDirectory(prefix="benzer-timings-") as folder:
            path = Path(folder) / "run.parquet"
            timings.to_parquet(path)
            return f"{name}.parquet", path.read_bytes()

    # ---- the address

    def address(self) -> dict[str, str]:
        """Return what the address of the page has to hold to show the same again; runs that a visitor brought stay out of it."""
        own = {one.name for one in self._own}
        values = {name: getattr(self, name) for name in ADDRESS} | {"shown": [name for name in self.shown if name not in own]}
        return {
            name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in values.items()
            if value != self.param[name].default
        }

    def restore(self, given: Mapping[str, str], *, again: bool = False) -> None:
        """Show what an address holds.

        Parameters
        ----------
        given : mapping of str to str
            As `address` returned it; what cannot be read is as on a page that was just opened.
        again : bool, default=False
            Whether the visitor comes back to it; without effect here.
        """
        state = {name: self._value(name, given[name]) if name in given else self.param[name].default for name in ADDRESS}
        self.param.update(**state)
        self._turn()  # an address may name what this archive has not

    def _value(self, name: str, text: str) -> Any:
        """Return what an address holds of a parameter, or its default where it holds nothing that can be."""
        parameter = self.param[name]
        try:
            value = text if isinstance(parameter.default, str) else json.loads(text)
            parameter._validate(value)
        except (ValueError, TypeError, RecursionError):
            return parameter.default
        return parameter.default if isinstance(value, bool) else value

    # ---- of this class

    def _measured(self, question: str, data: str, seconds: float, asked: dict[str, Any], progress: Progress) -> Timings:
        """Measure; in a thread of its own."""
        return self.runs.measure(question, data, seconds, progress, **asked)

    def _take(self, timings: Timings) -> None:
        """Keep a run, and look at it."""
        try:
            name = self.runs.keep(timings)
        except (BenzerError, OSError) as error:  # such as a folder that may not be written
            self._add(Kept(timings.question, timings))
            self._set(error=str(error))
            return
        self.renew()
        self.param.update(question=timings.question, shown=[name])

    def _add(self, one: Kept) -> None:
        """Look at a run that is not kept."""
        taken = {other.name for other in self.kept}
        name = next(name for n in range(1, 1000) if (name := one.name if n == 1 else f"{one.name} ({n})") not in taken)
        self._own.insert(0, Kept(name, one.timings))
        self.renew()
        self.param.update(question=one.timings.question, shown=[name])

    def _set(self, **values: Any) -> None:
        with param.edit_constant(self):
            self.param.update(**values)
