from datetime import UTC, datetime

import pytest

from app.filters import TrackFilter
from app.recommendation.relax import Relaxation, relaxation

EVERYTHING = TrackFilter(
    genre=("jazz",),
    mood=("calm",),
    bpm_min=80,
    bpm_max=100,
    duration_max=200,
    vocals=False,
    added_after=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_the_filter_whose_removal_adds_most_is_named() -> None:
    counts = {"mood": 37, "genre": 12}

    def count(wanted: TrackFilter) -> int:
        return sum(counts[name] for name in counts if name not in wanted.given())

    wanted = TrackFilter(genre=("jazz",), mood=("calm",))
    assert relaxation(wanted, matching=3, count=count) == Relaxation("mood", would_match=37, matching=3)


def test_two_bounds_are_one_filter_and_are_given_up_together() -> None:
    asked: list[TrackFilter] = []

    def count(wanted: TrackFilter) -> int:
        asked.append(wanted)
        return 9 if wanted.bpm_min is None and wanted.bpm_max is None else 2

    assert relaxation(EVERYTHING, matching=2, count=count) == Relaxation("bpm", would_match=9, matching=2)
    assert len(asked) == 6


@pytest.mark.parametrize(
    ("only", "name"),
    [
        (TrackFilter(genre=("jazz",)), "genre"),
        (TrackFilter(license=("CC0-1.0",)), "license"),
        (TrackFilter(artist=("Nobody",)), "artist"),
        (TrackFilter(bpm_max=90.0), "bpm"),
        (TrackFilter(duration_min=60.0), "duration"),
        (TrackFilter(vocals=False), "vocals"),
        (TrackFilter(explicit=True), "explicit"),
        (TrackFilter(added_after=datetime(2026, 1, 1, tzinfo=UTC)), "added_after"),
    ],
)
def test_each_filter_has_the_name_that_people_gave_it(only: TrackFilter, name: str) -> None:
    def count(wanted: TrackFilter) -> int:
        return 100 if wanted.is_empty() else 1

    assert relaxation(only, matching=0, count=count) == Relaxation(name, would_match=100, matching=0)


def test_where_no_single_filter_helps_none_is_named() -> None:
    assert relaxation(EVERYTHING, matching=2, count=lambda _: 2) is None


def test_without_filters_there_is_nothing_to_give_up() -> None:
    assert relaxation(TrackFilter(), matching=2, count=lambda _: 99) is None
