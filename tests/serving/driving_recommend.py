"""Drives every path below /recommend, and what belongs to them, as a client would, and looks at what comes back."""

import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import av
import httpx

from app.encoders.spec import digest_of
from app.settings import STARTER_CHECKPOINT
from tests.api.event_streams import listening
from tests.serving import shapes
from tests.serving.at_hand import KEYWORDS, TITLE, AtHand

STAGES = ["receive", "wait", "decode", "encode", "search", "done"]


def looks_like_a_page(page: dict[str, Any], timing: frozenset[str]) -> bool:
    results = page["results"]
    assert page.keys() == shapes.PAGE
    assert page["timing_ms"].keys() == timing
    assert (page["encoder"].keys(), page["video"].keys()) == (shapes.ENCODER, shapes.VIDEO)
    assert page["relax"] is None or page["relax"].keys() == shapes.RELAX
    assert all(result.keys() == shapes.RESULT and result["track"].keys() == shapes.TRACK for result in results)
    assert all(result["section"].keys() == shapes.SECTION for result in results)
    reasons = [reason for result in results for reason in result["reasons"]]
    assert {reason["kind"] for reason in reasons} <= shapes.REASON_KINDS
    assert all(reason.keys() == shapes.REASON and reason["detail"] for reason in reasons)
    assert all(1 >= result["score"] >= 0 for result in results)
    return True


def _recommend(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.recommended(title="humming", keywords="night, neon", genre=["humming", "FOLK"], limit="3")
    page = answer.json()
    assert looks_like_a_page(page, shapes.UPLOAD_TIMING)
    assert page["encoder"]["digest"] == digest_of(STARTER_CHECKPOINT)
    assert (page["title"], page["keywords"], page["text_used"], page["kept"]) == ("humming", KEYWORDS, True, False)
    assert (page["video"]["width"], page["video"]["height"], page["video"]["duration_s"]) == (64, 96, 3.0)
    assert [result["rank"] for result in page["results"]] == [1, 2]
    assert {result["track"]["genre"] for result in page["results"]} == {"Humming", "Folk"}
    # Both filters say something; only one of them costs anything.
    assert page["total"] == page["relax"]["matching"] == 2
    assert page["relax"]["filter"] == "genre"
    assert page["relax"]["would_match"] == page["library_size"]
    return answer


def _page(at_hand: AtHand) -> httpx.Response:
    path = f"/recommend/{at_hand.page['id']}"
    answer = at_hand.client.get(path, params={"limit": 1, "offset": 1})
    page = answer.json()
    assert looks_like_a_page(page, shapes.PAGE_TIMING)
    assert (page["title"], page["keywords"], page["kept"]) == (TITLE, KEYWORDS, True)
    assert [result["rank"] for result in page["results"]] == [2]
    assert page["results"][0]["track"] == at_hand.page["results"][1]["track"]
    narrow = at_hand.client.get(path, params={"genre": "humming", "text_weight": 0, "per_artist": 1}).json()
    assert [result["track"]["id"] for result in narrow["results"]] == [at_hand.song["id"]]
    return answer


def _forget(at_hand: AtHand) -> httpx.Response:
    path = f"/recommend/{at_hand.recommended(keep='true').json()['id']}"
    assert at_hand.client.get(f"{path}/video").status_code == 200
    answer = at_hand.client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [at_hand.client.get(gone).status_code for gone in (path, f"{path}/video")] == [404, 404]
    assert at_hand.client.delete(path).status_code == 404
    return answer


def _video(at_hand: AtHand) -> httpx.Response:
    """The same clip is kept under two names; one of them is forgotten."""
    other = at_hand.recommended(keep="true").json()["id"]
    at_hand.client.delete(f"/recommend/{other}")
    url = f"/recommend/{at_hand.page['id']}/video"
    answer = at_hand.client.get(url)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content == at_hand.media.clip.read_bytes()
    part = at_hand.client.get(url, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, answer.content[:4])
    assert at_hand.client.head(url).headers["content-length"] == str(len(answer.content))
    return answer


def _render(at_hand: AtHand) -> httpx.Response:
    wanted = {"track_id": at_hand.song["id"], "start_s": 1.5, "video_volume": 0.5, "duck": True}
    answer = at_hand.client.post(f"/recommend/{at_hand.page['id']}/render", json=wanted)
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert (job.keys(), job["kind"], job["result"]) == (shapes.JOB, "render", None)
    ended = at_hand.ended(job["id"])
    assert (ended["state"], ended["done"], ended["total"], ended["errors"]) == ("done", 1, 1, [])
    assert ended["result"].keys() == shapes.RENDER_RESULT
    assert abs(ended["result"]["loudness_lufs"] + 14) < 1
    return answer


def _rendered(at_hand: AtHand) -> httpx.Response:
    result = at_hand.rendered(fade_s=0)["result"]
    answer = at_hand.client.get(result["url"])
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert len(answer.content) == result["size_bytes"]
    with av.open(io.BytesIO(answer.content), "r") as film:
        assert sum(1 for _ in film.decode(video=0)) == 30
        assert len(film.streams.audio) == 1
    part = at_hand.client.get(result["url"], headers={"Range": "bytes=-10"})
    assert (part.status_code, part.content) == (206, answer.content[-10:])
    assert at_hand.client.head(result["url"]).headers["content-type"] == "video/mp4"
    return answer


def _credits(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get(at_hand.rendered()["result"]["credits_url"])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == at_hand.song["attribution"]
    return answer


def _stages(at_hand: AtHand) -> httpx.Response:
    clip = at_hand.media.clip
    with ThreadPoolExecutor(1) as threads, at_hand.client.stream("GET", "/stages/driven-1") as answer:
        sent: dict[str, Any] = {
            "files": {"video": (clip.name, clip.read_bytes())},
            "headers": {"X-Request-ID": "driven-1"},
        }
        sending = threads.submit(at_hand.client.post, "/recommend", **sent)
        told = [line for line in answer.iter_lines() if line.startswith("data: ")]
        assert sending.result().headers["x-request-id"] == "driven-1"
    assert told == [f'data: {{"stage":"{stage}"}}' for stage in STAGES]
    with listening(at_hand.client, "/stages/driven-2") as events:
        at_hand.client.post("/recommend", headers={"X-Request-ID": "driven-2"})
        assert [event.data for event in events] == [{"stage": "receive"}, {"stage": "failed"}]
    return answer


def _feedback(at_hand: AtHand) -> httpx.Response:
    given = {"recommendation_id": at_hand.page["id"], "track_id": at_hand.song["id"]}
    answers = [at_hand.client.post("/feedback", json={**given, "event": event}) for event in ("played", "chosen")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    return answers[0]


RECOMMEND: Mapping[str, Callable[[AtHand], httpx.Response]] = {
    "POST /recommend": _recommend,
    "GET /recommend/{recommendation_id}": _page,
    "DELETE /recommend/{recommendation_id}": _forget,
    "GET /recommend/{recommendation_id}/video": _video,
    "POST /recommend/{recommendation_id}/render": _render,
    "GET /recommend/{recommendation_id}/render/{job_id}": _rendered,
    "GET /recommend/{recommendation_id}/render/{job_id}/credits": _credits,
    "GET /stages/{request_id}": _stages,
    "POST /feedback": _feedback,
}
