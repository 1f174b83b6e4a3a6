import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.failures import database_errors_named
from app.errors import BgmError, CatalogueError, DiskFull, NotReady
from tests.catalogue.new_tracks import add
from tests.disk_limits import files_at_most

SECRET = "geheim"
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'told so' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens on, and nobody else can take meanwhile."""
    with socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_server_that_cannot_be_reached_is_a_catalogue_error_without_the_password(closed_port: int) -> None:
    catalogue = Catalogue(open_engine(f"postgresql://me:{SECRET}@127.0.0.1:{closed_port}/name"))
    with pytest.raises(CatalogueError) as failed, catalogue.reading() as queries:
        queries.answers()
    assert "refused" in str(failed.value)
    assert SECRET not in "".join(traceback.format_exception(failed.value))


def test_a_database_without_tables_does_not_answer(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(CatalogueError, match="library"), Catalogue(engine).reading() as queries:
        queries.answers()
    engine.dispose()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_a_catalogue_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(content)
    engine = open_engine(f"sqlite:///{tmp_path / 'catalogue.sqlite3'}")
    with pytest.raises(CatalogueError), Catalogue(engine).reading() as queries:
        queries.answers()
    engine.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_full_disk_fails_one_transaction_whole_and_the_next_goes_on(catalogue: Catalogue, tmp_path: Path) -> None:
    add(catalogue, 1)
    log_bytes = (tmp_path / "catalogue.sqlite3-wal").stat().st_size
    with files_at_most(log_bytes + 10_000), pytest.raises(DiskFull):
        add(catalogue, *range(2, 50))
    with catalogue.reading() as queries:
        assert queries.count() == queries.last_change() < 49
    add(catalogue, 100)
    with catalogue.reading() as queries:
        assert queries.count() == queries.last_change()


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize(
    ("code", "named"), [("53100", DiskFull), ("40P01", NotReady), ("57P01", NotReady), ("58030", CatalogueError)]
)
def test_what_postgresql_says_has_our_names(engine: Engine, code: str, named: type[BgmError]) -> None:
    with pytest.raises(named), database_errors_named(), engine.begin() as connection:
        connection.execute(text(RAISE.format(code)))


def test_our_own_mistakes_are_not_dressed_up_as_the_databases(engine: Engine) -> None:
    twice = text("INSERT INTO library (number, id, created_at, last_change) VALUES (1, '', '2026-01-01', 0)")
    with pytest.raises(IntegrityError), database_errors_named(), engine.begin() as connection:
        connection.execute(twice)
    with pytest.raises(DBAPIError) as failed, database_errors_named(), engine.begin() as connection:
        connection.execute(text("SELECT nothing FROM library"))
    assert not isinstance(failed.value, BgmError)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE])
def test_every_way_sqlite_says_that_there_is_no_room_is_a_full_disk(code: int) -> None:
    original = sqlite3.OperationalError("disk I/O error")
    original.sqlite_errorcode = code
    with pytest.raises(DiskFull), database_errors_named():
        raise OperationalError("COMMIT", None, original)


def test_more_threads_than_connections_are_told_to_come_again() -> None:
    with pytest.raises(NotReady), database_errors_named():
        raise PoolTimeout


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), database_errors_named():
        raise KeyError
