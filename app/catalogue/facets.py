"""Counts what the tracks that match have: genres, moods and so on, each without the filter on itself.

Genre, licence, vocals and explicitness are counted in one walk along an index that has them in this order; their own
filters are looked at afterwards.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, func, select

from app.catalogue.conditions import conditions_of, folded_values
from app.catalogue.number_sets import Numbers, joined, numbers_of, parsed
from app.catalogue.tables import moods
from app.catalogue.tables import tracks as rows
from app.filters import Facets, FacetValue, TrackFilter

MOST_ARTISTS = 200
WALKED = (rows.c.genre_folded, rows.c.genre, rows.c.license_folded, rows.c.license, rows.c.vocals, rows.c.explicit)
COUNT = func.count().label("many")
ENDS = (
    func.min(rows.c.bpm).label("slowest"),
    func.max(rows.c.bpm).label("fastest"),
    func.min(rows.c.duration_s).label("shortest"),
    func.max(rows.c.duration_s).label("longest"),
)

Conditions = Sequence[ColumnElement[bool]]
Range = tuple[float, float]
# A value as it is compared, as it is written, and how many tracks write it so.
Spelled = tuple[str | None, str, int]


def facets_of(connection: Connection, tracks: TrackFilter, *, q: str | None) -> Facets:
    """The most frequent values first, equals by the alphabet, each written as most tracks write it."""

    def conditions(**without: Any) -> Conditions:
        return conditions_of(replace(tracks, **without), q=q, dialect=connection.dialect)

    groups = _Groups(connection, conditions(genre=(), license=(), vocals=None, explicit=None), tracks)
    is_mood_alone = q is None and tracks.given() in {(), ("mood",)}
    bpm, duration_s = groups.ranges()
    if (tracks.bpm_min, tracks.bpm_max) != (None, None):
        bpm = _range(connection, rows.c.bpm, conditions(bpm_min=None, bpm_max=None))
    if (tracks.duration_min, tracks.duration_max) != (None, None):
        duration_s = _range(connection, rows.c.duration_s, conditions(duration_min=None, duration_max=None))
    return Facets(
        total=sum(group.many for group in groups.fitting()),
        genre=_most_first((group.genre_folded, group.genre, group.many) for group in groups.fitting("genre_folded")),
        mood=_most_first(_moods(connection, None if is_mood_alone else conditions(mood=()))),
        license=_most_first((one.license_folded, one.license, one.many) for one in groups.fitting("license_folded")),
        artist=_most_first(_artists(connection, conditions(artist=()))),
        vocals=_truths((group.vocals, group.many) for group in groups.fitting("vocals")),
        explicit=_truths((group.explicit, group.many) for group in groups.fitting("explicit")),
        bpm=bpm,
        duration_s=duration_s,
    )


class _Groups:
    """Tracks that agree in all of WALKED, as one row each with their count and their ranges."""

    def __init__(self, connection: Connection, conditions: Conditions, tracks: TrackFilter) -> None:
        query = select(*WALKED, COUNT, *ENDS).where(*conditions).group_by(*WALKED)
        self._groups = connection.execute(query).all()
        self._wanted = _wanted(tracks)

    def fitting(self, but: str | None = None) -> Sequence[Row[Any]]:
        """The groups that match the filters on WALKED, but for the one on this column."""
        wanted = [(name, values) for name, values in self._wanted.items() if name != but]
        if not wanted:
            return self._groups
        return [group for group in self._groups if all(getattr(group, name) in values for name, values in wanted)]

    def ranges(self) -> tuple[Range | None, Range | None]:
        """Of tempo and duration."""
        fitting = self.fitting()
        tempos = [(group.slowest, group.fastest) for group in fitting if group.slowest is not None]
        durations = [(group.shortest, group.longest) for group in fitting]
        return _spanning(tempos), _spanning(durations)


def _wanted(tracks: TrackFilter) -> Mapping[str, set[object]]:
    """The values that the filters on WALKED leave, where they are given."""
    words = {"genre_folded": set(folded_values(tracks.genre)), "license_folded": set(folded_values(tracks.license))}
    truths = {"vocals": tracks.vocals, "explicit": tracks.explicit}
    given: dict[str, set[object]] = {name: {*values} for name, values in words.items() if values}
    return given | {name: {value} for name, value in truths.items() if value is not None}


def _moods(connection: Connection, conditions: Conditions | None) -> Iterable[Spelled]:
    """Without conditions all moods count."""
    spelled = (moods.c.mood_folded, moods.c.mood)
    if conditions is None:
        counted = connection.execute(select(*spelled, COUNT).group_by(*spelled))
        return [(name, mood, many) for name, mood, many in counted]
    # To look up each mood's track in the database would take ten times as long.
    matching = numbers_of(connection, select(rows.c.number).where(*conditions))
    found = connection.execute(select(*spelled, joined(moods.c.number)).group_by(*spelled))
    return [(name, mood, _count_common(parsed(numbers), matching)) for name, mood, numbers in found]


def _count_common(numbers: Numbers, others: Numbers) -> int:
    return int(np.isin(numbers, others, assume_unique=True, kind="table").sum())


def _artists(connection: Connection, conditions: Conditions) -> Iterable[Spelled]:
    name = rows.c.artist_folded
    known = [*conditions, name.is_not(None)]
    most = select(name).where(*known).group_by(name).order_by(func.count().desc(), name).limit(MOST_ARTISTS)
    query = select(name, rows.c.artist, COUNT).where(*conditions, name.in_(most)).group_by(name, rows.c.artist)
    return [(folded, artist, many) for folded, artist, many in connection.execute(query)]


def _range(connection: Connection, column: ColumnElement[Any], conditions: Conditions) -> Range | None:
    least, most = connection.execute(select(func.min(column), func.max(column)).where(*conditions)).one()
    return None if least is None else (least, most)


def _spanning(ranges: Sequence[Range]) -> Range | None:
    return (min(least for least, _ in ranges), max(most for _, most in ranges)) if ranges else None


def _most_first(spelled: Iterable[Spelled]) -> tuple[FacetValue[str], ...]:
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, spelling, many in spelled:
        if name is not None and many:
            written[name][spelling] += many
    ranked = sorted(written.items(), key=lambda found: (-found[1].total(), found[0]))
    return tuple(FacetValue(_usual(spellings), spellings.total()) for _, spellings in ranked)


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling))


def _truths(counted: Iterable[tuple[bool | None, int]]) -> tuple[FacetValue[bool], ...]:
    counts: Counter[bool] = Counter()
    for value, many in counted:
        if value is not None:
            counts[value] += many
    return tuple(FacetValue(value, many) for value, many in sorted(counts.items(), reverse=True))
