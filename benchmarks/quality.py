"""How well look-alikes are found where the truth is known: `python benchmarks/quality.py ../shared/data --cache CACHE`.

One table: each question with the score of a random order, of the first recipe and of the second. P@1 is how often the first hit is right,
mAP the mean average precision, with its 95 % interval over 2,000 bootstrap samples of designs (of categories, where those are asked for).
`pattern-2` is fitted on designs, so each answer comes from constants that never saw the query's design in any colorway or
view: five folds by design (by category, where that is asked for). The shipped constants are fitted on all. `pattern-1` saw
tartans and surfaces when its constants were made, without their truth. What was computed stays in CACHE.

With --ablation the same table for parts of `pattern-2`.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from disturbances import PROTOCOLS, disturbed, random_view
from fit_pattern_2 import (
    BLOCKS,
    CONSTANTS,
    Projection,
    Source,
    described,
    fit,
    opened,
    originals,
    scored,
    seen,
    training_rows,
    truth,
    z_constants,
)
from numpy.typing import NDArray
from PIL import Image

from benzer_lab.color import describe
from benzer_lab.network import N_POOLED, middle_square, raw_features
from benzer_lab.recipes import embed_images, find_recipe

N_FOLDS, N_SAMPLES = 5, 2000
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Embed = Callable[[str], Floats]  # from the name of a set of images to its rows


@dataclass(frozen=True)
class Question:
    """What is asked of an archive: which images are the queries, which of the gallery are relevant and which are shown at all."""

    name: str
    queries: str
    gallery: str
    groups: NDArray[np.str_]
    relevant: Bools
    shown: Bools
    fold: str = "design"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of patterns, tartans and surfaces")
    parser.add_argument("--cache", required=True, type=Path, help="a folder for what is computed on the way")
    parser.add_argument("--ablation", action="store_true", help="score parts of pattern-2 instead of the recipes")
    arguments = parser.parse_args()
    made = ablation(arguments.data, arguments.cache) if arguments.ablation else recipes(arguments.data, arguments.cache)
    print(made.to_string(index=False))


def recipes(data: Path, cache: Path) -> pd.DataFrame:
    """Score the recipes."""
    rows, asked = training_rows(data, cache), questions(data)
    first = answers(asked, partial(embedded, data, cache, recipe="pattern-1", compute=embed_first))
    second = folded(asked, data, cache, partial(fit, rows))
    table = pd.DataFrame(
        {
            "question": [question.name for question in asked],
            "chance": [f"{chance(question):.3f}" for question in asked],
            "pattern-1: P@1 / mAP": [stated(question, found) for question, found in zip(asked, first, strict=True)],
            "pattern-2: P@1 / mAP": [stated(question, found) for question, found in zip(asked, second, strict=True)],
        }
    )
    color = same_palette(data)
    found = answers([color], partial(embedded, data, cache, recipe="color-1", compute=embed_color))[0]
    row = {"question": color.name, "chance": f"{chance(color):.3f}", "color-1: P@1 / mAP": stated(color, found)}
    return pd.concat([table, pd.DataFrame([row])]).fillna("")


def ablation(data: Path, cache: Path) -> pd.DataFrame:
    """Score what parts of pattern-2 do: before the projection, then with it."""
    rows, asked = training_rows(data, cache), questions(data)
    table = {"question": [question.name for question in asked]}

    def note(name: str, found: Iterable[tuple[Floats, Floats]]) -> None:
        table[name] = [f"{precision.mean():.3f}" for precision, _ in found]

    def before(blocks: tuple[str, ...]) -> Embed:
        return lambda name: scored(embedded(data, cache, name), *constants, blocks)

    constants = z_constants(np.concatenate([rows[name].x for name in CONSTANTS]))
    in_color = partial(embedded, data, cache, recipe="moments in color", compute=moments)
    note("moments, in color", answers(asked, lambda name: plain(in_color(name), in_color("surfaces"))))
    for blocks in [*((block,) for block in BLOCKS), tuple(BLOCKS)]:
        note(" + ".join(blocks), answers(asked, before(blocks)))
    for blocks in [*((block,) for block in BLOCKS), *(tuple(b for b in BLOCKS if b != block) for block in BLOCKS), tuple(BLOCKS)]:
        note("projected: " + " + ".join(blocks), folded(asked, data, cache, partial(fit, rows, blocks=blocks)))
    return pd.DataFrame(table).set_index("question").T.reset_index(names="ingredients")


def questions(data: Path) -> list[Question]:
    """Ask for colorways, categories and disturbed designs."""
    patterns, tartans, surfaces = (columns(data / name) for name in ("patterns", "tartans", "surfaces"))
    design, category = patterns["design_id"], patterns["category"]
    same = np.equal.outer(design, design)
    asked = [
        recolored("patterns: the other colorways", "patterns", design),
        recolored("tartans: the other color ranges", "tartans", tartans["design_id"]),
        Question(
            "patterns: same category, own design left out",
            "patterns", "patterns", category, np.equal.outer(category, category) & ~same, ~same, "category",
        ),
    ]  # fmt: skip
    one_each = np.unique(design)
    found = np.equal.outer(one_each, design)
    asked += [Question(f"patterns: {p}", p, "patterns", one_each, found, np.ones_like(found)) for p in PROTOCOLS]
    itself = np.eye(len(surfaces["design_id"]), dtype=bool)
    every = np.ones_like(itself)
    return [*asked, Question("surfaces: disturbed at random", "surfaces disturbed", "surfaces", surfaces["design_id"], itself, every)]


def recolored(name: str, archive: str, design: NDArray[np.str_]) -> Question:
    """Ask each image for the others of its design."""
    others = ~np.eye(len(design), dtype=bool)
    return Question(name, archive, archive, design, np.equal.outer(design, design) & others, others)


def same_palette(data: Path) -> Question:
    """Ask each image for its palette on other designs."""
    known = columns(data / "patterns")
    other = ~np.equal.outer(known["design_id"], known["design_id"])
    palette = np.equal.outer(known["colorway"], known["colorway"])
    return Question("patterns: same palette, own design left out", "patterns", "patterns", known["design_id"], palette & other, other)


def columns(folder: Path) -> dict[str, NDArray[np.str_]]:
    rows = truth(folder)
    return {key: np.array([row[key] for row in rows]) for key in ("design_id", "category", "colorway")}


def images(data: Path, name: str) -> Source:
    """Open the images of a set: an archive's own, or one of each design of `patterns`, disturbed."""
    if name in ("patterns", "tartans", "surfaces"):
        yield from originals(data / name)
        return
    folder = data / ("surfaces" if name == "surfaces disturbed" else "patterns")
    colorways: dict[str, list[dict[str, str]]] = {}
    for row in truth(folder):
        colorways.setdefault(row["design_id"], []).append(row)
    for number, (design, rows) in enumerate(sorted(colorways.items())):
        rng = np.random.default_rng([7, number])
        image = opened(folder, rows[rng.integers(len(rows))])
        if name == "surfaces disturbed":
            yield design, random_view(image, rng, seamless=False, p_recolor=0.3)
        else:
            yield design, disturbed(image, name, rng)


