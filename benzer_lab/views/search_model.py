"""The state of the search page: what is asked, and what was found."""

import csv
import io
import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from benzer_lab._display import cell
from benzer_lab.archive import Archive
from benzer_lab.contact_sheet import Entry, contact_sheet
from benzer_lab.errors import ArchiveError, BenzerError, ImageError, InputError
from benzer_lab.filters import count_values
from benzer_lab.hits import Hits
from benzer_lab.images import decode, opened
from benzer_lab.metadata import SHOWN
from benzer_lab.palettes import Palette
from benzer_lab.repeats import KINDS, SCALES, Repeat
from benzer_lab.search import COLOR_WEIGHT, Question
from benzer_lab.views import palette_model, search_address
from benzer_lab.views.catalog import SORTS, Catalog, OwnImage, alphabetical, catalog
from benzer_lab.views.part_model import Part, cut_out
from benzer_lab.views.search_address import FIELDS, answering

log = logging.getLogger(__name__)

ORDERS: dict[str, tuple[str, ...]] = {"repeat": KINDS, "scale": SCALES}  # of values that the alphabet would put out of their order
QUESTION = (
    "query",
    "own_image",
    "palette",
    "region",
    "colorways",
    "model",
    "version",
    "metric",
    "top_n",
    "color_weight",
    "one_per_design",
    "min_similarity",
    "filters",
)
LISTING = ("text", "sort", "per_design")
MOST_VALUES = 500  # of a field, the most frequent ones; a menu of more helps nobody
SIZE_TARGET = 16  # pixels: of an image of which only the size is wanted, as little is decoded as can be
TRAIL = 12  # earlier queries that are remembered

Rows = NDArray[np.int64]
Query = str | OwnImage | Palette
Step = Query | Part  # a query, or a part of one: what the trail remembers
Outcome = dict[str, Any]
Aside = Callable[[Callable[[], Outcome], Callable[[Outcome], None]], None]


