"""How well look-alikes are found where the truth is known: `python benchmarks/quality.py ../shared/data --cache CACHE`.

Prints what docs/quality.md shows: each question with the score of a random order, of what needs no weights, of the first and second
recipes and of `color+pattern`; the same by the weight of color; what a row costs. P@1 is how often the first hit is right, mAP the mean
average precision, with its 95 % interval over 2,000 bootstrap samples of designs (of categories, where those are asked for).
`pattern-2` is fitted on designs, so each answer comes from constants that never saw the query's design in any colorway or
view: five folds by design (by category, where that is asked for). The shipped constants are fitted on all. `pattern-1` saw
tartans and surfaces when its constants were made, without their truth. What was computed stays in CACHE.

With --ablation the same questions for parts of `pattern-2`.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from fit_pattern_2 import BLOCKS, CONSTANTS, Floats, Projection, fit, originals, scored, training_rows, z_constants
from PIL import Image
from questions import TO_REACH, Bools, Ground, Question, questions
from weight_free import lab_histograms, textures

from benzer_lab.network import N_POOLED, middle_square, raw_features
from benzer_lab.recipes import RECIPES, embed_images, find_recipe
from benzer_lab.search import COLOR_WEIGHT

N_FOLDS, N_SAMPLES = 5, 2000
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
Embed = Callable[[str], Floats]  # from the name of a set of images to its rows
Scores = tuple[Floats, Floats]  # average precision and P@1 of each query


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of patterns, tartans and surfaces")
    parser.add_argument("--cache", required=True, type=Path, help="a folder for what is computed on the way")
    parser.add_argument("--ablation", action="store_true", help="score parts of pattern-2 instead of the recipes")
    arguments = parser.parse_args()
    ground = Ground(arguments.data, arguments.cache)
    if arguments.ablation:
        ablation(ground)
    else:
        recipes(ground)
        costs(ground)


def recipes(ground: Ground) -> None:
    """Score the recipes, and mixes of them."""
    rows, asked = training_rows(ground.data, ground.cache), questions(ground)
    plainest = {
        "pattern": partial(ground.rows, recipe="texture", compute=textures),
        "color": partial(ground.rows, recipe="lab", compute=lab_histograms),
    }
    first = {model: partial(recipe_rows, ground, f"{model}-1") for model in plainest}
    by_weight = folded(asked, ground, partial(fit, rows), WEIGHTS)
    second = {"pattern": by_weight[0.0], "color": by_weight[1.0]}
    lines = []
    for number, question in enumerate(asked):
        model = question.model
        found = [*answers([question], plainest[model]), *answers([question], first[model])]
        found += [second[model][number], by_weight[COLOR_WEIGHT][number]]
        reach = f"{TO_REACH[question.name]:.2f}" if question.name in TO_REACH else ""
        lines.append([question.name, model, f"{question.chance:.3f}", *(stated(question, scores) for scores in found), reach])
    models = ["weight-free", "recipe 1", "recipe 2", f"color+pattern at {COLOR_WEIGHT:g}"]
    show(["question: P@1 / mAP (its 95 % interval)", "asked of", "chance", *models, "to reach"], lines)
    means = {weight: [np.nanmean(precise) for precise, _ in by_weight[weight]] for weight in WEIGHTS}
    lines = [[question.name, *(f"{means[weight][number]:.3f}" for weight in WEIGHTS)] for number, question in enumerate(asked)]
    named = [number for number, question in enumerate(asked) if question.name in TO_REACH]
    lines.insert(0, [f"mean of the {len(named)} to reach", *(f"{np.mean([means[weight][n] for n in named]):.3f}" for weight in WEIGHTS)])
    show(["mAP by color weight", *(f"{weight:g}" for weight in WEIGHTS)], lines)


def ablation(ground: Ground) -> None:
    """Score what parts of pattern-2 do: before the projection, then with it."""
    rows = training_rows(ground.data, ground.cache)
    asked = [question for question in questions(ground) if question.model == "pattern"]
    lines = []

    def note(name: str, found: Iterable[Scores]) -> None:
        lines.append([name, *(f"{np.nanmean(precise):.3f}" for precise, _ in found)])

    def before(blocks: tuple[str, ...]) -> Embed:
        return lambda name: scored(ground.rows(name), *constants, blocks)

    constants = z_constants(np.concatenate([rows[name].x for name in CONSTANTS]))
    in_color = partial(ground.rows, recipe="moments in color", compute=moments)
    note("moments, in color", answers(asked, lambda name: plain(in_color(name), in_color("surfaces"))))
    for blocks in [*((block,) for block in BLOCKS), tuple(BLOCKS)]:
        note(" + ".join(blocks), answers(asked, before(blocks)))
    for blocks in [*((block,) for block in BLOCKS), *(tuple(b for b in BLOCKS if b != block) for block in BLOCKS), tuple(BLOCKS)]:
        note("projected: " + " + ".join(blocks), folded(asked, ground, partial(fit, rows, blocks=blocks))[0.0])
    show(["ingredients (mAP)", *(question.name for question in asked)], lines)


def costs(ground: Ground) -> None:
    """Measure the processor's time of each recipe, decoding apart, and say what a row takes."""
    images = [image for _, image in islice(originals(ground.folder("patterns")), 0, 160, 5)]
    lines = []
    for name, recipe in RECIPES.items():
        embed_images(images[:2], recipe, device="cpu")
        single = [cpu(lambda image=image, recipe=recipe: embed_images([image], recipe, device="cpu")) for image in images]
        many = cpu(lambda recipe=recipe: embed_images(images, recipe, device="cpu")) / len(images)
        lines.append([name, f"{np.median(single):.0f}", f"{np.quantile(single, 0.9):.0f}", f"{many:.0f}", str(recipe.d), str(4 * recipe.d)])
    show(["recipe", "CPU ms a query", "nine of ten under", "CPU ms an archive image", "columns", "bytes a row"], lines)


