from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.domain import MediaLimits
from app.errors import (
    MediaTooLong,
    MediaTooShort,
    NoAudioStream,
    NoVideoStream,
    PictureTooLarge,
    UnreadableMedia,
    UnsupportedMedia,
)
from app.media.probe import probe
from tests.media_files import (
    Film,
    truncate,
    write_encrypted_sound,
    write_encrypted_video,
    write_sound,
    write_text,
    write_video,
)

LIMITS = MediaLimits(max_duration_s=3600)


def test_a_video_tells_its_container_codecs_size_and_duration(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=3, size=(64, 48), with_sound=True))
    info = probe(path, LIMITS, want="video")
    assert (info.container, info.size_bytes) == ("mp4", path.stat().st_size)
    assert info.duration_s == pytest.approx(3, abs=0.01)
    assert info.video is not None
    assert (info.video.codec, info.video.width, info.video.height, info.video.rotation_degrees) == ("h264", 64, 48, 0)
    assert info.video.frames_per_second == 10
    assert info.sound is not None
    assert (info.sound.codec, info.sound.rate_hz, info.sound.channels) == ("aac", 48_000, 1)


@pytest.mark.parametrize(
    ("name", "film", "container", "codec"),
    [
        ("a.mkv", Film(), "mkv", "h264"),
        ("a.mov", Film(codec="prores_ks", pixel_format="yuv422p10le"), "mov", "prores"),
        ("a.webm", Film(codec="libvpx", with_sound=True), "webm", "vp8"),
        ("b.webm", Film(codec="libvpx-vp9", pixel_format="yuva420p"), "webm", "vp9"),
        ("a.avi", Film(codec="mpeg4"), "avi", "mpeg4"),
        ("b.avi", Film(codec="mjpeg", pixel_format="yuvj420p"), "avi", "mjpeg"),
        ("a.ts", Film(), "mpeg-ts", "h264"),
        ("a.mp4", Film(codec="libx265", pixel_format="yuv420p10le"), "mp4", "hevc"),
        ("b.mp4", Film(codec="libsvtav1"), "mp4", "av1"),
        ("c.mp4", Film(size=(65, 49), pixel_format="yuv444p"), "mp4", "h264"),
        ("d.mp4", Film(first_time_s=10.0), "mp4", "h264"),
        ("e.mp4", Film(container_options={"movflags": "frag_keyframe+empty_moov"}), "mp4", "h264"),
    ],
)
def test_every_kind_of_video_is_recognised(tmp_path: Path, name: str, film: Film, container: str, codec: str) -> None:
    info = probe(write_video(tmp_path / name, film), LIMITS, want="video")
    assert info.container == container
    assert info.video is not None
    assert (info.video.codec, info.video.width, info.video.height) == (codec, *film.size)
    assert info.duration_s == pytest.approx(film.seconds, abs=0.11)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.mp3", "mp3", 44_100),
        ("a.aac", "aac", 44_100),
        ("a.m4a", "alac", 44_100),
        ("a.flac", "flac", 44_100),
        ("a.ogg", "vorbis", 44_100),
        ("a.opus", "opus", 48_000),
        ("a.wav", "pcm_s16le", 22_050),
        ("a.aiff", "pcm_s16be", 44_100),
        ("a.wma", "wmav2", 44_100),
        ("a.ac3", "ac3", 48_000),
    ],
)
def test_every_kind_of_music_is_recognised(tmp_path: Path, name: str, codec: str, rate_hz: int) -> None:
    encoder = "libmp3lame" if codec == "mp3" else codec
    path = write_sound(tmp_path / name, seconds=3, codec=encoder, rate_hz=rate_hz, channels=2)
    info = probe(path, LIMITS, want="sound")
    assert info.sound is not None
    assert (info.sound.codec, info.sound.rate_hz, info.sound.channels) == (codec, rate_hz, 2)
    assert info.duration_s == pytest.approx(3, abs=0.1)
    assert info.video is None


