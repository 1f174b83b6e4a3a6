"""Sets of tracks' numbers on their way to and from a database; knows nothing of what is in them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, String, func, select
from sqlalchemy import cast as cast_to

Numbers = NDArray[np.int64]
# SQLite takes 32,766 values in one statement, PostgreSQL 65,535.
NUMBERS_PER_QUERY = 5000


def numbers_of(connection: Connection, query: Select[int]) -> Numbers:
    """The numbers that a query gives, ascending."""
    (number,) = query.subquery().c
    return parsed(connection.execute(select(joined(number))).scalar_one())


def joined(number: ColumnElement[int]) -> ColumnElement[str]:
    """An aggregate, for `parsed`: as one text they come ten times as fast as row by row."""
    return func.aggregate_strings(cast_to(number, String), ",")


def parsed(text: str | None) -> Numbers:
    """What `joined` put together, ascending."""
    return np.sort(np.fromstring(text or "", dtype=np.int64, sep=","))


def parts_of(numbers: Sequence[int]) -> Iterator[list[int]]:
    """As many at a time as every database takes in one statement."""
    # NumPy's integers are not the drivers' integers.
    plain = [int(number) for number in numbers]
    return (plain[start : start + NUMBERS_PER_QUERY] for start in range(0, len(plain), NUMBERS_PER_QUERY))
