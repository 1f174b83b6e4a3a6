import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from app.domain import Float32Array, MediaLimits
from app.errors import NoAudioStream, SilentAudio, UnreadableMedia
from app.media.sound import read_sound, sample_windows
from tests.media_files import Film, garble, tone, truncate, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=3600)
RATE_HZ = 22_050


def noise(seconds: float, *, rate_hz: int = RATE_HZ, seed: int = 0) -> Float32Array:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate_hz)).astype(np.float32)


def windows(path: Path, starts_s: list[float], *, window_samples: int = 4096) -> Float32Array:
    return sample_windows(path, starts_s, rate_hz=RATE_HZ, window_samples=window_samples, limits=LIMITS).windows


def loudness(path: Path) -> float | None:
    return sample_windows(path, [0.0], rate_hz=RATE_HZ, window_samples=10, limits=LIMITS).loudness_lufs


def peaks(path: Path) -> Float32Array:
    return sample_windows(path, [0.0], rate_hz=RATE_HZ, window_samples=10, limits=LIMITS).peaks


def pitch_hz(samples: Float32Array, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate_hz / len(samples))


def test_windows_start_exactly_at_their_sample(tmp_path: Path) -> None:
    sound = noise(10)
    path = write_sound(tmp_path / "a.wav", codec="pcm_f32le", rate_hz=RATE_HZ, samples=sound)
    starts_s = [7.5, 0.0, 3.00007, 9.0]
    for window, start_s in zip(windows(path, starts_s), starts_s, strict=True):
        start = round(start_s * RATE_HZ)
        assert np.abs(window - sound[start : start + 4096]).max() < 1e-6


def test_windows_may_be_longer_than_what_is_decoded_at_a_time_and_may_overlap(tmp_path: Path) -> None:
    sound = noise(12)
    path = write_sound(tmp_path / "a.wav", codec="pcm_f32le", rate_hz=RATE_HZ, samples=sound)
    cut = windows(path, [1.0, 2.0], window_samples=8 * RATE_HZ)
    assert np.abs(cut[0] - sound[RATE_HZ : 9 * RATE_HZ]).max() < 1e-6
    assert np.abs(cut[1] - sound[2 * RATE_HZ : 10 * RATE_HZ]).max() < 1e-6


def test_beyond_the_end_there_are_zeros(tmp_path: Path) -> None:
    sound = noise(1)
    path = write_sound(tmp_path / "a.flac", codec="flac", rate_hz=RATE_HZ, samples=sound)
    cut = windows(path, [0.9, 5.0])
    assert np.abs(cut[0, :2205] - sound[-2205:]).max() < 1e-3
    assert not cut[0, 2205:].any()
    assert not cut[1].any()


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.mp3", "libmp3lame", 44_100),
        ("a.m4a", "aac", 44_100),
        ("b.m4a", "alac", 44_100),
        ("a.flac", "flac", 96_000),
        ("a.ogg", "vorbis", 44_100),
        ("a.opus", "opus", 48_000),
        ("a.wma", "wmav2", 44_100),
        ("a.aiff", "pcm_s16be", 44_100),
        ("a.wav", "pcm_f64le", 8_000),
    ],
)
def test_every_kind_of_file_gives_its_tone_at_the_rate_asked_for(
    tmp_path: Path, name: str, codec: str, rate_hz: int
) -> None:
    path = write_sound(tmp_path / name, seconds=3, codec=codec, rate_hz=rate_hz, channels=2)
    sound = read_sound(path, 16_000, limits=LIMITS)
    assert sound.rate_hz == 16_000
    assert sound.samples.dtype == np.float32
    assert len(sound.samples) == pytest.approx(48_000, abs=1500)
    assert pitch_hz(sound.samples[8000:40_000], 16_000) == pytest.approx(440, abs=1)
    assert np.abs(sound.samples[8000:40_000]).max() == pytest.approx(0.5, abs=0.03)


def test_an_encoders_padding_is_left_out(tmp_path: Path) -> None:
    click = np.zeros(44_100, np.float32)
    click[22_050:22_060] = 0.9
    for name, codec in (("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.opus", "opus")):
        rate_hz = 48_000 if codec == "opus" else 44_100
        path = write_sound(tmp_path / name, codec=codec, rate_hz=rate_hz, samples=click)
        heard = read_sound(path, rate_hz, limits=LIMITS).samples
        assert int(np.argmax(np.abs(heard))) == pytest.approx(22_055, abs=12)


def test_the_sound_of_a_video_can_be_read(tmp_path: Path) -> None:
    sound = read_sound(write_video(tmp_path / "clip.mp4", Film(with_sound=True)), 8_000, limits=LIMITS)
    assert pitch_hz(sound.samples[2000:14_000], 8_000) == pytest.approx(440, abs=1)


