"""The command as a shell calls it."""

import csv
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from PIL import Image

import benzer_lab as bl
from benzer_lab.cli import main
from tests.part_archive import BOX, OTHERS, write_part_archive
from tests.small_archive import NAMES, write_small_archive
from tests.test_archive import draw, names_of
from tests.test_repeats import cloth
from tests.test_server import free_port, process

COMMANDS = [
    "demo",
    "extract",
    "repeats",
    "regions",
    "index",
    "cluster",
    "layout",
    "find",
    "duplicates",
    "check",
    "promote",
    "serve",
    "bench",
    "doctor",
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "images", names_of(0, 6))
    return tmp_path / "archive"


@pytest.fixture
def extracted(folder: Path) -> Path:
    done = run("extract", folder, "--images", folder.parent / "images", "--processes", 1, "--json")
    assert done.exit_code == 0, done.output
    return folder


def test_every_command_has_help() -> None:
    assert sorted(main.commands) == sorted(COMMANDS)
    for name in COMMANDS:
        done = run(name, "--help")
        assert done.exit_code == 0
        assert main.commands[name].help
        assert all(getattr(p, "help", None) for p in main.commands[name].params if p.param_type_name == "option")


def test_extract_makes_an_archive_of_a_folder_of_images(folder: Path) -> None:
    done = run("extract", folder, "--images", folder.parent / "images", "--processes", 1, "--json")
    facts = json.loads(done.output)
    assert facts["versions"] == {"color": "v1", "pattern": "v1"}
    assert facts["computed"] == {"color": 6, "pattern": 6}
    assert (folder / "extraction_report.csv").exists()


def test_extract_finds_repeats_last_unless_told_not_to(folder: Path) -> None:
    draw(folder.parent / "images", names_of(0, 2))
    (folder.parent / "images" / names_of(1, 2)[0]).write_bytes(b"torn")
    options = ["extract", folder, "--images", folder.parent / "images", "--model", "color", "--processes", 1, "--json"]
    assert "repeats" not in json.loads(run(*options, "--no-repeats").output)
    assert bl.Archive.open(folder).repeats().empty
    facts = json.loads(run(*options).output)
    assert sum(facts["repeats"].values()) == 5
    assert list(facts["unread"]) == names_of(1, 2)
    assert len(bl.Archive.open(folder).repeats()) == 6


def test_repeats_tells_people_and_programs_and_writes_a_table(tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "archive")
    Image.fromarray(cloth("half-drop", 60, 72)).save(folder / "images" / NAMES[0])
    (folder / "images" / NAMES[1]).rename(folder / "images/=2.png")
    (folder / "images" / NAMES[2]).write_bytes(b"torn")
    people = run("repeats", folder, "--processes", 1, "--csv", tmp_path / "repeats.csv")
    assert people.exit_code == 0
    assert "repeats of 12 images: 1 half-drop, 10 none; 1 medium\n1 could not be read" in people.output
    rows = list(csv.DictReader((tmp_path / "repeats.csv").open(encoding="utf-8-sig")))
    assert {row["filename"]: row["repeat"] for row in rows} == {
        NAMES[0]: "half-drop",
        "'=2.png": "none",
        NAMES[2]: "",
        **dict.fromkeys(NAMES[3:], "none"),
    }
    facts = json.loads(run("repeats", folder, "--processes", 1, "--json").output)
    assert facts["repeats"] == {"straight": 0, "half-drop": 1, "brick": 0, "none": 10}
    assert (facts["scales"]["medium"], list(facts["unread"])) == (1, [NAMES[2]])


