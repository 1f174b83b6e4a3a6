import numpy as np
import pytest

from app.domain import Float32Array
from training.procedural.tones import Timbre, pitch_hz, sound_of

RATE_HZ = 22_050


def _strongest_hz(sound: Float32Array) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE_HZ / len(sound))


@pytest.mark.parametrize("pitch", [45, 69, 93])
def test_a_tone_has_its_pitch(pitch: int) -> None:
    sound = sound_of(Timbre(), pitch, rate_hz=RATE_HZ, length_s=1.0)
    assert _strongest_hz(sound) == pytest.approx(pitch_hz(pitch), rel=0.01)
    assert pitch_hz(69) == 440.0


def test_it_is_the_sum_of_sinusoids_it_is_said_to_be() -> None:
    # Far beyond one block, where an error in the factors of the product would have added up.
    sound = sound_of(Timbre(harmonics=1, attack_s=0.0), 69, rate_hz=RATE_HZ, length_s=1.0)
    seconds = np.arange(len(sound)) / RATE_HZ
    basis = np.stack([np.sin(2 * np.pi * 440 * seconds), np.cos(2 * np.pi * 440 * seconds)])
    weights = np.linalg.lstsq(basis.T, sound, rcond=None)[0]
    assert np.abs(sound - weights @ basis)[10:].max() < 2e-3
    assert np.hypot(*weights) == pytest.approx(1.0, abs=0.01)


def test_a_struck_tone_fades_by_60_db_in_its_time_and_a_held_one_does_not() -> None:
    struck = sound_of(Timbre(harmonics=1, decay_s=1.0), 60, rate_hz=RATE_HZ, length_s=1.0)
    held = sound_of(Timbre(harmonics=1), 60, rate_hz=RATE_HZ, length_s=1.0)
    tenth = RATE_HZ // 10
    fall_db = 20 * np.log10(np.abs(struck[-tenth:]).max() / np.abs(struck[tenth : 2 * tenth]).max())
    assert fall_db == pytest.approx(-48, abs=2)
    assert np.abs(held[-tenth:]).max() == pytest.approx(np.abs(held[tenth : 2 * tenth]).max(), rel=0.05)


def test_nothing_folds_back_above_half_the_rate() -> None:
    high = sound_of(Timbre(harmonics=40, slope=0.0), 100, rate_hz=RATE_HZ, length_s=0.5)
    spectrum = np.abs(np.fft.rfft(high * np.hanning(len(high))))
    hz = np.fft.rfftfreq(len(high), 1 / RATE_HZ)
    harmonic = np.abs(hz / pitch_hz(100) - np.round(hz / pitch_hz(100))) * pitch_hz(100) < 20
    assert spectrum[~harmonic].max() < 0.01 * spectrum.max()


def test_the_two_sides_of_a_wide_tone_differ_and_each_is_the_same_every_time() -> None:
    timbre = Timbre(voices=3, detune_cents=8)
    left = sound_of(timbre, 60, rate_hz=RATE_HZ, length_s=0.3)
    right = sound_of(timbre, 60, rate_hz=RATE_HZ, length_s=0.3, side=1)
    assert np.array_equal(left, sound_of(timbre, 60, rate_hz=RATE_HZ, length_s=0.3))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.9


def test_breath_knock_and_vibrato_leave_the_pitch_where_it_is() -> None:
    sound = sound_of(Timbre(breath=0.05, knock=0.3, vibrato_cents=15), 69, rate_hz=RATE_HZ, length_s=1.0)
    assert np.isfinite(sound).all()
    assert _strongest_hz(sound) == pytest.approx(440, rel=0.02)
