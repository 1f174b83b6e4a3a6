import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool
from tests.fake_studio import FakeStudio

FILM, MUSIC = b"film " * 2000, b"music"
FINISHED = FILM + b" with " + MUSIC
PATIENCE_S = 20


def add(service: Service, content: bytes = MUSIC, **fields: str) -> str:
    return str(service.client.post("/music", files={"file": ("song.ogg", content)}, data=fields).json()["id"])


def keep(service: Service, **fields: str) -> str:
    answer = service.client.post("/recommend", files={"video": ("clip.mp4", FILM)}, data={"keep": "true", **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def done(service: Service, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    end = time.monotonic() + PATIENCE_S
    while True:
        found: dict[str, Any] = service.client.get(f"/jobs/{job['id']}").json()
        if found["state"] not in {"queued", "running"}:
            return found
        assert time.monotonic() < end
        time.sleep(0.02)


def rendered(service: Service, recommendation_id: str, track_id: str, **wanted: object) -> dict[str, Any]:
    asked = service.client.post(f"/recommend/{recommendation_id}/render", json={"track_id": track_id, **wanted})
    assert asked.status_code == 202, asked.text
    return done(service, asked.json())


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def other_service(library: Library) -> Iterator[Service]:
    """With a studio that works when it is told to."""
    studio = FakeStudio()
    studio.may_work.clear()
    with FakePool() as pool, running_service(library, pool, studio=studio) as service:
        yield service


def test_a_rendered_video_is_saved_and_comes_with_the_words_for_its_music(service: Service) -> None:
    track_id, recommendation_id = add(service, attribution="Music: X"), keep(service, title='Über "alles"')
    asked = service.client.post(f"/recommend/{recommendation_id}/render", json={"track_id": track_id})
    assert asked.status_code == 202
    assert asked.headers["location"] == f"/jobs/{asked.json()['id']}"
    assert asked.json()["kind"] == "render"
    job = done(service, asked.json())
    assert job["state"] == "done"
    assert job["result"] == {
        "url": f"/recommend/{recommendation_id}/render/{job['id']}",
        "credits_url": f"/recommend/{recommendation_id}/render/{job['id']}/credits",
        "loudness_lufs": -14.1,
        "size_bytes": len(FINISHED),
    }
    video, words = (service.client.get(job["result"][name]) for name in ("url", "credits_url"))
    assert (video.status_code, video.content, video.headers["content-type"]) == (200, FINISHED, "video/mp4")
    disposition = video.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="_ber _alles_ with music.mp4"; ')
    assert (words.text, words.headers["content-type"]) == ("Music: X", "text/plain; charset=utf-8")


def test_what_is_not_said_has_the_values_of_the_contract(service: Service) -> None:
    track_id, recommendation_id = add(service), keep(service)
    rendered(service, recommendation_id, track_id)
    mix = service.studio.renderings[0].order[2]
    assert (mix.video_volume, mix.music_volume, mix.fade_s, mix.duck) == (1.0, 1.0, 1.5, False)
    rendered(service, recommendation_id, track_id, start_s=3, video_volume=0, music_volume=0.5, fade_s=0, duck=True)
    mix = service.studio.renderings[1].order[2]
    assert (mix.start_s, mix.video_volume, mix.music_volume, mix.fade_s, mix.duck) == (3.0, 0.0, 0.5, 0.0, True)


def test_a_finished_video_comes_in_parts_too(service: Service) -> None:
    url = rendered(service, keep(service), add(service))["result"]["url"]
    part = service.client.get(url, headers={"Range": "bytes=-10"})
    assert (part.status_code, part.content) == (206, FINISHED[-10:])
    whole = service.client.head(url)
    assert int(whole.headers["content-length"]) == len(FINISHED)
    known = service.client.get(url, headers={"If-None-Match": whole.headers["etag"]})
    assert known.status_code == 304


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "track_id"),
        ({"start_s": -1}, "start_s"),
        ({"start_s": 184.25}, "start_s"),
        ({"start_s": "soon"}, "start_s"),
        ({"video_volume": 1.01}, "video_volume"),
        ({"music_volume": -0.1}, "music_volume"),
        ({"fade_s": 30.5}, "fade_s"),
        ({"duck": "perhaps"}, "duck"),
        ({"volume": 1}, "volume"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(service: Service, body: dict[str, object], parameter: str) -> None:
    wanted = {"track_id": add(service), **body} if body else {}
    answer = service.client.post(f"/recommend/{keep(service)}/render", json=wanted)
    assert code_of(answer) == (422, "invalid_parameter")
    assert answer.json()["parameter"] == parameter
    assert service.client.get("/jobs").json()["items"] == []


def test_a_number_that_is_none_is_refused(service: Service) -> None:
    body = f'{{"track_id": "{add(service)}", "fade_s": NaN}}'
    url, headers = f"/recommend/{keep(service)}/render", {"Content-Type": "application/json"}
    assert service.client.post(url, content=body, headers=headers).status_code == 422


def test_there_is_nothing_to_fetch_before_the_job_is_done(other_service: Service) -> None:
    service = other_service
    recommendation_id = keep(service)
    asked = service.client.post(f"/recommend/{recommendation_id}/render", json={"track_id": add(service)}).json()
    url = f"/recommend/{recommendation_id}/render/{asked['id']}"
    for path in (url, f"{url}/credits"):
        answer = service.client.get(path)
        assert code_of(answer) == (409, "job_not_finished")
        assert answer.json()["state"] in {"queued", "running"}
    service.studio.may_work.set()
    assert done(service, asked)["state"] == "done"
    assert service.client.get(url).status_code == 200


def test_a_rendering_can_be_cancelled(other_service: Service) -> None:
    service = other_service
    recommendation_id = keep(service)
    asked = service.client.post(f"/recommend/{recommendation_id}/render", json={"track_id": add(service)}).json()
    assert service.client.delete(f"/jobs/{asked['id']}").status_code == 200
    assert done(service, asked)["state"] == "cancelled"
    answer = service.client.get(f"/recommend/{recommendation_id}/render/{asked['id']}")
    assert code_of(answer) == (409, "job_not_finished")


def test_what_cannot_be_rendered_says_why(service: Service) -> None:
    track_id, recommendation_id = add(service), keep(service)
    not_kept = service.client.post("/recommend", files={"video": ("clip.mp4", FILM)}).json()["id"]
    deleted = add(service, b"gone")
    service.client.delete(f"/music/{deleted}")
    for where, track, expected in [
        (not_kept, track_id, (409, "video_not_kept")),
        ("unknown", track_id, (404, "recommendation_not_found")),
        (recommendation_id, "unknown", (404, "track_not_found")),
        (recommendation_id, deleted, (410, "track_deleted")),
    ]:
        answer = service.client.post(f"/recommend/{where}/render", json={"track_id": track})
        assert code_of(answer) == expected


def test_a_server_without_ffmpeg_says_so_and_when_to_ask_again(service: Service) -> None:
    track_id, recommendation_id = add(service), keep(service)
    service.studio.is_installed = False
    answer = service.client.post(f"/recommend/{recommendation_id}/render", json={"track_id": track_id})
    assert code_of(answer) == (503, "not_ready")
    assert answer.json()["missing"] == ["ffmpeg"]
    assert int(answer.headers["retry-after"]) > 0


def test_what_is_anothers_is_not_there(service: Service) -> None:
    mine, other = (bearer(new_key(service.library, name, scope="recommend")) for name in ("mine", "other"))
    manager = bearer(new_key(service.library, "manager"))
    files = {"file": ("song.ogg", MUSIC)}
    track_id = service.client.post("/music", files=files, headers=manager).json()["id"]
    video = {"video": ("clip.mp4", FILM)}
    kept = service.client.post("/recommend", files=video, data={"keep": "true"}, headers=mine).json()["id"]
    url = f"/recommend/{kept}/render"
    refused = service.client.post(url, json={"track_id": track_id}, headers=other)
    assert code_of(refused) == (404, "recommendation_not_found")
    job = service.client.post(url, json={"track_id": track_id}, headers=mine).json()
    end = time.monotonic() + PATIENCE_S
    while service.client.get(f"{url}/{job['id']}", headers=mine).status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert code_of(service.client.get(f"{url}/{job['id']}", headers=other)) == (404, "recommendation_not_found")
    assert code_of(service.client.get(f"{url}/{job['id']}")) == (401, "key_required")
