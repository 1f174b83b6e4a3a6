"""Turns the databases' errors into this application's own; knows nothing of tables or queries."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import BgmError, CatalogueError, DiskFull, NotReady

# SQLite names only ENOSPC a full disk. EFBIG and EDQUOT come as a failed write, or as a failed growth of the shared
# memory beside the log; a worn-out disk does too, so the cause stays attached for the log.
SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
# SQLSTATE, appendix A of PostgreSQL's manual.
POSTGRESQL_DISK_FULL = "53100"
POSTGRESQL_NO_SUCH_TABLE = "42P01"
# Gone if the caller tries again: deadlock, too many connections, a server that starts or stops.
POSTGRESQL_FOR_NOW = {"40P01", "40001", "53300", "57P01", "57P02", "57P03"}


@contextmanager
def database_errors_named() -> Iterator[None]:
    """Raises DiskFull, NotReady (the database is busy) or CatalogueError in place of the database's own errors.

    Broken constraints and wrong SQL pass as they are: they are defects of this application.
    """
    try:
        yield
    except PoolTimeout as error:
        raise NotReady(missing=["a free connection to the catalogue"]) from error
    except DBAPIError as error:
        named = _named(error)
        if named is None:
            raise
        raise named from error


def _named(error: DBAPIError) -> BgmError | None:
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlite_code in SQLITE_FULL or sqlstate == POSTGRESQL_DISK_FULL:
        return DiskFull()
    # The low byte is the primary code; SQLITE_BUSY has several extended ones.
    if sqlite_code is not None and sqlite_code & 0xFF == sqlite3.SQLITE_BUSY:
        return NotReady(missing=["the catalogue, which another writer holds"])
    if sqlstate in POSTGRESQL_FOR_NOW:
        return NotReady(missing=["the catalogue"])
    reason = str(error.orig).partition("\n")[0]
    # Wrong SQL is an OperationalError with SQLite, of no code of its own.
    is_defect = isinstance(error, IntegrityError | DataError | ProgrammingError) or sqlite_code == sqlite3.SQLITE_ERROR
    has_no_tables = sqlstate == POSTGRESQL_NO_SUCH_TABLE or reason.startswith("no such table")
    return None if is_defect and not has_no_tables else CatalogueError(reason=reason)
