"""The state of the section of duplicates."""

import threading
from pathlib import Path

import pytest

import benzer_lab as bl
from benzer_lab.views import duplicates_model
from benzer_lab.views.duplicates_model import DuplicatesModel, Finding, finding, tails_of
from tests.few_designs import write_few_designs


@pytest.fixture
def archive(tmp_path: Path) -> bl.Archive:
    return bl.Archive.open(write_few_designs(tmp_path / "archive"))


@pytest.fixture
def model(archive: bl.Archive) -> DuplicatesModel:
    """Of an archive whose groups were found."""
    archive.find_duplicates(processes=1, progress=False)
    model = DuplicatesModel(archive)
    model.refresh()
    return model


def test_before_they_were_looked_for_there_are_none(archive: bl.Archive) -> None:
    model = DuplicatesModel(archive)
    model.refresh()
    assert (model.found, model.groups, model.error) == (None, [], "")
    assert model.counts() == {"duplicate": 0, "colorway": 0, "look-alike": 0}


def test_groups_are_those_of_the_kind(model: DuplicatesModel) -> None:
    assert model.counts() == {"duplicate": 2, "colorway": 1, "look-alike": 1}
    for kind in ("duplicate", "colorway", "look-alike"):
        model.kind = kind
        assert [group.kind for group in model.groups] == [kind] * model.counts()[kind]


def test_switches_leave_what_spans_seasons_or_goes_by_two_names(model: DuplicatesModel) -> None:
    model.across_seasons = True
    assert [set(group.filenames) for group in model.groups] == [{"b-red.png", "b-copy.png"}]
    assert model.counts() == {"duplicate": 1, "colorway": 0, "look-alike": 0}
    model.param.update(across_seasons=False, two_names=True)
    assert [set(group.filenames) for group in model.groups] == [{"b-red.png", "b-copy.png"}]
    assert model.counts() == {"duplicate": 1, "colorway": 0, "look-alike": 1}  # look-alikes are other designs anyway


def test_the_address_shows_the_same_again_and_what_it_cannot_mean_is_as_at_first(model: DuplicatesModel) -> None:
    assert model.address() == {}
    model.param.update(kind="look-alike", across_seasons=True)
    assert model.address() == {"kind": "look-alike", "across_seasons": "true"}
    other = DuplicatesModel(model.archive)
    other.restore(model.address())
    assert (other.kind, other.across_seasons, other.two_names) == ("look-alike", True, False)
    other.restore({"kind": "twin", "across_seasons": "perhaps"})
    assert (other.kind, other.across_seasons, other.two_names) == ("duplicate", False, False)


def test_a_torn_file_is_told(model: DuplicatesModel) -> None:
    (model.archive.folder / "duplicates.parquet").write_bytes(b"torn")
    model.refresh()
    assert model.found is None
    assert "must be a table of duplicates" in model.error


def test_all_pages_of_an_archive_share_one_search(archive: bl.Archive) -> None:
    assert finding(archive) is finding(archive) is DuplicatesModel(archive).finding


def test_a_search_tells_its_steps_and_ends(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    search = Finding(archive)
    find = archive.find_duplicates

    def watched(*, progress: object) -> bl.DesignGroups:
        assert callable(progress)

        def tell(done: int, total: int) -> None:
            progress(done, total)
            told.append((search.status, search.done, search.total))

        return find(processes=1, progress=tell)

    monkeypatch.setattr(archive, "find_duplicates", watched)
    search.run()
    groups = archive.duplicates()
    assert groups is not None
    assert [status for status, *_ in told] == ["neighbors", "pairs", "pairs"]
    assert told[0] == ("neighbors", 8, 8)
    assert told[-1] == ("pairs", groups.n_pairs, groups.n_pairs)
    assert (search.status, search.error, search.n_ended, search.is_running) == ("idle", "", 1, False)


def test_a_search_that_is_stopped_says_so_and_goes_on(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    search, began, go_on = Finding(archive), threading.Event(), threading.Event()

    def endless(*, progress: object) -> None:
        assert callable(progress)
        began.set()
        while True:
            progress(0, 8)
            assert go_on.wait(20)

    monkeypatch.setattr(archive, "find_duplicates", endless)
    search.start()
    assert began.wait(20)
    search.start()  # a second page joins the first
    search.stop()
    assert search.status == "stopping"
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "duplicates":
            thread.join(20)
    assert (search.status, search.n_ended) == ("stopped", 1)
    search.stop()  # of nothing
    assert search.status == "stopped"


def test_why_a_search_failed_is_one_sentence(
    archive: bl.Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    search = Finding(archive)
    for error, sentence in (
        (bl.ArchiveError("The disk is full."), "The disk is full."),
        (ValueError("odd"), "ValueError: odd. The server's"),
    ):
        monkeypatch.setattr(archive, "find_duplicates", lambda error=error, **_: (_ for _ in ()).throw(error))
        search.run()
        assert search.status == "failed"
        assert search.error.startswith(sentence)
    assert [record.name for record in caplog.records] == [duplicates_model.__name__]


@pytest.mark.parametrize(
    ("names", "tails"),
    [
        (["D-20_Lale_red.jpg", "D-20_Lale_red (1).jpg"], ["…red.jpg", "…red (1).jpg"]),
        (["D-20_Lale_red.jpg", "Scan_1.jpg"], ["D-20_Lale_red.jpg", "Scan_1.jpg"]),
        (["a-1.jpg", "a-2.jpg"], ["a-1.jpg", "a-2.jpg"]),
        (["SS24/lale/1.png", "SS24/lale/2.png"], ["…1.png", "…2.png"]),
    ],
)
def test_names_of_one_group_are_shown_by_what_tells_them_apart(names: list[str], tails: list[str]) -> None:
    assert tails_of(names) == tails
