"""The rankings that were drawn, one for a recommendation and a set of filters. Knows nothing of how they are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.catalogue.request_tables import rankings
from app.catalogue.transactions import Transactions
from app.request_errors import RecommendationNotFound

# Each takes some twenty kilobytes; whoever draws more for one video loses the older ones, but never the first of all,
# which the upload was answered with.
MOST_RANKINGS = 1000


@dataclass(frozen=True, slots=True)
class Ranking:
    """Tracks by number, best first, with their scores (0 to 1, six digits), as the library stood at change `as_of`.

    `folded`: for a track, the numbers of the same recording's other files that were put behind because of it.
    """

    as_of: int
    numbers: tuple[int, ...]
    scores: tuple[float, ...]
    folded: Mapping[int, tuple[int, ...]]


class RankingStore:
    """`key`: of the filters, as `app.filters.key_of` makes it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def get(self, recommendation_id: str, key: str) -> Ranking | None:
        with self._transactions.reading() as connection:
            return stored_ranking(connection, recommendation_id, key)

    def put(self, recommendation_id: str, key: str, ranking: Ranking) -> Ranking:
        """This ranking, or the one that another request stored a moment ago: all must answer the same.

        Raises RecommendationNotFound where the recommendation was deleted meanwhile.
        """
        row = row_of_ranking(recommendation_id, key, ranking)
        try:
            with self._transactions.writing() as connection:
                is_first = connection.execute(INSERT_OR_LEAVE[connection.dialect.name], row).first() is not None
                if is_first:
                    connection.execute(OLDEST_DELETED, {"recommendation": recommendation_id, "most": MOST_RANKINGS})
                other = None if is_first else stored_ranking(connection, recommendation_id, key)
        except IntegrityError:
            raise RecommendationNotFound(recommendation_id=recommendation_id) from None
        return other or ranking


def stored_ranking(connection: Connection, recommendation_id: str, key: str) -> Ranking | None:
    row = connection.execute(STORED, {"recommendation": recommendation_id, "key": key}).one_or_none()
    return _ranking_of(row.as_of, row.content) if row else None


def row_of_ranking(recommendation_id: str, key: str, ranking: Ranking) -> dict[str, object]:
    content = {
        "numbers": list(ranking.numbers),
        # Written and read in a third of the time that fractions take.
        "millionths": np.rint(1e6 * np.array(ranking.scores)).astype(np.int64).tolist(),
        # JSON's members have names, not numbers.
        "folded": [[number, *others] for number, others in ranking.folded.items()],
    }
    return {
        "recommendation_id": recommendation_id,
        "filters_key": key,
        "as_of": ranking.as_of,
        "drawn_at": datetime.now(UTC),
        "content": content,
    }


def _ranking_of(as_of: int, content: Mapping[str, Any]) -> Ranking:
    folded = {number: tuple(others) for number, *others in content["folded"]}
    scores = tuple(score / 1e6 for score in content["millionths"])
    return Ranking(as_of, tuple(content["numbers"]), scores, folded)


# Made once: to put such a statement together takes longer than to run it.
_OWN = rankings.c.recommendation_id == bindparam("recommendation")
_NEWEST_FIRST = select(rankings.c.filters_key).where(_OWN).order_by(rankings.c.drawn_at.desc())
_FIRST = select(rankings.c.filters_key).where(_OWN).order_by(rankings.c.drawn_at).limit(1)
STORED = select(rankings.c.as_of, rankings.c.content).where(_OWN, rankings.c.filters_key == bindparam("key"))
# Says nothing of a row that was there already, and changes nothing of it.
INSERT_OR_LEAVE = {
    "sqlite": sqlite.insert(rankings).on_conflict_do_nothing().returning(rankings.c.filters_key),
    "postgresql": postgresql.insert(rankings).on_conflict_do_nothing().returning(rankings.c.filters_key),
}
OLDEST_DELETED = delete(rankings).where(
    _OWN,
    rankings.c.filters_key.in_(_NEWEST_FIRST.offset(bindparam("most"))),
    rankings.c.filters_key != _FIRST.scalar_subquery(),
)
