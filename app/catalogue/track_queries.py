"""Questions about the tracks that match filters. Knows no transaction: whoever made the connection owns it."""

from sqlalchemy import Connection, Select, func, select

from app.catalogue.conditions import conditions_of, numbers_in_mood
from app.catalogue.cursors import cursor_below, number_of
from app.catalogue.facets import facets_of
from app.catalogue.rows import track_of_row
from app.catalogue.tables import tracks as rows
from app.domain import Track
from app.filters import Facets, TrackFilter

EVERY_TRACK = TrackFilter()


class TrackQueries:
    """What can be asked with a filter within one transaction. Deleted tracks match nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_tracks(
        self, *, limit: int, cursor: str | None = None, tracks: TrackFilter = EVERY_TRACK, q: str | None = None
    ) -> tuple[list[Track], str | None]:
        """At most `limit` tracks, newest first, and the cursor of the next page, None on the last.

        `q`: words that must all be in a track, the last one as the beginning of a word. Tracks added meanwhile do not
        move a page. Raises InvalidParameter for a cursor that no listing gave.
        """
        below = None if cursor is None else number_of(cursor)
        matching = self._matching(tracks, q=q, below=below).order_by(rows.c.number.desc()).limit(limit + 1)
        query = select(rows).where(rows.c.number.in_(matching)).order_by(rows.c.number.desc())
        page = [track_of_row(row) for row in self._connection.execute(query).mappings()]
        has_more = len(page) > limit
        return page[:limit], cursor_below(page[limit - 1].number) if has_more else None

    def count_matching(self, tracks: TrackFilter) -> int:
        # The mood alone needs no look at the tracks, which would take three times as long.
        is_mood_alone = tracks.given() == ("mood",)
        numbers = numbers_in_mood(tracks.mood).distinct() if is_mood_alone else self._matching(tracks)
        return self._connection.execute(select(func.count()).select_from(numbers.subquery())).scalar_one()

    def facets(self, tracks: TrackFilter, *, q: str | None = None) -> Facets:
        """What the matching tracks have, with counts; a facet's own filter does not narrow it."""
        return facets_of(self._connection, tracks, q=q)

    def _matching(self, tracks: TrackFilter, *, q: str | None = None, below: int | None = None) -> Select[int]:
        conditions = conditions_of(tracks, q=q, below=below, dialect=self._connection.dialect)
        return select(rows.c.number).where(*conditions)
