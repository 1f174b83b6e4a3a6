from pathlib import Path

import pytest

from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library
from app.recommendation.serving import Served, Serving
from tests.fake_pool import FakePool


def served(library: Library, pool: FakePool) -> Served:
    return Served(library, pool, ChangeFollower(library.upkeep))


def test_what_is_held_stays_the_same_while_another_is_served(library: Library, pool: FakePool) -> None:
    first, second = served(library, pool), served(library, pool)
    serving = Serving(first)
    with serving.held() as held:
        serving.replace(second)
        assert held is first
        assert serving.current is second
        with serving.held() as after:
            assert after is second
        assert serving.is_held(first)
        assert not serving.is_held(second)
    assert not serving.is_held(first)


def test_it_is_held_until_the_last_lets_go_however_that_ends(library: Library, pool: FakePool) -> None:
    only = served(library, pool)
    serving = Serving(only)
    with serving.held():
        with pytest.raises(ZeroDivisionError), serving.held():
            raise ZeroDivisionError
        assert serving.is_held(only)
    assert not serving.is_held(only)


def test_a_follower_that_is_retired_saves_nothing(library: Library, pool: FakePool, tmp_path: Path) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    follower = ChangeFollower(library.upkeep)
    with follower:
        pass
    assert any(path.is_file() for path in (tmp_path / "index").rglob("*"))
    for path in (tmp_path / "index").iterdir():
        path.unlink()
    again = ChangeFollower(library.upkeep)
    again.__enter__()
    again.retire()
    assert not again.is_alive
    assert not any(path.is_file() for path in (tmp_path / "index").rglob("*"))
