"""What Alembic runs: on the connection it is handed, or as an entry point on the database of the settings."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from app.catalogue import request_tables
from app.catalogue.migrate import migrating
from app.settings import Settings


def main() -> None:
    if context.is_offline_mode():
        raise CommandError("these migrations run on a database, they cannot be written out as SQL")
    given = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    with migrating(Settings().catalogue_url()) as connection:
        run(connection)


def run(connection: Connection) -> None:
    # SQLite cannot alter a column; in batch mode Alembic copies the table instead.
    context.configure(
        connection=connection,
        target_metadata=request_tables.jobs.metadata,
        render_as_batch=True,
        include_name=is_of_both_databases,
    )
    with context.begin_transaction():
        context.run_migrations()


def is_of_both_databases(name: str | None, kind: str, _parents: object) -> bool:
    """The index of words and those over what filters look at are other things on each database, and made by hand."""
    return name is None or not name.startswith({"table": "track_words", "index": "ix_tracks_by_"}.get(kind, "\0"))


main()
