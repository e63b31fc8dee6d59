"""Why a hit was found."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import benzer_lab as bl
from benzer_lab.explanations import ONLY_COLOR, Explanation
from benzer_lab.matches import SharedColor
from benzer_lab.search import COLOR_WEIGHT
from tests.test_matches import dots, stripes, with_flower

NAMES = [f"D-{i}.png" for i in range(6)]
RECORDS: dict[str, dict[str, Any]] = {
    "D-0.png": {"design": "Lâle", "season": "SS24", "quality": "", "features": ["floral", "small", "red"], "width": 140},
    "D-1.png": {"design": "Lâle", "season": "AW24", "quality": "", "features": ["small", "floral"], "width": 140},
    "D-2.png": {"design": "<script>alert(1)</script>", "season": "SS24", "features": []},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six images with rows of both models in the flat layout."""
    rng, folder = np.random.default_rng(3), tmp_path / "archive"
    (folder / "images").mkdir(parents=True)
    pictures = [with_flower(stripes(), 20, 130)[0], with_flower(dots((320, 256)), 140, 20)[0], stripes(), dots()]
    for name, picture in zip(NAMES, [*pictures, *pictures[:2]], strict=True):
        picture.save(folder / "images" / name)
    for model in ("color", "pattern"):
        np.save(folder / f"{model}_features.npy", rng.normal(0.4, 1, (6, 5)).astype(np.float32))
        (folder / f"{model}_filenames.json").write_text(json.dumps(NAMES))
    (folder / "image_metadata_map.json").write_text(json.dumps(RECORDS))
    return folder


@pytest.fixture
def archive(folder: Path) -> bl.Archive:
    return bl.Archive.open(folder)


def explained(hits: bl.Hits, name: str) -> Explanation:
    return hits.explain(hits.filenames.index(name) + 1)


def cosine(folder: Path, model: str, one: str, other: str) -> float:
    x = np.load(folder / f"{model}_features.npy")[[NAMES.index(one), NAMES.index(other)]].astype(float)
    return float(x[0] @ x[1] / np.linalg.norm(x[0]) / np.linalg.norm(x[1]))


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 1.0])
def test_the_parts_of_color_and_pattern_add_up_to_the_score(archive: bl.Archive, folder: Path, weight: float) -> None:
    hits = archive.find_similar("D-0.png", color_weight=weight)
    for rank in range(1, 6):
        why = hits.explain(rank)
        assert (why.rank, why.filename, why.query) == (rank, hits.filenames[rank - 1], "D-0.png")
        assert why.weights == {"color": weight, "pattern": 1 - weight}
        for model, value in why.cosines.items():
            assert value == pytest.approx(cosine(folder, model, "D-0.png", why.filename), abs=1e-6)
        assert why.parts == {model: why.weights[model] * why.cosines[model] for model in ("color", "pattern")}
        assert sum(why.parts.values()) == pytest.approx(why.score, abs=1e-7)
        assert (why.score, why.similarity) == (float(hits.scores[rank - 1]), float(hits.similarities[rank - 1]))


def test_shares_are_of_what_speaks_for_the_hit(archive: bl.Archive) -> None:
    hits = archive.find_similar("D-0.png")
    for rank in range(1, 6):
        why = hits.explain(rank)
        best = {model: max(part, 0) for model, part in why.parts.items()}
        assert sum(why.shares.values()) == pytest.approx(1 if any(best.values()) else 0)
        assert all(share == pytest.approx(best[model] / (sum(best.values()) or 1)) for model, share in why.shares.items())


def test_euclidean_scores_of_both_models_come_with_the_parts_of_their_cosine(archive: bl.Archive) -> None:
    why = archive.find_similar("D-0.png", metric="l2").explain(2)
    assert why.score == pytest.approx(np.sqrt(2 - 2 * sum(why.parts.values())), abs=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "l2"])
@pytest.mark.parametrize("model", ["color", "pattern"])
def test_of_one_model_all_of_the_cosine_is_its_part(archive: bl.Archive, folder: Path, model: str, metric: Any) -> None:
    hits = archive.find_similar("D-0.png", model=model, metric=metric)
    why = explained(hits, "D-1.png")
    assert why.parts == {model: pytest.approx(cosine(folder, model, "D-0.png", "D-1.png"), abs=1e-6)}
    assert ("heat" in why.missing) == (model == "color")


