"""Lets the first Ctrl-C end long work in order, and the second end it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from rich.console import Console

INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


@contextmanager
def first_interrupt_stops(console: Console) -> Iterator[Event]:
    """Yields what the first Ctrl-C sets. Main thread only, as Python has it for signals."""
    stop = Event()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)
        console.print("stopping: what is in hand is finished first; Ctrl-C again drops it")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
