"""How well a part of a design is found again: `python benchmarks/regions.py DATA [--sample SAMPLE] [--queries N] [--large N]`.

A box of 20 to 50 % of the sides is drawn on a colorway of N designs of the sample archive, where there is more than plain
ground. Its design is right in any other colorway; but for the first row the image itself and its copies are left out. Where a
design repeats, the part is in several places, each of them right: they are those of `truth.csv`, and of the drawing's own
lattice where it is finer. DATA holds `patterns/`, another set of designs, from which the constants were made; their repeats are
not known, so that only the one place that was drawn counts as right for the box. SAMPLE is drawn where it is not given.
"""

import argparse
import csv
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from repeats import basis, drawn_lattice

from benzer_lab import region_store
from benzer_lab.images import ImageFolder, opened
from benzer_lab.pattern import without_color
from benzer_lab.region_search import Regions
from benzer_lab.regions import N_BYTES, Box, describe_regions, views_of
from benzer_lab.sample import draw_archive

FIRST = 5
Picture = Image.Image


class Design(NamedTuple):
    """A query: an image, boxes on it, and what is right."""

    image: Picture
    boxes: list[Box]
    own: NDArray[np.int64]
    right: NDArray[np.int64]
    shifts: list[NDArray[np.float64]]


class Answer(NamedTuple):
    """Whether the design is first, and among the first; how far off the box is, in sides of it; how much of it is shared."""

    is_first: bool
    is_found: bool
    off: float
    shared: float
    seconds: float


