"""The state of the section of duplicates: which groups are shown, and how far the search for them has come."""

import logging
import re
import threading
from collections.abc import Mapping, Sequence
from os.path import commonprefix
from weakref import WeakKeyDictionary

import param

from benzer_lab._verdicts import KINDS, Relation
from benzer_lab.archive import Archive
from benzer_lab.duplicates import DesignGroup, DesignGroups
from benzer_lab.errors import BenzerError

WORD_ENDS = re.compile(r"[\s_./-]+")
LITTLE = 4  # letters that all names begin with, which may stay
ADDRESS = ("kind", "across_seasons", "two_names")

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Ends the search for duplicates where a visitor asked for that."""


class Finding:
    """The search for the duplicates of an archive, in a thread; all pages of a process share one.

    Parameters
    ----------
    archive : Archive
        Where to look.

    Attributes
    ----------
    status : {'idle', 'neighbors', 'pairs', 'stopping', 'stopped', 'failed'}
        'neighbors' while those of each image are looked for, 'pairs' while they are compared.
    done, total : int
        Images or pairs; 0 before the first of them.
    error : str
        Why it failed, in a sentence.
    n_ended : int
        How many times it has ended.
    """

    def __init__(self, archive: Archive) -> None:
        self.n_ended = 0
        self._archive = archive
        self._lock = threading.Lock()
        self.status = "idle"
        self.done = self.total = 0
        self.error = ""

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.status in ("neighbors", "pairs", "stopping")

    def start(self) -> None:
        """Begin, or go on where it was stopped; nothing where it is under way."""
        with self._lock:
            if self.is_running:
                return
            self.status, self.error, self.done, self.total = "neighbors", "", 0, 0
        threading.Thread(target=self.run, name="duplicates", daemon=True).start()

    def stop(self) -> None:
        """End it soon; what was compared is kept."""
        with self._lock:
            if self.is_running:
                self.status = "stopping"

    def run(self) -> None:
        """Do all of it, in this thread."""
        ended = "failed"
        try:
            self._archive.find_duplicates(progress=self._tell)
            ended = "idle"
        except StoppedError:
            ended = "stopped"
        except BenzerError as error:
            self.error = str(error)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}. The server's log has the details."
            log.exception("The duplicates of %s cannot be found", self._archive)
        finally:
            self.n_ended += 1
            self.status = ended

    def _tell(self, done: int, total: int) -> None:
        """Take how far it is, first of the images and then of the pairs."""
        with self._lock:
            if self.status == "stopping":
                raise StoppedError
            self.done, self.total = done, total
            self.status = "neighbors" if total == len(self._archive.features("pattern")) else "pairs"


_findings: WeakKeyDictionary[Archive, Finding] = WeakKeyDictionary()
_guard = threading.Lock()


def finding(archive: Archive) -> Finding:
    """Return the search for the duplicates of an archive.

    Parameters
    ----------
    archive : Archive
        Which one.

    Returns
    -------
    Finding
        The same one for every page.
    """
    with _guard:
        return _findings.setdefault(archive, Finding(archive))


class DuplicatesModel(param.Parameterized):  # type: ignore[misc]
    """Which groups of an archive are shown.

    Parameters
    ----------
    archive : Archive
        With images and the model `pattern`.
    **params : object
        The parameters below.
    """

    kind = param.Selector(default=KINDS[0], objects=list(KINDS), doc="What the images of a group are to each other.")
    across_seasons = param.Boolean(doc="Whether only groups are shown that have images of two seasons or more.")
    two_names = param.Boolean(doc="Whether only groups are shown that go by two design names or more; of look-alikes all do.")

    found = param.Parameter(constant=True, doc="All groups; None where they were never looked for.")
    error = param.String(constant=True, doc="Why there are none, in a sentence.")

    def __init__(self, archive: Archive, **params: object) -> None:
        super().__init__(**params)
        self.archive = archive
        self.finding = finding(archive)

    @property
    def groups(self) -> list[DesignGroup]:
        """Those that are shown."""
        return self._passing(self.kind)

    def counts(self) -> dict[Relation, int]:
        """Return how many groups of each kind would be shown."""
        return {kind: len(self._passing(kind)) for kind in KINDS}

    def read(self) -> tuple[DesignGroups | None, str]:
        """Return the groups that were found last, or why they cannot be read; it takes long the first time since they were found."""
        try:
            return self.archive.duplicates(), ""
        except BenzerError as reason:
            return None, str(reason)

    def refresh(self) -> None:
        """Show the groups that were found last."""
        found, error = self.read()
        if found is not self.found or error != self.error:
            with param.edit_constant(self):
                self.param.update(found=found, error=error)

    def address(self) -> dict[str, str]:
        """Return what the address of the page has to hold to show the same again."""
        values = {name: getattr(self, name) for name in ADDRESS if getattr(self, name) != self.param[name].default}
        return {name: value if isinstance(value, str) else "true" for name, value in values.items()}

    def restore(self, given: Mapping[str, str]) -> None:
        """Show what an address holds.

        Parameters
        ----------
        given : mapping of str to str
            As `address` returned it; what cannot be read is as on a page that was just opened.
        """
        kind = given.get("kind")
        flags = {name: given.get(name) == "true" for name in ADDRESS[1:]}
        self.param.update(kind=kind if kind in KINDS else KINDS[0], **flags)

    def _passing(self, kind: Relation) -> list[DesignGroup]:
        """Return the groups of a kind that pass the switches."""
        groups = () if self.found is None else self.found.of(kind).groups
        several = [group for group in groups if not self.across_seasons or len(group.seasons) > 1]
        return [group for group in several if kind == "look-alike" or not self.two_names or len(group.designs) > 1]


def tails_of(filenames: Sequence[str]) -> list[str]:
    """Return what tells names apart: without what all of them begin with, but for the last word of that.

    Parameters
    ----------
    filenames : sequence of str
        Such as 'D-20_Lale_red.jpg' and 'D-20_Lale_red (1).jpg'.

    Returns
    -------
    list of str
        '…red.jpg' and '…red (1).jpg'; whole names where little would go.
    """
    same = commonprefix([name.rpartition(".")[0] for name in filenames])  # noqa: RUF071  (letters are what is wanted)
    cut = max((place.end() for place in WORD_ENDS.finditer(same)), default=0)
    return [f"…{name[cut:]}" if cut > LITTLE else name for name in filenames]
