"""Who may do what, for every path there is: a server with keys, asked without one and with one of each scope."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from app.access import SCOPES
from tests.serving.answers import is_documented, operation_of
from tests.serving.many_servers import KeyedServer, ManyServers

OPEN = {"GET /healthz", "GET /readyz", "GET /", "GET /web/app.css", "GET /favicon.ico", "POST /session"}
# Giving back a cookie that one does not have does no harm.
OPEN_TO_NOBODY_KNOWN = {"DELETE /session"}
CHANGES_THE_LIBRARY = {
    "POST /music",
    "PATCH /music/{id}",
    "DELETE /music/{id}",
    "POST /music/{id}/restore",
    "POST /music/import",
}
ENDLESS = "GET /stages/{id}"


@pytest.fixture(scope="module")
def keys(servers: ManyServers) -> Mapping[str, str]:
    """A key of each scope."""
    return {scope: servers.keyed.new_key(f"of {scope}", scope) for scope in SCOPES}


@pytest.fixture(scope="module")
def operations(servers: ManyServers) -> list[str]:
    """All there are, like "GET /jobs/{id}"."""
    paths: dict[str, Any] = servers.plain.client.get("/openapi.json").json()["paths"]
    listed = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    others = ["GET /", "GET /web/app.css", "GET /favicon.ico", "GET /docs", "GET /openapi.json"]
    return [re.sub(r"\{\w+\}", "{id}", operation) for operation in [*listed, *others]]


def refusals(keyed: KeyedServer, operations: list[str], *, key: str | None) -> dict[str, str]:
    """The codes of those that are refused for want of a key or of its scope."""
    answers = {}
    for operation in operations:
        method, _, path = operation.partition(" ")
        if key is None or operation != ENDLESS:
            answers[operation] = keyed.send(method, path.replace("{id}", "nothing"), key=key)
    refused = {name: answer for name, answer in answers.items() if answer.status_code in {401, 403}}
    paths = keyed.send("GET", "/openapi.json").json()["paths"]
    listed = {name: answer for name, answer in refused.items() if path_of(answer, paths) in paths}
    assert [name for name, answer in listed.items() if not is_documented(answer, paths)] == []
    return {name: answer.json()["code"] for name, answer in refused.items()}


def path_of(answer: httpx.Response, paths: dict[str, Any]) -> str:
    return operation_of(answer.request, paths).partition(" ")[2]


def test_without_a_key_only_the_page_and_the_health_checks_are_open(
    servers: ManyServers, operations: list[str]
) -> None:
    found = refusals(servers.keyed, operations, key=None)
    # A session is opened with a key, and there was none.
    assert found.pop("POST /session") == "key_required"
    assert found == dict.fromkeys(set(operations) - OPEN - OPEN_TO_NOBODY_KNOWN, "key_required")


def test_a_key_to_recommend_does_all_but_change_the_library(
    servers: ManyServers, operations: list[str], keys: Mapping[str, str]
) -> None:
    found = refusals(servers.keyed, operations, key=keys["recommend"])
    assert found == dict.fromkeys(CHANGES_THE_LIBRARY, "key_lacks_scope")


@pytest.mark.parametrize("scope", ["manage", "admin"])
def test_a_key_to_manage_does_all_that_is_not_anothers(
    scope: str, servers: ManyServers, operations: list[str], keys: Mapping[str, str]
) -> None:
    assert refusals(servers.keyed, operations, key=keys[scope]) == {}


def test_recommendations_and_jobs_are_their_owners_and_an_administrators(
    servers: ManyServers, keys: Mapping[str, str]
) -> None:
    keyed, media = servers.keyed, servers.media
    song = {"file": (media.song.name, media.song.read_bytes())}
    track = keyed.send("POST", "/music", key=keys["manage"], files=song).json()
    clip = {"files": {"video": media.clip.read_bytes()}, "data": {"keep": "true"}}
    page = keyed.send("POST", "/recommend", key=keys["recommend"], **clip).json()
    wanted = {"track_id": track["id"], "start_s": 0}
    job = keyed.send("POST", f"/recommend/{page['id']}/render", key=keys["recommend"], json=wanted).json()
    for path, code in {
        f"/recommend/{page['id']}": "recommendation_not_found",
        f"/recommend/{page['id']}/video": "recommendation_not_found",
        f"/jobs/{job['id']}": "job_not_found",
    }.items():
        assert keyed.send("GET", path, key=keys["manage"]).json()["code"] == code
        assert keyed.send("GET", path, key=keys["recommend"]).status_code == 200
        assert keyed.send("GET", path, key=keys["admin"]).status_code == 200
    listed = {scope: keyed.send("GET", "/jobs", key=key).json()["items"] for scope, key in keys.items()}
    assert [job["id"] in [one["id"] for one in listed[scope]] for scope in keys] == [True, False, True]
    assert keyed.send("DELETE", f"/recommend/{page['id']}", key=keys["manage"]).status_code == 404
    assert keyed.send("DELETE", f"/recommend/{page['id']}", key=keys["admin"]).status_code == 204
