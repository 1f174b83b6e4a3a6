"""Answers that go on (text/event-stream); knows the format and when such an answer ends, nothing of what is told."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.responses import StreamingResponse

# Proxies close what is silent for long.
KEEP_ALIVE_S = 15.0
KEEP_ALIVE = ": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENT_STREAM: dict[str, Any] = {
    "description": "Server-sent events",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """`name` is the `event:` a page listens for; `data` goes out as JSON on one line."""

    name: str
    data: BaseModel


def event_stream(
    events: AsyncGenerator[ServerSentEvent, None], *, stopping: asyncio.Event, keep_alive_s: float = KEEP_ALIVE_S
) -> StreamingResponse:
    """Ends when the events end, the client is gone, or `stopping` is set: a server waits for its last answers."""
    texts = _texts(events, stopping=stopping, keep_alive_s=keep_alive_s)
    return StreamingResponse(texts, media_type="text/event-stream", headers=HEADERS)


async def _texts(
    events: AsyncGenerator[ServerSentEvent, None], *, stopping: asyncio.Event, keep_alive_s: float
) -> AsyncIterator[str]:
    following = asyncio.create_task(_next(events))
    stop = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            await asyncio.wait({following, stop}, timeout=keep_alive_s, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                yield KEEP_ALIVE
                continue
            event = following.result()
            if event is None:
                return
            yield f"event: {event.name}\ndata: {event.data.model_dump_json()}\n\n"
            following = asyncio.create_task(_next(events))
    finally:
        # The source, where it waits for something, ends with its task.
        following.cancel()
        stop.cancel()


async def _next(events: AsyncGenerator[ServerSentEvent, None]) -> ServerSentEvent | None:
    return await anext(events, None)
