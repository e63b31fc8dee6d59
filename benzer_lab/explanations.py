"""Explanations: why a hit was found."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import Metric
from benzer_lab.embedding import Picture, picture_of
from benzer_lab.errors import BenzerError, ImageError, MissingExtraError
from benzer_lab.features import FeatureSet, unit
from benzer_lab.images import encode_thumbnail
from benzer_lab.matches import SharedColor, match_palettes, match_places, places_of
from benzer_lab.metadata import Metadata
from benzer_lab.palettes import MERGED, Palette, palette_of
from benzer_lab.recipes import TARGET

CALLER = "explain"
ONLY_COLOR = "Only colors were compared; they match wherever they lie."
PALE = 0.3  # heat: a pair whose warmest place is below this, as of designs drawn at random, is shown as veiled all over
VEIL = (128, 0.85, 0.7, 112)  # gray level, the most of it, power of the heat that lifts it, pixels of the shorter side
BAR = ("#2f6480", "#c98a3a", "#7a7a7a")  # of the parts of the score, in a notebook

Floats = NDArray[np.float32]
Colors = list[tuple[str, float]]
Side = Literal["query", "hit"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """Why a hit was found.

    Parameters
    ----------
    rank : int
        Of the hit, from 1.
    filename : str
        The hit.
    query : str or None
        The file name it is set against; None where the query was an image or a palette. Of several images that were asked for it is the one
        nearest to the hit.
    n_queries : int
        How many were asked for.
    model, version, metric : str
        What was compared, and how.
    score, similarity : float
        Of the hit, as `Hits` has them.
    cosines : dict of str to float
        By model, how alike query and hit are: -1 to 1, 1 is the same. Several queries count as their mean, as in the search.
    weights : dict of str to float
        By model, how much it counts; they sum to 1.
    shared_palette : list of SharedColor or None
        The colors that both show, those that both show much of first.
    query_palette, hit_palette : list of (str, float) or None
        All colors of either: hex and share.
    query_heat, hit_heat : ndarray of shape (h, w), float32, or None
        From 0 to 1: how well each place has its like in the other image, and how much it stands out. The places cover the whole image, 14
        on its shorter side.
    shared_metadata : dict
        Fields of equal value; of a field of several values those that both have.
    missing : dict of str to str
        Why `palette` or `heat` is None, in a sentence.
    pictures : tuple of two images, or None
        The query and the hit, as they were looked at.
    """

    rank: int
    filename: str
    query: str | None
    n_queries: int
    model: str
    version: str
    metric: str
    score: float
    similarity: float
    cosines: dict[str, float]
    weights: dict[str, float]
    shared_palette: list[SharedColor] | None
    query_palette: Colors | None
    hit_palette: Colors | None
    query_heat: Floats | None
    hit_heat: Floats | None
    shared_metadata: dict[str, Any]
    missing: dict[str, str]
    pictures: tuple[Image.Image | None, Image.Image | None] = field(repr=False)

    @property
    def parts(self) -> dict[str, float]:
        """By model, its part of the cosine, which is the score where that is the metric: weight times cosine; they add up."""
        return {model: self.weights[model] * cosine for model, cosine in self.cosines.items()}

    @property
    def shares(self) -> dict[str, float]:
        """By model, its share of what speaks for the hit: from 0 to 1, in all 1; all 0 where nothing does."""
        parts = {model: max(part, 0.0) for model, part in self.parts.items()}
        return {model: part / (sum(parts.values()) or 1) for model, part in parts.items()}

    def strip(self, side: Side) -> list[tuple[str, float, bool]]:
        """Return the palette of one side, its shared colors first, in the order that both sides have.

        Parameters
        ----------
        side : {'query', 'hit'}
            Of which image.

        Returns
        -------
        list of (str, float, bool)
            Hex, share of the image, and whether the other side shows it, too; empty where the palette is not known.
        """
        palette = (self.query_palette if side == "query" else self.hit_palette) or []
        order = [getattr(shared, side) for shared in self.shared_palette or ()]
        place = {color: order.index(color) if color in order else len(order) for color, _ in palette}
        return [(color, share, color in order) for color, share in sorted(palette, key=lambda one: place[one[0]])]

    def __repr__(self) -> str:
        """Say what the score is made of, and what is shared."""
        sums = " + ".join(f"{model} {part:.3f}" for model, part in self.parts.items())
        colors = "" if self.shared_palette is None else f", {len(self.shared_palette)} shared colors"
        fields = f", same {', '.join(self.shared_metadata)}" if self.shared_metadata else ""
        return f"Explanation({self.filename!r}, rank {self.rank}, {sums} = {sum(self.parts.values()):.3f}{colors}{fields})"

    def veil(self, side: Side) -> bytes | None:
        """Return what hides the places of an image that are not like the other, to be laid over it at the same size.

        Parameters
        ----------
        side : {'query', 'hit'}
            Over which image.

        Returns
        -------
        bytes or None
            PNG of gray that is the clearer the warmer a place is, beside the warmest of the pair; None where there is no heat.
        """
        heat, picture = {"query": (self.query_heat, self.pictures[0]), "hit": (self.hit_heat, self.pictures[1])}[side]
        if heat is None or picture is None or self.query_heat is None or self.hit_heat is None:
            return None
        gray, most, power, side_pixels = VEIL
        width, height = (round(side_pixels * pixels / min(picture.size)) for pixels in picture.size)
        fine = np.asarray(Image.fromarray(heat).resize((width, height), Image.Resampling.BICUBIC)).clip(0, 1)
        warmest = max(float(self.query_heat.max()), float(self.hit_heat.max()), PALE)
        alpha = most * (1 - np.minimum(fine / warmest, 1) ** power)
        file = io.BytesIO()
        pixels = np.stack([np.full_like(alpha, gray), 255 * alpha], axis=-1).round().astype(np.uint8)
        Image.fromarray(pixels, "LA").save(file, "PNG")
        return file.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Return all but the pictures as plain values, as JSON holds them.

        Returns
        -------
        dict
            Keys as the attributes, and `parts` and `shares`; heat as lists of rows, rounded to thousandths.
        """
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "pictures"}
        heats = {name: None if plain[name] is None else plain[name].astype(float).round(3).tolist() for name in ("query_heat", "hit_heat")}
        shared = None if self.shared_palette is None else [color._asdict() for color in self.shared_palette]
        return plain | heats | {"shared_palette": shared, "parts": self.parts, "shares": self.shares}

    def _repr_html_(self) -> str:
        """Draw it for a notebook."""
        root = Element("div", style="max-width:760px;font-size:13px")
        SubElement(root, "div").text = repr(self)
        pair = SubElement(root, "div", style="display:flex;gap:12px;margin:8px 0")
        sides: tuple[Side, Side] = ("query", "hit")
        for side, picture, name in zip(sides, self.pictures, (self.query or "the query", self.filename), strict=True):
            figure = SubElement(pair, "figure", style="margin:0;flex:1")
            if picture is not None:
                layers = [_url("png", self.veil(side)), _url("webp", encode_thumbnail(picture, 380))]
                shape = f"aspect-ratio:{picture.width}/{picture.height};background-size:100% 100%;border-radius:6px"
                SubElement(figure, "div", style=f"{shape};background-image:{','.join(layer for layer in layers if layer)}")
            SubElement(figure, "figcaption").text = name
        shares = list(zip(self.shares.items(), BAR, strict=False))
        _strip(root, [(color, share, f"{model} {share:.0%}", 10) for (model, share), color in shares])
        SubElement(root, "div").text = ", ".join(f"{model} {share:.0%}" for (model, share), _ in shares)
        for side in sides:
            _strip(root, [(color, share, f"{side}: {color} {share:.0%}", 22 if both else 8) for color, share, both in self.strip(side)])
        lines = [*(f"{field}: {_text(value)}" for field, value in self.shared_metadata.items()), *self.missing.values()]
        for line in dict.fromkeys(lines):
            SubElement(root, "div").text = line
        return ElementTree.tostring(root, encoding="unicode", method="html")


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What a search compared. Its hits hold it, so that any of them can be explained later; nothing is computed before.

    Parameters
    ----------
    features : FeatureSet of shape (n, d)
        What was searched.
    metadata : Metadata of n rows
        What is known of it.
    metric : {'cosine', 'l2'}
        By which measure.
    weights : dict of str to float
        How much each model counts; they sum to 1.
    vectors : ndarray of shape (q, d)
        The rows that were asked for.
    rows : ndarray of shape (q,) or (0,), int64
        Where they stand among the features, if they do.
    shown : sequence of images or palettes, length q or 0
        What they are rows of, where they do not.
    picture : callable, optional
        Gives the image of a file name, or raises ImageError.
    """

    features: FeatureSet
    metadata: Metadata
    metric: Metric
    weights: Mapping[str, float]
    vectors: NDArray[np.float64]
    rows: NDArray[np.int64]
    shown: Sequence[Picture | Palette]
    picture: Callable[[str], Image.Image] | None
    looks: dict[int, "_Look"] = field(default_factory=dict, repr=False)

    def explain(self, filename: str, *, rank: int, score: float, similarity: float) -> Explanation:
        """Explain one of the hits.

        Parameters
        ----------
        filename : str
            Which.
        rank, score, similarity : int, float and float
            As the search gave them.

        Returns
        -------
        Explanation
            Where an image is gone, without what needs it.
        """
        row = int(self.features.rows([filename], caller=CALLER)[0])
        cosines = {model: float(self._unit(model, self.features.x[row]) @ self._middle(model)) for model in self.weights}
        nearest = self._nearest(row)
        query, hit = self._look_of_query(nearest), _Look(lambda: self._load(filename))
        heats, missing = self._heats(query, hit)
        reason = query.reason or hit.reason
        if query.palette is None or hit.palette is None:
            missing["palette"] = reason
            shared = None
        else:
            asked = self.shown[nearest] if self.shown else None
            shared = match_palettes(query.palette, hit.palette, tolerance=asked.tolerance if isinstance(asked, Palette) else MERGED)
        return Explanation(
            rank=rank,
            filename=filename,
            query=self._name(nearest) if len(self.rows) else None,
            n_queries=len(self.vectors),
            model=self.features.model,
            version=self.features.version,
            metric=self.metric,
            score=score,
            similarity=similarity,
            cosines=cosines,
            weights=dict(self.weights),
            shared_palette=shared,
            query_palette=query.palette,
            hit_palette=hit.palette,
            query_heat=heats[0],
            hit_heat=heats[1],
            shared_metadata=self._shared_metadata(nearest, row),
            missing=missing,
            pictures=(query.image, hit.image),
        )

    def _unit(self, model: str, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Return the part of rows (..., d) that belongs to a model, at length 1."""
        return unit(rows[..., (self.features.blocks or {}).get(model, slice(None))])

    def _middle(self, model: str) -> NDArray[np.float64]:
        """Return what stands for all that was asked for: the mean, as the search takes it."""
        rows = self.vectors if self.metric == "l2" and self.features.blocks is None else self._unit(model, self.vectors)
        return unit(rows.mean(axis=0))

    def _nearest(self, row: int) -> int:
        """Return which of several queries is nearest to a row."""
        x = np.asarray(self.features.x[row], np.float64)
        if self.metric == "l2" and self.features.blocks is None:
            return int(np.linalg.norm(self.vectors - x, axis=1).argmin())
        scores = [weight * (self._unit(model, self.vectors) @ self._unit(model, x)) for model, weight in self.weights.items()]
        return int(np.sum(scores, axis=0).argmax())

    def _name(self, nearest: int) -> str:
        """Return the file name of a query of the archive."""
        return str(self.features.filenames[self.rows[nearest]])

    def _load(self, filename: str) -> Image.Image:
        """Return an image of the archive."""
        if self.picture is None:
            raise ImageError(f"{CALLER}: images must be known to compare them; this search knows rows. Search by Archive.find_similar.")
        return self.picture(filename)

    def _look_of_query(self, nearest: int) -> "_Look":
        """Return a query as it is looked at; kept, since the next hit is compared with it, too."""
        if nearest not in self.looks:
            self.looks[nearest] = self._look(nearest)
        return self.looks[nearest]

    def _look(self, nearest: int) -> "_Look":
        if len(self.rows):
            return _Look(lambda: self._load(self._name(nearest)))
        if not self.shown:
            return _Look(_nothing_to_show)
        shown = self.shown[nearest]
        if isinstance(shown, Palette):
            return _Look(shown.picture, sorted(shown.shares.items(), key=lambda color: -color[1]))
        return _Look(lambda: picture_of(shown, target=TARGET, caller=CALLER))

    def _heats(self, query: "_Look", hit: "_Look") -> tuple[tuple[Floats, Floats] | tuple[None, None], dict[str, str]]:
        """Return how the places of both are alike, or why that is not known."""
        if all(model == "color" or not weight for model, weight in self.weights.items()):
            return (None, None), {"heat": ONLY_COLOR}
        if query.image is None or hit.image is None:
            return (None, None), {"heat": query.reason or hit.reason}
        try:
            return match_places(query.places, hit.places), {}
        except MissingExtraError as error:
            return (None, None), {"heat": str(error)}

    def _shared_metadata(self, nearest: int, row: int) -> dict[str, Any]:
        """Return what is known of both and the same."""
        if not len(self.rows):
            return {}
        query, hit = self.metadata.records(np.array([self.rows[nearest], row]), self.metadata.fields)
        return {name: both for name in query if (both := _both(query[name], hit[name])) not in (None, "", [])}


