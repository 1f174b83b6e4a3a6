import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.recommendation.library import Library
from tests.api.running import Service

NOTHING_SAID: dict[str, object] = {}


def post(
    service: Service, content: bytes, fields: Mapping[str, object] = NOTHING_SAID, *, name: str = "song.ogg"
) -> httpx.Response:
    return service.client.post("/music", files={"file": (name, content)}, data=fields)


def test_a_new_track_is_stored_with_all_that_was_said_and_measured(service: Service) -> None:
    said: dict[str, object] = {
        "title": "Night drive",
        "artist": "A. Composer",
        "album": "Roads",
        "genre": "synthwave",
        "moods": ["calm, dark", "wide"],
        "keywords": "neon,city",
        "license": "CC-BY-4.0",
        "attribution": "Night drive by A. Composer",
        "source_url": "https://example.org/night",
        "vocals": "false",
        "explicit": "true",
        "bpm": "101.5",
    }
    answer = post(service, b"sound", said)
    assert answer.status_code == 201
    track = answer.json()
    assert answer.headers["Location"] == f"/music/{track['id']}"
    assert track.pop("added_at").endswith("Z")
    assert track == {
        **said,
        "id": track["id"],
        "moods": ["calm", "dark", "wide"],
        "keywords": ["neon", "city"],
        "vocals": False,
        "explicit": True,
        "bpm": 101.5,
        "duration_s": 184.25,
        "loudness_lufs": -14.1,
        "sha256": hashlib.sha256(b"sound").hexdigest(),
        "file_name": "song.ogg",
        "media_type": "audio/ogg",
        "size_bytes": 5,
        "container": "ogg",
        "codec": "vorbis",
        "audio_url": f"/music/{track['id']}/audio",
        "preview_url": f"/music/{track['id']}/preview",
        "waveform_url": f"/music/{track['id']}/waveform",
    }


def test_what_is_left_out_comes_from_the_tags_and_the_measurement(service: Service) -> None:
    track = post(service, b"sound", {"artist": "Said"}).json()
    assert (track["title"], track["artist"], track["album"], track["genre"]) == ("Tagged", "Said", "Tags", "tagged")
    assert track["bpm"] == 96.0


def test_without_title_and_tags_a_track_is_called_like_its_file(service: Service) -> None:
    assert post(service, b"untagged", name="Night drive.v2.ogg").json()["title"] == "Night drive.v2"


def test_the_same_bytes_again_give_the_stored_track_and_change_nothing(service: Service) -> None:
    first = post(service, b"sound", {"title": "First"})
    again = post(service, b"sound", {"title": "Second"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert len(service.pool.seen) == 1


def test_the_same_bytes_at_the_same_time_are_one_track(service: Service, library: Library) -> None:
    service.pool.may_work.clear()
    with ThreadPoolExecutor(4) as threads:
        posts = [threads.submit(post, service, b"sound") for _ in range(4)]
        assert service.pool.all_begun(4)
        service.pool.may_work.set()
        answers = [sent.result() for sent in posts]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(library.upkeep.index) == 1
    assert library.blobs.path(answers[0].json()["sha256"]).read_bytes() == b"sound"


def test_a_stored_track_is_in_catalogue_index_and_files_when_it_is_answered(service: Service, library: Library) -> None:
    track = post(service, b"sound").json()
    with library.catalogue.reading() as queries:
        number = queries.track(track["id"]).number
    assert library.upkeep.index.numbers().tolist() == [number]
    assert library.blobs.path(track["sha256"]).read_bytes() == b"sound"
    features = library.blobs.features(track["sha256"], library.spec.music.stored_space)
    assert features is not None
    assert features.shape == (4, 3)
    peaks = library.blobs.features(track["sha256"], "peaks:1")
    assert peaks is not None
    assert (peaks.shape, peaks[-1, 0]) == ((2000, 1), 1)


@pytest.mark.parametrize("error", ["NoAudioStream", "SilentAudio", "UnreadableMedia", "MediaTooShort"])
def test_a_refused_file_leaves_nothing_behind(service: Service, library: Library, error: str) -> None:
    answer = post(service, f"raise {error}\n".encode())
    assert answer.status_code == 422
    assert service.client.get("/music").json()["items"] == []
    assert library.blobs.sweep((), older_than_s=-60) == []


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"bpm": "fast"}, "bpm"),
        ({"bpm": "5"}, "bpm"),
        ({"vocals": "maybe"}, "vocals"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"source_url": "https://"}, "source_url"),
        ({"license": "x" * 201}, "license"),
        ({"moods": "x" * 101}, "moods"),
        ({"mood": "calm"}, "mood"),
    ],
)
def test_details_that_cannot_be_kept_are_refused_by_name(
    shared_service: Service, fields: dict[str, str], parameter: str
) -> None:
    answer = post(shared_service, b"sound", fields)
    assert answer.status_code == 422
    assert answer.json()["parameter"] == parameter
    assert shared_service.pool.seen == []
