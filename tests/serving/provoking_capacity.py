"""What a server answers when it is full, slow, broken for a while or near its limits."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx

from tests.api.event_streams import listening
from tests.api.raw_http import OPENING, connection
from tests.media_files import Film, write_video
from tests.serving.many_servers import ManyServers, files_of_at_most, held_up
from tests.serving.provoking_refusals import post_song, recommended
from tests.serving.server_process import ServerProcess, until

# More than any server of these tests works on at once.
MANY = 40
TRIES = 5
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _upload_too_large(servers: ManyServers) -> httpx.Response:
    answer = servers.tight.client.post("/music", files={"file": ("long.wav", b"RIFF" * 300_000)})
    assert answer.json()["limit_bytes"] == 1_000_000
    return answer


def _media_too_long(servers: ManyServers) -> httpx.Response:
    path = write_video(servers.media.folder / "long.mp4", Film(seconds=5))
    return servers.tight.client.post("/recommend", files={"video": (path.name, path.read_bytes())})


def _recommendation_expired(servers: ManyServers) -> httpx.Response:
    client, asked = servers.tight.client, recommended(servers.tight, servers.media.clip)
    until(lambda: client.get(f"/recommend/{asked['id']}").status_code != 200)
    return client.get(f"/recommend/{asked['id']}")


def _disk_full(servers: ManyServers) -> httpx.Response:
    """The next one finds room again."""
    song = servers.media.another_song()
    with files_of_at_most(16_384, servers.tight):
        answer = post_song(servers.tight, song)
    assert post_song(servers.tight, song).status_code == 201
    return answer


def _media_took_too_long(servers: ManyServers) -> httpx.Response:
    """The process that decodes does not get on; another takes its place."""
    with held_up(servers.tight):
        answer = _send_clip(servers.tight, servers)
    assert _send_clip(servers.tight, servers).status_code == 200
    return answer


def _encoder_unavailable(servers: ManyServers) -> httpx.Response:
    """All workers end while one of them has the video in hand, which it may not have had yet the first time."""
    for attempt in range(TRIES):
        answer = _killed_over(servers, f"killed-{attempt}")
        servers.plain.wait_until_ready()
        if answer.status_code != 200:
            break
    return answer


def _killed_over(servers: ManyServers, request_id: str) -> httpx.Response:
    server = servers.plain
    with ThreadPoolExecutor(1) as threads, held_up(server) as workers:
        with listening(server.client, f"/stages/{request_id}") as events:
            sending = threads.submit(_send_clip, server, servers, **{"X-Request-ID": request_id})
            next(event for event in events if event.data["stage"] == "decode")
        for worker in workers:
            worker.kill()
        return sending.result()


def _not_ready(servers: ManyServers) -> httpx.Response:
    """Its workers have ended, and others take a while to load."""
    server = servers.plain
    for worker in server.workers():
        worker.kill()
    until(lambda: server.client.get("/readyz").status_code == 503)
    answer = server.client.get("/readyz")
    server.wait_until_ready()
    return answer


def _overloaded(servers: ManyServers) -> httpx.Response:
    """Others have begun to send and do not go on."""
    server = servers.plain
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(_begun_upload(server, b"video"))
        # One of these may have come in between and had the last place for a moment.
        while (answer := _send_clip(server, servers)).status_code == 200:
            stack.enter_context(_begun_upload(server, b"video"))
    until(lambda: _send_clip(server, servers).status_code == 200)
    return answer


def _idempotency_key_in_use(servers: ManyServers) -> httpx.Response:
    """One who sent it first is still sending the file."""
    server, song, headers = servers.plain, servers.media.another_song(), {"Idempotency-Key": "in use"}
    with _begun_upload(server, b"file", "Idempotency-Key: in use", path="/music"):
        until(lambda: post_song(server, song, **headers).status_code == 409)
        answer = post_song(server, song, **headers)
    until(lambda: post_song(server, song, **headers).is_success)
    return answer


@contextmanager
def _begun_upload(server: ServerProcess, part: bytes, *headers: str, path: str = "/recommend") -> Iterator[None]:
    """Somebody has begun to send a file and does not go on; the server has heard of it."""
    port = server.client.base_url.port
    assert port is not None
    with connection(port) as opened:
        opened.begin("Content-Length: 100000", *headers, path=path)
        opened.send(OPENING.replace(b"video", part, 1))
        with connection(port) as later:
            later.send(HEALTH)
            assert later.answer().status == 200
        yield


def _send_clip(server: ServerProcess, servers: ManyServers, **headers: str) -> httpx.Response:
    clip = servers.media.clip
    return server.client.post("/recommend", files={"video": (clip.name, clip.read_bytes())}, headers=headers)


CAPACITY: Mapping[str, Callable[[ManyServers], httpx.Response]] = {
    "upload_too_large": _upload_too_large,
    "media_too_long": _media_too_long,
    "recommendation_expired": _recommendation_expired,
    "disk_full": _disk_full,
    "media_took_too_long": _media_took_too_long,
    "encoder_unavailable": _encoder_unavailable,
    "not_ready": _not_ready,
    "overloaded": _overloaded,
    "idempotency_key_in_use": _idempotency_key_in_use,
}
