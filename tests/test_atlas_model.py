"""The state of the atlas, as plain Python."""

import numpy as np
import pytest

import benzer_lab as bl
from benzer_lab.views.atlas_map import AtlasMap, placed
from benzer_lab.views.atlas_model import AtlasModel, Summary
from benzer_lab.views.jobs import Progress
from tests.atlas_sources import DrawnSources, Plane
from tests.small_archive import NAMES, write_small_archive

AROUND_ALL = np.array([[-2.0, -2], [2, -2], [2, 2], [-2, 2]])
RIGHT = AROUND_ALL + np.array([2, 0])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bl.Archive:
    return bl.Archive.open(write_small_archive(tmp_path_factory.mktemp("atlas") / "archive"))


@pytest.fixture
def model(archive: bl.Archive) -> AtlasModel:
    return opened(archive)


def opened(archive: bl.Archive, **params: object) -> AtlasModel:
    model = AtlasModel(archive, sources=DrawnSources(archive), **params)
    work(model)
    return model


def work(model: AtlasModel) -> list[str]:
    """Do all that waits to be done, one after the other; tell what it was."""
    done = []
    while model.job is not None:
        job = model.job
        done.append(job.name)
        model.finish(job, job.run())
    return done


def names(model: AtlasModel) -> list[str]:
    """What is picked out, in its order."""
    return [model.map.filenames[row] for row in model.rows]


def test_the_map_comes_first_and_then_its_clusters(archive: bl.Archive) -> None:
    model = AtlasModel(archive, sources=DrawnSources(archive))
    assert model.map is None
    assert (model.n_chosen, len(model.rows), model.facets()) == (0, 0, {})
    assert work(model) == ["laying_out", "clustering"]
    assert len(model.map.groups) == 3
    assert names(model) == NAMES
    assert model.coloring.values == list(model.map.groups)


def test_points_fill_the_map_with_both_axes_alike() -> None:
    points = placed(np.array([[0.0, 10], [100, 10], [50, 30]]))
    np.testing.assert_allclose(points, [[-0.98, -0.196], [0.98, -0.196], [0, 0.196]], atol=1e-6)
    assert placed(np.zeros((3, 2))).tolist() == [[0, 0]] * 3


def test_an_outline_picks_out_what_lies_in_it(model: AtlasModel) -> None:
    model.encircle(AROUND_ALL)
    assert model.n_chosen == 12
    model.encircle(RIGHT)
    x = model.map.points[:, 0]
    assert names(model) == [name for name, right in zip(NAMES, x > 0, strict=True) if right]


def test_an_outline_and_values_are_both_asked_for_and_taken_away_alone(model: AtlasModel) -> None:
    model.encircle(RIGHT)
    inside = model.n_chosen
    model.toggle("season", "AW24")
    assert 0 < model.n_chosen < inside
    assert all(NAMES.index(name) % 2 for name in names(model))
    model.outline = []
    assert model.n_chosen == 6
    model.toggle("season", "AW24")
    assert (model.n_chosen, model.chosen, model.filters) == (12, None, {})


def test_picking_a_cell_leaves_nothing_else(model: AtlasModel) -> None:
    model.encircle(AROUND_ALL)
    label = next(iter(model.map.groups))
    model.only(cluster=label, season="SS24")
    assert (model.outline, model.filters) == ([], {"cluster": [label], "season": ["SS24"]})


def test_facets_count_what_is_picked_out_beside_all(model: AtlasModel) -> None:
    model.toggle("features", "floral")
    facets = model.facets()
    assert facets["season"] == [("SS24", 2, 6), ("AW24", 1, 6)]
    assert facets["features"] == [("floral", 3, 3), ("small", 3, 3), ("stripes", 0, 9)]
    assert [label for label, *_ in facets["cluster"]] == list(model.map.groups)


@pytest.mark.parametrize(("color_by", "values"), [("season", ["SS24", "AW24"]), ("quality", ["viscose"]), ("features", ["stripes"])])
def test_points_are_colored_by_a_field(model: AtlasModel, color_by: str, values: list[str]) -> None:
    model.color_by = color_by
    assert (model.coloring.scale, model.coloring.values) == ("category", values)


def test_a_feature_is_colored_where_designs_have_it(model: AtlasModel) -> None:
    model.param.update(color_by="features", feature="floral")
    assert np.flatnonzero(model.coloring.codes == 0).tolist() == [0, 1, 2]


