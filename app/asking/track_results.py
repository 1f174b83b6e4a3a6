"""What the API answers about tracks, as values with the contract's names. Knows nothing of how they came."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MatchedTrack:
    """A track within a ranking. The addresses are paths below the server's; `Client.download` takes them."""

    id: str
    title: str | None
    artist: str | None
    genre: str | None
    duration_s: float
    bpm: float | None
    moods: tuple[str, ...]
    license: str | None
    attribution: str | None
    audio_url: str
    preview_url: str
    waveform_url: str


@dataclass(frozen=True, slots=True)
class StoredTrack(MatchedTrack):
    """All that the library knows of a track."""

    added_at: datetime
    album: str | None
    keywords: tuple[str, ...]
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


@dataclass(frozen=True, slots=True)
class TrackPage:
    """`next_cursor` None: the last page."""

    items: tuple[StoredTrack, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SimilarTrack:
    score: float
    track: MatchedTrack


@dataclass(frozen=True, slots=True)
class SimilarTracks:
    items: tuple[SimilarTrack, ...]


@dataclass(frozen=True, slots=True)
class WordCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class FlagCount:
    value: bool
    count: int


@dataclass(frozen=True, slots=True)
class Extent:
    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Facets:
    """The values to filter by, most frequent first; a facet's own filter does not narrow its own counts."""

    total: int
    genre: tuple[WordCount, ...]
    mood: tuple[WordCount, ...]
    license: tuple[WordCount, ...]
    artist: tuple[WordCount, ...]
    vocals: tuple[FlagCount, ...]
    explicit: tuple[FlagCount, ...]
    bpm: Extent | None
    duration_s: Extent | None


@dataclass(frozen=True, slots=True)
class Waveform:
    """`peaks`: 0 to 1, equally spaced over the track."""

    duration_s: float
    peaks: tuple[float, ...]