class Gallery:
    """Images of known designs, described."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.images = ImageFolder(source / "images")
        began = time.process_time()
        folder.mkdir(parents=True, exist_ok=True)
        region_store.describe(folder, self.images, processes=None, progress=True)
        table, self.regions = region_store.read(folder)
        self.names: list[str] = table["filename"].to_pylist()
        with (source / "truth.csv").open(encoding="utf-8", newline="") as file:
            self.truth = {row["filename"]: row for row in csv.DictReader(file)}
        self.ids = np.array([self.truth[name]["design_id"] for name in self.names])
        self.seconds = time.process_time() - began

    def draw(self, n: int, rng: np.random.Generator, n_boxes: int = 1) -> list[Design]:
        """Draw boxes on a colorway of some designs."""
        return [self._design(one, rng, n_boxes) for one in rng.permutation(np.unique(self.ids))[:n]]

    def _design(self, which: str, rng: np.random.Generator, n_boxes: int) -> Design:
        rows = np.flatnonzero(self.ids == which)
        first = [row for row in rows if not self.truth[self.names[row]].get("duplicate_of")]
        query = int(rng.choice(first))
        name = self.names[query]
        same = [row for row in rows if name in (self.names[row], self.truth[self.names[row]].get("duplicate_of"))]
        image, _, _ = opened(self.images.read(name), target=10_000, caller="benchmark")
        scans = [row for row in rows if self.truth[self.names[row]].get("duplicate_of") and row not in same]  # cropped: their places differ
        return Design(
            image, [box_on(image, rng) for _ in range(n_boxes)], np.array(same), np.setdiff1d(rows, scans), self._shifts(name, image)
        )

    def _shifts(self, name: str, image: Picture) -> list[NDArray[np.float64]]:
        row = self.truth[name]
        if "repeat_px" not in row:
            return [np.diag([float(side) for side in image.size])]
        width, height = map(int, row["repeat_px"].split("x"))
        return [basis(row["repeat"], width, height), drawn_lattice(int(row["design_id"][2:]) - 1)]


def box_on(image: Picture, rng: np.random.Generator) -> Box:
    """Draw a box that shows at least 0.8 of the edges of its image."""
    width, height = image.size
    edges = without_color(np.asarray(image))[..., 1].astype(float)
    while True:
        w = rng.uniform(0.2, 0.5) * width
        h = np.clip(w * rng.uniform(0.75, 1.33), 0.2 * height, 0.5 * height)
        x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
        if edges[int(y) : int(y + h), int(x) : int(x + w)].mean() >= 0.8 * edges.mean():
            return x, y, x + w, y + h


def enlarged(image: Picture, boxes: list[Box], scale: float) -> tuple[Picture, list[Box]]:
    """Show the part larger, by a cut around it, or smaller, by more repeats around it."""
    (width, height), (left, top, right, bottom) = image.size, boxes[0]
    across, down = width / scale, height / scale
    if scale > 1:
        x, y = np.clip((left + right - across) / 2, 0, width - across), np.clip((top + bottom - down) / 2, 0, height - down)
    else:
        x = y = 0.0
        image = Image.fromarray(np.tile(np.asarray(image), (2, 2, 1)))
    cut = image.resize((width, height), Image.Resampling.BICUBIC, (x, y, x + across, y + down), 3)
    return cut, [((a - x) * scale, (b - y) * scale, (c - x) * scale, (d - y) * scale) for a, b, c, d in boxes]


def turned(image: Picture, boxes: list[Box]) -> tuple[Picture, list[Box]]:
    width = image.width
    return image.transpose(Image.Transpose.ROTATE_90), [(b, width - c, d, width - a) for a, b, c, d in boxes]


def saved(image: Picture, boxes: list[Box]) -> tuple[Picture, list[Box]]:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=25)
    return Image.open(file).convert("RGB"), boxes


def alone(image: Picture, boxes: list[Box]) -> tuple[Picture, list[Box]]:
    """Put the part on a plain ground, its most frequent color."""
    pixels = np.asarray(image)
    colors, counts = np.unique(pixels.reshape(-1, 3) // 16, axis=0, return_counts=True)
    plain = np.broadcast_to(colors[counts.argmax()] * 16 + 8, pixels.shape).astype(np.uint8)
    for left, top, right, bottom in boxes:
        part = np.s_[round(top) : round(bottom), round(left) : round(right)]
        plain[part] = pixels[part]
    return Image.fromarray(plain), boxes


ROWS: dict[str, Callable[[Picture, list[Box]], tuple[Picture, list[Box]]]] = {
    "itself": lambda image, boxes: (image, boxes),
    "another colorway": lambda image, boxes: (image, boxes),
    "and at 0.8 of its size": lambda image, boxes: enlarged(image, boxes, 0.8),
    "and at 1.25 of its size": lambda image, boxes: enlarged(image, boxes, 1.25),
    "and turned by a quarter": turned,
    "and as JPEG of quality 25": saved,
    "and at 0.6 of the light": lambda image, boxes: (ImageEnhance.Brightness(image).enhance(0.6), boxes),
    "and cut out, on plain ground": alone,
}


def ask(gallery: Gallery, design: Design, disturb: Callable[..., tuple[Picture, list[Box]]], *, is_own_there: bool) -> Answer:
    """Ask one question."""
    began = time.process_time()
    image, boxes = disturb(design.image, design.boxes)
    rows = np.arange(len(gallery.names))
    rows = rows if is_own_there else np.setdiff1d(rows, design.own)
    views = views_of(image, [tuple(np.array(box) / np.tile(image.size, 2)) for box in boxes])
    found = gallery.regions.find(views, rows, n=region_store.LISTED)
    seconds = time.process_time() - began
    same = gallery.ids[found.rows[:FIRST]] == gallery.ids[design.own[0]]
    judged = [place for place in np.flatnonzero(same) if found.rows[place] in design.right]
    if not judged:
        return Answer(bool(same[0]), bool(same.any()), np.nan, np.nan, seconds)
    fits = [fit(there, box, design.shifts) for there, box in zip(found.boxes[judged[0]], design.boxes, strict=True)]
    return Answer(bool(same[0]), True, max(off for off, _ in fits), min(shared for _, shared in fits), seconds)


def fit(there: Sequence[int], box: Box, lattices: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Return how far a box is off the nearest place where the part is, in sides of the box, and their intersection over union."""
    found, wanted = np.array(there, float), np.array(box)
    best = np.inf, 0.0
    for lattice in lattices:
        away = (found[:2] + found[2:] - wanted[:2] - wanted[2:]) / 2
        nearest = np.rint(away @ np.linalg.inv(lattice))
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                moved = wanted + np.tile((nearest + np.array([i, j])) @ lattice, 2)
                off = float(np.max(np.abs(found[:2] + found[2:] - moved[:2] - moved[2:]) / 2 / (moved[2:] - moved[:2])))
                best = min(best, (off, -shared_area(found, moved)))
    return best[0], -best[1]


