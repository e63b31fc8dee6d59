"""Models of a user's own, and backbones of timm."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import benzer_lab as bl
from benzer_lab import _timm
from benzer_lab.cli import main
from benzer_lab.recipes import RECIPES, find_recipe

N = 6


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    before = dict(RECIPES)
    yield
    RECIPES.clear()
    RECIPES.update(before)


@pytest.fixture
def archive(tmp_path: Path) -> bl.Archive:
    """Images of one color each, from dark to light, of different sizes."""
    (tmp_path / "images").mkdir()
    for i in range(N):
        Image.new("RGB", (40 + 10 * i, 60), (40 * i, 20, 20)).save(tmp_path / "images" / f"D-{i}.png")
    return bl.Archive.create(tmp_path / "archive", images=tmp_path / "images")


def mean_color(images: list[Image.Image]) -> list[Any]:
    return [np.asarray(image).mean((0, 1)) for image in images]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_registered_model_is_extracted_and_searched_as_ours_are(archive: bl.Archive, processes: int) -> None:
    seen: list[Image.Image] = []  # a closure: it cannot be sent to another process

    def embed(images: list[Image.Image]) -> list[Any]:
        seen.extend(images)
        return mean_color(images)

    bl.register_model("mean", embed, d=3, metric="l2", version="a")
    done = archive.extract(models=["mean"], processes=processes, progress=False)
    assert done.versions == {"mean": "v1"}
    assert [image.mode for image in seen] == ["RGB"] * N
    assert {image.size for image in seen} == {(40 + 10 * i, 60) for i in range(N)}
    assert archive.find_similar("D-0.png", model="mean", top_n=2).filenames == ("D-1.png", "D-2.png")
    assert archive.find_similar(Image.new("RGB", (9, 9), (160, 20, 20)), model="mean", top_n=1).filenames == ("D-4.png",)


def test_the_card_tells_what_is_known_of_the_function(archive: bl.Archive) -> None:
    bl.register_model("mean", mean_color, d=3, version="a")
    archive.extract(models=["mean"], processes=1, progress=False)
    recipe = archive.card("mean")["recipe"]
    assert recipe["name"] == "mean-a"
    known = {"module": mean_color.__module__, "qualname": "mean_color", "version": "a", "d": 3, "side": 256}
    assert recipe["parameters"] == known


def test_another_version_of_the_function_makes_another_version_of_the_rows(archive: bl.Archive) -> None:
    bl.register_model("mean", mean_color, d=3)
    archive.extract(models=["mean"], processes=1, progress=False)
    assert archive.extract(models=["mean"], processes=1, progress=False).published == ()
    bl.register_model("mean", lambda images: [row[:2] for row in mean_color(images)], d=2, version="2")
    done = archive.extract(models=["mean"], recipe="mean-2", processes=1, progress=False)
    assert done.versions == {"mean": "v2"}
    assert archive.features("mean").version == "v1"
    archive.promote("mean", "v2")
    assert archive.features("mean").x.shape == (N, 2)


def test_without_the_registration_names_are_searched_and_new_images_told_what_to_do(archive: bl.Archive) -> None:
    bl.register_model("mean", mean_color, d=3)
    archive.extract(models=["mean"], processes=1, progress=False)
    code = """
import sys, benzer_lab as bl
from PIL import Image
archive = bl.Archive.open(sys.argv[1])
print(archive.find_similar("D-0.png", top_n=1).filenames)
for ask in (lambda: archive.find_similar(Image.new("RGB", (9, 9))), lambda: archive.extract(models=["mean"], progress=False)):
    try:
        ask()
    except bl.InputError as error:
        print(error)
