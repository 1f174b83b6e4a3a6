import pytest

from app.recommendation.rate_limits import TokenBuckets
from app.request_errors import RateLimited


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(buckets: TokenBuckets, name: str, *, tries: int, per_minute: int) -> int:
    """How many of so many tries in a row pass."""
    passed = 0
    for _ in range(tries):
        try:
            buckets.take(name, per_minute=per_minute)
        except RateLimited:
            return passed
        passed += 1
    return passed


def test_a_minutes_worth_passes_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock=clock)
    assert taken(buckets, "a", tries=20, per_minute=6) == 6
    clock.now += 10
    assert taken(buckets, "a", tries=20, per_minute=6) == 1
    clock.now += 3600
    assert taken(buckets, "a", tries=20, per_minute=6) == 6


@pytest.mark.parametrize(("waited_s", "retry_after_s"), [(0, 10), (3.5, 7), (9.999, 1)])
def test_who_is_refused_hears_when_the_next_one_passes(waited_s: float, retry_after_s: int) -> None:
    clock = Clock()
    buckets = TokenBuckets(clock=clock)
    taken(buckets, "a", tries=6, per_minute=6)
    clock.now += waited_s
    with pytest.raises(RateLimited) as refused:
        buckets.take("a", per_minute=6)
    assert refused.value.retry_after_s == retry_after_s
    clock.now += retry_after_s
    buckets.take("a", per_minute=6)


def test_each_name_is_counted_by_itself() -> None:
    buckets = TokenBuckets(clock=Clock())
    assert taken(buckets, "a", tries=9, per_minute=2) == 2
    assert taken(buckets, "b", tries=9, per_minute=2) == 2


def test_asking_whether_one_would_pass_does_not_count() -> None:
    buckets = TokenBuckets(clock=Clock())
    for _ in range(50):
        buckets.check("a", per_minute=2)
    assert taken(buckets, "a", tries=9, per_minute=2) == 2
    with pytest.raises(RateLimited):
        buckets.check("a", per_minute=2)


def test_memory_is_bounded_and_the_name_unseen_for_longest_goes_first() -> None:
    buckets = TokenBuckets(most_names=2, clock=Clock())
    taken(buckets, "a", tries=2, per_minute=2)
    taken(buckets, "b", tries=2, per_minute=2)
    assert taken(buckets, "a", tries=1, per_minute=2) == 0
    taken(buckets, "c", tries=2, per_minute=2)
    assert taken(buckets, "a", tries=1, per_minute=2) == 0
    assert taken(buckets, "b", tries=9, per_minute=2) == 2