class _Look:
    """An image as it is looked at, or why it cannot be; each thing is computed when it is first asked for."""

    def __init__(self, load: Callable[[], Image.Image], palette: Colors | None = None) -> None:
        self.image: Image.Image | None = None
        self.reason = ""
        self._palette = palette
        try:
            self.image = load()
        except BenzerError as error:
            self.reason = str(error)

    @cached_property
    def palette(self) -> Colors | None:
        return palette_of(self.image) if self._palette is None and self.image is not None else self._palette

    @cached_property
    def places(self) -> Floats:
        assert self.image is not None
        return places_of(self.image)


def _nothing_to_show() -> Image.Image:
    """Say what a query lacks that came as numbers."""
    raise ImageError(f"{CALLER}: query must be an image or a name to be looked at; it came as a row.")


def _both(one: Any, other: Any) -> Any:
    """Return what two values of a field have in common."""
    if isinstance(one, list) and isinstance(other, list):
        return [value for value in dict.fromkeys(one) if value in other]
    return one if one == other else None


def _url(kind: str, content: bytes | None) -> str:
    """Return a picture as CSS takes it; nothing where there is none."""
    return "" if content is None else f"url(data:image/{kind};base64,{base64.b64encode(content).decode()})"


def _strip(root: Element, parts: Sequence[tuple[str, float, str, int]]) -> None:
    """Draw colors beside each other, each as wide as its share, with a title and a height."""
    strip = SubElement(root, "div", style="display:flex;margin-top:3px")
    for color, share, title, height in parts:
        SubElement(strip, "div", style=f"flex:{share:.4f} 0 0;height:{height}px;background:{color}", title=title)


def _text(value: object) -> str:
    """Return a value of a field as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
