"""The archive as its users meet it: grown, shrunk, promoted, searched, read-only."""

import csv
import json
import shutil
import subprocess
import sys
import textwrap
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab import growth
from benzer_lab.errors import ArchiveError, ImageError, InputError
from benzer_lab.features import FeatureSet, fuse
from benzer_lab.versions import Versions
from tests.nobody import needs_root, open_to_all, run_as_nobody

SHARED = Path(__file__).resolve().parents[2] / "shared/data"


def draw(folder: Path, names: list[str], *, seed: int = 0) -> None:
    """Small images that differ."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        rng = np.random.default_rng([seed, *name.encode()])
        tile = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(tile).resize((64, 64), Image.Resampling.NEAREST).save(folder / name)


def names_of(first: int, last: int) -> list[str]:
    return [f"D-{i:03d}-ş.png" for i in range(first, last)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive folder with 12 images beside it and metadata in its parent, nothing extracted."""
    draw(tmp_path / "images", names_of(0, 12))
    records = {name: {"design": f"Lâle {i // 3}", "season": ["SS24", "AW24"][i % 2]} for i, name in enumerate(names_of(0, 12))}
    (tmp_path / "image_metadata_map.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


@pytest.fixture
def archive(folder: Path) -> bl.Archive:
    archive = bl.Archive.open(folder)
    archive.extract(processes=1, progress=False)
    return archive


def test_an_archive_finds_images_and_metadata_beside_it(archive: bl.Archive) -> None:
    assert repr(archive) == "Archive(archive, 12 images, color v1, pattern v1, color+pattern v1+v1)"
    assert list(archive.designs.columns) == ["filename", "design", "season"]
    assert archive.models == {"color": ("v1",), "color+pattern": ("v1+v1",), "pattern": ("v1",)}


def test_a_design_finds_itself_first_and_its_like_next(archive: bl.Archive) -> None:
    name = names_of(0, 12)[3]
    hits = archive.find_similar(name, include_query=True, top_n=3)
    assert hits.filenames[0] == name
    assert hits.similarities[0] == pytest.approx(1, abs=1e-6)
    assert (hits.model, hits.version, hits.metric) == ("color+pattern", "v1+v1", "cosine")


@pytest.mark.parametrize("model", ["color", "pattern", "color+pattern"])
@pytest.mark.parametrize("kind", ["path", "bytes", "image", "array"])
def test_an_image_of_ones_own_finds_its_copy(archive: bl.Archive, folder: Path, model: str, kind: str) -> None:
    path = folder.parent / "images" / names_of(0, 12)[5]
    with Image.open(path) as image:
        query = {"path": path, "bytes": path.read_bytes(), "image": image.copy(), "array": np.asarray(image)}[kind]
    hits = archive.find_similar(query, model=model, top_n=2)
    assert hits.filenames[0] == path.name
    assert hits.similarities[0] == pytest.approx(1, abs=1e-3)


def test_growing_computes_only_what_is_new_and_shrinking_nothing(archive: bl.Archive, folder: Path) -> None:
    before = archive.features("pattern")
    draw(folder.parent / "images", names_of(12, 16))
    grown = archive.extract(processes=1, progress=False)
    assert (grown.versions, grown.published) == ({"color": "v2", "pattern": "v2"}, ("color", "pattern"))
    assert (grown.n_computed["pattern"], grown.n_kept["pattern"], grown.n_removed["pattern"]) == (4, 12, 0)
    for name in names_of(0, 2):
        (folder.parent / "images" / name).unlink()
    shrunk = archive.extract(processes=1, progress=False)
    assert (shrunk.n_computed["pattern"], shrunk.n_kept["pattern"], shrunk.n_removed["pattern"]) == (0, 14, 2)
    after = archive.features("pattern")
    assert (after.version, list(after.filenames)) == ("v3", names_of(2, 16))
    assert np.array_equal(after.x[:10], before.x[2:])
    assert archive.models["pattern"] == ("v1", "v2", "v3")
    assert len(archive.features("pattern", "v1")) == 12


def test_an_archive_grown_equals_one_made_at_once(archive: bl.Archive, folder: Path, tmp_path: Path) -> None:
    draw(folder.parent / "images", names_of(12, 16))
    archive.extract(processes=1, progress=False)
    other = bl.Archive.create(tmp_path / "other", images=folder.parent / "images")
    other.extract(processes=1, progress=False)
    for model in ("color", "pattern"):
        assert archive.features(model).filenames == other.features(model).filenames
        np.testing.assert_allclose(archive.features(model).x, other.features(model).x, atol=1e-5)


def test_nothing_new_publishes_nothing(archive: bl.Archive) -> None:
    again = archive.extract(processes=1, progress=False)
    assert (again.published, again.versions) == ((), {"color": "v1", "pattern": "v1"})


def test_an_image_that_changed_is_computed_again(archive: bl.Archive, folder: Path) -> None:
    draw(folder.parent / "images", names_of(4, 5), seed=9)
    done = archive.extract("pattern", processes=1, progress=False)
    assert (done.n_computed["pattern"], done.n_kept["pattern"]) == (1, 11)


def test_broken_images_are_reported_and_the_rest_go_on(folder: Path) -> None:
    (folder.parent / "images/broken.jpg").write_bytes(b"not an image")
    done = bl.Archive.open(folder).extract("color", processes=1, progress=False)
    assert list(done.failures) == ["broken.jpg"]
    report = (folder / "extraction_report.csv").read_text(encoding="utf-8")
    assert "broken.jpg" in report
    assert len(bl.Archive.open(folder).features("color")) == 12


def test_a_version_by_another_recipe_waits_for_promote(folder: Path) -> None:
    names = names_of(0, 12)
    np.save(folder / "pattern_features.npy", np.eye(12, dtype=np.float32))
    (folder / "pattern_filenames.json").write_text(json.dumps(names), encoding="utf-8")
    archive = bl.Archive.open(folder)
    with pytest.raises(InputError, match=r"pattern v1 was not. Make a version that can: archive.extract\(models=\['pattern'\]\)"):
        archive.embed(folder.parent / "images" / names[0], model="pattern")
    done = archive.extract("pattern", processes=1, progress=False)
    assert (done.versions, archive.features("pattern").version) == ({"pattern": "v2"}, "v1")
    archive.promote("pattern", "v2")
    assert archive.find_similar(folder.parent / "images" / names[0], model="pattern").filenames[0] == names[0]
    archive.promote("pattern", "v1")
    assert archive.features("pattern").version == "v1"


def test_color_and_pattern_takes_any_mix_of_versions(archive: bl.Archive, folder: Path) -> None:
    draw(folder.parent / "images", names_of(12, 13))
    archive.extract("pattern", processes=1, progress=False)
    assert archive.find_similar(names_of(0, 1)[0]).version == "v1+v2"
    assert archive.find_similar(names_of(0, 1)[0], version={"pattern": "v1"}).version == "v1+v1"
    assert archive.find_similar(names_of(0, 1)[0], version="v1+v2").version == "v1+v2"
    assert "1 images left out" in repr(archive.features("color+pattern"))


def test_weight_0_is_pattern_and_weight_1_is_color(archive: bl.Archive) -> None:
    name = names_of(0, 1)[0]
    for weight, model in ((0.0, "pattern"), (1.0, "color")):
        mixed = archive.find_similar(name, color_weight=weight)
        assert mixed.filenames == archive.find_similar(name, model=model, metric="cosine").filenames


def test_a_reader_follows_promote_and_changed_metadata(archive: bl.Archive, folder: Path) -> None:
    before = archive.searcher("color")
    assert archive.searcher("color") is before
    (folder.parent / "image_metadata_map.json").write_text(json.dumps({name: {"season": "SS30"} for name in names_of(0, 12)}))
    hits = archive.find_similar(names_of(0, 1)[0], model="color", filters={"season": "SS30"})
    assert len(hits) == 11


def test_create_remembers_where_images_and_metadata_lie(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    shutil.move(tmp_path / "images", tmp_path / "far/pictures")
    shutil.move(tmp_path / "image_metadata_map.json", tmp_path / "far/about.json")
    bl.Archive.create(tmp_path / "new", images=tmp_path / "far/pictures", metadata=tmp_path / "far/about.json")
    archive = bl.Archive.open(tmp_path / "new")
    assert len(archive.filenames) == 12
    assert archive.designs["season"].nunique() == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "patern"}, r"model must be one of .*; got 'patern'\. Did you mean .*'pattern'"),
        ({"version": "v7"}, "version of 'color\\+pattern' must name one of each, like 'v1\\+v2'; got 'v7'"),
        ({"model": "pattern", "version": "v7"}, "version of 'pattern' must be one of 'v1'; got 'v7'"),
        ({"version": {"texture": "v1"}}, "version of 'color\\+pattern' must be one of 'color', 'pattern'; got 'texture'"),
        ({"metric": "l3"}, "metric must be one of 'cosine', 'l2'; got 'l3'"),
        ({"filters": {"saison": "SS24"}}, "got 'saison'. Did you mean 'season'"),
        ({"top_n": 0}, "top_n must be a whole number of 1 or more; got 0"),
    ],
)
def test_wrong_questions_are_refused_in_one_sentence(archive: bl.Archive, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        archive.find_similar(names_of(0, 1)[0], **options)  # type: ignore[arg-type]


def test_unknown_and_mixed_queries_are_refused(archive: bl.Archive, folder: Path) -> None:
    with pytest.raises(InputError, match=r"'D-001-s\.png' must be a file name in .*Did you mean 'D-001-ş\.png'"):
        archive.find_similar("D-001-s.png")
    with pytest.raises(InputError, match="file names only or images only"):
        archive.find_similar([names_of(0, 1)[0], folder])  # type: ignore[list-item]
    with pytest.raises(ImageError, match=r"nothing\.png"):
        archive.find_similar(folder / "nothing.png")
    with pytest.raises(InputError, match="got float"):
        archive.find_similar(3.5)  # type: ignore[arg-type]


def test_open_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"must be a folder; there is none\. Make one with Archive\.create"):
        bl.Archive.open(tmp_path / "none")
    with pytest.raises(InputError, match="metadata must be a JSON file; there is none at"):
        bl.Archive.open(tmp_path, metadata=tmp_path / "none.json")
    with pytest.raises(InputError, match="has no features yet"):
        bl.Archive.open(tmp_path).find_similar("a.png")
    with pytest.raises(InputError, match="images must be known; there are none beside"):
        bl.Archive.open(tmp_path).extract()


