import asyncio
from collections.abc import AsyncGenerator

from pydantic import BaseModel

from app.api.server_sent_events import KEEP_ALIVE, ServerSentEvent, event_stream


class Said(BaseModel):
    text: str


class Source:
    """Tells these events, then waits until `go` is set; `is_closed` once nobody listens any more."""

    def __init__(self, *texts: str) -> None:
        self.go = asyncio.Event()
        self.is_closed = False
        self._texts = texts

    async def events(self) -> AsyncGenerator[ServerSentEvent, None]:
        try:
            for text in self._texts:
                yield ServerSentEvent("said", Said(text=text))
            await self.go.wait()
        finally:
            self.is_closed = True


def taken(source: Source, stopping: asyncio.Event, *, keep_alive_s: float = 60) -> AsyncGenerator[str, None]:
    body = event_stream(source.events(), stopping=stopping, keep_alive_s=keep_alive_s).body_iterator
    assert isinstance(body, AsyncGenerator)
    return body


def test_events_are_told_one_by_one_and_end_with_their_source() -> None:
    async def listen() -> None:
        source = Source("one", "two\nlines")
        source.go.set()
        texts = [text async for text in taken(source, asyncio.Event())]
        assert texts == ['event: said\ndata: {"text":"one"}\n\n', 'event: said\ndata: {"text":"two\\nlines"}\n\n']

    asyncio.run(listen())


def test_a_silent_source_is_kept_alive_by_comments_and_loses_nothing() -> None:
    async def listen() -> None:
        source = Source()
        texts = taken(source, asyncio.Event(), keep_alive_s=0.01)
        assert [await anext(texts) for _ in range(3)] == [KEEP_ALIVE] * 3
        source.go.set()
        assert {text async for text in texts} <= {KEEP_ALIVE}

    asyncio.run(listen())


def test_a_server_that_stops_ends_the_answer_at_once() -> None:
    async def listen() -> None:
        source, stopping = Source("one"), asyncio.Event()
        texts = taken(source, stopping)
        await anext(texts)
        asyncio.get_running_loop().call_later(0.01, stopping.set)
        async with asyncio.timeout(10):
            assert {text async for text in texts} <= {KEEP_ALIVE}
            while not source.is_closed:
                await asyncio.sleep(0)

    asyncio.run(listen())


def test_a_listener_that_goes_away_closes_the_source() -> None:
    async def listen() -> None:
        source = Source("one")
        texts = taken(source, asyncio.Event())
        await anext(texts)
        waiting = asyncio.ensure_future(anext(texts))
        await asyncio.sleep(0.01)
        waiting.cancel()
        async with asyncio.timeout(10):
            while not source.is_closed:
                await asyncio.sleep(0)

    asyncio.run(listen())
