"""The bodies that answer questions about a video, as the HTTP contract names their fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.api.track_schemas import TRACK_EXAMPLE, MatchedTrack
from app.character import FittingSection, Reason
from app.recommendation.fuse import to_one
from app.recommendation.rank import RankedTrack
from app.recommendation.ranking_pages import RankingPage
from app.recommendation.relax import Relaxation

PAGE_EXAMPLE: JsonDict = {
    "id": "01JD3W7E5V2S9B8F4H6K0M1N3P",
    "encoder": {"name": "starter", "digest": "sha256:4c1f0e…"},
    "video": {"duration_s": 12.4, "width": 1080, "height": 1920, "frames": 32},
    "title": "racing through the city",
    "keywords": ["fast", "neon"],
    "text_used": True,
    "library_size": 1840,
    "as_of": 1912,
    "expires_at": "2026-02-04T04:05:06Z",
    "kept": False,
    "total": 1000,
    "results": [
        {
            "rank": 1,
            "score": 0.731,
            "track": TRACK_EXAMPLE,
            "section": {"start_s": 41.0, "end_s": 53.4, "score": 0.78},
            "reasons": [{"kind": "words", "detail": "It is tagged “neon”, as your words say."}],
            "folded": [],
        }
    ],
    "next_offset": 10,
    "relax": None,
    "timing_ms": {"search": 0.8, "rank": 1.9, "sections": 6.0, "catalogue": 2.6},
}
UPLOAD_TIMING: JsonDict = {"receive": 31.0, "wait": 2.1, "decode": 240.2, "features": 88.1, "encode": 4.0}
RECOMMENDATION_EXAMPLE: JsonDict = PAGE_EXAMPLE | {
    "timing_ms": {**UPLOAD_TIMING, "search": 0.8, "rank": 1.9, "sections": 6.0, "catalogue": 8.6}
}


class EncoderName(BaseModel):
    name: str
    digest: str


class VideoFacts(BaseModel):
    """The picture as a player shows it, and how many frames of it were looked at."""

    duration_s: float
    width: int
    height: int
    frames: int


class Section(BaseModel):
    """The stretch of the track that fits the video best."""

    start_s: float
    end_s: float
    score: float = Field(description="of this stretch alone, by the encoder, 0 to 1")

    @classmethod
    def of(cls, found: FittingSection) -> Self:
        score = round(to_one(found.score), 6)
        return cls(start_s=round(found.start_s, 3), end_s=round(found.end_s, 3), score=score)


class MatchReason(BaseModel):
    """A fact that speaks for the match."""

    kind: str = Field(description="pace, energy, light, warmth or words")
    detail: str

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(kind=reason.kind, detail=reason.detail)


class Result(BaseModel):
    rank: int
    score: float = Field(
        description="0 to 1: (1 - w) · encoder + w · words, where encoder is (cosine + 1) / 2 and w is `text_weight`; "
        "the encoder's alone where no words were given"
    )
    track: MatchedTrack
    section: Section | None = Field(description="null where nothing is known of the track's stretches")
    reasons: list[MatchReason]
    folded: list[str] = Field(description="ids of near-duplicates, which stand at the end of the list because of it")

    @classmethod
    def of(cls, ranked: RankedTrack) -> Self:
        return cls(
            rank=ranked.rank,
            score=ranked.score,
            track=MatchedTrack.of(ranked.track),
            section=Section.of(ranked.section) if ranked.section else None,
            reasons=[MatchReason.of(reason) for reason in ranked.reasons],
            folded=[track.id for track in ranked.folded],
        )


class Relax(BaseModel):
    """The filter that costs most: without it `would_match` tracks match, with it `matching`."""

    filter: str
    would_match: int
    matching: int

    @classmethod
    def of(cls, found: Relaxation) -> Self:
        return cls(filter=found.filter, would_match=found.would_match, matching=found.matching)


class PageTiming(BaseModel):
    """Milliseconds by stage: `search` and `rank` draw a ranking, 0 where it was drawn before."""

    search: float = 0.0
    rank: float = 0.0
    sections: float
    catalogue: float


class WholeTiming(PageTiming):
    """`receive` is the upload, `wait` queueing, `catalogue` look-up and storing."""

    receive: float
    wait: float
    decode: float
    features: float
    encode: float


class RankedPage(BaseModel):
    """A page of a ranking, which stays as it was drawn until the recommendation expires."""

    model_config = ConfigDict(json_schema_extra={"example": PAGE_EXAMPLE})

    id: str
    encoder: EncoderName
    video: VideoFacts
    title: str | None
    keywords: list[str]
    text_used: bool = Field(description="whether the encoder read any of the words")
    library_size: int
    as_of: int = Field(description="the change of the library at which the ranking was drawn")
    expires_at: datetime
    kept: bool = Field(description="whether the video is kept for rendering")
    total: int = Field(description="tracks in the ranking, at most 1,000")
    results: list[Result] = Field(description="best first; a track deleted since leaves its place empty")
    next_offset: int | None = Field(description="`offset` of the next page; null on the last")
    relax: Relax | None = Field(
        description="where filters leave fewer tracks than `limit`; null also where no single one costs anything"
    )
    timing_ms: PageTiming

    @classmethod
    def of(cls, page: RankingPage, *, encoder: str) -> Self:
        """`encoder`: what the checkpoint is called."""
        return cls.model_validate(_said(page, encoder) | {"timing_ms": _rounded(page.timing_ms)})


class Recommended(RankedPage):
    model_config = ConfigDict(json_schema_extra={"example": RECOMMENDATION_EXAMPLE})

    timing_ms: WholeTiming

    @classmethod
    def of_upload(cls, page: RankingPage, *, encoder: str, receive_ms: float) -> Self:
        spent = {"receive": receive_ms, **page.timing_ms}
        return cls.model_validate(_said(page, encoder) | {"timing_ms": _rounded(spent)})


def _said(page: RankingPage, encoder: str) -> dict[str, object]:
    asked = page.recommendation
    video = {name: getattr(asked.video, name) for name in ("width", "height", "frames")}
    return {
        "id": asked.id,
        "encoder": EncoderName(name=encoder, digest=asked.digest),
        "video": {**video, "duration_s": round(asked.video.duration_s, 3)},
        "title": asked.brief.title,
        "keywords": list(asked.brief.keywords),
        "text_used": asked.text_used,
        "library_size": page.library_size,
        "as_of": page.as_of,
        "expires_at": asked.expires_at,
        "kept": asked.video_sha256 is not None,
        "total": page.total,
        "results": [Result.of(ranked) for ranked in page.results],
        "next_offset": page.next_offset,
        "relax": Relax.of(page.relax) if page.relax else None,
    }


def _rounded(spent_ms: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(ms, 1) for stage, ms in spent_ms.items()}
