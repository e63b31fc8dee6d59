"""Filters and the metadata they read."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.filters import count_values, passing
from benzer_lab.metadata import Metadata

RECORDS: dict[str, dict[str, Any]] = {
    "a.png": {"design": "Lâle", "season": "SS24", "features": ["floral", "two-tone"], "width": 140, "code": "03", "organic": True},
    "b.png": {"design": "Çınar", "season": "AW24", "features": [], "width": 150.5, "code": "3", "organic": False},
    "c.png": {"season": None, "features": "floral", "width": None, "code": 3},
    "d.png": {},
}


def rows(filters: Any) -> list[int]:
    mask = passing(filters, Metadata.from_records(RECORDS), caller="find_similar")
    return list(range(len(RECORDS))) if mask is None else [int(row) for row in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, [0, 1, 2, 3]),
        ({}, [0, 1, 2, 3]),
        ({"season": None, "design": "", "features": []}, [0, 1, 2, 3]),
        ({"season": {}}, [0, 1, 2, 3]),
        ({"season": {"any": [None, ""]}}, [0, 1, 2, 3]),
        ({"season": "SS24"}, [0]),
        ({"season": ["SS24", "AW24"]}, [0, 1]),
        ({"season": ("SS24",)}, [0]),
        ({"season": "SS99"}, []),
        ({"features": "floral"}, [0, 2]),
        ({"features": {"all": ["floral", "two-tone"]}}, [0]),
        ({"features": {"not": ["two-tone"]}}, [1, 2]),
        ({"features": {"any": ["floral"], "not": ["two-tone"]}}, [2]),
        ({"width": {"min": 140, "max": 150}}, [0]),
        ({"width": {"min": 141}}, [1]),
        ({"width": 140}, [0]),
        ({"width": "140"}, [0]),
        ({"code": "03"}, [0]),
        ({"code": 3}, [1, 2]),
        ({"organic": True}, [0]),
        ({"organic": {"not": True}}, [1]),
        ({"design": "Çınar".replace("Ç", "C\u0327")}, [1]),
        ({"season": "SS24", "features": "geometric"}, []),
        ({"season": np.array(["SS24", "AW24"])}, [0, 1]),
        ({"width": np.int64(140)}, [0]),
        ({"width": {"min": np.float32(141)}}, [1]),
        ({"width": range(140, 150)}, [0]),
    ],
)
def test_a_filter_passes_what_the_design_says(filters: Any, expected: list[int]) -> None:
    assert rows(filters) == expected


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"sesaon": "SS24"}, r"filters must name fields of the metadata \(design, season, .*\); got 'sesaon'. Did you mean 'season'"),
        (["SS24"], "filters must map fields to conditions"),
        ({"season": {"anny": ["SS24"]}}, "must be a value, a list, or an object with any, all, not, min, max; got the key 'anny'"),
        ({"season": {"min": 3}}, "must be a value or a list, for 'season' is not numeric; got 'min'"),
        ({"width": {"min": "wide"}}, r"filters\['width'\] must hold a number; got 'wide'"),
        ({"season": [["SS24"]]}, "must hold text, a number or a list of those"),
        ({"season": [b"SS24"]}, "must hold text, a number or a list of those"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(filters: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        rows(filters)


@pytest.mark.parametrize(
    ("filters", "counted"),
    [
        (
            {},
            {
                "season": [("AW24", 1, 1), ("SS24", 1, 1)],
                "features": [("floral", 2, 2), ("two-tone", 1, 1)],
                "width": [(140, 1, 1), (150.5, 1, 1)],
            },
        ),
        (
            {"season": ["SS24"]},
            {
                "season": [("AW24", 1, 1), ("SS24", 1, 1)],
                "features": [("floral", 1, 2), ("two-tone", 1, 1)],
                "width": [(140, 1, 1), (150.5, 0, 1)],
            },
        ),
        (
            {"season": ["SS24"], "width": {"min": 150}},
            {
                "season": [("AW24", 1, 1), ("SS24", 0, 1)],
                "features": [("floral", 0, 2), ("two-tone", 0, 1)],
                "width": [(140, 1, 1), (150.5, 0, 1)],
            },
        ),
        (
            {"season": []},
            {
                "season": [("AW24", 1, 1), ("SS24", 1, 1)],
                "features": [("floral", 2, 2), ("two-tone", 1, 1)],
                "width": [(140, 1, 1), (150.5, 1, 1)],
            },
        ),
    ],
    ids=str,
)
def test_values_are_counted_under_the_filters_on_other_fields(filters: Any, counted: Any) -> None:
    found = count_values(Metadata.from_records(RECORDS), filters, ["season", "features", "width", "weight"], caller="facets")
    assert {field: sorted(values, key=str) for field, values in found.items()} == counted


def test_a_count_is_what_choosing_the_value_would_add() -> None:
    metadata = Metadata.from_records(RECORDS)
    filters: dict[str, Any] = {"features": ["floral"], "season": ["SS24"]}
    for field, values in count_values(metadata, filters, ["season", "features", "code"], caller="facets").items():
        for value, n_passing, n_rows in values:
            others = {other: wanted for other, wanted in filters.items() if other != field}
            assert n_passing == len(rows({**others, field: [value]}))
            assert n_rows == len(rows({field: [value]}))


def test_a_value_that_a_list_holds_twice_counts_once() -> None:
    metadata = Metadata.from_records({"a": {"f": ["x", "x", "y"]}, "b": {"f": ["x"]}, "c": {}})
    assert count_values(metadata, {}, ["f"], caller="facets") == {"f": [("x", 2, 2), ("y", 1, 1)]}


def test_fields_that_are_not_there_or_hold_nothing_are_not_counted() -> None:
    metadata = Metadata.from_records({"a": {"f": None, "g": []}, "b": {"h": 1}})
    assert count_values(metadata, {}, ["f", "g", "h", "i"], caller="facets") == {"h": [(1, 1, 1)]}


def test_counting_refuses_a_filter_that_means_nothing() -> None:
    with pytest.raises(InputError, match=r"facets: filters must name fields of the metadata"):
        count_values(Metadata.from_records(RECORDS), {"sesaon": ["SS24"]}, ["season"], caller="facets")


def test_clusters_are_those_of_the_model_and_version() -> None:
    records = {"a.png": {"cluster": {"pattern": {"v1": 3, "v2": 5}}}, "b.png": {"cluster": {"pattern": {"v1": 4}}}}
    metadata = Metadata.from_records(records)
    one = metadata.align(["b.png", "a.png"], model="pattern", version="v1")
    assert [record["cluster"] for record in one.records(np.array([0, 1]))] == [4, 3]
    assert "cluster" not in metadata.align(["a.png"], model="color", version="v1").fields


def test_a_plain_cluster_is_every_model_s() -> None:
    metadata = Metadata.from_records({"a.png": {"cluster": 7}})
    assert metadata.align(["a.png"], model="pattern", version="v3").records(np.array([0]))[0]["cluster"] == 7


def test_align_gives_nulls_to_images_without_metadata() -> None:
    aligned = Metadata.from_records(RECORDS).align(["zz.png", "a.png"], model="pattern", version="v1")
    assert [record["design"] for record in aligned.records(np.array([0, 1]))] == [None, "Lâle"]


def test_names_meet_whatever_their_unicode_form() -> None:
    decomposed = "Lâle".replace("â", "a\u0302") + ".png"
    aligned = Metadata.from_records({"Lâle.png": {"design": "x"}}).align([decomposed], model="pattern", version="v1")
    assert aligned.records(np.array([0]))[0]["design"] == "x"
    assert aligned.table["filename"].to_pylist() == [decomposed]


def test_metadata_is_read_from_its_cache_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "image_metadata_map.json"
    path.write_text(json.dumps(RECORDS), encoding="utf-8")
    first = Metadata.read(path)
    cache = tmp_path / ".image_metadata_map.arrow"
    assert cache.exists()
    assert Metadata.read(path).table.equals(first.table)
    path.write_text(json.dumps({"new.png": {"season": "SS30"}}), encoding="utf-8")
    assert Metadata.read(path).table["season"].to_pylist() == ["SS30"]


def test_a_torn_cache_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "image_metadata_map.json"
    path.write_text(json.dumps(RECORDS), encoding="utf-8")
    Metadata.read(path)
    cache = tmp_path / ".image_metadata_map.arrow"
    os.truncate(cache, 100)
    assert len(Metadata.read(path)) == 4


@pytest.mark.parametrize("text", ["[1, 2]", '{"a.png": 3}', "{", ""])
def test_metadata_that_maps_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "image_metadata_map.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"image_metadata_map\.json: must (be JSON|map each file name)"):
        Metadata.read(path)


def test_mixed_and_odd_values_become_text() -> None:
    records = {"a": {"x": 1, "y": {"k": [1]}, "z": [1, "a"], "w": float("nan")}, "b": {"x": "one", "z": None, "w": 2}}
    table = Metadata.from_records(records).table
    assert table["x"].to_pylist() == ["1", "one"]
    assert table["y"].to_pylist() == ['{"k": [1]}', None]
    assert table["z"].to_pylist() == [["1", "a"], None]
    assert table["w"].to_pylist() == [None, 2.0]


def test_pandas_and_long_numbers_in_the_metadata() -> None:
    records: dict[str, dict[str, Any]] = {
        "a": {"season": float("nan"), "features": [float("nan"), 1], "serial": 9007199254740993, "code": 10**400, "codes": [10**400]},
        "b": {"season": "SS24", "features": [2], "serial": 9007199254740992, "code": 1, "codes": [1]},
        "c\udce7": {"season": "SS\udce7", "features": None, "serial": None, "code": None, "codes": None},
    }
    metadata = Metadata.from_records(records)
    assert metadata.table["season"].to_pylist() == [None, "SS24", "SS\ufffd"]
    assert metadata.table["features"].to_pylist() == [[1], [2], None]
    assert metadata.table["code"].to_pylist() == [str(10**400), "1", None]
    found = passing({"serial": 9007199254740993}, metadata, caller="find_similar")
    assert found is not None
    assert found.tolist() == [True, False, False]
