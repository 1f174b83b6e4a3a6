from pathlib import Path

from app.api.recommendation_schemas import RankedPage, Result
from app.api.track_schemas import MatchedTrack
from app.domain import Brief
from app.terminal.answers import JsonObject
from app.terminal.local_answers import as_the_api_says
from tests.terminal.made_up import a_recommendation, a_track

FOUND = a_recommendation(a_track(1), a_track(2))
ENCODER = {"name": "starter", "digest": "sha256:4c1f"}


def told() -> JsonObject:
    brief = Brief("racing", ("fast", "neon"))
    return as_the_api_says(FOUND, brief, encoder=ENCODER, audio_path=lambda track: Path("/blobs") / track.sha256)


def test_it_has_the_members_that_the_api_has() -> None:
    assert list(told()) == list(RankedPage.model_fields)
    result = told()["results"][0]
    assert result.keys() == Result.model_fields.keys()
    assert result["track"].keys() == MatchedTrack.model_fields.keys() | {"audio_path"}


def test_it_says_what_the_api_says_of_the_same_results() -> None:
    results = [dict(result) for result in told()["results"]]

    paths = [result["track"].pop("audio_path") for result in results]

    assert results == [Result.of(ranked).model_dump(mode="json") for ranked in FOUND.results]
    assert paths == [f"/blobs/{1:064x}", f"/blobs/{2:064x}"]


def test_figures_are_as_fine_as_the_apis() -> None:
    assert told()["video"] == {"duration_s": 12.346, "width": 1080, "height": 1920, "frames": 32}
    assert (told()["timing_ms"]["wait"], told()["timing_ms"]["decode"]) == (0.1, 240.3)


def test_what_only_a_server_knows_is_null() -> None:
    unknown = [name for name, value in told().items() if value is None]

    assert unknown == ["id", "as_of", "expires_at", "total", "next_offset", "relax"]
    assert (told()["title"], told()["keywords"], told()["kept"]) == ("racing", ["fast", "neon"], False)
