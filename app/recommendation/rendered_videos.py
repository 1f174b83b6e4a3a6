"""Finished videos with their music: fetched, and removed with the recommendation they belong to. Blocking."""

import logging

from app.access import ANYBODY, Caller
from app.catalogue.jobs import JobStore
from app.catalogue.recommendations import StoredRecommendation
from app.recommendation.job_pages import owned_job
from app.recommendation.kept_videos import recommendation
from app.recommendation.library import Library
from app.recommendation.playable import PlayableFile
from app.request_errors import JobNotFinished, JobNotFound, RecommendationExpired, RecommendationNotFound

LOG = logging.getLogger(__name__)

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
}


def open_rendered(recommendation_id: str, job_id: str, *, caller: Caller, library: Library) -> PlayableFile:
    """Raises RecommendationNotFound, RecommendationExpired, JobNotFound and JobNotFinished."""
    asked = _finished(recommendation_id, job_id, caller=caller, library=library)
    path = library.blobs.rendered.find(asked.id, job_id)
    if path is None:
        raise JobNotFound(job_id=job_id)
    name = f"{asked.brief.title or 'video'} with music{path.suffix}"
    return PlayableFile.open(path, media_type=MEDIA_TYPES[path.suffix], name=name, tag=job_id)


def rendered_credits(recommendation_id: str, job_id: str, *, caller: Caller, library: Library) -> str:
    """The line that the music's licence asks for. Raises as `open_rendered`."""
    asked = _finished(recommendation_id, job_id, caller=caller, library=library)
    words = library.blobs.rendered.words(asked.id, job_id)
    if words is None:
        raise JobNotFound(job_id=job_id)
    return words


def sweep_rendered(library: Library) -> list[str]:
    """Removes the videos of recommendations that are gone; the ids of those."""
    gone = [one for one in sorted(library.blobs.rendered.recommendations()) if not _is_alive(one, library)]
    for recommendation_id in gone:
        library.blobs.rendered.delete(recommendation_id)
    if gone:
        LOG.info("removed rendered videos of %d recommendations that are gone", len(gone))
    return gone


def _finished(recommendation_id: str, job_id: str, *, caller: Caller, library: Library) -> StoredRecommendation:
    """The recommendation, of which this job has rendered a video."""
    asked = recommendation(recommendation_id, caller=caller, library=library)
    job = owned_job(job_id, caller=caller, store=JobStore(library.catalogue.transactions))
    if job.kind != "render" or job.request["recommendation_id"] != recommendation_id:
        raise JobNotFound(job_id=job_id)
    if job.state != "done":
        raise JobNotFinished(job_id=job_id, state=job.state)
    return asked


def _is_alive(recommendation_id: str, library: Library) -> bool:
    try:
        recommendation(recommendation_id, caller=ANYBODY, library=library)
    except (RecommendationNotFound, RecommendationExpired):
        return False
    return True
