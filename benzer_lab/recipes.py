"""Recipes: how the rows of a model are computed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab import _checks, _timm, network, pattern
from benzer_lab._bins import COLOR_2
from benzer_lab._checks import Metric
from benzer_lab.color import COLOR_1, describe
from benzer_lab.errors import InputError
from benzer_lab.palettes import describe_palette

TARGET = network.SIDE  # one for all recipes: an image is decoded once, and its row is the same whatever else is computed

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How the rows of a model are computed.

    Attributes
    ----------
    name : str
        Such as 'pattern-1'; its constants never change.
    model : str
        What its rows compare, such as 'pattern'.
    metric : {"cosine", "l2"}
        How they are compared by default.
    d : int
        Their width.
    target : int
        Pixels of the shorter side that `decode` is asked for.
    parameters : dict
        The constants, as a version's card states them.
    prepare : callable
        From a decoded image to the array that `embed` takes, in a process of its own.
    embed : callable
        From a sequence of such arrays and a device to float32 rows of shape (n, d).
    uses_device : bool, default=False
        Whether `embed` gains from a GPU.
    runs_here : bool, default=False
        Whether `embed` stays in the calling process, because it cannot be sent to another or should be loaded once only.
    """

    name: str
    model: str
    metric: Metric
    d: int
    target: int
    parameters: Mapping[str, Any] = field(hash=False)
    prepare: Callable[[Image.Image], NDArray[Any]]
    embed: Callable[[Sequence[NDArray[Any]], str], Floats]
    uses_device: bool = False
    runs_here: bool = False

    def card(self) -> dict[str, Any]:
        """Return what a version's card says of the recipe: name and parameters, as JSON keeps them.

        Returns
        -------
        dict
            Keys 'name' and 'parameters'.
        """
        return {"name": self.name, "parameters": dict(self.parameters)}


def _embed_color(prepared: Sequence[NDArray[Any]], device: str) -> Floats:
    """Return the rows that were prepared, where there are many processes; no device is needed."""
    return np.stack(prepared)


def _embed_pattern(prepared: Sequence[NDArray[Any]], device: str) -> Floats:
    """Return the rows of middle squares."""
    return network.embed_pattern_1(np.stack(prepared), device=device)


def _embed_color_blind(prepared: Sequence[NDArray[Any]], device: str) -> Floats:
    """Return the rows of color-blind maps."""
    return pattern.embed_pattern_2(np.stack(prepared), device=device)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("color-1", "color", "l2", 224, TARGET, COLOR_1, describe, _embed_color),
        Recipe("color-2", "color", "l2", int(COLOR_2["width"]), TARGET, COLOR_2, describe_palette, _embed_color),
        Recipe(
            "pattern-1",
            "pattern",
            "cosine",
            network.N_DIMENSIONS,
            TARGET,
            {**network.PATTERN_1, "target": TARGET},
            network.middle_square,
            _embed_pattern,
            uses_device=True,
        ),
        Recipe(
            "pattern-2",
            "pattern",
            "cosine",
            pattern.N_DIMENSIONS,
            TARGET,
            {**pattern.PATTERN_2, "target": TARGET},
            pattern.color_blind,
            _embed_color_blind,
            uses_device=True,
        ),
    )
}


def find_recipe(name: str, *, model: str | None = None) -> Recipe:
    """Find a recipe by its name.

    Parameters
    ----------
    name : str
        Such as 'pattern-1'.
    model : str, optional
        What it must be a recipe of.

    Returns
    -------
    Recipe
        The one of that name.

    Raises
    ------
    InputError
        When there is none, or it is of another model; or it is of a model that its user has to register first.
    MissingExtraError
        When it is a backbone of timm, which is not installed.
    """
    if name.startswith(_timm.PREFIX):
        return _found_in_timm(name)
    if model is not None and model not in {r.model for r in RECIPES.values()}:
        raise InputError(
            f"find_recipe: model {model!r} must be registered in this process, as it was where its rows were made by {name!r}."
            f" Call bl.register_model({model!r}, embed=...) first."
        )
    known = [r.name for r in RECIPES.values() if model in (None, r.model)]
    return RECIPES[_checks.one_of(name, known, caller="find_recipe", name="recipe" if model is None else f"recipe of {model!r}")]


def newest_recipe(model: str) -> Recipe:
    """Find the newest recipe of a model.

    Parameters
    ----------
    model : str
        Such as 'pattern'.

    Returns
    -------
    Recipe
        The last of its recipes.

    Raises
    ------
    InputError
        When no recipe computes that model.
    MissingExtraError
        When it is a backbone of timm, which is not installed.
    """
    if model.startswith(_timm.PREFIX):
        return _of_timm(model)
    newest = {r.model: r for r in RECIPES.values()}
    if model not in newest:
        raise InputError(
            f"newest_recipe: model must be one of {', '.join(map(repr, newest))}; got {model!r}.{_checks.suggestion(model, newest)}"
            f" One of your own is registered first: bl.register_model({model!r}, embed=...)."
        )
    return newest[model]


def _of_timm(model: str) -> Recipe:
    """Return the recipe of a backbone of timm; its name holds which weights it has."""
    found = _timm.backbone(model.removeprefix(_timm.PREFIX))
    return Recipe(
        f"{model}-{found.parameters['weights'][:8]}",
        model,
        "cosine",
        found.d,
        found.target,
        found.parameters,
        found.prepare,
        found.embed,
        uses_device=True,
        runs_here=True,
    )


def _found_in_timm(name: str) -> Recipe:
    """Return the recipe of that name, if timm still has the same weights."""
    recipe = _of_timm(name.rpartition("-")[0])
    if recipe.name != name:
        raise InputError(
            f"find_recipe: {recipe.model!r} must have the weights that its rows were made with, {name!r}; timm here has {recipe.name!r}."
            f" Install the timm of the version's card, or make a new version: archive.extract(models=[{recipe.model!r}])."
        )
    return recipe


def embed_images(images: Sequence[Image.Image], recipe: Recipe, *, device: str = "auto") -> Floats:
    """Compute the rows of a few images in this process.

    Parameters
    ----------
    images : sequence of PIL.Image.Image
        As `decode(..., target=recipe.target)` returns them.
    recipe : Recipe
        How.
    device : str, default="auto"
        Where the network runs; see `benzer_lab.network.choose_device`.

    Returns
    -------
    numpy.ndarray of shape (n, d), float32
        A row an image.

    Raises
    ------
    InputError
        When `device` is not on this machine.
    """
    if not images:
        return np.empty((0, recipe.d), np.float32)
    return recipe.embed([recipe.prepare(image) for image in images], device_for([recipe], device))


def device_for(recipes: Sequence[Recipe], device: str) -> str:
    """Choose the device for some recipes; torch is imported only if one of them uses it.

    Parameters
    ----------
    recipes : sequence of Recipe
        What will be computed.
    device : str
        "auto", or a device of this machine.

    Returns
    -------
    str
        As `benzer_lab.network.choose_device` names it.

    Raises
    ------
    InputError
        When `device` is not on this machine.
    """
    return network.choose_device(device) if any(recipe.uses_device for recipe in recipes) else "cpu"
