import pytest

from tests.api.running import Service


@pytest.fixture
def url(shared_service: Service) -> str:
    answer = shared_service.client.post("/music", files={"file": ("song.ogg", b"music with peaks")})
    return f"/music/{answer.json()['id']}/waveform"


@pytest.mark.parametrize(("asked", "points"), [("", 800), ("?points=50", 50), ("?points=2000", 2000)])
def test_a_waveform_has_as_many_peaks_as_were_asked_for(
    shared_service: Service, url: str, asked: str, points: int
) -> None:
    found = shared_service.client.get(url + asked).json()
    assert found["duration_s"] == 184.25
    assert len(found["peaks"]) == points
    # As the fake encoder says: rising from 0 to 1.
    assert found["peaks"] == sorted(found["peaks"])
    assert found["peaks"][-1] == 1.0


@pytest.mark.parametrize("points", ["49", "2001", "many"])
def test_too_few_or_too_many_are_refused(shared_service: Service, url: str, points: str) -> None:
    answer = shared_service.client.get(f"{url}?points={points}")
    assert (answer.status_code, answer.json()["code"], answer.json()["parameter"]) == (
        422,
        "invalid_parameter",
        "points",
    )


def test_an_unknown_track_has_none(shared_service: Service) -> None:
    assert shared_service.client.get("/music/unknown/waveform").json()["code"] == "track_not_found"
