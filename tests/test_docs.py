"""Docs are held to the code."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_docstrings_say() -> None:
    page = load(ROOT / "docs/make_reference.py").page()
    assert (ROOT / "docs/reference.md").read_text(encoding="utf-8") == page, "run: .venv/bin/python docs/make_reference.py"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_readme_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 3
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for code in [*blocks, *blocks]:  # each twice, as a cell of a notebook is run
        exec(compile(code, "README.md", "exec"), scope)
    assert (tmp_path / "hits.csv").read_text(encoding="utf-8-sig").startswith("rank,filename,design")


def requirements(lines: list[str]) -> dict[str, str]:
    """`name>=bound` lines as {name: bound}, with conda's name of torch brought to pip's."""
    pairs = (re.match(r"([\w.-]+)(.*)", line.partition(";")[0].strip()) for line in lines)
    return {("torch" if m[1] == "pytorch" else m[1]): m[2] for m in pairs if m}


@pytest.mark.parametrize(
    ("file", "extras", "faiss"),
    [
        ("environment.yml", ["features", "dashboards", "maps", "gpu"], "faiss-gpu"),
        ("environment-cpu.yml", ["features", "dashboards", "cpu"], "faiss-cpu"),
    ],
)
def test_conda_environments_name_what_pyproject_names(file: str, extras: list[str], faiss: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = requirements([*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])])
    listed = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    conda = requirements([entry for entry in listed if isinstance(entry, str)])
    named = {**conda, **requirements([line for line in pip if not line.startswith("-")])}
    assert named.pop("python") == project["requires-python"]
    assert named.pop("pip") == ""
    assert named == wanted
    assert [name for name in named if "faiss" in name] == [faiss]
    assert not any("faiss" in name for name in conda), "conda's faiss never beside pip's"


def test_dev_brings_faiss_for_the_cpu_and_never_the_other() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras["cpu"]) <= set(extras["dev"])
    assert not any("faiss-gpu" in line for extra, lines in extras.items() if extra != "gpu" for line in lines)


def test_the_lock_is_hashed_names_what_we_need_and_no_address() -> None:
    text = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(re.findall(r"^([\w.-]+)==(\S+) \\$", text, re.M))
    extras = project["optional-dependencies"]
    named = requirements([*project["dependencies"], *extras["dev"], *extras["dashboards"], *extras["features"]])
    assert {name.lower() for name in named} - pins.keys() == {"torch"}
    assert not re.search(r"https?://|^\s*--(extra-)?index-url|file:", text, re.M)
    assert all(chunk.count("--hash=sha256:") for chunk in re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:])
