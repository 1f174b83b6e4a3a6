import asyncio
import json
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.small_bodies import SmallBodies
from app.errors import MalformedRequest, UploadTooLarge
from tests.api.running import Service


class Exchange:
    """A request whose body comes in these bits; after them there is only silence."""

    def __init__(self, bits: Iterable[bytes], *, is_whole: bool = True) -> None:
        self.bits = [{"type": "http.request", "body": bit, "more_body": True} for bit in bits]
        if is_whole:
            self.bits.append({"type": "http.request", "body": b"", "more_body": False})
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.bits:
            await asyncio.Event().wait()
        return self.bits.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with how much it was sent."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "size", "size": size})


def a_scope(*headers: tuple[bytes, bytes], path: str = "/session") -> Scope:
    return {"type": "http", "method": "POST", "path": path, "headers": list(headers), "state": {"request_id": "r1"}}


CHUNKED = (b"transfer-encoding", b"chunked")


def run(exchange: Exchange, scope: Scope, *, patience_s: float = 60) -> None:
    app = SmallBodies(read_all, most_bytes=10, patience_s=patience_s)
    asyncio.run(app(scope, exchange.receive, exchange.send))


def test_a_small_body_comes_through_whole() -> None:
    exchange = Exchange([b"12345", b"67890"])
    run(exchange, a_scope(CHUNKED))
    assert exchange.sent == [{"type": "size", "size": 10}]


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    exchange = Exchange([b"x" * 11])
    run(exchange, a_scope((b"content-length", b"11")))
    assert exchange.sent[0]["status"] == 413
    assert json.loads(exchange.sent[1]["body"])["code"] == "upload_too_large"
    assert len(exchange.bits) == 2


def test_a_body_that_does_not_say_its_size_is_cut_off_at_the_limit() -> None:
    exchange = Exchange([b"x" * 6] * 100)
    with pytest.raises(UploadTooLarge):
        run(exchange, a_scope(CHUNKED))
    assert len(exchange.bits) == 99


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    with pytest.raises(MalformedRequest, match="took longer"):
        run(Exchange([b"x"], is_whole=False), a_scope(CHUNKED), patience_s=0.01)


@pytest.mark.parametrize("path", ["/music", "/recommend"])
def test_an_upload_has_its_own_bounds(path: str) -> None:
    exchange = Exchange([b"x" * 6] * 100)
    run(exchange, a_scope(CHUNKED, path=path), patience_s=0.0)
    assert exchange.sent == [{"type": "size", "size": 600}]


def test_a_request_without_a_body_may_wait_as_long_as_it_likes() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(SmallBodies(read_all, patience_s=0.01)(a_scope(), *silence()), timeout=0.1))


def silence() -> tuple[Receive, Send]:
    exchange = Exchange([], is_whole=False)
    return exchange.receive, exchange.send


def test_calling_a_large_body_a_form_does_not_help(service: Service) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = service.client.post("/session", content=b"x" * 2_000_000, headers=headers)
    assert (answer.status_code, answer.json()["limit_bytes"]) == (413, 1024 * 1024)
