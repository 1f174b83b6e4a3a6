"""What the API answers about videos and jobs, as values with the contract's names. Knows nothing of how they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.asking.track_results import MatchedTrack
from app.jobs import FINAL_STATES, JobError, JobState


@dataclass(frozen=True, slots=True)
class EncoderName:
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture as a player shows it, and how many frames of it were looked at."""

    duration_s: float
    width: int
    height: int
    frames: int


@dataclass(frozen=True, slots=True)
class Section:
    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` is for programs, `detail` one sentence for people."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    """`rank` counts from 1. `folded`: ids of near-duplicates that this one stands for."""

    rank: int
    score: float
    track: MatchedTrack
    section: Section | None
    reasons: tuple[Reason, ...]
    folded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relax:
    """The filter that costs most, and how many tracks would match without it."""

    filter: str
    would_match: int
    matching: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One page of a ranking, best first; `next_offset` None on the last. `as_of`: at which change of the library."""

    id: str
    encoder: EncoderName
    video: VideoFacts
    title: str | None
    keywords: tuple[str, ...]
    text_used: bool
    library_size: int
    as_of: int
    expires_at: datetime
    kept: bool
    total: int
    results: tuple[Result, ...]
    next_offset: int | None
    relax: Relax | None
    timing_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RenderResult:
    """`url` and `credits_url` are paths below the server's address."""

    url: str
    credits_url: str
    loudness_lufs: float | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    added: int
    present: int
    refused: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Job:
    """Long work as it stands. `total` is 0 as long as nobody has counted; `errors` are those of single items too.

    `recommendation_id`: whose video is made; None for what is no render, and where the server is too old to say.
    """

    id: str
    kind: str
    state: JobState
    done: int
    total: int
    errors: tuple[JobError, ...]
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: RenderResult | ImportResult | Mapping[str, Any] | None
    recommendation_id: str | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


@dataclass(frozen=True, slots=True)
class Jobs:
    items: tuple[Job, ...]
