"""Keeps a server at the checkpoint that the library is embedded for: prepares the next encoder and index beside those
that serve, then changes over between two requests. Knows no settings."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol, Self

from app.encoders.spec import read_spec
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.index_upkeep import IndexUpkeep, rebuild
from app.recommendation.library import Library
from app.recommendation.serving import EncoderPool, Served, Serving

LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
# Longer than any encoder may work on a request. Whoever holds what was served before even longer only sends a file.
MOST_HELD_S = 600.0

# Starts the processes that run a checkpoint.
OpenPool = Callable[[Path], AbstractContextManager[EncoderPool]]


class Checkpoints(Protocol):
    """In production the copies in the data folder."""

    def folder(self, digest: str) -> Path:
        """Raises CheckpointError where there is no copy that can be trusted."""


@dataclass(slots=True, eq=False)
class _Open:
    """What serves, will, or did; `exits` closes it. `until`: None until it serves no more, then how long it is kept."""

    served: Served
    exits: ExitStack
    until: float | None = None


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
        self._kept, self._open_pool, self._index_folder = kept, open_pool, index_folder
        self._look_every_s, self._most_held_s = look_every_s, most_held_s
        self._next: _Open | None = None
        self._all: list[_Open] = []
        self._turn, self._stop = Lock(), Event()
        self._failure: str | None = None
        self._thread = Thread(target=self._run, name="checkpoint-switch", daemon=True)

    def __enter__(self) -> Self:
        self._now = self._open(self._first, self._checkpoint)
        self.serving = Serving(self._now.served)
        self._now.served.follower.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()
        self._now.served.follower.__exit__()
        for opened in list(self._all):
            self._close(opened)

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
                self._close(opened)

    def look(self) -> None:
        """Changes over where the library was moved; what serves from then on is ready. Raises as `prepared` does."""
        with self._turn:
            with self._first.catalogue.reading() as queries:
                digest = queries.active_digest()
            if digest is None or digest == self.serving.current.library.digest:
                return
            following, self._next = self._next, None
            if following is None or following.served.library.digest != digest:
                following = self._open_next(digest)
            following.served.library.upkeep.catch_up()
            self._change_over(following)

    def _change_over(self, following: _Open) -> None:
        before, self._now = self._now, following
        self.serving.replace(following.served)
        LOG.info("changed over from checkpoint %s to %s", before.served.library.digest, following.served.library.digest)
        following.served.follower.__enter__()
        # Its snapshot would be one of an index that nobody wants any more.
        before.served.follower.retire()
        before.until = time.monotonic() + self._most_held_s

    def _open_next(self, digest: str) -> _Open:
        folder = self._kept.folder(digest)
        opened = self._open(moved(self._first, digest, folder, index_folder=self._index_folder), folder)
        try:
            opened.served.pool.wait_until_ready()
        except BaseException:
            self._close(opened)
            raise
        return opened

    def _open(self, library: Library, checkpoint: Path) -> _Open:
        exits = ExitStack()
        pool = exits.enter_context(self._open_pool(checkpoint))
        opened = _Open(Served(library, pool, ChangeFollower(library.upkeep)), exits)
        self._all.append(opened)
        return opened

    def _close(self, opened: _Open) -> None:
        with suppress(ValueError):
            self._all.remove(opened)
        opened.exits.close()

    def _run(self) -> None:
        while not self._stop.wait(self._look_every_s):
            self._attempt(self.look)
            self._attempt(self._close_before)

    def _close_before(self) -> None:
        for opened in list(self._all):
            if opened.until is not None and self._may_close(opened.served, opened.until):
                self._close(opened)

    def _may_close(self, served: Served, until: float) -> bool:
        return time.monotonic() > until or not self.serving.is_held(served)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            if self._failure != str(error):
                LOG.exception("the server stays at its checkpoint; trying again every %s s", self._look_every_s)
            self._failure = str(error)


def moved(library: Library, digest: str, checkpoint: Path, *, index_folder: Path) -> Library:
    """The same tracks and files for another checkpoint; its index is built from the embeddings there are by now.

    What is saved in `index_folder` stays as it is. Raises CheckpointError.
    """
    spec = read_spec(checkpoint)
    index = rebuild(library.catalogue, digest=digest, dim=spec.embedding_dim)
    upkeep = IndexUpkeep(index, catalogue=library.catalogue, folder=index_folder, saved_at=None)
    return replace(library, upkeep=upkeep, spec=spec, digest=digest)
