import pytest
from sqlalchemy import select

from app.catalogue.request_tables import feedback
from app.recommendation.library import Library
from tests.api.running import Service
from tests.api.test_recommendations import add, recommend

GIVEN = {"recommendation_id": "0" * 26, "track_id": "0" * 26, "event": "chosen"}


def test_what_was_done_with_a_track_is_kept(service: Service, library: Library) -> None:
    track_id = add(service, b"one")
    found = recommend(service, b"x", title="A title").json()
    for event in ("played", "rejected", "chosen"):
        given = {"recommendation_id": found["id"], "track_id": track_id, "event": event}
        answer = service.client.post("/feedback", json=given)
        assert (answer.status_code, answer.content) == (204, b"")
    with library.catalogue.transactions.reading() as connection:
        rows = connection.execute(select(feedback).order_by(feedback.c.number)).all()
    assert [row.event for row in rows] == ["played", "rejected", "chosen"]
    assert {(row.track_id, row.title, row.features_space) for row in rows} == {
        (track_id, "A title", library.spec.video.space)
    }


def test_both_must_be_there(service: Service) -> None:
    track_id = add(service, b"one")
    found = recommend(service, b"x").json()
    given = GIVEN | {"track_id": track_id}
    answer = service.client.post("/feedback", json=given)
    assert (answer.status_code, answer.json()["code"]) == (404, "recommendation_not_found")
    answer = service.client.post("/feedback", json=GIVEN | {"recommendation_id": found["id"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "track_not_found")
    service.client.delete(f"/music/{track_id}")
    answer = service.client.post("/feedback", json=given | {"recommendation_id": found["id"]})
    assert (answer.status_code, answer.json()["code"]) == (410, "track_deleted")


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"event": "liked"}, "event"),
        ({"event": None}, "event"),
        ({"track_id": 7}, "track_id"),
        ({"stars": 5}, "stars"),
    ],
)
def test_what_cannot_be_meant_is_named(shared_service: Service, changed: dict[str, object], parameter: str) -> None:
    answer = shared_service.client.post("/feedback", json=GIVEN | changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert answer.json()["parameter"] == parameter


def test_what_is_no_json_is_malformed(shared_service: Service) -> None:
    answer = shared_service.client.post("/feedback", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
