"""The families of the sample archive: who draws them, what cloth they are made on, which colors they come in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benzer_lab._drawing import (
    batiks,
    brushes,
    damasks,
    florals,
    foliage,
    foulards,
    geometrics,
    heritage,
    lines,
    organics,
    ornaments,
    scenes,
    stitches,
    weaves,
    wovens,
)  # fmt: skip
from benzer_lab._drawing.canvas import Artwork
from benzer_lab._drawing.names import NAMES

_COTTONS = ("cotton poplin", "viscose", "cotton jersey")
_SILKS = ("silk twill", "viscose", "crepe")
_DRESS = ("viscose", "cotton poplin", "crepe", "linen")
_WOOL = ("wool flannel",)
_Draw = Callable[[np.random.Generator, int, int], Artwork]


@dataclass(frozen=True)
class Family:
    """One way of drawing.

    Attributes
    ----------
    draw : callable
        From a generator, a size in pixels and the number of the design within its family (from 0) to an artwork.
    names : tuple of str
        Names of its designs, in order; as many as it has designs.
    qualities : tuple of str
        Cloths it is made on.
    features : tuple of str
        What holds for each of its designs.
    colors : str
        Which range of palettes it comes in, a key of `COLOR_RANGES`; tartans have their own four.
    """

    draw: _Draw
    names: tuple[str, ...]
    qualities: tuple[str, ...]
    features: tuple[str, ...]
    colors: str = "prints"


_RULES: tuple[tuple[str, _Draw, tuple[str, ...], tuple[str, ...], str], ...] = (
    ("tartan", wovens.tartan, _WOOL, ("checks", "tartan", "woven"), "tartans"),
    ("ditsy floral", florals.ditsy, ("cotton poplin", "viscose"), ("floral",), "prints"),
    ("houndstooth", wovens.houndstooth, _WOOL, ("checks", "geometric", "woven"), "suitings"),
    ("ikat", heritage.ikat, ("silk twill", "viscose"), ("ethnic", "ikat"), "prints"),
    ("polka dots", lines.dots, (*_COTTONS, "crepe"), ("dots", "geometric"), "prints"),
    ("bouquet", florals.bouquet, _DRESS, ("floral",), "prints"),
    ("kilim", heritage.kilim, ("wool kilim",), ("ethnic", "geometric", "woven"), "prints"),
    ("stripes", lines.stripes, ("cotton poplin", "linen"), ("stripes",), "prints"),
    ("leaves", foliage.leaves, _DRESS, ("leaves", "botanical"), "prints"),
    ("ogee", ornaments.ogees, _SILKS, ("ogee", "traditional"), "prints"),
    ("toile", scenes.toile, ("linen", "cotton poplin"), ("toile", "traditional"), "prints"),
    ("watercolor", organics.watercolor, _SILKS, ("abstract",), "prints"),
    ("paisley", ornaments.paisley, _SILKS, ("paisley", "ethnic"), "prints"),
    ("gingham", wovens.gingham, ("cotton poplin",), ("checks", "woven"), "shirtings"),
    ("tulip", florals.tulips, _SILKS, ("floral", "traditional", "ethnic"), "prints"),
    ("geometric", geometrics.geometric, (*_COTTONS, "crepe"), ("geometric",), "prints"),
    ("batik", batiks.batik, ("cotton poplin", "silk twill"), ("batik", "ethnic"), "prints"),
    ("foulard", foulards.foulard, ("silk twill",), ("foulard", "geometric"), "prints"),
    ("meadow", florals.meadow, ("linen", "viscose", "cotton poplin"), ("floral", "botanical"), "prints"),
    ("damask", damasks.damask, ("silk twill", "viscose"), ("damask", "traditional"), "prints"),
    ("memphis", brushes.memphis, _COTTONS, ("geometric", "retro"), "prints"),
    ("animal", organics.animal, ("viscose", "crepe", "cotton jersey"), ("animal",), "skins"),
    ("brush", brushes.brush, _DRESS, ("abstract", "brush"), "prints"),
    ("star tile", heritage.star_tiles, (*_COTTONS, "linen"), ("geometric", "ethnic"), "prints"),
    ("herringbone", wovens.herringbone, _WOOL, ("herringbone", "woven"), "suitings"),
    ("camouflage", organics.camouflage, ("cotton jersey", "cotton poplin"), ("camouflage", "abstract"), "fields"),
    ("glen check", wovens.glen_check, _WOOL, ("checks", "woven"), "suitings"),
    ("cintamani", heritage.cintamani, _SILKS, ("ethnic", "traditional"), "prints"),
    ("flame stitch", stitches.flame_stitch, ("cotton jersey", "wool flannel"), ("geometric",), "prints"),
    ("jacquard diamond", weaves.jacquard_diamond, ("wool flannel", "silk twill"), ("jacquard", "geometric", "woven"), "suitings"),
    ("seersucker", weaves.seersucker, ("cotton poplin",), ("stripes", "seersucker", "woven"), "shirtings"),
    ("birdseye", weaves.birdseye, _WOOL, ("suiting", "woven"), "suitings"),
)
FAMILIES = {kind: Family(draw, NAMES[kind], qualities, features, colors) for kind, draw, qualities, features, colors in _RULES}


def plan() -> list[tuple[str, int]]:
    """List the designs as (family, number within it): each family once, then all of them evenly until the largest ends."""
    designs = [(kind, variant) for kind, family in FAMILIES.items() for variant in range(len(family.names))]
    return sorted(designs, key=lambda design: design[1] / len(FAMILIES[design[0]].names))
