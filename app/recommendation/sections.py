"""Which stretch of each track fits a video best: all sections of a page of tracks in one question to the encoder.

Axes: N tracks, M sections of all of them, S steps, E features.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.character import FittingSection, Sounding
from app.domain import Embedding, Float32Array, Track
from app.errors import FeaturesDamaged
from app.recommendation.library import Library, SectionEncoder
from app.recommendation.section_plan import SectionPlan, plan_sections

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SectionFound:
    """What a track's stored features tell; None where they are missing, or tell no such thing."""

    section: FittingSection | None
    sounding: Sounding | None


NOTHING_FOUND = SectionFound(None, None)


def fitting_sections(
    tracks: Sequence[Track],
    *,
    embedding: Embedding,
    video_duration_s: float,
    library: Library,
    encoder: SectionEncoder,
) -> dict[int, SectionFound]:
    """By track number, for every track: the section that lies nearest to the video's `embedding`. Blocks.

    Raises what the encoder raises.
    """
    stored = {track.number: _stored_features(track, library) for track in tracks}
    missing = [track.id for track in tracks if stored[track.number] is None]
    if missing:
        LOG.warning("no sections for %d tracks without sound features, %s the first", len(missing), missing[0])
    known = [(track, features) for track in tracks if (features := stored[track.number]) is not None]
    found = dict.fromkeys(stored, NOTHING_FOUND)
    if known:
        found |= _best_sections(known, embedding, video_duration_s, library, encoder)
    return found


def _best_sections(
    known: Sequence[tuple[Track, Float32Array]],
    embedding: Embedding,
    video_duration_s: float,
    library: Library,
    encoder: SectionEncoder,
) -> dict[int, SectionFound]:
    sampling = library.spec.music.sampling
    plans = [
        plan_sections(track.duration_s, video_duration_s=video_duration_s, sampling=sampling) for track, _ in known
    ]
    counts = [len(plan.starts_s) for plan in plans]
    embedded = encoder.embed_sections(
        [features for _, features in known],
        np.repeat(np.arange(len(known)), counts),
        np.concatenate([plan.rows for plan in plans]),
    ).result()
    scores = np.split(embedded.embeddings @ embedding, np.cumsum(counts)[:-1])
    return {
        track.number: SectionFound(_best(plan, scores_K), sounding)
        for (track, _), plan, scores_K, sounding in zip(known, plans, scores, embedded.soundings, strict=True)
    }


def _best(plan: SectionPlan, scores_K: Float32Array) -> FittingSection:
    place = int(np.argmax(scores_K))
    start_s = float(plan.starts_s[place])
    return FittingSection(start_s, start_s + plan.length_s, float(scores_K[place]))


def _stored_features(track: Track, library: Library) -> Float32Array | None:
    """None also where they are damaged, or not of the encoder's shape."""
    music = library.spec.music
    try:
        features = library.blobs.features(track.sha256, music.stored_space)
    except FeaturesDamaged:
        return None
    is_whole = features is not None and features.shape == (music.steps, music.feature_dim)
    return features if is_whole else None
