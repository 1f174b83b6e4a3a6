"""Runs a piece of work in a process of its own and says how much memory it took at its highest. Linux only."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Generic, TypeVar

SAMPLE_EVERY_S = 0.01
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Weighed(Generic[Value]):
    """`peak_mb`: most resident memory, with interpreter, libraries and mapped files; `own_mb`: without what is mapped.

    The second is sampled, the first is the kernel's own mark.
    """

    value: Value
    seconds: float
    peak_mb: float
    own_mb: float


def weighed(work: Callable[..., Value], *arguments: Any) -> Weighed[Value]:
    """`work` and what it takes and gives must be fit for pickling; errors come through."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_weigh, work, arguments).result()


def _weigh(work: Callable[..., Value], arguments: tuple[Any, ...]) -> Weighed[Value]:
    over, seen_mb = threading.Event(), [_status_mb("RssAnon")]

    def watch() -> None:
        while not over.wait(SAMPLE_EVERY_S):
            seen_mb.append(_status_mb("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        value = work(*arguments)
    finally:
        seconds = time.perf_counter() - began
        over.set()
        watcher.join()
    return Weighed(value, seconds, _status_mb("VmHWM"), max(seen_mb))


def _status_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) * 1024 / 1e6
