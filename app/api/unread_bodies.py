"""Closes the connection decently when an answer is given before the request's body was read to its end.

Without this, a refused upload of gigabytes would still be received to its last byte, or the connection torn down
under the client while it is writing, which many clients report as a broken pipe instead of showing the answer.
"""

import time
from asyncio import timeout

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# How long, and how much, a client may go on sending after the answer: time enough to notice it.
LINGER_S = 3.0
LINGER_BYTES = 64 * 1024 * 1024


class UnreadBodies:
    """Wraps an application: an answer that comes early says `Connection: close`, and reading goes on for a while."""

    def __init__(self, app: ASGIApp, *, linger_s: float = LINGER_S, linger_bytes: int = LINGER_BYTES) -> None:
        self._app, self._linger_s, self._linger_bytes = app, linger_s, linger_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and not body.is_over:
                MutableHeaders(scope=message)["Connection"] = "close"
            if message["type"] == "http.response.body" and not message.get("more_body") and not body.is_over:
                # The whole answer goes out first; only its formal end waits until the client has stopped sending.
                await send({**message, "more_body": True})
                await body.drain(for_s=self._linger_s, at_most=self._linger_bytes)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, body.receive, answer)


class _Body:
    """A request's body on its way in; `is_over` once its end or the end of the connection was seen."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_over = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            self.is_over = True
        return message

    async def drain(self, *, for_s: float, at_most: int) -> None:
        """Read and forget what still comes, within these bounds."""
        end, left = time.monotonic() + for_s, at_most
        try:
            async with timeout(for_s):
                while not self.is_over and left > 0 and time.monotonic() < end:
                    left -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            return


def has_body(scope: Scope) -> bool:
    """Whether the request's head says that a body follows."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
