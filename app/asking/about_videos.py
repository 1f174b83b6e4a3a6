"""What can be asked about a video: its ranking, the same again with other filters, the finished video, feedback."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from app.asking.answers import parsed
from app.asking.errors import UnexpectedAnswer
from app.asking.flow import Attempt, Operation
from app.asking.messages import OnProgress, Progress, Request, asking, getting, path_to, with_file, with_json
from app.asking.results import Job, Recommendation, RenderResult
from app.errors import InvalidParameter
from app.filters import Shaping, TrackFilter
from app.request_errors import JobNotFinished

Event = Literal["played", "chosen", "rejected"]
EVERY_TRACK = TrackFilter()
AS_THEY_COME = Shaping()


def recommend(
    video: Path | str,
    *,
    title: str | None = None,
    keywords: Sequence[str] = (),
    limit: int = 10,
    keep: bool = False,
    filters: TrackFilter = EVERY_TRACK,
    shaping: Shaping = AS_THEY_COME,
    on_progress: OnProgress | None = None,
) -> Operation[Recommendation]:
    """The music that fits a video best. `keep`: the server keeps the video, for `render`.

    Raises ApiError with whatever the server has against the video, and OSError where it cannot be read here.
    """
    said = {"title": title, "keywords": keywords, "limit": limit, "keep": keep or None}
    fields = {**said, **asdict(filters), **asdict(shaping)}
    # Asked twice, the server would keep two copies, of which one is in no answer.
    request = with_file("/recommend", "video", Path(video), fields, {}, Progress(on_progress))
    return parsed(Recommendation, (yield Attempt(replace(request, is_repeatable=not keep))))


def ranking(
    recommendation_id: str,
    *,
    limit: int = 10,
    offset: int = 0,
    filters: TrackFilter = EVERY_TRACK,
    shaping: Shaping = AS_THEY_COME,
) -> Operation[Recommendation]:
    """The same video again, with other filters or from another place on, without another upload."""
    query = {"limit": limit, "offset": offset, **asdict(filters), **asdict(shaping)}
    request = getting(path_to("recommend", recommendation_id), **query)
    return parsed(Recommendation, (yield Attempt(request)))


def forget(recommendation_id: str) -> Operation[None]:
    """The server forgets the recommendation, and the video if it was kept."""
    yield Attempt(asking("DELETE", path_to("recommend", recommendation_id)))


def feedback(recommendation_id: str, track_id: str, event: Event) -> Operation[None]:
    members = {"recommendation_id": recommendation_id, "track_id": track_id, "event": event}
    yield Attempt(with_json("POST", "/feedback", members))


def render(
    recommendation_id: str,
    track_id: str,
    *,
    start_s: float | None = None,
    video_volume: float = 1.0,
    music_volume: float = 1.0,
    fade_s: float = 1.5,
    duck: bool = False,
) -> Operation[Job]:
    """Begins to put a track under a kept video; `wait` for the job, then `download` it.

    `start_s` None: from the track's best section. Volumes 0 to 1. `duck`: the music steps back under speech.
    """
    mix = {"start_s": start_s, "video_volume": video_volume, "music_volume": music_volume}
    members = {"track_id": track_id, **mix, "fade_s": fade_s, "duck": duck}
    request = with_json("POST", path_to("recommend", recommendation_id, "render"), members)
    return parsed(Job, (yield Attempt(request)))


def credits_of(rendered: Job) -> Operation[str]:
    """The line that the licence of a finished video's music asks for. Raises JobNotFinished."""
    answer = yield Attempt(getting(_result_of(rendered).credits_url))
    try:
        return answer.body.decode().strip()
    except UnicodeDecodeError as error:
        raise UnexpectedAnswer(status=answer.status, reason="the text is not UTF-8") from error


def download(what: Job | str, to: Path | str, *, on_progress: OnProgress | None = None) -> Operation[Path]:
    """Puts a finished video, or whatever an answer has the address of, into a file; its path.

    The file is whole or not there at all; one of that name is replaced. Raises JobNotFinished, and OSError where it
    cannot be written.
    """
    address = _result_of(what).url if isinstance(what, Job) else what
    # The key goes along, so it must be a path of this server.
    if not address.startswith("/") or address.startswith("//") or not address.isprintable():
        raise InvalidParameter(parameter="what", reason="must be an address out of an answer, such as /music/…/audio")
    # What is packed on its way would not have the length that was announced.
    as_it_is = {"Accept-Encoding": "identity"}
    options: dict[str, Any] = {"into": Path(to), "progress": Progress(on_progress), "is_repeatable": True}
    yield Attempt(Request(method="GET", target=address, headers=as_it_is, **options))
    return Path(to)


def _result_of(job: Job) -> RenderResult:
    if not isinstance(job.result, RenderResult):
        raise JobNotFinished(job_id=job.id, state=job.state)
    return job.result
