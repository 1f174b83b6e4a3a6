"""Tracks and kept videos as every browser plays them. A preview is made when somebody first asks for it, and once."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Self

from app.access import Caller
from app.errors import NotReady, Overloaded
from app.recommendation.kept_videos import kept_video, recommendation
from app.recommendation.library import Library
from app.recommendation.playable import PlayableFile
from app.recommendation.preview_files import FILM, SOUND, PreviewForm, PreviewStudio, make_preview, open_preview
from app.recommendation.tracks import track
from app.request_errors import VideoNotKept

# How long a request waits for a preview; it goes on being made after that.
PATIENCE_S = 45.0
# They only wait for the processes that do the work.
THREADS = 4
MOST_IN_WORK = 64


class Previews:
    """A context manager; what is being made when it is left ends with the studio. Whoever asks for what is being made
    waits for the same one.

    Raises, wherever a file is asked for: MediaError, NotReady, Overloaded, EncoderUnavailable and DiskFull.
    """

    def __init__(self, studio: PreviewStudio, *, patience_s: float = PATIENCE_S) -> None:
        self._studio, self._patience_s = studio, patience_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="previews")
        self._in_work: dict[tuple[str, PreviewForm], Future[None]] = {}
        self._changing = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def of_track(self, track_id: str, *, library: Library) -> PlayableFile:
        """Raises TrackNotFound and TrackDeleted too."""
        found = await asyncio.to_thread(track, track_id, library=library)
        file = await self._file(found.sha256, SOUND, name=found.file_name or found.id, library=library)
        if file is None:
            # Purged a moment ago, or a library that lost a file: the first is the caller's news, the second a defect.
            await asyncio.to_thread(track, track_id, library=library)
            raise FileNotFoundError(library.blobs.path(found.sha256))
        return file

    async def of_kept_video(self, recommendation_id: str, *, caller: Caller, library: Library) -> PlayableFile:
        """Raises RecommendationNotFound, RecommendationExpired and VideoNotKept too."""
        sha256 = await asyncio.to_thread(_kept_sha256, recommendation_id, caller=caller, library=library)
        file = await self._file(sha256, FILM, name="video", library=library)
        if file is None:
            raise VideoNotKept(recommendation_id=recommendation_id)
        return file

    async def _file(self, sha256: str, form: PreviewForm, *, name: str, library: Library) -> PlayableFile | None:
        """None where the original is gone."""
        look = partial(open_preview, sha256, form, name=name, blobs=library.blobs)
        found = await asyncio.to_thread(look)
        if found is not None or not library.blobs.path(sha256).exists():
            return found
        # Others wait for it too, so it is not given up when one of them is.
        made, _ = await asyncio.wait([asyncio.wrap_future(self._made(sha256, form, library))], timeout=self._patience_s)
        if not made:
            raise NotReady(missing=["this preview, which is being made"])
        made.pop().result()
        return await asyncio.to_thread(look)

    def _made(self, sha256: str, form: PreviewForm, library: Library) -> Future[None]:
        key = (sha256, form)
        with self._changing:
            if key in self._in_work:
                return self._in_work[key]
            if len(self._in_work) >= MOST_IN_WORK:
                raise Overloaded(limit=MOST_IN_WORK)
            work = partial(make_preview, sha256, form, blobs=library.blobs, studio=self._studio)
            future = self._in_work[key] = self._threads.submit(work)
        future.add_done_callback(lambda _: self._forget(key))
        return future

    def _forget(self, key: tuple[str, PreviewForm]) -> None:
        with self._changing:
            del self._in_work[key]


def _kept_sha256(recommendation_id: str, *, caller: Caller, library: Library) -> str:
    asked = recommendation(recommendation_id, caller=caller, library=library)
    return kept_video(asked, library=library).name
