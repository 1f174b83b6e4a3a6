import pytest

from app.recommendation.library import Library
from tests.api.running import Service

SOUND = bytes(range(256)) * 4000


@pytest.fixture
def url(shared_service: Service) -> str:
    """The address of a stored track's sound, SOUND."""
    answer = shared_service.client.post("/music", files={"file": ('Über "alles".ogg', SOUND)})
    return str(answer.json()["audio_url"])


def test_the_file_comes_back_as_it_came(shared_service: Service, url: str) -> None:
    answer = shared_service.client.get(url)
    assert answer.status_code == 200
    assert answer.content == SOUND
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(SOUND)


def test_the_name_of_the_file_cannot_break_out_of_its_header(shared_service: Service, url: str) -> None:
    disposition = shared_service.client.get(url).headers["content-disposition"]
    assert disposition == "inline; filename=\"_ber _alles_.ogg\"; filename*=UTF-8''%C3%9Cber%20%22alles%22.ogg"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", range(0, 1)),
        ("bytes=300000-700000", range(300_000, 700_001)),
        ("bytes=-5", range(1_023_995, 1_024_000)),
    ],
)
def test_a_range_is_answered_by_that_part(shared_service: Service, url: str, asked: str, part: range) -> None:
    answer = shared_service.client.get(url, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == SOUND[part.start : part.stop]
    assert answer.headers["content-range"] == f"bytes {part.start}-{part.stop - 1}/{len(SOUND)}"


def test_a_range_beyond_the_file_is_a_problem_that_says_the_size(shared_service: Service, url: str) -> None:
    answer = shared_service.client.get(url, headers={"Range": "bytes=9999999-"})
    assert answer.status_code == 416
    assert answer.json()["code"] == "range_not_satisfiable"
    assert answer.json()["size_bytes"] == len(SOUND)
    assert answer.headers["content-range"] == f"bytes */{len(SOUND)}"


def test_a_player_that_looks_first_gets_the_headers_without_the_bytes(shared_service: Service, url: str) -> None:
    whole = shared_service.client.head(url)
    assert (whole.status_code, whole.content) == (200, b"")
    assert int(whole.headers["content-length"]) == len(SOUND)


def test_a_browser_that_has_the_file_is_told_so(shared_service: Service, url: str) -> None:
    etag = shared_service.client.get(url).headers["etag"]
    again = shared_service.client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert shared_service.client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_range_of_another_version_of_the_file_is_answered_by_the_whole(shared_service: Service, url: str) -> None:
    etag = shared_service.client.get(url).headers["etag"]
    assert shared_service.client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    whole = shared_service.client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (whole.status_code, whole.content) == (200, SOUND)


def test_a_file_the_library_has_lost_is_the_servers_error_and_tells_no_path(service: Service, library: Library) -> None:
    track = service.client.post("/music", files={"file": ("song.ogg", SOUND)}).json()
    library.blobs.delete(track["sha256"])
    answer = service.client.get(track["audio_url"])
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "blobs" not in answer.text


def test_a_range_of_absurd_length_is_no_range(shared_service: Service, url: str) -> None:
    answer = shared_service.client.get(url, headers={"Range": f"bytes=0-{'9' * 5000}"})
    assert answer.status_code == 200


def test_a_range_says_nothing_to_a_player_that_only_looks(shared_service: Service, url: str) -> None:
    whole = shared_service.client.head(url)
    answer = shared_service.client.head(url, headers={"Range": "bytes=2-5"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, whole.headers["content-length"])
