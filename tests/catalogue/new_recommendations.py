"""Recommendations for the stores' tests, told apart by their ids."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.catalogue.catalogue import Catalogue
from app.catalogue.rankings import Ranking
from app.catalogue.recommendations import RecommendationStore, StoredRecommendation, VideoFacts, VideoFeatures
from app.character import Look
from app.domain import Brief
from tests.catalogue.new_tracks import DIGEST, embedding

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
DAY = timedelta(hours=24)
KEY = "f" * 64
RANKING = Ranking(as_of=7, numbers=(3, 1, 2), scores=(0.9, 0.8, 0.7), folded={3: (2,)})
FEATURES = VideoFeatures(b"features", "space:1")
VIDEO_SHA256 = "ab" * 32


def recommendation(
    name: str, *, owner: str | None = None, sha256: str | None = None, created_at: datetime = NOW
) -> StoredRecommendation:
    return StoredRecommendation(
        id=name.rjust(26, "0"),
        owner=owner,
        created_at=created_at,
        expires_at=created_at + DAY,
        digest=DIGEST,
        embedding=embedding(5),
        video=VideoFacts(12.4, 1080, 1920, 32, Look(pace=None, light=0.5, warmth=-0.25, change=0.125)),
        brief=Brief("Night drive", ("neon", "fast")),
        text_used=True,
        video_sha256=sha256,
    )


def create(catalogue: Catalogue, made: StoredRecommendation) -> RecommendationStore:
    store = RecommendationStore(catalogue.transactions)
    store.create(made, FEATURES, key=KEY, ranking=RANKING)
    return store


def same(one: StoredRecommendation, other: StoredRecommendation) -> bool:
    """Arrays are not compared by ==."""
    names = [name for name in StoredRecommendation.__slots__ if name != "embedding"]
    is_same = all(getattr(one, name) == getattr(other, name) for name in names)
    return is_same and np.array_equal(one.embedding, other.embedding)
