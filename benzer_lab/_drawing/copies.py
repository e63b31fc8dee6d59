"""What an archive holds twice: the same file under another name, and a print scanned again."""

from pathlib import Path

import numpy as np
from PIL import Image

from benzer_lab._drawing.canvas import noise


def twin(number: int) -> int | None:
    """Tell which colorway (0 to 3) of a design lies in the archive a second time, unchanged; one of twenty designs has such a twin."""
    return number // 20 % 4 if number % 20 == 19 else None


def rescan(number: int) -> int | None:
    """Tell which colorway (0 to 3) of a design was scanned again; three of forty designs were."""
    return number % 4 if number % 40 in (25, 31, 38) else None


def scanned(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Scan a print again: a little cropped, with a cast of color, uneven light and the noise of the sensor."""
    width, height = image.size
    left, top, right, bottom = rng.integers(1, max(width // 24, 2), 4)
    pixels = np.asarray(image.crop((left, top, width - right, height - bottom)), dtype=np.float64)
    high, wide = pixels.shape[:2]
    cast = 1 + rng.normal(0, 0.035, 3)
    light = 1 + rng.normal(0, 0.03) + 0.03 * np.linspace(-1, 1, wide)[None, :, None] * rng.choice([-1, 1])
    grain = 3.5 * noise(rng, high, wide, (1.2, 1.2))[..., None]
    dust = 12 * (rng.random((high, wide, 1)) > 0.9995)
    return Image.fromarray((pixels * cast * light + 4 + grain + dust).round().clip(0, 255).astype(np.uint8))


def twin_name(filename: str, number: int) -> str:
    """Name a twin as people do."""
    path = Path(filename)
    ending = ("-kopya", "-copy", "(1)", "_SON")[number // 20 % 4]
    return f"{path.stem}{ending}{path.suffix}"


def scan_name(design: str, number: int) -> str:
    """Name a scan as a scanner's software does, with a word by whoever kept it."""
    return f"Scan_{2019 + number % 6}{number:04d}_{design.split()[0]}.jpg"
