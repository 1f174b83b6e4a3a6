"""Opens what lies on disk and starts what encodes, as the settings say; for server and command line alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.keys import KeyStore
from app.catalogue.migrate import upgrade
from app.domain import MediaLimits
from app.encoders.spec import EncoderSpec, digest_of, read_spec
from app.errors import CheckpointMismatch, full_disk_named
from app.inference.pool import InferencePool, PoolSetup
from app.inference.studio import Studio, StudioSetup
from app.recommendation.checkpoints import KeptCheckpoints
from app.recommendation.index_upkeep import open_index
from app.recommendation.library import Library
from app.settings import Settings

# Below the data folder.
INDEX_FOLDER = "index"


@dataclass(frozen=True, slots=True)
class Stores:
    """Catalogue and files, and the checkpoint to work with, which need not be the one the library has."""

    catalogue: Catalogue
    blobs: BlobStore
    index_folder: Path
    spec: EncoderSpec
    digest: str


def with_checkpoint_of_library(settings: Settings) -> Settings:
    """Where no checkpoint is named, and a copy is kept of the one the library is embedded for, that one is named.

    Raises CheckpointError where the copy is damaged, CatalogueError and DiskFull.
    """
    kept = KeptCheckpoints(settings.data_dir)
    if "checkpoint" in settings.model_fields_set or not kept.has_any():
        return settings
    with open_catalogue(settings) as catalogue, catalogue.reading() as queries:
        active = queries.active_digest()
    if active is None or not kept.has(active):
        return settings
    return settings.model_copy(update={"checkpoint": kept.folder(active)})


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """What lies on disk, for those who compare or change checkpoints. Migrates the database.

    Raises CheckpointError, CatalogueError and DiskFull.
    """
    checkpoint = with_checkpoint_of_library(settings).checkpoint
    spec, digest = read_spec(checkpoint), digest_of(checkpoint)
    folder = data_folder(settings)
    with open_catalogue(settings) as catalogue:
        yield Stores(catalogue, BlobStore(folder / "blobs"), folder / INDEX_FOLDER, spec, digest)


@contextmanager
def open_catalogue(settings: Settings) -> Iterator[Catalogue]:
    """The catalogue alone, for those who need neither files nor checkpoint. Migrates the database.

    Raises CatalogueError and DiskFull.
    """
    upgrade(settings.catalogue_url())
    engine = open_engine(settings.catalogue_url())
    try:
        yield Catalogue(engine)
    finally:
        engine.dispose()


def has_keys(settings: Settings) -> bool:
    """Whether the server wants a key already; makes no database where there is none. Raises CatalogueError."""
    if settings.database_url is None and not settings.catalogue_file().exists():
        return False
    with open_catalogue(settings) as catalogue:
        return KeyStore(catalogue.transactions).has_any()


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
        checkpoint=with_checkpoint_of_library(settings).checkpoint,
        temporary=data_folder(settings) / "scratch",
        video_limits=MediaLimits(max_duration_s=settings.max_video_seconds),
        track_limits=MediaLimits(max_duration_s=settings.max_track_seconds),
        device=settings.device,
        cache_dir=settings.cache_dir,
        decoders=settings.decoders,
    )
    with InferencePool(setup) as pool:
        yield pool


@contextmanager
def running_studio(settings: Settings) -> Iterator[Studio]:
    """What renders videos and makes previews; its processes start when they are needed."""
    setup = StudioSetup(
        temporary=data_folder(settings) / "scratch",
        video_limits=MediaLimits(max_duration_s=settings.max_video_seconds),
        track_limits=MediaLimits(max_duration_s=settings.max_track_seconds),
    )
    with Studio(setup) as studio:
        yield studio


def data_folder(settings: Settings) -> Path:
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
