"""Contact sheets: chosen designs on A4 pages, to print or to send."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from benzer_lab import _optional

COLUMNS, ROWS = 4, 5
MARGIN, GAP, HEADER = 36, 12, 26  # points, 72 to an inch
POINTS, LINE = 7, 9  # of a font; from line to line
DOTS = 512  # pixels of a picture's longer side: 300 an inch
QUALITY = 90  # of JPEG
FONT = "Vera"  # comes with reportlab and has every Turkish letter


@dataclass(frozen=True)
class Entry:
    """One design on a sheet.

    Parameters
    ----------
    title : str
        Printed in bold.
    notes : tuple of str
        Two lines, printed below.
    picture : bytes or None
        An image file that Pillow reads; None leaves an empty frame.
    """

    title: str
    notes: tuple[str, str]
    picture: bytes | None


def contact_sheet(entries: Iterable[Entry], *, title: str) -> bytes:
    """Lay designs out on pages, 20 to a page.

    Parameters
    ----------
    entries : iterable of Entry
        In their order; taken one by one, so that a long choice is never in memory as a whole.
    title : str
        At the top of each page, beside the page's number.

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
    from reportlab import rl_config
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # its encoding of pictures as text took nine tenths of the time, and a quarter more bytes
    _register_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.setTitle(title)
    _draw_header(canvas, title, A4)
    for place, entry in enumerate(entries):
        if place and place % (COLUMNS * ROWS) == 0:
            canvas.showPage()
            _draw_header(canvas, title, A4)
        _draw_entry(canvas, entry, place % (COLUMNS * ROWS), A4)
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


def _draw_header(canvas: Any, title: str, size: tuple[float, float]) -> None:
    """Draw what stands at the top of each page."""
    width, height = size
    canvas.setFont(f"{FONT}Bd", 11)
    canvas.drawString(MARGIN, height - MARGIN - 11, title)
    canvas.setFont(FONT, 9)
    canvas.drawRightString(width - MARGIN, height - MARGIN - 11, str(canvas.getPageNumber()))


def _draw_entry(canvas: Any, entry: Entry, place: int, size: tuple[float, float]) -> None:
    """Draw one design at its place on the page, row by row."""
    from reportlab.lib.utils import ImageReader

    width, height = size
    cell = (width - 2 * MARGIN + GAP) / COLUMNS
    tall = (height - 2 * MARGIN - HEADER + GAP) / ROWS
    side = min(cell - GAP, tall - GAP - 3 * LINE)
    x = MARGIN + place % COLUMNS * cell
    top = height - MARGIN - HEADER - place // COLUMNS * tall
    if entry.picture is None:
        canvas.rect(x, top - side, side, side, stroke=1, fill=0)
    else:
        picture = _as_jpeg(entry.picture)
        with Image.open(picture) as opened:
            longest, pixels = max(opened.size), opened.size
        w, h = (side * n / longest for n in pixels)
        canvas.drawImage(ImageReader(picture), x + (side - w) / 2, top - side + (side - h) / 2, w, h)
    for line, text in enumerate((entry.title, *entry.notes)):
        font = FONT if line else f"{FONT}Bd"
        canvas.setFont(font, POINTS)
        canvas.drawString(x, top - side - LINE * (line + 1), _fitted(text, font, side))


def _fitted(text: str, font: str, width: float) -> str:
    """Return as much of a line as fits."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    if stringWidth(text, font, POINTS) <= width:
        return text
    short = text[:200]  # more never fits
    while short and stringWidth(f"{short}…", font, POINTS) > width:
        short = short[:-1]
    return f"{short.rstrip()}…"


def _as_jpeg(picture: bytes) -> io.BytesIO:
    """Return a picture at the size that it is printed, as JPEG: a PDF holds that as it is, and anything else ten times as large."""
    with Image.open(io.BytesIO(picture)) as opened:
        small = opened.convert("RGB")
    small.thumbnail((DOTS, DOTS), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return file
