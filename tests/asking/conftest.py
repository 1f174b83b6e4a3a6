from collections.abc import Iterator

import pytest

from app.client import Client
from tests.both_clients import Kind, client_of
from tests.scripted_server import ScriptedServer, running_scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with running_scripted_server() as server:
        yield server


@pytest.fixture(params=["threads", "loop"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def client(kind: Kind, server: ScriptedServer) -> Iterator[Client]:
    with client_of(kind, server.address, key="secret") as client:
        yield client
