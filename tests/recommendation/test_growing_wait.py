import pytest

from app.recommendation import growing_wait
from app.recommendation.growing_wait import GrowingWait


def test_the_first_try_is_not_waited_for_and_each_failure_makes_the_wait_longer_up_to_a_bound() -> None:
    wait = GrowingWait("x")
    assert wait.is_over
    waits_s = [wait.grow() for _ in range(11)]
    assert waits_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert not wait.is_over


def test_a_wait_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing_wait, "FIRST_WAIT_S", 0.0)
    wait = GrowingWait("x")
    wait.grow()
    assert wait.is_over
