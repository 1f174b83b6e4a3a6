from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.api.query_filters import FILTER_FIELDS, SHAPING_FIELDS, filters_of, parameters, shaping_of
from app.errors import InvalidParameter
from app.filters import Shaping, TrackFilter


def test_nothing_said_narrows_and_shapes_nothing() -> None:
    blank = {name: [" "] for name in FILTER_FIELDS | SHAPING_FIELDS}
    for texts in ({}, blank):
        assert filters_of(texts).is_empty()
        assert shaping_of(texts) == Shaping()


def test_every_filter_is_read_as_what_it_stands_for() -> None:
    texts = {
        "genre": ["Synthwave", " Rock,  Pop "],
        "mood": ["calm"],
        "license": ["CC0-1.0"],
        "artist": ["A. Composer"],
        "bpm_min": ["90"],
        "bpm_max": ["120.5"],
        "duration_min": ["30"],
        "duration_max": ["30"],
        "vocals": ["false"],
        "explicit": ["True"],
        "added_after": ["2026-02-03"],
    }
    assert set(texts) == set(FILTER_FIELDS)
    assert filters_of(texts) == TrackFilter(
        genre=("Synthwave", "Rock, Pop"),
        mood=("calm",),
        license=("CC0-1.0",),
        artist=("A. Composer",),
        bpm_min=90.0,
        bpm_max=120.5,
        duration_min=30.0,
        duration_max=30.0,
        vocals=False,
        explicit=True,
        added_after=datetime(2026, 2, 3, tzinfo=UTC),
    )
    assert shaping_of({"per_artist": ["2"], "text_weight": ["0"]}) == Shaping(per_artist=2, text_weight=0.0)


@pytest.mark.parametrize("said", ["2026-02-03T04:05:06", "2026-02-03T04:05:06Z", "2026-02-03T06:05:06+02:00"])
def test_a_moment_is_utc_where_it_names_no_zone(said: str) -> None:
    found = filters_of({"added_after": [said]}).added_after
    assert found == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bpm_min", "-1"),
        ("bpm_max", "1000.5"),
        ("bpm_min", "fast"),
        ("duration_min", "-0.5"),
        ("duration_max", "nan"),
        ("vocals", "yes"),
        ("explicit", "1"),
        ("added_after", "yesterday"),
        ("added_after", "2026-02-03T06:05:06 02:00"),
        ("added_after", "0001-01-01T00:00:00+14:00"),
        ("mood", "x" * 201),
        ("artist", "a\0b"),
        ("per_artist", "0"),
        ("per_artist", "101"),
        ("per_artist", "2.5"),
        ("text_weight", "1.01"),
        ("text_weight", "-0.1"),
    ],
)
def test_a_value_beyond_its_bounds_is_refused_by_its_name(name: str, said: str) -> None:
    read = filters_of if name in FILTER_FIELDS else shaping_of
    with pytest.raises(InvalidParameter) as refused:
        read({name: [said]})
    assert refused.value.parameter == name


@pytest.mark.parametrize("name", ["bpm", "duration"])
def test_a_range_that_ends_before_it_begins_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        filters_of({f"{name}_min": ["100"], f"{name}_max": ["99.5"]})
    assert refused.value.parameter == f"{name}_max"


def test_so_many_values_and_no_more_may_be_given() -> None:
    most = [f"mood {number}" for number in range(50)]
    assert len(filters_of({"mood": [*most, "mood 7"]}).mood) == 50
    with pytest.raises(InvalidParameter, match="51 values"):
        filters_of({"mood": [*most, "another"]})


def test_a_time_zone_beyond_the_calendar_is_no_defect() -> None:
    last = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(InvalidParameter):
        filters_of({"added_after": [last.isoformat()]})


def test_a_query_string_documents_the_same_fields_as_a_form() -> None:
    documented = parameters(FILTER_FIELDS, SHAPING_FIELDS)["parameters"]
    assert [parameter["name"] for parameter in documented] == [*FILTER_FIELDS, *SHAPING_FIELDS]
    assert all(parameter["in"] == "query" and not parameter["required"] for parameter in documented)
    assert documented[0]["schema"]["items"] == {"type": "string", "maxLength": 200}
