"""Measure search against what else there is: `python benchmarks/search.py --folder FOLDER`; docs/performance.md holds the figures.

All is measured in one process. After a warm-up, each round lets both sides answer the same held-out queries, one side after the other
and another one first each time; a ratio is the median over rounds of the ratio of a round's medians. Truth is brute force in float64.
"""

import importlib.util
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
import numpy as np
from search_ground import EACH, N_QUERIES, OPTIONAL, PEERS, TIE, Array, Bench, K, Paired, Sample, load, machine, stock, timed

import benzer_lab as bl
from benzer_lab._engine import n_cores, spread, threads
from benzer_lab.features import unit
from benzer_lab.index import Index

NEAR_TIE = 1e-6  # of similarities in float32, in which the existing request computes
SHARES = (0.001, 0.01, 0.05, 0.1, 0.5, 0.99)
SMALL, LARGE = (100_000, 512), (1_000_000, 512)
OPENED = """
import sys, time
import benzer_lab as bl
archive = bl.Archive.open(sys.argv[1])
assert len(archive.find_similar(sys.argv[2], model="pattern", metric="cosine", top_n=100)) > 0
print(time.time(), archive.searcher("pattern"))
"""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    at: str
    figure: str = ""
    recall: str = ""
    asked: str = ""
    notes: str = ""


def against_stock(bench: Bench, sample: Sample, what: str, asked: str, **options: Any) -> tuple[Row, Index, float, float]:
    """Build an index, and compare its single queries with the flat index's; return it too, with its recall and the seconds it took."""
    index, seconds = timed(Index.build, sample.x, **options)
    flat = stock(sample.x)
    pair = bench.paired(lambda q: flat.search(q, K), lambda q: index.search(q, K), sample.queries)
    recall, right = sample.judge(lambda q: index.search(q, K).rows[0])
    theirs, _ = sample.judge(lambda q: flat.search(q, K)[1][0])
    certified = np.mean([index.search(q, K).certified[0] for q in sample.queries])
    with threads(1):
        alone = np.median([timed(flat.search, q, K)[1] for q in sample.queries[:EACH]])
    notes = (
        f"{right:.1%} of answers right to the last row, {certified:.1%} certified;"
        f" stock's recall {theirs:.4f}, {1e3 * alone:.2f} ms with one OpenMP thread;"
        f" built in {seconds:.1f} s, {index.n_bytes / 1e6:,.0f} MB of codes; {index.plan}"
    )
    return Row(what, sample.at, str(pair), f"{recall:.4f}", asked, notes), index, recall, seconds


def exact(bench: Bench, sample: Sample) -> Iterator[Row]:
    yield against_stock(bench, sample, "`exact`, one query, against stock `IndexFlatIP`", "7; 100 % right; 95 % certified", kind="exact")[0]


def auto(bench: Bench, sample: Sample) -> Iterator[Row]:
    for recall, asked in ((0.99, "40"), (0.999, "12")):
        yield against_stock(bench, sample, f"`auto` at recall {recall} against stock `IndexFlatIP`", asked, recall=recall)[0]


def batch(bench: Bench, sample: Sample) -> Iterator[Row]:
    index, flat = Index.build(sample.x, kind="exact"), stock(sample.x)
    batches = [np.vstack(sample.queries[start : start + 64]) for start in range(0, len(sample.queries) - 63, 64)]
    pair = bench.paired(lambda q: flat.search(q, K), lambda q: index.search(q, K), batches, len(batches))
    found = {q.tobytes(): rows for some in batches for q, rows in zip(some, index.search(some, K).rows, strict=True)}
    recall, right = sample.judge(lambda q: found[q.tobytes()] if q.tobytes() in found else index.search(q, K).rows[0])
    notes = f"{right:.1%} of answers right; {1e3 * np.median(pair.own) / 64:.2f} ms a query"
    yield Row("batch of 64, `exact`, against stock `IndexFlatIP.search`", sample.at, str(pair), f"{recall:.4f}", "10", notes)


