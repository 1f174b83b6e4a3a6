import librosa
import numpy as np
import pytest
import torch

from app.domain import Float32Array
from app.encoders.rhythm import lags_of, onset_envelope, periodicity, tempo_bpm, tempo_filters, tempo_grid
from app.encoders.spectra import decibels, mel_filters, power_spectra, within_top
from tests.encoders.checkpoints import RATE_HZ
from tests.encoders.sounds import clicks, noise, tones


def levels_of(*sounds: Float32Array) -> torch.Tensor:
    filters = torch.from_numpy(mel_filters(RATE_HZ, 40)).float()
    return within_top(decibels(power_spectra(torch.from_numpy(np.stack(sounds)), torch.hann_window(2048)) @ filters))


def tempo_of(*sounds: Float32Array) -> float | None:
    return tempo_bpm(periodicity(onset_envelope(levels_of(*sounds))).mean(dim=0).numpy(), RATE_HZ)


@pytest.mark.parametrize("sound", [noise(), clicks(100.0), tones([220.0, 440.0])], ids=["noise", "clicks", "tone"])
def test_onset_strength_is_librosas(sound: Float32Array) -> None:
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE_HZ, n_mels=40, center=False)
    expected = librosa.onset.onset_strength(S=librosa.power_to_db(mel), sr=RATE_HZ, center=False)
    # librosa begins with a 0 where there is no frame before.
    np.testing.assert_allclose(onset_envelope(levels_of(sound))[0].numpy(), expected[1:], atol=1e-3)


def test_periodicity_is_librosas_autocorrelation_by_the_number_of_products() -> None:
    envelope = onset_envelope(levels_of(clicks(120.0, first_s=0.1), noise()))
    centred = (envelope - envelope.mean(dim=1, keepdim=True)).numpy()
    count = centred.shape[1]
    raw = librosa.autocorrelate(centred, axis=-1)
    unbiased = raw * count / np.arange(count, 0, -1)
    expected = unbiased / (raw[:, :1] + count * 0.05**2)
    np.testing.assert_allclose(periodicity(envelope).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("bpm", [60, 80, 97, 120, 133, 150, 172])
def test_the_tempo_of_clicks_is_found_within_three_percent(bpm: float) -> None:
    rng = np.random.default_rng(int(bpm))
    found = tempo_of(*(clicks(bpm, first_s=rng.uniform(0, 0.7)) for _ in range(8)))
    assert found == pytest.approx(bpm, rel=0.03)


def test_a_very_fast_beat_is_heard_at_half_its_tempo_as_people_would_tap_it() -> None:
    assert tempo_of(*(clicks(230.0, first_s=0.03 * i) for i in range(8))) == pytest.approx(115.0, rel=0.03)


@pytest.mark.parametrize(
    "sounds",
    [[noise(seed) for seed in range(8)], [tones([220.0])], [np.zeros_like(noise())]],
    ids=["noise", "tone", "silence"],
)
def test_sound_without_a_beat_has_no_tempo(sounds: list[Float32Array]) -> None:
    assert tempo_of(*sounds) is None


def test_each_tempo_filter_sums_to_one_around_its_own_lag() -> None:
    filters = tempo_filters(RATE_HZ, 124, 20)
    np.testing.assert_allclose(filters.sum(axis=0), 1.0)
    assert not filters[0].any()
    centres = np.exp(np.log(np.arange(1, 124)) @ filters[1:])
    np.testing.assert_allclose(centres, lags_of(tempo_grid(20), RATE_HZ), rtol=0.03)


def test_the_lag_of_a_beat_is_counted_in_frames() -> None:
    assert lags_of(np.array([60.0]), RATE_HZ)[0] == pytest.approx(RATE_HZ / 512)
