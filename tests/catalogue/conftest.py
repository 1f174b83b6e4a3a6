from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.migrate import upgrade


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Of a database with tables and nothing in them."""
    upgrade(database_url)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue(engine: Engine) -> Catalogue:
    return Catalogue(engine)
