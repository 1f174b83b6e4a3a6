"""Requests to the API and what comes of them, as values. Sends nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from app.asking.forms import Form, form_with
from app.errors import InvalidParameter

# Hears how many bytes of a file are done, and how many there are in all.
OnProgress = Callable[[int, int], None]


class Progress:
    """Hands on how far a file is; never less than before, also where all begins anew."""

    def __init__(self, listener: OnProgress | None = None) -> None:
        self._listener, self._most = listener, -1

    def tell(self, done_bytes: int, total_bytes: int) -> None:
        if self._listener is not None and done_bytes > self._most:
            self._most = done_bytes
            self._listener(done_bytes, total_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`target`: path and query. `is_repeatable`: sent twice, it does no more than sent once.

    `into`: where the body of a good answer goes, in place of memory.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    form: Form | None = None
    into: Path | None = None
    is_repeatable: bool = False
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have lower-case names. `at`: when it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`may_have_arrived`: the server may have had the whole request. `is_late`: it was given all the time there is."""

    server: str
    reason: str
    may_have_arrived: bool
    is_late: bool = False


def path_to(*steps: str) -> str:
    """The path of these steps, whatever is in them."""
    return "".join(f"/{quote(_encodable('path', step), safe='')}" for step in steps)


def getting(path: str, **query: object) -> Request:
    """What is None in the query is left out, what is a sequence is repeated."""
    texts = [(name, _encodable(name, text)) for name, text in texts_of(query)]
    return Request(method="GET", target=path + ("?" + urlencode(texts) if texts else ""), is_repeatable=True)


def asking(method: str, path: str) -> Request:
    """A request without a body that changes something."""
    return Request(method=method, target=path)


def with_json(method: str, path: str, members: Mapping[str, object]) -> Request:
    headers = {"Content-Type": "application/json"}
    # A merge patch leaves the same behind, however often it comes.
    is_repeatable = method == "PATCH"
    content = json.dumps(members).encode()
    return Request(method=method, target=path, headers=headers, content=content, is_repeatable=is_repeatable)


def with_file(
    path: str, part: str, file: Path, fields: Mapping[str, object], headers: Mapping[str, str], progress: Progress
) -> Request:
    """A POST of a form with one file. It must do no harm twice: `headers` see to that where it would."""
    form = form_with(texts_of(fields), part=part, path=file)
    return Request(method="POST", target=path, headers=headers, form=form, is_repeatable=True, progress=progress)


def texts_of(members: Mapping[str, object]) -> list[tuple[str, str]]:
    """What a form or a query says for these values; nothing for None, one pair for each of several."""
    pairs: list[tuple[str, str]] = []
    for name, value in members.items():
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        pairs += [(name, _text(one)) for one in several if one is not None]
    return pairs


def header_text(parameter: str, text: str) -> str:
    """The text, if a header can hold it. Raises InvalidParameter."""
    if not (text and text.isascii() and text.isprintable()):
        raise InvalidParameter(parameter=parameter, reason="must be printable ASCII, and not empty")
    return text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, float):
        # The API takes no exponents.
        return f"{value:.9f}".rstrip("0").rstrip(".")
    return str(value)


def _encodable(name: str, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(parameter=name, reason="is not valid Unicode") from error
    return text
