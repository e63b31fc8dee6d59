"""How far long work has come: a bar on stderr, or whoever wants to be told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Progress = bool | Callable[[int, int], None]  # a bar on stderr, or what is called with (done, total)


def show(steps: Iterator[int], progress: Progress, total: int, done: int, *, unit: str = "images") -> None:
    """Go through the steps, each some images, and show how far they are.

    Parameters
    ----------
    steps : iterator of int
        Work; each step says how many images it did.
    progress : bool or callable
        Whether to show a bar on stderr, or what to call with the numbers of images done and to do.
    total : int
        Images in all.
    done : int
        Of them, those done before.
    unit : str, default="images"
        What is counted.
    """
    if callable(progress):
        progress(done, total)
        for n in steps:
            done += n
            progress(done, total)
        return
    with tqdm(total=total, initial=done, unit=f" {unit}", disable=not progress) as bar:
        for n in steps:
            bar.update(n)


@contextmanager
def bar(what: str, n: int, progress: Progress) -> Iterator[Callable[[float], None]]:
    """Show how much of `n` rows is done.

    Parameters
    ----------
    what : str
        What is being done.
    n : int
        Rows in all.
    progress : bool or callable
        Whether to show a bar on stderr, or what to call with the numbers of rows done and to do.

    Yields
    ------
    callable
        To be told which part is done, from 0 to 1.
    """
    if callable(progress):
        yield lambda part: progress(round(part * n), n)
        return
    with tqdm(total=n, desc=what, unit=" rows", disable=not progress, leave=False) as shown:

        def tell(part: float) -> None:
            shown.update(round(part * n) - shown.n)

        yield tell
