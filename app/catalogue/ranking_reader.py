"""What a ranking asks of the catalogue beside its filters. Reads no track."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, select

from app.catalogue.number_sets import Numbers, joined
from app.catalogue.tables import library
from app.catalogue.tables import tracks as rows
from app.catalogue.word_numbers import WordNumbers, numbers_with_words

# Made once: to put such a question together takes as long as to answer it.
STANDING = select(library.c.active_digest, library.c.last_change)
# An index holds just these rows, of which there are few.
SAME = select(joined(rows.c.number), joined(rows.c.recording)).where(rows.c.recording != rows.c.number)


class RankingReader:
    """Asks within a transaction that somebody else owns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self) -> tuple[str | None, int]:
        """The checkpoint that the library is embedded for, None before the first start with one, and the number of the
        newest change."""
        digest, at = self._connection.execute(STANDING).one()
        return digest, at

    def with_words(self, words: Sequence[str]) -> list[WordNumbers]:
        """For each of these folded words the tracks that have it, by the field that they have it in."""
        return numbers_with_words(self._connection, words)

    def same_recordings(self) -> tuple[Numbers, Numbers]:
        """The tracks that are the same recording as an older one, ascending, and for each the number of the oldest,
        deleted or not."""
        texts = self._connection.execute(SAME).one()
        numbers, oldest = (np.fromstring(text or "", dtype=np.int64, sep=",") for text in texts)
        order = np.argsort(numbers)
        return numbers[order], oldest[order]
