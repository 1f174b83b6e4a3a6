import numpy as np
import pytest

from app.encoders.signal_music import FEATURE_NAMES
from app.encoders.soundings import soundings_of


def test_a_tracks_named_features_tell_how_it_sounds() -> None:
    features = np.zeros((2, 3, len(FEATURE_NAMES)), np.float32)
    for name, values in {
        "brightness_mean": (0.5, 1.0, 1.5),
        "major_key_fit": (0.9, 0.9, 0.9),
        "minor_key_fit": (0.4, 0.5, 0.6),
        "onsets_per_s": (2.0, 3.0, 7.0),
    }.items():
        features[1, :, FEATURE_NAMES.index(name)] = values
    silent, heard = soundings_of(features, backbone="signal-music")
    assert heard is not None
    assert heard.brightness_octaves == pytest.approx(1.0)
    assert heard.major_less_minor == pytest.approx(0.4)
    assert heard.onsets_per_s == pytest.approx(4.0)
    assert silent is not None
    assert silent.onsets_per_s == 0.0


def test_features_without_names_tell_nothing() -> None:
    assert soundings_of(np.ones((2, 3, 128), np.float32), backbone="vggish") == (None, None)
