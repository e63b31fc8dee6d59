"""The images of an archive, described place by place, and the parts that are found in them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benzer_lab._engine import Rows, each
from benzer_lab._finder import recall
from benzer_lab._optional import require
from benzer_lab.region_sieve import TRAINED_ON, TRAINED_STEP, Sieve, windows_of
from benzer_lab.regions import CELL, Codes, Floats, View, fours_of, unpack

ROUGH_AT_ONCE, CLOSE_AT_ONCE = 512, 100  # images: what fits a core's cache is sooner than all at once
SIEVED = 5_000  # images whose windows are compared as they are; of more, those that the sieve finds likeliest
FIRST, MEASURED = 100, 5_000  # of the answer the recall is measured; images that are all looked at closely for that
LANES = 8  # values that the processor multiplies at a time
NOWHERE = -2.0  # the score of a part that has no room in an image


@dataclass(frozen=True, eq=False)
class Found:
    """Images that show some parts, best first.

    Attributes
    ----------
    rows : numpy.ndarray of shape (k,), int64
        Which they are.
    scores : numpy.ndarray of shape (k,), float32
        Cosine of the part that is found worst, -1 to 1, 1 best.
    boxes : numpy.ndarray of shape (k, b, 4), int64
        Where each part is found: left, top, right and bottom in pixels of the upright original.
    """

    rows: Rows
    scores: NDArray[np.float32]
    boxes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Regions:
    """The images of an archive, described place by place.

    Parameters
    ----------
    packed : sequence of numpy.ndarray of shape (m, 7056), int8
        Of the images, see `benzer_lab.regions.pack`; in blocks of one length, the last may be shorter. They may be mapped from disk.
    grids : numpy.ndarray of shape (n, 2), int64
        Rows and columns of the cells of each; zeros where an image could not be read.
    sizes : numpy.ndarray of shape (n, 2), int64
        Width and height of each upright original, in pixels.
    sieve : Sieve, optional
        Their windows; without it all are compared.
    recall : float, default=nan
        Which part of the true first hundred is looked at closely, 0 to 1; see `measured`.
    """

    packed: Sequence[Codes]
    grids: NDArray[np.int64]
    sizes: NDArray[np.int64]
    sieve: Sieve | None = None
    recall: float = float("nan")

    def sieved(self, seed: int = 0) -> "Regions":
        """Return the same images with a sieve."""
        rows = np.flatnonzero(self.grids[:, 0])
        some = np.sort(np.random.default_rng(seed).permutation(rows)[:TRAINED_ON])
        windows = [self._windows(block)[:, ::TRAINED_STEP] for block in self._blocks(some, ROUGH_AT_ONCE)]
        trained_on = np.concatenate([part.reshape(-1, part.shape[2]) for part in windows])
        blocks = ((block, self._windows(block)) for block in self._blocks(rows, ROUGH_AT_ONCE))
        return replace(self, sieve=Sieve.build(trained_on, blocks))

    def measured(self, questions: Sequence[tuple[int, Sequence[Sequence[View]]]], *, n: int, seed: int = 0) -> float:
        """Measure which part of the true first hundred is looked at closely.

        Of many images a sample is taken, in which as many fewer are looked at, and as many fewer are the true first: what is in
        the first hundred of 100,000 is in the first five of 5,000 of them.

        Parameters
        ----------
        questions : sequence of (int, parts)
            The row of an image, which is left out of the answer, and parts of it, from `benzer_lab.regions.views_of`.
        n : int
            How many of all images are looked at closely.
        seed : int, default=0
            Of the sample.

        Returns
        -------
        float
            0 to 1.
        """
        rows = np.flatnonzero(self.grids[:, 0])
        sample = np.sort(np.random.default_rng(seed).permutation(rows)[:MEASURED])
        first, n, sieved = (max(1, round(count * len(sample) / len(rows))) for count in (FIRST, n, SIEVED))
        truth, found = [], []
        for own, parts in questions:
            others = sample[sample != own]
            truth.append(self.find(parts, others, n=len(others)).rows[:first])
            found.append(self.find(parts, others, n=n, sieved=sieved).rows)
        return recall(truth, found)

    def find(self, parts: Sequence[Sequence[View]], rows: Rows, *, n: int, sieved: int = SIEVED) -> Found:
        """Find the images that show some parts, all of them.

        Parameters
        ----------
        parts : sequence of sequence of View
            From `benzer_lab.regions.views_of`.
        rows : numpy.ndarray of shape (m,), int64
            Of the images that may be found, ascending.
        n : int
            How many images are looked at closely: those that have a window most like the part's.
        sieved : int, default=5000
            How many are told by their windows as they are, and not by codes: at least `n`.

        Returns
        -------
        Found
            At most `n`. Images in which a part has no room are left out.
        """
        rows = rows[self.grids[rows, 0] > 0]
        sieved = max(n, sieved)
        if self.sieve is not None and len(rows) > sieved:
            rows = self.sieve.best(parts, rows, sieved)
        if len(rows) > n:
            blocks = list(self._blocks(rows, ROUGH_AT_ONCE))
            by_windows = [_Laid.of(views, fours=True) for views in parts]
            rough = each(len(blocks), lambda i: self._rough(by_windows, blocks[i]))
            rows, scores = np.concatenate(blocks), np.concatenate(rough)
            rows = np.sort(rows[np.lexsort((rows, -scores))[:n]])
        blocks = list(self._blocks(rows, CLOSE_AT_ONCE))
        by_cells = [_Laid.of(views, fours=False) for views in parts]
        close = each(len(blocks), lambda i: self._close(by_cells, blocks[i])) if blocks else []
        rows = np.concatenate([rows[:0], *blocks])
        scores = np.concatenate([np.empty((0, len(parts)), np.float32), *(scores for scores, _ in close)]).min(1)
        boxes = np.concatenate([np.empty((0, len(parts), 4), np.int64), *(boxes for _, boxes in close)])
        order = np.lexsort((rows, -scores))
        order = order[scores[order] > NOWHERE]
        return Found(rows[order], scores[order], boxes[order])

    def _blocks(self, rows: Rows, most: int) -> Iterator[Rows]:
        """Yield some rows at a time, ascending, of images of one grid."""
        grids, kinds = np.unique(self.grids[rows], axis=0, return_inverse=True)
        for kind in range(len(grids)):
            some = rows[kinds.ravel() == kind]
            yield from (some[start : start + most] for start in range(0, len(some), most))

    def cells(self, rows: Rows) -> Floats:
        """Return the cells of images of one grid."""
        n = len(self.packed[0])
        blocks = rows // n
        packed = np.concatenate([self.packed[block][rows[blocks == block] % n] for block in np.unique(blocks)])
        height, width = (int(side) for side in self.grids[rows[0]])
        return unpack(packed, (height, width))

    def _windows(self, rows: Rows) -> Floats:
        """Return all windows of images of one grid."""
        return windows_of(fours_of(self.cells(rows)))

    def _rough(self, parts: Sequence[Sequence["_Laid"]], rows: Rows) -> NDArray[np.float32]:
        """Return how well some images of one grid show the worst of the parts, by windows."""
        images = _Images(fours_of(self.cells(rows)))
        scores = np.full((len(parts), len(rows)), NOWHERE, np.float32)
        for best, several in zip(scores, parts, strict=True):
            for laid in several:
                found = images.cosines(laid)
                if found is not None:
                    np.maximum(best, found.reshape(len(rows), -1).max(1), out=best)
        return np.asarray(scores.min(0))

    def _close(self, parts: Sequence[Sequence["_Laid"]], rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return how well, (m, b), and where, (m, b, 4), some images of one grid show the parts."""
        images = _Images(self.cells(rows))
        scores = np.full((len(rows), len(parts)), NOWHERE, np.float32)
        boxes = np.zeros((len(rows), len(parts), 4))
        for place, several in enumerate(parts):
            for laid in several:
                found = images.cosines(laid)
                if found is None:
                    continue
                one, y, x = np.unravel_index(found.reshape(len(rows), -1).argmax(1), found.shape[1:])
                score = found[np.arange(len(rows)), one, y, x]
                better = score > scores[:, place]
                scores[better, place] = score[better]
                boxes[better, place] = (np.stack([x, y, x, y], axis=1) * CELL + laid.boxes[one])[better]
        return scores, self._in_pixels(boxes, rows)

    def _in_pixels(self, boxes: NDArray[np.float64], rows: Rows) -> NDArray[np.int64]:
        """Return boxes (m, b, 4) in pixels of small images as such of the originals, moved to lie within them."""
        small = self.grids[rows, ::-1] * CELL
        low, high = boxes[..., :2], boxes[..., 2:]
        side = np.minimum(high - low, small[:, None])
        low = np.clip(low, 0, small[:, None] - side)
        stretch = self.sizes[rows] / small
        return np.rint(np.concatenate([low, low + side], axis=-1) * np.tile(stretch, 2)[:, None]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Laid:
    """Views of a part that have the same h x w cells, as they are laid on every place of images."""

    shape: tuple[int, int]
    boxes: NDArray[np.float64]  # (v, 4)
    products: Callable[[Floats], Floats]  # of images (n, d, y, x) with each view, (n, v, y - h + 1, x - w + 1)

    @classmethod
    def of(cls, views: Sequence[View], *, fours: bool) -> "list[_Laid]":
        """Return the views of a part by their shapes; of length 1 each, times their weight."""
        cells = [some for view in views for some in ([view.fours] if fours else view.cells)]
        weights = [view.weight for view in views for _ in range(1 if fours else len(view.cells))]
        boxes = np.array([box for view in views for box in (view.boxes[:1] if fours else view.boxes)])
        shapes = np.array([some.shape[:2] for some in cells])
        laid = []
        for h, w in np.unique(shapes, axis=0):
            which = np.flatnonzero((shapes == (h, w)).all(1))
            some = np.stack([cells[i] * (weights[i] / (np.linalg.norm(cells[i]) + 1e-6)) for i in which])
            laid.append(cls((int(h), int(w)), boxes[which], _products(some.transpose(0, 3, 1, 2))))
        return laid


class _Images:
    """The cells of images of one grid, on which parts are laid."""

    def __init__(self, cells: Floats) -> None:
        self._cells = _padded(cells.transpose(0, 3, 1, 2))
        energy = np.einsum("nchw,nchw->nhw", self._cells, self._cells)
        self._energy = np.pad(energy.cumsum(1, np.float64).cumsum(2), ((0, 0), (1, 0), (1, 0)))

    def cosines(self, laid: _Laid) -> Floats | None:
        """Return the weighted cosine of each view with what lies under it at each place; None where it has no room."""
        (h, w), e = laid.shape, self._energy
        if h >= e.shape[1] or w >= e.shape[2]:
            return None
        found = laid.products(self._cells)
        found /= np.sqrt(np.maximum(e[:, h:, w:] - e[:, :-h, w:] - e[:, h:, :-w] + e[:, :-h, :-w], 1e-6)).astype(np.float32)[:, None]
        return found


def _padded(cells: Floats) -> Floats:
    """Return (n, d, y, x) with d raised to a multiple of `LANES`."""
    n, d, *grid = cells.shape
    padded = np.zeros((n, -(-d // LANES) * LANES, *grid), np.float32)
    padded[:, :d] = cells
    return padded


def _products(views: Floats) -> Callable[[Floats], Floats]:
    """Return what lays views (v, d, h, w) on images, on one core: numpy's products would wake threads for each block.

    The views are constants of a network of one layer, which the runtime can then arrange for the processor: three times as fast.
    """
    onnx = require("onnx", extra="features", caller="find_similar")
    runtime = require("onnxruntime", extra="features", caller="find_similar")
    views = _padded(views)
    described, floats = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    images, found = described("images", floats, ["n", views.shape[1], "y", "x"]), described("found", floats, ["n", len(views), "b", "a"])
    node = onnx.helper.make_node("Conv", ["images", "views"], ["found"])
    graph = onnx.helper.make_graph([node], "regions", [images], [found], [onnx.numpy_helper.from_array(views, "views")])
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda images: np.asarray(session.run(None, {"images": images})[0])
