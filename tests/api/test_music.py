import pytest

from tests.api.running import Service
from tests.api.test_music_upload import post


def test_pages_go_through_the_library_newest_first_without_gap_or_double(service: Service) -> None:
    ids = [post(service, b"%d" % number).json()["id"] for number in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = service.client.get("/music", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [track["id"] for track in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("query", "parameter"), [({"limit": "0"}, "limit"), ({"limit": "x"}, "limit"), ({"cursor": "nonsense"}, "cursor")]
)
def test_a_listing_names_the_parameter_it_cannot_use(
    shared_service: Service, query: dict[str, str], parameter: str
) -> None:
    answer = shared_service.client.get("/music", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_parameter"
    assert answer.json()["parameter"] == parameter


def test_a_track_can_be_looked_at(service: Service) -> None:
    track = post(service, b"sound").json()
    assert service.client.get(f"/music/{track['id']}").json() == track


def test_figures_are_told_to_a_thousandth_and_filters_know_them_whole(service: Service) -> None:
    track = post(service, b"sound", {"bpm": "96.123456"}).json()
    assert track["bpm"] == 96.123
    assert ids(service, bpm_min="96.123456") == [track["id"]]


@pytest.mark.parametrize("track_id", ["01JC7Y3T0GQ4M1Z8W5R2N6K9VX", "x", "%00", "%ff", "..%2f..", "0" * 5000])
@pytest.mark.parametrize("path", ["/music/{}", "/music/{}/audio"])
def test_a_track_that_is_not_there_is_not_found(shared_service: Service, path: str, track_id: str) -> None:
    answer = shared_service.client.get(path.format(track_id))
    assert answer.status_code == 404
    assert answer.json()["code"] in {"track_not_found", "not_found"}


def ids(service: Service, **query: object) -> list[str]:
    answer = service.client.get("/music", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [track["id"] for track in answer.json()["items"]]


def test_a_listing_is_narrowed_by_filters_and_words(service: Service) -> None:
    calm = post(service, b"1", {"title": "Night drive", "moods": "calm", "bpm": "90", "vocals": "false"}).json()["id"]
    wide = post(service, b"2", {"title": "Sea", "moods": ["wide", "dark"], "keywords": "night", "bpm": "120"}).json()[
        "id"
    ]
    assert ids(service) == [wide, calm]
    assert ids(service, mood="CALM") == [calm]
    assert ids(service, mood=["calm", "dark"]) == [wide, calm]
    assert ids(service, mood=["calm", "dark"], bpm_min=100) == [wide]
    assert ids(service, vocals="true") == []
    assert ids(service, q="nigh") == [wide, calm]
    assert ids(service, q="night sea") == [wide]
    assert ids(service, q="  ", genre="") == [wide, calm]
    assert ids(service, q="nigh", limit=1, mood="calm") == [calm]


def test_a_filtered_listing_goes_on_with_its_cursor(service: Service) -> None:
    added = [
        post(service, b"%d" % number, {"genre": "folk" if number % 2 else "rock"}).json()["id"] for number in range(6)
    ]
    first = service.client.get("/music", params={"genre": "folk", "limit": 2}).json()
    second = service.client.get("/music", params={"genre": "folk", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert [track["id"] for track in first["items"] + second["items"]] == added[1::2][::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("path", ["/music", "/music/facets"])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("moods=calm", "moods"),
        ("bpm_min=fast", "bpm_min"),
        ("bpm_min=2&bpm_max=1", "bpm_max"),
        ("vocals=1", "vocals"),
        ("vocals=true&vocals=false", "vocals"),
        ("added_after=soon", "added_after"),
        ("mood=" + "x" * 201, "mood"),
        ("q=" + "x" * 201, "q"),
        ("q=%00", "q"),
        ("q=a&q=b", "q"),
        ("per_artist=2", "per_artist"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_its_name(
    shared_service: Service, path: str, query: str, parameter: str
) -> None:
    answer = shared_service.client.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["parameter"]) == ("invalid_parameter", parameter)


def test_facets_count_what_the_library_has(service: Service) -> None:
    post(service, b"1", {"genre": "Folk", "moods": "calm", "artist": "A", "vocals": "true", "bpm": "90"})
    post(service, b"2", {"genre": "folk", "moods": ["calm", "wide"], "artist": "B", "license": "CC0-1.0", "bpm": "120"})
    answer = service.client.get("/music/facets", params={"mood": "wide"})
    assert answer.status_code == 200
    assert answer.json() == {
        "total": 1,
        "genre": [{"value": "folk", "count": 1}],
        "mood": [{"value": "calm", "count": 2}, {"value": "wide", "count": 1}],
        "license": [{"value": "CC0-1.0", "count": 1}],
        "artist": [{"value": "B", "count": 1}],
        "vocals": [],
        "explicit": [],
        "bpm": {"min": 120, "max": 120},
        "duration_s": {"min": 184.25, "max": 184.25},
    }
    assert service.client.get("/music/facets", params={"q": "nothing"}).json()["bpm"] is None
