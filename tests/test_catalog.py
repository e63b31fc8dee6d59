"""What an archive lists."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benzer_lab.archive import Archive
from benzer_lab.metadata import Metadata
from benzer_lab.views.catalog import SORTS, Catalog, OwnImage, alphabetical, catalog
from tests.small_archive import write_small_archive

# In the order in which a Turkish reader looks for them
WORDS = [
    "10 yarns",
    "2 yarns",
    "âlâ",
    "Batik",
    "cami",
    "çiçek",
    "Çizgili",
    "damask",
    "gonca",
    "Ğ",
    "halı",
    "Iğdır",
    "ılgın",
    "ikat",
    "İpek",
    "organza",
    "örgü",
    "saten",
    "şal",
    "uzun",
    "Üzüm",
    "Wax",
    "zigzag",
    "Ω",
]
RECORDS = {
    "c.png": {"design": "Çınar", "season": "SS24", "quality": ["twill", "batik"]},
    "a.png": {"design": "Lâle", "season": "AW24"},
    "b.png": {"design": "Çınar", "season": "AW24", "quality": "çuha"},
    "e.png": {"design": "Iğdır Kilim", "season": "SS24", "quality": "cotton"},
    "d.png": {},
    "f.png": {"design": "Lâle", "season": "AW23", "quality": "atlas"},
}


@pytest.fixture
def listed() -> Catalog:
    return Catalog(tuple(sorted(RECORDS)), Metadata.from_records(RECORDS))


def names(listed: Catalog, text: str = "", **options: object) -> str:
    """The letters of the files that are listed."""
    return "".join(listed.filenames[row][0] for row in listed.listed(text, **options))  # type: ignore[arg-type]


def test_texts_stand_in_the_order_of_the_turkish_alphabet(rng: np.random.Generator) -> None:
    mixed = [WORDS[i] for i in rng.permutation(len(WORDS))]
    assert sorted(mixed, key=alphabetical) == WORDS


def test_numbers_stand_by_their_size() -> None:
    assert sorted([10, 9, 2.5, True], key=alphabetical) == [True, 2.5, 9, 10]


def test_equal_letters_keep_one_order_and_forms_of_unicode_meet() -> None:
    assert sorted(["Lale", "lale", "lâle"], key=alphabetical) == sorted(["lâle", "lale", "Lale"], key=alphabetical)
    assert alphabetical("c\u0327am")[0] == alphabetical("çam")[0]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [("filename", "abcdef"), ("design", "bceafd"), ("season", "fabced"), ("quality", "fcebad")],
)
def test_the_archive_is_sorted_with_what_lacks_the_field_last(listed: Catalog, sort: str, wanted: str) -> None:
    assert names(listed, sort=sort) == wanted


def test_sorting_by_a_field_that_no_image_has_leaves_the_order() -> None:
    listed = Catalog(("a.png", "b.png"), Metadata.from_records({}))
    for sort in SORTS:
        assert names(listed, sort=sort) == "ab"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "abcdef"),
        ("   ", "abcdef"),
        ("igdir", "e"),
        ("IĞDIR", "e"),
        ("İgdir kil", "e"),
        ("cinar", "bc"),
        ("LALE", "af"),
        ("b.p", "b"),
        ("d.png\nlale", ""),
        ("<b>", ""),
    ],
)
def test_images_are_found_by_a_part_of_name_or_design(listed: Catalog, text: str, wanted: str) -> None:
    assert names(listed, text) == wanted


def test_what_is_found_is_sorted_too(listed: Catalog) -> None:
    assert names(listed, "lale", sort="season") == "fa"


@pytest.mark.parametrize(("sort", "wanted"), [("filename", "abde"), ("design", "bead"), ("season", "fbed")])
def test_one_per_design_keeps_the_first_of_each_and_all_that_have_none(listed: Catalog, sort: str, wanted: str) -> None:
    assert names(listed, sort=sort, per_design=True) == wanted
    assert names(listed, "cinar", sort=sort, per_design=True) == "b"


def test_images_of_a_design_are_counted(listed: Catalog) -> None:
    assert listed.n_of_design(np.arange(6)) == [2, 2, 2, 1, 1, 2]
    assert listed.n_of_design(np.array([], np.int64)) == []


def test_an_image_that_is_not_listed_has_no_row_and_no_record(listed: Catalog) -> None:
    assert (listed.row("x.png"), listed.record("x.png")) == (-1, {})
    assert listed.row("e.png") == 4
    assert listed.record("e.png")["design"] == "Iğdır Kilim"


def test_all_sessions_of_a_process_share_a_catalog_until_the_archive_changes(tmp_path: Path) -> None:
    archive = Archive.open(write_small_archive(tmp_path / "archive"))
    first = catalog(archive.filenames, archive.metadata)
    assert catalog(archive.filenames, archive.metadata) is first
    assert catalog(archive.filenames[:-1], archive.metadata) is not first


def encoded(color: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (9, 9), color).save(held, "PNG")
    return held.getvalue()


def test_file_names_stand_by_the_alphabet() -> None:
    listed = Catalog(("D-10", "Zebra", "ada", "Çınar", "cam", "İz", "ısı", "ilk"), Metadata.from_records({"ada": {"filename": "x"}}))
    assert [listed.filenames[row] for row in listed.listed()] == ["ada", "cam", "Çınar", "D-10", "ısı", "ilk", "İz", "Zebra"]


def test_own_images_are_told_apart_by_their_content() -> None:
    one, same, other = (
        OwnImage.read(name, content) for name, content in (("a", encoded("red")), ("b", encoded("red")), ("a", encoded("blue")))
    )
    assert one != other
    assert one.key == same.key != other.key
