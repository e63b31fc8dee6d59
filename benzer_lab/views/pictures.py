"""What shows pictures: a component that fetches them by key, and the answer to one that has no route to fetch them from."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent
BATCH = 100  # pictures in one message, as pictures.js asks for them
KEPT = 8_000  # keys: of the 60 pages of 100 tiles that gallery.js keeps, and some
Picture = Callable[[str, str], bytes | None]


def script(*names: str) -> str:
    """Return the JavaScript of a component, the last file, behind that of the pictures it shows and of its parts."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("pictures.js", *names))


class Pictured(JSComponent):  # type: ignore[misc]
    """A component with pictures.

    Parameters
    ----------
    picture : callable
        Gives the WebP picture of a name in a size, 'tiny', 'small' or 'large', or None where there is none.
    **params : object
        The parameters below, and those of every Panel component.
    """

    no_picture = param.String(doc="What stands in the place of a missing picture.")
    routes = param.Boolean(doc="Whether this page's server has the route `thumbnails`.")

    _stylesheets: tuple[str, ...] = (str(HERE / "pictures.css"),)

    def __init__(self, *, picture: Picture, **params: Any) -> None:
        super().__init__(**params)
        self._picture = picture
        self._names: dict[str, str] = {}

    def remember(self, names: Mapping[str | None, str]) -> None:
        """Let the browser ask for the pictures of these keys.

        Parameters
        ----------
        names : mapping of str to str
            Key of the picture to what `picture` takes; the latest `KEPT` are remembered.
        """
        for key, name in names.items():
            if key:
                self._names.pop(key, None)
                self._names[key] = name
        while len(self._names) > KEPT:
            del self._names[next(iter(self._names))]

    def answer_pictures(self, data: dict[str, Any]) -> None:
        """Send the pictures that the browser asked for; nothing for those that it was never told of.

        Parameters
        ----------
        data : dict
            `{"type": "pictures", "keys": [...]}`, with `size` where it is not the small one.
        """
        size = one if (one := data.get("size")) in ("tiny", "small", "large") else "small"
        asked = data.get("keys")
        keys = list(dict.fromkeys(key for key in asked if isinstance(key, str)))[:BATCH] if isinstance(asked, list) else []
        pictures = [(self._picture(self._names[key], size) if key in self._names else None) or b"" for key in keys]
        lengths = struct.pack(f"<{len(keys)}I", *map(len, pictures))
        self._send_msg({"type": "pictures", "keys": keys, "size": size, "body": lengths + b"".join(pictures)})
