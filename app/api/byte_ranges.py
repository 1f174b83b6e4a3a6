"""Which bytes of a file a request asks for (RFC 9110, section 14). Pure: headers in, numbers out."""

import re

from app.errors import RangeNotSatisfiable

# No file has more bytes than 18 digits can say.
ONE_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.ASCII | re.IGNORECASE)


def asked_bytes(header: str | None, size_bytes: int) -> range | None:
    """The bytes that a Range header asks for; None where the whole file is the answer.

    That is so without a header, for one that is malformed or of another unit, and for several ranges at once, which a
    server need not serve. Raises RangeNotSatisfiable where the file has none of the bytes.
    """
    found = ONE_RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first and last and int(first) > int(last):
        return None
    start = int(first) if first else max(0, size_bytes - int(last))
    end = min(int(last) + 1, size_bytes) if first and last else size_bytes
    if start >= end:
        raise RangeNotSatisfiable(size_bytes=size_bytes)
    return range(start, end)


def is_among(etag: str, header: str | None) -> bool:
    """Whether an If-None-Match header names this entity tag, weakly compared."""
    named = [name.strip().removeprefix("W/") for name in (header or "").split(",")]
    return etag in named or named == ["*"]
