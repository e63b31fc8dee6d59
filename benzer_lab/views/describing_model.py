"""Describing the images of an archive place by place while its pages are served, so that parts can be found in them."""

import logging
import os
import threading
from weakref import WeakKeyDictionary

from benzer_lab._engine import n_cores
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError

log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """Somebody has asked for an end."""


class Describing:
    """How far an archive's images are described; one for all pages of a process.

    Attributes
    ----------
    status : str
        'idle', 'running', 'stopping' or 'failed'.
    done, total : int
        Images described so far, and in all, while it runs.
    error : str
        Why it failed, in a sentence.
    """

    def __init__(self) -> None:
        self.status = "idle"
        self.done = self.total = 0
        self.error = ""
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether images are being described."""
        return self.status in ("running", "stopping")

    def start(self, archive: Archive) -> None:
        """Begin in a thread of its own, or go on where it was stopped; nothing where it runs already.

        Parameters
        ----------
        archive : Archive
            Whose images to describe. One core is left to those who search meanwhile.
        """
        with self._guard:
            if self.is_running:
                return
            self.status, self.error, self.done, self.total = "running", "", 0, 0
            self._thread = threading.Thread(target=self._run, args=(archive,), name="describe", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End within some seconds; what is described stays."""
        with self._guard:
            if self.is_running:
                self.status = "stopping"

    def wait(self) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, archive: Archive) -> None:
        error = ""
        try:
            archive.index_regions(processes=max(1, n_cores() - 1), progress=self._progress)
        except _StoppedError:
            log.info("Describing regions was stopped at %d of %d images", self.done, self.total)
        except BenzerError as refused:
            error = str(refused)
        except Exception as fault:
            log.exception("The regions of %s cannot be described", archive.folder)
            error = f"{type(fault).__name__}: {fault}. The server's log has the details."
        with self._guard:
            self.status, self.error = "failed" if error else "idle", error

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.status == "stopping":
            raise _StoppedError


_of_archives: "WeakKeyDictionary[Archive, Describing]" = WeakKeyDictionary()
_guard = threading.Lock()


def describing(archive: Archive) -> Describing:
    """Return how far an archive's images are described, the same for every page.

    Parameters
    ----------
    archive : Archive
        Whose.

    Returns
    -------
    Describing
        Idle at first.
    """
    with _guard:
        return _of_archives.setdefault(archive, Describing())


def hindrance(archive: Archive) -> str:
    """Tell what keeps this process from describing an archive's images.

    Parameters
    ----------
    archive : Archive
        Whose.

    Returns
    -------
    {'', 'no_images', 'read_only'}
        Nothing, as far as can be seen before it is tried.
    """
    if archive.images is None:
        return "no_images"
    return "" if os.access(archive.folder, os.W_OK) else "read_only"
