"""Contact sheets."""

import io
import re

import pytest
from PIL import Image

from benzer_lab import _optional
from benzer_lab.contact_sheet import COLUMNS, POINTS, ROWS, Entry, _fitted, contact_sheet
from benzer_lab.errors import MissingExtraError

A4 = rb"/MediaBox \[ ?0 0 595\.2756 841\.8898 ?\]"


def entry(i: int, size: tuple[int, int] = (40, 30), kind: str = "WEBP") -> Entry:
    held = io.BytesIO()
    Image.new("RGBA", size, (i % 256, 90, 140, 200)).save(held, kind)
    return Entry(f"Iğdır Kilim {i}", ("d.png", "ÇĞİÖŞÜ çğıöşü · SS24"), held.getvalue())


@pytest.mark.parametrize(("n", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (45, 3)])
def test_twenty_designs_go_on_an_a4_page(n: int, pages: int) -> None:
    sheet = contact_sheet([entry(i) for i in range(n)], title="Benzer desenler")
    assert COLUMNS * ROWS == 20
    assert sheet.startswith(b"%PDF-")
    assert sheet.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", sheet)) == len(re.findall(A4, sheet)) == pages
    assert len(re.findall(rb"/Subtype /Image", sheet)) >= min(n, 1)


def test_tall_wide_missing_and_long_named_designs_have_their_place() -> None:
    odd = [
        entry(1, (4, 900)),
        entry(2, (900, 4)),
        entry(3, (1, 1), "PNG"),
        Entry("", ("", ""), None),
        Entry("x" * 500, ("y " * 500, "z"), None),
    ]
    assert len(re.findall(rb"/Type /Page\b", contact_sheet(odd, title=""))) == 1


def test_what_is_too_long_for_its_column_is_cut_where_the_column_ends() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    contact_sheet([], title="")  # makes the font known
    for text in ("Ig", "Stewart-Royal-Ekose_ancient_weathered.jpg", "ı" * 10_000, ""):
        fitted = _fitted(text, "Vera", 100)
        assert stringWidth(fitted, "Vera", POINTS) <= 100
        assert fitted == text or (fitted.endswith("…") and stringWidth(fitted, "Vera", POINTS) > 85)


def test_every_turkish_letter_is_in_the_font() -> None:
    from reportlab.pdfbase import pdfmetrics

    contact_sheet([], title="")
    for font in ("Vera", "VeraBd"):
        glyphs = pdfmetrics.getFont(font).face.charToGlyph
        assert all(ord(letter) in glyphs for letter in "ÇĞİIÖŞÜçğıiöşüâîû·…")


def test_the_missing_extra_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(module: str, **where: str) -> None:
        raise MissingExtraError(f"{where['caller']} needs {module}: pip install 'benzer-lab[{where['extra']}]'")

    monkeypatch.setattr(_optional, "require", refuse)
    with pytest.raises(MissingExtraError, match=r"contact_sheet needs reportlab: pip install 'benzer-lab\[dashboards\]'"):
        contact_sheet([], title="")
