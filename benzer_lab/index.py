"""Index: the nearest rows of a matrix, exactly or at a measured recall, with or without a filter."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benzer_lab import _checks
from benzer_lab._bounds import Bounds
from benzer_lab._checks import Metric
from benzer_lab._coarse import Proven
from benzer_lab._disk import publishing, read_json, sha256
from benzer_lab._engine import BLOCK_ROWS, Floats, Rows, each, faiss, gpus, n_cores, spread
from benzer_lab._finder import Finder, Found, ranked
from benzer_lab._graph import Graph
from benzer_lab._matrix import Matrix, Scores
from benzer_lab._planner import Chosen, Planner, memory_for_codes
from benzer_lab._quantized import Quantized
from benzer_lab._selection import Selection
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.features import FeatureSet, row_norms

Kind = Literal["auto", "flat", "exact", "fast", "ivf", "hnsw"]
CARD = "index.json"
FARTHEST = 1e30  # number in a query by l2: distances to it are float32
CODES: dict[str, Any] = {"exact": Bounds, "fast": Quantized, "ivf": Quantized, "hnsw": Graph}
FORMAT = 2  # one more whenever the files are made differently


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The answer of an index, nearest first.

    Parameters
    ----------
    rows : ndarray of shape (q, k), int64
        Positions in the matrix; -1 in places beyond the rows there are, or that pass. Equal scores keep row order.
    scores : ndarray of shape (q, k), float32
        Cosine (-1 to 1, 1 best) or Euclidean distance (0 best); NaN where the row is -1.
    certified : ndarray of shape (q,), bool
        Whether it is proven that these are the nearest of all.
    """

    rows: Rows
    scores: Scores
    certified: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of queries."""
        return len(self.rows)

    def __repr__(self) -> str:
        """Say how many, and how sure."""
        return f"Neighbors({self.rows.shape[0]:,} queries x {self.rows.shape[1]:,}, {self.certified.sum():,} certified)"

    def to_frame(self) -> Any:
        """Return a DataFrame with a row a neighbour.

        Returns
        -------
        pandas.DataFrame
            query, rank (from 1), row, score; without the places that hold no row.
        """
        import pandas as pd

        query, place = np.nonzero(self.rows >= 0)
        return pd.DataFrame({"query": query, "rank": place + 1, "row": self.rows[query, place], "score": self.scores[query, place]})


class Index:
    """The nearest rows of a matrix; made by `Index.build` and `Index.load`, never changed afterwards, for any number of threads at once.

    Parameters
    ----------
    finder : Finder
        What finds the rows.
    recall : float
        Part of the true neighbours found, measured with rows held out; 1 for exact kinds.
    plan : str
        What was chosen and why, in one sentence.
    asked : float, default=1
        The recall that was asked for.
    """

    def __init__(self, finder: Finder, recall: float, plan: str, asked: float = 1.0) -> None:
        self._finder = finder
        self._asked = asked
        self.recall_ = recall
        self.plan = plan

    @classmethod
    def build(
        cls,
        x: Floats | FeatureSet,
        *,
        metric: Metric = "cosine",
        kind: Kind = "auto",
        recall: float = 0.99,
        device: str = "auto",
        random_state: int = 0,
        memory_mb: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> "Index":
        """Build an index, and measure what it misses.

        Parameters
        ----------
        x : ndarray or memmap of shape (n, d), float32 or float16, or FeatureSet
            Rows of any length, which stay where they are: the index keeps a reference, and codes of a few bytes a row.
        metric : {'cosine', 'l2'}, default='cosine'
            Measure.
        kind : {'auto', 'flat', 'exact', 'fast', 'ivf', 'hnsw'}, default='auto'
            `flat` compares every row. `exact` compares those that upper bounds cannot rule out: the same answer, proven, several times
            sooner. `fast` compares what 4-bit codes of all rows suggest, `ivf` reads the codes of the nearest lists only, `hnsw` walks a
            graph. `auto` chooses: an exact kind where that is soon enough, else the one that answers soonest at the recall.
        recall : float, 0 < recall <= 1, default=0.99
            What part of the true neighbours `fast`, `ivf` and `hnsw` must find among 100; they work harder until they do. It is
            measured with rows of `x` as queries: of queries unlike any row they may find less.
        device : str, default='auto'
            'cpu', 'cuda:0', or whichever `benzer doctor --calibrate` found to be sooner.
        random_state : int, default=0
            Of the rows held out, and of training.
        memory_mb : int, optional
            What codes may take beside the features, in megabytes; a quarter of this machine's memory where it is left out.
        progress : callable, optional
            Called with how much is done, from 0 to 1; an exception that it raises ends the build.

        Returns
        -------
        Index
            With `kind`, `recall_`, `plan` and `native`.

        Raises
        ------
        InputError
            When `x` is no finite float matrix, or an argument is outside its range.
        """
        caller = "Index.build"
        _checks.one_of(metric, get_args(Metric), caller=caller, name="metric")
        _checks.one_of(kind, get_args(Kind), caller=caller, name="kind")
        if not _checks.fraction(recall, caller=caller, name="recall"):
            raise InputError(f"{caller}: recall must be above 0, up to 1; got {recall!r}.")
        device = device_of(device, caller=caller)
        seed = _checks.integer(random_state, caller=caller, name="random_state", low=0)
        memory = memory_for_codes() if memory_mb is None else 1_000_000 * _checks.integer(memory_mb, caller=caller, name="memory_mb", low=0)
        matrix = _matrix(x, metric, caller=caller)
        tell = progress or (lambda part: None)
        planner = Planner(matrix, recall=float(recall), memory=memory, seed=seed, tell=tell)
        chosen = planner.choose(kind if matrix.n else "flat")
        if matrix.n:
            chosen = planner.move(chosen, device)
        return cls(chosen.finder, chosen.recall, chosen.plan, float(recall))

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._finder.matrix.n

    def __repr__(self) -> str:
        """Say kind, size and recall."""
        matrix = self._finder.matrix
        sure = "exact" if self.recall_ == 1 and self.kind in ("flat", "exact") else f"recall {self.recall_:.4f} measured"
        held = f", {self.n_bytes / 1e6:,.0f} MB of codes" if self.n_bytes else ""
        return f"Index({self.kind}, {matrix.n:,} rows x {matrix.d}, {matrix.metric}, {sure}{held})"

    @property
    def kind(self) -> str:
        """One of 'flat', 'exact', 'fast', 'ivf' and 'hnsw'."""
        return self._finder.kind

    @property
    def metric(self) -> Metric:
        """Measure, 'cosine' or 'l2'."""
        return self._finder.matrix.metric

    @property
    def native(self) -> list[Any]:
        """The Faiss indexes of the coarse codes, one a shard; none for 'flat', which reads the matrix itself."""
        return self._finder.coarse.native if self._finder.coarse else []

    @property
    def n_bytes(self) -> int:
        """Bytes that the codes take beside the features."""
        return self._finder.coarse.n_bytes if self._finder.coarse else 0

    def search(self, queries: ArrayLike, k: int = 100, rows: ArrayLike | None = None) -> Neighbors:
        """Find the `k` nearest rows of each query.

        Parameters
        ----------
        queries : array of shape (q, d) or (d,)
            Of any length.
        k : int, default=100
            How many neighbours, 1 or more; places beyond the rows there are hold row -1 and score NaN.
        rows : array, optional
            Which rows may be found: a bool mask of length n, int64 row numbers, or a uint8 bitmap of length ceil(n / 8) in little bit
            order. The answer is that of brute force over these rows, to the recall of the index.

        Returns
        -------
        Neighbors of shape (q, k)
            Nearest first; equal scores keep row order.

        Raises
        ------
        InputError
            When queries have another width or are not finite, `k` is below 1, or `rows` is none of these forms.
        """
        caller, matrix = "Index.search", self._finder.matrix
        k = _checks.integer(k, caller=caller, name="k", low=1)
        asked = np.atleast_2d(_checks.array(queries, caller=caller, name="queries"))
        if asked.ndim != 2 or asked.shape[1] != matrix.d or asked.dtype.kind not in "fiu":
            raise InputError(f"{caller}: queries must have {matrix.d} columns, as the index has; got {asked.dtype} of shape {asked.shape}.")
        if not np.isfinite(asked).all():
            n_bad = int((~np.isfinite(asked).all(axis=1)).sum())
            raise InputError(f"{caller}: queries must be finite; {n_bad:,} of {len(asked):,} hold NaN or infinity.")
        aims = np.stack([matrix.aim(query) for query in asked]) if len(asked) else np.empty((0, matrix.d))
        if matrix.metric == "l2" and not float(np.abs(aims).max(initial=0)) < FARTHEST:
            raise InputError(f"{caller}: queries must hold numbers below {FARTHEST:.0e} by l2; got {float(np.abs(aims).max()):.3g}.")
        selection = Selection.of(rows, matrix.n, caller=caller)
        answer = Neighbors(np.full((len(aims), k), -1), np.full((len(aims), k), np.nan, np.float32), np.zeros(len(aims), bool))
        several = self.candidates(aims, min(k, matrix.n), selection)

        def settle(i: int) -> None:
            best, scores = ranked(matrix, aims[i], several[i][0], k)
            answer.rows[i, : len(best)], answer.scores[i, : len(best)], answer.certified[i] = best, scores, several[i][1]

        if len(aims):
            each(len(aims), settle)
        return answer

    def candidates(self, aims: NDArray[np.float64], k: int, selection: Selection | None = None) -> list[Found]:
        """Return for each query (q, d) the rows, in no order, that may be among its `k` nearest, and whether no other can be.

        Parameters
        ----------
        aims : ndarray of shape (q, d), float64
            At length 1 for cosine.
        k : int
            How many neighbours are wanted.
        selection : Selection, optional
            The rows that pass.

        Returns
        -------
        list of (ndarray of int64, bool), length q
            At least `k` rows where so many pass.
        """
        n = self._finder.matrix.n if selection is None else selection.n
        return self._finder.find(aims, k, selection) if n and len(aims) else [(np.empty(0, np.int64), True)] * len(aims)

    def save(self, folder: str | Path) -> None:
        """Write the index into a new folder, whole or not at all; the features stay where they are.

        Parameters
        ----------
        folder : str or Path
            Must not exist.

        Raises
        ------
        InputError
            When the folder exists.
        ArchiveError
            When the disk refuses.
        """
        folder = Path(folder)
        if folder.exists():
            raise InputError(f"Index.save: folder must be new; {folder} exists. Name another, or take it away.")
        finder = self._finder
        with publishing(folder) as draft:
            names = finder.coarse.save(draft) if finder.coarse else []
            card = {
                "format": FORMAT,
                "kind": self.kind,
                "metric": self.metric,
                "parameters": finder.coarse.parameters if finder.coarse else {},
                "bound": finder.coarse is None or isinstance(finder.coarse, Proven),
                "reach": finder.reach,
                "recall_": self.recall_,
                "asked": self._asked,
                "plan": self.plan,
                "length": finder.matrix.length,
                "blocks": [[columns.start, columns.stop] for columns in finder.matrix.blocks],
                "features": fingerprint(finder.matrix.x),
                "versions": {"faiss": faiss.__version__, "numpy": np.__version__},
                "files": {name: sha256(draft / name) for name in names},
            }
            (draft / CARD).write_text(json.dumps(card | {"card": _seal(card)}, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path, x: Floats | FeatureSet, *, mmap: bool = True, verify: bool = True, device: str = "auto") -> "Index":
        """Open an index that was saved.

        Parameters
        ----------
        folder : str or Path
            Where `save` wrote it.
        x : ndarray or memmap of shape (n, d), or FeatureSet
            The matrix that it was built of, from which rows are compared: there is no second copy of the features.
        mmap : bool, default=True
            Map codes that can be, so that all processes share them; the others are read.
        verify : bool, default=True
            Compare every byte of `x` with the hash of the matrix that the index was built of. Its own files always are, before Faiss
            reads them.
        device : str, default='auto'
            As for `build`: a device is filled from the features.

        Returns
        -------
        Index
            As it was saved.

        Raises
        ------
        ArchiveError
            When a file is damaged, or `x` is another matrix.
        """
        folder, device = Path(folder), device_of(device, caller="Index.load")
        card = read_json(folder / CARD)
        if not isinstance(card, dict) or card.get("format") != FORMAT:
            raise ArchiveError(
                f"{folder / CARD}: must be of format {FORMAT}, which this version of Benzer Lab reads. Build the index again."
            )
        if card.pop("card", None) != _seal(card):
            raise ArchiveError(f"{folder / CARD}: must be the card that was saved. Build the index again.")
        for name, digest in card["files"].items():
            path = folder / name
            if not path.exists() or sha256(path) != digest:
                raise ArchiveError(f"{path}: must be the file that was saved (SHA-256 {digest[:12]}...). Build the index again.")
        blocks = [slice(*ends) for ends in card["blocks"]]
        matrix = _matrix(x, card["metric"], caller="Index.load", blocks=blocks, length=card["length"])
        own = fingerprint(matrix.x, whole=verify)
        if any(card["features"][name] != value for name, value in own.items()):
            alike = (own["shape"], own["dtype"]) == (card["features"]["shape"], card["features"]["dtype"])
            got = "one of other values" if alike else f"{own['shape']} of {own['dtype']}"
            raise ArchiveError(
                f"{folder}: must be searched with the matrix that it was built of, {card['features']['shape']} of"
                f" {card['features']['dtype']}; got {got}. Build the index again."
            )
        coarse = CODES[card["kind"]].load(matrix, folder, mmap=mmap) if card["kind"] in CODES else None
        chosen = Chosen(Finder(matrix, coarse, card["reach"]), card["recall_"], card["plan"])
        if device != "cpu" and matrix.n:
            memory = memory_for_codes()
            chosen = Planner(matrix, recall=card["asked"], memory=memory, seed=0, tell=lambda part: None).move(chosen, device)
        return cls(chosen.finder, chosen.recall, chosen.plan, card["asked"])


def device_of(device: str, *, caller: str) -> str:
    """Return a device that is there.

    Parameters
    ----------
    device : str
        'auto', 'cpu', 'cuda' for the first GPU, or one of `gpus()`.
    caller : str
        Who asks; named in the error.

    Returns
    -------
    str
        'auto', 'cpu' or 'cuda:0', 'cuda:1'...

    Raises
    ------
    InputError
        When Faiss can use no such device.
    """
    known = [gpu["device"] for gpu in gpus()]
    return _checks.one_of("cuda:0" if device == "cuda" else device, ["auto", "cpu", *known], caller=caller, name="device")


def fingerprint(x: Floats, *, whole: bool = True) -> dict[str, Any]:
    """Return what tells one matrix from another.

    Parameters
    ----------
    x : ndarray of shape (n, d)
        The matrix.
    whole : bool, default=True
        Whether to read every byte.

    Returns
    -------
    dict
        Its `shape`, its `dtype`, and, of the whole matrix, `sha256`: of the hashes of its blocks of 32,768 rows.
    """
    facts: dict[str, Any] = {"shape": list(x.shape), "dtype": str(x.dtype)}
    if whole:
        starts = range(0, len(x), BLOCK_ROWS)
        digests = spread(
            lambda run: [hashlib.sha256(np.ascontiguousarray(x[s : s + BLOCK_ROWS]).data).digest() for s in run], _dealt(starts)
        )
        in_order = [digests[i % len(digests)][i // len(digests)] for i in range(len(starts))]
        facts["sha256"] = hashlib.sha256(b"".join(in_order)).hexdigest()
    return facts


def _seal(card: dict[str, Any]) -> str:
    """Return the hash of a card."""
    return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()


def _dealt(starts: range) -> list[range]:
    """Deal tasks out, one to each core in turn."""
    return [starts[i :: n_cores()] for i in range(min(n_cores(), len(starts)))] or [starts]


def _matrix(
    x: Floats | FeatureSet, metric: Metric, *, caller: str, blocks: list[slice] | None = None, length: float | None = None
) -> Matrix:
    """Return a matrix to search in, with the length of each row."""
    rows = x.x if isinstance(x, FeatureSet) else x
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype not in (np.float32, np.float16) or not rows.shape[1]:
        got = f"{rows.dtype} of shape {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise InputError(f"{caller}: x must be a float32 or float16 matrix of shape (n, d); got {got}.")
    joined = list(x.blocks.values()) if isinstance(x, FeatureSet) and x.blocks else None
    if length is None:
        length = float(np.sqrt(len(joined))) if joined else 0.0
    if length:
        norms = np.full(len(rows), length)
    else:
        norms = cast(NDArray[np.float64], x.norms) if isinstance(x, FeatureSet) else row_norms(rows, caller=caller)
    lengths = np.where(norms > 0, norms, 1).astype(np.float32)
    return Matrix(rows.view(np.ndarray), lengths, metric, blocks or joined or [slice(0, rows.shape[1])], length)
