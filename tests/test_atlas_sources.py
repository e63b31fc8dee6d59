"""What the atlas takes from an archive: its own maps, clusters and curves."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benzer_lab as bl
from benzer_lab.views.atlas_sources import MEASURES, Sources
from tests.small_archive import NAMES, write_small_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bl.Archive:
    archive = bl.Archive.open(write_small_archive(tmp_path_factory.mktemp("sources") / "archive"))
    archive.layout("pattern", method="pca", progress=False)
    return archive


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


def test_a_map_that_is_kept_is_shown(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "layout", lambda *args, **options: pytest.fail("made again"))
    shown = Sources(archive).map("pattern", None, quiet)
    assert (shown.model, shown.version, shown.filenames) == ("pattern", "v1", tuple(NAMES))
    np.testing.assert_array_equal(shown.layout.coordinates, archive.layouts("pattern")["pca"].coordinates)


def test_without_umap_a_map_is_a_plane(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    made = archive.layout

    def layout(model: str, *, method: str = "umap", **options: Any) -> Any:
        if method == "umap":
            raise bl.MissingExtraError("Layout needs umap.")
        return made(model, method=method, **options)

    monkeypatch.setattr(archive, "layout", layout)
    assert Sources(archive).map("color", None, quiet).layout.options["method"] == "pca"


def test_clusters_are_those_of_the_archive_or_kept_under_a_name_of_the_page(tmp_path: Path) -> None:
    archive = bl.Archive.open(write_small_archive(tmp_path / "archive", pictures=False))
    archive.layout("pattern", method="pca", progress=False)
    sources = Sources(archive)
    shown = sources.map("pattern", None, quiet)
    three = sources.grouping(shown, 3, quiet)
    assert (len(three.clusters), archive.clusters("pattern")) == (3, None)
    np.testing.assert_array_equal(sources.grouping(shown, 3, quiet).labels, three.labels)
    own = archive.cluster("pattern", 4, progress=False)
    np.testing.assert_array_equal(sources.grouping(shown, 0, quiet).labels, own.labels)


def test_visitors_share_one_map_and_its_clusters(archive: bl.Archive) -> None:
    sources = [Sources(archive), Sources(archive)]
    first, second = (one.map("pattern", None, quiet) for one in sources)
    assert first is second
    first, second = (one.regrouped(first, 2, quiet) for one in sources)
    assert first is second
    assert len(first.groups) == 2


def test_the_curve_is_that_of_the_archive(archive: bl.Archive) -> None:
    told: list[tuple[int, int]] = []
    sources = Sources(archive)
    curve = sources.curve(sources.map("pattern", None, quiet), lambda done, total: told.append((done, total)))
    assert list(curve.lines) == list(MEASURES)
    assert curve.best in curve.ks
    assert all(len(values) == len(curve.ks) for values, _ in curve.lines.values())
    assert told[-1] == (len(curve.ks), len(curve.ks))


def test_seasons_follow_the_order_of_the_map(archive: bl.Archive) -> None:
    sources = Sources(archive)
    shown = sources.map("pattern", None, quiet)
    seasons = sources.seasons(shown, quiet)
    assert np.isfinite(seasons.new_in("AW24")).tolist() == [bool(i % 2) for i in range(12)]
    assert sum(seasons.count(label, "SS24") for label in (0, 1)) == 6
