import numpy as np
import pytest

from app.domain import Float32Array
from app.media.peaks import MOST_BLOCKS, Peaks


def heard(sound: Float32Array, *, chunk: int = 65_536) -> Peaks:
    peaks = Peaks()
    for first in range(0, len(sound), chunk):
        peaks.hear(sound[first : first + chunk])
    return peaks


def noise(samples: int) -> Float32Array:
    return np.random.default_rng(samples).uniform(-1, 1, samples).astype(np.float32)


def test_every_part_has_its_greatest_magnitude() -> None:
    sound = noise(40_000)
    expected = np.abs(sound).reshape(100, 400).max(axis=1)
    np.testing.assert_array_equal(heard(sound).found(100), expected)


@pytest.mark.parametrize("chunk", [65_536, 10_007, 997])
def test_a_sound_longer_than_what_is_kept_has_its_peaks_where_they_are(chunk: int) -> None:
    sound = noise(10 * MOST_BLOCKS + 77) * np.float32(0.1)
    places = np.array([0, 123_456, 300_000, len(sound) - 1])
    sound[places] = (0.5, -0.9, 0.7, -0.8)
    found = heard(sound, chunk=chunk).found()
    loud = np.flatnonzero(found > 0.2)
    assert set(places * 2000 // len(sound)) <= set(loud.tolist())
    # A peak on a border is in both parts.
    assert len(loud) <= 2 * len(places)
    assert found[[0, -1]].tolist() == pytest.approx([0.5, 0.8])


@pytest.mark.parametrize("samples", [64_007, 1, 1999, 2001, 65_537])
def test_a_sound_of_any_length_has_its_last_sample_in_the_last_part(samples: int) -> None:
    sound = np.zeros(samples, np.float32)
    sound[-1] = 0.5
    found = heard(sound).found()
    assert found.shape == (2000,)
    assert found[-1] == 0.5


def test_a_sound_of_few_samples_has_as_many_parts_all_the_same() -> None:
    found = heard(np.array([0.1, -0.2, 0.3], np.float32)).found(7)
    assert found.tolist() == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.3])


def test_what_goes_beyond_full_scale_is_full_scale() -> None:
    assert heard(np.array([-1.5, 0.25], np.float32)).found(2).tolist() == [1.0, 0.25]


def test_where_nothing_was_heard_there_is_no_peak() -> None:
    assert not Peaks().found(4).any()
