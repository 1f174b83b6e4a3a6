from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.catalogue import filter_columns
from app.catalogue.catalogue import Catalogue
from app.catalogue.filter_columns import UNKNOWN, FilterColumns, all_columns, columns_of
from app.domain import TrackDetails
from tests.catalogue.new_tracks import DIGEST, add, embedding, new_track

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SAID = TrackDetails(
    artist="Ärtist\nOne", genre="Lo-Fi", moods=("Calm", "DARK", "calm"), license="CC0-1.0", vocals=False, bpm=96.25
)


def read(catalogue: Catalogue, numbers: list[int] | None = None) -> FilterColumns:
    with catalogue.transactions.reading() as connection:
        parts = list(all_columns(connection) if numbers is None else columns_of(connection, numbers))
    (part,) = parts
    return part


def test_all_that_filters_look_at_is_read_folded(catalogue: Catalogue) -> None:
    with catalogue.writing() as queries:
        one = queries.add_track(new_track(1, details=SAID), digest=DIGEST, embedding=embedding(1))
        two = queries.add_track(replace(new_track(2), duration_s=0.125), digest=DIGEST, embedding=embedding(2))
    found = read(catalogue)
    order = np.argsort(found.numbers)
    assert found.numbers[order].tolist() == [one.number, two.number]
    words = {name: [values[place] for place in order] for name, values in found.words.items()}
    assert words == {"genre": ["lo-fi", ""], "artist": ["artist one", ""], "license": ["cc0-1.0", ""]}
    figures = {name: values[order].tolist() for name, values in found.figures.items()}
    moments = [BEGINNING + timedelta(microseconds=int(moment)) for moment in found.added_us[order]]
    assert moments == [one.added_at, two.added_at]
    assert figures == {
        "bpm": [96.25, UNKNOWN],
        "duration_s": [184.25, 0.125],
        "vocals": [0.0, UNKNOWN],
        "explicit": [UNKNOWN, UNKNOWN],
    }
    moods = set(zip(found.mood_numbers.tolist(), found.mood_words, strict=True))
    assert moods == {(one.number, "calm"), (one.number, "dark")}
    assert len(found.mood_words) == 2


def test_only_those_asked_for_are_read_and_no_deleted_one(catalogue: Catalogue) -> None:
    one, two, three = add(catalogue, 1, 2, 3)
    with catalogue.writing() as queries:
        queries.delete_track(two.id)
    assert read(catalogue, [two.number, three.number, 99]).numbers.tolist() == [three.number]
    assert sorted(read(catalogue).numbers.tolist()) == [one.number, three.number]


def test_figures_are_read_to_their_last_digit(catalogue: Catalogue) -> None:
    durations = np.random.default_rng(1).uniform(0.1, 10_800, 200).tolist()
    with catalogue.writing() as queries:
        for number, duration_s in enumerate(durations):
            made_up = replace(new_track(number), duration_s=duration_s)
            queries.add_track(made_up, digest=DIGEST, embedding=embedding(number))
    found = read(catalogue)
    assert found.figures["duration_s"][np.argsort(found.numbers)].tolist() == durations


def test_of_no_tracks_there_is_nothing(catalogue: Catalogue) -> None:
    with catalogue.transactions.reading() as connection:
        assert list(all_columns(connection)) == []
        assert list(columns_of(connection, [])) == []
    found = read(catalogue, [5])
    assert len(found.numbers) == len(found.mood_numbers) == len(found.mood_words) == 0
    assert set(map(len, found.words.values())) | set(map(len, found.figures.values())) == {0}


def test_a_large_library_is_read_in_parts(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks = add(catalogue, 1, 2, 3, 4, 5)
    monkeypatch.setattr(filter_columns, "TRACKS_AT_ONCE", 2)
    with catalogue.transactions.reading() as connection:
        parts = list(all_columns(connection))
    assert [len(part.numbers) for part in parts] == [2, 2, 1]
    assert [number for part in parts for number in sorted(part.numbers.tolist())] == [one.number for one in tracks]
