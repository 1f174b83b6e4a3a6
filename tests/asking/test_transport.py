import asyncio
import hashlib
import socket
import threading
import tracemalloc
from pathlib import Path

import pytest

from app.asking import transport
from app.asking.downloads import ArrivingFile
from app.asking.errors import ApiError, ServerUnreachable
from app.asking.forms import OpenForm
from app.client import AsyncClient, Client
from app.errors import InvalidParameter, UnreadableMedia
from tests.asking.answers_made_up import RECOMMENDATION, STORED
from tests.both_clients import HASTY, Kind, client_of
from tests.scripted_server import Reply, ScriptedServer, refusing, saying

LARGE_BYTES = 200_000_000


def sparse_file(path: Path, size_bytes: int = LARGE_BYTES) -> Path:
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


def test_a_large_file_is_sent_in_little_memory_and_its_progress_told(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    film, told = sparse_file(tmp_path / "film.mp4"), list[tuple[int, int]]()
    server.script = [saying(RECOMMENDATION)]
    client.recommend(sparse_file(tmp_path / "first.mp4", 10))
    tracemalloc.start()

    client.recommend(film, on_progress=lambda done, total: told.append((done, total)))

    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 5_000_000
    assert int(server.seen[1].headers["content-length"]) == server.seen[1].size_bytes > LARGE_BYTES
    assert "transfer-encoding" not in server.seen[1].headers
    assert told == sorted(set(told))
    assert (told[0], told[-1]) == ((0, LARGE_BYTES), (LARGE_BYTES, LARGE_BYTES))
    assert len(told) > 100


def test_a_large_file_arrives_in_little_memory(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    content = b"\x07" * 50_000_000
    server.script = [Reply(), Reply(body=content)]
    client.download("/music/1/audio", tmp_path / "small")
    tracemalloc.start()

    client.download("/music/1/audio", tmp_path / "large")

    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 5_000_000
    assert hashlib.sha256((tmp_path / "large").read_bytes()).digest() == hashlib.sha256(content).digest()


def test_an_event_loop_reads_no_file_itself(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: set[int] = set()
    plain = OpenForm.next_piece

    def watched(form: OpenForm) -> bytes:
        readers.add(threading.get_ident())
        return plain(form)

    monkeypatch.setattr(OpenForm, "next_piece", watched)
    server.script = [saying(STORED)]

    with client_of("loop", server.address) as client:
        client.add(sparse_file(tmp_path / "song.wav", 1_000_000))

    assert readers
    assert threading.get_ident() not in readers


def test_uploads_go_side_by_side_in_one_loop(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [saying(STORED)]
    songs = [sparse_file(tmp_path / f"{number}.wav", 2_000_000 + number) for number in range(8)]

    async def add_all() -> list[str]:
        async with AsyncClient(server.address, retries=HASTY) as client:
            return [track.id for track in await asyncio.gather(*map(client.add, songs))]

    assert asyncio.run(add_all()) == ["01JC"] * 8
    assert len({seen.sha256 for seen in server.seen}) == 8


def test_an_upload_that_is_cancelled_closes_its_file(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [saying(STORED)]

    async def cancelled_midway() -> None:
        async with AsyncClient(server.address, retries=HASTY) as client:
            is_begun = asyncio.Event()
            adding = client.add(sparse_file(tmp_path / "a.wav"), on_progress=lambda *_: is_begun.set())
            task = asyncio.create_task(adding)
            await is_begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    # An open file would be a ResourceWarning, and that an error.
    asyncio.run(cancelled_midway())


def test_a_download_that_is_cancelled_while_its_file_is_opened_leaves_none(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [Reply(200, b"film")]
    is_opening, may_open = threading.Event(), threading.Event()

    class SlowFile(ArrivingFile):
        def __init__(self, target: Path) -> None:
            is_opening.set()
            may_open.wait(10)
            super().__init__(target)

    monkeypatch.setattr(transport, "ArrivingFile", SlowFile)

    async def cancelled_early() -> None:
        async with AsyncClient(server.address, retries=HASTY) as client:
            task = asyncio.create_task(client.download("/recommend/01JD/video", tmp_path / "film.mp4"))
            await asyncio.to_thread(is_opening.wait, 10)
            task.cancel()
            asyncio.get_running_loop().call_later(0.05, may_open.set)
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled_early())
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_comes_before_the_body_was_read_is_heard(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    early = refusing(413, "upload_too_large", {"limit_bytes": 5})
    server.script = [Reply(early.status, early.body, {"Connection": "close"}, reads_body=False)]

    with pytest.raises(ApiError) as refused:
        client.recommend(sparse_file(tmp_path / "film.mp4"))

    assert refused.value.code == "upload_too_large"
    assert len(server.seen) == 1
    # Whatever the network had taken already goes its way; the server may not have counted all of it yet.
    assert server.seen[0].size_bytes < LARGE_BYTES // 4


def test_a_file_that_becomes_shorter_meanwhile_is_named(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    film = sparse_file(tmp_path / "film.mp4", 20_000_000)

    def cut(done: int, _: int) -> None:
        if done:
            sparse_file(film, 10)

    with pytest.raises(UnreadableMedia, match=r"film\.mp4"):
        client.recommend(film, on_progress=cut)


def test_a_file_that_is_none_is_not_sent(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        client.recommend(tmp_path / "nowhere.mp4")
    with pytest.raises(InvalidParameter, match="not a file"):
        client.recommend(tmp_path)

    assert server.seen == []


def test_an_error_of_the_listener_stops_the_upload(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.recommend(sparse_file(tmp_path / "film.mp4", 1000), on_progress=stop)


def test_nobody_there_is_said_after_a_few_tries(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}"

    with client_of(kind, address) as client, pytest.raises(ServerUnreachable, match=address):
        client.track("01JC")


def test_a_server_that_says_nothing_is_given_up(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with client_of(kind, address, timeout_s=0.2) as client, pytest.raises(ServerUnreachable, match=r"0\.2 s"):
            client.track("01JC")


def test_what_speaks_no_http_is_unreachable(kind: Kind) -> None:
    def greet(listening: socket.socket) -> None:
        for _ in range(HASTY.tries):
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as mail:
        thread = threading.Thread(target=greet, args=(mail,))
        thread.start()
        address = f"http://127.0.0.1:{mail.getsockname()[1]}"
        with client_of(kind, address) as client, pytest.raises(ServerUnreachable):
            client.track("01JC")
        thread.join()


@pytest.mark.parametrize("address", ["", "music.example.org", "ftp://x/", "http://", "http://[::1", "http://x/?a=1"])
def test_what_is_no_address_is_refused(kind: Kind, address: str) -> None:
    with pytest.raises(InvalidParameter, match="server"), client_of(kind, address):
        pytest.fail("it was taken")


@pytest.mark.parametrize("key", ["", "two\nlines", "schlüssel"])
def test_what_no_header_can_hold_is_refused_as_a_key(kind: Kind, key: str) -> None:
    with pytest.raises(InvalidParameter, match="key"), client_of(kind, "http://127.0.0.1:1", key=key):
        pytest.fail("it was taken")


def test_a_server_may_lie_below_a_path(server: ScriptedServer, kind: Kind) -> None:
    server.script = [saying(STORED)]

    with client_of(kind, f"{server.address}/bgm/") as client:
        client.track("../01 JC?")

    assert server.seen[0].target == "/bgm/music/..%2F01%20JC%3F"
    assert "authorization" not in server.seen[0].headers


def test_text_that_cannot_be_sent_is_refused_by_name(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    film = sparse_file(tmp_path / "film.mp4", 10)

    with pytest.raises(InvalidParameter, match="title"):
        client.recommend(film, title="\ud800")
    with pytest.raises(InvalidParameter, match="q: is not valid"):
        next(client.tracks("\ud800"))
    with pytest.raises(InvalidParameter, match="makes no address"):
        next(client.tracks("x" * 70_000))
