"""Colors of points."""

import re
from pathlib import Path

import numpy as np

from benzer_lab.views import coloring as coloring_module
from benzer_lab.views.coloring import CATEGORIES, LEVELS, NONE, OTHER, by_category, by_number

VIEWS = Path(coloring_module.__file__).parent


def test_the_largest_categories_have_colors_and_the_rest_share_one() -> None:
    n_each = np.arange(30, 0, -1)
    coloring = by_category([f"c{i}" for i in range(30)], np.repeat(np.arange(30), n_each))
    assert coloring.values == [f"c{i}" for i in range(CATEGORIES)]
    assert coloring.counts == n_each[:CATEGORIES].tolist()
    assert coloring.n_other == n_each[CATEGORIES:].sum()
    np.testing.assert_array_equal(coloring.codes, np.repeat(np.minimum(np.arange(30), OTHER), n_each))


def test_categories_are_told_in_the_order_that_they_have() -> None:
    coloring = by_category(["AW24", "SS24", "SS25"], np.array([0, 1, 1, 2, -1]), order=[1, 0, 2])
    assert (coloring.values, coloring.counts) == (["SS24", "AW24", "SS25"], [2, 1, 1])
    assert (coloring.codes.tolist(), coloring.n_other) == ([1, 0, 0, 2, OTHER], 1)


def test_numbers_are_spread_between_what_nearly_all_lie_between() -> None:
    numbers = np.append(np.linspace(0, 1, 1001), [900.0, np.nan])
    coloring = by_number(numbers)
    assert (coloring.codes[:1001:500].tolist(), coloring.codes[-2:].tolist()) == ([0, 15, 31], [LEVELS - 1, NONE])
    assert 0 < coloring.low < 0.03
    assert 0.99 < coloring.high <= 1
    assert coloring.n_other == 1


def test_equal_numbers_and_none_at_all_have_a_color_too() -> None:
    assert by_number(np.ones(4)).codes.tolist() == [0] * 4
    assert by_number(np.full(3, np.nan)).codes.tolist() == [NONE] * 3
    assert by_category([], np.full(3, -1)).codes.tolist() == [OTHER] * 3


def test_the_script_and_the_styles_have_as_many_colors() -> None:
    script, styles = (VIEWS / "map.js").read_text(encoding="utf-8"), (VIEWS / "map.css").read_text(encoding="utf-8")
    assert f"const CATEGORIES = {CATEGORIES + 1};" in script
    assert f"const LEVELS = {LEVELS};" in script
    assert {int(n) for n in re.findall(r"--c(\d+):", styles)} == set(range(CATEGORIES + 1))