def fast(bench: Bench, sample: Sample) -> Iterator[Row]:
    row, index, own_recall, seconds = against_stock(
        bench, sample, "`fast` against stock `IndexFlatIP`", "18 at 0.999", kind="fast", recall=0.999
    )
    yield row
    for name, make in PEERS.items():
        what, module = f"`fast` against {name.replace('_', ' ')} at equal recall", name.split(" ")[0]
        if module in OPTIONAL and not importlib.util.find_spec(module):
            yield Row(what, sample.at, notes=f"{module} is not installed")
            continue
        (answer, tune, efforts), its_seconds = timed(make, sample.x)
        for effort in efforts:
            tune(effort)
            recall, _ = sample.judge(answer)
            if recall >= own_recall:
                break
        pair = bench.paired(answer, lambda q: index.search(q, K), sample.queries)
        fell = "" if recall >= own_recall else "; it reaches no more"
        asked = "1.5; built in a fifth of its time" if module in OPTIONAL else ""
        notes = f"built in {seconds:.1f} s against {its_seconds:.1f}, **{its_seconds / seconds:.1f} times**; its effort {effort}{fell}"
        yield Row(what, sample.at, str(pair), f"{row.recall} against {recall:.4f}", asked, notes)
    yield against_scikit(bench, sample, index, row.recall)


def against_scikit(bench: Bench, sample: Sample, index: Index, recall: str) -> Row:
    from sklearn.neighbors import NearestNeighbors

    neighbors = NearestNeighbors(n_neighbors=K, algorithm="brute", metric="cosine", n_jobs=-1).fit(sample.x)
    pair = bench.paired(lambda q: neighbors.kneighbors(q, return_distance=False), lambda q: index.search(q, K), sample.queries[:5], 5)
    return Row("`fast` against scikit-learn's brute force", sample.at, str(pair), recall)


def filters(bench: Bench, sample: Sample) -> Iterator[Row]:
    x, n = np.ascontiguousarray(sample.x), len(sample.x)
    queries = sample.queries[:10]
    cosines = unit(np.vstack(queries).astype(np.float64)) @ unit(x.astype(np.float64)).T

    def copied(one: tuple[Array, Array]) -> Any:
        return stock(x[one[1]]).search(one[0], K)

    for kind, options in (("exact", {}), ("fast", {"recall": 0.999})):
        index = Index.build(sample.x, kind=kind, **options)  # type: ignore[arg-type]

        def ours(one: tuple[Array, Array], index: Index = index) -> Any:
            return index.search(one[0], K, rows=one[1])

        least = 1.0
        pairs: list[Paired] = []
        for share in SHARES:
            for which, order in (("random", None), ("far from the query", np.argsort(cosines, axis=1))):
                n_passing = max(1, round(share * n))
                chosen = [np.random.default_rng(i).permutation(n) if order is None else order[i] for i in range(len(queries))]
                masks = [np.isin(np.arange(n), rows[:n_passing]) for rows in chosen]
                asked = list(zip(queries, masks, strict=True))
                pair = bench.paired(copied, ours, asked, 5)
                recall, short = filtered(index, asked, cosines, min(K, n_passing))
                pairs, least = [*pairs, pair], min(least, recall)
                yield Row(f"`{kind}`, {share:.1%} pass, {which}", sample.at, str(pair), f"{recall:.4f}", "0.999", f"{short} short")
        worst = Paired(np.max([pair.base for pair in pairs], axis=0), np.max([pair.own for pair in pairs], axis=0))
        what = f"worst filter, `{kind}`, against the worst of copying the subset"
        yield Row(what, sample.at, str(worst), f"{least:.4f}", "50; 0.999; nothing short", "copying is given the mask")


def filtered(index: Index, asked: Sequence[tuple[Array, Array]], cosines: Array, wanted: int) -> tuple[float, int]:
    """Return the recall among the rows that pass, and how many places are empty that need not be; no other row may come back."""
    hits = short = 0
    for (query, mask), all_cosines in zip(asked, cosines, strict=True):
        rows = index.search(query, K, rows=mask).rows[0]
        rows = rows[rows >= 0]
        assert mask[rows].all(), "a row came back that does not pass"
        assert len(set(rows.tolist())) == len(rows), "a row came back twice"
        least = -np.partition(-all_cosines[mask], wanted - 1)[wanted - 1]
        hits, short = hits + int((all_cosines[rows] >= least - TIE).sum()), short + wanted - len(rows)
    return hits / wanted / len(asked), short


def archives(bench: Bench, sample: Sample) -> Iterator[tuple[str, Path, bl.Archive, list[str]]]:
    """Give an archive with each kind of index, and names to ask for."""
    folder = bench.archive(sample)
    for kind in ("exact", "fast"):
        archive = bl.Archive.open(folder)
        archive.index("pattern", kind=kind, recall=0.999, progress=False)
        rows = np.random.default_rng(1).choice(len(sample.x), min(len(sample.x), N_QUERIES), replace=False)
        yield kind, folder, archive, [archive.features("pattern").filenames[row] for row in rows]


