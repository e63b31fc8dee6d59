"""The families of the sample archive: who draws them, what their designs are called, what cloth they are made on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benzer_lab._drawing import florals, geometrics, heritage, organics, wovens
from benzer_lab._drawing.canvas import Artwork

_COTTONS = ("cotton poplin", "viscose", "cotton jersey")
_SILKS = ("silk twill", "viscose", "crepe")
_DRESS = ("viscose", "cotton poplin", "crepe", "linen")


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
    """

    draw: Callable[[np.random.Generator, int, int], Artwork]
    names: tuple[str, ...]
    qualities: tuple[str, ...]
    features: tuple[str, ...]


FAMILIES = {
    "tartan": Family(
        wovens.tartan, tuple(f"{name} Ekose" for name in wovens.setts())[:5], ("wool flannel",), ("checks", "tartan", "woven")
    ),
    "ditsy floral": Family(
        florals.ditsy, ("Gül Bahçesi", "Papatya", "Liberty Lane", "Nisan Yağmuru", "Kır Çiçeği"), ("cotton poplin", "viscose"), ("floral",)
    ),
    "houndstooth": Family(
        wovens.houndstooth, ("Kazayağı", "Galata", "Puppytooth", "Pera", "Beyoğlu"), ("wool flannel",), ("checks", "geometric", "woven")
    ),
    "ikat": Family(
        heritage.ikat, ("Buhara", "Semerkant", "Halep Yolu", "Kutnu", "Margilan"), ("silk twill", "viscose"), ("ethnic", "ikat")
    ),
    "polka dots": Family(
        geometrics.dots, ("Pin Dot", "Puantiye", "Madalyon", "Konfeti", "Bilye"), (*_COTTONS, "crepe"), ("dots", "geometric")
    ),
    "bouquet": Family(florals.bouquet, ("Şakayık", "Gülistan", "Anemon", "Gelincik", "Peony Garden"), _DRESS, ("floral",)),
    "kilim": Family(
        heritage.kilim,
        ("Iğdır Kilim", "Uşak Kilim", "Döşemealtı", "Kula Kilim", "Sivrihisar"),
        ("wool kilim",),
        ("ethnic", "geometric", "woven"),
    ),
    "stripes": Family(wovens.stripes, ("Şile", "Bodrum Stripe", "Regatta", "Çeşme", "Kordon"), ("cotton poplin", "linen"), ("stripes",)),
    "leaves": Family(florals.leaves, ("Çınar", "Sarmaşık", "Eğreltiotu", "Zeytin Dalı", "Olive Row"), _DRESS, ("leaves", "botanical")),
    "ogee": Family(heritage.ogees, ("Kemha", "Seraser", "Küçük Kemha", "Topkapı", "Damask Hall"), _SILKS, ("ogee", "traditional")),
    "herringbone": Family(
        wovens.herringbone, ("Balıksırtı", "Ağrı", "Chester", "Kaşmir Yolu", "Donegal"), ("wool flannel",), ("herringbone", "woven")
    ),
    "watercolor": Family(
        organics.watercolor, ("Ebru", "Sis", "Boğaz", "Monsoon", "Suluboya"), ("viscose", "silk twill", "crepe"), ("abstract",)
    ),
    "paisley": Family(heritage.paisley, ("Şal", "Buta", "Kashmir", "Acem Şalı", "Lahur"), _SILKS, ("paisley", "ethnic")),
    "gingham": Family(wovens.gingham, ("Pazen", "Ünye", "Picnic", "Tattersall", "Köy Kahvesi"), ("cotton poplin",), ("checks", "woven")),
    "tulip": Family(florals.tulips, ("Lâle", "Karanfil", "Lâle Devri", "İznik", "Küçük Lâle"), _SILKS, ("floral", "traditional", "ethnic")),
    "geometric": Family(geometrics.geometric, ("Yelpaze", "Escher", "Halka", "Harlequin", "Petek"), (*_COTTONS, "crepe"), ("geometric",)),
    "camouflage": Family(
        organics.camouflage,
        ("Woodland", "Kaplan", "Fırça", "Keşif", "Piksel"),
        ("cotton jersey", "cotton poplin"),
        ("camouflage", "abstract"),
    ),
    "foulard": Family(geometrics.foulard, ("Yonca", "Madison", "Baklava", "Eton", "Kravat"), ("silk twill",), ("foulard", "geometric")),
    "meadow": Family(
        florals.meadow,
        ("Yayla", "Çayır", "Hıdırellez", "Wild Carrot", "Bahar"),
        ("linen", "viscose", "cotton poplin"),
        ("floral", "botanical"),
    ),
    "glen check": Family(
        wovens.glen_check, ("Galler Prensi", "Glen Urquhart", "Sokak", "Windsor", "Moda"), ("wool flannel",), ("checks", "woven")
    ),
    "cintamani": Family(
        heritage.cintamani, ("Çintemani", "Üç Benek", "Kaftan", "Pars Beneği", "Şehzade"), _SILKS, ("ethnic", "traditional")
    ),
    "flame stitch": Family(
        geometrics.flame_stitch, ("Alev", "Bargello", "Köpük", "Gökkuşağı", "Firenze"), ("cotton jersey", "wool flannel"), ("geometric",)
    ),
    "animal": Family(organics.animal, ("Leopar", "Zebra", "Çita", "Vaşak", "Safari"), ("viscose", "crepe", "cotton jersey"), ("animal",)),
    "star tile": Family(
        heritage.star_tiles,
        ("Selçuk Yıldızı", "Kubadabad", "Alâeddin", "Mozaik", "Sultanhanı"),
        (*_COTTONS, "linen"),
        ("geometric", "ethnic"),
    ),
}
