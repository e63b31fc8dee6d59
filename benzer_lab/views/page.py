"""The page around the search, the atlas or the timings: title, language, light or dark, and what is shown until the archive is ready."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import panel as pn
import param
from panel.io.resources import get_dist_path
from panel.viewable import Viewable, Viewer

from benzer_lab.errors import BenzerError
from benzer_lab.server import pages
from benzer_lab.views.address import Address
from benzer_lab.views.atlas_address import ADDRESS as OF_ATLAS
from benzer_lab.views.atlas_view import Atlas
from benzer_lab.views.connection import Connection
from benzer_lab.views.duplicates_model import ADDRESS as OF_DUPLICATES
from benzer_lab.views.duplicates_view import POLL_MS as FOLLOW_MS
from benzer_lab.views.duplicates_view import Duplicates
from benzer_lab.views.nav import Nav
from benzer_lab.views.preparation_model import Preparation, prepare
from benzer_lab.views.preparation_view import PreparationView
from benzer_lab.views.search_address import ADDRESS
from benzer_lab.views.search_view import CONTROLS, Search
from benzer_lab.views.timings_model import ADDRESS as OF_TIMINGS
from benzer_lab.views.timings_view import Timings
from benzer_lab.views.words import LANGUAGES, Words

POLL_MS = 300
PATIENCE = 0.5  # seconds in which an archive that only needs opening is usually open
OTHERS = {"atlas": Atlas, "timings": Timings}  # pages beside the search
ADDRESSES = {Search: ADDRESS, Atlas: OF_ATLAS, Timings: OF_TIMINGS}  # what the address of each holds
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


class Page(Viewer):  # type: ignore[misc]
    """Header and body; the body turns from the preparation into the search, the atlas or the timings by itself.

    Parameters
    ----------
    preparation : Preparation
        Of the archive.
    given : mapping of str to str
        The address with which the page was opened.
    view : type, default=Search
        What the body turns into: `Search`, with its sections, `Atlas` or `Timings`.
    **params : object
        `language`, 'en' (default) or 'tr', and `dark`.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word but the archive's own.")
    dark = param.Boolean(doc="Whether the page is dark.")
    show = param.Selector(default="", objects=["", "duplicates"], doc="Which section is shown; empty is the search.")

    def __init__(
        self, preparation: Preparation, *, given: Mapping[str, str], view: type[Search | Atlas | Timings] = Search, **params: Any
    ) -> None:
        super().__init__(**params)
        self._preparation = preparation
        self._view = view
        self._given = dict(given)
        self._located: dict[str, str] | None = None  # until there is an address to keep
        self.address = Address(follow=self._return, language=self.language, css_classes=["address"])
        self.title = pn.pane.Str(css_classes=["title"], stylesheets=[STYLE])
        self.languages = pn.widgets.RadioButtonGroup.from_param(
            self.param.language, options={name: key for key, name in LANGUAGES.items()}, description=None, stylesheets=[CONTROLS]
        )
        self.theme = pn.widgets.Button(stylesheets=[CONTROLS], on_click=lambda event: self._turn())
        self.sections = pn.widgets.RadioButtonGroup(visible=False, stylesheets=[CONTROLS])
        self.sections.param.watch(lambda event: self.param.update(show=event.new), "value")
        self.nav = Nav(css_classes=["nav"])
        space = pn.Spacer(sizing_mode="stretch_width")
        self.connection = Connection(css_classes=["address"])
        unseen = (self.address, self.connection)
        parts = (self.title, self.sections, self.nav, space, self.languages, self.theme, *unseen)
        header = pn.Row(*parts, css_classes=["header"], stylesheets=[STYLE])
        self.body: PreparationView | Search | Atlas | Timings = PreparationView(preparation, language=self.language)
        self.duplicates: Duplicates | None = None  # made when it is first shown
        self._body = pn.Column(self.body, css_classes=["body"], stylesheets=[STYLE], sizing_mode="stretch_both")
        classes = ["page", "dark"] if self.dark else ["page"]
        self._layout = pn.Column(header, self._body, css_classes=classes, stylesheets=[STYLE], sizing_mode="stretch_both")
        self._retitle()
        self._located = self._address()
        if not self.follow():
            self._poll = pn.state.add_periodic_callback(self._look, POLL_MS, start=False)
            pn.state.onload(self._poll.start)  # a body that changes while the browser still connects would not reach it

    def __panel__(self) -> Viewable:
        """Return the layout."""
        return self._layout

    def follow(self) -> bool:
        """Show how far the archive has come, or the search where it is there; tell whether nothing more will change.

        Returns
        -------
        bool
            Whether the preparation has ended.
        """
        archive = self._preparation.archive
        if archive is None:
            self.body.refresh()
            return self._preparation.status == "failed"
        try:
            self.body = self._view(archive, routes=True, height=0, language=self.language)
        except BenzerError as error:  # such as a metadata file that is being written
            self.body.error = str(error)
            return True
        self.body.model.restore(self._given)
        self._body[0] = self.body
        if isinstance(self.body, Search):
            self.body.turn_to = self._turn_to_search
            self.sections.visible = archive.images is not None and "pattern" in archive.models
            self.show = _section(self._given) if self.sections.visible else ""
        self._located = self._address()
        self.body.model.param.watch(self._locate, list(ADDRESSES[self._view]))
        self._link()
        return True

    async def _look(self) -> None:
        """Follow on the event loop: in Panel's threads a second look could begin while the first still builds the search."""
        if self.follow():
            self._poll.stop()

    @param.depends("language", watch=True)  # type: ignore[untyped-decorator]
    def _retitle(self) -> None:
        words = Words(self.language)
        self.title.object = words("title")
        self.theme.name = words("light" if self.dark else "dark")
        self.connection.lost = words("lost")
        self.sections.param.update(options={words("search"): "", words("duplicates"): "duplicates"}, value=self.show)
        for section in (self.body, self.duplicates):
            if section is not None:
                section.language = self.language
        self.address.language = self.language
        self._locate()

    @param.depends("show", watch=True)  # type: ignore[untyped-decorator]
    def _show(self) -> None:
        """Show a section; the other one stays where it is, out of sight."""
        self.sections.value = self.show
        assert isinstance(self.body, Search)
        if self.show and self.duplicates is None:
            self.duplicates = Duplicates(self.body, language=self.language)
            self.duplicates.model.restore(self._given)
            self.duplicates.model.param.watch(self._locate, list(OF_DUPLICATES))
            self._body.append(self.duplicates)
            self._following = pn.state.add_periodic_callback(self._follow_duplicates, FOLLOW_MS, start=False)
            pn.state.onload(self._following.start)
        elif self.show and self.duplicates is not None:
            self.duplicates.renew()
        self._body.css_classes = ["body", f"at-{self.show or 'search'}"]
        self._locate()

    async def _follow_duplicates(self) -> None:
        """Follow the search for duplicates, while they are shown."""
        if self.show and self.duplicates is not None:
            await self.duplicates.follow()

    def _turn_to_search(self, ask: Callable[[], None]) -> None:
        """Show the search for what is asked in another section; both are one step of the browser's history."""
        located, self._located = self._located, None
        ask()
        self.show = ""
        self._located = located
        self._locate()

    def _address(self) -> dict[str, str]:
        """Return what the address has to hold."""
        shown = self._given if isinstance(self.body, PreparationView) else self.body.model.address()
        if self.show and self.duplicates is not None:
            shown = {**shown, **self.duplicates.model.address(), "show": self.show}
        return {**shown, "language": self.language}

    def _locate(self, *events: param.parameterized.Event) -> None:
        """Keep what is shown in the address, so that a reload, a sent link, and Back find it."""
        address, before = self._address(), self._located
        self._link()
        if before is not None and address != before:
            self._located = address
            is_other = any(address.get(key) != before.get(key) for key in ("query", "region", "show"))
            is_step = is_other or ("palette" in address) != ("palette" in before)
            self.address.show(address, how="step" if is_step else "same")

    def _link(self) -> None:
        """Lead to the other pages of this server, with the design that is looked at."""
        shown, words, beside = self._address(), Words(self.language), pages()
        kept: dict[str, str] = {name: shown[name] for name in ("query", "model", "version", "language") if name in shown}
        if self.dark:
            kept["theme"] = "dark"
        links = [[words(name), f"{name}?{urlencode(kept)}", view is self._view] for name, view in OTHERS.items() if f"/{name}" in beside]
        if self._view is not Search and "/search" in beside:
            duplicates = f"search?{urlencode({**kept, 'show': 'duplicates'})}"
            links = [[words("search"), f"search?{urlencode(kept)}", False], [words("duplicates"), duplicates, False], *links]
        self.nav.links = links if any(not is_here for *_, is_here in links) else []

    def _return(self, given: dict[str, str]) -> None:
        """Show what the address says again; what was chosen since then goes into it."""
        self._located = None
        self._given, self.language = given, _language(given)
        if not isinstance(self.body, PreparationView):
            self.body.model.restore(given, again=True)
            self.show = _section(given) if self.sections.visible else ""
            if self.show and self.duplicates is not None:
                self.duplicates.model.restore(given)
        self._located = given
        self._locate()

    def _turn(self) -> None:
        """Load the page again in the other theme: Panel sends the colors with the page."""
        self.address.show({**self._address(), "theme": "default" if self.dark else "dark"}, how="load")


