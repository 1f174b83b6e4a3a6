"""The API from Python: `Client` for threads, `AsyncClient` for event loops, with the same methods and one mind.

    with Client("https://music.example.org", key="…") as client:
        found = client.recommend("clip.mp4", keywords=["calm", "spring"], keep=True)
        job = client.render(found.id, found.results[0].track.id)
        client.download(client.wait(job), "clip-with-music.mp4")

What goes wrong is a ClientError (`app.asking.errors`), or an OSError where a file here is at fault. Busy servers and
broken connections are tried again where that does no harm.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from app.asking import about_jobs, about_music, about_videos
from app.asking.about_videos import EVERY_TRACK
from app.asking.flow import Operation, patient
from app.asking.retries import USUAL_RETRIES, Retries
from app.asking.track_results import StoredTrack
from app.asking.transport import LoopTransport, ThreadTransport
from app.asking.wire import Address
from app.filters import TrackFilter

P = ParamSpec("P")
ResultT = TypeVar("ResultT")
USUAL_TIMEOUT_S = 300.0


def _does(operation: Callable[P, Operation[ResultT]]) -> "Callable[Concatenate[Client, P], ResultT]":
    @wraps(operation)
    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return self._run(operation(*args, **kwargs))

    return method


def _awaits(
    operation: Callable[P, Operation[ResultT]],
) -> "Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, ResultT]]":
    @wraps(operation)
    async def method(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return await self._run(operation(*args, **kwargs))

    return method


class Client:
    """`key` is sent with every request. `timeout_s`: how long the server may be silent. Threads may share one."""

    def __init__(
        self,
        server: str,
        *,
        key: str | None = None,
        retries: Retries = USUAL_RETRIES,
        timeout_s: float = USUAL_TIMEOUT_S,
    ) -> None:
        self._transport = ThreadTransport(Address(server, timeout_s), key)
        self._retries = retries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    recommend = _does(about_videos.recommend)
    ranking = _does(about_videos.ranking)
    forget = _does(about_videos.forget)
    feedback = _does(about_videos.feedback)
    render = _does(about_videos.render)
    credits_of = _does(about_videos.credits_of)
    download = _does(about_videos.download)

    add = _does(about_music.add)
    track = _does(about_music.track)
    facets = _does(about_music.facets)
    edit = _does(about_music.edit)
    delete = _does(about_music.delete)
    restore = _does(about_music.restore)
    similar = _does(about_music.similar)
    waveform = _does(about_music.waveform)
    import_folder = _does(about_music.import_folder)

    job = _does(about_jobs.job)
    jobs = _does(about_jobs.jobs)
    cancel = _does(about_jobs.cancel)
    wait = _does(about_jobs.wait)

    def tracks(self, q: str | None = None, *, filters: TrackFilter = EVERY_TRACK) -> Iterator[StoredTrack]:
        """All tracks that match, newest first, fetched page by page as they are gone through."""
        run = self._run(about_music.tracks(q, filters=filters))
        yield from run.items
        while run.go_on is not None:
            run = self._run(run.go_on())
            yield from run.items

    def _run(self, operation: Operation[ResultT]) -> ResultT:
        return self._transport.run(patient(operation, self._retries))


class AsyncClient:
    """As `Client`, for an event loop; `on_progress` is called in it."""

    def __init__(
        self,
        server: str,
        *,
        key: str | None = None,
        retries: Retries = USUAL_RETRIES,
        timeout_s: float = USUAL_TIMEOUT_S,
    ) -> None:
        self._transport = LoopTransport(Address(server, timeout_s), key)
        self._retries = retries

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    recommend = _awaits(about_videos.recommend)
    ranking = _awaits(about_videos.ranking)
    forget = _awaits(about_videos.forget)
    feedback = _awaits(about_videos.feedback)
    render = _awaits(about_videos.render)
    credits_of = _awaits(about_videos.credits_of)
    download = _awaits(about_videos.download)

    add = _awaits(about_music.add)
    track = _awaits(about_music.track)
    facets = _awaits(about_music.facets)
    edit = _awaits(about_music.edit)
    delete = _awaits(about_music.delete)
    restore = _awaits(about_music.restore)
    similar = _awaits(about_music.similar)
    waveform = _awaits(about_music.waveform)
    import_folder = _awaits(about_music.import_folder)

    job = _awaits(about_jobs.job)
    jobs = _awaits(about_jobs.jobs)
    cancel = _awaits(about_jobs.cancel)
    wait = _awaits(about_jobs.wait)

    async def tracks(self, q: str | None = None, *, filters: TrackFilter = EVERY_TRACK) -> AsyncIterator[StoredTrack]:
        """All tracks that match, newest first, fetched page by page as they are gone through."""
        run = await self._run(about_music.tracks(q, filters=filters))
        for item in run.items:
            yield item
        while run.go_on is not None:
            run = await self._run(run.go_on())
            for item in run.items:
                yield item

    async def _run(self, operation: Operation[ResultT]) -> ResultT:
        return await self._transport.run(patient(operation, self._retries))
