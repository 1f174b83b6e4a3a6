"""A progress bar for work of known length, on the error output, so that answers stay alone on the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def progress_bar(doing: str, *, total: int, console: Console) -> Iterator[Callable[[], None]]:
    """Yields what to call for every piece done. Nothing is drawn where the console is no terminal."""
    counts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*counts, *times, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda: progress.advance(task)
