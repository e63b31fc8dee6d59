"""The atlas: the map of an archive, and beside it what is picked out on it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray
from panel.viewable import Viewable, Viewer

from benzer_lab.archive import Archive
from benzer_lab.views.atlas_map import AtlasMap
from benzer_lab.views.atlas_model import COLORINGS, PANES, AtlasModel
from benzer_lab.views.atlas_panes import ClustersPane, ComparePane, Pane, SeasonsPane, hide, relabel_map
from benzer_lab.views.atlas_sources import Sources
from benzer_lab.views.atlas_words import AtlasWords
from benzer_lab.views.cards import Cards
from benzer_lab.views.chosen import Chosen
from benzer_lab.views.gallery import Gallery, Tile
from benzer_lab.views.inputs import Slider
from benzer_lab.views.jobs import Job
from benzer_lab.views.map import Design, Map
from benzer_lab.views.note import Note
from benzer_lab.views.profile import Profile
from benzer_lab.views.runner import Runner
from benzer_lab.views.search_model import line_of, title_of
from benzer_lab.views.search_view import CONTROLS
from benzer_lab.views.words import LANGUAGES
from benzer_lab.views.working import Working

NOTEBOOK_HEIGHT = 760  # pixels
PROFILED = ("season", "quality", "features")  # fields that the profile of a choice tells
CHOSEN_WORDS = {"go": "show_on_map", "similar": "look_alikes_here", "search": "find_look_alikes", "close": "close"}
HERE = Path(__file__).parent
STYLE = (HERE / "atlas.css").read_text(encoding="utf-8")


class Atlas(Viewer):  # type: ignore[misc]
    """The map of an archive, for a page or a notebook.

    Parameters
    ----------
    archive : Archive
        Of which; it must have features.
    routes : bool, default=False
        Whether the page's server has the routes for this very archive; pictures and points come by the websocket otherwise.
    height : int, default=760
        In pixels; 0 fills what it is put in.
    sources : Sources, optional
        What computes maps, clusters and seasons; the archive's own methods where it is left out.
    **params : object
        `language`, 'en' (default) or 'tr'.

    Raises
    ------
    InputError
        When the archive has no features yet.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word but the archive's own.")

    def __init__(
        self, archive: Archive, *, routes: bool = False, height: int = NOTEBOOK_HEIGHT, sources: Sources | None = None, **params: Any
    ) -> None:
        super().__init__(**params)
        self.model = AtlasModel(archive, sources=sources or Sources(archive))
        self._routes = routes
        self._make_components()
        self._make_widgets()
        self._layout = self._arrange(height)
        self._link()
        self._relabel()
        self._runner = Runner(self.model.finish, self._show_job)
        self._summer = Runner(self.model.finish, lambda job: None, is_patient=True)
        self._runner.begin(self.model.job)
        self._summer.begin(self.model.summing)  # of the map that the first job may have brought by now

    def __panel__(self) -> Viewable:
        """Return the layout, which is built once."""
        return self._layout

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Show the atlas in a notebook, after Panel's own scripts where they are not there yet."""
        if not pn.extension._loaded:
            pn.extension(inline=True)
        return super()._repr_mimebundle_(include, exclude)

    # ---- made once

    def _make_components(self) -> None:
        """Make what shows pictures, and what goes with them."""
        model, shared, fill = self.model, {"picture": self.model.picture, "routes": self._routes}, {"sizing_mode": "stretch_both"}
        acts: dict[str, Callable[..., Any]] = {
            "pick": model.pick,
            "lasso": model.encircle,
            "label": self._pick_label,
            "entry": self._pick_entry,
            "square": model.encircle_square,
            "clear": model.clear,
            "ready": lambda: self._runner.ready(),
            "drawn": lambda: self._summer.ready(),
        }
        self.map = Map(designs=lambda rows: self._designs(model.map, rows), act=acts, **shared, **fill)
        self.chosen = Chosen(
            act={"go": self._go, "similar": self._color_by_similarity, "group": self._pick_group, "close": partial(model.ask, "")},
            sizing_mode="stretch_width",
            **shared,
        )
        self.cards = Cards(act={"remove": self._take_away, "clear": model.clear}, sizing_mode="stretch_width")
        self.profile = Profile(pick=self._pick_value, sizing_mode="stretch_width")
        picks = dict.fromkeys(("pick", "look"), model.ask)
        self.gallery = Gallery(act=picks, tile=model.tile, css_classes=["found"], **shared, **fill)
        self._makers: dict[str, Callable[[], Pane]] = {
            "clusters": partial(ClustersPane, model, shared),
            "seasons": partial(SeasonsPane, model),
            "compare": partial(ComparePane, model, shared, self._designs),
        }
        self.panes: dict[str, Pane] = {}  # each made when it is first shown, for a browser takes long to draw all

    def _make_widgets(self) -> None:
        """Make what maps and colors are chosen with."""
        select = partial(pn.widgets.Select, stylesheets=[CONTROLS])
        self.question = {
            "model": select(width=158),
            "version": select(width=130),
            "color_by": select(width=150),
            "feature": select(width=150),
            "season": select(width=110),
        }
        self.pane = pn.widgets.RadioButtonGroup(stylesheets=[CONTROLS], css_classes=["tabs"])
        self.tile = Slider(value=self.model.tile, start=56, end=320, step=4, width=90)
        self.working = Working(stop=self.model.stop)
        self.failure = Note(is_alert=True, sizing_mode="stretch_width", css_classes=["gone"])

    def _arrange(self, height: int) -> Viewable:
        """Lay everything out."""
        row = partial(pn.FlexBox, align_items="end", gap="8px 12px", stylesheets=[STYLE])
        options = row(*self.question.values(), self.working, css_classes=["options"])
        left = pn.Column(options, self.map, css_classes=["ground"], stylesheets=[STYLE])
        head = row(self.pane, self.tile, css_classes=["options", "head"])
        parts = (head, self.failure, self.chosen, self.cards, self.profile, self.gallery)
        self.side = pn.Column(*parts, css_classes=["side"], stylesheets=[STYLE])
        extent = {"sizing_mode": "stretch_width", "height": height} if height else {"sizing_mode": "stretch_both"}
        return pn.Row(left, self.side, css_classes=["atlas"], stylesheets=[STYLE], **extent)

    def _link(self) -> None:
        """Have widgets and state follow each other."""
        model = self.model
        model.param.watch(lambda event: self._runner.begin(event.new), "job")
        model.param.watch(lambda event: self._summer.begin(event.new), "summing")
        for name, widget in self.question.items():
            widget.param.watch(partial(self._take, name), "value")
        self.pane.param.watch(lambda event: model.param.update(pane=self.pane.value), "value")
        self.tile.link(model, value="tile", bidirectional=True)
        self.tile.link(self.gallery, value="tile")
        model.param.watch(self._show_question, ["model", "version", "color_by", "feature", "season", "pane", "map"])
        model.param.watch(self._show_map, "map")
        model.param.watch(lambda event: self._show_labels(), "color_by")
        model.param.watch(self._show_colors, ["coloring", "filters"])
        model.param.watch(self._show_choice, ["map", "chosen"])
        model.param.watch(self._show_designs, ["map", "chosen", "coloring"])
        model.param.watch(self._show_profile, ["map", "chosen", "pane"])
        model.param.watch(self._show_summary, "summary")
        model.param.watch(self._show_cards, ["map", "chosen", "outline", "outline_beside", "filters"])
        model.param.watch(self._show_design, ["map", "query"])
        model.param.watch(self._show_pane, "pane")
        model.param.watch(self._show_squares, ["pane", "season", "seasons", "map"])
        model.param.watch(self._show_error, "error")
        self.param.watch(self._relabel, "language")

    # ---- what was done

    def _take(self, name: str, event: param.parameterized.Event) -> None:
        value = self.question[name].value
        if value is None or value == getattr(self.model, name):
            return
        if name == "model":
            self.model.choose_model(value)
        elif name == "version":
            self.model.choose_model(self.model.model, value)
        else:
            self.model.param.update(**{name: value})

    def _pick_label(self, place: int) -> None:
        """Pick out the cluster of a name on the map."""
        groups = list(self.model.map.groups) if self.model.map is not None else []
        if place < len(groups):
            self.model.only(cluster=groups[place])

    def _pick_entry(self, place: int) -> None:
        """Pick out what a color stands for, or no longer."""
        coloring, name = self.model.coloring, self.model.color_by
        if coloring is not None and place < len(coloring.values):
            self.model.toggle(name, coloring.values[place])

    def _pick_value(self, name: str, place: int) -> None:
        values = self._profiled().get(name, [])
        if place < len(values):
            self.model.toggle(name, values[place][0])

    def _pick_group(self) -> None:
        group = self.model.group(self.model.row)
        if group is not None:
            self.model.only(cluster=group.label)

    def _take_away(self, place: int) -> None:
        """Take away the condition of a card."""
        self._conditions()[place][1]()

    def _go(self) -> None:
        self.map.go(self.model.row)

    def _color_by_similarity(self) -> None:
        self.model.param.update(color_by="similarity", pane="designs")

    # ---- what is shown

    @property
    def _words(self) -> AtlasWords:
        return AtlasWords(self.language)

    def _relabel(self, *events: param.parameterized.Event) -> None:
        """Say everything in the language."""
        words = self._words
        self.pane.param.update(options={words(f"pane_{name}"): name for name in PANES}, value=self.model.pane)
        self.tile.param.update(label=words("tile"), language=words.language)
        self.working.stop_label = words("stop")
        for name, widget in self.question.items():
            widget.name = words(name if name != "color_by" else "colored_by")
        relabel_map(self.map, words, "map_label")
        self.chosen.param.update(labels={name: words(word) for name, word in CHOSEN_WORDS.items()}, no_picture=words("no_picture"))
        self.cards.labels = {"remove": words("remove_card"), "clear": words("clear")}
        self.profile.labels = {"palette": words("colors")}
        tools = {"look": words("choose_design"), "hint": words("choose_design")}
        self.gallery.param.update(label=words("designs_beside"), keys=words("atlas_keys"), no_picture=words("no_picture"), **tools)
        for part in self.panes.values():
            part.relabel(words)
        for show in (self._show_question, self._show_colors, self._show_cards, self._show_design, self._show_pane):
            show()
        self._show_designs(stay=True)
        self._show_labels()
        self._show_squares()
        self._show_profile()
        self._show_summary()
        self._show_job(self.model.job)

    def _show_job(self, job: Job | None) -> None:
        """Say what is being worked at, and how far it has come."""
        part = -1.0 if job is None or not job.total else job.done / job.total
        self.working.param.update(text="" if job is None else self._words(job.name), part=part)

    def _show_error(self, *events: param.parameterized.Event) -> None:
        self.failure.text = self.model.error
        hide(self.failure, is_hidden=not self.model.error)

    def _show_question(self, *events: param.parameterized.Event) -> None:
        """Show which map it is and how it is colored, and offer what else there is."""
        model, words = self.model, self._words
        names = {words.model(name): name for name in model.archive.models}
        self.question["model"].param.update(options=names, value=model.model)
        versions = model.archive.models[model.model]
        current = words("current", version=model.archive.features(model.model).version)
        self.question["version"].param.update(options={current: ""} | {name: name for name in versions}, value=model.version)
        hide(self.question["version"], is_hidden=len(versions) < 2)
        fields = model.archive.metadata.fields
        needs = {"cluster": "", "similarity": "", "newness": "season"}  # of the metadata; of others the field itself
        offered = [name for name in COLORINGS if needs.get(name, name) in ("", *fields)]
        options = {words(f"by_{name}"): name for name in dict.fromkeys([*offered, model.color_by])}
        self.question["color_by"].param.update(options=options, value=model.color_by)
        features = model.features if model.color_by == "features" else []
        self.question["feature"].param.update(
            options={words.value(one): one for one in features}, value=model.feature or next(iter(features), None)
        )
        hide(self.question["feature"], is_hidden=not features)
        seasons = model.all_seasons if model.pane == "seasons" or model.color_by == "newness" else []
        self.question["season"].param.update(
            options={words.value(one): one for one in seasons}, value=model.shown_season if seasons else None
        )
        hide(self.question["season"], is_hidden=not seasons)

    def _show_map(self, *events: param.parameterized.Event) -> None:
        """Show other points."""
        if self.model.map is not None:
            self.map.place(self.model.map.points)
            self.map.marked = self.model.row
            self._show_labels()

    def _show_labels(self) -> None:
        """Write the names of clusters on the map, each at its most typical design."""
        shown, words = self.model.map, self._words
        if shown is None:
            return
        labels = []
        for place, group in enumerate(shown.groups.values() if self.model.color_by == "cluster" else ()):
            row = next((row for name in group.typical if (row := shown.catalog.row(name)) >= 0), -1)
            if row >= 0:
                labels.append([row, words.group(group), place])
        self.map.labels = labels

    def _show_squares(self, *events: param.parameterized.Event) -> None:
        """Mark the white space of the season that is looked at."""
        words = self._words
        self.map.squares = [[*square, words("earlier_here", images=words.images(n))] for *square, n in self.model.squares]

    def _show_colors(self, *events: param.parameterized.Event) -> None:
        """Color the points and say what the colors mean."""
        coloring, model, words = self.model.coloring, self.model, self._words
        if coloring is None or model.map is None or len(coloring.codes) != len(model.map):
            return
        title = words(f"by_{model.color_by}")
        if coloring.scale == "number":
            if model.color_by == "similarity" and model.row < 0:
                legend: dict[str, Any] = {"title": words("choose_first")}
            else:
                legend = {"title": title, "low": words.number(coloring.low, 2), "high": words.number(coloring.high, 2)}
        else:
            name = model.color_by
            kept = model.filters.get(name, [])
            entries = [
                [words.value_of(model.map, name, value), code, words.number(n), value in kept]
                for code, (value, n) in enumerate(zip(coloring.values, coloring.counts, strict=True))
            ]
            legend = {
                "title": title,
                "entries": entries,
                "others": [words("all_others"), words.number(coloring.n_other)] if coloring.n_other else None,
            }
        self.map.color(coloring.codes, scale=coloring.scale, legend=legend)

    def _show_choice(self, *events: param.parameterized.Event) -> None:
        """Let what is picked out stand out on the map."""
        if self.model.map is not None:
            self.map.show(self.model.chosen)

    def _show_designs(self, *events: param.parameterized.Event, stay: bool = False) -> None:
        """List the designs that are picked out."""
        model, words, gallery = self.model, self._words, self.gallery
        shown, rows, numbers = model.map, model.rows, model.numbers
        gallery.notice = "" if len(rows) or shown is None else words("nothing_chosen")

        def tiles(start: int, stop: int) -> list[Tile]:
            some = rows[start:stop]
            badges = ["" if numbers is None or not np.isfinite(numbers[row]) else words.number(float(numbers[row]), 2) for row in some]
            return [(*design, badge) for design, badge in zip(self._designs(shown, some), badges, strict=True)]

        gallery.show(len(rows), tiles, stay=stay)

    def _show_profile(self, *events: param.parameterized.Event) -> None:
        """Count what the designs are that are picked out."""
        model, words, shown = self.model, self._words, self.model.map
        if shown is None or model.pane != "designs":
            return
        self.profile.fields = [
            {
                "name": name,
                "label": words.field(name),
                "values": [
                    [words.value_of(shown, name, value), picked, n, words.part(picked, n), value in model.filters.get(name, [])]
                    for value, picked, n in values
                ],
            }
            for name, values in self._profiled().items()
        ]

    def _show_summary(self, *events: param.parameterized.Event) -> None:
        """Tell what they have in common; it comes a moment later."""
        summary, words = self.model.summary, self._words
        if summary is not None:
            palette = [[color, share, f"{color} · {words.share(share)}"] for color, share in summary.palette]
            self.profile.param.update(palette=palette, facts=words.facts(summary))

    def _profiled(self) -> dict[str, list[tuple[Any, int, int]]]:
        """Return the values that the profile tells, by field: seasons in turn, of others those that are picked out most."""
        facets = self.model.facets()
        told = {name: facets[name] for name in PROFILED if name in facets}
        return {name: values if name == "season" else sorted(values, key=lambda one: -one[1]) for name, values in told.items()}

    def _conditions(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what each card says, and what takes it away."""
        model, words = self.model, self._words
        found: list[tuple[str, Callable[[], None]]] = []
        if model.outline or model.outline_beside:
            found.append((words("outlined"), lambda: model.param.update(outline=[], outline_beside=[])))
        for name, values in model.filters.items():
            for value in values:
                text = words.value_of(model.map, name, value) if model.map is not None else str(value)
                found.append((f"{words.field(name)}: {text}", partial(model.toggle, name, value)))
        return found

    def _show_cards(self, *events: param.parameterized.Event) -> None:
        """Say how many are picked out, and by what."""
        model, words = self.model, self._words
        n, total = model.n_chosen, 0 if model.map is None else len(model.map)
        caption = words("of_images", n=n, images=words.images(total)) if model.chosen is not None else words.images(total)
        self.cards.param.update(caption=caption if total else "", cards=[text for text, _ in self._conditions()])

    def _show_design(self, *events: param.parameterized.Event) -> None:
        """Show the chosen design, and mark it on the map and in the list."""
        model, words, row = self.model, self._words, self.model.row
        self.map.marked = row
        self.gallery.selected = model.query
        hide(self.chosen, is_hidden=row < 0)
        if row < 0:
            self.chosen.show(None)
            return
        [(name, key, title, note)] = self._designs(model.map, np.array([row]))
        group = model.group(row)
        link = f"search?{urlencode({'query': name, 'model': model.model, 'language': self.language})}" if self._routes else ""
        self.chosen.show(
            {"mark": name, "key": key, "title": title, "note": note, "group": words.group(group) if group else "", "link": link}
        )

    def _show_pane(self, *events: param.parameterized.Event) -> None:
        """Show what stands beside the map."""
        pane = self.model.pane
        self.pane.value = pane
        hide(self.profile, is_hidden=pane != "designs")
        if pane in self._makers and pane not in self.panes:
            self.panes[pane] = self._makers[pane]()
            self.panes[pane].relabel(self._words)
            self.side.insert(-1, self.panes[pane].layout)
        for name, part in self.panes.items():
            hide(part.layout, is_hidden=pane != name)
        hide(self.gallery, is_hidden=pane == "clusters")
        self.side.css_classes = ["side", "wide"] if pane == "compare" else ["side"]

    def _designs(self, shown: AtlasMap | None, rows: NDArray[np.int64]) -> list[Design]:
        """Return what is shown of the designs of some rows."""
        if shown is None:
            return []
        names = [shown.filenames[row] for row in rows]
        records = shown.metadata.records(rows)
        return [(name, self.model.key(name), title_of(name, record), line_of(record)) for name, record in zip(names, records, strict=True)]
