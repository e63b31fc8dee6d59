"""The state of the panel that says why a hit was found."""

from pathlib import Path

import pytest

from benzer_lab.archive import Archive
from benzer_lab.views.closeup_model import CloseupModel
from benzer_lab.views.search_model import SearchModel
from benzer_lab.views.why_model import KEPT, Why, WhyModel
from tests.small_archive import NAMES, write_small_archive


@pytest.fixture
def search(tmp_path: Path) -> SearchModel:
    search = SearchModel(Archive.open(write_small_archive(tmp_path / "archive")))
    search.change(query=NAMES[0], color_weight=1.0)  # color alone needs no network
    return search


@pytest.fixture
def close(search: SearchModel) -> CloseupModel:
    return CloseupModel(search)


@pytest.fixture
def model(search: SearchModel, close: CloseupModel) -> WhyModel:
    return WhyModel(search, close)


def explained(model: WhyModel) -> Why:
    question = model.question()
    assert question is not None
    return question()


def test_only_a_hit_beside_its_query_is_explained(model: WhyModel, close: CloseupModel, search: SearchModel) -> None:
    assert (model.key, model.question()) == ("", None)
    for side, name in (("archive", NAMES[1]), ("query", "")):
        close.look(side, name)
        assert (model.key, model.question()) == ("", None)
    close.look("hits", str(search.hits.filenames[2]))
    assert model.key
    assert explained(model).explanation.filename == search.hits.filenames[2]
    assert explained(model).explanation.rank == 3


def test_an_explanation_is_kept_without_its_pictures_while_the_hits_are_the_same(
    model: WhyModel, close: CloseupModel, search: SearchModel
) -> None:
    close.look("hits", str(search.hits.filenames[2]))
    first, key = explained(model), model.key
    assert first.explanation.pictures == (None, None)
    close.step(1)
    assert model.key != key
    assert explained(model).explanation.rank == 4
    close.step(-1)
    assert (model.key, explained(model)) == (key, first)
    search.change(color_weight=0.9)
    close.look("hits", str(search.hits.filenames[2]))
    assert model.key not in ("", key)


def test_what_is_asked_before_the_hits_change_is_answered_of_the_former_ones(
    model: WhyModel, close: CloseupModel, search: SearchModel
) -> None:
    close.look("hits", str(search.hits.filenames[2]))
    question, former = model.question(), search.hits
    assert question is not None
    search.ask(NAMES[5])
    assert question().explanation.filename == former.filenames[2]
    close.look("hits", str(search.hits.filenames[2]))
    assert explained(model).explanation.query == NAMES[5]


def test_not_more_explanations_are_kept_than_a_page_may_hold(
    model: WhyModel, close: CloseupModel, search: SearchModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benzer_lab.views.why_model.KEPT", 2)
    assert KEPT > 2
    close.look("hits", str(search.hits.filenames[0]))
    first = explained(model)
    for _ in range(2):
        close.step(1)
        explained(model)
    close.step(-1)
    close.step(-1)
    again = explained(model)
    assert again is not first
    assert again.explanation.filename == first.explanation.filename
