"""What a request looks like to httpx, and what its answers and errors are to us; for threads and event loops alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from app.asking.forms import Form
from app.asking.messages import Answer, Progress, Request, Unanswered, header_text
from app.errors import InvalidParameter

CONNECT_TIMEOUT_S = 10.0
ACCEPTED = "application/json, application/problem+json, */*;q=0.5"
# After these the server has not even seen the request.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Address:
    """A server, as `http://host:port` with whatever path it lies below. `timeout_s`: the longest silence to bear."""

    server: str
    timeout_s: float

    def options(self, key: str | None) -> dict[str, Any]:
        """What an httpx client is made with. Raises InvalidParameter for what is no address or no key."""
        self._check()
        headers = {"Accept": ACCEPTED}
        if key is not None:
            headers["Authorization"] = f"Bearer {header_text('key', key)}"
        timeout = httpx.Timeout(self.timeout_s, connect=min(CONNECT_TIMEOUT_S, self.timeout_s))
        return {"headers": headers, "timeout": timeout, "follow_redirects": False, "verify": httpx.create_ssl_context()}

    def parts(self, request: Request) -> dict[str, Any]:
        """What httpx is told of a request, besides its body."""
        headers = dict(request.headers)
        if request.form is not None:
            headers["Content-Type"] = request.form.content_type
            headers["Content-Length"] = str(request.form.size_bytes)
        url = _url("what", self.server.rstrip("/") + request.target)
        return {"method": request.method, "url": url, "headers": headers}

    def unanswered(self, error: httpx.HTTPError) -> Unanswered:
        is_late = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
        reason = f"nothing for {self.timeout_s:g} s" if is_late else str(error) or type(error).__name__
        return Unanswered(self.server, reason, may_have_arrived=not isinstance(error, NEVER_SENT), is_late=is_late)

    def _check(self) -> None:
        url = _url("server", self.server)
        if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
            raise InvalidParameter(parameter="server", reason="must be an address such as https://music.example.org")


class Meter:
    """Counts a body's bytes and tells how far the file in it is. `before`: bytes that come before the file's."""

    def __init__(self, progress: Progress, *, before: int, file_bytes: int) -> None:
        self._progress, self._before, self._file_bytes = progress, before, file_bytes
        self._bytes = 0

    @classmethod
    def of_upload(cls, form: Form, progress: Progress) -> Self:
        return cls(progress, before=len(form.head), file_bytes=form.file_bytes)

    @classmethod
    def of_download(cls, request: Request, response: httpx.Response) -> Self:
        return cls(request.progress, before=0, file_bytes=int(response.headers.get("content-length", "0")))

    def add(self, piece: bytes) -> None:
        self._bytes += len(piece)
        self._progress.tell(min(max(self._bytes - self._before, 0), self._file_bytes), self._file_bytes)


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body, datetime.now(UTC))


def _url(parameter: str, text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise InvalidParameter(parameter=parameter, reason=f"makes no address: {error}") from error
