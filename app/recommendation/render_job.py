"""The work of a render job: a track under a kept video, into a file that stays as long as the recommendation does."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.access import ANYBODY
from app.domain import Mix, Rendered
from app.jobs import Job, JobKind
from app.recommendation.credits import credits_line
from app.recommendation.job_work import Progress
from app.recommendation.kept_videos import kept_video, recommendation
from app.recommendation.library import Library
from app.recommendation.render_video import mix_of
from app.recommendation.serving import Serving
from app.recommendation.tracks import track
from app.request_errors import RecommendationExpired, RecommendationNotFound

# How often a job looks whether it was cancelled, and how long it waits then for what is being written to be left alone.
LOOK_EVERY_S = 0.1
PATIENCE_S = 2.0


class VideoInWork(Protocol):
    def result(self, timeout_s: float) -> Rendered | None: ...

    def cancel(self) -> None: ...


class Renderer(Protocol):
    """In production the studio."""

    def render(self, video: Path, track: Path, mix: Mix, *, output: Path) -> VideoInWork: ...


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Works with what is served at the time; of a library only what no checkpoint changes is looked at."""

    serving: Serving
    renderer: Renderer
    kind: JobKind = "render"

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """Where to fetch the video. Raises what looking up recommendation and track raises, and what rendering does."""
        progress.set_total(1)
        with self.serving.held() as served:
            rendered = self._render(job, progress, served.library)
        if rendered is None:
            return {}
        progress.advance()
        return _result(job, rendered)

    def _render(self, job: Job, progress: Progress, library: Library) -> Rendered | None:
        # Whoever asked was allowed to, and may have been an administrator.
        asked = recommendation(job.request["recommendation_id"], caller=ANYBODY, library=library)
        music = track(job.request["track_id"], library=library)
        try:
            with library.blobs.new_upload() as output:
                video, sound = kept_video(asked, library=library), library.blobs.path(music.sha256)
                rendered = _awaited(self.renderer.render(video, sound, mix_of(job.request), output=output), progress)
                if rendered is not None:
                    words = credits_line(music)
                    library.blobs.rendered.put(output, asked.id, job.id, suffix=rendered.suffix, words=words)
        finally:
            # Whatever failed may have failed for that.
            _drop_if_forgotten(asked.id, library=library)
        return rendered


def _awaited(in_work: VideoInWork, progress: Progress) -> Rendered | None:
    """None where it was cancelled."""
    while not progress.is_cancelled:
        try:
            return in_work.result(LOOK_EVERY_S)
        except TimeoutError:
            continue
    in_work.cancel()
    # One that still waits for its turn is given up when that comes.
    with suppress(TimeoutError):
        in_work.result(PATIENCE_S)
    return None


def _drop_if_forgotten(recommendation_id: str, *, library: Library) -> None:
    """What was deleted while its video was rendered must leave nothing behind."""
    try:
        recommendation(recommendation_id, caller=ANYBODY, library=library)
    except (RecommendationNotFound, RecommendationExpired):
        library.blobs.rendered.delete(recommendation_id)
        raise


def _result(job: Job, rendered: Rendered) -> dict[str, Any]:
    url = f"/recommend/{job.request['recommendation_id']}/render/{job.id}"
    return {
        "url": url,
        "credits_url": f"{url}/credits",
        "loudness_lufs": rendered.loudness_lufs,
        "size_bytes": rendered.size_bytes,
    }
