"""The house of docs/architecture.md, held to the code."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "benzer_lab"
HEAVY = {"torch", "umap", "panel", "holoviews", "bokeh", "dask", "distributed", "pymilvus", "sklearn", "pandas", "onnxruntime", "onnx"}
PAGES = {"views", "routes", "server"}  # are loaded by those who show pages, so Panel and Bokeh may stand at their top


def planned() -> list[str]:
    """The modules in the order of the page."""
    block = re.search(r"```\n(.*?)```", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.S)
    assert block
    return [line.split()[0] for line in block[1].splitlines()]


def room(path: Path) -> str:
    """The entry of the plan that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def imports(nodes: list[ast.stmt]) -> Iterator[str]:
    """Every module that some statements import, by its full name."""
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import):
                yield from (alias.name for alias in inner.names)
            elif isinstance(inner, ast.ImportFrom):
                yield from (f"{inner.module}.{alias.name}" for alias in inner.names)


def test_every_module_has_its_place_in_the_plan() -> None:
    assert {room(path) for path in files()} == set(planned())


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    order = planned()
    own = order.index(room(path))
    for name in imports(ast.parse(path.read_text(encoding="utf-8")).body):
        parts = name.split(".")
        if parts[0] == "benzer_lab" and len(parts) > 1 and parts[1] in order and parts[1] != room(path):
            assert order.index(parts[1]) < own, f"{path.name} imports {name}, which stands below it"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_heavy_library_loads_with_a_module(path: Path) -> None:
    at_top = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    found = {name.split(".")[0] for name in imports([n for n in at_top if not is_type_checking(n)])}
    allowed = {"panel", "bokeh", "holoviews"} if room(path) in PAGES and not path.stem.endswith("_model") else set()
    assert not (found & HEAVY) - allowed


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_import_loads_numpy_and_faiss_and_nothing_heavy() -> None:
    code = "import sys, benzer_lab; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert {"numpy", "faiss"} <= loaded
    assert not loaded & (HEAVY | {"pyarrow", "PIL", "click", "fsspec"})


def test_dashboards_use_public_names_only() -> None:
    for path in (ROOT / "dashboards").glob("*.py"):
        for name in imports(ast.parse(path.read_text(encoding="utf-8")).body):
            assert not any(part.startswith("_") for part in name.split(".")), f"{path.name} imports {name}"
        assert len(path.read_text(encoding="utf-8").splitlines()) < 30
