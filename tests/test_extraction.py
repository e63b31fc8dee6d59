"""Extraction: rows of many images, whatever happens on the way."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benzer_lab import extraction, network
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.extraction import extract, forget, locked
from benzer_lab.images import ImageFolder, decode
from benzer_lab.recipes import RECIPES, Recipe, embed_images, find_recipe, newest_recipe

Colors = Callable[..., extraction.Extraction]
N = 100
SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from benzer_lab.extraction import extract, locked
from benzer_lab.images import ImageFolder

class Folder(ImageFolder):
    def read(self, name, **options):
        if name == "deadly.png":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep({seconds})
        return super().read(name, **options)

folder, work = Folder(sys.argv[1]), Path(sys.argv[2])
with locked(work):
    found = extract(folder, {{"color-1": folder.filenames}}, work=work, processes={processes}, progress={progress})
print(len(found.rows["color-1"]), found.n_computed, found.n_resumed, found.failures)
"""


def start(folder: ImageFolder, work: Path, *, seconds: float = 0, progress: bool = False, processes: int = 2) -> subprocess.Popen[str]:
    """Run an extraction of `color-1` in a process group of its own, from a script without a guard around its main part."""
    script = work.parent / "script.py"
    script.write_text(SCRIPT.format(seconds=seconds, progress=progress, processes=processes), encoding="utf-8")
    command = [sys.executable, str(script), folder._root, str(work)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait for something that other processes bring about."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def parts(work: Path) -> list[Path]:
    return sorted(work.glob("*/part-*.npz"))


def is_gone(group: int) -> bool:
    """Whether no process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> ImageFolder:
    place = tmp_path / "designs"
    place.mkdir()
    for i in range(N):
        squares = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(np.kron(squares, np.ones((8, 8, 1), np.uint8))).save(place / f"D-{i:03}.png")
    return ImageFolder(place)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def colors(folder: ImageFolder, work: Path) -> Colors:
    """Extract `color-1` of all images in this process."""

    def run(**options: Any) -> extraction.Extraction:
        options = {"work": work, "processes": 1, "progress": False, **options}
        with locked(options["work"]):
            return extract(folder, {"color-1": folder.filenames}, **options)

    return run


def test_rows_come_in_the_order_wanted(folder: ImageFolder, work: Path) -> None:
    names = folder.filenames[::-7]
    found = extract(folder, {"color-1": names}, work=work, processes=1, progress=False)
    direct = embed_images([decode(folder.read(n), target=224) for n in names], find_recipe("color-1"))
    assert found.filenames["color-1"] == names
    assert found.fingerprints["color-1"] == tuple(folder.fingerprint(n) for n in names)
    np.testing.assert_array_equal(found.rows["color-1"], direct)


@pytest.mark.slow
def test_processes_and_chunks_do_not_change_rows(folder: ImageFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    names = folder.filenames[:20]
    rows = []
    for processes, chunk in ((1, 32), (2, 7)):
        monkeypatch.setattr(extraction, "CHUNK", chunk)
        work = tmp_path / f"{processes}-{chunk}"
        found = extract(folder, {"color-1": names, "pattern-1": names}, work=work, processes=processes, device="cpu", progress=False)
        rows.append(np.hstack([found.rows["color-1"], found.rows["pattern-1"]]))
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-6)


def test_an_image_is_decoded_once_for_all_recipes(folder: ImageFolder, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    monkeypatch.setattr(extraction, "decode", lambda data, **options: decoded.append(options["name"]) or decode(data, **options))
    monkeypatch.setattr(network, "embed_pattern_1", lambda batch, device: np.ones((len(batch), 256), np.float32))
    extract(
        folder, {"color-1": folder.filenames[:5], "pattern-1": folder.filenames[3:8]}, work=work, processes=1, device="cpu", progress=False
    )
    assert sorted(decoded) == list(folder.filenames[:8])


@pytest.mark.slow
def test_with_a_gpu_the_calling_process_embeds(folder: ImageFolder, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    seen = []

    def embed(batch: np.ndarray, device: str) -> np.ndarray:
        seen.append((os.getpid(), device, len(batch)))
        return embed_pattern_1(batch, device="cpu")

    names, embed_pattern_1 = folder.filenames[:40], network.embed_pattern_1
    there = extract(folder, {"pattern-1": names}, work=work, processes=1, device="cpu", progress=False)
    monkeypatch.setattr(network, "embed_pattern_1", embed)
    monkeypatch.setattr(extraction, "device_for", lambda recipes, device: device)
    found = extract(folder, {"pattern-1": names}, work=work.with_name("gpu"), processes=2, device="cuda:0", progress=False)
    assert sorted(seen) == [(os.getpid(), "cuda:0", 8), (os.getpid(), "cuda:0", 32)]
    np.testing.assert_allclose(found.rows["pattern-1"], there.rows["pattern-1"], atol=1e-6)


def test_broken_images_are_reported_and_the_rest_go_on(folder: ImageFolder, colors: Colors) -> None:
    Path(folder._root, "D-007.png").write_bytes(b"not an image")
    Path(folder._root, "D-050.png").write_bytes(b"")
    folder.refresh()
    found = colors()
    report = found.to_frame()
    assert len(found.rows["color-1"]) == N - 2
    assert list(report.columns) == ["filename", "status", "reason"]
    assert report[report.status == "failed"].filename.tolist() == ["D-007.png", "D-050.png"]
    assert report.status.value_counts().to_dict() == {"computed": N - 2, "failed": 2}
    assert "an empty file" in report.set_index("filename").reason["D-050.png"]


def test_nothing_wanted_gives_no_rows(folder: ImageFolder, work: Path) -> None:
    found = extract(folder, {"color-1": []}, work=work, progress=False)
    assert found.rows["color-1"].shape == (0, 224)
    assert found.to_frame().empty


def test_progress_counts_images(colors: Colors) -> None:
    seen: list[tuple[int, int]] = []
    colors(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, N), (32, N), (64, N), (96, N), (N, N)]


def test_progress_shows_rate_and_time_left(colors: Colors, capsys: pytest.CaptureFixture[str]) -> None:
    colors(progress=True)
    shown = capsys.readouterr()
    assert "100/100" in shown.err
    assert "images/s" in shown.err
    assert shown.out == ""


def test_a_second_run_takes_over_what_is_there(colors: Colors) -> None:
    first, second = colors(), colors()
    assert (first.n_computed, first.n_resumed) == (N, 0)
    assert (second.n_computed, second.n_resumed) == (0, N)
    assert set(second.to_frame().status) == {"resumed"}
    np.testing.assert_array_equal(second.rows["color-1"], first.rows["color-1"])


def test_only_images_that_changed_are_computed_again(folder: ImageFolder, colors: Colors) -> None:
    before = colors()
    Image.new("RGB", (50, 50), "red").save(Path(folder._root, "D-003.png"))
    folder.refresh()
    after = colors()
    assert (after.n_computed, after.n_resumed) == (1, N - 1)
    assert np.flatnonzero((after.rows["color-1"] != before.rows["color-1"]).any(1)).tolist() == [3]


def test_parts_of_other_parameters_are_not_used(colors: Colors, monkeypatch: pytest.MonkeyPatch) -> None:
    colors()
    monkeypatch.setitem(RECIPES, "color-1", replace(RECIPES["color-1"], parameters={"target": 224}))
    assert colors().n_resumed == 0


def test_torn_and_foreign_parts_are_not_used(work: Path, colors: Colors) -> None:
    colors()
    torn, garbage, empty, flipped = parts(work)
    whole = torn.read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    garbage.write_bytes(b"garbage")
    empty.write_bytes(b"")
    bits = bytearray(flipped.read_bytes())
    bits[len(bits) // 2] ^= 1
    flipped.write_bytes(bits)
    np.savez(work / "color-1/part-foreign.npz", x=np.arange(3))
    card = json.dumps(RECIPES["color-1"].card(), sort_keys=True)
    np.savez(work / "color-1/part-short.npz", recipe=card, filenames=["D-001.png"], fingerprints=[], rows=np.zeros((1, 224), np.float32))
    np.savez(work / "color-1/part-pickled.npz", recipe=np.array([{}], dtype=object))
    assert colors().n_computed == N


@pytest.fixture
def running(folder: ImageFolder, work: Path) -> Iterator[subprocess.Popen[str]]:
    """A slow extraction in processes of its own, of which some parts are done."""
    process = start(folder, work, seconds=0.03)
    assert wait_until(lambda: len(parts(work)) >= 2)
    yield process
    if not is_gone(process.pid):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
def test_a_killed_run_computes_only_what_is_missing(running: subprocess.Popen[str], work: Path, colors: Colors, tmp_path: Path) -> None:
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    n_done = sum(len(np.load(path)["filenames"]) for path in parts(work))
    found = colors()
    assert 64 <= n_done < N
    assert (found.n_resumed, found.n_computed) == (n_done, N - n_done)
    np.testing.assert_array_equal(found.rows["color-1"], colors(work=tmp_path / "fresh").rows["color-1"])


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process(running: subprocess.Popen[str], work: Path) -> None:
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == -signal.SIGINT
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert told.count("Traceback") == 1
    assert wait_until(lambda: is_gone(running.pid), 20)  # loky's own helper goes last
    assert parts(work)


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(running: subprocess.Popen[str]) -> None:
    running.kill()
    running.wait()
    assert wait_until(lambda: is_gone(running.pid), 20)


@pytest.mark.slow
def test_a_second_extraction_is_told_who_works_there(running: subprocess.Popen[str], colors: Colors) -> None:
    with pytest.raises(ArchiveError, match=f"must be free; process {running.pid} is extracting there"):
        colors()


@pytest.mark.slow
def test_an_image_that_kills_its_process_is_reported_and_the_rest_go_on(folder: ImageFolder, work: Path) -> None:
    Path(folder._root, "D-040.png").rename(Path(folder._root, "deadly.png"))
    told, errors = start(folder, work).communicate(timeout=300)
    assert told.startswith(f"{N - 1} {N - 1} 0 {{'deadly.png': \"extract: 'deadly.png' ended the process"), errors
    assert told.count("ended the process") == 1


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_deadly_image_among_few_is_reported_unless_all_is_done_in_one_process(folder: ImageFolder, work: Path, processes: int) -> None:
    for name in folder.filenames[3:]:
        Path(folder._root, name).unlink()
    Path(folder._root, "D-001.png").rename(Path(folder._root, "deadly.png"))
    process = start(folder, work, processes=processes)
    told, errors = process.communicate(timeout=300)
    if processes == 1:
        assert process.returncode == -signal.SIGKILL
    else:
        assert told.startswith("2 2 0 {'deadly.png': \"extract: 'deadly.png' ended the process"), errors


def test_forget_deletes_the_parts_of_the_recipes_named_and_no_others(work: Path, colors: Colors) -> None:
    colors()
    (work / "pattern-1").mkdir()
    (work / "pattern-1/part-1.npz").touch()
    forget(work, ["color-1"])
    assert sorted(path.name for path in work.iterdir()) == ["lock", "pattern-1"]
    assert parts(work) == [work / "pattern-1/part-1.npz"]


def test_who_waits_for_a_lock_gets_that_of_who_comes_next(work: Path) -> None:
    with locked(work):
        waiting = (work / "lock").open()
        forget(work, ["color-1"])
    with waiting, locked(work), pytest.raises(BlockingIOError):
        fcntl.flock(waiting, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_rows_close_up_where_images_failed(folder: ImageFolder, colors: Colors, tmp_path: Path) -> None:
    whole = colors()
    for name in folder.filenames[::3]:
        Path(folder._root, name).write_bytes(b"broken")
    folder.refresh()
    rest = colors(work=tmp_path / "other")
    assert rest.filenames["color-1"] == tuple(n for i, n in enumerate(folder.filenames) if i % 3)
    np.testing.assert_array_equal(rest.rows["color-1"], whole.rows["color-1"][np.arange(N) % 3 > 0])


def test_the_lock_is_free_again_after_a_failure(colors: Colors, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(extraction, "decode", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError, match="division"):
            colors()
    assert colors().n_computed == N


def test_a_full_disk_is_told_with_its_path(colors: Colors, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **arrays: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(ArchiveError, match=f"Cannot write {work}.*No space left on device. Free space"):
        colors()


def test_a_work_folder_that_cannot_be_is_told_with_its_path(colors: Colors, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="file/work cannot be written: Not a directory"):
        colors(work=tmp_path / "file/work")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"colour-1": ()}, "recipe must be one of 'color-1', 'color-2', 'pattern-1', 'pattern-2'; got 'colour-1'. Did you mean 'color-1'"),
        ({"color-1": ("D-001.png", "D-001.png")}, "wanted must name an image once; 'color-1' names 1 twice"),
        ({"color-1": ("nowhere.png",)}, "nowhere.png"),
    ],
)
def test_what_cannot_be_wanted_is_refused(folder: ImageFolder, work: Path, wanted: dict[str, tuple[str, ...]], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        extract(folder, wanted, work=work, progress=False)


def test_processes_must_be_one_or_more(colors: Colors) -> None:
    with pytest.raises(InputError, match="extract: processes must be a whole number of 1 or more; got 0"):
        colors(processes=0)


def test_a_model_names_its_newest_recipe() -> None:
    assert newest_recipe("pattern").name == "pattern-2"
    with pytest.raises(InputError, match="newest_recipe: model must be one of 'color', 'pattern'; got 'stripes'"):
        newest_recipe("stripes")


def test_a_recipe_of_another_model_is_refused() -> None:
    with pytest.raises(InputError, match="recipe of 'color' must be one of 'color-1', 'color-2'; got 'pattern-1'"):
        find_recipe("pattern-1", model="color")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_recipes_make_rows_of_the_smallest_image(recipe: Recipe) -> None:
    if recipe.uses_device:
        pytest.importorskip("torch", reason="needs the extra 'features'")
    rows = embed_images([Image.new("RGB", (1, 1), "red")], recipe, device="cpu")
    assert rows.shape == (1, recipe.d)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_all_recipes_decode_to_one_size() -> None:
    assert len({recipe.target for recipe in RECIPES.values()}) == 1
