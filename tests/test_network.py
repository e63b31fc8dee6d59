"""The network of the pattern recipe."""

import csv
import hashlib
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benzer_lab import network
from benzer_lab.errors import InputError
from benzer_lab.images import decode

pytest.importorskip("torch", reason="needs the extra 'features'")
PATTERNS = Path(__file__).parents[2] / "shared/data/patterns"


def draw(seed: int, size: tuple[int, int] = (224, 224)) -> Image.Image:
    """Dots of a few colors on a ground."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(rng.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for x, y, radius in rng.integers(4, 60, (40, 3)) * (4, 4, 1):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    return np.stack([network.middle_square(draw(seed)) for seed in range(11)])


def test_rows_are_unit_float32(batch: np.ndarray) -> None:
    rows = network.embed_pattern_1(batch, device="cpu")
    assert rows.shape == (11, 256)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_row_does_not_depend_on_its_batch(batch: np.ndarray) -> None:
    alone = np.concatenate([network.embed_pattern_1(batch[i : i + 1], device="cpu") for i in range(len(batch))])
    np.testing.assert_allclose(network.embed_pattern_1(batch, device="cpu"), alone, atol=1e-5)


def test_torch_and_onnx_runtime_compute_the_same(batch: np.ndarray) -> None:
    by_torch = network.on_torch("cpu")(network.scaled(batch))
    np.testing.assert_allclose(network.raw_features(batch, device="cpu"), by_torch, atol=1e-4)


@pytest.mark.gpu
def test_a_gpu_computes_the_same(batch: np.ndarray) -> None:
    device = network.choose_device()
    if device == "cpu":
        pytest.skip("torch sees no GPU here")
    cosine = (network.embed_pattern_1(batch, device="cpu") * network.embed_pattern_1(batch, device=device)).sum(1)
    np.testing.assert_allclose(cosine, 1, atol=1e-3)


def test_features_are_those_of_the_published_network() -> None:
    y, x = np.mgrid[:224, :224]
    image = np.stack([x * y % 256, 3 * x % 256, (x // 16 + y // 16) % 2 * 255], axis=-1).astype(np.uint8)
    features = network.raw_features(image[None], device="cpu")[0]
    # From the network written down layer by layer, batch normalization and padding apart: head, then mean and deviation at stride 4, 8, 16
    published = [0.1162, 0.2360, -2.8957, 10.9650, -0.4367, 7.2344, 0.9115, 4.0070]
    np.testing.assert_allclose(features[[0, 1000, 1280, 1304, 1328, 1368, 1408, 1520]], published, atol=2e-4)


def test_no_images_give_no_rows() -> None:
    assert network.embed_pattern_1(np.empty((0, 224, 224, 3), np.uint8), device="cpu").shape == (0, 256)


@pytest.mark.parametrize("shape", [(224, 224, 3), (1, 3, 224, 224), (2, 200, 224, 3)])
def test_a_batch_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"batch must have shape \(n, 224, 224, 3\) and type uint8"):
        network.embed_pattern_1(np.zeros(shape, np.uint8), device="cpu")


def test_a_batch_of_another_type_is_refused() -> None:
    with pytest.raises(InputError, match=r"got shape .*, type float32"):
        network.embed_pattern_1(np.zeros((1, 224, 224, 3), np.float32), device="cpu")  # type: ignore[arg-type]


def test_threads_share_one_network(batch: np.ndarray) -> None:
    network._on_cpu.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda i: network.embed_pattern_1(batch[i : i + 1], device="cpu"), range(4)))
    assert network._on_cpu.cache_info().misses == 1
    np.testing.assert_allclose(np.concatenate(rows), network.embed_pattern_1(batch[:4], device="cpu"), atol=1e-5)


def test_embedding_leaves_thread_counts_alone(batch: np.ndarray) -> None:
    import torch

    before = torch.get_num_threads()
    network.embed_pattern_1(batch[:1], device="cpu")
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("before", ["tf32", "ieee"])
def test_torch_convolves_in_full_precision_and_leaves_the_setting_alone(
    batch: np.ndarray, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.backends import cudnn

    seen, convolve, found = set(), network._Torch.convolve, cudnn.conv.fp32_precision
    monkeypatch.setattr(network._Torch, "convolve", lambda *some: seen.add(cudnn.conv.fp32_precision) or convolve(*some))
    try:
        cudnn.conv.fp32_precision = before
        network.on_torch("cpu")(network.scaled(batch[:1]))
        assert seen == {"ieee"}
        assert cudnn.conv.fp32_precision == before
    finally:
        cudnn.conv.fp32_precision = found


def test_an_unknown_device_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"choose_device: device .* must be one of 'auto', .*'cpu'.*; got 'gpu'"):
        network.choose_device("gpu")


def test_auto_takes_a_device_of_this_machine() -> None:
    assert network.choose_device(network.choose_device("auto")) in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (2000, 3), (224, 224), (301, 199)])
def test_images_of_any_size_become_the_networks(size: tuple[int, int]) -> None:
    square = network.middle_square(draw(1, size))
    assert square.shape == (224, 224, 3)
    assert square.dtype == np.uint8


def test_only_the_middle_of_a_long_image_is_seen() -> None:
    wide = Image.new("RGB", (900, 300), "white")
    wide.paste(draw(2, (300, 300)), (300, 0))
    np.testing.assert_array_equal(network.middle_square(wide), network.middle_square(draw(2, (300, 300))))


def test_the_constants_are_those_that_the_recipe_names() -> None:
    data = resources.files("benzer_lab").joinpath("weights", "pattern-1.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == network.PATTERN_1["constants"]
    assert len(data) < 1_000_000


@pytest.mark.slow
def test_pattern_finds_the_other_colorways_of_a_design() -> None:
    if not PATTERNS.is_dir():
        pytest.skip("needs ../shared/data/patterns, which a plain clone does not have")
    with (PATTERNS / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    designs = np.array([row["design_id"] for row in truth])
    squares = np.stack([network.middle_square(decode(PATTERNS / "images" / row["filename"], target=224)) for row in truth])
    rows = network.embed_pattern_1(squares, device="cpu")
    scores = rows @ rows.T
    np.fill_diagonal(scores, -2)
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :-1]
    relevant = designs[ranked] == designs[:, None]
    precision = relevant.cumsum(1) / np.arange(1, len(designs))
    average = (relevant * precision).sum(1) / relevant.sum(1)
    assert average.mean() >= 0.88  # .8863 when the constants were fitted
