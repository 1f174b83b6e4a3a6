"""What happens to music on its way to a library: noise, hum, other speeds, gaps, fades, bad copies. Mono sound only."""

import numpy as np

from app.domain import Float32Array
from training.procedural.textures import grain_bank

# Share of tracks that each befalls; most tracks of a real library are clean.
NOISY, HUMMING, CRACKLING, CLIPPED, RETUNED, WITH_GAP, FADED = 0.1, 0.03, 0.03, 0.04, 0.15, 0.03, 0.12


def worn(sound: Float32Array, rng: np.random.Generator, *, rate_hz: int) -> Float32Array:
    """The sound (samples,) as some library may hold it; its length changes by 6 % at most."""
    level = max(1e-5, float(np.sqrt(np.mean(sound[::7] ** 2))))
    if rng.random() < RETUNED:
        sound = _at_speed(sound, float(np.exp(rng.normal(0, 0.025))))
    # Every recording has a floor; digital silence between notes is for one in eight, as in chip tunes.
    floor_db = rng.uniform(-40, -14) if rng.random() < NOISY else rng.uniform(-62, -45)
    if rng.random() > 0.12:
        sound = sound + _noise_bed(len(sound), rng) * np.float32(level * 10 ** (floor_db / 20))
    if rng.random() < HUMMING:
        hum_hz = float(rng.choice((50, 60)))
        beats = 2 * np.pi * hum_hz / rate_hz * np.arange(len(sound), dtype=np.float32)
        sound = sound + np.float32(level * rng.uniform(0.02, 0.3)) * (np.sin(beats) + 0.5 * np.sin(2 * beats))
    if rng.random() < CRACKLING:
        sound = sound.copy()
        clicks = rng.integers(0, len(sound), int(len(sound) / rate_hz * rng.uniform(2, 30)))
        sound[clicks] += rng.normal(0, 2.5 * level, len(clicks)).astype(np.float32)
    if rng.random() < CLIPPED:
        top = max(1e-4, float(np.abs(sound).max()) * rng.uniform(0.15, 0.6))
        sound = np.clip(sound, -top, top)
    return _cut(sound, rng, rate_hz)


def _at_speed(sound: Float32Array, speed: float) -> Float32Array:
    """Played faster or slower, which also puts it out of tune, as old tapes and careless conversions do."""
    places = np.arange(0, len(sound) - 1, speed)
    before = places.astype(np.int64)
    share = (places - before).astype(np.float32)
    return sound[before] * (1 - share) + sound[before + 1] * share


def _noise_bed(samples: int, rng: np.random.Generator) -> Float32Array:
    """White, or rounded to the colour of wind and rooms, of unit level; a loop of some 20 s, begun anywhere."""
    noise = np.roll(grain_bank()[: 1 << 19], int(rng.integers(1 << 19)))
    if rng.random() < 0.6:
        width = int(rng.choice((3, 8, 40)))
        total = np.cumsum(noise, dtype=np.float64)
        noise = ((total[width:] - total[:-width]) / np.sqrt(width)).astype(np.float32)
    return np.resize(noise, samples)


def _cut(sound: Float32Array, rng: np.random.Generator, rate_hz: int) -> Float32Array:
    if rng.random() < FADED:
        sound = sound.copy()
        steps = int(min(len(sound) / 2, rate_hz * rng.uniform(1, 8)))
        ramp = np.linspace(0, 1, steps, dtype=np.float32)
        if rng.random() < 0.4:
            sound[:steps] *= ramp
        sound[len(sound) - steps :] *= ramp[::-1]
    if rng.random() < WITH_GAP:
        sound = sound.copy()
        start = int(rng.integers(0, len(sound)))
        sound[start : start + int(rate_hz * rng.uniform(0.3, 4))] = 0
    return sound
