"""Drives jobs, sessions, health and measurements as a client would, and looks at what comes back."""

import shutil
from collections.abc import Callable, Mapping

import httpx

from tests.api.event_streams import listening
from tests.serving import shapes
from tests.serving.at_hand import AtHand

NO_KEYS = {"name": None, "scope": "admin", "key_required": False}


def _import_job(at_hand: AtHand, name: str, songs: int) -> str:
    folder = at_hand.imports / name
    folder.mkdir()
    for _ in range(songs):
        shutil.copy(at_hand.media.another_song(), folder)
    job_id: str = at_hand.client.post("/music/import", json={"folder": name}).json()["id"]
    return job_id


def _jobs(at_hand: AtHand) -> httpx.Response:
    ids = [_import_job(at_hand, f"listed-{number}", 0) for number in range(2)]
    answer = at_hand.client.get("/jobs", params={"limit": 2})
    assert answer.json().keys() == {"items"}
    assert [job["id"] for job in answer.json()["items"]] == ids[::-1]
    assert all(job.keys() == shapes.JOB for job in answer.json()["items"])
    return answer


def _job(at_hand: AtHand) -> httpx.Response:
    job_id = _import_job(at_hand, "looked-at", 1)
    ended = at_hand.ended(job_id)
    answer = at_hand.client.get(f"/jobs/{job_id}")
    assert (answer.json(), answer.json().keys()) == (ended, shapes.JOB)
    assert (ended["state"], ended["done"], ended["total"], ended["attempts"]) == ("done", 1, 1, 1)
    assert ended["result"].keys() == shapes.IMPORT_RESULT
    assert ended["created_at"] <= ended["started_at"] <= ended["finished_at"]
    return answer


def _cancel(at_hand: AtHand) -> httpx.Response:
    job_id = _import_job(at_hand, "cancelled", 12)
    answer = at_hand.client.delete(f"/jobs/{job_id}")
    assert answer.status_code == 200
    assert answer.json()["state"] in {"running", "cancelled"}
    ended = at_hand.ended(job_id)
    assert (ended["state"], ended["done"] < 12) == ("cancelled", True)
    assert at_hand.client.delete(f"/jobs/{job_id}").json()["code"] == "job_not_cancellable"
    return answer


def _events(at_hand: AtHand) -> httpx.Response:
    """Followed from the beginning, and once more when all is over."""
    path = f"/jobs/{_import_job(at_hand, 'followed', 3)}"
    with listening(at_hand.client, f"{path}/events") as events:
        told = list(events)
    assert {event.name for event in told} == {"job"}
    assert [event.data["done"] for event in told] == sorted(event.data["done"] for event in told)
    assert told[-1].data == at_hand.client.get(path).json()
    assert told[-1].data["state"] == "done"
    answer = at_hand.client.get(f"{path}/events")
    assert answer.text.count("event: job\n") == 1
    return answer


def _session(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/session")
    assert (answer.json(), answer.json().keys()) == (NO_KEYS, shapes.SESSION)
    return answer


def _open_session(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.post("/session")
    assert (answer.json(), "set-cookie" in answer.headers) == (NO_KEYS, False)
    return answer


def _close_session(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.delete("/session")
    assert answer.status_code == 204
    return answer


def _health(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    return answer


def _ready(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/readyz")
    size = at_hand.client.get("/music/facets").json()["total"]
    assert answer.json() == {"status": "ready", "library_size": size}
    return answer


def _metrics(at_hand: AtHand) -> httpx.Response:
    size = at_hand.client.get("/music/facets").json()["total"]
    at_hand.client.get("/never-heard-of")
    answer = at_hand.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert f"bgm_library_tracks {float(size)}\n" in answer.text
    assert 'bgm_requests_total{method="GET",path="/music/facets",status="200"}' in answer.text
    assert "never-heard-of" not in answer.text
    assert at_hand.song["id"] not in answer.text
    return answer


REST: Mapping[str, Callable[[AtHand], httpx.Response]] = {
    "GET /jobs": _jobs,
    "GET /jobs/{job_id}": _job,
    "DELETE /jobs/{job_id}": _cancel,
    "GET /jobs/{job_id}/events": _events,
    "GET /session": _session,
    "POST /session": _open_session,
    "DELETE /session": _close_session,
    "GET /healthz": _health,
    "GET /readyz": _ready,
    "GET /metrics": _metrics,
}
