"""What filters look at, of every track and in memory: to ask the database about 100,000 tracks takes far longer.

It is brought level with the change feed whenever it is asked what matches.
"""

from threading import Lock

from app.catalogue.catalogue import Catalogue
from app.catalogue.filter_columns import all_columns, columns_of
from app.catalogue.reader import Reader
from app.filters import TrackFilter
from app.recommendation.filter_arrays import FilterArrays, Mask
from app.recommendation.fuse import Numbers

# To read all tracks again takes no longer than to read so many one by one.
MOST_CHANGES = 5000


class FilterTable:
    """Of one catalogue. Threads may share it; they are served one at a time."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._arrays = FilterArrays()
        self._at: int | None = None

    def matching(self, wanted: TrackFilter, numbers: Numbers, *, catalogue: Catalogue, at: int | None = None) -> Mask:
        """Which of these tracks match, as the catalogue stands now. The first time it reads the whole library.

        `at`: the newest change, where the caller has just asked for it.
        """
        with self._turn:
            if at is None or at != self._at:
                self._level(catalogue)
            return self._arrays.matching(wanted, numbers)

    def count(self, wanted: TrackFilter, *, catalogue: Catalogue) -> int:
        """How many tracks match, as the catalogue stands now."""
        with self._turn:
            self._level(catalogue)
            return self._arrays.count(wanted)

    def artists(self, numbers: Numbers) -> Numbers:
        """A number for each track's artist, the same for the same; NOBODY where nobody said who it is.

        Of tracks that matched a moment ago.
        """
        with self._turn:
            return self._arrays.artists(numbers)

    def warm(self, catalogue: Catalogue) -> None:
        """Reads the library now, so that nobody need wait for that later."""
        with self._turn:
            self._level(catalogue)

    def _level(self, catalogue: Catalogue) -> None:
        # Within the turn: a transaction begun before it could see less than is in the arrays already.
        with catalogue.transactions.reading() as connection:
            reader = Reader(connection)
            last, at = reader.last_change(), self._at
            if at == last:
                return
            touched = None if at is None else _touched(reader, at, last)
            if touched is None:
                self._arrays, parts = FilterArrays(), all_columns(connection)
            else:
                self._arrays.remove(touched)
                parts = columns_of(connection, touched)
            # Until it is whole again it stands nowhere.
            self._at = None
            for part in parts:
                self._arrays.put(part)
            self._at = last


def _touched(reader: Reader, at: int, last: int) -> list[int] | None:
    """The tracks that changed since; None where it must begin anew: too many, or the feed does not go on from there."""
    if not 0 < last - at <= MOST_CHANGES:
        return None
    changes = reader.changes_since(at, limit=MOST_CHANGES)
    if len(changes) != last - at:
        return None
    return sorted({change.number for change in changes if change.kind != "embedded"})
