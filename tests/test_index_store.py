"""Indexes of an archive: built once, found again, never of other rows, swapped in whole."""

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import benzer_lab as bl
from benzer_lab import _finder, _planner
from benzer_lab.versions import Versions
from tests.nobody import needs_root, open_to_all, run_as_nobody

N, D = 3_000, 24
INDEX = "pattern/v1/derived/index"


@pytest.fixture(autouse=True)
def codes_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small archives want an index, and use it."""
    monkeypatch.setattr(_planner, "FLAT_MS", 0.0)
    monkeypatch.setattr(_finder, "GATHERED_BYTES", -1)
    monkeypatch.setattr(_finder, "PART", 1)


def write(folder: Path, model: str = "pattern", seed: int = 0, n: int = N) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(20, D))[rng.integers(20, size=n)] + 0.5 * rng.normal(size=(n, D))).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{model}_features.npy", x)
    (folder / f"{model}_filenames.json").write_text(json.dumps([f"D-{i}-ğ.png" for i in range(n)]))
    return x


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "archive")
    return tmp_path / "archive"


def test_an_index_is_built_once_and_searched_by(folder: Path) -> None:
    archive = bl.Archive.open(folder)
    before = archive.find_similar("D-7-ğ.png", top_n=30)
    assert archive.searcher().index.kind == "flat"
    built = archive.build_indexes(progress=False)
    assert built["pattern"].kind == "exact"
    assert archive.searcher().index.kind == "exact"
    assert archive.build_indexes(progress=False) == {}
    written = (folder / INDEX / "index.json").stat().st_mtime_ns
    again = bl.Archive.open(folder)
    assert again.index(progress=False).plan == built["pattern"].plan
    assert (folder / INDEX / "index.json").stat().st_mtime_ns == written
    after = again.find_similar("D-7-ğ.png", top_n=30)
    assert after.filenames == before.filenames
    np.testing.assert_array_equal(after.scores, before.scores)
    assert "exact" in repr(again.searcher())


def test_another_kind_takes_the_place_of_the_one_there_is(folder: Path) -> None:
    archive = bl.Archive.open(folder)
    archive.index(kind="exact", progress=False)
    held = archive.searcher()
    assert archive.index(kind="fast", recall=0.95, progress=False).kind == "fast"
    assert archive.searcher().index.kind == "fast"
    hits = archive.find_similar("D-7-ğ.png")
    assert hits.recall == archive.searcher().index.recall_ >= 0.95
    assert f"recall {hits.recall:.3f} measured" in repr(hits) or hits.recall == 1
    assert held.index.kind == "exact"  # who has the older one keeps it
    assert len(held.find_similar("D-7-ğ.png")) == 100


def test_joined_models_have_an_index_of_their_own(folder: Path) -> None:
    write(folder, "color", seed=1)
    archive = bl.Archive.open(folder)
    flat = {weight: archive.find_similar("D-9-ğ.png", color_weight=weight).filenames for weight in (0.0, 0.4, 1.0)}
    assert archive.build_indexes(progress=False).keys() == {"color", "pattern", "color+pattern"}
    assert (folder / "pattern/v1/derived/index-with-color-v1/index.json").exists()
    assert archive.searcher().index.kind == "exact"
    assert {weight: archive.find_similar("D-9-ğ.png", color_weight=weight).filenames for weight in flat} == flat


def test_an_index_of_other_rows_is_not_used(folder: Path) -> None:
    bl.Archive.open(folder).build_indexes(progress=False)
    write(folder, seed=5)
    archive = bl.Archive.open(folder)
    with pytest.warns(UserWarning, match=r"must be searched with the matrix that it was built of.*Until then every row is compared"):
        assert archive.searcher().index.kind == "flat"


def test_an_index_of_rows_that_were_written_again_is_built_anew(folder: Path) -> None:
    bl.Archive.open(folder).build_indexes(progress=False)
    write(folder, seed=5)
    archive = bl.Archive.open(folder)
    with pytest.warns(UserWarning, match="Until then every row is compared"):
        assert archive.build_indexes(progress=False)["pattern"].kind == "exact"
    assert bl.Archive.open(folder).searcher().index.kind == "exact"


def test_rows_written_while_an_index_is_built_have_none_of_the_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = bl.Index.build

    def slowly(*args: object, **options: object) -> bl.Index:
        made = build(*args, **options)  # type: ignore[arg-type]
        if options.get("kind") == "exact":
            (folder / "pattern_features.npy").unlink()
            write(folder, seed=5)
        return made

    archive = bl.Archive.open(folder)
    monkeypatch.setattr("benzer_lab.index_store.Index.build", slowly)
    archive.index(kind="exact", progress=False)
    assert not (folder / INDEX).exists()


def test_flat_takes_the_place_of_an_index(folder: Path) -> None:
    archive = bl.Archive.open(folder)
    archive.index(kind="exact", progress=False)
    archive.index(kind="flat", progress=False)
    assert archive.searcher().index.kind == "flat"
    assert not (folder / INDEX).exists()


def test_an_archive_that_was_copied_keeps_its_index(folder: Path, tmp_path: Path) -> None:
    bl.Archive.open(folder).build_indexes(progress=False)
    for path in folder.glob("*_features.npy"):
        path.touch()  # a copy has other times, and the same bytes
    assert bl.Archive.open(folder).searcher().index.kind == "exact"


@pytest.mark.parametrize("name", ["index.json", "source.json", "axes.npy", "shard-0.faiss"])
def test_a_damaged_index_is_told_of_and_built_again(folder: Path, name: str) -> None:
    bl.Archive.open(folder).build_indexes(progress=False)
    (folder / INDEX / name).write_bytes(b"{}")
    archive = bl.Archive.open(folder)
    with pytest.warns(UserWarning, match="Until then every row is compared"):
        assert archive.searcher().index.kind == "flat"
    with pytest.warns(UserWarning, match="Until then every row is compared"):
        assert archive.index(progress=False).kind == "exact"
    assert bl.Archive.open(folder).searcher().index.kind == "exact"


def test_few_rows_need_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_planner, "FLAT_MS", 1.5)
    archive = bl.Archive.open(folder)
    assert archive.build_indexes(progress=False) == {}
    assert archive.index(progress=False).kind == "flat"
    assert not (folder / INDEX).exists()


@needs_root
def test_an_archive_that_may_not_be_written_has_its_index_in_the_users_cache(folder: Path, tmp_path: Path) -> None:
    open_to_all(tmp_path)
    code = f"""
