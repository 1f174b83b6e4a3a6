"""The libraries that are open in a server, each with the processes that encode for it: opens and closes them. Knows
nothing of which of them serves."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app.encoders.spec import read_spec
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.index_upkeep import IndexUpkeep, rebuild
from app.recommendation.library import Library
from app.recommendation.serving import EncoderPool, Served

# Starts the processes that run a checkpoint.
OpenPool = Callable[[Path], AbstractContextManager[EncoderPool]]


@dataclass(slots=True, eq=False)
class Opened:
    """What serves, will, or did; `exits` closes it. `until`: None until it serves no more, then how long it is kept."""

    served: Served
    exits: ExitStack
    until: float | None = None


class OpenedLibraries:
    """Threads may share it."""

    def __init__(self, open_pool: OpenPool) -> None:
        self._open_pool = open_pool
        self._all: list[Opened] = []

    def all(self) -> list[Opened]:
        return list(self._all)

    def open(self, library: Library, checkpoint: Path) -> Opened:
        """Its processes start, and are not waited for."""
        exits = ExitStack()
        pool = exits.enter_context(self._open_pool(checkpoint))
        opened = Opened(Served(library, pool, ChangeFollower(library.upkeep)), exits)
        self._all.append(opened)
        return opened

    def close(self, opened: Opened) -> None:
        """Who waits for its processes is told that they ended. Does nothing where somebody closed it already."""
        try:
            self._all.remove(opened)
        except ValueError:
            return
        opened.exits.close()

    def close_all_but(self, kept: Opened) -> None:
        for opened in self.all():
            if opened is not kept:
                self.close(opened)


def moved(library: Library, digest: str, checkpoint: Path, *, index_folder: Path) -> Library:
    """The same tracks and files for another checkpoint; its index is built from the embeddings there are by now.

    What is saved in `index_folder` stays as it is. Raises CheckpointError.
    """
    spec = read_spec(checkpoint)
    index = rebuild(library.catalogue, digest=digest, dim=spec.embedding_dim)
    upkeep = IndexUpkeep(index, catalogue=library.catalogue, folder=index_folder, saved_at=None)
    return replace(library, upkeep=upkeep, spec=spec, digest=digest)
