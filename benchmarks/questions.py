"""What `quality.py` asks: sets of images with their truth, and questions whose answer is known."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from disturbances import PROTOCOLS, disturbed, random_view
from fit_pattern_2 import Floats, Source, described, drawn_folder, opened, originals, seen, truth
from numpy.typing import NDArray
from PIL import Image

Bools = NDArray[np.bool_]
Names = NDArray[np.str_]
TO_REACH = {
    "patterns: the other colorways": 0.97,
    "tartans: the other color ranges": 0.90,
    "patterns: same category": 0.25,
    "patterns: same palette": 0.92,
    "patterns: turned 15 degrees": 0.80,
    "patterns: turned 90 degrees": 0.95,
    "patterns: half scale": 0.75,
    "patterns: double scale": 0.75,
    "patterns: photographed": 0.95,
}
DISTURBED_AT_RANDOM = "surfaces disturbed"


@dataclass(frozen=True)
class Question:
    """What is asked of an archive: which images are the queries, which of the gallery are relevant and which are shown at all.

    `fold` says what no constant may have seen of a query (its design or its whole category, as `groups` name them), `model` which
    model it is a question for.
    """

    name: str
    queries: str
    gallery: str
    groups: Names
    relevant: Bools
    shown: Bools
    fold: str = "design"
    model: str = "pattern"

    @property
    def chance(self) -> float:
        """The mAP that a random order would have, nearly: the share of relevant images."""
        asked = self.relevant.any(1)
        return float((self.relevant[asked].sum(1) / self.shown[asked].sum(1)).mean())


@dataclass(frozen=True)
class Ground:
    """The folder of `patterns`, `tartans` and `surfaces`, and one for what is computed, the sample archive among it."""

    data: Path
    cache: Path

    def folder(self, archive: str) -> Path:
        """Return where an archive lies."""
        return drawn_folder(self.cache) if archive == "sample" else self.data / archive

    def columns(self, archive: str) -> dict[str, Names]:
        """Return the truth of an archive's images, in the order of their names."""
        with (self.folder(archive) / "truth.csv").open(encoding="utf-8") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["filename"])
        columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
        if archive == "sample":
            columns["category"] = columns["family"]
            columns["colorway"] = np.array([" ".join(sorted(palette.split())) for palette in columns["palette"]])
        return columns

    @cached_property
    def categories(self) -> dict[tuple[str, str], str]:
        """The category of each design of the archives that are asked for categories."""
        known = {archive: self.columns(archive) for archive in ("patterns", "sample")}
        return {
            (archive, design): category
            for archive, rows in known.items()
            for design, category in zip(rows["design_id"], rows["category"], strict=True)
        }

    def rows(self, name: str, recipe: str = "", compute: Callable[[list[Image.Image]], Floats] = seen) -> Floats:
        """Return what a recipe computes of a set of images, once; by default `pattern-2` before its constants."""
        file = self.cache / f"{recipe} {name}.npz".strip().replace(" ", "-")
        return described(file, lambda: self._images(name), compute).x

    def _images(self, name: str) -> Source:
        """Open the images of a set: an archive's own, or one of each design of `patterns` or `surfaces`, disturbed."""
        if name in ("patterns", "tartans", "surfaces", "sample"):
            yield from originals(self.folder(name))
            return
        folder = self.data / ("surfaces" if name == DISTURBED_AT_RANDOM else "patterns")
        colorways: dict[str, list[dict[str, str]]] = {}
        for row in truth(folder):
            colorways.setdefault(row["design_id"], []).append(row)
        for number, (design, rows) in enumerate(sorted(colorways.items())):
            rng = np.random.default_rng([7, number])
            image = opened(folder, rows[rng.integers(len(rows))])
            if name == DISTURBED_AT_RANDOM:
                yield design, random_view(image, rng, seamless=False, p_recolor=0.3)
            else:
                yield design, disturbed(image, name, rng)


def questions(ground: Ground) -> list[Question]:
    """Ask for colorways, categories, palettes, and disturbed designs."""
    patterns, surfaces = ground.columns("patterns"), ground.columns("surfaces")
    tartans = ground.columns("tartans")["design_id"]
    asked = [
        _recolored("patterns: the other colorways", "patterns", patterns["design_id"]),
        _recolored("tartans: the other color ranges", "tartans", tartans),
        *_of_other_designs("patterns", patterns),
    ]
    one_each = np.unique(patterns["design_id"])
    found = np.equal.outer(one_each, patterns["design_id"])
    asked += [Question(f"patterns: {p}", p, "patterns", one_each, found, np.ones_like(found)) for p in PROTOCOLS]
    itself = np.eye(len(surfaces["design_id"]), dtype=bool)
    every = np.ones_like(itself)
    asked.append(Question("surfaces: disturbed at random", DISTURBED_AT_RANDOM, "surfaces", surfaces["design_id"], itself, every))
    return asked + _of_the_sample(ground.columns("sample"))


def _recolored(name: str, archive: str, design: Names) -> Question:
    """Ask each image for the others of its design."""
    others = ~np.eye(len(design), dtype=bool)
    return Question(name, archive, archive, design, np.equal.outer(design, design) & others, others)


def _of_other_designs(archive: str, known: dict[str, Names]) -> list[Question]:
    """Ask each image for its category, for its palette, and for both, on other designs."""
    design, category, palette = known["design_id"], known["category"], known["colorway"]
    other = ~np.equal.outer(design, design)
    alike, colored = np.equal.outer(category, category) & other, np.equal.outer(palette, palette) & other
    return [
        Question(f"{archive}: same category", archive, archive, category, alike, other, fold="category"),
        Question(f"{archive}: same palette", archive, archive, design, colored, other, model="color"),
        Question(f"{archive}: same category and palette", archive, archive, category, alike & colored, other, "category", "color"),
    ]


def _of_the_sample(known: dict[str, Names]) -> list[Question]:
    """Ask the sample archive; not by its tartans, whose setts the constants have seen in `tartans`."""
    names, design, original = known["filename"], known["design_id"], known["duplicate_of"]
    source = np.where(original == "", names, original)
    copies = np.equal.outer(source, source)
    others = ~np.eye(len(names), dtype=bool)
    colorways = np.equal.outer(design, design) & ~copies
    asked = [
        Question("sample: the other colorways", "sample", "sample", design, colorways, ~copies),
        Question("sample: a copy or scan", "sample", "sample", design, copies & others, others),
        *_of_other_designs("sample", known),
    ]
    for question in asked:
        question.relevant[known["category"] == "tartan"] = False
    return asked
