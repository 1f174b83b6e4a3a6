"""Videos as they were encoded, so that they can be asked about again without another upload; for a while."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, delete, insert, literal, select, union_all

from app.access import Caller
from app.catalogue.expiry import empty_expired, has_expired
from app.catalogue.rankings import Ranking, row_of_ranking
from app.catalogue.request_tables import rankings, recommendations
from app.catalogue.tables import library, tracks
from app.catalogue.transactions import Transactions
from app.character import Look
from app.domain import Brief, Embedding
from app.errors import CheckpointMismatch
from app.request_errors import EncoderChanged, RecommendationExpired, RecommendationNotFound

RECOMMENDATION_ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture as a player shows it, how many frames of it were looked at, and what they look like."""

    duration_s: float
    width: int
    height: int
    frames: int
    look: Look


@dataclass(frozen=True, slots=True)
class StoredRecommendation:
    """`owner`: the id of the key that asked, None where none was needed. `video_sha256`: None where it was not kept."""

    id: str
    owner: str | None
    created_at: datetime
    expires_at: datetime
    digest: str
    embedding: Embedding
    video: VideoFacts
    brief: Brief
    text_used: bool
    video_sha256: str | None


@dataclass(frozen=True, slots=True)
class VideoFeatures:
    """Raw features of a video as the content of a NumPy file, and the space they are of."""

    content: bytes
    space: str


class RecommendationStore:
    """Stateless; threads may share it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def create(
        self, recommendation: StoredRecommendation, features: VideoFeatures, *, key: str, ranking: Ranking
    ) -> None:
        """Stores it with its first ranking, drawn for the filters of this `key`, both or neither."""
        with self._transactions.writing() as connection:
            connection.execute(insert(recommendations), _row_of(recommendation, features))
            connection.execute(insert(rankings), row_of_ranking(recommendation.id, key, ranking))

    def get(
        self, recommendation_id: str, *, caller: Caller, now: datetime, digest: str | None = None
    ) -> StoredRecommendation:
        """Raises RecommendationNotFound, also for one that is not the caller's to see, and RecommendationExpired.

        Where it was embedded by another checkpoint than `digest`, of which None takes any: CheckpointMismatch if that
        is the library's, so that it is `digest` which is out of date, else EncoderChanged.
        """
        with self._transactions.reading() as connection:
            row = _visible_row(connection, recommendation_id, caller)
            active = connection.scalar(ACTIVE_DIGEST) if digest not in (None, row.digest) else None
        if row.expires_at <= now:
            raise RecommendationExpired(recommendation_id=recommendation_id)
        if digest is not None and active is not None and row.digest == active:
            raise CheckpointMismatch(active=active, offered=digest)
        if digest not in (None, row.digest):
            raise EncoderChanged(recommendation_id=recommendation_id)
        return _recommendation_of(row)

    def delete(self, recommendation_id: str, *, caller: Caller) -> str | None:
        """Removes it and all that was drawn for it; the hash of its kept video. Raises RecommendationNotFound."""
        with self._transactions.writing() as connection:
            row = _visible_row(connection, recommendation_id, caller)
            connection.execute(delete(recommendations).where(recommendations.c.id == recommendation_id))
        sha256: str | None = row.video_sha256
        return sha256

    def expire(self, *, now: datetime) -> dict[str, str | None]:
        """Empties those that have expired and removes those that did so long ago; writes nothing where there are none.

        The ids of those that were emptied, each with the hash of its video where that was kept.
        """
        with self._transactions.reading() as connection:
            if not has_expired(connection, now=now):
                return {}
        with self._transactions.writing() as connection:
            return empty_expired(connection, now=now)

    def kept_videos(self) -> set[str]:
        """The hashes of all videos that are kept."""
        kept = select(recommendations.c.video_sha256).where(recommendations.c.video_sha256.is_not(None))
        with self._transactions.reading() as connection:
            return set(connection.scalars(kept))

    def is_named(self, sha256: str) -> bool:
        """Whether a recommendation keeps this file as its video, or a track, deleted or not, is this file."""
        kept = select(literal(1)).where(recommendations.c.video_sha256 == sha256)
        with self._transactions.reading() as connection:
            return connection.scalar(union_all(kept, select(literal(1)).where(tracks.c.sha256 == sha256))) is not None


ACTIVE_DIGEST = select(library.c.active_digest)
# Without the features, which only training wants.
BY_ID = select(*(column for column in recommendations.c if not column.name.startswith("features"))).where(
    recommendations.c.id == bindparam("id")
)


def _visible_row(connection: Connection, recommendation_id: str, caller: Caller) -> Row[Any]:
    # PostgreSQL cannot be asked for every text that a path may hold.
    is_id = RECOMMENDATION_ID.fullmatch(recommendation_id)
    row = connection.execute(BY_ID, {"id": recommendation_id}).one_or_none() if is_id else None
    if row is None or not caller.may_see(row.owner):
        raise RecommendationNotFound(recommendation_id=recommendation_id)
    return row


def _row_of(recommendation: StoredRecommendation, features: VideoFeatures) -> dict[str, object]:
    return {
        "id": recommendation.id,
        "owner": recommendation.owner,
        "created_at": recommendation.created_at,
        "expires_at": recommendation.expires_at,
        "digest": recommendation.digest,
        "vector": np.ascontiguousarray(recommendation.embedding, dtype="<f4").tobytes(),
        "video": asdict(recommendation.video),
        "title": recommendation.brief.title,
        "keywords": list(recommendation.brief.keywords),
        "text_used": recommendation.text_used,
        "video_sha256": recommendation.video_sha256,
        "features": features.content,
        "features_space": features.space,
    }


def _recommendation_of(row: Row[Any]) -> StoredRecommendation:
    facts = {name: value for name, value in row.video.items() if name != "look"}
    return StoredRecommendation(
        id=row.id,
        owner=row.owner,
        created_at=row.created_at,
        expires_at=row.expires_at,
        digest=row.digest,
        embedding=np.frombuffer(row.vector, dtype="<f4").astype(np.float32),
        video=VideoFacts(**facts, look=Look(**row.video["look"])),
        brief=Brief(row.title, tuple(row.keywords)),
        text_used=row.text_used,
        video_sha256=row.video_sha256,
    )
