"""Pictures of what is found, to be looked at: `python benchmarks/contact_sheets.py ../shared/data OUT`.

24 designs with their first 8 hits, 12 to a page, for each model: of the sample archive, of `patterns` and `tartans` together, and of
`surfaces`. A frame is green around the query's own design, yellow around another of its category (its family, its kind), gray around the
rest. Pages, and the archives they are made of, go to OUT, which must lie outside this repository: the images are not ours to give
away. The shipped constants have seen these designs; `quality.py` scores constants that have not.
"""

import argparse
import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import benzer_lab as bl
from benzer_lab.hits import Hits

N_QUERIES, N_HITS, A_PAGE = 24, 8, 12
TILE, FRAME, GAP = 104, 4, 12
GREEN, YELLOW, GRAY = (30, 150, 60), (240, 190, 30), (215, 215, 215)
Truth = dict[str, tuple[str, str]]  # file name: design, category


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of patterns, tartans and surfaces")
    parser.add_argument("out", type=Path, help="where pages and archives go")
    parser.add_argument("--sample", type=Path, help="a sample archive that is there already")
    arguments = parser.parse_args()
    here = Path(__file__).resolve().parents[1]
    if arguments.out.resolve().is_relative_to(here):
        parser.error(f"OUT must be outside {here}: the images are not ours to give away")
    for name, archive, truth in archives(arguments.data, arguments.out, arguments.sample):
        for model in ("color", "pattern", "color+pattern"):
            found = [archive.find_similar(query, model=model, top_n=N_HITS) for query in chosen(truth)]
            for start in range(0, N_QUERIES, A_PAGE):
                rows = [*zip(chosen(truth), found, strict=True)][start : start + A_PAGE]
                page(archive, rows, truth).save(arguments.out / f"{name} {model} {start // A_PAGE + 1}.png")
            print(f"{name}, {model}: {told(chosen(truth), found, truth)}", flush=True)


def archives(data: Path, out: Path, sample: Path | None) -> Iterator[tuple[str, bl.Archive, Truth]]:
    """Open each archive, made where it is not there yet."""
    drawn = sample or out / "sample"
    if not drawn.exists():
        bl.draw_archive(drawn, progress=False)
    yield "sample", extracted(bl.Archive.open(drawn)), truth_of(drawn)
    for name, folders in {"patterns and tartans": ("patterns", "tartans"), "surfaces": ("surfaces",)}.items():
        for folder in folders:
            shutil.copytree(data / folder / "images", out / name / "images", dirs_exist_ok=True)
        truth = {filename: known for folder in folders for filename, known in truth_of(data / folder).items()}
        yield name, extracted(bl.Archive.open(out / name)), truth


def extracted(archive: bl.Archive) -> bl.Archive:
    archive.extract(models=["color", "pattern"], processes=1, progress=False)
    return archive


def truth_of(folder: Path) -> Truth:
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        return {row["filename"]: (row["design_id"], row.get("category") or row["family"]) for row in csv.DictReader(file)}


def chosen(truth: Truth) -> list[str]:
    """Choose queries of as many categories as there are, the same in every run."""
    names = np.random.default_rng(24).permutation(sorted(truth)).tolist()
    before: Counter[str] = Counter()
    turn = {}
    for name in names:
        category = truth[name][1]
        turn[name] = before[category]
        before[category] += 1
    return sorted(names, key=lambda name: turn[name])[:N_QUERIES]


def page(archive: bl.Archive, rows: list[tuple[str, Hits]], truth: Truth) -> Image.Image:
    """Lay out queries, at the left, and what was found."""
    sheet = Image.new("RGB", ((N_HITS + 1) * TILE + GAP, len(rows) * TILE), "white")
    for line, (query, hits) in enumerate(rows):
        sheet.paste(tile(archive, query, GREEN), (0, line * TILE))
        for place, hit in enumerate(hits.filenames):
            color = GREEN if truth[hit][0] == truth[query][0] else YELLOW if truth[hit][1] == truth[query][1] else GRAY
            sheet.paste(tile(archive, hit, color), ((place + 1) * TILE + GAP, line * TILE))
    return sheet


def tile(archive: bl.Archive, name: str, color: tuple[int, int, int]) -> Image.Image:
    with Image.open(archive.folder / "images" / name) as image:
        inner = ImageOps.fit(image.convert("RGB"), (TILE - 2 * FRAME - 4,) * 2)
    return ImageOps.expand(ImageOps.expand(inner, FRAME, color), 2, "white")


def told(queries: list[str], found: list[Hits], truth: Truth) -> str:
    """Count the hits that are the query's own design, and the others of its category."""
    pairs = [(truth[query], truth[hit]) for query, hits in zip(queries, found, strict=True) for hit in hits.filenames]
    own = sum(query[0] == hit[0] for query, hit in pairs)
    kind = sum(query[1] == hit[1] for query, hit in pairs) - own
    return f"of {len(pairs)} hits {own} are of the query's design, {kind} others of its category"


if __name__ == "__main__":
    main()
