from collections.abc import Sequence

import numpy as np
import pytest
import torch

from app.domain import Float32Array
from app.encoders.signal_music import FEATURE_NAMES, SignalMusic
from tests.encoders.checkpoints import RATE_HZ, WINDOW_SAMPLES
from tests.encoders.sounds import clicks, midi_hz, noise, tones

MAJOR_SCALE, MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


@pytest.fixture(scope="module")
def backbone() -> SignalMusic:
    return SignalMusic(rate_hz=RATE_HZ, window_samples=WINDOW_SAMPLES, device=torch.device("cpu"))


def measured(backbone: SignalMusic, sound: Float32Array) -> dict[str, float]:
    features, _ = backbone.measure(torch.from_numpy(sound)[None, None])
    return dict(zip(FEATURE_NAMES, features[0, 0].tolist(), strict=True))


def melody(scale: Sequence[int], tonic: int) -> Float32Array:
    """The notes of a scale, tonic triad twice as often, one after the other."""
    notes = [tonic + step for step in (*scale, scale[0], scale[2], scale[4], scale[0])]
    length = WINDOW_SAMPLES // len(notes)
    parts = [tones([midi_hz(note), 2 * midi_hz(note)])[:length] for note in notes]
    return np.resize(np.concatenate(parts), WINDOW_SAMPLES)


def test_features_have_one_column_a_name_and_keep_tracks_and_windows_apart(backbone: SignalMusic) -> None:
    sounds = [noise(), clicks(90.0), tones([330.0]), tones([100.0]), noise(4, 0.001), clicks(140.0)]
    windows_BSN = torch.from_numpy(np.stack(sounds)).unflatten(0, (2, 3))
    features, recurrence = backbone.measure(windows_BSN)
    assert features.shape == (2, 3, len(FEATURE_NAMES)) == (2, 3, backbone.feature_dim)
    assert recurrence.shape == (2, 124)
    assert features.isfinite().all()
    for number, sound in enumerate(sounds):
        alone = torch.tensor(list(measured(backbone, sound).values()))
        torch.testing.assert_close(features[number // 3, number % 3], alone, rtol=1e-4, atol=1e-4)


def test_names_are_not_used_twice() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


def test_loudness_is_in_decibels_of_full_scale(backbone: SignalMusic) -> None:
    quiet, loud = measured(backbone, noise(1, 0.01)), measured(backbone, noise(1, 0.1))
    assert loud["loudness_db_mean"] == pytest.approx(-20.0, abs=0.2)
    assert loud["loudness_db_mean"] - quiet["loudness_db_mean"] == pytest.approx(20.0, abs=0.01)
    assert loud["loudness_db_peak"] > loud["loudness_db_mean"]


def test_only_loudness_changes_when_the_volume_does(backbone: SignalMusic) -> None:
    sound = clicks(110.0) + noise(2, 0.02)
    before, after = measured(backbone, sound), measured(backbone, (0.5 * sound).astype(np.float32))
    changed = {name for name in FEATURE_NAMES if abs(before[name] - after[name]) > 1e-2}
    assert changed == {"loudness_db_mean", "loudness_db_peak"}


def test_brightness_counts_octaves_above_one_kilohertz(backbone: SignalMusic) -> None:
    assert measured(backbone, tones([1000.0]))["brightness_mean"] == pytest.approx(0.0, abs=0.1)
    assert measured(backbone, tones([4000.0]))["brightness_mean"] == pytest.approx(2.0, abs=0.1)


def test_noise_is_flat_and_a_tone_is_not(backbone: SignalMusic) -> None:
    assert measured(backbone, noise())["flatness"] > -6
    assert measured(backbone, tones([440.0]))["flatness"] < -20


@pytest.mark.parametrize("semitones", [1, 5, 7])
def test_chroma_figures_stay_when_the_music_is_transposed(backbone: SignalMusic, semitones: int) -> None:
    here = measured(backbone, melody(MAJOR_SCALE, 60))
    there = measured(backbone, melody(MAJOR_SCALE, 60 + semitones))
    for name in FEATURE_NAMES:
        if name.startswith(("chroma_fourier", "major_", "minor_")):
            assert there[name] == pytest.approx(here[name], abs=0.06), name


@pytest.mark.parametrize("tonic", [57, 60, 64, 67])
def test_major_fits_a_major_key_better_and_minor_a_minor_key(backbone: SignalMusic, tonic: int) -> None:
    major, minor = measured(backbone, melody(MAJOR_SCALE, tonic)), measured(backbone, melody(MINOR_SCALE, tonic))
    assert major["major_key_fit"] > major["minor_key_fit"]
    assert minor["minor_key_fit"] > minor["major_key_fit"]


def test_a_held_chord_does_not_change_and_a_melody_does(backbone: SignalMusic) -> None:
    assert measured(backbone, tones([220.0, 277.2, 329.6]))["harmonic_change"] < 0.01
    assert measured(backbone, melody(MAJOR_SCALE, 60))["harmonic_change"] > 0.1


def test_onsets_are_counted_by_the_second(backbone: SignalMusic) -> None:
    # 2.97 s at 120 BPM hold 5 or 6 beats.
    assert measured(backbone, clicks(120.0, first_s=0.1))["onsets_per_s"] == pytest.approx(2.0, abs=0.35)
    assert measured(backbone, np.zeros(WINDOW_SAMPLES, np.float32))["onsets_per_s"] == 0


@pytest.mark.parametrize("bpm", [76, 101, 133])
def test_a_beat_recurs_most_near_its_own_tempo(backbone: SignalMusic, bpm: float) -> None:
    features = measured(backbone, clicks(bpm, first_s=0.05))
    tempi = {name: value for name, value in features.items() if name.startswith("recurs_at_")}
    strongest = max(tempi, key=lambda name: tempi[name])
    assert float(strongest.split("_")[2]) == pytest.approx(bpm, rel=0.08)


def test_silence_gives_finite_figures(backbone: SignalMusic) -> None:
    features = measured(backbone, np.zeros(WINDOW_SAMPLES, np.float32))
    assert all(np.isfinite(value) for value in features.values())
    assert features["loudness_db_mean"] == -80
