"""Tones as sums of fading sinusoids: every pitched instrument is such a sum with an envelope. Knows no melody."""

import math
from dataclasses import dataclass

import numpy as np

from app.domain import Float32Array
from app.encoders.sampling import Float64Array

MIDDLE_C_HZ = 261.63
# A partial above this share of the sampling rate is left out, so that nothing folds back.
HIGHEST_SHARE = 0.45
BLOCK_SAMPLES = 256
FADED_DB = 60.0
# No note is made longer; held ones are put together from several.
LONGEST_S = 4.0


@dataclass(frozen=True, slots=True)
class Timbre:
    """What an instrument sounds like. `slope`: amplitude of harmonic k is k ** -slope, before everything else.

    `decay_s`: time in which the fundamental of middle C falls by 60 dB (None: it is held); `damping`: how much sooner
    each higher partial fades. `ratios`: frequencies of the partials over the fundamental where they are not harmonic.
    `even`: gain of the even harmonics; `pluck`: where a string is plucked, as a share of its length (takes harmonics
    out); `formants_hz`: where a voice resonates. `voices` copies lie `detune_cents` apart; `breath`: share of noise.
    """

    slope: float = 1.0
    harmonics: int = 16
    ratios: tuple[float, ...] | None = None
    even: float = 1.0
    pluck: float | None = None
    formants_hz: tuple[float, ...] = ()
    stiffness: float = 0.0
    decay_s: float | None = None
    damping: float = 0.3
    attack_s: float = 0.004
    release_s: float = 0.08
    voices: int = 1
    detune_cents: float = 0.0
    vibrato_cents: float = 0.0
    breath: float = 0.0
    knock: float = 0.0


def pitch_hz(pitch: int) -> float:
    """Frequency of a MIDI pitch, A4 = 69 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def sound_of(timbre: Timbre, pitch: int, *, rate_hz: int, length_s: float, side: int = 0) -> Float32Array:
    """One note without its release, mono float32 of about unit level; `side` 1: the other ear's copy of a wide tone."""
    samples = math.ceil(min(length_s, LONGEST_S) * rate_hz)
    rng = np.random.default_rng((pitch, side, 7919))
    frequencies, amplitudes, fall_per_s = _partials(timbre, pitch_hz(pitch), rate_hz)
    tone = _fading_sinusoids(frequencies, amplitudes, fall_per_s, samples=samples, rate_hz=rate_hz, rng=rng)
    if timbre.vibrato_cents:
        tone = _with_vibrato(tone, cents=timbre.vibrato_cents, rate_hz=rate_hz)
    tone /= max(1e-6, float(np.sqrt(np.sum(amplitudes**2))))
    if timbre.breath or timbre.knock:
        tone += _noises(timbre, pitch_hz(pitch), samples, rate_hz, rng)
    attack = min(samples, max(1, int(timbre.attack_s * rate_hz)))
    tone[:attack] *= np.sin(np.linspace(0, np.pi / 2, attack, dtype=np.float32)) ** 2
    return np.asarray(tone, dtype=np.float32)


def _partials(timbre: Timbre, base_hz: float, rate_hz: int) -> tuple[Float64Array, Float64Array, Float64Array]:
    order = np.arange(1, timbre.harmonics + 1, dtype=np.float64)
    ratios = order * np.sqrt(1 + timbre.stiffness * order**2) if timbre.ratios is None else np.array(timbre.ratios)
    order = order[: len(ratios)]
    amplitudes = order**-timbre.slope
    amplitudes[1::2] *= timbre.even
    if timbre.pluck is not None:
        amplitudes *= np.abs(np.sin(np.pi * order * timbre.pluck)) + 0.03
    for formant_hz in timbre.formants_hz:
        amplitudes *= 0.25 + 2.0 * np.exp(-(((ratios * base_hz - formant_hz) / (0.18 * formant_hz + 60)) ** 2))
    fall_per_s = np.zeros_like(order)
    if timbre.decay_s is not None:
        # Higher strings and bars ring for a shorter time; the square root is close to a piano's.
        falls = FADED_DB / 8.686 / timbre.decay_s * math.sqrt(base_hz / MIDDLE_C_HZ)
        fall_per_s = falls * (1 + timbre.damping * (order - 1))
    audible = ratios * base_hz < HIGHEST_SHARE * rate_hz
    return _in_unison(timbre, ratios[audible] * base_hz, amplitudes[audible], fall_per_s[audible])


