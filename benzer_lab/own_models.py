"""Models of a user's own: a function from images to rows, known by a name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab import _checks
from benzer_lab._checks import Metric
from benzer_lab._timm import PREFIX
from benzer_lab.errors import ImageError, InputError
from benzer_lab.recipes import RECIPES, Recipe

CALLER = "register_model"
NAME = re.compile(r"\w[\w.-]*")
OURS = frozenset(recipe.model for recipe in RECIPES.values())
SIDE = 256  # pixels: what most networks were trained on, or more

Embed = Callable[[list[Image.Image]], Any]


def register_model(name: str, embed: Embed, *, d: int, metric: Metric = "cosine", version: str = "1", side: int = SIDE) -> None:
    """Make a function of your own a model of every archive in this process.

    From then on `archive.extract(models=[name])` publishes its versions, and `find_similar(model=name)` searches them, by the name of
    an image or by a new one. What was published is searched in other processes too; only extracting and new images need it
    registered there. Register again, with another `version`, when the function changes: that makes a new version of all rows.

    Parameters
    ----------
    name : str
        What the model is called: letters, digits, '_', '.' and '-'.
    embed : callable
        Takes a list of at most 32 PIL images (mode RGB, sRGB, upright, whole) and returns as many rows: an array, a list of lists, or
        a tensor of shape (n, d), finite numbers of any length. PIL images, because every library's preprocessing takes
        them; they are of different sizes. It is called in this process, one batch at a time, while others decode.
    d : int
        Numbers in a row, 1 or more.
    metric : {'cosine', 'l2'}, default='cosine'
        How rows are compared by default.
    version : str, default='1'
        Which form of the function this is; it stands in the card of what it makes.
    side : int, default=256
        Pixels that the shorter side of each image has at least, and under twice that; smaller images come as they are.

    Raises
    ------
    InputError
        When an argument is outside its range, or the name is one of ours.

    Examples
    --------
    >>> import numpy as np
    >>> def mean_color(images):
    ...     return [np.asarray(image).mean((0, 1)) for image in images]
    >>> register_model("mean-color", mean_color, d=3, metric="l2", side=64)  # doctest: +SKIP
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in OURS or name.startswith(PREFIX):
        taken = ", ".join(map(repr, sorted(OURS)))
        raise InputError(f"{CALLER}: name must be of letters, digits, '_', '.' and '-', and not {taken}; got {name!r}.")
    if not callable(embed):
        raise InputError(f"{CALLER}: embed must be a function that takes a list of images; got {type(embed).__name__}.")
    if not isinstance(version, str) or not NAME.fullmatch(version):
        raise InputError(f"{CALLER}: version must be of letters, digits, '_', '.' and '-', such as '1'; got {version!r}.")
    d = _checks.integer(d, caller=CALLER, name="d", low=1)
    side = _checks.integer(side, caller=CALLER, name="side", low=1)
    _checks.one_of(metric, get_args(Metric), caller=CALLER, name="metric")
    kind = embed if hasattr(embed, "__qualname__") else type(embed)
    made_by = {"module": kind.__module__, "qualname": kind.__qualname__, "version": version, "d": d, "side": side}
    recipe = Recipe(f"{name}-{version}", name, metric, d, side, made_by, _pixels, _Rows(name, embed, d), runs_here=True)
    RECIPES.pop(recipe.name, None)  # so that what is registered last is the newest
    RECIPES[recipe.name] = recipe


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return an image as it travels between processes."""
    return np.asarray(image)


@dataclass(frozen=True)
class _Rows:
    """What calls a user's function and checks what it returns."""

    name: str
    function: Embed
    d: int

    def __call__(self, prepared: Sequence[NDArray[Any]], device: str) -> NDArray[np.float32]:
        """Return checked rows of images."""
        n = len(prepared)
        try:
            found = self.function([Image.fromarray(pixels) for pixels in prepared])
        except Exception as error:  # it is not our function: whatever it raises is told with its name, and of which image
            told = str(error).rstrip(".") or "no reason"
            raise ImageError(f"embed of model {self.name!r} must take the image; it raised {type(error).__name__}: {told}.") from error
        shape = f"({n}, {self.d})"
        try:
            rows = np.asarray(found.detach().cpu() if hasattr(found, "detach") else found, np.float32)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"embed of model {self.name!r} must return numbers of shape {shape}; got {type(found).__name__}: {error}."
            ) from error
        if rows.shape != (n, self.d):
            raise InputError(f"embed of model {self.name!r} must return an array of shape {shape} for {n} images; got shape {rows.shape}.")
        n_bad = int((~np.isfinite(rows)).any(1).sum())
        if n_bad:
            raise ImageError(f"embed of model {self.name!r} must return finite numbers; {n_bad} of {n} rows hold NaN or infinity.")
        return rows