def shared_area(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the intersection of two boxes over their union."""
    sides = np.maximum(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0)
    both = float(sides.prod())
    return both / float((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - both)


def interval(values: Sequence[float]) -> str:
    """Write a mean with its 95 % interval over designs."""
    rng, some = np.random.default_rng(0), np.array(values, float)
    means = rng.choice(some, (2000, len(some))).mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{some.mean():.3f} ({low:.3f}-{high:.3f})"


def report(title: str, answers: list[Answer]) -> None:
    placed = [a.off < 0.5 for a in answers if a.is_found and not np.isnan(a.off)]
    shared = [a.shared for a in answers if not np.isnan(a.shared)]
    print(
        f"{title:34} first {interval([a.is_first for a in answers])}  first {FIRST} {interval([a.is_found for a in answers])}"
        f"  box {interval(placed)}  IoU {np.mean(shared):.2f}  CPU ms {1e3 * np.median([a.seconds for a in answers]):.0f}",
        flush=True,
    )


def recall(gallery: Gallery, designs: list[Design]) -> None:
    """Print how much of the first hundred is found when only the best by fours of cells are looked at closely."""
    shares = []
    for design in designs:
        views = views_of(design.image, [tuple(np.array(box) / np.tile(design.image.size, 2)) for box in design.boxes])
        rows = np.arange(len(gallery.names))
        listed, full = (gallery.regions.find(views, rows, n=n).rows[:100] for n in (region_store.LISTED, len(rows)))
        shares.append(len(np.intersect1d(listed, full)) / 100)
    print(f"{'of the true first hundred, listed':34} {interval(shares)}, at worst {min(shares):.2f}")


def composed(cells: NDArray[np.int8], n: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Compose images of others (m, 14, 14, 36): one that is rolled, maybe mirrored, a rectangle of another in it, and noise."""
    made = np.empty((n, *cells.shape[1:]), np.int16)
    for image in made:
        ground, part = (np.roll(cells[rng.integers(len(cells))], rng.integers(0, 14, 2), (0, 1)) for _ in range(2))
        image[:] = ground[:: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
        height, width = rng.integers(4, 11, 2)
        y, x = rng.integers(0, 15 - height), rng.integers(0, 15 - width)
        image[y : y + height, x : x + width] = part[y : y + height, x : x + width]
    made += rng.integers(-6, 7, made.shape, dtype=np.int16)
    return made.clip(-127, 127).astype(np.int8)


def large(galleries: Sequence[Gallery], designs: list[Design], n: int, banned: NDArray[np.str_]) -> None:
    """Print the time of a question among many composed images, and its recall; `banned` designs are not among them."""
    rng = np.random.default_rng(0)
    squares = [(gallery.regions.grids == 14).all(1) & ~np.isin(gallery.ids, banned) for gallery in galleries]
    cells = np.concatenate([np.concatenate(g.regions.packed)[there] for g, there in zip(galleries, squares, strict=True)])
    blocks = [composed(cells.reshape(-1, 14, 14, 36), min(4096, n - i), rng).reshape(-1, N_BYTES) for i in range(0, n, 4096)]
    began = time.process_time()
    regions = Regions(blocks, np.full((n, 2), 14), np.full((n, 2), 384)).sieved()
    print(f"{n:,} images: codes of {len(regions.sieve.packed()) / n:,.0f} bytes an image in {time.process_time() - began:.0f} CPU s")
    walls, cpus, questions = [], [], []
    for design in designs:
        wall, cpu = time.perf_counter(), time.process_time()
        views = views_of(design.image, [tuple(np.array(box) / np.tile(design.image.size, 2)) for box in design.boxes])
        regions.find(views, np.arange(n), n=region_store.LISTED)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        questions.append((-1, views))
    print(f"median {np.median(walls):.2f} s of wall time, {np.median(cpus):.2f} s of CPU; most {max(cpus):.2f}")
    print(f"recall of the first hundred {regions.measured(questions, n=region_store.LISTED):.3f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--cache", type=Path, help="where what is described is kept for the next run")
    parser.add_argument("--queries", type=int, default=240)
    parser.add_argument("--large", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        gallery = Gallery(options.sample or draw_archive(Path(temporary) / "sample"), cache / "sample")
        designs = gallery.draw(options.queries, np.random.default_rng(1))
        chance = 1 - (1 - 3 / len(gallery.names)) ** FIRST
        print(f"{len(gallery.names):,} images of {N_BYTES:,} bytes, {len(designs)} queries; by chance {chance:.3f} in the first {FIRST}")
        for title, disturb in ROWS.items():
            report(title, [ask(gallery, design, disturb, is_own_there=title == "itself") for design in designs])
        pairs = gallery.draw(options.queries, np.random.default_rng(2), n_boxes=2)
        report("two boxes, another colorway", [ask(gallery, design, ROWS["itself"], is_own_there=False) for design in pairs])
        patterns = Gallery(options.data / "patterns", cache / "patterns")
        others = patterns.draw(options.queries, np.random.default_rng(3))
        report("patterns, another colorway", [ask(patterns, design, ROWS["itself"], is_own_there=False) for design in others])
        recall(gallery, designs[:20])
        report("patterns, alone on plain ground", [ask(patterns, design, alone, is_own_there=False) for design in others])
        for banned in ([], [gallery.ids[design.own[0]] for design in designs[:16]]):
            large([gallery, patterns], designs[:16], options.large, np.array(banned, str))
    began = time.process_time()
    for design in designs[:50]:
        describe_regions(design.image)
    print(f"CPU ms an image of {designs[0].image.width} pixels, decoded: {1e3 * (time.process_time() - began) / len(designs[:50]):.1f}")


if __name__ == "__main__":
    main()