"""
    command = [sys.executable, "-c", code, str(archive.folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told[0] == "('D-1.png',)"
    assert len(told) == 3
    for line in told[1:]:
        assert "model 'mean' must be registered in this process" in line
        assert "Call bl.register_model('mean', embed=...) first." in line


def test_the_command_imports_the_module_that_registers(archive: bl.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "our_models.py").write_text(
        "import benzer_lab as bl\nbl.register_model('wide', lambda images: [list(image.size) for image in images], d=2, metric='l2')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    options = ["extract", str(archive.folder), "--model", "wide", "--processes", "1", "--json"]
    assert CliRunner().invoke(main, ["--import", "our_models", *options]).exit_code == 0
    assert bl.Archive.open(archive.folder).find_similar("D-0.png", model="wide", top_n=1).filenames == ("D-1.png",)
    refused = CliRunner().invoke(main, ["--import", "nowhere", *options])
    assert refused.exit_code == 2
    assert "--import must name a module that Python finds here; 'nowhere'" in refused.output


def test_a_model_that_nobody_knows_is_told_how_to_be_registered(archive: bl.Archive) -> None:
    with pytest.raises(
        bl.InputError, match=r"got 'mine'\. One of your own is registered first: bl\.register_model\('mine', embed=\.\.\.\)"
    ):
        archive.extract(models=["mine"], progress=False)


def failing(images: list[Image.Image], bad: object) -> np.ndarray:
    """Fail, or return a bad row, for the image of 70 pixels."""
    rows = np.array(mean_color(images))
    for row, image in zip(rows, images, strict=True):
        if image.width == 70:
            if isinstance(bad, Exception):
                raise bad
            row[:] = bad
    return rows


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (ValueError("too red."), "embed of model 'mean' must take the image; it raised ValueError: too red."),
        (np.nan, "embed of model 'mean' must return finite numbers; 1 of 1 rows hold NaN or infinity."),
    ],
    ids=["raises", "nan"],
)
def test_an_image_that_the_function_cannot_take_is_reported_and_the_rest_go_on(archive: bl.Archive, bad: object, sentence: str) -> None:
    bl.register_model("mean", lambda images: failing(images, bad), d=3)
    done = archive.extract(models=["mean"], processes=1, progress=False)
    assert done.failures == {"D-3.png": f"extract: 'D-3.png': {sentence}"}
    assert len(archive.features("mean")) == N - 1


def test_a_function_that_takes_no_image_ends_the_run(archive: bl.Archive) -> None:
    def broken(images: list[Image.Image]) -> None:
        raise RuntimeError("no weights")

    bl.register_model("mean", broken, d=3)
    with pytest.raises(bl.InputError, match=r"extract: 'D-0\.png': embed of model 'mean' .* raised RuntimeError: no weights\."):
        archive.extract(models=["mean"], processes=1, progress=False)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (np.zeros((N, 4)), r"must return an array of shape \(6, 3\) for 6 images; got shape \(6, 4\)"),
        (np.zeros(3), r"must return an array of shape \(6, 3\) for 6 images; got shape \(3,\)"),
        ([[1, 2], [3]], r"must return numbers of shape \(6, 3\); got list"),
        ("rows", r"must return numbers of shape \(6, 3\); got str"),
    ],
)
def test_what_is_no_matrix_of_that_shape_ends_the_run(archive: bl.Archive, found: object, sentence: str) -> None:
    bl.register_model("mean", lambda images: found, d=3)
    with pytest.raises(bl.InputError, match=f"embed of model 'mean' {sentence}"):
        archive.extract(models=["mean"], processes=1, progress=False)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "color"}, "name must be of letters, .* and not 'color', 'pattern'; got 'color'"),
        ({"name": "a+b"}, r"name must be of letters, .*; got 'a\+b'"),
        ({"name": "timm:resnet18"}, "name must be of letters"),
        ({"embed": 3}, "embed must be a function that takes a list of images; got int"),
        ({"d": 0}, "d must be a whole number of 1 or more; got 0"),
        ({"side": 0}, "side must be a whole number of 1 or more; got 0"),
        ({"metric": "hamming"}, "metric must be one of 'cosine', 'l2'; got 'hamming'"),
        ({"version": "a b"}, "version must be of letters"),
    ],
)
def test_what_cannot_be_registered_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(bl.InputError, match=f"register_model: {sentence}"):
        bl.register_model(**{"name": "mine", "embed": mean_color, "d": 3, **changed})


@pytest.fixture
def random_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backbones of timm without their weights, which would have to be fetched."""
    pytest.importorskip("timm", reason="needs timm")
    pytest.importorskip("torch", reason="needs the extra 'features'")
    found: dict[str, _timm.Backbone] = {}
    monkeypatch.setattr(_timm, "backbone", lambda name: found.setdefault(name, _timm.Backbone(name, pretrained=False)))


@pytest.mark.usefixtures("random_weights")
def test_a_backbone_of_timm_is_a_model(archive: bl.Archive) -> None:
    done = archive.extract(models=["timm:resnet18"], progress=False)
    assert done.versions == {"timm:resnet18": "v1"}
    assert archive.features("timm:resnet18").x.shape == (N, 512)
    image = archive.folder.parent / "images" / "D-2.png"
    assert archive.find_similar(image, model="timm:resnet18", top_n=1).filenames == ("D-2.png",)
    parameters = json.loads(json.dumps(archive.card("timm:resnet18")))["recipe"]["parameters"]
    assert parameters["network"] == "resnet18"
    assert len(parameters["weights"]) == 64


@pytest.mark.usefixtures("random_weights")
def test_other_weights_than_those_of_a_version_are_refused() -> None:
    with pytest.raises(bl.InputError, match="'timm:resnet18' must have the weights that its rows were made with, 'timm:resnet18-00000000'"):
        find_recipe("timm:resnet18-00000000")


@pytest.mark.usefixtures("random_weights")
def test_a_name_that_timm_does_not_know_is_refused(archive: bl.Archive) -> None:
    with pytest.raises(bl.InputError, match=r"timm:resnet0: must be a network that timm can load here; .*resnet0"):
        archive.extract(models=["timm:resnet0"], progress=False)


def test_without_timm_its_models_say_how_to_get_it(archive: bl.Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(bl.MissingExtraError, match=r"timm:resnet18: needs timm, .* pip install 'benzer-lab\[timm\]'"):
        archive.extract(models=["timm:resnet18"], progress=False)
