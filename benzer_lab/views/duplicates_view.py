"""The section of duplicates: what the images of an archive are to each other, in groups."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable, Viewer

from benzer_lab._verdicts import KINDS
from benzer_lab.duplicates import DesignGroup
from benzer_lab.views.download import Download
from benzer_lab.views.duplicates_model import DuplicatesModel, tails_of
from benzer_lab.views.gallery import Tile
from benzer_lab.views.groups import Groups, Head
from benzer_lab.views.inputs import Check, Slider
from benzer_lab.views.picks import Picks
from benzer_lab.views.search_model import line_of, title_of
from benzer_lab.views.search_view import CONTROLS, Search
from benzer_lab.views.words import LANGUAGES, Words

POLL_MS = 500
MOST_NAMED = 4  # designs or seasons of a group that its head names
STYLE = (Path(__file__).parent / "duplicates.css").read_text(encoding="utf-8")
TABS = {"duplicate": "duplicates", "colorway": "colorway_groups", "look-alike": "look_alikes_tab"}
EXPLAINED = {"duplicate": "duplicates_are", "colorway": "colorways_are", "look-alike": "look_alikes_are"}
TOLD = {"neighbors": "finding_neighbors", "pairs": "finding_pairs", "stopping": "finding_stopping"}
NONE = {"duplicate": "no_duplicates", "colorway": "no_colorway_groups", "look-alike": "no_look_alikes"}


class Duplicates(Viewer):  # type: ignore[misc]
    """Groups of the archive that a search shows; what is chosen, and looked at closely, is the search's.

    Parameters
    ----------
    search : Search
        Beside which it stands.
    **params : object
        `language`, 'en' (default) or 'tr'.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word but the archive's own.")

    def __init__(self, search: Search, **params: Any) -> None:
        super().__init__(**params)
        self._search = search
        self._seen = -1  # of the searches for them that have ended
        self.model = DuplicatesModel(search.model.archive)
        self._make()
        self._layout = self._arrange()
        self._link()
        self._relabel()

    def __panel__(self) -> Viewable:
        """Return the layout, which is built once."""
        return self._layout

    async def follow(self) -> None:
        """Show how far the search for them has come, or the groups that it found; while they are read others are served."""
        finding, seen = self.model.finding, self.model.finding.n_ended
        if not finding.is_running and self._seen != seen:
            self._seen = seen
            await asyncio.to_thread(self.model.read)
            self.model.refresh()
        self._show_status()

    def renew(self) -> None:
        """Read the groups again when they are next followed: others may have come from elsewhere."""
        self._seen = -1

    def _make(self) -> None:
        """Make what is laid out."""
        search, text = self._search, partial(pn.pane.Str, stylesheets=[STYLE], margin=0)
        button = partial(pn.widgets.Button, stylesheets=[CONTROLS], margin=0)
        self.kinds = pn.widgets.RadioButtonGroup(stylesheets=[CONTROLS], margin=0)
        self.switches = {name: Check(value=getattr(self.model, name)) for name in ("across_seasons", "two_names")}
        self.size = Slider(value=132, start=56, end=320, step=4, width=90)
        self.explained, self.status = text(css_classes=["explained"]), text(css_classes=["status"])
        self.bar = pn.indicators.Progress(stylesheets=[STYLE], width=260, height=20, margin=0)
        self.find = button(on_click=lambda event: self._find())
        self.stop = button(on_click=lambda event: self._stop())
        self.csv = Download(make=self._csv)
        self.picks = Picks(export=search.export, clear=partial(search.model.change, picks=[]))
        acts: dict[str, Callable[..., None]] = {
            "pick": self._pick,
            "look": self._look,
            "choose": self._choose,
            "choose_all": self._choose_all,
        }
        shared = {"picture": search.model.picture, "routes": search.archive_gallery.routes}
        self.groups = Groups(act=acts, tile=self.size.value, sizing_mode="stretch_both", **shared)

    def _arrange(self) -> Viewable:
        """Lay everything out."""
        row = partial(pn.FlexBox, align_items="center", gap="8px 18px", stylesheets=[STYLE], margin=0, css_classes=["row"])
        self.tabs = row(self.kinds, *self.switches.values())
        state = row(self.status, self.bar, self.find, self.stop, self.csv, self.picks, self.size)
        parts = self.tabs, self.explained, state, self.groups
        return pn.Column(*parts, css_classes=["duplicates"], stylesheets=[STYLE], sizing_mode="stretch_both")

    def _link(self) -> None:
        """Have widgets and state follow each other."""
        model, search = self.model, self._search
        self.kinds.param.watch(lambda event: model.param.update(kind=event.new), "value")
        for name, check in self.switches.items():
            check.param.watch(lambda event, name=name: model.param.update(**{name: event.new}), "value")
            model.param.watch(lambda event, check=check: check.param.update(value=event.new), name)
        self.size.param.watch(lambda event: self.groups.param.update(tile=event.new), "value")
        model.param.watch(self._show_groups, ["kind", "across_seasons", "two_names", "found", "error"])
        search.picks.param.watch(self._show_picks, ["n", "text", "labels"])
        self.param.watch(self._relabel, "language")

    @property
    def _words(self) -> Words:
        return Words(self.language)

    def _relabel(self, *events: param.parameterized.Event) -> None:
        """Say everything in the language."""
        words = self._words
        for name, check in self.switches.items():
            check.label = words(name)
        self.size.param.update(label=words("tile"), language=words.language)
        self.stop.name = words("stop")
        self.csv.param.update(label=words("whole_csv"), failed=words("export_failed"))
        tools = {"look": words("look"), "choose": words("choose"), "chosen_label": words("chosen"), "choose_all": words("choose_all")}
        self.groups.param.update(label=words("duplicates_title"), hint=words("look_alikes_of"), no_picture=words("no_picture"), **tools)
        self._show_groups(stay=True)
        self._show_picks()

    def _show_groups(self, *events: param.parameterized.Event, stay: bool = False) -> None:
        """Show the groups of a kind, and how many there are of each."""
        model, words = self.model, self._words
        counts = model.counts()
        names = {kind: f"{words(TABS[kind])} · {words.number(counts[kind])}" if model.found else words(TABS[kind]) for kind in KINDS}
        self.kinds.param.update(options={names[kind]: kind for kind in KINDS}, value=model.kind)
        self.switches["two_names"].visible = model.kind != "look-alike"
        if model.found is None:
            self.explained.object = "\n".join(f"{words(TABS[kind])}: {words(EXPLAINED[kind])}" for kind in KINDS)
        else:
            self.explained.object = words(EXPLAINED[model.kind])
        groups = model.groups

        def head(group: int) -> Head:
            return self._head(groups[group])

        def tiles(group: int, start: int, stop: int) -> list[Tile]:
            return self._tiles(groups[group], start, stop)

        self._shown = groups
        is_narrowed = model.across_seasons or model.two_names
        self.groups.notice = "" if groups or model.found is None else words("no_groups_pass" if is_narrowed else NONE[model.kind])
        self.groups.show([len(group) for group in groups], head, tiles, stay=stay)
        self._show_status()

    def _show_status(self) -> None:
        """Show when the groups were found and among what, or how far the search for them is."""
        model, words, finding = self.model, self._words, self.model.finding
        now, found = finding.status, model.found
        if finding.is_running:
            text = words(TOLD[now], done=finding.done, total=finding.total)
        elif finding.error or model.error:
            text = finding.error or model.error
        elif found is None:
            text = words("finding_stopped" if now == "stopped" else "never_found")
        else:
            when = words.moment(datetime.fromisoformat(found.created).astimezone())
            text = words("found_when", when=when, images=words.images(found.n_images))
            if found.is_stale:
                text += " " + words("stale", n=found.n_new + found.n_gone)
            if found.failures:
                text += " " + words("unread", images=words.images(len(found.failures)))
        self.status.object = escape(text, quote=False)  # panes of Panel take text for HTML, and an error may name a file
        is_needed = found is None or found.is_stale or bool(model.error)
        self.find.param.update(
            name=words("find_duplicates" if found is None else "find_again"), visible=not finding.is_running and is_needed
        )
        self.stop.param.update(visible=finding.is_running, disabled=now == "stopping")
        share = round(100 * finding.done / finding.total) if finding.total else -1
        self.bar.param.update(visible=finding.is_running, value=share)
        for part in (self.tabs, self.csv, self.picks, self.size):
            part.visible = found is not None

    def _show_picks(self, *events: param.parameterized.Event) -> None:
        """Show what is chosen."""
        picks = self._search.picks
        self.picks.param.update(n=picks.n, text=picks.text, labels=picks.labels)
        self.groups.chosen = self._search.model.picks

    def _head(self, group: DesignGroup) -> Head:
        """Return what stands over a group."""
        words, n = self._words, len(group)
        marks: list[tuple[str, bool]] = []
        if len(group.designs) > 1 and group.kind != "look-alike":
            marks.append((words("under_names", n=len(group.designs)), True))
        if len(group.seasons) > 1:
            marks.append((self._listed(sorted(group.seasons)), group.kind != "look-alike"))
        title = self._listed(group.designs) or group.filenames[0]
        return {"title": title, "count": words.images(n), "marks": marks}

    def _listed(self, values: list[str]) -> str:
        """Return the first of some values, and how many more there are."""
        more = [f"+{self._words.number(len(values) - MOST_NAMED)}"] if len(values) > MOST_NAMED else []
        return ", ".join(values[:MOST_NAMED] + more)

    def _tiles(self, group: DesignGroup, start: int, stop: int) -> list[Tile]:
        """Return what is shown of some images of a group: of one design their file names tell more than its name."""
        tails = tails_of(group.filenames) if len(group.designs) < 2 else [None] * len(group)
        several = list(zip(group.filenames, tails, group.records, group.scores.tolist(), strict=True))
        tiles: list[Tile] = []
        for name, tail, record, score in several[start:stop]:
            badge = self._words.number(score, 2) if group.kind == "look-alike" else ""
            tiles.append((name, self._search.model.key(name), tail or title_of(name, record), line_of(record), badge))
        return tiles

    def _find(self) -> None:
        """Begin to look for them."""
        self.model.finding.start()
        self._show_status()

    def _stop(self) -> None:
        """Look for them no more."""
        self.model.finding.stop()
        self._show_status()

    def _csv(self) -> tuple[str, bytes]:
        """Return all groups as a table."""
        found = self.model.found
        text = "" if found is None else found.to_csv(comma="," if self.language == "tr" else ".")
        return "benzer-lab-duplicates.csv", text.encode("utf-8-sig")

    def _pick(self, group: int, name: str) -> None:
        """Look for what is like a design."""
        self._search.turn_to(partial(self._search.model.ask, name))

    def _look(self, group: int, name: str) -> None:
        """Look closely at an image, beside the one that it is most like."""
        self._search.closeup_model.look_in(self._shown[group], name)

    def _choose(self, group: int, name: str) -> None:
        """Choose an image for export, or no longer."""
        self._search.model.choose(name)

    def _choose_all(self, group: int) -> None:
        """Choose all images of a group."""
        model = self._search.model
        model.change(picks=list(dict.fromkeys([*model.picks, *self._shown[group].filenames])))
