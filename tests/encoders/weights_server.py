"""A web server of one file for tests, on this machine; it counts what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class WeightsServer:
    """`/weights` answers with `content`, `/moved` sends there, `/short` breaks off; all else is 404."""

    content: bytes
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def running_weights_server(content: bytes) -> Iterator[WeightsServer]:
    shown = WeightsServer(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.asked.append(self.path)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/weights")
                self.end_headers()
                return
            self.send_response(200 if self.path in ("/weights", "/short") else 404)
            self.send_header("Content-Length", str(len(shown.content)))
            self.end_headers()
            self.wfile.write(shown.content[: 10 if self.path == "/short" else None])

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield shown
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
