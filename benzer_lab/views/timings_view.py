"""The page of timings: what is measured, which runs are kept, and what one of them says."""

from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable, Viewer

from benzer_lab._timing_report import letters
from benzer_lab.archive import Archive
from benzer_lab.timings import QUESTIONS
from benzer_lab.views.account import Account
from benzer_lab.views.atlas_panes import hide
from benzer_lab.views.choices import Choices
from benzer_lab.views.download import Download
from benzer_lab.views.figures import Figures
from benzer_lab.views.inputs import Slider
from benzer_lab.views.jobs import Job
from benzer_lab.views.kept_runs import KeptRuns
from benzer_lab.views.note import Note
from benzer_lab.views.runner import Runner
from benzer_lab.views.search_view import CONTROLS
from benzer_lab.views.timings_model import FORMATS, IMAGES, KINDS, TimingsModel
from benzer_lab.views.timings_sources import Kept, Runs
from benzer_lab.views.timings_table import Told
from benzer_lab.views.timings_words import OF_QUALITY, TimingsWords
from benzer_lab.views.upload import Upload
from benzer_lab.views.verdict import Verdict
from benzer_lab.views.words import LANGUAGES
from benzer_lab.views.working import Working

STYLE = (Path(__file__).parent / "timings.css").read_text(encoding="utf-8")
OF_KIND = {"bars": "bars", "recall": "recall_kind", "growth": "growth"}
FITTED: dict[str, Any] = {
    "toolbar": None,
    "active_tools": [],
    "fontsize": {"title": "10pt"},
}  # to a page that scrolls, and has headings of its own
MEDIA = {
    "markdown": "text/markdown;charset=utf-8",
    "html": "text/html;charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv;charset=utf-8",
}


