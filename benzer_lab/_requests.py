"""Engines that answer a whole click, and that compute features."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benzer_lab import network
from benzer_lab._contests import MODEL, RECIPE, Array, Images, Request
from benzer_lab._disk import write_json
from benzer_lab._engine import faiss, gpus, threads
from benzer_lab._gpu import calibration_path
from benzer_lab._stage import Ready, greater
from benzer_lab.archive import Archive
from benzer_lab.extraction import extract
from benzer_lab.features import unit
from benzer_lab.images import decode
from benzer_lab.index import Kind
from benzer_lab.recipes import find_recipe

SHOWN = ("design", "season", "quality", "features", "cluster")


def existing_request(problem: Request) -> Callable[[str], str]:
    """Do what the existing system does at each click: read it all, compare with all, look at each design, sort, write JSON."""
    from sklearn.metrics.pairwise import cosine_similarity

    def answer(filename: str) -> str:
        folder = problem.archive
        names, metadata = (json.loads((folder / f).read_bytes()) for f in (f"{MODEL}_filenames.json", "image_metadata_map.json"))
        x = np.load(folder / f"{MODEL}_features.npy")
        similarities = (cosine_similarity(x[[names.index(filename)]], x)[0] + 1) / 2
        others = [row for row, name in enumerate(names) if name != filename and name in metadata]
        best = sorted(others, key=similarities.__getitem__, reverse=True)[: problem.k]
        return _as_json([names[row] for row in best], similarities[best], metadata)

    return answer


def _as_json(names: Sequence[str], similarities: Iterable[float], metadata: Mapping[str, Mapping[str, Any]]) -> str:
    """Return hits as the existing system's front end takes them."""
    hits = [
        {"filename": name, "version": "v1", "similarity": float(value)} | {field: metadata[name].get(field) for field in SHOWN}
        for name, value in zip(names, similarities, strict=True)
    ]
    return json.dumps(hits, ensure_ascii=False)


def faiss_request(problem: Request, *, gpu: bool = False) -> Callable[[str], str]:
    """Do what anyone can in an afternoon: read it all once, and compare with all by a flat index of Faiss."""
    metadata = json.loads((problem.archive / "image_metadata_map.json").read_bytes())
    x = unit(np.load(problem.archive / f"{MODEL}_features.npy")).astype(np.float32)
    names, row_of = problem.filenames, problem.row_of
    resources = faiss.StandardGpuResources() if gpu else None
    index = faiss.index_cpu_to_gpu(resources, 0, faiss.IndexFlatIP(problem.d)) if gpu else faiss.IndexFlatIP(problem.d)
    index.add(x)

    def answer(filename: str) -> str:
        assert gpu == (resources is not None)  # which must live as long as the index on the device
        own = row_of[filename]
        cosines, rows = index.search(x[own : own + 1], problem.k + 1)
        kept = rows[0] != own
        return _as_json([names[row] for row in rows[0][kept]][: problem.k], (cosines[0][kept] + 1)[: problem.k] / 2, metadata)

    return answer


def faiss_gpu_request(problem: Request) -> Callable[[str], str]:
    """Read it all once, and compare with all on the first GPU."""
    return faiss_request(problem, gpu=True)


def own_request(problem: Request, kind: Kind) -> Ready:
    """Open the archive, and answer with an index of a kind, for the recall and for more where these clicks want it."""
    archive = Archive.open(problem.own_archive())

    def tune(recall: float) -> None:
        archive.index(MODEL, kind=kind, recall=recall, progress=False)

    def answer(filename: str) -> str:
        hits = archive.find_similar(filename, model=MODEL, metric="cosine", top_n=problem.k)
        return json.dumps(hits.to_records(), ensure_ascii=False)

    tune(problem.asked_quality)
    return Ready(answer, tune, greater(problem.asked_quality) if kind == "fast" else ())


def own_exact_request(problem: Request) -> Ready:
    """Answer with our proven index."""
    return own_request(problem, "exact")


def own_fast_request(problem: Request) -> Ready:
    """Answer with our likely index."""
    return own_request(problem, "fast")


def own_gpu_request(problem: Request) -> Ready:
    """Answer with our proven index, where `benzer doctor --calibrate` found the first GPU to be sooner."""
    os.environ["XDG_CACHE_HOME"] = str(problem.folder / "cache")  # of this process alone
    sooner = dict.fromkeys(("alone", "together"), gpus()[0]["device"])
    write_json(calibration_path(), {"gpus": [gpu["name"] for gpu in gpus()], "kinds": {"exact": sooner}})
    return own_request(problem, "exact")


def by_torch(problem: Images) -> Callable[[list[str]], Array]:
    """Lead each image through the network by torch, in one process."""
    import torch

    torch.set_num_threads(problem.threads)
    recipe, run, constants = find_recipe(RECIPE), network.on_torch("cpu"), network.constants_of(RECIPE)

    def answer(names: list[str]) -> Array:
        rows = []
        for name in names:
            image = decode(problem.images.read(name), target=recipe.target, name=name)
            raw = run(network.scaled(recipe.prepare(image)[None]))
            z = network.standardize(raw, constants["mean"], constants["deviation"])
            rows.append(network.unit_rows(z @ constants["components"].T - constants["offset"]))
        return np.concatenate(rows)

    return answer


def own_extraction(problem: Images, processes: int | None = None, device: str = "cpu") -> Callable[[list[str]], Array]:
    """Compute features as `Archive.extract` does."""

    def answer(names: list[str]) -> Array:
        with tempfile.TemporaryDirectory(dir=problem.folder) as work, threads(problem.threads):
            done = extract(
                problem.images,
                {RECIPE: names},
                work=Path(work),
                processes=processes or problem.threads,
                device=device,
                progress=False,
            )
        return done.rows[RECIPE]

    return answer


def own_extraction_alone(problem: Images) -> Callable[[list[str]], Any]:
    """Compute features in one process."""
    return own_extraction(problem, 1)


def own_extraction_on_gpu(problem: Images) -> Callable[[list[str]], Any]:
    """Decode images in all processes, and lead them through the network on the first GPU."""
    return own_extraction(problem, device="cuda")
