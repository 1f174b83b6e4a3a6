"""Whole renderings with real ffmpeg, measured in the file that came out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.domain import MediaLimits
from app.errors import DiskFull, MediaTooLong, NoAudioStream, NotReady, NoVideoStream
from app.media.ffmpeg import Stopped
from app.media.probe import probe
from app.media.rendering import RenderOrder, render
from tests.disk_limits import files_at_most
from tests.media.films import ffmpeg, film_with_sound, frequency_of_second, in_steps, noise, speech
from tests.media.measured import (
    RATE_HZ,
    heard,
    level_at,
    loudness,
    main_frequency_hz,
    picture_packets,
)
from tests.media.rendered import LIMITS, PLAIN, rendered
from tests.media_files import Film, tone, write_sound, write_video


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A track of 12 s, with another tone in each second."""
    return write_sound(tmp_path / "steps.wav", codec="pcm_s16le", rate_hz=RATE_HZ, samples=in_steps(12))


@pytest.mark.parametrize(
    ("name", "film", "suffix", "sound_codec"),
    [
        ("a.mp4", Film(4, codec="libx264", b_frames=2), ".mp4", "aac"),
        ("a.mov", Film(4, codec="libx264"), ".mov", "aac"),
        ("a.mkv", Film(4, codec="libx264", b_frames=2), ".mkv", "opus"),
        ("a.webm", Film(4, codec="libvpx"), ".webm", "opus"),
        ("b.mp4", Film(4, codec="libx265"), ".mp4", "aac"),
        ("b.webm", Film(4, codec="libvpx-vp9"), ".webm", "opus"),
    ],
)
def test_the_picture_is_copied_and_the_sound_is_as_loud_as_players_expect(
    tmp_path: Path, steps: Path, name: str, film: Film, suffix: str, sound_codec: str
) -> None:
    sound = ("-c:a", "libopus") if name.endswith("webm") else ("-c:a", "aac")
    video = film_with_sound(tmp_path / name, film, noise(4), sound=sound)
    made, output = rendered(video, steps, replace(PLAIN, music_volume=0.5, fade_s=0.5))
    lufs, peak_dbtp = loudness(output)
    assert lufs == pytest.approx(-14, abs=0.5)
    assert peak_dbtp <= -1.0
    assert [packet for _, packet in picture_packets(output)] == [packet for _, packet in picture_packets(video)]
    assert (made.suffix, made.size_bytes) == (suffix, output.stat().st_size)
    assert made.loudness_lufs == pytest.approx(lufs, abs=0.1)
    before, after = probe(video, LIMITS), probe(output, LIMITS)
    assert after.container == before.container
    assert after.sound is not None
    assert (after.sound.codec, after.sound.rate_hz, after.sound.channels) == (sound_codec, 48_000, 2)
    assert heard(output).duration_s == pytest.approx(4.0, abs=0.03)
    assert after.duration_s == pytest.approx(4.0, abs=0.02)


