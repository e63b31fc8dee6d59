"""The gallery: a grid of pictures that are fetched as they come into sight."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

BATCH = 100  # tiles sent at a time

Tile = dict[str, Any]
HERE = Path(__file__).parent


class Gallery(JSComponent):  # type: ignore[misc]
    """Tiles with a picture, a title and a note; a click on one says its name.

    Rows come by the websocket, `BATCH` at a time as one scrolls; pictures come from the route `thumbnails` in one request
    a batch, or, where there is no such route (in a notebook), in one binary message.

    Parameters
    ----------
    picture : callable
        Gives the WebP picture of a tile's name, or None where there is none.
    pick : callable, optional
        Called with the name of a clicked tile.
    **params : object
        The parameters below, and those of every Panel component.
    """

    caption = param.String(doc="One line above the tiles: how many of how many.")
    notice = param.String(doc="What to do or to know while there are no tiles.")
    error = param.String(doc="What went wrong, in a sentence.")
    hint = param.String(doc="What a click on a tile does.")
    no_picture = param.String(doc="What stands in the place of a missing picture.")
    busy = param.Boolean(doc="Whether an answer is on its way.")
    selected = param.String(doc="Name of the tile that is marked.")
    tile = param.Integer(default=132, bounds=(48, 512), doc="Least width of a tile in pixels.")
    line = param.Boolean(doc="One row of small tiles instead of a grid.")
    routes = param.Boolean(doc="Whether this page's server has the route `thumbnails`.")
    content = param.Dict(default={"epoch": 0, "total": 0, "tiles": []}, doc="The first batch of tiles, and of how many.")

    _esm = HERE / "gallery.js"
    _stylesheets = (str(HERE / "gallery.css"),)

    def __init__(self, *, picture: Callable[[str], bytes | None], pick: Callable[[str], None] | None = None, **params: Any) -> None:
        super().__init__(**params)
        self._picture = picture
        self._pick = pick
        self._tiles: Callable[[int, int], Sequence[Tile]] = lambda start, stop: []
        self._names: dict[str, str] = {}

    def show(self, total: int, tiles: Callable[[int, int], Sequence[Tile]]) -> None:
        """Show other tiles.

        Parameters
        ----------
        total : int
            How many there are.
        tiles : callable
            Gives those from `start` to `stop`, each a dict of name, key (of its picture, or None), title, note and badge.
        """
        self._tiles = tiles
        self._names = {}
        self.content = {"epoch": self.content["epoch"] + 1, "total": total, "tiles": self._batch(0, total) if total else []}

    def _batch(self, start: int, total: int) -> list[Tile]:
        """Return some tiles, and remember which pictures the browser may now ask for."""
        tiles = list(self._tiles(start, min(start + BATCH, total)))
        self._names |= {tile["key"]: tile["name"] for tile in tiles if tile["key"]}
        return tiles

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Answer the browser, from which anything may come."""
        match data:
            case {"type": "pick", "name": str(name)} if self._pick is not None:
                self._pick(name)
            case {"type": "tiles", "epoch": int(epoch), "start": int(start)} if epoch == self.content["epoch"]:
                total = self.content["total"]
                if 0 <= start < total:
                    self._send_msg({"type": "tiles", "epoch": epoch, "start": start, "tiles": self._batch(start, total)})
            case {"type": "pictures", "keys": list(keys)}:
                known = [key for key in keys if isinstance(key, str) and key in self._names]
                pictures = [self._picture(self._names[key]) or b"" for key in known]
                lengths = struct.pack(f"<{len(known)}I", *map(len, pictures))
                self._send_msg({"type": "pictures", "keys": known, "body": lengths + b"".join(pictures)})
