"""Tracks in the bodies of answers, as the HTTP contract names their fields; rendered from the values of the domain."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.domain import Track

TRACK_EXAMPLE: JsonDict = {
    "id": "01JC7Y3T0GQ4M1Z8W5R2N6K9VX",
    "title": "Night drive",
    "artist": "A. Composer",
    "genre": "synthwave",
    "duration_s": 184.2,
    "bpm": 96.0,
    "moods": ["calm"],
    "license": "CC-BY-4.0",
    "attribution": "Night drive by A. Composer, CC BY 4.0",
    "audio_url": "/music/01JC7Y3T0GQ4M1Z8W5R2N6K9VX/audio",
    "preview_url": "/music/01JC7Y3T0GQ4M1Z8W5R2N6K9VX/preview",
    "waveform_url": "/music/01JC7Y3T0GQ4M1Z8W5R2N6K9VX/waveform",
}
STORED_TRACK_EXAMPLE: JsonDict = TRACK_EXAMPLE | {
    "added_at": "2026-02-03T04:05:06Z",
    "album": None,
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


# A thousandth of a second, of a beat a minute or of a LUFS: finer figures are the measurement's noise.
Measured = Annotated[float, AfterValidator(lambda value: round(value, 3))]


class MatchedTrack(BaseModel):
    """A track within a ranking: what a list shows of it."""

    id: str
    title: str | None
    artist: str | None
    genre: str | None
    duration_s: Measured
    bpm: Measured | None
    moods: list[str]
    license: str | None
    attribution: str | None
    audio_url: str = Field(description="path of the file as it came")
    preview_url: str = Field(description="path of what every browser plays")
    waveform_url: str = Field(description="path of its peaks")

    @classmethod
    def of(cls, track: Track) -> Self:
        return cls.model_validate(_said(track))


class StoredTrack(MatchedTrack):
    """All that the library knows of a track."""

    model_config = ConfigDict(json_schema_extra={"example": STORED_TRACK_EXAMPLE})

    added_at: datetime
    album: str | None
    keywords: list[str]
    source_url: str | None
    vocals: bool | None
    explicit: bool | None
    loudness_lufs: Measured | None
    file_name: str
    media_type: str
    size_bytes: int
    container: str
    codec: str
    sha256: str


class TrackList(BaseModel):
    items: list[StoredTrack] = Field(description="newest first")
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last")


def _said(track: Track) -> dict[str, object]:
    """Everything of a track under the names of the contract."""
    measured = {name: getattr(track, name) for name in StoredTrack.model_fields if hasattr(track, name)}
    said = {name: getattr(track.details, name) for name in StoredTrack.model_fields if hasattr(track.details, name)}
    words = {"moods": list(track.details.moods), "keywords": list(track.details.keywords)}
    urls = {f"{name}_url": f"/music/{track.id}/{name}" for name in ("audio", "preview", "waveform")}
    return {**measured, **said, **words, **urls}
