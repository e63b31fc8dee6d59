"""The address of a page, which says what the page shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class Address(JSComponent):  # type: ignore[misc]
    """The address in the browser, whose Back and Forward Panel's own `Location` does not hear.

    Parameters
    ----------
    follow : callable
        Called with the parameters of the address when the visitor goes back or forward.
    **params : object
        The parameters below, and those of every Panel component.
    """

    language = param.String(doc="Which language the document says that it is in: 'en' or 'tr'.")

    _esm = HERE / "address.js"

    def __init__(self, *, follow: Callable[[dict[str, str]], None], **params: Any) -> None:
        super().__init__(**params)
        self._follow = follow

    def show(self, shown: dict[str, str], *, how: Literal["step", "same", "load"]) -> None:
        """Put parameters into the address.

        Parameters
        ----------
        shown : dict of str to str
            All of them, but for the theme, which stays where it is not among them.
        how : {'step', 'same', 'load'}
            As a new step of the browser's history, in the place of the last, or by loading the page again.
        """
        self._send_msg({"shown": shown, "how": how})

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Take the address from the browser, from which anything may come."""
        match data:
            case {"search": str(search)}:
                self._follow(dict(parse_qsl(search.removeprefix("?"))))
