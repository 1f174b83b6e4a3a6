"""What Alembic runs: on the connection it is handed, or as an entry point on the database of the settings."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from app.catalogue.migrate import migrating
from app.catalogue.tables import metadata
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
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


main()
