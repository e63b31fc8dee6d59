"""Search against brute force in float64, and the promises of an answer."""

import csv
import io
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet, fuse
from benzer_lab.hits import Hits
from benzer_lab.metadata import Metadata
from benzer_lab.search import Question, Searcher, similarity

SEASONS = ["SS24", "AW24", "SS25", "İlkbahar"]
MARKS = ["floral", "geometric", "küçük", "two-tone"]


def brute_force(
    features: FeatureSet, records: list[dict[str, Any]], query: list[int], question: Question
) -> tuple[list[int], np.ndarray, int]:
    """Answer in the plainest way that DESIGN.md allows: rows, best first; the score of every row; how many passed."""
    x = np.asarray(features.x, np.float64)
    metric = question.metric or features.metric
    if features.blocks is not None:
        weight = 0.1 if question.color_weight is None else question.color_weight
        scores = np.zeros(len(x))
        for model, columns in features.blocks.items():
            share = weight if model == "color" else 1 - weight
            scores += share * cosines(x[:, columns], query)
        scores = np.sqrt(np.maximum(0, 2 - 2 * scores)) if metric == "l2" else scores
    elif metric == "cosine":
        scores = cosines(x, query)
    else:
        scores = np.linalg.norm(x - x[query].mean(axis=0), axis=1)
    rows = [row for row in range(len(x)) if passes(records[row], question.filters or {}) and (question.include_query or row not in query)]
    n_candidates = len(rows)
    best = -1 if metric == "cosine" else 1
    rows.sort(key=lambda row: (best * np.float32(scores[row]), row))
    if question.group_by:
        seen: set[object] = set()
        firsts = []
        for row in rows:
            design = records[row].get("design") or ("alone", row)
            if design not in seen:
                seen.add(design)
                firsts.append(row)
        rows = firsts
    return rows, scores, n_candidates


def cosines(x: np.ndarray, query: list[int]) -> np.ndarray:
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    u = np.divide(x, norms, out=np.zeros_like(x), where=norms > 0)
    mean = u[query].mean(axis=0)
    length = np.linalg.norm(mean)
    return (u * (mean / length if length > 0 else mean)).sum(axis=1)  # row by row: equal rows must get equal scores


def passes(record: dict[str, Any], filters: dict[str, Any]) -> bool:
    return all(meets(record.get(field), condition) for field, condition in filters.items())


def meets(value: Any, condition: Any) -> bool:
    parts = condition if isinstance(condition, dict) else {"any": condition}
    return all(meets_part(value, kind, wanted) for kind, wanted in parts.items())


def meets_part(value: Any, kind: str, wanted: Any) -> bool:
    wanted = [w for w in (wanted if isinstance(wanted, list) else [wanted]) if w not in (None, "")]
    if not wanted:
        return True
    if value is None:
        return False
    held = value if isinstance(value, list) else [value]
    if kind == "min":
        return bool(value >= wanted[0])
    if kind == "max":
        return bool(value <= wanted[0])
    found = [w in held for w in wanted]
    return {"any": any(found), "all": all(found), "not": not any(found)}[kind]


conditions = st.one_of(
    st.none(),
    st.sampled_from(SEASONS),
    st.lists(st.sampled_from(SEASONS), max_size=3),
    st.fixed_dictionaries({"not": st.lists(st.sampled_from(SEASONS), min_size=1, max_size=2)}),
)
marks = st.lists(st.sampled_from(MARKS), min_size=1, max_size=2, unique=True)
filters = st.fixed_dictionaries(
    {},
    optional={
        "season": conditions,
        "features": st.one_of(marks, st.fixed_dictionaries({}, optional={"all": marks, "not": marks, "any": marks})),
        "width": st.fixed_dictionaries({}, optional={"min": st.integers(100, 180), "max": st.integers(100, 180)}),
        "cluster": st.integers(0, 3),
        "design": st.lists(st.sampled_from(["Lâle", "Çınar"]), max_size=2),
    },
)
questions = st.builds(
    Question,
    top_n=st.integers(1, 90),
    metric=st.sampled_from([None, "cosine", "l2"]),
    filters=filters,
    group_by=st.sampled_from([None, None, "design"]),
    include_query=st.booleans(),
    min_similarity=st.sampled_from([0.0, 0.0, 0.4, 0.6]),
)


