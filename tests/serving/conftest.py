from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer
from tests.serving.at_hand import AtHand, put_at_hand
from tests.serving.many_servers import ManyServers
from tests.serving.server_process import ServerProcess, running_server
from tests.serving.small_media import SmallMedia, make_media


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


@pytest.fixture(scope="package")
def media(tmp_path_factory: pytest.TempPathFactory) -> SmallMedia:
    """Files to send."""
    return make_media(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="package")
def servers(
    media: SmallMedia, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ManyServers]:
    """Servers for all tests that fill their libraries; each starts when it is first asked for."""
    postgres = postgres_server.url(postgres_server.new_database())
    with ManyServers(media, tmp_path_factory.mktemp("servers"), postgres=postgres) as servers:
        yield servers


@pytest.fixture(scope="package")
def library(servers: ManyServers) -> AtHand:
    """The plain one of them with something in it."""
    servers.plain.wait_until_ready()
    return put_at_hand(servers.plain, servers.media, servers.imports)


@pytest.fixture
def at_hand(library: AtHand) -> AtHand:
    library.server.wait_until_ready()
    return library