def embedded(data: Path, cache: Path, name: str, recipe: str = "", compute: Callable[[list[Image.Image]], Floats] = seen) -> Floats:
    """Return what a recipe computes of a set of images, from the cache where it is there; by default `pattern-2` before its constants."""
    return described(cache / f"{recipe} {name}.npz".strip().replace(" ", "-"), lambda: images(data, name), compute).x


def embed_color(pictures: list[Image.Image]) -> Floats:
    """Compute rows of length 1, so that cosine ranks as their own distance does."""
    return np.stack([describe(picture) for picture in pictures])


def embed_first(pictures: list[Image.Image]) -> Floats:
    return embed_images(pictures, find_recipe("pattern-1"), device="cpu")


def moments(pictures: list[Image.Image]) -> Floats:
    return raw_features(np.stack([middle_square(picture) for picture in pictures]), device="cpu")[:, N_POOLED:]


def plain(x: Floats, reference: Floats) -> Floats:
    """Return unit z-scores, with the floor under the deviation."""
    deviation = reference.std(0)
    z = (x - reference.mean(0)) / (deviation + np.median(deviation))
    return z / np.linalg.norm(z, axis=1, keepdims=True)


def answers(asked: list[Question], embed: Embed) -> list[tuple[Floats, Floats]]:
    """Return average precision and P@1 of each query of each question."""
    return [ranked(question, embed(question.queries), embed(question.gallery)) for question in asked]


def ranked(question: Question, queries: Floats, gallery: Floats, of: Bools | None = None) -> tuple[Floats, Floats]:
    """Return average precision and P@1 of each query, or of some; of one that has no answer, NaN."""
    of = np.ones(len(queries), bool) if of is None else of
    similar = unit(queries[of]) @ unit(gallery).T
    order = np.argsort(np.where(question.shown[of], -similar, np.inf), axis=1, kind="stable")
    hits = np.take_along_axis(question.relevant[of], order, axis=1)
    n = hits.sum(1)
    precise = (hits.cumsum(1) / np.arange(1, hits.shape[1] + 1) * hits).sum(1) / np.where(n, n, np.nan)
    return precise.astype(np.float32), np.where(n, hits[:, 0], np.nan).astype(np.float32)


def unit(x: Floats) -> Floats:
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def folded(asked: list[Question], data: Path, cache: Path, fitted: Callable[..., Projection]) -> list[tuple[Floats, Floats]]:
    """Answer each query by constants that were fitted without its design, or without its category."""
    design_of = {row["design_id"]: row["category"] for row in truth(data / "patterns")}
    found = [(np.full(len(question.groups), np.nan, np.float32), np.full(len(question.groups), np.nan, np.float32)) for question in asked]
    for kind in sorted({question.fold for question in asked}):
        for number in range(N_FOLDS):
            held = held_out(data, kind, number)
            made = fitted(unseen=lambda name, design, kind=kind, held=held: (design if kind == "design" else design_of.get(design)) in held)
            for question, (precise, first) in zip(asked, found, strict=True):
                if question.fold == kind:
                    of = np.isin(question.groups, [*held])
                    rows = [made.rows(embedded(data, cache, name)) for name in (question.queries, question.gallery)]
                    precise[of], first[of] = ranked(question, *rows, of=of)
    return found


def held_out(data: Path, kind: str, number: int) -> set[str]:
    """Return the designs of all archives, or the categories, of a fold."""
    names = set()
    for place, archive in enumerate(("patterns", "tartans", "surfaces") if kind == "design" else ("patterns",)):
        every = np.unique(columns(data / archive)["design_id" if kind == "design" else "category"])
        names |= set(np.random.default_rng([5, place]).permutation(every)[number::N_FOLDS].tolist())
    return names


def chance(question: Question) -> float:
    """Return the mAP that a random order would have, nearly: the share of relevant images."""
    return float((question.relevant.sum(1) / question.shown.sum(1)).mean())


def stated(question: Question, found: tuple[Floats, Floats]) -> str:
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
