"""Starts a real server for a measurement, on a free port of the loopback address and on data of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

START_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    url: str
    process: subprocess.Popen[bytes]
    ready_after_s: float

    def processes(self) -> list[psutil.Process]:
        """The server and all that it started."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


def command_environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """This process's environment with only the given settings: none of the caller's may change a measurement."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BGM_")}
    return kept | {"BGM_DATA_DIR": str(data_dir)} | {f"BGM_{name.upper()}": value for name, value in settings.items()}


def bgm_command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("bgm")), *arguments]


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[RunningServer]:
    """A server that answers `/readyz`; ended, with all its processes, on leaving. What it says goes to `server.log`."""
    port = _free_port()
    environment = command_environment(data_dir, port=str(port), host="127.0.0.1", **settings)
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "server.log").open("ab") as log:
        began = time.perf_counter()
        process = subprocess.Popen(bgm_command("serve"), env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            if not _becomes_ready(url, process):
                raise SystemExit(f"the server did not become ready:\n{_last_words(data_dir)}")
            yield RunningServer(url, process, ready_after_s=time.perf_counter() - began)
            if process.poll() is not None:
                raise SystemExit(f"the server ended by itself:\n{_last_words(data_dir)}")
        except OSError as error:
            raise SystemExit(f"{error}; the server said last:\n{_last_words(data_dir)}") from error
        finally:
            _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _becomes_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_LIMIT_S
    with httpx.Client(base_url=url, timeout=5) as client:
        while time.monotonic() < deadline and process.poll() is None:
            if _is_ready(client):
                return True
            time.sleep(0.02)
    return False


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _last_words(data_dir: Path) -> str:
    return (data_dir / "server.log").read_text(errors="replace")[-3000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
