"""Jobs of a real server: resumed after a kill, and a library that is moved to another checkpoint while it is served."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
from sqlalchemy import update

from app.catalogue.engine import open_engine
from app.catalogue.request_tables import jobs
from app.catalogue.transactions import Transactions
from app.encoders.spec import digest_of
from app.settings import STARTER_CHECKPOINT
from tests.media_files import tone, write_sound, write_video
from tests.serving.server_process import PATIENCE_S, ServerProcess, running_server, settings_of
from tests.settings_at_hand import another_checkpoint


def songs(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        write_sound(folder / f"{number}.flac", samples=tone(1, frequency_hz=200 + 7 * number, rate_hz=22_050))
    return folder


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def job_of(server: ServerProcess, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.client.get(f"/jobs/{job_id}").json()
    return found


def ended(server: ServerProcess, job_id: str) -> dict[str, Any]:
    until(lambda: job_of(server, job_id)["finished_at"] is not None)
    return job_of(server, job_id)


def let_leases_run_out(folder: Path) -> None:
    """As if the time of all leases were over, which a test need not wait for."""
    engine = open_engine(settings_of(folder).catalogue_url())
    with Transactions(engine).writing() as connection:
        connection.execute(update(jobs).values(lease_until=0))
    engine.dispose()


def test_an_import_is_resumed_after_its_server_was_killed(tmp_path: Path) -> None:
    songs(tmp_path / "imports" / "music", 30)
    folder = tmp_path / "serving"
    with running_server(folder, import_dir=str(tmp_path / "imports")) as server:
        server.wait_until_ready()
        job_id = server.client.post("/music/import", json={"folder": "music"}).json()["id"]
        until(lambda: job_of(server, job_id)["done"] >= 3)
        server.kill()
    let_leases_run_out(folder)
    with running_server(folder, import_dir=str(tmp_path / "imports")) as again:
        job = ended(again, job_id)
        assert (job["state"], job["done"], job["total"], job["attempts"]) == ("done", 30, 30, 2)
        assert job["result"]["added"] + job["result"]["present"] == 30
        assert job["result"]["present"] >= 3
        assert again.wait_until_ready() == 30


def test_an_import_is_resumed_after_its_server_was_stopped(tmp_path: Path) -> None:
    songs(tmp_path / "imports" / "music", 30)
    folder = tmp_path / "serving"
    with running_server(folder, import_dir=str(tmp_path / "imports")) as server:
        server.wait_until_ready()
        job_id = server.client.post("/music/import", json={"folder": "music"}).json()["id"]
        until(lambda: job_of(server, job_id)["done"] >= 3)
        with listening(server, job_id) as is_over:
            assert server.stop() == 0
            assert is_over.wait(PATIENCE_S)
    with running_server(folder, import_dir=str(tmp_path / "imports")) as again:
        job = ended(again, job_id)
        assert (job["state"], job["done"], job["attempts"]) == ("done", 30, 1)


@contextmanager
def listening(server: ServerProcess, job_id: str) -> Iterator[Event]:
    """Somebody who follows the job; set once the server has ended the answer in good order."""
    is_over, has_begun = Event(), Event()

    def listen() -> None:
        with httpx.stream("GET", f"{server.client.base_url}/jobs/{job_id}/events", timeout=PATIENCE_S) as answer:
            for _ in answer.iter_lines():
                has_begun.set()
        is_over.set()

    with ThreadPoolExecutor(1) as threads:
        heard = threads.submit(listen)
        assert has_begun.wait(PATIENCE_S)
        yield is_over
        heard.result()


def digest_served(server: ServerProcess, clip: bytes) -> str | None:
    """None where the server was not ready for this request and said so."""
    answer = server.client.post("/recommend", files={"video": clip})
    if answer.status_code == 503:
        assert answer.json()["code"] == "not_ready"
        assert "retry-after" in answer.headers
        return None
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert len(body["results"]) == 5
    digest: str = body["encoder"]["digest"]
    return digest


def bgm(folder: Path, *words: str | Path) -> str:
    """What the command says."""
    code = "from app.cli import main; main()"
    environment = {"BGM_DATA_DIR": str(folder / "data"), "BGM_DEVICE": "cpu", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_library_is_moved_in_the_background_and_served_by_the_new_checkpoint_ever_after(tmp_path: Path) -> None:
    songs(tmp_path / "imports" / "music", 5)
    folder, new = tmp_path / "serving", another_checkpoint(tmp_path / "other")
    clip = write_video(tmp_path / "clip.mp4").read_bytes()
    with running_server(folder, import_dir=str(tmp_path / "imports")) as server:
        server.wait_until_ready()
        ended(server, server.client.post("/music/import", json={"folder": "music"}).json()["id"])
        before = {worker.pid for worker in server.workers()}
        assert digest_served(server, clip) == digest_of(STARTER_CHECKPOINT)

        job_id = bgm(folder, "reembed", "--checkpoint", new, "--background").split()[1].rstrip(":")
        seen = []
        while job_of(server, job_id)["finished_at"] is None:
            seen.append(digest_served(server, clip))
        assert job_of(server, job_id)["state"] == "done", job_of(server, job_id)
        assert set(seen) <= {digest_of(STARTER_CHECKPOINT), digest_of(new), None}
        # The request that was under way at that moment, and perhaps one that came in it.
        assert seen.count(None) <= 2

        assert digest_served(server, clip) == digest_of(new)
        assert server.wait_until_ready() == 5
        until(lambda: not before & {worker.pid for worker in server.workers()})
        assert server.stop() == 0
    with running_server(folder) as again:
        assert again.wait_until_ready() == 5
        assert digest_served(again, clip) == digest_of(new)
    assert "ok" in bgm(folder, "doctor")