def draw_world(seed: int) -> tuple[FeatureSet, list[dict[str, Any]]]:
    """Rows of every kind that archives hold: any length, equal ones, zeros, either width of float."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 80)), int(rng.integers(1, 40))
    x = rng.standard_normal((n, d)) * rng.choice([0.01, 1, 300], size=(n, 1) if seed % 2 else (1, 1))
    if seed % 7 == 0:  # rows that float32 can hardly tell apart
        x = rng.standard_normal(512) + 1e-5 * rng.standard_normal((n, 512))
    x[rng.random(n) < 0.3] = x[0]
    x[rng.random(n) < 0.05] = 0
    names = [f"D-{i}-ğ.png" for i in rng.permutation(n)]
    records = [
        {
            key: value
            for key, value in {
                "design": rng.choice(["Lâle", "Çınar", "Göl"]).item(),
                "season": rng.choice(SEASONS).item(),
                "features": [m for m in MARKS if rng.random() < 0.4],
                "width": int(rng.integers(100, 180)),
                "cluster": int(rng.integers(0, 4)),
            }.items()
            if rng.random() < 0.85
        }
        for _ in range(n)
    ]
    if not any("width" in r for r in records):
        records[0]["width"] = 120
    dtype = np.float16 if seed % 5 == 0 else np.float32
    features = FeatureSet(names, x.astype(dtype), model="pattern", metric="l2" if seed % 3 == 0 else "cosine")
    if seed % 4 == 0:
        other = FeatureSet(names, rng.standard_normal((n, 3)).astype(np.float32), model="color")
        features = fuse(other, features)
    return features, records


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(seed=st.integers(0, 10_000), question=questions, weight=st.sampled_from([None, 0.0, 0.2, 0.5, 1.0]), data=st.data())
def test_every_answer_equals_brute_force_in_float64(seed: int, question: Question, weight: float | None, data: st.DataObject) -> None:
    features, records = draw_world(seed)
    fields = {field for record in records for field in record}
    kept = {field: condition for field, condition in (question.filters or {}).items() if field in fields}
    question = Question(
        top_n=question.top_n,
        metric=question.metric,
        filters=kept,
        color_weight=weight if features.blocks else None,
        min_similarity=question.min_similarity,
        group_by=question.group_by,
        include_query=question.include_query,
    )
    query = data.draw(st.lists(st.integers(0, len(features) - 1), min_size=1, max_size=3, unique=True))
    metadata = Metadata.from_records(dict(zip(features.filenames, records, strict=True)))
    hits = Searcher(features, metadata).find_similar([features.filenames[row] for row in query], question)
    expected, scores, n_candidates = brute_force(features, records, query, question)
    check_answer(hits, features, records, expected, scores, question)
    assert hits.n_candidates == n_candidates


def check_answer(
    hits: Hits, features: FeatureSet, records: list[dict[str, Any]], expected: list[int], scores: np.ndarray, question: Question
) -> None:
    """Hold an answer to the oracle: the same scores place by place, and each hit its own score."""
    metric = question.metric or features.metric
    truth = scores[expected]
    tolerance = 1e-6 * (1 + np.abs(truth).max(initial=0))
    similar = similarity(truth.astype(np.float32), metric)
    sure = int((similar >= question.min_similarity + 1e-5).sum())
    most = int((similar >= question.min_similarity - 1e-5).sum())
    assert min(sure, question.top_n) <= len(hits) <= min(most, question.top_n)
    np.testing.assert_allclose(hits.scores, truth[: len(hits)], atol=tolerance, rtol=0)
    np.testing.assert_allclose(hits.similarities, similarity(hits.scores, metric), atol=1e-7)
    rows = [features.filenames.index(name) for name in hits.filenames]
    if features.blocks and metric == "l2":  # sqrt(2 - 2 s) near s = 1 is all rounding: rows may change places within it
        np.testing.assert_allclose(scores[rows] ** 2, truth[: len(hits)] ** 2, atol=1e-14, rtol=0)
        designs = [records[row].get("design") or row for row in rows]
        assert len(set(designs if question.group_by else rows)) == len(rows)
    else:
        assert rows == expected[: len(hits)]
    for row, record in zip(rows, hits.records, strict=True):
        assert passes(records[row], question.filters or {})
        assert record["design"] == records[row].get("design")


@pytest.fixture
def searcher(rng: np.random.Generator) -> Searcher:
    x = rng.standard_normal((50, 8)).astype(np.float32)
    x[10:20] = x[10]
    names = [f"D-{i}.png" for i in range(50)]
    records = {name: {"design": f"Lâle {i // 5}", "season": SEASONS[i % 3]} for i, name in enumerate(names)}
    return Searcher(FeatureSet(names, x), Metadata.from_records(records))


def test_equal_scores_keep_row_order(searcher: Searcher) -> None:
    hits = searcher.find_similar("D-10.png", Question(top_n=5))
    assert hits.filenames == ("D-11.png", "D-12.png", "D-13.png", "D-14.png", "D-15.png")


def test_top_n_beyond_the_archive_means_all(searcher: Searcher) -> None:
    assert len(searcher.find_similar("D-0.png", Question(top_n=10_000, include_query=True))) == 50


def test_the_query_image_is_left_out_unless_asked_for(searcher: Searcher) -> None:
    assert "D-3.png" not in searcher.find_similar(["D-3.png", "D-4.png"]).filenames
    assert searcher.find_similar("D-3.png", Question(include_query=True)).filenames[0] == "D-3.png"


def test_one_hit_a_design_is_its_best_image(searcher: Searcher) -> None:
    every = searcher.find_similar("D-0.png")
    grouped = searcher.find_similar("D-0.png", Question(group_by="design"))
    firsts = list({record["design"]: name for name, record in reversed(list(zip(every.filenames, every.records, strict=True)))}.values())
    assert sorted(grouped.filenames) == sorted(firsts)
    assert list(grouped.scores) == sorted(grouped.scores, reverse=True)


def test_an_image_is_at_distance_zero_of_itself_in_joined_models() -> None:
    features, _ = draw_world(132)
    hits = Searcher(features).find_similar(features.filenames[0], Question(metric="l2", include_query=True, top_n=1))
    assert hits.scores[0] < 1e-6


def test_designs_may_be_lists_or_missing() -> None:
    designs = [["X", "Y"], "D1", "D1", "D2", "D2", [], "", "", None]
    names = [f"{i}.png" for i in range(9)]
    metadata = Metadata.from_records({name: {"design": design} for name, design in zip(names, designs, strict=True)})
    searcher = Searcher(FeatureSet(names, np.arange(1, 10, dtype=np.float32)[:, None]), metadata)
    hits = searcher.find_similar(np.ones(1), Question(metric="l2", group_by="design"))
    assert hits.filenames == ("0.png", "1.png", "3.png", "5.png", "6.png", "7.png", "8.png")


def test_n_candidates_counts_what_passed(searcher: Searcher) -> None:
    hits = searcher.find_similar("D-0.png", Question(filters={"season": "AW24"}, top_n=3))
    assert (len(hits), hits.n_candidates) == (3, 17)


def test_asking_never_changes_the_features(searcher: Searcher) -> None:
    before = searcher.features.x.copy()
    searcher.find_similar(["D-1.png", "D-2.png"], Question(metric="cosine"))
    searcher.find_similar("D-1.png", Question(metric="l2"))
    assert np.array_equal(before, searcher.features.x)


def test_permuting_rows_permutes_the_answer(rng: np.random.Generator) -> None:
    x = rng.standard_normal((60, 5)).astype(np.float32)
    names = [f"{i}.png" for i in range(60)]
    order = rng.permutation(60)
    one = Searcher(FeatureSet(names, x)).find_similar(x[7], Question(top_n=10))
    two = Searcher(FeatureSet([names[i] for i in order], x[order])).find_similar(x[7], Question(top_n=10))
    assert one.filenames == two.filenames
    assert np.array_equal(one.scores, two.scores)


def test_only_rows_among_those_named_are_found(searcher: Searcher, rng: np.random.Generator) -> None:
    among = rng.random(len(searcher.features)) < 0.5
    kept = among.copy()
    hits = searcher.find_similar(searcher.features.filenames[0], Question(top_n=1000, include_query=True), among=among)
    everything = searcher.find_similar(searcher.features.filenames[0], Question(top_n=1000, include_query=True))
    allowed = {name for name, one in zip(searcher.features.filenames, among, strict=True) if one}
    assert hits.filenames == tuple(name for name in everything.filenames if name in allowed)
    assert hits.n_candidates == among.sum()
    np.testing.assert_array_equal(among, kept)


def test_find_similar_refuses_an_unknown_name_and_tells_the_nearest(searcher: Searcher) -> None:
    with pytest.raises(InputError, match=r"'D-3\.pgn' must be a file name in custom v1; .* Did you mean 'D-3\.png'"):
        searcher.find_similar("D-3.pgn")


def test_find_similar_refuses_rows_of_another_width(searcher: Searcher) -> None:
    with pytest.raises(InputError, match="finite rows of 8 columns"):
        searcher.find_similar(np.zeros(5))


def test_find_similar_refuses_an_empty_query(searcher: Searcher) -> None:
    with pytest.raises(InputError, match="query must be"):
        searcher.find_similar([])


def test_color_weight_is_for_color_and_pattern_only(searcher: Searcher) -> None:
    with pytest.raises(InputError, match="only 'color\\+pattern' mixes the two"):
        searcher.find_similar("D-0.png", Question(color_weight=0.3))


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"top_n": 0}, "top_n must be a whole number of 1 or more; got 0"),
        ({"top_n": 2.5}, "top_n must be a whole number"),
        ({"metric": "cosin"}, "metric must be one of 'cosine', 'l2'; got 'cosin'. Did you mean 'cosine'"),
        ({"color_weight": 1.5}, "color_weight must be a number from 0 to 1"),
        ({"min_similarity": float("nan")}, "min_similarity must be a number from 0 to 1"),
        ({"group_by": "season"}, "group_by must be one of 'design'"),
    ],
)
def test_question_refuses_what_it_cannot_mean(option: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Question(**option)


def test_csv_quotes_what_a_spreadsheet_would_run(rng: np.random.Generator) -> None:
    names = ["=1+1.png", "@x.png", "ş.png"]
    records = {name: {"design": "-cmd|' /C calc'!A0", "features": ["a", "b"]} for name in names}
    hits = Searcher(FeatureSet(names, rng.standard_normal((3, 2)).astype(np.float32)), Metadata.from_records(records)).find_similar("ş.png")
    rows = list(csv.DictReader(io.StringIO(hits.to_csv())))
    assert {row["filename"] for row in rows} == {"'=1+1.png", "'@x.png"}
    assert {row["design"] for row in rows} == {"'-cmd|' /C calc'!A0"}
    assert rows[0]["features"] == "a; b"
    assert float(rows[0]["score"]) == pytest.approx(float(hits.scores[0]))


def test_frame_has_the_columns_of_the_design(searcher: Searcher) -> None:
    frame = searcher.find_similar("D-0.png", Question(top_n=4)).to_frame()
    assert list(frame) == ["rank", "filename", "design", "season", "quality", "features", "cluster", "version", "score", "similarity"]
    assert list(frame["rank"]) == [1, 2, 3, 4]


def test_notebook_picture_escapes_names(rng: np.random.Generator) -> None:
    names = ["<script>alert(1)</script>.png", "b.png"]
    searcher = Searcher(FeatureSet(names, rng.standard_normal((2, 3)).astype(np.float32)), thumbnail=lambda name: b"RIFF")
    tags: list[str] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: tags.append(tag)  # type: ignore[method-assign]
    reader.feed(searcher.find_similar("b.png")._repr_html_())
    assert tags == ["div", "div", "div", "figure", "img", "figcaption"]
