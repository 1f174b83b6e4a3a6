import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import lifespan
from app.encoders.spec import read_spec
from app.errors import CheckpointError, CheckpointMismatch
from app.index.snapshot import SNAPSHOT
from app.lifespan import State, open_library
from app.settings import STARTER_CHECKPOINT, Settings
from tests.fake_pool import FakePool, embedding_of
from tests.recommendation.tracks_at_hand import new_track


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def other_checkpoint(tmp_path: Path) -> Path:
    """The starter under another name, which makes it another checkpoint."""
    folder = tmp_path / "other"
    shutil.copytree(STARTER_CHECKPOINT, folder)
    spec = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(spec | {"name": "other"}))
    return folder


def add_a_track(settings: Settings, content: bytes = b"1") -> None:
    """As another process would: the index of a running server is not told."""
    dim = read_spec(settings.checkpoint).embedding_dim
    embedding = embedding_of(content, dim=dim)
    with open_library(settings) as library, library.catalogue.writing() as queries:
        queries.add_track(new_track(content), digest=library.digest, embedding=embedding)


def test_a_new_data_folder_becomes_an_empty_library_for_the_checkpoint(settings: Settings) -> None:
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 0
        with library.catalogue.reading() as queries:
            assert queries.active_digest() == library.digest
    assert (settings.data_dir / "catalogue.sqlite3").exists()


def test_a_library_opens_again_with_what_is_in_it(settings: Settings) -> None:
    add_a_track(settings)
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 1


def test_a_library_of_another_checkpoint_is_refused_by_naming_the_command(
    settings: Settings, other_checkpoint: Path
) -> None:
    add_a_track(settings)
    with (
        pytest.raises(CheckpointMismatch, match="bgm reembed --checkpoint"),
        open_library(settings.model_copy(update={"checkpoint": other_checkpoint})),
    ):
        pass
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 1


def test_a_library_without_tracks_takes_any_checkpoint(settings: Settings, other_checkpoint: Path) -> None:
    with open_library(settings) as library:
        digest = library.digest
    with open_library(settings.model_copy(update={"checkpoint": other_checkpoint})) as library:
        assert library.digest != digest


def test_a_checkpoint_that_is_none_is_refused_before_anything_is_made(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError), open_library(settings.model_copy(update={"checkpoint": tmp_path})):
        pass
    assert not settings.data_dir.exists()


def within_lifespan(settings: Settings, work: Callable[[State], Awaitable[None]]) -> None:
    async def run() -> None:
        async with lifespan.lifespan(settings) as state:
            await work(state)

    asyncio.run(run())


@pytest.fixture
def fake_pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    """In the place of the worker processes."""
    pool = FakePool()

    @contextmanager
    def running(_: Settings) -> Iterator[FakePool]:
        with pool:
            yield pool

    monkeypatch.setattr(lifespan, "running_pool", running)
    return pool


def test_a_server_has_all_that_requests_ask_for(settings: Settings, fake_pool: FakePool) -> None:
    async def work(state: State) -> None:
        assert id(state["pool"]) == id(fake_pool)
        assert state["follower"].is_alive
        assert state["max_upload_bytes"] == settings.max_upload_mb * 1_000_000

    within_lifespan(settings, work)


def test_a_server_follows_what_others_add_and_saves_it_when_it_ends(settings: Settings, fake_pool: FakePool) -> None:
    async def work(state: State) -> None:
        await asyncio.to_thread(add_a_track, settings)
        index = state["library"].upkeep.index
        async with asyncio.timeout(10):
            while not len(index):
                await asyncio.sleep(0.01)

    within_lifespan(settings, work)
    assert (settings.data_dir / "index" / SNAPSHOT).exists()


def test_what_a_killed_server_left_is_swept_away_at_the_next_start(settings: Settings, fake_pool: FakePool) -> None:
    with open_library(settings) as library, library.blobs.new_upload() as mine:
        left = mine.with_name("upload-left")
        left.write_bytes(b"half a file")
        orphan = library.blobs.path("a" * 64)
        orphan.parent.mkdir(parents=True)
        orphan.write_bytes(b"orphan")
        os.utime(orphan, (0, 0))

    async def work(_: State) -> None:
        async with asyncio.timeout(10):
            while left.exists() or orphan.exists():
                await asyncio.sleep(0.01)

    within_lifespan(settings, work)


def test_what_was_opened_is_closed_where_a_later_step_fails(
    settings: Settings, fake_pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def failing(_: Settings) -> Iterator[FakePool]:
        raise ZeroDivisionError
        yield fake_pool

    monkeypatch.setattr(lifespan, "running_pool", failing)

    async def work(_: State) -> None:
        raise AssertionError

    with pytest.raises(ZeroDivisionError):
        within_lifespan(settings, work)
