"""Long work beside the page: in a thread of its own, with progress, and stopped when nobody waits for it any more."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benzer_lab.errors import BenzerError

Progress = Callable[[int, int], None]


class StoppedError(BenzerError):
    """Work was stopped before its end."""


@dataclass(eq=False)
class Job:
    """Something that takes long.

    Parameters
    ----------
    name : str
        The word by which the page says what is being done.
    work : callable
        Does it; calls what it is given with (done, total) as it goes on, from its own thread.
    take : callable
        Called with what `work` returned, in the thread of the page.

    Attributes
    ----------
    done, total : int
        How far it has come; 0 and 0 while that is not known.
    """

    name: str
    work: Callable[[Progress], Any]
    take: Callable[[Any], None]
    done: int = 0
    total: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    def run(self) -> Any:
        """Do it, in whichever thread this is called.

        Returns
        -------
        object
            What `work` returned.

        Raises
        ------
        StoppedError
            When `stop` was called.
        """
        self.report(0, 0)
        result = self.work(self.report)
        self.report(self.done, self.total)
        return result

    def report(self, done: int, total: int) -> None:
        """Note how far the work has come; end it where it was stopped."""
        self.done, self.total = done, total
        if self._stopped.is_set():
            raise StoppedError(f"{self.name} was stopped.")

    def stop(self) -> None:
        """Have it end at the next sign of progress."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._stopped.is_set()
