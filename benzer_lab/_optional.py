"""Optional libraries: loaded on use, or refused with the command that installs them."""

from importlib import import_module
from types import ModuleType
from typing import Any

from benzer_lab.errors import MissingExtraError


def require(name: str, *, extra: str, caller: str) -> ModuleType:
    """Import module `name` of the extra `extra`, or say to whom (`caller`) it is missing and how to get it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name.partition(".")[0]:
            raise
        raise MissingExtraError(f"{caller}: needs {name}, which is not installed. Run: pip install 'benzer-lab[{extra}]'") from error


def holoviews(caller: str) -> Any:
    """Return HoloViews, with Bokeh to draw by where the reader has chosen nothing."""
    hv = require("holoviews", extra="dashboards", caller=caller)
    if "bokeh" not in hv.Store.loaded_backends():
        require("holoviews.plotting.bokeh", extra="dashboards", caller=caller)
    return hv
