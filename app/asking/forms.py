"""A multipart body with one file, read from disk bit by bit while it is sent. Knows nothing of who sends it."""

import os
import secrets
import stat
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from app.errors import InvalidParameter, UnreadableMedia

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """`head` and `tail` are what stands before and after the file's `file_bytes` bytes."""

    content_type: str
    head: bytes
    path: Path
    file_bytes: int
    tail: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.head) + self.file_bytes + len(self.tail)


def form_with(texts: Sequence[tuple[str, str]], *, part: str, path: Path) -> Form:
    """The file comes last, so that a server knows all about it before. Raises InvalidParameter, and OSError."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise InvalidParameter(parameter=str(path), reason="is not a file")
    boundary = secrets.token_hex(16)
    line = f"--{boundary}\r\n".encode()
    fields = b"".join(
        line + _disposition(name.encode()) + b"\r\n\r\n" + _utf8(name, text) + b"\r\n" for name, text in texts
    )
    kind = b"\r\nContent-Type: application/octet-stream\r\n\r\n"
    head = fields + line + _disposition(part.encode()) + b'; filename="' + _quotable(path.name) + b'"' + kind
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Form(f"multipart/form-data; boundary={boundary}", head, path, found.st_size, tail)


class OpenForm:
    """A form on its way. `close` may come from another thread than `next_piece`, and while that is still at it."""

    def __init__(self, form: Form | None) -> None:
        self._pieces = _pieces(form)
        self._lock = Lock()

    def next_piece(self) -> bytes:
        """The next bytes of the body, none at its end. Raises UnreadableMedia where the file is shorter by now."""
        with self._lock:
            return next(self._pieces, b"")

    def close(self) -> None:
        with self._lock:
            self._pieces.close()


def _pieces(form: Form | None) -> Generator[bytes]:
    if form is None:
        return
    with form.path.open("rb") as file:
        yield form.head
        left_bytes = form.file_bytes
        while left_bytes:
            piece = file.read(min(PIECE_BYTES, left_bytes))
            if not piece:
                raise UnreadableMedia(reason=f"{form.path.name} became shorter while it was sent")
            left_bytes -= len(piece)
            yield piece
        yield form.tail


def _disposition(name: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="' + name + b'"'


def _quotable(name: str) -> bytes:
    # As browsers write it. Bytes of a name that are no Unicode go out as they are.
    return os.fsencode(name).replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def _utf8(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(parameter=name, reason="is not valid Unicode") from error
