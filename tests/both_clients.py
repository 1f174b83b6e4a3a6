"""`AsyncClient` as if it were a `Client`, so that one test asks both."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

from app.asking.retries import Retries
from app.client import AsyncClient, Client

Kind = Literal["threads", "loop"]
# As usual, but nobody has the time.
HASTY = Retries(first_pause_s=0.001, in_work_pause_s=0.001)


class InLoop:
    """Runs every method of an `AsyncClient` to its end in a loop of its own."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client, self._runner = client, runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def called(*args: object, **kwargs: object) -> object:
            result = getattr(self._client, name)(*args, **kwargs)
            if inspect.isasyncgen(result):
                return self._gone_through(result)
            return self._runner.run(result)

        return called

    def _gone_through(self, items: AsyncIterator[object]) -> Iterator[object]:
        async def following() -> object:
            return await anext(items, None)

        while (item := self._runner.run(following())) is not None:
            yield item


@contextmanager
def client_of(
    kind: Kind, server: str, *, key: str | None = None, retries: Retries = HASTY, timeout_s: float = 20.0
) -> Iterator[Client]:
    if kind == "threads":
        with Client(server, key=key, retries=retries, timeout_s=timeout_s) as client:
            yield client
        return
    with asyncio.Runner() as runner:
        in_loop = InLoop(AsyncClient(server, key=key, retries=retries, timeout_s=timeout_s), runner)
        try:
            yield cast(Client, in_loop)
        finally:
            in_loop.close()
