"""A track's course as a picture of it shows it: how far the sound reaches, from beginning to end."""

import asyncio
from dataclasses import dataclass

import numpy as np

from app.domain import Float32Array, Track
from app.errors import FeaturesDamaged
from app.recommendation.add_track import PEAKS_SPACE
from app.recommendation.library import Library, TrackEncoder
from app.recommendation.tracks import track


@dataclass(frozen=True, slots=True)
class Waveform:
    """`peaks`: the greatest magnitude, 0 to 1, in each of equal parts of the whole track."""

    duration_s: float
    peaks: Float32Array


async def waveform(track_id: str, *, points: int, library: Library, encoder: TrackEncoder) -> Waveform:
    """At most `points` peaks. Those of a track that was added before there were any are measured now, and kept.

    Raises TrackNotFound and TrackDeleted, and then what the encoder raises.
    """
    found = await asyncio.to_thread(track, track_id, library=library)
    peaks = await asyncio.to_thread(_stored_peaks, found, library=library)
    if peaks is None:
        encoded = await asyncio.wrap_future(encoder.encode_track(library.blobs.path(found.sha256)))
        peaks = encoded.peaks
        await asyncio.to_thread(library.blobs.put_features, found.sha256, PEAKS_SPACE, peaks[:, np.newaxis])
    return Waveform(found.duration_s, coarser(peaks, points))


def coarser(peaks: Float32Array, points: int) -> Float32Array:
    """So many peaks, or as many as there are: each the greatest of its part, so that no stroke is lost."""
    starts = np.linspace(0, len(peaks), min(points, len(peaks)), endpoint=False).astype(np.int64)
    return np.maximum.reduceat(peaks, starts)


def _stored_peaks(found: Track, *, library: Library) -> Float32Array | None:
    """None also where they are damaged."""
    try:
        stored = library.blobs.features(found.sha256, PEAKS_SPACE)
    except FeaturesDamaged:
        return None
    return stored[:, 0] if stored is not None else None
