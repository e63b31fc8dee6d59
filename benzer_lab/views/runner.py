"""Long work of a page: in threads, followed by the page until it ends."""

import threading
from collections.abc import Callable
from typing import Any

import panel as pn

from benzer_lab.views.jobs import Job

POLL_MS = 150
PATIENCE = 0.4  # seconds in which what is kept on disk is usually loaded, so that the page opens with it; later nothing is waited for


class Runner:
    """Runs one job after the other, each in a thread of its own.

    Parameters
    ----------
    finish : callable
        Called with the job, its result and its error, in the thread of the page.
    show : callable
        Called with the job while it runs, so that the page says how far it has come, and with None once there is none.
    is_patient : bool, default=False
        Whether the first job waits for `ready`, too.
    """

    def __init__(
        self,
        finish: Callable[[Job, Any, Exception | None], None],
        show: Callable[[Job | None], None],
        *,
        is_patient: bool = False,
    ) -> None:
        self._finish, self._show, self._is_patient = finish, show, is_patient
        self._job: Job | None = None
        self._ended: list[tuple[Job, Any, Exception | None]] = []
        self._poll: Any = None
        self._is_ready = False
        if pn.state.curdoc is not None and pn.state.curdoc.session_context:
            pn.state.on_session_destroyed(lambda context: self.stop())

    def begin(self, job: Job | None) -> None:
        """Run a job; None when there is nothing to do.

        Parameters
        ----------
        job : Job or None
            What is to be done now. One that runs already ends by itself.
        """
        self._job = job
        if job is None:
            self._show(None)
            return
        if self._is_patient and not self._is_ready:
            return
        thread = threading.Thread(target=self._run, args=(job,), name=f"page-{job.name}", daemon=True)
        thread.start()
        if self._is_ready:
            self._show(job)
            self._follow()
            return
        thread.join(PATIENCE)
        if thread.is_alive():
            self._show(job)
        else:
            self.look()

    def ready(self) -> None:
        """Begin to follow: the browser has drawn what matters. What changes while it still does, Bokeh's widgets cannot take."""
        is_first, self._is_ready = not self._is_ready, True
        if self._is_patient and is_first:
            self.begin(self._job)
        elif self._job is not None:
            self._follow()

    def stop(self) -> None:
        """Stop what runs: nobody sees it any more."""
        if self._job is not None:
            self._job.stop()

    def look(self) -> None:
        """Take what has ended, and show how far the rest has come."""
        while self._ended:
            self._finish(*self._ended.pop(0))
        if self._job is not None:
            self._show(self._job)
        elif self._poll is not None:
            self._poll.stop()
            self._poll = None

    def _run(self, job: Job) -> None:
        """Do the work and leave what it brought; in its thread."""
        try:
            self._ended.append((job, job.run(), None))
        except Exception as error:
            self._ended.append((job, None, error))

    def _follow(self) -> None:
        """Look again and again."""
        if self._poll is None:
            self._poll = pn.state.add_periodic_callback(self._look, POLL_MS)

    async def _look(self) -> None:
        """Look on the event loop, where nothing of this page runs beside it."""
        self.look()
