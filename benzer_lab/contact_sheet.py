"""Contact sheets: chosen designs on A4 pages, to print or to send."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from benzer_lab import _optional

COLUMNS, ROWS = 4, 5
MARGIN, GAP, CAPTION, HEADER = 36, 12, 28, 30  # points, 72 to an inch
DOTS = 300  # pixels of a picture's longer side: 160 dots an inch where it is 4 columns wide
FONT = "Vera"  # comes with reportlab and has every Turkish letter


@dataclass(frozen=True)
class Entry:
    """One design on a sheet.

    Parameters
    ----------
    title : str
        Printed in bold.
    note : str
        Printed below.
    picture : bytes or None
        An image file that Pillow reads; None leaves an empty frame.
    """

    title: str
    note: str
    picture: bytes | None


def contact_sheet(entries: Iterable[Entry], *, title: str) -> bytes:
    """Lay designs out on pages, 20 to a page.

    Parameters
    ----------
    entries : iterable of Entry
        In their order.
    title : str
        At the top of each page, with the page's number.

    Returns
    -------
    bytes
        A PDF of A4 pages; one empty page where there are no entries.

    Raises
    ------
    MissingExtraError
        When reportlab is not installed.
    """
    _optional.require("reportlab", extra="dashboards", caller="contact_sheet")
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    _register_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.setTitle(title)
    several = list(entries)
    pages = [several[i : i + COLUMNS * ROWS] for i in range(0, len(several), COLUMNS * ROWS)] or [[]]
    for number, page in enumerate(pages, 1):
        _draw_page(canvas, page, title, f"{number} / {len(pages)}", A4)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _register_fonts() -> None:
    """Make the fonts known that reportlab carries."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (FONT, f"{FONT}Bd"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


def _draw_page(canvas: Any, page: Sequence[Entry], title: str, number: str, size: tuple[float, float]) -> None:
    """Draw one page."""
    width, height = size
    canvas.setFont(f"{FONT}Bd", 11)
    canvas.drawString(MARGIN, height - MARGIN - 11, title)
    canvas.setFont(FONT, 9)
    canvas.drawRightString(width - MARGIN, height - MARGIN - 11, number)
    cell = (width - 2 * MARGIN + GAP) / COLUMNS
    tall = (height - 2 * MARGIN - HEADER + GAP) / ROWS
    side = min(cell - GAP, tall - GAP - CAPTION)
    for place, entry in enumerate(page):
        x = MARGIN + place % COLUMNS * cell
        top = height - MARGIN - HEADER - place // COLUMNS * tall
        _draw_entry(canvas, entry, x, top, side)


def _draw_entry(canvas: Any, entry: Entry, x: float, top: float, side: float) -> None:
    """Draw one design with its top left corner at (x, top)."""
    from reportlab.lib.utils import ImageReader, simpleSplit

    if entry.picture is None:
        canvas.rect(x, top - side, side, side, stroke=1, fill=0)
    else:
        with Image.open(io.BytesIO(entry.picture)) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((DOTS, DOTS))
        longest = max(picture.size)
        w, h = (side * pixels / longest for pixels in picture.size)
        canvas.drawImage(ImageReader(picture), x + (side - w) / 2, top - side + (side - h) / 2, w, h)
    for text, font, size, below in ((entry.title, f"{FONT}Bd", 7.5, 10), (entry.note, FONT, 7, 19)):
        lines = simpleSplit(text, font, size, side)
        canvas.setFont(font, size)
        canvas.drawString(x, top - side - below, lines[0] + ("…" if len(lines) > 1 else "") if lines else "")
