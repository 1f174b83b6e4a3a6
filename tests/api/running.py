"""A real server over a library of its own and a fake encoder, in a thread, on a port that was free."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import cast

import httpx
import uvicorn
from fastapi import FastAPI

from app.inference.pool import InferencePool
from app.lifespan import State
from app.main import web_app
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library
from tests.fake_pool import FakePool

MAX_UPLOAD_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Service:
    """What a test holds of a running server."""

    client: httpx.Client
    library: Library
    pool: FakePool
    port: int


@contextmanager
def running_service(library: Library, pool: FakePool) -> Iterator[Service]:
    """Serves until the block ends."""

    def opened(_: FastAPI) -> AbstractAsyncContextManager[State]:
        return _state(library, pool)

    # Bound here, so that a client may connect before the server's loop runs: it then waits instead of failing.
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(web_app(opened), lifespan="on", log_config=None))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield Service(client, library, pool, port)
    finally:
        pool.may_work.set()
        server.should_exit = True
        thread.join()


@asynccontextmanager
async def _state(library: Library, pool: FakePool) -> AsyncIterator[State]:
    with ChangeFollower(library.upkeep, look_every_s=0.05) as follower:
        pretended = cast(InferencePool, pool)
        yield State(library=library, pool=pretended, follower=follower, max_upload_bytes=MAX_UPLOAD_BYTES)
