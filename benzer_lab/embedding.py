"""A caller's own images as rows of a version."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._engine import BLOCK_ROWS
from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet
from benzer_lab.images import decode, upright_rgb
from benzer_lab.palettes import SHOWN, Palette, readout
from benzer_lab.recipes import embed_images, find_recipe

Picture = Path | bytes | Image.Image | NDArray[np.uint8]


def embed(images: Sequence[object], features: FeatureSet, *, caller: str) -> NDArray[np.float32]:
    """Compute rows of images by the recipe, or recipes, of some features.

    Parameters
    ----------
    images : sequence of q Path, bytes, PIL image or uint8 array of shape (h, w, 3)
        What to embed.
    features : FeatureSet of shape (n, d)
        Among which the rows are to be.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    ndarray of shape (q, d), float32
        Comparable with the rows of the features.

    Raises
    ------
    InputError
        When the features were not made here, or an image is of no such kind.
    ImageError
        When an image cannot be read.
    """
    names = features.recipe.split("+") if features.recipe else []
    if not names:
        raise InputError(
            f"{caller}: model must be one whose rows were made here, to embed a new image among them;"
            f" {features.model} {features.version} was not."
            f" Make a version that can: archive.extract(models={list(features.blocks or [features.model])}), then promote it."
        )
    recipes = [find_recipe(name, model=model) for model, name in zip(features.model.split("+"), names, strict=True)]
    decoded = [picture_of(image, target=max(recipe.target for recipe in recipes), caller=caller) for image in images]
    return np.hstack([embed_images(decoded, recipe) for recipe in recipes])


def rows_of(query: Any, features: FeatureSet, *, caller: str) -> list[str] | NDArray[np.float32]:
    """Tell what a query of any form names or shows.

    Parameters
    ----------
    query : str, Path, bytes, PIL image, uint8 array of shape (h, w, 3), a sequence of one kind, or a column of a table
        A str is a file name among the features.
    features : FeatureSet of shape (n, d)
        What is searched.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    list of str, or ndarray of shape (q, d), float32
        The file names as they are given; of images their rows.

    Raises
    ------
    InputError
        When names and images are mixed, there is nothing, or no new image can be embedded among the features.
    ImageError
        When an image cannot be read.
    """
    several = several_of(query)
    names = [isinstance(one, str) for one in several]
    if not several or (any(names) and not all(names)):
        raise InputError(f"{caller}: query must be file names only or images only, at least one; got {len(several)} of mixed kinds.")
    return several if all(names) else embed(several, features, caller=caller)


def several_of(query: Any) -> list[Any]:
    """List what a query of any form asks for.

    Parameters
    ----------
    query : object
        As for `rows_of`.

    Returns
    -------
    list of length q
        Its names or images.
    """
    query = query.to_list() if hasattr(query, "to_list") else query  # a column of a table
    return list(query) if isinstance(query, Sequence) and not isinstance(query, str | bytes) else [query]


def embed_palette(palette: Palette, features: FeatureSet, *, caller: str) -> NDArray[np.float32]:
    """Compute the row of a palette: that of a picture of its colors in flat areas.

    Parameters
    ----------
    palette : Palette
        What to embed.
    features : FeatureSet of shape (n, d)
        Of the model `color`, among which the row is to be.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    ndarray of shape (1, d), float32
        Comparable with the rows of the features.

    Raises
    ------
    InputError
        When the features are of another model or were not made here.
    """
    if features.model != "color":
        raise InputError(f"{caller}: model must be 'color' where a palette is looked for; got {features.model!r}. Leave it out.")
    return embed([palette.picture()], features, caller=caller)


def showing(palette: Palette, features: FeatureSet, *, caller: str) -> NDArray[np.bool_] | None:
    """Tell which images show the colors that a palette says they must.

    Parameters
    ----------
    palette : Palette
        The colors, and whether all or any of them are to be shown.
    features : FeatureSet of shape (n, d)
        Of recipe `color-2`.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    ndarray of shape (n,), bool, or None
        None where nothing must be shown.

    Raises
    ------
    InputError
        When the features are of another recipe.
    """
    if palette.must_show is None:
        return None
    if features.recipe != "color-2":
        raise InputError(
            f"{caller}: must_show must be asked of rows of recipe 'color-2'; {features.model} {features.version} is of {features.recipe!r}."
            " Make a version of it: archive.extract(models=['color'], recipe='color-2'), then promote it."
        )
    readouts = np.stack([readout(color, palette.tolerance) for color in palette.rgb], axis=1).astype(np.float32)
    of_all = np.all if palette.must_show == "all" else np.any
    shown = np.empty(len(features), np.bool_)
    for start in range(0, len(features), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        shown[block] = of_all(np.asarray(features.x[block], np.float32) @ readouts >= SHOWN, axis=1)
    return shown


def picture_of(image: object, *, target: int, caller: str) -> Image.Image:
    """Return an image of any kind as upright RGB.

    Parameters
    ----------
    image : Path, bytes, PIL image or uint8 array of shape (h, w, 3)
        What to look at.
    target : int
        Pixels that the shorter side needs.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    PIL.Image.Image
        As `benzer_lab.images.decode` returns it.

    Raises
    ------
    InputError
        When it is of no such kind.
    ImageError
        When it cannot be read.
    """
    if isinstance(image, Path | bytes):
        return decode(image, target=target)
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
            raise InputError(f"{caller}: image must be a uint8 array of shape (h, w, 3); got {image.dtype} of shape {image.shape}.")
        return upright_rgb(Image.fromarray(image), target)
    if isinstance(image, Image.Image):
        return upright_rgb(image, target, caller=caller)
    raise InputError(f"{caller}: query must be a file name (str), a Path, bytes, a PIL image or an array; got {type(image).__name__}.")