def request(bench: Bench, sample: Sample) -> Iterator[Row]:
    existing = bench.module("existing_request").existing_request
    for kind, folder, archive, names in archives(bench, sample):

        def ours(name: str, archive: bl.Archive = archive) -> str:
            hits = archive.find_similar(name, model="pattern", metric="cosine", top_n=K)
            return json.dumps(hits.to_records(), ensure_ascii=False)

        pair = bench.paired(partial(existing, folder), ours, names, 3)
        agreed = [agreement(json.loads(existing(folder, name)), json.loads(ours(name))) for name in names[:10]]
        same, close, common = np.mean(agreed, axis=0)
        notes = f"same file names in {same:.0%} of answers, {close:.0%} but for near ties; answered by {archive.searcher('pattern')}"
        what, asked = f"whole request, index `{kind}`, against the existing one", "1,000; all the same" if kind == "exact" else "2,000"
        yield Row(what, sample.at, str(pair), f"{common:.4f}", asked, notes)


def agreement(theirs: list[dict[str, Any]], ours: list[dict[str, Any]]) -> tuple[bool, bool, float]:
    """Tell whether two answers name the same files, whether they do but for order that float32 cannot tell, and what part is common."""
    names, own = [row["filename"] for row in theirs], [row["filename"] for row in ours]
    off = [abs(a["similarity"] - b["similarity"]) for a, b in zip(theirs, ours, strict=False)]
    return names == own, len(names) == len(own) and max(off, default=0) <= NEAR_TIE, len(set(names) & set(own)) / max(1, len(names))


def own_cost(bench: Bench, sample: Sample) -> Iterator[Row]:
    for kind, _, archive, names in archives(bench, sample):
        index = archive.searcher("pattern").index
        aims = {name: np.array(sample.x[row : row + 1]) for name, row in zip(names, archive.features("pattern").rows(names), strict=True)}

        def frame(name: str, archive: bl.Archive = archive) -> Any:
            return archive.find_similar(name, model="pattern", metric="cosine", top_n=K).to_frame()

        def bare(name: str, index: Index = index, aims: dict[str, Array] = aims) -> Any:
            return index.search(aims[name], K + 1)  # the query itself is among them

        pair = bench.paired(bare, frame, names)
        figure = f"**{1e3 * np.median(pair.own - pair.base):.2f} ms** ({1e3 * np.median(pair.own):.2f} - {1e3 * np.median(pair.base):.2f})"
        what = f"`find_similar` to DataFrame less the bare `Index.search`, `{kind}`"
        yield Row(what, sample.at, figure, "", "under 1.5 ms", f"answered by {archive.searcher('pattern')}")


def memory(bench: Bench, sample: Sample) -> Iterator[Row]:
    for kind in ("fast", "ivf", "exact"):
        folder = bench.folder / f"index-{kind}"
        shutil.rmtree(folder, ignore_errors=True)
        built, first = Holder(sample, folder, kind), Holder(sample, folder, None)
        made = built.start()
        built.stop()
        alone = first.start()
        second = Holder(sample, folder, None)
        shared = second.start()
        second.stop()
        first.stop()
        own = alone["RssAnon"] - alone["before"]
        notes = (
            f"{made['n_bytes']:,.0f} MB of codes; after building {made['RssAnon'] - made['before']:,.0f} MB; a second process:"
            f" {shared['RssAnon'] - shared['before']:,.0f} MB, {shared['Shared']:,.0f} MB shared, proportional set {shared['Pss']:,.0f} MB"
        )
        what, asked = f"memory beside the mapped features, `{kind}`, loaded", "states its own" if kind == "exact" else "under 160 MB"
        yield Row(what, sample.at, f"**{own:,.0f} MB**", f"{made['recall']:.4f}", asked, notes)


class Holder:
    """A process that holds an index and says what memory it takes: built, where a kind is named, or loaded."""

    def __init__(self, sample: Sample, folder: Path, kind: str | None) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=hold, args=(sample, folder, kind, other))

    def start(self) -> dict[str, float]:
        self._process.start()
        while not self._pipe.poll(1):
            if not self._process.is_alive():
                raise SystemExit("a process that was to hold an index ended")
        facts: dict[str, float] = self._pipe.recv()
        return facts

    def stop(self) -> None:
        self._pipe.send("end")
        self._process.join()


