import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benzer_lab.features import FeatureSet, fuse
from benzer_lab.names import ITERATED, Names

ODD = ["b.png", "Çınar.png", "a.png", "ğ0.png", "Ağaç 1.png", "😀.png", "z", ""]
text = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(deadline=None)
@given(st.lists(text, max_size=30, unique_by=lambda name: unicodedata.normalize("NFC", name)), text)
def test_each_name_is_found_where_it_is_and_no_other(filenames: list[str], other: str) -> None:
    names = Names.of(filenames)
    keys = [unicodedata.normalize("NFC", name) for name in filenames]
    assert [names.position(key) for key in keys] == list(range(len(keys)))
    key = unicodedata.normalize("NFC", other)
    assert names.position(key) == (keys.index(key) if key in keys else -1)


def test_names_are_a_sequence_as_spelled(tmp_path: Path) -> None:
    spelled = [unicodedata.normalize("NFD", name) for name in ODD]
    Names.of(spelled).write(tmp_path / "names.arrow")
    names = Names.read(tmp_path / "names.arrow")
    assert names is not None
    assert list(names) == spelled
    assert names == spelled
    assert names == Names.of(spelled)
    assert names != Names.of(ODD)
    assert (names[0], names[-1], names[2:4]) == (spelled[0], spelled[-1], spelled[2:4])
    assert names.position("Çınar.png") == 1
    with pytest.raises(IndexError):
        names[len(ODD)]


def test_all_names_come_in_order_where_they_are_given_in_blocks() -> None:
    filenames = [f"{i}.png" for i in range(ITERATED + 3)]
    assert list(Names.of(filenames)) == filenames


@pytest.mark.parametrize("content", [b"", b"ARROW1\0\0 and then nothing", b"no Arrow at all"])
def test_a_damaged_file_is_no_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names.arrow").write_bytes(content)
    assert Names.read(tmp_path / "names.arrow") is None
    assert Names.read(tmp_path / "none.arrow") is None


def test_models_are_joined_by_name_in_whatever_order_their_rows_are() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(len(ODD), 3)).astype(np.float32)
    color, pattern = FeatureSet(Names.of(ODD), x, "color"), FeatureSet(Names.of(ODD), x + 1, "pattern")
    turned = FeatureSet(Names.of(ODD[::-1]), (x + 1)[::-1], "pattern")
    same, other = fuse(color, pattern), fuse(color, turned)
    assert list(same.filenames) == list(other.filenames) == ODD
    assert np.array_equal(same.x, other.x)
    assert other.rows(["Çınar.png"]).tolist() == [1]
