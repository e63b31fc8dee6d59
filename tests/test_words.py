"""The words of the pages, in every language."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from benzer_lab.errors import InputError
from benzer_lab.repeats import KINDS, SCALES, Repeat
from benzer_lab.timings import QUESTIONS
from benzer_lab.views import words as words_module
from benzer_lab.views.atlas_model import COLORINGS, PANES
from benzer_lab.views.atlas_panes import MAP_WORDS
from benzer_lab.views.atlas_sources import MEASURES
from benzer_lab.views.catalog import SORTS
from benzer_lab.views.timings_model import FORMATS
from benzer_lab.views.timings_model import KINDS as CHARTS
from benzer_lab.views.timings_words import OF_MACHINE, TIMING_WORDS
from benzer_lab.views.words import LANGUAGES, WORDS, Words

VIEWS = Path(words_module.__file__).parent


def test_every_word_is_there_in_every_language_with_the_same_values() -> None:
    assert not WORDS.keys() & TIMING_WORDS.keys()
    for key, texts in (WORDS | TIMING_WORDS).items():
        assert set(texts) == set(LANGUAGES), key
        assert all(texts.values()), key
        assert len({frozenset(field for _, field, _, _ in Formatter().parse(text) if field) for text in texts.values()}) == 1, key


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    source = {path.name: path.read_text(encoding="utf-8") for path in VIEWS.glob("*.py")}
    words, of_timings = source.pop("words.py"), source.pop("timings_words.py")
    assert set(re.findall(r"""words\("([^"]+)\"""", "".join(source.values()))) <= set(WORDS | TIMING_WORDS)
    methods = words[words.index("class Words") :], of_timings[of_timings.index("OF_QUALITY") :]
    trees = [ast.parse(text) for text in (*source.values(), *methods)]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    made = {f"sort_{sort}" for sort in SORTS} | {f"repeat_{kind}" for kind in KINDS} | {f"scale_{scale}" for scale in SCALES}
    made |= {f"pane_{pane}" for pane in PANES} | {f"by_{name}" for name in COLORINGS}
    made |= {f"map_{name}" for name in MAP_WORDS} | {f"measure_{name}" for name in MEASURES}
    made |= {f"{what}_{name}" for what in ("q", "asks") for name in QUESTIONS} | {f"format_{form}" for form in FORMATS}
    made |= {f"m_{name}" for name in OF_MACHINE} | set(CHARTS) - {"recall"}
    assert made <= set(WORDS | TIMING_WORDS) <= texts | made


@pytest.mark.parametrize("word", ["image", "images", "one_design", "n_designs"])
def test_what_is_counted_has_its_number_grouped_as_the_language_does(word: str) -> None:
    assert Words("en")(word, n=1234).startswith("1,234 ")
    assert Words("tr")(word, n=1234).startswith("1.234 ")


def test_numbers_are_written_as_the_language_does() -> None:
    assert Words("en").number(1234.5, 1) == "1,234.5"
    assert Words("tr").number(1234.5, 1) == "1.234,5"
    assert Words("tr").number(0.5, 3) == "0,500"


def test_one_is_not_many() -> None:
    assert (Words("en").images(1), Words("en").images(2), Words("tr").images(1)) == ("1 image", "2 images", "1 görsel")
    assert (Words("en").designs(1), Words("en").designs(2), Words("tr").designs(1)) == ("1 design", "2 designs", "1 desen")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("SS24", "SS24"), (["a", 2], "a, 2"), ([], ""), (2.0, "2"), (2.5, "2,50"), (7, "7"), (True, "True")]
)
def test_what_a_field_holds_is_one_text(value: object, text: str) -> None:
    assert Words("tr").value(value) == text


def test_repeats_and_scales_have_words_and_other_values_keep_theirs() -> None:
    words = Words("tr")
    assert (words.field("repeat"), words.value("half-drop", "repeat")) == ("Rapor", "Yarım atlamalı")
    assert (words.field("scale"), words.value("large", "scale")) == ("Ölçek", "Büyük")
    assert (words.value("toss", "repeat"), words.value("large", "size"), words.value(None, "repeat")) == ("toss", "large", "")


@pytest.mark.parametrize(
    ("found", "english", "turkish"),
    [
        (
            Repeat(64.2, 96, "half-drop", 0.938, (384, 384), 77),
            "Half-drop, 64 × 96 px, 2.1 × 3.2 cm, confidence 93%",
            "Yarım atlamalı, 64 × 96 px, 2,1 × 3,2 cm, güven %93",
        ),
        (Repeat(1, 1200.0, "straight", 1.0, (384, 2400)), "Straight, 1,200 px, confidence 100%", "Düz, 1.200 px, güven %100"),
        (Repeat(None, None, "none", 0.9, (384, 384), 300), "No repeat, confidence 90%", "Raporsuz, güven %90"),
    ],
    ids=["half-drop", "stripes", "none"],
)
def test_a_repeat_is_told_in_one_line(found: Repeat, english: str, turkish: str) -> None:
    assert (Words("en").repeat(found), Words("tr").repeat(found)) == (english, turkish)


def test_what_the_archive_named_keeps_its_name() -> None:
    words = Words("tr")
    assert (words.field("season"), words.field("atelier")) == ("Sezon", "atelier")
    assert (words.model("color"), words.model("color+pattern"), words.model("mine")) == ("Renk", "Renk ve motif", "mine")


def test_words_refuse_an_unknown_language() -> None:
    with pytest.raises(InputError, match=r"Words: language must be one of 'en', 'tr'; got 'de'"):
        Words("de")
