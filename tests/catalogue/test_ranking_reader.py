import pytest
from sqlalchemy import Engine, update

from app.catalogue.catalogue import Catalogue
from app.catalogue.ranking_reader import RankingReader
from app.catalogue.tables import tracks
from app.catalogue.word_numbers import WordField
from app.domain import TrackDetails
from tests.catalogue.new_tracks import DIGEST, add, embedding, new_track


def add_with(catalogue: Catalogue, number: int, details: TrackDetails) -> int:
    """The number that the track has in the catalogue."""
    with catalogue.writing() as queries:
        return queries.add_track(new_track(number, details=details), digest=DIGEST, embedding=embedding(number)).number


def with_word(catalogue: Catalogue, word: str, field: WordField) -> list[int]:
    with catalogue.transactions.reading() as connection:
        (found,) = RankingReader(connection).with_words([word])
    return sorted(found[field].tolist())


def same(catalogue: Catalogue) -> dict[int, int]:
    with catalogue.transactions.reading() as connection:
        numbers, oldest = RankingReader(connection).same_recordings()
    assert numbers.tolist() == sorted(numbers.tolist())
    return dict(zip(numbers.tolist(), oldest.tolist(), strict=True))


def test_only_those_that_are_the_same_as_an_older_one_are_told(catalogue: Catalogue, engine: Engine) -> None:
    one, two, three, four = (track.number for track in add(catalogue, 1, 2, 3, 4))
    assert same(catalogue) == {}
    with engine.begin() as connection:
        connection.execute(update(tracks).where(tracks.c.number.in_([one, two, four])).values(recording=one))
        connection.execute(update(tracks).where(tracks.c.number == three).values(recording=three))
    assert same(catalogue) == {two: one, four: one}


def test_how_the_library_stands_is_told(catalogue: Catalogue) -> None:
    def standing() -> tuple[str | None, int]:
        with catalogue.transactions.reading() as connection:
            return RankingReader(connection).standing()

    assert standing() == (None, 0)
    with catalogue.writing() as queries:
        queries.set_active_digest(DIGEST)
    add(catalogue, 1, 2)
    assert standing() == (DIGEST, 2)


SAID = TrackDetails(
    title="Night: The Drive", artist="Calm", album="Calm", genre="Lo-Fi/Jazz", moods=("calm", "dusk"), keywords=("x_y",)
)


@pytest.mark.parametrize(
    ("word", "field", "is_there"),
    [
        ("drive", "title", True),
        ("night", "title", True),
        ("driv", "title", False),
        ("calm", "title", False),
        ("calm", "words", True),
        ("dusk", "words", True),
        ("y", "words", True),
        ("drive", "words", False),
        ("fi", "genre", True),
        ("jazz", "genre", True),
        ("calm", "genre", False),
        ("nothing", "words", False),
        ("w" * 300, "words", False),
    ],
)
def test_a_word_is_found_whole_and_in_its_field_only(
    catalogue: Catalogue, word: str, field: WordField, is_there: bool
) -> None:
    add_with(catalogue, 1, TrackDetails(title="Another", moods=("fast",)))
    number = add_with(catalogue, 2, SAID)
    assert with_word(catalogue, word, field) == ([number] if is_there else [])


@pytest.mark.parametrize("word", ["and", "or", "not", "near", "the", "cafe", "夜", "ночь"])
def test_no_word_means_anything_to_the_database(catalogue: Catalogue, word: str) -> None:
    number = add_with(catalogue, 1, TrackDetails(keywords=(word, "Café")))
    assert with_word(catalogue, word, "words") == [number]


def test_each_of_several_words_is_answered_by_itself(catalogue: Catalogue) -> None:
    number = add_with(catalogue, 1, SAID)
    with catalogue.transactions.reading() as connection:
        found = RankingReader(connection).with_words([*("nothing" for _ in range(31)), "calm"])
        assert RankingReader(connection).with_words([]) == []
    assert [sum(map(len, fields.values())) for fields in found] == [0] * 31 + [1]
    assert found[-1]["words"].tolist() == [number]


def test_a_deleted_track_has_no_words(catalogue: Catalogue) -> None:
    add_with(catalogue, 1, SAID)
    with catalogue.writing() as queries:
        page, _ = queries.list_tracks(limit=1)
        queries.delete_track(page[0].id)
    assert with_word(catalogue, "calm", "words") == []
