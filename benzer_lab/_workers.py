"""Work spread over processes, past the death of any of them."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from loky import ProcessPoolExecutor
from loky.backend import get_context
from loky.process_executor import BrokenProcessPool

from benzer_lab._engine import n_cores

DIED = "ended the process that worked on it, most often for want of memory"

Chunk = list[Any]
Function = Callable[[Chunk], Any]

_work: tuple[Any, Function] | None = None  # in a worker: what tells it to stop, and what it does


def spread(function: Function, chunks: Iterable[Chunk], processes: int, *, ahead: int = 2) -> Generator[tuple[Chunk, Any], None, None]:
    """Give each chunk with what `function`, which goes to each process once, returns for it; with None for a job that ends its process."""
    waiting = deque(chunks)
    while waiting:
        suspects = []
        with _pool(function, processes) as pool:
            for chunk, result in _until_broken(pool, waiting, ahead * processes):
                if result is None:
                    suspects.append(chunk)
                else:
                    yield chunk, result
        if any(len(chunk) > 1 for chunk in suspects) or len(suspects) > 1:
            yield from spread(function, [[job] for chunk in suspects for job in chunk], 1, ahead=1)
        else:
            yield from ((chunk, None) for chunk in suspects)


def done(function: Function, chunks: Sequence[Chunk], processes: int | None) -> "closing[Generator[tuple[Chunk, Any], None, None]]":
    """Give each chunk with what `function` returns for it, as `spread` does; to be closed by a `with`, which ends what is under way.

    By default on all cores. With one process all is done in this one; else a single chunk, too, goes to another: a job may end it.
    """
    if processes == 1:
        return closing((chunk, function(chunk)) for chunk in chunks)
    return closing(spread(function, chunks, min(processes or n_cores(), max(1, len(chunks)))))


def chunks_of(jobs: Sequence[Any], size: int) -> list[Chunk]:
    """Cut jobs into chunks of at most a size."""
    return [list(jobs[start : start + size]) for start in range(0, len(jobs), size)]


def stopping() -> bool:
    """Whether the process that waits for this one's result has given up; asked between two jobs."""
    return _work is not None and bool(_work[0].is_set())


def _until_broken(pool: ProcessPoolExecutor, waiting: deque[Chunk], ahead: int) -> Iterator[tuple[Chunk, Any]]:
    """Take chunks and give results until all are done or a process died; then give with None what was under way."""
    running: dict[Future[Any], Chunk] = {}
    whole = True
    while running or (waiting and whole):
        while whole and waiting and len(running) < ahead:
            try:
                future = pool.submit(_call, waiting[0])
            except BrokenProcessPool:
                whole = False
            else:
                running[future] = waiting.popleft()
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            broken = isinstance(future.exception(), BrokenProcessPool)
            whole = whole and not broken
            yield running.pop(future), None if broken else future.result()


@contextmanager
def _pool(function: Function, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes; whatever ends the block, leave none behind."""
    context = get_context("loky")  # a fork would inherit the locks of Faiss's threads; spawn would run the caller's script again
    stop = context.Event()
    pool = ProcessPoolExecutor(processes, context=context, initializer=_begin, initargs=(stop, function, os.getpid()))
    try:
        yield pool
    finally:
        stop.set()
        pool.shutdown()


def _begin(stop: Any, function: Function, parent: int) -> None:
    """Make this process a worker: one thread, deaf to Ctrl-C (its parent hears it), gone when its parent is."""
    global _work
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    Thread(target=_follow, args=(parent,), daemon=True).start()
    _work = stop, function


def _follow(parent: int) -> None:
    """End this process when its parent was killed: the pool's queues alone would keep it waiting."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _call(chunk: Chunk) -> Any:
    """Do a chunk, in a worker."""
    assert _work is not None
    return _work[1](chunk)
