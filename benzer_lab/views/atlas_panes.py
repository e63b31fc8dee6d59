"""What stands beside the map: the clusters and how many of them, the seasons, another map."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray
from panel.viewable import Viewable

from benzer_lab.views.atlas_map import AtlasMap, Group
from benzer_lab.views.atlas_model import AtlasModel
from benzer_lab.views.atlas_words import AtlasWords
from benzer_lab.views.cluster_list import ClusterList
from benzer_lab.views.coloring import OTHER
from benzer_lab.views.curve import Curve
from benzer_lab.views.heat import Heat
from benzer_lab.views.inputs import Slider
from benzer_lab.views.map import Design, Map
from benzer_lab.views.note import Note
from benzer_lab.views.search_view import CONTROLS

MOST_CLUSTERS = 60  # of the slider
MOST_ROWS = 40  # of the table of seasons
PICTURES = 5  # of each cluster
MAP_WORDS = ("move", "lasso", "whole", "nearer", "farther", "keys", "hint", "unsupported")
STYLE = (Path(__file__).parent / "atlas.css").read_text(encoding="utf-8")


def hide(part: Viewable, *, is_hidden: bool) -> None:
    """Hide a part of the page, or show it again; what Bokeh itself makes invisible it no longer draws, and fails to change."""
    kept = [name for name in part.css_classes if name != "gone"]
    part.css_classes = [*kept, "gone"] if is_hidden else kept


def relabel_map(one: Map, words: AtlasWords, label: str) -> None:
    """Say everything of a map in a language; `label` is the word for what it shows."""
    told = {name: words(f"map_{name}") for name in MAP_WORDS}
    one.param.update(words=told | {"label": words(label)}, no_picture=words("no_picture"))


class ClustersPane:
    """The clusters of the map, and a curve to choose their number from.

    Parameters
    ----------
    model : AtlasModel
        Of the page.
    shared : dict
        What components with pictures are made with.
    """

    def __init__(self, model: AtlasModel, shared: dict[str, Any]) -> None:
        self._model, self._words = model, AtlasWords("en")
        self.number = Slider(value=model.n_clusters, start=2, end=MOST_CLUSTERS, step=1, width=220)
        self.again = pn.widgets.Button(stylesheets=[CONTROLS], on_click=lambda event: model.recluster(int(self.number.value)))
        self.auto = pn.widgets.Button(stylesheets=[CONTROLS], on_click=lambda event: model.recluster(0))
        self.reason = Note(sizing_mode="stretch_width")
        self.curve = Curve(choose=model.recluster, sizing_mode="stretch_width")
        self.groups = ClusterList(pick=self._pick, sizing_mode="stretch_both", css_classes=["fill"], **shared)
        choice = pn.FlexBox(
            self.number, self.again, self.auto, align_items="end", gap="8px 12px", css_classes=["options"], stylesheets=[STYLE]
        )
        parts = (choice, self.curve, self.reason, self.groups)
        self.layout = pn.Column(*parts, css_classes=["pane", "clusters"], stylesheets=[STYLE], sizing_mode="stretch_both")
        model.param.watch(self._show, ["map", "filters"])
        model.param.watch(self._show_curve, ["curve", "map"])

    def relabel(self, words: AtlasWords) -> None:
        """Say everything in a language."""
        self._words = words
        self.number.param.update(label=words("n_clusters"), language=words.language)
        self.again.name, self.auto.name = words("cluster_again"), words("cluster_auto")
        self.groups.param.update(label=words("by_cluster"), no_picture=words("no_picture"))
        self.curve.labels = {"clusters": words("k_clusters", k="{k}")}
        self._show()
        self._show_curve()

    def _pick(self, place: int) -> None:
        groups = list(self._model.map.groups.values()) if self._model.map is not None else []
        if place < len(groups):
            self._model.toggle("cluster", groups[place].label)

    def _show(self, *events: param.parameterized.Event) -> None:
        """List the clusters."""
        shown, words = self._model.map, self._words
        if shown is None:
            return
        kept = self._model.filters.get("cluster", [])
        names: dict[str | None, str] = {}
        told = []
        for place, group in enumerate(shown.groups.values()):
            keys = {self._model.key(name): name for name in group.typical[:PICTURES]}
            names |= keys
            told.append(
                {
                    "text": words.group(group),
                    "count": words.number(group.n),
                    "color": place,
                    "note": ", ".join(str(trait.feature) for trait in group.traits),
                    "palette": [list(color) for color in group.palette],
                    "pictures": [key for key in keys if key],
                    "chosen": group.label in kept,
                }
            )
        self.groups.show(told, names)
        if shown.groups:
            self.number.value = len(shown.groups)
        self.reason.text = shown.grouping.reasons.get(words.language, "") if shown.grouping is not None else ""

    def _show_curve(self, *events: param.parameterized.Event) -> None:
        """Draw how good each number of clusters is."""
        curve, words = self._model.curve, self._words
        if curve is None:
            self.curve.curve = {"ks": [], "lines": [], "chosen": 0}
            return
        lines = []
        for name, (values, errors) in curve.lines.items():
            told = [words("k_measured", k=k, value=words.number(value, 3)) for k, value in zip(curve.ks, values, strict=True)]
            lines.append({"name": words(f"measure_{name}"), "values": values, "errors": errors, "best": curve.best, "told": told})
        chosen = len(self._model.map.groups) if self._model.map is not None else 0
        self.curve.curve = {"ks": list(curve.ks), "lines": lines, "chosen": chosen}


class SeasonsPane:
    """What share of each cluster each season takes, and where a season has nothing that earlier ones had.

    Parameters
    ----------
    model : AtlasModel
        Of the page.
    """

    def __init__(self, model: AtlasModel) -> None:
        self._model, self._words = model, AtlasWords("en")
        self.heat = Heat(act={"cell": self._pick_cell, "row": self._pick_row, "column": self._pick_column}, sizing_mode="stretch_width")
        self.told = Note(sizing_mode="stretch_width")
        self.newest = pn.widgets.Button(stylesheets=[CONTROLS], on_click=lambda event: self._show_newest())
        self.layout = pn.Column(
            self.told, self.newest, self.heat, css_classes=["pane", "seasons"], stylesheets=[STYLE], sizing_mode="stretch_width"
        )
        model.param.watch(self._show, ["seasons", "season", "map"])

    def relabel(self, words: AtlasWords) -> None:
        """Say everything in a language."""
        self._words = words
        self.heat.param.update(label=words("season_shares"), white=words("white_space"))
        self.newest.name = words("show_newest")
        self._show()

    @property
    def _labels(self) -> list[int]:
        """The clusters of the table, the largest first."""
        return list(self._model.map.groups)[:MOST_ROWS] if self._model.map is not None else []

    def _pick_cell(self, row: int, column: int) -> None:
        self._model.only(cluster=self._labels[row], season=self._model.all_seasons[column])

    def _pick_row(self, row: int) -> None:
        self._model.only(cluster=self._labels[row])

    def _pick_column(self, column: int) -> None:
        self._model.season = self._model.all_seasons[column]
        self._model.only(season=self._model.all_seasons[column])

    def _show_newest(self) -> None:
        """List the designs of the season, those first that are least like anything before."""
        self._model.only(season=self._model.shown_season)
        self._model.color_by = "newness"

    def _show(self, *events: param.parameterized.Event) -> None:
        """Fill the table."""
        model, words, found = self._model, self._words, self._model.seasons
        if found is None or model.map is None:
            self.heat.table = {"columns": [], "rows": [], "cells": [], "chosen": -1}
            self.told.text = "" if model.map is None or model.all_seasons else words("no_seasons")
            return
        unused = {season: set(found.unused(season)) for season in model.all_seasons}
        seasons, groups = model.all_seasons, [model.map.groups[label] for label in self._labels]
        most = max((found.share(group.label, season) for group in groups for season in seasons), default=0) or 1

        def cell(group: Group, season: Any) -> list[Any]:
            share, n = found.share(group.label, season), found.count(group.label, season)
            told = words(
                "share_of", season=words.value(season), share=words.share(share), cluster=words.group(group), images=words.images(n)
            )
            return [share / most, words.share(share), told, group.label in unused[season]]

        self.heat.table = {
            "columns": [words.value(season) for season in seasons],
            "rows": [[words.group(group), min(place, OTHER)] for place, group in enumerate(groups)],
            "cells": [[cell(group, season) for season in seasons] for group in groups],
            "chosen": seasons.index(model.shown_season),
        }
        season = model.shown_season
        white = [words.group(model.map.groups[label]) for label in found.unused(season) if label in model.map.groups]
        told = [words("white_clusters", season=words.value(season), clusters=", ".join(f"“{name}”" for name in white))] if white else []
        n = len(model.squares)
        told.append(words("white_squares" if n else "no_white", season=words.value(season), n=n))
        self.told.text = " ".join(told)


class ComparePane:
    """Another map of the same designs, on which the same ones stand out.

    Parameters
    ----------
    model : AtlasModel
        Of the page.
    shared : dict
        What components with pictures are made with.
    designs : callable
        Gives what is shown of some rows of a map.
    """

    def __init__(
        self, model: AtlasModel, shared: dict[str, Any], designs: Callable[[AtlasMap | None, NDArray[np.int64]], list[Design]]
    ) -> None:
        self._model, self._words = model, AtlasWords("en")
        acts: dict[str, Callable[..., Any]] = {"lasso": partial(model.encircle, beside=True), "pick": self._pick, "clear": model.clear}
        self.map = Map(
            designs=lambda rows: designs(model.beside, rows), act=acts, sizing_mode="stretch_both", css_classes=["fill"], **shared
        )
        self.other = pn.widgets.Select(width=220, stylesheets=[CONTROLS])
        self.layout = pn.Column(self.other, self.map, css_classes=["pane", "compare"], stylesheets=[STYLE], sizing_mode="stretch_both")
        self.other.param.watch(self._take, "value")
        model.param.watch(self._show_places, ["model", "version", "other"])
        model.param.watch(self._show_map, "beside")
        model.param.watch(self._show_colors, ["coloring", "beside"])
        model.param.watch(self._show_choice, ["chosen", "beside"])
        model.param.watch(self._mark, "query")

    def relabel(self, words: AtlasWords) -> None:
        """Say everything in a language."""
        self._words = words
        self.other.name = words("compared_with")
        relabel_map(self.map, words, "map_beside")
        for show in (self._show_places, self._show_map, self._show_colors, self._show_choice):
            show()

    def _mark(self, *events: param.parameterized.Event) -> None:
        """Mark the chosen design."""
        beside = self._model.beside
        self.map.marked = beside.catalog.row(self._model.query) if beside is not None and self._model.query else -1

    def _pick(self, row: int) -> None:
        if self._model.beside is not None:
            self._model.ask(self._model.beside.filenames[row])

    def _take(self, event: param.parameterized.Event) -> None:
        if event.new and event.new != self._model.compared:
            self._model.other = event.new

    def _show_places(self, *events: param.parameterized.Event) -> None:
        """Offer what the map can be compared with."""
        words, model = self._words, self._model
        others = [place for place in model.places if place != model.own_place]
        names = {" ".join([words.model(place.partition(" ")[0]), place.partition(" ")[2]]).strip(): place for place in others}
        self.other.param.update(options=names, value=model.compared or None)

    def _show_map(self, *events: param.parameterized.Event) -> None:
        if self._model.beside is not None:
            self.map.place(self._model.beside.points)
            self._mark()

    def _show_colors(self, *events: param.parameterized.Event) -> None:
        """Color each design as on the map, so that it is found again."""
        codes = self._model.codes_beside
        if codes is not None and self._model.coloring is not None:
            self.map.color(codes, scale=self._model.coloring.scale, legend={})

    def _show_choice(self, *events: param.parameterized.Event) -> None:
        if self._model.beside is not None:
            self.map.show(self._model.chosen_beside)


Pane = ClustersPane | SeasonsPane | ComparePane
