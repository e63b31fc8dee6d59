"""Versions on disk: whole or absent, checked once, current by name."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.versions import Versions
from tests.nobody import needs_root, open_to_all, run_as_nobody


def publish(versions: Versions, model: str = "pattern", n: int = 4, **changes: Any) -> str:
    names = [f"D-{i}-ş.png" for i in range(n)]
    options: dict[str, Any] = {"metric": "cosine", "recipe": {"name": "pattern-1", "parameters": {}}, "parent": None, "sources": {}}
    rows = np.random.default_rng(n).standard_normal((n, 3)).astype(np.float32)
    return versions.publish(model, names, rows, **(options | changes))


def write_flat(folder: Path, model: str, names: list[str], rows: np.ndarray) -> None:
    """The existing system's layout, by a script that knows nothing of versions."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{model}_features.npy", rows)
    (folder / f"{model}_filenames.json").write_text(json.dumps(names), encoding="utf-8")


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


def test_the_first_version_becomes_current_and_the_next_waits(versions: Versions) -> None:
    assert [publish(versions), publish(versions, n=5)] == ["v1", "v2"]
    assert versions.models() == {"pattern": ("v1", "v2")}
    assert versions.current("pattern") == "v1"
    versions.promote({"pattern": "v2"})
    assert versions.current("pattern") == "v2"
    versions.promote({"pattern": "v1"})
    assert versions.current("pattern") == "v1"


def test_a_version_opens_as_it_was_published(versions: Versions) -> None:
    publish(versions)
    features = versions.load("pattern", "v1", verify=True)
    assert features.filenames == ("D-0-ş.png", "D-1-ş.png", "D-2-ş.png", "D-3-ş.png")
    assert isinstance(features.x, np.memmap)
    assert np.array_equal(features.x, np.random.default_rng(4).standard_normal((4, 3)).astype(np.float32))
    np.testing.assert_allclose(features.norms, np.linalg.norm(features.x, axis=1), rtol=1e-6)
    assert features.recipe == "pattern-1"


def test_the_card_tells_how_a_version_was_made(versions: Versions) -> None:
    publish(versions, extra={"trained_on": "1,200 judgements"})
    card = versions.card("pattern", "v1")
    assert (card["n"], card["d"], card["dtype"], card["metric"]) == (4, 3, "float32", "cosine")
    assert set(card["files"]) == {"features.npy", "filenames.json", "sources.json"}
    assert card["trained_on"] == "1,200 judgements"
    assert card["libraries"]["numpy"] == np.__version__


def test_publish_refuses_nan_rows_and_leaves_nothing_behind(versions: Versions) -> None:
    with pytest.raises(InputError, match="1 of 2 hold NaN or infinity, the first is row 1 \\('b'\\)"):
        versions.publish("p", ["a", "b"], np.array([[1], [np.nan]], np.float32), metric="l2", recipe=None, parent=None, sources={})
    assert versions.models() == {}


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x\n"])
def test_publish_refuses_a_model_name_that_is_a_path(versions: Versions, name: str) -> None:
    with pytest.raises(InputError, match="model must be a name of letters, digits"):
        publish(versions, model=name)


