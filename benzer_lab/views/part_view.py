"""Parts of a design on the page: drawn in the large view, told in a bar, looked for in a thread, and prepared where they are not yet."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import param

from benzer_lab.errors import BenzerError
from benzer_lab.parts import MOST_PARTS
from benzer_lab.regions import least_of
from benzer_lab.views.catalog import OwnImage
from benzer_lab.views.closeup import Closeup
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.describing_model import describing, hindrance
from benzer_lab.views.part_bar import PartBar
from benzer_lab.views.part_model import Part, found_in, places, read_boxes
from benzer_lab.views.search_model import Outcome, SearchModel, name_of, title_of
from benzer_lab.views.words import Words

POLL_MS = 400


class PartView:
    """The bar, and what the large view does with parts.

    Parameters
    ----------
    search : SearchModel
        Which holds what is looked for.
    close : CloseupModel
        What is looked at closely.
    closeup : callable
        Gives the large view.
    """

    def __init__(self, search: SearchModel, close: CloseupModel, closeup: Callable[[], Closeup]) -> None:
        self._search, self._close, self._closeup = search, close, closeup
        self._describing = describing(search.archive)
        self._words = Words("en")
        self._poll: Any = None
        acts = {"prepare": self._prepare, "stop": self._stop, "whole": self._ask_whole}
        self.bar = PartBar(act=acts, visible=False, sizing_mode="stretch_width")
        search.aside = self._aside
        search.param.watch(self._show, ["region", "query", "own_image", "busy"])

    def relabel(self, words: Words) -> None:
        """Say everything in a language.

        Parameters
        ----------
        words : Words
            Of the language.
        """
        self._words = words
        self._show()

    def labels(self) -> dict[str, str]:
        """Return what the large view says of parts."""
        words, numbers = self._words, {name: f"{{{name}}}" for name in ("n", "width", "height", "left", "top")}
        plain = ("find_part", "part_hint", "add_box", "search_part", "search_parts")
        return {word: words(word) for word in plain} | {
            "most_parts": words("most_parts", n=MOST_PARTS),
            "clear_boxes": words("clear"),
            "box": words("box", **numbers),
            "remove_box": words("remove_box", n="{n}"),
        }

    def is_offered(self, query: Any) -> bool:
        """Tell whether a part of a query may be looked for: of an image that can be seen."""
        return isinstance(query, str | OwnImage) and self._search.key(query) is not None

    def found_in_one(self) -> dict[str, Any] | None:
        """Return where the parts were found in the hit that is looked at, else which parts of the query are looked for."""
        close = self._close
        if close.side == "hits":
            found = found_in(self._search.hits, close.place)
            return places(*found) if found else None
        return self.of_query() if close.one == self._search.asked else None

    def of_query(self) -> dict[str, Any] | None:
        """Return which parts of the query are looked for."""
        step = self._search.step
        size = self._search.known_size(step.whole) if isinstance(step, Part) else None
        return places(step.boxes, size) if isinstance(step, Part) and size else None

    def change(self) -> None:
        """Show the query large, to draw parts of it."""
        self._close.look("query")
        self.turn(True)

    def turn(self, on: bool) -> None:
        """Have parts of what is looked at drawn, or no longer.

        Parameters
        ----------
        on : bool
            Which of the two.
        """
        one = self._close.one
        if on and isinstance(one, str | OwnImage):
            pn.state.execute(partial(self._open, one), schedule=False)
        else:
            self._closeup().part = None

    async def _open(self, one: str | OwnImage) -> None:
        """Have parts drawn once the size of the image is known."""
        search, told = self._search, dict[str, Any](key=self._search.key(one))
        try:
            size = await asyncio.to_thread(search.size, one)
        except BenzerError as error:
            told["error"] = str(error)
        else:
            boxes = search.step.boxes if isinstance(search.step, Part) and search.asked == one else ()
            told |= {"size": list(size), "least": list(least_of(size)), "most": MOST_PARTS, "boxes": [list(box) for box in boxes]}
        if self._close.one == one:
            self._closeup().part = told

    def take(self, boxes: list[Any]) -> None:
        """Look for the parts that were drawn.

        Parameters
        ----------
        boxes : list
            As the browser sent them.
        """
        one, drawn = self._close.one, read_boxes(boxes)
        if drawn and isinstance(one, str | OwnImage):
            self._close.close()
            self._search.ask(Part(one, tuple(drawn)))

    def _ask_whole(self) -> None:
        if self._search.asked is not None:
            self._search.ask(self._search.asked)

    def _aside(self, work: Callable[[], Outcome], show: Callable[[Outcome], None]) -> None:
        """Look in a thread while others are served; on a page that is still being loaded, once it is there."""

        async def run() -> None:
            show(await asyncio.to_thread(work))

        pn.state.onload(run)

    def _prepare(self) -> None:
        self._describing.start(self._search.archive)
        self._show()

    def _stop(self) -> None:
        self._describing.stop()
        self._show()

    def _follow(self) -> None:
        """Show how far the images are described; when they are, look again."""
        if not self._describing.is_running:
            self._poll.stop()
            self._poll = None
            if not self._describing.error and self._search.region:
                self._search.look_again()
        self._show()

    def _show(self, *events: param.parameterized.Event) -> None:
        """Tell what is looked for, and in how many images it cannot be yet."""
        search, words, step = self._search, self._words, self._search.step
        self.bar.visible = isinstance(step, Part)
        if not isinstance(step, Part):
            return
        n, title = len(step.boxes), title_of(name_of(step), search.record(step))
        text = words("part_of", title=title) if n == 1 else words("parts_of", n=n, title=title)
        labels = {"whole": words("whole_design"), "stop": words("stop"), "progress": words("describing")}
        self.bar.param.update(text=text, labels=labels, state=self._state())
        if self._describing.is_running and self._poll is None:
            self._poll = pn.state.add_periodic_callback(self._follow, POLL_MS, start=False)
            pn.state.onload(self._poll.start)

    def _state(self) -> dict[str, Any]:
        """Return what the bar says of images that are not described, and what can be done."""
        words, now, search = self._words, self._describing, self._search
        if now.is_running:
            text = words("described", done=now.done, total=now.total) if now.total else words("describing")
            return {
                "text": words("stopping") if now.status == "stopping" else text,
                "done": now.done,
                "total": now.total,
                "can_stop": now.status == "running",
            }
        if not search.undescribed:
            return {}
        text = words("undescribed_all") if search.hits is None else words("undescribed", images=words.images(search.undescribed))
        why_not = hindrance(search.archive)
        if why_not:
            return {"text": f"{text} {words(why_not, folder=search.archive.folder)}"}
        return {"text": now.error or text, "is_error": bool(now.error), "prepare": words("prepare")}
