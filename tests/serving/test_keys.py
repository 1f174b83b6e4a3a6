"""Keys as an operator uses them: a first one from a file, others beside the running server, by the command line."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.recommendation.doorkeeper import REMEMBER_S
from tests.serving.server_process import PATIENCE_S, ServerProcess, running_server, start

FIRST_KEY = "a-first-key-of-many-characters"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keyed")


@pytest.fixture(scope="module")
def keyed(folder: Path) -> Iterator[ServerProcess]:
    file = folder / "initial-key"
    file.write_text(f"{FIRST_KEY}\n")
    with running_server(folder, initial_key_file=str(file)) as server:
        yield server


def bgm(folder: Path, *words: str) -> str:
    environment = {"BGM_DATA_DIR": str(folder / "data"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", "from app.cli import main; main()", *words]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def status(server: ServerProcess, key: str | None) -> int:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return server.client.get("/music", headers=headers).status_code


def test_the_key_of_the_file_opens_and_nothing_else_does(keyed: ServerProcess) -> None:
    assert status(keyed, None) == 401
    assert status(keyed, "a-first-key-of-many-character") == 401
    assert status(keyed, FIRST_KEY) == 200
    answer = keyed.client.get("/session", headers={"Authorization": f"Bearer {FIRST_KEY}"})
    assert answer.json() == {"name": "initial", "scope": "admin", "key_required": True}


def test_the_page_logs_in_with_it_and_plays_with_a_cookie(keyed: ServerProcess) -> None:
    with httpx.Client(base_url=keyed.client.base_url) as browser:
        own = str(browser.base_url).rstrip("/")
        assert browser.get("/").status_code == 200
        assert browser.post("/session", json={"key": FIRST_KEY}, headers={"Origin": own}).status_code == 200
        assert browser.get("/music").status_code == 200
        assert browser.delete("/session", headers={"Origin": "https://example.org"}).status_code == 403
        assert browser.delete("/session", headers={"Origin": own}).status_code == 204
        assert browser.get("/music").status_code == 401


def test_keys_come_and_go_beside_the_running_server(keyed: ServerProcess, folder: Path) -> None:
    key = bgm(folder, "keys", "create", "phone").strip()
    assert status(keyed, key) == 200
    bgm(folder, "keys", "revoke", "phone")
    end = time.monotonic() + REMEMBER_S + PATIENCE_S
    while status(keyed, key) == 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert status(keyed, key) == 401


def test_no_key_is_in_the_log(keyed: ServerProcess) -> None:
    keyed.client.get("/music", headers={"Authorization": f"Bearer {FIRST_KEY}"})
    assert [line for line in keyed.log if "the first key was taken in" in line]
    assert FIRST_KEY not in "".join(keyed.log)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_first_key_that_is_too_short_stops_the_start_before_anybody_is_heard(tmp_path: Path, host: str) -> None:
    file = tmp_path / "initial-key"
    file.write_text("short\n")
    process = start(tmp_path, initial_key_file=str(file), host=host)
    _, log = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    assert "BGM_INITIAL_KEY_FILE: " in log
    assert "at least 24 are needed" in log
    assert "running on" not in log
    assert "Traceback" not in log
