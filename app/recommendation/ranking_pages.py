"""Pages of a stored recommendation: drawn once for each set of filters, then cut from what was drawn. Blocking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from app.access import Caller
from app.catalogue.rankings import Ranking, RankingStore
from app.catalogue.recommendations import RecommendationStore, StoredRecommendation
from app.domain import Track
from app.filters import Shaping, TrackFilter, key_of
from app.recommendation.draw import Query, draw, settled
from app.recommendation.lexical import matched_words, query_words
from app.recommendation.library import Library, SectionEncoder
from app.recommendation.rank import RankedTrack, numbers_of_page, page_of
from app.recommendation.reasons import reasons_for
from app.recommendation.relax import Relaxation, relaxation
from app.recommendation.sections import fitting_sections
from app.recommendation.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWanted:
    """`limit` tracks from the place `offset` on, of those that match, in a list shaped so."""

    tracks: TrackFilter
    shaping: Shaping
    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingPage:
    """`total`: how many tracks were drawn in all. `next_offset`: where the next page begins, None on the last.

    `relax`: which filter to give up, where there are fewer tracks than were asked for.
    """

    recommendation: StoredRecommendation
    as_of: int
    total: int
    library_size: int
    results: tuple[RankedTrack, ...]
    next_offset: int | None
    relax: Relaxation | None
    timing_ms: Mapping[str, float]


def ranking_page(
    recommendation_id: str, wanted: PageWanted, *, caller: Caller, library: Library, encoder: SectionEncoder
) -> RankingPage:
    """Raises RecommendationNotFound, RecommendationExpired, EncoderChanged, CheckpointMismatch where it is the library
    that has moved on, and what the encoder raises."""
    spent, transactions = Stopwatch(), library.catalogue.transactions
    with spent.on("catalogue"):
        asked = RecommendationStore(transactions).get(
            recommendation_id, caller=caller, now=datetime.now(UTC), digest=library.digest
        )
        key, rankings = key_of_page(asked, wanted), RankingStore(transactions)
        ranking = rankings.get(asked.id, key)
    if ranking is None:
        drawn = draw_for(asked, wanted, library=library, spent=spent)
        with spent.on("catalogue"):
            ranking = rankings.put(asked.id, key, drawn)
    return cut_page(asked, ranking, wanted, library=library, encoder=encoder, spent=spent)


def key_of_page(asked: StoredRecommendation, wanted: PageWanted) -> str:
    """The name of the ranking that a page is cut from."""
    return key_of(wanted.tracks, settled(wanted.shaping, query_words(asked.brief)))


def draw_for(asked: StoredRecommendation, wanted: PageWanted, *, library: Library, spent: Stopwatch) -> Ranking:
    words = query_words(asked.brief)
    query = Query(embedding=asked.embedding, words=words, tracks=wanted.tracks, shaping=settled(wanted.shaping, words))
    return draw(query, library=library, spent=spent)


def cut_page(
    asked: StoredRecommendation,
    ranking: Ranking,
    wanted: PageWanted,
    *,
    library: Library,
    encoder: SectionEncoder,
    spent: Stopwatch,
) -> RankingPage:
    """A page with all that is told of its tracks. Raises what the encoder raises."""
    end, total = wanted.offset + wanted.limit, len(ranking.numbers)
    with spent.on("catalogue"):
        tracks = _tracks(ranking, wanted, library)
        relax = _relaxation(wanted, total, library) if total < wanted.limit else None
    page = page_of(ranking, tracks, offset=wanted.offset, limit=wanted.limit)
    with spent.on("sections"):
        results = _with_sections(page, asked, library=library, encoder=encoder)
    return RankingPage(
        recommendation=asked,
        as_of=ranking.as_of,
        total=total,
        library_size=len(library.upkeep.index),
        results=results,
        next_offset=end if end < total else None,
        relax=relax,
        timing_ms=spent.spent_ms,
    )


def _tracks(ranking: Ranking, wanted: PageWanted, library: Library) -> dict[int, Track]:
    with library.catalogue.reading() as queries:
        return queries.tracks(numbers_of_page(ranking, offset=wanted.offset, limit=wanted.limit))


def _relaxation(wanted: PageWanted, total: int, library: Library) -> Relaxation | None:
    count = partial(library.filter_table.count, catalogue=library.catalogue)
    return relaxation(wanted.tracks, matching=total, count=count)


def _with_sections(
    page: list[RankedTrack], asked: StoredRecommendation, *, library: Library, encoder: SectionEncoder
) -> tuple[RankedTrack, ...]:
    found = fitting_sections(
        [ranked.track for ranked in page],
        embedding=asked.embedding,
        video_duration_s=asked.video.duration_s,
        library=library,
        encoder=encoder,
    )
    look, words = asked.video.look, query_words(asked.brief)
    return tuple(
        replace(
            ranked,
            section=found[ranked.track.number].section,
            reasons=reasons_for(
                look,
                ranked.track,
                found[ranked.track.number].sounding,
                matched_words(words, ranked.track.details),
            ),
        )
        for ranked in page
    )
