"""Words of the trade in two languages: what colors and motifs are called."""

from collections.abc import Mapping

import numpy as np

from benzer_lab.color import delta_e, rgb_to_lab

LANGUAGES = ("en", "tr")
# Of each color that has a name of its own among dyers: English, Turkish, sRGB
COLORS = (
    ("black", "siyah", "#1A1A1C"),
    ("charcoal", "antrasit", "#43464B"),
    ("gray", "gri", "#8C8F92"),
    ("light gray", "açık gri", "#C8CACB"),
    ("white", "beyaz", "#FBFBF9"),
    ("cream", "krem", "#F3EBDA"),
    ("beige", "bej", "#D9C4A3"),
    ("camel", "deve tüyü", "#B98D5B"),
    ("brown", "kahverengi", "#6E4A2F"),
    ("burgundy", "bordo", "#6B1B2E"),
    ("red", "kırmızı", "#C3272E"),
    ("coral", "mercan", "#EE7560"),
    ("rose", "gül kurusu", "#BD6B78"),
    ("pink", "pembe", "#EFA9BF"),
    ("fuchsia", "fuşya", "#C42C83"),
    ("purple", "mor", "#62357F"),
    ("lilac", "lila", "#B69CCF"),
    ("navy", "lacivert", "#1C2A50"),
    ("blue", "mavi", "#2E62A8"),
    ("light blue", "açık mavi", "#9DC1DF"),
    ("turquoise", "turkuaz", "#2FA4A6"),
    ("petrol", "petrol", "#1B5560"),
    ("green", "yeşil", "#2F7D4A"),
    ("dark green", "koyu yeşil", "#1E4530"),
    ("mint", "mint", "#A9D8BE"),
    ("khaki", "haki", "#7B7A4B"),
    ("mustard", "hardal", "#C99A2B"),
    ("yellow", "sarı", "#F2D23F"),
    ("orange", "turuncu", "#E5792B"),
    ("terracotta", "kiremit", "#B4532F"),
)
# What archives write of their designs; a word that is not here stays as it stands
MOTIFS: Mapping[str, str] = {
    "abstract": "soyut",
    "all-over": "serpme",
    "animal": "hayvan deseni",
    "art deco": "art deko",
    "bands": "bantlı",
    "batik": "batik",
    "bold": "iri",
    "botanical": "botanik",
    "brush": "fırça",
    "camouflage": "kamuflaj",
    "checks": "kareli",
    "damask": "damask",
    "dark ground": "koyu zemin",
    "diagonal": "çapraz",
    "ditsy": "minik çiçekli",
    "dots": "puantiyeli",
    "ethnic": "etnik",
    "fine": "ince",
    "floral": "çiçekli",
    "foulard": "fular",
    "geometric": "geometrik",
    "gingham": "pötikareli",
    "grid": "ızgara",
    "herringbone": "balıksırtı",
    "horizontal": "yatay",
    "houndstooth": "kazayağı",
    "ikat": "ikat",
    "jacquard": "jakarlı",
    "kilim": "kilim",
    "large scale": "büyük ölçekli",
    "lattice": "kafes",
    "leaves": "yapraklı",
    "leopard": "leopar",
    "light ground": "açık zemin",
    "lozenges": "baklava",
    "medium scale": "orta ölçekli",
    "multicolor": "çok renkli",
    "ogee": "ogee",
    "painterly": "resimsi",
    "paisley": "şal deseni",
    "patchwork": "kırkyama",
    "pinstripe": "ince çizgili",
    "plaid": "ekose",
    "scenic": "manzaralı",
    "set motif": "yerleşik motif",
    "small scale": "küçük ölçekli",
    "stepped": "basamaklı",
    "stripes": "çizgili",
    "tartan": "ekose",
    "tile": "çini",
    "toile": "toile de jouy",
    "tone on tone": "ton sür ton",
    "tossed": "savruk",
    "traditional": "geleneksel",
    "two-tone": "iki renkli",
    "vertical": "dikey",
    "waves": "dalgalı",
    "wild flowers": "kır çiçekli",
    "woven": "dokuma",
    "zebra": "zebra",
    "zigzag": "zikzak",
}
_ENGLISH = {turkish: english for english, turkish in MOTIFS.items()}


def color_words(color: str) -> dict[str, str]:
    """Name a color.

    Parameters
    ----------
    color : str
        As '#RRGGBB'.

    Returns
    -------
    dict of str to str
        The nearest of `COLORS`, by language.
    """
    wanted = rgb_to_lab(_rgb(color)[None])
    known = rgb_to_lab(np.stack([_rgb(hexed) for *_, hexed in COLORS]))
    english, turkish, _ = COLORS[int(delta_e(wanted, known).argmin())]
    return {"en": english, "tr": turkish}


def motif_words(word: str) -> dict[str, str]:
    """Translate a word of an archive, from whichever language it is in.

    Parameters
    ----------
    word : str
        Such as 'floral' or 'çiçekli'.

    Returns
    -------
    dict of str to str
        By language; the word itself in both where it is not known.
    """
    folded = word.strip().lower()
    if folded in MOTIFS:
        return {"en": folded, "tr": MOTIFS[folded]}
    return {"en": _ENGLISH.get(folded, word), "tr": word}


def _rgb(color: str) -> np.ndarray:
    """Return a hex as three numbers from 0 to 255."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.float64)
