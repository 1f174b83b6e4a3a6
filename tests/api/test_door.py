import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from app.recommendation.doorkeeper import DoorRules
from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, key_store, new_key
from tests.api.raw_http import connection
from tests.api.running import REMEMBER_S, Service, running_service
from tests.fake_pool import FakePool


@pytest.fixture
def key(library: Library) -> str:
    return new_key(library)


@pytest.fixture
def keyed(library: Library, key: str) -> Iterator[Service]:
    """A server that has a key before it starts."""
    with FakePool() as pool, running_service(library, pool) as service:
        yield service


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_what_a_browser_and_a_watchdog_ask_first_is_open(keyed: Service) -> None:
    for path in ("/", "/web/icon.svg", "/favicon.ico", "/healthz", "/readyz"):
        assert keyed.client.get(path).status_code == 200, path


def test_everything_else_wants_a_key_and_a_path_that_is_not_there_does_too(keyed: Service) -> None:
    for path in (
        "/music",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/session",
        "/jobs/x",
        "/nowhere",
        "/web",
        "/healthz/",
    ):
        answer = keyed.client.get(path)
        assert code_of(answer) == (401, "key_required"), path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_a_key_opens(keyed: Service, key: str) -> None:
    assert keyed.client.get("/music", headers=bearer(key)).status_code == 200
    assert keyed.client.get("/music", headers={"Authorization": f"bearer  {key}"}).status_code == 200


def test_an_unknown_key_is_refused(keyed: Service) -> None:
    for wrong in ("bgm_", "x" * 5000, "ü"):
        sent = [(b"Authorization", f"Bearer {wrong}".encode())]
        assert code_of(keyed.client.get("/music", headers=sent)) == (401, "key_unknown")


def test_a_header_of_another_kind_is_no_key(keyed: Service) -> None:
    for header in ("Basic dXNlcjpwdw==", "Token x", "x"):
        answer = keyed.client.get("/music", headers={"Authorization": header})
        assert code_of(answer) == (401, "key_required")
    assert code_of(keyed.client.get("/music", headers={"Authorization": "Bearer"})) == (401, "key_unknown")


def test_a_revoked_key_is_refused_within_seconds_also_where_it_was_just_used(
    keyed: Service, library: Library, key: str
) -> None:
    assert keyed.client.get("/music", headers=bearer(key)).status_code == 200
    key_store(library).revoke("phone", at=datetime.now(UTC))
    time.sleep(REMEMBER_S)
    assert code_of(keyed.client.get("/music", headers=bearer(key))) == (401, "key_unknown")


def test_a_server_whose_only_key_was_revoked_lets_nobody_in(keyed: Service, library: Library) -> None:
    key_store(library).revoke("phone", at=datetime.now(UTC))
    time.sleep(REMEMBER_S)
    assert code_of(keyed.client.get("/music")) == (401, "key_required")


def test_a_running_server_asks_for_a_key_from_the_first_one_on(service: Service, library: Library) -> None:
    assert service.client.get("/music").status_code == 200
    key = new_key(library)
    time.sleep(REMEMBER_S)
    assert code_of(service.client.get("/music")) == (401, "key_required")
    assert service.client.get("/music", headers=bearer(key)).status_code == 200


def test_a_key_is_wanted_without_any_in_the_database_where_the_rules_say_so(library: Library) -> None:
    with FakePool() as pool, running_service(library, pool, rules=DoorRules(needs_key=True)) as service:
        assert code_of(service.client.get("/music")) == (401, "key_required")
        assert service.client.get("/healthz").status_code == 200


def test_who_may_only_recommend_does_not_change_the_library(keyed: Service, library: Library) -> None:
    reader = new_key(library, "reader", scope="recommend")
    answer = keyed.client.post("/music", files={"file": b"sound"}, headers=bearer(reader))
    assert code_of(answer) == (403, "key_lacks_scope")
    assert (answer.json()["scope"], answer.json()["needed"]) == ("recommend", "manage")
    assert keyed.client.get("/music", headers=bearer(reader)).json()["items"] == []


def test_a_request_without_a_key_is_answered_before_its_body_is_read(keyed: Service) -> None:
    with connection(keyed.port) as opened:
        opened.begin("Content-Length: 1000000000")
        answer = opened.answer()
    assert (answer.status, answer.body["code"]) == (401, "key_required")
    assert answer.headers["connection"] == "close"


def test_wrong_keys_from_one_address_are_counted_but_hold_up_no_key_that_is_in_use(
    keyed: Service, library: Library, key: str
) -> None:
    assert keyed.client.get("/music", headers=bearer(key)).status_code == 200
    codes = [code_of(keyed.client.get("/music", headers=bearer(f"guess {number}"))) for number in range(12)]
    assert codes[:10] == [(401, "key_unknown")] * 10
    assert codes[-1] == (429, "rate_limited")
    time.sleep(REMEMBER_S)
    assert keyed.client.get("/music", headers=bearer(key)).status_code == 200
    answer = keyed.client.get("/music", headers=bearer(new_key(library, "newcomer")))
    assert code_of(answer) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 6


def test_many_requests_at_once_with_one_good_key_are_no_tries(keyed: Service, key: str) -> None:
    def ask(_: int) -> int:
        return keyed.client.get("/session", headers=bearer(key)).status_code

    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(ask, range(40))) == {200}


def test_requests_beyond_the_limit_are_told_when_to_come_back(library: Library) -> None:
    rules = DoorRules(requests_per_minute=3)
    with FakePool() as pool, running_service(library, pool, rules=rules) as service:
        statuses = [service.client.get("/music").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        answer = service.client.get("/music")
        assert code_of(answer) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) == answer.json()["retry_after_s"] <= 20
        assert service.client.get("/healthz").status_code == 200
        assert service.client.get("/").status_code == 200
        # A player asks for a track in many small parts.
        assert service.client.get("/music/x/audio", headers={"Range": "bytes=0-1"}).status_code == 404


def test_each_key_has_a_limit_of_its_own(library: Library) -> None:
    first, second = new_key(library, "first"), new_key(library, "second")
    rules = DoorRules(requests_per_minute=2)
    with FakePool() as pool, running_service(library, pool, rules=rules) as service:
        assert [service.client.get("/music", headers=bearer(first)).status_code for _ in range(3)] == [200, 200, 429]
        assert service.client.get("/music", headers=bearer(second)).status_code == 200