def hold(sample: Sample, folder: Path, kind: str | None, pipe: Connection) -> None:
    """Hold an index after a first search until told to end."""
    spread(lambda part: part, range(n_cores()))
    query, x, before = sample.queries[0], sample.x, memory_mb()["RssAnon"]
    index = Index.load(folder, x, mmap=True) if kind is None else Index.build(x, kind=kind, recall=0.99)  # type: ignore[arg-type]
    index.search(query, K)
    pipe.send(memory_mb() | {"before": before, "n_bytes": index.n_bytes / 1e6, "recall": index.recall_})
    if kind is not None:
        index.save(folder)
    pipe.recv()


def memory_mb() -> dict[str, float]:
    """Return this process's memory in MB: its own, its share of all, and what others map too."""
    lines = [line.split() for name in ("status", "smaps_rollup") for line in Path(f"/proc/self/{name}").read_text().splitlines()]
    kb = {parts[0].rstrip(":"): int(parts[1]) for parts in lines if parts[-1] == "kB"}
    shared = kb["Shared_Clean"] + kb["Shared_Dirty"]
    return {name: value * 1024 / 1e6 for name, value in {"RssAnon": kb["RssAnon"], "Pss": kb["Pss"], "Shared": shared}.items()}


def opening(bench: Bench, sample: Sample) -> Iterator[Row]:
    folder = bench.archive(sample)
    archive = bl.Archive.open(folder)
    archive.index("pattern", progress=False)
    name = archive.features("pattern").filenames[0]
    seconds, said = [], ""
    for _ in range(bench.rounds + 1):
        began = time.time()
        run = subprocess.run([sys.executable, "-c", OPENED, str(folder), name], check=True, capture_output=True, text=True)
        ended, _, said = run.stdout.strip().partition(" ")
        seconds.append(float(ended) - began)
    notes = f"with the start of Python and all imports; the first time {seconds[0]:.2f} s; answered by {said.strip()}"
    yield Row("opening an archive, first answer", sample.at, f"**{np.median(seconds[1:]):.2f} s**", "", "under 1.5 s", notes)


MEASURES: dict[str, tuple[Callable[[Bench, Sample], Iterator[Row]], Sequence[tuple[int, int]]]] = {
    "request": (request, [SMALL]),
    "own_cost": (own_cost, [SMALL]),
    "exact": (exact, [SMALL, (1_000_000, 128)]),
    "fast": (fast, [SMALL]),
    "auto": (auto, [LARGE]),
    "batch": (batch, [SMALL]),
    "filters": (filters, [SMALL]),
    "memory": (memory, [LARGE]),
    "opening": (opening, [LARGE]),
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(MEASURES)), help="What to measure; may be given several times.")
@click.option("--n", type=int, help="Rows, in place of each measurement's own.")
@click.option("--d", type=int, help="Columns of generated rows, in place of each measurement's own.")
@click.option("--rounds", default=7, show_default=True)
@click.option("--data", default="generated", show_default=True, help="'generated', or a folder of archives with images/.")
@click.option("--reference", default="../shared/reference", show_default=True, type=click.Path(exists=True, path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Where rows are kept for the next run; else a temporary folder.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write machine and rows there too.")
def main(
    only: tuple[str, ...], n: int | None, d: int | None, rounds: int, data: str, reference: Path, folder: Path | None, file: Path | None
) -> None:
    """Print a table of what the search was asked to reach, and what it reaches here."""
    facts, rows = machine() | {"data": data, "rounds": rounds, "load before": load()}, []
    click.echo("\n".join(f"- {name}: {value}" for name, value in facts.items()))
    click.echo("\n| what | at | figure | recall | asked | notes |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(folder or Path(place), reference, data, rounds)
        bench.folder.mkdir(parents=True, exist_ok=True)
        width = None if data == "generated" else bench.image_rows().shape[1]
        for name in only or MEASURES:
            measure, sizes = MEASURES[name]
            wanted = dict.fromkeys((n or own_n, width or d or own_d) for own_n, own_d in sizes if width is None or own_d == 512)
            for size in wanted:
                for row in measure(bench, bench.sample(*size)):
                    rows.append(asdict(row) | {"load": load()})
                    click.echo("| " + " | ".join(value.replace("|", "/") for value in asdict(row).values()) + " |")
                    if file:
                        file.write_text(json.dumps({"machine": facts, "rows": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(f"\nload after: {load()}")


if __name__ == "__main__":
    main()