def test_regions_are_described_and_a_part_of_an_image_is_found(tmp_path: Path) -> None:
    folder = write_part_archive(tmp_path / "archive", described=False)
    (folder / "images" / OTHERS[0]).write_bytes(b"torn")
    refused = run("find", "P-0.png", "--archive", folder, "--region", "10,30,106,126")
    assert (refused.exit_code, "Call archive.index_regions() first" in refused.output) == (2, True)
    people = run("regions", folder, "--processes", 1)
    assert people.exit_code == 0
    assert f"regions of 6 images\n1 could not be read, first {OTHERS[0]!r}: " in people.output
    facts = json.loads(run("regions", folder, "--processes", 1, "--json").output)
    assert (facts["described"], list(facts["unread"])) == (6, [OTHERS[0]])
    one = ("find", "P-0.png", "--archive", folder, "--top", 3, "--region", "10,30,106,126")
    hits = bl.Archive.open(folder).find_similar("P-0.png", region=BOX, top_n=3)
    assert json.loads(run(*one, "--json").output) == json.loads(json.dumps(hits.to_records()))
    assert run(*one).output.splitlines()[1].endswith(str(hits.boxes[0]))
    two = json.loads(run(*one, "--region", "120.5,20,230,120", "--json").output)
    assert [len(record["box"]) for record in two] == [2, 2, 2]
    wrong = run(*one, "--region", "1,2,3")
    assert (wrong.exit_code, "--region must be four numbers with commas between" in wrong.output) == (2, True)


def test_extract_describes_regions_where_it_is_told_to(folder: Path) -> None:
    done = run("extract", folder, "--images", folder.parent / "images", "--processes", 1, "--json", "--no-repeats", "--regions")
    facts = json.loads(done.output)
    assert (facts["described"], facts["unread"], "repeats" in facts) == (6, {}, False)
    assert bl.Archive.open(folder).count_undescribed() == 0


def test_extract_remembers_the_images_in_a_folder_that_was_there_before(folder: Path) -> None:
    folder.mkdir()
    assert run("extract", folder, "--images", folder.parent / "images", "--model", "color", "--processes", 1, "--json").exit_code == 0
    shutil.move(folder.parent / "images", folder.parent / "elsewhere")
    with pytest.warns(UserWarning, match="images"):
        bl.Archive.open(folder)
    shutil.move(folder.parent / "elsewhere", folder.parent / "images")
    assert len(bl.Archive.open(folder).filenames) == 6
    assert (folder / "archive.json").exists()


def test_extract_remembers_the_metadata_that_came_later(folder: Path) -> None:
    images, metadata = folder.parent / "images", folder.parent / "later" / "seasons.json"
    assert run("extract", folder, "--images", images, "--model", "color", "--processes", 1, "--json").exit_code == 0
    metadata.parent.mkdir()
    metadata.write_text(json.dumps({name: {"season": "SS24"} for name in bl.Archive.open(folder).filenames}))
    assert run("extract", folder, "--metadata", metadata, "--model", "color", "--processes", 1, "--json").exit_code == 0
    archive = bl.Archive.open(folder)
    assert (archive.metadata.fields, len(archive.images.filenames)) == (("season", "repeat", "scale"), 6)


def test_extract_writes_nothing_of_the_images_into_an_archive_that_has_features(tmp_path: Path) -> None:
    folder = write_small_archive(tmp_path / "flat", pictures=False)
    draw(tmp_path / "pictures", names_of(0, 3))
    assert run("extract", folder, "--images", tmp_path / "pictures", "--model", "color", "--processes", 1, "--json").exit_code == 0
    assert not (folder / "archive.json").exists()


def test_find_prints_hits_for_people_and_for_programs(extracted: Path) -> None:
    people = run("find", names_of(0, 1)[0], "--archive", extracted, "--top", 3)
    assert people.output.startswith("Hits(3 of 5 candidates, color+pattern v1+v1, cosine")
    programs = run("find", names_of(0, 1)[0], "--archive", extracted, "--top", 3, "--json")
    assert [row["filename"] for row in json.loads(programs.output)] == [line.split()[2] for line in people.output.splitlines()[1:]]


def test_find_takes_an_image_of_ones_own(extracted: Path) -> None:
    image = extracted.parent / "images" / names_of(2, 3)[0]
    done = run("find", image, "--image", "--archive", extracted, "--top", 1, "--json")
    assert json.loads(done.output)[0]["filename"] == image.name


