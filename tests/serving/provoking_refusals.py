"""Requests that the server everybody shares refuses, one for each code; none needs more than a request or two."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.serving.many_servers import ManyServers
from tests.serving.server_process import ServerProcess, until

UNKNOWN_ID = "01JC7Y3T0GQ4M1Z8W5R2N6K9VX"
# The log of a server may name defects under this request id only.
ON_PURPOSE = "provoked-on-purpose"


def stored(servers: ManyServers) -> dict[str, Any]:
    """A track that nobody else knows."""
    answer = post_song(servers.plain, servers.media.another_song())
    assert answer.status_code == 201, answer.text
    track: dict[str, Any] = answer.json()
    return track


def post_song(server: ServerProcess, song: Path, **headers: str) -> httpx.Response:
    return server.client.post("/music", files={"file": (song.name, song.read_bytes())}, headers=headers)


def recommended(server: ServerProcess, clip: Path, **fields: str) -> dict[str, Any]:
    answer = server.client.post("/recommend", files={"video": (clip.name, clip.read_bytes())}, data=fields)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _malformed_request(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.post("/recommend", content=b"no form", headers={"Content-Type": "text/plain"})


def _invalid_parameter(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.get("/music", params={"bpm_min": "fast"})


def _bad_origin(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.delete(f"/music/{UNKNOWN_ID}", headers={"Origin": "https://example.org"})


def _not_found(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.get("/musik")


def _method_not_allowed(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.put("/music")


def _track_not_found(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.get(f"/music/{UNKNOWN_ID}")


def _recommendation_not_found(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.get(f"/recommend/{UNKNOWN_ID}")


def _job_not_found(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.get(f"/jobs/{UNKNOWN_ID}")


def _track_deleted(servers: ManyServers) -> httpx.Response:
    track_id = stored(servers)["id"]
    assert servers.plain.client.delete(f"/music/{track_id}").status_code == 204
    return servers.plain.client.get(f"/music/{track_id}")


def _range_not_satisfiable(servers: ManyServers) -> httpx.Response:
    track = stored(servers)
    answer = servers.plain.client.get(track["audio_url"], headers={"Range": f"bytes={track['size_bytes']}-"})
    assert answer.headers["content-range"] == f"bytes */{track['size_bytes']}"
    return answer


def _folder_not_allowed(servers: ManyServers) -> httpx.Response:
    return servers.plain.client.post("/music/import", json={"folder": ".."})


def _video_not_kept(servers: ManyServers) -> httpx.Response:
    asked = recommended(servers.plain, servers.media.clip)
    track_id = stored(servers)["id"]
    return servers.plain.client.post(f"/recommend/{asked['id']}/render", json={"track_id": track_id})


def _cancelled_render(servers: ManyServers) -> str:
    """The path where its video would be, had it not been cancelled."""
    client = servers.plain.client
    asked = recommended(servers.plain, servers.media.clip, keep="true")
    job = client.post(f"/recommend/{asked['id']}/render", json={"track_id": stored(servers)["id"]}).json()
    assert client.delete(f"/jobs/{job['id']}").status_code == 200
    until(lambda: client.get(f"/jobs/{job['id']}").json()["state"] == "cancelled")
    return f"/recommend/{asked['id']}/render/{job['id']}"


def _job_not_finished(servers: ManyServers) -> httpx.Response:
    answer = servers.plain.client.get(_cancelled_render(servers))
    assert answer.json()["state"] == "cancelled"
    return answer


def _job_not_cancellable(servers: ManyServers) -> httpx.Response:
    job_id = _cancelled_render(servers).rpartition("/")[2]
    return servers.plain.client.delete(f"/jobs/{job_id}")


def _idempotency_key_reused(servers: ManyServers) -> httpx.Response:
    headers = {"Idempotency-Key": "twice"}
    assert post_song(servers.plain, servers.media.another_song(), **headers).status_code == 201
    return post_song(servers.plain, servers.media.another_song(), **headers)


def _internal_error(servers: ManyServers) -> httpx.Response:
    """Somebody has taken a file out of the store."""
    track = stored(servers)
    sha256 = track["sha256"]
    (servers.plain.data / "blobs" / sha256[:2] / sha256[2:4] / sha256).unlink()
    answer = servers.plain.client.get(track["audio_url"], headers={"X-Request-ID": ON_PURPOSE})
    assert sha256 not in answer.text
    until(lambda: any(ON_PURPOSE in line for line in servers.plain.log))
    assert servers.plain.client.delete(f"/music/{track['id']}").status_code == 204
    return answer


REFUSALS: Mapping[str, Callable[[ManyServers], httpx.Response]] = {
    "malformed_request": _malformed_request,
    "invalid_parameter": _invalid_parameter,
    "bad_origin": _bad_origin,
    "not_found": _not_found,
    "method_not_allowed": _method_not_allowed,
    "track_not_found": _track_not_found,
    "recommendation_not_found": _recommendation_not_found,
    "job_not_found": _job_not_found,
    "track_deleted": _track_deleted,
    "range_not_satisfiable": _range_not_satisfiable,
    "folder_not_allowed": _folder_not_allowed,
    "video_not_kept": _video_not_kept,
    "job_not_finished": _job_not_finished,
    "job_not_cancellable": _job_not_cancellable,
    "idempotency_key_reused": _idempotency_key_reused,
    "internal_error": _internal_error,
}
