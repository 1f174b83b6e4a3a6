"""Keeps a server at the checkpoint that the library is embedded for: prepares the next encoder and index beside those
that serve, then changes over between two requests. Knows no settings."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol, Self

from app.errors import NotReady
from app.recommendation.growing_wait import GrowingWait
from app.recommendation.library import Library
from app.recommendation.opened import Opened, OpenedLibraries, OpenPool, moved
from app.recommendation.serving import Served, Serving

LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
# Longer than any encoder may work on a request. Whoever holds what was served before even longer only sends a file.
MOST_HELD_S = 600.0


class Checkpoints(Protocol):
    """In production the copies in the data folder."""

    def folder(self, digest: str) -> Path:
        """Raises CheckpointError where there is no copy that can be trusted."""


class Switch:
    """A context manager: serves `first`, encoded by `checkpoint`, and whatever the library is moved to later.

    `kept`: where later checkpoints are found. `index_folder`: where the index of the one that serves is saved.
    """

    serving: Serving

    def __init__(
        self,
        first: Library,
        checkpoint: Path,
        *,
        kept: Checkpoints,
        open_pool: OpenPool,
        index_folder: Path,
        look_every_s: float = LOOK_EVERY_S,
        most_held_s: float = MOST_HELD_S,
    ) -> None:
        self._first, self._checkpoint = first, checkpoint
        self._kept, self._opened, self._index_folder = kept, OpenedLibraries(open_pool), index_folder
        self._look_every_s, self._most_held_s = look_every_s, most_held_s
        self._next: Opened | None = None
        self._turn, self._stop = Lock(), Event()
        self._failure: str | None = None
        self._wait = GrowingWait(None)
        self._thread = Thread(target=self._run, name="checkpoint-switch", daemon=True)

    def __enter__(self) -> Self:
        self._now = self._opened.open(self._first, self._checkpoint)
        self.serving = Serving(self._now.served)
        self._now.served.follower.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        # First of all, for whoever waits until processes are ready is told so that they never will be.
        self._opened.close_all_but(self._now)
        self._thread.join()
        self._now.served.follower.__exit__()
        self._opened.close_all_but(self._now)
        self._opened.close(self._now)

    @contextmanager
    def prepared(self, digest: str) -> Iterator[Served]:
        """What can serve this checkpoint, its processes ready; it is changed over to once the library is moved.

        Closed when the block ends, if it does not serve by then. Raises CheckpointError and what keeps its processes
        from starting. One such block at a time.
        """
        with self.serving.held() as current:
            if current.library.digest == digest:
                yield current
                return
        opened = self._open_next(digest)
        with self._turn:
            self._next = opened
        try:
            yield opened.served
        finally:
            with self._turn:
                is_unused, self._next = self._next is opened, None
            if is_unused:
                self._opened.close(opened)

    def look(self) -> None:
        """Changes over where the library was moved; what serves from then on is ready. Raises as `prepared` does."""
        with self._turn:
            digest = self._moved_to()
            if digest is None:
                return
            if self._next is not None and self._next.served.library.digest == digest:
                self._change_over(self._next)
                self._next = None
                return
            following = self._open_next(digest)
            try:
                self._change_over(following)
            except BaseException:
                self._opened.close(following)
                raise

    def _moved_to(self) -> str | None:
        """The checkpoint to change over to; None where it serves already."""
        with self._first.catalogue.reading() as queries:
            digest = queries.active_digest()
        return None if digest == self.serving.current.library.digest else digest

    def _change_over(self, following: Opened) -> None:
        # What may go wrong comes first.
        following.served.library.upkeep.catch_up()
        following.served.follower.__enter__()
        before, self._now = self._now, following
        self.serving.replace(following.served)
        LOG.info("changed over from checkpoint %s to %s", before.served.library.digest, following.served.library.digest)
        # Its snapshot would be one of an index that nobody wants any more.
        before.served.follower.retire()
        before.until = time.monotonic() + self._most_held_s

    def _open_next(self, digest: str) -> Opened:
        folder = self._kept.folder(digest)
        opened = self._opened.open(moved(self._first, digest, folder, index_folder=self._index_folder), folder)
        try:
            if self._stop.is_set():
                raise NotReady(missing=["the encoder: the server stops"])
            opened.served.pool.wait_until_ready()
        except BaseException:
            self._opened.close(opened)
            raise
        return opened

    def _run(self) -> None:
        while not self._stop.wait(self._look_every_s):
            self._attempt(self._look_in_time)
            self._attempt(self._close_before)

    def _look_in_time(self) -> None:
        digest = self._moved_to()
        if digest != self._wait.subject:
            self._wait = GrowingWait(digest)
        if digest is None or not self._wait.is_over:
            return
        try:
            self.look()
        except BaseException:
            # Each try builds an index and starts processes.
            self._wait.grow()
            raise

    def _close_before(self) -> None:
        for opened in self._opened.all():
            if opened.until is not None and self._may_close(opened.served, opened.until):
                self._opened.close(opened)

    def _may_close(self, served: Served, until: float) -> bool:
        return time.monotonic() > until or not self.serving.is_held(served)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            if self._failure != str(error) and not self._stop.is_set():
                LOG.exception("the server stays at its checkpoint; trying again and again")
            self._failure = str(error)
