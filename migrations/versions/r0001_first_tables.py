"""Tracks, their embeddings, the change feed, and the one row that says which library this is."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from ulid import ULID

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_tracks()
    _create_embeddings()
    _create_changes()
    _create_library()


def downgrade() -> None:
    for table in ("library", "changes", "embeddings", "tracks"):
        op.drop_table(table)


def _create_tracks() -> None:
    words = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "tracks",
        sa.Column("number", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("loudness_lufs", sa.Double()),
        sa.Column("bpm", sa.Double()),
        sa.Column("title", sa.Text()),
        sa.Column("artist", sa.Text()),
        sa.Column("album", sa.Text()),
        sa.Column("genre", sa.Text()),
        sa.Column("moods", words, nullable=False),
        sa.Column("keywords", words, nullable=False),
        sa.Column("license", sa.Text()),
        sa.Column("attribution", sa.Text()),
        sa.Column("source_url", sa.Text()),
        sa.Column("vocals", sa.Boolean()),
        sa.Column("explicit", sa.Boolean()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tracks")),
        sa.UniqueConstraint("id", name=op.f("uq_tracks_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tracks_sha256")),
        sqlite_autoincrement=True,
    )


def _create_embeddings() -> None:
    tracks_number = op.f("fk_embeddings_number_tracks")
    op.create_table(
        "embeddings",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False, comment="dim little-endian float32"),
        sa.ForeignKeyConstraint(["number"], ["tracks.number"], name=tracks_number, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", "number", name=op.f("pk_embeddings")),
    )
    op.create_index(op.f("ix_embeddings_number"), "embeddings", ["number"])


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('added', 'deleted', 'embedded')", name=op.f("ck_changes_kind")),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_changes")),
    )


def _create_library() -> None:
    library = op.create_table(
        "library",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_digest", sa.Text()),
        sa.Column("last_change", sa.Integer(), nullable=False),
        sa.CheckConstraint("number = 1", name=op.f("ck_library_one_row")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_library")),
    )
    row = {"number": 1, "id": str(ULID()), "created_at": datetime.now(UTC), "active_digest": None, "last_change": 0}
    op.bulk_insert(library, [row])
