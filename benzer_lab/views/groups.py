"""Groups of pictures under their heads, of which only those in sight exist, over as many as there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import param

from benzer_lab.views.gallery import PAGE, Tile
from benzer_lab.views.pictures import HERE, Pictured, script

Head = dict[str, Any]  # title, count, marks


class Groups(Pictured):
    """Tiles as those of `Gallery`, gathered in groups, each with a head that says what its images have in common.

    Parameters
    ----------
    act : mapping of str to callable
        What to do with the number of a group and the name of a tile: `pick`, `look` and `choose`; or of a group alone: `choose_all`.
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    label = param.String(doc="What all of it is, for screen readers.")
    notice = param.String(doc="What to know while there are no groups.")
    hint = param.String(doc="What a click on a tile does.")
    look = param.String(doc="What the button to look closely says.")
    choose = param.String(doc="What the button to choose says.")
    chosen_label = param.String(doc="What it says on what is chosen.")
    choose_all = param.String(doc="What the button to choose a whole group says.")
    chosen = param.List(doc="Names of the tiles that are chosen.")
    tile = param.Integer(default=132, bounds=(48, 512), doc="Width of a tile in pixels, as near as whole columns allow.")
    content = param.Dict(default={"epoch": 0, "sizes": [], "stay": False}, doc="How many tiles each group has.")

    _esm = script("groups.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "gallery.css"), str(HERE / "groups.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act
        self._ends = np.empty(0, np.int64)
        self._head: Callable[[int], Head] = lambda group: {}
        self._tiles: Callable[[int, int, int], Sequence[Tile]] = lambda group, start, stop: []

    def show(
        self,
        sizes: Sequence[int],
        head: Callable[[int], Head],
        tiles: Callable[[int, int, int], Sequence[Tile]],
        *,
        stay: bool = False,
    ) -> None:
        """Show other groups.

        Parameters
        ----------
        sizes : sequence of int
            How many tiles each has.
        head : callable
            Gives what stands over a group: `title`, `count`, and `marks`, which are texts with whether they are worth a look.
        tiles : callable
            Gives those of a group from `start` to `stop`.
        stay : bool, default=False
            Whether they are the same ones in other words, so that the browser stays where it has scrolled to.
        """
        self._ends, self._head, self._tiles = np.cumsum(sizes, dtype=np.int64), head, tiles
        self.content = {"epoch": self.content["epoch"] + 1, "sizes": list(sizes), "stay": stay}

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Answer the browser, from which anything may come."""
        match data:
            case {"type": "pick" | "look" | "choose" as what, "group": int(group), "name": str(name)} if 0 <= group < len(self._ends):
                self._act[what](group, name)
            case {"type": "choose_all", "group": int(group)} if 0 <= group < len(self._ends):
                self._act["choose_all"](group)
            case {"type": "tiles", "epoch": int(epoch), "start": int(start)} if epoch == self.content["epoch"] and start >= 0:
                self._send_page(epoch, start)
            case {"type": "pictures"}:
                self.answer_pictures(data)

    def _send_page(self, epoch: int, start: int) -> None:
        """Send some tiles, the heads of their groups, and remember which pictures the browser may now ask for."""
        tiles: list[Tile] = []
        heads: list[tuple[int, Head]] = []
        stop = min(start + PAGE, int(self._ends[-1]) if len(self._ends) else 0)
        for group in range(int(np.searchsorted(self._ends, start, "right")), len(self._ends)):
            first = int(self._ends[group - 1]) if group else 0
            if first >= stop:
                break
            heads.append((group, self._head(group)))
            tiles += self._tiles(group, max(start - first, 0), min(stop, int(self._ends[group])) - first)
        self.remember({key: name for name, key, *_ in tiles})
        self._send_msg({"type": "tiles", "epoch": epoch, "start": start, "tiles": tiles, "heads": heads})
