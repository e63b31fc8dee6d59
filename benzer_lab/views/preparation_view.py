"""What a visitor sees until the archive is ready."""

from html import escape
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable, Viewer

from benzer_lab.views.preparation_model import Preparation
from benzer_lab.views.words import LANGUAGES, Words

WIDTH = 480  # pixels
STYLE = (Path(__file__).parent / "preparation.css").read_text(encoding="utf-8")


class PreparationView(Viewer):  # type: ignore[misc]
    """How far the archive has come, with a bar.

    Parameters
    ----------
    preparation : Preparation
        What is shown; `refresh` shows it as it is now.
    **params : object
        `language`, 'en' (default) or 'tr'.
    """

    language = param.Selector(default="en", objects=list(LANGUAGES), doc="Of every word.")
    error = param.String(doc="Why there is nothing to show although the archive was opened, in a sentence.")

    def __init__(self, preparation: Preparation, **params: Any) -> None:
        super().__init__(**params)
        self._preparation = preparation
        self.title, self.step, self.note = (
            pn.pane.Str(css_classes=[name], stylesheets=[STYLE], width=WIDTH) for name in ("title", "step", "note")
        )
        self.bar = pn.indicators.Progress(stylesheets=[STYLE], width=WIDTH)
        self._layout = pn.Column(self.title, self.step, self.bar, self.note, margin=(80, 20), width=WIDTH, align="center")
        self.refresh()

    def __panel__(self) -> Viewable:
        """Return the layout, which is built once."""
        return self._layout

    @param.depends("language", "error", watch=True)  # type: ignore[untyped-decorator]
    def refresh(self) -> None:
        """Show the preparation as it is now."""
        now, words = self._preparation, Words(self.language)
        error = self.error or now.error
        failed = bool(error)
        self.title.object = words("unprepared" if failed else "preparing")
        self.step.object = escape(error, quote=False) or words(now.status, done=now.done, total=now.total)  # the pane takes text for HTML
        self.note.object = "" if failed else words("preparing_note")
        self.bar.param.update(visible=not failed, value=100 * now.done // now.total if now.total else -1)
