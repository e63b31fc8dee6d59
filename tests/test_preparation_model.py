"""The making ready of the archive that all pages of a process share."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benzer_lab import sample
from benzer_lab.archive import Archive
from benzer_lab.errors import ArchiveError
from benzer_lab.views import preparation_model
from benzer_lab.views.preparation_model import Preparation, archive_folder, awaits_sample, prepare, shared_archive
from tests.small_archive import write_small_archive


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this process's archive, still empty."""
    (tmp_path / "archive").mkdir()
    monkeypatch.setenv("BENZER_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.delenv("BENZER_IMAGES", raising=False)
    return tmp_path / "archive"


def draw_few(folder: Path, **options: object) -> None:
    """Stand in for `draw_archive`: what it leaves behind."""
    write_small_archive(folder)
    (folder / sample.TRUTH).write_text("")


@pytest.fixture
def quick_sample(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A sample archive that is made at once; its steps are listed."""
    steps: list[str] = []

    def extract(archive: Archive, *, progress: Any) -> None:
        progress(5, 12)
        steps.append("extract")
        write_small_archive(archive.folder, pictures=False)

    def draw(folder: Path, **options: object) -> None:
        steps.append("draw")
        draw_few(folder)

    monkeypatch.setattr(preparation_model, "draw_archive", draw)
    monkeypatch.setattr(Archive, "extract", extract)
    monkeypatch.setattr(Archive, "find_repeats", lambda archive, *, progress: None)
    return steps


def test_the_archive_folder_is_the_one_named_else_the_one_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BENZER_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "image_features").mkdir()
    assert archive_folder().resolve() == tmp_path / "image_features"
    monkeypatch.setenv("BENZER_ARCHIVE", "elsewhere")
    assert archive_folder() == Path("elsewhere")


@pytest.mark.parametrize(("names", "awaited"), [([], True), (["README.md", ".DS_Store"], True), (["README.md", "images"], False)])
def test_a_folder_awaits_the_sample_while_nothing_of_ones_own_is_in_it(tmp_path: Path, names: list[str], awaited: bool) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert awaits_sample(tmp_path) is awaited


def test_where_there_is_nothing_the_sample_is_made_and_opened(place: Path, quick_sample: list[str]) -> None:
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, preparation.error, quick_sample) == ("ready", "", ["draw", "extract"])
    assert (preparation.done, preparation.total) == (5, 12)
    assert not awaits_sample(place)


def test_a_sample_whose_extraction_was_interrupted_is_not_drawn_again(place: Path, quick_sample: list[str]) -> None:
    (place / preparation_model.UNFINISHED).touch()
    draw_few(place)
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["extract"])


@pytest.mark.parametrize("moved", [[], ["images"], ["images", sample.METADATA], ["images", sample.METADATA, sample.TRUTH]], ids=len)
def test_a_sample_goes_on_whenever_it_was_killed_after_the_drawing(place: Path, quick_sample: list[str], moved: list[str]) -> None:
    (place / preparation_model.UNFINISHED).touch()
    draft = place / preparation_model.DRAFT
    draw_few(draft)
    for name in moved:
        (draft / name).rename(place / name)
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, preparation.error, quick_sample) == ("ready", "", ["extract"])
    assert len(preparation.archive.filenames) == 12  # type: ignore[union-attr]
    assert not draft.exists()


@pytest.mark.parametrize("drawn", [True, False])
def test_ones_own_images_beside_a_sample_that_was_begun_are_never_deleted(place: Path, quick_sample: list[str], drawn: bool) -> None:
    (place / preparation_model.UNFINISHED).touch()
    if drawn:
        draw_few(place / preparation_model.DRAFT)
    (place / "images").mkdir()
    Image.new("RGB", (9, 9)).save(place / "images" / "mine.png")
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert preparation_model.UNFINISHED in preparation.error
    assert (place / "images" / "mine.png").exists()


def test_a_named_folder_that_is_not_there_gets_no_sample(place: Path, quick_sample: list[str]) -> None:
    place.rmdir()
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert f"{place} must be a folder; there is none. Check the name" in preparation.error
    assert not place.exists()


def test_the_default_folder_is_made(tmp_path: Path, quick_sample: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preparation = Preparation(preparation_model.DEFAULT)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["draw", "extract"])


def test_a_sample_whose_drawing_was_interrupted_is_drawn_again(place: Path, quick_sample: list[str]) -> None:
    (place / preparation_model.DRAFT / ".images-half").mkdir(parents=True)
    (place / preparation_model.UNFINISHED).touch()
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("ready", ["draw", "extract"])
    assert not (place / preparation_model.DRAFT).exists()


def test_nothing_is_drawn_beside_ones_own_images(place: Path, quick_sample: list[str]) -> None:
    (place / "images").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(place / "images" / "mine.png")
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])
    assert "benzer extract" in preparation.error


def test_an_empty_folder_with_images_elsewhere_gets_no_sample(place: Path, quick_sample: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    preparation = Preparation(place, str(tmp_path / "mine"))
    preparation.run()
    assert (preparation.status, quick_sample) == ("failed", [])


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path, quick_sample: list[str]) -> None:
    preparation = Preparation(tmp_path / "not there" / "archive")
    preparation.run()
    assert preparation.status == "failed"
    assert "BENZER_ARCHIVE" in preparation.error


def test_an_unexpected_failure_is_told_and_logged(
    place: Path, quick_sample: list[str], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(Archive, "open", lambda folder, **options: np.zeros(1)[2])
    preparation = Preparation(place)
    preparation.run()
    assert preparation.status == "failed"
    assert "cannot be opened" in preparation.error
    assert "IndexError" in caplog.text


def test_all_pages_of_a_process_share_one_archive(place: Path, quick_sample: list[str]) -> None:
    assert prepare().ended.wait(20)
    assert prepare() is prepare()
    assert shared_archive() is shared_archive()


def test_after_a_failure_the_next_page_tries_again(place: Path, quick_sample: list[str]) -> None:
    (place / "images").mkdir(parents=True)
    assert prepare().ended.wait(20)
    with pytest.raises(ArchiveError, match="benzer extract"):
        shared_archive()
    write_small_archive(place, pictures=False)
    assert prepare().ended.wait(20)
    assert "pattern" in shared_archive().models


def test_while_the_archive_is_being_made_the_routes_are_told_to_wait(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(preparation_model, "draw_archive", lambda folder, **options: goes_on.wait(20) and draw_few(folder))
    monkeypatch.setattr(Archive, "extract", lambda archive, **options: write_small_archive(archive.folder, pictures=False))
    prepare()
    with pytest.raises(ArchiveError, match="being made ready"):
        shared_archive()
    goes_on.set()
    assert prepare().ended.wait(20)
    assert prepare().status == "ready"


def test_two_processes_make_the_sample_once(place: Path, quick_sample: list[str]) -> None:
    both = [Preparation(place), Preparation(place)]
    threads = [threading.Thread(target=one.run) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status for one in both] == ["ready", "ready"]
    assert quick_sample == ["draw", "extract"]


def test_repeats_are_found_in_the_sample_only_and_while_it_is_shown(
    place: Path, quick_sample: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[bool] = []

    def fail(archive: Archive, *, progress: object) -> None:
        shown.append(preparation.ended.is_set())
        raise ArchiveError("The disk is full.")

    monkeypatch.setattr(Archive, "find_repeats", fail)
    write_small_archive(place)
    preparation = Preparation(place)
    preparation.run()
    assert shown == []
    (place / sample.TRUTH).touch()
    preparation = Preparation(place)
    preparation.run()
    assert (preparation.status, preparation.error, shown) == ("ready", "", [True])
    assert "No repeats could be found, so there are no filters for them: The disk is full." in caplog.text
