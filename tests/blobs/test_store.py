import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.blobs.store import BlobStore
from app.errors import DiskFull, FeaturesDamaged
from tests.blobs.small_files import FEATURES, SPACE, hash_of, put
from tests.disk_limits import files_at_most

ROOT = Path(__file__).parents[2]


def uploads(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "blobs" / "tmp").glob("upload-*"))


def test_a_file_is_kept_under_its_hash_two_folders_deep(store: BlobStore, tmp_path: Path) -> None:
    sha256 = put(store, b"music")
    expected = tmp_path / "blobs" / sha256[:2] / sha256[2:4] / sha256
    assert store.path(sha256) == expected
    assert expected.read_bytes() == b"music"
    assert uploads(tmp_path) == []


def test_the_same_content_twice_is_one_file(store: BlobStore) -> None:
    first, second = put(store, b"music"), put(store, b"music")
    assert first == second
    assert store.path(first).read_bytes() == b"music"
    assert len(list(store.path(first).parent.iterdir())) == 1


def test_an_upload_that_is_not_kept_is_gone_when_its_block_ends(store: BlobStore, tmp_path: Path) -> None:
    def fail() -> None:
        with store.new_upload() as temporary:
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert uploads(tmp_path) == []


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
def test_what_is_no_hash_leads_to_no_path(store: BlobStore, sha256: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        store.path(sha256)


@pytest.mark.parametrize("size_bytes", [0, 1000])
def test_a_full_disk_has_its_name_and_leaves_nothing_behind(store: BlobStore, tmp_path: Path, size_bytes: int) -> None:
    sha256 = put(store, b"music")
    with files_at_most(size_bytes), pytest.raises(DiskFull):
        store.put_features(sha256, SPACE, np.ones((100, 100), dtype=np.float32))
    assert store.features(sha256, SPACE) is None
    assert uploads(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from app.blobs.store import BlobStore

last, root, sha256 = sys.argv[1:]
steps = []

def counted(name, call):
    def step(*arguments, **more):
        steps.append(name)
        if len(steps) == int(last):
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **more)
    return step

os.fsync = counted("fsync", os.fsync)
Path.mkdir = counted("mkdir", Path.mkdir)
Path.replace = counted("replace", Path.replace)
store = BlobStore(Path(root))
with store.new_upload() as temporary:
    temporary.write_bytes(b"music" * 1000)
    store.put(temporary, sha256)
"""


def test_a_process_killed_at_any_step_leaves_the_whole_file_or_none(tmp_path: Path) -> None:
    content = b"music" * 1000
    sha256 = hash_of(content)
    was_kept = []
    for last in range(1, 100):
        root = tmp_path / str(last)
        ended = subprocess.run([sys.executable, "-c", KILLED, str(last), root, sha256], cwd=ROOT, check=False)
        store = BlobStore(root)
        store.clear_temporary()
        assert list((root / "tmp").glob("upload-*")) == []
        path = store.path(sha256)
        was_kept.append(path.exists())
        assert not path.exists() or path.read_bytes() == content
        assert put(store, content) == sha256
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    # The rename is the step that makes the difference: none before it, the whole file from there on.
    assert was_kept == sorted(was_kept)
    assert {False, True} == set(was_kept[:-1])


def test_clearing_up_takes_what_a_dead_process_left_and_leaves_what_is_in_work(
    store: BlobStore, tmp_path: Path
) -> None:
    (tmp_path / "blobs" / "tmp" / "upload-left").write_bytes(b"half")
    (tmp_path / "blobs" / "tmp" / "another's").write_bytes(b"")
    with store.new_upload() as temporary:
        BlobStore(tmp_path / "blobs").clear_temporary()
        assert uploads(tmp_path) == [temporary]
    assert (tmp_path / "blobs" / "tmp" / "another's").exists()


def test_features_come_back_for_the_space_they_were_kept_for(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    found = store.features(sha256, SPACE)
    assert found is not None
    np.testing.assert_array_equal(found, FEATURES)
    assert store.features(sha256, "signal-music:1") is None
    assert store.features(hash_of(b"other"), SPACE) is None


def test_features_of_the_same_space_are_replaced(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    store.put_features(sha256, SPACE, FEATURES * 2)
    np.testing.assert_array_equal(store.features(sha256, SPACE), FEATURES * 2)


@pytest.mark.parametrize("damage", ["empty", "short", "long", "text", "not finite"])
def test_damaged_features_are_reported_and_can_be_replaced(store: BlobStore, damage: str) -> None:
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    (path,) = store.path(sha256).parent.glob("*.npy")
    content = path.read_bytes()
    not_finite = content[:-4] + np.float32(np.nan).tobytes()
    damaged = {
        "empty": b"",
        "short": content[:-1],
        "long": content + b"\0",
        "text": b"?" * 200,
        "not finite": not_finite,
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(FeaturesDamaged) as found:
        store.features(sha256, SPACE)
    assert (found.value.sha256, found.value.space) == (sha256, SPACE)
    store.put_features(sha256, SPACE, FEATURES)
    assert store.features(sha256, SPACE) is not None


def test_a_deletion_spares_a_file_that_was_put_again_meanwhile(store: BlobStore, tmp_path: Path) -> None:
    sha256 = put(store, b"first")
    asked_ns = time.time_ns()
    put(store, b"first")
    store.delete(sha256, put_before_ns=asked_ns)
    assert store.path(sha256).read_bytes() == b"first"
    store.delete(sha256, put_before_ns=time.time_ns())
    assert not store.path(sha256).exists()


def test_a_deleted_file_takes_its_features_with_it_and_no_neighbour(store: BlobStore, tmp_path: Path) -> None:
    first, second = put(store, b"one"), put(store, b"two")
    for sha256 in (first, second):
        store.put_features(sha256, SPACE, FEATURES)
    store.delete(first)
    store.delete(first)
    assert not store.path(first).exists()
    assert store.features(first, SPACE) is None
    assert store.path(second).exists()
    assert store.features(second, SPACE) is not None
