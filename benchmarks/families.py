"""How far clusters agree with the families of the sample: `python benchmarks/families.py FOLDER`; decision 14 holds the table.

FOLDER is the sample archive (`benzer demo FOLDER` draws it), whose `truth.csv` names the family of each image. Rows are those of `pattern`.
"""

import csv
from pathlib import Path

import click
import numpy as np

import benzer_lab as bl
from benzer_lab.metrics import adjusted_rand, normalized_mutual_information

TRIED = (12, 16, 24, 32, 40)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seeds", default=5, show_default=True)
def main(folder: Path, seeds: int) -> None:
    """Print the adjusted Rand index of each number of clusters, median (least, most) of some seeds."""
    archive = bl.Archive.open(folder)
    archive.extract(["color", "pattern"])
    features = archive.features("pattern")
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        family_of = {row["filename"]: row["family"] for row in csv.DictReader(file)}
    families = np.array([family_of[name] for name in features.filenames])
    choice = bl.choose_k(features.x, metric=features.metric)
    click.echo(f"{len(families):,} images of {len(set(families))} families\n\n| clusters | adjusted Rand |\n|---|---|")
    for k in sorted({*TRIED, choice.n_clusters}):
        labels = [bl.KMeans(k, metric=features.metric, random_state=seed).fit(features.x).labels_ for seed in range(seeds)]
        found = [adjusted_rand(one, families) for one in labels]
        mutual = np.median([normalized_mutual_information(one, families) for one in labels])
        auto = f"; chosen by itself, normalized mutual information {mutual:.2f}" if k == choice.n_clusters else ""
        click.echo(f"| {k} | {np.median(found):.2f} ({min(found):.2f}-{max(found):.2f}){auto} |")
    click.echo(f"\n{choice.reason}")


if __name__ == "__main__":
    main()