def test_an_interrupted_publish_does_not_exist(tmp_path: Path) -> None:
    code = """
        import os, signal, sys
        from pathlib import Path
        import numpy as np
        from benzer_lab import versions
        versions.sha256 = lambda path: os.kill(os.getpid(), signal.SIGKILL)  # the machine goes down between features and card
        rest = {"metric": "l2", "recipe": None, "parent": None, "sources": {}}
        versions.Versions(Path(sys.argv[1])).publish("pattern", ["a"], np.ones((1, 2), "f4"), **rest)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], check=False)
    versions = Versions(tmp_path)
    assert ended.returncode == -signal.SIGKILL
    assert next(path.name for path in (tmp_path / "pattern").iterdir()).startswith(".v1-")
    assert versions.models() == {}
    assert publish(versions) == "v1"
    assert [path.name for path in (tmp_path / "pattern").iterdir()] == ["v1"]


def test_readers_see_whole_versions_while_others_publish(tmp_path: Path) -> None:
    publish(Versions(tmp_path), n=4)
    code = """
        import sys, time
        from pathlib import Path
        from benzer_lab.versions import Versions
        versions, seen, end = Versions(Path(sys.argv[1])), set(), time.monotonic() + 60
        while time.monotonic() < end and len(seen) < 6:
            version = versions.current("pattern")
            features = versions.load("pattern", version, verify=True)
            assert len(features) == len(features.filenames) == 3 + int(version[1:]), (version, len(features))
            seen.add(version)
        print(len(seen))
    """
    reader = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    writer, n = Versions(tmp_path), 4
    while reader.poll() is None:
        n += 1
        writer.promote({"pattern": publish(writer, n=n)})
        time.sleep(0.05)
    assert reader.returncode == 0
    assert reader.stdout is not None
    assert int(reader.stdout.read()) == 6


def test_two_writers_take_turns(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[2]); from test_versions import *; publish(Versions(Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)]
    writers = [subprocess.Popen(command) for _ in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert Versions(tmp_path).models() == {"pattern": ("v1", "v2", "v3", "v4")}


def test_flat_files_are_version_1_and_stay_untouched(tmp_path: Path, rng: np.random.Generator) -> None:
    rows = 20 * rng.standard_normal((3, 4))
    write_flat(tmp_path, "color", ["a", "b", "ç"], rows)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    features = Versions(tmp_path).load("color", "v1")
    assert (features.metric, features.recipe, features.filenames) == ("l2", None, ("a", "b", "ç"))
    np.testing.assert_allclose(features.norms, np.linalg.norm(rows, axis=1), rtol=1e-6)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert json.loads((tmp_path / "color/v1/derived/checked.json").read_text())


def test_made_versions_follow_a_flat_one(tmp_path: Path) -> None:
    write_flat(tmp_path, "pattern", ["a"], np.ones((1, 2), np.float32))
    versions = Versions(tmp_path)
    assert publish(versions) == "v2"
    assert versions.models() == {"pattern": ("v1", "v2")}
    assert versions.current("pattern") == "v1"


def test_flat_files_are_checked_again_only_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_flat(tmp_path, "pattern", ["a", "b"], np.ones((2, 2), np.float32))
    versions = Versions(tmp_path)
    versions.load("pattern", "v1")
    checked = []
    monkeypatch.setattr("benzer_lab.version_files.row_norms", lambda x, names: checked.append(len(x)) or np.ones(len(x)))
    versions.load("pattern", "v1")
    assert checked == []
    write_flat(tmp_path, "pattern", ["a", "b", "c"], np.ones((3, 2), np.float32))
    versions.load("pattern", "v1")
    assert checked == [3]


@pytest.mark.parametrize(
    ("names", "rows", "sentence"),
    [
        (
            ["a"],
            np.ones((2, 2), np.float32),
            r"pattern_filenames\.json: must name each of the 2 rows of pattern_features\.npy; it names 1\.",
        ),
        (["a", "b"], np.full((2, 2), np.nan, np.float32), r"rows must be finite; 2 of 2 hold NaN or infinity, the first is row 0 \('a'\)"),
        (["a", "a"], np.ones((2, 2), np.float32), "filenames must be unique; 1 of 2 are repeated, the first is 'a'"),
        (["a", "b"], np.ones(2, np.float32), "must hold a float matrix, a row an image; it holds float32 of shape"),
        (["a", "b"], np.ones((2, 2), np.int32), "must hold a float matrix, a row an image; it holds int32"),
        (["a", "b"], np.array([["x", None], [1, 2]], object), "must be a whole .npy file of floats, without pickled objects"),
    ],
)
def test_unsound_flat_files_are_refused_with_the_count_and_the_first(tmp_path: Path, names: list[str], rows: Any, sentence: str) -> None:
    write_flat(tmp_path, "pattern", names, rows)
    with pytest.raises(ArchiveError, match=sentence):
        Versions(tmp_path).load("pattern", "v1")


def test_a_torn_feature_file_is_refused(tmp_path: Path) -> None:
    write_flat(tmp_path, "pattern", ["a"] * 9, np.ones((9, 100), np.float32))
    os.truncate(tmp_path / "pattern_features.npy", 1000)
    with pytest.raises(ArchiveError, match=r"pattern_features\.npy: must be a whole \.npy file of floats"):
        Versions(tmp_path).load("pattern", "v1")


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "must be JSON"), ('{"a": 1}', "must be a JSON list of file names"), (None, "must be a JSON list")]
)
def test_names_that_are_no_list_are_refused(tmp_path: Path, text: str | None, sentence: str) -> None:
    write_flat(tmp_path, "pattern", ["a"], np.ones((1, 2), np.float32))
    path = tmp_path / "pattern_filenames.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(ArchiveError, match=f"pattern_filenames.json: {sentence}"):
        Versions(tmp_path).load("pattern", "v1")


def test_verify_finds_a_changed_byte(versions: Versions) -> None:
    publish(versions)
    path = versions.folder / "pattern/v1/features.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"features\.npy: must be the file that was published \(SHA-256 [0-9a-f]{12}\.\.\.\)"):
        versions.load("pattern", "v1", verify=True)


def test_unknown_models_and_versions_are_named_with_the_nearest(versions: Versions) -> None:
    publish(versions)
    with pytest.raises(InputError, match=r"model must be one of 'pattern'; got 'patern'\. Did you mean 'pattern'"):
        versions.promote({"patern": "v1"})
    with pytest.raises(InputError, match="version of 'pattern' must be one of 'v1'; got 'v9'"):
        versions.promote({"pattern": "v9"})


def test_models_are_promoted_together_or_not_at_all(versions: Versions) -> None:
    for model in ("color", "pattern", "color", "pattern"):
        publish(versions, model)
    with pytest.raises(InputError, match="got 'v9'"):
        versions.promote({"color": "v2", "pattern": "v9"})
    assert versions.currents() == {"color": "v1", "pattern": "v1"}
    versions.promote({"color": "v2", "pattern": "v2"})
    assert versions.currents() == {"color": "v2", "pattern": "v2"}


def test_a_torn_current_json_is_told(versions: Versions) -> None:
    publish(versions)
    (versions.folder / "current.json").write_text('["v1"]')
    with pytest.raises(ArchiveError, match=r"current\.json: must map models to versions"):
        versions.current("pattern")


@needs_root
def test_a_read_only_archive_opens_and_remembers_in_the_users_cache(tmp_path: Path) -> None:
    folder, home = tmp_path / "archive", tmp_path / "home"
    write_flat(folder, "pattern", ["a", "b"], np.ones((2, 2), np.float32))
    home.mkdir()
    shutil.chown(home, "nobody")
    done = run_as_nobody("print(len(Versions(Path(sys.argv[1])).load('pattern', 'v1')))", open_to_all(folder), home=home)
    assert (done.stdout, done.stderr) == ("2\n", "")
    assert not (folder / "pattern").exists()
    assert len(list(home.glob(".cache/benzer-lab/*/norms.npy"))) == 1


@needs_root
def test_publishing_into_a_read_only_archive_says_what_to_do(tmp_path: Path) -> None:
    code = """
        try:
            Versions(Path(sys.argv[1])).promote({"pattern": "v1"})
        except bl.ArchiveError as error:
            print(error)
    """
    publish(Versions(tmp_path))
    done = run_as_nobody(code, open_to_all(tmp_path))
    assert done.stdout == f"{tmp_path}: cannot be written: Permission denied. Give write permission there.\n"


def test_a_version_that_was_taken_away_leaves_its_number(tmp_path: Path) -> None:
    write_flat(tmp_path, "color", ["a"], np.ones((1, 2), np.float32))
    versions = Versions(tmp_path)
    versions.load("color", "v1")
    for path in tmp_path.glob("color_*"):
        path.unlink()
    assert publish(versions, "color") == "v2"
    assert versions.models() == {"color": ("v2",)}


def test_flat_files_that_change_while_they_are_checked_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_flat(tmp_path, "pattern", ["a", "b"], np.ones((2, 2), np.float32))

    def write_meanwhile(x: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        write_flat(tmp_path, "pattern", ["a", "b", "c"], np.full((3, 2), np.nan, np.float32))
        return np.ones(len(x))

    with monkeypatch.context() as patch:
        patch.setattr("benzer_lab.version_files.row_norms", write_meanwhile)
        with pytest.raises(ArchiveError, match="must stay as it is while it is opened"):
            Versions(tmp_path).load("pattern", "v1")
    with pytest.raises(ArchiveError, match="3 of 3 hold NaN"):
        Versions(tmp_path).load("pattern", "v1")


@pytest.mark.parametrize("damage", ["torn note", "empty norms", "no norms"])
def test_what_is_derived_is_made_again_when_it_is_damaged(versions: Versions, damage: str) -> None:
    publish(versions)
    derived = versions.folder / "pattern/v1/derived"
    if damage == "torn note":
        (derived / "checked.json").write_text("[[1, ")
    else:
        (derived / "norms.npy").write_bytes(b"") if damage == "empty norms" else (derived / "norms.npy").unlink()
    features = versions.load("pattern", "v1")
    np.testing.assert_allclose(features.norms, np.linalg.norm(features.x, axis=1), rtol=1e-6)
    assert np.load(derived / "norms.npy").shape == (4,)


@pytest.mark.parametrize("card", ["[]", "{}", '{"metric": "cosine", "recipe": "pattern-1"}'])
def test_a_card_that_says_too_little_is_told(versions: Versions, card: str) -> None:
    publish(versions)
    (versions.folder / "pattern/v1/card.json").write_text(card)
    with pytest.raises(ArchiveError, match=r"card\.json: must say how the version was made"):
        versions.load("pattern", "v1")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("model", ["çizgi", "resnet 50"])
def test_flat_models_of_any_name_are_found(tmp_path: Path, model: str, form: str) -> None:
    write_flat(tmp_path, unicodedata.normalize(form, model), ["a", "b"], np.ones((2, 2), np.float32))
    assert Versions(tmp_path).models() == {model: ("v1",)}
    assert len(Versions(tmp_path).load(model, "v1")) == 2


def test_names_that_are_no_utf8_are_shown_as_far_as_they_can_be(tmp_path: Path) -> None:
    write_flat(tmp_path, "pattern", ["a", "i\udcfe.png"], np.ones((2, 2), np.float32))
    with pytest.warns(UserWarning, match=r"1 names hold bytes that are no UTF-8, the first is 'i\\udcfe\.png'"):
        assert Versions(tmp_path).load("pattern", "v1").filenames == ("a", "i\ufffd.png")


@needs_root
def test_folders_of_others_in_the_archive_are_passed_over(tmp_path: Path) -> None:
    publish(Versions(tmp_path))
    (tmp_path / "lost+found").mkdir(mode=0o700)
    done = run_as_nobody("print(Versions(Path(sys.argv[1])).models())", open_to_all(tmp_path))
    assert done.stdout == "{'pattern': ('v1',)}\n", done.stderr


def test_a_full_disk_costs_time_and_no_answer(tmp_path: Path) -> None:
    write_flat(tmp_path, "pattern", ["a", "b"], np.eye(2, dtype=np.float32))
    (tmp_path / "image_metadata_map.json").write_text('{"a": {"design": "x"}}')
    (tmp_path / "images").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "images/a.png")
    code = """
        import resource, signal, sys
        import benzer_lab as bl
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        opened = bl.Archive.open(sys.argv[1])
        print(opened.find_similar("a").filenames, len(opened.thumbnails.get("a.png")) > 20, end="")
    """
    command = [sys.executable, "-W", "always", "-c", textwrap.dedent(code), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "('b',) True", done.stderr
    assert "Without that file all answers stay the same" in done.stderr
