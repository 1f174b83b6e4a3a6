"""Drives every path below /music as a client would, and looks at what comes back."""

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.api.raw_http import OPENING
from tests.serving import shapes
from tests.serving.at_hand import AtHand

OPENINGS = {"audio/mp4": b"ftyp", "audio/flac": b"fLaC"}


def _is_stored_track(body: dict[str, Any]) -> bool:
    return body.keys() == shapes.STORED_TRACK


def _list(at_hand: AtHand) -> httpx.Response:
    newest = at_hand.new_track()
    answer = at_hand.client.get("/music", params={"limit": 1})
    body = answer.json()
    assert body.keys() == {"items", "next_cursor"}
    assert _is_stored_track(body["items"][0])
    assert body["items"][0]["id"] == newest["id"]
    following = at_hand.client.get("/music", params={"limit": 1, "cursor": body["next_cursor"]}).json()
    assert following["items"][0]["id"] != newest["id"]
    return answer


def _add(at_hand: AtHand) -> httpx.Response:
    song = at_hand.media.another_song()
    sent = {"file": (song.name, song.read_bytes())}
    said = {"title": "Rain", "moods": "calm, dark", "keywords": ["night", "rain"], "vocals": "false", "bpm": "96.5"}
    answer = at_hand.client.post("/music", files=sent, data=said)
    track = answer.json()
    assert answer.status_code == 201
    assert _is_stored_track(track)
    assert answer.headers["location"] == f"/music/{track['id']}"
    assert (track["title"], track["vocals"], track["bpm"], track["explicit"]) == ("Rain", False, 96.5, None)
    assert (track["moods"], track["keywords"]) == (["calm", "dark"], ["night", "rain"])
    again = at_hand.client.post("/music", files=sent)
    assert (again.status_code, again.json()) == (200, track)
    return answer


def _one(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get(f"/music/{at_hand.song['id']}")
    assert answer.json() == at_hand.song
    return answer


def _change(at_hand: AtHand) -> httpx.Response:
    track = at_hand.new_track()
    change = {"title": "Other", "moods": ["loud"], "artist": None, "explicit": True, "bpm": 120}
    answer = at_hand.client.patch(f"/music/{track['id']}", json=change)
    assert answer.json() == track | change
    assert at_hand.client.get(f"/music/{track['id']}").json() == answer.json()
    return answer


def _delete(at_hand: AtHand) -> httpx.Response:
    track = at_hand.new_track()
    answer = at_hand.client.delete(f"/music/{track['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert at_hand.client.get(f"/music/{track['id']}").status_code == 410
    return answer


def _restore(at_hand: AtHand) -> httpx.Response:
    track = at_hand.new_track()
    at_hand.client.delete(f"/music/{track['id']}")
    answer = at_hand.client.post(f"/music/{track['id']}/restore")
    assert answer.status_code == 200
    assert answer.json() == track == at_hand.client.get(f"/music/{track['id']}").json()
    return answer


def _facets(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/music/facets", params={"genre": "HUMMING"})
    found = answer.json()
    assert found.keys() == shapes.FACETS
    # A facet's own filter narrows the others only.
    assert {"value": "Humming", "count": 1} in found["genre"]
    assert len(found["genre"]) > 1
    assert found["total"] == 1
    assert found["artist"] == [{"value": "A. Hummer", "count": 1}]
    assert found["duration_s"]["min"] == found["duration_s"]["max"] == at_hand.song["duration_s"]
    return answer


def _file(at_hand: AtHand, url: str, media_type: str) -> httpx.Response:
    """Looks at the whole, at a part, at what HEAD says, and at what a client that has it is told."""
    client, whole = at_hand.client, at_hand.client.get(url)
    assert whole.headers["content-type"] == media_type
    assert OPENINGS[media_type] in whole.content[:12]
    assert whole.headers["accept-ranges"] == "bytes"
    part = client.get(url, headers={"Range": "bytes=4-11", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(whole.content)}"
    assert client.get(url, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    assert client.get(url, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert client.head(url).headers["content-length"] == str(len(whole.content))
    return whole


def _audio(at_hand: AtHand) -> httpx.Response:
    answer = _file(at_hand, at_hand.song["audio_url"], "audio/mp4")
    assert answer.content == at_hand.media.song.read_bytes()
    return answer


def _preview(at_hand: AtHand) -> httpx.Response:
    """ALAC and FLAC are made AAC."""
    answer = _file(at_hand, at_hand.song["preview_url"], "audio/mp4")
    assert answer.content != at_hand.media.song.read_bytes()
    track = at_hand.new_track()
    plain = _file(at_hand, track["preview_url"], "audio/mp4")
    assert plain.content != at_hand.client.get(track["audio_url"]).content
    return answer


def _waveform(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get(at_hand.song["waveform_url"], params={"points": 100})
    body = answer.json()
    assert body.keys() == {"duration_s", "peaks"}
    assert len(body["peaks"]) == 100
    assert max(body["peaks"]) <= 1
    assert min(body["peaks"]) > 0.4
    assert len(at_hand.client.get(at_hand.song["waveform_url"]).json()["peaks"]) == 800
    return answer


def _similar(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get(f"/music/{at_hand.song['id']}/similar", params={"limit": 2})
    items = answer.json()["items"]
    assert len(items) == 2
    assert [item.keys() for item in items] == [{"score", "track"}] * 2
    assert items[0]["track"].keys() == shapes.TRACK
    assert 1 >= items[0]["score"] >= items[1]["score"] >= 0
    assert at_hand.song["id"] not in [item["track"]["id"] for item in items]
    return answer


def _import(at_hand: AtHand) -> httpx.Response:
    folder = at_hand.imports / "driven"
    folder.mkdir()
    shutil.copy(at_hand.media.another_song(), folder)
    (folder / "broken.mp3").write_bytes(OPENING)
    answer = at_hand.client.post("/music/import", json={"folder": "driven"})
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert job.keys() == shapes.JOB
    ended = at_hand.ended(job["id"])
    assert ended["result"] == {"added": 1, "present": 0, "refused": 1, "skipped": 0}
    assert [(error.keys(), error["item"], error["code"]) for error in ended["errors"]] == [
        (shapes.JOB_ERROR, "broken.mp3", "unreadable_media")
    ]
    return answer


MUSIC: Mapping[str, Callable[[AtHand], httpx.Response]] = {
    "GET /music": _list,
    "POST /music": _add,
    "GET /music/{track_id}": _one,
    "PATCH /music/{track_id}": _change,
    "DELETE /music/{track_id}": _delete,
    "POST /music/{track_id}/restore": _restore,
    "GET /music/facets": _facets,
    "GET /music/{track_id}/audio": _audio,
    "GET /music/{track_id}/preview": _preview,
    "GET /music/{track_id}/waveform": _waveform,
    "GET /music/{track_id}/similar": _similar,
    "POST /music/import": _import,
}
