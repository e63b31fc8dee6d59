"""Growing an archive: compute the rows that are missing, publish the next version, leave the rest as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benzer_lab._disk import replacing
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.extraction import Extraction, extract, forget, locked
from benzer_lab.images import ImageFolder
from benzer_lab.recipes import Recipe, find_recipe, newest_recipe
from benzer_lab.search import cell
from benzer_lab.versions import Versions

REPORT = "extraction_report.csv"
WORK = ".work"  # parts of an extraction that has not been published yet

Progress = bool | Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Extracted:
    """What an extraction did.

    Parameters
    ----------
    versions : dict of str to str
        The newest version of each model asked for.
    published : tuple of str
        The models of which a new version was made.
    n_computed, n_kept, n_removed : dict of str to int
        Rows of each model that were made now, taken from the version before, and left behind.
    failures : dict of str to str
        Images that could not be read, with the reason.
    report : Path
        The same, image by image, as CSV.
    """

    versions: dict[str, str]
    published: tuple[str, ...]
    n_computed: dict[str, int]
    n_kept: dict[str, int]
    n_removed: dict[str, int]
    failures: dict[str, str]
    report: Path

    def __repr__(self) -> str:
        """Say what was computed, model by model."""
        parts = [
            f"{model} {version}: {self.n_computed[model]:,} computed, {self.n_kept[model]:,} kept, {self.n_removed[model]:,} removed"
            + ("" if model in self.published else ", nothing to publish")
            for model, version in self.versions.items()
        ]
        return f"Extracted({'; '.join(parts)}; {len(self.failures):,} images failed)"

    def to_frame(self) -> Any:
        """Return the counts as a table.

        Returns
        -------
        pandas.DataFrame
            A row a model: version, published, computed, kept, removed.
        """
        import pandas as pd

        columns = {"computed": self.n_computed, "kept": self.n_kept, "removed": self.n_removed}
        rows = [
            {"model": m, "version": v, "published": m in self.published, **{name: counts[m] for name, counts in columns.items()}}
            for m, v in self.versions.items()
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Plan:
    """What one model needs: its recipe, the version to go on from, and which images are kept or computed."""

    recipe: Recipe
    parent: str | None
    kept: dict[str, int]
    wanted: tuple[str, ...]
    n_removed: int


def grow(
    versions: Versions,
    images: ImageFolder,
    recipes: Sequence[Recipe],
    *,
    processes: int | None = None,
    device: str = "auto",
    progress: Progress = True,
) -> Extracted:
    """Bring models up to date with the images.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    images : ImageFolder
        Listed afresh.
    recipes : sequence of Recipe
        One a model.
    processes : int, optional
        How many work at a time; all cores by default.
    device : str, default="auto"
        Where the network runs: 'auto', 'cpu', 'cuda:0'...
    progress : bool or callable, default=True
        A bar on stderr, or what is called with (done, total).

    Returns
    -------
    Extracted
        What was computed, kept, removed and published.

    Raises
    ------
    InputError
        When the folder holds no image.
    ArchiveError
        When the disk refuses, or another process is extracting here.
    """
    images.refresh()
    if not images.filenames:
        raise InputError(f"extract: images must lie in the folder; {images!r} holds none. Name another folder with images=.")
    work, report = versions.folder / WORK, versions.folder / REPORT
    with locked(work):
        plans = [_plan(versions, images, recipe) for recipe in recipes]
        wanted = {p.recipe.name: p.wanted for p in plans}
        result = extract(images, wanted, work=work, processes=processes, device=device, progress=progress)
        newest = {p.recipe.model: _publish(versions, p, result) for p in plans}
        new = {model: version for model, (version, is_new) in newest.items() if is_new}
        versions.promote({model: version for model, version in new.items() if _follows_current(versions, model, version)})
        with replacing(report) as draft:
            result.to_frame().map(cell).to_csv(draft, index=False)
        forget(work, wanted)
    return Extracted(
        versions={model: version for model, (version, _) in newest.items()},
        published=tuple(new),
        n_computed={p.recipe.model: len(result.filenames[p.recipe.name]) for p in plans},
        n_kept={p.recipe.model: len(p.kept) for p in plans},
        n_removed={p.recipe.model: p.n_removed for p in plans},
        failures=dict(result.failures),
        report=report,
    )


def recipe_for(versions: Versions, model: str) -> Recipe:
    """Return the recipe by which a model goes on.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    model : str
        A model that has a recipe.

    Returns
    -------
    Recipe
        That of its current version; the newest where there is none, or where its rows were not made here.
    """
    if model in versions.models():
        recipe = versions.card(model, versions.current(model)).get("recipe")
        if recipe:
            return find_recipe(recipe["name"])
    return newest_recipe(model)


def _plan(versions: Versions, images: ImageFolder, recipe: Recipe) -> Plan:
    """Find what the newest version of a recipe has already, and what is missing or has changed since."""
    made = [v for v in versions.models().get(recipe.model, ()) if versions.card(recipe.model, v).get("recipe") == recipe.card()]
    parent = made[-1] if made else None
    sources = versions.sources(recipe.model, parent) if parent else {}
    filenames = versions.load(recipe.model, parent).filenames if parent else ()
    rows = {name: row for row, name in enumerate(filenames)}
    kept = {name: rows[name] for name in images.filenames if name in rows and sources.get(name) == images.fingerprint(name)}
    wanted = tuple(name for name in images.filenames if name not in kept)
    return Plan(recipe, parent, kept, wanted, n_removed=len(rows.keys() - set(images.filenames)))


def _publish(versions: Versions, plan: Plan, result: Extraction) -> tuple[str, bool]:
    """Publish a model's next version if anything changed; return the newest version and whether it is new."""
    recipe, name = plan.recipe, plan.recipe.name
    model, computed = recipe.model, {f: i for i, f in enumerate(result.filenames[name])}
    if plan.parent and not computed and not plan.n_removed and len(plan.kept) == len(versions.load(model, plan.parent)):
        return plan.parent, False
    filenames = sorted([*plan.kept, *computed])
    if not filenames:
        first = next(iter(result.failures.items()))
        raise ArchiveError(f"extract: no image could be read; the first is {first[0]}: {first[1]}")
    rows = np.empty((len(filenames), recipe.d), np.float32)
    old = versions.load(model, plan.parent).x if plan.parent else rows
    sources = versions.sources(model, plan.parent) if plan.parent else {}
    sources = {f: sources[f] for f in plan.kept} | dict(zip(computed, result.fingerprints[name], strict=True))
    for row, filename in enumerate(filenames):
        rows[row] = result.rows[name][computed[filename]] if filename in computed else old[plan.kept[filename]]
    version = versions.publish(
        model, filenames, rows, metric=recipe.metric, recipe=recipe.card(), parent=plan.parent, sources={f: sources[f] for f in filenames}
    )
    return version, True


def _follows_current(versions: Versions, model: str, version: str) -> bool:
    """Tell whether a version is by the recipe of its model's current one, so that it takes its place."""
    return bool(versions.card(model, versions.current(model)).get("recipe") == versions.card(model, version)["recipe"])
