"""What a cluster is made of, and what it is called."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.stats import hypergeom

from benzer_lab.cluster_names import Cluster, Trait, chance, describe, named, traits_of
from benzer_lab.metadata import Metadata
from benzer_lab.vocabulary import color_words, motif_words

NAMES = [f"D-{i:03}.png" for i in range(200)]
LABELS = np.repeat(np.array([0, 1, 2, -1], np.int32), [90, 60, 30, 20])


@pytest.fixture
def metadata() -> Metadata:
    """The first cluster is floral, the second striped, all are woven, a few at random are fine."""
    rng = np.random.default_rng(0)
    motifs = {0: "floral", 1: "stripes"}
    records: dict[str, dict[str, Any]] = {}
    for name, label in zip(NAMES, LABELS.tolist(), strict=True):
        features = [motifs[label]] if label in motifs else []
        records[name] = {"season": "SS24" if label else "AW24", "features": [*features, "woven", *(["fine"] if rng.random() < 0.2 else [])]}
    return Metadata.from_records(records)


@pytest.mark.parametrize(("found", "having", "drawn", "n"), [(0, 5, 4, 20), (3, 5, 4, 20), (4, 5, 4, 20), (12, 40, 50, 300), (9, 9, 9, 9)])
def test_chance_is_the_tail_of_the_hypergeometric_distribution(found: int, having: int, drawn: int, n: int) -> None:
    assert chance(found, having, drawn, n) == pytest.approx(hypergeom.sf(found - 1, n, having, drawn), rel=1e-9)


def test_traits_are_what_a_cluster_has_more_of_than_chance_gives(metadata: Metadata) -> None:
    traits = traits_of(LABELS, metadata)
    assert {label: [trait.feature for trait in told] for label, told in traits.items()} == {0: ["floral"], 1: ["stripes"]}
    [floral] = traits[0]
    assert (floral.share, floral.elsewhere) == (1.0, 0.0)
    assert floral.p < 1e-40


def test_a_cluster_is_described_by_its_middle_its_colors_and_its_seasons(metadata: Metadata) -> None:
    x = np.zeros((200, 2), np.float32)
    x[np.arange(200), 0] = np.arange(200)
    x[:, 1] = 1
    red = io.BytesIO()
    Image.new("RGB", (64, 64), "#C3272E").save(red, "WEBP", lossless=True)
    first, *_ = describe(x, LABELS, NAMES, metadata, metric="l2", picture=lambda name: red.getvalue())
    assert first.n == 90
    assert set(first.typical[:2]) == {"D-044.png", "D-045.png"}
    assert [color_words(color)["en"] for color, _ in first.palette] == ["red"]
    assert first.seasons == {"AW24": 1.0}
    assert first.qualities == {}


def test_typical_are_different_designs_before_their_colorways() -> None:
    x = np.arange(8, dtype=np.float32)[:, None] * [1, 0]
    names = [f"{i}.png" for i in range(8)]
    known = Metadata.from_records({name: {"design": f"Design {i // 4}"} for i, name in enumerate(names)})
    [first] = describe(x.astype(np.float32), np.zeros(8, np.int32), names, known, metric="l2", picture=None)
    assert first.typical == ("3.png", "4.png", "2.png", "5.png", "1.png", "6.png", "0.png", "7.png")


def cluster(label: int, n: int, features: list[str], colors: list[str]) -> Cluster:
    traits = tuple(Trait(feature, 0.9, 0.1, 1e-9) for feature in features)
    palette = tuple((color, 1 / len(colors)) for color in colors)
    return Cluster(label=label, n=n, names={}, typical=(), palette=palette, traits=traits, seasons={}, qualities={})


def test_clusters_are_called_by_their_traits_then_their_colors_in_both_languages() -> None:
    clusters = [cluster(0, 9, ["floral", "woven", "fine"], ["#C3272E"]), cluster(1, 8, ["stripes"], ["#1C2A50", "#F3EBDA"])]
    assert named(clusters) == {
        0: {"en": "floral, woven", "tr": "çiçekli, dokuma"},
        1: {"en": "stripes, navy", "tr": "çizgili, lacivert"},
    }
    assert named(clusters, by_color=True)[1] == {"en": "navy, cream", "tr": "lacivert, krem"}


def test_no_two_clusters_have_one_name_in_any_language() -> None:
    clusters = [
        cluster(0, 9, ["tartan", "woven"], ["#C3272E"]),
        cluster(1, 8, ["plaid", "woven"], ["#C3272E"]),  # which is 'ekose' in Turkish, too
        cluster(2, 7, ["tartan", "woven"], ["#C3272E"]),
        cluster(3, 6, [], []),
        cluster(4, 5, [], []),
    ]
    names = named(clusters)
    assert names[0] == {"en": "tartan, woven", "tr": "ekose, dokuma"}
    assert names[1] == {"en": "plaid, woven, red", "tr": "ekose, dokuma, kırmızı"}
    assert names[3] == {"en": "cluster 4", "tr": "küme 4"}
    for language in ("en", "tr"):
        assert len({name[language] for name in names.values()}) == len(clusters)


def test_words_are_translated_from_either_language_and_others_stay() -> None:
    assert motif_words("Floral") == {"en": "floral", "tr": "çiçekli"}
    assert motif_words("çiçekli") == {"en": "floral", "tr": "çiçekli"}
    assert motif_words("Kutnu") == {"en": "Kutnu", "tr": "Kutnu"}
