"""The one place where callers' input becomes checked values."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Literal, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from benzer_lab.errors import InputError

Metric = Literal["cosine", "l2"]


def nfc(text: str) -> str:
    """Return `text` in the form in which names are compared."""
    return unicodedata.normalize("NFC", text)


def whole_text(text: str) -> str:
    """Return `text` with U+FFFD for what is no text: half of a surrogate pair, as a name in another encoding comes in."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def integer(value: object, *, caller: str, name: str, low: int) -> int:
    """Return `value` as an int of at least `low`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < low:
        raise InputError(f"{caller}: {name} must be a whole number of {low} or more; got {value!r}.")
    return int(value.__index__())


def array(value: object, *, caller: str, name: str) -> NDArray[Any]:
    """Return `value` as an array."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InputError(f"{caller}: {name} must be one array; got lines of different length.") from error


def fraction(value: object, *, caller: str, name: str) -> float:
    """Return `value` as a float from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or isinstance(value, np.ndarray) or not 0 <= float(value) <= 1:
        raise InputError(f"{caller}: {name} must be a number from 0 to 1; got {value!r}.")
    return float(value)


def one_of(value: object, known: Iterable[str], *, caller: str, name: str) -> str:
    """Return `value` when it is one of `known`, or name the nearest that are."""
    known = list(known)
    if isinstance(value, str) and value in known:
        return value
    listed = ", ".join(repr(k) for k in known[:20]) or "none"
    raise InputError(f"{caller}: {name} must be one of {listed}; got {value!r}.{suggestion(value, known)}")


def suggestion(value: object, known: Iterable[str]) -> str:
    """Return ' Did you mean ...?' with the nearest of `known` (a mapping is one by `by_folded`), or nothing where none is near."""
    from rapidfuzz import fuzz, process

    folded = known if isinstance(known, Mapping) else by_folded(known)
    near = process.extract(fold(str(value)), folded.keys(), scorer=fuzz.ratio, score_cutoff=60, limit=3)
    return f" Did you mean {' or '.join(repr(folded[name]) for name, *_ in near)}?" if near else ""


def by_folded(known: Iterable[str]) -> dict[str, str]:
    """Return each text under its folded form, the first of those that share one."""
    folded: dict[str, str] = {}
    for text in known:
        folded.setdefault(fold(text), text)
    return folded


def fold(text: str) -> str:
    """Return `text` without case and accents, so that 'igdir' meets 'Iğdır'."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
