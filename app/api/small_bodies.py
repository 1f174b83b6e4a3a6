"""Bounds the bodies that are no uploads: they are read into memory whole, by whoever wants them."""

import asyncio
import math
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.error_handlers import own_problem
from app.api.unread_bodies import has_body
from app.errors import MalformedRequest, UploadTooLarge

MOST_BYTES = 1024 * 1024
# A client that needs longer for a megabyte is gone or means ill.
PATIENCE_S = 60.0
UPLOADS = frozenset({"/music", "/recommend"})


class SmallBodies:
    """Wraps an application: uploads pass as they are, for their own reader bounds them."""

    def __init__(self, app: ASGIApp, *, most_bytes: int = MOST_BYTES, patience_s: float = PATIENCE_S) -> None:
        self._app, self._most_bytes, self._patience_s = app, most_bytes, patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_upload(scope) or not has_body(scope):
            await self._app(scope, receive, send)
        elif int(Headers(scope=scope).get("content-length", "0")) > self._most_bytes:
            await own_problem(UploadTooLarge(limit_bytes=self._most_bytes), scope)(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)

    def _bounded(self, receive: Receive) -> Receive:
        end, received_bytes, is_over = math.inf, 0, False

        async def bounded() -> Message:
            nonlocal end, received_bytes, is_over
            if is_over:
                return await receive()
            end = min(end, time.monotonic() + self._patience_s)
            try:
                async with asyncio.timeout(end - time.monotonic()):
                    message = await receive()
            except TimeoutError as error:
                raise MalformedRequest(reason=f"its body took longer than {self._patience_s:.0f} s") from error
            is_over = not message.get("more_body", False)
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._most_bytes:
                raise UploadTooLarge(limit_bytes=self._most_bytes)
            return message

        return bounded


def is_upload(scope: Scope) -> bool:
    """Whether the request's body is a form with a file, which is received by `app.api.uploads`."""
    # By path, not by content type, which a client may choose as it likes.
    return scope["method"] == "POST" and scope["path"] in UPLOADS