def test_check_finds_what_is_missing_and_what_is_broken(archive: bl.Archive, folder: Path) -> None:
    assert archive.check() == []
    draw(folder.parent / "images", names_of(12, 13))
    (folder.parent / "images" / names_of(0, 1)[0]).unlink()
    archive = bl.Archive.open(folder)
    notes = [str(finding) for finding in archive.check()]
    assert notes[0] == (
        "note: color v1: 1 rows have no image; 'benzer extract' publishes a version without them, the first is 'D-000-ş.png'."
    )
    assert len(notes) == 4
    path = folder / "pattern/v1/features.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    errors = [finding for finding in archive.check() if finding.is_error]
    assert [finding.where for finding in errors] == ["pattern v1"]


def test_a_damaged_current_version_can_be_found_and_left(archive: bl.Archive, folder: Path) -> None:
    draw(folder.parent / "images", names_of(12, 13))
    archive.extract(["color"], processes=1, progress=False)
    (folder / "color/v2/features.npy").write_bytes(b"torn")
    with pytest.raises(ArchiveError):
        bl.Archive.open(folder)
    located = bl.Archive.locate(folder)
    assert [f.where for f in located.check() if f.is_error] == ["color v2"]
    located.promote("color", "v1")
    assert bl.Archive.open(folder).find_similar(names_of(0, 1)[0], model="color").version == "v1"


