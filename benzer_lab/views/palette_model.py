"""The colors that are looked for: added, weighed and taken away one by one, and as an address holds them."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import param
from PIL import Image

from benzer_lab.errors import BenzerError, InputError
from benzer_lab.images import encode_thumbnail
from benzer_lab.palettes import Palette, palette_of
from benzer_lab.thumbnails import SIZES
from benzer_lab.views.catalog import OwnImage

if TYPE_CHECKING:
    from benzer_lab.views.search_model import SearchModel

MOST = 12  # colors on the page; a designer's palette has five to eight
STEP = 5  # percent that a click adds or takes
STRIPES = 256  # pixels of the side of a palette's picture
_HEX = re.compile("#?([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_WRITTEN = re.compile(
    r"(?P<colors>[0-9A-F]{6}(-\d+(\.\d+)?)?(_[0-9A-F]{6}(-\d+(\.\d+)?)?)*)(_(?P<must_show>all|any)(_(?P<tolerance>\d+))?)?"
)


class PaletteModel(param.Parameterized):  # type: ignore[misc]
    """The palette that a search asks for, as a visitor changes it; every change asks again.

    Parameters
    ----------
    search : SearchModel
        Which holds the palette.
    """

    is_open = param.Boolean(default=False, doc="Whether the colors are shown.")
    error = param.Tuple(default=("", {}), length=2, constant=True, doc="Which word says what was wrong, and its values; empty if nothing.")

    def __init__(self, search: "SearchModel") -> None:
        super().__init__()
        self._search = search
        search.param.watch(self._follow, ["palette", "query", "own_image"])

    @property
    def palette(self) -> Palette | None:
        """What is asked for; None while it is no palette."""
        palette: Palette | None = self._search.palette
        return palette

    @property
    def parts(self) -> dict[str, int]:
        """The colors as '#RRGGBB' and their shares in percent, which sum to 100; empty while no palette is asked for."""
        return percents(self.palette.shares) if self.palette else {}

    @property
    def source(self) -> str | OwnImage | None:
        """Whose colors can be taken: what is looked for, where it is an image."""
        asked = self._search.asked
        if isinstance(asked, str):
            return asked if self._search.archive.images is not None else None
        return asked if isinstance(asked, OwnImage) else None

    def toggle(self) -> None:
        """Show the colors, or no longer."""
        self.is_open = not self.is_open

    def add(self, text: str) -> None:
        """Add the colors that a text names; each gets the share that the others have on average.

        Parameters
        ----------
        text : str
            Hex with or without '#', as '#B83B5E' or '#b35', several apart by spaces or commas.
        """
        parts: dict[str, float] = {**self.parts}
        try:
            colors = colors_in(text)
        except InputError:
            self._refuse("no_hex", text=text.strip()[:40])
            return
        if len({*parts, *colors}) > MOST:
            self._refuse("too_many_colors", n=MOST)
            return
        share = 100 / len(parts) if parts else 100
        for color in colors:
            parts = parts | {color: parts.get(color, 0) + share}
        self._ask(parts)

    def replace(self, place: int, color: str) -> None:
        """Put another color in the place of one, at the same share.

        Parameters
        ----------
        place : int
            From 0; one where no color is changes nothing.
        color : str
            As '#B83B5E'.
        """
        shares: dict[str, float] = {}
        for i, (held, share) in enumerate(self.parts.items()):
            name = color.upper() if i == place else held
            shares[name] = shares.get(name, 0) + share
        self._ask(shares)

    def weigh(self, place: int, by: int) -> None:
        """Give a color more or less of the whole; the others keep their shares of the rest.

        Parameters
        ----------
        place : int
            From 0; one where no color is changes nothing.
        by : int
            Percent.
        """
        parts = self.parts
        if not 0 <= place < len(parts) or len(parts) == 1:
            return
        color = list(parts)[place]
        share = min(max(parts[color] + by, 1), 101 - len(parts))
        rest = (100 - share) / (100 - parts[color])
        self._ask({held: share if held == color else part * rest for held, part in parts.items()})

    def divide(self, place: int, share: float) -> None:
        """Move the border between a color and the next one.

        Parameters
        ----------
        place : int
            Of the color before the border, from 0.
        share : float
            Percent of the whole that it is to have; the next one gets what is left of both.
        """
        parts = self.parts
        if not 0 <= place < len(parts) - 1 or not np.isfinite(share):
            return
        color, other = list(parts)[place : place + 2]
        both = parts[color] + parts[other]
        parts[color] = min(max(round(share), 1), both - 1)
        parts[other] = both - parts[color]
        self._ask(parts)

    def remove(self, place: int) -> None:
        """Take a color away; with the last one nothing is asked any more.

        Parameters
        ----------
        place : int
            From 0; one where no color is changes nothing.
        """
        self._ask({color: share for i, (color, share) in enumerate(self.parts.items()) if i != place})

    def demand(self, must_show: str) -> None:
        """Find the nearest palettes, or only designs that show the colors.

        Parameters
        ----------
        must_show : {'', 'all', 'any'}
            Nothing must be shown, or all of the colors, or any.
        """
        if must_show in ("", "all", "any"):
            self._ask(self.parts, must_show=must_show or None)

    def tolerate(self, tolerance: float) -> None:
        """Take other colors for these, too.

        Parameters
        ----------
        tolerance : float
            CIEDE2000; whole numbers from 4 to 50 are taken.
        """
        if np.isfinite(tolerance):
            self._ask(self.parts, tolerance=min(max(round(tolerance), 4), 50))

    def read_colors(self, source: str | OwnImage) -> list[tuple[str, float]]:
        """Find the colors of an image; it may be done in another thread.

        Parameters
        ----------
        source : str or OwnImage
            A name in the archive, or an image of one's own.

        Returns
        -------
        list of (str, float)
            As `palette_of` returns it, the largest `MOST`.

        Raises
        ------
        BenzerError
            When it cannot be read.
        """
        images = self._search.archive.images
        if isinstance(source, str):
            if images is None:
                raise InputError(f"read_colors: images must be known to read {source!r}; there are none beside the archive.")
            return palette_of(images.read(images.locate(source) or source))[:MOST]
        return palette_of(source.image)[:MOST]

    def take(self, colors: Sequence[tuple[str, float]]) -> None:
        """Look for colors in place of the image that they were read from.

        Parameters
        ----------
        colors : sequence of (str, float)
            As `read_colors` returned it.
        """
        self._ask(dict(colors))

    def fail(self, source: str | OwnImage, error: BenzerError) -> None:
        """Say why the colors of an image could not be read."""
        self._refuse("no_colors", name=source if isinstance(source, str) else source.name, reason=str(error))

    def _ask(self, shares: Mapping[str, float], **changed: Any) -> None:
        """Ask for colors with these shares."""
        self._say("", {})
        before = self.palette
        options = {"must_show": before.must_show, "tolerance": before.tolerance} if before else {}
        self._search.recolor(Palette(percents(shares), **(options | changed)) if shares else None)

    def _refuse(self, word: str, **values: Any) -> None:
        self._say(word, values)

    def _say(self, word: str, values: dict[str, Any]) -> None:
        with param.edit_constant(self):
            self.error = (word, values)

    def _follow(self, *events: param.parameterized.Event) -> None:
        """Show the colors when they are asked for, by whatever way."""
        self._say("", {})
        self.is_open = self.is_open or self.palette is not None


def colors_in(text: str) -> list[str]:
    """Read the colors that a text names.

    Parameters
    ----------
    text : str
        Hex of six or three digits, with or without '#', apart by spaces, commas or semicolons.

    Returns
    -------
    list of str
        As '#RRGGBB', each once, at least one.

    Raises
    ------
    InputError
        When a part of it is no color, or there is none.

    Examples
    --------
    >>> colors_in("#b83b5e, fed")
    ['#B83B5E', '#FFEEDD']
    """
    names = [name for name in re.split(r"[\s,;]+", text) if name]
    found = [_HEX.fullmatch(name) for name in names]
    if not names or not all(found):
        raise InputError(f"colors_in: text must name colors as #B83B5E; got {text!r:.80}.")
    digits = [match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1]) for match in found if match]
    return list(dict.fromkeys(f"#{six.upper()}" for six in digits))


def percents(shares: Mapping[str, float]) -> dict[str, int]:
    """Bring shares to whole percents that sum to 100, each at least 1, by the largest remainder.

    Parameters
    ----------
    shares : mapping of str to float
        Of at most 100 colors, above 0.

    Returns
    -------
    dict of str to int
        In the same order.

    Examples
    --------
    >>> percents({"#B83B5E": 2, "#F5EBDD": 1})
    {'#B83B5E': 67, '#F5EBDD': 33}
    """
    weights = np.array(list(shares.values()), float)
    exact = weights / weights.sum() * 100
    whole = np.maximum(np.floor(exact), 1).astype(int)
    while whole.sum() != 100:
        short = whole.sum() < 100
        whole[(exact - whole if short else np.where(whole > 1, whole - exact, -np.inf)).argmax()] += 1 if short else -1
    return dict(zip(shares, whole.tolist(), strict=True))


def written(palette: Palette) -> str:
    """Return a palette as an address holds it, of letters that no address has to escape.

    Parameters
    ----------
    palette : Palette
        Which.

    Returns
    -------
    str
        Hex and percent of each color; after them, if anything must be shown, what and within which tolerance.

    Examples
    --------
    >>> written(Palette({"#B83B5E": 2, "#F5EBDD": 1}, must_show="any", tolerance=12))
    'B83B5E-67_F5EBDD-33_any_12'
    """
    colors = [f"{color[1:]}-{share}" for color, share in percents(palette.shares).items()]
    return "_".join([*colors, *([palette.must_show, f"{palette.tolerance:g}"] if palette.must_show else [])])


def read(text: str) -> Palette:
    """Return the palette that an address holds.

    Parameters
    ----------
    text : str
        As `written` returned it; a color without a percent weighs 1.

    Returns
    -------
    Palette
        The same.

    Raises
    ------
    InputError
        When it holds none.
    """
    match = _WRITTEN.fullmatch(text)
    if not match or text.count("_") > MOST + 2:
        raise InputError(f"read: text must be colors as 'B83B5E-67_F5EBDD-33'; got {text!r:.80}.")
    pairs = [color.partition("-") for color in match["colors"].split("_")]
    weights = {f"#{color}": float(weight or 1) for color, _, weight in pairs}
    must_show = cast(Literal["all", "any"] | None, match["must_show"])
    return Palette(percents(Palette(weights).shares), must_show, float(match["tolerance"] or 8))


@lru_cache(maxsize=64)
def picture(mark: str, size: str) -> bytes:
    """Draw a palette as stripes as wide as the colors' shares.

    Parameters
    ----------
    mark : str
        As `written` returned it.
    size : {'tiny', 'small', 'large'}
        Of the picture.

    Returns
    -------
    bytes
        WebP.
    """
    parts = percents(read(mark).shares)
    ends = np.cumsum([0, *parts.values()]) * STRIPES // 100
    rgb = np.array([list(bytes.fromhex(color[1:])) for color in parts], np.uint8)
    row = np.repeat(rgb, np.diff(ends), axis=0)
    return encode_thumbnail(Image.fromarray(np.broadcast_to(row, (STRIPES, STRIPES, 3)).copy()), SIZES[size])
