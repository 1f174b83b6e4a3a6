import fcntl
import os
import time
from pathlib import Path

import pytest

from app.blobs.store import BlobStore
from tests.blobs.small_files import FEATURES, SPACE, hash_of, put

DAY_S = 86_400.0
NOW_S = time.time()


def make_old(store: BlobStore, sha256: str) -> None:
    for path in store.path(sha256).parent.glob(f"{sha256}*"):
        os.utime(path, (time.time() - DAY_S, time.time() - DAY_S))


def test_a_sweep_takes_old_files_that_no_row_names_with_their_features(store: BlobStore) -> None:
    known, young, old = put(store, b"known"), put(store, b"young"), put(store, b"old")
    store.put_features(old, SPACE, FEATURES)
    make_old(store, known)
    make_old(store, old)
    assert store.sweep({known}, older_than_s=3600) == [old]
    assert store.path(known).exists()
    assert store.path(young).exists()
    assert not store.path(old).exists()
    assert store.features(old, SPACE) is None


def test_a_file_put_again_is_young_again(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    make_old(store, sha256)
    put(store, b"music")
    assert store.sweep(set(), older_than_s=3600) == []


def test_an_upload_that_took_long_is_young_when_it_is_put(store: BlobStore) -> None:
    content = b"slow"
    with store.new_upload() as temporary:
        temporary.write_bytes(content)
        os.utime(temporary, (0, 0))
        store.put(temporary, hash_of(content))
    assert store.sweep(set(), older_than_s=3600) == []


def test_features_without_their_file_are_swept_and_strangers_left(store: BlobStore, tmp_path: Path) -> None:
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    stranger = store.path(sha256).with_name("notes.txt")
    stranger.touch()
    store.path(sha256).unlink()
    make_old(store, sha256)
    assert store.sweep(set(), older_than_s=3600) == [sha256]
    assert list(store.path(sha256).parent.iterdir()) == [stranger]


def test_nobody_can_put_a_file_between_a_sweeps_look_at_it_and_its_removal(
    store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_locked = []

    def try_the_lock() -> float:
        with (tmp_path / "blobs" / "tmp" / "lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                was_locked.append(False)
            except BlockingIOError:
                was_locked.append(True)
        return NOW_S

    rename = Path.replace

    def replace(temporary: Path, target: Path) -> Path:
        try_the_lock()
        return rename(temporary, target)

    monkeypatch.setattr(Path, "replace", replace)
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    make_old(store, sha256)
    monkeypatch.setattr(time, "time", try_the_lock)
    assert store.sweep(set(), older_than_s=3600) == [sha256]
    assert was_locked == [True, True, True]
