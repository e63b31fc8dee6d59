"""What the address of the atlas holds, so that a link shows the same again."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import param

from benzer_lab.errors import BenzerError

if TYPE_CHECKING:
    from benzer_lab.views.atlas_model import AtlasModel

ADDRESS = (
    "query",
    "model",
    "version",
    "n_clusters",
    "color_by",
    "feature",
    "outline",
    "outline_beside",
    "filters",
    "pane",
    "season",
    "other",
    "tile",
)
FIELDS = ("season", "quality", "features", "repeat", "scale", "cluster")  # that can be picked by
LONGEST = 400  # numbers of an outline


def written(model: "AtlasModel") -> dict[str, str]:
    """Return what the address has to hold to show the same again.

    Parameters
    ----------
    model : AtlasModel
        Of the page.

    Returns
    -------
    dict of str to str
        Only what differs from a page that was just opened.
    """
    fresh = _fresh(model)
    return {name: _text(getattr(model, name)) for name in ADDRESS if getattr(model, name) != fresh[name]}


def read(model: "AtlasModel", given: Mapping[str, str]) -> dict[str, Any]:
    """Return the state that an address stands for.

    Parameters
    ----------
    model : AtlasModel
        Of the page.
    given : mapping of str to str
        As `written` returned it.

    Returns
    -------
    dict
        All of `ADDRESS`; what cannot be read, or is no longer there, is as on a page that was just opened.
    """
    fresh, archive = _fresh(model), model.archive
    values = {name: _value(model.param[name], given[name]) for name in ADDRESS if name in given}
    state = fresh | {name: value for name, value in values.items() if value is not None}
    if state["model"] not in archive.models:
        state["model"] = fresh["model"]
    try:
        archive.searcher(state["model"], state["version"] or None)
    except BenzerError:  # such as a version that is gone
        state["version"] = fresh["version"]
    return state


def _fresh(model: "AtlasModel") -> dict[str, Any]:
    """Return the state of a page that was just opened."""
    return {name: model.param[name].default for name in ADDRESS} | {"model": model.archive.default_model}


def _text(value: object) -> str:
    """Return a parameter's value as an address holds it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(parameter: param.Parameter, text: str) -> Any:
    """Return the value that an address holds, or None where it holds none that the parameter takes."""
    try:
        value = text if isinstance(parameter.default, str) else json.loads(text)
        parameter._validate(value)
    except (ValueError, TypeError, RecursionError):
        return None
    if isinstance(value, list):
        return value if _is_outline(value) else None
    if isinstance(value, dict):
        return value if _are_filters(value) else None
    return None if isinstance(value, bool) else value


def _is_outline(value: list[Any]) -> bool:
    """Tell whether a list is an outline that the page could have made."""
    numbers = [one for one in value if isinstance(one, int | float) and abs(one) < 1e3]
    return not value or (len(numbers) == len(value) and 6 <= len(value) <= LONGEST and len(value) % 2 == 0)


def _are_filters(value: dict[str, Any]) -> bool:
    """Tell whether filters are ones that the page could have made."""
    are_lists = all(name in FIELDS and isinstance(values, list) for name, values in value.items())
    return are_lists and all(isinstance(one, str | int | float) and one is not True for values in value.values() for one in values)
