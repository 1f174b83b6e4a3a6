"""Makes everything that lives long, in the one order that works, and closes it in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, TypeVar

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.migrate import upgrade
from app.domain import MediaLimits
from app.encoders.spec import EncoderSpec, digest_of, read_spec
from app.errors import BgmError, CheckpointMismatch, full_disk_named
from app.inference.pool import InferencePool, PoolSetup
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.index_upkeep import open_index
from app.recommendation.library import Library
from app.recommendation.sweep import sweep
from app.settings import Settings

LOG = logging.getLogger(__name__)

# As many as the catalogue has connections.
THREADS = 40
DAY_S = 24 * 3600.0
ThingT = TypeVar("ThingT")


class State(TypedDict):
    """What requests find; `app.api.dependencies` hands it to endpoints by type."""

    library: Library
    pool: InferencePool
    follower: ChangeFollower
    max_upload_bytes: int


@asynccontextmanager
async def lifespan(settings: Settings) -> AsyncIterator[State]:
    """Everything a server needs. Raises SetupError where it must not start."""
    async with AsyncExitStack() as stack:
        # A request waits in a thread for disk and database; by default there would be six of them on two processors,
        # and six writers waiting for SQLite would hold up everybody.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="blocking"))
        # Blocking steps go to threads, so that an impatient operator can still interrupt them.
        library = await stack.enter_async_context(_in_threads(open_library(settings)))
        pool = await stack.enter_async_context(_in_threads(running_pool(settings)))
        follower = await stack.enter_async_context(_in_threads(ChangeFollower(library.upkeep)))
        await stack.enter_async_context(_sweeping(library))
        yield State(
            library=library,
            pool=pool,
            follower=follower,
            max_upload_bytes=settings.max_upload_mb * 1_000_000,
        )


@dataclass(frozen=True, slots=True)
class Stores:
    """Catalogue and files, and the checkpoint of the settings, which need not be the one the library has."""

    catalogue: Catalogue
    blobs: BlobStore
    index_folder: Path
    spec: EncoderSpec
    digest: str


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """What lies on disk, for those who compare or change checkpoints. Migrates the database.

    Raises CheckpointError, CatalogueError and DiskFull.
    """
    spec, digest = read_spec(settings.checkpoint), digest_of(settings.checkpoint)
    folder = _data_folder(settings)
    upgrade(settings.catalogue_url())
    engine = open_engine(settings.catalogue_url())
    try:
        yield Stores(Catalogue(engine), BlobStore(folder / "blobs"), folder / "index", spec, digest)
    finally:
        engine.dispose()


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """Catalogue, files and index, for server and command line alike.

    Raises CheckpointMismatch, and what `open_stores` raises.
    """
    with open_stores(settings) as stores:
        catalogue, spec, digest = stores.catalogue, stores.spec, stores.digest
        _settle_checkpoint(catalogue, digest)
        upkeep = open_index(catalogue, stores.index_folder, digest=digest, dim=spec.embedding_dim)
        yield Library(catalogue=catalogue, blobs=stores.blobs, upkeep=upkeep, spec=spec, digest=digest)


@contextmanager
def running_pool(settings: Settings) -> Iterator[InferencePool]:
    """The worker processes, starting; whoever must have them ready waits for `wait_until_ready`."""
    setup = PoolSetup(
        checkpoint=settings.checkpoint,
        temporary=_data_folder(settings) / "scratch",
        video_limits=MediaLimits(max_duration_s=settings.max_video_seconds),
        track_limits=MediaLimits(max_duration_s=settings.max_track_seconds),
        device=settings.device,
        cache_dir=settings.cache_dir,
        decoders=settings.decoders,
    )
    with InferencePool(setup) as pool:
        yield pool


def _data_folder(settings: Settings) -> Path:
    folder = settings.data_dir.resolve()
    with full_disk_named():
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _settle_checkpoint(catalogue: Catalogue, digest: str) -> None:
    """A library without tracks takes any checkpoint; one with tracks only the one they are embedded for."""
    with catalogue.reading() as queries:
        active, count = queries.active_digest(), queries.count()
    if active == digest:
        return
    if active is not None and count:
        raise CheckpointMismatch(active=active, offered=digest)
    with catalogue.writing() as changes:
        changes.set_active_digest(digest)


@asynccontextmanager
async def _in_threads(opened: AbstractContextManager[ThingT]) -> AsyncIterator[ThingT]:
    thing = await asyncio.to_thread(opened.__enter__)
    try:
        yield thing
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


@asynccontextmanager
async def _sweeping(library: Library) -> AsyncIterator[None]:
    """At the start and daily, in the background: with many files it takes longer than a start may."""
    stop = asyncio.Event()
    task = asyncio.create_task(_sweep_daily(library, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _sweep_daily(library: Library, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(sweep, library)
        except (BgmError, OSError):
            LOG.exception("files that no track names could not be swept away; trying again tomorrow")
        with suppress(TimeoutError):
            async with asyncio.timeout(DAY_S):
                await stop.wait()
