"""The sample archive: designs drawn by rule from a seed, with known truth."""

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageColor
from tqdm import tqdm

from benzer_lab._checks import integer, nfc
from benzer_lab._disk import publishing, replacing
from benzer_lab._drawing.canvas import Array, Artwork
from benzer_lab._drawing.cloth import grain
from benzer_lab._drawing.copies import rescan, scan_name, scanned, twin, twin_name
from benzer_lab._drawing.families import FAMILIES, Family, plan
from benzer_lab._drawing.palettes import COLOR_RANGES, PALETTES, TARTAN_RANGES
from benzer_lab._workers import spread
from benzer_lab.errors import BenzerError, InputError
from benzer_lab.progress import Progress

Row = tuple["_Truth", dict[str, str | list[str]]]
SEASONS = ("SS23", "AW23", "SS24", "AW24", "SS25", "AW25")
METADATA, TRUTH = "image_metadata_map.json", "truth.csv"
_OPTIONS: dict[str, Any] = {"quality": 90, "subsampling": 0, "compress_level": 4}  # each format takes what it knows
_LIGHT = frozenset(name for light, _ in COLOR_RANGES.values() for name in light)


@dataclass(frozen=True)
class _Truth:
    """One row of truth.csv: what is known about an image because it was drawn by rule."""

    filename: str
    design_id: str
    design: str
    family: str
    colorway: str
    palette: str
    repeat: str
    repeat_px: str
    duplicate_of: str = ""