def test_similarity_to_a_design_colors_the_points_and_orders_the_list(model: AtlasModel) -> None:
    model.color_by = "similarity"
    assert model.coloring.n_other == 12  # none is chosen
    model.pick(4)
    hits = model.archive.find_similar(NAMES[4], model=model.model, include_query=True)
    assert names(model) == list(hits.filenames)
    np.testing.assert_allclose(model.numbers[model.rows], hits.similarities, atol=1e-6)


def test_newness_is_the_distance_to_what_came_before(model: AtlasModel) -> None:
    model.param.update(color_by="newness", pane="seasons")
    assert work(model) == ["comparing_seasons"]
    assert model.shown_season == "AW24"
    later, earlier = range(1, 12, 2), range(0, 12, 2)
    x = np.asarray(model.archive.features(*model.map.place).x, float)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    expected = {NAMES[i]: min(1 - x[i] @ x[j] for j in earlier) for i in later}
    assert names(model)[:6] == sorted(expected, key=lambda name: -expected[name])
    model.season = "SS24"  # the first has nothing before it
    assert model.coloring.n_other == 12


def test_seasons_are_compared_once_for_the_clusters_there_are(model: AtlasModel) -> None:
    model.pane = "seasons"
    assert work(model) == ["comparing_seasons"]
    counted = {label: [model.seasons.count(label, season) for season in ("SS24", "AW24")] for label in model.map.groups}
    assert np.sum(list(counted.values()), axis=0).tolist() == [6, 6]
    assert sum(model.seasons.share(label, "SS24") for label in model.map.groups) == pytest.approx(1)
    assert model.seasons.unused("SS24") == []
    model.pane = "designs"
    model.pane = "seasons"
    assert model.job is None
    model.recluster(2)
    assert work(model) == ["clustering", "comparing_seasons"]


def test_white_space_is_where_earlier_seasons_were(archive: bl.Archive) -> None:
    seasons = ["SS24" if i < 8 else "AW24" for i in range(12)]
    records = {name: {"season": season} for name, season in zip(NAMES, seasons, strict=True)}

    class Sources(DrawnSources):
        def map(self, model: str, version: str | None, progress: Progress) -> AtlasMap:
            spots = [[0.0, 0]] * 4 + [[1, 0]] * 4 + [[0, 1]] * 4
            return AtlasMap(model, "v1+v1", Plane(NAMES, np.array(spots)), bl.archive.Metadata.from_records(records))

    model = AtlasModel(archive, sources=Sources(archive), pane="seasons")
    work(model)
    assert len(model.squares) == 2
    assert [n for *_, n in model.squares] == [4, 4]
    model.encircle_square(0)
    assert model.n_chosen == 4
    assert set(names(model)) in (set(NAMES[:4]), set(NAMES[4:8]))


def test_clusters_are_found_again_as_many_as_are_asked_for(model: AtlasModel) -> None:
    model.toggle("cluster", next(iter(model.map.groups)))
    model.recluster(4)
    assert work(model) == ["clustering"]
    assert (len(model.map.groups), model.filters, model.n_chosen) == (4, {}, 12)
    model.recluster(0)
    work(model)
    assert len(model.map.groups) == 3


def test_a_curve_is_measured_when_it_is_asked_for(model: AtlasModel) -> None:
    model.pane = "clusters"
    assert work(model) == ["choosing"]
    assert model.curve.best == 3
    model.choose_model("pattern")
    assert model.curve is None
    assert work(model) == ["laying_out", "clustering", "choosing"]


def test_two_maps_share_what_is_picked_out(model: AtlasModel) -> None:
    model.choose_model("color")
    work(model)
    model.pane = "compare"
    assert work(model) == ["laying_out_other"]
    assert (model.compared, model.beside.model) == ("pattern", "pattern")
    model.encircle(RIGHT)
    np.testing.assert_array_equal(model.chosen_beside, model.chosen)  # both have the names in one order
    model.encircle(RIGHT, beside=True)
    assert model.outline == []
    x = model.beside.points[:, 0]
    assert names(model) == [name for name, right in zip(NAMES, x > 0, strict=True) if right]
    np.testing.assert_array_equal(model.codes_beside, model.coloring.codes)