def test_colors_places_and_metadata_that_both_have_are_told(archive: bl.Archive) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    why = explained(archive.find_similar("D-0.png"), "D-1.png")
    assert why.shared_palette is not None
    flower = {"#D94F30", "#F2C14E"}
    assert {one.query for one in why.shared_palette} == {one.hit for one in why.shared_palette} == flower
    assert why.query_palette is not None
    assert dict(why.query_palette).keys() > flower
    assert why.query_heat is not None
    assert why.hit_heat is not None
    assert (why.query_heat.shape, why.hit_heat.shape) == ((14, 14), (14, 18))
    assert why.shared_metadata == {"design": "Lâle", "features": ["floral", "small"], "width": 140}
    assert why.missing == {}


def test_a_strip_has_the_shared_colors_first_in_the_order_of_both(archive: bl.Archive) -> None:
    why = explained(archive.find_similar("D-0.png", color_weight=1), "D-1.png")
    one, other = why.strip("query"), why.strip("hit")
    assert [color for color, _, both in one if both] == [color for color, _, both in other if both] == [one[0][0], one[1][0]]
    assert [both for _, _, both in one] == [True, True] + [False] * (len(one) - 2)
    assert sum(share for _, share, _ in one) == pytest.approx(1)


def test_the_veil_is_clear_where_the_images_match(archive: bl.Archive) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    why = explained(archive.find_similar("D-0.png"), "D-1.png")
    veil = why.veil("hit")
    assert veil is not None
    image = Image.open(io.BytesIO(veil))
    assert image.size == (140, 112)  # as wide as the image is to its height, 320 to 256
    alpha = np.asarray(image.getchannel("A"))
    assert alpha[30, 82] < 60 < 150 < alpha[100, 20]


def test_where_an_image_is_gone_the_rest_is_told(archive: bl.Archive, folder: Path) -> None:
    (folder / "images/D-1.png").unlink()
    (folder / "images/D-2.png").write_bytes(b"no image")
    hits = bl.Archive.open(folder).find_similar("D-0.png")
    why = explained(hits, "D-1.png")
    assert (why.shared_palette, why.query_heat, why.hit_heat, why.hit_palette, why.veil("query")) == (None, None, None, None, None)
    assert why.query_palette
    assert "'D-1.png' must be among the images" in why.missing["palette"]
    assert why.missing["heat"] == why.missing["palette"]
    assert why.shared_metadata["design"] == "Lâle"
    assert sum(why.parts.values()) == pytest.approx(why.score, abs=1e-7)
    assert "'D-2.png'" in explained(hits, "D-2.png").missing["palette"]
    assert "must be among the images" in why._repr_html_()


def test_without_any_images_the_parts_are_told(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        path.unlink()
    (folder / "images").rmdir()
    why = bl.Archive.open(folder).find_similar("D-0.png").explain(1)
    assert set(why.missing) == {"palette", "heat"}
    assert len(why.parts) == 2


def test_of_several_queries_the_nearest_is_compared_and_their_mean_scored(archive: bl.Archive, folder: Path) -> None:
    hits = archive.find_similar(["D-0.png", "D-3.png"])
    for rank in range(1, 5):
        why = hits.explain(rank)
        weights = {"color": COLOR_WEIGHT, "pattern": 1 - COLOR_WEIGHT}
        near = {
            one: sum(weight * cosine(folder, model, one, why.filename) for model, weight in weights.items())
            for one in ("D-0.png", "D-3.png")
        }
        assert (why.query, why.n_queries) == (max(near, key=lambda one: near[one]), 2)
        assert sum(why.parts.values()) == pytest.approx(why.score, abs=1e-7)


def test_rows_can_be_explained_but_not_looked_at(archive: bl.Archive) -> None:
    why = archive.searcher("pattern").find_similar(np.ones(5)).explain(1)
    assert why.query is None
    assert why.missing["palette"] == "explain: query must be an image or a name to be looked at; it came as a row."


def test_a_searcher_without_pictures_says_what_it_lacks() -> None:
    features = bl.FeatureSet(["a", "b"], np.eye(2, dtype=np.float32))
    why = bl.Searcher(features).find_similar("a").explain(1)
    assert "Search by Archive.find_similar" in why.missing["heat"]
    assert (why.parts, why.shares, why.shared_metadata) == ({"custom": 0.0}, {"custom": 0.0}, {})


@pytest.mark.parametrize("rank", [0, -1, 6, 1.5, True, "1"])
def test_explain_refuses_a_rank_that_is_not_there(archive: bl.Archive, rank: Any) -> None:
    hits = archive.find_similar("D-0.png")
    with pytest.raises(bl.InputError, match=r"explain: rank must be (a whole number of 1 or more|at most 5, the number of hits); got "):
        hits.explain(rank)


def test_explain_refuses_hits_that_do_not_come_from_a_search(archive: bl.Archive) -> None:
    hits = bl.Hits(("a",), np.ones(1, np.float32), np.ones(1, np.float32), [{}], "color", "v1", "cosine", 1)
    with pytest.raises(bl.InputError, match="explain: hits must come from find_similar"):
        hits.explain(1)


def test_a_search_looks_at_no_image_and_the_query_is_looked_at_once(folder: Path) -> None:
    seen: list[str] = []

    def picture(name: str) -> Image.Image:
        seen.append(name)
        return stripes()

    features = bl.FeatureSet(NAMES, np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32), model="color")
    hits = bl.Searcher(features, picture=picture).find_similar("D-0.png")
    assert seen == []
    for rank in (1, 2):
        hits.explain(rank)
    assert seen == ["D-0.png", hits.filenames[0], hits.filenames[1]]


