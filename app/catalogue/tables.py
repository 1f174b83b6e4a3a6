"""The catalogue's tables, as SQLAlchemy and Alembic know them; no query and no connection."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB

# Alembic can only drop or alter what has a name.
NAMES = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}
WORDS = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, always UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = MetaData(naming_convention=NAMES)

# A number is the track's id in the index: were it given to another track after a deletion, an index that has not heard
# of it would answer with the wrong one. PostgreSQL's sequences never go back; SQLite needs AUTOINCREMENT for it.
tracks = Table(
    "tracks",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("id", String(26), nullable=False, unique=True),
    Column("added_at", UtcDateTime, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("container", Text, nullable=False),
    Column("codec", Text, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("loudness_lufs", Double),
    Column("bpm", Double),
    Column("title", Text),
    Column("artist", Text),
    Column("album", Text),
    Column("genre", Text),
    Column("moods", WORDS, nullable=False),
    Column("keywords", WORDS, nullable=False),
    Column("license", Text),
    Column("attribution", Text),
    Column("source_url", Text),
    Column("vocals", Boolean),
    Column("explicit", Boolean),
    # What filters compare: the words as `app.filters.folded` leaves them. Moods have a table of their own.
    Column("genre_folded", Text),
    Column("artist_folded", Text),
    Column("license_folded", Text),
    # Set: gone for everybody, until it is restored or purged.
    Column("deleted_at", UtcDateTime),
    # The number of the oldest track that is the same recording, its own where there is none; NULL: nobody has looked.
    Column("recording", Integer, index=True),
    sqlite_autoincrement=True,
)

# The few that are deleted. An index over all would be taken for every question, for all ask for what is not.
Index(
    "ix_tracks_deleted_at",
    tracks.c.deleted_at,
    sqlite_where=tracks.c.deleted_at.is_not(None),
    postgresql_where=tracks.c.deleted_at.is_not(None),
)

# The few that are the same recording as an older one, which every ranking asks for.
Index(
    "ix_tracks_same_recording",
    tracks.c.number,
    tracks.c.recording,
    sqlite_where=tracks.c.recording != tracks.c.number,
    postgresql_where=tracks.c.recording != tracks.c.number,
)

# Of living tracks only, so that moods can be counted without a look at the tracks. `mood`: as the track spells it.
moods = Table(
    "moods",
    metadata,
    Column("mood_folded", Text, primary_key=True),
    Column("mood", Text, primary_key=True),
    Column("number", ForeignKey("tracks.number", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# The digest comes first in the key: an index is built from all embeddings of one checkpoint, in the order of tracks.
embeddings = Table(
    "embeddings",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("number", ForeignKey("tracks.number", ondelete="CASCADE"), primary_key=True, index=True),
    Column("dim", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False, comment="dim little-endian float32"),
)

# `number` is no foreign key: the feed outlives the tracks it tells of.
changes = Table(
    "changes",
    metadata,
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column(
        "kind",
        String(16),
        CheckConstraint("kind IN ('added', 'deleted', 'embedded', 'edited')", name="kind"),
        nullable=False,
    ),
    Column("number", Integer, nullable=False),
)

# One row, made by the migration that makes the table. `id` tells one library from another.
library = Table(
    "library",
    metadata,
    Column("number", Integer, CheckConstraint("number = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("id", String(26), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("active_digest", Text),
    Column("last_change", Integer, nullable=False),
)
