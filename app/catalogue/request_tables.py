"""The tables of what callers leave behind: stored recommendations, feedback, jobs, keys. No query and no connection."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Identity, Integer, LargeBinary, String, Table, Text

from app.catalogue.tables import WORDS, UtcDateTime, metadata

# A video as it was encoded, so that it can be asked about again. `owner`: the id of the key that asked.
recommendations = Table(
    "recommendations",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("owner", String(26)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False, comment="little-endian float32"),
    Column("video", WORDS, nullable=False),
    Column("title", Text),
    Column("keywords", WORDS, nullable=False),
    Column("text_used", Boolean, nullable=False),
    # The kept video in the blob store; NULL where it was not to be kept.
    Column("video_sha256", String(64)),
    # Raw features of the video, a NumPy file, and their space: what makes a training pair of a chosen track.
    Column("features", LargeBinary),
    Column("features_space", Text),
)

# What was drawn for a recommendation and one set of filters (`app.filters.key_of`); its pages are cut from it.
rankings = Table(
    "rankings",
    metadata,
    Column("recommendation_id", ForeignKey("recommendations.id", ondelete="CASCADE"), primary_key=True),
    Column("filters_key", String(64), primary_key=True),
    Column("as_of", Integer, nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("content", WORDS, nullable=False),
)

# Outlives recommendation and track: it is for training.
feedback = Table(
    "feedback",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("recommendation_id", String(26), nullable=False, index=True),
    Column("track_id", String(26), nullable=False),
    Column("track_sha256", String(64), nullable=False),
    Column("event", String(16), nullable=False),
    Column("owner", String(26)),
    Column("title", Text),
    Column("keywords", WORDS, nullable=False),
    Column("features", LargeBinary),
    Column("features_space", Text),
    sqlite_autoincrement=True,
)

# `lease_owner` works on it until `lease_until`; after that anybody may take it up again.
jobs = Table(
    "jobs",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("request", WORDS, nullable=False),
    Column("owner", String(26)),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", WORDS),
    Column("attempts", Integer, nullable=False),
    Column("is_cancel_wanted", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("lease_owner", String(64)),
    Column("lease_until", Double, comment="seconds since 1970, by the clock of whoever holds it"),
)

job_errors = Table(
    "job_errors",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("item", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Never the key itself: `sha256` is of its whole text.
keys = Table(
    "keys",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# `sha256`: of the cookie's value.
sessions = Table(
    "sessions",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("key_id", ForeignKey("keys.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# `owner` is empty where no key was needed. `fingerprint` and `track_id` are NULL as long as the request is worked on.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", String(26), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64)),
    Column("track_id", String(26)),
    Column("status", Integer),
    Column("held_until", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
