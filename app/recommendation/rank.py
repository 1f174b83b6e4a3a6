"""Puts matches and their tracks together, best first. Pure: numbers and records in, a list out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import Match, Track


@dataclass(frozen=True, slots=True)
class RankedTrack:
    """`rank` counts from 1; `score` is the cosine of the track's embedding with the query's."""

    rank: int
    score: float
    track: Track


def rank(matches: Sequence[Match], tracks: Mapping[int, Track], *, limit: int) -> list[RankedTrack]:
    """The best `limit` of the matches that have a track; equal scores in the order of the tracks' numbers."""
    known = [match for match in matches if match.number in tracks]
    best = sorted(known, key=lambda match: (-match.score, match.number))[:limit]
    return [RankedTrack(place, match.score, tracks[match.number]) for place, match in enumerate(best, start=1)]
