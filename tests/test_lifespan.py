import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import lifespan
from app.domain import Embedding, Float32Array
from app.encoders.spec import digest_of, read_spec
from app.index.snapshot import SNAPSHOT
from app.jobs import Job
from app.lifespan import State
from app.opening import open_library
from app.recommendation.checkpoints import KeptCheckpoints
from app.settings import STARTER_CHECKPOINT, Settings
from tests.fake_pool import FakePool, embedding_of
from tests.fake_studio import FakeStudio
from tests.settings_at_hand import add_a_track, another_checkpoint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", import_dir=tmp_path / "imports")


class StarterPool(FakePool):
    """Its embeddings are as wide as those of the checkpoint that it was opened for."""

    def __init__(self, checkpoint: Path) -> None:
        super().__init__()
        self.checkpoint = checkpoint
        self._dim = read_spec(checkpoint).embedding_dim

    def embed_features(self, features: Sequence[Float32Array]) -> Future[list[Embedding]]:
        answer: Future[list[Embedding]] = Future()
        answer.set_result([embedding_of(stored.tobytes(), dim=self._dim) for stored in features])
        return answer


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[StarterPool]:
    """Those that were opened in the place of worker processes, in their order."""
    opened: list[StarterPool] = []

    @contextmanager
    def running(settings: Settings) -> Iterator[StarterPool]:
        opened.append(StarterPool(settings.checkpoint))
        with opened[-1]:
            yield opened[-1]

    @contextmanager
    def studio(_: Settings) -> Iterator[FakeStudio]:
        yield FakeStudio()

    monkeypatch.setattr(lifespan, "running_pool", running)
    monkeypatch.setattr(lifespan, "running_studio", studio)
    return opened


def within_lifespan(settings: Settings, work: Callable[[State], Awaitable[None]]) -> None:
    async def run() -> None:
        async with lifespan.lifespan(settings) as state:
            await work(state)

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(is_so):
            await asyncio.sleep(0.01)


async def ended(state: State, job: Job) -> Job:
    await until(lambda: state["jobs"].store.get(job.id).is_final)
    return state["jobs"].store.get(job.id)


def test_a_server_has_all_that_requests_ask_for(settings: Settings, pools: list[StarterPool]) -> None:
    async def work(state: State) -> None:
        served = state["serving"].current
        assert [served.pool] == pools
        assert served.follower.is_alive
        assert state["max_upload_bytes"] == settings.max_upload_mb * 1_000_000
        assert state["import_dir"] == settings.import_dir
        assert not state["stopping"].is_set()

    within_lifespan(settings, work)


def test_videos_that_were_kept_go_within_a_minute_of_their_time(settings: Settings, pools: list[StarterPool]) -> None:
    async def work(state: State) -> None:
        chores = lifespan._chores(state["serving"], state["jobs"])
        assert [chore.every_s for chore in chores if "recommendations that have expired" in chore.what] == [60.0]

    within_lifespan(settings, work)


def test_a_server_follows_what_others_add_and_saves_it_when_it_ends(
    settings: Settings, pools: list[StarterPool]
) -> None:
    async def work(state: State) -> None:
        await asyncio.to_thread(add_a_track, settings)
        index = state["serving"].current.library.upkeep.index
        await until(lambda: len(index) == 1)

    within_lifespan(settings, work)
    assert (settings.data_dir / "index" / SNAPSHOT).exists()


def test_what_a_killed_server_left_is_swept_away_at_the_next_start(
    settings: Settings, pools: list[StarterPool]
) -> None:
    with open_library(settings) as library, library.blobs.new_upload() as mine:
        left = mine.with_name("upload-left")
        left.write_bytes(b"half a file")
        orphan = library.blobs.path("a" * 64)
        orphan.parent.mkdir(parents=True)
        orphan.write_bytes(b"orphan")
        os.utime(orphan, (0, 0))

    async def work(_: State) -> None:
        await until(lambda: not (left.exists() or orphan.exists()))

    within_lifespan(settings, work)


def test_what_was_opened_is_closed_where_a_later_step_fails(
    settings: Settings, pools: list[StarterPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def failing(_: Settings) -> Iterator[FakeStudio]:
        raise ZeroDivisionError
        yield FakeStudio()

    monkeypatch.setattr(lifespan, "running_studio", failing)

    async def work(_: State) -> None:
        raise AssertionError

    with pytest.raises(ZeroDivisionError):
        within_lifespan(settings, work)
    with pytest.raises(RuntimeError, match="shutdown"):
        pools[0].encode_track(settings.data_dir)


def test_a_server_runs_the_jobs_of_every_kind(settings: Settings, pools: list[StarterPool], tmp_path: Path) -> None:
    (tmp_path / "imports" / "empty").mkdir(parents=True)

    async def work(state: State) -> None:
        made = state["jobs"].submit("import", {"folder": "empty", "csv": None}, None)
        assert (await ended(state, made)).result == {"added": 0, "present": 0, "refused": 0, "skipped": 0}
        lost = state["jobs"].submit("render", {}, None)
        assert (await ended(state, lost)).state == "failed"

    within_lifespan(settings, work)


def test_a_library_moved_while_it_is_served_is_served_by_that_checkpoint_ever_after(
    settings: Settings, pools: list[StarterPool], tmp_path: Path
) -> None:
    digest = KeptCheckpoints(settings.data_dir).keep(another_checkpoint(tmp_path / "other"))

    async def move(state: State) -> None:
        job = await ended(state, state["jobs"].submit("reembed", {"digest": digest}, None))
        assert job.state == "done"
        assert state["serving"].current.library.digest == digest
        assert state["serving"].current.pool is pools[1]

    async def look(state: State) -> None:
        assert state["serving"].current.library.digest == digest

    within_lifespan(settings, move)
    assert [digest_of(pool.checkpoint) for pool in pools] == [digest_of(STARTER_CHECKPOINT), digest]
    within_lifespan(settings, look)
    assert digest_of(pools[2].checkpoint) == digest
