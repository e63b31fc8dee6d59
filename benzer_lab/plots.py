"""Results as HoloViews elements, which compose with the reader's own: `plots.map(layout) * hv.Points(...)`."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab._checks import array, one_of
from benzer_lab._optional import holoviews
from benzer_lab.errors import InputError
from benzer_lab.layout import Layout
from benzer_lab.seasons import SeasonShares

if TYPE_CHECKING:
    import holoviews as hv

__all__ = ["comparison", "curve", "map", "seasons"]

MOST = 20  # categories that an eye tells apart; of more the largest 19 and the rest
OTHER = "other"
GRAY = "#b8b8b8"
PALETTE = (  # ten strong colors, ten pale ones; none is gray
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#393b79"),
    *("#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#9edae5", "#dbdb8d", "#9c9ede"),
)
LARGE, SMALL, MANY = 6, 2, 5_000  # sizes of points, and from how many on they are small


class HasFrame(Protocol):
    """Whatever becomes a DataFrame."""

    def to_frame(self) -> Any:
        """Return a DataFrame."""


class Placed(HasFrame, Protocol):
    """A stored map, as `Archive.layout` returns it."""

    coordinates: NDArray[np.float32]
    filenames: Any


def map(layout: "Placed | Layout | ArrayLike", color: Any = None) -> "hv.Points":
    """Draw a map.

    Parameters
    ----------
    layout : stored map, Layout or array of shape (n, 2)
        Where each row lies.
    color : array or pandas.Series of length n, optional
        What each row is colored by: numbers with a fraction on a scale, whatever else as categories. Of more than 20 the largest 19 keep
        a color, and all others are 'other'. A Series gives the column its name, else it is 'color'.

    Returns
    -------
    holoviews.Points
        Columns x, y, filename where it is known, and the color. Points of 'other' are drawn first, so that they hide nothing.

    Raises
    ------
    InputError
        When the map has not two dimensions, or the lengths differ.
    """
    import pandas as pd

    caller = "plots.map"
    hv = holoviews(caller)
    places, filenames = _places(layout, caller)
    frame = pd.DataFrame({"x": places[:, 0], "y": places[:, 1]})
    if filenames is not None:
        frame["filename"] = list(filenames)
    style: dict[str, Any] = {}
    if color is not None:
        name = str(getattr(color, "name", None) or "color")
        values = array(color, caller=caller, name="color")
        if values.shape != (len(frame),):
            raise InputError(f"{caller}: color must be as long as the map, {len(frame):,}; got shape {values.shape}.")
        if values.dtype.kind == "f":
            frame[name], style = values, {"cmap": "viridis", "colorbar": True}
        else:
            frame[name], colors = _categories(values)
            order = np.argsort(frame[name].ne(OTHER), kind="stable")
            frame = frame.iloc[order].reset_index(drop=True)
            style = {"cmap": colors, "show_legend": True, "legend_position": "right"}
        style["color"] = name
    points = hv.Points(frame, ["x", "y"], [column for column in frame if column not in ("x", "y")])
    size = SMALL if len(frame) > MANY else LARGE
    frameless = {"xaxis": None, "yaxis": None, "data_aspect": 1, "frame_height": 520, "tools": ["hover"], "active_tools": ["wheel_zoom"]}
    return points.opts(size=size, line_color=None, **style, **frameless)


def comparison(first: Placed, second: Placed, color: Any = None) -> "hv.Layout":
    """Draw two maps side by side, of two models or versions: the designs that both hold, in the same colors.

    Parameters
    ----------
    first, second : stored maps
        Joined by file name.
    color : array or pandas.Series, optional
        Of the designs of the first, as for `map`.

    Returns
    -------
    holoviews.Layout
        Two `map`s. `holoviews.link_selections` joins what is chosen on them.

    Raises
    ------
    InputError
        When they share no design, or the lengths differ.
    """
    import pandas as pd

    caller = "plots.comparison"
    hv = holoviews(caller)
    shared = pd.Index(list(first.filenames)).intersection(pd.Index(list(second.filenames)), sort=False)
    if shared.empty:
        raise InputError(f"{caller}: first and second must share designs; they have no file name in common.")
    rows = [pd.Index(list(one.filenames)).get_indexer(shared) for one in (first, second)]
    if color is not None:
        values = array(color, caller=caller, name="color")
        if values.shape != (len(first.filenames),):
            raise InputError(f"{caller}: color must be as long as first, {len(first.filenames):,}; got shape {values.shape}.")
        color = pd.Series(values[rows[0]], name=getattr(color, "name", None))
    maps = [map(np.asarray(one.coordinates)[some], color) for one, some in zip((first, second), rows, strict=True)]
    return hv.Layout([one.relabel(str(getattr(whole, "title", ""))) for one, whole in zip(maps, (first, second), strict=True)]).opts(
        shared_axes=False
    )


def curve(choice: HasFrame, score: str = "silhouette") -> "hv.Overlay":
    """Draw how good a clustering is by its number of clusters.

    Parameters
    ----------
    choice : object with to_frame()
        A row for each k: columns k, `score`, and, where it is known, its standard error as `{score}_error`.
    score : str, default='silhouette'
        Which column.

    Returns
    -------
    holoviews.Overlay
        A line with its points, and bars of the error.

    Raises
    ------
    InputError
        When there is no such column.
    """
    caller = "plots.curve"
    hv = holoviews(caller)
    frame = choice.to_frame()
    one_of(score, [str(column) for column in frame.columns if column != "k"], caller=caller, name="score")
    drawn = hv.Curve(frame, "k", score).opts(padding=0.05) * hv.Scatter(frame, "k", score).opts(size=LARGE, tools=["hover"])
    error = f"{score}_error"
    return drawn * hv.ErrorBars(frame, "k", [score, error]) if error in frame else drawn


def seasons(shares: SeasonShares) -> "hv.HeatMap":
    """Draw what share of each season each cluster takes.

    Parameters
    ----------
    shares : SeasonShares
        As `season_shares` returns it.

    Returns
    -------
    holoviews.HeatMap
        Seasons from left to right, oldest first; columns season, cluster, share and n.
    """
    hv = holoviews("plots.seasons")
    frame = shares.to_frame()
    frame["cluster"] = frame["cluster"].astype(str)
    names = [str(cluster) for cluster in shares.clusters]
    dimensions = [hv.Dimension("season", values=list(shares.seasons)), hv.Dimension("cluster", values=names)]
    drawn = hv.HeatMap(frame, dimensions, ["share", "n"])
    return drawn.opts(cmap="Blues", colorbar=True, tools=["hover"], xrotation=45, frame_width=520, clim=(0, None))


def _places(layout: "Placed | Layout | ArrayLike", caller: str) -> tuple[NDArray[Any], Any]:
    """Return coordinates, and the file names where they are known."""
    found = layout.embedding_ if isinstance(layout, Layout) else getattr(layout, "coordinates", layout)
    places = array(found, caller=caller, name="layout")
    if places.ndim != 2 or places.shape[1] != 2:
        raise InputError(f"{caller}: layout must have two dimensions, shape (n, 2); got shape {places.shape}.")
    return places, getattr(layout, "filenames", None)


def _categories(values: NDArray[Any]) -> tuple[list[str], dict[str, str]]:
    """Return the category of each row, the smallest as one, and the color of each."""
    texts = [str(value) for value in values.tolist()]
    ranked = [text for text, _ in sorted(Counter(texts).items(), key=lambda pair: (-pair[1], pair[0]))]
    kept = ranked if len(ranked) <= MOST else ranked[: MOST - 1]
    colors = dict(zip(kept, PALETTE, strict=False))
    if len(ranked) > len(kept):
        colors[OTHER] = GRAY
    return [text if text in colors else OTHER for text in texts], colors
