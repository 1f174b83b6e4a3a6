"""The client reads strictly, so that it and the server cannot come to mean different things by the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.asking.errors import ApiError
from app.client import Client
from app.filters import Shaping, TrackFilter
from tests.api.running import Service, running_service
from tests.both_clients import HASTY, Kind, client_of
from tests.fake_pool import FakePool
from tests.library_on_disk import a_library


@pytest.fixture(params=["threads", "loop"])
def client(request: pytest.FixtureRequest, shared_service: Service) -> Iterator[Client]:
    kind: Kind = request.param
    with client_of(kind, f"http://127.0.0.1:{shared_service.port}", retries=HASTY) as client:
        yield client


@pytest.fixture
def song(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Music that no other test has."""
    path = tmp_path / "song.ogg"
    path.write_bytes(f"untagged {request.node.nodeid}".encode())
    return path


def test_a_track_is_added_found_changed_and_deleted(client: Client, song: Path) -> None:
    track = client.add(song, title="Night drive", genre="Synthwave", moods=["calm", "warm"], vocals=False)

    assert client.add(song).id == track.id
    assert client.track(track.id) == track
    assert (track.title, track.moods, track.vocals) == ("Night drive", ("calm", "warm"), False)
    found = client.tracks("night drive", filters=TrackFilter(genre=("synthwave",), mood=("calm",), vocals=False))
    assert track in list(found)
    assert client.facets("night drive").genre[0].value == "Synthwave"
    assert client.edit(track.id, title="Day drive", genre=None).title == "Day drive"

    client.delete(track.id)
    with pytest.raises(ApiError) as refused:
        client.track(track.id)
    assert (refused.value.code, refused.value.facts()) == ("track_deleted", {"track_id": track.id})
    assert refused.value.request_id
    assert client.restore(track.id).title == "Day drive"


def test_similar_tracks_and_peaks(client: Client, song: Path, tmp_path: Path) -> None:
    (tmp_path / "other.ogg").write_bytes(song.read_bytes() + b" other")
    track, other = client.add(song), client.add(tmp_path / "other.ogg")

    assert other.id in [found.track.id for found in client.similar(track.id, limit=100)]
    assert len(client.waveform(track.id, points=50).peaks) == 50
    assert client.download(track.audio_url, tmp_path / "copy.ogg").read_bytes() == song.read_bytes()


def test_a_video_is_recommended_for_and_asked_about_again(client: Client, song: Path, tmp_path: Path) -> None:
    client.add(song, title="Night drive", genre="folk")
    (tmp_path / "clip.mp4").write_bytes(song.read_bytes())
    shaping = Shaping(per_artist=5, text_weight=0.5)

    found = client.recommend(tmp_path / "clip.mp4", title="drive", keywords=["neon"], limit=1, shaping=shaping)
    again = client.ranking(found.id, limit=5, filters=TrackFilter(genre=("folk",), added_after=None), shaping=shaping)

    assert (found.title, found.keywords, found.kept, found.results[0].rank) == ("drive", ("neon",), False, 1)
    assert {result.track.genre for result in again.results} == {"folk"}
    client.feedback(found.id, again.results[0].track.id, "chosen")
    client.forget(found.id)
    with pytest.raises(ApiError, match="no recommendation"):
        client.ranking(found.id)


def test_a_folder_of_the_servers_is_imported_and_waited_for(migrated: Path, tmp_path: Path) -> None:
    albums = tmp_path / "albums" / "first"
    albums.mkdir(parents=True)
    (albums / "good.mp3").write_bytes(b"untagged good")
    (albums / "bad.mp3").write_bytes(b"raise SilentAudio")
    with (
        a_library(tmp_path, migrated=migrated) as library,
        FakePool() as pool,
        running_service(library, pool, import_dir=tmp_path / "albums") as service,
        Client(f"http://127.0.0.1:{service.port}", retries=HASTY) as client,
    ):
        job = client.wait(client.import_folder("first"), timeout_s=30)

        assert (job.state, job.done, [error.code for error in job.errors]) == ("done", 2, ["silent_audio"])
        assert getattr(job.result, "added", None) == 1
        assert [listed.id for listed in client.jobs()] == [job.id]
        with pytest.raises(ApiError, match="done"):
            client.cancel(job.id)


def test_a_video_that_is_much_too_large_is_refused_in_the_servers_words(client: Client, tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(1_000_000_000)

    with pytest.raises(ApiError) as refused:
        client.recommend(tmp_path / "film.mp4")

    assert (refused.value.code, refused.value.status) == ("upload_too_large", 413)
