"""Requests that nobody should send: odd ids, numbers, bodies and filters, and a disk that is full. None of them is a
defect's to answer, and every refusal is one that OpenAPI lists for its path."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.serving.answers import is_documented
from tests.serving.at_hand import AtHand
from tests.serving.many_servers import ManyServers, files_of_at_most
from tests.serving.server_process import ServerProcess

# Nothing, half a character, no UTF-8, a path, a wildcard, another case, and one that is too long.
ODD_IDS = ("%00", "%ed%a0%80", "%ff", "%2e%2e", "%25", "*", "'%22;--", "01jc7y3t0gq4m1z8w5r2n6k9vx", "x" * 3000)
HALF_A_CHARACTER = "\\ud800"
JSON = {"Content-Type": "application/json"}
# What pydantic and FastAPI say by themselves.
LIBRARIES = ("Input should", "Extra inputs", "String should", "Field required", "There was an error")


@pytest.fixture(scope="module")
def paths(library: AtHand) -> dict[str, Any]:
    found: dict[str, Any] = library.client.get("/openapi.json").json()["paths"]
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, servers: ManyServers) -> ServerProcess:
    """A server of each database."""
    return servers.plain if request.param == "sqlite" else servers.tight


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("/music/{}", "track_not_found"),
        ("/music/{}/audio", "track_not_found"),
        ("/music/{}/preview", "track_not_found"),
        ("/music/{}/waveform", "track_not_found"),
        ("/music/{}/similar", "track_not_found"),
        ("/recommend/{}", "recommendation_not_found"),
        ("/recommend/{}/video", "recommendation_not_found"),
        ("/recommend/{}/render/{}", "recommendation_not_found"),
        ("/jobs/{}", "job_not_found"),
        ("/jobs/{}/events", "job_not_found"),
    ],
)
def test_an_odd_id_is_one_that_nothing_has(template: str, code: str, either: ServerProcess) -> None:
    for odd in ODD_IDS:
        answer = either.client.get(template.format(odd, odd))
        assert (odd, answer.json()["code"]) == (odd, code)


@pytest.mark.parametrize("odd", ["%00", "%ff", "x" * 65, "a%20b", "%2e%2e%2f"])
def test_stages_are_told_only_of_ids_that_a_request_can_have(odd: str, library: AtHand) -> None:
    assert library.client.get(f"/stages/{odd}").json()["code"] in {"invalid_parameter", "not_found"}


def odd_bodies(at_hand: AtHand) -> Iterator[tuple[str, str, str, str]]:
    """Method, path, body and the code of its refusal."""
    track, page = f"/music/{at_hand.song['id']}", f"/recommend/{at_hand.page['id']}"
    for bpm in ("NaN", "Infinity", "1e999", "-1", "true", '"96"', "9" * 400):
        yield "PATCH", track, f'{{"bpm": {bpm}}}', "invalid_parameter"
    for body in ('{"title": 5}', '{"moods": "calm"}', '{"id": "x"}', '{"vocals": 1}', "[]", "null", ""):
        yield "PATCH", track, body, "invalid_parameter"
    for text in (HALF_A_CHARACTER, "\\u0000", "x" * 501):
        yield "PATCH", track, f'{{"title": "{text}"}}', "invalid_parameter"
    yield "PATCH", track, f'{{"{HALF_A_CHARACTER}": 1}}', "invalid_parameter"
    for body in ("{", "9" * 5000, "[" * 50_000):
        yield "PATCH", track, body, "malformed_request"
    for start_s in ("NaN", "-0.1", "1e300", "[]"):
        asked = f'{{"track_id": "{at_hand.song["id"]}", "start_s": {start_s}}}'
        yield "POST", f"{page}/render", asked, "invalid_parameter"
    for key in ("5", "{}", "null"):
        yield "POST", "/session", f'{{"key": {key}}}', "invalid_parameter"
    yield "POST", "/session", "{", "malformed_request"
    yield "POST", "/feedback", "{", "malformed_request"
    yield "POST", "/music/import", "{", "malformed_request"
    yield "POST", "/music/import", f'{{"folder": "{HALF_A_CHARACTER}"}}', "invalid_parameter"
    for folder in ("..", "/", "/etc", "a/../..", "\\u0000", "nothing", "x" * 3000):
        yield "POST", "/music/import", f'{{"folder": "{folder}"}}', "folder_not_allowed"


def test_an_odd_body_is_refused_and_the_refusal_is_documented(at_hand: AtHand, paths: dict[str, Any]) -> None:
    found = []
    for method, path, body, code in odd_bodies(at_hand):
        answer = at_hand.client.request(method, path, content=body, headers=JSON)
        assert (body[:80], answer.json()["code"]) == (body[:80], code)
        if not is_documented(answer, paths):
            found.append(f"{method} {path}: {code}")
    assert found == []


def test_half_a_character_in_an_id_of_feedback_is_no_defect(at_hand: AtHand) -> None:
    ids = {"recommendation_id": at_hand.page["id"], "track_id": at_hand.song["id"]}
    for name in ids:
        body = json.dumps({**ids, name: "half", "event": "played"}).replace("half", HALF_A_CHARACTER)
        answer = at_hand.client.post("/feedback", content=body, headers=JSON)
        assert answer.status_code in {404, 422}


def test_a_long_body_whose_length_nobody_told_is_too_large(at_hand: AtHand) -> None:
    pieces = (b" " * 65_536 for _ in range(20))
    answer = at_hand.client.post("/feedback", content=pieces, headers=JSON)
    assert answer.json()["code"] == "upload_too_large"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=" + "9" * 40, "limit="])
def test_an_odd_limit_is_refused_everywhere_and_the_refusal_is_documented(
    query: str, at_hand: AtHand, paths: dict[str, Any]
) -> None:
    song, page = at_hand.song["id"], at_hand.page["id"]
    for path in ("/music", f"/music/{song}/similar", f"/recommend/{page}", "/jobs"):
        answer = at_hand.client.get(f"{path}?{query}")
        assert answer.json()["code"] == "invalid_parameter"
        assert is_documented(answer, paths), path


@pytest.mark.parametrize(
    "query",
    [
        "bpm_min=NaN",
        "bpm_min=1e3",
        "bpm_min=100&bpm_max=50",
        "duration_max=-1",
        "vocals=1",
        "added_after=2026-02-30",
        "added_after=0001-01-01T00:00:00%2B14:00",
        "genre=%00",
        "genre=" + "x" * 201,
        "mode=calm",
        "limit=1&limit=2",
    ],
)
def test_an_odd_filter_is_refused_by_every_list(query: str, at_hand: AtHand) -> None:
    song, page = at_hand.song["id"], at_hand.page["id"]
    for path in ("/music", "/music/facets", f"/music/{song}/similar", f"/recommend/{page}"):
        assert at_hand.client.get(f"{path}?{query}").json()["code"] == "invalid_parameter"


@pytest.mark.parametrize("q", ["*", '"', "(", "a & b", "a:*", "!a", "\\", "<->", "%", "NEAR(a b)", "-a", "日本", "ﬁ"])
def test_no_search_is_taken_for_a_query_of_the_database(q: str, either: ServerProcess) -> None:
    for path in ("/music", "/music/facets"):
        assert either.client.get(path, params={"q": q}).status_code == 200


def test_a_parameter_that_a_path_does_not_know_is_refused_as_documented(at_hand: AtHand, paths: dict[str, Any]) -> None:
    refused = []
    for path, known in paths.items():
        for method in known:
            asked = path.replace("{", "").replace("}", "")
            answer = at_hand.client.request(method, asked, params={"force": "true"})
            if "force" in answer.text:
                refused.append(f"{method} {path}")
                assert is_documented(answer, paths), refused[-1]
    assert {"delete /music/{track_id}", "delete /recommend/{recommendation_id}", "get /music"} <= set(refused)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "q=" + "x" * 201])
def test_no_librarys_own_words_are_in_an_answer(query: str, at_hand: AtHand) -> None:
    refused = [
        at_hand.client.get(f"/music?{query}"),
        at_hand.client.patch(f"/music/{at_hand.song['id']}", json={"id": "x"}),
        at_hand.client.post("/feedback", json={}),
        at_hand.client.post("/feedback", content="9" * 5000, headers=JSON),
    ]
    assert [answer.json()["detail"] for answer in refused if any(word in answer.text for word in LIBRARIES)] == []


def test_a_full_disk_is_told_by_every_path_that_writes_and_openapi_says_so(
    at_hand: AtHand, paths: dict[str, Any]
) -> None:
    song, page = f"/music/{at_hand.song['id']}", f"/recommend/{at_hand.page['id']}"
    rated = {"recommendation_id": at_hand.page["id"], "track_id": at_hand.song["id"], "event": "rejected"}
    with files_of_at_most(1024, at_hand.server):
        answers: list[httpx.Response] = [
            at_hand.client.patch(song, json={"album": "One too many"}),
            at_hand.client.delete(song),
            at_hand.client.post("/feedback", json=rated),
            at_hand.client.get(page, params={"bpm_min": 12.5}),
            at_hand.client.post(f"{page}/render", json={"track_id": at_hand.song["id"], "start_s": 0}),
            at_hand.client.post("/music/import", json={"folder": "."}),
            at_hand.client.delete(page),
        ]
    assert [answer.json()["code"] for answer in answers] == ["disk_full"] * len(answers)
    assert [answer.request.url.path for answer in answers if not is_documented(answer, paths)] == []
