"""The catalogue of tracks: opens transactions in which readers and writers work. Synchronous; call it from threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.catalogue.engine import for_reading, for_writing
from app.catalogue.failures import database_errors_named
from app.catalogue.reader import Reader
from app.catalogue.writer import Writer


class Catalogue:
    """The catalogue behind one engine; any number of threads may use it."""

    def __init__(self, engine: Engine) -> None:
        self._reading = for_reading(engine)
        self._writing = for_writing(engine)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A transaction that sees the catalogue of one moment, however long it lasts; it holds up no writer."""
        with database_errors_named(), self._reading.begin() as connection:
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction that commits when its block ends and leaves nothing behind when it raises.

        When it has ended, its changes are on disk and in the feed. On SQLite it shuts out other writers from its
        beginning: keep slow work out of it.
        """
        with database_errors_named(), self._writing.begin() as connection:
            writer = Writer(connection)
            yield writer
            writer.publish()
