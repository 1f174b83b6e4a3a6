from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import MediaLimits
from app.errors import NoAudioStream, NoVideoStream
from app.media.previews import preview_sound, preview_video
from app.media.probe import probe
from app.media.source_streams import source_streams
from tests.media.films import click_at, ffmpeg, film_with_sound, frequency_of_second, in_steps, noise
from tests.media.measured import RATE_HZ, heard, main_frequency_hz, picture_packets, pictures
from tests.media_files import Film, frame_number, tone, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=3600)


def preview(make: object, path: Path) -> tuple[str | None, Path]:
    output = path.with_name("output")
    output.write_bytes(b"")
    assert make in (preview_sound, preview_video)
    find = preview_sound if make is preview_sound else preview_video
    return find(path, output, limits=LIMITS), output


def has_its_index_first(path: Path) -> bool:
    content = path.read_bytes()
    return content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(
    ("name", "codec", "media_type"),
    [
        ("a.mp3", "libmp3lame", "audio/mpeg"),
        ("a.m4a", "aac", "audio/mp4"),
    ],
)
def test_a_small_track_that_every_browser_plays_is_its_own_preview(
    tmp_path: Path, name: str, codec: str, media_type: str
) -> None:
    found, output = preview(preview_sound, write_sound(tmp_path / name, codec=codec))
    assert found == media_type
    assert output.read_bytes() == b""


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.ogg", "libvorbis"),
        ("a.opus", "libopus"),
        ("a.m4a", "alac"),
        ("a.wma", "wmav2"),
        ("a.wav", "pcm_s16le"),
        ("a.wav", "pcm_s24le"),
        ("a.flac", "flac"),
        ("a.aiff", "pcm_s16be"),
    ],
)
def test_any_other_track_becomes_aac_that_plays_from_the_first_bytes_and_lasts_as_long(
    tmp_path: Path, name: str, codec: str
) -> None:
    whole = write_sound(tmp_path / "whole.wav", codec="pcm_s16le", rate_hz=44_100, samples=in_steps(3, rate_hz=44_100))
    ffmpeg("-i", whole, "-c:a", codec, tmp_path / name)
    found, output = preview(preview_sound, tmp_path / name)
    assert found is None
    info = probe(output, LIMITS, want="sound")
    assert info.sound is not None
    assert (info.container, info.sound.codec, info.video) == ("mp4", "aac", None)
    assert info.duration_s == pytest.approx(3.0, abs=0.06)
    assert has_its_index_first(output)
    for second in range(3):
        part = heard(output).between(second + 0.1, second + 0.9)
        assert main_frequency_hz(part) == pytest.approx(frequency_of_second(second), abs=5)


@pytest.mark.parametrize(("rate_hz", "channels", "expected"), [(8000, 1, (48_000, 1)), (96_000, 6, (48_000, 2))])
def test_sound_of_an_unusual_form_becomes_usual(
    tmp_path: Path, rate_hz: int, channels: int, expected: tuple[int, int]
) -> None:
    samples = tone(1, rate_hz=rate_hz, frequency_hz=1000, amplitude=0.3)
    track = write_sound(tmp_path / "a.wav", codec="pcm_s24le", rate_hz=rate_hz, channels=channels, samples=samples)
    _, output = preview(preview_sound, track)
    sound = probe(output, LIMITS, want="sound").sound
    assert sound is not None
    assert (sound.rate_hz, sound.channels) == expected
    assert main_frequency_hz(heard(output).between(0.1, 0.9)) == pytest.approx(1000, abs=2)


def test_of_a_film_as_a_track_only_the_sound_is_taken_and_not_coded_again(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path / "a.mp4", Film(2), noise(2))
    found, output = preview(preview_sound, film)
    assert found is None
    assert probe(output, LIMITS).video is None
    assert np.array_equal(heard(output).samples, heard(film).samples)


@pytest.mark.parametrize(
    ("name", "codec", "sound", "media_type"),
    [
        ("a.mp4", "libx264", ("-c:a", "aac"), "video/mp4"),
        ("a.mp4", "libx264", ("-c:a", "libmp3lame"), "video/mp4"),
        ("a.webm", "libvpx", ("-c:a", "libvorbis"), "video/webm"),
        ("a.webm", "libvpx-vp9", ("-c:a", "libopus"), "video/webm"),
    ],
)
def test_a_video_that_every_browser_plays_is_its_own_preview(
    tmp_path: Path, name: str, codec: str, sound: tuple[str, ...], media_type: str
) -> None:
    found, _ = preview(preview_video, film_with_sound(tmp_path / name, Film(1, codec=codec), noise(1), sound=sound))
    assert found == media_type


@pytest.mark.parametrize("name", ["a.mov", "a.mkv", "a.ts"])
def test_h264_in_another_container_is_not_coded_again(tmp_path: Path, name: str) -> None:
    film = film_with_sound(tmp_path / name, Film(2, b_frames=2), click_at(1.0, 2.0), sound=("-c:a", "ac3"))
    found, output = preview(preview_video, film)
    assert found is None
    before, after = ([frame_number(picture) for _, picture in pictures(path)] for path in (film, output))
    assert after == before
    if name != "a.ts":
        assert [packet for _, packet in picture_packets(output)] == [packet for _, packet in picture_packets(film)]
    sound = heard(output)
    click_s = sound.start_s + float(np.argmax(np.abs(sound.samples[0]) > 0.05)) / RATE_HZ
    assert click_s - pictures(output)[0][0] == pytest.approx(1.0, abs=0.03)
    assert probe(output, LIMITS).sound == replace(probe(film, LIMITS).sound, codec="aac")  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("film", "size"),
    [
        (Film(1, codec="libx265", size=(1920, 1080)), (1280, 720)),
        (Film(1, codec="libx265", size=(320, 240), rotation=90), (240, 320)),
        (Film(1, codec="mpeg4", size=(322, 181)), (322, 180)),
        (Film(1, codec="libx264", pixel_format="yuv444p", size=(321, 240)), (320, 240)),
        (Film(1, codec="libx264", pixel_format="yuv420p10le", size=(320, 240)), (320, 240)),
    ],
)
def test_a_video_that_few_browsers_play_becomes_small_upright_h264(
    tmp_path: Path, film: Film, size: tuple[int, int]
) -> None:
    video = write_video(tmp_path / "a.mp4", film)
    found, output = preview(preview_video, video)
    assert found is None
    made = source_streams(output, LIMITS, want="video")
    assert made.info.video is not None
    assert (made.info.video.codec, made.pixel_format) == ("h264", "yuv420p")
    assert (made.info.video.width, made.info.video.height) == size
    assert made.info.video.rotation_degrees == 0
    assert made.info.duration_s == pytest.approx(1.0, abs=0.1)
    assert has_its_index_first(output)
    shown = [frame_number(picture) for _, picture in pictures(output)]
    assert shown == list(range(10)) or film.rotation


def test_a_claim_of_a_thousand_pictures_a_second_does_not_make_so_many(tmp_path: Path) -> None:
    film = Film(0.05, codec="mpeg4", frames_per_second=1000, timing=lambda index: 40 * index + index % 3)
    video = write_video(tmp_path / "a.mkv", film)
    _, output = preview(preview_video, video)
    assert 25 <= len(pictures(output)) <= 2 * 60
    assert source_streams(output, LIMITS, want="video").info.duration_s == pytest.approx(2.0, abs=0.2)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        preview(preview_video, write_sound(tmp_path / "a.flac"))
    with pytest.raises(NoAudioStream):
        preview(preview_sound, write_video(tmp_path / "a.mp4"))
