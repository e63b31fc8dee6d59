"""One map of the atlas: where the designs of a model lie, what is known of each, and which group it is in."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from benzer_lab._checks import nfc
from benzer_lab.filters import passing
from benzer_lab.metadata import Metadata
from benzer_lab.outlines import Plane
from benzer_lab.seasons import in_order
from benzer_lab.views.catalog import Catalog, alphabetical, catalog
from benzer_lab.views.coloring import Coloring, by_category, by_number

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
MARGIN = 0.98  # of the map, so that no point lies on its edge


class Layout(Protocol):
    """Where designs lie, as `Archive.layout` says it."""

    @property
    def filenames(self) -> Sequence[str]:
        """The images, n of them."""

    @property
    def coordinates(self) -> NDArray[np.float32]:
        """Where each lies, shape (n, 2)."""

    @property
    def trustworthiness(self) -> Any:
        """How far neighbors on the map are neighbors in truth, from 0 to 1; None where that is not known."""


class Group(Protocol):
    """What is told of one cluster."""

    @property
    def label(self) -> int:
        """Its number."""

    @property
    def n(self) -> int:
        """Images in it."""

    @property
    def names(self) -> Mapping[str, str]:
        """What it is called, by language."""

    @property
    def typical(self) -> Sequence[str]:
        """File names of its most typical images, the most typical first."""

    @property
    def palette(self) -> Sequence[tuple[str, float]]:
        """Hex and share of its colors."""

    @property
    def traits(self) -> Sequence[Any]:
        """What it has more of than others: each has a `feature`."""


class Grouping(Protocol):
    """Clusters of images, as `Archive.clusters` gives them."""

    @property
    def filenames(self) -> Sequence[str]:
        """The images, n of them."""

    @property
    def labels(self) -> NDArray[Any]:
        """The cluster of each, shape (n,); -1 for none."""

    @property
    def clusters(self) -> Sequence[Group]:
        """The largest first."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why so many, by language; empty where the reader chose."""


class AtlasMap:
    """Points, metadata and groups of the same images, in one order.

    Parameters
    ----------
    model, version : str
        What the map is of.
    layout : Layout of n images
        Where they lie.
    metadata : Metadata
        What is known of them.
    grouping : Grouping, optional
        Their clusters; those of the metadata where it is left out.
    """

    def __init__(self, model: str, version: str, layout: Layout, metadata: Metadata, grouping: Grouping | None = None) -> None:
        self.model, self.version, self.layout, self.grouping = model, version, layout, grouping
        self.filenames = tuple(layout.filenames)
        self.points = placed(layout.coordinates)
        self._known = metadata
        self._rows_of: WeakKeyDictionary[AtlasMap, Rows] = WeakKeyDictionary()
        self.metadata = metadata.align(self.filenames, model=model, version=version)
        if grouping is not None:
            self.metadata = _with_clusters(self.metadata, self.filenames, grouping)

    def regrouped(self, grouping: Grouping) -> "AtlasMap":
        """Return the same map with other clusters."""
        return AtlasMap(self.model, self.version, self.layout, self._known, grouping)

    @property
    def place(self) -> tuple[str, str | dict[str, str]]:
        """Model and version, as an archive takes them."""
        parts = self.version.split("+")
        return self.model, self.version if len(parts) == 1 else dict(zip(self.model.split("+"), parts, strict=True))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.filenames)

    @cached_property
    def catalog(self) -> Catalog:
        """The images as a list, shared with other visitors."""
        return catalog(self.filenames, self._known)

    @cached_property
    def groups(self) -> dict[int, Group]:
        """The clusters by their label, the largest first."""
        return {group.label: group for group in self.grouping.clusters} if self.grouping is not None else {}

    @cached_property
    def _plane(self) -> Plane:
        return Plane(self.points)

    def selected(self, outline: Sequence[float], filters: Mapping[str, Any]) -> Mask | None:
        """Tell which images lie within an outline and pass filters.

        Parameters
        ----------
        outline : sequence of float
            x and y in turn; empty for no outline.
        filters : mapping of str to list
            Field to values, of which any is enough.

        Returns
        -------
        ndarray of shape (n,), bool, or None
            None where nothing is asked: all.

        Raises
        ------
        InputError
            When a field is unknown, or the outline has fewer than three corners.
        """
        mask = passing(filters, self.metadata, caller="Atlas")
        if outline:
            held = self._plane.inside(np.reshape(outline, (-1, 2)))
            mask = held if mask is None else mask & held
        return mask

    def carried(self, values: NDArray[Any], other: "AtlasMap", *, absent: Any) -> NDArray[Any]:
        """Return what each point of another map has here, by name.

        Parameters
        ----------
        values : ndarray of shape (n,)
            One for each image of this map.
        other : AtlasMap of m images
            Of the same archive.
        absent : object
            What images get that this map has not.

        Returns
        -------
        ndarray of shape (m,)
            In the order of the other map.
        """
        if other not in self._rows_of:
            self._rows_of[other] = np.fromiter(map(self.catalog.row, other.filenames), np.int64, len(other))
        rows = self._rows_of[other]
        carried: NDArray[Any] = np.where(rows < 0, absent, values[rows]).astype(values.dtype)
        return carried

    def values(self, name: str) -> list[Any]:
        """Return the values of a field in the order in which they are told: clusters by size, seasons in turn, others by the alphabet."""
        codes = self.metadata.codes(name)
        if name == "cluster" and self.groups:
            return [label for label in self.groups if label in set(codes.values)]
        if name == "season" and all(isinstance(one, str) for one in codes.values):
            return in_order(codes.values)
        return sorted(codes.values, key=alphabetical)

    def colored(self, name: str, value: Any = None) -> Coloring:
        """Color the points by a field.

        Parameters
        ----------
        name : str
            One of the fields.
        value : object, optional
            Of a field that holds lists: which of its values; by whether an image has it.

        Returns
        -------
        Coloring
            By category, or by number where the field holds more numbers than there are colors.
        """
        if name not in self.metadata.fields:
            return by_category([], np.full(len(self), -1))
        codes = self.metadata.codes(name)
        if codes.parents is not None:
            has = np.full(len(self), -1)
            if value in codes.values:
                has[codes.parents[codes.codes == codes.values.index(value)]] = 0
            return by_category([value], has)
        is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in codes.values)
        if is_number and name != "cluster" and len(codes.values) > 12:
            return by_number(np.array([*codes.values, np.nan], float)[codes.codes])
        places = {one: code for code, one in enumerate(codes.values)}
        order = [places[one] for one in self.values(name)] if name in ("season", "cluster") else None
        return by_category(codes.values, codes.codes, order)


def placed(coordinates: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return coordinates (n, 2) moved and scaled, both axes alike, so that they fill -1 to 1."""
    points = np.asarray(coordinates, np.float64)
    if not len(points):
        return points.astype(np.float32).reshape(0, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    half = float((high - low).max() / 2) or 1.0
    return np.asarray((points - (low + high) / 2) * (MARGIN / half), np.float32)


def _with_clusters(metadata: Metadata, filenames: Sequence[str], grouping: Grouping) -> Metadata:
    """Return metadata whose clusters are those of a grouping, which may be of other images."""
    labels = np.asarray(grouping.labels, np.int32)
    if tuple(grouping.filenames) != tuple(filenames):
        label_of = dict(zip(map(nfc, grouping.filenames), labels.tolist(), strict=True))
        labels = np.array([label_of.get(nfc(name), -1) for name in filenames], np.int32)
    return metadata.with_clusters(labels, {})
