"""Three words kept apart: duplicate (the same file or scan), colorway (the same design recolored), look-alike (another design)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from benzer_lab import _checks, duplicate_store
from benzer_lab._display import draw, html, pictures, save_csv
from benzer_lab._engine import each
from benzer_lab._registration import match
from benzer_lab._verdicts import FIRST, KINDS, Comparer, Relation, kind_of, near
from benzer_lab.duplicate_store import Found
from benzer_lab.errors import ImageError
from benzer_lab.hits import Hits
from benzer_lab.images import ImageFolder
from benzer_lab.metadata import Metadata
from benzer_lab.search import Question, Searcher
from benzer_lab.thumbnails import Thumbnails

SHORTLIST = 16  # nearest by pattern that are compared where the colorways of one image are asked for; a page waits for it
FIELDS = ("design", "season", "quality")
PICTURES = 36  # drawn in a notebook


@dataclass(frozen=True, eq=False)
class DesignGroup:
    """Images that belong together, and how.

    Parameters
    ----------
    kind : {'duplicate', 'colorway', 'look-alike'}
        The same file or scan; one design in several colors, its duplicates among them; a design, first, and others that resemble it.
    filenames : tuple of str, length k
        The images, 2 or more.
    like : tuple of str, length k
        The image that each was found to be most like; of a look-alike it may be another colorway of the first.
    scores : ndarray of shape (k,), float32
        How like: 0 to 1, 1 is the same. Of duplicates and colorways the correlation of the drawings, one laid on the other; of
        look-alikes the cosine of their rows.
    differences : ndarray of shape (k,), float32
        How far the colors are apart then, in L*a*b* (CIE76); NaN for look-alikes.
    records : list of dict, length k
        Design, season and quality of each.
    """

    kind: Relation
    filenames: tuple[str, ...]
    like: tuple[str, ...]
    scores: NDArray[np.float32]
    differences: NDArray[np.float32]
    records: list[dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.filenames)

    def __repr__(self) -> str:
        """Say kind and images."""
        more = f" and {len(self) - 3:,} more" if len(self) > 3 else ""
        return f"DesignGroup({self.kind}: {', '.join(self.filenames[:3])}{more})"

    @property
    def designs(self) -> list[str]:
        """The names that the metadata gives its images, each once; two for a duplicate are worth a look."""
        return self._values("design")

    @property
    def seasons(self) -> list[str]:
        """The seasons of its images, each once."""
        return self._values("season")

    def _values(self, name: str) -> list[str]:
        return list(dict.fromkeys(str(record[name]) for record in self.records if record[name]))


@dataclass(frozen=True, eq=False)
class DesignGroups(Sequence[DesignGroup]):
    """Groups of images, each called duplicate, colorway or look-alike.

    Parameters
    ----------
    groups : tuple of DesignGroup
        Duplicates first, then colorways, then look-alikes; the largest of each kind first.
    n_images, n_pairs : int
        How many images there are, and how many pairs of them were compared.
    failures : dict of str to str
        Images that could not be read, with the reason: they are in no group.
    version : str
        Of the model `pattern` whose rows named the pairs.
    created : str
        When they were found, in UTC.
    n_new, n_gone : int
        Images that came or changed since, and those that went: none where the groups are up to date.
    thumbnail : callable, optional
        Gives the WebP picture of a file name, or None where there is none.
    """

    groups: tuple[DesignGroup, ...]
    n_images: int
    n_pairs: int
    failures: dict[str, str]
    version: str = ""
    created: str = ""
    n_new: int = 0
    n_gone: int = 0
    thumbnail: Callable[[str], bytes | None] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.groups)

    def __getitem__(self, place: Any) -> Any:
        """Return a group, or several."""
        return self.groups[place]

    def __repr__(self) -> str:
        """Say how many of each kind, among how many images."""
        counts = ", ".join(f"{len(self.of(kind)):,} {kind}" for kind in KINDS)
        failed = f", {len(self.failures):,} images could not be read" if self.failures else ""
        since = f"; since then {self.n_new:,} images came or changed and {self.n_gone:,} went" if self.is_stale else ""
        return f"DesignGroups({counts}; {self.n_images:,} images, {self.n_pairs:,} pairs compared{failed}{since})"

    @property
    def is_stale(self) -> bool:
        """Whether images came, changed or went since: `find_duplicates` compares those only."""
        return bool(self.n_new or self.n_gone)

    def of(self, *kinds: Relation) -> "DesignGroups":
        """Return the groups of some kinds.

        Parameters
        ----------
        *kinds : {'duplicate', 'colorway', 'look-alike'}
            Which.

        Returns
        -------
        DesignGroups
            In the same order.

        Raises
        ------
        InputError
            When there is no such kind.
        """
        for kind in kinds:
            _checks.one_of(kind, KINDS, caller="DesignGroups.of", name="kind")
        return replace(self, groups=tuple(group for group in self.groups if group.kind in kinds))

    def to_records(self) -> list[dict[str, Any]]:
        """Return one dict a group, as JSON keeps them.

        Returns
        -------
        list of dict
            With kind, filenames, scores, designs and seasons.
        """
        return [
            {
                "kind": group.kind,
                "filenames": group.filenames,
                "scores": group.scores.tolist(),
                "designs": group.designs,
                "seasons": group.seasons,
            }
            for group in self.groups
        ]

    def to_frame(self) -> Any:
        """Return a DataFrame with a row an image of each group.

        Returns
        -------
        pandas.DataFrame
            group (from 1), kind, filename, like, score, difference, design, season, quality; designs and seasons of the whole group, as
            lists: a duplicate across two designs, or a colorway across seasons, is found by their lengths.
        """
        import pandas as pd

        columns = ["group", "kind", "filename", "like", "score", "difference", *FIELDS, "designs", "seasons"]
        rows = []
        for number, group in enumerate(self.groups, 1):
            found = zip(group.filenames, group.like, group.scores.tolist(), group.differences.tolist(), group.records, strict=True)
            whole = group.designs, group.seasons
            rows += [
                (number, group.kind, name, like, score, apart, *(record[f] for f in FIELDS), *whole)
                for name, like, score, apart, record in found
            ]
        return pd.DataFrame(rows, columns=columns)

    def to_csv(self, path: str | Path | None = None, *, comma: Literal[".", ","] = ".") -> str:
        """Return the groups as CSV, and write them where a path is given.

        Parameters
        ----------
        path : str or Path, optional
            A file to write, in UTF-8 with the mark by which spreadsheets know it; replaced when it exists.
        comma : {'.', ','}, default='.'
            What stands before decimals. Where that is the comma, spreadsheets expect semicolons between columns.

        Returns
        -------
        str
            The same table as `to_frame`; lists are joined by '; ', and text that a spreadsheet would run as a formula is quoted.
        """
        return save_csv(self.to_frame(), path, comma=comma)

    def _repr_html_(self) -> str:
        """Draw the first groups of each kind for a notebook."""
        root, _ = pictures(repr(self))
        for kind in KINDS:
            left = PICTURES // len(KINDS)
            for group in self.of(kind).groups:
                if len(group) > left:
                    break
                left -= len(group)
                _, row = pictures(f"{kind}: {', '.join(group.designs)} ({', '.join(group.seasons)})", root)
                for name, score in zip(group.filenames, group.scores, strict=True):
                    draw(row, name, self.thumbnail(name) if self.thumbnail else None, f"{score:.3f} {name}")
        return html(root)


def keys_in(searcher: Searcher, thumbnails: Thumbnails) -> dict[str, str]:
    """Return the images of a model, with what changes when they do; nothing where an image is gone."""
    return {name: thumbnails.key(name) or "" for name in searcher.features.filenames}


def groups_of(
    found: Found, metadata: Metadata, now: dict[str, str], thumbnail: Callable[[str], bytes | None] | None = None
) -> DesignGroups:
    """Return groups that were found, with what is known of their images.

    Parameters
    ----------
    found : Found
        As it was kept.
    metadata : Metadata
        Of the archive.
    now : dict of str to str
        The images that there are now, with what changes when they do.
    thumbnail : callable, optional
        Gives the picture of a file name, for the groups to show.

    Returns
    -------
    DesignGroups
        Duplicates, then colorways, then look-alikes.
    """
    then, failed = duplicate_store.keys_of(found), found.table.filter(pc.is_valid(found.table["reason"]))
    failures = dict(zip(failed["filename"].to_pylist(), failed["reason"].to_pylist(), strict=True))
    table = found.table.filter(pc.is_valid(found.table["group"]))
    filenames, like, kinds = (table[name].to_pylist() for name in ("filename", "like", "kind"))
    scores, differences = (table[name].to_numpy() for name in ("score", "difference"))
    records = metadata.align(filenames, model="", version="").records(np.arange(len(table)), FIELDS)
    starts = np.flatnonzero(np.diff(table["group"].to_numpy(), prepend=-1)).tolist()
    groups = [
        DesignGroup(kinds[i], tuple(filenames[i:j]), tuple(like[i:j]), scores[i:j], differences[i:j], records[i:j])
        for i, j in zip(starts, [*starts[1:], len(table)], strict=True)
    ]
    return DesignGroups(
        tuple(groups),
        len(then),
        found.n_pairs,
        failures,
        version=found.version,
        created=found.created,
        n_new=sum(then.get(name) != key for name, key in now.items()),
        n_gone=len(then.keys() - now.keys()),
        thumbnail=thumbnail,
    )


def find_colorways(filename: str, searcher: Searcher, images: ImageFolder, thumbnails: Thumbnails) -> Hits:
    """Find the other colorways of a design: the nearest by pattern, compared on the pixels.

    Parameters
    ----------
    filename : str
        An image of the design.
    searcher : Searcher
        Of the model 'pattern'.
    images : ImageFolder
        The images.
    thumbnails : Thumbnails
        Where the pixels come from.

    Returns
    -------
    Hits
        Only images of the same design in other colors, nearest by pattern first.

    Raises
    ------
    InputError
        When the image is unknown.
    ImageError
        When it cannot be read.
    """
    hits = searcher.find_similar(filename, Question(top_n=SHORTLIST))
    comparer = Comparer(images, thumbnails)
    own = comparer.swatch(filename)

    def is_colorway(place: int) -> bool:
        try:
            return kind_of(match(own, comparer.swatch(hits.filenames[place]), turned=place < FIRST)) == "colorway"
        except ImageError:  # gone or broken: it cannot be shown either
            return False

    places = np.flatnonzero(near(hits.scores, searcher.features.recipe or ""))
    kept = places[np.array(each(len(places), lambda i: is_colorway(int(places[i]))), np.bool_)]
    return replace(
        hits,
        filenames=tuple(hits.filenames[place] for place in kept),
        scores=hits.scores[kept],
        similarities=hits.similarities[kept],
        records=[hits.records[place] for place in kept],
    )
