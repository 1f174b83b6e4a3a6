"""Which tracks have a word where, as sets of numbers: a ranking weighs the words itself. Reads no track."""

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import ColumnElement, Connection, ScalarSelect, literal_column, select
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import TSQUERY

from app.catalogue.number_sets import Numbers, joined, parsed
from app.catalogue.words import LETTERS, LONGEST_WORD, words_on

# "words": moods and keywords.
WordField = Literal["title", "genre", "words"]
WordNumbers = Mapping[WordField, Numbers]
# On PostgreSQL the columns of one field have one letter, which no other column has.
COLUMNS: Mapping[WordField, tuple[str, ...]] = {
    "title": ("title",),
    "genre": ("genre",),
    "words": ("moods", "keywords"),
}


def numbers_with_words(connection: Connection, words: Sequence[str]) -> list[WordNumbers]:
    """For each of these words, as `app.filters.words_of` leaves them, the tracks that have it, by the field."""
    if not words:
        return []
    has_it = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgresql
    # All in one question: to ask takes longer than to answer.
    sets = [_numbers(connection, has_it(word, field)) for word in words for field in COLUMNS]
    texts = iter(connection.execute(select(*sets)).one())
    return [{field: parsed(next(texts)) for field in COLUMNS} for _ in words]


def _numbers(connection: Connection, has_it: ColumnElement[bool]) -> ScalarSelect[str]:
    index = words_on(connection.dialect)
    return select(joined(index.key)).select_from(index.table).where(has_it).scalar_subquery()


def _on_sqlite(word: str, field: WordField) -> ColumnElement[bool]:
    asked = f'{{{" ".join(COLUMNS[field])}}} : "{word[:LONGEST_WORD]}"'
    return literal_column("track_words").op("MATCH", is_comparison=True)(asked)


def _on_postgresql(word: str, field: WordField) -> ColumnElement[bool]:
    asked = cast_to(f"'{word[:LONGEST_WORD]}':{LETTERS[COLUMNS[field][0]]}", TSQUERY)
    return literal_column("words").op("@@", is_comparison=True)(asked)
