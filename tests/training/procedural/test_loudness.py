import numpy as np
import pytest

from training.procedural.loudness import loudness_lufs

RATE_HZ = 48_000


def _sine(level_db: float, hz: float, seconds: float = 6.0) -> np.typing.NDArray[np.float32]:
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def test_a_stereo_sine_of_1_khz_at_minus_23_dbfs_measures_minus_23_lufs() -> None:
    # EBU Tech 3341, test signal 1.
    assert loudness_lufs(np.stack([_sine(-23, 1000)] * 2), rate_hz=RATE_HZ) == pytest.approx(-23.0, abs=0.1)


def test_one_channel_of_it_is_3_lu_softer() -> None:
    assert loudness_lufs(_sine(-23, 1000), rate_hz=RATE_HZ) == pytest.approx(-26.0, abs=0.1)


def test_lows_count_less_than_highs() -> None:
    low, high = loudness_lufs(_sine(-20, 50), rate_hz=RATE_HZ), loudness_lufs(_sine(-20, 5000), rate_hz=RATE_HZ)
    assert low is not None
    assert high is not None
    assert high > low + 4


def test_silence_around_music_is_gated_away() -> None:
    # EBU Tech 3341, test signal 3 in spirit: the soft parts lie below the relative gate.
    music = _sine(-23, 1000, 20)
    padded = np.concatenate([_sine(-60, 1000, 10), music, _sine(-60, 1000, 10)])
    assert loudness_lufs(np.stack([padded] * 2), rate_hz=RATE_HZ) == pytest.approx(-23.0, abs=0.2)


def test_silence_has_no_loudness() -> None:
    assert loudness_lufs(np.zeros(RATE_HZ, np.float32), rate_hz=RATE_HZ) is None
    assert loudness_lufs(np.zeros(10, np.float32), rate_hz=RATE_HZ) is None
