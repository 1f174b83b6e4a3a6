import numpy as np
import pytest
from sqlalchemy import update

from app.catalogue.rankings import Ranking
from app.catalogue.tables import tracks as rows
from app.domain import Track, TrackDetails
from app.errors import CheckpointMismatch
from app.filters import Shaping, TrackFilter
from app.recommendation import draw as drawing
from app.recommendation.draw import Query, draw, settled
from app.recommendation.fuse import USUAL_TEXT_WEIGHT, to_one
from app.recommendation.lexical import matched_words
from app.recommendation.library import Library
from app.recommendation.stopwatch import Stopwatch
from tests.fake_pool import FakePool, embedding_of
from tests.recommendation.tracks_at_hand import add
from tests.recommendation.varied_tracks import cosine, fill, matches

VIDEO = embedding_of(b"a video")
NO_FILTER, NO_SHAPING = TrackFilter(), Shaping()
FILTERS = [
    NO_FILTER,
    TrackFilter(genre=("Jazz",)),
    TrackFilter(genre=("Jazz", "Folk"), mood=("calm", "dark")),
    TrackFilter(bpm_min=100, bpm_max=140),
    TrackFilter(duration_max=250),
    TrackFilter(artist=("One",), vocals=True, duration_min=100),
    TrackFilter(genre=("Jazz",), mood=("happy",), artist=("Two",), bpm_min=170),
    TrackFilter(genre=("polka",)),
]


def query(wanted: TrackFilter = NO_FILTER, *, words: tuple[str, ...] = (), shaping: Shaping = NO_SHAPING) -> Query:
    return Query(embedding=VIDEO, words=words, tracks=wanted, shaping=settled(shaping, words))


