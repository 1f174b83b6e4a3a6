import pytest

from app.errors import TrackNotFound
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.library import Library
from app.recommendation.tracks import delete_track, list_tracks, open_track, track
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add


def test_tracks_are_listed_newest_first(library: Library, pool: FakePool) -> None:
    ids = [add(library, pool, content).track.id for content in (b"1", b"2", b"3")]
    page, cursor = list_tracks(limit=2, cursor=None, library=library)
    rest, end = list_tracks(limit=2, cursor=cursor, library=library)
    assert [found.id for found in page + rest] == ids[::-1]
    assert end is None


def test_a_deleted_track_is_gone_everywhere(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    delete_track(added.id, library=library)
    assert len(library.upkeep.index) == 0
    assert not library.blobs.path(added.sha256).exists()
    with pytest.raises(TrackNotFound):
        track(added.id, library=library)
    with pytest.raises(TrackNotFound):
        delete_track(added.id, library=library)


def test_a_track_is_deleted_even_where_its_file_cannot_be_taken_away(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = add(library, pool, b"sound").track

    def fails(_: IndexUpkeep) -> int:
        raise PermissionError

    monkeypatch.setattr(IndexUpkeep, "catch_up", fails)
    delete_track(added.id, library=library)
    with pytest.raises(TrackNotFound):
        track(added.id, library=library)


def test_a_tracks_file_is_open_to_the_end_though_it_is_deleted_meanwhile(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    found, file, size_bytes = open_track(added.id, library=library)
    delete_track(added.id, library=library)
    with file:
        assert file.read() == b"sound"
    assert (found, size_bytes) == (added, 5)


def test_a_lost_file_is_not_called_a_missing_track(library: Library, pool: FakePool) -> None:
    added = add(library, pool, b"sound").track
    library.blobs.delete(added.sha256)
    with pytest.raises(FileNotFoundError):
        open_track(added.id, library=library)