def test_what_another_map_has_not_stands_out_nowhere() -> None:
    metadata = bl.archive.Metadata.from_records({})
    first = AtlasMap("a", "v1", Plane(["x", "y"], np.zeros((2, 2))), metadata)
    second = AtlasMap("b", "v1", Plane(["z", "y"], np.zeros((2, 2))), metadata)
    assert first.carried(np.array([True, True]), second, absent=False).tolist() == [False, True]


def test_another_model_is_another_map_and_its_outline_is_gone(model: AtlasModel) -> None:
    model.encircle(AROUND_ALL)
    model.toggle("season", "SS24")
    model.toggle("cluster", 0)
    model.choose_model("pattern")
    assert (model.outline, model.filters) == ([], {"season": ["SS24"]})
    assert work(model) == ["laying_out", "clustering"]
    assert (model.map.model, model.n_chosen) == ("pattern", 6)


def test_what_is_stopped_is_not_taken_and_the_next_is_done(archive: bl.Archive) -> None:
    model = AtlasModel(archive, sources=DrawnSources(archive))
    job = model.job
    model.stop()
    assert (job.is_stopped, model.job, model.map) == (True, None, None)
    model.choose_model("color")
    late = model.job
    model.choose_model("pattern")
    assert late.is_stopped
    work(model)
    assert model.map.model == "pattern"


def test_what_fails_is_said_and_the_page_goes_on(model: AtlasModel) -> None:
    model.recluster(5)
    model.finish(model.job, error=bl.InputError("KMeans: n_clusters must be less."))
    assert (model.error, model.job) == ("KMeans: n_clusters must be less.", None)
    model.recluster(4)
    model.finish(model.job, error=ZeroDivisionError("x"))
    assert model.error == "ZeroDivisionError: x. The server's log has the details."
    model.recluster(2)
    work(model)
    assert (model.error, len(model.map.groups)) == ("", 2)


def summed(model: AtlasModel) -> Summary:
    model.finish(model.summing, model.summing.run())
    return model.summary


def test_a_choice_is_summed_up(model: AtlasModel) -> None:
    older = model.summing
    model.toggle("features", "floral")
    assert older.is_stopped
    summary = summed(model)
    assert (summary.n_designs, summary.trustworthiness) == (1, 0.9)
    x = np.asarray(model.archive.features(*model.map.place).x, float)[:3]
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    pairs = [x[i] @ x[j] for i in range(3) for j in range(i)]
    assert summary.alike == pytest.approx((1 + np.mean(pairs)) / 2)
    assert sum(share for _, share in summary.palette) == pytest.approx(1)
    model.toggle("quality", "silk")
    assert (model.n_chosen, summed(model).palette, model.summary.alike) == (0, [], None)


def test_the_address_leads_back(model: AtlasModel) -> None:
    model.encircle(AROUND_ALL)
    model.toggle("season", "SS24")
    model.param.update(color_by="season", pane="compare", query=NAMES[3], n_clusters=4)
    address = model.address()
    again = opened(model.archive)
    again.restore(address)
    work(again)
    assert again.address() == address
    assert (names(again), again.row, len(again.map.groups)) == (names(model), 3, 4)
    assert opened(model.archive).address() == {}


@pytest.mark.parametrize(
    "given",
    [
        {"model": "no"},
        {"version": "v9"},
        {"outline": "[1,2,3]"},
        {"outline": '["a",1,2,3,4,5]'},
        {"outline": "1"},
        {"filters": '{"no":["x"]}'},
        {"filters": '{"season":"x"}'},
        {"color_by": "taste"},
        {"n_clusters": "true"},
        {"n_clusters": "-3"},
        {"pane": "attic"},
        {"tile": "{"},
    ],
    ids=str,
)
def test_what_an_address_cannot_mean_is_left_out(archive: bl.Archive, given: dict[str, str]) -> None:
    model = AtlasModel(archive, sources=DrawnSources(archive))
    model.restore(given)
    work(model)
    assert (model.address(), model.error, model.n_chosen) == ({}, "", 12)


def test_values_that_no_image_has_pick_out_nothing(model: AtlasModel) -> None:
    model.restore({"filters": '{"season":["SS99"]}', "query": "gone.png"})
    assert (model.n_chosen, model.row, model.error) == (0, -1, "")
