"""The index of words: what it holds of each living track, and who has which words. Knows two databases' full text.

Both are given single words only, so that both find the same tracks and no sign in a search means anything to them.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    TableClause,
    column,
    delete,
    false,
    insert,
    literal_column,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy import table as table_of
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from app.domain import TrackDetails
from app.filters import words_of

# PostgreSQL keeps a letter for the field that a word stands in.
LETTERS = {"title": "A", "artist": "D", "album": "D", "genre": "B", "moods": "C", "keywords": "C"}
# PostgreSQL takes no word of more than 2,046 bytes.
LONGEST_WORD = 100


class WordIndex(Protocol):
    """One database's way. `key`: the track's number."""

    table: ClassVar[TableClause]
    key: ClassVar[ColumnClause[int]]

    def row(self, number: int, fields: dict[str, list[str]]) -> dict[str, object]: ...

    def has_all(self, words: Sequence[str]) -> ColumnElement[bool]:
        """Anywhere; the last word may go on."""


class SqliteWords:
    """FTS5; its row numbers are the tracks' numbers."""

    key: ClassVar[ColumnClause[int]] = column("rowid")
    table: ClassVar[TableClause] = table_of("track_words", key, *(column(name) for name in LETTERS))

    def row(self, number: int, fields: dict[str, list[str]]) -> dict[str, object]:
        return {"rowid": number, **{name: " ".join(words) for name, words in fields.items()}}

    def has_all(self, words: Sequence[str]) -> ColumnElement[bool]:
        asked = " AND ".join(f'"{word}"' for word in words) + "*"
        return literal_column("track_words").op("MATCH", is_comparison=True)(asked)


class PostgresqlWords:
    key: ClassVar[ColumnClause[int]] = column("number")
    words: ClassVar[ColumnClause[Any]] = column("words", TSVECTOR)
    table: ClassVar[TableClause] = table_of("track_words", key, words)

    def row(self, number: int, fields: dict[str, list[str]]) -> dict[str, object]:
        # Written out, for PostgreSQL's own parser has ideas of its own about hyphens and dots.
        placed = [(word, LETTERS[name]) for name, words in fields.items() for word in words]
        return {
            "number": number,
            "words": " ".join(f"'{word}':{place}{letter}" for place, (word, letter) in enumerate(placed, 1)),
        }

    def has_all(self, words: Sequence[str]) -> ColumnElement[bool]:
        asked = cast_to(" & ".join(f"'{word}'" for word in words) + ":*", TSQUERY)
        return self.words.op("@@", is_comparison=True)(asked)


def words_on(dialect: Dialect) -> WordIndex:
    return SqliteWords() if dialect.name == "sqlite" else PostgresqlWords()


def store_words(connection: Connection, said: Iterable[tuple[int, TrackDetails]]) -> None:
    """Puts tracks, by their numbers, into the index; none of them may be there."""
    index = words_on(connection.dialect)
    rows = [index.row(number, _fields(details)) for number, details in said]
    if rows:
        connection.execute(insert(index.table), rows)


def forget_words(connection: Connection, number: int) -> None:
    index = words_on(connection.dialect)
    connection.execute(delete(index.table).where(index.key == number))


def numbers_with_all(text: str, dialect: Dialect, *, below: int | None) -> Select[int]:
    """The tracks that have every word of the text somewhere, the last one as the beginning of a word.

    `below`: only numbers less than this one.
    """
    index, words = words_on(dialect), _cut(words_of(text))
    query = select(index.key).select_from(index.table).where(index.has_all(words) if words else false())
    return query if below is None else query.where(index.key < below)


def _fields(details: TrackDetails) -> dict[str, list[str]]:
    """The words of each field, in the order of the table's columns."""
    said = {name: getattr(details, name) or "" for name in LETTERS}
    texts = {name: text if isinstance(text, str) else " ".join(text) for name, text in said.items()}
    return {name: _cut(words_of(text)) for name, text in texts.items()}


def _cut(words: Iterable[str]) -> list[str]:
    return [word[:LONGEST_WORD] for word in words]
