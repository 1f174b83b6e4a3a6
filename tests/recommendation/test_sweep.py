import os
from pathlib import Path

from app.recommendation.deleted_tracks import delete_track
from app.recommendation.library import Library
from app.recommendation.sweep import GRACE_S, sweep
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add

ORPHAN = "a" * 64


def put_orphan(library: Library, *, age_s: float) -> Path:
    with library.blobs.new_upload() as path:
        path.write_bytes(b"orphan")
        kept = library.blobs.put(path, ORPHAN)
    then = kept.stat().st_mtime - age_s
    os.utime(kept, (then, then))
    return kept


def test_a_file_that_no_track_names_is_taken_away_and_a_tracks_own_stays(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound").track
    own = library.blobs.path(track.sha256)
    os.utime(own, (0, 0))
    orphan = put_orphan(library, age_s=GRACE_S + 60)
    assert sweep(library) == [ORPHAN]
    assert not orphan.exists()
    assert own.exists()


def test_the_file_of_a_deleted_track_stays(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound").track
    delete_track(track.id, library=library)
    os.utime(library.blobs.path(track.sha256), (0, 0))
    assert sweep(library) == []
    assert library.blobs.path(track.sha256).exists()


def test_a_file_whose_row_may_still_come_stays(library: Library) -> None:
    orphan = put_orphan(library, age_s=GRACE_S - 60)
    assert sweep(library) == []
    assert orphan.exists()


def test_an_upload_that_a_killed_process_left_is_taken_away_and_one_in_work_stays(library: Library) -> None:
    with library.blobs.new_upload() as mine:
        left = mine.with_name("upload-left")
        left.write_bytes(b"half a file")
        sweep(library)
        assert mine.exists()
        assert not left.exists()
