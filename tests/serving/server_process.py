"""A server in a process of its own, with its worker processes, over a data folder; started as `bgm serve` starts it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import httpx
import psutil

from app.settings import Settings
from tests.serving.answers import check_answer

ADDRESS = re.compile(r"running on (http://\S+)")
PATIENCE_S = 120
USUAL_MODULE = "tests.serving.serve_and_tell"


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server; `log` grows while it runs. Whatever it answers `client` is looked at by `check_answer`."""

    process: subprocess.Popen[str]
    client: httpx.Client
    log: list[str]
    folder: Path

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def workers(self) -> list[psutil.Process]:
        """The decode processes and the device process, without what Python keeps beside them."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "spawn_main" in _command_of(child)]

    def loaded_modules(self) -> set[str]:
        """Asks the running process."""
        self.process.send_signal(signal.SIGUSR1)
        return set((self.folder / "modules").read_text().splitlines())

    def wait_until_ready(self) -> int:
        """The size of its library."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self.client.get("/readyz")
            if answer.status_code == 200:
                return int(answer.json()["library_size"])
            time.sleep(0.05)
        raise AssertionError("".join(["not ready in time\n", *self.log]))

    def kill(self) -> None:
        """At once, as for want of memory; the workers are left to find out by themselves."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Asks it to end; its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE_S)


def until(is_so: Callable[[], bool]) -> None:
    """Asks again and again; for as long as a slow machine may need."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it has not come about in time"
        time.sleep(0.02)


@contextmanager
def running_server(folder: Path, *, module: str = USUAL_MODULE, **settings: str) -> Iterator[ServerProcess]:
    """Serves `folder` until the block ends, or the test ends it. `settings`: further variables, without BGM_."""
    folder.mkdir(exist_ok=True)
    pipe = folder / "modules"
    if not pipe.exists():
        os.mkfifo(pipe)
    process = start(folder, module=module, **settings)
    log: list[str] = []
    reader = Thread(target=_read, args=(process, log))
    try:
        address = _address(process, log)
        reader.start()
        hooks = {"response": [check_answer]}
        with httpx.Client(base_url=address, timeout=PATIENCE_S, event_hooks=hooks) as client:
            yield ServerProcess(process, client, log, folder)
    finally:
        process.kill()
        process.wait()
        if reader.is_alive():
            reader.join()
        assert process.stderr is not None
        process.stderr.close()


def start(folder: Path, *, module: str = USUAL_MODULE, **settings: str) -> subprocess.Popen[str]:
    """The process, whether it comes up or not; its log is its standard error."""
    own = {"BGM_DATA_DIR": str(folder / "data"), "BGM_PORT": "0", "BGM_DEVICE": "cpu"}
    given = {f"BGM_{name.upper()}": value for name, value in settings.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BGM_")}
    command = [sys.executable, "-m", module, str(folder / "modules")]
    return subprocess.Popen(command, env=inherited | own | given, stderr=subprocess.PIPE, text=True)


def settings_of(folder: Path) -> Settings:
    """Those of a server that runs over `folder`, for another process beside it."""
    return Settings(data_dir=folder / "data")


def _command_of(process: psutil.Process) -> str:
    """Nothing where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _address(process: subprocess.Popen[str], log: list[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        log.append(line)
        if found := ADDRESS.search(line):
            return found[1]
    raise AssertionError("".join(["the server did not start\n", *log]))


def _read(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stderr is not None
    log.extend(process.stderr)
