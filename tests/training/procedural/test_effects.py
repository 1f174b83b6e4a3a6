import numpy as np
import pytest

from app.domain import Float32Array
from training.procedural.effects import Tone, distorted, limited, slope_db_per_octave, with_room

RATE_HZ = 22_050
PLAIN = Tone(0.0)


def _noise(seconds: float = 4.0, channels: int = 1) -> Float32Array:
    return 0.1 * np.random.default_rng(0).standard_normal((channels, int(seconds * RATE_HZ)), dtype=np.float32)


def test_without_anything_sent_a_room_changes_nothing_but_rumble() -> None:
    dry = _noise()
    out = with_room(dry, np.zeros(dry.shape[1], np.float32), room_s=1.0, tone=PLAIN, rate_hz=RATE_HZ)
    assert out.shape == dry.shape
    assert np.corrcoef(dry[0], out[0])[0, 1] > 0.99


def test_a_click_sent_to_a_room_rings_on_and_dies() -> None:
    send = np.zeros(3 * RATE_HZ, np.float32)
    send[100] = 1
    out = with_room(np.zeros((2, len(send)), np.float32), send, room_s=1.0, tone=PLAIN, rate_hz=RATE_HZ)
    early, late = out[:, 1000 : RATE_HZ // 2], out[:, RATE_HZ : int(1.4 * RATE_HZ)]
    assert np.abs(early).max() > 0.01
    assert np.sqrt((late**2).mean()) < 0.1 * np.sqrt((early**2).mean())
    assert abs(np.corrcoef(out[0], out[1]).item(1)) < 0.5


@pytest.mark.parametrize("tilt", [-4.0, 0.0, 4.0])
def test_a_tilt_is_measured_as_it_was_made(tilt: float) -> None:
    dry = _noise()
    out = with_room(dry, np.zeros(dry.shape[1], np.float32), room_s=1.0, tone=Tone(tilt), rate_hz=RATE_HZ)
    assert slope_db_per_octave(out[0], rate_hz=RATE_HZ) == pytest.approx(tilt, abs=0.4)


def test_a_limiter_holds_the_ceiling_and_leaves_the_rest() -> None:
    sound = _noise(2.0, channels=2)
    sound[:, 20_000] = 3.0
    out = limited(sound, ceiling=0.8)
    assert np.abs(out).max() <= 0.8 + 1e-6
    assert np.array_equal(out[:, :10_000], sound[:, :10_000])


def test_distortion_bends_loud_sound_and_leaves_it_alone_at_zero() -> None:
    sound = _noise(0.5)[0]
    assert distorted(sound, 0.0) is sound
    assert np.abs(distorted(sound, 1.0)).max() <= 0.25
