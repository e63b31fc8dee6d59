"""The clusters of an archive: found, named, kept beside their version, asked for by hits and filters."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benzer_lab.archive import Archive
from benzer_lab.errors import InputError
from benzer_lab.metrics import adjusted_rand

KINDS = np.repeat([0, 1, 2], [40, 30, 20])
NAMES = [f"D-{i:02}.png" for i in range(90)]
MOTIFS = ["floral", "stripes", "checks"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of three kinds of design, whose rows lie well apart, as the existing system keeps them."""
    rng = np.random.default_rng(0)
    for model, d in (("color", 6), ("pattern", 8)):
        rows = (8 * rng.normal(size=(3, d))[KINDS] + rng.normal(size=(90, d))).astype(np.float32)
        np.save(tmp_path / f"{model}_features.npy", rows)
        (tmp_path / f"{model}_filenames.json").write_text(json.dumps(NAMES))
    records = {name: {"season": "SS24", "features": [MOTIFS[kind]], "cluster": 7} for name, kind in zip(NAMES, KINDS.tolist(), strict=True)}
    (tmp_path / "image_metadata_map.json").write_text(json.dumps(records))
    (tmp_path / "images").mkdir()
    for name in NAMES[:50]:
        Image.new("RGB", (32, 32), "#C3272E").save(tmp_path / "images" / name)
    return tmp_path


@pytest.mark.parametrize("model", ["color", "pattern", "color+pattern"])
def test_the_groups_that_are_there_are_found_named_and_kept(folder: Path, model: str) -> None:
    groups = Archive.open(folder).cluster(model, 3, progress=False)
    assert adjusted_rand(groups.labels, KINDS) == 1
    assert groups.labels.tolist() == KINDS.tolist()  # the largest is 0
    assert [cluster.names["tr"].split(", ")[-1 if model == "color" else 0] for cluster in groups.clusters] == [
        "çiçekli",
        "çizgili",
        "kareli",
    ]
    again = Archive.open(folder).clusters(model)
    assert again is not None
    assert again.summary().equals(groups.summary())
    assert again.to_frame("tr").equals(groups.to_frame("tr"))
    assert repr(again) == repr(groups)


def test_hits_and_filters_speak_of_the_clusters_of_the_searched_model(folder: Path) -> None:
    archive = Archive.open(folder)
    assert {record["cluster"] for record in archive.find_similar(NAMES[0], model="pattern").records} == {7}  # of the metadata
    groups = archive.cluster("pattern", 3, progress=False)
    hits = archive.find_similar(NAMES[0], model="pattern", include_query=True)
    assert {name: record["cluster"] for name, record in zip(hits.filenames, hits.records, strict=True)} == dict(
        zip(NAMES, groups.labels.tolist(), strict=True)
    )
    for wanted in (1, groups.clusters[1].names["en"], groups.clusters[1].names["tr"], [1], "1"):
        assert set(archive.find_similar(NAMES[0], model="pattern", filters={"cluster": wanted}).filenames) == set(NAMES[40:70])
    with pytest.raises(InputError, match=r"labels or names of clusters; got 'floral, re'.*Did you mean 'floral, red'"):
        archive.find_similar(NAMES[0], model="pattern", filters={"cluster": "floral, re"})
    assert {record["cluster"] for record in archive.find_similar(NAMES[0], model="color").records} == {7}


def test_groups_of_another_name_change_no_hits(folder: Path) -> None:
    archive = Archive.open(folder)
    archive.cluster("pattern", 5, name="five", progress=False)
    assert archive.clusters("pattern") is None
    assert len(archive.clusters("pattern", name="five") or ()) == 5
    assert {record["cluster"] for record in archive.find_similar(NAMES[0], model="pattern").records} == {7}


def test_groups_of_rows_that_have_changed_are_not_used(folder: Path) -> None:
    archive = Archive.open(folder)
    archive.cluster("pattern", 3, progress=False)
    np.save(folder / "pattern_features.npy", np.load(folder / "pattern_features.npy")[::-1].astype(np.float16))
    archive = Archive.open(folder)
    with pytest.warns(UserWarning, match="of other rows than pattern v1"):
        assert archive.clusters("pattern") is None


def test_the_number_is_chosen_with_its_reason(folder: Path) -> None:
    groups = Archive.open(folder).cluster("pattern", progress=False)
    assert len(groups) == 3
    assert groups.reasons["en"].startswith("3 clusters: of the numbers from 3 to 9")


def test_hdbscan_finds_dense_places_or_none(folder: Path) -> None:
    pytest.importorskip("sklearn")
    archive = Archive.open(folder)
    assert adjusted_rand(archive.cluster("pattern", method="hdbscan", metric="l2", progress=False).labels, KINDS) > 0.9
    np.save(folder / "color_features.npy", np.eye(90, dtype=np.float32))  # all equally far apart
    none = Archive.open(folder).cluster("color", method="hdbscan", metric="l2", progress=False)
    assert (len(none), set(none.labels.tolist())) == (0, {-1})
    assert "90 images in none" in repr(none)
    assert len(none.summary()) == 0


def test_what_cannot_be_clustered_is_refused(folder: Path) -> None:
    archive = Archive.open(folder)
    with pytest.raises(InputError, match="n_clusters must be from 1 to 90"):
        archive.cluster("pattern", 91, progress=False)
    with pytest.raises(InputError, match="must be left out with method 'hdbscan'"):
        archive.cluster("pattern", 3, method="hdbscan", progress=False)
    with pytest.raises(InputError, match="name must be up to 64 letters"):
        archive.cluster("pattern", 3, name="../x", progress=False)


def test_groups_draw_themselves(folder: Path) -> None:
    groups = Archive.open(folder).cluster("pattern", 3, progress=False)
    assert "floral" in groups._repr_html_()
    assert "data:image/webp" in groups._repr_html_()