@pytest.mark.parametrize(("rotation", "size"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_the_size_is_that_of_the_turned_picture(tmp_path: Path, rotation: int, size: tuple[int, int]) -> None:
    info = probe(write_video(tmp_path / "clip.mp4", Film(size=(64, 48), rotation=rotation)), LIMITS)
    assert info.video is not None
    assert (info.video.width, info.video.height, info.video.rotation_degrees) == (*size, rotation)


def test_pixels_that_are_not_square_count_as_wide_as_they_are_shown(tmp_path: Path) -> None:
    info = probe(write_video(tmp_path / "clip.mp4", Film(size=(64, 48), sample_aspect=Fraction(2))), LIMITS)
    assert info.video is not None
    assert (info.video.width, info.video.height) == (128, 48)


def test_a_missing_duration_is_measured_from_the_packets(tmp_path: Path) -> None:
    path = write_video(tmp_path / "live.webm", Film(seconds=4, codec="libvpx", container_options={"live": "1"}))
    with av.open(path) as container:
        assert container.duration is None
    assert probe(path, LIMITS).duration_s == pytest.approx(4, abs=0.11)


def test_a_duration_guessed_from_the_bit_rate_is_corrected(tmp_path: Path) -> None:
    quiet_then_loud = np.concatenate([np.zeros(44_100 * 20), np.random.default_rng(1).uniform(-0.9, 0.9, 44_100 * 4)])
    path = write_sound(tmp_path / "a.aac", codec="aac", samples=quiet_then_loud.astype(np.float32))
    with av.open(path) as container:
        assert container.duration is None or abs(container.duration - 24_000_000) > 2_000_000
    assert probe(path, LIMITS).duration_s == pytest.approx(24, abs=0.1)


def test_a_recording_that_still_grows_has_the_length_it_has_so_far(tmp_path: Path) -> None:
    path = truncate(write_video(tmp_path / "clip.ts", Film(seconds=10)), 0.5)
    assert probe(path, LIMITS).duration_s == pytest.approx(5, abs=1)


def test_a_video_cut_short_after_its_header_has_the_length_that_is_left(tmp_path: Path) -> None:
    film = Film(seconds=10, container_options={"movflags": "faststart"})
    path = truncate(write_video(tmp_path / "clip.mp4", film), 0.8)
    assert 5 < probe(path, LIMITS).duration_s < 9.5


def test_a_video_of_which_most_is_missing_is_unreadable(tmp_path: Path) -> None:
    film = Film(seconds=10, container_options={"movflags": "faststart"})
    with pytest.raises(UnreadableMedia, match="breaks off"):
        probe(truncate(write_video(tmp_path / "clip.mp4", film), 0.4), LIMITS)


def test_a_video_whose_header_is_missing_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia):
        probe(truncate(write_video(tmp_path / "clip.mp4", Film(seconds=10)), 0.5), LIMITS)


def test_a_video_of_one_frame_lasts_that_frame(tmp_path: Path) -> None:
    info = probe(write_video(tmp_path / "clip.mp4", Film(seconds=0.1)), LIMITS, want="video")
    assert info.duration_s == pytest.approx(0.1)


def test_the_duration_is_that_of_the_stream_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    write_video(path, Film(seconds=2, with_sound=True))
    assert probe(path, LIMITS, want="video").duration_s == pytest.approx(2, abs=0.05)
    assert probe(path, LIMITS, want="sound").duration_s == pytest.approx(2, abs=0.05)


def test_encrypted_media_is_unreadable_and_says_so(tmp_path: Path) -> None:
    for path in (write_encrypted_video(tmp_path / "clip.mp4"), write_encrypted_sound(tmp_path / "song.mp4")):
        with pytest.raises(UnreadableMedia, match="encrypted"):
            probe(path, LIMITS)


def test_what_is_wanted_and_missing_is_an_error_of_its_own(tmp_path: Path) -> None:
    film, song = write_video(tmp_path / "clip.mp4"), write_sound(tmp_path / "song.flac", with_cover=True)
    with pytest.raises(NoAudioStream):
        probe(film, LIMITS, want="sound")
    with pytest.raises(NoVideoStream):
        probe(song, LIMITS, want="video")
    assert probe(song, LIMITS).video is None


def test_a_codec_that_is_not_accepted_is_named(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", Film(codec="ffv1"))
    with pytest.raises(UnsupportedMedia, match="video codec 'ffv1'") as caught:
        probe(path, LIMITS, want="video")
    assert "h264" in caught.value.accepted


def test_a_picture_beyond_the_limit_is_refused_with_its_size(tmp_path: Path) -> None:
    limits = MediaLimits(max_duration_s=3600, max_pixels=64 * 48 - 1)
    for name, codec in (("a.mp4", "libx264"), ("a.webm", "libvpx-vp9"), ("a.avi", "mjpeg")):
        pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        path = write_video(tmp_path / name, Film(size=(64, 48), codec=codec, pixel_format=pixel_format))
        with pytest.raises(PictureTooLarge) as caught:
            probe(path, limits)
        assert (caught.value.width, caught.value.height) == (64, 48)


def test_limits_on_duration_and_streams_hold(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=3, with_sound=True))
    with pytest.raises(MediaTooLong):
        probe(path, MediaLimits(max_duration_s=2))
    with pytest.raises(UnreadableMedia, match="2 streams"):
        probe(path, MediaLimits(max_duration_s=3600, max_streams=1))


def test_a_moment_of_sound_is_too_short(tmp_path: Path) -> None:
    with pytest.raises(MediaTooShort):
        probe(write_sound(tmp_path / "click.wav", seconds=0.05, codec="pcm_s16le"), LIMITS, want="sound")


def test_text_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia):
        probe(write_text(tmp_path / "text.mp4"), LIMITS)
