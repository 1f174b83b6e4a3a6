import asyncio
import hashlib
from concurrent.futures import Future
from pathlib import Path

import pytest

from app.domain import EncodedTrack, TrackDetails
from app.errors import CheckpointMismatch, DiskFull, InvalidParameter, NoAudioStream
from app.recommendation.add_track import PEAKS_SPACE, TrackFile, add_track, known_track, store_track
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.library import Library
from tests.disk_limits import files_at_most
from tests.fake_pool import FakePool, embedding_of
from tests.recommendation.tracks_at_hand import NOTHING_SAID, add, add_elsewhere, moved_to

SOUND = b"sound"
SHA256 = hashlib.sha256(SOUND).hexdigest()


def test_a_track_is_in_files_features_catalogue_and_index(library: Library, pool: FakePool) -> None:
    added = add(library, pool, SOUND)
    assert added.is_new
    assert library.blobs.path(SHA256).read_bytes() == SOUND
    assert library.blobs.features(SHA256, library.spec.music.stored_space) is not None
    peaks = library.blobs.features(SHA256, PEAKS_SPACE)
    assert peaks is not None
    assert peaks.shape == (2000, 1)
    assert known_track(SHA256, library=library) == added.track
    (match,) = library.upkeep.index.search(embedding_of(SOUND), limit=1)
    assert match.number == added.track.number


def test_what_was_said_goes_before_what_the_file_says(library: Library, pool: FakePool) -> None:
    details = add(library, pool, SOUND, TrackDetails(title="Said", bpm=50.0)).track.details
    assert (details.title, details.artist, details.bpm) == ("Said", "Tagger", 50.0)


def test_bytes_that_are_known_are_not_encoded_again(library: Library, pool: FakePool) -> None:
    first = add(library, pool, SOUND)
    again = add(library, pool, SOUND, TrackDetails(title="Other"))
    assert (again.track, again.is_new) == (first.track, False)
    assert len(pool.seen) == 1


def test_bytes_that_another_process_added_meanwhile_give_its_track(
    library: Library, pool: FakePool, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(SOUND)
    encoded = pool.encode_track(path).result()
    add_elsewhere(library, SOUND)
    added = store_track(TrackFile(path, SHA256, "song.ogg", 5), NOTHING_SAID, encoded, library=library)
    assert not added.is_new


def test_details_that_cannot_be_kept_cost_no_encoding(library: Library, pool: FakePool) -> None:
    with pytest.raises(InvalidParameter):
        add(library, pool, SOUND, TrackDetails(bpm=1.0))
    assert pool.seen == []


def test_a_file_that_cannot_be_encoded_leaves_nothing(library: Library, pool: FakePool) -> None:
    with pytest.raises(NoAudioStream):
        add(library, pool, b"raise NoAudioStream\n")
    assert library.blobs.sweep((), older_than_s=-60) == []
    with library.catalogue.reading() as queries:
        assert queries.is_new()


def test_without_room_for_its_features_a_track_is_not_half_there(library: Library, pool: FakePool) -> None:
    with files_at_most(20), pytest.raises(DiskFull):
        add(library, pool, SOUND)
    assert known_track(SHA256, library=library) is None
    assert add(library, pool, SOUND).is_new


def test_a_library_that_went_to_another_checkpoint_takes_no_track_for_the_old_one(
    library: Library, pool: FakePool
) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch):
        add(library, pool, SOUND)
    assert known_track(SHA256, library=library) is None


def test_a_stored_track_is_reported_even_where_the_index_cannot_take_it_in_yet(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: IndexUpkeep) -> int:
        raise DiskFull

    monkeypatch.setattr(IndexUpkeep, "catch_up", fails)
    assert add(library, pool, SOUND).is_new
    monkeypatch.undo()
    library.upkeep.catch_up()
    assert len(library.upkeep.index) == 1


def test_a_request_that_is_given_up_leaves_nothing(library: Library, pool: FakePool) -> None:
    pool.may_work.clear()

    async def give_up() -> None:
        with library.blobs.new_upload() as path:
            path.write_bytes(SOUND)
            file = TrackFile(path, SHA256, "song.ogg", 5)
            adding = asyncio.create_task(add_track(file, NOTHING_SAID, library=library, encoder=pool))
            await asyncio.to_thread(pool.all_begun, 1)
            adding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await adding

    asyncio.run(give_up())
    assert known_track(SHA256, library=library) is None
    assert not library.blobs.path(SHA256).exists()


def test_an_encoder_that_answers_at_once_is_as_good(library: Library, tmp_path: Path, pool: FakePool) -> None:
    class Instant:
        def encode_track(self, path: Path) -> Future[EncodedTrack]:
            done: Future[EncodedTrack] = Future()
            done.set_result(pool.encode_track(path).result())
            return done

    path = tmp_path / "upload"
    path.write_bytes(SOUND)
    file = TrackFile(path, SHA256, "song.ogg", 5)
    assert asyncio.run(add_track(file, NOTHING_SAID, library=library, encoder=Instant())).is_new


@pytest.mark.parametrize("left", [None, b"sou"])
def test_a_file_that_the_library_lost_is_put_back_by_adding_it_again(
    library: Library, pool: FakePool, left: bytes | None
) -> None:
    first = add(library, pool, SOUND)
    path = library.blobs.path(SHA256)
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    again = add(library, pool, SOUND)
    assert (again.track, again.is_new) == (first.track, False)
    assert path.read_bytes() == SOUND
    assert len(pool.seen) == 1


def test_a_deleted_track_is_taken_back_by_its_bytes_without_encoding(library: Library, pool: FakePool) -> None:
    first = add(library, pool, SOUND).track
    delete_track(first.id, library=library)
    library.blobs.path(SHA256).unlink()
    again = add(library, pool, SOUND, TrackDetails(title="Other"))
    assert (again.track, again.is_new) == (first, False)
    assert len(pool.seen) == 1
    assert library.blobs.path(SHA256).read_bytes() == SOUND
    assert library.upkeep.index.numbers().tolist() == [first.number]


def test_a_track_deleted_under_another_checkpoint_is_taken_back_by_encoding_it(
    library: Library, pool: FakePool
) -> None:
    first = add(library, pool, SOUND).track
    delete_track(first.id, library=library)
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:new")
    moved = moved_to(library, "sha256:new")
    again = add(moved, pool, SOUND)
    assert (again.track, again.is_new) == (first, False)
    assert len(pool.seen) == 2
    (match,) = moved.upkeep.index.search(embedding_of(SOUND), limit=1)
    assert match.number == first.number
