"""What the whole API needs: filters and words of tracks, soft deletion, recommendations, feedback, jobs, keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.catalogue.rows import columns_of_details, rows_of_moods
from app.catalogue.words import store_words
from app.domain import TrackDetails

revision = "0002"
down_revision = "0001"

WORD_FIELDS = ("title", "artist", "album", "genre", "moods", "keywords")
# Of SQLite. Letters, digits and marks: without these a word of many a script of India or South-East Asia falls apart.
TOKENIZER = "\"unicode61 remove_diacritics 0 categories 'L* N* M*'\""
# All that filters and facets look at, in two orders, so that on SQLite no question about them reads the tracks
# themselves. Just two: it has no figures on what is in a table, and of more it would often take the wrong one.
WIDE_INDEXES = {
    "ix_tracks_by_genre": (
        *("genre_folded", "genre", "license_folded", "license", "vocals", "explicit"),
        *("bpm", "duration_s", "deleted_at", "added_at", "artist_folded", "artist"),
    ),
    "ix_tracks_by_artist": (
        *("artist_folded", "artist", "bpm", "duration_s", "deleted_at", "vocals", "explicit"),
        *("added_at", "license_folded", "license", "genre_folded", "genre"),
    ),
}


def upgrade() -> None:
    _widen_tracks()
    _index_tracks()
    _widen_changes("'added', 'deleted', 'embedded', 'edited'")
    _create_moods()
    _create_words()
    _fill_in()
    _create_recommendations()
    _create_feedback()
    _create_jobs()
    _create_keys()


def downgrade() -> None:
    tables = ("idempotency_keys", "sessions", "keys", "job_errors", "jobs", "feedback", "rankings", "recommendations")
    for table in (*tables, "track_words", "moods"):
        op.drop_table(table)
    op.execute("DELETE FROM changes WHERE kind = 'edited'")
    _widen_changes("'added', 'deleted', 'embedded'")
    found = (str(index["name"]) for index in sa.inspect(op.get_bind()).get_indexes("tracks"))
    for name in (name for name in found if name.startswith("ix_tracks_")):
        op.drop_index(name, "tracks")
    with op.batch_alter_table("tracks") as batch:
        for name in ("recording", "deleted_at", "license_folded", "artist_folded", "genre_folded"):
            batch.drop_column(name)


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _widen_tracks() -> None:
    # Plain ALTER TABLE: a copy of the table, as batch mode makes on SQLite, would lose its AUTOINCREMENT.
    for name in ("genre_folded", "artist_folded", "license_folded"):
        op.add_column("tracks", sa.Column(name, sa.Text()))
    op.add_column("tracks", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column("tracks", sa.Column("recording", sa.Integer()))


def _widen_changes(kinds: str) -> None:
    with op.batch_alter_table("changes") as batch:
        batch.drop_constraint(op.f("ck_changes_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_changes_kind"), f"kind IN ({kinds})")


def _index_tracks() -> None:
    op.create_index(op.f("ix_tracks_recording"), "tracks", ["recording"])
    same = sa.text("recording != number")
    op.create_index(
        "ix_tracks_same_recording", "tracks", ["number", "recording"], sqlite_where=same, postgresql_where=same
    )
    is_deleted = sa.text("deleted_at IS NOT NULL")
    op.create_index(
        "ix_tracks_deleted_at", "tracks", ["deleted_at"], sqlite_where=is_deleted, postgresql_where=is_deleted
    )
    if op.get_context().dialect.name == "sqlite":
        for index, columns in WIDE_INDEXES.items():
            op.create_index(index, "tracks", list(columns))
        return
    # PostgreSQL takes no entry as wide as those; it joins narrow ones by itself.
    for name in ("genre_folded", "artist_folded", "license_folded", "bpm", "duration_s"):
        op.create_index(f"ix_tracks_by_{name}", "tracks", [name])


def _create_moods() -> None:
    op.create_table(
        "moods",
        sa.Column("mood_folded", sa.Text(), nullable=False),
        sa.Column("mood", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["tracks.number"], name=op.f("fk_moods_number_tracks"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mood_folded", "mood", "number", name=op.f("pk_moods")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_moods_number"), "moods", ["number"])


def _create_words() -> None:
    if op.get_context().dialect.name == "sqlite":
        # Its row numbers are the tracks' numbers. What goes in is split into folded words already.
        op.execute(f"CREATE VIRTUAL TABLE track_words USING fts5({', '.join(WORD_FIELDS)}, tokenize={TOKENIZER})")
        return
    op.create_table(
        "track_words",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["tracks.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_track_words_words", "track_words", ["words"], postgresql_using="gin")


def _fill_in() -> None:
    """What filters and searches look at, for the tracks that are there."""
    connection = op.get_bind()
    texts: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("number", "title", "artist", "album", "genre", "license")
    ]
    tracks = sa.table("tracks", *texts, sa.column("moods", _json()), sa.column("keywords", _json()))
    folded: dict[str, sa.ColumnClause[str]] = {
        name: sa.column(name) for name in ("genre_folded", "artist_folded", "license_folded")
    }
    widened = sa.table("tracks", sa.column("number"), *folded.values())
    moods = sa.table("moods", sa.column("mood_folded"), sa.column("mood"), sa.column("number"))
    for row in connection.execute(sa.select(tracks)).mappings().all():
        number, said = row["number"], {text.name: row[text.name] for text in texts[1:]}
        details = TrackDetails(**said, moods=tuple(row["moods"]), keywords=tuple(row["keywords"]))
        columns = columns_of_details(details)
        values = {name: columns[name] for name in folded}
        connection.execute(sa.update(widened).where(widened.c.number == number).values(values))
        store_words(connection, [(number, details)])
        for mood in rows_of_moods(number, details):
            connection.execute(sa.insert(moods), mood)


def _create_recommendations() -> None:
    op.create_table(
        "recommendations",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("owner", sa.String(26)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False, comment="little-endian float32"),
        sa.Column("video", _json(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("keywords", _json(), nullable=False),
        sa.Column("text_used", sa.Boolean(), nullable=False),
        sa.Column("video_sha256", sa.String(64)),
        sa.Column("features", sa.LargeBinary()),
        sa.Column("features_space", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_expires_at"), "recommendations", ["expires_at"])
    named = op.f("fk_rankings_recommendation_id_recommendations")
    op.create_table(
        "rankings",
        sa.Column("recommendation_id", sa.String(26), nullable=False),
        sa.Column("filters_key", sa.String(64), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", _json(), nullable=False),
        sa.ForeignKeyConstraint(["recommendation_id"], ["recommendations.id"], name=named, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recommendation_id", "filters_key", name=op.f("pk_rankings")),
    )


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("number", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recommendation_id", sa.String(26), nullable=False),
        sa.Column("track_id", sa.String(26), nullable=False),
        sa.Column("track_sha256", sa.String(64), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(26)),
        sa.Column("title", sa.Text()),
        sa.Column("keywords", _json(), nullable=False),
        sa.Column("features", sa.LargeBinary()),
        sa.Column("features_space", sa.Text()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_feedback")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feedback_recommendation_id"), "feedback", ["recommendation_id"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request", _json(), nullable=False),
        sa.Column("owner", sa.String(26)),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", _json()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Double(), comment="seconds since 1970, by the clock of whoever holds it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"])
    op.create_table(
        "job_errors",
        sa.Column("number", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("job_id", sa.String(26), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_errors_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job_errors")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_job_errors_job_id"), "job_errors", ["job_id"])


def _create_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_keys_name")),
        sa.UniqueConstraint("sha256", name=op.f("uq_keys_sha256")),
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_sessions_key_id_keys"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_key_id"), "sessions", ["key_id"])
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.String(26), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("track_id", sa.String(26)),
        sa.Column("status", sa.Integer()),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"])