@pytest.mark.parametrize("torn", ["color/v1/filenames.json", "color/v1/card.json"])
def test_check_goes_on_past_what_is_torn(archive: bl.Archive, folder: Path, torn: str) -> None:
    (folder / torn).write_text("[")
    assert [f.where for f in archive.check() if f.is_error] == ["color v1"]


def test_a_current_version_that_is_gone_is_told(archive: bl.Archive, folder: Path) -> None:
    (folder / "current.json").write_text('{"color": "v9"}')
    with pytest.raises(ArchiveError, match=r"current\.json: names color v9, which does not exist\. Promote v1\."):
        bl.Archive.open(folder)
    assert [f.where for f in bl.Archive.locate(folder).check() if f.is_error] == ["color"]


def test_metadata_that_is_being_rewritten_is_waited_for(archive: bl.Archive, folder: Path) -> None:
    path = folder.parent / "image_metadata_map.json"
    whole = path.read_text(encoding="utf-8")
    assert archive.find_similar(names_of(0, 1)[0], filters={"season": "SS24"}).n_candidates == 5
    for state in ("{", None):
        path.unlink() if state is None else path.write_text(state)
        with pytest.warns(UserWarning, match="Until then what was read before is used"):
            assert archive.find_similar(names_of(0, 1)[0], filters={"season": "SS24"}).n_candidates == 5
        found = bl.Archive.locate(folder, metadata=None if state is None else path).check()
        assert [f.where for f in found if f.is_error] == (["metadata"] if state else [])
    path.write_text(whole.replace("SS24", "SS25"), encoding="utf-8")
    assert archive.find_similar(names_of(0, 1)[0], filters={"season": "SS25"}).n_candidates == 5


