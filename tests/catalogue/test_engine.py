from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import for_reading, open_engine
from app.errors import CatalogueError, NotReady
from tests.catalogue.new_tracks import add

SECRET = "geheim"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_sqlite_keeps_a_log_waits_for_the_disk_and_checks_its_keys(engine: Engine) -> None:
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 10_000]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_connection_that_only_read_can_write_again_afterwards(engine: Engine) -> None:
    table = text("CREATE TABLE t (n integer)")
    with pytest.raises(DBAPIError, match="read-only"), for_reading(engine).begin() as connection:
        connection.execute(table)
    with engine.begin() as connection:
        connection.execute(table)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_postgresql_that_is_gone_without_a_word_is_noticed_unless_the_url_says_otherwise(database_url: str) -> None:
    said = parameters_of(database_url)
    names = ("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
    # What libpq does anyway is not told again.
    assert [said.get(name, "1") for name in names] == ["1", "30", "10", "3", "30000"]
    assert parameters_of(f"{database_url}&tcp_user_timeout=7")["tcp_user_timeout"] == "7"


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_password_that_no_url_could_hold_as_it_is_is_taken_from_the_environment(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "p@ss/w:rd%")
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert driver_of(connection).info.password == "p@ss/w:rd%"
    engine.dispose()


def parameters_of(url: str) -> dict[str, str]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = driver_of(connection).info.get_parameters()
    engine.dispose()
    return found


def driver_of(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_writer_of_sqlite_that_waits_too_long_is_told_to_come_again(database_url: str, catalogue: Catalogue) -> None:
    impatient = open_engine(database_url, busy_timeout_s=0.01)
    with catalogue.writing(), pytest.raises(NotReady):
        add(Catalogue(impatient), 1)
    # The connection that failed serves again.
    add(Catalogue(impatient), 1)
    impatient.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_readers_of_sqlite_are_not_held_up_by_a_writer(database_url: str, catalogue: Catalogue) -> None:
    impatient = open_engine(database_url, busy_timeout_s=0.01)
    with catalogue.writing() as writer, Catalogue(impatient).reading() as reader:
        assert writer.count() == reader.count() == 0
    impatient.dispose()


def test_the_folder_of_an_sqlite_file_is_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'catalogue.sqlite3'}")
    assert (tmp_path / "new" / "folder").is_dir()


@pytest.mark.parametrize("url", ["postgresql://a:b@/name", "postgres://a:b@/name", "postgresql+psycopg://a:b@/name"])
def test_every_common_spelling_of_a_postgresql_url_means_the_driver_that_is_there(url: str) -> None:
    assert open_engine(url).driver == "psycopg"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "catalogue",
        "sqlite://",
        "sqlite:///:memory:",
        f"{SECRET}:{SECRET}",
        f"mysql://me:{SECRET}@host/name",
        f"nothing+psycopg://me:{SECRET}@host/name",
        f"postgresql://me:{SECRET}@host:port/name",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        open_engine(url)
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_folder_that_cannot_be_made_is_a_catalogue_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="folder"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'catalogue.sqlite3'}")
