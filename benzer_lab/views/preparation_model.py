"""The archive of this process: opened once for all pages, and made from the sample designs where there is none."""

import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from benzer_lab.archive import Archive
from benzer_lab.errors import ArchiveError, BenzerError
from benzer_lab.sample import METADATA, TRUTH, draw_archive
from benzer_lab.views.search_model import SearchModel

README = "README.md"
UNFINISHED = ".sample"  # there from the first moment of making the sample archive to its last
DRAFT = ".sample-draft"  # where it is drawn, out of the way of what a user may put into the folder meanwhile
PARTS = ("images", METADATA, TRUTH)
LOCK = ".sample.lock"
DEFAULT = Path("image_features")

log = logging.getLogger(__name__)


def archive_folder() -> Path:
    """Return where the dashboards' archive lies: BENZER_ARCHIVE, else image_features/ here, else that of the checkout."""
    checkout = Path(__file__).parents[2] / DEFAULT
    return Path(os.environ.get("BENZER_ARCHIVE") or (DEFAULT if DEFAULT.exists() or not checkout.exists() else checkout))


def refuse_missing(folder: Path) -> None:
    """Refuse a folder that was named and is not there, which most often is a slip of the pen; the default one is made."""
    if folder != DEFAULT and not folder.exists():
        raise ArchiveError(
            f"{folder} must be a folder; there is none. Check the name (BENZER_ARCHIVE or --archive), or make an empty"
            " folder of it, to have the sample archive drawn there."
        )


def awaits_sample(folder: Path) -> bool:
    """Tell whether the sample archive belongs into a folder: there is nothing in it of one's own, or it was begun there."""
    if (folder / UNFINISHED).exists():
        return True
    return not folder.exists() or all(path.name == README or path.name.startswith(".") for path in folder.iterdir())


class Preparation:
    """Opening an archive, after making the sample archive where there is nothing else.

    Parameters
    ----------
    folder : Path
        Of the archive.
    images : str, optional
        Where its images lie, when not where the archive says.

    Attributes
    ----------
    status : str
        'opening', 'waiting' (for another process), 'drawing', 'extracting', 'ready' or 'failed'.
    done, total : int
        Images extracted so far, and in all; 0 in every other status.
    error : str
        Why it failed, in a sentence.
    archive : Archive or None
        There when ready.
    """

    def __init__(self, folder: Path, images: str | None = None) -> None:
        self.folder = folder
        self.images = images
        self.status = "opening"
        self.done = self.total = 0
        self.error = ""
        self.archive: Archive | None = None
        self.ended = threading.Event()

    def run(self) -> None:
        """Do all of it; where it fails, `error` says why. What the pages can do without is made while they are served already."""
        self._open()
        if self.archive is not None:
            self._try(self.archive.build_indexes, "No index could be built, so every row is compared")
            if (self.folder / TRUTH).exists():  # of the sample only: a large archive's keeper chooses the hour (`benzer repeats`)
                self._try(self.archive.find_repeats, "No repeats could be found, so there are no filters for them")

    def _try(self, step: Callable[..., object], otherwise: str) -> None:
        """Do what the pages can do without, or say in the log what is missing."""
        try:
            step(progress=False)
        except (BenzerError, OSError, RuntimeError, MemoryError) as error:
            log.warning("%s: %s", otherwise, error)

    def _open(self) -> None:
        """Make the archive, and what all pages share."""
        try:
            refuse_missing(self.folder)
            if self.images is None and awaits_sample(self.folder):
                self._make_sample()
            self.status = "opening"
            archive = Archive.open(self.folder, images=self.images)
            SearchModel(archive).facets()  # what all pages share is made here, not while the first visitor waits
            self.archive = archive
            self.status = "ready"
        except BenzerError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{self.folder} cannot be opened: {error}. The server's log has the details.")
            log.exception("The archive %s cannot be opened", self.folder)
        finally:
            self.ended.set()

    def _make_sample(self) -> None:
        """Draw the sample designs and extract their features, unless another process does or has done so."""
        self.status = "waiting"
        try:
            self.folder.mkdir(exist_ok=True)
            with FileLock(self.folder / LOCK):
                if awaits_sample(self.folder):
                    (self.folder / UNFINISHED).touch()
                    self._draw()
                    self._progress(0, 0)
                    self.status = "extracting"
                    Archive.open(self.folder).extract(progress=self._progress)
                    (self.folder / UNFINISHED).unlink()
        except OSError as error:
            raise ArchiveError(
                f"Cannot write {self.folder}: {error.strerror or error}. Give write permission, or set BENZER_ARCHIVE."
            ) from error

    def _draw(self) -> None:
        """Draw the designs and put them in their place, or go on where an earlier process was killed; the lock is held."""
        folder, draft = self.folder, self.folder / DRAFT
        if not (folder / TRUTH).exists():  # the last that is drawn, and the last that is moved
            drawn = (draft / TRUTH).exists()
            for name in PARTS:
                if (folder / name).exists() and ((draft / name).exists() or not drawn):
                    raise ArchiveError(
                        f"{folder / name} is not of the sample archive that was begun in {folder}, and stays as it is."
                        f" Remove {folder / UNFINISHED} to use it, or move it away to have the sample."
                    )
            if not drawn:
                self.status = "drawing"
                shutil.rmtree(draft, ignore_errors=True)
                draw_archive(draft, progress=self._progress)
            for name in PARTS:
                if (draft / name).exists():  # else an earlier process was killed after it had moved this one
                    (draft / name).rename(folder / name)
        shutil.rmtree(draft, ignore_errors=True)

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def _fail(self, error: str) -> None:
        self.error = error
        self.status = "failed"


_preparations: dict[tuple[Path, str | None], Preparation] = {}
_guard = threading.Lock()


def prepare() -> Preparation:
    """Prepare the archive of this process in the background, once; after a failure the next call tries again.

    Returns
    -------
    Preparation
        The same one for every page.
    """
    place = archive_folder(), os.environ.get("BENZER_IMAGES")
    with _guard:
        if place not in _preparations or _preparations[place].status == "failed":
            _preparations[place] = Preparation(*place)
            threading.Thread(target=_preparations[place].run, name="prepare", daemon=True).start()
        return _preparations[place]


def shared_archive() -> Archive:
    """Return the archive of this process.

    Returns
    -------
    Archive
        The same one for every caller.

    Raises
    ------
    ArchiveError
        While it is being prepared, and when that has failed.
    """
    preparation = prepare()
    preparation.ended.wait(0.5)  # opening takes less, unless features are read for the first time
    if preparation.archive is None:
        raise ArchiveError(preparation.error or f"{preparation.folder} is being made ready ({preparation.status}). Try again in a minute.")
    return preparation.archive
