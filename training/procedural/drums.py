"""The sounds of drums, made from falling sines and filtered noise, by kit and name. Knows no pattern."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.domain import Float32Array

KITS = ("acoustic", "electronic", "soft", "chip", "orchestral", "dusty")


@dataclass(frozen=True, slots=True)
class Drum:
    """A sine falling from `high_hz` to `low_hz`, and noise between two frequencies; each fades by 60 dB in its time."""

    high_hz: float = 0.0
    low_hz: float = 0.0
    drop_s: float = 0.02
    body_s: float = 0.2
    body: float = 0.0
    noise: float = 0.0
    noise_s: float = 0.1
    floor_hz: float = 20.0
    ceiling_hz: float = 18000.0
    strikes: int = 1
    gain: float = 1.0


DRUMS: dict[str, Drum] = {
    "kick": Drum(high_hz=160, low_hz=52, drop_s=0.03, body_s=0.35, body=1.0, noise=0.12, noise_s=0.02, ceiling_hz=5000),
    "snare": Drum(high_hz=230, low_hz=180, body_s=0.16, body=0.5, noise=0.7, noise_s=0.24, floor_hz=900,
                  ceiling_hz=11000, gain=0.8),
    "clap": Drum(noise=1.0, noise_s=0.22, floor_hz=700, ceiling_hz=7000, strikes=3, gain=0.7),
    "rim": Drum(high_hz=1100, low_hz=780, body_s=0.05, body=0.6, noise=0.4, noise_s=0.04, floor_hz=1500, gain=0.5),
    "hat": Drum(noise=1.0, noise_s=0.07, floor_hz=7000, gain=0.3),
    "open hat": Drum(noise=1.0, noise_s=0.4, floor_hz=6500, gain=0.3),
    "ride": Drum(high_hz=5200, low_hz=5190, body_s=0.9, body=0.15, noise=0.5, noise_s=0.9, floor_hz=5000, gain=0.28),
    "crash": Drum(noise=1.0, noise_s=2.2, floor_hz=3000, gain=0.45),
    "shaker": Drum(noise=1.0, noise_s=0.09, floor_hz=4500, ceiling_hz=12000, gain=0.22),
    "tambourine": Drum(high_hz=8200, low_hz=8100, body_s=0.2, body=0.2, noise=0.8, noise_s=0.2, floor_hz=6000,
                       gain=0.3),
    "brush": Drum(noise=1.0, noise_s=0.25, floor_hz=1800, ceiling_hz=9000, gain=0.22),
    "tom high": Drum(high_hz=260, low_hz=190, drop_s=0.05, body_s=0.4, body=0.9, noise=0.15, noise_s=0.05, gain=0.8),
    "tom low": Drum(high_hz=150, low_hz=95, drop_s=0.06, body_s=0.55, body=1.0, noise=0.15, noise_s=0.05, gain=0.9),
    "taiko": Drum(high_hz=120, low_hz=62, drop_s=0.07, body_s=0.9, body=1.1, noise=0.35, noise_s=0.12,
                  ceiling_hz=2500, gain=1.1),
}  # fmt: skip


@lru_cache(maxsize=256)
def drum_of(kit: str, name: str, *, rate_hz: int) -> Float32Array:
    """One stroke, mono float32, not to be written to."""
    drum = DRUMS[name]
    length_s, pitch, dull = _CHARACTER[kit]
    samples = int(rate_hz * (max(drum.body_s if drum.body else 0, drum.noise_s) * length_s + 0.02))
    rng = np.random.default_rng((len(name), sum(map(ord, name)), KITS.index(kit)))
    seconds = (np.arange(samples) / rate_hz).astype(np.float32)
    sound = drum.noise * _noise(drum, rng, seconds, rate_hz, length_s=length_s, dull=dull, coarse=kit == "chip")
    if drum.body:
        sweep_hz = pitch * (drum.low_hz + (drum.high_hz - drum.low_hz) * np.exp(-seconds / drum.drop_s))
        body = np.sin(2 * np.pi * np.cumsum(sweep_hz) / rate_hz)
        sound = sound + drum.body * (np.sign(body) if kit == "chip" else body) * _fade(seconds, drum.body_s * length_s)
    struck: Float32Array = (drum.gain * np.tanh(1.5 * sound) / np.tanh(1.5)).astype(np.float32)
    struck.setflags(write=False)
    return struck


# By kit: how long the drums ring, how high they are tuned, and the share of their noise's ceiling that is left.
_CHARACTER: dict[str, tuple[float, float, float]] = {
    "acoustic": (1.0, 1.0, 1.0),
    "electronic": (1.3, 0.9, 1.0),
    "soft": (0.8, 0.95, 0.55),
    "chip": (0.6, 1.3, 1.0),
    "orchestral": (1.7, 0.85, 0.7),
    "dusty": (0.8, 0.92, 0.4),
}


def _fade(seconds: Float32Array, fade_s: float) -> Float32Array:
    faded: Float32Array = np.exp(np.float32(-6.9 / fade_s) * seconds)
    return faded


def _noise(
    drum: Drum,
    rng: np.random.Generator,
    seconds: Float32Array,
    rate_hz: int,
    *,
    length_s: float,
    dull: float,
    coarse: bool,
) -> Float32Array:
    noise = rng.standard_normal(len(seconds), dtype=np.float32)
    if coarse:
        noise = np.sign(np.repeat(noise, 3)[: len(seconds)])
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(len(seconds), 1 / rate_hz)
    passed = (
        1
        / (1 + (drum.floor_hz / np.maximum(hz, 1)) ** 6)
        / (1 + (hz / max(drum.ceiling_hz * dull, drum.floor_hz)) ** 4)
    )
    noise = np.fft.irfft(spectrum * np.sqrt(passed), len(seconds)).astype(np.float32)
    noise /= max(1e-6, float(noise.std()) * 2.0)
    envelope = np.zeros_like(seconds)
    for strike in range(drum.strikes):
        # A clap is several hands: the strokes before the last come 11 ms apart and die at once.
        late = int(0.011 * strike * rate_hz)
        fade_s = drum.noise_s * length_s if strike == drum.strikes - 1 else 0.03
        envelope[late:] = np.maximum(envelope[late:], _fade(seconds, fade_s)[: len(seconds) - late])
    return noise * envelope
