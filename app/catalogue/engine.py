"""Opens the database and sets it up as the catalogue needs it; knows SQLite and PostgreSQL, and no table."""

from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import CatalogueError

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
# A server that is gone without a word, with its machine or its network, is given up within a minute: the system asks
# whether it is still there while an answer is waited for, and waits half a minute for what is sent to arrive.
POSTGRESQL_ARGUMENTS = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# Threads that may hold a connection at once, in one process; the framework's own pool has 40 threads.
KEPT_CONNECTIONS = 5
EXTRA_CONNECTIONS = 35
# Of one connection. What filters look at takes 13 MB for 100,000 tracks; with SQLite's own 2 MB it is copied from the
# system's cache each time, which takes a third longer, and a look at many single tracks twice as long.
SQLITE_CACHE_KIB = 32 * 1024
WRITES = "catalogue_writes"


def open_engine(url: str, *, busy_timeout_s: float = 10.0, checks_foreign_keys: bool = True) -> Engine:
    """An engine for an SQLAlchemy URL of SQLite (a file, its folder is made) or PostgreSQL; connects to nothing yet.

    `busy_timeout_s`: how long a writer of SQLite waits for another one. Raises CatalogueError; no password is in it.
    """
    parsed = _parsed(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    engine = create_engine(
        parsed,
        # Titles and vectors have no place in a log.
        hide_parameters=True,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=EXTRA_CONNECTIONS,
        # The one that was used last has most of the database in its cache.
        pool_use_lifo=True,
        # A restarted server must not cost a request; a file needs no asking.
        pool_pre_ping=not is_sqlite,
        connect_args={"timeout": busy_timeout_s} if is_sqlite else _postgresql_arguments(parsed),
    )
    if is_sqlite:
        event.listen(engine, "connect", partial(_set_up_sqlite, checks_foreign_keys=checks_foreign_keys))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same pool; on SQLite a transaction takes the write lock at its beginning.

    A transaction that reads first and writes later fails at once, without waiting, if another wrote in between.
    """
    return engine.execution_options(**{WRITES: True})


def for_reading(engine: Engine) -> Engine:
    """The same pool; all statements of one transaction see the database as it was at the first, on PostgreSQL too."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The library's message has the whole URL in it, password and all.
        raise CatalogueError(reason="the database URL cannot be parsed") from None
    if parsed.drivername in DRIVERS:
        parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
    if parsed.drivername not in DRIVERS.values():
        known = " or ".join(sorted(set(DRIVERS.values())))
        raise CatalogueError(reason=f"the database URL begins with '{parsed.drivername}'; {known} is needed")
    if parsed.get_backend_name() == "sqlite":
        _make_folder(parsed)
    return parsed


def _make_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise CatalogueError(reason="SQLite needs a file; in memory each connection would have its own catalogue")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogueError(reason=f"its folder cannot be made: {error.strerror}") from error


def _postgresql_arguments(url: URL) -> dict[str, int]:
    return {name: value for name, value in POSTGRESQL_ARGUMENTS.items() if name not in url.query}


def _set_up_sqlite(connection: SqliteConnection, _entry: ConnectionPoolEntry, *, checks_foreign_keys: bool) -> None:
    # Python's module would begin transactions by its own rules: late, and never for SELECT or CREATE TABLE.
    connection.isolation_level = None
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        # A network file system, say: readers and writers would shut each other out, or worse, not know of each other.
        raise CatalogueError(reason=f"SQLite cannot keep a write-ahead log here (journal mode '{mode}')")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
    connection.execute(f"PRAGMA foreign_keys={'ON' if checks_foreign_keys else 'OFF'}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
