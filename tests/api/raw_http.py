"""HTTP by hand, for what no decent client would send."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from json import loads
from typing import Any

BOUNDARY = "xYzZy"
OPENING = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="clip.mp4"\r\n'
    "Content-Type: video/mp4\r\n\r\n"
).encode()
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection to a server."""

    socket: socket.socket

    def begin(self, *headers: str, path: str = "/recommend") -> None:
        """Sends the head of an upload."""
        kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
        self.send("\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", kind, *headers, "\r\n"]).encode())

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_chunk(self, data: bytes) -> None:
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def answer(self) -> Answer:
        response = HTTPResponse(self.socket)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, loads(response.read() or b"{}"))

    def is_closed_by_server(self) -> bool:
        """Waits for the server to say something more: its end."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@contextmanager
def connection(port: int) -> Iterator[Connection]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        yield Connection(opened)
