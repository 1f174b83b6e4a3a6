import json
from typing import Any

import pytest

from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.running import Service, running_service
from tests.api.test_music_upload import post
from tests.fake_pool import FakePool, embedding_of

UNKNOWN = "01JC7Y3T0GQ4M1Z8W5R2N6K9VX"


def test_what_is_said_of_a_track_can_be_changed_in_part(service: Service) -> None:
    track = post(service, b"sound", {"title": "Old", "moods": "calm", "vocals": "true", "album": "Gone"}).json()
    change = {
        "title": " New  one ",
        "moods": ["dark", "dark"],
        "album": None,
        "vocals": None,
        "bpm": 70,
        "keywords": [],
    }
    answer = service.client.patch(f"/music/{track['id']}", json=change)
    assert answer.status_code == 200
    said = {"title": "New one", "moods": ["dark"], "album": None, "vocals": None, "bpm": 70.0}
    assert answer.json() == track | said
    assert service.client.get(f"/music/{track['id']}").json() == answer.json()
    assert service.client.get("/music", params={"mood": "dark"}).json()["items"] == [answer.json()]
    assert service.client.get("/music", params={"q": "old"}).json()["items"] == []


def test_an_empty_change_changes_nothing(service: Service, library: Library) -> None:
    track = post(service, b"sound").json()
    assert service.client.patch(f"/music/{track['id']}", json={}).json() == track
    with library.catalogue.reading() as queries:
        assert queries.last_change() == 1


def test_null_takes_away_all_that_may_be_said(service: Service) -> None:
    track = post(service, b"sound", {"moods": "calm", "license": "CC0-1.0"}).json()
    names = ["title", "artist", "album", "genre", "license", "attribution", "source_url", "vocals", "explicit", "bpm"]
    answer = service.client.patch(f"/music/{track['id']}", json=dict.fromkeys([*names, "moods", "keywords"]))
    assert answer.json() == track | dict.fromkeys(names) | {"moods": [], "keywords": []}


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"mood": "calm"}, "mood"),
        ({"id": UNKNOWN}, "id"),
        ({"title": 5}, "title"),
        ({"title": ["a"]}, "title"),
        ({"moods": "calm"}, "moods"),
        ({"moods": ["calm", 5]}, "moods"),
        ({"vocals": "true"}, "vocals"),
        ({"vocals": 1}, "vocals"),
        ({"bpm": True}, "bpm"),
        ({"bpm": "96"}, "bpm"),
        ({"bpm": 5}, "bpm"),
        ({"license": "x" * 201}, "license"),
        ({"keywords": ["x" * 101]}, "keywords"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"title": "a\0b"}, "title"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_a_change_that_cannot_be_kept_is_refused_by_its_name(
    shared_service: Service, change: Any, parameter: str
) -> None:
    track = post(shared_service, b"sound").json()
    answer = shared_service.client.patch(f"/music/{track['id']}", json=change)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["parameter"]) == ("invalid_parameter", parameter)
    assert shared_service.client.get(f"/music/{track['id']}").json() == track


@pytest.mark.parametrize(
    "body", [b"{", b"title=a", b'{"title": "\xff"}', b"[" * 100_000, b'{"bpm": ' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_no_json_is_malformed(shared_service: Service, body: bytes) -> None:
    track = post(shared_service, b"sound").json()
    headers = {"Content-Type": "application/json"}
    answer = shared_service.client.patch(f"/music/{track['id']}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("bpm", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused(shared_service: Service, bpm: str) -> None:
    track = post(shared_service, b"sound").json()
    body, headers = f'{{"bpm": {bpm}}}', {"Content-Type": "application/json"}
    answer = shared_service.client.patch(f"/music/{track['id']}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["parameter"]) == (422, "bpm")


def test_half_a_character_is_refused(shared_service: Service) -> None:
    track = post(shared_service, b"sound").json()
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"title": "\ud800"})
    answer = shared_service.client.patch(f"/music/{track['id']}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["parameter"]) == (422, "title")


def test_a_deleted_track_is_hidden_and_can_be_restored(service: Service, library: Library) -> None:
    track = post(service, b"sound", {"moods": "calm"}).json()
    path = f"/music/{track['id']}"
    answer = service.client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert service.client.get("/music").json()["items"] == []
    assert service.client.get("/music/facets").json()["total"] == len(library.upkeep.index) == 0
    for method, below in (("GET", ""), ("DELETE", ""), ("PATCH", ""), ("GET", "/audio")):
        gone = service.client.request(method, path + below, json={} if method == "PATCH" else None)
        assert (gone.status_code, gone.json()["code"], gone.json()["track_id"]) == (410, "track_deleted", track["id"])
    restored = service.client.post(f"{path}/restore")
    assert (restored.status_code, restored.json()) == (200, track)
    assert service.client.get(path).json() == track
    assert service.client.get(f"{path}/audio").content == b"sound"
    (match,) = library.upkeep.index.search(embedding_of(b"sound"), limit=1)
    assert match.score > 0.99
    assert service.client.post(f"{path}/restore").json() == track


@pytest.mark.parametrize("track_id", [UNKNOWN, "x", "%00", "0" * 5000])
def test_a_track_that_is_not_there_cannot_be_changed(shared_service: Service, track_id: str) -> None:
    path = f"/music/{track_id}"
    answers = [
        shared_service.client.patch(path, json={"title": "a"}),
        shared_service.client.delete(path),
        shared_service.client.post(f"{path}/restore"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "track_not_found")] * 3


def test_the_same_bytes_again_take_a_deleted_track_back(service: Service) -> None:
    first = post(service, b"sound", {"title": "First"}).json()
    service.client.delete(f"/music/{first['id']}")
    again = post(service, b"sound", {"title": "Second"})
    assert (again.status_code, again.json()) == (200, first)
    assert len(service.pool.seen) == 1
    assert service.client.get(first["audio_url"]).content == b"sound"


def test_changing_the_library_needs_more_than_reading_it(library: Library) -> None:
    reader, manager = new_key(library, "page", scope="recommend"), new_key(library, scope="manage")
    with FakePool() as pool, running_service(library, pool) as service:
        service.client.headers.update(bearer(manager))
        track = post(service, b"sound").json()
        changes: tuple[tuple[str, str, Any], ...] = (
            ("PATCH", "", {"title": "New"}),
            ("DELETE", "", None),
            ("POST", "/restore", None),
        )
        for method, below, body in changes:
            path = f"/music/{track['id']}{below}"
            refused = service.client.request(method, path, json=body, headers=bearer(reader))
            assert (refused.status_code, refused.json()["code"]) == (403, "key_lacks_scope")
            assert service.client.get(f"/music/{track['id']}", headers=bearer(reader)).json() == track
        for method, below, body in changes:
            assert service.client.request(method, f"/music/{track['id']}{below}", json=body).is_success
