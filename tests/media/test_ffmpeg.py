import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import ffmpeg
import pytest

from app.domain import MediaLimits
from app.errors import DiskFull, MediaTookTooLong, NotReady, UnreadableMedia
from app.media.ffmpeg import Stopped, nowhere, run, source, target
from tests.disk_limits import files_at_most
from tests.inference.test_crew import has_ended
from tests.media_files import Film, write_sound, write_video

ROOT = Path(__file__).parent.parent.parent
LIMITS = MediaLimits(max_duration_s=3600)
# Sound without end, as long as nobody stops it.
ENDLESS = ffmpeg.input("anullsrc=sample_rate=48000", f="lavfi", re=None)
KILLED = """
import ffmpeg, os, sys
from app.media.ffmpeg import nowhere, run
sound = ffmpeg.input("anullsrc=sample_rate=48000", f="lavfi", re=None)
told = []

def tell():
    if not told:
        told.append(True)
        children = open(f"/proc/self/task/{os.getpid()}/children").read()
        print(children.split()[0], flush=True)
    return False

run(nowhere(sound), limit_s=60, is_unwanted=tell)
"""


class Linker:
    """The C library; notes on disk, where it outlasts a fork, which process looked up a name in it."""

    def __init__(self, notes: Path) -> None:
        self._notes, self._library = notes, ctypes.PyDLL(None)

    def __getattr__(self, name: str) -> object:
        with self._notes.open("a") as notes:
            notes.write(f"{os.getpid()}\n")
        return getattr(self._library, name)


def wanted() -> bool:
    return False


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.fixture
def others() -> set[int]:
    """Processes that other tests have started, and that are still there."""
    return children()


def test_what_ffmpeg_says_at_last_comes_back(tmp_path: Path) -> None:
    sound = source(write_sound(tmp_path / "a.flac"), "flac", limits=LIMITS)["0"].filter("ebur128", framelog="verbose")
    assert "Integrated loudness" in run(nowhere(sound), limit_s=20, is_unwanted=wanted)


def test_it_is_killed_at_its_time_limit(others: set[int]) -> None:
    with pytest.raises(MediaTookTooLong):
        run(nowhere(ENDLESS), limit_s=0.3, is_unwanted=wanted)
    assert children() <= others


def test_it_is_killed_once_nobody_wants_it(others: set[int]) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Stopped):
        run(nowhere(ENDLESS), limit_s=20, is_unwanted=lambda: next(asked))
    assert children() <= others


def test_it_does_not_outlive_whoever_runs_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert has_ended(child)


def test_nothing_is_looked_up_between_fork_and_exec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # There another thread's lock on the linker would never be let go.
    linker = Linker(tmp_path / "notes")
    for kind in ("CDLL", "PyDLL"):
        monkeypatch.setattr(ctypes, kind, lambda _: linker)
    run(nowhere(ffmpeg.input("anullsrc=duration=0.1", f="lavfi")), limit_s=20, is_unwanted=wanted)
    assert set((tmp_path / "notes").read_text().split()) == {str(os.getpid())}


def test_it_is_no_member_of_the_terminals_process_group(others: set[int]) -> None:
    groups = set[int]()

    def look() -> bool:
        groups.update(os.getpgid(pid) for pid in children() - others)
        return bool(groups)

    with pytest.raises(Stopped):
        run(nowhere(ENDLESS), limit_s=20, is_unwanted=look)
    assert os.getpgid(0) not in groups


def test_a_failure_does_not_show_ffmpegs_words_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"secret words, and no film")
    with pytest.raises(UnreadableMedia) as caught:
        run(nowhere(source(tmp_path / "a.mp4", "mov", limits=LIMITS)), limit_s=20, is_unwanted=wanted)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_full_disk_is_named(tmp_path: Path, name: str) -> None:
    film = source(write_video(tmp_path / "film.mp4", Film(2, size=(640, 480))), "mov", limits=LIMITS)
    muxer = "mp4" if name == "a.mp4" else "matroska"
    with files_at_most(2_000), pytest.raises(DiskFull):
        run(target([film["0"]], tmp_path / name, muxer, **{"c:v": "copy"}), limit_s=20, is_unwanted=wanted)


def test_words_of_a_file_are_not_taken_for_ffmpegs(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "a.flac", tags={"title": "x\nError writing trailer\nNo space left on device"})
    run(nowhere(source(sound, "flac", limits=LIMITS)["0"]), limit_s=20, is_unwanted=wanted)


def test_a_machine_without_the_program_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady) as caught:
        run(nowhere(ENDLESS), limit_s=20, is_unwanted=wanted)
    assert caught.value.missing == ["ffmpeg"]


def test_a_file_is_opened_as_what_it_was_found_to_be_and_cannot_name_another(tmp_path: Path) -> None:
    other = write_sound(tmp_path / "other.wav", codec="pcm_s16le")
    lists = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:{other}\n#EXT-X-ENDLIST\n",
        "a.txt": f"ffconcat version 1.0\nfile 'file:{other}'\n",
    }
    for name, content in lists.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(UnreadableMedia):
            run(nowhere(source(tmp_path / name, "mov", limits=LIMITS)), limit_s=20, is_unwanted=wanted)


def test_no_other_protocol_than_files_is_spoken(tmp_path: Path) -> None:
    # Were one opened as a list all the same, what it names could not be fetched.
    (tmp_path / "a.txt").write_text("ffconcat version 1.0\nfile 'data:audio/wav;base64,UklGRg=='\n")
    nodes = source(tmp_path / "a.txt", "concat", limits=LIMITS, safe=0)
    with pytest.raises(UnreadableMedia):
        run(nowhere(nodes), limit_s=20, is_unwanted=wanted)
