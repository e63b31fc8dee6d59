"""How well look-alikes are found, on archives with known truth: `python benchmarks/quality.py FOLDER`.

FOLDER holds `images/` and `truth.csv` (filename, design_id, colorway). Each image is a query once, all others are the gallery:
`pattern` is asked for the other colorways of a design, `color` for the same colorway on other designs (its own design left out).
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

import benzer_lab as bl
from benzer_lab.features import unit


def scores(features: bl.FeatureSet, relevant: np.ndarray, left_out: np.ndarray) -> tuple[float, float, float]:
    """Return P@1, mean average precision and the mAP of a random order, over the queries that have an answer."""
    x = unit(features.x)
    similar = x @ x.T
    first, precise, chance = [], [], []
    for query in range(len(x)):
        gallery = ~left_out[query]
        wanted = relevant[query, gallery]
        if wanted.any():
            ranked = similar[query, gallery]
            first.append(wanted[ranked.argmax()])
            precise.append(average_precision_score(wanted, ranked))
            chance.append(wanted.mean())
    return float(np.mean(first)), float(np.mean(precise)), float(np.mean(chance))


def main(folder: Path) -> pd.DataFrame:
    """Extract into a temporary archive, and score."""
    truth = pd.read_csv(folder / "truth.csv").set_index("filename")
    with tempfile.TemporaryDirectory() as place:
        archive = bl.Archive.create(Path(place) / "archive", images=folder / "images")
        archive.extract()
        rows = []
        for model, question in (("pattern", "the other colorways of a design"), ("color", "the same palette on another design")):
            features = archive.features(model)
            known = truth.loc[list(features.filenames)]
            same_design = np.equal.outer(known["design_id"].to_numpy(), known["design_id"].to_numpy())
            same_colorway = np.equal.outer(known["colorway"].to_numpy(), known["colorway"].to_numpy())
            itself = np.eye(len(known), dtype=bool)
            pair = (same_design, itself) if model == "pattern" else (same_colorway & ~same_design, same_design)
            p1, precision, chance = scores(features, *pair)
            rows.append({"model": model, "recipe": features.recipe, "question": question, "P@1": p1, "mAP": precision, "chance": chance})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    print(main(Path(sys.argv[1])).round(3).to_string(index=False))
