"""The gallery: a grid of pictures of which only those in sight exist, over as many as there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import param

from benzer_lab.views.pictures import HERE, Pictured, script

PAGE = 100  # tiles sent at a time, as gallery.js asks for them

# Name, key of the picture, title, note, badge; and, where a part was found, what `part_model.places` returns
Tile = tuple[str, str | None, str, str, str] | tuple[str, str | None, str, str, str, dict[str, Any]]


class Gallery(Pictured):
    """Tiles with a picture, a title and a note, to be asked about, looked at closely, and chosen.

    Rows come by the websocket, `PAGE` at a time, as they come into sight.

    Parameters
    ----------
    act : mapping of str to callable
        What to do with a tile's name: `pick` (its click), `look` (closely) and `choose` (or no longer).
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    label = param.String(doc="What the grid is, for screen readers.")
    caption = param.String(doc="One line above the tiles: how many of how many.")
    notice = param.String(doc="What to do or to know while there are no tiles.")
    error = param.String(doc="What went wrong, in a sentence.")
    keys = param.String(doc="Which keys do what; shown while the grid has the focus.")
    hint = param.String(doc="What a click on a tile does.")
    look = param.String(doc="What the button to look closely says.")
    choose = param.String(doc="What the button to choose says.")
    chosen_label = param.String(doc="What it says on what is chosen.")
    group = param.String(doc="What all of one search share, so that a click on one gallery, or a file, says at once that the other waits.")
    answers = param.Boolean(doc="Whether this is the gallery that waits for the answer.")
    selected = param.String(doc="Name of the tile that is marked.")
    chosen = param.List(doc="Names of the tiles that are chosen.")
    tile = param.Integer(default=132, bounds=(48, 512), doc="Width of a tile in pixels, as near as whole columns allow.")
    content = param.Dict(default={"epoch": 0, "total": 0, "tiles": [], "stay": False}, doc="The first page of tiles, and of how many.")

    _esm = script("gallery.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "gallery.css"))

    def __init__(self, *, act: Mapping[str, Callable[..., Any]], **params: Any) -> None:
        super().__init__(**params)
        self._act = act
        self._tiles: Callable[[int, int], Sequence[Tile]] = lambda start, stop: []

    def show(self, total: int, tiles: Callable[[int, int], Sequence[Tile]], *, stay: bool = False) -> None:
        """Show other tiles.

        Parameters
        ----------
        total : int
            How many there are.
        tiles : callable
            Gives those from `start` to `stop`.
        stay : bool, default=False
            Whether they are the same ones in other words, so that the browser stays where it has scrolled to.
        """
        self._tiles = tiles
        shown = self._page(0, total) if total else []
        self.content = {"epoch": self.content["epoch"] + 1, "total": total, "tiles": shown, "stay": stay}

    def wait(self) -> None:
        """Say that other tiles are on their way; `show` ends it."""
        self._send_msg({"type": "wait"})

    def _page(self, start: int, total: int) -> list[Tile]:
        """Return some tiles, and remember which pictures the browser may now ask for."""
        tiles = list(self._tiles(start, min(start + PAGE, total)))
        self.remember({key: name for name, key, *_ in tiles})
        return tiles

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Answer the browser, from which anything may come."""
        match data:
            case {"type": "pick" | "look" | "choose" as what, "name": str(name)} if what in self._act:
                self._act[what](name)
            case {"type": "tiles", "epoch": int(epoch), "start": int(start)} if epoch == self.content["epoch"]:
                total = self.content["total"]
                if 0 <= start < total:
                    self._send_msg({"type": "tiles", "epoch": epoch, "start": start, "tiles": self._page(start, total)})
            case {"type": "pictures"}:
                self.answer_pictures(data)
