"""Measure maps against umap-learn's own: `python benchmarks/layout.py --folder FOLDER`; docs/performance.md holds the figures.

Each map is made in a process of its own, timed from its start to its end, so that imports and compilation count as they do in a fresh
notebook. The two sides take turns, another one first each round. Trustworthiness is judged afterwards, by the same rows on both sides.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np
from search_ground import Array, Bench, load, machine

from benzer_lab.metrics import trustworthiness

OURS = """
import sys
import numpy as np
import benzer_lab as bl
x = np.load(sys.argv[1], mmap_mode="r")
np.save(sys.argv[2], bl.Layout(metric="cosine", n_neighbors=15, random_state=0).fit_transform(x))
"""
THEIRS = """
import sys
import numpy as np
import umap
x = np.load(sys.argv[1], mmap_mode="r")
np.save(sys.argv[2], umap.UMAP(metric="cosine", n_neighbors=15, random_state=0, n_jobs=1).fit_transform(x))
"""


@dataclass(frozen=True)
class Made:
    """A map, and what it took."""

    layout: Array
    wall: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    at: str
    figure: str
    trust: str
    notes: str = ""


def made(code: str, x: Path, out: Path) -> Made:
    """Make a map in a fresh process; the seconds, and the most memory that it held beside the mapped rows."""
    before, began, most = os.times(), time.perf_counter(), 0
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, str(x), str(out)])
    while child.poll() is None:
        held = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{child.pid}/status").read_text())
        most = max(most, int(held[1]) if held else 0)  # none when it is just ending
        time.sleep(0.1)
    wall, after = time.perf_counter() - began, os.times()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, child.args)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Made(np.load(out), wall, cpu, most / 1e3)


def judged(x: Array, layout: Array, n_sampled: int | None = None) -> str:
    return repr(trustworthiness(x, layout, n_neighbors=15, metric="cosine", n_sampled=n_sampled))


def first(bench: Bench, n: int, d: int) -> Iterator[Row]:
    """The first map in a fresh process, against umap-learn's."""
    sample, out = bench.sample(n, d), bench.folder / "map.npy"
    ours: list[Made] = []
    theirs: list[Made] = []
    for i in range(bench.rounds):
        for code, side in [(OURS, ours), (THEIRS, theirs)][:: 1 if i % 2 else -1]:
            side.append(made(code, sample.path, out))
            click.echo(f"{'ours' if side is ours else 'theirs'}: {side[-1].wall:.1f} s, {side[-1].cpu:.1f} s of CPU", err=True)
    wall, cpu = (np.median([[getattr(one, what) for one in side] for side in (ours, theirs)], axis=1) for what in ("wall", "cpu"))
    same = all((one.layout == ours[0].layout).all() for one in ours)
    trusts = [judged(np.asarray(sample.x), side[0].layout) for side in (ours, theirs)]
    yield Row(
        "first map in a fresh process, against `umap.UMAP`",
        sample.at,
        f"**{wall[1] / wall[0]:.1f} times** ({wall[0]:.1f} s against {wall[1]:.1f})",
        " against ".join(trusts),
        f"CPU **{cpu[1] / cpu[0]:.1f} times** ({cpu[0]:.1f} s against {cpu[1]:.1f}); medians of {bench.rounds} processes each;"
        f" {'bit-identical' if same else '**not the same**'} in all {bench.rounds}",
    )


def large(bench: Bench, n: int, d: int, n_judged: int) -> Iterator[Row]:
    """A map of many rows."""
    sample = bench.sample(n, d)
    one = made(OURS, sample.path, bench.folder / f"map-{n}.npy")
    yield Row(
        "map",
        sample.at,
        f"**{one.wall / 60:.1f} min**, {one.cpu / 60:.1f} min of CPU",
        judged(sample.x, one.layout, n_judged),
        f"{one.megabytes:,.0f} MB of memory beside the mapped rows",
    )


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where rows are kept, and maps.")
@click.option("--reference", type=click.Path(path_type=Path), default=Path("../shared/reference"), help="Where vectors.py lies.")
@click.option("--data", default="generated", help="'generated', or a folder of archives whose pattern rows are taken.")
@click.option("--only", type=click.Choice(["first", "large", "million"]), multiple=True, default=("first", "large"))
@click.option("--rounds", default=3, help="Processes of each side.")
@click.option("--n", default=0, help="Rows, in the place of 10,000, 100,000 and 1,000,000.")
@click.option("--d", default=512, help="Columns.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows here, too.")
def main(folder: Path, reference: Path, data: str, only: tuple[str, ...], rounds: int, n: int, d: int, json_path: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, reference, data, rounds)
    facts = machine() | {name: version(name) for name in ("umap-learn", "numba", "pynndescent")}
    click.echo(f"{json.dumps(facts)}\nload {load()}\n\n| what | at | figure | trustworthiness | notes |\n|---|---|---|---|---|")
    rows = []
    for name in only:
        runs = {
            "first": lambda: first(bench, n or 10_000, d),
            "large": lambda: large(bench, n or 100_000, d, 1_000),
            "million": lambda: large(bench, n or 1_000_000, d, 200),
        }
        for row in runs[name]():
            click.echo("| " + " | ".join(asdict(row).values()) + " |")
            rows.append(asdict(row))
    click.echo(f"load {load()}")
    if json_path:
        json_path.write_text(json.dumps({"machine": facts, "rows": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
