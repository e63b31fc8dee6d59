"""Benzer Lab: find the textile designs that look like a given one."""

from importlib import import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

from benzer_lab import _engine as _engine  # the caller's own faiss gets numpy first, too
from benzer_lab._engine import gpus as gpus
from benzer_lab.errors import ArchiveError, BenzerError, ImageError, InputError, MissingExtraError

if TYPE_CHECKING:
    from benzer_lab import plots as plots
    from benzer_lab import seasons as seasons
    from benzer_lab import timings as timings
    from benzer_lab import views as views
    from benzer_lab.archive import Archive as Archive
    from benzer_lab.choosing import Choice as Choice
    from benzer_lab.choosing import choose_k as choose_k
    from benzer_lab.cluster_names import Cluster as Cluster
    from benzer_lab.cluster_names import Trait as Trait
    from benzer_lab.clusters import KMeans as KMeans
    from benzer_lab.duplicates import DesignGroup as DesignGroup
    from benzer_lab.duplicates import DesignGroups as DesignGroups
    from benzer_lab.explanations import Explanation as Explanation
    from benzer_lab.features import FeatureSet as FeatureSet
    from benzer_lab.groups import Groups as Groups
    from benzer_lab.hits import Hits as Hits
    from benzer_lab.index import Index as Index
    from benzer_lab.index import Neighbors as Neighbors
    from benzer_lab.layout import Layout as Layout
    from benzer_lab.layout_store import DesignMap as DesignMap
    from benzer_lab.own_models import register_model as register_model
    from benzer_lab.palettes import Palette as Palette
    from benzer_lab.palettes import palette_of as palette_of
    from benzer_lab.repeats import Repeat as Repeat
    from benzer_lab.repeats import find_repeat as find_repeat
    from benzer_lab.sample import draw_archive as draw_archive
    from benzer_lab.search import Question as Question
    from benzer_lab.search import Searcher as Searcher

__version__ = _version("benzer-lab")

_HOME = {
    "Archive": "archive",
    "FeatureSet": "features",
    "Index": "index",
    "Neighbors": "index",
    "Layout": "layout",
    "DesignMap": "layout_store",
    "DesignGroup": "duplicates",
    "DesignGroups": "duplicates",
    "Hits": "hits",
    "KMeans": "clusters",
    "choose_k": "choosing",
    "Choice": "choosing",
    "Groups": "groups",
    "Cluster": "cluster_names",
    "Trait": "cluster_names",
    "Explanation": "explanations",
    "Question": "search",
    "Searcher": "search",
    "register_model": "own_models",
    "Palette": "palettes",
    "palette_of": "palettes",
    "Repeat": "repeats",
    "find_repeat": "repeats",
    "draw_archive": "sample",
}
_MODULES = ("plots", "seasons", "timings", "views")

__all__ = [  # noqa: RUF022  (the order of a reader's interest)
    "Archive",
    "FeatureSet",
    "Searcher",
    "Question",
    "Hits",
    "DesignGroups",
    "DesignGroup",
    "Explanation",
    "Groups",
    "Cluster",
    "Trait",
    "KMeans",
    "choose_k",
    "Choice",
    "Index",
    "Neighbors",
    "Layout",
    "DesignMap",
    "Palette",
    "palette_of",
    "find_repeat",
    "Repeat",
    "register_model",
    "gpus",
    "draw_archive",
    "plots",
    "seasons",
    "timings",
    "views",
    "BenzerError",
    "InputError",
    "ArchiveError",
    "ImageError",
    "MissingExtraError",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that the import itself stays quick."""
    if name in _MODULES:
        return import_module(f"benzer_lab.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'benzer_lab' has no attribute {name!r}")
    return getattr(import_module(f"benzer_lab.{_HOME[name]}"), name)
