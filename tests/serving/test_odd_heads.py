"""What requests say in their head: methods, ranges, origins and ids, usual and odd."""

from typing import Any

import pytest

from tests.serving.answers import is_documented
from tests.serving.at_hand import AtHand

METHODS = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Another path with an id in this place takes other methods, and there is nothing of such an id.
WORDS_IN_PLACE_OF_IDS = {"/music/facets", "/music/import"}


@pytest.fixture(scope="module")
def paths(library: AtHand) -> dict[str, Any]:
    found: dict[str, Any] = library.client.get("/openapi.json").json()["paths"]
    return found


def test_every_path_says_which_methods_it_takes(at_hand: AtHand, paths: dict[str, Any]) -> None:
    for path, known in paths.items():
        taken = {method.upper() for method in known}
        for method in METHODS - taken:
            answer = at_hand.client.request(method, path.replace("{", "").replace("}", ""))
            if path in WORDS_IN_PLACE_OF_IDS and answer.status_code in {404, 422}:
                continue
            assert answer.json()["code"] == "method_not_allowed"
            assert taken <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    ("asked", "status", "content_range"),
    [
        ("bytes=0-0", 206, "bytes 0-0/{size}"),
        ("bytes=5-", 206, "bytes 5-{last}/{size}"),
        ("bytes=-1", 206, "bytes {last}-{last}/{size}"),
        ("bytes=-999999999", 206, "bytes 0-{last}/{size}"),
        ("bytes=0-999999999", 206, "bytes 0-{last}/{size}"),
        ("bytes=-0", 416, "bytes */{size}"),
        ("bytes={size}-", 416, "bytes */{size}"),
        ("bytes=5-4", 200, None),
        ("bytes=0-0,2-3", 200, None),
        ("items=0-1", 200, None),
        ("bytes=a-b", 200, None),
    ],
)
def test_a_range_is_served_or_refused_or_not_understood(
    asked: str, status: int, content_range: str | None, at_hand: AtHand
) -> None:
    names = {"size": at_hand.song["size_bytes"], "last": at_hand.song["size_bytes"] - 1}
    answer = at_hand.client.get(at_hand.song["audio_url"], headers={"Range": asked.format(**names)})
    expected = content_range.format(**names) if content_range else None
    assert (answer.status_code, answer.headers.get("content-range")) == (status, expected)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"Host": ""},
        {"Host": "["},
    ],
)
def test_no_page_of_another_site_changes_anything(headers: dict[str, str], at_hand: AtHand) -> None:
    track = at_hand.song["id"]
    for method, path in (("DELETE", f"/music/{track}"), ("PATCH", f"/music/{track}"), ("POST", "/session")):
        assert at_hand.client.request(method, path, headers=headers).json()["code"] == "bad_origin"
    own = str(at_hand.client.base_url).rstrip("/")
    assert at_hand.client.post("/session", headers={"Origin": own, "Sec-Fetch-Site": "same-origin"}).is_success


def test_an_id_for_the_request_is_taken_where_it_can_do_no_harm(at_hand: AtHand) -> None:
    for offered, is_taken in (("mine-1.2_3", True), ("a b", False), ("<script>", False), ("x" * 65, False)):
        answer = at_hand.client.get("/healthz", headers={"X-Request-ID": offered})
        assert (answer.headers["x-request-id"] == offered) == is_taken


def test_a_key_for_a_request_whose_track_was_deleted_since_brings_nothing_back(
    at_hand: AtHand, paths: dict[str, Any]
) -> None:
    song, headers = at_hand.media.another_song(), {"Idempotency-Key": "deleted since"}
    sent = {"file": (song.name, song.read_bytes())}
    track = at_hand.client.post("/music", files=sent, headers=headers).json()
    at_hand.client.delete(f"/music/{track['id']}")
    answer = at_hand.client.post("/music", files=sent, headers=headers)
    assert answer.json()["code"] == "track_deleted"
    assert is_documented(answer, paths)
