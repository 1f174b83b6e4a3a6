"""The Idempotency-Key header: what it may be, and what it can be refused for."""

from typing import Annotated

from fastapi import Header

from app.errors import BgmError
from app.request_errors import IdempotencyKeyInUse, IdempotencyKeyReused

MOST_CHARACTERS = 255

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MOST_CHARACTERS,
        pattern=r"^[\x20-\x7e]+$",
        description="printable ASCII, chosen by the client: the same request sent again within 24 hours is done once",
    ),
]


def of_an_idempotency_key() -> list[BgmError]:
    return [IdempotencyKeyInUse(), IdempotencyKeyReused()]
