from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.raw_http import connection
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool


def add(
    service: Service, content: bytes = b"sound", *, key: str = "k1", title: str = "Title", bearing: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key} | (bearer(bearing) if bearing else {})
    return service.client.post("/music", files={"file": ("song.ogg", content)}, data={"title": title}, headers=headers)


@contextmanager
def request_in_hand(service: Service) -> Iterator[None]:
    """A request with the key k1 that is worked on until the block ends."""
    service.pool.may_work.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(add, service)
        assert service.pool.all_begun(1)
        yield
        service.pool.may_work.set()
        assert first.result().status_code == 201


def test_the_same_request_again_has_the_same_answer(service: Service) -> None:
    first, again = add(service), add(service)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert len(service.pool.seen) == 1


def test_an_answer_that_was_200_stays_200(service: Service) -> None:
    add(service)
    assert [add(service, key="k2").status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("change", [{"content": b"other"}, {"title": "Other"}])
def test_another_request_with_the_same_key_is_refused(service: Service, change: dict[str, str]) -> None:
    add(service)
    answer = add(service, **change)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(service.client.get("/music").json()["items"]) == 1


def test_a_key_in_use_is_refused_before_the_body_is_read(service: Service) -> None:
    with request_in_hand(service), connection(service.port) as opened:
        opened.begin("Content-Length: 1000000", "Idempotency-Key: k1", path="/music")
        answer = opened.answer()
        assert (answer.status, answer.body["code"]) == (409, "idempotency_key_in_use")
        assert add(service, b"untagged", key="k1").status_code == 409


def test_requests_without_a_key_are_not_held_up(service: Service) -> None:
    with request_in_hand(service), ThreadPoolExecutor(1) as threads:
        other = threads.submit(service.client.post, "/music", files={"file": b"other"})
        assert service.pool.all_begun(2)
        service.pool.may_work.set()
        assert other.result().status_code == 201


def test_a_refused_request_frees_its_key(service: Service) -> None:
    assert add(service, b"raise SilentAudio\n").status_code == 422
    assert add(service).status_code == 201


def test_a_key_whose_track_is_gone_says_so(service: Service) -> None:
    track = add(service).json()
    service.client.delete(f"/music/{track['id']}")
    assert add(service).status_code in {404, 410}


def test_two_callers_may_choose_the_same_key(library: Library) -> None:
    first, second = new_key(library, "first"), new_key(library, "second")
    with FakePool() as pool, running_service(library, pool) as service:
        assert add(service, bearing=first).status_code == 201
        assert add(service, b"other", bearing=second).status_code == 201
        assert add(service, bearing=first).json()["title"] == "Title"


def test_what_is_no_key_is_refused_by_name(shared_service: Service) -> None:
    for key in ("", "x" * 256, "a\tb", "ü"):
        headers = [(b"Idempotency-Key", key.encode())]
        answer = shared_service.client.post("/music", files={"file": b"sound"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
        assert answer.json()["parameter"] == "Idempotency-Key"


def test_any_printable_key_will_do(service: Service) -> None:
    for key in ("x", "x" * 255, 'a "b" ~'):
        assert add(service, key.encode(), key=key).status_code == 201
