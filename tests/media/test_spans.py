import numpy as np

from app.media.spans import Span, Taken, nearest_taken, spans_around


def taken(*times_s: float) -> list[Taken]:
    return [Taken(time_s, np.zeros((1, 1, 3), np.uint8)) for time_s in times_s]


def test_spans_meet_halfway_and_have_no_outer_ends() -> None:
    spans, places = spans_around([1.0, 3.0, 7.0])
    assert spans == [Span(-np.inf, 1.0, 2.0), Span(2.0, 3.0, 5.0), Span(5.0, 7.0, np.inf)]
    assert places == [0, 1, 2]


def test_instants_may_come_in_any_order() -> None:
    spans, places = spans_around([7.0, 1.0, 3.0])
    assert [spans[place].time_s for place in places] == [7.0, 1.0, 3.0]


def test_a_span_prefers_a_picture_of_its_own_to_a_nearer_one_outside() -> None:
    spans, _ = spans_around([0.0, 10.0, 20.0])
    assert [one.time_s for one in nearest_taken(spans, taken(4.0, 5.5, 14.0))] == [4.0, 14.0, 14.0]
    assert nearest_taken(spans[1:2], taken(4.9, 14.9))[0].time_s == 14.9


def test_an_empty_span_takes_the_nearest_picture_there_is() -> None:
    spans, _ = spans_around([0.0, 1.0, 2.0, 3.0])
    assert [one.time_s for one in nearest_taken(spans, taken(0.0, 3.1))] == [0.0, 0.0, 3.1, 3.1]
