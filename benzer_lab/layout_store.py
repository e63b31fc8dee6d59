"""The maps of an archive's versions, in `derived/layout-NAME.parquet`: laid out once, read again, carried on to the next version."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from benzer_lab._checks import integer, nfc
from benzer_lab._display import html
from benzer_lab._distances import Score
from benzer_lab._engine import Floats
from benzer_lab.derived import DerivedTables, Parts
from benzer_lab.errors import InputError
from benzer_lab.features import FeatureSet
from benzer_lab.layout import Layout, amid, judged, nearest
from benzer_lab.progress import Progress, bar
from benzer_lab.search import COLOR_WEIGHT
from benzer_lab.versions import Versions

FORMAT = 2  # one more whenever maps are made or written differently
ENOUGH = 0.8  # part of the designs that must have been laid out together; with more placed among them, all are laid out anew
SIDE = 320  # pixels of a map in a notebook
INK = (31, 119, 180)


@dataclass(frozen=True, eq=False)
class DesignMap:
    """A map of a version: where each design lies.

    Parameters
    ----------
    filenames : tuple of str, length n
        The image of each point, in the order of the version's rows.
    coordinates : ndarray of shape (n, 2), float32
        Where it lies; only near and far mean something, not the axes.
    model, version : str
        What was laid out.
    name : str
        Under which the map is kept.
    options : dict
        How it was made: method, metric, n_neighbors, random_state.
    trustworthiness : Score or None
        How far neighbors on the map are neighbors in truth, from 0 to 1; None of fewer than five designs.
    n_placed : int, default=0
        Designs that came later and were placed amid their neighbors, on the map of an earlier version.
    """

    filenames: Sequence[str]
    coordinates: NDArray[np.float32]
    model: str
    version: str
    name: str
    options: Mapping[str, Any]
    trustworthiness: Score | None
    n_placed: int = 0

    def __len__(self) -> int:
        """Return the number of designs."""
        return len(self.coordinates)

    def __repr__(self) -> str:
        """Say size, source and how far it is to be trusted."""
        how = f", trustworthiness {self.trustworthiness!r}" if self.trustworthiness else ""
        placed = f", {self.n_placed:,} placed later" if self.n_placed else ""
        return f"DesignMap({self.title}, {len(self):,} designs by {self.options['method']}{how}{placed})"

    @property
    def title(self) -> str:
        """Model, version, and the name where it is not that of the method."""
        return " ".join([self.model, self.version, *([self.name] if self.name != self.options["method"] else [])])

    def to_frame(self) -> Any:
        """Return a DataFrame with a row a design.

        Returns
        -------
        pandas.DataFrame
            filename, x, y.
        """
        import pandas as pd

        return pd.DataFrame({"filename": list(self.filenames), "x": self.coordinates[:, 0], "y": self.coordinates[:, 1]})

    def _repr_html_(self) -> str:
        """Return the map as a picture, darker where more designs lie."""
        root = ElementTree.Element("div")
        ElementTree.SubElement(root, "div").text = repr(self)
        source = "data:image/png;base64," + base64.b64encode(_picture(self.coordinates)).decode()
        ElementTree.SubElement(root, "img", src=source, alt=f"map of {self.title}", width=str(SIDE), height=str(SIDE))
        return html(root)


class LayoutStore:
    """Where maps lie.

    Parameters
    ----------
    versions : Versions
        Of the archive.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._tables = DerivedTables(versions, "layout")

    def lay_out(self, parts: Parts, features: FeatureSet, options: Mapping[str, Any], *, name: str | None, progress: Progress) -> DesignMap:
        """Return the map of a version; make and keep it where there is none that was made so.

        Parameters
        ----------
        parts : tuple of (model, version)
            What is laid out; several are joined.
        features : FeatureSet of shape (n, d)
            Its rows.
        options : mapping
            method, n_neighbors and random_state, as for `Layout`.
        name : str or None
            Under which it is kept; None means that of the method.
        progress : bool or callable
            A bar on stderr, or what is called with (done, total).

        Returns
        -------
        DesignMap
            Designs that were on the map of the version before stay where they were, while few have come since.

        Raises
        ------
        InputError
            When an option is outside its range, or the name is none for a file.
        """
        name = str(options["method"]) if name is None else name
        source = self._tables.source(parts)
        integer(options["random_state"], caller="layout", name="random_state", low=0)
        if len(features) < 3:
            raise InputError(f"layout: {features.model} {features.version} must hold at least 3 designs; it holds {len(features)}.")
        options = {**options, "metric": features.metric}
        known = self._kept(parts, name)
        if known is not None and known.options == options:
            return known
        made = self._carried_on(parts, features, options, name)
        if made is None:
            with bar(f"map of {features.model} {features.version}", len(features), progress) as tell:
                layout = Layout(**options).fit_told(_rows(features), tell=tell)
            trust = layout.trustworthiness_
            made = DesignMap(tuple(features.filenames), layout.embedding_, features.model, features.version, name, options, trust)
        self._tables.write(parts, name, *_table_of(made), source)
        return made

    def read(self, parts: Parts) -> dict[str, DesignMap]:
        """Return the maps of a version.

        Parameters
        ----------
        parts : tuple of (model, version)
            Of which.

        Returns
        -------
        dict of str to DesignMap
            By name, sorted; without those that are torn, or of other rows: they are made again when they are asked for.
        """
        kept = {name: self._kept(parts, name) for name in self._tables.names(parts)}
        return {name: found for name, found in kept.items() if found is not None}

    def _kept(self, parts: Parts, name: str) -> DesignMap | None:
        """Return the map that is kept under a name."""
        found = self._tables.read(parts, name, tell=False)
        return None if found is None or found[1].get("format") != FORMAT else _map_of(*found)

    def _carried_on(self, parts: Parts, features: FeatureSet, options: Mapping[str, Any], name: str) -> DesignMap | None:
        """Place the designs that are new on the map of the version before; None where there is none, or too many are new."""
        before = self._before(parts)
        old = self._kept(before, name) if before else None
        if old is None or old.options != options:
            return None
        row_of = {nfc(filename): row for row, filename in enumerate(old.filenames)}
        same = self._unchanged(parts, before)
        from_row = np.array([row_of.get(nfc(filename), -1) if nfc(filename) in same else -1 for filename in features.filenames])
        new, kept = np.flatnonzero(from_row < 0), np.flatnonzero(from_row >= 0)
        n_placed = old.n_placed + len(new)
        if len(features) - n_placed < ENOUGH * len(features) or len(kept) < 3:
            return None
        coordinates, x = np.empty((len(features), 2), np.float32), _rows(features)
        coordinates[kept] = old.coordinates[from_row[kept]]
        if len(new):
            k = min(options["n_neighbors"], len(kept))
            coordinates[new] = amid(coordinates[kept], *nearest(x[kept], x[new], k, features.metric))
        trust = judged(x, coordinates, options["n_neighbors"], features.metric, options["random_state"])
        return DesignMap(tuple(features.filenames), coordinates, features.model, features.version, name, options, trust, n_placed)

    def _before(self, parts: Parts) -> Parts:
        """Return the versions that these follow from, where all were made by the same recipe; else nothing."""
        found = []
        for model, version in parts:
            card = self._versions.card(model, version)
            parent = card.get("parent")
            if parent not in self._versions.models()[model] or self._versions.card(model, parent)["recipe"] != card["recipe"]:
                return ()
            found.append((model, parent))
        return tuple(found)

    def _unchanged(self, parts: Parts, before: Parts) -> set[str]:
        """Return the names, in NFC, of the images that are the same in both."""
        same: set[str] | None = None
        for now, then in zip(parts, before, strict=True):
            old = {nfc(name): found for name, found in self._versions.sources(*then).items()}
            some = {nfc(name) for name, found in self._versions.sources(*now).items() if old.get(nfc(name)) == found}
            same = some if same is None else same & some
        return same or set()