def test_an_explanation_is_plain_values_for_programs(archive: bl.Archive) -> None:
    pytest.importorskip("torch", reason="needs the extra 'features'")
    why = explained(archive.find_similar("D-0.png"), "D-1.png")
    told = json.loads(json.dumps(why.to_dict()))
    assert told["parts"] == why.parts
    assert SharedColor(**told["shared_palette"][0]) == (why.shared_palette or [])[0]
    np.testing.assert_allclose(told["hit_heat"], why.hit_heat, atol=6e-4)
    assert told["shared_metadata"]["features"] == ["floral", "small"]
    assert repr(why).startswith("Explanation('D-1.png', rank ")
    assert "2 shared colors, same design, features, width)" in repr(why)


def test_a_notebook_shows_it_and_runs_no_script(archive: bl.Archive) -> None:
    hits = archive.find_similar("D-2.png", color_weight=1, include_query=True)
    why = explained(hits, "D-2.png")
    html = why._repr_html_()
    assert why.shared_metadata["design"] == "<script>alert(1)</script>"
    assert "<script>" not in html
    assert html.count("data:image/webp") == 2
    assert ONLY_COLOR in html


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bl.Archive:
    """An archive whose rows were made here, so that images and palettes can be asked for."""
    pytest.importorskip("torch", reason="needs the extra 'features'")
    folder = tmp_path_factory.mktemp("made")
    (folder / "images").mkdir()
    pictures = [with_flower(stripes(), 20, 130)[0], with_flower(dots(), 140, 20)[0], stripes(), dots()]
    for name, picture in zip(NAMES, pictures, strict=False):
        picture.save(folder / "images" / name)
    archive = bl.Archive.create(folder, images=folder / "images")
    archive.extract(processes=1, progress=False)
    return archive


@pytest.mark.parametrize("kind", ["path", "bytes", "image", "array", "several"])
def test_an_image_of_ones_own_is_compared(made: bl.Archive, kind: str, tmp_path: Path) -> None:
    image, path = with_flower(stripes(), 120, 20)[0], tmp_path / "mine.png"
    image.save(path)
    several = [dots(), image]
    query = {"path": path, "bytes": path.read_bytes(), "image": image, "array": np.asarray(image), "several": several}[kind]
    why = explained(made.find_similar(query), "D-0.png")
    assert (why.query, why.n_queries, why.shared_metadata) == (None, 1 + (kind == "several"), {})
    assert why.missing == {}
    assert [one.distance for one in why.shared_palette or []] == pytest.approx([0, 0, 0, 0], abs=1)
    assert sum(why.parts.values()) == pytest.approx(why.score, abs=1e-7)


def test_a_file_that_has_gone_since_is_said_to_be(made: bl.Archive, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    stripes().save(path)
    hits = made.find_similar(path)
    path.unlink()
    assert "mine.png" in hits.explain(1).missing["palette"]


def test_of_a_palette_the_colors_are_compared(made: bl.Archive) -> None:
    palette = bl.Palette({"#8B3A4A": 1, "#F6D9C8": 3, "#00FF00": 0.1})
    why = made.find_similar(palette=palette).explain(1)
    assert why.query_palette == [
        ("#F6D9C8", pytest.approx(3 / 4.1)),
        ("#8B3A4A", pytest.approx(1 / 4.1)),
        ("#00FF00", pytest.approx(0.1 / 4.1)),
    ]
    assert [one.query for one in why.shared_palette or []] == ["#F6D9C8", "#8B3A4A"]
    assert why.parts == {"color": why.cosines["color"]}
    assert why.missing == {"heat": ONLY_COLOR}
