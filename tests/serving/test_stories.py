"""What people do with a server, from beginning to end, over HTTP; nothing faked."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import av
import httpx
import numpy as np

from tests.serving.at_hand import AtHand
from tests.serving.server_process import until

CLIP_SOUND_HZ, SONG_HZ = 440, 330


def pages(at_hand: AtHand, **asked: Any) -> list[dict[str, Any]]:
    """All results of the kept video's recommendation, a few at a time."""
    found: list[dict[str, Any]] = []
    offset: int | None = 0
    while offset is not None:
        params = {"limit": 2, "offset": offset, **asked}
        page = at_hand.client.get(f"/recommend/{at_hand.page['id']}", params=params).json()
        found += page["results"]
        offset = page["next_offset"]
    return found


def loudest_hz(film: bytes) -> float:
    """The pitch of its sound."""
    with av.open(io.BytesIO(film), "r") as container:
        rate_hz = container.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate_hz / len(sound))


def test_a_kept_video_is_downloaded_with_the_music_that_was_chosen(at_hand: AtHand) -> None:
    """At first with its own sound muted, then with the music muted."""
    heard = {}
    for volumes in ((0.0, 1.0), (1.0, 0.0)):
        job = at_hand.rendered(video_volume=volumes[0], music_volume=volumes[1])
        heard[volumes] = loudest_hz(at_hand.client.get(job["result"]["url"]).content)
    assert abs(heard[0.0, 1.0] - SONG_HZ) < 5
    assert abs(heard[1.0, 0.0] - CLIP_SOUND_HZ) < 5


def test_a_ranking_stays_as_it_was_drawn_while_the_library_grows(at_hand: AtHand) -> None:
    before = pages(at_hand)
    new = at_hand.new_track()
    after = pages(at_hand)
    ids = [result["track"]["id"] for result in after]
    assert [result["track"]["id"] for result in before] == ids
    assert [result["rank"] for result in after] == list(range(1, len(after) + 1))
    assert len(set(ids)) == len(ids)
    assert new["id"] not in ids
    # Another set of filters is another ranking, drawn now.
    assert new["id"] in [result["track"]["id"] for result in pages(at_hand, duration_min=1)]


def test_a_deleted_track_is_nowhere_until_it_is_restored(at_hand: AtHand) -> None:
    track, client = at_hand.new_track(genre="Vanishing"), at_hand.client
    path = f"/music/{track['id']}"
    where = ("", "/audio", "/preview", "/waveform", "/similar")
    assert [result["track"]["id"] for result in pages(at_hand, genre="vanishing")] == [track["id"]]
    assert client.delete(path).status_code == 204
    assert {client.get(path + part).json()["code"] for part in where} == {"track_deleted"}
    refused = [client.patch(path, json={"title": "x"}), client.delete(path), feedback(at_hand, track)]
    assert {answer.json()["code"] for answer in refused} == {"track_deleted"}
    assert client.get("/music", params={"genre": "vanishing"}).json()["items"] == []
    assert "Vanishing" not in [one["value"] for one in client.get("/music/facets").json()["genre"]]
    assert pages(at_hand, genre="vanishing") == []
    assert client.post(f"{path}/restore").json() == track
    assert {client.get(path + part).status_code for part in where} == {200}
    assert [result["track"]["id"] for result in pages(at_hand, genre="vanishing")] == [track["id"]]


def feedback(at_hand: AtHand, track: dict[str, Any]) -> httpx.Response:
    given = {"recommendation_id": at_hand.page["id"], "track_id": track["id"], "event": "played"}
    return at_hand.client.post("/feedback", json=given)


def test_the_same_bytes_take_a_deleted_track_back(at_hand: AtHand) -> None:
    song = at_hand.media.another_song()
    sent = {"file": (song.name, song.read_bytes())}
    track = at_hand.client.post("/music", files=sent).json()
    at_hand.client.delete(f"/music/{track['id']}")
    again = at_hand.client.post("/music", files=sent)
    assert (again.status_code, again.json()) == (200, track)


def test_many_who_send_the_same_song_at_once_share_one_track(at_hand: AtHand) -> None:
    song = at_hand.media.another_song()
    sent = {"file": (song.name, song.read_bytes())}
    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(at_hand.client.post, "/music", files=sent) for _ in range(6)]
    statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [200] * 5 + [201]
    assert len({answer.result().json()["id"] for answer in answers}) == 1


def test_a_request_with_an_idempotency_key_is_done_once(at_hand: AtHand) -> None:
    song, headers = at_hand.media.another_song(), {"Idempotency-Key": "a story"}
    sent = {"file": (song.name, song.read_bytes())}
    first, again = (at_hand.client.post("/music", files=sent, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    without = at_hand.client.post("/music", files=sent)
    assert (without.status_code, without.json()) == (200, first.json())


def test_a_video_leaves_nothing_on_the_disk_unless_it_is_kept_and_then_until_it_is_forgotten(at_hand: AtHand) -> None:
    clip = at_hand.media.another_clip()
    blobs = at_hand.server.data / "blobs"

    def is_there() -> bool:
        return any(path.stat().st_size == clip.stat().st_size for path in blobs.rglob("*") if path.is_file())

    sent = {"video": (clip.name, clip.read_bytes())}
    assert at_hand.client.post("/recommend", files=sent).status_code == 200
    until(lambda: not is_there())
    kept = at_hand.client.post("/recommend", files=sent, data={"keep": "true"}).json()
    assert is_there()
    at_hand.client.delete(f"/recommend/{kept['id']}")
    assert not is_there()


def test_the_weight_of_the_words_changes_the_order_and_nothing_else(at_hand: AtHand) -> None:
    """With w = 1 the words alone decide, with w = 0 the encoder alone."""
    by_words, by_encoder = (pages(at_hand, text_weight=weight) for weight in (1, 0))
    assert by_words[0]["track"]["id"] == at_hand.song["id"]
    assert {one["track"]["id"] for one in by_words} == {one["track"]["id"] for one in by_encoder}
    for ranked in (by_words, by_encoder):
        # Other files of a recording stand at the end, whatever their score.
        folded = {track_id for one in ranked for track_id in one["folded"]}
        scores = [one["score"] for one in ranked if one["track"]["id"] not in folded]
        assert scores == sorted(scores, reverse=True)
