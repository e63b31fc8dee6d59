"""Growing an archive: compute the rows that are missing, publish the next version, leave the rest as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benzer_lab._checks import nfc
from benzer_lab._disk import read_json, state, write_json
from benzer_lab._display import save_csv
from benzer_lab._engine import Floats
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.extraction import Extraction, extract, forget, locked
from benzer_lab.features import FeatureSet
from benzer_lab.images import ImageFolder
from benzer_lab.progress import Progress
from benzer_lab.recipes import Recipe, find_recipe, newest_recipe
from benzer_lab.versions import Versions

REPORT = "extraction_report.csv"
WORK = ".work"  # the lock of an extraction, and its parts until they are published
PROMOTE = "promote.json"  # in WORK, from before the first publish until all are current: what a killed run still had to promote


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
        Rows of each model that were made now, taken from the version before, and left behind: their image is gone, or cannot be
        read any more.
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
    """What one model needs: its recipe, the version to go on from, which of its rows are kept, and which images are computed."""

    recipe: Recipe
    parent: FeatureSet | None
    sources: dict[str, str]  # fingerprints of the parent's images
    kept: dict[str, int]
    wanted: tuple[str, ...]

    def n_removed(self, result: Extraction) -> int:
        """Return how many of the parent's rows the next version lacks."""
        lost = set(self.parent.filenames if self.parent else ()) - self.kept.keys()
        return len(lost.difference(result.filenames[self.recipe.name]))

    def is_needed(self, result: Extraction) -> bool:
        """Tell whether there is anything to publish."""
        return self.parent is None or bool(result.filenames[self.recipe.name]) or self.n_removed(result) > 0


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
    if not images.refresh():
        raise InputError(f"extract: images must lie in a folder that can be listed; {images!r} cannot be now. Mount it again.")
    if not images.filenames:
        raise InputError(f"extract: images must lie in the folder; {images!r} holds none. Name another folder with images=.")
    work, report = versions.folder / WORK, versions.folder / REPORT
    with locked(work):
        _promote_published(versions, work / PROMOTE)
        filenames, twins = _told_apart(images.filenames)
        plans = [_plan(versions, images, filenames, recipe) for recipe in recipes]
        wanted = {p.recipe.name: p.wanted for p in plans}
        result = extract(images, wanted, work=work, processes=processes, device=device, progress=progress)
        result = replace(result, failures={**result.failures, **twins})
        save_csv(result.to_frame(), report)
        published = _publish_all(versions, work / PROMOTE, [p for p in plans if p.is_needed(result)], result)
        forget(work, wanted)
    return Extracted(
        versions={p.recipe.model: p.parent.version if p.parent else "" for p in plans} | published,
        published=tuple(p.recipe.model for p in plans if p.recipe.model in published),
        n_computed={p.recipe.model: len(result.filenames[p.recipe.name]) for p in plans},
        n_kept={p.recipe.model: len(p.kept) for p in plans},
        n_removed={p.recipe.model: p.n_removed(result) for p in plans},
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
            return find_recipe(recipe["name"], model=model)
    return newest_recipe(model)


def _told_apart(filenames: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the names of which each is the first of its spelling, and why the others fail: an archive knows a name in one spelling."""
    first: dict[str, str] = {}
    for name in filenames:
        first.setdefault(nfc(name), name)
    reason = "must have a name of its own; another file has the same one, its letters composed differently. Rename or delete one of them."
    kept = set(first.values())
    return tuple(first.values()), {name: f"extract: {name!r} {reason}" for name in filenames if name not in kept}


def _newest(versions: Versions, model: str, recipe: object) -> str | None:
    """Return the newest version of a model by a recipe, as a card states it."""
    made = [v for v in versions.models().get(model, ()) if versions.card(model, v).get("recipe") == recipe]
    return made[-1] if made else None


def _plan(versions: Versions, images: ImageFolder, filenames: Sequence[str], recipe: Recipe) -> Plan:
    """Find what the newest version of a recipe has already, and what is missing or has changed since."""
    newest = _newest(versions, recipe.model, recipe.card())
    parent = versions.load(recipe.model, newest) if newest else None
    sources = versions.sources(recipe.model, newest) if newest else {}
    rows = {name: row for row, name in enumerate(parent.filenames if parent else ())}
    kept = {name: rows[name] for name in filenames if name in rows and sources.get(name) == images.fingerprint(name)}
    return Plan(recipe, parent, sources, kept, wanted=tuple(name for name in filenames if name not in kept))


def _publish_all(versions: Versions, note: Path, plans: Sequence[Plan], result: Extraction) -> dict[str, str]:
    """Publish the next versions, then make those current, in one write, whose model's current version is by the same recipe."""
    follow = {p.recipe.model: p.parent.version for p in plans if p.parent and _is_current(versions, p.recipe)}
    plans = sorted(plans, key=lambda p: p.recipe.model in follow)  # what is first of its model becomes current itself, before the note
    published = {}
    for plan in plans:
        model = plan.recipe.model
        if model in follow and not note.exists():
            write_json(note, {"after": follow, "current": _state_of_current(versions)})
        published[model] = _publish(versions, plan, result)
    if follow:
        versions.promote({model: published[model] for model in follow})
        note.unlink()
    return published


def _promote_published(versions: Versions, note: Path) -> None:
    """Promote what a killed run had published for it; not if anyone has promoted since, who may have gone back on purpose."""
    if not note.exists():
        return
    told = read_json(note)
    if told["current"] == _state_of_current(versions):
        models = versions.models()
        after = {m: v for m, v in told["after"].items() if v in models.get(m, ())}
        newest = {m: _newest(versions, m, versions.card(m, v)["recipe"]) or v for m, v in after.items()}
        new = {m: v for m, v in newest.items() if v != after[m]}
        if new:
            versions.promote(new)
    note.unlink()


def _state_of_current(versions: Versions) -> list[int] | None:
    """Return what tells whether anyone has promoted."""
    path = versions.folder / "current.json"
    return state(path) if path.exists() else None


def _is_current(versions: Versions, recipe: Recipe) -> bool:
    """Tell whether the current version of a model is by a recipe."""
    return bool(versions.card(recipe.model, versions.current(recipe.model)).get("recipe") == recipe.card())


def _publish(versions: Versions, plan: Plan, result: Extraction) -> str:
    """Publish a model's next version."""
    recipe, fingerprints = plan.recipe, result.fingerprints[plan.recipe.name]
    filenames, rows = _joined(plan, result)
    if not filenames:
        name, reason = next(iter(result.failures.items()))
        raise ArchiveError(f"extract: no image could be read; the first is {name}: {reason} All stand in {REPORT}.")
    sources = plan.sources | dict(zip(result.filenames[recipe.name], fingerprints, strict=True))
    return versions.publish(
        recipe.model,
        filenames,
        rows,
        metric=recipe.metric,
        recipe=recipe.card(),
        parent=plan.parent.version if plan.parent else None,
        sources={name: sources[name] for name in filenames},
    )


def _joined(plan: Plan, result: Extraction) -> tuple[Sequence[str], Floats]:
    """Return names, sorted, and rows of the next version; the rows computed are copied only if others stand between them."""
    filenames, computed = result.filenames[plan.recipe.name], result.rows[plan.recipe.name]
    if plan.parent is None or not plan.kept:
        return filenames, computed
    places = {name: (computed, row) for row, name in enumerate(filenames)} | {name: (plan.parent.x, row) for name, row in plan.kept.items()}
    names = sorted(places)
    rows = np.empty((len(names), plan.recipe.d), np.float32)
    for i, name in enumerate(names):
        source, row = places[name]
        rows[i] = source[row]
    return names, rows
