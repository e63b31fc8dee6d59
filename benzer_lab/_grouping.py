"""Groups of images, of what each two of them are to each other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benzer_lab._verdicts import KINDS, Relation, Verdict


class Member(NamedTuple):
    """A row of a group, the row that it is most like, how like, and how far their colors are apart."""

    row: int
    like: int
    score: float
    difference: float


def grouped(found: Sequence[Verdict], n: int, *, alike: float) -> list[tuple[Relation, list[Member]]]:
    """Make groups of what pairs are.

    Duplicates of duplicates are one group, the surest first, unless that would join two images that were found to be colorways; colorways
    of colorways, with their duplicates, are one, too. Look-alikes do not chain: the design with the most of them takes those
    that resemble it itself, and no design is in two such groups.

    Parameters
    ----------
    found : sequence of Verdict
        Of pairs of n images.
    n : int
        How many images there are.
    alike : float
        The score from which two designs are called look-alikes.

    Returns
    -------
    list of (str, list of Member)
        Relation and members of each group, the largest of each kind first.
    """
    of_kind = {kind: [verdict for verdict in found if verdict.kind == kind] for kind in KINDS}
    nearest = sorted(of_kind["duplicate"], key=lambda verdict: verdict.difference)
    copies = _labels(nearest, n, apart=of_kind["colorway"])
    same = [*of_kind["duplicate"], *of_kind["colorway"]]
    designs = _labels(same, n)
    best = _best([v for v in nearest if copies[v.first] == copies[v.second]]), _best(same)
    groups: list[tuple[Relation, list[Member]]] = [("duplicate", [best[0][row] for row in rows]) for rows in _together(copies)]
    groups += [("colorway", [best[1][row] for row in rows]) for rows in _together(designs) if len({int(copies[row]) for row in rows}) > 1]
    groups += [("look-alike", members) for members in _stars([v for v in of_kind["look-alike"] if v.score >= alike], designs)]
    return sorted(groups, key=lambda group: (KINDS.index(group[0]), -len(group[1]), group[1][0].row))


def _labels(same: Iterable[Verdict], n: int, *, apart: Iterable[Verdict] = ()) -> NDArray[np.int64]:
    """Return for each of n rows the smallest row that a chain of pairs leads to; no chain joins two rows that are known to be apart."""
    parent = list(range(n))
    foes: dict[int, set[int]] = {}
    for verdict in apart:
        foes.setdefault(verdict.first, set()).add(verdict.second)
        foes.setdefault(verdict.second, set()).add(verdict.first)

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for verdict in same:
        first, second = sorted((root(verdict.first), root(verdict.second)))
        if first != second and all(root(foe) != first for foe in foes.get(second, ())):
            parent[second] = first
            foes.setdefault(first, set()).update(foes.pop(second, ()))
    return np.array([root(row) for row in range(n)], np.int64)


def _together(labels: NDArray[np.int64]) -> list[list[int]]:
    """Return the rows of each label that two or more share."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    return [rows.tolist() for rows in np.split(order, starts[1:]) if len(rows) > 1]


def _best(same: Iterable[Verdict]) -> dict[int, Member]:
    """Return of each row the other that it is most like."""
    best: dict[int, Member] = {}
    for verdict in same:
        for row, other in ((verdict.first, verdict.second), (verdict.second, verdict.first)):
            if row not in best or best[row].score < verdict.score:
                best[row] = Member(row, other, verdict.score, verdict.difference)
    return best


def _stars(alike: Iterable[Verdict], designs: NDArray[np.int64]) -> Iterator[list[Member]]:
    """Give each design that has look-alikes with those of them that no other group has taken; one image of each."""
    rays: dict[int, dict[int, Member]] = {}
    for verdict in alike:
        for row, other in ((verdict.first, verdict.second), (verdict.second, verdict.first)):
            mine, theirs = int(designs[row]), int(designs[other])
            known = rays.setdefault(theirs, {}).get(mine)
            if mine != theirs and (known is None or known.score < verdict.score):
                rays[theirs][mine] = Member(row, other, verdict.score, verdict.difference)
    taken: set[int] = set()
    for center in sorted(rays, key=lambda design: (-len(rays[design]), design)):
        near = [rays[center][design] for design in rays[center] if design not in taken]
        if center not in taken and near:
            near.sort(key=lambda member: -member.score)
            taken |= {center, *(int(designs[member.row]) for member in near)}
            yield [Member(near[0].like, near[0].row, near[0].score, near[0].difference), *near]
