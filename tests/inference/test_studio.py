"""The studio with its real processes and real ffmpeg."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import MediaLimits, Mix
from app.errors import EncoderUnavailable, NotReady, UnreadableMedia
from app.inference.studio import Rendering, Studio, StudioSetup
from tests.inference.test_crew import has_ended, wait_until
from tests.media_files import Film, write_sound, write_text, write_video

PATIENCE_S = 60.0
LIMITS = MediaLimits(max_duration_s=3600)
MIX = Mix(start_s=0.0, video_volume=1.0, music_volume=1.0, fade_s=0.5, duck=False)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with Studio(StudioSetup(tmp_path / "scratch", LIMITS, LIMITS)) as studio:
        yield studio


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "a.mp4", Film(1))


@pytest.fixture
def track(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "a.flac", seconds=2)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes many seconds to lay music under."""
    return write_video(tmp_path_factory.mktemp("long") / "a.mp4", Film(3_000, size=(16, 16), frames_per_second=1))


@pytest.fixture
def long_one(studio: Studio, tmp_path: Path, long_film: Path, track: Path) -> Rendering:
    """A rendering that takes long, on which ffmpeg is at work."""
    rendering = studio.render(long_film, track, MIX, output=tmp_path / "output")
    wait_until(lambda: bool(descendants(studio)))
    return rendering


def descendants(studio: Studio) -> list[int]:
    """The processes that the studio's own have started."""
    pids = [worker.pid for worker in studio.status() if worker.pid is not None]
    listed = [Path(f"/proc/{pid}/task/{pid}/children") for pid in pids]
    return [int(child) for path in listed if path.exists() for child in path.read_text().split()]


def test_a_video_is_rendered(studio: Studio, video: Path, track: Path, tmp_path: Path) -> None:
    rendered = studio.render(video, track, MIX, output=tmp_path / "output").result(PATIENCE_S)
    assert rendered is not None
    assert (rendered.suffix, rendered.size_bytes) == (".mp4", (tmp_path / "output").stat().st_size)
    assert list((tmp_path / "scratch").glob("owned-*/[0-9]*")) == []


def test_previews_are_made_or_found_to_be_needless(studio: Studio, video: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert studio.preview_video(video, output).result(PATIENCE_S) == "video/mp4"
    track = write_sound(tmp_path / "a.ogg", codec="flac")
    assert studio.preview_sound(track, output).result(PATIENCE_S) is None
    assert b"ftyp" in output.read_bytes()[:16]


def test_errors_of_media_come_back_as_they_are(studio: Studio, tmp_path: Path) -> None:
    text = write_text(tmp_path / "a.mp4")
    with pytest.raises(UnreadableMedia):
        studio.preview_video(text, tmp_path / "output").result(PATIENCE_S)


def test_no_process_is_started_before_there_is_work_for_it(studio: Studio, video: Path, tmp_path: Path) -> None:
    assert studio.status() == []
    studio.preview_video(video, tmp_path / "output").result(PATIENCE_S)
    assert [worker.name for worker in studio.status()] == ["preview"]


def test_its_processes_load_neither_torch_nor_opencv(studio: Studio, video: Path, tmp_path: Path) -> None:
    studio.preview_video(video, tmp_path / "output").result(PATIENCE_S)
    maps = Path(f"/proc/{studio.status()[0].pid}/maps").read_text()
    assert "/av/" in maps
    assert "/torch/" not in maps
    assert "/cv2/" not in maps


def test_a_cancelled_rendering_ends_soon_and_its_ffmpeg_with_it(
    studio: Studio, long_one: Rendering, video: Path, tmp_path: Path
) -> None:
    (child,) = descendants(studio)
    long_one.cancel()
    assert long_one.result(PATIENCE_S) is None
    assert has_ended(child)
    assert studio.status()[0].restarts == 0


def test_a_cancelled_rendering_that_waits_for_its_turn_is_never_begun(
    studio: Studio, long_one: Rendering, video: Path, track: Path, tmp_path: Path
) -> None:
    waiting = studio.render(video, track, MIX, output=tmp_path / "never")
    waiting.cancel()
    with pytest.raises(TimeoutError):
        waiting.result(0.2)
    long_one.cancel()
    assert waiting.result(PATIENCE_S) is None
    assert not (tmp_path / "never").exists()


def test_a_long_rendering_does_not_hold_up_previews(studio: Studio, long_one: Rendering, tmp_path: Path) -> None:
    track = write_sound(tmp_path / "b.mp3", codec="libmp3lame")
    assert studio.preview_sound(track, tmp_path / "preview").result(PATIENCE_S) == "audio/mpeg"
    with pytest.raises(TimeoutError):
        long_one.result(0)


def test_a_process_that_is_killed_takes_its_ffmpeg_along_and_is_replaced(
    studio: Studio, long_one: Rendering, video: Path, track: Path, tmp_path: Path
) -> None:
    (child,), pid = descendants(studio), studio.status()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(EncoderUnavailable):
        long_one.result(PATIENCE_S)
    assert has_ended(child)
    assert studio.render(video, track, MIX, output=tmp_path / "next").result(PATIENCE_S) is not None


def test_leaving_ends_what_is_in_work(tmp_path: Path, long_film: Path, track: Path) -> None:
    with Studio(StudioSetup(tmp_path / "scratch", LIMITS, LIMITS)) as studio:
        rendering = studio.render(long_film, track, MIX, output=tmp_path / "output")
        wait_until(lambda: bool(descendants(studio)))
        (child,) = descendants(studio)
    with pytest.raises(EncoderUnavailable):
        rendering.result(PATIENCE_S)
    assert has_ended(child)
    with pytest.raises(EncoderUnavailable):
        studio.preview_sound(track, tmp_path / "output")


def test_without_ffmpeg_it_says_so_at_once_and_never_at_its_start(
    tmp_path: Path, video: Path, track: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Studio(StudioSetup(tmp_path / "scratch", LIMITS, LIMITS)) as studio:
        with pytest.raises(NotReady) as caught:
            studio.render(video, track, MIX, output=tmp_path / "output")
        assert caught.value.missing == ["ffmpeg"]
        with pytest.raises(NotReady):
            studio.require()


def test_what_needs_no_ffmpeg_is_answered_without_it(
    tmp_path: Path, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Studio(StudioSetup(tmp_path / "scratch", LIMITS, LIMITS)) as studio:
        assert studio.preview_video(video, tmp_path / "output").result(PATIENCE_S) == "video/mp4"
        track = write_sound(tmp_path / "a.ogg", codec="flac")
        with pytest.raises(NotReady):
            studio.preview_sound(track, tmp_path / "output").result(PATIENCE_S)
