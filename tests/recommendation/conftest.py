from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue.migrate import upgrade
from app.recommendation.library import Library
from tests.fake_pool import FakePool
from tests.library_on_disk import a_library


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with tables and nothing in them."""
    path = tmp_path_factory.mktemp("migrated") / "catalogue.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def library(migrated: Path, tmp_path: Path) -> Iterator[Library]:
    with a_library(tmp_path, migrated=migrated) as library:
        yield library


@pytest.fixture
def pool() -> Iterator[FakePool]:
    with FakePool() as pool:
        yield pool
