"""Seasons: their order, what each takes, how new its designs are, and what it leaves empty."""

import numpy as np
import pytest

from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet
from benzer_lab.seasons import in_order, novelty, season_shares, white_space


def test_spring_comes_before_autumn_and_years_before_halves() -> None:
    assert in_order(["AW24", "SS24", "AW23", "SS25", None, "", "AW24"]) == ["AW23", "SS24", "AW24", "SS25"]
    assert in_order(["FW 2023", "ss-23", "99/AW", "2024SS"]) == ["99/AW", "ss-23", "FW 2023", "2024SS"]


def test_other_names_come_after_as_sorted() -> None:
    assert in_order(["never out", "2021", "SS24", "AW70"]) == ["AW70", "SS24", "2021", "never out"]


def test_shares_are_those_of_a_table() -> None:
    shares = season_shares(["AW23", "SS24", "SS24", None, "SS24", "SS24"], [2, 0, 2, 7, 2, 2])
    assert shares.seasons == ("AW23", "SS24")
    assert shares.clusters == (0, 2)
    assert shares.counts.tolist() == [[0, 1], [1, 3]]
    np.testing.assert_allclose(shares.shares, [[0, 1], [0.25, 0.75]])
    assert shares.to_frame().to_dict("list") == {
        "season": ["AW23", "AW23", "SS24", "SS24"],
        "cluster": [0, 2, 0, 2],
        "n": [0, 1, 1, 3],
        "share": [0, 1, 0.25, 0.75],
    }


def test_unused_clusters_are_those_of_earlier_seasons_only() -> None:
    shares = season_shares(["SS23", "SS23", "SS23", "AW23", "SS24", "AW24"], ["a", "b", "b", "c", "c", "d"])
    assert shares.unused("SS24") == ["b", "a"]
    assert shares.unused("SS23") == []
    with pytest.raises(InputError, match="season must be one of 'SS23'"):
        shares.unused("SS22")


@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_novelty_is_that_of_brute_force(rng: np.random.Generator, metric: str) -> None:
    x = rng.normal(size=(200, 6)).astype(np.float32)
    time = rng.integers(-1, 4, 200)
    seasons = [None if t < 0 else ("SS22", "AW22", "SS23", "AW23")[t] for t in time]
    found = novelty(FeatureSet([f"{i}.png" for i in range(200)], x, metric=metric), seasons)  # type: ignore[arg-type]
    lengths = np.linalg.norm(x, axis=1)
    apart = 1 - x @ x.T / lengths[:, None] / lengths if metric == "cosine" else np.linalg.norm(x[:, None] - x, axis=2)
    for row in range(200):
        before = np.flatnonzero((time >= 0) & (time < time[row]))
        if len(before):
            assert found.nearest[row] == before[apart[row, before].argmin()]
            assert found.distances[row] == pytest.approx(apart[row, before].min(), abs=1e-4)
        else:
            assert found.nearest[row] == -1
            assert np.isnan(found.distances[row])
    known = np.isfinite(found.distances)
    assert found.percentiles[known].max() == 100
    assert (np.argsort(found.percentiles[known]) == np.argsort(found.distances[known])).all()
    frame = found.by_season()
    assert frame["season"].tolist() == ["AW22", "SS23", "AW23"]
    assert frame["median"].tolist() == pytest.approx([np.median(found.distances[time == t]) for t in (1, 2, 3)])


def test_a_copy_of_an_earlier_design_is_not_new() -> None:
    x = np.eye(4, dtype=np.float32)[[0, 1, 0, 2]]
    found = novelty(x, ["SS23", "SS23", "SS24", "SS24"])
    assert found.distances.tolist()[2:] == [0, 1]
    assert found.percentiles.tolist()[2:] == [50, 100]


def test_white_space_is_where_only_earlier_seasons_are(rng: np.random.Generator) -> None:
    centers = np.array([[0, 0], [10, 0], [0, 10]])
    group = rng.integers(3, size=300)
    season = np.where((group == 2) | (rng.random(300) < 0.5), "SS23", "SS24")
    season[:10] = "SS25"  # comes later, and does not count
    places = centers[group] + rng.uniform(-1, 1, (300, 2))
    found = white_space(places, season.tolist(), "SS24", n_across=4)
    assert len(found) == 1
    left, bottom, right, top = found.squares[0]
    assert left <= 0 <= right
    assert bottom <= 10 <= top
    assert found.rows[0].tolist() == np.flatnonzero((season == "SS23") & (group == 2)).tolist()
    assert found.chances[0] < 1e-9
    assert found.to_frame()["n_earlier"].tolist() == [len(found.rows[0])]
    assert len(white_space(places, season.tolist(), "SS23", n_across=4)) == 0


def test_every_season_is_somewhere_on_a_map_of_one_point() -> None:
    assert len(white_space(np.zeros((4, 2)), ["SS23", "SS23", "SS23", "SS24"], "SS24")) == 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: season_shares([None, ""], [1, 2]), "seasons must name at least one season; got 2 designs without one"),
        (lambda: season_shares(["SS24"], [1, 2]), "labels must be as many as seasons, 1"),
        (lambda: novelty(np.eye(3, dtype=np.float32), ["SS24"]), "seasons must be as many as designs, 3; got 1"),
        (lambda: novelty(np.eye(1, dtype=np.float32), ["SS24"], metric="l1"), "metric must be one of"),  # type: ignore[arg-type]
        (lambda: white_space([[0, 0]], ["SS24"], "SS23"), "season must be one of 'SS24'"),
        (lambda: white_space([0, 0], ["SS24", "SS24"], "SS24"), r"coordinates must be finite numbers of shape \(n, 2\)"),
        (lambda: white_space([[0, 0]], ["SS24"], "SS24", n_across=0), "n_across must be a whole number of 1 or more"),
    ],
)
def test_season_functions_refuse_what_they_cannot_read(call: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        call()  # type: ignore[operator]
