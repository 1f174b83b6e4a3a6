import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from app.errors import CatalogueError, CheckpointMismatch, DeviceUnavailable, EncoderUnavailable
from app.index.snapshot import SNAPSHOT
from app.recommendation import growing_wait
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.library import Library
from app.recommendation.switch import Switch
from tests.fake_pool import FakePool, embedding_of
from tests.library_on_disk import DIGEST, a_spec
from tests.recommendation.job_works import until
from tests.recommendation.switching import NEW, NEWER, OLD_FOLDER, Pools, move, switching
from tests.recommendation.tracks_at_hand import add, add_elsewhere, new_track


@pytest.fixture
def pools() -> Pools:
    return Pools()


def serves(switch: Switch) -> str:
    return switch.serving.current.library.digest


def test_at_first_the_library_is_served_as_it_is_embedded(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch:
        served = switch.serving.current
        assert served.library is library
        assert served.pool is pools.made[OLD_FOLDER.name]
        assert served.follower.is_alive
    assert pools.made[OLD_FOLDER.name].closed.is_set()
    assert not served.follower.is_alive


def test_a_server_changes_over_when_the_library_was_moved(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    add(library, pool, b"one")
    with switching(library, tmp_path, pools) as switch:
        before = switch.serving.current
        move(library)
        until(lambda: serves(switch) == NEW)
        served = switch.serving.current
        assert served.pool is pools.made[NEW]
        assert len(served.library.upkeep.index) == 1
        assert served.library.blobs is library.blobs
        assert pools.made[OLD_FOLDER.name].closed.wait(10)
        assert not before.follower.is_alive
        numbers = [before.library.upkeep.index.last_change]
        with library.catalogue.writing() as queries:
            queries.add_track(new_track(b"two"), digest=NEW, embedding=embedding_of(b"two"))
        until(lambda: len(served.library.upkeep.index) == 2)
        assert served.library.upkeep.index.last_change > numbers[0]
    assert pools.made[NEW].closed.is_set()


def test_the_index_that_is_saved_is_the_one_that_serves_at_the_end(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    add(library, pool, b"one")
    with switching(library, tmp_path, pools) as switch:
        move(library)
        until(lambda: serves(switch) == NEW)
    (saved,) = [path for path in (tmp_path / "index").rglob("*") if path.name == SNAPSHOT]
    assert NEW.encode() in saved.read_bytes()
    assert DIGEST.encode() not in saved.read_bytes()


def test_what_is_held_is_not_closed(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch:
        with switch.serving.held() as held:
            move(library)
            until(lambda: serves(switch) == NEW)
            switch.look()
            assert not pools.made[OLD_FOLDER.name].closed.wait(0.2)
            assert held.library.digest == DIGEST
            with switch.serving.held() as second:
                assert second.library.digest == NEW
        assert pools.made[OLD_FOLDER.name].closed.wait(10)
        assert not pools.made[NEW].closed.is_set()


def test_what_is_held_for_ever_is_closed_in_the_end(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch, switch.serving.held():
        switch._most_held_s = 0.1
        move(library)
        assert pools.made[OLD_FOLDER.name].closed.wait(10)


def test_the_old_encoder_serves_until_the_new_one_is_ready(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch:
        pools.next.is_ready.clear()
        move(library)
        until(lambda: NEW in pools.made)
        assert serves(switch) == DIGEST
        assert not pools.made[OLD_FOLDER.name].closed.is_set()
        pools.made[NEW].is_ready.set()
        until(lambda: serves(switch) == NEW)


def test_a_prepared_encoder_is_the_one_that_serves_after_the_move(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    add(library, pool, b"one")
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        with switch.prepared(NEW) as ready:
            assert serves(switch) == DIGEST
            move(library)
            switch.look()
            assert switch.serving.current is ready
            assert len(ready.library.upkeep.index) == 1
        assert not pools.made[NEW].closed.is_set()
        with switch.prepared(NEW) as again:
            assert again is ready
        assert not pools.made[NEW].closed.is_set()


def test_a_prepared_encoder_that_is_not_needed_is_closed(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch:
        with switch.prepared(NEW):
            pass
        assert pools.made[NEW].closed.is_set()
        assert serves(switch) == DIGEST
        assert not pools.made[OLD_FOLDER.name].closed.is_set()


def test_an_encoder_that_cannot_start_changes_nothing(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch:
        pools.next.failure = DeviceUnavailable(device="cuda")
        with pytest.raises(DeviceUnavailable), switch.prepared(NEW):
            pass
        assert pools.made[NEW].closed.is_set()
        assert serves(switch) == DIGEST


def test_a_checkpoint_of_which_no_copy_is_kept_is_said_once_and_waited_for(
    library: Library, tmp_path: Path, pools: Pools, caplog: pytest.LogCaptureFixture
) -> None:
    with switching(library, tmp_path, pools) as switch:
        move(library, digest="sha256:unknown")
        until(lambda: "none is kept" in caplog.text)
        Event().wait(0.2)
        assert caplog.text.count("the server stays at its checkpoint") == 1
        assert serves(switch) == DIGEST
        move(library)
        until(lambda: serves(switch) == NEW)


def test_a_switch_that_ends_closes_what_somebody_still_waits_for(
    library: Library, tmp_path: Path, pools: Pools
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with switching(library, tmp_path, pools) as switch:
            pools.next.is_ready.clear()
            waiting = threads.submit(lambda: switch.prepared(NEW).__enter__())
            until(lambda: NEW in pools.made)
        assert pools.made[NEW].closed.is_set()
        with pytest.raises(EncoderUnavailable):
            waiting.result()


def test_a_track_that_comes_between_move_and_change_over_is_refused_and_then_taken(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        move(library)
        with switch.serving.held() as served, pytest.raises(CheckpointMismatch):
            add(served.library, pool, b"early")
        switch.look()
        with switch.serving.held() as served:
            assert add(served.library, pool, b"early").is_new
            assert len(served.library.upkeep.index) == 1


def test_files_and_rows_keep_their_turns_over_the_change(library: Library, tmp_path: Path, pools: Pools) -> None:
    with switching(library, tmp_path, pools) as switch, switch.prepared(NEW) as ready:
        assert ready.library.blobs is library.blobs
        assert json.loads(ready.library.spec.model_dump_json()) == json.loads(a_spec().model_dump_json())


def test_a_prepared_index_takes_in_what_is_embedded_meanwhile(library: Library, tmp_path: Path, pools: Pools) -> None:
    numbers = add_elsewhere(library, b"one", b"two")
    with switching(library, tmp_path, pools) as switch, switch.prepared(NEW) as ready:
        assert len(ready.library.upkeep.index) == 0
        with library.catalogue.writing() as queries:
            queries.add_embedding(numbers[0], NEW, embedding_of(b"one"))
        ready.library.upkeep.catch_up()
        assert len(ready.library.upkeep.index) == 1


@contextmanager
def stumbling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No index catches up with its catalogue meanwhile."""

    def broken(_: IndexUpkeep) -> None:
        raise CatalogueError(reason="it is away")

    with monkeypatch.context() as patched:
        patched.setattr(IndexUpkeep, "catch_up", broken)
        yield


def test_what_was_prepared_serves_at_the_next_look_where_the_change_over_stumbles(
    library: Library, tmp_path: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    with switching(library, tmp_path, pools, look_every_s=3600) as switch, switch.prepared(NEW) as ready:
        move(library)
        with stumbling(monkeypatch), pytest.raises(CatalogueError):
            switch.look()
        assert serves(switch) == DIGEST
        switch.look()
        assert switch.serving.current is ready
        assert pools.opened == 2


def test_what_was_prepared_is_closed_after_a_change_over_that_stumbled(
    library: Library, tmp_path: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        with switch.prepared(NEW):
            move(library)
            with stumbling(monkeypatch), pytest.raises(CatalogueError):
                switch.look()
        assert pools.made[NEW].closed.is_set()


def test_what_was_opened_for_a_change_over_that_stumbles_is_closed(
    library: Library, tmp_path: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        move(library)
        with stumbling(monkeypatch), pytest.raises(CatalogueError):
            switch.look()
        assert pools.made[NEW].closed.is_set()
        assert not pools.made[OLD_FOLDER.name].closed.is_set()


def test_what_was_prepared_is_closed_where_the_library_was_moved_to_another(
    library: Library, tmp_path: Path, pools: Pools
) -> None:
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        with switch.prepared(NEW):
            move(library, digest=NEWER)
            switch.look()
            assert serves(switch) == NEWER
            assert not pools.made[NEW].closed.is_set()
        assert pools.made[NEW].closed.is_set()
        assert not pools.made[NEWER].closed.is_set()


def test_a_checkpoint_that_cannot_be_opened_is_not_tried_all_the_time_and_another_one_at_once(
    library: Library, tmp_path: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_wait, "FIRST_WAIT_S", 3600.0)
    monkeypatch.setattr(growing_wait, "MOST_WAIT_S", 3600.0)
    with switching(library, tmp_path, pools) as switch:
        pools.failure = DeviceUnavailable(device="cuda")
        move(library)
        until(lambda: NEW in pools.made and pools.made[NEW].closed.is_set())
        Event().wait(0.3)
        assert pools.opened == 2
        pools.failure = None
        move(library, digest=NEWER)
        until(lambda: serves(switch) == NEWER)


def test_a_switch_that_ends_does_not_wait_for_processes_that_start(
    library: Library, tmp_path: Path, pools: Pools
) -> None:
    with switching(library, tmp_path, pools):
        pools.next.is_ready.clear()
        move(library)
        until(lambda: NEW in pools.made)
    assert pools.made[NEW].was_given_up.is_set()
