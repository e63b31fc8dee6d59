"""Where the page of timings gets its runs from: measured here, or kept in a folder."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benzer_lab._disk import state
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError
from benzer_lab.timings import Timings
from benzer_lab.views.jobs import Progress
from benzer_lab.views.timings_process import measure_apart

FOLDER = "timings"  # of an archive, or where a notebook runs
ENDING = ".parquet"


@dataclass(frozen=True, eq=False)
class Kept:
    """A run that is kept.

    Parameters
    ----------
    name : str
        Of its file, without the ending.
    timings : Timings
        The run.
    """

    name: str
    timings: Timings

    @property
    def when(self) -> str:
        """When it was measured, as an ISO date; empty where it does not say."""
        return str(self.timings.machine.get("when", ""))


class Runs:
    """What measures runs and keeps them; called from threads beside the page, too.

    Parameters
    ----------
    archive : Archive or None
        Whose rows may be measured; None where only generated ones are.
    folder : str or Path, optional
        Where runs are kept: else BENZER_TIMINGS, else `timings` in the archive, else `timings` here.
    """

    def __init__(self, archive: Archive | None = None, folder: str | Path | None = None) -> None:
        self.archive = archive
        home = Path(FOLDER) if archive is None else archive.folder / FOLDER
        self.folder = Path(folder or os.environ.get("BENZER_TIMINGS") or home)
        self._read: dict[tuple[str, Sequence[int]], Kept] = {}

    def measure(self, question: str, model: str, seconds: float, progress: Progress, **asked: Any) -> Timings:
        """Measure.

        Parameters
        ----------
        question : str
            Which.
        model : str
            Whose rows of the archive are meant; empty for generated ones, and 'images' where the archive's images are.
        seconds : float
            How long it may take at most.
        progress : callable
            Called with (done, total); what it raises stops the run.
        **asked : object
            What the function of the question takes.

        Returns
        -------
        Timings
            What was measured.
        """
        if model and self.archive is not None:
            asked |= {"archive": str(self.archive.folder.absolute())} | ({} if question == "extraction" else {"model": model})
        return measure_apart({"question": question, "archive": None, **asked}, seconds, progress)

    def kept(self) -> tuple[list[Kept], list[str]]:
        """Return the runs in the folder, the newest first, and why others could not be read, a sentence each."""
        found, faults = [], []
        for path in sorted(self.folder.glob(f"[!.]*{ENDING}")):
            try:
                key = path.name, tuple(state(path))
                if key not in self._read:
                    self._read[key] = Kept(path.stem, Timings.read(path))
                found.append(self._read[key])
            except (BenzerError, OSError) as error:  # another file that ends like that, or one that is gone by now
                faults.append(str(error))
        return sorted(found, key=lambda one: one.when, reverse=True), faults

    def keep(self, timings: Timings) -> str:
        """Keep a run.

        Parameters
        ----------
        timings : Timings
            The run.

        Returns
        -------
        str
            What it is called from now on: the question and when it was measured.
        """
        stem = re.sub(r"[^\w-]+", "-", f"{timings.question}-{timings.machine.get('when', '')}"[:40]).strip("-")
        names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1000))
        name = next(name for name in names if not (self.folder / f"{name}{ENDING}").exists())
        timings.to_parquet(self.folder / f"{name}{ENDING}")
        return name
