"""The bodies of answers, as the HTTP contract names their fields; rendered from the values of the domain."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from ulid import ULID

from app.domain import MediaInfo, Track
from app.recommendation.rank import RankedTrack
from app.recommendation.recommend import Recommendation

TRACK_EXAMPLE: JsonDict = {
    "id": "01JC7Y3T0GQ4M1Z8W5R2N6K9VX",
    "title": "Night drive",
    "artist": "A. Composer",
    "duration_s": 184.2,
    "bpm": 96.0,
    "moods": ["calm"],
    "license": "CC-BY-4.0",
    "attribution": "Night drive by A. Composer, CC BY 4.0",
    "audio_url": "/music/01JC7Y3T0GQ4M1Z8W5R2N6K9VX/audio",
}
STORED_TRACK_EXAMPLE: JsonDict = TRACK_EXAMPLE | {
    "added_at": "2026-02-03T04:05:06Z",
    "album": None,
    "genre": "synthwave",
    "keywords": ["neon", "city"],
    "source_url": "https://example.org/night-drive",
    "vocals": False,
    "explicit": False,
    "loudness_lufs": -14.1,
    "file_name": "night-drive.ogg",
    "media_type": "audio/ogg",
    "size_bytes": 2_751_000,
    "container": "ogg",
    "codec": "vorbis",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
RECOMMENDATION_EXAMPLE: JsonDict = {
    "id": "01JD3W7E5V2S9B8F4H6K0M1N3P",
    "encoder": {"name": "starter", "digest": "sha256:4c1f0e…"},
    "video": {"duration_s": 12.4, "width": 1080, "height": 1920, "frames": 32},
    "text_used": True,
    "library_size": 1840,
    "results": [{"rank": 1, "score": 0.731, "track": TRACK_EXAMPLE}],
    "timing_ms": {
        "receive": 31.0,
        "wait": 2.1,
        "decode": 240.2,
        "features": 88.1,
        "encode": 4.0,
        "search": 0.8,
        "catalogue": 2.6,
    },
}


class MatchedTrack(BaseModel):
    """A track within a ranking: what a list shows of it."""

    id: str
    title: str | None
    artist: str | None
    duration_s: float
    bpm: float | None
    moods: list[str]
    license: str | None
    attribution: str | None
    audio_url: str = Field(description="path of the file as it came")

    @classmethod
    def of(cls, track: Track) -> Self:
        return cls.model_validate(_said(track))


class StoredTrack(MatchedTrack):
    """All that the library knows of a track."""

    model_config = ConfigDict(json_schema_extra={"example": STORED_TRACK_EXAMPLE})

    added_at: datetime
    album: str | None
    genre: str | None
    keywords: list[str]
    source_url: str | None
    vocals: bool | None
    explicit: bool | None
    loudness_lufs: float | None
    file_name: str
    media_type: str
    size_bytes: int
    container: str
    codec: str
    sha256: str


class TrackList(BaseModel):
    items: list[StoredTrack] = Field(description="newest first")
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last")


class EncoderName(BaseModel):
    name: str
    digest: str


class VideoFacts(BaseModel):
    """The picture as a player shows it, and how many frames of it were looked at."""

    duration_s: float
    width: int
    height: int
    frames: int


class Result(BaseModel):
    rank: int
    score: float = Field(description="cosine of the track's embedding with the video's, -1 to 1")
    track: MatchedTrack

    @classmethod
    def of(cls, ranked: RankedTrack) -> Self:
        return cls(rank=ranked.rank, score=round(ranked.score, 6), track=MatchedTrack.of(ranked.track))


class Timing(BaseModel):
    """Milliseconds by stage: `receive` is the upload, `wait` queueing, `catalogue` the look-up of the tracks."""

    receive: float
    wait: float
    decode: float
    features: float
    encode: float
    search: float
    catalogue: float


class Recommended(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": RECOMMENDATION_EXAMPLE})

    id: str
    encoder: EncoderName
    video: VideoFacts
    text_used: bool
    library_size: int
    results: list[Result] = Field(description="best first; fewer than `limit` only where the library has fewer")
    timing_ms: Timing

    @classmethod
    def of(cls, found: Recommendation, *, encoder: EncoderName, receive_ms: float) -> Self:
        spent = {stage: round(ms, 1) for stage, ms in {**found.timing_ms, "receive": receive_ms}.items()}
        return cls(
            id=str(ULID()),
            encoder=encoder,
            video=_video_facts(found.encoded.info, found.encoded.frame_count),
            text_used=found.encoded.text_used,
            library_size=found.library_size,
            results=[Result.of(ranked) for ranked in found.results],
            timing_ms=Timing.model_validate(spent),
        )


def _said(track: Track) -> dict[str, object]:
    """Everything of a track under the names of the contract."""
    measured = {name: getattr(track, name) for name in StoredTrack.model_fields if hasattr(track, name)}
    said = {name: getattr(track.details, name) for name in StoredTrack.model_fields if hasattr(track.details, name)}
    words = {"moods": list(track.details.moods), "keywords": list(track.details.keywords)}
    return {**measured, **said, **words, "audio_url": f"/music/{track.id}/audio"}


def _video_facts(info: MediaInfo, frames: int) -> VideoFacts:
    width, height = (info.video.width, info.video.height) if info.video else (0, 0)
    return VideoFacts(duration_s=round(info.duration_s, 3), width=width, height=height, frames=frames)
