"""Gives every request a name, so that an answer, a log line and a complaint can be brought together."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

HEADER = "X-Request-ID"
# What a caller may choose: nothing that could break a header, a log line or a page.
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class RequestIds:
    """Wraps an application: takes the caller's id where it is sane, else makes one; every answer carries it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _offered(scope) or str(ULID())
        scope.setdefault("state", {})["request_id"] = request_id

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, named)


def request_id_of(scope: Scope) -> str:
    """The id of the request in hand; made by RequestIds, which wraps everything else."""
    found: str = scope["state"]["request_id"]
    return found


def _offered(scope: Scope) -> str | None:
    offered = Headers(scope=scope).get(HEADER, "")
    return offered if SANE.fullmatch(offered) else None
