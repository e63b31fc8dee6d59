"""Three words kept apart: duplicate (the same file or scan), colorway (the same design recolored), look-alike (another design)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab import _checks
from benzer_lab._display import draw, html, pictures, save_csv
from benzer_lab._engine import each
from benzer_lab._grouping import Member, grouped
from benzer_lab._registration import match
from benzer_lab._verdicts import ALIKE, FIRST, KINDS, Comparer, Relation, Verdict, candidates, kind_of, near, verdicts
from benzer_lab.errors import ImageError
from benzer_lab.extraction import show
from benzer_lab.hits import Hits
from benzer_lab.index_store import bar
from benzer_lab.metadata import Metadata
from benzer_lab.search import Question, Searcher
from benzer_lab.thumbnails import Thumbnails

CALLER = "find_duplicates"
SHORTLIST = 16  # nearest by pattern that are compared where the colorways of one image are asked for; a page waits for it
ALIKE_ELSEWHERE = 0.9  # of rows that no recipe with a measured threshold made
FIELDS = ("design", "season", "quality")
PICTURES = 36  # drawn in a notebook

Progress = bool | Callable[[int, int], None]


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
    thumbnail : callable, optional
        Gives the WebP picture of a file name, or None where there is none.
    """

    groups: tuple[DesignGroup, ...]
    n_images: int
    n_pairs: int
    failures: dict[str, str]
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
        return f"DesignGroups({counts}; {self.n_images:,} images, {self.n_pairs:,} pairs compared{failed})"

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

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the groups as CSV, and write them where a path is given.

        Parameters
        ----------
        path : str or Path, optional
            A file to write, in UTF-8 with the mark by which spreadsheets know it; replaced when it exists.

        Returns
        -------
        str
            The same table as `to_frame`; lists are joined by '; ', and text that a spreadsheet would run as a formula is quoted.
        """
        return save_csv(self.to_frame(), path)

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


def find_duplicates(
    searcher: Searcher,
    thumbnails: Thumbnails,
    *,
    neighbors: int = 24,
    processes: int | None = None,
    progress: Progress = True,
    thumbnail: Callable[[str], bytes | None] | None = None,
) -> DesignGroups:
    """Group the images of an archive by what they are to each other.

    Parameters
    ----------
    searcher : Searcher
        Of the model 'pattern'.
    thumbnails : Thumbnails
        Where the pixels come from.
    neighbors : int, default=24
        How many of each image are compared with it, the nearest by pattern; more where all of them may be one design.
    processes : int, optional
        How many work at a time; all cores by default.
    progress : bool or callable, default=True
        A bar on stderr, or what is called with (done, total).
    thumbnail : callable, optional
        Gives the picture of a file name, for the groups to show.

    Returns
    -------
    DesignGroups
        Duplicates, then colorways, then look-alikes.

    Raises
    ------
    InputError
        When a number is below 1.
    """
    neighbors = _checks.integer(neighbors, caller=CALLER, name="neighbors", low=1)
    if processes is not None:
        processes = _checks.integer(processes, caller=CALLER, name="processes", low=1)
    features = searcher.features
    with bar("neighbors", len(features), progress is True) as tell:
        pairs, cosines = candidates(searcher, neighbors=neighbors, tell=tell)
    found: list[Verdict] = []
    failures: dict[str, str] = {}

    def steps() -> Iterator[int]:
        with closing(verdicts(pairs, cosines, features.filenames, Comparer(thumbnails), processes=processes)) as results:
            for some, refused, n in results:
                found.extend(some)
                failures.update(refused)
                yield n

    show(steps(), progress, len(pairs), 0, unit="pairs")
    members = grouped(found, len(features), alike=ALIKE.get(features.recipe or "", ALIKE_ELSEWHERE))
    groups = tuple(_group(kind, several, features.filenames, searcher.metadata) for kind, several in members)
    return DesignGroups(groups, len(features), len(pairs), failures, thumbnail)


def _group(kind: Relation, members: Sequence[Member], filenames: Sequence[str], metadata: Metadata) -> DesignGroup:
    """Name the members of a group."""
    return DesignGroup(
        kind=kind,
        filenames=tuple(filenames[member.row] for member in members),
        like=tuple(filenames[member.like] for member in members),
        scores=np.array([member.score for member in members], np.float32),
        differences=np.array([member.difference for member in members], np.float32),
        records=metadata.records(np.array([member.row for member in members]), FIELDS),
    )


def find_colorways(filename: str, searcher: Searcher, thumbnails: Thumbnails) -> Hits:
    """Find the other colorways of a design: the nearest by pattern, compared on the pixels.

    Parameters
    ----------
    filename : str
        An image of the design.
    searcher : Searcher
        Of the model 'pattern'.
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
    comparer = Comparer(thumbnails)
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
