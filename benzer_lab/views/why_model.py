"""The state of the panel that says why a hit was found: an explanation of the hit in the large view."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benzer_lab.explanations import Explanation
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.search_model import SearchModel

KEPT = 32  # explanations, of some 30 kB each


@dataclass(frozen=True, eq=False)
class Why:
    """An explanation without the pictures that it looked at, and what veils those that the large view shows (PNG, or None)."""

    explanation: Explanation
    query_veil: bytes | None
    hit_veil: bytes | None


class WhyModel:
    """Why the hit in the large view was found: looked for when it is asked, and kept while the hits are the same.

    Parameters
    ----------
    search : SearchModel
        Whose hits are explained.
    closeup : CloseupModel
        Which of them is looked at.
    """

    def __init__(self, search: SearchModel, closeup: CloseupModel) -> None:
        self._closeup = closeup
        self._epoch, self._hits = 0, search.hits
        self._kept: dict[str, Why] = {}
        search.param.watch(lambda event: self._take(event.new), "hits")

    def _take(self, hits: Any) -> None:
        """Explain other hits from now on."""
        self._epoch, self._hits = self._epoch + 1, hits
        self._kept = {}  # who is still at work on one of the former hits keeps to theirs

    @property
    def key(self) -> str:
        """What tells the hit that is looked at from all others; empty where none is, or where it was found for a part."""
        closeup = self._closeup
        is_compared = closeup.side == "hits" and closeup.one is not None and self._hits.comparison is not None
        return f"{self._epoch}/{closeup.place}" if is_compared else ""

    def question(self) -> Callable[[], Why] | None:
        """Return what explains the hit that is looked at.

        Returns
        -------
        callable or None
            It takes long, and may be called in another thread; None where no hit is looked at.
        """
        key, hits, rank, kept = self.key, self._hits, self._closeup.place + 1, self._kept
        if not key:
            return None

        def explain() -> Why:
            why = kept.get(key)
            if why is None:
                explanation = hits.explain(rank)
                why = Why(replace(explanation, pictures=(None, None)), explanation.veil("query"), explanation.veil("hit"))
                if len(kept) >= KEPT:
                    kept.pop(next(iter(kept)))
                kept[key] = why
            return why

        return explain