def _rows(features: FeatureSet) -> Floats:
    """Return rows whose cosines, or distances, are those of a search: blocks of joined models count as they do there."""
    if not features.blocks:
        return features.x
    weights = np.empty(features.x.shape[1], np.float32)
    for model, columns in features.blocks.items():
        weights[columns] = np.sqrt(COLOR_WEIGHT if model == "color" else 1 - COLOR_WEIGHT)
    return features.x * weights


def _table_of(made: DesignMap) -> tuple[pa.Table, dict[str, Any]]:
    """Return a map as it is kept: a table, and its card."""
    facts = {name: getattr(made, name) for name in ("model", "version", "name", "n_placed")}
    trust = asdict(made.trustworthiness) if made.trustworthiness else None
    columns = {"filename": list(made.filenames), "x": made.coordinates[:, 0], "y": made.coordinates[:, 1]}
    return pa.table(columns), {"format": FORMAT, **facts, "options": dict(made.options), "trustworthiness": trust}


def _map_of(table: pa.Table, card: dict[str, Any]) -> DesignMap:
    """Return a map as it was kept."""
    trust = Score(**card["trustworthiness"]) if card["trustworthiness"] else None
    facts = {name: card[name] for name in ("model", "version", "name", "options", "n_placed")}
    coordinates = np.column_stack([table[axis].to_numpy() for axis in "xy"])
    return DesignMap(tuple(table["filename"].to_pylist()), coordinates, **facts, trustworthiness=trust)


def _picture(coordinates: NDArray[np.float32]) -> bytes:
    """Return a map as PNG on nothing, so that it shows on light and dark pages."""
    low, side = coordinates.min(axis=0), float(np.ptp(coordinates, axis=0).max()) or 1.0
    cells = SIDE // 2 if len(coordinates) > SIDE else SIDE // 4
    column, row = (((coordinates - low) / side) * (cells - 1)).astype(int).T
    counts = np.bincount((cells - 1 - row) * cells + column, minlength=cells * cells).reshape(cells, cells)
    pixels = np.zeros((cells, cells, 4), np.uint8)
    pixels[..., :3] = INK
    pixels[..., 3] = np.where(counts, 70 + 185 * np.sqrt(counts / counts.max()), 0)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
