"""Asking for a video with its music: what is wanted is checked, and becomes a job. Blocking; call from threads."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from app.access import Caller
from app.catalogue.recommendations import StoredRecommendation
from app.domain import Mix, Track
from app.errors import InvalidParameter
from app.jobs import Job
from app.recommendation.job_runner import JobRunner
from app.recommendation.kept_videos import kept_video, recommendation
from app.recommendation.library import Library, SectionEncoder
from app.recommendation.sections import fitting_sections
from app.recommendation.tracks import track


class Workshop(Protocol):
    """In production the studio."""

    def require(self) -> None:
        """Raises NotReady where nothing can be rendered on this machine."""


@dataclass(frozen=True, slots=True)
class RenderWanted:
    """As Mix; `start_s` None for where the track fits the video best."""

    track_id: str
    start_s: float | None
    video_volume: float
    music_volume: float
    fade_s: float
    duck: bool


def ask_for_render(
    recommendation_id: str,
    wanted: RenderWanted,
    *,
    caller: Caller,
    library: Library,
    encoder: SectionEncoder,
    workshop: Workshop,
    jobs: JobRunner,
) -> Job:
    """The job, queued. Raises RecommendationNotFound, RecommendationExpired, VideoNotKept, TrackNotFound, TrackDeleted,
    InvalidParameter, NotReady, and what the encoder raises where it is asked for the best section."""
    asked = recommendation(recommendation_id, caller=caller, library=library)
    kept_video(asked, library=library)
    music = track(wanted.track_id, library=library)
    workshop.require()
    start_s = wanted.start_s
    if start_s is None:
        start_s = _best_start_s(music, asked, library=library, encoder=encoder)
    if start_s >= music.duration_s:
        raise InvalidParameter(parameter="start_s", reason=f"the track lasts {music.duration_s:.2f} s")
    request = {**asdict(wanted), "recommendation_id": asked.id, "start_s": round(start_s, 6)}
    return jobs.submit("render", request, caller.key_id)


def mix_of(request: Mapping[str, Any]) -> Mix:
    """What a job was asked for."""
    return Mix(**{name: request[name] for name in ("start_s", "video_volume", "music_volume", "fade_s", "duck")})


def _best_start_s(music: Track, asked: StoredRecommendation, *, library: Library, encoder: SectionEncoder) -> float:
    """The beginning, where the video was embedded for another checkpoint or the track has no stored features."""
    if asked.digest != library.digest:
        return 0.0
    found = fitting_sections(
        [music],
        embedding=asked.embedding,
        video_duration_s=asked.video.duration_s,
        library=library,
        encoder=encoder,
    )
    section = found[music.number].section
    return section.start_s if section is not None else 0.0
