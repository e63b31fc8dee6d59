"""The maps of an archive: made once, read again, carried on to the next version."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benzer_lab import Archive, InputError
from benzer_lab.cli import main
from benzer_lab.versions import Versions
from tests.small_archive import write_small_archive

RECIPE = {"name": "drawn", "parameters": {}}


@pytest.fixture
def flat(tmp_path: Path) -> Archive:
    return Archive.open(write_small_archive(tmp_path / "archive", pictures=False))


def publish(folder: Path, x: np.ndarray, names: list[str], parent: str | None, changed: tuple[str, ...] = ()) -> None:
    sources = {name: f"{name} of {parent}" if name in changed else name for name in names}
    Versions(folder).publish("pattern", names, x, metric="cosine", recipe=RECIPE, parent=parent, sources=sources)


@pytest.fixture
def grown(tmp_path: Path) -> Archive:
    """Sixty designs of three groups, laid out; then six more, one changed and one gone."""
    rng = np.random.default_rng(0)
    x = (3 * np.eye(3)[np.arange(67) % 3] + rng.normal(size=(67, 3)) / 2).astype(np.float32)
    names = [f"D-{i}.png" for i in range(67)]
    folder = tmp_path / "grown"
    folder.mkdir()
    publish(folder, x[:60], names[:60], None)
    Archive.open(folder).layout("pattern", method="pca", progress=False)
    publish(folder, x[1:66][::-1], names[1:66][::-1], "v1", changed=("D-7.png",))
    return Archive.open(folder)


def test_a_map_is_made_once(flat: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    made = flat.layout("pattern", method="pca", progress=False)
    assert made.filenames == tuple(flat.features("pattern").filenames)
    assert made.coordinates.shape == (12, 2)
    assert "12 designs by pca, trustworthiness 0." in repr(made)
    monkeypatch.setattr("benzer_lab.layout_store.Layout", None)
    again = Archive.open(flat.folder).layout("pattern", method="pca")
    assert (again.coordinates == made.coordinates).all()
    assert again.coordinates.dtype == np.float32
    assert (again.filenames, again.options) == (made.filenames, made.options)
    assert again.trustworthiness is not None
    assert made.trustworthiness is not None
    assert again.trustworthiness.value == made.trustworthiness.value


def test_umap_is_the_default(flat: Archive) -> None:
    told: list[tuple[int, int]] = []
    made = flat.layout("pattern", n_neighbors=4, progress=lambda done, total: told.append((done, total)))
    assert made.options == {"method": "umap", "n_neighbors": 4, "random_state": 0, "metric": "cosine"}
    assert np.isfinite(made.coordinates).all()
    assert told[-1] == (12, 12)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_other_options_and_other_rows_make_another_map(flat: Archive) -> None:
    made = flat.layout("pattern", method="pca", progress=False)
    flat.layout("pattern", method="pca", name="other", n_neighbors=3, progress=False)
    assert {name: one.options["n_neighbors"] for name, one in flat.layouts("pattern").items()} == {"other": 3, "pca": 15}
    flat.layout("pattern", method="pca", n_neighbors=4, progress=False)
    assert flat.layouts("pattern")["pca"].options["n_neighbors"] == 4
    np.save(flat.folder / "pattern_features.npy", np.random.default_rng(1).normal(size=(12, 6)).astype(np.float32))
    assert flat.layouts("pattern") == {}
    assert not np.array_equal(flat.layout("pattern", method="pca", progress=False).coordinates, made.coordinates)


def test_a_torn_file_is_made_again(flat: Archive) -> None:
    made = flat.layout("pattern", method="pca", progress=False)
    path = flat.folder / "pattern/v1/derived/layout-pca.parquet"
    path.write_bytes(path.read_bytes()[:-40])
    assert flat.layouts("pattern") == {}
    assert (flat.layout("pattern", method="pca", progress=False).coordinates == made.coordinates).all()
    assert list(flat.layouts("pattern")) == ["pca"]


def test_joined_models_have_maps_of_their_own(flat: Archive) -> None:
    joined = flat.layout(method="pca", progress=False)
    assert joined.title == "color+pattern v1+v1"
    assert flat.layouts("pattern") == {}
    assert list(flat.layouts()) == ["pca"]
    rows = flat.features("color+pattern")
    assert rows.blocks is not None
    seen = rows.x * np.where(np.arange(12) < 6, np.sqrt(0.1), np.sqrt(0.9))
    centered = seen - seen.mean(axis=0)
    first = np.linalg.svd(centered)[2][0]
    np.testing.assert_allclose(np.abs(joined.coordinates[:, 0]), np.abs(centered @ first), atol=1e-5)


def test_designs_stay_where_they_were_and_new_ones_lie_amid_theirs(grown: Archive) -> None:
    old = grown.layouts("pattern", "v1")["pca"].to_frame().set_index("filename")
    made = grown.layout("pattern", version="v2", method="pca", progress=False)
    now = made.to_frame().set_index("filename")
    kept = [f"D-{i}.png" for i in range(1, 60) if i != 7]
    assert now.loc[kept].equals(old.loc[kept])
    assert made.n_placed == 7  # six new, one changed
    assert ", 7 placed later)" in repr(made)
    for i in (7, *range(60, 66)):
        own = now.loc[[f"D-{j}.png" for j in range(1, 60) if j % 3 == i % 3 and j != 7]].mean()
        others = now.loc[[f"D-{j}.png" for j in range(1, 60) if j % 3 != i % 3]].mean()
        here = now.loc[f"D-{i}.png"]
        assert np.linalg.norm(here - own) < np.linalg.norm(here - others)
    assert made.trustworthiness is not None
    assert list(grown.layouts("pattern", "v2")) == ["pca"]


@pytest.mark.parametrize("why", ["many", "another name", "other options", "another recipe"])
def test_all_are_laid_out_anew_where_a_map_cannot_be_carried_on(grown: Archive, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    if why == "many":
        monkeypatch.setattr("benzer_lab.layout_store.ENOUGH", 0.9)
    if why == "another recipe":
        path = grown.folder / "pattern/v2/card.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"recipe": {"name": "other"}}))
    name, n_neighbors = "anew" if why == "another name" else None, 9 if why == "other options" else 15
    made = grown.layout("pattern", version="v2", method="pca", name=name, n_neighbors=n_neighbors, progress=False)
    assert made.n_placed == 0


def test_an_archive_that_cannot_be_written_keeps_its_maps_elsewhere(flat: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("benzer_lab.derived.cache_home", lambda folder: tmp_path / "cache")
    monkeypatch.setattr("benzer_lab.derived.cache_places", lambda folder: (folder, tmp_path / "cache"))
    made = flat.layout("pattern", method="pca", progress=False)
    assert not list((flat.folder / "pattern/v1").rglob("layout-*"))
    assert (flat.layouts("pattern")["pca"].coordinates == made.coordinates).all()


def test_a_map_shows_itself(flat: Archive) -> None:
    shown = flat.layout("pattern", method="pca", progress=False)._repr_html_()
    assert shown.startswith("<div><div>DesignMap(pattern v1, ")
    assert 'src="data:image/png;base64,' in shown


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "../away"}, "name must be up to 64 letters"),
        ({"name": "a@b"}, "name must be up to 64 letters"),
        ({"random_state": -1}, "random_state must be a whole number of 0 or more"),
        ({"method": "tsne"}, "method must be one of 'umap', 'densmap', 'pca'"),
        ({"version": "v9"}, "version of 'pattern' must be one of 'v1'"),
    ],
)
def test_layout_refuses_what_it_cannot_do(flat: Archive, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        flat.layout("pattern", progress=False, **options)  # type: ignore[arg-type]


def test_two_designs_are_no_map(tmp_path: Path) -> None:
    publish(tmp_path, np.eye(2, dtype=np.float32), ["a.png", "b.png"], None)
    with pytest.raises(InputError, match="must hold at least 3 designs; it holds 2"):
        Archive.open(tmp_path).layout()


def test_the_command_lays_out_and_says_how_far_to_trust_it(flat: Archive, tmp_path: Path) -> None:
    csv = tmp_path / "map.csv"
    ran = CliRunner().invoke(main, ["layout", str(flat.folder), "--model", "pattern", "--method", "pca", "--csv", str(csv), "--json"])
    assert ran.exit_code == 0, ran.output
    facts = json.loads(ran.stdout)
    assert facts["designs"] == 12
    assert 0 < facts["trustworthiness"]["value"] <= 1
    assert csv.read_text(encoding="utf-8-sig").splitlines()[0] == "filename,x,y"
    spoken = CliRunner().invoke(main, ["layout", str(flat.folder), "--model", "pattern", "--method", "pca"])
    assert spoken.stdout.startswith("DesignMap(pattern v1, 12 designs by pca")
    shutil.rmtree(flat.folder)
    assert CliRunner().invoke(main, ["layout", str(flat.folder)]).exit_code in (1, 2)
