"""The search page: archive left, look-alikes right."""

from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable, Viewer

from benzer_lab.archive import Archive
from benzer_lab.views.facets import Facets
from benzer_lab.views.gallery import Gallery, Tile
from benzer_lab.views.search_model import SearchModel
from benzer_lab.views.upload import Upload
from benzer_lab.views.words import LANGUAGES, Words

NOTEBOOK_HEIGHT = 720  # pixels
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
    height : int, default=720
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
        self.model = SearchModel(archive)
        self._make_galleries(routes)
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

    def _make_galleries(self, routes: bool) -> None:
        """Make the three places where pictures are shown."""
        model, fill = self.model, {"sizing_mode": "stretch_both", "routes": routes}
        self.archive_gallery = Gallery(picture=model.picture, pick=model.ask, tile=104, **fill)
        self.hits_gallery = Gallery(picture=model.picture, pick=model.ask, **fill)
        self.query_gallery = Gallery(picture=model.own_picture, line=True, routes=routes, sizing_mode="stretch_width", css_classes=["chip"])

    def _make_widgets(self) -> None:
        """Make what the question is put with."""
        model = self.model
        self.text = pn.widgets.TextInput(sizing_mode="stretch_width", stylesheets=[CONTROLS])
        self.upload = Upload(receive=self._receive, sizing_mode="stretch_width", css_classes=["drop"])
        style = {"stylesheets": [CONTROLS]}
        self.controls = {
            "model": pn.widgets.Select(width=170, **style),
            "color_weight": pn.widgets.FloatSlider(value=model.color_weight, start=0, end=1, step=0.05, format="0%", width=150, **style),
            "metric": pn.widgets.Select(width=150, **style),
            "version": pn.widgets.Select(width=160, **style),
            "top_n": pn.widgets.Select(options=TOP_N, value=model.top_n, width=90, **style),
            "one_per_design": pn.widgets.Checkbox(value=model.one_per_design, **style),
        }
        self.facets = Facets(sizing_mode="stretch_width")

    def _arrange(self, height: int) -> Viewable:
        """Lay everything out."""
        archive = pn.Column(self.text, self.archive_gallery, css_classes=["archive"], stylesheets=[STYLE])
        query = pn.Row(self.query_gallery, self.upload, css_classes=["query"], stylesheets=[STYLE], sizing_mode="stretch_width")
        options = pn.FlexBox(*self.controls.values(), align_items="end", gap="8px 16px", css_classes=["options"], stylesheets=[STYLE])
        hits = pn.Column(query, options, self.facets, self.hits_gallery, css_classes=["hits"], stylesheets=[STYLE])
        size = {"sizing_mode": "stretch_width", "height": height} if height else {"sizing_mode": "stretch_both"}
        return pn.Row(archive, hits, css_classes=["search"], stylesheets=[STYLE], **size)

    def _link(self) -> None:
        """Have widgets and state follow each other.

        Panel's threads may take up two changes of a widget in either order, so each reads what the widget holds by then.
        """
        model = self.model
        self.text.param.watch(lambda event: model.change(text=self.text.value_input), "value_input")
        for name, control in self.controls.items():
            control.param.watch(partial(self._take, name), "value")
            model.param.watch(partial(self._give, name), name)
        self.facets.link(model, value="filters", bidirectional=True)
        model.param.watch(self._show_model, ["model", "version"])
        model.param.watch(self._show_archive, "found")
        model.param.watch(self._show_hits, ["hits", "error", "busy"])
        model.param.watch(self._show_query, ["query", "own_image"])
        self.param.watch(self._relabel, "language")

    def _take(self, name: str, event: param.parameterized.Event) -> None:
        value = self.controls[name].value
        if name == "model":
            self.model.choose_model(value)
        else:
            self.model.change(**{name: value})

    def _give(self, name: str, event: param.parameterized.Event) -> None:
        self.controls[name].value = getattr(self.model, name)

    @property
    def _words(self) -> Words:
        return Words(self.language)

    def _relabel(self, *events: param.parameterized.Event) -> None:
        """Say everything in the language."""
        words = self._words
        self.text.param.update(name=words("find"), placeholder=words("find_hint"))
        self.upload.label = words("upload")
        for name, control in self.controls.items():
            control.name = words(name)
        self.controls["metric"].options = {words("own_metric"): "", words("cosine"): "cosine", words("l2"): "l2"}
        self.facets.param.update(clear=words("clear"), language=words.language)
        for gallery in (self.archive_gallery, self.hits_gallery):
            gallery.param.update(hint=words("similar"), no_picture=words("no_picture"))
        self._show_model()
        self._show_archive()
        self._show_query()
        self._show_hits()

    def _show_model(self, *events: param.parameterized.Event) -> None:
        """Show what is compared, and offer what goes with it."""
        model, words = self.model, self._words
        names = list(model.archive.models)
        self.controls["model"].param.update(options={words.model(name): name for name in names}, value=model.model)
        current = words("current", version=model.current_version)
        versions = {current: ""} | {version: version for version in model.archive.models[model.model]}
        self.controls["version"].param.update(options=versions, value=model.version)
        self.controls["color_weight"].visible = model.mixes
        self.facets.fields = [
            {"name": field, "label": words(field), "values": values} for field, values in model.facets().items() if values
        ]

    def _show_archive(self, *events: param.parameterized.Event) -> None:
        """Show the images that were found, or all."""
        model, words = self.model, self._words
        catalog, found = model.catalog, model.found
        n, total = len(found), len(catalog.filenames)
        self.archive_gallery.caption = words.images(n) if n == total else words("images_found", n=n, images=words.images(total))
        self.archive_gallery.notice = "" if n else words("nothing_found", text=model.text)

        def tiles(start: int, stop: int) -> list[Tile]:
            rows = found[start:stop]
            return [self._tile(catalog.filenames[row], record) for row, record in zip(rows, catalog.metadata.records(rows), strict=True)]

        self.archive_gallery.show(n, tiles)

    def _show_hits(self, *events: param.parameterized.Event) -> None:
        """Show the answer, or say why there is none."""
        model, words, gallery = self.model, self._words, self.hits_gallery
        if model.busy:
            gallery.busy = True
            return
        hits = model.hits
        n = 0 if hits is None else len(hits)
        gallery.error = f"{words('failed')}\n{model.error}" if model.error else ""
        gallery.caption = "" if hits is None else words("hit" if n == 1 else "hits", n=n, images=words.images(hits.n_candidates))
        gallery.notice = "" if n or model.error else words("start" if hits is None else "no_hits")

        def tiles(start: int, stop: int) -> list[Tile]:
            records = hits.to_records()[start:stop]
            return [self._tile(record["filename"], record, badge=words.number(record["similarity"], 3)) for record in records]

        gallery.show(n, tiles)
        gallery.busy = False

    def _show_query(self, *events: param.parameterized.Event) -> None:
        """Show what is looked for, and mark it in the archive."""
        model, words = self.model, self._words
        self.archive_gallery.selected = model.query
        if model.own_image is not None:
            tiles = [{**self._tile(model.own_image.name, {}), "key": model.own_image.key, "note": words("own_image")}]
        elif model.query:
            tiles = [self._tile(model.query, model.catalog.record(model.query))]
        else:
            tiles = []
        self.query_gallery.param.update(caption=words("query") if tiles else "", no_picture=words("no_picture"))
        self.query_gallery.show(len(tiles), lambda start, stop: tiles[start:stop])

    def _tile(self, name: str, record: dict[str, Any], badge: str = "") -> Tile:
        """Return what a gallery shows of an image."""
        note = " · ".join(str(record[field]) for field in ("season", "quality") if record.get(field))
        title = str(record.get("design") or name)
        return {"name": name, "key": self.model.key(name), "title": title, "note": note, "badge": badge}

    def _receive(self, name: str, content: bytes | None) -> None:
        """Take one's own image from the page."""
        if content is None:
            self.model.refuse(self._words("too_large", name=name, limit=self.upload.limit // 1_000_000))
        else:
            self.model.ask_own(name, content)
