"""The opaque cursor of a listing: where the next page begins."""

import base64
import binascii
import re

from app.errors import InvalidParameter

CURSOR = re.compile(rb"below:([0-9]{1,10})")
# PostgreSQL's integers have 32 bits.
HIGHEST_NUMBER = 2**31 - 1


def cursor_below(number: int) -> str:
    """The cursor of the page that begins with the newest track older than `number`."""
    return base64.urlsafe_b64encode(b"below:%d" % number).decode().rstrip("=")


def number_of(cursor: str) -> int:
    """The number given to `cursor_below`. Raises InvalidParameter for anything else."""
    try:
        text = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        text = b""
    found = CURSOR.fullmatch(text)
    if not found or int(found[1]) > HIGHEST_NUMBER:
        raise InvalidParameter(parameter="cursor", reason="is not one that a listing gave")
    return int(found[1])
