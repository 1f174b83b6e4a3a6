"""At which stage each request in hand is, for whoever listens. Knows no HTTP and stores nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

MOST_REQUESTS = 1000
PATIENCE_S = 600.0


@dataclass(slots=True)
class _Request:
    """`changed` is set, and then another, as soon as there is news."""

    stages: list[str] = field(default_factory=list)
    is_over: bool = False
    listeners: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, stage: str) -> None:
        self.stages.append(stage)
        self._wake()

    def end(self) -> None:
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class StageBoard:
    """Requests by the id their caller gave them; forgotten once they are over, the oldest where there are too many.

    To be used in the event loop's thread; only what `telling` hands out may be called from any.
    """

    def __init__(self, *, most: int = MOST_REQUESTS, patience_s: float = PATIENCE_S) -> None:
        self._most, self._patience_s = most, patience_s
        self._requests: dict[str, _Request] = {}

    def __len__(self) -> int:
        return len(self._requests)

    @contextmanager
    def telling(self, request_id: str) -> Iterator[Callable[[str], None]]:
        """Gives what tells that a stage begins. The last stage is "done", or "failed" where the block raises."""
        request, loop, last = self._request(request_id), asyncio.get_running_loop(), "failed"

        def tell(stage: str) -> None:
            # From this thread too: what another thread told before must not be overtaken.
            loop.call_soon_threadsafe(request.tell, stage)

        try:
            yield tell
            last = "done"
        finally:
            tell(last)
            loop.call_soon(request.end)
            self._forget(request_id, request)

    async def listen(self, request_id: str) -> AsyncGenerator[str]:
        """The stages of a request, those told already first; may be asked for before the request comes.

        Ends after its last stage, and after `patience_s` in any case.
        """
        request, told, end = self._request(request_id), 0, time.monotonic() + self._patience_s
        request.listeners += 1
        try:
            while time.monotonic() < end:
                changed = request.changed
                # More may be told while the listener is busy with one.
                while told < len(request.stages):
                    told += 1
                    yield request.stages[told - 1]
                if request.is_over:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(end - time.monotonic()):
                        await changed.wait()
        finally:
            request.listeners -= 1
            if not (request.stages or request.listeners):
                self._forget(request_id, request)

    def _request(self, request_id: str) -> _Request:
        """The one with this id, made where nobody has spoken of it yet."""
        found = self._requests.get(request_id)
        if found is None:
            if len(self._requests) >= self._most:
                oldest = next(iter(self._requests))
                self._requests.pop(oldest).end()
            found = self._requests[request_id] = _Request()
        return found

    def _forget(self, request_id: str, request: _Request) -> None:
        if self._requests.get(request_id) is request:
            del self._requests[request_id]