class SearchModel(param.Parameterized):  # type: ignore[misc]
    """What is asked of an archive and what was found; every change of the question asks again.

    Parameters
    ----------
    archive : Archive
        Where to search; it must have features.
    **params : object
        The parameters below.
    """

    query = param.String(doc="File name of the chosen design; empty while there is none.")
    own_image = param.ClassSelector(class_=OwnImage, doc="One's own image, in the place of `query`.")
    palette = param.ClassSelector(class_=Palette, doc="Colors to look for, in the place of `query`.")
    region = param.List(default=[], doc="Parts of the image to look for: boxes in pixels of the upright original; none for all of it.")
    colorways = param.Boolean(doc="Whether the other colorways of `query` are shown, and nothing else that is like it.")
    model = param.String(doc="What is compared; colors are looked for by the model `color` whatever it is.")
    version = param.String(doc="Which version of the model; empty is the current one.")
    metric = param.Selector(default="", objects=["", "cosine", "l2"], doc="Measure; empty is the model's own.")
    top_n = param.Integer(default=100, bounds=(1, 1000), doc="How many look-alikes to show.")
    color_weight = param.Number(default=COLOR_WEIGHT, bounds=(0, 1), doc="Share of color where the model mixes color and pattern.")
    one_per_design = param.Boolean(default=False, doc="Whether each design comes once, as its best image.")
    min_similarity = param.Number(default=0.0, bounds=(0, 1), doc="Hits below it are cut off.")
    filters = param.Dict(default={}, doc="Field to a list of values, of which any is enough.")
    text = param.String(doc="What to find in the archive: a part of a file name or design.")
    sort = param.Selector(default=SORTS[0], objects=list(SORTS), doc="What the archive is sorted by.")
    per_design = param.Boolean(default=False, doc="Whether the archive shows each design once.")
    archive_tile = param.Integer(default=104, bounds=(56, 320), doc="Width of a tile of the archive in pixels, about.")
    hits_tile = param.Integer(default=132, bounds=(56, 320), doc="Width of a tile of the hits in pixels, about.")
    picks = param.List(default=[], doc="File names that were chosen, in the order of choosing.")

    trail = param.List(default=[], constant=True, doc="Earlier queries, the latest first: names, images of one's own, palettes, parts.")
    catalog = param.ClassSelector(class_=Catalog, constant=True, doc="The images of the archive when they were last listed.")
    found = param.Parameter(constant=True, doc="Rows of `catalog` that the archive shows, in their order.")
    hits = param.Parameter(constant=True, doc="Hits of the question, most similar first; None while there is none.")
    error = param.String(constant=True, doc="Why there are no hits, in a sentence.")
    undescribed = param.Integer(default=0, constant=True, doc="In how many images no part could be looked for, for they are not described.")
    busy = param.Boolean(default=False, constant=True, doc="Whether an answer is being looked for.")

    def __init__(self, archive: Archive, **params: Any) -> None:
        self.archive = archive
        self._lock = threading.RLock()
        self._answered: tuple[object, ...] | None = None
        self._asking = 0  # the number of the question: what is found of an earlier one comes too late
        self._at_parts = threading.Lock()
        self._sizes: dict[str, tuple[int, int]] = {}
        self._clusters: tuple[object, dict[str, dict[str, int]]] | None = None  # of the searcher that was asked last
        self.aside: Aside | None = None
        super().__init__(**{"model": archive.default_model, **params})
        self._list()
        self._search()

    @property
    def searched(self) -> tuple[str, str | None]:
        """The model and the version that answer: where colors are looked for, those of `color`."""
        return answering(self.palette, self.model, self.version)

    @property
    def current_version(self) -> str:
        """The version that is searched where none is named."""
        return self.archive.features(self.searched[0]).version

    @property
    def mixes(self) -> bool:
        """Whether the question takes a `color_weight`."""
        return "color" in (self.archive.features(*self.searched).blocks or {})

    @property
    def asked(self) -> Query | None:
        """What is looked for, if anything; where a part of it is, the whole."""
        return self.own_image or self.palette or self.query or None

    @property
    def step(self) -> Step | None:
        """What is looked for, if anything, and which part of it."""
        whole = self.asked
        if not self.region or whole is None or isinstance(whole, Palette):
            return whole
        return Part(whole, tuple(map(tuple, self.region)))

    def may_have_colorways(self, query: Query | None) -> bool:
        """Tell whether other colorways may be asked for: of an image of the archive, where pictures and patterns are known.

        Parameters
        ----------
        query : str, OwnImage, Palette or None
            What is shown.

        Returns
        -------
        bool
            Not whether there are any.
        """
        return isinstance(query, str) and self.archive.images is not None and "pattern" in self.archive.models

    def address(self) -> dict[str, str]:
        """Return what the address of the page has to hold to show the same again; what is chosen only if `links_picks`."""
        return search_address.written(self)

    @property
    def links_picks(self) -> bool:
        """Whether what is chosen is short enough for an address."""
        return search_address.links(self.picks)

    def restore(self, given: Mapping[str, str], *, again: bool = False) -> None:
        """Show what an address holds.

        Parameters
        ----------
        given : mapping of str to str
            As `address` returned it; what cannot be read is left as it is on a page that was just opened.
        again : bool, default=False
            Whether the visitor comes back to it: what was chosen since then stays chosen.
        """
        state = search_address.read(self, given)
        if again:
            state["picks"] = self.picks
        asked = state["query"] or state["palette"]
        own = None if asked else self.own_image
        if state["query"] and state["region"]:
            asked = Part(state["query"], tuple(state["region"]))
        if self.trail and asked == self.trail[0]:
            self._set(trail=self.trail[1:])
        elif self.asked and asked not in (None, self.step):
            self._remember(but=asked)
        self.change(**state, own_image=own)

    def change(self, **values: Any) -> None:
        """Change the question, one change after the other: param may lose one that comes from another thread meanwhile.

        Parameters
        ----------
        **values : object
            The parameters above that change, with their values.
        """
        with self._lock:
            self.param.update(**values)

    def choose_model(self, model: str, version: str = "") -> None:
        """Compare by another model or version; clusters of the former one say nothing of it.

        Parameters
        ----------
        model : str
            One of the archive's models.
        version : str, default=""
            One of its versions; the current one where it is left out.
        """
        filters = {field: values for field, values in self.filters.items() if field != "cluster"}
        self.change(model=model, version=version, filters=filters)

    def ask(self, query: Step) -> None:
        """Look for designs similar to one of the archive, or to an image of one's own that was asked for before.

        Parameters
        ----------
        query : str, OwnImage, Palette or Part
            A file name; empty to ask nothing.
        """
        if query != self.step:
            self._remember(but=query)
        self._put(query)
        if self.error:  # what has failed is tried again when it is asked again
            self._search()

    def ask_colorways(self, filename: str) -> None:
        """Look for the other colorways of a design, in whatever season.

        Parameters
        ----------
        filename : str
            One of its images.
        """
        if filename != self.step:
            self._remember(but=filename)
        self.change(query=filename, own_image=None, palette=None, region=[], colorways=True)

    def recolor(self, palette: Palette | None) -> None:
        """Look for other colors; of all the steps by which one palette is made, none is remembered.

        Parameters
        ----------
        palette : Palette or None
            None asks nothing.
        """
        if self.palette is not None and palette is not None:
            self._put(palette)
        else:
            self.ask(palette or "")

    def read_own(self, name: str, content: bytes) -> OwnImage:
        """Read an image of one's own; it may be done in another thread.

        Parameters
        ----------
        name : str
            What to call it.
        content : bytes
            Of the image file.

        Returns
        -------
        OwnImage
            To `ask`.

        Raises
        ------
        ImageError
            When it cannot be read, or has too many pixels.
        """
        own = OwnImage.read(name, content)
        with suppress(BenzerError):  # which `ask` tells; here the network is loaded, which takes seconds the first time
            self._embedded(own)
        return own

    def ask_again(self, mark: str) -> None:
        """Look again for one of the earlier queries.

        Parameters
        ----------
        mark : str
            What `mark_of` returns of it.
        """
        earlier = next((query for query in self.trail if mark_of(query) == mark), None)
        if earlier is not None:
            self.ask(earlier)

    def back(self) -> None:
        """Look again for what was looked for before this."""
        if self.trail:
            query, *rest = self.trail
            self._set(trail=rest)
            self._put(query)

    def refuse(self, reason: str) -> None:
        """Say why something was not even asked, in the place of the question before it.

        Parameters
        ----------
        reason : str
            A sentence for the page.
        """
        with self._lock:
            self._remember()
            self.change(query="", own_image=None, palette=None, region=[], colorways=False)
            self._set(error=reason, hits=None)

    def choose(self, filename: str) -> None:
        """Choose an image for export, or no longer.

        Parameters
        ----------
        filename : str
            Its name in the archive.
        """
        if filename in self.picks:
            self.change(picks=[name for name in self.picks if name != filename])
        elif self.catalog.row(filename) >= 0:
            self.change(picks=[*self.picks, filename])

    def facets(self) -> dict[str, list[tuple[Any, int, int]]]:
        """Count the images of each value of the fields that filters are offered for.

        Returns
        -------
        dict of str to list of (value, n_passing, n)
            By the alphabet; how many pass the filters on all other fields, of how many there are.
        """
        metadata = self.archive.searcher(*self.searched).metadata
        counted = count_values(metadata, self.filters, FIELDS, caller="facets")
        return {field: sorted(_most(values), key=lambda one: _place(field, one[0])) for field, values in counted.items()}

    def cluster_names(self, language: str) -> dict[Any, str]:
        """Return what the clusters of what is searched are called.

        Parameters
        ----------
        language : {'en', 'tr'}
            Of the names.

        Returns
        -------
        dict of int to str
            Label to name; empty where clusters come from the metadata, or there are none.
        """
        searcher = self.archive.searcher(*self.searched)  # another one as soon as clusters change
        if self._clusters is None or self._clusters[0] is not searcher:
            groups = self.archive.clusters(*self.searched) if "cluster" in searcher.metadata.fields else None
            self._clusters = searcher, groups.names if groups is not None else {}
        return {label: name for name, label in self._clusters[1].get(language, {}).items()}

    def cluster(self, query: Step) -> Any:
        """Return the cluster of an image by what is searched; None where it has none."""
        searcher = self.archive.searcher(*self.searched)
        if isinstance(query, str) and "cluster" in searcher.metadata.fields:
            with suppress(InputError):  # an image that has no features yet
                return searcher.metadata.records(searcher.features.rows([query]), ["cluster"])[0]["cluster"]
        return None

    def picture(self, mark: str, size: str = "small") -> bytes | None:
        """Return a picture of an image of the archive, or of one's own.

        Parameters
        ----------
        mark : str
            What `mark_of` returns of it.
        size : {'tiny', 'small', 'large'}, default='small'
            A tile's or a large view's.

        Returns
        -------
        bytes or None
            WebP; None where the image is gone or broken.
        """
        steps = [self.step, *self.trail]
        for own in (*steps, *(step.whole for step in steps if isinstance(step, Part))):
            if isinstance(own, str) or own is None or mark_of(own) != mark:
                continue
            if isinstance(own, OwnImage):
                return own.pictures[size]
            if isinstance(own, Palette):
                return palette_model.picture(palette_model.written(own), size)
            whole, known = self.picture(mark_of(own.whole), "large"), self.known_size(own.whole)
            return whole and known and cut_out(whole, own.boxes, known, size)
        try:
            return self.archive.thumbnails.get(mark, size) if self.key(mark) else None
        except ImageError:
            return None

    def key(self, query: Step) -> str | None:
        """Return the address of an image's picture.

        Parameters
        ----------
        query : str, OwnImage, Palette or Part
            A name in the archive, an image of one's own, colors, or a part.

        Returns
        -------
        str or None
            See `Thumbnails.key`; None where there is no such image.
        """
        if isinstance(query, Part) and self.known_size(query.whole) is None:
            query = query.whole  # its picture cannot be cut out yet
        if not isinstance(query, str):
            return mark_of(query)
        return self.archive.thumbnails.key(query) if self.archive.images is not None else None

    def known_size(self, query: Query) -> tuple[int, int] | None:
        """Return width and height of an upright original in pixels, if they were read already."""
        return query.size if isinstance(query, OwnImage) else self._sizes.get(self.key(query) or "")

    def size(self, query: str | OwnImage) -> tuple[int, int]:
        """Read width and height of an upright original; it may be done in another thread.

        Parameters
        ----------
        query : str or OwnImage
            A name in the archive, or an image of one's own.

        Returns
        -------
        tuple of int
            In pixels.

        Raises
        ------
        ImageError
            When there is no such image, or it cannot be read.
        """
        known = self.known_size(query)
        if known is None:
            assert isinstance(query, str)
            images = self.archive.images
            name, key = images.locate(query) if images is not None else None, self.key(query)
            if images is None or name is None or key is None:
                raise ImageError(f"{query!r} must be among the images, to have a part of it looked for; there is no such file.")
            known = self._sizes[key] = opened(images.read(name), target=SIZE_TARGET, caller="size")[1]
        return known

    def look_again(self) -> None:
        """Ask the same question once more: the archive may have more to answer with."""
        self._answered = None
        self._search()

    def record(self, query: Step) -> dict[str, Any]:
        """Return what is known of an image: nothing of one's own, nor of colors."""
        query = query.whole if isinstance(query, Part) else query
        return self.catalog.record(query) if isinstance(query, str) else {}

    def repeat(self, query: Query) -> Repeat | None:
        """Return the repeat unit of an image of the archive, where it was looked for."""
        with suppress(ArchiveError):  # of a torn file the metadata warn
            return self.archive.repeat(query) if isinstance(query, str) else None
        return None

    def picks_csv(self, *, comma: str = ".") -> bytes:
        """Return what was chosen as CSV for a spreadsheet, with similarities where it is among the hits.

        Parameters
        ----------
        comma : {'.', ','}, default='.'
            What stands before decimals. Where that is the comma, spreadsheets expect semicolons between columns.

        Returns
        -------
        bytes
            With a byte order mark.
        """
        similar = {} if self.hits is None else dict(zip(self.hits.filenames, self.hits.similarities.tolist(), strict=True))
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n", delimiter=";" if comma == "," else ",", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(["filename", *SHOWN, "similarity"])
        for name in self.picks:
            record = self.record(name)
            score = f"{similar[name]:.4f}".replace(".", comma) if name in similar else ""
            writer.writerow([cell(value) for value in (name, *(record.get(field) for field in SHOWN))] + [score])
        return file.getvalue().encode("utf-8-sig")

    def picks_pdf(self, title: str) -> bytes:
        """Return what was chosen as a contact sheet under a title."""

        def entry(name: str) -> Entry:
            record = self.record(name)
            return Entry(title_of(name, record), (name, line_of(record)), self.picture(name, "large"))

        return contact_sheet(map(entry, self.picks), title=title)

    def _put(self, step: Step) -> None:
        """Put a query, or a part of one, in the place of what there is."""
        query, boxes = (step.whole, list(step.boxes)) if isinstance(step, Part) else (step, [])
        own = query if isinstance(query, OwnImage) else None
        palette = query if isinstance(query, Palette) else None
        filters = self.filters
        if palette and self.model != "color":  # clusters of another model say nothing of it
            filters = {field: values for field, values in filters.items() if field != "cluster"}
        name = query if isinstance(query, str) else ""
        self.change(query=name, own_image=own, palette=palette, region=boxes, colorways=False, filters=filters)

    def _set(self, **constants: Any) -> None:
        """Set parameters that only the model itself may set."""
        with self._lock, param.edit_constant(self):
            self.param.update(**constants)

    def _remember(self, but: Step | None = None) -> None:
        """Put what is looked for on the trail."""
        step = self.step
        if step is not None:
            self._set(trail=[step, *(other for other in self.trail if other not in (step, but))][:TRAIL])

    @param.depends(*LISTING, watch=True)  # type: ignore[untyped-decorator]
    def _list(self) -> None:
        with self._lock:
            self.archive.searcher(self.model)  # a new version lists the images anew
            listed = catalog(self.archive.filenames, self.archive.metadata)
            self._set(catalog=listed, found=listed.listed(self.text, sort=self.sort, per_design=self.per_design))

    @param.depends(*QUESTION, watch=True)  # type: ignore[untyped-decorator]
    def _search(self) -> None:
        """Ask with the question as it is now; the lock keeps an older answer from following a newer one."""
        with self._lock:
            question = tuple(json.dumps(value) if isinstance(value, dict) else value for value in (getattr(self, q) for q in QUESTION))
            if question == self._answered:  # of several changes at once, such as a slider's, the first call answered the last
                return
            self._asking += 1
            self._answered = question
            self._set(busy=True)
            work, show = self._work(self._asking), partial(self._show, self._asking)
            if self.aside is not None and isinstance(self.step, Part):
                self.aside(work, show)
            else:
                show(work())

    def _work(self, asking: int) -> Callable[[], Outcome]:
        """Return what answers the question as it is now, for whichever thread."""
        step = self.step
        if not isinstance(step, Part):
            return lambda: _outcome(lambda: {"hits": self._answer()})
        answer = partial(self._answer_part, step, *self.searched, self._options())

        def work() -> Outcome:
            with self._at_parts:  # one after the other: each keeps all cores busy
                return _outcome(answer) if asking == self._asking else {}

        return work

    def _show(self, asking: int, outcome: Outcome) -> None:
        """Show what was found, unless something else was asked since."""
        with self._lock:
            if asking != self._asking:
                return
            if "error" in outcome:
                self._answered = None
            try:
                self._set(**{"hits": None, "error": "", "undescribed": 0} | outcome)
            finally:
                self._set(busy=False)

    def _answer(self) -> Hits | None:
        """Return the hits, or None where nothing is asked."""
        asked = self.asked
        if asked is None:
            return None
        if self.colorways and isinstance(asked, str):
            return self.archive.find_colorways(asked)
        options = self._options() | {"metric": self.metric or None, "color_weight": self.color_weight if self.mixes else None}
        model, version = self.searched
        if isinstance(asked, Palette):
            return self.archive.find_similar(palette=asked, model=model, version=version, **options)
        searcher = self.archive.searcher(model, version)
        if isinstance(asked, OwnImage):
            return searcher.find_similar(self._embedded(asked), Question(**options), shown=[asked.image])
        return searcher.find_similar(asked, Question(**options))

    def _options(self) -> dict[str, Any]:
        """Return how many are looked for, and among which."""
        return {
            "top_n": self.top_n,
            "filters": self.filters,
            "min_similarity": self.min_similarity,
            "group_by": "design" if self.one_per_design else None,
        }

    def _answer_part(self, part: Part, model: str, version: str | None, options: Mapping[str, Any]) -> Outcome:
        """Return the hits that show a part, None while no image is described; and how many images are not."""
        whole, size, n = part.whole, self.size(part.whole), len(self.archive.features(model, version))
        try:
            undescribed = self.archive.count_undescribed(model, version)
        except ArchiveError:  # a torn file, which is written anew with the next that are described
            undescribed = n
        if undescribed == n:
            return {"hits": None, "undescribed": n}
        image = whole if isinstance(whole, str) else decode(whole.pictures["large"])
        hits = self.archive.part_searcher(model, version).find_similar(image, part.boxes, Question(**options), size=size)
        return {"hits": hits, "undescribed": undescribed}

    def _embedded(self, own: OwnImage) -> NDArray[np.float32]:
        """Return the row of one's own image, computed once."""
        features = self.archive.features(self.model, self.version or None)
        place = features.model, features.version
        if place not in own.rows:
            own.rows[place] = self.archive.embed(own.image, model=self.model, version=self.version or None)
        return own.rows[place]


