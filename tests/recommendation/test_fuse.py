import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.recommendation.fuse import brought_to_one, fused, to_one

SHARES = st.floats(0, 1)
SOME_SHARES = st.lists(SHARES, min_size=1, max_size=20)


def test_cosines_are_brought_to_the_whole_of_zero_to_one() -> None:
    cosines = np.array([-1.0, 0.0, 0.5, 1.0], dtype=np.float32)
    assert brought_to_one(cosines).tolist() == [0.0, 0.5, 0.75, 1.0]
    assert [to_one(cosine) for cosine in (-1.0, 0.0, 0.5, 1.0)] == [0.0, 0.5, 0.75, 1.0]


def test_a_cosine_that_rounding_took_beyond_its_end_is_held_there() -> None:
    assert brought_to_one(np.array([1.0000001, -1.0000001], dtype=np.float32)).tolist() == [1.0, 0.0]
    assert (to_one(1.0000001), to_one(-1.0000001)) == (1.0, 0.0)


@given(SOME_SHARES, SHARES)
def test_with_no_weight_the_words_and_with_all_of_it_the_encoder_say_nothing(shares: list[float], other: float) -> None:
    encoder, lexical = np.array(shares), np.full(len(shares), other)
    assert fused(encoder, lexical, weight=0).tolist() == encoder.tolist()
    assert fused(encoder, lexical, weight=1).tolist() == lexical.tolist()


@given(SHARES, SHARES, SHARES)
def test_a_fused_score_lies_between_the_two(encoder: float, lexical: float, weight: float) -> None:
    (score,) = fused(np.array([encoder]), np.array([lexical]), weight=weight)
    assert min(encoder, lexical) - 1e-9 <= score <= max(encoder, lexical) + 1e-9


@given(SHARES, SHARES, SHARES, st.floats(0.01, 1))
def test_of_two_that_the_encoder_finds_alike_the_one_whose_words_match_better_is_not_worse(
    encoder: float, one: float, other: float, weight: float
) -> None:
    scores = fused(np.array([encoder, encoder]), np.array([min(one, other), max(one, other)]), weight=weight)
    assert scores[1] >= scores[0]
