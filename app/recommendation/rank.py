"""Cuts a page from a ranking: which place each track has, and what was folded into it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.rankings import Ranking
from app.character import FittingSection, Reason
from app.domain import Track


@dataclass(frozen=True, slots=True)
class RankedTrack:
    """`rank` counts from 1; `score` is 0 to 1. `folded`: other files of its recording that stand behind because of it.

    `section`: the stretch that fits best; None where nothing is known of the track's stretches.
    """

    rank: int
    score: float
    track: Track
    folded: tuple[Track, ...] = ()
    section: FittingSection | None = None
    reasons: tuple[Reason, ...] = ()


def numbers_of_page(ranking: Ranking, *, offset: int, limit: int) -> list[int]:
    """The tracks to look up for a page: its own, and those folded into them."""
    own = ranking.numbers[offset : offset + limit]
    return [*own, *(other for number in own for other in ranking.folded.get(number, ()))]


def page_of(ranking: Ranking, tracks: Mapping[int, Track], *, offset: int, limit: int) -> list[RankedTrack]:
    """The tracks at these places; where one is there no more its place stays empty, so that no other moves."""
    places = range(offset, min(offset + limit, len(ranking.numbers)))
    return [_ranked(ranking, place, tracks) for place in places if ranking.numbers[place] in tracks]


def _ranked(ranking: Ranking, place: int, tracks: Mapping[int, Track]) -> RankedTrack:
    number = ranking.numbers[place]
    folded = tuple(tracks[other] for other in ranking.folded.get(number, ()) if other in tracks)
    return RankedTrack(place + 1, ranking.scores[place], tracks[number], folded)
