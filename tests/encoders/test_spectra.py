"""Every figure against librosa, on sounds with and without pitch and rhythm."""

import librosa
import numpy as np
import pytest
import torch

from app.domain import Float32Array
from app.encoders.spectra import (
    chroma_filters,
    decibels,
    frame_count,
    mel_centres,
    mel_filters,
    power_spectra,
    within_top,
)
from tests.encoders.checkpoints import RATE_HZ, WINDOW_SAMPLES
from tests.encoders.sounds import clicks, noise, tones

SOUNDS = {
    "noise": noise(),
    "chord": tones([220.0, 277.2, 329.6]),
    "clicks": clicks(120.0),
    "sweep": librosa.chirp(fmin=40, fmax=10_000, sr=RATE_HZ, length=WINDOW_SAMPLES).astype(np.float32),
}


def spectra_of(sound: Float32Array) -> torch.Tensor:
    return power_spectra(torch.from_numpy(sound)[None], torch.hann_window(2048))


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS.keys())
def test_power_spectra_are_librosas(sound: Float32Array) -> None:
    expected = np.abs(librosa.stft(sound, center=False)) ** 2
    found = spectra_of(sound)[0].T.numpy()
    assert found.shape == expected.shape == (1025, frame_count(WINDOW_SAMPLES))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * expected.max())


@pytest.mark.parametrize(("rate_hz", "bands"), [(22_050, 40), (22_050, 128), (16_000, 64), (44_100, 40)])
def test_mel_filters_are_librosas(rate_hz: int, bands: int) -> None:
    expected = librosa.filters.mel(sr=rate_hz, n_fft=2048, n_mels=bands).T
    np.testing.assert_allclose(mel_filters(rate_hz, bands), expected, atol=1e-8)


def test_mel_centres_are_librosas() -> None:
    np.testing.assert_allclose(mel_centres(RATE_HZ, 40), librosa.mel_frequencies(42, fmax=RATE_HZ / 2)[1:-1], rtol=1e-9)


@pytest.mark.parametrize("rate_hz", [22_050, 16_000, 44_100])
def test_chroma_filters_are_librosas(rate_hz: int) -> None:
    expected = librosa.filters.chroma(sr=rate_hz, n_fft=2048, tuning=0.0).T
    np.testing.assert_allclose(chroma_filters(rate_hz), expected, atol=1e-6)


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS.keys())
def test_log_mel_spectrograms_are_librosas(sound: Float32Array) -> None:
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE_HZ, n_mels=40, center=False)
    filters = torch.from_numpy(mel_filters(RATE_HZ, 40)).float()
    found = within_top(decibels(spectra_of(sound) @ filters))[0].T.numpy()
    np.testing.assert_allclose(found, librosa.power_to_db(mel), atol=2e-2)


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS.keys())
def test_chromagrams_are_librosas(sound: Float32Array) -> None:
    expected = librosa.feature.chroma_stft(y=sound, sr=RATE_HZ, tuning=0.0, center=False)
    chroma = (spectra_of(sound) @ torch.from_numpy(chroma_filters(RATE_HZ)).float())[0].T.numpy()
    np.testing.assert_allclose(chroma / chroma.max(axis=0), expected, atol=1e-4)


def test_silence_has_a_level_and_no_nan() -> None:
    level = within_top(decibels(spectra_of(np.zeros(WINDOW_SAMPLES, np.float32))))
    assert level.unique().tolist() == [-100.0]


def test_a_louder_window_does_not_lift_its_neighbour() -> None:
    level_WFM = torch.tensor([[[0.0, -200.0]], [[-100.0, -150.0]]])
    assert within_top(level_WFM).tolist() == [[[0.0, -80.0]], [[-100.0, -150.0]]]
