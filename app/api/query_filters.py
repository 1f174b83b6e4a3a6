"""Filters and shaping as a request writes them: one reading of them for query strings and for forms."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from app.api.form_values import Texts, number, text, truth, whole
from app.errors import InvalidParameter
from app.filters import Shaping, TrackFilter
from app.recommendation.track_details import checked_line

LONGEST_SEARCH = 200
MOST_VALUES = 50
LONGEST_VALUE = 200
FASTEST_BPM = 1000.0
MOST_OF_ONE_ARTIST = 100

_VALUES: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "maxLength": LONGEST_VALUE},
    "maxItems": MOST_VALUES,
    "description": "repeatable; any of them, whatever its case",
}
_FLAG: dict[str, Any] = {"type": "boolean"}
_BPM: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": FASTEST_BPM, "description": "beats a minute"}
_SECONDS: dict[str, Any] = {"type": "number", "minimum": 0, "description": "seconds"}
# What OpenAPI says of them. A form's fields are these; a query string's parameters are made of them by `parameters`.
FILTER_FIELDS: dict[str, dict[str, Any]] = {
    "genre": _VALUES,
    "mood": _VALUES,
    "license": _VALUES,
    "artist": _VALUES,
    "bpm_min": _BPM,
    "bpm_max": _BPM,
    "duration_min": _SECONDS,
    "duration_max": _SECONDS,
    "vocals": _FLAG,
    "explicit": _FLAG,
    "added_after": {
        "type": "string",
        "format": "date-time",
        "description": "a date or a date with time, ISO 8601; UTC where it names no zone",
    },
}
SHAPING_FIELDS: dict[str, dict[str, Any]] = {
    "per_artist": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_OF_ONE_ARTIST,
        "description": "most results of one artist, as long as others are there to fill the list",
    },
    "text_weight": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "share of the words in the score: 0 the encoder alone, 1 the words alone",
    },
}
SEARCH = "words that must all be in title, artist, album, genre, moods or keywords, the last as the beginning of a word"
REPEATABLE_FILTERS = frozenset({"genre", "mood", "license", "artist"})


def filters_of(texts: Texts) -> TrackFilter:
    """The filters among these texts, of a form or a query string. Raises InvalidParameter, naming the field."""
    found = TrackFilter(
        genre=_values(texts, "genre"),
        mood=_values(texts, "mood"),
        license=_values(texts, "license"),
        artist=_values(texts, "artist"),
        bpm_min=_bounded(texts, "bpm_min", highest=FASTEST_BPM),
        bpm_max=_bounded(texts, "bpm_max", highest=FASTEST_BPM),
        duration_min=number(texts, "duration_min"),
        duration_max=number(texts, "duration_max"),
        vocals=truth(texts, "vocals"),
        explicit=truth(texts, "explicit"),
        added_after=_moment(texts, "added_after"),
    )
    _check_order("bpm", found.bpm_min, found.bpm_max)
    _check_order("duration", found.duration_min, found.duration_max)
    return found


def shaping_of(texts: Texts) -> Shaping:
    """The shaping among these texts, as `filters_of`."""
    is_bound = text(texts, "per_artist") is not None
    per_artist = whole(texts, "per_artist", default=1, lowest=1, highest=MOST_OF_ONE_ARTIST) if is_bound else None
    return Shaping(per_artist=per_artist, text_weight=_bounded(texts, "text_weight", highest=1.0))


def parameters(*tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The `openapi_extra` of a path that takes these fields in its query string."""
    return {"parameters": [_parameter(name, schema) for table in tables for name, schema in table.items()]}


def takes_only(names: Iterable[str]) -> Callable[[Request], Awaitable[None]]:
    """A dependency: raises InvalidParameter for a query parameter of another name, or one given twice.

    A filter with a typing error in its name would else leave everything in, and the answer would look right.
    """
    known = frozenset(names)

    async def checked(request: Request) -> None:
        for name, said in _query_texts(request).items():
            if name not in known:
                raise InvalidParameter(parameter=name[:100], reason="is not known here")
            if len(said) > 1 and name not in REPEATABLE_FILTERS:
                raise InvalidParameter(parameter=name, reason="is given more than once")

    return checked


async def get_filters(request: Request) -> TrackFilter:
    return filters_of(_query_texts(request))


async def get_shaping(request: Request) -> Shaping:
    return shaping_of(_query_texts(request))


async def get_search(
    q: Annotated[str | None, Query(max_length=LONGEST_SEARCH, description=SEARCH)] = None,
) -> str | None:
    """Raises InvalidParameter; None where there is nothing but blanks."""
    return checked_line("q", q, LONGEST_SEARCH)


FiltersDep = Annotated[TrackFilter, Depends(get_filters)]
ShapingDep = Annotated[Shaping, Depends(get_shaping)]
SearchDep = Annotated[str | None, Depends(get_search)]


def _query_texts(request: Request) -> dict[str, list[str]]:
    return {name: request.query_params.getlist(name) for name in request.query_params}


def _parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "description"}
    described = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": False, "schema": plain, **described}


def _values(texts: Texts, name: str) -> tuple[str, ...]:
    kept = (checked_line(name, said, LONGEST_VALUE) for said in texts.get(name, ()))
    values = tuple(dict.fromkeys(value for value in kept if value))
    if len(values) > MOST_VALUES:
        raise InvalidParameter(parameter=name, reason=f"has {len(values)} values; at most {MOST_VALUES} are taken")
    return values


def _bounded(texts: Texts, name: str, *, highest: float) -> float | None:
    found = number(texts, name)
    if found is not None and found > highest:
        raise InvalidParameter(parameter=name, reason=f"must be between 0 and {highest:g}")
    return found


def _check_order(name: str, least: float | None, most: float | None) -> None:
    if least is not None and most is not None and least > most:
        raise InvalidParameter(parameter=f"{name}_max", reason=f"is less than {name}_min")


def _moment(texts: Texts, name: str) -> datetime | None:
    found = text(texts, name)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = "must be a date such as 2026-02-03 or 2026-02-03T04:05:06Z (in a URL, + is written %2B)"
        raise InvalidParameter(parameter=name, reason=reason) from error
