"""Processes that are killed while there is work: what was answered with 201 is there, and nobody waits for ever."""

import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx

from app.index.snapshot import SNAPSHOT
from app.opening import open_library
from tests.media_files import tone, write_sound, write_video
from tests.serving.server_process import ServerProcess, running_server, settings_of, start
from tests.settings_at_hand import add_a_track


def song(folder: Path, number: int) -> Path:
    return write_sound(folder / f"{number}.flac", samples=tone(1, frequency_hz=200 + 7 * number, rate_hz=22_050))


def post(server: ServerProcess, file: Path) -> httpx.Response | None:
    """None where the connection broke: then nothing was promised."""
    try:
        return server.client.post("/music", files={"file": (file.name, file.read_bytes())})
    except httpx.TransportError:
        return None


def promised(posts: list[Future[httpx.Response | None]]) -> set[str]:
    """The ids of all tracks that were answered as stored; any other answer must be one of the documented ones."""
    answers = [answer for answer in (sent.result() for sent in posts) if answer is not None]
    assert {answer.status_code for answer in answers} <= {201, 503}
    return {answer.json()["id"] for answer in answers if answer.status_code == 201}


def stored(server: ServerProcess) -> set[str]:
    ids: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = server.client.get("/music", params={"limit": 100} | ({"cursor": cursor} if cursor else {})).json()
        ids |= {track["id"] for track in page["items"]}
        cursor = page["next_cursor"]
    return ids


def test_workers_that_are_killed_are_replaced_and_cost_no_stored_track(server: ServerProcess, tmp_path: Path) -> None:
    songs = [song(tmp_path, number) for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        posts = [threads.submit(post, server, file) for file in songs]
        for worker in server.workers():
            next(sent for sent in posts if not sent.done())
            worker.kill()
        ids = promised(posts)
    server.wait_until_ready()
    assert ids
    assert ids <= stored(server)
    after = post(server, song(tmp_path, 99))
    assert after is not None
    assert after.status_code == 201
    clip = write_video(tmp_path / "clip.mp4")
    assert server.client.post("/recommend", files={"video": clip.read_bytes()}).status_code == 200


def test_a_killed_server_has_every_track_that_it_promised_when_it_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "serving"
    songs = [song(tmp_path, number) for number in range(8)]
    with running_server(folder) as server, ThreadPoolExecutor(4) as threads:
        server.wait_until_ready()
        posts = [threads.submit(post, server, file) for file in songs]
        # Two are through, the others in every stage of their way.
        posts[0].result()
        posts[1].result()
        server.kill()
        ids = promised(posts)
    assert len(ids) >= 2
    with running_server(folder) as again:
        size = again.wait_until_ready()
        assert ids <= stored(again)
        assert size == len(stored(again))
        assert not list((folder / "data" / "blobs" / "tmp").glob("upload-*"))
        assert again.stop() == 0
    assert (folder / "data" / "index" / SNAPSHOT).exists()


def test_what_another_process_adds_is_found_by_a_running_server(server: ServerProcess, folder: Path) -> None:
    size = server.wait_until_ready()
    add_a_track(settings_of(folder), b"from elsewhere")
    assert server.wait_until_ready() == size + 1


def test_a_server_for_another_checkpoint_ends_with_one_line_that_names_the_command(tmp_path: Path) -> None:
    add_a_track(settings_of(tmp_path))
    with open_library(settings_of(tmp_path)) as library:
        pass
    other = tmp_path / "other"
    shutil.copytree(Path("app/encoders/starter"), other)
    spec = (other / "encoder.json").read_text().replace('"name": "', '"name": "other-', 1)
    (other / "encoder.json").write_text(spec)
    process = start(tmp_path, checkpoint=str(other))
    _, log = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "bgm reembed --checkpoint" in log
    assert library.digest in log
    assert "Traceback" not in log


def test_a_server_told_to_listen_to_everybody_ends_with_one_line_that_names_the_setting(tmp_path: Path) -> None:
    process = start(tmp_path, module="app.main", host="0.0.0.0")
    _, log = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "BGM_ALLOW_WITHOUT_KEY" in log
    assert "Traceback" not in log
