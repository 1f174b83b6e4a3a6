"""Renders videos and makes previews in processes of its own. Runs in the server; loads no media library itself, and
knows no HTTP, no catalogue and no track."""

import shutil
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self

from app.domain import MediaLimits, Mix, Rendered
from app.errors import EncoderUnavailable, MediaTookTooLong, NotReady
from app.inference.crew import Crew
from app.inference.job_queue import AnswerT, Job
from app.inference.member import WorkerStatus
from app.inference.render_jobs import PreviewSound, PreviewVideo, RenderSetup, RenderVideo
from app.inference.scratch import Scratch
from app.inference.worker_process import WorkerKind

# Seconds a job may take, and for each second of the longest video. The limits of each run of ffmpeg are shorter and
# count what it has to do; these are for a process that hangs.
LAST_RESORT_S, LAST_RESORT_PER_S = 600.0, 12.0


@dataclass(frozen=True, slots=True)
class StudioSetup:
    """`temporary`: a folder that pools and other studios may use too. `processes`: of each of the two kinds."""

    temporary: Path
    video_limits: MediaLimits
    track_limits: MediaLimits
    processes: int = 1


class Rendering:
    """A video that is being rendered."""

    def __init__(self, answer: Future[Rendered | None], stop: Path) -> None:
        self._answer, self._stop = answer, stop

    def result(self, timeout_s: float) -> Rendered | None:
        """None where it was cancelled. Raises TimeoutError while it is worked on, and as `Studio.render` says."""
        return self._answer.result(timeout_s)

    def cancel(self) -> None:
        """Lets it end: within a fifth of a second where ffmpeg works on it, else when its turn comes."""
        # Without its folder the studio was left, and nothing goes on.
        if not self._answer.done() and self._stop.parent.exists():
            self._stop.touch()


class Studio:
    """A context manager: its processes start with the first job of their kind, and have ended after leaving.

    Long renderings do not hold up previews: those have processes of their own. Any thread may call its methods. Answers
    raise MediaError, EncoderUnavailable, DiskFull, WorkerDefect, and NotReady where ffmpeg is needed and not there.
    """

    def __init__(self, setup: StudioSetup) -> None:
        self._scratch = Scratch(setup.temporary)
        self._kinds = {name: _kind(name, setup) for name in ("render", "preview")}
        self._processes = setup.processes
        self._starting = Lock()
        self._crews: dict[str, Crew] = {}
        self._is_left = False
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        self._exits.enter_context(self._scratch)
        return self

    def __exit__(self, *exception: object) -> None:
        with self._starting:
            self._is_left = True
            self._exits.close()

    def require(self) -> None:
        """Raises NotReady where there is no ffmpeg."""
        if shutil.which("ffmpeg") is None:
            raise NotReady(missing=["ffmpeg"])

    def render(self, video: Path, track: Path, mix: Mix, *, output: Path) -> Rendering:
        """Lays a track under a video, into `output`. Raises NotReady where there is no ffmpeg."""
        self.require()
        with ExitStack() as stack:
            stop = stack.enter_context(self._scratch.file())
            answer = self._submit("render", RenderVideo(video, track, mix, output, stop))
            until_answered = stack.pop_all()
        answer.add_done_callback(lambda _: until_answered.close())
        return Rendering(answer, stop)

    def preview_sound(self, source: Path, output: Path) -> Future[str | None]:
        """The media type of `source` where every browser plays its sound as it is and it is small; else None, and
        `output` is AAC."""
        return self._submit("preview", PreviewSound(source, output))

    def preview_video(self, source: Path, output: Path) -> Future[str | None]:
        """As `preview_sound`, of a video; `output` is an MP4 of H.264 and AAC."""
        return self._submit("preview", PreviewVideo(source, output))

    def status(self) -> list[WorkerStatus]:
        """Of the processes that were needed so far."""
        return [worker for crew in list(self._crews.values()) for worker in crew.status()]

    def _submit(self, kind: str, job: Job[AnswerT]) -> Future[AnswerT]:
        with self._starting:
            if self._is_left:
                raise EncoderUnavailable(worker=kind)
            if kind not in self._crews:
                crew = Crew(self._kinds[kind], count=self._processes)
                self._crews[kind] = self._exits.enter_context(crew)
        return self._crews[kind].submit(job)


def _kind(name: str, setup: StudioSetup) -> WorkerKind:
    longest_s = max(setup.video_limits.max_duration_s, setup.track_limits.max_duration_s)
    limit_s = LAST_RESORT_S + LAST_RESORT_PER_S * longest_s
    return WorkerKind(
        name=name,
        module="app.inference.render_worker",
        setup=RenderSetup(setup.video_limits, setup.track_limits),
        time_limit_s=limit_s,
        too_late=lambda: MediaTookTooLong(limit_s=limit_s),
    )
