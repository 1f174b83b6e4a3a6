from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.asking.errors import ApiError
from app.asking.results import Job, Reason, Section
from app.client import Client
from app.errors import InvalidParameter
from app.filters import Shaping, TrackFilter
from app.request_errors import JobNotFinished
from tests.asking.answers_made_up import JOB, RECOMMENDATION, RENDERED
from tests.scripted_server import BROKEN, Reply, ScriptedServer, refusing, saying

FILTERS = TrackFilter(
    genre=("folk", "synth & wave"),
    bpm_min=90.5,
    bpm_max=120.0,
    vocals=False,
    added_after=datetime(2026, 2, 3, 5, tzinfo=timezone(timedelta(hours=1))),
)
SHAPING = Shaping(per_artist=2, text_weight=0.25)
FILTER_TEXTS = {
    "genre": ["folk", "synth & wave"],
    "bpm_min": ["90.5"],
    "bpm_max": ["120"],
    "vocals": ["false"],
    "added_after": ["2026-02-03T04:00:00+00:00"],
    "per_artist": ["2"],
    "text_weight": ["0.25"],
}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / 'my "best" clip.mp4'
    path.write_bytes(b"all of the video")
    return path


def test_a_video_comes_back_as_a_recommendation_of_values(client: Client, server: ScriptedServer, clip: Path) -> None:
    server.script = [saying(RECOMMENDATION)]

    found = client.recommend(clip)

    assert (found.id, found.encoder.name, found.video.width) == ("01JD", "starter", 1080)
    assert found.expires_at == datetime(2026, 2, 4, 4, 5, 6, tzinfo=UTC)
    first, second = found.results
    assert (first.rank, first.track.title, first.track.moods) == (1, "Night drive", ("calm",))
    assert first.section == Section(start_s=41.0, end_s=53.4, score=0.78)
    assert first.reasons == (Reason("pace", "Both are quick."),)
    assert (first.folded, second.section) == (("01JE",), None)
    assert found.relax is not None
    assert found.relax.would_match == 37
    assert found.timing_ms == {"receive": 31.0, "decode": 240.2}


def test_the_form_says_what_was_asked_for_and_has_the_file_last(
    client: Client, server: ScriptedServer, clip: Path
) -> None:
    server.script = [saying(RECOMMENDATION)]

    client.recommend(clip, title="über", keywords=["calm", "spring"], limit=3, keep=True, filters=FILTERS)

    (seen,) = server.seen
    form = seen.start.decode()
    assert (seen.method, seen.target) == ("POST", "/recommend")
    assert seen.headers["authorization"] == "Bearer secret"
    assert int(seen.headers["content-length"]) == seen.size_bytes == len(seen.start)
    for name, text in [
        ("title", "über"),
        ("keywords", "calm"),
        ("keywords", "spring"),
        ("limit", "3"),
        ("keep", "true"),
    ]:
        assert f'name="{name}"\r\n\r\n{text}\r\n' in form
    assert 'name="genre"\r\n\r\nsynth & wave\r\n' in form
    assert form.index('name="video"; filename="my %22best%22 clip.mp4"') > form.index('name="bpm_min"\r\n\r\n90.5\r\n')
    assert "\r\n\r\nall of the video\r\n--" in form


def test_what_was_not_asked_for_is_not_said(client: Client, server: ScriptedServer, clip: Path) -> None:
    server.script = [saying(RECOMMENDATION)]

    client.recommend(clip)

    assert server.seen[0].start.count(b"form-data; name=") == 2
    assert b'name="limit"' in server.seen[0].start


def test_a_ranking_is_asked_for_again_with_other_filters(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(RECOMMENDATION)]

    found = client.ranking("01/D", limit=20, offset=40, filters=FILTERS, shaping=SHAPING)

    assert found.next_offset == 10
    assert server.seen[0].path == "/recommend/01%2FD"
    assert server.seen[0].query == {"limit": ["20"], "offset": ["40"], **FILTER_TEXTS}


def test_feedback_and_forgetting_have_no_answer(client: Client, server: ScriptedServer) -> None:
    server.script = [Reply(204, b"")]

    client.feedback("01JD", "01JC", "chosen")
    client.forget("01JD")

    told, forgotten = server.seen
    assert told.json() == {"recommendation_id": "01JD", "track_id": "01JC", "event": "chosen"}
    assert (forgotten.method, forgotten.target) == ("DELETE", "/recommend/01JD")


def test_rendering_is_asked_for_with_its_mix(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(JOB, 202)]

    job = client.render("01JD", "01JC", video_volume=0.5, duck=True)

    assert (job.id, job.is_final) == ("01JF", False)
    assert server.seen[0].target == "/recommend/01JD/render"
    mix = {"start_s": None, "video_volume": 0.5, "music_volume": 1.0, "fade_s": 1.5, "duck": True}
    assert server.seen[0].json() == {"track_id": "01JC", **mix}


def rendered(client: Client, server: ScriptedServer) -> Job:
    server.script = [saying(RENDERED)]
    return client.job("01JF")


def test_a_finished_video_is_downloaded_with_its_credits(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    job = rendered(client, server)
    told: list[tuple[int, int]] = []
    server.script = [Reply(body=b"the whole film"), Reply(body="Night drive – CC BY 4.0\n".encode())]

    path = client.download(job, tmp_path / "film.mp4", on_progress=lambda done, total: told.append((done, total)))

    assert path.read_bytes() == b"the whole film"
    assert told[-1] == (14, 14)
    assert client.credits_of(job) == "Night drive – CC BY 4.0"
    assert [seen.target for seen in server.seen[1:]] == [
        "/recommend/01JD/render/01JF",
        "/recommend/01JD/render/01JF/credits",
    ]


def test_a_download_that_breaks_off_is_begun_anew_and_never_half_there(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    film, told = bytes(range(256)) * 4000, list[int]()
    server.script = [Reply(body=film, breaks_after=600_000), BROKEN, Reply(body=film)]

    client.download("/music/01JC/audio", tmp_path / "track.ogg", on_progress=lambda done, _: told.append(done))

    assert (tmp_path / "track.ogg").read_bytes() == film
    assert list(tmp_path.iterdir()) == [tmp_path / "track.ogg"]
    assert told == sorted(set(told))
    assert told[-1] == len(film)


def test_a_refused_download_leaves_what_was_there(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "track.ogg").write_bytes(b"the old one")
    server.script = [refusing(410, "track_deleted")]

    with pytest.raises(ApiError, match="track_deleted"):
        client.download("/music/01JC/audio", tmp_path / "track.ogg")

    assert (tmp_path / "track.ogg").read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [tmp_path / "track.ogg"]


def test_a_download_into_a_folder_says_so_at_once(client: Client, server: ScriptedServer, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        client.download("/music/01JC/audio", tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["http://elsewhere.example/x", "//elsewhere.example/x", "music/1", "/a\nb", ""])
def test_the_key_is_never_taken_elsewhere(client: Client, server: ScriptedServer, tmp_path: Path, address: str) -> None:
    with pytest.raises(InvalidParameter):
        client.download(address, tmp_path / "x")

    assert server.seen == []


def test_a_job_without_its_result_has_nothing_to_download(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    server.script = [saying(JOB | {"state": "running"})]
    job = client.job("01JF")

    with pytest.raises(JobNotFinished):
        client.download(job, tmp_path / "film.mp4")
