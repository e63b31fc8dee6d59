"""The answer of a search."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab import _checks
from benzer_lab._display import draw, html, pictures, save_csv
from benzer_lab.errors import InputError
from benzer_lab.explanations import Comparison, Explanation
from benzer_lab.metadata import SHOWN

Box = tuple[int, int, int, int]
PICTURES = 24  # hits drawn in a notebook


@dataclass(frozen=True, eq=False)
class Hits:
    """The answer of a search, most similar first.

    Parameters
    ----------
    filenames : tuple of str, length k
        The images, as the archive spells them.
    scores : ndarray of shape (k,), float32
        Cosine (-1 to 1, 1 best) or Euclidean distance (0 best).
    similarities : ndarray of shape (k,), float32
        From 0 to 1, 1 is the same.
    records : list of dict, length k
        Design, season, quality, features and cluster of each.
    model, version, metric : str
        What was compared, and how.
    n_candidates : int
        Images that passed the filters, query images aside; fewer hits than asked for come back only when these are fewer.
    thumbnail : callable, optional
        Gives the WebP picture of a file name, or None where there is none.
    recall : float, default=1
        Which part of the true answer the index finds, as measured when it was built; 1 where all is compared or proven, NaN where it was
        not measured, as for regions.
    boxes : tuple of length k, optional
        Where a region that was asked for is found in each: left, top, right and bottom in pixels of the upright original, or a list
        of such boxes where several regions were asked for.
    sizes : ndarray of shape (k, 2), int64, optional
        Width and height of the upright original of each, which `boxes` are in pixels of; with them only.
    comparison : Comparison, optional
        What was compared, for `explain`.
    """

    filenames: tuple[str, ...]
    scores: NDArray[np.float32]
    similarities: NDArray[np.float32]
    records: list[dict[str, Any]]
    model: str
    version: str
    metric: str
    n_candidates: int
    thumbnail: Callable[[str], bytes | None] | None = field(default=None, repr=False)
    recall: float = 1.0
    boxes: tuple[Box | list[Box], ...] | None = None
    sizes: NDArray[np.int64] | None = None
    comparison: Comparison | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.filenames)

    def __repr__(self) -> str:
        """Say how many of how many, of what, and which is first."""
        first = f", first {self.filenames[0]!r} at similarity {self.similarities[0]:.3f}" if len(self) else ""
        sure = "" if self.recall == 1 else ", recall not measured" if np.isnan(self.recall) else f", recall {self.recall:.3f} measured"
        return f"Hits({len(self):,} of {self.n_candidates:,} candidates, {self.model} {self.version}, {self.metric}{sure}{first})"

    def _repr_html_(self) -> str:
        """Draw the first hits for a notebook."""
        root, grid = pictures(repr(self))
        for name, similarity, record in zip(self.filenames[:PICTURES], self.similarities, self.records, strict=False):
            picture = self.thumbnail(name) if self.thumbnail else None
            draw(grid, name, picture, f"{similarity:.3f} {record['design'] or name}")
        return html(root)

    def explain(self, rank: int) -> Explanation:
        """Say why a hit was found.

        Parameters
        ----------
        rank : int
            Of the hit, from 1 to their number.

        Returns
        -------
        Explanation
            What color and pattern gave to the score, the colors, places and metadata that are shared. Where an image is gone, without what
            needs it.

        Raises
        ------
        InputError
            When there is no hit of that rank, or the hits do not come from a search.
        """
        place = _checks.integer(rank, caller="explain", name="rank", low=1) - 1
        if place >= len(self):
            raise InputError(f"explain: rank must be at most {len(self)}, the number of hits; got {rank!r}.")
        if self.comparison is None:
            raise InputError("explain: hits must come from find_similar; these do not say what was compared.")
        score, similarity = float(self.scores[place]), float(self.similarities[place])
        return self.comparison.explain(self.filenames[place], rank=place + 1, score=score, similarity=similarity)

    def to_records(self) -> list[dict[str, Any]]:
        """Return one dict a hit, as the existing front end reads them.

        Returns
        -------
        list of dict, length k
            With filename, design, season, quality, features, cluster, version and similarity; and, where a region was asked for, box and
            the width and height of the image that it is in pixels of.
        """
        records = [
            {"filename": name, **record, "version": self.version, "similarity": float(similarity)}
            for name, record, similarity in zip(self.filenames, self.records, self.similarities, strict=True)
        ]
        if self.boxes is not None and self.sizes is not None:
            for record, box, (width, height) in zip(records, self.boxes, self.sizes.tolist(), strict=True):
                record |= {"box": box, "width": width, "height": height}
        return records

    def to_frame(self) -> Any:
        """Return a DataFrame with a row a hit.

        Returns
        -------
        pandas.DataFrame
            Of k rows: rank (from 1), filename, design, season, quality, features, cluster, version, score, similarity; and box, where a
            region was asked for.
        """
        import pandas as pd

        places = pd.RangeIndex(len(self))
        known = {name: pd.Series([record[name] for record in self.records], places, dtype=object) for name in SHOWN}
        names = {"rank": np.arange(1, len(self) + 1), "filename": list(self.filenames)}
        measured = {"version": [self.version] * len(self), "score": self.scores, "similarity": self.similarities}
        found = {} if self.boxes is None else {"box": pd.Series(list(self.boxes), places, dtype=object)}
        return pd.DataFrame({**names, **known, **measured, **found}, places)

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the hits as CSV, and write them where a path is given.

        Parameters
        ----------
        path : str or Path, optional
            A file to write, in UTF-8 with the mark by which spreadsheets know it; replaced when it exists.

        Returns
        -------
        str
            The same table as `to_frame`; features are joined by '; ', a box is four numbers apart by spaces, and text
            that a spreadsheet would run as a formula is quoted.
        """
        frame = self.to_frame()
        if "box" in frame:
            frame["box"] = [_written(box) for box in frame["box"]]
        return save_csv(frame, path)


def _written(box: Box | list[Box]) -> str:
    """Return a box as four numbers apart by spaces; several apart by '; '."""
    boxes = box if isinstance(box, list) else [box]
    return "; ".join(" ".join(map(str, one)) for one in boxes)
