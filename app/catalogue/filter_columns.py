"""What filters look at, of many tracks at a time and column by column: row by row takes ten times as long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, Select, String, func, select, type_coerce
from sqlalchemy import cast as cast_to

from app.catalogue.number_sets import Numbers, joined, parts_of
from app.catalogue.tables import moods
from app.catalogue.tables import tracks as rows

# Tracks read at once: some megabytes of text.
TRACKS_AT_ONCE = 50_000
# Folded text has no line ends.
BETWEEN = "\n"
UNKNOWN = -1.0
IS_LIVING = rows.c.deleted_at.is_(None)
WORDS = {"genre": rows.c.genre_folded, "artist": rows.c.artist_folded, "license": rows.c.license_folded}
FIGURES = {
    "bpm": rows.c.bpm,
    "duration_s": rows.c.duration_s,
    "vocals": cast_to(rows.c.vocals, Integer),
    "explicit": cast_to(rows.c.explicit, Integer),
}


@dataclass(frozen=True, slots=True)
class FilterColumns:
    """Of living tracks in no order. `words`: genre, artist and license, folded, empty where nobody said any. `figures`:
    bpm, duration_s, vocals and explicit (0 or 1); UNKNOWN where nobody knows. `added_us`: microseconds since 1970, UTC.

    `mood_numbers` and `mood_words` are as long as each other: a track for each of its moods, folded.
    """

    numbers: Numbers
    words: dict[str, list[str]]
    figures: dict[str, NDArray[np.float64]]
    added_us: NDArray[np.int64]
    mood_numbers: Numbers
    mood_words: list[str]


def all_columns(connection: Connection) -> Iterator[FilterColumns]:
    """Of all living tracks, a part at a time, in the order of numbers."""
    highest = connection.scalar(select(func.max(rows.c.number))) or 0
    for first in range(1, highest + 1, TRACKS_AT_ONCE):
        last = first + TRACKS_AT_ONCE - 1
        yield _read(connection, rows.c.number.between(first, last), moods.c.number.between(first, last))


def columns_of(connection: Connection, numbers: Sequence[int]) -> Iterator[FilterColumns]:
    """Of those that live among these tracks."""
    for part in parts_of(numbers):
        yield _read(connection, rows.c.number.in_(part), moods.c.number.in_(part))


def _read(connection: Connection, is_one: ColumnElement[bool], is_mood: ColumnElement[bool]) -> FilterColumns:
    is_sqlite = connection.dialect.name == "sqlite"
    texts = [func.aggregate_strings(func.coalesce(column, ""), BETWEEN) for column in WORDS.values()]
    figures = [_exact(func.coalesce(column, UNKNOWN), is_sqlite=is_sqlite) for column in FIGURES.values()]
    columns = [joined(rows.c.number), _moments(is_sqlite=is_sqlite), *texts, *figures]
    of_moods = [joined(moods.c.number), func.aggregate_strings(moods.c.mood_folded, BETWEEN)]
    numbers, added, *found = _texts(connection, select(*columns).where(is_one, IS_LIVING))
    mood_numbers, mood_words = _texts(connection, select(*of_moods).where(is_mood))
    return FilterColumns(
        numbers=_figures(numbers).astype(np.int64),
        words={name: _split(text) for name, text in zip(WORDS, found[: len(WORDS)], strict=True)},
        figures={name: _figures(text) for name, text in zip(FIGURES, found[len(WORDS) :], strict=True)},
        added_us=np.array(_split(added), dtype="datetime64[us]").astype(np.int64),
        mood_numbers=_figures(mood_numbers).astype(np.int64),
        mood_words=_split(mood_words),
    )


def _exact(figure: ColumnElement[Any], *, is_sqlite: bool) -> ColumnElement[str]:
    """Joined with all their digits, of which SQLite writes fifteen by itself."""
    return func.aggregate_strings(func.printf("%!.17g", figure), ",") if is_sqlite else joined(figure)


def _moments(*, is_sqlite: bool) -> ColumnElement[str]:
    """When the tracks were added, in UTC, as NumPy reads it; SQLite keeps it so."""
    if is_sqlite:
        return func.aggregate_strings(type_coerce(rows.c.added_at, String), BETWEEN)
    moment = func.to_char(func.timezone("UTC", rows.c.added_at), "YYYY-MM-DD HH24:MI:SS.US")
    return func.aggregate_strings(moment, BETWEEN)


def _texts(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[str | None]:
    return list(connection.execute(query).one())


def _figures(text: str | None) -> NDArray[np.float64]:
    return np.fromstring(text or "", dtype=np.float64, sep=",")


def _split(text: str | None) -> list[str]:
    # Of no rows a database makes no text.
    return [] if text is None else text.split(BETWEEN)
