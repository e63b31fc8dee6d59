"""The map: all designs as points, and as pictures where one comes near."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from benzer_lab.payloads import key_of, offer
from benzer_lab.views.pictures import HERE, Pictured, script

CATEGORIES = 19  # that have a color of their own; map.css names them, and what is beyond them shares the next one
OTHER = CATEGORIES  # the code of everything else
LEVELS = 32  # of a number, as map.js mixes them
MOST_ROWS = 400  # designs told in one message
LIBRARY = (HERE / "dist" / "scatterplot.js").read_bytes()

Points = NDArray[np.float32]
Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Design = tuple[str, str | None, str, str]  # name, key of the picture, title, note


class Map(Pictured):
    """Points to be looked at, drawn in colors, encircled, and told by their designs.

    Points, colors and what is shown reach the browser as binary, each once: by the route `payloads`, or as a message.

    Parameters
    ----------
    designs : callable
        Gives name, key of the picture, title and note of some rows.
    act : mapping of str to callable
        What to do on `pick` (a row), `lasso` (an outline of shape (k, 2)), `label` (the place of one in `labels`), `entry` (of one in the
        legend), `square` (of one in `squares`), `clear`, `ready` (once it is in the page), and `drawn` (once its
        first points are, or cannot be).
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    points = param.Dict(default={"key": "", "n": 0}, doc="Key and number of the points.")
    colors = param.Dict(default={"key": "", "scale": ""}, doc="Key of a code for each point, and what the codes are: category or number.")
    shown = param.Dict(default={"key": "", "n": 0}, doc="Key of a bit for each point, and how many are set; without a key all are.")
    marked = param.Integer(default=-1, doc="The point that is marked, or -1.")
    labels = param.List(default=[], doc="Names on the map, the largest first: [row of the point it stands at, text, color].")
    legend = param.Dict(default={}, doc="title, and either entries ([text, color, note, chosen]) or low and high.")
    squares = param.List(default=[], doc="Places that are marked: left, bottom, right, top, and what each says.")
    outline = param.List(default=[], doc="What is encircled: x and y in turn.")
    library = param.String(doc="Key of what draws the points.")
    words = param.Dict(default={}, doc="Words for: label, move, lasso, whole, nearer, farther, keys, hint, unsupported, wait.")

    _esm = script("map.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "map.css"))

    def __init__(
        self, *, designs: Callable[[NDArray[np.int64]], Sequence[Design]], act: Mapping[str, Callable[..., Any]], **params: Any
    ) -> None:
        super().__init__(**params)
        self._designs = designs
        self._act = act
        self._payloads: dict[str, bytes] = {}
        self.library = self._send("library", LIBRARY)

    def place(self, points: Points) -> None:
        """Show other points.

        Parameters
        ----------
        points : ndarray of shape (n, 2), float32
            From -1 to 1, y upward.
        """
        key = self._send("points", np.ascontiguousarray(points, "<f4").tobytes())
        self.param.update(points={"key": key, "n": len(points)}, shown={"key": "", "n": len(points)}, marked=-1, outline=[])

    def color(self, codes: Codes, *, scale: str, legend: dict[str, Any]) -> None:
        """Color the points.

        Parameters
        ----------
        codes : ndarray of shape (n,), uint8
            Of a category up to `OTHER`; of a number below `LEVELS`.
        scale : {'category', 'number'}
            What the codes are.
        legend : dict
            As the parameter.
        """
        key = self._send("colors", np.ascontiguousarray(codes, np.uint8).tobytes())
        self.param.update(colors={"key": key, "scale": scale}, legend=legend)

    def show(self, mask: Mask | None) -> None:
        """Let only some points stand out.

        Parameters
        ----------
        mask : ndarray of shape (n,), bool, or None
            Which; None for all.
        """
        n = self.points["n"]
        if mask is None:
            self.shown = {"key": "", "n": n}
        else:
            key = self._send("shown", np.packbits(mask, bitorder="little").tobytes())
            self.shown = {"key": key, "n": int(mask.sum())}

    def go(self, row: int) -> None:
        """Move the view to a point."""
        self._send_msg({"type": "go", "row": row})

    def _send(self, what: str, content: bytes) -> str:
        """Hold what the browser will ask for: in the route's store, and, of each kind the latest, here."""
        key = offer(content) if self.routes else key_of(content)
        self._payloads = {held: body for held, body in self._payloads.items() if not held.startswith(f"{what}/")}
        self._payloads[f"{what}/{key}"] = content
        return key

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Answer the browser, from which anything may come."""
        n = self.points["n"]
        match data:
            case {"type": "pick", "row": int(row)} if 0 <= row < n:
                self._act["pick"](row)
            case {"type": "lasso", "outline": list(outline)} if len(outline) >= 6 and all(isinstance(x, int | float) for x in outline):
                self._act["lasso"](np.array(outline[: len(outline) // 2 * 2], float).reshape(-1, 2))
            case {"type": "label" | "entry" | "square" as what, "place": int(place)} if place >= 0 and what in self._act:
                self._act[what](place)
            case {"type": "clear" | "ready" | "drawn" as what} if what in self._act:
                self._act[what]()
            case {"type": "designs", "rows": list(rows)}:
                known = [row for row in rows[:MOST_ROWS] if isinstance(row, int) and 0 <= row < n]
                designs = list(self._designs(np.array(known, np.int64)))
                self.remember({key: name for name, key, *_ in designs})
                told = [[row, *design] for row, design in zip(known, designs, strict=True)]
                self._send_msg({"type": "designs", "points": self.points["key"], "designs": told})
            case {"type": "payload", "what": str(what), "key": str(key)}:
                self._send_msg({"type": "payload", "key": key, "body": self._payloads.get(f"{what}/{key}", b"")})
            case {"type": "pictures"}:
                self.answer_pictures(data)
