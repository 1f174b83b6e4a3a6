"""Brings a database to the newest schema; the entry points call it before they open the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.catalogue.engine import for_reading, for_writing, open_engine
from app.catalogue.failures import database_errors_named
from app.errors import CatalogueError

# Alembic's way to say "the folder of the package `migrations`", in a checkout and in an installed wheel.
SCRIPTS = "migrations:"
# Any number will do that nobody else locks in this database.
LOCK = 73_062_025
PATIENCE_S = 60.0


def upgrade(url: str) -> None:
    """Runs what migrations are missing, all of them or none. Two processes may do so at once: the second waits.

    Raises CatalogueError where the database cannot be reached, or was migrated by a newer version of this program.
    """
    with migrating(url) as connection:
        config = _configuration()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            # A newer version of this program has been here: its revisions are unknown to this one.
            raise CatalogueError(reason=f"its schema cannot be brought up to date: {error}") from error


def is_newest(url: str) -> bool:
    """Whether the database has the newest schema that this program knows. Raises CatalogueError."""
    engine = open_engine(url)
    try:
        with database_errors_named(), for_reading(engine).begin() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    finally:
        engine.dispose()
    return set(found) == set(ScriptDirectory.from_config(_configuration()).get_heads())


@contextmanager
def migrating(url: str) -> Iterator[Connection]:
    """One transaction for all that a migration does, in which no other process migrates the same database."""
    # To alter a table of SQLite, Alembic makes a new one and drops the old; with its keys checked, SQLite would
    # delete every row that points there. So they are checked at the end instead.
    engine = open_engine(url, busy_timeout_s=PATIENCE_S, checks_foreign_keys=False)
    try:
        # On SQLite the transaction itself is the lock.
        with database_errors_named(), for_writing(engine).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            if engine.dialect.name == "sqlite":
                _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise CatalogueError(reason=f"a row of table '{broken[0]}' points to a row of '{broken[2]}' that is not there")
