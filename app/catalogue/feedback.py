"""What was played, chosen and rejected, kept for training: with the features of the video, which itself is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, literal, select

from app.catalogue.request_tables import feedback, recommendations
from app.catalogue.tables import UtcDateTime, tracks
from app.catalogue.transactions import Transactions

COPIED = ("title", "keywords", "features", "features_space")
# Each brings the features of a video, some tens of kilobytes.
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """What somebody (`owner`: the id of a key) did with a track that was recommended."""

    recommendation_id: str
    track_id: str
    track_sha256: str
    event: str
    owner: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """A track that was chosen for a video. `features`: of the video, a NumPy file.

    `recording`: the number of the oldest track that is the same recording; None where the track is gone for good.
    """

    recommendation_id: str
    track_id: str
    track_sha256: str
    title: str | None
    keywords: tuple[str, ...]
    features: bytes
    features_space: str
    recording: int | None


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

    def chosen(self) -> Iterator[ChosenPair]:
        """What was chosen and not rejected later, each video with each track once, in the order of the last choice."""
        decided = feedback.c.event.in_(("chosen", "rejected"))
        pair = feedback.c.recommendation_id, feedback.c.track_id
        last = select(func.max(feedback.c.number)).where(decided).group_by(*pair)
        recording = func.coalesce(tracks.c.recording, tracks.c.number).label("recording")
        names = "number", "recommendation_id", "track_id", "track_sha256", *COPIED
        wanted = (
            select(*(feedback.c[name] for name in names), recording)
            .outerjoin_from(feedback, tracks, tracks.c.id == feedback.c.track_id)
            .where(feedback.c.number.in_(last), feedback.c.event == "chosen", feedback.c.features.is_not(None))
            .order_by(feedback.c.number)
            .limit(ROWS_AT_ONCE)
        )
        past = 0
        while True:
            with self._transactions.reading() as connection:
                rows = connection.execute(wanted.where(feedback.c.number > past)).mappings().all()
            for row in rows:
                past = row["number"]
                fields = {name: row[name] for name in (*names[1:], "recording")}
                yield ChosenPair(**{**fields, "keywords": tuple(row["keywords"])})
            if len(rows) < ROWS_AT_ONCE:
                return
