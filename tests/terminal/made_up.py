"""Tracks and rankings out of thin air."""

from datetime import UTC, datetime

import numpy as np

from app.character import Look
from app.domain import EncodedVideo, MediaInfo, Track, TrackDetails, VideoStream
from app.recommendation.rank import RankedTrack
from app.recommendation.recommend import Recommendation

DETAILS = TrackDetails(title="Night drive", artist="Ann", moods=("calm", "warm"), license="CC0-1.0", bpm=96.4)


def a_track(number: int = 1, *, details: TrackDetails = DETAILS) -> Track:
    return Track(
        number=number,
        id=f"01JC7Y3T0GQ4M1Z8W5R2N6K9V{number}",
        added_at=datetime(2026, 2, 3, tzinfo=UTC),
        sha256=f"{number:064x}",
        file_name=f"{number}.ogg",
        media_type="audio/ogg",
        size_bytes=1000,
        container="ogg",
        codec="vorbis",
        duration_s=184.2,
        loudness_lufs=-14.0,
        details=details,
    )


def a_recommendation(*tracks: Track) -> Recommendation:
    info = MediaInfo("mov", 9, 12.3456, VideoStream("h264", 1080, 1920, 0, 30.0), None)
    embedding, features = np.ones(1, np.float32), np.ones((4, 3), np.float32)
    look = Look(pace=0.2, light=0.5, warmth=0.0, change=0.1)
    encoded = EncodedVideo(embedding, features, look, info, 32, text_used=True, timing_ms={})
    ranked = [RankedTrack(place, 0.75, track) for place, track in enumerate(tracks, start=1)]
    spent = {"wait": 0.123, "decode": 240.26, "features": 88.1, "encode": 4.0, "search": 0.8, "catalogue": 2.6}
    return Recommendation(encoded, ranked, 1840, spent)
