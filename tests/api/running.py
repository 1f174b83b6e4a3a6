"""A real server over a library of its own and a fake encoder, in a thread, on a port that was free."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx
import uvicorn
from fastapi import FastAPI

from app.lifespan import State
from app.main import Server, web_app
from app.recommendation.doorkeeper import Doorkeeper, DoorRules
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.import_job import ImportJob
from app.recommendation.job_runner import JobRunner
from app.recommendation.job_work import JobWork
from app.recommendation.library import Library
from app.recommendation.previews import Previews
from app.recommendation.render_job import RenderJob
from app.recommendation.serving import Served, Serving
from app.recommendation.stages import StageBoard
from tests.fake_pool import FakePool
from tests.fake_studio import FakeStudio

MAX_UPLOAD_BYTES = 3_000_000
RECOMMENDATIONS_LAST = timedelta(hours=24)
NO_RULES = DoorRules()
# So long the server does not look again which keys there are.
REMEMBER_S = 0.2
PREVIEW_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """What a test holds of a running server."""

    client: httpx.Client
    library: Library
    pool: FakePool
    port: int
    studio: FakeStudio


@contextmanager
def running_service(
    library: Library,
    pool: FakePool,
    *,
    rules: DoorRules = NO_RULES,
    import_dir: Path | None = None,
    works: Sequence[JobWork] = (),
    studio: FakeStudio | None = None,
) -> Iterator[Service]:
    """Serves until the block ends. Nobody needs a key unless the library has one or the rules say so.

    `works` stand in for those of their kinds.
    """

    studio = studio or FakeStudio()

    def opened(_: FastAPI) -> AbstractAsyncContextManager[State]:
        return _state(library, pool, studio, rules, import_dir, works)

    # Bound here, so that a client may connect before the server's loop runs: it then waits instead of failing.
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = Server(uvicorn.Config(web_app(opened), lifespan="on", log_config=None))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield Service(client, library, pool, port, studio)
    finally:
        pool.may_work.set()
        studio.may_work.set()
        server.should_exit = True
        thread.join()


@asynccontextmanager
async def _state(
    library: Library,
    pool: FakePool,
    studio: FakeStudio,
    rules: DoorRules,
    import_dir: Path | None,
    works: Sequence[JobWork],
) -> AsyncIterator[State]:
    with ExitStack() as stack:
        follower = stack.enter_context(ChangeFollower(library.upkeep, look_every_s=0.05))
        serving = Serving(Served(library, pool, follower))
        usual = ImportJob(serving, import_dir, library_folder=Path("nowhere"), at_once=2)
        rendering = RenderJob(serving, studio)
        runner = JobRunner(library.catalogue.transactions, [usual, rendering, *works], look_every_s=0.05)
        jobs = stack.enter_context(runner)
        yield State(
            serving=serving,
            door=Doorkeeper(library.catalogue.transactions, rules, remember_s=REMEMBER_S),
            jobs=jobs,
            stages=StageBoard(),
            studio=studio,
            previews=stack.enter_context(Previews(studio, patience_s=PREVIEW_PATIENCE_S)),
            recommendations_last=RECOMMENDATIONS_LAST,
            import_dir=import_dir,
            max_upload_bytes=MAX_UPLOAD_BYTES,
            stopping=asyncio.Event(),
        )
