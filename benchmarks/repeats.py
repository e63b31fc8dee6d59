"""How often the repeat of a design is found: `python benchmarks/repeats.py [--data DATA] [--sample SAMPLE]`.

The sample archive is drawn where it is not given. Its truth is what `truth.csv` says, or the drawing's own smallest lattice where that is
finer (the file names the tile that was drawn, in which a motif may repeat); of tartans it is the sett, as the trade has it, whether or not
the twill that binds it closes there, too. A half-drop of w x h and a brick of 2w x h/2 are one lattice; how often name and sides
are those that the file has stands beside it. DATA holds `tartans/` and `surfaces/`; without it those lines are left out.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._drawing.cloth import expand_sett, parse_sett
from benzer_lab._drawing.families import FAMILIES, plan
from benzer_lab._drawing.wovens import setts
from benzer_lab.repeats import Repeat, find_repeat
from benzer_lab.sample import SEASONS, _is_worn, draw_archive

Basis = NDArray[np.float64]
SIZE = 384
PLAIN = {
    "Asphalt", "Bark", "Cardboard", "Clay", "Concrete", "Cork", "Granite", "Grass", "Gravel", "Ground", "Ice", "Lava", "Leather", "Marble",
    "Metal", "Moss", "Onyx", "Paper", "Plaster", "Plastic", "Porcelain", "Road", "Rock", "Rocks", "Rubber", "Rust", "Snow", "Terrazzo",
    "Travertine",
}  # fmt: skip
TARTANS = 30  # spread evenly over the thread counts
SHOWN, FEWEST, MOST = 1.7, 72, 600  # as measured on them: an image shows 1.7 repeats, but never fewer or more threads than these


class Answer(NamedTuple):
    """What was found in an image, and what is right: `is_right` is None where nothing is to be seen."""

    kind: str
    found: Repeat
    is_there: bool
    is_right: bool
    is_written: bool  # as truth.csv has it, side by side


def basis(kind: str, width: float, height: float) -> Basis:
    """Return two shifts that bring units of this kind onto each other."""
    shifts = {
        "straight": ((width, 0), (0, height)),
        "half-drop": ((width, height / 2), (0, height)),
        "brick": ((width / 2, height), (width, 0)),
    }
    return np.array(shifts[kind], float)


def is_same(claimed: Basis, truth: Basis, *, within: float = 0.03) -> bool:
    """Tell whether each of two lattices holds the other's shifts within 3 % of their lengths."""
    for these, those in ((claimed, truth), (truth, claimed)):
        parts = these @ np.linalg.inv(those)
        off = (parts - np.rint(parts)) @ those
        if (np.hypot(*off.T) > within * np.hypot(*these.T)).any() or not np.rint(parts).any(1).all():
            return False
    return bool(abs(np.linalg.det(claimed) / np.linalg.det(truth)).round(1) == 1)


