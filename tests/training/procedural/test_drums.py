import numpy as np
import pytest

from training.procedural.drums import DRUMS, KITS, drum_of

RATE_HZ = 22_050


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("name", DRUMS)
def test_every_drum_of_every_kit_sounds_and_dies_away(kit: str, name: str) -> None:
    sound = drum_of(kit, name, rate_hz=RATE_HZ)
    tail = max(1, len(sound) // 20)
    assert np.isfinite(sound).all()
    assert 0.03 < float(np.abs(sound).max()) <= 1.2
    assert np.abs(sound[-tail:]).max() < 0.1 * np.abs(sound).max()


def test_a_kick_is_lower_than_a_hat() -> None:
    def middle_hz(name: str) -> float:
        power = np.abs(np.fft.rfft(drum_of("acoustic", name, rate_hz=RATE_HZ))) ** 2
        return float(np.interp(0.5, np.cumsum(power) / power.sum(), np.linspace(0, RATE_HZ / 2, len(power))))

    assert middle_hz("kick") < 150
    assert middle_hz("hat") > 5000
