"""The state of the atlas: which map is shown, how it is colored, what is picked out on it, and what the page is working at."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from benzer_lab._engine import BLOCK_ROWS
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError, ImageError
from benzer_lab.features import unit
from benzer_lab.filters import count_values
from benzer_lab.palettes import common_palette, palette_of
from benzer_lab.views import atlas_address
from benzer_lab.views.atlas_address import FIELDS
from benzer_lab.views.atlas_map import AtlasMap, Group
from benzer_lab.views.atlas_seasons import MOST_SQUARES, Seasons
from benzer_lab.views.atlas_sources import Curve, Sources
from benzer_lab.views.coloring import NONE, OTHER, Coloring, by_number
from benzer_lab.views.jobs import Job, Progress

log = logging.getLogger(__name__)

PANES = ("designs", "clusters", "seasons", "compare")
COLORINGS = ("cluster", "season", "quality", "features", "similarity", "newness")
EDGE = 2e-4  # of the map, so that a point on the border of a square is in it
PALETTES = 24  # images of a choice whose colors are looked at

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Summary:
    """What designs that are picked out have in common.

    Parameters
    ----------
    n_designs : int
        Different designs among them.
    palette : list of (hex, share)
        Their colors; empty where no image can be read.
    alike : float or None
        How similar two of them are on average, from 0 to 1.
    trustworthiness : float or None
        Of the map, from 0 to 1.
    """

    n_designs: int
    palette: list[tuple[str, float]]
    alike: float | None
    trustworthiness: float | None


class AtlasModel(param.Parameterized):  # type: ignore[misc]
    """A map of an archive and what a visitor has picked out on it.

    Whatever takes long is put into `job`; who shows the model runs it beside the page, and calls `finish`.

    Parameters
    ----------
    archive : Archive
        Of which; it must have features.
    sources : Sources, optional
        What computes maps, clusters and seasons; the archive's own methods where it is left out.
    **params : object
        The parameters below.
    """

    model = param.String(doc="By which model designs lie beside each other.")
    version = param.String(doc="Which version of the model; empty is the current one.")
    n_clusters = param.Integer(default=0, bounds=(0, 1000), doc="How many clusters; 0 leaves it to the archive.")
    color_by = param.Selector(default="cluster", objects=list(COLORINGS), doc="What the colors of the points say.")
    feature = param.String(doc="Which feature is colored, where features are.")
    query = param.String(doc="File name of the chosen design; empty while there is none.")
    outline = param.List(default=[], doc="What is encircled on the map: x and y in turn.")
    outline_beside = param.List(default=[], doc="What is encircled on the map that it is compared with.")
    filters = param.Dict(default={}, doc="Field to a list of values, of which any is enough.")
    pane = param.Selector(default=PANES[0], objects=list(PANES), doc="What stands beside the map.")
    season = param.String(doc="The season that is looked at; empty is the latest.")
    other = param.String(doc="What is compared with: 'model' or 'model version'; empty is the next one.")
    tile = param.Integer(default=104, bounds=(56, 320), doc="Width of a tile beside the map in pixels, about.")

    map = param.ClassSelector(class_=AtlasMap, constant=True, doc="The map; None until it is there.")
    beside = param.ClassSelector(class_=AtlasMap, constant=True, doc="The map that it is compared with, where one is.")
    chosen = param.Parameter(constant=True, doc="Rows of the map that are picked out, as a mask; None is all.")
    coloring = param.ClassSelector(class_=Coloring, constant=True, doc="The colors of the points; None until they are there.")
    curve = param.ClassSelector(class_=Curve, constant=True, doc="How good each number of clusters is; None until it was asked for.")
    seasons = param.ClassSelector(class_=Seasons, constant=True, doc="What the seasons are to each other; None until it was asked for.")
    summary = param.ClassSelector(
        class_=Summary, constant=True, doc="What the designs that are picked out have in common; None until it is there."
    )
    summing = param.ClassSelector(class_=Job, constant=True, doc="What finds `summary`; it runs beside `job`.")
    job = param.ClassSelector(class_=Job, constant=True, doc="What the page is working at.")
    error = param.String(constant=True, doc="What went wrong, in a sentence.")

    def __init__(self, archive: Archive, *, sources: Sources | None = None, **params: Any) -> None:
        self.archive = archive
        self._sources = Sources(archive) if sources is None else sources
        self._waiting: list[Job] = []
        self._numbers: tuple[object, NDArray[np.float32]] | None = None  # by which points were colored last
        super().__init__(**{"model": archive.default_model, **params})
        self._open()

    # ---- what is shown

    @property
    def place(self) -> tuple[str, str | None]:
        """Model and version of the map."""
        return self.model, self.version or None

    @property
    def places(self) -> list[str]:
        """Every model, and every version that is not the current one, as `other` names them."""
        named = []
        for model, versions in self.archive.models.items():
            current = self.archive.features(model).version
            named += [model, *(f"{model} {version}" for version in versions if version != current)]
        return named

    @property
    def row(self) -> int:
        """Row of the chosen design on the map; -1 where there is none."""
        return -1 if self.map is None or not self.query else self.map.catalog.row(self.query)

    @property
    def rows(self) -> Rows:
        """Rows that are picked out, in the order in which they are listed: the most similar or the newest first, where colors say so."""
        if self.map is None:
            return np.empty(0, np.int64)
        numbers = self.numbers
        listed: Rows = self.map.catalog.listed()
        if numbers is not None:
            listed = np.argsort(np.where(np.isfinite(numbers), -numbers, np.inf), kind="stable")
        return listed if self.chosen is None else listed[self.chosen[listed]]

    @property
    def n_chosen(self) -> int:
        """How many images are picked out."""
        return 0 if self.map is None else len(self.map) if self.chosen is None else int(self.chosen.sum())

    @property
    def numbers(self) -> NDArray[np.float32] | None:
        """The number by which each point is colored, shape (n,): similarity or newness; None where it is a category."""
        if self.coloring is None or self.coloring.scale != "number" or self._numbers is None:
            return None
        return self._numbers[1]

    def facets(self) -> dict[str, list[tuple[Any, int, int]]]:
        """Count the images of each value of the fields that can be picked by.

        Returns
        -------
        dict of str to list of (value, n_chosen, n)
            How many of those that are picked out have it, of how many in all; in the order in which values are told.
        """
        if self.map is None:
            return {}
        metadata = self.map.metadata
        counted = count_values(metadata, {}, FIELDS, caller="facets")
        told = {}
        for name in counted:
            total = {value: n for value, n, _ in counted[name]}
            codes = metadata.codes(name)
            rows = np.arange(len(codes.codes)) if codes.parents is None else codes.parents
            kept = codes.codes >= 0 if self.chosen is None else (codes.codes >= 0) & self.chosen[rows]
            found = dict(zip(codes.values, np.bincount(codes.codes[kept], minlength=len(codes.values)).tolist(), strict=True))
            told[name] = [(value, found[value], total[value]) for value in self.map.values(name)]
        return told

    @param.depends("map", "chosen", "pane", watch=True)  # type: ignore[untyped-decorator]
    def _sum_up(self) -> None:
        """Have it found what the designs that are picked out have in common, where that is shown."""
        shown, chosen = self.map, self.chosen
        if shown is None or self.pane != PANES[0]:
            return
        if self.summing is not None:
            self.summing.stop()
        job = Job("summing_up", lambda progress: self._summed(shown, chosen), lambda found: self._set(summary=found))
        self._set(summing=job)

    def _summed(self, shown: AtlasMap, chosen: Mask | None) -> Summary:
        """Return what some designs have in common; in a thread of its own."""
        rows = np.arange(len(shown)) if chosen is None else np.flatnonzero(chosen)
        some = rows[np.linspace(0, len(rows) - 1, min(len(rows), PALETTES)).astype(int)] if len(rows) else rows
        palettes = [palette_of(picture) for row in some if (picture := self.picture(shown.filenames[row]))]
        n_designs = len(np.unique(shown.catalog.metadata.designs[rows]))
        trust = shown.layout.trustworthiness
        return Summary(n_designs, common_palette(palettes), self._alike(shown, rows), None if trust is None else float(trust))

    def _alike(self, shown: AtlasMap, rows: Rows) -> float | None:
        """Return how similar two of some rows are on average: from the length of the mean of unit rows."""
        if len(rows) < 2:
            return None
        features = self.archive.searcher(*shown.place).features
        at = features.rows(shown.catalog.filenames) if tuple(features.filenames) != shown.filenames else np.arange(len(shown))
        n, total = len(rows), np.zeros(features.x.shape[1])
        for start in range(0, n, BLOCK_ROWS):
            total += unit(features.x[at[rows[start : start + BLOCK_ROWS]]]).sum(axis=0)
        return float((1 + (total @ total - n) / (n * (n - 1))) / 2)

    def address(self) -> dict[str, str]:
        """Return what the address of the page has to hold to show the same again."""
        return atlas_address.written(self)

    def restore(self, given: Mapping[str, str], *, again: bool = False) -> None:
        """Show what an address holds.

        Parameters
        ----------
        given : mapping of str to str
            As `address` returned it; what cannot be read is left as it is on a page that was just opened.
        again : bool, default=False
            Whether the visitor comes back to it; without effect here.
        """
        self.param.update(**atlas_address.read(self, given))

    # ---- what is picked out

    def ask(self, filename: str) -> None:
        """Choose a design, or none.

        Parameters
        ----------
        filename : str
            Its name; empty for none.
        """
        self.query = filename

    def pick(self, row: int) -> None:
        """Choose the design of a point."""
        if self.map is not None and 0 <= row < len(self.map):
            self.ask(self.map.filenames[row])

    def encircle(self, outline: NDArray[np.float64], *, beside: bool = False) -> None:
        """Pick out what lies within an outline.

        Parameters
        ----------
        outline : ndarray of shape (k, 2)
            Its corners in turn.
        beside : bool, default=False
            Whether it was drawn on the map that this one is compared with: its designs are then picked out on both.
        """
        corners = [float(part) for part in np.round(outline, 4).ravel()]
        self.param.update(outline=[] if beside else corners, outline_beside=corners if beside else [])

    def toggle(self, name: str, value: Any) -> None:
        """Pick out the images that have a value in a field, or no longer.

        Parameters
        ----------
        name : str
            The field.
        value : object
            One of its values.
        """
        values = self.filters.get(name, [])
        kept = [one for one in values if one != value] if value in values else [*values, value]
        self.filters = {field: chosen for field, chosen in (self.filters | {name: kept}).items() if chosen}

    def only(self, **filters: Any) -> None:
        """Pick out by these values alone, each of another field, and by no outline."""
        self.param.update(filters={name: [value] for name, value in filters.items()}, outline=[], outline_beside=[])

    def encircle_square(self, place: int) -> None:
        """Pick out what lies in a square of white space.

        Parameters
        ----------
        place : int
            Which of `squares`.
        """
        if place < len(self.squares):
            left, bottom, right, top = self.squares[place][:4]
            self.param.update(outline=[left, bottom, right, bottom, right, top, left, top], outline_beside=[], filters={})

    @property
    def squares(self) -> list[tuple[float, float, float, float, int]]:
        """White space of the season that is looked at: left, bottom, right and top on the map, and how many earlier designs lie there."""
        if self.pane != "seasons" or self.seasons is None or self.shown_season is None:
            return []
        space = self.seasons.white_space(self.shown_season)
        wide = space.squares[:MOST_SQUARES] + np.array([-EDGE, -EDGE, EDGE, EDGE])
        return [(*square, len(rows)) for square, rows in zip(wide.round(4).tolist(), space.rows, strict=False)]

    def clear(self) -> None:
        """Pick out nothing any more."""
        self.param.update(filters={}, outline=[], outline_beside=[], query="")

    def choose_model(self, model: str, version: str = "") -> None:
        """Show another model or version; an outline says nothing of another map, nor do clusters."""
        filters = {name: values for name, values in self.filters.items() if name != "cluster"}
        self.param.update(model=model, version=version, outline=[], outline_beside=[], filters=filters)

    def group(self, row: int) -> Group | None:
        """Return the cluster of a row, where it has one."""
        if self.map is None or row < 0 or "cluster" not in self.map.metadata.fields:
            return None
        groups: dict[int, Group] = self.map.groups
        return groups.get(self.map.metadata.records(np.array([row]), ["cluster"])[0]["cluster"])

    # ---- pictures, as galleries ask for them

    def key(self, filename: str) -> str | None:
        """Return the address of an image's picture; None where there is no such image."""
        return self.archive.thumbnails.key(filename) if self.archive.images is not None else None

    def picture(self, filename: str, size: str = "small") -> bytes | None:
        """Return a picture of an image as WebP; None where the image is gone or broken."""
        with suppress(ImageError):
            return self.archive.thumbnails.get(filename, size) if self.key(filename) else None
        return None

    # ---- long work, one after the other

    def finish(self, job: Job, result: Any = None, error: Exception | None = None) -> None:
        """Take what a job has brought; the next one then begins.

        Parameters
        ----------
        job : Job
            It has ended.
        result : object
            What it returned.
        error : Exception, optional
            What it raised.
        """
        self._waiting = [other for other in self._waiting if other is not job]
        try:
            if error is None and not job.is_stopped:
                self._set(error="")
                job.take(result)
            elif error is not None and not job.is_stopped:
                self._set(error=_sentence(error))
        finally:
            if job is self.job:
                self._set(job=self._waiting[0] if self._waiting else None)

    def stop(self) -> None:
        """Stop what the page is working at."""
        if self.job is not None:
            self.job.stop()
            self.finish(self.job)

    def _begin(self, name: str, work: Callable[[Progress], Any], take: Callable[[Any], None]) -> None:
        """Have something done after what is being done; of the same name only the last is."""
        for job in self._waiting:
            if job.name == name:
                job.stop()
        self._waiting = [*(job for job in self._waiting if not job.is_stopped), Job(name, work, take)]
        if self.job is None or self.job.is_stopped:
            self._set(job=self._waiting[0])

    def recluster(self, n_clusters: int) -> None:
        """Find other clusters.

        Parameters
        ----------
        n_clusters : int
            How many; 0 leaves it to the archive.
        """
        self.n_clusters = n_clusters

    def find_curve(self) -> None:
        """Find how good each number of clusters would be."""
        shown = self.map
        if shown is not None:
            self._begin("choosing", lambda progress: self._sources.curve(shown, progress), lambda curve: self._set(curve=curve))

    @param.depends("model", "version", watch=True)  # type: ignore[untyped-decorator]
    def _open(self) -> None:
        """Have the map made, or loaded where it is kept."""
        place, n_clusters = self.place, self.n_clusters
        self._set(curve=None, seasons=None)

        def work(progress: Progress) -> AtlasMap:
            made = self._sources.map(*place, progress)
            made.catalog.listed()  # while nobody waits
            return made

        def take(made: AtlasMap) -> None:
            self._show(made)
            self._group(n_clusters)
            self._compare()

        self._begin("laying_out", work, take)

    @param.depends("n_clusters", watch=True)  # type: ignore[untyped-decorator]
    def _recluster(self) -> None:
        if self.map is not None:
            self._group(self.n_clusters)

    def _group(self, n_clusters: int) -> None:
        """Have the clusters found; the map is there meanwhile."""
        shown: AtlasMap = self.map

        def work(progress: Progress) -> AtlasMap:
            return self._sources.regrouped(shown, n_clusters, progress)

        def take(made: AtlasMap) -> None:
            filters = {name: values for name, values in self.filters.items() if name != "cluster" or not shown.groups}
            self.filters = filters
            self._set(seasons=None)
            self._show(made)
            self._look_at_seasons()
            self._look_at_numbers()

        self._begin("clustering", work, take)

    def _show(self, made: AtlasMap) -> None:
        """Show a map, with what is picked out of it."""
        with param.parameterized.batch_call_watchers(self):
            self._set(map=made)
            self._choose()
            self._color()

    @param.depends("outline", "outline_beside", "filters", "beside", watch=True)  # type: ignore[untyped-decorator]
    def _choose(self) -> None:
        """Look up what is picked out."""
        if self.map is None:
            return
        try:
            chosen = self.map.selected(self.outline, self.filters)
            if self.outline_beside and self.beside is not None:
                held = self.beside.carried(self.beside.selected(self.outline_beside, {}), self.map, absent=False)
                chosen = held if chosen is None else chosen & held
        except BenzerError as error:
            self._set(chosen=None, error=_sentence(error))
        else:
            self._set(chosen=chosen)

    @param.depends("color_by", "feature", watch=True)  # type: ignore[untyped-decorator]
    def _recolor(self) -> None:
        self._color()

    @param.depends("query", watch=True)  # type: ignore[untyped-decorator]
    def _recolor_by_query(self) -> None:
        if self.color_by == "similarity":
            self._color()

    @param.depends("season", "seasons", watch=True)  # type: ignore[untyped-decorator]
    def _recolor_by_season(self) -> None:
        if self.color_by == "newness":
            self._color()

    def _color(self) -> None:
        """Color the points."""
        shown = self.map
        if shown is None:
            return
        if self.color_by == "similarity":
            self._color_by_similarity(shown)
        elif self.color_by == "newness":
            self._look_at_seasons()
            is_known = self.seasons is not None and self.seasons.shown.layout is shown.layout and self.shown_season is not None
            numbers = self.seasons.new_in(self.shown_season) if is_known else np.full(len(shown), np.nan, np.float32)
            self._numbers = ("newness", numbers)
            self._set(coloring=by_number(numbers))
        else:
            feature = (self.feature or next(iter(self.features), None)) if self.color_by == "features" else None
            self._set(coloring=shown.colored(self.color_by, feature))

    def _color_by_similarity(self, shown: AtlasMap) -> None:
        """Color by how similar each design is to the chosen one; gray where none is chosen."""
        numbers = np.full(len(shown), np.nan, np.float32)
        if self.row >= 0:
            features = self.archive.searcher(*shown.place).features
            similar = self.archive.searcher(*shown.place).similarities(self.query)
            numbers = similar[features.rows(list(shown.filenames))]
        self._numbers = (("similarity", self.query), numbers)
        self._set(coloring=by_number(numbers))

    @property
    def features(self) -> list[Any]:
        """The features that can be colored, the most frequent first."""
        counted = self.facets().get("features", [])
        return [value for value, _, _ in sorted(counted, key=lambda one: -one[2])]

    # ---- seasons

    @property
    def all_seasons(self) -> list[Any]:
        """The seasons of the map in turn."""
        return self.map.values("season") if self.map is not None and "season" in self.map.metadata.fields else []

    @property
    def shown_season(self) -> Any:
        """The season that is looked at: the latest where none is chosen; None where there are none."""
        seasons = self.all_seasons
        return self.season if self.season in seasons else seasons[-1] if seasons else None

    @param.depends("pane", watch=True)  # type: ignore[untyped-decorator]
    def _turn(self) -> None:
        self._look_at_seasons()
        self._look_at_numbers()
        self._compare()

    def _look_at_numbers(self) -> None:
        """Have it measured how good each number of clusters is, where that is asked for and not known."""
        if self.pane == "clusters" and self.curve is None:
            self.find_curve()

    def _look_at_seasons(self) -> None:
        """Have the seasons compared, where that is asked for and not done."""
        shown = self.map
        is_asked = self.pane == "seasons" or self.color_by == "newness"
        if shown is not None and is_asked and self.seasons is None and self.all_seasons:
            self._begin(
                "comparing_seasons", lambda progress: self._sources.seasons(shown, progress), lambda found: self._set(seasons=found)
            )

    # ---- two maps

    @property
    def own_place(self) -> str:
        """The map, as `other` would name it."""
        current = self.archive.features(self.model).version
        return self.model if self.version in ("", current) else f"{self.model} {self.version}"

    @property
    def compared(self) -> str:
        """What the map is compared with, as `other` names it; empty where there is no other."""
        others = [place for place in self.places if place != self.own_place]
        return self.other if self.other in others else next(iter(others), "")

    @param.depends("other", watch=True)  # type: ignore[untyped-decorator]
    def _compare(self) -> None:
        """Have the other map made, where two are compared."""
        if self.pane != "compare" or self.map is None or not self.compared:
            return
        model, _, version = self.compared.partition(" ")
        self._begin(
            "laying_out_other",
            lambda progress: self._sources.map(model, version or None, progress),
            lambda made: self._set(beside=made),
        )

    @property
    def chosen_beside(self) -> Mask | None:
        """What is picked out, as rows of the map beside: the same designs, by name."""
        if self.chosen is None or self.map is None or self.beside is None:
            return None
        mask: Mask = self.map.carried(self.chosen, self.beside, absent=False)
        return mask

    @property
    def codes_beside(self) -> NDArray[np.uint8] | None:
        """The color of each point of the map beside: that of the same design on the map."""
        if self.coloring is None or self.map is None or self.beside is None or len(self.coloring.codes) != len(self.map):
            return None
        absent = OTHER if self.coloring.scale == "category" else NONE
        codes: NDArray[np.uint8] = self.map.carried(self.coloring.codes, self.beside, absent=absent)
        return codes

    def _set(self, **constants: Any) -> None:
        """Set parameters that only the model itself may set."""
        with param.edit_constant(self):
            self.param.update(**constants)


def _sentence(error: Exception) -> str:
    """Return what the page says of an error; of one that nobody foresaw the log says more."""
    if isinstance(error, BenzerError):
        return str(error)
    log.error("The atlas could not do its work", exc_info=error)
    return f"{type(error).__name__}: {error}. The server's log has the details."