def draw_archive(
    folder: Path | str,
    *,
    n_designs: int = 480,
    size: int = 384,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Progress = True,
) -> Path:
    """Draw textile designs in four colorways each, with their metadata and the truth about them.

    Writes ``images/``, ``image_metadata_map.json`` (``{filename: {design, season, quality, features}}``) and ``truth.csv``, all
    of them complete or none. The columns of ``truth.csv`` are filename, design_id, design, family, colorway, palette (hex, largest
    area first), repeat (straight, half-drop or brick), repeat_px (width x height of the tile in pixels, such as 64x128) and
    duplicate_of. As in life some images lie there twice: one of twenty designs has a colorway under a second file name, three of
    forty have one that was scanned again (cropped, noisy, with a cast); duplicate_of names the file they come from and is empty else.

    Parameters
    ----------
    folder : Path or str
        Where to write; made if missing. It may hold other files, but no images and no metadata.
    n_designs : int, default=480
        How many designs, 1 to 480, of 32 families in turn; each gives four images. All of them give 1,920 images, and 24 files that
        are copies and 36 scans beside these.
    size : int, default=384
        Width and height of an image in pixels, a multiple of 64 from 64 to 1024: the finest repeat goes 64 times into it. A scan is
        up to a twelfth smaller.
    random_state : int, default=0
        Seed, 0 or more. The same seed and library versions draw the same pixels, whatever `n_jobs` is.
    n_jobs : int or None, default=None
        Processes to draw with; 1 draws in this one, None takes one a processor.
    progress : bool or callable, default=True
        Whether to show a progress bar; or a function of how many designs are done and how many there are, called in this process at
        the start and after each design.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When an argument is out of range, or `folder` already holds images or metadata.
    ArchiveError
        When the disk refuses.
    """
    n_designs, size, random_state, n_jobs = _checked(n_designs, size, random_state, n_jobs)
    folder = Path(folder)
    _refuse_taken(folder)
    with replacing(folder / TRUTH) as truth_file, replacing(folder / METADATA) as metadata_file, publishing(folder / "images") as images:
        drawn = _told(_drawn(images, n_designs, size, random_state, n_jobs), n_designs, progress)
        rows = sorted((row for rows in drawn for row in rows), key=lambda row: row[0].filename)
        with truth_file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(asdict(rows[0][0])), lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(truth) for truth, _ in rows)
        metadata = {truth.filename: record for truth, record in rows}
        metadata_file.write_text(json.dumps(metadata, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder


def _told(drawn: Iterator[list[Row]], total: int, progress: Progress) -> Iterator[list[Row]]:
    """Pass the rows on and tell how far the drawing is."""
    if not callable(progress):
        yield from tqdm(drawn, total=total, unit="design", disable=not progress)
        return
    progress(0, total)
    for done, rows in enumerate(drawn, start=1):
        yield rows
        progress(done, total)


def _checked(n_designs: int, size: int, random_state: int, n_jobs: int | None) -> tuple[int, int, int, int]:
    """Check the numbers that `draw_archive` was given."""
    most = sum(len(family.names) for family in FAMILIES.values())
    n_designs = integer(n_designs, caller="draw_archive", name="n_designs", low=1)
    if n_designs > most:
        raise InputError(f"draw_archive: n_designs must be {most} or fewer, as many as there are rules to draw by; got {n_designs}.")
    size = integer(size, caller="draw_archive", name="size", low=64)
    if size % 64 or size > 1024:
        raise InputError(f"draw_archive: size must be a multiple of 64 from 64 to 1024, so that every repeat closes; got {size}.")
    random_state = integer(random_state, caller="draw_archive", name="random_state", low=0)
    n_jobs = integer(os.cpu_count() or 1 if n_jobs is None else n_jobs, caller="draw_archive", name="n_jobs", low=1)
    return n_designs, size, random_state, n_jobs


def _refuse_taken(folder: Path) -> None:
    """Raise InputError when the archive would overwrite or mix with what is there."""
    images = folder / "images"
    taken = [folder / name for name in (METADATA, TRUTH) if (folder / name).exists()]
    if images.exists() and (not images.is_dir() or any(images.iterdir())):
        taken.insert(0, images)
    if taken:
        raise InputError(f"draw_archive: folder must hold no archive yet; got {taken[0]}. Name another folder, or move that away first.")


def _drawn(images: Path, n_designs: int, size: int, random_state: int, n_jobs: int) -> Iterator[list[Row]]:
    """Yield the rows of each design as it is drawn."""
    draw = partial(_draw_design, images=images, size=size, random_state=random_state)
    if n_jobs == 1:
        yield from map(draw, range(n_designs))
        return
    for chunk, rows in spread(lambda numbers: draw(*numbers), [[number] for number in range(n_designs)], min(n_jobs, n_designs)):
        if rows is None:
            raise BenzerError(f"draw_archive: design {chunk[0]} ended the process that drew it, most often for want of memory.")
        yield rows


def _draw_design(number: int, *, images: Path, size: int, random_state: int) -> list[Row]:
    """Draw the design of this number in its four colorways, and what lies in the archive twice; return the rows of truth and metadata."""
    rng = np.random.default_rng([random_state, number])
    kind, variant = plan()[number]
    family = FAMILIES[kind]
    quality = str(rng.choice(family.qualities))
    season = str(rng.choice([season for season in SEASONS if _is_worn(quality, season)]))
    artwork = family.draw(rng, size, variant)
    cloth = grain(rng, quality, size) if artwork.relief is None else artwork.relief
    design_id, design = f"D-{number + 1:04d}", nfc(family.names[variant])
    rows: list[Row] = []
    for place, colorway in enumerate(_colorways(rng, family)):
        filename = nfc("_".join([design_id, design, colorway]).replace(" ", "-")) + _suffix(number)
        image = _colored(artwork, cloth, colorway)
        image.save(images / filename, **_OPTIONS)
        features = [*family.features, *artwork.features, *_ground(artwork, colorway)]
        truth = _Truth(
            filename, design_id, design, kind, colorway, _palette(artwork, colorway), artwork.repeat, "{}x{}".format(*artwork.repeat_px)
        )
        record: dict[str, str | list[str]] = {"design": design, "season": season, "quality": quality, "features": features}
        rows.append((truth, record))
        if twin(number) == place:
            copy = twin_name(filename, number)
            shutil.copyfile(images / filename, images / copy)
            rows.append((replace(truth, filename=copy, duplicate_of=filename), record))
        if rescan(number) == place:
            scan = nfc(scan_name(design, number))
            scanned(rng, image).save(images / scan, quality=82)
            rows.append((replace(truth, filename=scan, duplicate_of=filename), {**record, "features": []}))
    return rows


def _suffix(number: int) -> str:
    """Choose the format of a design's files: JPEG for most, PNG for one in sixteen, TIFF for one in forty."""
    return ".png" if number % 16 == 5 else ".tif" if number % 40 == 11 else ".jpg"


def _is_worn(quality: str, season: str) -> bool:
    """Whether a cloth is sold in a season: wool in autumn and winter, linen in spring and summer."""
    return not (quality.startswith("wool") and season.startswith("SS")) and not (quality == "linen" and season.startswith("AW"))


def _colorways(rng: np.random.Generator, family: Family) -> list[str]:
    """Choose four palettes: the ranges that tartans are woven in, else two on light and two on dark grounds."""
    if family.colors not in COLOR_RANGES:
        return list(TARTAN_RANGES)
    return [name for grounds in COLOR_RANGES[family.colors] for name in _two(rng, grounds)]


def _two(rng: np.random.Generator, grounds: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Choose a palette, and another from the half of them that is most unlike it."""
    first = str(rng.choice(list(grounds)))
    colors = {name: np.array([ImageColor.getrgb(color) for color in palette[:3]], dtype=float) for name, palette in grounds.items()}
    others = sorted((name for name in grounds if name != first), key=lambda name: (-np.abs(colors[name] - colors[first]).sum(), name))
    return [first, str(rng.choice(others[: len(grounds) // 2]))]


def _ground(artwork: Artwork, colorway: str) -> list[str]:
    """Say whether a print lies on a light or a dark ground; a weave has none."""
    if artwork.relief is not None:
        return []
    return ["light ground" if colorway in _LIGHT else "dark ground"]


def _colored(artwork: Artwork, cloth: Array, colorway: str) -> Image.Image:
    """Color an artwork of shape (k, size, size) and lay it on its cloth."""
    # Sums of products one by one, not a matrix product: that would round otherwise on another processor.
    pixels = np.zeros((3, *cloth.shape), dtype=np.float32)
    for coverage, ink in zip(artwork.coverage, artwork.inks, strict=True):
        for plane, value in zip(pixels, ImageColor.getrgb(PALETTES[colorway][ink]), strict=True):
            plane += coverage * np.float32(value)
    pixels *= cloth
    return Image.fromarray(np.ascontiguousarray(np.moveaxis(pixels.round().clip(0, 255).astype(np.uint8), 0, 2)))


def _palette(artwork: Artwork, colorway: str) -> str:
    """List the colors that an artwork shows, in hex, the largest area first; those under half a percent are left out."""
    areas = artwork.coverage.mean(axis=(1, 2))
    return " ".join(PALETTES[colorway][artwork.inks[i]] for i in np.argsort(-areas, kind="stable") if areas[i] >= 0.005)
