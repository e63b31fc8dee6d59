"""The colors that are looked for, laid out: a button, and a bar that it opens."""

import asyncio
from collections.abc import Callable

import param

from benzer_lab.errors import BenzerError
from benzer_lab.views.palette import PaletteBar, PaletteButton
from benzer_lab.views.palette_model import PaletteModel
from benzer_lab.views.search_model import SearchModel
from benzer_lab.views.words import Words


class PaletteView:
    """The button and the bar, which follow the state.

    Parameters
    ----------
    search : SearchModel
        Which holds the palette.
    eyedropper : callable
        Called when colors are to be picked from pictures.
    """

    def __init__(self, search: SearchModel, *, eyedropper: Callable[[], None]) -> None:
        self.model = model = PaletteModel(search)
        self._search = search
        self._words = Words("en")
        offered = "color" in search.archive.models
        self.button = PaletteButton(toggle=model.toggle, visible=offered, css_classes=["colors"])
        acts = {name: getattr(model, name) for name in ("add", "replace", "weigh", "divide", "remove", "demand", "tolerate")}
        can_pick = search.archive.images is not None
        self.bar = PaletteBar(
            act={**acts, "eyedropper": eyedropper}, take=self._take, can_pick=can_pick, visible=False, sizing_mode="stretch_width"
        )
        search.param.watch(self._show, ["palette", "query", "own_image"])
        model.param.watch(self._show, ["is_open", "error"])

    def relabel(self, words: Words) -> None:
        """Say everything in a language.

        Parameters
        ----------
        words : Words
            Of the language.
        """
        self._words = words
        self.button.label = words("colors")
        places = {"change": "change_color", "more": "more_of", "less": "less_of", "remove": "remove_color"}
        plain = {
            "palette": "palette",
            "hint": "palette_hint",
            "hex": "hex",
            "add": "add",
            "choose": "add_color",
            "take": "take_colors",
            "eyedropper": "eyedropper",
            "how": "colors_how",
            "tolerance": "tolerance",
            "nearest": "palette_nearest",
            "all": "palette_all",
            "any": "palette_any",
        }
        labels = {label: words(word) for label, word in plain.items()}
        labels |= {label: words(word, color="{color}") for label, word in places.items()}
        self.bar.labels = labels | {"language": words.language}
        self._show()

    def _show(self, *events: param.parameterized.Event) -> None:
        """Show the colors as they are now."""
        model, palette = self.model, self.model.palette
        word, values = model.error
        self.button.is_open = self.bar.visible = model.is_open
        self.bar.param.update(
            colors=[[color, percent] for color, percent in model.parts.items()],
            must_show=(palette and palette.must_show) or "",
            tolerance=palette.tolerance if palette else 8,
            error=self._words(word, **values) if word else "",
            can_take=model.source is not None,
        )

    async def _take(self) -> None:
        """Look for the colors of the query; while they are read, others are served, and what is asked meanwhile comes before them."""
        source = self.model.source
        if source is None:
            return
        try:
            colors = await asyncio.to_thread(self.model.read_colors, source)
        except BenzerError as error:
            self.model.fail(source, error)
        else:
            if self._search.asked == source:
                self.model.take(colors)
        finally:
            self.bar.done()
