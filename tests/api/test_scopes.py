"""What a key of each scope may do, for every path that there is."""

from collections.abc import Iterator

import pytest

from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool


@pytest.fixture
def keyed(library: Library) -> Iterator[Service]:
    new_key(library, "another")
    with FakePool() as pool, running_service(library, pool) as service:
        yield service


def changes_of_the_library(service: Service, key: str) -> list[tuple[str, str]]:
    """Every method that changes something below /music, with an id that no track has."""
    paths = service.client.get("/openapi.json", headers=bearer(key)).json()["paths"]
    return [
        (method, path.replace("{track_id}", "01JD3W7E5V2S9B8F4H6K0M1N3P"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/music") and method not in {"get", "head"}
    ]


def test_who_may_only_recommend_is_refused_whatever_would_change_the_library(keyed: Service, library: Library) -> None:
    key = new_key(library, scope="recommend")
    changes = changes_of_the_library(keyed, key)
    assert len(changes) >= 5
    for method, path in changes:
        answer = keyed.client.request(method, path, headers=bearer(key))
        assert (answer.status_code, answer.json()["code"]) == (403, "key_lacks_scope"), (method, path)


@pytest.mark.parametrize("scope", ["manage", "admin"])
def test_who_manages_the_library_is_refused_nothing_for_want_of_a_scope(
    keyed: Service, library: Library, scope: str
) -> None:
    key = new_key(library, scope=scope)  # type: ignore[arg-type]
    for method, path in changes_of_the_library(keyed, key):
        answer = keyed.client.request(method, path, headers=bearer(key))
        assert answer.status_code not in {401, 403}, (method, path)


def test_the_documentation_says_how_a_key_is_sent(shared_service: Service) -> None:
    document = shared_service.client.get("/openapi.json").json()
    [scheme] = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    refused = document["paths"]["/music"]["post"]["responses"]
    assert "key_required" in str(refused["401"])
    assert "key_lacks_scope" in str(refused["403"])
    assert "rate_limited" in str(refused["429"])
