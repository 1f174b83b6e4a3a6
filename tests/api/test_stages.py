import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from tests.api.running import Service


@contextmanager
def listening(service: Service, request_id: str) -> Iterator[Iterator[str]]:
    """The lines of the stream, whose head has come."""
    client = httpx.Client(base_url=service.client.base_url, timeout=20)
    with client, client.stream("GET", f"/stages/{request_id}") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def stages(lines: Iterator[str]) -> list[str]:
    """Of all events to the end of the stream."""
    told = [line for line in lines if line and not line.startswith(":")]
    assert told[::2] == ["event: stage"] * (len(told) // 2)
    return [json.loads(line.removeprefix("data: "))["stage"] for line in told[1::2]]


def recommend(service: Service, content: bytes, request_id: str) -> httpx.Response:
    return service.client.post(
        "/recommend", files={"video": ("clip.mp4", content)}, headers={"X-Request-ID": request_id}
    )


def test_who_listens_hears_the_stages_of_a_recommendation(shared_service: Service) -> None:
    with listening(shared_service, "mine-1") as lines, ThreadPoolExecutor(1) as thread:
        heard = thread.submit(stages, lines)
        assert recommend(shared_service, b"x", "other-1").status_code == 200
        assert recommend(shared_service, b"x", "mine-1").status_code == 200
        assert heard.result(timeout=20) == ["receive", "wait", "decode", "encode", "search", "done"]


@pytest.mark.parametrize("content", [b"raise NoVideoStream\n", b""])
def test_a_recommendation_that_fails_says_so_at_last(shared_service: Service, content: bytes) -> None:
    name = f"failing-{len(content)}"
    with listening(shared_service, name) as lines, ThreadPoolExecutor(1) as thread:
        heard = thread.submit(stages, lines)
        assert recommend(shared_service, content, name).status_code == 422
        assert heard.result(timeout=20)[-1] == "failed"


def test_a_full_server_says_so_at_once(service: Service) -> None:
    with listening(service, "full") as lines, ThreadPoolExecutor(1) as thread:
        heard = thread.submit(stages, lines)
        with ExitStack() as others:
            for _ in range(8):
                others.enter_context(service.pool.admit())
            assert recommend(service, b"x", "full").json()["code"] == "overloaded"
        assert heard.result(timeout=20) == ["failed"]


@pytest.mark.parametrize("name", ["a b", "x" * 65, "ä"])
def test_a_name_that_no_request_can_have_is_refused(shared_service: Service, name: str) -> None:
    answer = shared_service.client.get(f"/stages/{name}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
