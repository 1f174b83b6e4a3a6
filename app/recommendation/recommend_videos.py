"""The music for many videos at a time, or for one, where nobody speaks HTTP. A video that fails stops no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from app.domain import Brief, EncodedVideo
from app.errors import BgmError
from app.filters import Shaping, TrackFilter
from app.recommendation.library import Library, VideoEncoder
from app.recommendation.recommend import NO_FILTER, NO_SHAPING, Recommendation, search
from app.recommendation.side_by_side import ENDING_ERRORS, side_by_side


@dataclass(frozen=True, slots=True)
class VideoAnswer:
    """What came out for one video: its ranking, or why there is none."""

    path: Path
    outcome: Recommendation | BgmError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is wanted for every video, and of whom."""

    brief: Brief
    limit: int
    library: Library
    encoder: VideoEncoder
    tracks: TrackFilter = NO_FILTER
    shaping: Shaping = NO_SHAPING


def recommend_videos(videos: Sequence[Path], asked: Asked, *, at_once: int, stop: Event) -> Iterator[VideoAnswer]:
    """Answers as they come, in no order; `stop` as in `side_by_side`. Raises one of ENDING_ERRORS."""

    def answer(path: Path) -> VideoAnswer:
        try:
            encoded = asked.encoder.encode_video(path, asked.brief).result()
            return VideoAnswer(path, _ranked(encoded, asked))
        except ENDING_ERRORS:
            raise
        except BgmError as error:
            return VideoAnswer(path, error)

    return side_by_side(answer, videos, at_once=at_once, stop=stop)


def _ranked(encoded: EncodedVideo, asked: Asked) -> Recommendation:
    return search(
        encoded,
        limit=asked.limit,
        library=asked.library,
        brief=asked.brief,
        tracks=asked.tracks,
        shaping=asked.shaping,
    )
