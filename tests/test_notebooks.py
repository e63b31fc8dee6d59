"""The notebooks as they are kept: without outputs, short cells, public names, a page to serve. `make test` runs them."""

from pathlib import Path

import nbformat
import pytest
import requests

import benzer_lab as bl
from tests.page_server import START, served

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
TIMED = [path for path in NOTEBOOKS if path.stem >= "05"]
MOST_LINES = 15  # of a cell; what is longer belongs in the library


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_kept_without_outputs_and_can_be_served(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert all(cell.source.count("\n") < MOST_LINES for cell in code)
    assert not any("benzer_lab._" in cell.source for cell in code)
    assert code[-1].source.endswith(".servable()")
    assert book.cells[0].source.startswith("# ")
    assert book.metadata.kernelspec.language == "python"


@pytest.mark.parametrize("path", TIMED, ids=[path.stem for path in TIMED])
def test_a_notebook_of_timings_is_small_until_one_parameter_says_otherwise(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    [given] = [cell for cell in book.cells if "parameters" in cell.metadata.get("tags", [])]
    assert given.source.startswith("full = False")
    assert given.source.count(" = ") == 1
    assert any("if full else" in cell.source for cell in book.cells)
    assert any(cell.source.startswith("## What may not be concluded") for cell in book.cells)


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        *("01_quick_start", "02_clusters", "03_map", "04_seasons"),
        *("05_search", "06_kmeans", "07_maps", "08_request"),
    ]


def test_a_notebook_is_served_as_a_page(tmp_path: Path) -> None:
    bl.draw_archive(tmp_path / "archive", n_designs=8)
    with served(NOTEBOOKS[1], tmp_path / "archive") as url:
        page = requests.get(url, timeout=START / 1000)
    assert page.ok
    assert page.text.count("data-root-id") >= 1
