"""The catalogue of tracks: opens transactions in which readers and writers work. Synchronous; call it from threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.catalogue.reader import Reader
from app.catalogue.transactions import Transactions
from app.catalogue.writer import Writer


class Catalogue:
    """The catalogue behind one engine; any number of threads may use it. `transactions`: for the tables beside it."""

    def __init__(self, engine: Engine) -> None:
        self.transactions = Transactions(engine)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A transaction that sees the catalogue of one moment, however long it lasts; it holds up no writer."""
        with self.transactions.reading() as connection:
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction that commits when its block ends and leaves nothing behind when it raises.

        When it has ended, its changes are on disk and in the feed. On SQLite it shuts out other writers from its
        beginning: keep slow work out of it.
        """
        with self.transactions.writing() as connection:
            writer = Writer(connection)
            yield writer
            writer.publish()