def test_the_same_file_gives_the_same_samples(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", seconds=5, codec="libmp3lame", channels=2)
    assert np.array_equal(windows(path, [0.0, 2.0]), windows(path, [0.0, 2.0]))
    assert np.array_equal(windows(path, [2.0, 4.0])[0], windows(path, [0.0, 2.0])[1])


def test_loudness_is_that_of_the_whole_file_in_its_own_channels(tmp_path: Path) -> None:
    level = tone(10, frequency_hz=1000.0, amplitude=10 ** (-23 / 20))
    stereo = write_sound(tmp_path / "a.flac", samples=np.stack([level, level]))
    one_sided = write_sound(tmp_path / "b.flac", samples=np.stack([level, np.zeros_like(level)]))
    assert loudness(stereo) == pytest.approx(-23, abs=0.1)
    assert loudness(one_sided) == pytest.approx(-26, abs=0.1)


def test_peaks_outline_the_whole_file(tmp_path: Path) -> None:
    rising = np.concatenate([tone(2.0, amplitude=level) for level in (0.1, 0.2, 0.8, 0.0)])
    found = peaks(write_sound(tmp_path / "rising.flac", samples=rising))
    assert found.shape == (2000,)
    assert found.dtype == np.float32
    # 3 ms of a part need not hold the crest of the wave.
    levels = found.reshape(4, 500)[:, 5:-5].max(axis=1)
    assert levels == pytest.approx([0.1, 0.2, 0.8, 0.0], abs=0.02)


def test_peaks_are_those_of_the_last_hearing_where_a_file_is_heard_twice(tmp_path: Path) -> None:
    sound = tone(2)
    opposite = write_sound(tmp_path / "a.wav", codec="pcm_f32le", samples=np.stack([sound, -sound]))
    assert peaks(opposite).max() == pytest.approx(0.5, abs=0.01)
    broken = np.concatenate([np.zeros(4 * RATE_HZ, np.float32), tone(1, rate_hz=RATE_HZ, amplitude=0.25)])
    broken[-100] = np.nan
    damaged = write_sound(tmp_path / "b.wav", codec="pcm_f32le", rate_hz=RATE_HZ, samples=broken)
    found = peaks(damaged)
    assert found.max() == pytest.approx(0.25, abs=0.01)
    assert not found[:1590].any()


def test_silence_from_beginning_to_end_is_an_error(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", codec="libmp3lame", samples=np.zeros((2, 44_100), np.float32))
    with pytest.raises(SilentAudio):
        read_sound(path, RATE_HZ, limits=LIMITS)
    with pytest.raises(SilentAudio):
        windows(path, [0.0])


def test_a_whisper_between_silences_is_none(tmp_path: Path) -> None:
    whisper = np.concatenate([np.zeros(44_100), tone(0.1, amplitude=0.001), np.zeros(44_100)]).astype(np.float32)
    assert len(read_sound(write_sound(tmp_path / "a.flac", samples=whisper), RATE_HZ, limits=LIMITS).samples)


def test_channels_that_cancel_each_other_are_not_silence(tmp_path: Path) -> None:
    sound = tone(2)
    path = write_sound(tmp_path / "a.wav", codec="pcm_f32le", samples=np.stack([sound, -sound]))
    assert np.abs(windows(path, [0.5])).max() == pytest.approx(0.5, abs=0.01)
    assert loudness(path) is not None


def test_samples_that_are_no_numbers_are_silenced_and_spoil_nothing_else(tmp_path: Path) -> None:
    sound = tone(5, rate_hz=RATE_HZ, frequency_hz=1000.0, amplitude=10 ** (-23 / 20))
    broken = sound.copy()
    broken[RATE_HZ] = np.nan
    broken[RATE_HZ + 7] = np.inf
    broken[RATE_HZ + 9] = 1e30
    path = write_sound(tmp_path / "a.wav", codec="pcm_f32le", rate_hz=RATE_HZ, samples=np.stack([broken, broken]))
    heard = read_sound(path, RATE_HZ, limits=LIMITS).samples
    assert np.isfinite(heard).all()
    assert np.abs(heard[2 * RATE_HZ :] - sound[2 * RATE_HZ :]).max() < 1e-6
    assert loudness(path) == pytest.approx(-23, abs=0.1)


def test_a_file_that_changes_its_form_midway_is_heard_to_the_end(tmp_path: Path) -> None:
    first = write_sound(tmp_path / "a.aac", seconds=2, codec="aac", rate_hz=44_100, channels=1)
    second = write_sound(tmp_path / "b.aac", seconds=2, codec="aac", rate_hz=22_050, channels=2)
    both = tmp_path / "both.aac"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    sound = read_sound(both, 16_000, limits=LIMITS).samples
    assert len(sound) == pytest.approx(4 * 16_000, rel=0.05)
    assert pitch_hz(sound[-24_000:-8000], 16_000) == pytest.approx(440, abs=1)


def test_a_damaged_stretch_costs_only_itself(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", seconds=20, codec="libmp3lame")
    sound = read_sound(garble(path, start=0.4, end=0.5), 16_000, limits=LIMITS).samples
    assert len(sound) > 16 * 16_000
    for part in (sound[:96_000], sound[-96_000:-8000]):
        assert pitch_hz(part, 16_000) == pytest.approx(440, abs=1)


def test_a_file_of_which_almost_nothing_decodes_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="of its sound can be decoded"):
        read_sound(garble(write_sound(tmp_path / "a.m4a", codec="aac"), start=0.01, end=0.9), RATE_HZ, limits=LIMITS)
    path = write_sound(tmp_path / "a.flac", seconds=30, samples=noise(30, rate_hz=44_100))
    with pytest.raises(UnreadableMedia, match="of its sound can be decoded"):
        read_sound(truncate(path, 0.05), RATE_HZ, limits=LIMITS)


def test_a_video_without_sound_has_none_to_read(tmp_path: Path) -> None:
    with pytest.raises(NoAudioStream):
        windows(write_video(tmp_path / "clip.mp4"), [0.0])


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", seconds=300, codec="pcm_s16le", rate_hz=8_000)
    tracemalloc.start()
    sample_windows(path, [0.0, 290.0], rate_hz=RATE_HZ, window_samples=1000, limits=LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The whole would be 26 MB.
    assert peak < 3_000_000