class Timings(Viewer):  # type: ignore[misc]
    """Engines side by side, measured here or elsewhere, for a page or a notebook.

    Parameters
    ----------
    archive : Archive, optional
        Whose rows may be measured beside generated ones.
    routes : bool, default=False
        Whether it is a page of a server; what is dropped anywhere on it is then meant for it.
    height : int, optional
        0 fills what it is put in; else it is as high as what it shows.
    runs : Runs, optional
        What measures, and where runs are kept; else BENZER_TIMINGS, else `timings` in the archive or where the notebook runs.
    **params : object
        `language`, 'en' (default) or 'tr'.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word but the names of engines.")

    def __init__(
        self, archive: Archive | None = None, *, routes: bool = False, height: int | None = None, runs: Runs | None = None, **params: Any
    ) -> None:
        super().__init__(**params)
        self.model = TimingsModel(runs or Runs(archive))
        self._routes = routes
        self._make_form()
        self._make_run()
        self._layout = self._arrange(is_filling=height == 0)
        self._link()
        self._runner = Runner(self.model.finish, self._show_job)
        self._relabel()

    def __panel__(self) -> Viewable:
        """Return the layout, which is built once."""
        return self._layout

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Show it in a notebook, after Panel's own scripts where they are not there yet."""
        if not pn.extension._loaded:
            pn.extension(inline=True)
        return super()._repr_mimebundle_(include, exclude)

    # ---- made once

    def _make_form(self) -> None:
        """Make what a run is asked with, and the list of those that are kept."""
        model = self.model
        self.question = pn.widgets.RadioButtonGroup(stylesheets=[CONTROLS])
        self.asks = Note()
        self.data = pn.widgets.Select(stylesheets=[CONTROLS], sizing_mode="stretch_width")
        self.sizes = Choices(toggle=model.toggle_size, inline=True, sizing_mode="stretch_width")
        self.engines = Choices(toggle=model.toggle_engine, sizing_mode="stretch_width")
        self.rounds = Slider(value=model.rounds, start=3, end=31, step=2, width=118)
        self.minutes = Slider(value=model.minutes, start=1, end=60, step=1, width=118)
        self.run = pn.widgets.Button(stylesheets=[CONTROLS, STYLE], css_classes=["run"], on_click=lambda event: self._begin())
        self.working = Working(stop=model.stop)
        self.ended = Note(sizing_mode="stretch_width")
        self.kept = KeptRuns(act={"show": model.show, "beside": model.set_beside}, sizing_mode="stretch_width")
        self.upload = Upload(receive=self._receive, accept=".parquet", anywhere=self._routes, sizing_mode="stretch_width", height=52)
        self.headings = {name: Note(css_classes=["heading"], stylesheets=[STYLE]) for name in ("measure_here", "kept_runs")}

    def _make_run(self) -> None:
        """Make what shows a run."""
        self.verdict = Verdict(sizing_mode="stretch_width")
        self.failure = Note(is_alert=True, sizing_mode="stretch_width")
        self.kinds = pn.widgets.RadioButtonGroup(stylesheets=[CONTROLS])
        self.chart = pn.pane.HoloViews(None, sizing_mode="stretch_width", min_height=0)
        self.figures = Figures(sizing_mode="stretch_width")
        self.account = Account(sizing_mode="stretch_width")
        self.saves = {form: Download(make=partial(self._file, form), media=MEDIA[form]) for form in FORMATS}
        self.save = Note()

    def _arrange(self, *, is_filling: bool) -> Viewable:
        """Lay everything out."""
        row = partial(pn.FlexBox, gap="8px 16px", stylesheets=[STYLE])
        column = partial(pn.Column, stylesheets=[STYLE])
        self.limits = row(self.rounds, self.minutes, css_classes=["line"])
        go = row(self.run, self.working, align_items="center", css_classes=["line"])
        form = (self.headings["measure_here"], self.data, self.sizes, self.engines, self.limits, go, self.ended)
        side = column(*form, self.headings["kept_runs"], self.kept, self.upload, css_classes=["side"])
        self.exports = row(self.save, *self.saves.values(), align_items="center", css_classes=["line", "exports"])
        shown = (self.failure, self.verdict, self.kinds, self.chart, self.figures, self.account, self.exports)
        main = column(*shown, css_classes=["main"], sizing_mode="stretch_width")
        head = column(self.question, self.asks, css_classes=["head"], sizing_mode="stretch_width")
        ground = pn.Row(main, side, css_classes=["ground"], stylesheets=[STYLE], sizing_mode="stretch_width")
        classes = ["timings", "filling"] if is_filling else ["timings"]
        return pn.Column(
            head, ground, css_classes=classes, stylesheets=[STYLE], sizing_mode="stretch_both" if is_filling else "stretch_width"
        )

    def _link(self) -> None:
        """Have widgets and state follow each other."""
        model = self.model
        model.param.watch(lambda event: self._runner.begin(event.new), "job")
        for name, widget in {"question": self.question, "data": self.data, "kind": self.kinds}.items():
            widget.param.watch(partial(self._take, name), "value")
        for name, slider in {"rounds": self.rounds, "minutes": self.minutes}.items():
            slider.param.watch(lambda event, name=name: model.param.update(**{name: int(event.new)}), "value")
            model.param.watch(lambda event, slider=slider: slider.param.update(value=event.new), name)
        model.param.watch(self._show_form, ["question", "data", "sizes", "chosen", "job", "ended"])
        model.param.watch(self._show_kept, ["question", "kept", "shown", "timings"])
        model.param.watch(self._show_run, ["timings", "question"])
        model.param.watch(self._show_chart, ["timings", "kind"])
        model.param.watch(self._show_error, "error")
        self.param.watch(self._relabel, "language")

    # ---- what was done

    def _take(self, name: str, event: param.parameterized.Event) -> None:
        if event.new is not None and event.new != getattr(self.model, name):
            self.model.param.update(**{name: event.new})

    def _begin(self) -> None:
        """Measure; who presses a button has a page that is drawn, so the run is followed at once."""
        self._runner.ready()
        self.model.run()

    async def _receive(self, name: str, content: bytes | None) -> None:
        """Look at a run that a visitor brought."""
        if content is None:
            self._fail(self._words("run_too_large", name=name))
        else:
            self.model.receive(name, content)

    def _file(self, form: str) -> tuple[str, bytes]:
        return self.model.file(form, self.language)

    # ---- what is shown

    @property
    def _words(self) -> TimingsWords:
        return TimingsWords(self.language)

    def _relabel(self, *events: param.parameterized.Event) -> None:
        """Say everything in the language."""
        words = self._words
        self.question.param.update(options={words(f"q_{name}"): name for name in QUESTIONS}, value=self.model.question)
        for name, heading in self.headings.items():
            heading.text = words(name)
        self.data.name, self.run.name, self.working.stop_label = words("data"), words("run"), words("stop")
        self.sizes.hint = words("sizes_note")
        self.engines.label = words("engines")
        for name, slider in {"rounds": self.rounds, "minutes": self.minutes}.items():
            slider.param.update(label=words(name), language=words.language)
        self.kept.label, self.upload.label = words("kept_runs"), words("upload_run")
        self.figures.label = words("table")
        self.account.label = words("how")
        self.save.text = words("save")
        for form, button in self.saves.items():
            button.param.update(label=words(f"format_{form}"), failed=words("export_failed"))
        for show in (self._show_form, self._show_kept, self._show_run, self._show_chart, self._show_error):
            show()
        self._show_job(self.model.job)

    def _show_form(self, *events: param.parameterized.Event) -> None:
        """Show what is asked."""
        model, words = self.model, self._words
        self.question.value = model.question
        self.asks.text = words(f"asks_{model.question}")
        names = {name: words("its_images") if name == IMAGES else words.model(name) for name in model.models}
        options = {words("generated"): "", **{words("of_archive", model=told): name for name, told in names.items()}}
        self.data.param.update(options=options, value=model.data)
        hide(self.data, is_hidden=not model.models)
        self.sizes.label = words("image_sizes" if model.question == "extraction" else "sizes")
        self.sizes.items = [[words.number(n), "", n in model.asked_sizes] for n in model.all_sizes]
        hide(self.sizes, is_hidden=bool(model.data))
        self.engines.items = [
            [name, absent.said(self.language) if (absent := engine.absent()) else "", name in model.measured]
            for name, engine in model.engines.items()
        ]
        self.run.disabled = model.job is not None
        self.ended.text = words(model.ended) if model.ended else ""
        hide(self.ended, is_hidden=not model.ended)

    def _show_job(self, job: Job | None) -> None:
        """Say how far the run has come."""
        words = self._words
        if job is None:
            self.working.param.update(text="", part=-1)
        elif not job.total:
            self.working.param.update(text=words(job.name), part=-1)
        else:
            self.working.param.update(text=words("measuring_part", done=job.done, total=job.total), part=job.done / job.total)

    def _show_error(self, *events: param.parameterized.Event) -> None:
        self._fail(self.model.error)

    def _fail(self, sentence: str) -> None:
        """Say what went wrong."""
        self.failure.text = sentence
        hide(self.failure, is_hidden=not sentence)

    def _show_kept(self, *events: param.parameterized.Event) -> None:
        """List the runs of the question."""
        model, words = self.model, self._words
        shown = [one.name for one in model.looked_at]

        def entry(one: Kept) -> list[Any]:
            is_shown = one.name in shown
            is_alone = is_shown and len(shown) == 1
            word = "take_from_beside" if is_shown else "set_beside"
            return [
                words.sized(model.sizes_of(one), model.question),
                words.run(one.timings.machine),
                is_shown,
                "" if is_alone else words(word, name=one.name),
            ]

        self.kept.runs = [entry(one) for one in model.listed]

    def _show_run(self, *events: param.parameterized.Event) -> None:
        """Show what came out, all figures, and how they were taken."""
        words, shown = self._words, self.model.timings
        if shown is None:
            self.verdict.param.update(text=words("never_measured"), note=words("measure_first", run=words("run")), warning="")
            self.figures.table = {"columns": [], "rows": [], "apart": [], "apart_label": ""}
            self.account.facts = []
        else:
            told, machines = Told.of(shown, words), list(shown.machines.values())
            called = [f"{letter}: " if len(machines) > 1 else "" for letter in letters(shown).values()]
            text, of = told.verdict()
            runs = [letter + words.run(machine) for letter, machine in zip(called, machines, strict=True)]
            note = "\n".join([f"{shown.title(self.language)}. {of}".strip(), *runs])
            busy = [letter + words.busy(machine) for letter, machine in zip(called, machines, strict=True) if machine["busy"]]
            self.verdict.param.update(text=text, note=note, warning=" ".join([*busy, words("not_quoted")] if busy else []))
            self.account.sentences = [*shown.how(self.language), words("how_not")]
            self.figures.table = told.table()
            self.account.facts = [words.facts(machine, shown.asked, letter) for letter, machine in zip(called, machines, strict=True)]
        hide(self.exports, is_hidden=shown is None)

    def _show_chart(self, *events: param.parameterized.Event) -> None:
        """Draw what is looked at."""
        model, words = self.model, self._words
        kinds = model.kinds
        kind = model.kind if model.kind in kinds else next(iter(kinds), "")
        quality = words(OF_QUALITY[model.timings.quality]).lower() if model.timings is not None else ""
        options = {words(OF_KIND[name], quality=quality): name for name in (kinds or KINDS)}
        self.kinds.param.update(options=options, value=kind or KINDS[0])
        hide(self.kinds, is_hidden=len(kinds) < 2)
        drawn = model.timings.plot(kind, self.language) if kind and model.timings is not None else None
        self.chart.object = None if drawn is None else drawn.opts(**FITTED, **self._titled(kind))
        hide(self.chart, is_hidden=not kind)

    def _titled(self, kind: str) -> dict[str, str]:
        """Return no title for a chart of all that is looked at, for it has one above; that of one size of several says which."""
        is_whole = kind == "growth" or len({row.n for row in self.model.timings.rows}) == 1
        return {"title": ""} if is_whole else {}
