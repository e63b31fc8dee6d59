"""Make the constants of the regions from a fixed set of images.

The shipped file was made by

    python benchmarks/fit_regions.py ../shared/data/patterns/images --out benzer_lab/weights/regions-1.npz

No image of the sample archive, on which regions are judged, goes in.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benzer_lab.images import ImageFolder, decode
from benzer_lab.network import SIDE
from benzer_lab.pattern import color_blind
from benzer_lab.regions import N_VALUES, raw_cells

REACH = 5  # deviations of the value that varies most, which 127 stands for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", help="a folder")
    parser.add_argument("--out", required=True, type=Path, help="the .npz file to write")
    arguments = parser.parse_args()
    folder = ImageFolder(arguments.images)
    raw = np.concatenate([raw_of(decode(folder.read(name), target=SIDE)) for name in folder.filenames])
    np.savez(arguments.out, **fit(raw))
    print(f"{len(raw):,} cells; {arguments.out.stat().st_size / 1e3:.0f} kB")


def raw_of(image: Image.Image) -> NDArray[np.float32]:
    raw = raw_cells(color_blind(image)[None])
    return raw.reshape(-1, raw.shape[-1])


def fit(raw: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
    """Return the mean, and the directions of most variance of the z-scores, scaled so that a value fits a byte."""
    mean, deviation = raw.mean(0, dtype=np.float64), raw.std(0, dtype=np.float64)
    deviation += np.median(deviation)  # channels that are rarely active would drown all others
    z = (raw - mean) / deviation
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    vectors = vectors[:, ::-1][:, :N_VALUES]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(N_VALUES)])
    components = (vectors / deviation[:, None]).T * 127 / (REACH * np.sqrt(values[-1]))
    return {"mean": mean.astype(np.float32), "components": components.astype(np.float16)}


if __name__ == "__main__":
    main()
