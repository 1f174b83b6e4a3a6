"""What was played, chosen and rejected, kept for training: with the features of the video, which itself is gone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, literal, select

from app.catalogue.request_tables import feedback, recommendations
from app.catalogue.tables import UtcDateTime
from app.catalogue.transactions import Transactions

COPIED = ("title", "keywords", "features", "features_space")


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """What somebody (`owner`: the id of a key) did with a track that was recommended."""

    recommendation_id: str
    track_id: str
    track_sha256: str
    event: str
    owner: str | None
    at: datetime


class FeedbackStore:
    """Stateless; threads may share it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def add(self, given: NewFeedback) -> bool:
        """Copies words and features out of the recommendation; False where that has just gone."""
        own = {
            "at": literal(given.at, UtcDateTime),
            "recommendation_id": recommendations.c.id,
            "track_id": literal(given.track_id),
            "track_sha256": literal(given.track_sha256),
            "event": literal(given.event),
            "owner": literal(given.owner, feedback.c.owner.type),
        }
        copied = {name: recommendations.c[name] for name in COPIED}
        row = select(*own.values(), *copied.values()).where(recommendations.c.id == given.recommendation_id)
        with self._transactions.writing() as connection:
            stored = insert(feedback).from_select([*own, *copied], row).returning(feedback.c.number)
            return connection.execute(stored).first() is not None
