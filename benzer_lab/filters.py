"""Filters on metadata: which rows pass."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import nfc, suggestion
from benzer_lab.errors import InputError
from benzer_lab.metadata import Codes, Metadata

Mask = NDArray[np.bool_]
CONDITIONS = ("any", "all", "not", "min", "max")


def passing(filters: Mapping[str, Any] | None, metadata: Metadata, *, caller: str) -> Mask | None:
    """Tell which rows pass every condition.

    Parameters
    ----------
    filters : mapping of field to condition, optional
        A value, a list of which any is enough, or `{"any": [...], "all": [...], "not": [...], "min": a, "max": b}` of which every
        part is required. None, '' and [] mean no condition. Text is compared as NFC, numbers by value.
    metadata : Metadata of n rows
        What the conditions speak of.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    ndarray of shape (n,), bool, or None
        None where there is no condition. A row without the field does not pass.

    Raises
    ------
    InputError
        When a field is unknown, or a condition is none of the forms above.
    """
    if filters is not None and not isinstance(filters, Mapping):
        raise InputError(f"{caller}: filters must map fields to conditions, like {{'season': ['SS24']}}; got {filters!r}.")
    mask: Mask | None = None
    for field, condition in (filters or {}).items():
        parts = _parts(field, condition, caller)
        if field not in metadata.fields:
            known = ", ".join(metadata.fields) or "none"
            near = suggestion(field, metadata.fields) or (" Find clusters first: archive.cluster()." if field == "cluster" else "")
            raise InputError(f"{caller}: filters must name fields of the metadata ({known}); got {field!r}.{near}")
        if field == "cluster" and metadata.cluster_names:
            parts = {kind: [_label(value, metadata.cluster_names, caller) for value in wanted] for kind, wanted in parts.items()}
        for kind, wanted in parts.items():
            passes = _pass(metadata.codes(field), kind, wanted, field=field, caller=caller)
            mask = passes if mask is None else mask & passes
    return mask


def count_values(
    metadata: Metadata, filters: Mapping[str, Any], fields: Sequence[str], *, caller: str
) -> dict[str, list[tuple[Any, int, int]]]:
    """Count the rows of each value of some fields, so that filters can be offered with what each would find.

    Parameters
    ----------
    metadata : Metadata of n rows
        Whose rows.
    filters : mapping of field to condition
        As for `passing`.
    fields : sequence of str
        Those that do not exist, or hold no value, are left out.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    dict of str to list of (value, n_passing, n_rows)
        For each field and each of its values the rows that have it and pass the conditions on all *other* fields, and all rows
        that have it; the rows of a field whose condition is a list are those that choosing the value would add or keep.

    Raises
    ------
    InputError
        As `passing` does.
    """
    masks = {field: passing({field: condition}, metadata, caller=caller) for field, condition in filters.items()}
    counted = {}
    for field in fields:
        if field not in metadata.fields:
            continue
        others = [mask for other, mask in masks.items() if other != field and mask is not None]
        codes = metadata.codes(field)
        n_rows = _n_each(codes, None)
        n_passing = _n_each(codes, np.logical_and.reduce(others)) if others else n_rows
        if len(n_rows):
            counted[field] = list(zip(codes.values, n_passing.tolist(), n_rows.tolist(), strict=True))
    return counted


def _n_each(codes: Codes, mask: Mask | None) -> NDArray[np.int64]:
    """Count the rows of each value, of those in a mask."""
    rows = np.arange(len(codes.codes)) if codes.parents is None else codes.parents
    kept = codes.codes >= 0 if mask is None else (codes.codes >= 0) & mask[rows]
    return np.bincount(codes.codes[kept], minlength=len(codes.values))


def _label(value: Any, names: Mapping[str, int], caller: str) -> Any:
    """Return the label of a cluster that is asked for by its name."""
    if not isinstance(value, str) or _number(value) is not None:
        return value
    name = nfc(value)
    if name not in names:
        raise InputError(
            f"{caller}: filters['cluster'] must hold labels or names of clusters; got {value!r}.{suggestion(value, list(names))}"
        )
    return names[name]


def _parts(field: str, condition: Any, caller: str) -> dict[str, Any]:
    """Bring every form of a condition to `{kind: wanted}`, without the parts that ask for nothing."""
    if not isinstance(condition, Mapping):
        condition = {"any": condition}
    unknown = [str(kind) for kind in condition if kind not in CONDITIONS]
    if unknown:
        raise InputError(
            f"{caller}: filters[{field!r}] must be a value, a list, or an object with {', '.join(CONDITIONS)}; got the key {unknown[0]!r}."
        )
    return {kind: kept for kind, wanted in condition.items() if (kept := _values(kind, wanted, field, caller))}


def _values(kind: str, wanted: Any, field: str, caller: str) -> list[Any]:
    """Return the values of one part as a list, without None and ''; what numpy and pandas hold counts as the same in Python."""
    wanted = wanted.tolist() if hasattr(wanted, "tolist") else wanted
    values = list(wanted) if isinstance(wanted, list | tuple | set | frozenset | range) else [wanted]
    kept = [v for v in values if v is not None and v != ""]
    for value in kept:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number and (kind in {"min", "max"} or not isinstance(value, str | bool)):
            what = "a number" if kind in {"min", "max"} else "text, a number or a list of those"
            raise InputError(f"{caller}: filters[{field!r}] must hold {what}; got {value!r}.")
    return kept


def _pass(codes: Codes, kind: str, wanted: list[Any], *, field: str, caller: str) -> Mask:
    """Return which rows satisfy one part of one field's condition."""
    if kind in {"min", "max"}:
        return _in_range(codes, kind, wanted, field=field, caller=caller)
    if kind == "all":
        return np.asarray(np.logical_and.reduce([_holds(codes, [value]) for value in wanted]))
    holds = _holds(codes, wanted)
    return codes.present & ~holds if kind == "not" else holds


def _in_range(codes: Codes, kind: str, wanted: list[Any], *, field: str, caller: str) -> Mask:
    """Return which rows hold a number on the right side of the limit."""
    if codes.parents is not None or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in codes.values):
        raise InputError(f"{caller}: filters[{field!r}] must be a value or a list, for {field!r} is not numeric; got {kind!r}.")
    values = np.array([*codes.values, np.nan], float)  # code -1, an absent value, meets the NaN
    kept = values >= max(wanted) if kind == "min" else values <= min(wanted)
    return np.asarray(kept[codes.codes])


def _holds(codes: Codes, wanted: list[Any]) -> Mask:
    """Return which rows hold any of the values."""
    read = _text if any(isinstance(value, str) for value in codes.values) else _number
    keys = {read(value) for value in wanted} - {None}
    chosen = np.array([read(value) in keys for value in codes.values] + [False])
    found = chosen[codes.codes]
    if codes.parents is None:
        return np.asarray(found)
    rows = np.zeros(len(codes.present), bool)
    rows[codes.parents[found]] = True
    return rows


def _text(value: Any) -> str:
    """Return a value as compared in a field of text: 3 meets '3', '03' is another."""
    return nfc(value) if isinstance(value, str) else json.dumps(value)


def _number(value: Any) -> float | None:
    """Return a value as compared in a field of numbers, or None where it is none; whole ones stay exact."""
    if not isinstance(value, str):
        return cast(float, value)
    for read in (int, float):
        try:
            return read(value)
        except ValueError:
            continue
    return None