def test_images_that_are_away_leave_the_search(archive: bl.Archive, folder: Path) -> None:
    bl.Archive.create(folder, images=folder.parent / "images")
    (folder.parent / "images").rename(folder.parent / "elsewhere")
    with pytest.warns(UserWarning, match="Until then the archive is searched without pictures"):
        opened = bl.Archive.open(folder)
    assert len(opened.find_similar(names_of(0, 1)[0])) == 11
    with pytest.raises(InputError, match="must be a folder that exists"):
        bl.Archive.open(folder, images=folder.parent / "images")


def test_create_again_keeps_what_is_not_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "notes.json").write_text("{}")
    bl.Archive.create(folder, images="~/images", metadata="~/notes.json")
    bl.Archive.create(folder, images=tmp_path / "images")
    assert json.loads((folder / "archive.json").read_text()) == {"images": "../images", "metadata": "../notes.json"}


@pytest.mark.parametrize("settings", ["[]", '{"images": 5}'])
def test_a_wrong_archive_json_is_told(folder: Path, settings: str) -> None:
    (folder / "archive.json").write_text(settings)
    with pytest.raises(ArchiveError, match=r"archive\.json: must map 'images' and 'metadata'"):
        bl.Archive.open(folder)


def test_an_archive_stays_where_it_is_when_the_working_folder_changes(
    archive: bl.Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    opened = bl.Archive.open("archive")
    monkeypatch.chdir(folder)
    assert len(opened.find_similar(names_of(0, 1)[0])) == 11


def test_a_search_does_not_wait_for_another_model_to_open(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.find_similar(names_of(0, 1)[0], model="color")
    begun, go_on = threading.Event(), threading.Event()

    def slow(*parts: object) -> FeatureSet:
        begun.set()
        assert go_on.wait(60)
        return fuse(*parts)

    monkeypatch.setattr("benzer_lab.snapshots.fuse", slow)
    with ThreadPoolExecutor() as pool:
        fused = pool.submit(archive.find_similar, names_of(0, 1)[0], model="color+pattern")
        assert begun.wait(60)
        assert len(archive.find_similar(names_of(0, 1)[0], model="color")) == 11
        go_on.set()
        assert len(fused.result()) == 11


def test_a_column_of_a_table_is_a_query(archive: bl.Archive) -> None:
    names = archive.designs["filename"][:2]
    assert archive.find_similar(names).filenames == archive.find_similar(list(names)).filenames


def test_open_with_verify_reads_every_byte(archive: bl.Archive, folder: Path) -> None:
    path = folder / "pattern/v1/features.npy"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(ArchiveError, match="must be the file that was published"):
        bl.Archive.open(folder, verify=True)


def test_flat_archives_of_the_existing_system_answer(tmp_path: Path, rng: np.random.Generator) -> None:
    names = [f"Iğdır-{i}.jpg" for i in range(30)]
    folder = tmp_path / "image_features"
    folder.mkdir()
    for model, d in (("color", 5), ("pattern", 7), ("texture", 3)):
        np.save(folder / f"{model}_features.npy", 50 * rng.standard_normal((30, d)))
        (folder / f"{model}_filenames.json").write_text(json.dumps(names), encoding="utf-8")
    (tmp_path / "image_metadata_map.json").write_text(json.dumps({n: {"design": "Iğdır Kilim"} for n in names}), encoding="utf-8")
    archive = bl.Archive.open(folder)
    assert list(archive.models) == ["color", "pattern", "texture", "color+pattern"]
    hits = archive.find_similar(names[0], model="texture", filters={"design": "Iğdır Kilim"})
    assert len(hits) == 29
    assert hits.to_records()[0].keys() == {"filename", "design", "season", "quality", "features", "cluster", "version", "similarity"}
    assert archive.filenames == tuple(names)


def test_a_hundred_thousand_rows_open_in_little_memory(tmp_path: Path) -> None:
    names = [f"D-{i:06d}.jpg" for i in range(100_000)]
    x = np.lib.format.open_memmap(tmp_path / "pattern_features.npy", "w+", np.float32, (100_000, 512))
    x[:] = np.random.default_rng(0).standard_normal((1000, 512), np.float32).repeat(100, axis=0)
    x += np.arange(100_000, dtype=np.float32)[:, None] % 97
    x.flush()
    (tmp_path / "pattern_filenames.json").write_text(json.dumps(names))
    records = {n: {"design": n[:7], "season": "SS24", "quality": "linen", "features": ["a", "b"]} for n in names}
    (tmp_path / "image_metadata_map.json").write_text(json.dumps(records))
    bl.Archive.open(tmp_path)
    code = """
        import sys, benzer_lab as bl
        archive = bl.Archive.open(sys.argv[1])
        assert len(archive.find_similar("D-000007.jpg", filters={"season": "SS24"})) == 100
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(int(status["RssAnon"].split()[0]) // 1024)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200  # MB; what is mapped is not counted


@needs_root
def test_a_read_only_archive_is_searched_and_shown(archive: bl.Archive, folder: Path) -> None:
    code = """
        archive = bl.Archive.open(sys.argv[1])
        hits = archive.find_similar(archive.filenames[0])
        assert len(archive.thumbnails.get(hits.filenames[0])) > 20
        try:
            archive.extract("color", processes=1, progress=False)
        except bl.ArchiveError as error:
            print(error)
    """
    done = run_as_nobody(code, open_to_all(folder))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "give write permission there" in done.stdout


def stop(*arguments: object, **options: object) -> None:
    """What a kill does at this place."""
    raise KeyboardInterrupt


def status_of_images(folder: Path) -> dict[str, str]:
    """What the report of the last extraction says."""
    with (folder / "extraction_report.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["filename"]: row["status"] for row in csv.DictReader(file)}


@pytest.fixture
def stranded(archive: bl.Archive, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bl.Archive:
    """An archive that has grown by an image, killed when its new versions were published and not yet current."""
    draw(folder.parent / "images", names_of(12, 13))
    with monkeypatch.context() as patch:
        patch.setattr(Versions, "promote", stop)
        with pytest.raises(KeyboardInterrupt):
            archive.extract(processes=1, progress=False)
    assert (archive.models["color"], archive.features("color").version) == (("v1", "v2"), "v1")
    return archive


def test_versions_that_a_killed_run_published_become_current_in_the_next(stranded: bl.Archive) -> None:
    done = stranded.extract("pattern", processes=1, progress=False)
    assert (done.published, done.versions) == ((), {"pattern": "v2"})
    assert [stranded.features(model).version for model in ("color", "pattern")] == ["v2", "v2"]


def test_who_went_back_after_a_killed_run_stays_there(stranded: bl.Archive) -> None:
    stranded.promote("color", "v2")
    stranded.promote("color", "v1")
    stranded.extract(processes=1, progress=False)
    assert stranded.features("color").version == "v1"


def test_nothing_new_leaves_what_is_current_alone(archive: bl.Archive, folder: Path) -> None:
    draw(folder.parent / "images", names_of(12, 13))
    archive.extract("color", processes=1, progress=False)
    archive.promote("color", "v1")
    before = (folder / "current.json").stat()
    assert archive.extract("color", processes=1, progress=False).versions == {"color": "v2"}
    assert archive.features("color").version == "v1"
    assert (folder / "current.json").stat() == before


def test_extracting_one_model_keeps_what_a_killed_run_left_of_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = bl.Archive.open(folder)
    with monkeypatch.context() as patch:
        patch.setattr(Versions, "publish", stop)
        with pytest.raises(KeyboardInterrupt):
            archive.extract("pattern", processes=1, progress=False)
    archive.extract("color", processes=1, progress=False)
    assert set(status_of_images(folder).values()) == {"computed"}
    archive.extract("pattern", processes=1, progress=False)
    assert set(status_of_images(folder).values()) == {"resumed"}


def test_an_extraction_leaves_nothing_odd_behind(archive: bl.Archive, folder: Path) -> None:
    shown = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    assert shown == ["color", "current.json", "extraction_report.csv", "pattern"]
    assert [path.name for path in (folder / ".work").iterdir()] == ["lock"]
    assert list(archive.models) == ["color", "pattern", "color+pattern"]
    assert archive.check() == []


def test_two_spellings_of_one_name_are_reported_and_the_rest_go_on(folder: Path) -> None:
    draw(folder.parent / "images", [unicodedata.normalize("NFD", names_of(3, 4)[0])])
    done = bl.Archive.open(folder).extract("color", processes=1, progress=False)
    [(name, reason)] = done.failures.items()
    assert unicodedata.normalize("NFC", name) == names_of(3, 4)[0]
    assert reason.endswith("another file has the same one, its letters composed differently. Rename or delete one of them.")
    assert (done.n_computed, status_of_images(folder)[name]) == ({"color": 12}, "failed")


def test_a_report_is_written_when_no_image_can_be_read(folder: Path) -> None:
    for name in names_of(0, 12):
        (folder.parent / "images" / name).write_bytes(b"broken")
    with pytest.raises(ArchiveError, match=r"no image could be read; the first is D-000-ş\.png: .* All stand in extraction_report\.csv\.$"):
        bl.Archive.open(folder).extract("color", processes=1, progress=False)
    assert status_of_images(folder) == dict.fromkeys(names_of(0, 12), "failed")
    assert (folder / "extraction_report.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel garbles the names


def test_an_image_that_cannot_be_read_any_more_counts_as_removed(archive: bl.Archive, folder: Path) -> None:
    (folder.parent / "images" / names_of(3, 4)[0]).write_bytes(b"broken")
    (folder.parent / "images" / names_of(4, 5)[0]).unlink()
    done = archive.extract("color", processes=1, progress=False)
    assert (done.n_computed, done.n_kept, done.n_removed) == ({"color": 0}, {"color": 10}, {"color": 2})
    assert len(archive.features("color")) == 10


def test_a_folder_that_went_away_is_not_extracted_and_still_searched(archive: bl.Archive, folder: Path) -> None:
    (folder.parent / "images").rename(folder.parent / "away")
    with (
        pytest.warns(UserWarning, match="The images listed before are kept"),
        pytest.raises(InputError, match=r"images must lie in a folder that can be listed; .* cannot be now"),
    ):
        archive.extract("color", processes=1, progress=False)
    assert len(archive.find_similar(names_of(3, 4)[0])) == 11


def test_rows_are_published_without_a_copy_where_all_are_new(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, published, publish = [], [], Versions.publish
    extract = growth.extract
    monkeypatch.setattr(growth, "extract", lambda *some, **options: made.append(extract(*some, **options)) or made[0])
    monkeypatch.setattr(
        Versions,
        "publish",
        lambda self, model, names, rows, **options: published.append(rows) or publish(self, model, names, rows, **options),
    )
    bl.Archive.open(folder).extract("color", processes=1, progress=False)
    assert published[0] is made[0].rows["color-2"]


def test_a_picture_under_a_key_never_changes(archive: bl.Archive, folder: Path) -> None:
    name = names_of(0, 1)[0]
    key = archive.thumbnails.key(name)
    draw(folder.parent / "images", [name], seed=1)
    with pytest.raises(ImageError, match="has changed since its folder was listed"):
        archive.thumbnails.get(name, "large")
    archive.extract(["color"], processes=1, progress=False)
    assert archive.thumbnails.key(name) != key
    assert archive.thumbnails.get(name, "large")


COLORS = {
    "red.png": ["#C8102E"],
    "red-cream.png": ["#C8102E", "#F5EBDD"],
    "navy-cream.png": ["#16325C", "#F5EBDD"],
    "green.png": ["#1F6B3A"],
}


@pytest.fixture
def colored(tmp_path: Path) -> bl.Archive:
    """Four images of flat colors, in rows of `color-2`."""
    (tmp_path / "colored").mkdir()
    for name, colors in COLORS.items():
        bl.Palette(colors).picture().save(tmp_path / "colored" / name)
    archive = bl.Archive.create(tmp_path / "colors", images=tmp_path / "colored")
    archive.extract("color", processes=1, progress=False)
    return archive


def test_new_archives_take_the_newest_recipe_of_color(colored: bl.Archive) -> None:
    assert colored.card("color")["recipe"]["name"] == "color-2"
    assert colored.features("color").x.shape == (4, 384)


def test_a_palette_finds_the_image_of_these_colors(colored: bl.Archive) -> None:
    hits = colored.find_similar(palette={"#C8102E": 2, "#F5EBDD": 1})
    assert hits.filenames[0] == "red-cream.png"
    assert len(hits) == 4
    assert colored.find_similar(palette=["#1f6b3a"]).filenames[0] == "green.png"


def test_the_palette_of_an_image_finds_that_image(colored: bl.Archive) -> None:
    assert colored.images is not None
    palette = bl.palette_of(colored.images.read("navy-cream.png"))
    assert colored.find_similar(palette=dict(palette)).filenames[0] == "navy-cream.png"


@pytest.mark.parametrize(
    ("must_show", "found"),
    [("all", {"red-cream.png"}), ("any", {"red.png", "red-cream.png", "navy-cream.png"})],
)
def test_a_palette_may_have_to_be_shown(colored: bl.Archive, must_show: str, found: set[str]) -> None:
    hits = colored.find_similar(palette=bl.Palette(["#CB1530", "#F5EBDD"], must_show=must_show))  # the red is off by 1
    assert set(hits.filenames) == found
    assert hits.n_candidates == len(found)
    assert hits.filenames[0] == "red-cream.png"


def test_a_palette_finds_in_rows_of_the_first_recipe_too(colored: bl.Archive) -> None:
    colored.extract("color", recipe="color-1", processes=1, progress=False)
    assert colored.find_similar(palette=["#1F6B3A"], version="v2").filenames[0] == "green.png"
    with pytest.raises(InputError, match="find_similar: must_show must be asked of rows of recipe 'color-2'; color v2 is of 'color-1'"):
        colored.find_similar(palette=bl.Palette(["#1F6B3A"], must_show="any"), version="v2")


def test_a_palette_is_asked_of_a_model_of_color(colored: bl.Archive, archive: bl.Archive) -> None:
    with pytest.raises(InputError, match="find_similar: model must be 'color' where a palette is looked for; got 'pattern'"):
        archive.find_similar(palette=["#1F6B3A"], model="pattern")
    assert archive.find_similar(palette=["#1F6B3A"]).model == "color"
    with pytest.raises(InputError, match="find_similar: query or palette must be given, and not both"):
        colored.find_similar("red.png", palette=["#1F6B3A"])
    with pytest.raises(InputError, match="find_similar: query or palette must be given, and not both"):
        colored.find_similar()
    with pytest.raises(InputError, match="Palette: colors must be written as '#RRGGBB'"):
        colored.find_similar(palette={"bordeaux": 1})


def test_a_palette_asked_of_an_archive_without_color_says_what_to_do(folder: Path) -> None:
    archive = bl.Archive.open(folder)
    archive.extract("pattern", processes=1, progress=False)
    with pytest.raises(InputError, match=r"palette must be asked of an archive with a model 'color'\. Make it: archive\.extract"):
        archive.find_similar(palette=["#1F6B3A"])
