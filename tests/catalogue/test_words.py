"""Searching by words, on both databases the same."""

import pytest

from app.catalogue.catalogue import Catalogue
from app.domain import TrackDetails
from tests.catalogue.new_tracks import add_said

TRACKS = (
    TrackDetails(title="Night Drive (Remix)", artist="Björk", album="Roads", genre="Hip-Hop", keywords=("neon city",)),
    TrackDetails(title="Rock'n'Roll 90s", artist="AC/DC", moods=("driving", "dark"), license="night"),
    TrackDetails(title='O\'Neill -- "quoted"', genre="drum & bass", keywords=("hop",)),
    TrackDetails(title="夜のドライブ", album="東京"),
    TrackDetails(title="हिन्दी संगीत", artist="สุนทราภรณ์"),
)


def places(catalogue: Catalogue, q: str) -> list[int]:
    with catalogue.reading() as queries:
        return sorted(track.number - 1 for track in queries.list_tracks(limit=100, q=q)[0])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("night", [0]),
        ("NIGHT driv", [0]),
        ("driv", [0, 1]),
        ("driv night", []),
        ("nigh drive", []),
        ("bjork neon", [0]),
        ("BJÖRK", [0]),
        ("roads remix", [0]),
        ("hip-hop", [0]),
        ("hop", [0, 2]),
        ("ac/dc", [1]),
        ("dark rock", [1]),
        ("90", [1]),
        ("o'neill", [2]),
        ("drum & bass", [2]),
        ("夜の", [3]),
        ("東京", [3]),
        ("संगीत", [4]),
        ("हिन्द", [4]),
        ("न", []),
        ("สุนทรา", [4]),
        ("nothing", []),
        ("night nothing", []),
        # Signs mean nothing, and a text of nothing but signs is in no track.
        ('"', []),
        ("!!! *", []),
        ("night OR dark", []),
        ("night* AND title:drive", []),
        ("NEAR(night drive)", []),
        ("-night", [0]),
        ("{title} : night", []),
        ("'; DROP TABLE tracks; --", []),
        ("night:*", [0]),
        ("night \\ | !drive", [0]),
        ("night " * 33, [0]),
        ("x" * 200, []),
    ],
)
def test_every_word_must_be_somewhere_and_the_last_may_go_on(catalogue: Catalogue, q: str, found: list[int]) -> None:
    add_said(catalogue, *TRACKS)
    assert places(catalogue, q) == found


def test_a_track_may_say_as_much_as_there_is_room_for(catalogue: Catalogue) -> None:
    many = tuple(f"keyword{number} {'a ' * 40}" for number in range(50))
    add_said(catalogue, TrackDetails(title="b " * 250, moods=many, keywords=many))
    assert places(catalogue, "keyword49 b") == [0]
