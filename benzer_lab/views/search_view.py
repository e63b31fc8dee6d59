"""The search page: archive left, look-alikes right."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import panel as pn
import param
from panel.viewable import Viewable, Viewer

from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError, ImageError
from benzer_lab.palettes import Palette
from benzer_lab.parts import VERSION as PARTS_VERSION
from benzer_lab.server import pages
from benzer_lab.views.catalog import SORTS, OwnImage
from benzer_lab.views.closeup import Closeup
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.facets import Facets
from benzer_lab.views.find import Find
from benzer_lab.views.gallery import Gallery, Tile
from benzer_lab.views.inputs import Check, Slider
from benzer_lab.views.palette_view import PaletteView
from benzer_lab.views.part_model import Part, found_in, places
from benzer_lab.views.part_view import PartView
from benzer_lab.views.picks import Picks
from benzer_lab.views.query import QueryChip
from benzer_lab.views.search_model import ORDERS, SearchModel, line_of, mark_of, name_of, title_of
from benzer_lab.views.upload import Upload
from benzer_lab.views.why_model import WhyModel
from benzer_lab.views.why_view import WhyView
from benzer_lab.views.words import LANGUAGES, Words

Acts = dict[str, Callable[..., Any]]

NOTEBOOK_HEIGHT = 760  # pixels
TOP_N = [20, 50, 100, 200, 500, 1000]
HERE = Path(__file__).parent
STYLE = (HERE / "search.css").read_text(encoding="utf-8")
CONTROLS = (HERE / "controls.css").read_text(encoding="utf-8")


class Search(Viewer):  # type: ignore[misc]
    """The search of an archive, for a page or a notebook.

    Parameters
    ----------
    archive : Archive
        Where to search; it must have features.
    routes : bool, default=False
        Whether the page's server has the route `thumbnails` for this very archive; pictures come by the websocket otherwise.
    height : int, default=760
        In pixels; 0 fills what it is put in.
    **params : object
        `language`, 'en' (default) or 'tr'.

    Raises
    ------
    InputError
        When the archive has no features yet.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word but the archive's own.")

    def __init__(self, archive: Archive, *, routes: bool = False, height: int = NOTEBOOK_HEIGHT, **params: Any) -> None:
        super().__init__(**params)
        self.turn_to: Callable[[Callable[[], None]], None] = lambda ask: ask()  # a page with other sections turns to this one, too
        self.model = SearchModel(archive)
        self.closeup_model = CloseupModel(self.model)
        self._make_components(routes)
        self._make_widgets()
        self._layout = self._arrange(height)
        self._link()
        self._relabel()

    def __panel__(self) -> Viewable:
        """Return the layout, which is built once."""
        return self._layout

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Show the search in a notebook, after Panel's own scripts where they are not there yet."""
        if not pn.extension._loaded:
            pn.extension(inline=True)
        return super()._repr_mimebundle_(include, exclude)

    def _make_components(self, routes: bool) -> None:
        """Make what shows pictures, and what goes with them."""
        model, shared = self.model, {"picture": self.model.picture, "routes": routes}
        fill, group = {"sizing_mode": "stretch_both"}, str(id(self))
        close = self.closeup_model
        acts: dict[str, Acts] = {
            side: {"pick": model.ask, "choose": model.choose, "look": partial(close.look, side)} for side in ("archive", "hits")
        }
        self.archive_gallery = Gallery(act=acts["archive"], tile=model.archive_tile, group=group, **shared, **fill)
        self.hits_gallery = Gallery(act=acts["hits"], tile=model.hits_tile, group=group, answers=True, **shared, **fill)
        self.part = PartView(model, close, lambda: self.closeup)
        backs: Acts = {"back": model.back, "clear": partial(model.ask, ""), "again": model.ask_again, "look": partial(close.look, "query")}
        backs["part"] = self.part.change
        self.query = QueryChip(act=backs, sizing_mode="stretch_width", css_classes=["asked"], **shared)
        self.palette = PaletteView(model, eyedropper=self._pick_colors)
        self.why = WhyView(WhyModel(model, close), lambda: self._words, self._value)
        closes: Acts = {"close": close.close, "step": close.step, "choose": close.choose, "colors": self._add_colors}
        closes |= {"pick": lambda: self.turn_to(close.ask), "colorways": lambda: self.turn_to(close.ask_colorways)}
        closes |= {"part": self.part.turn, "boxes": self.part.take}
        closes["why"] = lambda key: self.why.answer(self.closeup, key)
        self.closeup = Closeup(act=closes, css_classes=["over"], width=0, height=0, margin=0, sizing_mode="fixed", **shared)
        self.picks = Picks(export=self.export, clear=lambda: model.change(picks=[]))
        self.upload = Upload(receive=self._receive, anywhere=routes, group=group, sizing_mode="stretch_width", css_classes=["drop"])
        self._received = 0
        self.facets = Facets()

    def _make_widgets(self) -> None:
        """Make what the question is put with, and what sorts and sizes the tiles."""
        model, style = self.model, {"stylesheets": [CONTROLS]}
        select, slider, size = (
            partial(pn.widgets.Select, **style),
            partial(Slider, percent=True),
            partial(Slider, start=56, end=320, step=4, width=90),
        )
        self.find = Find(value=model.text, sizing_mode="stretch_width")
        self.question = {
            "model": select(width=158),
            "color_weight": slider(value=model.color_weight, step=0.05, width=130),
            "metric": select(width=145),
            "version": select(width=130),
            "top_n": select(options=TOP_N, value=model.top_n, width=70),
            "min_similarity": slider(value=model.min_similarity, step=0.01, width=120),
            "one_per_design": Check(value=model.one_per_design),
            "colorways": Check(value=model.colorways),
        }
        self.listing = {"sort": select(width=112), "per_design": Check(value=model.per_design)}
        self.sizes = {"archive_tile": size(value=model.archive_tile), "hits_tile": size(value=model.hits_tile)}
        self._controls = self.question | self.listing | self.sizes

    def _arrange(self, height: int) -> Viewable:
        """Lay everything out."""
        row = partial(pn.FlexBox, align_items="end", gap="8px 12px", stylesheets=[STYLE])
        listing = row(*self.listing.values(), self.sizes["archive_tile"], css_classes=["options"])
        archive = pn.Column(self.find, listing, self.archive_gallery, css_classes=["archive"], stylesheets=[STYLE])
        query = pn.Row(
            self.query, self.palette.button, self.upload, css_classes=["query"], stylesheets=[STYLE], sizing_mode="stretch_width"
        )
        options = row(*self.question.values(), css_classes=["options"])
        below = pn.Row(self.facets, self.picks, self.sizes["hits_tile"], css_classes=["below"], stylesheets=[STYLE])
        hits = pn.Column(
            query, self.palette.bar, options, self.part.bar, below, self.hits_gallery, css_classes=["hits"], stylesheets=[STYLE]
        )
        extent = {"sizing_mode": "stretch_width", "height": height} if height else {"sizing_mode": "stretch_both"}
        return pn.Row(archive, hits, self.closeup, css_classes=["search"], stylesheets=[STYLE], **extent)

    def _link(self) -> None:
        """Have widgets and state follow each other."""
        model = self.model
        self.find.param.watch(lambda event: model.change(text=self.find.value), "value")
        model.param.watch(lambda event: self.find.param.update(value=model.text), "text")
        for name, control in self._controls.items():
            control.param.watch(partial(self._take, name), "value")
            model.param.watch(partial(self._give, name), name)
        for name, gallery in (("archive_tile", self.archive_gallery), ("hits_tile", self.hits_gallery)):
            model.param.watch(lambda event, gallery=gallery: gallery.param.update(tile=event.new), name)
        self.facets.link(model, value="filters", bidirectional=True)
        model.param.watch(self._show_model, ["model", "version", "palette", "region"])
        model.param.watch(self._show_facets, ["model", "version", "filters", "palette"])
        model.param.watch(self._show_archive, ["found", "catalog"])
        model.param.watch(self._show_hits, ["hits", "error", "busy"])
        model.param.watch(self._show_query, ["query", "own_image", "palette", "trail", "region"])
        model.param.watch(self._show_picks, "picks")
        self.closeup_model.param.watch(self._show_closeup, ["side", "place"])
        self.param.watch(self._relabel, "language")

    def _take(self, name: str, event: param.parameterized.Event) -> None:
        value = self._controls[name].value
        if value == getattr(self.model, name):
            return
        if name == "model":
            self.model.choose_model(value)
        elif name == "version":
            self.model.choose_model(self.model.model, value)
        else:
            self.model.change(**{name: value})

    def _give(self, name: str, event: param.parameterized.Event) -> None:
        value = getattr(self.model, name)
        if name == "top_n":  # an address may name another number
            self._controls[name].options = sorted({*TOP_N, value})
        self._controls[name].value = value

    @property
    def _words(self) -> Words:
        return Words(self.language)

    def _relabel(self, *events: param.parameterized.Event) -> None:
        """Say everything in the language."""
        words = self._words
        self.find.param.update(label=words("find"), hint=words("find_hint"))
        self.upload.label = words("upload")
        self.palette.relabel(words)
        self.part.relabel(words)
        for name, control in self._controls.items():
            text = words("tile" if name in self.sizes else name)
            setattr(control, "label" if isinstance(control, Slider | Check) else "name", text)
            if isinstance(control, Slider):
                control.language = words.language
        metrics = {words("own_metric"): "", words("cosine"): "cosine", words("l2"): "l2"}
        self.question["metric"].param.update(options=metrics, value=self.model.metric)
        self.listing["sort"].param.update(options={words(f"sort_{sort}"): sort for sort in SORTS}, value=self.model.sort)
        self.facets.param.update(clear=words("clear"), language=words.language)
        for gallery, label in ((self.archive_gallery, "archive"), (self.hits_gallery, "look_alikes")):
            tools = {"look": words("look"), "choose": words("choose"), "chosen_label": words("chosen"), "hint": words("similar")}
            gallery.param.update(label=words(label), keys=words("keys"), no_picture=words("no_picture"), **tools)
        steps = {"back": words("back"), "clear": words("end_query"), "look": words("look"), "trail_label": words("trail")}
        self.query.param.update(label=words("query"), no_picture=words("no_picture"), **steps)
        close = (
            "close",
            "previous",
            "next",
            "repeat",
            "grid",
            "similar",
            "colorways",
            "choose",
            "chosen",
            "pick_colors",
            "eyedropper_hint",
            "search_colors",
            "show_on_map",
        )
        pair = {"query": words("looked_for"), "one": words("found"), "remove_color": words("remove_color", color="{color}")}
        labels = {word: words(word) for word in close} | pair | self.why.labels() | self.part.labels()
        self.closeup.param.update(labels=labels, no_picture=words("no_picture"))
        self.picks.labels = {"csv": words("csv"), "pdf": words("pdf"), "clear": words("clear_picks"), "failed": words("export_failed")}
        for show in (self._show_model, self._show_facets, self._show_query, self._show_picks):
            show()
        self._show_archive(stay=True)
        self._show_hits(stay=True)

    def _show_model(self, *events: param.parameterized.Event) -> None:
        """Show what is compared, and offer what goes with it."""
        model, words = self.model, self._words
        searched, _ = model.searched
        is_part = isinstance(model.step, Part)
        for name in ("metric", "color_weight", "colorways"):
            self.question[name].disabled = is_part
        if is_part:
            self.question["model"].param.update(options={words("part_model"): model.model}, value=model.model, disabled=True)
            self.question["version"].param.update(options={PARTS_VERSION: model.version}, value=model.version, disabled=True)
            return
        is_other = searched != model.model  # colors are looked for by `color`, and what was chosen before stays chosen for later
        names = {words.model(searched): model.model} if is_other else {words.model(name): name for name in model.archive.models}
        self.question["model"].param.update(options=names, value=model.model, disabled=is_other)
        current = words("current", version=model.current_version)
        versions = {current: model.version} if is_other else {current: ""} | {name: name for name in model.archive.models[searched]}
        self.question["version"].param.update(options=versions, value=model.version, disabled=is_other)
        self.question["color_weight"].visible = model.mixes

    def _show_facets(self, *events: param.parameterized.Event) -> None:
        """Offer filters with what each would find."""
        words = self._words
        try:
            facets, clusters = self.model.facets(), self.model.cluster_names(words.language)
        except BenzerError:  # which the answer says
            facets, clusters = {}, {}
        names = {field: {value: words.value(value, field) for value in values} for field, values in ORDERS.items()}
        self.facets.names = names | {"cluster": {str(label): name for label, name in clusters.items()}}  # of JSON
        self.facets.fields = [{"name": field, "label": words.field(field), "values": values} for field, values in facets.items()]

    def _show_archive(self, *events: param.parameterized.Event, stay: bool = False) -> None:
        """Show the images that were found, or all."""
        model, words = self.model, self._words
        catalog, found = model.catalog, model.found
        n, total = len(found), len(catalog.filenames)
        images, designs = words.images(total), words.designs(n)
        part = words("designs_found", designs=designs, images=images) if model.per_design else words("images_found", n=n, images=images)
        self.archive_gallery.caption = part if n < total else designs if model.per_design else images
        self.archive_gallery.notice = "" if n else words("nothing_found", text=model.text)

        def tiles(start: int, stop: int) -> list[Tile]:
            rows = found[start:stop]
            badges = [f"×{n}" if n > 1 else "" for n in catalog.n_of_design(rows)] if model.per_design else [""] * len(rows)
            records = catalog.metadata.records(rows)
            return [self._tile(catalog.filenames[row], record, badge) for row, record, badge in zip(rows, records, badges, strict=True)]

        self.archive_gallery.show(n, tiles, stay=stay)

    def _show_hits(self, *events: param.parameterized.Event, stay: bool = False) -> None:
        """Show the answer, or say why there is none."""
        model, words, gallery = self.model, self._words, self.hits_gallery
        if model.busy:
            gallery.wait()
            return
        hits = model.hits
        n = 0 if hits is None else len(hits)
        gallery.error = f"{words('failed')}\n{model.error}" if model.error else ""
        gallery.caption = "" if hits is None else words({0: "no_hit", 1: "hit"}.get(n, "hits"), n=n, images=words.images(hits.n_candidates))
        if hits is not None and hits.boxes is not None and n:
            word = "part_hit" if n == 1 else "part_hits"
            gallery.caption = words(word, n=n, images=words.images(hits.n_candidates))
        elif hits is not None and model.colorways and isinstance(model.asked, str):
            gallery.caption = words({0: "no_colorway", 1: "colorway"}.get(n, "colorways_found"), n=n)
        elif hits is not None and hits.recall < 1:
            gallery.caption = words("recall", caption=gallery.caption, percent=words.percent(hits.recall))
        none = "no_colorways" if model.colorways else "no_hits" if hits is not None and not hits.n_candidates else "none_as_similar"
        start = "part_unprepared" if model.undescribed else "start"
        gallery.notice = "" if n or model.error else words(start if hits is None else none)

        def tiles(start: int, stop: int) -> list[Tile]:
            several = zip(hits.filenames[start:stop], hits.records[start:stop], hits.similarities[start:stop].tolist(), strict=True)
            shown = [self._tile(name, record, words.number(similarity, 3)) for name, record, similarity in several]
            return [(*tile, places(*part)) if (part := found_in(hits, start + i)) else tile for i, tile in enumerate(shown)]

        gallery.show(n, tiles, stay=stay)
        if model.region:
            self._show_query()  # whose picture can be cut out now

    def _show_query(self, *events: param.parameterized.Event) -> None:
        """Show what is looked for, and what was before; mark it in the archive."""
        model, words, asked = self.model, self._words, self.model.asked
        self.question["colorways"].visible = model.may_have_colorways(asked)
        self.archive_gallery.selected = self.hits_gallery.selected = model.query
        chip = None
        step = model.step
        if asked is not None:
            note = words("own_note") if isinstance(asked, OwnImage) else line_of(model.record(asked))
            if isinstance(asked, Palette):
                note = words(f"palette_{asked.must_show or 'nearest'}")
            if isinstance(step, Part):
                part = words("part_note") if len(step.boxes) == 1 else words("parts_note", n=len(step.boxes))
                note = f"{part} · {note}" if isinstance(asked, OwnImage) else part
            chip = {"name": name_of(asked), "note": note, "has_parts": self.part.is_offered(asked), **self._picture_of(step)}
        trail = [(mark_of(one), model.key(one), title_of(name_of(one), model.record(one))) for one in model.trail]
        self.query.part = words("change_part" if isinstance(step, Part) else "find_part")
        self.query.show(chip, trail)

    def _pick_colors(self) -> None:
        """Show a picture to pick colors from: the query's, else the first hit's, else the archive's first."""
        close, model = self.closeup_model, self.model
        if model.asked is not None and not isinstance(model.asked, Palette):
            close.look("query")
        elif model.hits:
            close.look("hits", str(model.hits.filenames[0]))
        elif len(model.found):
            close.look("archive", str(model.catalog.filenames[model.found[0]]))
        self.closeup.picking = close.one is not None

    def _add_colors(self, text: str) -> None:
        """Look for the colors that were picked."""
        self.closeup_model.close()
        self.turn_to(partial(self.palette.model.add, text))

    def _show_picks(self, *events: param.parameterized.Event) -> None:
        """Show what is chosen."""
        picks = self.model.picks
        for gallery in (self.archive_gallery, self.hits_gallery):
            gallery.chosen = picks
        words = self._words
        text = words("n_chosen", n=len(picks)) if picks else words("none_chosen")
        if picks and not self.model.links_picks:
            text = words("not_in_link", chosen=text)
        self.picks.param.update(n=len(picks), text=text)
        self._show_closeup()

    def _tile(self, name: str, record: dict[str, Any], badge: str = "") -> Tile:
        """Return what a gallery shows of an image."""
        return name, self.model.key(name), title_of(name, record), line_of(record), badge

    async def _receive(self, name: str, content: bytes | None) -> None:
        """Take one's own image from the page; while it is decoded others are served, and what is asked meanwhile comes before it.

        Nothing is sent before the answer, and the browser itself says that it waits: what is sent while Bokeh still acknowledges the
        upload, Panel 1.9.4 puts off, and an answer that comes just as that is written is lost (`panel.io.document._dispatch_msgs`).
        """
        if content is None:
            self.model.refuse(self._words("too_large", name=name, limit=self.upload.limit // 1_000_000))
            return
        self._received += 1
        this, asked = self._received, self.model.asked
        answer: Callable[[], None] | None = None
        try:
            own = await asyncio.to_thread(self.model.read_own, name, content)
            answer = partial(self.model.ask, own)
        except ImageError as error:
            answer = partial(self.model.refuse, str(error))
        finally:
            if this == self._received:
                if answer is not None and self.model.asked == asked:
                    self.turn_to(answer)
                self._show_hits()  # ends the waiting, also where nothing has changed

    def export(self, kind: str) -> tuple[str, bytes]:
        """Return a file of what is chosen."""
        title = self._words("title")
        comma = "," if self.language == "tr" else "."
        return f"benzer-lab.{kind}", self.model.picks_csv(comma=comma) if kind == "csv" else self.model.picks_pdf(title)

    def _show_closeup(self, *events: param.parameterized.Event) -> None:
        """Show what is looked at closely, beside what is looked for."""
        close, words = self.closeup_model, self._words
        if close.one is None:
            self.part.turn(False)
            self.closeup.show(None)
            return
        both = [one for one in (close.beside, close.one) if one is not None]
        n = close.n
        repeats = [found and {name: getattr(found, name) for name in ("kind", "width", "height", "size")} for found in close.repeats()]
        self.closeup.show(
            {
                "one": self._picture_of(close.one) | {"repeat": repeats[-1], "found": self.part.found_in_one()},
                "query": None
                if close.beside is None
                else self._picture_of(close.beside) | {"repeat": repeats[0], "found": self.part.of_query()},
                "has_parts": self.part.is_offered(close.one),
                "facts": self._facts(both),
                "place": f"{words.number(close.place + 1)} / {words.number(n)}" if n > 1 else "",
                "before": close.place > 0,
                "after": close.place + 1 < n,
                "chosen": close.is_chosen,
                "colorways": self.model.may_have_colorways(close.one),
                "map": self._place_on_map(close.one),
                "why": self.why.key,
                "captions": [line_of(self.model.record(one)) for one in both] if close.side == "group" else None,
            }
        )

    def _place_on_map(self, one: Any) -> str:
        """Return where the atlas shows a design; nothing where it is not in the archive, or no atlas is served beside this page."""
        name = name_of(one)
        if "/atlas" not in pages() or self.model.catalog.row(name) < 0:
            return ""
        return f"atlas?{urlencode({'query': name, 'model': self.model.model, 'language': self.language})}"

    def _picture_of(self, query: Any) -> dict[str, Any]:
        return {"mark": mark_of(query), "key": self.model.key(query), "title": title_of(name_of(query), self.model.record(query))}

    def _value(self, value: Any, field: str) -> str:
        """Return what a field holds as one text, clusters by their names."""
        clusters = self.model.cluster_names(self.language) if field == "cluster" else {}
        return clusters.get(value, "") if clusters else self._words.value(value, field)

    def _facts(self, several: list[Any]) -> list[list[str]]:
        """Return a line for each field: its name, and what it holds for each design."""
        words, records, repeats = self._words, self.closeup_model.records(), self.closeup_model.repeats()
        lines = [[words("file_name"), *("" if isinstance(one, Palette) else name_of(one) for one in several)]]
        for field in dict.fromkeys(field for record in records for field in record):
            values = [self._value(record.get(field), field) for record in records]
            if field == "repeat":  # the archive's own field of this name stays as it is
                pairs = zip(values, records, repeats, strict=True)
                values = [words.repeat(found) if found and found.kind == record[field] else value for value, record, found in pairs]
            if any(values):
                lines.append([words.field(field), *values])
        if self.closeup_model.similarity is not None:
            lines.append([words("similarity"), "", words.number(self.closeup_model.similarity, 3)])
        return lines
