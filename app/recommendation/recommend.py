"""The best tracks for a video that was encoded, once and for all: nothing is stored. Knows no HTTP."""

from dataclasses import dataclass

from app.domain import Brief, EncodedVideo
from app.filters import Shaping, TrackFilter
from app.recommendation.draw import Query, draw, settled
from app.recommendation.lexical import query_words
from app.recommendation.library import Library
from app.recommendation.rank import RankedTrack, numbers_of_page, page_of
from app.recommendation.stopwatch import Stopwatch

NO_WORDS = Brief()
NO_FILTER, NO_SHAPING = TrackFilter(), Shaping()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The ranked tracks, what was encoded, and milliseconds by stage."""

    encoded: EncodedVideo
    results: list[RankedTrack]
    library_size: int
    timing_ms: dict[str, float]


def search(
    encoded: EncodedVideo,
    *,
    limit: int,
    library: Library,
    brief: Brief = NO_WORDS,
    tracks: TrackFilter = NO_FILTER,
    shaping: Shaping = NO_SHAPING,
) -> Recommendation:
    """The best `limit` tracks for an encoded video, as the API ranks them; nothing is stored, no section looked for.

    Raises CheckpointMismatch where the library was moved to another checkpoint meanwhile.
    """
    spent, words = Stopwatch(), query_words(brief)
    query = Query(embedding=encoded.embedding, words=words, tracks=tracks, shaping=settled(shaping, words))
    ranking = draw(query, library=library, spent=spent)
    with spent.on("catalogue"), library.catalogue.reading() as queries:
        found = queries.tracks(numbers_of_page(ranking, offset=0, limit=limit))
    results = page_of(ranking, found, offset=0, limit=limit)
    return Recommendation(encoded, results, len(library.upkeep.index), {**encoded.timing_ms, **spent.spent_ms})
