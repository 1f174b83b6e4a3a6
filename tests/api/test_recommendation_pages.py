from datetime import timedelta

import httpx
import pytest

from app.access import ANYBODY
from app.catalogue.recommendations import RecommendationStore
from app.recommendation.library import Library
from tests.api.running import Service
from tests.api.test_recommendations import add, recommend
from tests.recommendation.asked_about import ask


def filled(service: Service, count: int) -> list[str]:
    """The ids of so many tracks, of three genres and moods in turn."""
    genres, moods = ("Jazz", "Folk", "Metal"), ("calm", "dark")
    return [
        add(service, b"%d" % number, genre=genres[number % 3], moods=moods[number % 2], bpm=str(80 + number))
        for number in range(count)
    ]


Value = str | int | float | list[str] | list[int]


def page(service: Service, recommendation_id: str, **parameters: Value) -> httpx.Response:
    return service.client.get(f"/recommend/{recommendation_id}", params=parameters)


def ids(answer: httpx.Response) -> list[str]:
    return [result["track"]["id"] for result in answer.json()["results"]]


def test_the_same_question_again_is_answered_the_same(service: Service) -> None:
    filled(service, 12)
    first = recommend(service, b"x", title="night")
    again = page(service, first.json()["id"])
    assert again.status_code == 200
    assert set(again.json().pop("timing_ms")) == {"search", "rank", "sections", "catalogue"}
    assert {**again.json(), "timing_ms": None} == {**first.json(), "timing_ms": None}


def test_pages_follow_each_other_to_the_end(service: Service) -> None:
    filled(service, 12)
    found = recommend(service, b"x", limit="5").json()
    pages = [page(service, found["id"], limit=5, offset=offset) for offset in (0, 5, 10)]
    assert [answer.json()["next_offset"] for answer in pages] == [5, 10, None]
    assert [len(ids(answer)) for answer in pages] == [5, 5, 2]
    assert len({track for answer in pages for track in ids(answer)}) == 12
    assert [answer.json()["results"][0]["rank"] for answer in pages] == [1, 6, 11]


def test_filters_need_no_other_upload(service: Service) -> None:
    tracks = filled(service, 12)
    found = recommend(service, b"x").json()
    answer = page(service, found["id"], genre=["jazz", "FOLK"], mood="calm", bpm_max=90)
    assert set(ids(answer)) == {track for number, track in enumerate(tracks[:11]) if number % 3 < 2 and not number % 2}
    assert len(service.pool.seen) == 13


def test_no_filter_shortens_a_page_that_could_be_full_and_else_one_is_named(service: Service) -> None:
    filled(service, 12)
    found = recommend(service, b"x").json()
    full = page(service, found["id"], genre="jazz", limit=4).json()
    assert (len(full["results"]), full["relax"]) == (4, None)
    short = page(service, found["id"], genre="jazz", mood="calm", limit=4).json()
    assert len(short["results"]) == 2
    assert short["relax"] == {"filter": "genre", "would_match": 6, "matching": 2}


def test_a_track_added_later_waits_for_the_next_upload(service: Service) -> None:
    filled(service, 4)
    found = recommend(service, b"x").json()
    later = add(service, b"x", genre="Jazz")
    again = page(service, found["id"])
    assert later not in ids(again)
    assert again.json()["as_of"] == found["as_of"]
    assert ids(page(service, found["id"], genre="jazz"))[0] == later


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": [1, 2]}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 1000}, "offset"),
        ({"genres": "jazz"}, "genres"),
        ({"bpm_min": "x"}, "bpm_min"),
        ({"bpm_min": 100, "bpm_max": 90}, "bpm_max"),
        ({"vocals": "maybe"}, "vocals"),
        ({"text_weight": 2}, "text_weight"),
        ({"per_artist": 0}, "per_artist"),
        ({"added_after": "soon"}, "added_after"),
        ({"keep": "true"}, "keep"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named(
    shared_service: Service, parameters: dict[str, Value], parameter: str
) -> None:
    found = recommend(shared_service, b"x").json()
    answer = page(shared_service, found["id"], **parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert answer.json()["parameter"] == parameter


@pytest.mark.parametrize("unknown", ["0" * 26, "x", "%00", "%F0%9F%8E%B5"])
def test_an_id_that_nobody_was_given_is_not_found(shared_service: Service, unknown: str) -> None:
    for method in ("GET", "DELETE"):
        answer = shared_service.client.request(method, f"/recommend/{unknown}")
        assert (answer.status_code, answer.json()["code"]) == (404, "recommendation_not_found")


def test_a_forgotten_one_is_gone(shared_service: Service) -> None:
    found = recommend(shared_service, b"x").json()
    assert shared_service.client.delete(f"/recommend/{found['id']}").status_code == 204
    for method in ("GET", "DELETE"):
        answer = shared_service.client.request(method, f"/recommend/{found['id']}")
        assert answer.json()["code"] == "recommendation_not_found"


def test_an_expired_one_says_so(service: Service, library: Library) -> None:
    found = ask(library, service.pool, lasts=timedelta(0))
    answer = page(service, found.recommendation.id)
    assert (answer.status_code, answer.json()["code"]) == (410, "recommendation_expired")
    assert answer.json()["recommendation_id"] == found.recommendation.id


def test_one_of_another_checkpoint_says_so(service: Service, library: Library) -> None:
    found = recommend(service, b"x").json()
    with library.catalogue.transactions.writing() as connection:
        connection.exec_driver_sql("UPDATE recommendations SET digest = 'sha256:before'")
    answer = page(service, found["id"])
    assert (answer.status_code, answer.json()["code"]) == (410, "encoder_changed")


def test_after_a_restart_it_can_still_be_asked_about(service: Service, library: Library) -> None:
    # Nothing of it is in the server's memory: what another process stored is as good.
    filled(service, 3)
    found = ask(library, service.pool)
    assert len(ids(page(service, found.recommendation.id))) == 3
    store = RecommendationStore(library.catalogue.transactions)
    store.delete(found.recommendation.id, caller=ANYBODY)
    assert page(service, found.recommendation.id).status_code == 404
