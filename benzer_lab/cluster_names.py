"""What a cluster is made of, and what to call it."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lgamma
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import Metric
from benzer_lab._distances import parts, seen_by, squared
from benzer_lab._engine import Floats
from benzer_lab.metadata import Metadata
from benzer_lab.palettes import palette_of
from benzer_lab.vocabulary import LANGUAGES, color_words, motif_words

TYPICAL = 12  # images that stand for a cluster
COLORS = 6  # of a palette, at most
NAMED_COLORS = 3  # of these, words that a name may have
WORDS = 2  # of a name, at first
FALSE = 0.01  # of the traits that are told, the part that may be chance
SIDE = 64  # pixels of a typical image as its colors are counted

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Trait:
    """A feature that a cluster has more of than the rest of the archive.

    Parameters
    ----------
    feature : str
        As the metadata write it.
    share, elsewhere : float
        Which part of the cluster has it, and of all other images, 0 to 1.
    p : float
        How likely so many of them would be drawn by chance (hypergeometric).
    """

    feature: str
    share: float
    elsewhere: float
    p: float


@dataclass(frozen=True)
class Cluster:
    """What one cluster is made of.

    Parameters
    ----------
    label : int
        Its number; the largest cluster is 0.
    n : int
        Images in it.
    names : mapping of str to str
        What to call it, by language; no two clusters have one name.
    typical : tuple of str
        File names of the images nearest to its middle, nearest first; colorways of a design after one of each.
    palette : tuple of (str, float)
        Hex and share of the colors of those, largest first.
    traits : tuple of Trait
        The strongest first; one in a hundred may be chance.
    seasons, qualities : mapping of str to float
        Which part of the cluster is of each, 0 to 1, largest first.
    """

    label: int
    n: int
    names: Mapping[str, str]
    typical: tuple[str, ...]
    palette: tuple[tuple[str, float], ...]
    traits: tuple[Trait, ...]
    seasons: Mapping[str, float]
    qualities: Mapping[str, float]


def describe(
    x: Floats,
    labels: Labels,
    filenames: Sequence[str],
    metadata: Metadata,
    *,
    metric: Metric,
    picture: Callable[[str], bytes | None] | None,
) -> Iterator[Cluster]:
    """Say what each cluster is made of; names follow when all are known, by `named`.

    Parameters
    ----------
    x : ndarray or memmap of shape (n, d)
        Rows.
    labels : ndarray of shape (n,), int32
        The cluster of each from 0, -1 for none.
    filenames : sequence of str, length n
        The images.
    metadata : Metadata of n rows
        Of them.
    metric : {'cosine', 'l2'}
        By which they were clustered.
    picture : callable or None
        Gives the WebP picture of a file name, or None where there is none.

    Yields
    ------
    Cluster
        Without names, by their labels.
    """
    traits = traits_of(labels, metadata)
    for label in range(int(labels.max(initial=-1)) + 1):
        rows = np.flatnonzero(labels == label)
        typical = tuple(filenames[row] for row in _middle(x, rows, metric, metadata.designs))
        yield Cluster(
            label=label,
            n=len(rows),
            names={},
            typical=typical,
            palette=_palette(typical, picture),
            traits=traits.get(label, ()),
            seasons=_shares(rows, "season", metadata),
            qualities=_shares(rows, "quality", metadata),
        )


def traits_of(labels: Labels, metadata: Metadata) -> dict[int, tuple[Trait, ...]]:
    """Find the features that clusters have more of than chance would give them.

    Parameters
    ----------
    labels : ndarray of shape (n,), int32
        The cluster of each image from 0, -1 for none.
    metadata : Metadata of n rows
        Whose `features` count.

    Returns
    -------
    dict of int to tuple of Trait
        By label, the strongest first: those whose share exceeds that elsewhere by most. One in a hundred of all may be chance.

    References
    ----------
    .. [1] Benjamini, Hochberg, Controlling the false discovery rate, Journal of the Royal Statistical Society B 57, 1995.
    """
    if "features" not in metadata.fields or labels.max(initial=-1) < 0:
        return {}
    codes = metadata.codes("features")
    rows = np.arange(len(labels)) if codes.parents is None else codes.parents
    there = codes.codes >= 0
    k, m = int(labels.max()) + 1, len(codes.values)
    in_cluster = there & (labels[rows] >= 0)
    both = np.bincount(labels[rows[in_cluster]] * m + codes.codes[in_cluster], minlength=k * m).reshape(k, m)
    having, sizes, n = np.bincount(codes.codes[there], minlength=m), np.bincount(labels[labels >= 0], minlength=k), len(labels)
    tested = [(label, word) for label, word in zip(*np.nonzero(both), strict=True)]
    p = np.array([chance(int(both[c, w]), int(having[w]), int(sizes[c]), n) for c, w in tested])
    order = p.argsort(kind="stable")
    passed = p[order] <= FALSE * np.arange(1, len(p) + 1) / max(len(p), 1)
    told: dict[int, list[Trait]] = {}
    for place in order[: int(np.flatnonzero(passed).max(initial=-1)) + 1]:
        label, word = map(int, tested[place])
        elsewhere = (having[word] - both[label, word]) / max(n - sizes[label], 1)
        trait = Trait(str(codes.values[word]), float(both[label, word] / sizes[label]), float(elsewhere), float(p[place]))
        told.setdefault(label, []).append(trait)
    return {label: tuple(sorted(traits, key=lambda one: one.elsewhere - one.share)) for label, traits in told.items()}


def chance(found: int, having: int, drawn: int, n: int) -> float:
    """Return how likely it is to draw as many that have a feature.

    Parameters
    ----------
    found : int
        How many of those drawn have it.
    having, drawn, n : int
        How many have it, how many are drawn, how many there are.

    Returns
    -------
    float
        Probability of `found` or more, 0 to 1: the upper tail of the hypergeometric distribution.
    """
    several = np.arange(found, min(having, drawn) + 1)
    ways = [_ways(having, int(i)) + _ways(n - having, drawn - int(i)) - _ways(n, drawn) for i in several if drawn - i <= n - having]
    return float(min(np.exp(ways).sum(), 1.0))


def named(clusters: Sequence[Cluster], *, by_color: bool = False) -> dict[int, dict[str, str]]:
    """Call each cluster by what it has more of than others, and by its colors.

    Parameters
    ----------
    clusters : sequence of Cluster
        All of an archive's.
    by_color : bool, default=False
        Whether the colors come first, as where clusters are of colors.

    Returns
    -------
    dict of int to dict of str to str
        By label and language; no two have the same name in a language.
    """
    names: dict[int, dict[str, str]] = {}
    taken: set[tuple[str, str]] = set()
    for cluster in sorted(clusters, key=lambda one: (-one.n, one.label)):
        words = _words(cluster, by_color)
        for many in range(min(WORDS, len(words)), len(words) + 1):
            name = {language: ", ".join(word[language] for word in words[:many]) for language in LANGUAGES}
            if many and not any((language, name[language]) in taken for language in LANGUAGES):
                break
        else:
            numbered = {"en": "cluster", "tr": "küme"}
            name = {language: f"{name[language] or numbered[language]} {cluster.label + 1}" for language in LANGUAGES}
        names[cluster.label] = name
        taken |= {(language, name[language]) for language in LANGUAGES}
    return names


def _words(cluster: Cluster, by_color: bool) -> list[dict[str, str]]:
    """Return what a cluster may be called, the most telling first, no word twice in a language."""
    motifs = [motif_words(trait.feature) for trait in cluster.traits]
    colors = [color_words(color) for color, _ in cluster.palette[:NAMED_COLORS]]
    words: list[dict[str, str]] = []
    for word in [*colors, *motifs] if by_color else [*motifs, *colors]:
        if not any(word[language] == other[language] for other in words for language in LANGUAGES):
            words.append(word)
    return words


def _middle(x: Floats, rows: NDArray[np.int64], metric: Metric, designs: NDArray[Any]) -> NDArray[np.int64]:
    """Return the rows nearest to the mean of some, nearest first; colorways of a design after one of each."""
    total = np.zeros(x.shape[1])
    for part in parts(len(rows), x.shape[1]):
        total += seen_by(metric, x[rows[part]]).sum(axis=0)
    apart = np.concatenate(
        [squared(seen_by(metric, x[rows[part]]), total[None] / len(rows))[:, 0] for part in parts(len(rows), x.shape[1])]
    )
    nearest = rows[np.argsort(apart, kind="stable")]
    firsts = np.sort(np.unique(designs[nearest], return_index=True)[1])
    return np.concatenate([nearest[firsts], np.delete(nearest, firsts)])[:TYPICAL]


def _palette(names: Sequence[str], picture: Callable[[str], bytes | None] | None) -> tuple[tuple[str, float], ...]:
    """Return the colors of several images laid side by side."""
    found = [made for name in names if picture is not None and (made := picture(name))]
    if not found:
        return ()
    sheet = Image.new("RGB", (SIDE * len(found), SIDE))
    for place, made in enumerate(found):
        with Image.open(io.BytesIO(made)) as image:
            sheet.paste(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX), (SIDE * place, 0))
    return tuple(palette_of(sheet)[:COLORS])


def _shares(rows: NDArray[np.int64], field: str, metadata: Metadata) -> dict[str, float]:
    """Return which part of some rows has each value of a field."""
    values: list[Any] = [record[field] for record in metadata.records(rows, [field])]
    counts: dict[str, int] = {}
    for value in values:
        for one in value if isinstance(value, list) else [value]:
            if one not in (None, ""):
                counts[str(one)] = counts.get(str(one), 0) + 1
    return {value: n / len(rows) for value, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}


def _ways(n: int, k: int) -> float:
    """Return the logarithm of how many ways there are to draw k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if 0 <= k <= n else -np.inf
