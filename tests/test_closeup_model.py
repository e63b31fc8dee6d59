"""The state of the large view."""

import io
from pathlib import Path

import pytest
from PIL import Image

from benzer_lab.archive import Archive
from benzer_lab.palettes import Palette
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.search_model import SearchModel
from tests.small_archive import NAMES, write_small_archive
from tests.test_repeats import cloth


@pytest.fixture
def search(tmp_path: Path) -> SearchModel:
    search = SearchModel(Archive.open(write_small_archive(tmp_path / "archive")))
    search.ask(NAMES[0])
    return search


@pytest.fixture
def close(search: SearchModel) -> CloseupModel:
    return CloseupModel(search)


def test_nothing_is_looked_at_first(close: CloseupModel) -> None:
    assert (close.n, close.one, close.beside, close.similarity, close.is_chosen, close.records()) == (0, None, None, None, False, [])
    close.step(1)
    close.choose()
    assert close.one is None


def test_a_hit_is_looked_at_beside_the_query(close: CloseupModel, search: SearchModel) -> None:
    name = str(search.hits.filenames[4])
    close.look("hits", name)
    assert (close.one, close.place, close.n, close.beside) == (name, 4, 11, NAMES[0])
    assert close.similarity == float(search.hits.similarities[4])
    assert close.records() == [search.record(NAMES[0]), search.record(name)]


def test_an_image_of_the_archive_is_looked_at_alone(close: CloseupModel, search: SearchModel) -> None:
    search.change(text="lale", sort="season")
    close.look("archive", NAMES[5])
    assert (close.one, close.n, close.beside, close.similarity) == (NAMES[5], 8, None, None)
    assert close.place == search.found.tolist().index(5)


def test_the_query_is_looked_at_alone(close: CloseupModel, search: SearchModel) -> None:
    close.look("query")
    assert (close.one, close.n, close.beside) == (NAMES[0], 1, None)
    held = io.BytesIO()
    Image.new("RGB", (9, 9)).save(held, "PNG")
    own = search.read_own("mine.png", held.getvalue())
    search.ask(own)
    close.look("query")
    assert (close.one, close.records()) == (own, [{}])
    close.choose()
    assert search.picks == []


@pytest.mark.parametrize("side", ["archive", "hits"])
def test_what_is_not_there_is_not_looked_at(close: CloseupModel, side: str) -> None:
    close.look(side, "../truth.csv")
    assert (close.side, close.one) == ("", None)


def test_steps_stay_among_the_hits(close: CloseupModel, search: SearchModel) -> None:
    close.look("hits", str(search.hits.filenames[0]))
    close.step(-1)
    assert close.place == 0
    for _ in range(20):
        close.step(1)
    assert (close.place, close.one) == (10, search.hits.filenames[10])


@pytest.mark.parametrize("change", [{"top_n": 5}, {"query": NAMES[4]}, {"query": ""}, {"text": "lale"}], ids=str)
def test_the_large_view_closes_when_another_design_would_stand_at_its_place(
    close: CloseupModel, search: SearchModel, change: dict[str, object]
) -> None:
    close.look("hits", str(search.hits.filenames[8]))
    search.change(**change)
    assert (close.side, close.one, close.similarity, close.is_chosen) == ("", None, None, False)
    close.step(1)
    assert close.one is None


def test_what_is_looked_at_is_chosen_and_no_longer(close: CloseupModel, search: SearchModel) -> None:
    close.look("archive", NAMES[2])
    close.choose()
    assert (search.picks, close.is_chosen) == ([NAMES[2]], True)
    close.choose()
    assert (search.picks, close.is_chosen) == ([], False)


def test_what_is_looked_at_becomes_the_query(close: CloseupModel, search: SearchModel) -> None:
    name = str(search.hits.filenames[3])
    close.look("hits", name)
    close.ask()
    assert (search.query, search.trail, close.one) == (name, [NAMES[0]], None)
    close.ask()
    assert search.query == name


def test_closing_looks_at_none(close: CloseupModel) -> None:
    close.look("query")
    close.close()
    assert (close.side, close.one, close.n) == ("", None, 0)


def test_the_repeats_are_those_of_both_designs_where_they_were_looked_for(close: CloseupModel, search: SearchModel) -> None:
    folder = search.archive.folder
    Image.fromarray(cloth("half-drop", 60, 72)).save(folder / "images" / NAMES[3])
    close.look("hits", NAMES[3])
    assert close.repeats() == [None, None]
    search.archive.find_repeats(processes=1, progress=False)
    assert [found.kind for found in close.repeats()] == ["none", "half-drop"]
    (folder / "repeats.parquet").write_bytes(b"torn")
    assert close.repeats() == [None, None]


def test_the_large_view_closes_when_colors_are_asked_for(close: CloseupModel, search: SearchModel) -> None:
    close.look("query")
    search.ask(Palette(["#B83B5E"]))
    assert close.one is None
