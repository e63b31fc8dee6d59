"""What the address of the search page holds, so that a link shows the same again."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import param

from benzer_lab.errors import BenzerError
from benzer_lab.filters import passing
from benzer_lab.palettes import Palette
from benzer_lab.views import palette_model
from benzer_lab.views.part_model import read_boxes

if TYPE_CHECKING:
    from benzer_lab.views.search_model import SearchModel

# All but one's own image, which no address can carry, and parts of it
ADDRESS = (
    "query",
    "palette",
    "region",
    "colorways",
    "model",
    "version",
    "metric",
    "top_n",
    "color_weight",
    "one_per_design",
    "min_similarity",
    "filters",
    "text",
    "sort",
    "per_design",
    "archive_tile",
    "hits_tile",
    "picks",
)
FIELDS = ("season", "quality", "features", "repeat", "scale", "cluster")  # that filters are offered for
MOST_LINKED = 6_000  # letters of what is chosen, as an address writes them; proxies refuse addresses of more than 8,000


def written(model: "SearchModel") -> dict[str, str]:
    """Return what the address has to hold to show the same again.

    Parameters
    ----------
    model : SearchModel
        Of the page.

    Returns
    -------
    dict of str to str
        Only what differs from a page that was just opened; what is chosen only if it is short enough.
    """
    fresh = _fresh(model)
    held = {name: _text(getattr(model, name)) for name in ADDRESS if getattr(model, name) != fresh[name]}
    left_out = {name for name, fits in (("picks", links(model.picks)), ("region", model.query)) if not fits}
    return {name: text for name, text in held.items() if name not in left_out}


def links(picks: list[str]) -> bool:
    """Tell whether what is chosen is short enough for an address."""
    return len(quote(_text(picks))) <= MOST_LINKED


def read(model: "SearchModel", given: Mapping[str, str]) -> dict[str, Any]:
    """Return the state that an address stands for.

    Parameters
    ----------
    model : SearchModel
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
    if state["query"] or "color" not in archive.models:
        state["palette"] = None
    if not state["query"]:
        state["region"] = fresh["region"]
    state["colorways"] = state["colorways"] and not state["region"]
    try:
        searcher = archive.searcher(*answering(state["palette"], state["model"], state["version"]))
        passing(state["filters"], searcher.metadata, caller="restore")
    except BenzerError:
        state["filters"] = fresh["filters"]
    state["picks"] = [name for name in dict.fromkeys(map(str, state["picks"])) if model.catalog.row(name) >= 0]
    return state


def answering(palette: Palette | None, model: str, version: str) -> tuple[str, str | None]:
    """Return the model and the version that answer a question: colors are looked for by `color`."""
    return ("color", None) if palette and model != "color" else (model, version or None)


def _fresh(model: "SearchModel") -> dict[str, Any]:
    """Return the state of a page that was just opened."""
    return {name: model.param[name].default for name in ADDRESS} | {"model": model.archive.default_model}


def _text(value: object) -> str:
    """Return a parameter's value as an address holds it."""
    if isinstance(value, Palette):
        return palette_model.written(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(parameter: param.Parameter, text: str) -> Any:
    """Return the value that an address holds, or None where it holds none that the parameter takes."""
    try:
        if parameter.name == "palette":
            return palette_model.read(text)
        if parameter.name == "region":
            return read_boxes(json.loads(text))
        value = text if isinstance(parameter.default, str) else json.loads(text)
        parameter._validate(value)
    except (ValueError, TypeError, RecursionError):
        return None
    is_flag = isinstance(value, bool) and not isinstance(parameter.default, bool)  # True is no number here
    is_loose = isinstance(value, dict) and not all(_are_choices(field, chosen) for field, chosen in value.items())
    return None if is_flag or is_loose else value


def _are_choices(field: str, values: object) -> bool:
    """Tell whether a filter is one that the page could have made."""
    if field not in FIELDS or not isinstance(values, list):
        return False
    return all(isinstance(value, str) or (isinstance(value, int | float) and abs(value) < 2**53) for value in values)
