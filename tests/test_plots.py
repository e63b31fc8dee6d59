"""Plots: what the elements hold, and that Bokeh draws them."""

from dataclasses import dataclass
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
import pytest

from benzer_lab import plots
from benzer_lab.errors import InputError
from benzer_lab.layout import Layout
from benzer_lab.seasons import season_shares


@dataclass
class Stored:
    filenames: list[str]
    coordinates: np.ndarray
    title: str = ""

    def to_frame(self) -> Any:
        return pd.DataFrame(self.coordinates)


@pytest.fixture
def places(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(300, 2))


def drawn(element: Any) -> Any:
    return hv.render(element, backend="bokeh")


def test_a_map_composes_with_the_readers_own(places: np.ndarray) -> None:
    both = plots.map(places) * hv.Points(places[:3])
    assert isinstance(both, hv.Overlay)
    assert drawn(both).renderers


def test_of_many_categories_the_largest_19_keep_a_color(places: np.ndarray) -> None:
    labels = pd.Series(np.minimum(np.arange(300) % 30, 24), name="cluster")  # 24 is the largest, 25 categories
    points = plots.map(places, color=labels)
    shown = points.dimension_values("cluster")
    assert len(set(shown)) == 20
    assert (shown == plots.OTHER).sum() == 60  # six of ten
    assert (shown == "24").sum() == 60
    assert set(shown[:60]) == {plots.OTHER}  # drawn first
    assert drawn(points).legend


def test_twenty_categories_are_all_shown(places: np.ndarray) -> None:
    shown = plots.map(places, color=[f"s{i % 20}" for i in range(300)]).dimension_values("color")
    assert plots.OTHER not in shown


def test_points_keep_their_rows(places: np.ndarray) -> None:
    names = [f"{i}.png" for i in range(300)]
    labels = [i % 50 for i in range(300)]
    frame = plots.map(Stored(names, places), color=labels).dframe().set_index("filename").loc[names]
    np.testing.assert_allclose(frame[["x", "y"]], places)
    assert all(color in (str(label), plots.OTHER) for color, label in zip(frame["color"], labels, strict=True))


def test_numbers_have_a_scale(places: np.ndarray) -> None:
    points = plots.map(places, color=np.linspace(0, 1, 300))
    assert points.dimension_values("color").dtype.kind == "f"
    assert drawn(points).right


def test_an_estimator_is_drawn_as_its_map(rng: np.random.Generator) -> None:
    made = Layout(method="pca").fit(rng.normal(size=(30, 4)))
    np.testing.assert_allclose(plots.map(made).array(["x", "y"]), made.embedding_)


def test_maps_side_by_side_show_what_both_hold(places: np.ndarray) -> None:
    first = Stored([f"{i}.png" for i in range(300)], places, "pattern v1")
    second = Stored([f"{i}.png" for i in range(299, 99, -1)], places[:200] + 1, "pattern v2")
    both = plots.comparison(first, second, color=pd.Series(["a", "b"] * 150, name="season"))
    left, right = both
    assert (left.label, right.label) == ("pattern v1", "pattern v2")
    np.testing.assert_allclose(left.array(["x", "y"]), places[100:])
    np.testing.assert_allclose(right.array(["x", "y"]), places[199::-1] + 1)
    assert left.dimension_values("season").tolist() == right.dimension_values("season").tolist() == ["a", "b"] * 100
    assert drawn(both)


def test_a_curve_has_its_error() -> None:
    @dataclass
    class Choice:
        frame: pd.DataFrame

        def to_frame(self) -> pd.DataFrame:
            return self.frame

    frame = pd.DataFrame({"k": [2, 4, 8], "silhouette": [0.1, 0.3, 0.2], "stability": [1, 0.9, 0.5], "silhouette_error": [0.01] * 3})
    assert [type(part) for part in plots.curve(Choice(frame))] == [hv.Curve, hv.Scatter, hv.ErrorBars]
    stability = plots.curve(Choice(frame), "stability")
    assert [type(part) for part in stability] == [hv.Curve, hv.Scatter]
    assert stability.get(0).dimension_values("stability").tolist() == [1, 0.9, 0.5]
    assert drawn(stability).renderers
    with pytest.raises(InputError, match="score must be one of 'silhouette', 'stability'"):
        plots.curve(Choice(frame), "inertia")


def test_seasons_run_from_left_to_right() -> None:
    heat = plots.seasons(season_shares(["SS24", "AW23", "SS24", "SS24"], [10, 9, 9, 10]))
    figure = drawn(heat)
    assert list(figure.x_range.factors) == ["AW23", "SS24"]
    assert list(figure.y_range.factors) == ["9", "10"]
    found = {(row.season, row.cluster): row.share for row in heat.dframe().itertuples()}
    assert found == {("AW23", "9"): 1, ("AW23", "10"): 0, ("SS24", "9"): pytest.approx(1 / 3), ("SS24", "10"): pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: plots.map(np.zeros((4, 3))), r"layout must have two dimensions, shape \(n, 2\); got shape \(4, 3\)"),
        (lambda: plots.map(np.zeros((4, 2)), color=[1, 2]), "color must be as long as the map, 4"),
        (lambda: plots.comparison(Stored(["a"], np.zeros((1, 2))), Stored(["b"], np.zeros((1, 2)))), "must share designs"),
        (lambda: plots.comparison(*[Stored(["a"], np.zeros((1, 2)))] * 2, color=[1, 2]), "color must be as long as first, 1"),
    ],
)
def test_plots_refuse_what_they_cannot_draw(call: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        call()
