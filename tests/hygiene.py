"""What a commit must not bring: a text file without a last newline, or a file over 500 kB."""

import sys
from collections.abc import Iterator
from pathlib import Path

LIMIT = 500_000
EXEMPT = ("benzer_lab/weights/", "benzer_lab/views/dist/")  # what recipes ship, and built JavaScript
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".js", ".css", ".json", ".csv", ".ipynb", ""}


def faults(names: list[str]) -> Iterator[str]:
    """Yield one sentence a fault."""
    for name in names:
        path = Path(name)
        if not path.is_file():
            continue
        size = path.stat().st_size
        if size > LIMIT and not name.startswith(EXEMPT):
            yield f"{name}: {size / 1000:,.0f} kB; at most {LIMIT / 1000:,.0f} kB may be committed"
        data = path.read_bytes() if path.suffix in TEXT else b"\n"
        if data and not data.endswith(b"\n"):
            yield f"{name}: must end with a newline"
        if path.suffix in TEXT and b"\r\n" in data:
            yield f"{name}: must have Unix line ends"


if __name__ == "__main__":
    found = list(faults(sys.argv[1:]))
    sys.exit("\n".join(found) or None)
