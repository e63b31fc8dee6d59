"""Twenty readers search while the current version is swapped ten times: `python benchmarks/swaps.py`.

Three versions of an archive, of rows and of sizes that differ, two of them with an index. Each answer is compared with brute force in
float64 over the rows of the version that it names: an answer made of two versions would equal neither.
"""

import tempfile
import threading
import time
from pathlib import Path

import click
import numpy as np
from search_ground import load

import benzer_lab as bl
from benzer_lab.features import unit
from benzer_lab.versions import Versions

READERS, SWAPS, TOP = 20, 10, 100


class Reader(threading.Thread):
    """Asks for the same image again and again, and keeps each different answer."""

    def __init__(self, archive: bl.Archive, filename: str, ended: threading.Event) -> None:
        super().__init__()
        self.archive, self.filename, self.ended = archive, filename, ended
        self.answers: set[tuple[str, int, tuple[str, ...]]] = set()
        self.seconds: list[float] = []

    def run(self) -> None:
        while not self.ended.is_set():
            began = time.perf_counter()
            hits = self.archive.find_similar(self.filename, model="pattern", top_n=TOP)
            self.seconds.append(time.perf_counter() - began)
            self.answers.add((hits.version, hits.n_candidates, hits.filenames))


@click.command()
@click.option("--n", default=100_000, show_default=True)
@click.option("--d", default=256, show_default=True)
def main(n: int, d: int) -> None:
    """Print how many answers there were, and how many equal the brute force of their version."""
    names = [f"D-{i}.png" for i in range(n)]
    before = load()
    with tempfile.TemporaryDirectory() as place:
        versions = Versions(Path(place))
        rows = {}
        for seed in range(3):
            x = np.random.default_rng(seed).standard_normal((n - seed * n // 20, d), np.float32)
            card = {"metric": "cosine", "recipe": {"name": "pattern-1", "parameters": {}}, "parent": None, "sources": {}}
            rows[versions.publish("pattern", names[: len(x)], x, **card)] = x  # type: ignore[arg-type]
        archive, ended = bl.Archive.open(place), threading.Event()
        for version in ("v1", "v3"):
            archive.index("pattern", version, kind="exact", progress=False)
        readers = [Reader(archive, names[i * n // (2 * READERS)], ended) for i in range(READERS)]
        for reader in readers:
            reader.start()
        for swap in range(SWAPS):
            archive.promote("pattern", f"v{swap % 3 + 1}")
            time.sleep(1)
        ended.set()
        for reader in readers:
            reader.join()
    wrong = sum(not is_right(answer, reader.filename, names, rows) for reader in readers for answer in reader.answers)
    seconds = np.concatenate([reader.seconds for reader in readers])
    seen = sorted({version for reader in readers for version, *_ in reader.answers})
    click.echo(
        f"{n:,} x {d}: {len(seconds):,} answers to {READERS} readers during {SWAPS} swaps, of versions {', '.join(seen)};"
        f" {sum(len(reader.answers) for reader in readers)} different ones, {wrong} of them not their version's brute force;"
        f" p50 {1e3 * np.median(seconds):.0f} ms, p95 {1e3 * np.quantile(seconds, 0.95):.0f} ms; load {before} before, {load()} after"
    )


def is_right(answer: tuple[str, int, tuple[str, ...]], filename: str, names: list[str], rows: dict[str, np.ndarray]) -> bool:
    """Tell whether an answer is brute force over its version's rows, in order but for what float64 cannot tell apart."""
    version, n_candidates, found = answer
    x = rows[version]
    query = names.index(filename)
    cosines = unit(x.astype(np.float64)) @ unit(x[query].astype(np.float64)[None])[0]
    cosines[query] = -np.inf
    best = np.sort(cosines)[::-1][:TOP]
    own = cosines[[int(name[2:-4]) for name in found]]
    return n_candidates == len(x) - 1 and len(set(found)) == TOP and bool(np.abs(own - best).max() < 1e-12)


if __name__ == "__main__":
    main()
