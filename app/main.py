"""The web application and the server that runs it."""

import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from importlib.metadata import version

import uvicorn
from fastapi import APIRouter, FastAPI, Security
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import is_loopback
from app.api import (
    error_handlers,
    events,
    feedback,
    health,
    imports,
    jobs,
    music,
    music_changes,
    music_upload,
    previews,
    recommendations,
    renders,
    sessions,
    similar,
    stages,
    swagger,
    waveforms,
)
from app.api.callers import KEY
from app.api.door import Door
from app.api.error_handlers import UnexpectedErrors
from app.api.metrics import Measured, Metrics, metrics_router
from app.api.page import FOLDER, page_files, page_router
from app.api.request_ids import RequestIds
from app.api.security_headers import SecurityHeaders
from app.api.small_bodies import SmallBodies
from app.api.unread_bodies import UnreadBodies
from app.errors import AddressNotAllowed, BgmError, SetupError
from app.lifespan import State, lifespan
from app.opening import has_keys
from app.settings import Settings

# How long requests in hand may go on after the server was told to stop; container engines kill after 10 s.
GRACE_S = 8


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened or started before its lifespan begins."""
    return web_app(lambda _: lifespan(settings))


def web_app(opened: Callable[[FastAPI], AbstractAsyncContextManager[State]]) -> FastAPI:
    """The application over whatever `opened` gives it to work on."""
    metrics = Metrics()
    routers = _routers(metrics)
    routes = [route for router in routers for route in router.routes]
    app = FastAPI(
        title="Score a video",
        version=version("score-a-video"),
        description="Give it a video, get the background music that fits it best, ranked, from your own library.",
        lifespan=opened,
        redirect_slashes=False,
        # Both would fetch their scripts from elsewhere, to run them with the rights of whoever looks.
        docs_url=None,
        redoc_url=None,
        dependencies=[Security(KEY)],
        middleware=_middleware(metrics, routes),
    )
    for router in routers:
        app.include_router(router)
    error_handlers.install(app, routes=routes)
    return app


def _routers(metrics: Metrics) -> list[APIRouter]:
    return [
        recommendations.router,
        renders.router,
        previews.router,
        waveforms.router,
        stages.router,
        feedback.router,
        similar.router,
        music.router,
        music_upload.router,
        music_changes.router,
        imports.router,
        jobs.router,
        events.router,
        sessions.router,
        health.router,
        metrics_router(metrics),
        page_router(page_files(FOLDER)),
        swagger.router,
    ]


def _middleware(metrics: Metrics, routes: Sequence[BaseRoute]) -> list[Middleware]:
    """The first wraps the others: every answer has its request id, and is counted, whoever gives it."""
    return [
        Middleware(RequestIds),
        Middleware(Measured, metrics=metrics, routes=routes),
        Middleware(SecurityHeaders),
        Middleware(UnreadBodies),
        Middleware(UnexpectedErrors),
        Middleware(Door),
        Middleware(SmallBodies),
    ]


def serve(settings: Settings) -> None:
    """Serve until told to stop. Raises AddressNotAllowed, and SystemExit where the start fails, its reason logged."""
    refuse_open_door(settings)
    config = uvicorn.Config(
        PlainStartupErrors(create_app(settings)),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        log_config=logging_config(),
        server_header=False,
    )
    server = Server(config)
    # Once it has shut down in good order, the server raises the signal that told it to; to end so is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def refuse_open_door(settings: Settings) -> None:
    """Without a key whoever reaches the port may use the library: then only this machine may reach it.

    Raises AddressNotAllowed, and CatalogueError where the database cannot be asked for keys.
    """
    is_safe = is_loopback(settings.host) or settings.allow_without_key
    # What the file has to hold is found out when everything is opened, before anybody is listened to.
    if not (is_safe or settings.initial_key_file is not None or has_keys(settings)):
        raise AddressNotAllowed(host=settings.host)


def logging_config() -> dict[str, object]:
    """One line an event on standard error, the server's own and ours alike."""
    quiet = {"python_multipart": {"level": "ERROR"}, "alembic": {"level": "WARNING"}}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": quiet,
    }


class Server(uvicorn.Server):
    """Tells answers that go on, such as event streams, that it is about to stop: it waits for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state["stopping"].set()
        await super().shutdown(sockets)


class PlainStartupErrors:
    """Wraps an application: a start that must not be is one line that says what to do, not a stack trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def held_back(message: Message) -> None:
            if message["type"] != "lifespan.startup.failed":
                await send(message)

        try:
            await self._app(scope, receive, held_back)
        except (BgmError, OSError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})


if __name__ == "__main__":
    try:
        serve(Settings())
    except SetupError as refusal:
        sys.exit(str(refusal))
