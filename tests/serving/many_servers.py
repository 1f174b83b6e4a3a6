"""Servers with settings of their own, each started when it is first asked for, and what tests do to them."""

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import httpx
import psutil

from app.access import Scope
from app.catalogue.keys import KeyStore
from app.opening import open_catalogue
from app.recommendation.keys import create_key
from tests.serving.server_process import USUAL_MODULE, ServerProcess, running_server, settings_of
from tests.serving.small_media import SmallMedia

FIRST_KEY = "a-first-key-of-many-characters"
REQUESTS_PER_MINUTE = 120
# How long a recommendation lasts on the tight server: two seconds.
SHORT_HOURS = 2 / 3600


@dataclass(frozen=True, slots=True)
class KeyedServer:
    """A server that asks for a key; the one in its file may do all."""

    process: ServerProcess

    def bgm(self, *words: str | Path) -> str:
        """What the command line says, run beside the server."""
        environment = {"BGM_DATA_DIR": str(self.process.data), "BGM_DEVICE": "cpu", "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "-c", "from app.cli import main; main()", *map(str, words)]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def new_key(self, name: str, scope: Scope) -> str:
        with open_catalogue(settings_of(self.process.folder)) as catalogue:
            return create_key(name, scope, keys=KeyStore(catalogue.transactions))

    def send(self, method: str, path: str, *, key: str | None = FIRST_KEY, **sent: object) -> httpx.Response:
        """`sent`: as httpx takes it."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.process.client.request(method, path, headers=headers, **sent)  # type: ignore[arg-type]


class ManyServers:
    """A context manager. `imports`: the folder below which the plain one may import."""

    def __init__(self, media: SmallMedia, folder: Path, *, postgres: str) -> None:
        """`postgres`: the URL of an empty database for one of them; the others have SQLite."""
        self.media, self.folder, self.imports = media, folder, folder / "imports"
        self._postgres = postgres
        self.imports.mkdir()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @cached_property
    def plain(self) -> ServerProcess:
        """As it comes, without keys."""
        return self._started("plain", import_dir=str(self.imports))

    @cached_property
    def keyed(self) -> KeyedServer:
        """Asks for a key and counts requests."""
        key = self.folder / "key"
        key.write_text(f"{FIRST_KEY}\n")
        server = self._started("keyed", initial_key_file=str(key), requests_per_minute=str(REQUESTS_PER_MINUTE))
        return KeyedServer(server)

    @cached_property
    def tight(self) -> ServerProcess:
        """On PostgreSQL; takes a megabyte and videos of four seconds, forgets soon and is impatient."""
        settings = {"max_upload_mb": "1", "max_video_seconds": "4", "recommendation_hours": str(SHORT_HOURS)}
        module = "tests.serving.serve_impatiently"
        return self._started("tight", module=module, database_url=self._postgres, **settings)

    def _started(self, name: str, *, module: str = USUAL_MODULE, **settings: str) -> ServerProcess:
        server = self._stack.enter_context(running_server(self.folder / name, module=module, **settings))
        server.wait_until_ready()
        return server


@contextmanager
def held_up(server: ServerProcess) -> Iterator[list[psutil.Process]]:
    """Its workers, which do nothing until the block ends; some may have ended by then."""
    processes = server.workers()
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield processes
    finally:
        for process in processes:
            if process.is_running():
                process.send_signal(signal.SIGCONT)


@contextmanager
def files_of_at_most(size_bytes: int, server: ServerProcess) -> Iterator[None]:
    """The server's process finds the disk full where a file would grow beyond this."""
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size_bytes, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)
