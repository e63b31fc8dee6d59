"""The pages: `Search`, `Atlas` and `Timings` for notebooks, `search_page` and the like whole pages, `shared_archive` what all show."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benzer_lab._optional import require

if TYPE_CHECKING:
    from benzer_lab.views.atlas_view import Atlas as Atlas
    from benzer_lab.views.page import atlas_page as atlas_page
    from benzer_lab.views.page import search_page as search_page
    from benzer_lab.views.page import timings_page as timings_page
    from benzer_lab.views.preparation_model import shared_archive as shared_archive
    from benzer_lab.views.search_view import Search as Search
    from benzer_lab.views.timings_view import Timings as Timings

_HOME = {
    "Search": "search_view",
    "Atlas": "atlas_view",
    "Timings": "timings_view",
    "search_page": "page",
    "atlas_page": "page",
    "timings_page": "page",
    "shared_archive": "preparation_model",
}

__all__ = ["Atlas", "Search", "Timings", "atlas_page", "search_page", "shared_archive", "timings_page"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: Panel is an extra."""
    if name not in _HOME:
        raise AttributeError(f"module 'benzer_lab.views' has no attribute {name!r}")
    require("panel", extra="dashboards", caller=f"views.{name}")
    return getattr(import_module(f"benzer_lab.views.{_HOME[name]}"), name)
