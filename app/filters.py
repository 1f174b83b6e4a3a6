"""What a list of tracks may be narrowed and shaped by; values only, no query and no form."""

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

MOST_CANDIDATES = 1000
# Accents of Latin, Greek and Cyrillic letters, Hebrew points and Arabic vowel signs: people leave them out when they
# search. Other scripts spell with their marks. And what nobody sees: joiners, soft hyphens, the variants of signs.
_LEFT_OUT = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200c\u200d\ufe00-\ufe0f]")
# First letters of Unicode's categories of letters, digits and the marks that belong to letters.
_IN_WORDS = frozenset("LNM")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """All that are given must match; of several values for one, any. A track whose value is unknown matches none.

    Words match whatever their case. `bpm_*` in beats a minute, `duration_*` in seconds, bounds included.
    """

    genre: tuple[str, ...] = ()
    mood: tuple[str, ...] = ()
    license: tuple[str, ...] = ()
    artist: tuple[str, ...] = ()
    bpm_min: float | None = None
    bpm_max: float | None = None
    duration_min: float | None = None
    duration_max: float | None = None
    vocals: bool | None = None
    explicit: bool | None = None
    added_after: datetime | None = None

    def given(self) -> tuple[str, ...]:
        """The names of the filters that narrow anything."""
        return tuple(name for name, value in asdict(self).items() if value not in (None, ()))

    def is_empty(self) -> bool:
        return not self.given()


@dataclass(frozen=True, slots=True)
class Shaping:
    """How a ranking is made of its candidates. `per_artist`: the most of one artist, None for no bound.

    `text_weight`: share of the words' score, 0 to 1; None for the default.
    """

    per_artist: int | None = None
    text_weight: float | None = None


@dataclass(frozen=True, slots=True)
class FacetValue(Generic[ValueT]):
    value: ValueT
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What the tracks of a list have, values with counts. Ranges: least and greatest, None where none is known."""

    total: int
    genre: tuple[FacetValue[str], ...]
    mood: tuple[FacetValue[str], ...]
    license: tuple[FacetValue[str], ...]
    artist: tuple[FacetValue[str], ...]
    vocals: tuple[FacetValue[bool], ...]
    explicit: tuple[FacetValue[bool], ...]
    bpm: tuple[float, float] | None
    duration_s: tuple[float, float] | None


def key_of(tracks: TrackFilter, shaping: Shaping) -> str:
    """One name for all ways to write the same filters and shaping: 64 hex digits."""
    said = {
        name: sorted({folded(word) for word in value}) if isinstance(value, tuple) else _plain(value)
        for name, value in (asdict(tracks) | asdict(shaping)).items()
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def folded(text: str) -> str:
    """The form in which two spellings of a word are equal: case, accents, width and blanks do not count."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", _LEFT_OUT.sub("", apart)).split())


def words_of(text: str) -> tuple[str, ...]:
    """The single words of a text, folded, in their order: runs of letters, with their marks, and digits, whatever
    stands between them."""
    apart = (letter if unicodedata.category(letter)[0] in _IN_WORDS else " " for letter in folded(text))
    return tuple("".join(apart).split())


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
