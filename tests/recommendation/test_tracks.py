import pytest

from app.domain import TrackDetails
from app.errors import TrackNotFound
from app.filters import TrackFilter
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.library import Library
from app.recommendation.tracks import count_facets, list_tracks, open_track, track
from app.request_errors import TrackDeleted
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add

EVERY_TRACK = TrackFilter()


def test_tracks_are_listed_newest_first(library: Library, pool: FakePool) -> None:
    ids = [add(library, pool, content).track.id for content in (b"1", b"2", b"3")]
    page, cursor = list_tracks(EVERY_TRACK, limit=2, cursor=None, library=library)
    rest, end = list_tracks(EVERY_TRACK, limit=2, cursor=cursor, library=library)
    assert [found.id for found in page + rest] == ids[::-1]
    assert end is None


def test_a_list_and_its_facets_are_narrowed_by_filters_and_words(library: Library, pool: FakePool) -> None:
    calm = add(library, pool, b"1", TrackDetails(title="Night", moods=("calm",))).track
    add(library, pool, b"2", TrackDetails(title="Day", moods=("calm",)))
    wanted = TrackFilter(mood=("Calm",))
    assert list_tracks(wanted, q="nig", limit=2, cursor=None, library=library) == ([calm], None)
    assert count_facets(wanted, q="nig", library=library).total == 1
    assert count_facets(wanted, library=library).total == 2


def test_a_track_that_is_not_there_is_told_from_one_that_was_deleted(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    delete_track(added.id, library=library)
    with pytest.raises(TrackDeleted):
        track(added.id, library=library)
    with pytest.raises(TrackDeleted):
        open_track(added.id, library=library)
    with pytest.raises(TrackNotFound):
        track("01JC7Y3T0GQ4M1Z8W5R2N6K9VX", library=library)


def test_a_tracks_file_is_open_to_the_end_though_it_is_deleted_meanwhile(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    found, file, size_bytes = open_track(added.id, library=library)
    delete_track(added.id, library=library)
    library.blobs.delete(added.sha256)
    with file:
        assert file.read() == b"sound"
    assert (found, size_bytes) == (added, 5)


def test_a_lost_file_is_not_called_a_missing_track(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    library.blobs.delete(added.sha256)
    with pytest.raises(FileNotFoundError):
        open_track(added.id, library=library)
