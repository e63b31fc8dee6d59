"""What was chosen, and its export."""

import csv
import io
import re
from pathlib import Path

import pytest

from benzer_lab.archive import Archive
from benzer_lab.views.picks import Picks
from benzer_lab.views.search_model import SearchModel
from tests.small_archive import NAMES, send_from_page, write_small_archive


@pytest.fixture
def model(tmp_path: Path) -> SearchModel:
    model = SearchModel(Archive.open(write_small_archive(tmp_path / "archive")))
    model.ask(NAMES[0])
    return model


def read(model: SearchModel) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(model.picks_csv().decode("utf-8-sig"))))


def test_images_are_chosen_and_no_longer(model: SearchModel) -> None:
    for name in (NAMES[3], NAMES[1], NAMES[5], NAMES[3], "../truth.csv", ""):
        model.choose(name)
    assert model.picks == [NAMES[1], NAMES[5]]


def test_a_choice_outlives_the_question(model: SearchModel) -> None:
    model.choose(NAMES[3])
    model.ask("D-99.png")
    model.ask("")
    assert model.picks == [NAMES[3]]


def test_the_csv_holds_what_is_known_in_the_order_of_choosing(model: SearchModel) -> None:
    for name in (NAMES[7], NAMES[0], NAMES[1]):
        model.choose(name)
    similar = dict(zip(model.hits.filenames, model.hits.similarities, strict=True))
    lines = read(model)
    assert [line["filename"] for line in lines] == [NAMES[7], NAMES[0], NAMES[1]]
    assert list(lines[0])[:4] == ["filename", "design", "season", "quality"]
    assert (lines[2]["design"], lines[2]["season"]) == ("Iğdır Kilim", "AW24")
    assert [line["similarity"] for line in lines] == [f"{similar[NAMES[7]]:.4f}", "", f"{similar[NAMES[1]]:.4f}"]


def test_the_csv_opens_in_a_spreadsheet_with_its_letters_and_without_formulas(model: SearchModel) -> None:
    model.change(picks=["=1+1.png"])
    content = model.picks_csv()
    assert content.startswith('\ufeff"filename",'.encode())
    assert b"\n=1+1" not in content
    model.change(picks=[])
    assert read(model) == []


def test_a_turkish_spreadsheet_gets_semicolons_and_decimal_commas(model: SearchModel) -> None:
    model.choose(NAMES[7])
    similar = dict(zip(model.hits.filenames, model.hits.similarities, strict=True))[NAMES[7]]
    line = next(csv.DictReader(io.StringIO(model.picks_csv(comma=",").decode("utf-8-sig")), delimiter=";"))
    assert (line["filename"], line["similarity"]) == (NAMES[7], f"{similar:.4f}".replace(".", ","))


def test_the_csv_of_images_that_are_no_hits_has_no_similarities(model: SearchModel) -> None:
    model.ask("")
    model.choose(NAMES[2])
    assert read(model)[0]["similarity"] == ""


def test_the_pdf_has_a_page_for_twenty_and_stands_images_that_are_gone(model: SearchModel) -> None:
    for name in NAMES:
        model.choose(name)
    (model.archive.folder / "images" / NAMES[4]).unlink()
    (model.archive.folder / "images" / NAMES[5]).write_bytes(b"broken")
    model.change(picks=model.picks * 2)
    sheet = model.picks_pdf("Benzer desenler")
    assert sheet.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 2


def test_the_page_is_sent_the_file_it_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[bool] = []
    picks = Picks(export=lambda kind: (f"x.{kind}", kind.encode()), clear=lambda: cleared.append(True))
    messages: list[object] = []
    monkeypatch.setattr(picks, "_send_msg", messages.append)
    for message in (
        {"type": "export", "kind": "csv"},
        {"type": "export", "kind": "pdf"},
        {"type": "export", "kind": "exe"},
        {"type": "clear"},
        {},
    ):
        send_from_page(picks, message)
    assert messages == [
        {"name": "x.csv", "media": "text/csv;charset=utf-8", "body": b"csv"},
        {"name": "x.pdf", "media": "application/pdf", "body": b"pdf"},
    ]
    assert cleared == [True]