def look_at_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the library were far larger than a ranking."""
    monkeypatch.setattr(drawing, "MOST_CANDIDATES", 10)


def drawn(library: Library, asked: Query) -> Ranking:
    return draw(asked, library=library, spent=Stopwatch())


def by_cosine(tracks: list[Track], wanted: TrackFilter) -> list[int]:
    return [one.number for one in sorted(tracks, key=lambda one: -cosine(one, VIDEO)) if matches(one, wanted)]


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "+".join(wanted.given()) or "none")
def test_a_ranking_is_the_best_of_all_that_match_with_no_one_missing(library: Library, wanted: TrackFilter) -> None:
    tracks = fill(library, 120)
    ranking = drawn(library, query(wanted))
    assert list(ranking.numbers) == by_cosine(tracks, wanted)
    scores = {one.number: to_one(cosine(one, VIDEO)) for one in tracks}
    assert ranking.scores == pytest.approx([scores[number] for number in ranking.numbers], abs=2e-6)
    assert ranking.as_of == library.upkeep.index.last_change


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "+".join(wanted.given()) or "none")
def test_in_a_library_too_large_to_look_at_whole_it_is_the_same(
    library: Library, wanted: TrackFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = fill(library, 120)
    look_at_few(monkeypatch)
    assert list(drawn(library, query(wanted)).numbers) == by_cosine(tracks, wanted)[:10]


def test_the_only_track_that_matches_is_found_among_many(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks = fill(library, 200)
    look_at_few(monkeypatch)
    wanted = TrackFilter(duration_max=min(one.duration_s for one in tracks))
    assert drawn(library, query(wanted)).numbers == (min(tracks, key=lambda one: one.duration_s).number,)


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.7, 1.0])
def test_words_are_fused_into_the_score_by_their_weight(library: Library, weight: float) -> None:
    tracks = fill(library, 120)
    words = ("neon", "calm", "jazz")
    ranking = drawn(library, query(words=words, shaping=Shaping(text_weight=weight)))
    assert len(ranking.numbers) == 120
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)
    by_number = {one.number: one for one in tracks}
    for number, score in zip(ranking.numbers, ranking.scores, strict=True):
        encoder, said = to_one(cosine(by_number[number], VIDEO)), by_number[number].details
        lexical = (score - (1 - weight) * encoder) / weight if weight else 0.0
        assert -1e-4 <= lexical <= 1 + 1e-4
        assert (lexical > 1e-3) == (bool(matched_words(words, said)) and weight > 0)
        has_all = said.genre == "Jazz" and "neon" in said.keywords and "calm" in said.moods
        assert (lexical > 1 - 1e-3) == (has_all and weight > 0)


def test_with_no_weight_words_change_nothing(library: Library) -> None:
    fill(library, 60)
    plain = drawn(library, query())
    assert drawn(library, query(words=("neon",), shaping=Shaping(text_weight=0))) == plain


def test_with_all_the_weight_tracks_without_a_word_come_by_the_encoder(library: Library) -> None:
    tracks = fill(library, 60)
    ranking = drawn(library, query(words=("nothing", "known"), shaping=Shaping(text_weight=1)))
    assert set(ranking.scores) == {0.0}
    assert list(ranking.numbers) == by_cosine(tracks, NO_FILTER)


def test_words_said_of_a_track_later_are_found_the_next_time(library: Library) -> None:
    tracks = fill(library, 30)
    asked = query(words=("volcano",), shaping=Shaping(text_weight=1))
    assert set(drawn(library, asked).scores) == {0.0}
    with library.catalogue.writing() as queries:
        queries.edit_track(tracks[9].id, TrackDetails(keywords=("volcano",)))
    assert drawn(library, asked).numbers[0] == tracks[9].number
    assert drawn(library, asked).scores[0] == 1.0


def test_words_are_looked_for_among_what_matches_the_filters_only(library: Library) -> None:
    tracks = fill(library, 120)
    wanted = TrackFilter(genre=("Jazz",))
    ranking = drawn(library, query(wanted, words=("neon",), shaping=Shaping(text_weight=1)))
    assert set(ranking.numbers) == set(by_cosine(tracks, wanted))


def test_other_files_of_a_recording_stand_behind_and_are_told(library: Library) -> None:
    tracks = fill(library, 8)
    best = by_cosine(tracks, NO_FILTER)
    with library.catalogue.transactions.writing() as connection:
        same = rows.c.number.in_([best[0], best[2], best[5]])
        connection.execute(update(rows).where(same).values(recording=min(best[0], best[2], best[5])))
    ranking = drawn(library, query())
    assert list(ranking.numbers) == [best[0], best[1], best[3], best[4], best[6], best[7], best[2], best[5]]
    assert ranking.folded == {best[0]: (best[2], best[5])}


def test_no_artist_comes_more_often_than_asked_for_until_all_others_have_come(library: Library) -> None:
    tracks = {one.number: one.details.artist for one in fill(library, 40)}
    numbers = drawn(library, query(shaping=Shaping(per_artist=2))).numbers
    first = [tracks[number] for number in numbers]
    named = [artist for artist in first[: first.count(None) + 6] if artist is not None]
    assert sorted(named) == ["One", "One", "Three", "Three", "Two", "Two"]
    assert len(numbers) == 40


def test_for_the_sake_of_variety_more_are_looked_at_than_are_kept(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = {one.number: one for one in fill(library, 100)}
    monkeypatch.setattr(drawing, "MOST_CANDIDATES", 5)
    wanted = TrackFilter(artist=("One", "Two", "Three"))
    ranking = drawn(library, query(wanted, shaping=Shaping(per_artist=1)))
    # The fifth place goes to the best of those that repeat an artist.
    artists = [tracks[number].details.artist for number in ranking.numbers]
    assert len(artists) == 5
    assert set(artists[:3]) == {"One", "Two", "Three"}


def test_a_track_that_another_process_deleted_is_made_up_for(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks = fill(library, 60)
    look_at_few(monkeypatch)
    best = by_cosine(tracks, NO_FILTER)
    with library.catalogue.writing() as queries:
        for one in tracks:
            if one.number in best[:30]:
                queries.delete_track(one.id)
    assert list(drawn(library, query()).numbers) == best[30:40]


def test_a_recording_can_be_left_out(library: Library) -> None:
    tracks = fill(library, 10)
    ranking = drawn(library, Query(embedding=VIDEO, words=(), tracks=NO_FILTER, shaping=NO_SHAPING, without=3))
    assert set(ranking.numbers) == {one.number for one in tracks} - {3}


def test_an_empty_library_gives_an_empty_ranking(library: Library) -> None:
    assert drawn(library, query(TrackFilter(genre=("jazz",)), words=("neon",))).numbers == ()


def test_a_library_that_was_moved_to_another_checkpoint_draws_nothing_more(library: Library) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch, match="sha256:other"):
        drawn(library, query())


def test_stages_are_timed(library: Library) -> None:
    fill(library, 3)
    spent = Stopwatch()
    draw(query(), library=library, spent=spent)
    assert spent.spent_ms.keys() == {"search", "rank"}


def test_the_weight_of_words_is_the_usual_one_where_none_is_given_and_none_without_words() -> None:
    assert settled(Shaping(), ("neon",)) == Shaping(text_weight=USUAL_TEXT_WEIGHT)
    assert settled(Shaping(2, 0.5), ("neon",)) == Shaping(2, 0.5)
    assert settled(Shaping(2, 0.5), ()) == Shaping(2, None)


def test_a_title_said_in_an_upload_is_found_as_a_word(library: Library, pool: FakePool) -> None:
    for number in range(5):
        add(library, pool, b"other %d" % number, TrackDetails(title="Something else"))
    wanted = add(library, pool, b"wanted", TrackDetails(title="Über den Fluß")).track
    asked = Query(embedding=np.roll(VIDEO, 1), words=("fluss",), tracks=NO_FILTER, shaping=Shaping(text_weight=1))
    assert drawn(library, asked).numbers[0] == wanted.number
