from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.access import ANYBODY, Caller
from app.domain import Brief, TrackDetails
from app.errors import CheckpointMismatch
from app.filters import Shaping, TrackFilter
from app.recommendation.library import Library
from app.recommendation.relax import Relaxation
from app.request_errors import EncoderChanged, RecommendationExpired, RecommendationNotFound
from tests.fake_pool import FakePool
from tests.recommendation.asked_about import ask, ask_again, numbers, wanted
from tests.recommendation.tracks_at_hand import add
from tests.recommendation.varied_tracks import fill, matches

JAZZ = TrackFilter(genre=("jazz",))
ONE, OTHER = Caller("K1", "one", "recommend"), Caller("K2", "other", "recommend")


def test_the_pages_of_a_ranking_follow_each_other_without_gap_or_repetition(library: Library, pool: FakePool) -> None:
    fill(library, 47)
    first = ask(library, pool)
    whole = numbers(ask_again(first, library, pool, wanted(limit=100)))
    assert len(whole) == first.total == 47
    found, offset = list[int](), 0
    while True:
        page = ask_again(first, library, pool, wanted(limit=10, offset=offset))
        found += numbers(page)
        assert [ranked.rank for ranked in page.results] == list(range(offset + 1, offset + len(page.results) + 1))
        if page.next_offset is None:
            break
        offset = page.next_offset
    assert found == whole
    assert numbers(first) == whole[:10]


def test_a_ranking_stays_as_it_was_drawn_whatever_is_added(library: Library, pool: FakePool) -> None:
    fill(library, 20)
    first = ask(library, pool)
    before = ask_again(first, library, pool, wanted(JAZZ))
    # The same bytes as the video have the same embedding, and would come first.
    add(library, pool, b"a video", TrackDetails(genre="Jazz"))
    again = ask_again(first, library, pool, wanted(JAZZ))
    assert numbers(again) == numbers(before)
    assert again.as_of == before.as_of < library.upkeep.index.last_change
    assert again.library_size == 21


def test_a_track_deleted_since_leaves_its_place_empty(library: Library, pool: FakePool) -> None:
    fill(library, 20)
    first = ask(library, pool)
    with library.catalogue.writing() as queries:
        queries.delete_track(first.results[1].track.id)
    page = ask_again(first, library, pool, wanted(limit=3))
    assert [ranked.rank for ranked in page.results] == [1, 3]
    assert (page.total, page.next_offset) == (20, 3)


def test_with_filters_every_page_is_full_while_enough_tracks_match(library: Library, pool: FakePool) -> None:
    tracks = fill(library, 80)
    count = sum(matches(one, TrackFilter(genre=("Jazz",))) for one in tracks)
    page = ask_again(ask(library, pool), library, pool, wanted(JAZZ, limit=10))
    assert (len(page.results), page.total, page.relax) == (10, count, None)
    assert {ranked.track.details.genre for ranked in page.results} == {"Jazz"}


def test_where_filters_leave_too_few_the_one_that_costs_most_is_named(library: Library, pool: FakePool) -> None:
    for number in range(8):
        add(library, pool, b"%d" % number, TrackDetails(genre="Jazz", moods=("calm",) if number < 3 else ("dark",)))
    asked = wanted(TrackFilter(genre=("jazz",), mood=("calm",)), limit=4)
    page = ask_again(ask(library, pool), library, pool, asked)
    assert page.relax == Relaxation("mood", would_match=8, matching=3)
    assert ask_again(page, library, pool, replace(asked, limit=3)).relax is None


def test_without_filters_no_filter_is_to_blame(library: Library, pool: FakePool) -> None:
    fill(library, 3)
    assert ask(library, pool).relax is None


def test_the_same_filters_written_otherwise_are_the_same_ranking(library: Library, pool: FakePool) -> None:
    fill(library, 20)
    first = ask(library, pool)
    one = ask_again(first, library, pool, wanted(TrackFilter(genre=("jazz", "FOLK"))))
    add(library, pool, b"a video", TrackDetails(genre="Jazz"))
    other = ask_again(first, library, pool, wanted(TrackFilter(genre=("Folk", " JAZZ "))))
    assert numbers(other) == numbers(one)


def test_without_words_their_weight_makes_no_other_ranking(library: Library, pool: FakePool) -> None:
    fill(library, 20)
    first = ask(library, pool)
    add(library, pool, b"a video")
    page = ask_again(first, library, pool, wanted(shaping=Shaping(text_weight=0.7)))
    assert numbers(page) == numbers(first)


def test_with_words_another_weight_is_another_ranking(library: Library, pool: FakePool) -> None:
    fill(library, 60)
    first = ask(library, pool, brief=Brief(keywords=("neon",)))
    page = ask_again(first, library, pool, wanted(shaping=Shaping(text_weight=1.0)))
    assert page.results[0].score == 1.0
    assert "neon" in page.results[0].track.details.keywords
    assert page.results[0].reasons[0].kind == "words"
    assert numbers(page) != numbers(first)


def test_every_result_has_its_section_and_reasons(library: Library, pool: FakePool) -> None:
    add(library, pool, b"one", TrackDetails(bpm=150.0))
    (ranked,) = ask(library, pool).results
    assert ranked.section is not None
    assert 0 <= ranked.section.start_s < ranked.section.end_s <= ranked.track.duration_s
    assert {reason.kind for reason in ranked.reasons} >= {"pace"}


def test_two_that_draw_at_the_same_time_are_answered_the_same(library: Library, pool: FakePool) -> None:
    fill(library, 60)
    first = ask(library, pool)
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(lambda _: numbers(ask_again(first, library, pool, wanted(JAZZ))), range(8)))
    assert all(page == pages[0] for page in pages)


def test_it_is_the_askers_own(library: Library, pool: FakePool) -> None:
    first = ask(library, pool, caller=ONE)
    assert ask_again(first, library, pool, caller=ONE).recommendation.owner == "K1"
    assert ask_again(first, library, pool, caller=ANYBODY).total == 0
    with pytest.raises(RecommendationNotFound):
        ask_again(first, library, pool, caller=OTHER)


def test_once_it_has_expired_that_is_said(library: Library, pool: FakePool) -> None:
    first = ask(library, pool, lasts=timedelta(0))
    with pytest.raises(RecommendationExpired):
        ask_again(first, library, pool)


def test_what_another_checkpoint_embedded_is_of_no_use(library: Library, pool: FakePool) -> None:
    first = ask(library, pool)
    moved = replace(library, digest="sha256:other")
    with pytest.raises(CheckpointMismatch):
        ask_again(first, moved, pool)
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(EncoderChanged):
        ask_again(first, moved, pool)


def test_a_library_that_another_process_moved_draws_nothing_more(library: Library, pool: FakePool) -> None:
    first = ask(library, pool)
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch):
        ask_again(first, library, pool, wanted(JAZZ))
