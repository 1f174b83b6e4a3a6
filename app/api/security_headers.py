"""Tells browsers to take every answer for what it says it is, and to let nobody embed, run or keep it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What is no page runs nothing and loads nothing, whatever a browser is made to take it for.
USUAL = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Not even a picture or a player on another site gets at the library.
    "Cross-Origin-Resource-Policy": "same-origin",
    # No proxy may hand to one what it was given for another.
    "Cache-Control": "private, no-cache",
}


class SecurityHeaders:
    """Wraps an application: an answer that brings one of these headers itself keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in USUAL.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