def test_music_of_sudden_strokes_is_limited_and_still_as_loud(tmp_path: Path) -> None:
    samples = noise(6, amplitude=0.05)
    for start in range(0, len(samples), RATE_HZ // 2):
        samples[start : start + 300] = noise(300 / RATE_HZ, amplitude=0.6)
    track = write_sound(tmp_path / "strokes.flac", rate_hz=RATE_HZ, samples=samples)
    _, output = rendered(write_video(tmp_path / "a.mp4", Film(6)), track)
    lufs, peak_dbtp = loudness(output)
    assert lufs == pytest.approx(-14, abs=0.5)
    assert -3 < peak_dbtp <= -1.0


@pytest.mark.parametrize("start_s", [0.0, 3.0])
def test_what_is_too_low_to_be_heard_takes_no_loudness(tmp_path: Path, start_s: float) -> None:
    # As one of the recordings has it: quiet sound on a constant of half of full scale.
    quiet = noise(8, amplitude=0.01) + np.float32(0.46)
    track = write_sound(tmp_path / "low.flac", rate_hz=RATE_HZ, samples=quiet)
    made, output = rendered(write_video(tmp_path / "a.mp4", Film(5)), track, replace(PLAIN, start_s=start_s))
    lufs, peak_dbtp = loudness(output)
    assert lufs == pytest.approx(-14, abs=0.5)
    assert made.loudness_lufs == pytest.approx(lufs, abs=0.1)
    assert peak_dbtp <= -1.0
    assert abs(float(np.mean(heard(output).samples))) < 0.001


def test_the_music_begins_where_it_was_told_to(tmp_path: Path, steps: Path) -> None:
    _, output = rendered(write_video(tmp_path / "a.mp4", Film(3)), steps, replace(PLAIN, start_s=5.0))
    found = heard(output)
    for second in range(3):
        middle = found.between(second + 0.1, second + 0.9)
        assert main_frequency_hz(middle) == pytest.approx(frequency_of_second(5 + second), abs=5)
    # The tone changes on the second, to a few milliseconds.
    border = found.between(0.99 - 0.05, 0.99), found.between(1.01, 1.01 + 0.05)
    assert [main_frequency_hz(part) for part in border] == [pytest.approx(900, abs=20), pytest.approx(1000, abs=20)]


@pytest.mark.parametrize("name", ["steps.mp3", "steps.ogg", "steps.m4a", "steps.flac"])
def test_it_begins_there_in_whatever_file_the_music_is(tmp_path: Path, steps: Path, name: str) -> None:
    ffmpeg("-i", steps, *(["-c:a", "libvorbis"] if name.endswith("ogg") else []), tmp_path / name)
    video = write_video(tmp_path / "a.mp4", Film(2))
    _, output = rendered(video, tmp_path / name, replace(PLAIN, start_s=7.0))
    found = heard(output)
    parts = [found.between(0.02, 0.08), found.between(0.92, 0.98), found.between(1.02, 1.08)]
    assert [main_frequency_hz(part) for part in parts] == [
        pytest.approx(1100, abs=20),
        pytest.approx(1100, abs=20),
        pytest.approx(1200, abs=20),
    ]


@pytest.mark.parametrize("codec", ["wav", "mp3"])
def test_a_short_track_comes_again_from_its_beginning_without_a_seam(tmp_path: Path, codec: str) -> None:
    samples = tone(2.0, rate_hz=RATE_HZ, frequency_hz=500.0, amplitude=0.3)
    track = write_sound(tmp_path / "short.wav", codec="pcm_s16le", rate_hz=RATE_HZ, samples=samples)
    if codec == "mp3":
        ffmpeg("-i", track, "-b:a", "320k", tmp_path / "short.mp3")
    _, output = rendered(
        write_video(tmp_path / "a.mp4", Film(7)), tmp_path / f"short.{codec}", replace(PLAIN, start_s=0.5)
    )
    # A gap or a jump would show as other frequencies beside the tone.
    found = heard(output).between(0.1, 6.9)
    rest = found - _only(found, 500.0)
    assert 20 * np.log10(np.abs(rest).max() / np.abs(found).max()) < -30


def test_a_track_that_must_begin_again_goes_on_with_its_first_second(tmp_path: Path, steps: Path) -> None:
    _, output = rendered(write_video(tmp_path / "a.mp4", Film(4)), steps, replace(PLAIN, start_s=10.0))
    found = heard(output)
    frequencies = [main_frequency_hz(found.between(second + 0.1, second + 0.9)) for second in range(4)]
    expected = [frequency_of_second(second) for second in (10, 11, 0, 1)]
    assert frequencies == [pytest.approx(frequency, abs=5) for frequency in expected]


@pytest.mark.parametrize(("asked_s", "faded_s"), [(1.0, 1.0), (30.0, 2.0)])
def test_the_music_is_faded_in_and_out_over_half_of_the_video_at_most(
    tmp_path: Path, asked_s: float, faded_s: float
) -> None:
    track = write_sound(tmp_path / "a.flac", samples=tone(9.0, amplitude=0.3))
    _, output = rendered(write_video(tmp_path / "a.mp4", Film(4)), track, replace(PLAIN, fade_s=asked_s))
    found = heard(output)
    full = level_at(found.between(1.95, 2.05), 440)
    for middle_s in (faded_s / 2, 4 - faded_s / 2):
        assert level_at(found.between(middle_s - 0.05, middle_s + 0.05), 440) - full == pytest.approx(-6, abs=1)
    assert level_at(found.between(0.0, 0.04), 440) < full - 20


def test_music_yields_while_somebody_speaks_and_only_then(tmp_path: Path) -> None:
    spoken = np.concatenate([speech(2), np.zeros(2 * RATE_HZ, np.float32)])
    video = film_with_sound(tmp_path / "a.mp4", Film(4), spoken)
    # A tone that speech has not, so that it can be told from it.
    hum = tone(4, rate_hz=RATE_HZ, frequency_hz=12_000, amplitude=0.1)
    track = write_sound(tmp_path / "a.wav", codec="pcm_s16le", rate_hz=RATE_HZ, samples=hum)
    yielding = []
    for duck in (False, True):
        found = heard(rendered(video, track, replace(PLAIN, duck=duck))[1])
        yielding.append(level_at(found.between(3.4, 3.9), 12_000) - level_at(found.between(0.5, 1.8), 12_000))
    assert yielding[0] == pytest.approx(0, abs=1)
    assert 8 < yielding[1] < 14


def test_the_original_sound_is_mixed_at_its_volume_and_muted_at_none(tmp_path: Path) -> None:
    video = film_with_sound(tmp_path / "a.mp4", Film(2), tone(2, rate_hz=RATE_HZ, frequency_hz=500, amplitude=0.2))
    track = write_sound(tmp_path / "a.flac", samples=tone(2, frequency_hz=2000, amplitude=0.2))
    above = []
    for volume in (1.0, 0.5, 0.0):
        found = heard(rendered(video, track, replace(PLAIN, video_volume=volume))[1]).between(0.5, 1.5)
        above.append(level_at(found, 500) - level_at(found, 2000))
    # Mono at full scale is 3 dB less on either side of stereo, for both.
    assert above[0] == pytest.approx(0, abs=0.5)
    assert above[1] == pytest.approx(-6, abs=0.5)
    assert above[2] < -50


def test_music_may_be_muted_too_and_silence_is_left_alone(tmp_path: Path, steps: Path) -> None:
    video = film_with_sound(tmp_path / "a.mp4", Film(2), noise(2))
    made, output = rendered(video, steps, replace(PLAIN, video_volume=0.0, music_volume=0.0))
    assert made.loudness_lufs is None
    assert np.abs(heard(output).samples).max() < 1e-4
    made, output = rendered(video, steps, replace(PLAIN, music_volume=0.0))
    assert loudness(output)[0] == pytest.approx(-14, abs=0.5)


def test_a_video_that_is_too_short_to_measure_is_not_clipped(tmp_path: Path) -> None:
    track = write_sound(tmp_path / "a.wav", codec="pcm_s16le", samples=tone(2, amplitude=0.99))
    made, output = rendered(write_video(tmp_path / "a.mp4", Film(0.3)), track)
    assert made.loudness_lufs is None
    assert np.abs(heard(output).samples).max() < 10 ** (-1 / 20)


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 1), (22_050, 2), (48_000, 6)])
def test_sound_of_any_form_comes_out_in_tune(tmp_path: Path, rate_hz: int, channels: int) -> None:
    samples = tone(3, rate_hz=rate_hz, frequency_hz=1000, amplitude=0.3)
    track = write_sound(tmp_path / "a.flac", rate_hz=rate_hz, channels=channels, samples=samples)
    _, output = rendered(write_video(tmp_path / "a.mp4", Film(3)), track)
    assert main_frequency_hz(heard(output).between(0.5, 2.5)) == pytest.approx(1000, abs=1)
    assert loudness(output)[0] == pytest.approx(-14, abs=0.5)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda folder: (write_sound(folder / "v.flac"), write_sound(folder / "t.flac")), NoVideoStream),
        (lambda folder: (write_video(folder / "v.mp4"), write_video(folder / "t.mp4")), NoAudioStream),
    ],
)
def test_what_is_no_video_or_no_music_is_refused(
    tmp_path: Path, spoil: Callable[[Path], tuple[Path, Path]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        rendered(*spoil(tmp_path))


def test_what_lasts_too_long_is_refused_before_ffmpeg_sees_it(tmp_path: Path, steps: Path) -> None:
    order = RenderOrder(write_video(tmp_path / "a.mp4", Film(2)), steps, PLAIN, tmp_path / "output")
    with pytest.raises(MediaTooLong):
        render(order, video_limits=MediaLimits(1.0), track_limits=LIMITS, is_unwanted=lambda: False)


def test_a_rendering_that_nobody_wants_any_more_stops(tmp_path: Path, steps: Path) -> None:
    order = RenderOrder(write_video(tmp_path / "a.mp4", Film(2)), steps, PLAIN, tmp_path / "output")
    with pytest.raises(Stopped):
        render(order, video_limits=LIMITS, track_limits=LIMITS, is_unwanted=lambda: True)


def test_a_full_disk_is_named(tmp_path: Path, steps: Path) -> None:
    video = write_video(tmp_path / "a.mp4", Film(4, size=(640, 480)))
    with files_at_most(20_000), pytest.raises(DiskFull):
        rendered(video, steps)


def test_a_machine_without_ffmpeg_is_not_ready(tmp_path: Path, steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = write_video(tmp_path / "a.mp4", Film(2))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match="ffmpeg"):
        rendered(video, steps)


def _only(samples: NDArray[np.float32], frequency_hz: float) -> NDArray[np.float64]:
    """What a steady tone of this frequency has in them."""
    times_s = np.arange(len(samples)) / RATE_HZ
    waves = np.stack([np.sin(2 * np.pi * frequency_hz * times_s), np.cos(2 * np.pi * frequency_hz * times_s)], axis=1)
    parts, *_ = np.linalg.lstsq(waves, samples, rcond=None)
    only: NDArray[np.float64] = waves @ parts
    return only
