import asyncio
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.recommendation import readiness
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add_elsewhere


def missing(library: Library, pool: FakePool, follower: ChangeFollower) -> list[str]:
    return asyncio.run(readiness.missing(library=library, workers=pool, follower=follower))


def test_nothing_is_missing_where_all_is_well(library: Library, pool: FakePool) -> None:
    with ChangeFollower(library.upkeep, look_every_s=0.01) as follower:
        add_elsewhere(library, b"1")
        assert missing(library, pool, follower) == []


def test_each_kind_of_worker_that_is_missing_is_named(library: Library, pool: FakePool) -> None:
    pool.lacks = ["decoder", "device"]
    with ChangeFollower(library.upkeep) as follower:
        assert missing(library, pool, follower) == ["worker: decoder", "worker: device"]


def test_an_index_that_nobody_keeps_level_is_missing(library: Library, pool: FakePool) -> None:
    follower = ChangeFollower(library.upkeep)
    assert "index: it does not follow the catalogue" in missing(library, pool, follower)


def test_an_index_that_stays_behind_is_missing(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "INDEX_PATIENCE_S", 0.01)
    with ChangeFollower(library.upkeep, look_every_s=1000) as follower:
        add_elsewhere(library, b"1")
        assert missing(library, pool, follower) == ["index: it is behind the catalogue"]


def test_a_database_that_is_none_is_missing(library: Library, pool: FakePool, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    lost = replace(library, catalogue=Catalogue(engine))
    with ChangeFollower(library.upkeep) as follower:
        assert missing(lost, pool, follower) == ["database"]
    engine.dispose()


def test_a_database_that_says_nothing_is_missing(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "DATABASE_PATIENCE_S", 0.01)
    may_answer = Event()
    monkeypatch.setattr(readiness, "_last_change_and_digest", lambda _: may_answer.wait(timeout=10))

    async def ask(follower: ChangeFollower) -> list[str]:
        try:
            return await readiness.missing(library=library, workers=pool, follower=follower)
        finally:
            may_answer.set()

    with ChangeFollower(library.upkeep) as follower:
        assert asyncio.run(ask(follower)) == ["database"]
