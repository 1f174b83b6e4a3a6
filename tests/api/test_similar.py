import pytest

from tests.api.running import Service
from tests.api.test_recommendations import add
from tests.fake_pool import embedding_of


def similar(service: Service, track_id: str, **parameters: str) -> list[dict[str, object]]:
    answer = service.client.get(f"/music/{track_id}/similar", params=parameters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def test_the_tracks_nearest_to_a_track_come_first(service: Service) -> None:
    contents = [b"one", b"two", b"three", b"four"]
    ids = {content: add(service, content) for content in contents}
    items = similar(service, ids[b"one"])
    cosines = {content: float(embedding_of(content) @ embedding_of(b"one")) for content in contents[1:]}
    nearest = sorted(cosines, key=lambda content: -cosines[content])
    tracks = [item["track"] for item in items]
    assert [track["id"] for track in tracks if isinstance(track, dict)] == [ids[content] for content in nearest]
    assert [item["score"] for item in items] == pytest.approx([(cosines[one] + 1) / 2 for one in nearest], abs=1e-5)


def test_filters_and_limit_hold(service: Service) -> None:
    first = add(service, b"first", genre="Jazz")
    for number in range(6):
        add(service, b"%d" % number, genre="Jazz" if number < 4 else "Folk")
    assert len(similar(service, first, limit="3")) == 3
    assert len(similar(service, first, genre="jazz")) == 4


def test_a_track_that_is_not_there_is_not_found(shared_service: Service) -> None:
    answer = shared_service.client.get(f"/music/{'0' * 26}/similar")
    assert (answer.status_code, answer.json()["code"]) == (404, "track_not_found")


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "101"}, {"bpm_min": "x"}, {"per_artist": "1"}])
def test_a_parameter_that_cannot_be_meant_is_named(service: Service, parameters: dict[str, str]) -> None:
    track_id = add(service, b"one")
    answer = service.client.get(f"/music/{track_id}/similar", params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert answer.json()["parameter"] in parameters
