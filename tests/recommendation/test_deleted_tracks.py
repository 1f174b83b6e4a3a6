import asyncio
from datetime import timedelta

import pytest

from app.catalogue.writer import Writer
from app.domain import Track
from app.errors import CheckpointMismatch, TrackNotFound, UnreadableMedia
from app.recommendation.deleted_tracks import delete_track, purge_deleted, restore_track
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.library import Library
from app.recommendation.tracks import track
from app.request_errors import TrackDeleted
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add, moved_to

SOUND = b"sound"
AT_ONCE = timedelta(seconds=-60)


def restored(library: Library, pool: FakePool, track_id: str) -> Track:
    return asyncio.run(restore_track(track_id, library=library, encoder=pool))


def test_a_deleted_track_is_in_no_index_but_its_file_and_features_stay(library: Library, pool: FakePool) -> None:
    added = add(library, pool, SOUND).track
    delete_track(added.id, library=library)
    assert len(library.upkeep.index) == 0
    assert library.blobs.path(added.sha256).read_bytes() == SOUND
    assert library.blobs.features(added.sha256, library.spec.music.stored_space) is not None
    with pytest.raises(TrackDeleted):
        delete_track(added.id, library=library)
    with pytest.raises(TrackNotFound):
        delete_track("nothing", library=library)


def test_a_track_is_deleted_even_where_the_index_cannot_be_told_yet(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = add(library, pool, SOUND).track

    def fails(_: IndexUpkeep) -> int:
        raise PermissionError

    monkeypatch.setattr(IndexUpkeep, "catch_up", fails)
    delete_track(added.id, library=library)
    with pytest.raises(TrackDeleted):
        track(added.id, library=library)


def test_a_restored_track_is_as_it_was_and_was_not_encoded_again(library: Library, pool: FakePool) -> None:
    added = add(library, pool, SOUND).track
    delete_track(added.id, library=library)
    assert restored(library, pool, added.id) == restored(library, pool, added.id) == added
    assert library.upkeep.index.numbers().tolist() == [added.number]
    assert len(pool.seen) == 1
    with pytest.raises(TrackNotFound):
        restored(library, pool, "nothing")


def test_a_track_is_encoded_for_the_checkpoint_that_the_library_went_to_meanwhile(
    library: Library, pool: FakePool
) -> None:
    added = add(library, pool, SOUND).track
    delete_track(added.id, library=library)
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:new")
    with pytest.raises(CheckpointMismatch):
        restored(library, pool, added.id)
    moved = moved_to(library, "sha256:new")
    assert restored(moved, pool, added.id) == added
    assert moved.upkeep.index.numbers().tolist() == [added.number]
    assert pool.seen[-1] == library.blobs.path(added.sha256)


def test_a_track_that_cannot_be_encoded_any_more_stays_deleted(library: Library, pool: FakePool) -> None:
    added = add(library, pool, SOUND).track
    delete_track(added.id, library=library)
    library.blobs.path(added.sha256).write_bytes(b"raise UnreadableMedia\n")
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:new")
    with pytest.raises(UnreadableMedia):
        restored(moved_to(library, "sha256:new"), pool, added.id)
    with pytest.raises(TrackDeleted):
        track(added.id, library=library)


def test_what_nobody_took_back_is_removed_with_its_file_after_a_day(library: Library, pool: FakePool) -> None:
    kept, gone = add(library, pool, b"kept").track, add(library, pool, b"gone").track
    delete_track(gone.id, library=library)
    assert purge_deleted(library) == []
    assert purge_deleted(library, kept_for=AT_ONCE) == [gone.id]
    assert purge_deleted(library, kept_for=AT_ONCE) == []
    with pytest.raises(TrackNotFound):
        track(gone.id, library=library)
    assert library.blobs.sweep([kept.sha256], older_than_s=-60) == []
    assert library.blobs.path(kept.sha256).exists()
    assert not library.blobs.path(gone.sha256).exists()


def test_a_purged_track_can_be_added_as_a_new_one(library: Library, pool: FakePool) -> None:
    first = add(library, pool, SOUND).track
    delete_track(first.id, library=library)
    purge_deleted(library, kept_for=AT_ONCE)
    again = add(library, pool, SOUND)
    assert again.is_new
    assert again.track.number > first.number
    assert library.blobs.path(first.sha256).exists()


def test_a_track_restored_a_moment_before_its_end_is_kept(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = add(library, pool, SOUND).track
    delete_track(added.id, library=library)
    purge = Writer.purge_track

    def restored_first(queries: Writer, number: int, **when: object) -> bool:
        queries.restore_track(added.id, digest=library.digest)
        return purge(queries, number, **when)  # type: ignore[arg-type]

    monkeypatch.setattr(Writer, "purge_track", restored_first)
    assert purge_deleted(library, kept_for=AT_ONCE) == []
    assert track(added.id, library=library) == added
    assert library.blobs.path(added.sha256).exists()