def test_what_fails_says_one_sentence_and_its_status(extracted: Path, tmp_path: Path) -> None:
    cases = [
        (["find", "nothing.png", "--archive", extracted], 2, "must be a file name in"),
        (["find", names_of(0, 1)[0], "--archive", extracted, "--filter", "{"], 2, "--filter must be JSON"),
        (["promote", "pattern", "v9", "--archive", extracted], 2, "must be one of 'v1'; got 'v9'"),
        (["check", tmp_path / "none"], 1, "must be a folder; there is none"),
        (["repeats", tmp_path / "none", "--json"], 1, "must be a folder; there is none"),
        (["repeats", extracted, "--processes", 0, "--json"], 2, "processes must be"),
    ]
    for arguments, status, sentence in cases:
        done = run(*arguments)
        assert (done.exit_code, done.output.count("\n")) == (status, 1), done.output
        assert done.output.startswith("benzer: ")
        assert sentence in done.output


def test_promote_goes_back_and_check_tells(extracted: Path) -> None:
    draw(extracted.parent / "images", names_of(6, 7))
    assert run("extract", extracted, "--processes", 1, "--json").exit_code == 0
    assert bl.Archive.open(extracted).features("pattern").version == "v2"
    assert run("promote", "pattern", "v1", "--archive", extracted).output == "pattern v1 is current.\n"
    assert bl.Archive.open(extracted).features("pattern").version == "v1"
    done = run("check", extracted)
    assert (done.exit_code, done.output.count("images have no row")) == (0, 1)
    path = extracted / "color/v1/features.npy"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    done = run("check", extracted)
    assert (done.exit_code, done.output.startswith("error: color v1: ")) == (1, True)


def test_bench_tells_people_and_programs_and_writes_what_the_page_shows(tmp_path: Path) -> None:
    options = ["bench", "search", "--size", 300, "--engines", "numpy, Faiss GPU", "--rounds", 1, "--json", "--out", tmp_path / "out"]
    facts = json.loads(run(*options).output)["search"]
    assert [row["engine"] for row in facts["rows"]] == ["numpy", "Faiss GPU"]
    assert facts["rows"][0]["recall"] == 1
    assert (tmp_path / "out/search.md").read_text(encoding="utf-8").startswith("# The 100 nearest of 300 rows")
    assert len(bl.timings.Timings.read(tmp_path / "out/search.parquet").rows) == 2
    both = json.loads(run("bench", "all", "--size", 400, "--engines", "numpy", "--rounds", 1, "--json").output)
    assert {name: [row["engine"] for row in facts["rows"]] for name, facts in both.items()} == {"search": ["numpy"], "filters": ["numpy"]}
    for question in ("search", "all"):
        refused = run("bench", question, "--engines", "nympy")
        assert refused.exit_code == 2
        assert "Did you mean 'numpy'?" in refused.output


def test_doctor_tells_versions_cores_and_device() -> None:
    facts = json.loads(run("doctor", "--json").output)
    assert {"faiss", "numpy", "openblas_cores", "blas_threshold", "openmp_threads", "gpus", "device", "cores", "libraries"} <= facts.keys()
    assert facts["openblas_of_faiss_agrees_with_numpy"] is True
    assert facts["openblas_core_of_faiss"] == "as new as numpy's"


@pytest.mark.skipif(bool(bl.gpus()), reason="there is a GPU, which `gpu` tests measure")
def test_doctor_has_nothing_to_calibrate_without_a_gpu() -> None:
    done = run("doctor", "--calibrate")
    assert "There is no GPU that Faiss can use, so all searches stay on the CPU." in done.output


def test_index_builds_and_tells_why(extracted: Path) -> None:
    assert run("index", extracted).output == f"{extracted}: nothing to build.\n"
    done = json.loads(run("index", extracted, "--model", "pattern", "--kind", "exact", "--json").output)
    assert done["pattern"]["kind"] == "exact"
    assert (extracted / "pattern/v1/derived/index/index.json").exists()
    assert run("index", extracted, "--kind", "hsnw").exit_code == 2


