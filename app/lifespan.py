"""Makes everything that lives long, in the one order that works, and closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypedDict, TypeVar

from app.access import is_loopback
from app.catalogue.keys import KeyStore
from app.inference.fingerprints import available_fingerprints
from app.inference.pool import InferencePool
from app.inference.studio import Studio
from app.opening import (
    INDEX_FOLDER,
    data_folder,
    open_library,
    running_pool,
    running_studio,
    with_checkpoint_of_library,
)
from app.recommendation.checkpoints import KeptCheckpoints
from app.recommendation.chores import Chore, doing
from app.recommendation.deleted_tracks import purge_deleted
from app.recommendation.doorkeeper import Doorkeeper, DoorRules
from app.recommendation.forget import forget_expired
from app.recommendation.import_job import ImportJob
from app.recommendation.initial_key import take_in_initial_key
from app.recommendation.job_runner import JobRunner
from app.recommendation.job_work import JobWork
from app.recommendation.library import Library
from app.recommendation.previews import Previews
from app.recommendation.recording_keeper import RecordingKeeper
from app.recommendation.reembed_job import ReembedJob
from app.recommendation.render_job import RenderJob
from app.recommendation.render_video import Workshop
from app.recommendation.rendered_videos import sweep_rendered
from app.recommendation.serving import Serving
from app.recommendation.stages import StageBoard
from app.recommendation.sweep import sweep
from app.recommendation.switch import Switch
from app.settings import Settings

# As many as the catalogue has connections.
THREADS = 40
MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
ThingT = TypeVar("ThingT")


class State(TypedDict):
    """What requests find; `app.api.dependencies` hands it to endpoints by type."""

    serving: Serving
    door: Doorkeeper
    jobs: JobRunner
    stages: StageBoard
    studio: Workshop
    previews: Previews
    recommendations_last: timedelta
    import_dir: Path | None
    max_upload_bytes: int
    stopping: asyncio.Event


@asynccontextmanager
async def lifespan(settings: Settings) -> AsyncIterator[State]:
    """Everything a server needs. Raises SetupError where it must not start."""
    async with AsyncExitStack() as stack:
        # A request waits in a thread for disk and database; by default there would be six of them on two processors,
        # and six writers waiting for SQLite would hold up everybody.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="blocking"))
        # Blocking steps go to threads, so that an impatient operator can still interrupt them.
        settings = await asyncio.to_thread(with_checkpoint_of_library, settings)
        library = await stack.enter_async_context(_in_threads(open_library(settings)))
        if settings.initial_key_file is not None:
            keys = KeyStore(library.catalogue.transactions)
            await asyncio.to_thread(take_in_initial_key, settings.initial_key_file, keys=keys)
        switch = await stack.enter_async_context(_in_threads(_switch(settings, library)))
        studio = await stack.enter_async_context(_in_threads(running_studio(settings)))
        previews = stack.enter_context(Previews(studio))
        keeper = RecordingKeeper(lambda: switch.serving.current.library, fingerprinter=available_fingerprints)
        await stack.enter_async_context(_in_threads(keeper))
        runner = JobRunner(library.catalogue.transactions, _works(settings, switch, studio))
        jobs = await stack.enter_async_context(_in_threads(runner))
        await stack.enter_async_context(doing(*_chores(switch.serving, jobs)))
        yield State(
            serving=switch.serving,
            door=Doorkeeper(library.catalogue.transactions, _door_rules(settings)),
            jobs=jobs,
            stages=StageBoard(),
            studio=studio,
            previews=previews,
            recommendations_last=timedelta(hours=settings.recommendation_hours),
            import_dir=settings.import_dir,
            max_upload_bytes=settings.max_upload_mb * 1_000_000,
            stopping=asyncio.Event(),
        )


def _switch(settings: Settings, library: Library) -> Switch:
    def open_pool(checkpoint: Path) -> AbstractContextManager[InferencePool]:
        return running_pool(settings.model_copy(update={"checkpoint": checkpoint}))

    folder = data_folder(settings)
    kept = KeptCheckpoints(folder)
    return Switch(library, settings.checkpoint, kept=kept, open_pool=open_pool, index_folder=folder / INDEX_FOLDER)


def _works(settings: Settings, switch: Switch, studio: Studio) -> list[JobWork]:
    # One decode process is left to requests, where there is more than one.
    at_once = max(1, settings.decoders - 1)
    return [
        ImportJob(switch.serving, settings.import_dir, library_folder=settings.data_dir, at_once=at_once),
        ReembedJob(switch, at_once=at_once),
        RenderJob(switch.serving, studio),
    ]


def _chores(serving: Serving, jobs: JobRunner) -> list[Chore]:
    return [
        Chore("read what filters look at", lambda: _warm(serving.current.library), HOUR_S),
        Chore("sweep away files that no track names", lambda: sweep(serving.current.library), DAY_S),
        Chore("remove tracks that were deleted", lambda: purge_deleted(serving.current.library), HOUR_S),
        Chore("forget recommendations that have expired", lambda: forget_expired(serving.current.library), MINUTE_S),
        Chore("remove rendered videos of what is forgotten", lambda: sweep_rendered(serving.current.library), HOUR_S),
        Chore("forget jobs that ended long ago", jobs.store.purge, DAY_S),
    ]


def _warm(library: Library) -> None:
    library.filter_table.warm(library.catalogue)


def _door_rules(settings: Settings) -> DoorRules:
    is_local = is_loopback(settings.host)
    return DoorRules(
        needs_key=not (is_local or settings.allow_without_key),
        is_local=is_local and not settings.allow_without_key,
        requests_per_minute=settings.requests_per_minute,
    )


@asynccontextmanager
async def _in_threads(opened: AbstractContextManager[ThingT]) -> AsyncIterator[ThingT]:
    thing = await asyncio.to_thread(opened.__enter__)
    try:
        yield thing
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)
