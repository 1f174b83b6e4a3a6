import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from app.errors import DiskFull, IndexDamaged
from app.index.snapshot import SNAPSHOT, save_snapshot, snapshot_writer
from app.index.track_index import TrackIndex
from tests.disk_limits import files_at_most
from tests.index.saved import filled, load
from tests.index.unit_vectors import DIGEST, DIM, unit_vectors

ROOT = Path(__file__).parents[2]
OTHER_DIGEST = "sha256:two"


def test_a_saved_index_comes_back_as_it_was(tmp_path: Path) -> None:
    index = filled()
    index.remove([3, 4])
    save_snapshot(index, tmp_path)
    loaded = load(tmp_path)
    query = unit_vectors(1, seed=9)[0]
    assert loaded.search(query, limit=100) == index.search(query, limit=100)
    assert (loaded.digest, loaded.dim, loaded.library, loaded.last_change) == (DIGEST, DIM, "mine", 77)
    assert loaded.numbers().tolist() == index.numbers().tolist()
    assert [path.name for path in tmp_path.iterdir()] == [SNAPSHOT]


def test_a_loaded_index_can_be_changed_and_saved_again(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    loaded = load(tmp_path)
    loaded.add([60, 1], unit_vectors(2, seed=3))
    loaded.remove([2])
    loaded.last_change = 80
    save_snapshot(loaded, tmp_path)
    again = load(tmp_path)
    assert len(again) == 50
    assert again.last_change == 80
    assert again.search(unit_vectors(2, seed=3)[1], limit=1)[0].number == 1


def test_an_empty_index_is_an_index_too(tmp_path: Path) -> None:
    save_snapshot(TrackIndex(DIM, DIGEST), tmp_path)
    assert len(load(tmp_path, library=None)) == 0


def test_a_missing_snapshot_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="there is none"):
        load(tmp_path)
    with pytest.raises(IndexDamaged, match="there is none"):
        load(tmp_path / "nowhere")


def test_an_index_of_another_checkpoint_width_or_library_is_not_loaded(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    with pytest.raises(IndexDamaged, match="digest"):
        load(tmp_path, digest=OTHER_DIGEST)
    with pytest.raises(IndexDamaged, match="dim"):
        load(tmp_path, dim=DIM + 1)
    with pytest.raises(IndexDamaged, match="library"):
        load(tmp_path, library="another's")
    with pytest.raises(IndexDamaged, match="library"):
        load(tmp_path, library=None)


@pytest.mark.parametrize("size_bytes", [0, 2000])
def test_a_full_disk_has_its_name_and_the_snapshot_before_stays(tmp_path: Path, size_bytes: int) -> None:
    save_snapshot(filled(10), tmp_path)
    with files_at_most(size_bytes), pytest.raises(DiskFull):
        save_snapshot(filled(50), tmp_path)
    assert len(load(tmp_path)) == 10
    assert [path.name for path in tmp_path.iterdir()] == [SNAPSHOT]


def test_what_the_disk_gives_back_differently_does_not_replace_the_snapshot_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(descriptor: int) -> None:
        os.pwrite(descriptor, b"\0\0\0\0", 500)

    save_snapshot(filled(10), tmp_path)
    monkeypatch.setattr(os, "fsync", spoil)
    with pytest.raises(IndexDamaged, match="give back"):
        save_snapshot(filled(50), tmp_path)
    assert len(load(tmp_path)) == 10


KILLED = """
import os, signal, sys
from pathlib import Path
from app.index.snapshot import load_snapshot, save_snapshot
from tests.index.saved import filled

last, folder = int(sys.argv[1]), Path(sys.argv[2])
steps = []

def counted(call):
    def step(*arguments):
        steps.append(call)
        if len(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments)
    return step

os.fsync, os.posix_fadvise, Path.replace = counted(os.fsync), counted(os.posix_fadvise), counted(Path.replace)
save_snapshot(filled(50), folder)
"""


def test_a_process_killed_while_saving_leaves_the_old_snapshot_or_the_new(tmp_path: Path) -> None:
    found = []
    for last in (1, 2, 3, 4, 5):
        save_snapshot(filled(10), tmp_path)
        subprocess.run([sys.executable, "-c", KILLED, str(last), tmp_path], cwd=ROOT, check=False)
        found.append(len(load(tmp_path)))
    assert found == [10, 10, 10, 50, 50]


WRITER = """
import sys
from pathlib import Path
from app.index.snapshot import snapshot_writer

with snapshot_writer(Path(sys.argv[1])) as is_ours:
    print(is_ours, flush=True)
    sys.stdin.read()
"""


def start_writer(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_one_writer_at_a_time_among_threads_and_processes(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with start_writer(folder) as first:
        assert answer(first) == "True"
        with snapshot_writer(folder) as is_ours:
            assert not is_ours
        with start_writer(folder) as second:
            assert answer(second) == "False"
            second.communicate("")
        first.communicate("")
    with snapshot_writer(folder) as is_ours, snapshot_writer(folder) as is_ours_too:
        assert (is_ours, is_ours_too) == (True, False)


def test_a_writer_that_was_killed_does_not_keep_its_turn(tmp_path: Path) -> None:
    with start_writer(tmp_path) as process:
        assert answer(process) == "True"
        process.kill()
    with snapshot_writer(tmp_path) as is_ours:
        assert is_ours


def test_every_snapshot_saved_while_others_change_the_index_is_whole(tmp_path: Path) -> None:
    index, is_enough = filled(50), Event()

    def change() -> None:
        for number in range(100, 100_000):
            index.add([number], unit_vectors(1, seed=number))
            index.remove([number - 1])
            if is_enough.is_set():
                return

    with ThreadPoolExecutor(1) as threads:
        changing = threads.submit(change)
        for _ in range(20):
            save_snapshot(index, tmp_path)
            # The newest number is there, and until its predecessor was removed, that too.
            assert 50 <= len(load(tmp_path)) <= 52
        is_enough.set()
        changing.result()
