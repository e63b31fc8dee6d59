"""The groups of an archive, kept: found again only where images came, and never compared twice."""

import json
import os
import shutil
from pathlib import Path

import pytest

import benzer_lab as bl
from benzer_lab import _verdicts, duplicate_store
from benzer_lab._registration import match
from benzer_lab.extraction import locked
from tests.few_designs import GREEN, drawn, write_few_designs, write_rows


class StoppedError(Exception):
    """What a caller's progress raises to stop."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_few_designs(tmp_path / "archive")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The pairs whose pixels are compared from now on; one a chunk."""
    pairs: list[tuple[str, str]] = []
    call = _verdicts.Comparer.__call__

    def noting(self: _verdicts.Comparer, chunk: list[tuple[int, str, str]]) -> object:
        pairs.extend((first, second) for _, first, second in chunk)
        return call(self, chunk)

    monkeypatch.setattr(_verdicts.Comparer, "__call__", noting)
    monkeypatch.setattr(_verdicts, "CHUNK", 1)
    return pairs


def find(folder: Path, progress: object = False) -> bl.DesignGroups:
    return bl.Archive.open(folder).find_duplicates(processes=1, progress=progress)


def told(groups: bl.DesignGroups) -> list[tuple[object, ...]]:
    """All that groups say, but for differences of look-alikes, which are NaN."""
    return [(group.kind, group.filenames, group.like, group.scores.tolist(), group.records) for group in groups]


def test_what_was_found_is_read_back(folder: Path) -> None:
    assert bl.Archive.open(folder).duplicates() is None
    found = find(folder)
    kept = bl.Archive.open(folder).duplicates()
    assert kept is not None
    assert told(kept) == told(found)
    assert repr(kept) == repr(found)
    assert (kept.version, kept.is_stale, kept.n_images, kept.n_pairs) == ("v1", False, 8, found.n_pairs)
    assert kept.to_csv() == found.to_csv()


def test_the_same_is_not_found_twice(folder: Path, compared: list[tuple[str, str]]) -> None:
    first = find(folder)
    assert len(compared) == first.n_pairs
    compared.clear()
    again = find(folder)
    assert (again.created, compared) == (first.created, [])
    assert told(again) == told(first)


def test_another_number_of_neighbors_compares_only_what_is_new(folder: Path, compared: list[tuple[str, str]]) -> None:
    few = bl.Archive.open(folder).find_duplicates(neighbors=1, processes=1, progress=False)
    before = list(compared)
    assert len(before) == few.n_pairs
    all_ = find(folder)
    assert len(compared) == len(set(compared)) == all_.n_pairs > few.n_pairs


def test_a_run_that_was_stopped_goes_on_where_it_was(folder: Path, compared: list[tuple[str, str]]) -> None:
    whole = find(shutil.copytree(folder, folder.with_name("whole")))
    compared.clear()

    def stop(done: int, total: int) -> None:
        if total == whole.n_pairs and done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        find(folder, stop)
    assert bl.Archive.open(folder).duplicates() is None
    steps: list[tuple[int, int]] = []
    assert told(find(folder, lambda done, total: steps.append((done, total)))) == told(whole)
    assert steps[0] == (3, whole.n_pairs)  # neighbors are not looked for again either
    assert len(compared) == len(set(compared)) == whole.n_pairs
    assert [path.name for path in (folder / duplicate_store.WORK).iterdir()] == ["lock"]


def test_torn_leftovers_of_a_run_are_found_again(folder: Path) -> None:
    whole = find(folder)
    for path in (folder / duplicate_store.FILE, folder / duplicate_store.PAIRS):
        path.write_bytes(path.read_bytes()[:100])
    for name in (duplicate_store.CANDIDATES, "part-1.parquet"):
        (folder / duplicate_store.WORK / name).write_bytes(b"PK torn")
    with pytest.raises(bl.ArchiveError, match=r"duplicates\.parquet: must be a table of duplicates; .*Delete it and call find_duplicates"):
        bl.Archive.open(folder).duplicates()
    assert told(find(folder)) == told(whole)


