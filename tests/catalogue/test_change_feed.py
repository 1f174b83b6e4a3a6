"""The promise of the change feed under writers that overlap: no number is skipped, whenever it commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, text

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import for_writing
from app.catalogue.reader import Reader
from app.catalogue.writer import Writer
from app.domain import Change
from tests.catalogue.new_tracks import DIGEST, add, embedding, new_track

PATIENCE_S = 30


def add_with(writer: Writer, number: int) -> int:
    return writer.add_track(new_track(number), digest=DIGEST, embedding=embedding(number)).number


def since(catalogue: Catalogue, at: int) -> list[Change]:
    with catalogue.reading() as queries:
        return queries.changes_since(at, limit=1000)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_writer_that_began_first_and_commits_last_gets_the_last_number(catalogue: Catalogue) -> None:
    with catalogue.writing() as slow:
        slow_number = add_with(slow, 1)
        (quick,) = add(catalogue, 2)
        assert since(catalogue, 0) == [Change(at=1, kind="added", number=quick.number)]
    assert slow_number < quick.number
    assert since(catalogue, 1) == [Change(at=2, kind="added", number=slow_number)]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_writer_waits_for_one_that_has_its_numbers_but_no_commit_yet(engine: Engine, catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(1) as threads:
        with for_writing(engine).begin() as connection:
            slow = Writer(connection)
            add_with(slow, 1)
            slow.publish()
            quick = threads.submit(add, catalogue, 2)
            wait_until_someone_waits_for_a_lock(engine)
            assert since(catalogue, 0) == []
            assert not quick.done()
        quick.result(PATIENCE_S)
    assert [change.at for change in since(catalogue, 0)] == [1, 2]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_when_the_writer_before_gives_up_its_numbers_are_given_to_the_next(
    engine: Engine, catalogue: Catalogue
) -> None:
    with engine.connect() as connection:
        given_up = Writer(connection)
        add_with(given_up, 1)
        given_up.publish()
        connection.rollback()
    add(catalogue, 2)
    assert [change.at for change in since(catalogue, 0)] == [1]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_on_sqlite_the_second_writer_waits_for_the_first_from_its_beginning(catalogue: Catalogue) -> None:
    has_begun = Event()

    def add_second() -> None:
        has_begun.set()
        add(catalogue, 2)

    with ThreadPoolExecutor(1) as threads:
        with catalogue.writing() as first:
            second = threads.submit(add_second)
            assert has_begun.wait(PATIENCE_S)
            add_with(first, 1)
            assert since(catalogue, 0) == []
            assert not second.done()
        second.result(PATIENCE_S)
    assert [change.number for change in since(catalogue, 0)] == [1, 2]


def test_a_reader_beside_many_writers_meets_every_change_once_and_in_order(catalogue: Catalogue) -> None:
    met: list[Change] = []
    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(add, catalogue, *range(start, start + 6)) for start in range(0, 24, 6)]
        while not all(writer.done() for writer in writers):
            met += since(catalogue, len(met))
        for writer in writers:
            writer.result()
    met += since(catalogue, len(met))
    assert [change.at for change in met] == list(range(1, 25))
    assert len({change.number for change in met}) == 24


def test_a_reading_transaction_sees_one_moment_however_long_it_lasts(catalogue: Catalogue) -> None:
    add(catalogue, 1)
    with catalogue.reading() as queries:
        before = everything(queries)
        add(catalogue, 2)
        assert everything(queries) == before
    with catalogue.reading() as queries:
        assert everything(queries) != before


def test_only_one_of_many_that_add_the_same_bytes_adds_them(catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(4) as threads:
        attempts = [threads.submit(add, catalogue, 7) for _ in range(4)]
    errors = [attempt.exception() for attempt in attempts]
    (added,) = [attempt.result()[0] for attempt, error in zip(attempts, errors, strict=True) if error is None]
    assert {getattr(error, "track_id", None) for error in errors if error} == {added.id}
    assert since(catalogue, 0) == [Change(at=1, kind="added", number=added.number)]


def everything(queries: Reader) -> tuple[int, int, int, int]:
    embedded = sum(len(numbers) for numbers, _ in queries.embeddings(DIGEST))
    return queries.last_change(), queries.count(), embedded, len(queries.changes_since(0, limit=100))


def wait_until_someone_waits_for_a_lock(engine: Engine) -> None:
    """PostgreSQL tells who waits only to those who ask, so this asks, without a pause, until somebody does."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(100_000):
            if connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
    pytest.fail("nobody came to wait for the lock")
