import httpx
import pytest

from tests.api.running import Service


@pytest.mark.parametrize("asked", ["GET /music", "GET /nowhere", "GET /healthz", "PUT /music"])
def test_no_answer_runs_anything_or_is_taken_for_something_else(shared_service: Service, asked: str) -> None:
    method, path = asked.split()
    headers = shared_service.client.request(method, path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"


def test_a_track_is_guarded_too(shared_service: Service) -> None:
    track = shared_service.client.post("/music", files={"file": ("song.svg", b"<svg onload=alert(1)>")}).json()
    answer: httpx.Response = shared_service.client.get(track["audio_url"])
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