def cpu(run: Callable[[], object]) -> float:
    """Return the milliseconds that all threads of this process work."""
    start = time.process_time()
    run()
    return 1e3 * (time.process_time() - start)


def show(heads: list[str], lines: list[list[str]]) -> None:
    """Print a table as Markdown."""
    print("\n".join("| " + " | ".join(line) + " |" for line in [heads, ["---"] * len(heads), *lines]), end="\n\n", flush=True)


def recipe_rows(ground: Ground, recipe: str, name: str) -> Floats:
    return ground.rows(name, recipe, lambda pictures: embed_images(pictures, find_recipe(recipe), device="cpu"))


def moments(pictures: list[Image.Image]) -> Floats:
    return raw_features(np.stack([middle_square(picture) for picture in pictures]), device="cpu")[:, N_POOLED:]


def plain(x: Floats, reference: Floats) -> Floats:
    """Return unit z-scores, with the floor under the deviation."""
    deviation = reference.std(0)
    return unit((x - reference.mean(0)) / (deviation + np.median(deviation)))


def mixed(color: Floats, pattern: Floats, weight: float) -> Floats:
    """Return rows whose cosine is the score of `color+pattern`."""
    return np.concatenate([np.sqrt(weight) * unit(color), np.sqrt(1 - weight) * unit(pattern)], axis=1).astype(np.float32)


def unit(x: Floats) -> Floats:
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def answers(asked: list[Question], embed: Embed) -> list[Scores]:
    """Answer each question by rows that nothing was fitted for."""
    return [ranked(question, embed(question.queries), embed(question.gallery)) for question in asked]


def ranked(question: Question, queries: Floats, gallery: Floats, of: Bools | None = None) -> Scores:
    """Return average precision and P@1 of each query, or of some; of one that has no answer, NaN."""
    of = np.ones(len(queries), bool) if of is None else of
    similar = unit(queries[of]) @ unit(gallery).T
    order = np.argsort(np.where(question.shown[of], -similar, np.inf), axis=1, kind="stable")
    hits = np.take_along_axis(question.relevant[of], order, axis=1)
    n = hits.sum(1)
    precise = (hits.cumsum(1) / np.arange(1, hits.shape[1] + 1) * hits).sum(1) / np.where(n, n, np.nan)
    return precise.astype(np.float32), np.where(n, hits[:, 0], np.nan).astype(np.float32)


def folded(
    asked: list[Question], ground: Ground, fitted: Callable[..., Projection], weights: tuple[float, ...] = (0.0,)
) -> dict[float, list[Scores]]:
    """Answer each query by constants that were fitted without its design, or without its category, mixed with color by some weights."""
    found = {w: [(np.full(len(q.groups), np.nan, np.float32), np.full(len(q.groups), np.nan, np.float32)) for q in asked] for w in weights}
    for kind in sorted({question.fold for question in asked}):
        for number in range(N_FOLDS):
            held = held_out(ground, kind, number)
            made = fitted(unseen=partial(is_held, ground, kind, held))
            for place, question in enumerate(asked):
                if question.fold != kind:
                    continue
                of = np.isin(question.groups, [group for archive, group in held if archive == question.gallery])
                names = (question.queries, question.gallery)
                patterns = [made.rows(ground.rows(name)) for name in names]
                colors = [recipe_rows(ground, "color-2", name) if any(weights) else patterns[i] for i, name in enumerate(names)]
                for weight in weights:
                    rows = [mixed(color, pattern, weight) for color, pattern in zip(colors, patterns, strict=True)]
                    precise, first = found[weight][place]
                    precise[of], first[of] = ranked(question, *rows, of=of)
    return found


def held_out(ground: Ground, kind: str, number: int) -> set[tuple[str, str]]:
    """Return the designs, or the categories, of all archives that are in a fold."""
    archives = ("patterns", "tartans", "surfaces", "sample") if kind == "design" else ("patterns", "sample")
    held = set()
    for place, archive in enumerate(archives):
        every = np.unique(ground.columns(archive)["design_id" if kind == "design" else "category"])
        held |= {(archive, str(name)) for name in np.random.default_rng([5, place]).permutation(every)[number::N_FOLDS]}
    return held


def is_held(ground: Ground, kind: str, held: set[tuple[str, str]], name: str, design: str) -> bool:
    """Tell whether a design of a set that constants are fitted on is left out."""
    archive = "sample" if name == "drawn" else name
    return (archive, design if kind == "design" else ground.categories.get((archive, design), "")) in held


def stated(question: Question, found: Scores) -> str:
    """Write P@1, mAP and its interval over groups drawn again and again."""
    precise, first = found
    known = ~np.isnan(precise)
    _, group = np.unique(question.groups[known], return_inverse=True)
    sums, counts = np.bincount(group, precise[known]), np.bincount(group)
    drawn = np.random.default_rng(3).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), N_SAMPLES)
    low, high = np.quantile(drawn @ sums / (drawn @ counts), [0.025, 0.975])
    return f"{first[known].mean():.3f} / {precise[known].mean():.3f} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    main()
