"""How results show themselves: tables for spreadsheets, pictures in notebooks."""

import base64
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benzer_lab._disk import replacing

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
WIDTH = 120  # pixels of a picture in a notebook


def cell(value: object) -> object:
    """Return a value as a CSV cell that no spreadsheet takes for a formula.

    Parameters
    ----------
    value : object
        Of a table.

    Returns
    -------
    object
        Lists joined by '; ', and text that starts like a formula behind an apostrophe; all else as it is.
    """
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def save_csv(frame: Any, path: str | Path | None = None, *, comma: str = ".") -> str:
    """Return a table as CSV, and write it where a path is given: in UTF-8 with the mark by which spreadsheets know it."""
    texts = {column: frame[column].map(cell) for column in frame.columns if frame[column].dtype.kind not in "biuf"}
    text = str(frame.assign(**texts).to_csv(index=False, lineterminator="\n", sep=";" if comma == "," else ",", decimal=comma))
    if path is not None:
        with replacing(Path(path)) as draft:
            draft.write_text(text, encoding="utf-8-sig")
    return text


def pictures(title: str, root: ElementTree.Element | None = None) -> tuple[ElementTree.Element, ElementTree.Element]:
    """Return a block, and in it a row of pictures under a title."""
    root = ElementTree.Element("div") if root is None else root
    ElementTree.SubElement(root, "div").text = title
    return root, ElementTree.SubElement(root, "div", style="display:flex;flex-wrap:wrap;gap:12px;margin:8px 0")


def draw(row: ElementTree.Element, name: str, picture: bytes | None, caption: str) -> None:
    """Add an image to a row, without a picture where it has none."""
    figure = ElementTree.SubElement(row, "figure", style=f"margin:0;width:{WIDTH}px;font-size:12px;overflow-wrap:anywhere", title=name)
    if picture:
        source = "data:image/webp;base64," + base64.b64encode(picture).decode()
        style = f"width:{WIDTH}px;height:{WIDTH}px;object-fit:cover;border-radius:6px"
        ElementTree.SubElement(figure, "img", src=source, alt=name, style=style)
    ElementTree.SubElement(figure, "figcaption").text = caption


def html(root: ElementTree.Element) -> str:
    """Return a block as HTML; all text in it is escaped."""
    return ElementTree.tostring(root, encoding="unicode", method="html")
