from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue.migrate import upgrade
from app.recommendation.library import Library
from tests.api.running import Service, running_service
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
def service(library: Library) -> Iterator[Service]:
    with FakePool() as pool, running_service(library, pool) as service:
        yield service


@pytest.fixture(scope="session")
def lasting_service(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for all tests that do not care what else is in its library: starting one takes a fifth of a second."""
    folder = tmp_path_factory.mktemp("lasting")
    with a_library(folder, migrated=migrated) as library, FakePool() as pool, running_service(library, pool) as service:
        yield service


@pytest.fixture
def shared_service(lasting_service: Service) -> Service:
    lasting_service.pool.seen.clear()
    lasting_service.pool.briefs.clear()
    return lasting_service