def drawn_lattice(number: int) -> Basis:
    """Return the smallest shifts that leave the plan of inks of a sample design as it is."""
    rng = np.random.default_rng([0, number])
    kind, variant = plan()[number]
    quality = str(rng.choice(FAMILIES[kind].qualities))  # the draws of `draw_archive`, in its order
    rng.choice([season for season in SEASONS if _is_worn(quality, season)])
    inks = FAMILIES[kind].draw(rng, SIZE, variant).coverage.astype(float)
    power = (np.abs(np.fft.rfft2(inks - inks.mean((1, 2), keepdims=True))) ** 2).sum(0)
    alike = np.fft.irfft2(power, (SIZE, SIZE))
    y, x = np.nonzero(alike > (1 - 2e-3) * alike[0, 0])
    places = np.concatenate([np.stack([x + i * SIZE, y + j * SIZE], 1) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    places = places[np.argsort(np.hypot(*places.T), kind="stable")][1:].astype(float)
    aside = np.abs(places[0, 0] * places[:, 1] - places[0, 1] * places[:, 0]) > 0.2 * np.hypot(*places[0]) * np.hypot(*places.T)
    return np.array([places[0], places[aside][0]])


def truths(row: dict[str, str]) -> tuple[list[Basis], bool]:
    """Return the lattices that are right for a sample image, and whether any is to be seen."""
    number = int(row["design_id"][2:]) - 1
    kind, variant = plan()[number]
    width, height = map(int, row["repeat_px"].split("x"))
    if kind == "tartan":
        n = len(list(setts().values())[variant])
        repeats = 8 if n <= 24 else 2 if n <= 116 and (n <= 108 or n % 4 == 2) else 1
        return [basis("straight", SIZE / repeats, SIZE / repeats)], repeats > 1
    is_there = (width, height) not in {(SIZE, SIZE), (SIZE, 1), (1, SIZE)}
    return [basis(row["repeat"], width, height), drawn_lattice(number)], is_there


def judged(row: dict[str, str], found: Repeat, lattices: list[Basis], is_there: bool) -> Answer:
    """Set what was found against the truth."""
    if found.width is None or found.height is None:
        return Answer(row["repeat"], found, is_there, not is_there, not is_there)
    # A side of the unit that is not seen to repeat is told as long as the image, which of a scan is cropped
    width, height = (SIZE if side == whole else side for side, whole in zip((found.width, found.height), found.size, strict=True))
    is_right = is_there and any(is_same(basis(found.kind, width, height), lattice) for lattice in lattices)
    written = [int(side) for side in row["repeat_px"].split("x")]
    is_written = found.kind == row["repeat"] and bool(np.allclose((width, height), written, rtol=0.03))
    return Answer(row["repeat"], found, is_there, is_right, is_written)


def sample_answers(folder: Path) -> Iterator[tuple[str, Answer]]:
    """Yield the file name and the answer for two colorways of each design, and for each scan."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    designs: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        designs.setdefault(row["design_id"], []).append(row)
    for i, colorways in enumerate(designs.values()):
        known = truths(colorways[0])
        own = [row for row in colorways if not row["duplicate_of"]]
        for row in [own[i % 4], own[(i + 2) % 4], *(row for row in colorways if row["filename"].startswith("Scan_"))]:
            yield row["filename"], judged(row, find_repeat(folder / "images" / row["filename"]), *known)


def tartan_answers(folder: Path) -> Iterator[Answer]:
    """Yield the answers for tartans of all sizes of sett."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        files = {row["design_id"]: row["filename"] for row in csv.DictReader(file) if row["colorway"] == "modern"}
    with (folder / "setts.csv").open(encoding="utf-8", newline="") as file:
        threads = {row["id"]: len(expand_sett(*parse_sett(row["threadcount"]))) for row in csv.DictReader(file) if row["id"] in files}
    names = sorted(threads, key=lambda name: (threads[name], name))
    for name in names[:: len(names) // TARTANS][:TARTANS]:
        path = folder / "images" / files[name]
        found, shown = find_repeat(path), min(max(SHOWN, FEWEST / threads[name]), MOST / threads[name])
        side = Image.open(path).width / shown
        row = {"repeat": "straight", "repeat_px": f"{side:.0f}x{side:.0f}"}
        yield judged(row, found, [basis("straight", side, side)], shown >= SHOWN)


def share(answers: Iterable[bool]) -> str:
    """Write how many of some answers are so."""
    answers = list(answers)
    return f"{sum(answers):4} of {len(answers):4}  {sum(answers) / max(len(answers), 1):6.1%}"


def report(title: str, answers: list[Answer]) -> None:
    """Print one table."""
    print(f"\n{title}")
    there = [a for a in answers if a.is_there]
    for kind in ("straight", "half-drop", "brick"):
        if any(a.kind == kind for a in there):
            some = [a for a in there if a.kind == kind]
            print(f"  {kind:12} unit within 3 %  {share(a.is_right for a in some)}   as written {share(a.is_written for a in some)}")
    print(f"  {'all':12} unit within 3 %  {share(a.is_right for a in there)}")
    print(f"  {'none there':12} claimed          {share(a.found.kind != 'none' for a in answers if not a.is_there)}")


def calibration(answers: list[Answer]) -> None:
    """Print how often answers of each confidence are right, 'none' too."""
    print("\nconfidence    answers   mean    right")
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.0)):
        some = [a for a in answers if low <= a.found.confidence < high or high == a.found.confidence == 1]
        if some:
            mean = np.mean([a.found.confidence for a in some])
            print(f"{low:.2f}-{high:.2f}     {len(some):7}   {mean:.3f}   {np.mean([a.is_right for a in some]):.3f}")


def surfaces(folder: Path) -> None:
    """Print how often plain materials are said to repeat."""
    plain = [path for path in sorted((folder / "images").iterdir()) if path.stem.split("-")[1] in PLAIN]
    found = [find_repeat(path) for path in plain]
    print(f"\nplain surfaces (photographs)\n  claimed {share(one.kind != 'none' for one in found)}")
    print("  ", ", ".join(path.stem for path, one in zip(plain, found, strict=True) if one.kind != "none"))


def cost(folder: Path) -> None:
    """Print the time of an image that is decoded already."""
    images = [Image.open(path).convert("RGB") for path in sorted((folder / "images").iterdir())[::40]]
    took = []
    for image in images:
        began = time.process_time()
        find_repeat(image)
        took.append(time.process_time() - began)
    print(f"\nCPU ms an image of {SIZE} px: mean {1e3 * np.mean(took):.1f}, median {1e3 * np.median(took):.1f}, most {1e3 * max(took):.1f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--sample", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sample = options.sample or draw_archive(Path(folder) / "sample")
        named = list(sample_answers(sample))
        scans = [answer for name, answer in named if name.startswith("Scan_")]
        report("sample, two colorways of each design", [answer for name, answer in named if not name.startswith("Scan_")])
        report("sample, scanned again", scans)
        wrong = [f"{name} {a.found.kind} {a.found.width} x {a.found.height}" for name, a in named if not a.is_right]
        print("\nwrong:", *wrong, sep="\n  ")
        tartans = []
        if (options.data / "tartans").is_dir():
            tartans = list(tartan_answers(options.data / "tartans"))
            report(f"{len(tartans)} tartans", tartans)
        calibration([*(answer for _, answer in named), *tartans])
        if (options.data / "surfaces").is_dir():
            surfaces(options.data / "surfaces")
        cost(sample)


if __name__ == "__main__":
    main()
