"""The job that moves the library of a running server to another checkpoint, which a copy is kept of."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import NotReady
from app.jobs import Job, JobKind
from app.recommendation.job_work import Progress
from app.recommendation.reembed import Reembedding
from app.recommendation.serving import Served

# The new index takes them in while the work goes on: at the change-over only the last of them are left.
TAKE_IN_EVERY = 1000


class Stage(Protocol):
    """In production the switch."""

    def prepared(self, digest: str) -> AbstractContextManager[Served]: ...

    def look(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ReembedJob:
    """`at_once`: few, since the encoder that serves works beside it."""

    switch: Stage
    at_once: int
    kind: JobKind = "reembed"

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """How many tracks were embedded. The library is served by the new encoder when this returns.

        Raises NotReady where tracks failed, so that the library keeps its checkpoint.
        """
        digest = str(job.request["digest"])
        embedded, failed = 0, 0
        with self.switch.prepared(digest) as served:
            library = served.library
            space = library.spec.music.stored_space
            work = Reembedding(library.catalogue, library.blobs, served.pool, digest, space)
            progress.set_total(len(work.left()))
            for done in work.run(at_once=self.at_once, stop=_StopSign(progress)):
                progress.advance()
                if done.failure is not None:
                    progress.add_error(done.track.id, done.failure)
                    failed += 1
                    continue
                embedded += 1
                if embedded % TAKE_IN_EVERY == 0:
                    library.upkeep.catch_up()
            if failed:
                raise NotReady(missing=[f"{failed} tracks; import their files again or delete them, then start again"])
            self.switch.look()
        return {"digest": digest, "embedded": embedded}


@dataclass(frozen=True, slots=True)
class _StopSign:
    progress: Progress

    def is_set(self) -> bool:
        return self.progress.is_cancelled
