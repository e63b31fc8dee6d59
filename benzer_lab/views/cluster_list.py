"""The clusters of a map, each with its typical designs and its colors."""

from collections.abc import Callable
from typing import Any

import param

from benzer_lab.views.pictures import HERE, Pictured, script


class ClusterList(Pictured):
    """A list of clusters to be picked.

    Parameters
    ----------
    pick : callable
        Called with the place of a cluster.
    **params : object
        `picture`, the parameters below, and those of every Panel component.
    """

    groups = param.List(default=[], doc="One dict a cluster: text, count, color, note, palette, pictures (keys), chosen.")
    label = param.String(doc="What the list is, for screen readers.")

    _esm = script("cluster_list.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "map.css"), str(HERE / "cluster_list.css"))

    def __init__(self, *, pick: Callable[[int], None], **params: Any) -> None:
        super().__init__(**params)
        self._pick = pick

    def show(self, groups: list[dict[str, Any]], names: dict[str | None, str]) -> None:
        """Show other clusters.

        Parameters
        ----------
        groups : list of dict
            As the parameter.
        names : dict of str to str
            File name of each picture's key.
        """
        self.remember(names)
        self.groups = groups

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """Pick a cluster that is shown, or send pictures."""
        match data:
            case {"type": "pick", "place": int(place)} if 0 <= place < len(self.groups):
                self._pick(place)
            case {"type": "pictures"}:
                self.answer_pictures(data)
