"""A server on loopback that answers, or breaks off, as it is told, and remembers what it was asked."""

import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

READ_BYTES = 64 * 1024
KEPT_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Reply:
    """`breaks_after`: the connection ends after so many bytes of the body; -1: before any answer.

    `reads_body` False: the answer comes before the request's body was read, and whatever else comes is thrown away.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    reads_body: bool = True


BROKEN = Reply(breaks_after=-1)


def saying(members: object, status: int = 200, **headers: str) -> Reply:
    return Reply(
        status, json.dumps(members).encode(), {name.replace("_", "-"): value for name, value in headers.items()}
    )


def refusing(status: int, code: str, facts: Mapping[str, object] | None = None, **headers: str) -> Reply:
    """A problem body, as the API has it."""
    members = {"type": "urn:x", "title": code, "status": status, "detail": f"it is {code}", "code": code}
    return saying({**members, "request_id": "r-1", **(facts or {})}, status, **headers)


@dataclass(slots=True)
class Seen:
    """A request as it came. `start`: the first of its body; `sha256` and `size_bytes` of all of it."""

    method: str
    target: str
    headers: dict[str, str]
    start: bytes = b""
    sha256: str = ""
    size_bytes: int = 0

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    def json(self) -> Any:
        return json.loads(self.start)


class ScriptedServer(ThreadingHTTPServer):
    """`script` is answered from its start; the last reply is for all that comes after."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[Reply] = [Reply()]
        self.seen: list[Seen] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_reply(self) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is part of many a test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        server = cast(ScriptedServer, self.server)
        reply = server.next_reply()
        seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        server.seen.append(seen)
        if reply.reads_body:
            self._read_body(seen)
        if reply.breaks_after == -1:
            self._break()
            return
        self._send(reply)
        if not reply.reads_body:
            self.close_connection = True
            self._read_body(seen)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def _read_body(self, seen: Seen) -> None:
        left, digest = int(self.headers.get("content-length", "0")), hashlib.sha256()
        while left and (piece := self.rfile.read(min(READ_BYTES, left))):
            left -= len(piece)
            seen.size_bytes += len(piece)
            seen.start = (seen.start + piece)[:KEPT_BYTES]
            digest.update(piece)
        seen.sha256 = digest.hexdigest()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        length = {} if reply.status == 204 else {"Content-Length": str(len(reply.body))}
        for name, value in {**length, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.breaks_after])
        if reply.breaks_after is not None:
            self._break()

    def _break(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def running_scripted_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
