"""Which images may show a part: windows of all of them as codes of 16 bytes, of which the likeliest are listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import Rows, faiss, n_cores, runs, spread, threads
from benzer_lab.regions import Floats, View

N_AXES = 32  # directions of a window that are kept, 4 bits each
TRAINED_ON, TRAINED_STEP = 8_192, 5  # images, of whose windows each fifth is taken
LISTED_A_VIEW = 4  # windows listed for each image wanted: several may be of one image


@dataclass(frozen=True, eq=False)
class Sieve:
    """Windows of many images as product-quantized codes.

    Parameters
    ----------
    axes : numpy.ndarray of shape (144, 32), float32
        The directions in which windows vary most.
    codes : faiss index
        The windows along the axes; each is called by the row of its image.
    """

    axes: Floats
    codes: Any

    @classmethod
    def build(cls, trained_on: Floats, images: Iterable[tuple[Rows, Floats]]) -> "Sieve":
        """Encode all windows.

        Parameters
        ----------
        trained_on : numpy.ndarray of shape (t, 144), float32
            Some windows, see `windows_of`.
        images : iterable of (rows, windows)
            Images of one grid, (m,), and their windows, (m, w, 144).

        Returns
        -------
        Sieve
            Of all of them.
        """
        axes = np.ascontiguousarray(np.linalg.eigh(trained_on.T @ trained_on)[1][:, : -N_AXES - 1 : -1], np.float32)
        measure = faiss.METRIC_INNER_PRODUCT
        codes = faiss.IndexIVFPQFastScan(faiss.IndexFlat(N_AXES, measure), N_AXES, 1, N_AXES, 4, measure)  # one list: it can be filtered
        codes.by_residual = False
        codes.cp.min_points_per_centroid = codes.pq.cp.min_points_per_centroid = 1
        with threads(n_cores()):
            codes.train(trained_on @ axes)
            for rows, windows in images:
                codes.add_with_ids(windows.reshape(-1, windows.shape[2]) @ axes, np.repeat(rows, windows.shape[1]))
        return cls(axes, codes)

    def packed(self) -> NDArray[np.uint8]:
        """Return the codes as bytes."""
        return np.asarray(faiss.serialize_index(self.codes))

    @classmethod
    def unpacked(cls, axes: Floats, packed: NDArray[np.uint8]) -> "Sieve":
        """Return what `packed` packed."""
        return cls(axes, faiss.deserialize_index(packed))

    def best(self, parts: Sequence[Sequence[View]], rows: Rows, n: int) -> Rows:
        """List images that may show some parts.

        Parameters
        ----------
        parts : sequence of sequence of View
            From `benzer_lab.regions.views_of`.
        rows : numpy.ndarray of shape (m,), int64
            Of the images that may be listed.
        n : int
            How many.

        Returns
        -------
        numpy.ndarray of shape (n,), int64
            The likeliest, ascending; all of `rows` where these are fewer.
        """
        mask = np.zeros(int(rows.max()) + 1, np.bool_)
        mask[rows] = True
        bitmap = np.packbits(mask, bitorder="little")
        scores = np.min([self._scores(views, bitmap, len(mask), LISTED_A_VIEW * n) for views in parts], axis=0)
        return np.sort(rows[np.argsort(-scores[rows], kind="stable")[:n]])

    def _scores(self, views: Sequence[View], bitmap: NDArray[np.uint8], n_rows: int, k: int) -> NDArray[np.float32]:
        """Return how well images may show a part, by the `k` windows most like each view; all others as well as the last of these."""
        asked = np.stack([view.weight * unit_window(view.fours) for view in views]) @ self.axes
        parameters = faiss.SearchParametersIVF(nprobe=1, sel=faiss.IDSelectorBitmap(bitmap))

        def some(run: range) -> tuple[NDArray[np.float32], Rows]:
            with threads(1):
                good, found = self.codes.search(asked[run.start : run.stop], min(k, self.codes.ntotal), params=parameters)
            return good.ravel(), found.ravel()

        good, found = (np.concatenate(side) for side in zip(*spread(some, runs(len(asked))), strict=True))
        there = found >= 0
        best = np.full(n_rows, good[there].min(), np.float32)
        np.maximum.at(best, found[there], good[there])
        return best


def unit_window(fours: Floats) -> Floats:
    """Return a window of 2 x 2 fours as a row of length 1."""
    return np.asarray(fours.ravel() / (np.linalg.norm(fours) + 1e-6), np.float32)


def windows_of(fours: Floats) -> Floats:
    """Cut images into all windows of 2 x 2 fours.

    Parameters
    ----------
    fours : numpy.ndarray of shape (n, h, w, 36), float32
        From `benzer_lab.regions.fours_of`.

    Returns
    -------
    numpy.ndarray of shape (n, (h - 1) (w - 1), 144), float32
        Each of length 1.
    """
    n = len(fours)
    corners = [fours[:, :-1, :-1], fours[:, :-1, 1:], fours[:, 1:, :-1], fours[:, 1:, 1:]]
    windows = np.concatenate(corners, axis=3).reshape(n, -1, 4 * fours.shape[3])
    return np.asarray(windows / (np.linalg.norm(windows, axis=2, keepdims=True) + 1e-6), np.float32)