def test_images_that_come_later_make_it_stale_and_only_theirs_are_compared(folder: Path, compared: list[tuple[str, str]]) -> None:
    find(folder)
    archive = bl.Archive.open(folder)
    before = archive.duplicates()
    compared.clear()
    names = json.loads((folder / "pattern_filenames.json").read_text())
    drawn(5, GREEN).save(folder / "images" / "e-green.png")
    write_rows(folder, [*names, "e-green.png"])
    archive = bl.Archive.open(folder)
    stale = archive.duplicates()
    assert before is not None
    assert stale is not None
    assert (before.is_stale, stale.is_stale, stale.n_new, stale.n_gone) == (False, True, 1, 0)
    assert "since then 1 images came or changed and 0 went" in repr(stale)
    groups = find(folder)
    assert {"e-red.png", "e-green.png"} in [set(group.filenames) for group in groups.of("colorway")]
    assert compared
    assert all("e-green.png" in pair for pair in compared)
    assert not groups.is_stale


def test_an_image_that_changed_is_compared_again_and_one_that_went_is_told(folder: Path, compared: list[tuple[str, str]]) -> None:
    find(folder)
    compared.clear()
    drawn(9).save(folder / "images" / "b-copy.png")
    os.utime(folder / "images" / "b-copy.png", (1, 1))
    names = json.loads((folder / "pattern_filenames.json").read_text())
    write_rows(folder, [name for name in names if name != "e-red.png"])
    stale = bl.Archive.open(folder).duplicates()
    assert stale is not None
    assert (stale.n_new, stale.n_gone) == (1, 1)
    groups = find(folder)
    assert all("b-copy.png" not in group.filenames for group in groups.of("duplicate"))
    assert all("b-copy.png" in pair for pair in compared)


def test_what_is_called_anew_needs_no_comparison(folder: Path, compared: list[tuple[str, str]]) -> None:
    find(folder)
    compared.clear()
    records = json.loads((folder / "image_metadata_map.json").read_text())
    records["b-copy.png"]["design"] = "Gül"
    (folder / "image_metadata_map.json").write_text(json.dumps(records))
    kept = bl.Archive.open(folder).duplicates()
    assert kept is not None
    assert [group.designs for group in kept.of("duplicate")][1] == ["Design b", "Gül"]


def test_an_image_that_could_not_be_read_is_tried_again(folder: Path, compared: list[tuple[str, str]]) -> None:
    whole = (folder / "images" / "a-scan.jpg").read_bytes()
    (folder / "images" / "a-scan.jpg").write_bytes(b"torn")
    assert list(find(folder).failures) == ["a-scan.jpg"]
    kept = bl.Archive.open(folder).duplicates()
    assert kept is not None
    assert list(kept.failures) == ["a-scan.jpg"]
    compared.clear()
    (folder / "images" / "a-scan.jpg").write_bytes(whole)
    groups = find(folder)
    assert groups.failures == {}
    assert {"a-red.png", "a-scan.jpg"} in [set(group.filenames) for group in groups.of("duplicate")]
    assert all("a-scan.jpg" in pair for pair in compared)


def test_files_that_are_the_same_byte_for_byte_are_duplicates_without_a_look_at_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(_verdicts, "match", lambda first, second: looked.append(first) or match(first, second))
    groups = find(folder)
    assert (folder / "images/b-red.png").read_bytes() == (folder / "images/b-copy.png").read_bytes()
    assert len(looked) == groups.n_pairs - 1
    copies = groups.of("duplicate")[1]
    assert (copies.filenames, copies.scores.tolist(), copies.differences.tolist()) == (("b-red.png", "b-copy.png"), [1, 1], [0, 0])


def test_a_folder_that_may_not_be_written_keeps_them_in_the_users_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "cache"
    monkeypatch.setattr(duplicate_store, "cache_home", lambda folder: home)
    monkeypatch.setattr(duplicate_store, "cache_places", lambda folder: (folder, home))
    found = find(folder)
    kept = bl.Archive.open(folder).duplicates()
    assert kept is not None
    assert told(kept) == told(found)
    assert not (folder / duplicate_store.FILE).exists()
    monkeypatch.setattr(duplicate_store, "cache_home", lambda folder: None)
    shutil.rmtree(home)
    assert told(find(folder)) == told(found)
    assert bl.Archive.open(folder).duplicates() is None


def test_two_are_not_at_the_same_work(folder: Path) -> None:
    with locked(folder / duplicate_store.WORK), pytest.raises(bl.ArchiveError, match=r"find_duplicates: .* must be free; process"):
        find(folder)
