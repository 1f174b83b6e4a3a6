"""Filters as conditions on rows of tracks: the one place that says what a filter means. Runs no query."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Dialect, Select, select

from app.catalogue.rows import folded_value
from app.catalogue.tables import moods
from app.catalogue.tables import tracks as rows
from app.catalogue.words import numbers_with_all
from app.filters import TrackFilter

FOLDED = {"genre": rows.c.genre_folded, "artist": rows.c.artist_folded, "license": rows.c.license_folded}
LEAST = {"bpm_min": rows.c.bpm, "duration_min": rows.c.duration_s}
MOST = {"bpm_max": rows.c.bpm, "duration_max": rows.c.duration_s}
SAID = {"vocals": rows.c.vocals, "explicit": rows.c.explicit}


def conditions_of(
    tracks: TrackFilter, *, dialect: Dialect, q: str | None = None, below: int | None = None
) -> list[ColumnElement[bool]]:
    """What holds of every living track that matches. `q`: words that must be in it; `below`: numbers less than this.

    `below` is said within each set of numbers too: SQLite goes through such a set from its end, and a page far down
    would else take longer than the first.
    """
    found: list[ColumnElement[bool]] = [rows.c.deleted_at.is_(None), *_of_columns(tracks)]
    if below is not None:
        found.append(rows.c.number < below)
    if q is not None:
        found.append(rows.c.number.in_(numbers_with_all(q, dialect, below=below)))
    if tracks.mood:
        found.append(rows.c.number.in_(numbers_in_mood(tracks.mood, below=below)))
    return found


def numbers_in_mood(wanted: Sequence[str], *, below: int | None = None) -> Select[int]:
    """The living tracks that have any of these moods; one with two of them comes twice."""
    query = select(moods.c.number).where(moods.c.mood_folded.in_(folded_values(wanted)))
    return query if below is None else query.where(moods.c.number < below)


def folded_values(values: Sequence[str]) -> list[str]:
    return sorted({folded_value(value) for value in values})


def _of_columns(tracks: TrackFilter) -> list[ColumnElement[bool]]:
    given = {name: getattr(tracks, name) for name in tracks.given()}
    found: list[ColumnElement[bool]]
    found = [column.in_(folded_values(given[name])) for name, column in FOLDED.items() if name in given]
    found += [column >= given[name] for name, column in LEAST.items() if name in given]
    found += [column <= given[name] for name, column in MOST.items() if name in given]
    found += [column.is_(given[name]) for name, column in SAID.items() if name in given]
    if tracks.added_after is not None:
        found.append(rows.c.added_at > tracks.added_after)
    return found
