"""The pages: `Search` and `Atlas` are views for notebooks, `search_page` and `atlas_page` whole pages, `shared_archive` what all show."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benzer_lab._optional import require

if TYPE_CHECKING:
    from benzer_lab.views.atlas_view import Atlas as Atlas
    from benzer_lab.views.page import atlas_page as atlas_page
    from benzer_lab.views.page import search_page as search_page
    from benzer_lab.views.preparation_model import shared_archive as shared_archive
    from benzer_lab.views.search_view import Search as Search

_HOME = {
    "Search": "search_view",
    "Atlas": "atlas_view",
    "search_page": "page",
    "atlas_page": "page",
    "shared_archive": "preparation_model",
}

__all__ = ["Atlas", "Search", "atlas_page", "search_page", "shared_archive"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: Panel is an extra."""
    if name not in _HOME:
        raise AttributeError(f"module 'benzer_lab.views' has no attribute {name!r}")
    require("panel", extra="dashboards", caller=f"views.{name}")
    return getattr(import_module(f"benzer_lab.views.{_HOME[name]}"), name)
