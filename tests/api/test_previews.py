import httpx
import pytest

from tests.api.running import Service
from tests.fake_studio import DAMAGED, PLAYS

MUSIC, FILM = b"music " * 1000, b"film " * 1000
PREVIEW = b"preview of " + MUSIC


@pytest.fixture
def url(shared_service: Service) -> str:
    answer = shared_service.client.post("/music", files={"file": ("song.ogg", MUSIC)})
    return f"/music/{answer.json()['id']}/preview"


def keep(service: Service, content: bytes) -> str:
    files = {"video": ("clip.mp4", content)}
    return str(service.client.post("/recommend", files=files, data={"keep": "true"}).json()["id"])


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_track_is_heard_as_every_browser_plays_it(shared_service: Service, url: str) -> None:
    answer = shared_service.client.get(url)
    assert (answer.status_code, answer.content) == (200, PREVIEW)
    assert answer.headers["content-type"] == "audio/mp4"
    assert answer.headers["content-disposition"].startswith('inline; filename="song.m4a"')
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_media_element_may_seek_in_it(shared_service: Service, url: str) -> None:
    first = shared_service.client.get(url, headers={"Range": "bytes=0-"})
    assert (first.status_code, first.content) == (206, PREVIEW)
    etag = first.headers["etag"]
    later = shared_service.client.get(url, headers={"Range": "bytes=100-199", "If-Range": etag})
    assert (later.status_code, later.content) == (206, PREVIEW[100:200])
    assert later.headers["content-range"] == f"bytes 100-199/{len(PREVIEW)}"
    assert shared_service.client.get(url, headers={"Range": "bytes=100-199", "If-Range": '"x"'}).content == PREVIEW
    assert shared_service.client.get(url, headers={"If-None-Match": etag}).status_code == 304
    beyond = shared_service.client.get(url, headers={"Range": "bytes=99999-"})
    assert code_of(beyond) == (416, "range_not_satisfiable")
    head = shared_service.client.head(url)
    assert (head.status_code, head.content, int(head.headers["content-length"])) == (200, b"", len(PREVIEW))


def test_a_track_that_plays_everywhere_comes_as_it_is(service: Service) -> None:
    track = service.client.post("/music", files={"file": ("song.mp3", PLAYS + MUSIC)}).json()
    answer = service.client.get(f"/music/{track['id']}/preview")
    assert (answer.content, answer.headers["content-type"]) == (PLAYS + MUSIC, "audio/mpeg")
    assert answer.headers["etag"] == service.client.get(track["audio_url"]).headers["etag"]


def test_a_kept_video_is_seen_as_every_browser_plays_it(service: Service) -> None:
    answer = service.client.get(f"/recommend/{keep(service, FILM)}/video", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (206, b"preview of")
    assert answer.headers["content-type"] == "video/mp4"
    plain = service.client.get(f"/recommend/{keep(service, PLAYS + FILM)}/video")
    assert (plain.content, plain.headers["content-type"]) == (PLAYS + FILM, "video/webm")


def test_a_video_that_was_not_kept_cannot_be_seen(service: Service) -> None:
    not_kept = service.client.post("/recommend", files={"video": ("clip.mp4", FILM)}).json()["id"]
    assert code_of(service.client.get(f"/recommend/{not_kept}/video")) == (409, "video_not_kept")
    assert code_of(service.client.get("/recommend/unknown/video")) == (404, "recommendation_not_found")


def test_what_cannot_be_made_says_why(service: Service) -> None:
    damaged = service.client.post("/music", files={"file": ("song.ogg", DAMAGED + MUSIC)}).json()["id"]
    assert code_of(service.client.get(f"/music/{damaged}/preview")) == (422, "unreadable_media")
    track_id = service.client.post("/music", files={"file": ("song.ogg", MUSIC)}).json()["id"]
    service.studio.is_installed = False
    answer = service.client.get(f"/music/{track_id}/preview")
    assert code_of(answer) == (503, "not_ready")
    assert answer.json()["missing"] == ["ffmpeg"]
    service.client.delete(f"/music/{track_id}")
    assert code_of(service.client.get(f"/music/{track_id}/preview")) == (410, "track_deleted")
    assert code_of(service.client.get("/music/unknown/preview")) == (404, "track_not_found")


def test_what_takes_long_is_to_be_asked_for_again(service: Service) -> None:
    track_id = service.client.post("/music", files={"file": ("song.ogg", MUSIC)}).json()["id"]
    service.studio.may_work.clear()
    waiting = service.client.get(f"/music/{track_id}/preview")
    assert code_of(waiting) == (503, "not_ready")
    assert int(waiting.headers["retry-after"]) > 0
    service.studio.may_work.set()
    assert service.client.get(f"/music/{track_id}/preview").content == PREVIEW
