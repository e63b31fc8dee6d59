"""Backbones of timm, where it is installed, as a way to compute rows."""

import hashlib
import threading
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._optional import require
from benzer_lab.errors import InputError

PREFIX = "timm:"
BATCH = 8  # images a step: more would only take more memory on a CPU
Floats = NDArray[np.float32]

_lock = threading.Lock()  # two threads that want a backbone would load it twice


class Backbone:
    """A pretrained network of timm, its head taken off.

    Parameters
    ----------
    name : str
        As timm calls it, such as 'resnet18'.
    pretrained : bool, default=True
        Whether to fetch its weights; else they are random.

    Raises
    ------
    MissingExtraError
        When timm is not installed.
    InputError
        When timm knows no such network, or its weights cannot be fetched.
    """

    def __init__(self, name: str, *, pretrained: bool = True) -> None:
        self.name = name
        timm, _ = require("timm", extra="timm", caller=f"{PREFIX}{name}"), require("torch", extra="features", caller=f"{PREFIX}{name}")
        try:
            self._network = timm.create_model(name, pretrained=pretrained, num_classes=0).eval()
        except Exception as error:  # what a hub, a download and a cache raise is not ours to list
            reason = str(error).strip().split("\n")[0].rstrip(".")
            raise InputError(f"{PREFIX}{name}: must be a network that timm can load here; {type(error).__name__}: {reason}.") from error
        known = self._network.pretrained_cfg
        self.side = int(known["input_size"][-1])
        self.target = round(self.side / float(known.get("crop_pct") or 1.0))
        self._mean, self._deviation = (np.array(known[key], np.float32) for key in ("mean", "std"))
        self.d = int(self._network.num_features)
        self.prepare = partial(middle, side=self.side, target=self.target)
        self.parameters = {
            "library": f"timm {timm.__version__}",
            "network": name,
            "tag": str(known.get("tag") or ""),
            "weights": self._digest(),
            "side": self.side,
            "target": self.target,
            "mean": self._mean.tolist(),
            "deviation": self._deviation.tolist(),
        }

    def embed(self, prepared: Sequence[NDArray[Any]], device: str) -> Floats:
        """Compute the pooled features of some images.

        Parameters
        ----------
        prepared : sequence of n arrays of shape (side, side, 3), uint8
            From `middle`.
        device : str
            As torch names it.

        Returns
        -------
        ndarray of shape (n, d), float32
            A row an image.
        """
        import torch

        network = self._network.to(device)
        rows = []
        for start in range(0, len(prepared), BATCH):
            pixels = (np.stack(prepared[start : start + BATCH]).astype(np.float32) / 255 - self._mean) / self._deviation
            with torch.inference_mode():
                rows.append(network(torch.from_numpy(np.moveaxis(pixels, -1, 1).copy()).to(device)).float().cpu().numpy())
        return np.concatenate(rows)

    def _digest(self) -> str:
        """Return what tells these weights from others."""
        digest = hashlib.sha256()
        for name, value in sorted(self._network.state_dict().items()):
            digest.update(name.encode() + np.ascontiguousarray(value.cpu().numpy()).tobytes())
        return digest.hexdigest()


def middle(image: Image.Image, *, side: int, target: int) -> NDArray[np.uint8]:
    """Scale an image to what a network was trained on, and cut its middle square.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB.
    side : int
        Pixels of the square.
    target : int
        Pixels of the shorter side before it is cut.

    Returns
    -------
    ndarray of shape (side, side, 3), uint8
        In sRGB.
    """
    scale = target / min(image.size)
    width, height = (max(side, round(n * scale)) for n in image.size)
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + side, top + side)))


def backbone(name: str) -> Backbone:
    """Return a pretrained backbone, loaded once a process.

    Parameters
    ----------
    name : str
        As timm calls it, without the prefix.

    Returns
    -------
    Backbone
        The same one each time.

    Raises
    ------
    MissingExtraError
        When timm is not installed.
    InputError
        When timm knows no such network, or its weights cannot be fetched.
    """
    with _lock:
        return _loaded(name)


@cache
def _loaded(name: str) -> Backbone:
    """Load a backbone."""
    return Backbone(name)
