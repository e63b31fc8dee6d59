"""Comparisons that anyone can repeat: scikit-learn, Faiss, others and ours, in turn, by one rule for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from benzer_lab import _checks
from benzer_lab._comparing import ENGINES, Question, Run, source_of
from benzer_lab._contests import EACH, RECIPE, Clusters, Filters, Images, Map, Problem, Request, Search, made_up
from benzer_lab._fairness import Measured
from benzer_lab._measuring import Engine
from benzer_lab._stage import Ready
from benzer_lab.archive import Archive
from benzer_lab.comparison import Timings
from benzer_lab.errors import InputError
from benzer_lab.folder import ImageFolder
from benzer_lab.progress import Progress
from benzer_lab.recipes import find_recipe

__all__ = [
    "QUESTIONS",
    "Engine",
    "Measured",
    "Ready",
    "Timings",
    "compare_extraction",
    "compare_filters",
    "compare_kmeans",
    "compare_layout",
    "compare_request",
    "compare_search",
    "engines",
]

QUESTIONS: tuple[Question, ...] = get_args(Question)
MOST_DRAWN = 1_920  # images that can be drawn


def engines(question: Question) -> dict[str, Engine]:
    """Return the engines that a question is put to.

    Parameters
    ----------
    question : {'search', 'filters', 'kmeans', 'layout', 'extraction', 'request'}
        Which.

    Returns
    -------
    dict of str to Engine
        By name, whether they can run here or not: `note` says why one cannot.

    Raises
    ------
    InputError
        When there is no such question.
    """
    _checks.one_of(question, QUESTIONS, caller="timings.engines", name="question")
    return {engine.name: engine for engine in ENGINES[question]}


def compare_search(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 100_000,
    d: int = 512,
    k: int = 100,
    recall: float = 0.99,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 7,
    random_state: int = 0,
    model: str | None = None,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long the nearest rows of one query take.

    Parameters
    ----------
    archive : Archive, optional
        Whose features are searched, some of them held out as queries; generated rows where it is left out.
    n : int or sequence of int, default=100_000
        Rows, at most as many as the archive has; of several each is measured.
    d : int, default=512
        Columns of generated rows.
    k : int, default=100
        Neighbors.
    recall : float, default=0.99
        What part of the true neighbors must be found. Engines that can work harder do until they reach it.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=7
        In each of which each engine answers the same 20 questions, one after the other.
    random_state : int, default=0
        Of all that is drawn.
    model : str, optional
        Of the archive.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `recall`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_search", "search", engines, rounds, random_state, threads, budget_s)
    k = _checks.integer(k, caller=run.caller, name="k", low=1)
    recall = _checks.fraction(recall, caller=run.caller, name="recall")
    spare = run.rounds * EACH
    sizes, d, rows = run.rows(archive, model, n, d, spare)

    def prepare(folder: Path, size: int) -> Problem:
        problem = Search(folder, size, d, k, recall, run.rounds, run.threads, run.seed)
        x = rows(size + spare)
        problem.prepare(x[spare:], x[:spare])
        return problem

    return run.timings({"k": k, "recall": recall, "d": d, "source": source_of(archive, model)}, sizes, prepare, progress)


def compare_filters(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 100_000,
    d: int = 512,
    k: int = 100,
    recall: float = 0.99,
    share: float = 0.05,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 7,
    random_state: int = 0,
    model: str | None = None,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long the nearest rows of one query take among those that pass a filter.

    Parameters
    ----------
    archive : Archive, optional
        Whose features are searched, some of them held out as queries; generated rows where it is left out.
    n : int or sequence of int, default=100_000
        Rows, at most as many as the archive has; of several each is measured.
    d : int, default=512
        Columns of generated rows.
    k : int, default=100
        Neighbors.
    recall : float, default=0.99
        What part of the true neighbors must be found. Engines that can work harder do until they reach it.
    share : float, default=0.05
        What part of the rows passes, drawn anew for each query.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=7
        In each of which each engine answers the same 20 questions, one after the other.
    random_state : int, default=0
        Of all that is drawn.
    model : str, optional
        Of the archive.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `recall`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_filters", "filters", engines, rounds, random_state, threads, budget_s)
    k = _checks.integer(k, caller=run.caller, name="k", low=1)
    recall = _checks.fraction(recall, caller=run.caller, name="recall")
    share = _checks.fraction(share, caller=run.caller, name="share")
    spare = run.rounds * EACH
    sizes, d, rows = run.rows(archive, model, n, d, spare)

    def prepare(folder: Path, size: int) -> Problem:
        problem = Filters(folder, size, d, k, recall, run.rounds, run.threads, run.seed, share)
        x = rows(size + spare)
        problem.prepare(x[spare:], x[:spare])
        return problem

    return run.timings({"k": k, "recall": recall, "share": share, "d": d, "source": source_of(archive, model)}, sizes, prepare, progress)


def compare_kmeans(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 100_000,
    d: int = 512,
    n_clusters: int = 100,
    within: float = 0.01,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 3,
    random_state: int = 0,
    model: str | None = None,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long k-means takes, from one start.

    Parameters
    ----------
    archive : Archive, optional
        Whose features are clustered; generated rows where it is left out.
    n : int or sequence of int, default=100_000
        Rows, at most as many as the archive has; of several each is measured.
    d : int, default=512
        Columns of generated rows.
    n_clusters : int, default=100
        How many.
    within : float, default=0.01
        By what part the inertia of all rows may be above the least of all engines.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=3
        In each of which each engine works from the same seed, another one each time.
    random_state : int, default=0
        Of all that is drawn.
    model : str, optional
        Of the archive.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `inertia`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_kmeans", "kmeans", engines, rounds, random_state, threads, budget_s)
    n_clusters = _checks.integer(n_clusters, caller=run.caller, name="n_clusters", low=2)
    within = _checks.fraction(within, caller=run.caller, name="within")
    sizes, d, rows = run.rows(archive, model, n, d)
    if min(sizes) < 4 * n_clusters:
        raise InputError(f"{run.caller}: n must be at least 4 times n_clusters, {4 * n_clusters:,}; got {min(sizes):,}.")

    def prepare(folder: Path, size: int) -> Problem:
        problem = Clusters(folder, size, d, n_clusters, within, run.rounds, run.threads, run.seed)
        problem.prepare(rows(size))
        return problem

    return run.timings({"n_clusters": n_clusters, "within": within, "d": d, "source": source_of(archive, model)}, sizes, prepare, progress)


def compare_layout(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 10_000,
    d: int = 512,
    n_neighbors: int = 15,
    within: float = 0.01,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 3,
    random_state: int = 0,
    model: str | None = None,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long a map takes, once everything is compiled.

    Parameters
    ----------
    archive : Archive, optional
        Whose features are laid out; generated rows where it is left out.
    n : int or sequence of int, default=10_000
        Rows, at most as many as the archive has; of several each is measured.
    d : int, default=512
        Columns of generated rows.
    n_neighbors : int, default=15
        Neighbors of a row, itself among them.
    within : float, default=0.01
        By how much the trustworthiness may be below the greatest of all engines.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=3
        In each of which each engine works from the same seed, another one each time.
    random_state : int, default=0
        Of all that is drawn.
    model : str, optional
        Of the archive.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `trustworthiness`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_layout", "layout", engines, rounds, random_state, threads, budget_s)
    n_neighbors = _checks.integer(n_neighbors, caller=run.caller, name="n_neighbors", low=2)
    within = _checks.fraction(within, caller=run.caller, name="within")
    sizes, d, rows = run.rows(archive, model, n, d)
    if min(sizes) < 4 * n_neighbors:
        raise InputError(f"{run.caller}: n must be at least 4 times n_neighbors, {4 * n_neighbors:,}; got {min(sizes):,}.")

    def prepare(folder: Path, size: int) -> Problem:
        problem = Map(folder, size, d, n_neighbors, within, run.rounds, run.threads, run.seed)
        problem.prepare(rows(size))
        return problem

    return run.timings(
        {"n_neighbors": n_neighbors, "within": within, "d": d, "source": source_of(archive, model)}, sizes, prepare, progress
    )


def compare_extraction(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 384,
    same: float = 0.99,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 3,
    random_state: int = 0,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long the features of images take, from files to rows.

    Parameters
    ----------
    archive : Archive, optional
        Whose images are read; drawn ones where it is left out.
    n : int or sequence of int, default=384
        Images, at most as many as the archive has, or 1,920 drawn ones; of several numbers each is measured.
    same : float, default=0.99
        What part of the rows must be those of a reference, but for rounding.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=3
        In each of which each engine computes all of them.
    random_state : int, default=0
        Of all that is drawn.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `same`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_extraction", "extraction", engines, rounds, random_state, threads, budget_s)
    from benzer_lab.sample import draw_archive

    same = _checks.fraction(same, caller=run.caller, name="same")
    known = None if archive is None else archive.images
    if archive is not None and known is None:
        raise InputError(f"{run.caller}: archive must know its images; open {archive.folder} with images=.")
    sizes = run.sizes(n, MOST_DRAWN if known is None else len(known.filenames))

    def prepare(folder: Path, size: int) -> Problem:
        images = known or ImageFolder(draw_archive(folder / "drawn", n_designs=-(-size // 4), progress=False) / "images")
        names = np.random.default_rng(run.seed).permutation(sorted(images.filenames))[:size]
        width = find_recipe(RECIPE).d
        return Images(folder, size, width, 1, same, run.rounds, run.threads, run.seed, images, tuple(names.tolist()))

    return run.timings({"same": same, "recipe": RECIPE, "source": source_of(archive, "")}, sizes, prepare, progress)


def compare_request(  # noqa: PLR0913  (what a comparison depends on; all of it is recorded)
    archive: Archive | None = None,
    *,
    n: int | Sequence[int] = 100_000,
    d: int = 512,
    k: int = 100,
    recall: float = 0.99,
    engines: Sequence[str | Engine] | None = None,
    rounds: int = 7,
    random_state: int = 0,
    model: str | None = None,
    threads: int | None = None,
    budget_s: float | None = None,
    progress: Progress = True,
) -> Timings:
    """Compare how long a whole click takes: a file name in, look-alikes with their metadata out, as JSON.

    Parameters
    ----------
    archive : Archive, optional
        Whose features and metadata are asked; generated ones where it is left out.
    n : int or sequence of int, default=100_000
        Designs, at most as many as the archive has; of several numbers each is measured.
    d : int, default=512
        Columns of generated rows.
    k : int, default=100
        Hits.
    recall : float, default=0.99
        What part of the right hits must be given.
    engines : sequence of str or Engine, optional
        Which; all that can run here, and the GPU, where it is left out.
    rounds : int, default=7
        In each of which each engine answers the same 3 clicks, one after the other.
    random_state : int, default=0
        Of all that is drawn.
    model : str, optional
        Of the archive.
    threads : int, optional
        That each engine may use; as many as there are cores where it is left out.
    budget_s : float, optional
        Seconds after which no further round begins.
    progress : bool or callable, default=True
        Whether to show a bar on stderr, or what to call with the numbers of steps done and to do; an exception of its ends the run.

    Returns
    -------
    Timings
        With the column `same`.

    Raises
    ------
    InputError
        When an argument is outside its range.
    """
    run = Run("compare_request", "request", engines, rounds, random_state, threads, budget_s)
    k = _checks.integer(k, caller=run.caller, name="k", low=1)
    recall = _checks.fraction(recall, caller=run.caller, name="recall")
    sizes, d, rows = run.rows(archive, model, n, d)

    def prepare(folder: Path, size: int) -> Problem:
        problem = Request(folder, size, d, k, recall, run.rounds, run.threads, run.seed)
        names, records = made_up(size, run.seed) if archive is None else run.facts(archive, model, size)
        problem.prepare_archive(rows(size), names, records)
        return problem

    return run.timings({"k": k, "recall": recall, "d": d, "source": source_of(archive, model)}, sizes, prepare, progress)
