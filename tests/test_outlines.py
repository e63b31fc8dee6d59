"""Outlines among points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from benzer_lab.errors import InputError
from benzer_lab.outlines import Plane

CORNERS = st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=12)


def crossings(point: tuple[float, float], outline: list[tuple[float, float]]) -> bool:
    """Whether a ray to the right crosses the outline an odd number of times, corner by corner."""
    (x, y), held = point, False
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if min(y0, y1) <= y < max(y0, y1) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            held = not held
    return held


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=30), CORNERS)
@settings(max_examples=200, deadline=None)
def test_points_inside_are_those_whose_ray_crosses_an_odd_number_of_times(
    points: list[tuple[float, float]], outline: list[tuple[float, float]]
) -> None:
    assert Plane(points).inside(outline).tolist() == [crossings(point, outline) for point in points]


def test_the_order_of_points_is_theirs(rng: np.random.Generator) -> None:
    points, outline = rng.normal(size=(500, 2)), [(-1, -1), (1, -0.5), (0.3, 1.2)]
    order = rng.permutation(500)
    np.testing.assert_array_equal(Plane(points[order]).inside(outline), Plane(points).inside(outline)[order])


def test_an_outline_holds_what_a_drawn_one_covers() -> None:
    star = [(20, 90), (50, 10), (80, 90), (10, 40), (90, 40)]
    picture = Image.new("1", (100, 100))
    ImageDraw.Draw(picture).polygon(star[:3], fill=1)
    y, x = np.mgrid[0:100, 0:100]
    held = Plane(np.c_[x.ravel(), y.ravel()]).inside(star[:3]).reshape(100, 100)
    assert (held != np.asarray(picture)).mean() < 0.02  # they part at the border alone
    five = Plane([[50, 55], [50, 30], [5, 5]]).inside(star)
    assert five.tolist() == [False, True, False]  # the middle of a star is gone around twice


@pytest.mark.parametrize("outline", [[], [(0, 0), (1, 1)], [0, 1, 2], [(0, 0, 0)] * 3, [(0, 0), (1, float("nan")), (1, 1)]], ids=str)
def test_an_outline_that_is_none_is_refused(outline: list[object]) -> None:
    with pytest.raises(InputError, match=r"Plane.inside: outline must be three or more finite corners of shape \(k, 2\); got shape"):
        Plane([[0.0, 0.0]]).inside(outline)  # type: ignore[arg-type]
