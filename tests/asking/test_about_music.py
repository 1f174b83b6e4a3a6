from pathlib import Path

import pytest

from app.asking.errors import ApiError, ServerUnreachable
from app.client import Client
from app.errors import InvalidParameter
from app.filters import TrackFilter
from tests.asking.answers_made_up import JOB, MATCHED, STORED
from tests.scripted_server import BROKEN, Reply, ScriptedServer, refusing, saying


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.ogg"
    path.write_bytes(b"la la la")
    return path


def test_a_track_is_added_with_what_is_said_of_it(client: Client, server: ScriptedServer, song: Path) -> None:
    server.script = [saying(STORED, 201)]

    track = client.add(song, title="Night drive", moods=["calm", "warm"], vocals=False, bpm=96.0, album=None)

    assert (track.id, track.keywords, track.loudness_lufs) == ("01JC", ("neon", "city"), -14.1)
    form = server.seen[0].start.decode()
    for name, text in [("title", "Night drive"), ("moods", "warm"), ("vocals", "false"), ("bpm", "96")]:
        assert f'name="{name}"\r\n\r\n{text}\r\n' in form
    assert "album" not in form
    assert 'name="file"; filename="song.ogg"' in form


def test_a_track_sent_twice_is_sent_with_one_key(client: Client, server: ScriptedServer, song: Path) -> None:
    server.script = [BROKEN, refusing(409, "idempotency_key_in_use"), refusing(503, "overloaded"), saying(STORED)]

    client.add(song)
    client.add(song)

    keys = [seen.headers["idempotency-key"] for seen in server.seen]
    assert len(keys) == 5
    assert len(set(keys[:4])) == 1
    assert keys[4] != keys[0]
    assert len({seen.size_bytes for seen in server.seen}) == 1


def test_a_key_of_ones_own_is_kept(client: Client, server: ScriptedServer, song: Path) -> None:
    server.script = [saying(STORED)]

    client.add(song, idempotency_key="mine")

    assert server.seen[0].headers["idempotency-key"] == "mine"
    with pytest.raises(InvalidParameter, match="idempotency_key"):
        client.add(song, idempotency_key="two\nlines")


def test_all_pages_are_gone_through_as_they_are_needed(client: Client, server: ScriptedServer) -> None:
    pages = [{"items": [STORED | {"id": f"{page}-{place}"} for place in range(2)]} for page in range(3)]
    server.script = [
        saying(page | {"next_cursor": cursor}) for page, cursor in zip(pages, ["a b", "c", None], strict=True)
    ]
    going = client.tracks("drive", filters=TrackFilter(mood=("calm",)))

    assert next(going).id == "0-0"
    assert len(server.seen) == 1
    assert [track.id for track in going] == ["0-1", "1-0", "1-1", "2-0", "2-1"]
    said = {"q": ["drive"], "limit": ["100"], "mood": ["calm"]}
    assert [seen.query for seen in server.seen] == [said, said | {"cursor": ["a b"]}, said | {"cursor": ["c"]}]


def test_an_edit_sends_what_is_named_and_nothing_else(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(STORED)]

    client.edit("01JC", title="New", bpm=None, moods=["calm"])

    (seen,) = server.seen
    assert (seen.method, seen.target) == ("PATCH", "/music/01JC")
    assert seen.json() == {"title": "New", "bpm": None, "moods": ["calm"]}


def test_a_track_goes_and_comes_back(client: Client, server: ScriptedServer) -> None:
    server.script = [Reply(204, b""), refusing(410, "track_deleted", {"track_id": "01JC"}), saying(STORED)]

    client.delete("01JC")
    with pytest.raises(ApiError) as refused:
        client.track("01JC")
    assert refused.value.facts() == {"track_id": "01JC"}
    assert client.restore("01JC").id == "01JC"

    asked = [(seen.method, seen.target) for seen in server.seen]
    assert asked == [("DELETE", "/music/01JC"), ("GET", "/music/01JC"), ("POST", "/music/01JC/restore")]


def test_similar_tracks_facets_and_peaks_are_values(client: Client, server: ScriptedServer) -> None:
    counts = {"genre": [{"value": "folk", "count": 2}], "mood": [], "license": [], "artist": [], "explicit": []}
    server.script = [
        saying({"items": [{"score": 0.9, "track": MATCHED}]}),
        saying({"total": 2, **counts, "vocals": [{"value": True, "count": 1}], "bpm": None, "duration_s": None}),
        saying({"duration_s": 3, "peaks": [0, 0.5, 1]}),
    ]

    assert [(found.score, found.track.id) for found in client.similar("01JC", limit=5)] == [(0.9, "01JC")]
    facets = client.facets("drive", filters=TrackFilter(vocals=True))
    assert (facets.genre[0].value, facets.vocals[0].value, facets.bpm) == ("folk", True, None)
    assert client.waveform("01JC", points=50).peaks == (0.0, 0.5, 1.0)

    assert [seen.target for seen in server.seen] == [
        "/music/01JC/similar?limit=5",
        "/music/facets?q=drive&vocals=true",
        "/music/01JC/waveform?points=50",
    ]


def test_an_import_of_the_servers_folder_is_a_job(client: Client, server: ScriptedServer) -> None:
    result = {"added": 3, "present": 1, "refused": 0, "skipped": 2}
    server.script = [saying(JOB | {"kind": "import", "result": result}, 202)]

    job = client.import_folder("albums/2026")

    assert server.seen[0].json() == {"folder": "albums/2026", "csv": None}
    assert getattr(job.result, "added", None) == 3


def test_what_would_be_done_twice_is_not_sent_twice(client: Client, server: ScriptedServer) -> None:
    server.script = [BROKEN]

    with pytest.raises(ServerUnreachable):
        client.import_folder("albums")

    assert len(server.seen) == 1
