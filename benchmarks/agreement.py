"""Whether timings agree with another's clock: two of their rows beside pyperf, `python benchmarks/agreement.py [N]` (100,000 rows).

pyperf (`pip install pyperf`) starts processes of its own, warms them up and measures by its own rule; it shares nothing with ours but
the data, the cores and the number of threads. Each row is measured by us, by pyperf, and by us again.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import benzer_lab as bl
from benzer_lab._contests import Request, made_up
from benzer_lab._likenesses import generate
from benzer_lab._stage import LIMITS

D, K, N_QUERIES = 512, 100, 20
FLAT = """
import itertools, faiss, numpy as np
x, queries = np.load({rows!r}), np.load({queries!r})
index = faiss.IndexFlatIP(x.shape[1])
index.add(x)
turn = itertools.cycle(range(len(queries)))
"""
CLICK = """
import itertools, sys
from pathlib import Path
from types import SimpleNamespace
from benzer_lab._requests import existing_request
answer = existing_request(SimpleNamespace(archive=Path({folder!r}), k={k}))
turn = itertools.cycle({names!r})
"""


def by_pyperf(folder: Path, setup: str, statement: str) -> tuple[float, float, float]:
    """Return the median and the 5th and 95th percentile in milliseconds, as pyperf has them."""
    out = folder / "pyperf.json"
    out.unlink(missing_ok=True)
    threads = len(os.sched_getaffinity(0))
    command = [
        sys.executable,
        "-m",
        "pyperf",
        "timeit",
        "-q",
        "-p",
        "3",
        "-n",
        "10",
        "-w",
        "1",
        "-l",
        "3",
        "-s",
        setup,
        statement,
        "-o",
        str(out),
    ]
    environment = os.environ | dict.fromkeys(LIMITS, str(threads))
    subprocess.run(
        [*command, "--inherit-environ", ",".join([*LIMITS, "PYTHONPATH"])], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    runs = json.loads(out.read_text())["benchmarks"][0]["runs"]
    values = 1000 * np.array([value for run in runs for value in run.get("values", [])])
    return float(np.median(values)), *(float(one) for one in np.percentile(values, [5, 95]))


def tell(name: str, ours: list[bl.timings.Measured], theirs: tuple[float, float, float]) -> None:
    """Print both, and whether their medians lie within what ours spread over."""
    for i, row in enumerate(ours):
        print(f"{name}, ours {i + 1}: median {row.ms(50):8.2f} ms ({row.ms(5):.2f} to {row.ms(95):.2f}), processor {row.cpu_ms:.2f} ms")
    print(f"{name}, pyperf: median {theirs[0]:8.2f} ms ({theirs[1]:.2f} to {theirs[2]:.2f})")
    low, high = min(row.ms(5) for row in ours), max(row.ms(95) for row in ours)
    ratio, place = theirs[0] / np.median([row.ms(50) for row in ours]), "within" if low <= theirs[0] <= high else "NOT within"
    print(f"{name}: pyperf's median is {ratio:.2f} times ours, {place} our 5 to 95 %")


def main(n: int) -> None:
    """Measure two rows."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        x = generate(n + N_QUERIES, D)
        np.save(folder / "rows.npy", x[N_QUERIES:])
        np.save(folder / "queries.npy", x[:N_QUERIES])
        search = [bl.timings.compare_search(n=n, d=D, k=K, engines=["Faiss flat"], progress=False).rows[0]]
        setup = FLAT.format(rows=str(folder / "rows.npy"), queries=str(folder / "queries.npy"))
        theirs = by_pyperf(folder, setup, f"index.search(queries[(i := next(turn)) : i + 1], {K})")
        search.append(bl.timings.compare_search(n=n, d=D, k=K, engines=["Faiss flat"], progress=False).rows[0])
        tell("Faiss flat", search, theirs)

        click = folder / "click"
        click.mkdir()
        problem = Request(click, n, D, K, 0.99, 7, 1, 0)
        problem.prepare_archive(x[:n], *made_up(n))
        request = [bl.timings.compare_request(n=n, d=D, k=K, engines=["existing request"], progress=False).rows[0]]
        setup = CLICK.format(folder=str(problem.archive), k=K, names=[problem.asked(i) for i in range(N_QUERIES)])
        theirs = by_pyperf(folder, setup, "answer(next(turn))")
        request.append(bl.timings.compare_request(n=n, d=D, k=K, engines=["existing request"], progress=False).rows[0])
        tell("existing request", request, theirs)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
