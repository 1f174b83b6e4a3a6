from collections.abc import Iterator

import httpx
import pytest

from app.api.origins import is_name_of_this_machine, is_own_origin
from app.recommendation.doorkeeper import DoorRules
from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.raw_http import connection
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool

FOREIGN = [
    {"Origin": "https://example.org"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.fixture
def local(library: Library) -> Iterator[Service]:
    """A server without keys that only this machine reaches."""
    with FakePool() as pool, running_service(library, pool, rules=DoorRules(is_local=True)) as service:
        yield service


def own_origin(service: Service) -> str:
    return f"http://127.0.0.1:{service.port}"


def add(service: Service, headers: dict[str, str]) -> httpx.Response:
    return service.client.post("/music", files={"file": b"sound"}, headers=headers)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8000", "localhost:8000", "http"),
        ("http://LOCALHOST:8000", "localhost:8000", "http"),
        ("http://[::1]:8000", "[::1]:8000", "http"),
        ("https://music.example", "music.example", "https"),
        ("https://music.example", "music.example:443", "https"),
        ("https://music.example", "music.example", "http"),
    ],
)
def test_a_page_of_the_server_is_its_own_also_behind_a_proxy_that_speaks_tls(
    origin: str, host: str, scheme: str
) -> None:
    assert is_own_origin(origin, host=host, scheme=scheme)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://music.example", "music.example", "https"),
        ("http://localhost:3000", "localhost:8000", "http"),
        ("http://localhost", "localhost:8000", "http"),
        ("http://music.example.evil.org", "music.example", "http"),
        ("ftp://music.example", "music.example", "http"),
        ("music.example", "music.example", "http"),
        ("null", "", "http"),
        ("http://", "", "http"),
        ("http://a:b", "a:b", "http"),
    ],
)
def test_what_is_not_served_by_this_server_is_not_its_own(origin: str, host: str, scheme: str) -> None:
    assert not is_own_origin(origin, host=host, scheme=scheme)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:80", "127.1.2.3", "[::1]:8000"])
def test_names_that_always_mean_this_machine(host: str) -> None:
    assert is_name_of_this_machine(host)


@pytest.mark.parametrize("host", ["", "example.org", "localhost.example.org", "127.0.0.1.example.org", "[::1", "::2"])
def test_names_that_somebody_else_may_point_here(host: str) -> None:
    assert not is_name_of_this_machine(host)


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_cannot_change_a_library_without_keys(
    shared_service: Service, headers: dict[str, str]
) -> None:
    answer = add(shared_service, headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
    assert shared_service.pool.seen == []


def test_the_servers_own_page_and_programs_may_change_it(service: Service) -> None:
    own = {"Origin": own_origin(service), "Sec-Fetch-Site": "same-origin"}
    assert add(service, own).status_code == 201
    assert add(service, {}).status_code == 200


def test_a_foreign_page_is_refused_before_its_upload_is_read(shared_service: Service) -> None:
    with connection(shared_service.port) as opened:
        opened.begin("Content-Length: 1000000000", "Origin: https://example.org")
        assert opened.answer().status == 403


@pytest.mark.parametrize("headers", FOREIGN)
def test_reading_is_not_refused_for_browsers_keep_the_answer_from_the_page(
    shared_service: Service, headers: dict[str, str]
) -> None:
    answer = shared_service.client.get("/music", headers=headers)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_with_a_cookie_the_page_must_be_the_servers_own(library: Library) -> None:
    key = new_key(library)
    with FakePool() as pool, running_service(library, pool) as service:
        assert service.client.post("/session", headers=bearer(key)).status_code == 200
        for headers in FOREIGN:
            answer = add(service, headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
        assert add(service, {"Origin": own_origin(service)}).status_code == 201
        service.client.cookies.clear()
        # No page can send this header to a server of another origin.
        for headers in FOREIGN:
            assert add(service, headers | bearer(key)).status_code == 200


def test_no_other_site_is_ever_allowed_to_ask(shared_service: Service) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = shared_service.client.options("/music", headers=asked)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_name_that_was_made_to_point_to_this_machine_gets_nothing_without_keys(local: Service) -> None:
    for path in ("/", "/music", "/web/icon.svg", "/session"):
        answer = local.client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
        assert local.client.get(path).status_code == 200
        assert local.client.get(path, headers={"Host": "localhost:8000"}).status_code == 200


def test_a_watchdog_may_call_the_server_what_it_likes(local: Service) -> None:
    assert local.client.get("/healthz", headers={"Host": "evil.example"}).status_code == 200
    assert local.client.get("/readyz", headers={"Host": "evil.example"}).status_code == 200


def test_with_keys_the_server_may_have_any_name(library: Library) -> None:
    key = new_key(library)
    with FakePool() as pool, running_service(library, pool, rules=DoorRules(is_local=True)) as service:
        assert service.client.get("/music", headers=bearer(key) | {"Host": "music.example"}).status_code == 200
        assert service.client.get("/", headers={"Host": "music.example"}).status_code == 200