import os
os.environ["XDG_CACHE_HOME"] = {str(tmp_path / "cache")!r}
import benzer_lab as bl
from benzer_lab import _planner
_planner.FLAT_MS = 0.0
archive = bl.Archive.open({str(folder)!r})
print(archive.build_indexes(progress=False)["pattern"].kind, bl.Archive.open({str(folder)!r}).searcher().index.kind)
"""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = run_as_nobody(code)
    assert done.stdout.split() == ["exact", "exact"], done.stderr
    assert list((tmp_path / "cache").rglob("index.json"))
    assert not (folder / INDEX).exists()


def brute_force(names: list[str], x: np.ndarray, name: str, k: int) -> list[str]:
    """The nearest by cosine, in float64, the query left out."""
    unit = x.astype(np.float64) / np.linalg.norm(x.astype(np.float64), axis=1, keepdims=True)
    own = names.index(name)
    scores = unit @ unit[own]
    scores[own] = -np.inf
    return [names[row] for row in np.lexsort((np.arange(len(scores)), -scores))[:k]]


class Reader(threading.Thread):
    """Asks the same again and again, and keeps what it was answered."""

    def __init__(self, archive: bl.Archive, name: str, ended: threading.Event) -> None:
        super().__init__()
        self.archive, self.name_, self.ended = archive, name, ended
        self.answers: set[tuple[str, int, tuple[str, ...]]] = set()
        self.error: Exception | None = None

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                hits = self.archive.find_similar(self.name_, top_n=20)
            except Exception as error:
                self.error = error
                return
            self.answers.add((hits.version, hits.n_candidates, hits.filenames))


def test_twenty_readers_see_one_version_or_another_during_ten_swaps(tmp_path: Path) -> None:
    versions, names = Versions(tmp_path), [f"D-{i}.png" for i in range(2_000)]
    x = [np.random.default_rng(seed).normal(size=(2_000 - 100 * seed, 16)).astype(np.float32) for seed in range(3)]
    for rows in x:
        card = {"metric": "cosine", "recipe": {"name": "pattern-1", "parameters": {}}, "parent": None, "sources": {}}
        versions.publish("pattern", names[: len(rows)], rows, **card)  # type: ignore[arg-type]
    archive, ended = bl.Archive.open(tmp_path), threading.Event()
    for version in ("v1", "v3"):
        archive.index(version=version, kind="exact", progress=False)
    readers = [Reader(archive, name, ended) for name in names[:1_000:50]]
    for reader in readers:
        reader.start()
    for swap in range(10):
        archive.promote("pattern", f"v{swap % 3 + 1}")
        if swap == 4:
            archive.index(version="v2", kind="exact", progress=False)  # an index, too, is swapped in whole
        time.sleep(0.1)
    ended.set()
    for reader in readers:
        reader.join()
        assert reader.error is None
        for version, n_candidates, found in reader.answers:
            rows = x[int(version[1:]) - 1]
            assert n_candidates == len(rows) - 1
            assert list(found) == brute_force(names[: len(rows)], rows, reader.name_, 20)
    assert {version for reader in readers for version, *_ in reader.answers} == {"v1", "v2", "v3"}