def name_of(query: Step) -> str:
    """Return what a query is called; colors by their hex, a part as its whole."""
    if isinstance(query, Part):
        return name_of(query.whole)
    if isinstance(query, Palette):
        return " ".join(query.shares)
    return query.name if isinstance(query, OwnImage) else query


def mark_of(query: Step) -> str:
    """Return what tells a query from all others: images of one's own are often all called image.png."""
    if isinstance(query, Palette):
        return f"palette-{palette_model.written(query)}"
    return query.key if isinstance(query, OwnImage | Part) else query


def title_of(name: str, record: Mapping[str, Any]) -> str:
    """Return what stands over a picture: its design, else its name."""
    return str(cell(record.get("design") or name))


def line_of(record: Mapping[str, Any]) -> str:
    """Return season and quality in one line."""
    return " · ".join(str(cell(value)) for value in (record.get("season"), record.get("quality")) if value)


def _outcome(answer: Callable[[], Outcome]) -> Outcome:
    """Return what was found, or why nothing was."""
    try:
        return answer()
    except Exception as error:
        return {"error": _sentence(error)}


def _sentence(error: Exception) -> str:
    """Return what the page says of an error; of one that nobody foresaw the log says more."""
    if isinstance(error, BenzerError):
        return str(error)
    log.error("A search has failed", exc_info=error)
    return f"{type(error).__name__}: {error}. The server's log has the details."


def _place(field: str, value: Any) -> tuple[int, Any]:
    """Return what sorts the values of a field: by their own order, where it has one, else by the alphabet."""
    order = ORDERS.get(field, ())
    return order.index(value) if value in order else len(order), alphabetical(value)


def _most(values: list[tuple[Any, int, int]]) -> list[tuple[Any, int, int]]:
    """Return the most frequent values."""
    return sorted(values, key=lambda one: -one[2])[:MOST_VALUES]