def _language(given: dict[str, str]) -> str:
    """Return the language that an address names, or English."""
    return given["language"] if given.get("language") in LANGUAGES else "en"


def _section(given: Mapping[str, str]) -> str:
    """Return the section that an address names, or the search."""
    return "duplicates" if given.get("show") == "duplicates" else ""


def search_page() -> Viewable:
    """Return the search page of this process's archive, for `servable()` or `benzer serve`.

    Returns
    -------
    Viewable
        One for each visitor. The archive is BENZER_ARCHIVE, else `image_features/`; where that holds nothing yet, the sample
        archive is made. Pictures come from the routes of `benzer_lab.server`, or, where they are not installed, with the page.
    """
    return _page(Search)


def atlas_page() -> Viewable:
    """Return the page of the map of this process's archive, for `servable()` or `benzer serve`.

    Returns
    -------
    Viewable
        One for each visitor; of the same archive as `search_page`.
    """
    return _page(Atlas)


def timings_page() -> Viewable:
    """Return the page of timings, for `servable()` or `benzer serve`.

    Returns
    -------
    Viewable
        One for each visitor; rows of the same archive as `search_page`'s may be measured, and runs are kept in it unless BENZER_TIMINGS
        names another folder.
    """
    return _page(Timings)


def _page(view: type[Search | Atlas | Timings]) -> Viewable:
    """Return a page for a visitor, in the language and the theme of its address."""
    pn.extension(reconnect=True)
    if pn.state.curdoc is not None:  # a session that begins with a websocket instead of a page would take its styles from Panel's CDN
        pn.state.curdoc.template_variables["dist_url"] = get_dist_path()
    preparation = prepare()
    if preparation.status == "opening":
        preparation.ended.wait(PATIENCE)
    given = {key: values[-1].decode("utf-8", "replace") for key, values in pn.state.session_args.items() if values}
    return pn.panel(Page(preparation, given=given, view=view, language=_language(given), dark=pn.config.theme == "dark"))
