"""Opens transactions on one engine: one moment's view for readers, all or nothing for writers. Knows no table."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from app.catalogue.engine import for_reading, for_writing
from app.catalogue.failures import database_errors_named


class Transactions:
    """Threads may share it. Raises DiskFull, NotReady and CatalogueError in place of the database's errors."""

    def __init__(self, engine: Engine) -> None:
        self._reading = for_reading(engine)
        self._writing = for_writing(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Sees the database of one moment, however long it lasts; holds up no writer."""
        with database_errors_named(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Commits when its block ends, leaves nothing behind when it raises. On SQLite it shuts out other writers."""
        with database_errors_named(), self._writing.begin() as connection:
            yield connection
