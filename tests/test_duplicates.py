"""Duplicates, colorways and look-alikes."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

import benzer_lab as bl
from benzer_lab._grouping import grouped
from benzer_lab._registration import Swatch, match
from benzer_lab._verdicts import Verdict, kind_of
from benzer_lab.cli import main
from tests.few_designs import GREEN, RED, drawn, rescanned, write_few_designs

NAN = float("nan")


def said(first: Image.Image, second: Image.Image) -> str:
    return kind_of(match(Swatch(first), Swatch(second)))


@pytest.mark.parametrize("seed", range(4))
def test_a_print_scanned_again_is_a_duplicate(seed: int) -> None:
    assert said(drawn(seed), rescanned(drawn(seed))) == "duplicate"


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270])
def test_a_scan_that_lay_on_its_side_is_a_duplicate(turn: Image.Transpose) -> None:
    assert said(drawn(1), rescanned(drawn(1)).transpose(turn)) == "duplicate"


def test_a_copy_saved_smaller_and_coarser_is_a_duplicate() -> None:
    file = io.BytesIO()
    drawn(1).resize((150, 150), Image.Resampling.LANCZOS).save(file, "JPEG", quality=60)
    assert said(drawn(1), Image.open(file).convert("RGB")) == "duplicate"


@pytest.mark.parametrize("other", [GREEN, RED[::-1], ("#F5EBDD", "#8E3B7E", "#2F4858")], ids=["other colors", "inverted", "one ink"])
def test_a_recolored_design_is_a_colorway(other: tuple[str, ...]) -> None:
    assert said(drawn(2), drawn(2, other)) == "colorway"


def test_a_recolored_design_scanned_is_a_colorway() -> None:
    assert said(drawn(2), rescanned(drawn(2, GREEN))) == "colorway"


def test_another_design_in_the_same_colors_is_neither() -> None:
    assert said(drawn(1), drawn(2)) == "look-alike"


def test_an_image_of_one_color_is_neither() -> None:
    plain = Image.new("RGB", (64, 64), "red")
    assert said(plain, drawn(1)) == "look-alike"
    assert said(drawn(1), plain) == "look-alike"


def test_which_image_comes_first_does_not_matter() -> None:
    assert said(rescanned(drawn(3)), drawn(3)) == "duplicate"
    assert said(drawn(3, GREEN), drawn(3)) == "colorway"


@pytest.fixture
def archive(tmp_path: Path) -> bl.Archive:
    """Five designs, some recolored, copied or scanned again."""
    return bl.Archive.open(write_few_designs(tmp_path / "archive"))


@pytest.mark.parametrize("processes", [1, 2])
def test_groups_are_called_what_they_are(archive: bl.Archive, processes: int) -> None:
    groups = archive.find_duplicates(processes=processes, progress=False)
    assert [(group.kind, set(group.filenames)) for group in groups] == [
        ("duplicate", {"a-red.png", "a-scan.jpg"}),
        ("duplicate", {"b-red.png", "b-copy.png"}),
        ("colorway", {"a-red.png", "a-scan.jpg", "a-green.png"}),
        ("look-alike", {"d-red.png", "c-red.png", "e-red.png"}),
    ]
    assert groups[3].filenames[0] == "d-red.png"
    assert repr(groups).startswith("DesignGroups(2 duplicate, 1 colorway, 1 look-alike; 8 images, ")


def test_the_frame_says_where_a_duplicate_goes_by_two_names(archive: bl.Archive, tmp_path: Path) -> None:
    groups = archive.find_duplicates(processes=1, progress=False)
    frame = groups.of("duplicate").to_frame()
    copies = frame[frame.designs.str.len() > 1]
    assert list(copies.filename) == ["b-red.png", "b-copy.png"]
    assert list(copies["like"]) == ["b-copy.png", "b-red.png"]
    assert copies.designs.iloc[0] == ["Design b", "=Bahar"]
    assert copies.seasons.iloc[0] == ["SS24", "AW25"]
    assert (copies.score > 0.999).all()
    assert (copies.difference < 0.1).all()
    groups.to_csv(tmp_path / "groups.csv")
    assert "'=Bahar" in (tmp_path / "groups.csv").read_text(encoding="utf-8-sig")


def test_groups_draw_themselves_with_names_escaped(archive: bl.Archive) -> None:
    groups = archive.find_duplicates(processes=1, progress=False)
    html = groups._repr_html_()
    assert html.count("data:image/webp") == 10
    assert "duplicate: Design b, =Bahar (SS24, AW25)" in html


def test_an_image_that_cannot_be_read_is_told_and_in_no_group(archive: bl.Archive) -> None:
    (archive.folder / "images" / "a-scan.jpg").write_bytes(b"torn")
    groups = bl.Archive.open(archive.folder).find_duplicates(processes=1, progress=False)
    assert list(groups.failures) == ["a-scan.jpg"]
    assert all("a-scan.jpg" not in group.filenames for group in groups)
    assert "1 images could not be read" in repr(groups)


def test_other_colorways_are_hits_without_the_same_scan_and_without_look_alikes(archive: bl.Archive) -> None:
    hits = archive.find_colorways("a-red.png")
    assert hits.filenames == ("a-green.png",)
    assert hits.records[0]["design"] == "Design a"
    assert archive.find_colorways("c-red.png").filenames == ()


def test_an_unknown_image_has_no_colorways(archive: bl.Archive) -> None:
    with pytest.raises(bl.InputError, match=r"'a-redd\.png' must be a file name"):
        archive.find_colorways("a-redd.png")


def test_without_a_pattern_model_it_is_refused(archive: bl.Archive) -> None:
    for name in ("pattern_features.npy", "pattern_filenames.json"):
        (archive.folder / name).unlink()
    with pytest.raises(bl.InputError, match="has no features yet"):
        bl.Archive.open(archive.folder).find_duplicates(progress=False)


def test_an_unknown_kind_is_refused(archive: bl.Archive) -> None:
    groups = archive.find_duplicates(processes=1, progress=False)
    with pytest.raises(bl.InputError, match="kind must be one of 'duplicate', 'colorway', 'look-alike'; got 'twin'"):
        groups.of("twin")


def test_the_command_prints_groups_for_people_and_programs(archive: bl.Archive, tmp_path: Path) -> None:
    options = [str(archive.folder), "--processes", "1", "--kind", "duplicate"]
    told = CliRunner().invoke(main, ["duplicates", *options, "--csv", str(tmp_path / "groups.csv")])
    assert told.exit_code == 0
    assert " duplicate  b-copy.png, b-red.png" in told.output or " duplicate  b-red.png, b-copy.png" in told.output
    assert len((tmp_path / "groups.csv").read_text(encoding="utf-8-sig").splitlines()) == 5
    facts = json.loads(CliRunner().invoke(main, ["duplicates", *options, "--json"]).output)
    assert [group["kind"] for group in facts] == ["duplicate", "duplicate"]


def test_duplicates_never_join_what_was_found_to_be_colorways() -> None:
    found = [
        Verdict(0, 1, "duplicate", 0.99, 1.0),
        Verdict(1, 2, "duplicate", 0.99, 4.0),  # a scan between two colorways, nearer to the first
        Verdict(0, 2, "colorway", 0.99, 9.0),
    ]
    groups = grouped(found, 3, alike=0.5)
    assert [(kind, [member.row for member in members]) for kind, members in groups] == [("duplicate", [0, 1]), ("colorway", [0, 1, 2])]


def test_look_alikes_do_not_chain() -> None:
    chain = [Verdict(i, i + 1, "look-alike", 0.9, NAN) for i in range(9)]
    groups = grouped(chain, 10, alike=0.8)
    assert max(len(members) for _, members in groups) == 3
    rows = [member.row for _, members in groups for member in members]
    assert len(rows) == len(set(rows))


def test_look_alikes_below_the_threshold_are_not_told() -> None:
    assert grouped([Verdict(0, 1, "look-alike", 0.7, NAN)], 2, alike=0.8) == []


def test_a_design_is_a_look_alike_once_whatever_its_colorways() -> None:
    found = [Verdict(0, 1, "colorway", 0.9, 20.0), Verdict(0, 2, "look-alike", 0.9, NAN), Verdict(1, 2, "look-alike", 0.95, NAN)]
    kinds = [(kind, [member.row for member in members]) for kind, members in grouped(found, 3, alike=0.8)]
    assert kinds == [("colorway", [0, 1]), ("look-alike", [1, 2])]
