import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.unread_bodies import UnreadBodies


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers at once."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await refuse(scope, receive, send)


class Exchange:
    """A request whose body comes in these bits; what was sent is kept. After the bits there is only silence."""

    def __init__(self, bits: Iterable[Message]) -> None:
        self.bits = list(bits)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.bits:
            await asyncio.Event().wait()
        return self.bits.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append({**message, "bits_left": len(self.bits)})


def bit(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def scope(*headers: tuple[bytes, bytes]) -> Scope:
    return {"type": "http", "headers": list(headers)}


WITH_BODY = scope((b"content-length", b"100"))


def test_an_early_answer_closes_the_connection_once_the_body_was_read_and_forgotten() -> None:
    exchange = Exchange([bit(b"a"), bit(b"b"), bit(b"c", more=False)])
    asyncio.run(UnreadBodies(refuse)(WITH_BODY, exchange.receive, exchange.send))
    start, body, end = exchange.sent
    assert (b"connection", b"close") in start["headers"]
    # The whole answer is out before anything more is read.
    assert (body["body"], body["more_body"], body["bits_left"]) == (b"no", True, 3)
    assert (end["body"], end["more_body"], end["bits_left"]) == (b"", False, 0)


def test_an_answer_after_the_whole_body_passes_unchanged() -> None:
    exchange = Exchange([bit(b"a"), bit(b"", more=False)])
    asyncio.run(UnreadBodies(read_all)(WITH_BODY, exchange.receive, exchange.send))
    start, body = exchange.sent
    assert start["headers"] == [(b"content-length", b"2")]
    assert body["body"] == b"no"


@pytest.mark.parametrize("without_body", [scope(), scope((b"content-length", b"0"))])
def test_a_request_without_a_body_is_not_waited_for(without_body: Scope) -> None:
    exchange = Exchange([])
    asyncio.run(UnreadBodies(refuse)(without_body, exchange.receive, exchange.send))
    assert len(exchange.sent) == 2


def test_a_chunked_body_is_a_body() -> None:
    exchange = Exchange([bit(b"a", more=False)])
    asyncio.run(UnreadBodies(refuse)(scope((b"transfer-encoding", b"chunked")), exchange.receive, exchange.send))
    assert (b"connection", b"close") in exchange.sent[0]["headers"]


def test_a_client_that_is_silent_is_not_waited_for_longer_than_the_limit() -> None:
    exchange = Exchange([bit(b"a")])
    asyncio.run(UnreadBodies(refuse, linger_s=0.01)(WITH_BODY, exchange.receive, exchange.send))
    assert exchange.sent[-1]["more_body"] is False


def test_a_client_that_sends_without_end_is_read_up_to_the_limit() -> None:
    exchange = Exchange([bit(b"x" * 10)] * 100)
    asyncio.run(UnreadBodies(refuse, linger_bytes=50)(WITH_BODY, exchange.receive, exchange.send))
    assert len(exchange.bits) == 95


def test_a_client_that_went_away_is_not_waited_for() -> None:
    exchange = Exchange([{"type": "http.disconnect"}])
    asyncio.run(UnreadBodies(refuse)(WITH_BODY, exchange.receive, exchange.send))
    assert exchange.sent[-1]["more_body"] is False
