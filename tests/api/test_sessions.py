import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.catalogue.request_tables import sessions
from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, key_store, new_key
from tests.api.running import REMEMBER_S, Service, running_service
from tests.fake_pool import FakePool

COOKIE = "bgm_session"


@pytest.fixture
def key(library: Library) -> str:
    return new_key(library)


@pytest.fixture
def keyed(library: Library, key: str) -> Iterator[Service]:
    with FakePool() as pool, running_service(library, pool) as service:
        yield service


def test_a_key_in_the_body_is_exchanged_for_a_cookie_that_opens(keyed: Service, key: str) -> None:
    answer = keyed.client.post("/session", json={"key": key})
    assert answer.status_code == 200
    assert answer.json() == {"name": "phone", "scope": "manage", "key_required": True}
    assert keyed.client.get("/session").json() == answer.json()
    assert keyed.client.get("/music").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_ends_with_the_browser(keyed: Service, key: str) -> None:
    cookie = keyed.client.post("/session", headers=bearer(key)).headers["set-cookie"]
    token, *attributes = cookie.split("; ")
    assert {attribute.lower() for attribute in attributes} == {"httponly", "samesite=strict", "path=/"}
    assert key not in cookie
    assert len(token.removeprefix(f"{COOKIE}=")) == 43


def test_over_tls_the_cookie_is_for_tls_only(keyed: Service, key: str) -> None:
    # The server believes a proxy on this machine.
    sent = bearer(key) | {"X-Forwarded-Proto": "https"}
    assert "Secure" in keyed.client.post("/session", headers=sent).headers["set-cookie"]


def test_the_cookie_is_not_in_the_database(keyed: Service, key: str, library: Library) -> None:
    keyed.client.post("/session", headers=bearer(key))
    with library.catalogue.transactions.reading() as connection:
        stored = str(connection.execute(sessions.select()).all())
    assert stored != "[]"
    assert keyed.client.cookies[COOKIE] not in stored


def test_an_unknown_key_is_refused_and_after_some_tries_nobody_is_heard_from_there(keyed: Service, key: str) -> None:
    answers = [keyed.client.post("/session", json={"key": f"guess {number}"}) for number in range(11)]
    assert [answer.json()["code"] for answer in answers] == ["key_unknown"] * 10 + ["rate_limited"]
    answer = keyed.client.post("/session", json={"key": key})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_good_keys_are_not_counted_as_tries(keyed: Service, key: str) -> None:
    for _ in range(15):
        assert keyed.client.post("/session", json={"key": key}).status_code == 200


def test_a_body_that_is_no_key_is_refused(keyed: Service) -> None:
    for sent in ({}, {"key": 5}, {"key": "x" * 2000}, {"key": "a", "more": 1}, ["x"]):
        answer = keyed.client.post("/session", json=sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")


def test_neither_key_nor_body_is_no_session(keyed: Service) -> None:
    for answer in (keyed.client.post("/session"), keyed.client.get("/session")):
        assert (answer.status_code, answer.json()["code"]) == (401, "key_required")


def test_a_session_does_not_open_another_one(keyed: Service, key: str) -> None:
    keyed.client.post("/session", headers=bearer(key))
    assert keyed.client.post("/session").status_code == 401


def test_another_site_cannot_put_its_own_session_into_a_browser(keyed: Service, key: str) -> None:
    answer = keyed.client.post("/session", json={"key": key}, headers={"Origin": "https://example.org"})
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")


def test_a_session_that_was_given_back_is_over_at_once(keyed: Service, key: str) -> None:
    keyed.client.post("/session", headers=bearer(key))
    token = keyed.client.cookies[COOKIE]
    answer = keyed.client.delete("/session")
    assert answer.status_code == 204
    assert COOKIE not in keyed.client.cookies
    keyed.client.cookies.set(COOKIE, token)
    assert keyed.client.get("/music").json()["code"] == "key_required"
    assert keyed.client.delete("/session").status_code == 204


def test_a_session_ends_with_its_key(keyed: Service, key: str, library: Library) -> None:
    keyed.client.post("/session", headers=bearer(key))
    assert keyed.client.get("/music").status_code == 200
    key_store(library).revoke("phone", at=datetime.now(UTC))
    time.sleep(REMEMBER_S)
    assert keyed.client.get("/music").json()["code"] == "key_required"


def test_a_session_expires(keyed: Service, key: str, library: Library) -> None:
    keyed.client.post("/session", headers=bearer(key))
    with library.catalogue.transactions.writing() as connection:
        moved = connection.execute(update(sessions).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        assert moved.rowcount == 1
    time.sleep(REMEMBER_S)
    assert keyed.client.get("/music").json()["code"] == "key_required"


def test_a_session_lasts_for_hours(keyed: Service, key: str, library: Library) -> None:
    keyed.client.post("/session", headers=bearer(key))
    with library.catalogue.transactions.reading() as connection:
        row = connection.execute(sessions.select()).one()
    assert row.expires_at - row.created_at == timedelta(hours=12)


def test_without_keys_everybody_may_do_everything_and_gets_no_cookie(service: Service) -> None:
    nobody = {"name": None, "scope": "admin", "key_required": False}
    assert service.client.get("/session").json() == nobody
    answer = service.client.post("/session", json={"key": "anything"})
    assert answer.json() == nobody
    assert "set-cookie" not in answer.headers


def test_a_large_body_is_refused_without_a_key(keyed: Service) -> None:
    answer = keyed.client.post("/session", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")


def test_a_key_works_beside_a_cookie_and_counts_more(keyed: Service, key: str, library: Library) -> None:
    other = new_key(library, "other", scope="admin")
    keyed.client.post("/session", headers=bearer(key))
    assert keyed.client.get("/session", headers=bearer(other)).json()["name"] == "other"
    assert keyed.client.get("/session", headers=bearer("wrong")).json()["code"] == "key_unknown"
