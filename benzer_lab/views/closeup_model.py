"""The state of the large view: which design is looked at closely, and what stands before and after it."""

from typing import Any

import numpy as np
import param

from benzer_lab.duplicates import DesignGroup
from benzer_lab.repeats import Repeat
from benzer_lab.views.search_model import Query, SearchModel

SIDES = ("", "archive", "hits", "query", "group")


class CloseupModel(param.Parameterized):  # type: ignore[misc]
    """A place among the archive's images, the hits, or the query itself.

    Parameters
    ----------
    search : SearchModel
        Whose designs are looked at.
    """

    side = param.Selector(default="", objects=list(SIDES), doc="Where the design stands; empty while none is shown.")
    place = param.Integer(default=0, bounds=(0, None), doc="At which place there, from 0.")

    def __init__(self, search: SearchModel) -> None:
        super().__init__()
        self._search = search
        self._group: DesignGroup | None = None
        search.param.watch(lambda *events: self.close(), ["found", "query", "own_image", "palette"])  # another would stand at its place
        search.param.watch(
            lambda event: None if self.side == "query" else self.close(), "hits"
        )  # which come late where parts are looked for

    @property
    def n(self) -> int:
        """How many designs there are on the side."""
        search = self._search
        numbers: dict[str, int] = {
            "": 0,
            "query": 1,
            "archive": len(search.found),
            "hits": len(search.hits or ()),
            "group": len(self._group or ()),
        }
        return numbers[self.side]

    @property
    def one(self) -> Query | None:
        """What is looked at; None while nothing is, or when it is gone."""
        search = self._search
        if self.place >= self.n:
            return None
        if self.side == "query":
            return search.asked
        if self.side == "group":
            return None if self._group is None else self._group.filenames[self.place]
        return str(search.hits.filenames[self.place] if self.side == "hits" else search.catalog.filenames[search.found[self.place]])

    @property
    def beside(self) -> Query | None:
        """What it is set against: the query, when a hit is looked at; of a group the image that it is most like."""
        if self.side == "group" and self._group:
            return str(self._group.like[self.place])
        return self._search.asked if self.side == "hits" else None

    @property
    def is_chosen(self) -> bool:
        """Whether it is chosen for export."""
        return self.one in self._search.picks

    @property
    def similarity(self) -> float | None:
        """How similar a hit is."""
        return float(self._search.hits.similarities[self.place]) if self.side == "hits" and self.place < self.n else None

    def look(self, side: str, name: str = "") -> None:
        """Look closely at a design.

        Parameters
        ----------
        side : {'archive', 'hits', 'query'}
            Where it stands.
        name : str
            Its name; one that is not there is not shown.
        """
        search = self._search
        if side == "hits":
            places = [place for place, hit in enumerate(search.hits.filenames if search.hits else ()) if hit == name]
        elif side == "archive":
            places = np.flatnonzero(search.found == search.catalog.row(name)).tolist()
        else:
            places = [0]
        if places:
            self.param.update(side=side, place=places[0])

    def look_in(self, group: DesignGroup, name: str) -> None:
        """Look closely at an image of a group.

        Parameters
        ----------
        group : DesignGroup
            Of duplicates, colorways or look-alikes.
        name : str
            Its name; one that is not in the group is not shown.
        """
        if name in group.filenames:
            self._group = group
            self.param.update(side="group", place=group.filenames.index(name))

    def step(self, by: int) -> None:
        """Go on to the next design, or back."""
        self.place = max(0, min(self.n - 1, self.place + by))

    def close(self) -> None:
        """Look at none."""
        self.side = ""

    def ask(self) -> None:
        """Look for designs similar to it."""
        one = self.one
        self.close()
        if one is not None:
            self._search.ask(one)

    def ask_colorways(self) -> None:
        """Look for its other colorways."""
        one = self.one
        self.close()
        if isinstance(one, str):
            self._search.ask_colorways(one)

    def choose(self) -> None:
        """Choose it for export, or no longer."""
        if isinstance(self.one, str):
            self._search.choose(self.one)

    def repeats(self) -> list[Repeat | None]:
        """Return the repeat units of the same designs as `records`, where they were looked for."""
        return [self._search.repeat(one) for one in (self.beside, self.one) if one is not None]

    def records(self) -> list[dict[str, Any]]:
        """Return what is known of the query, where there is one beside it, and of the design."""
        both = [one for one in (self.beside, self.one) if one is not None]
        several = [self._search.record(one) for one in both]
        # Repeats and clusters may have been found since the archive was listed
        for one, record, found in zip(both, several, self.repeats(), strict=True):
            cluster = self._search.cluster(one)
            if cluster is not None:
                record["cluster"] = cluster
            if found is not None:
                record.setdefault("repeat", found.kind)
                record.setdefault("scale", found.scale)
        return several
