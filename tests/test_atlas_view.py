"""The atlas by its widgets, without a browser."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import benzer_lab as bl
from benzer_lab.views.page import Page
from benzer_lab.views.preparation_model import Preparation
from tests.atlas_sources import DrawnSources
from tests.small_archive import NAMES, write_small_archive

RIGHT = [0.0, -2, 4, -2, 4, 2, 0, 2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bl.Archive:
    return bl.Archive.open(write_small_archive(tmp_path_factory.mktemp("atlas") / "archive"))


@pytest.fixture
def view(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> bl.views.Atlas:
    """An atlas whose work is done as soon as it is asked for."""
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)
    return bl.views.Atlas(archive, sources=DrawnSources(archive))


def titles(view: bl.views.Atlas) -> list[str]:
    """What the list beside the map shows."""
    return [name for name, *_ in view.gallery.content["tiles"]]


def texts(view: bl.views.Atlas) -> list[str]:
    """What the legend says of the colors."""
    return [text for text, *_ in view.map.legend["entries"]]


def is_hidden(part: Any) -> bool:
    return "gone" in part.css_classes


def test_the_map_is_shown_with_its_clusters_their_names_and_all_designs(view: bl.views.Atlas) -> None:
    assert (view.map.points["n"], view.map.colors["scale"]) == (12, "category")
    assert sorted(texts(view)) == ["Kind 0", "Kind 1", "Kind 2"]
    assert [text for _, text, _ in view.map.labels] == texts(view)
    assert (titles(view), view.cards.caption, view.cards.cards) == (NAMES, "12 images", [])
    assert view.working.text == ""


def test_a_lasso_becomes_a_card_and_the_list_holds_what_it_holds(view: bl.views.Atlas) -> None:
    view.map._handle_msg({"type": "lasso", "outline": RIGHT})
    n = view.model.n_chosen
    assert 0 < n < 12
    assert (view.cards.caption, view.cards.cards) == (f"{n} of 12 images", ["Lasso"])
    assert (len(titles(view)), view.map.shown["n"]) == (n, n)
    view.cards._handle_msg({"type": "remove", "place": 0})
    assert (view.cards.cards, len(titles(view)), view.map.shown["key"]) == ([], 12, "")


def test_a_name_on_the_map_and_an_entry_of_the_legend_pick_out_a_cluster(view: bl.views.Atlas) -> None:
    view.map._handle_msg({"type": "label", "place": 1})
    assert view.cards.cards == [f"Cluster: {texts(view)[1]}"]
    assert [chosen for *_, chosen in view.map.legend["entries"]] == [False, True, False]
    view.map._handle_msg({"type": "entry", "place": 1})
    assert view.cards.cards == []
    view.map._handle_msg({"type": "entry", "place": 9})
    view.map._handle_msg({"type": "label", "place": 9})
    assert view.cards.cards == []


def test_a_point_becomes_the_chosen_design_with_ways_to_go_from_it(archive: bl.Archive, view: bl.views.Atlas) -> None:
    view.map._handle_msg({"type": "pick", "row": 3})
    one = view.chosen.one
    assert (one["title"], one["note"], one["link"]) == ("Iğdır Kilim", "AW24 · viscose", "")
    assert (view.map.marked, view.gallery.selected) == (3, NAMES[3])
    view.chosen._handle_msg({"type": "group"})
    assert view.cards.cards == [f"Cluster: {one['group']}"]
    view.chosen._handle_msg({"type": "similar"})
    assert titles(view)[0] == NAMES[3]
    assert view.gallery.content["tiles"][0][-1] == "1.00"
    view.chosen._handle_msg({"type": "close"})
    assert (view.chosen.one, view.map.marked) == (None, -1)


def test_on_a_page_the_chosen_design_leads_to_its_look_alikes(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)
    view = bl.views.Atlas(archive, routes=True, sources=DrawnSources(archive), language="tr")
    view.model.ask(NAMES[3])
    assert view.chosen.one["link"] == f"search?query={NAMES[3]}&model=color%2Bpattern&language=tr"


def test_the_profile_tells_colors_facts_and_counts(view: bl.views.Atlas) -> None:
    view.model.toggle("features", "floral")
    fields = {field["name"]: field["values"] for field in view.profile.fields}
    assert fields["season"] == [["SS24", 2, 6, "2 / 6", False], ["AW24", 1, 6, "1 / 6", False]]
    assert fields["features"][0] == ["floral", 3, 3, "3", True]
    assert (view.model.summary, view.profile.palette) == (None, [])  # until the browser has drawn the rest
    view.model.finish(view.model.summing, view.model.summing.run())
    assert sum(share for _, share, _ in view.profile.palette) == pytest.approx(1)
    assert dict(view.profile.facts)["Designs"] == "1"
    view.profile._handle_msg({"type": "pick", "field": "season", "place": 0})
    assert (view.model.filters["season"], view.cards.caption) == (["SS24"], "2 of 12 images")
    view.profile._handle_msg({"type": "pick", "field": "atelier", "place": 0})
    view.profile._handle_msg({"type": "pick", "field": "season", "place": 7})
    assert set(view.model.filters) == {"features", "season"}


def test_colors_are_chosen_and_say_what_they_mean(view: bl.views.Atlas) -> None:
    assert list(view.question["color_by"].options.values()) == ["cluster", "season", "quality", "features", "similarity", "newness"]
    view.question["color_by"].value = "season"
    assert (view.map.legend["title"], texts(view), view.map.labels) == ("Season", ["SS24", "AW24"], [])
    view.question["color_by"].value = "features"
    assert (view.question["feature"].value, is_hidden(view.question["feature"])) == ("stripes", False)
    view.question["feature"].value = "floral"
    assert view.map.legend["entries"] == [["floral", 0, "3", False]]
    view.question["color_by"].value = "similarity"
    assert view.map.legend == {"title": "Click a design to see what is like it"}
    view.model.pick(0)
    assert (view.map.legend["title"], view.map.colors["scale"]) == ("Similarity", "number")


def test_clusters_are_listed_and_as_many_found_as_are_chosen(view: bl.views.Atlas) -> None:
    view.pane.value = "clusters"
    pane = view.panes["clusters"]
    assert (is_hidden(pane.layout), is_hidden(view.gallery), is_hidden(view.profile)) == (False, True, True)
    assert [group["text"] for group in pane.groups.groups] == texts(view)
    assert (pane.curve.curve["ks"], pane.curve.curve["chosen"], pane.reason.text) == ([2, 3, 4], 3, "3 are best.")
    assert [line["name"].partition(":")[0] for line in pane.curve.curve["lines"]] == ["Silhouette", "Stability"]
    assert pane.curve.curve["lines"][0]["told"][1] == "3 clusters: 0.300"
    pane.curve._handle_msg({"type": "choose", "k": 4})
    assert (len(pane.groups.groups), pane.number.value, pane.curve.curve["chosen"]) == (4, 4, 4)
    pane.curve._handle_msg({"type": "choose", "k": 999})
    pane.auto.clicks += 1
    assert len(pane.groups.groups) == 3
    pane.number.value = 2
    pane.again.clicks += 1
    assert len(pane.groups.groups) == 2
    pane.groups._handle_msg({"type": "pick", "place": 1})
    assert view.cards.cards == [f"Cluster: {texts(view)[1]}"]
    assert [group["chosen"] for group in pane.groups.groups] == [False, True]


def test_seasons_are_a_table_that_picks_out_designs(view: bl.views.Atlas) -> None:
    view.pane.value = "seasons"
    table = view.panes["seasons"].heat.table
    assert (table["columns"], table["chosen"], len(table["rows"])) == (["SS24", "AW24"], 1, 3)
    assert max(cell[0] for line in table["cells"] for cell in line) == 1
    view.panes["seasons"].heat._handle_msg({"type": "cell", "row": 0, "column": 1})
    assert view.cards.cards == [f"Cluster: {table['rows'][0][0]}", "Season: AW24"]
    view.panes["seasons"].heat._handle_msg({"type": "column", "column": 0})
    assert (view.model.season, view.cards.cards) == ("SS24", ["Season: SS24"])
    view.question["season"].value = "AW24"
    view.panes["seasons"].newest.clicks += 1
    assert view.cards.cards == ["Season: AW24"]
    badges = [float(tile[-1]) for tile in view.gallery.content["tiles"]]
    assert badges == sorted(badges, reverse=True)
    view.panes["seasons"].heat._handle_msg({"type": "row", "row": 9})
    view.panes["seasons"].heat._handle_msg({"type": "cell", "row": 0, "column": -1})
    assert view.cards.cards == ["Season: AW24"]


def test_another_map_stands_beside_and_shares_colors_and_choice(view: bl.views.Atlas) -> None:
    view.pane.value = "compare"
    pane = view.panes["compare"]
    assert (pane.map.points["n"], pane.other.value, list(pane.other.options)) == (12, "color", ["Color", "Pattern"])
    pane.other.value = "pattern"
    assert view.model.beside.model == "pattern"
    pane.map._handle_msg({"type": "lasso", "outline": RIGHT})
    assert view.map.shown["n"] == pane.map.shown["n"] == view.model.n_chosen > 0
    pane.map._handle_msg({"type": "pick", "row": 5})
    assert (view.map.marked, pane.map.marked, view.model.query) == (5, 5, NAMES[5])


def test_everything_is_said_in_turkish_too(view: bl.views.Atlas) -> None:
    view.map._handle_msg({"type": "lasso", "outline": RIGHT})
    n = view.model.n_chosen
    view.language = "tr"
    assert (view.cards.caption, view.cards.cards) == (f"12 görselden {n} tanesi", ["Kement"])
    assert texts(view) == [text for _, text, _ in view.map.labels]
    assert texts(view)[0].startswith("Tür ")
    assert list(view.pane.options) == ["Desenler", "Kümeler", "Sezonlar", "Karşılaştır"]
    assert view.question["color_by"].name == "Renklendirme"


def test_what_is_worked_at_is_shown_and_can_be_stopped(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 0)
    endless = SimpleNamespace(start=lambda: None, join=lambda timeout: None, is_alive=lambda: True)
    monkeypatch.setattr("benzer_lab.views.runner.threading", SimpleNamespace(Thread=lambda **options: endless))
    view = bl.views.Atlas(archive, sources=DrawnSources(archive))
    assert (view.working.text, view.working.part) == ("Drawing the map", -1)
    view.model.job.report(30, 120)
    view._runner.look()
    assert view.working.part == 0.25
    view.working._handle_msg({"type": "stop"})
    assert (view.working.text, view.model.job) == ("", None)


def test_what_fails_is_said(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)

    class Failing(DrawnSources):
        def map(self, *args: Any) -> Any:
            raise bl.MissingExtraError("Layout needs umap.")

    view = bl.views.Atlas(archive, sources=Failing(archive))
    assert (view.failure.text, view.working.text) == ("Layout needs umap.", "")


def test_an_archive_without_seasons_pictures_and_features_has_an_atlas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)
    names = [f"{i}.png" for i in range(6)]
    np.save(tmp_path / "pattern_features.npy", np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32))
    (tmp_path / "pattern_filenames.json").write_text(str(names).replace("'", '"'))
    archive = bl.Archive.open(tmp_path)
    view = bl.views.Atlas(archive, sources=DrawnSources(archive))
    view.model.pick(2)
    for pane in ("clusters", "seasons", "compare", "designs"):
        view.pane.value = pane
    assert (titles(view), view.chosen.one["title"]) == (names, "2.png")
    assert view.panes["seasons"].told.text == "Nothing is known of seasons in this archive."
    assert "newness" not in view.question["color_by"].options.values()


def test_the_page_turns_into_the_atlas_and_keeps_it_in_its_address(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benzer_lab.views.atlas_view.Sources", DrawnSources)
    monkeypatch.setattr("benzer_lab.views.runner.PATIENCE", 30)
    preparation = Preparation(archive.folder)
    preparation.run()
    page = Page(preparation, given={"query": NAMES[3], "color_by": "season"}, view=bl.views.Atlas)
    assert isinstance(page.body, bl.views.Atlas)
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(page.address, "_send_msg", messages.append)
    page.body.model.ask(NAMES[5])
    page.body.model.toggle("season", "SS24")
    assert [message["how"] for message in messages] == ["step", "same"]
    assert messages[-1]["shown"] == {"query": NAMES[5], "color_by": "season", "filters": '{"season":["SS24"]}', "language": "en"}
    page.address._handle_msg({"search": f"?query={NAMES[1]}&language=tr"})
    assert (page.body.model.query, page.body.model.filters, page.body.language) == (NAMES[1], {}, "tr")
