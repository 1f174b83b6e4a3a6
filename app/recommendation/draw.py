"""Draws a ranking: the best tracks of the library that qualify, exactly, whatever the filters leave. Stores nothing."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from app.catalogue.ranking_reader import RankingReader
from app.catalogue.rankings import Ranking
from app.domain import Embedding
from app.errors import CheckpointMismatch
from app.filters import MOST_CANDIDATES, Shaping, TrackFilter
from app.recommendation.best_first import BestFirst, Places, Scored
from app.recommendation.filter_table import FilterTable
from app.recommendation.fold import Arranged, Recordings, arranged
from app.recommendation.fuse import USUAL_TEXT_WEIGHT, Numbers, Scores
from app.recommendation.lexical import lexical_scores
from app.recommendation.library import Library
from app.recommendation.stopwatch import Stopwatch

# Where the best thousand are few recordings, or of few artists, more are looked at, up to a bound.
MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`words`: to look for in what is said of tracks. `without`: a recording that is to be left out."""

    embedding: Embedding
    words: tuple[str, ...]
    tracks: TrackFilter
    shaping: Shaping
    without: int | None = None


def settled(shaping: Shaping, words: tuple[str, ...]) -> Shaping:
    """The shaping with its defaults filled in, so that one ranking has one name."""
    weight = USUAL_TEXT_WEIGHT if shaping.text_weight is None else shaping.text_weight
    return Shaping(shaping.per_artist, weight if words else None)


def draw(query: Query, *, library: Library, spent: Stopwatch) -> Ranking:
    """At most MOST_CANDIDATES tracks. Raises CheckpointMismatch where the library has moved to another checkpoint."""
    index = library.upkeep.index
    # Read first of all: everything up to this change is in what is asked afterwards.
    as_of = index.last_change
    with spent.on("search"):
        numbers, cosines = index.scores(query.embedding)
    with spent.on("search"), library.catalogue.transactions.reading() as connection:
        reader = RankingReader(connection)
        digest, at = reader.standing()
        # Another process may have moved the library; this index will hear of no track that comes after that.
        if digest != library.digest:
            raise CheckpointMismatch(active=str(digest), offered=library.digest)
        lexical = _lexical(query, numbers, library, reader, at)
        recordings = Recordings(*reader.same_recordings())
    with spent.on("search"):
        # Also leaves out what another process deleted a moment ago.
        is_wanted = library.filter_table.matching(query.tracks, numbers, catalogue=library.catalogue, at=at)
    with spent.on("rank"):
        if query.without is not None:
            is_wanted &= recordings.of(numbers) != query.without
        scored = Scored(numbers, cosines, lexical, query.shaping.text_weight or 0.0)
        looked_at, best = _best(scored, np.flatnonzero(is_wanted), query.shaping, recordings, library.filter_table)
        return _ranking(scored, looked_at, best, as_of=as_of)


def _lexical(query: Query, numbers: Numbers, library: Library, reader: RankingReader, at: int) -> Scores | None:
    if not (query.words and query.shaping.text_weight):
        return None
    measure = partial(_measured, query.words, numbers, reader)
    scores = library.word_scores.of(query.words, at, measure)
    # Tracks that came to the index since they were measured have none of the words: they share the last place.
    return scores[np.minimum(numbers, len(scores) - 1)]


def _measured(words: tuple[str, ...], numbers: Numbers, reader: RankingReader) -> Scores:
    return lexical_scores(reader.with_words(words), numbers)


def _best(
    scored: Scored, places: Places, shaping: Shaping, recordings: Recordings, table: FilterTable
) -> tuple[Places, Arranged]:
    """The places that were looked at, best first, until there were enough, and the order of these."""
    source, per_artist = BestFirst(scored, places), shaping.per_artist
    looked_at, count = np.empty(0, dtype=np.int64), MOST_CANDIDATES
    while True:
        more = source.take(count)
        looked_at, count = np.concatenate([looked_at, more]), 4 * count
        numbers = scored.numbers[looked_at]
        artists = None if per_artist is None else table.artists(numbers)
        best = arranged(recordings.of(numbers), artists, per_artist=per_artist)
        if not len(more) or best.different >= MOST_CANDIDATES or len(looked_at) >= MOST_LOOKED_AT:
            return looked_at, best


def _ranking(scored: Scored, looked_at: Places, best: Arranged, *, as_of: int) -> Ranking:
    numbers, kept = scored.numbers[looked_at], looked_at[best.order[:MOST_CANDIDATES]]
    return Ranking(
        as_of=as_of,
        numbers=tuple(scored.numbers[kept].tolist()),
        scores=tuple(scored.scores(kept).round(6).tolist()),
        folded={int(numbers[one]): tuple(numbers[list(others)].tolist()) for one, others in best.folded.items()},
    )
