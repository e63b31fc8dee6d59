"""Why a hit was found, as the large view shows it beside the hit."""

import asyncio
import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from benzer_lab.explanations import ONLY_COLOR, Explanation, Side
from benzer_lab.views.closeup import Closeup
from benzer_lab.views.why_model import Why, WhyModel
from benzer_lab.views.words import Words

MOSTLY = 2 / 3  # the share from which one model is named alone


class WhyView:
    """Answers the large view, which asks once it has shown a hit, so that it never waits for an explanation.

    Parameters
    ----------
    model : WhyModel
        What explains.
    words : callable
        Gives the words of the page's language.
    value : callable
        Says what a field holds; called with the value and the field's name.
    """

    def __init__(self, model: WhyModel, words: Callable[[], Words], value: Callable[[Any, str], str]) -> None:
        self._model = model
        self._words = words
        self._value = value

    @property
    def key(self) -> str:
        """What tells one explanation in one language from all others; empty where there is nothing to explain."""
        return f"{self._words().language}/{self._model.key}" if self._model.key else ""

    def labels(self) -> dict[str, str]:
        """Return what the panel says of itself."""
        words = self._words()
        return {"why": words("why"), "places": words("places"), "looking": words("looking")}

    def answer(self, closeup: Closeup, key: str) -> None:
        """Explain what is looked at, in a thread of its own, and show it when it is there.

        Parameters
        ----------
        closeup : Closeup
            Where.
        key : str
            What was asked for; something else may be looked at by now.
        """
        question = self._model.question()
        if question is not None and key == self.key:
            pn.state.execute(partial(self._answer, closeup, key, question), schedule=False)

    async def _answer(self, closeup: Closeup, key: str, question: Callable[[], Why]) -> None:
        try:
            why = await asyncio.to_thread(question)
        except BaseException:
            closeup.why = {"key": key, "notes": [self._words()("unexplained")]}  # Panel logs the error
            raise
        if key == self.key:
            closeup.why = {"key": key, **self._told(why)}

    def _told(self, why: Why) -> dict[str, Any]:
        """Return an explanation in words, colors and pictures."""
        words, explanation = self._words(), why.explanation
        told = {
            "reason": self._reason(explanation.shares),
            "shares": [[model, words.model(model), share, words.share(share)] for model, share in explanation.shares.items()],
            "veils": [_url(why.query_veil), _url(why.hit_veil)] if why.query_veil and why.hit_veil else [],
            "both": [[words.field(field), self._value(value, field)] for field, value in explanation.shared_metadata.items()],
        }
        shared, no_heat = explanation.shared_palette, explanation.missing.get("heat", ONLY_COLOR)
        if shared is None:
            return told | {"notes": [words("picture_gone")]}
        colors = words({0: "no_shared_color", 1: "shared_color"}.get(len(shared), "shared_colors"), n=len(shared))
        notes = [] if no_heat == ONLY_COLOR else [no_heat]
        return told | {"colors": colors, "strips": [self._strip(explanation, "query"), self._strip(explanation, "hit")], "notes": notes}

    def _strip(self, explanation: Explanation, side: Side) -> list[Any]:
        """Return whose palette it is, and of each color what is drawn and what it is called."""
        words = self._words()
        colors = [[color, share, both, f"{color} · {words.share(share)}"] for color, share, both in explanation.strip(side)]
        return [words("looked_for" if side == "query" else "found"), colors]

    def _reason(self, shares: dict[str, float]) -> str:
        """Return in a sentence what the hit was found for."""
        words = self._words()
        most, share = max(shares.items(), key=lambda one: one[1])
        if len(shares) == 1:
            return words("only_compared", model=words.model(most))
        if not share:
            return words("found_neither")
        return words("found_both" if share < MOSTLY else {"color": "found_color", "pattern": "found_pattern"}[most])


def _url(veil: bytes) -> str:
    """Return a picture as CSS takes it."""
    return f"url(data:image/png;base64,{base64.b64encode(veil).decode()})"
