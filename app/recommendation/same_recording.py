"""Whether two files hold the same recording: coded otherwise, remastered, or cut. Pure: figures in, a verdict out.

Axes: S steps, E features, F values of a fingerprint, N points of a transform.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

Fingerprint = NDArray[np.uint32]

# Chromaprint gives 32 bits for each third of 4,096 samples at 11,025 Hz.
BITS = 32
VALUES_PER_S = 11_025 / (4096 / 3)
# What two fingerprints must have in common at least; for the share, the shorter one counts.
LEAST_OVERLAP_S = 10.0
LEAST_OVERLAP = 1 / 3
# Of the longer file: a mix holds recordings and is none of them.
LEAST_LENGTH = 0.6
SAME_LENGTH = 0.98
# 89 tracks (games, web projects, the demo library) and nine forms each of 60 of them; the starter's embeddings.
# Cuts of 30 % with their whole have 0.881 at least; of 3,916 pairs of different tracks 7 have more.
LEAST_COSINE = 0.88
# MP3 at 64 kbit/s, Opus, half the sample rate 0.85 at least, a remaster (equaliser, limiter) 0.75; others 0.55 at most.
LEAST_COURSE = 0.65
# Copies, cuts and remasters 0.19 at most, median 0.01; different recordings 0.33 at least, 5 % faster 0.30 on average.
MOST_BIT_ERRORS = 0.22


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a file's sound. `features`: stored ones (S, E), evenly over the file; None: there are none.

    `fingerprint`: of its beginning; None: nobody took one.
    """

    duration_s: float
    features: Float32Array | None = None
    fingerprint: Fingerprint | None = None


def is_worth_a_look(one: Heard, other: Heard, *, cosine: float) -> bool:
    """Whether fingerprints may tell more: embeddings that lie near each other (`cosine`), as those of a cut and its
    whole do, or the same course."""
    return _length_share(one, other) >= LEAST_LENGTH and (cosine >= LEAST_COSINE or has_same_course(one, other))


def is_same_recording(one: Heard, other: Heard) -> bool:
    """By fingerprints where both have one that is long enough, else by their course."""
    if _length_share(one, other) < LEAST_LENGTH:
        return False
    if one.fingerprint is None or other.fingerprint is None:
        return has_same_course(one, other)
    errors = bit_errors(one.fingerprint, other.fingerprint)
    return has_same_course(one, other) if errors is None else errors <= MOST_BIT_ERRORS


def has_same_course(one: Heard, other: Heard) -> bool:
    """Whether two files of one length rise and fall together, feature by feature: levels and equalisers do not count.

    Never so where one's features are unknown.
    """
    if not have_same_length(one, other) or one.features is None or other.features is None:
        return False
    return one.features.shape == other.features.shape and course(one.features, other.features) >= LEAST_COURSE


def have_same_length(one: Heard, other: Heard) -> bool:
    return _length_share(one, other) >= SAME_LENGTH


def course(one_SE: Float32Array, other_SE: Float32Array) -> float:
    """Correlation over time of all features at once, each counting the same; 0 where nothing varies."""
    one, other = one_SE - one_SE.mean(axis=0), other_SE - other_SE.mean(axis=0)
    spread_E = np.sqrt((one**2).mean(axis=0) + (other**2).mean(axis=0))
    varies_E = spread_E > 1e-6
    one, other = one[:, varies_E] / spread_E[varies_E], other[:, varies_E] / spread_E[varies_E]
    size = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def bit_errors(one: Fingerprint, other: Fingerprint) -> float | None:
    """The share of bits that differ where the two are laid over each other best; about 0.5 for chance.

    None where one is too short to tell.
    """
    shorter = min(len(one), len(other))
    least = max(round(LEAST_OVERLAP_S * VALUES_PER_S), math.ceil(LEAST_OVERLAP * shorter))
    if shorter < least:
        return None
    points = 1 << (len(one) + len(other) - 1).bit_length()
    # Of ones and minus ones the correlation counts equal bits less unequal ones, at every offset.
    transformed = [np.fft.rfft(_signs(values), points, axis=0) for values in (one, other)]
    agreed_N = np.fft.irfft((transformed[0] * transformed[1].conj()).sum(axis=1), points)
    offsets = np.arange(least - len(other), len(one) - least + 1)
    overlaps = np.minimum(len(one), len(other) + offsets) - np.maximum(0, offsets)
    return float(((1 - agreed_N[offsets] / (BITS * overlaps)) / 2).min())


def _signs(values_F: Fingerprint) -> Float32Array:
    bits = np.unpackbits(values_F.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1)
    signs: Float32Array = bits.astype(np.float32) * 2 - 1
    return signs


def _length_share(one: Heard, other: Heard) -> float:
    longer_s = max(one.duration_s, other.duration_s)
    return min(one.duration_s, other.duration_s) / longer_s if longer_s > 0 else 0.0
