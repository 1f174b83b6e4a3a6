"""The web application and the server that runs it."""

import ipaddress
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import error_handlers, health, music, recommendations
from app.api.error_handlers import UnexpectedErrors
from app.api.request_ids import RequestIds
from app.api.unread_bodies import UnreadBodies
from app.errors import AddressNotAllowed, BgmError, SetupError
from app.lifespan import State, lifespan
from app.settings import Settings

# How long requests in hand may go on after the server was told to stop; container engines kill after 10 s.
GRACE_S = 8


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened or started before its lifespan begins."""
    return web_app(lambda _: lifespan(settings))


def web_app(opened: Callable[[FastAPI], AbstractAsyncContextManager[State]]) -> FastAPI:
    """The application over whatever `opened` gives it to work on."""
    app = FastAPI(
        title="Score a video",
        version=version("score-a-video"),
        description="Give it a video, get the background music that fits it best, ranked, from your own library.",
        lifespan=opened,
        redirect_slashes=False,
        # The first wraps the others: every answer has its request id, whoever gives it.
        middleware=[Middleware(RequestIds), Middleware(UnreadBodies), Middleware(UnexpectedErrors)],
    )
    routers = (recommendations.router, music.router, health.router)
    for router in routers:
        app.include_router(router)
    error_handlers.install(app, routes=[route for router in routers for route in router.routes])
    return app


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
    server = uvicorn.Server(config)
    # Once it has shut down in good order, the server raises the signal that told it to; to end so is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def refuse_open_door(settings: Settings) -> None:
    """There are no keys yet: whoever reaches the port may use the library, so only this machine may reach it."""
    if not (settings.allow_without_key or is_loopback(settings.host)):
        raise AddressNotAllowed(host=settings.host)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