def test_cluster_names_groups_and_keeps_them(extracted: Path, tmp_path: Path) -> None:
    facts = json.loads(run("cluster", extracted, "--model", "color", "-k", 2, "--csv", tmp_path / "groups.csv", "--json").output)
    assert [one["cluster"] for one in facts["clusters"]] == [0, 1]
    assert sum(one["n"] for one in facts["clusters"]) == len((tmp_path / "groups.csv").read_text("utf-8-sig").splitlines()) - 1
    kept = bl.Archive.open(extracted).clusters("color")
    assert kept is not None
    assert [one["name"] for one in facts["clusters"]] == [cluster.names["en"] for cluster in kept.clusters]
    assert run("cluster", extracted, "-k", 2, "--name", "a/b").exit_code == 2


def test_demo_draws_and_extracts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benzer_lab.cli", "demo", str(tmp_path / "demo"), "--designs", "2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["computed"] == {"color": 8, "pattern": 8}
    assert sum(json.loads(done.stdout)["repeats"].values()) == 8
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["computed"] == {"color": 0, "pattern": 0}
    assert "are drawn already" in again.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["extract"], "benzer: stopped; the same command goes on where it was.\n"),
        (["regions"], "benzer: stopped; the same command goes on where it was.\n"),
        (["repeats"], "benzer: stopped; the same command goes on where it was.\n"),
        (["demo"], "benzer: stopped; the same command goes on where it was.\n"),
        (["check"], "benzer: stopped.\n"),
    ],
    ids=str,
)
def test_ctrl_c_ends_with_status_1_and_says_what_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], sentence: str
) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bl.Archive, "locate", stop)
    (tmp_path / "truth.csv").touch()
    done = run(*command, tmp_path)
    assert done.exit_code == 1
    assert done.output.endswith(sentence)


def test_serve_refuses_what_cannot_be_served(tmp_path: Path) -> None:
    done = run("serve", "--archive", tmp_path, "--port", 99999)
    assert (done.exit_code, "99999 is not in the range" in done.output) == (2, True)
    done = run("serve", "--archive", tmp_path / "misspelled", "--port", 0)
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "must be a folder; there is none. Check the name" in done.output
    assert not (tmp_path / "misspelled").exists()


@pytest.mark.parametrize(("n", "prepared"), [(1, True), (2, False), (0, False)])
def test_serve_begins_nothing_before_it_forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int, prepared: bool) -> None:
    monkeypatch.setenv("BENZER_ARCHIVE", str(tmp_path))
    calls: list[str] = []
    monkeypatch.setattr("benzer_lab.views.preparation_model.prepare", lambda: calls.append("prepare"))
    monkeypatch.setattr("benzer_lab.server.serve", lambda *apps, panel_options, **options: calls.extend(panel_options))
    assert run("serve", "--archive", tmp_path, f"--num-procs={n}", "--prefix", "lab").exit_code == 0
    assert calls == ["prepare"] * prepared + ["--num-procs", str(n), "--prefix", "lab"]


def test_several_processes_serve_an_archive_that_none_had_opened_before(tmp_path: Path) -> None:
    folder, port = write_small_archive(tmp_path / "archive"), free_port()
    with process("-m", "benzer_lab.cli", "serve", "--archive", str(folder), "--port", str(port), "--num-procs", "2", port=port):
        answers, until = 0, time.monotonic() + 60
        while answers < 20 and time.monotonic() < until:
            answer = requests.get(f"http://localhost:{port}/find-similar?filename={NAMES[0]}", timeout=30)
            if answer.status_code == 503:  # on a busy machine a process may still be opening it
                assert "is being made ready (opening)" in answer.json()["error"]
                time.sleep(0.1)
                continue
            assert (answer.status_code, len(answer.json())) == (200, len(NAMES) - 1)
            answers += 1
        assert answers == 20
        assert requests.get(f"http://localhost:{port}/search", timeout=30).status_code == 200
