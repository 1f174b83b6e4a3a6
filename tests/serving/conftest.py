from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.server_process import ServerProcess, running_server


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server that all tests share keeps its data."""
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="package")
def shared_server(folder: Path) -> Iterator[ServerProcess]:
    """One server, with real decoding and the checkpoint that ships, for all tests that leave it running."""
    with running_server(folder) as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def server(shared_server: ServerProcess) -> ServerProcess:
    shared_server.wait_until_ready()
    return shared_server