def _in_unison(
    timbre: Timbre, frequencies: Float64Array, amplitudes: Float64Array, fall_per_s: Float64Array
) -> tuple[Float64Array, Float64Array, Float64Array]:
    if timbre.voices == 1:
        return frequencies, amplitudes, fall_per_s
    cents = np.linspace(-timbre.detune_cents, timbre.detune_cents, timbre.voices)
    spread: Float64Array = 2.0 ** (cents / 1200)
    spread_out: Float64Array = np.outer(spread, frequencies).ravel()
    return spread_out, np.tile(amplitudes, timbre.voices), np.tile(fall_per_s, timbre.voices)


def _fading_sinusoids(
    frequencies: Float64Array,
    amplitudes: Float64Array,
    fall_per_s: Float64Array,
    *,
    samples: int,
    rate_hz: int,
    rng: np.random.Generator,
) -> Float32Array:
    """Sum of amplitude * exp(-fall * t) * sin(2 pi f t + phase), as one product of two small matrices.

    exp((jw - d)(mB + i)) factors into a term of the block m and a term of the place i in it, so that only
    samples / B + B exponentials a partial are needed instead of samples.
    """
    step = (2j * np.pi * frequencies - fall_per_s) / rate_hz
    blocks = np.arange(-(-samples // BLOCK_SAMPLES)) * BLOCK_SAMPLES
    phase = rng.uniform(0, 2 * np.pi, len(frequencies))
    starts = (amplitudes * np.exp(1j * phase) * np.exp(np.outer(blocks, step))).astype(np.complex64)
    places = np.exp(np.outer(step, np.arange(BLOCK_SAMPLES))).astype(np.complex64)
    tone: Float32Array = (starts @ places).imag.reshape(-1)[:samples].copy()
    return tone


def _with_vibrato(tone: Float32Array, *, cents: float, rate_hz: int) -> Float32Array:
    """Bends time to and fro at 5.5 times a second, less at the beginning of the note, as players do."""
    seconds = np.arange(len(tone), dtype=np.float32) / rate_hz
    swing = 2 * np.pi * 5.5
    depth_s = (2 ** (cents / 1200) - 1) / swing
    bent = np.arange(len(tone)) + rate_hz * depth_s * np.sin(swing * seconds) * np.clip(seconds / 0.4 - 0.3, 0, 1)
    return np.interp(bent, np.arange(len(tone)), tone).astype(np.float32)


def _noises(timbre: Timbre, base_hz: float, samples: int, rate_hz: int, rng: np.random.Generator) -> Float32Array:
    """A breath around the note's pitch, and the knock of hammer or plectrum at its beginning."""
    noise = rng.standard_normal(samples, dtype=np.float32)
    out = np.zeros(samples, dtype=np.float32)
    if timbre.breath:
        spectrum = np.fft.rfft(noise)
        hz = np.fft.rfftfreq(samples, 1 / rate_hz)
        spectrum *= np.exp(-((np.log2(np.maximum(hz, 20) / (2 * base_hz)) / 0.9) ** 2)).astype(np.float32)
        breath = np.fft.irfft(spectrum, samples).astype(np.float32)
        out += breath * np.float32(timbre.breath / max(1e-6, float(breath.std())))
    knock = min(samples, int(0.03 * rate_hz))
    smooth = np.convolve(noise[:knock], np.full(6, 1 / 6, dtype=np.float32), "same") if timbre.knock else 0.0
    out[:knock] += timbre.knock * smooth * np.exp(-np.linspace(0, 6, knock, dtype=np.float32))
    return out
