import logging

import pytest

from app.recommendation.steady import Steady


def fail() -> None:
    raise ZeroDivisionError


def test_what_goes_wrong_is_told_once_and_so_is_that_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    steady = Steady(wrong="it does not turn", well="it turns again")
    with caplog.at_level(logging.INFO):
        for step in (fail, fail, _well, _well):
            steady.attempt(step)
    assert [record.getMessage() for record in caplog.records] == [
        "it does not turn; trying again and again",
        "it turns again",
    ]
    assert steady.failure is None


def test_a_failure_is_known_by_its_kind_until_it_is_over() -> None:
    steady = Steady(wrong="it does not turn", well="it turns again")
    steady.attempt(fail)
    assert steady.failure == "ZeroDivisionError"
    steady.attempt(_well)
    assert steady.failure is None


def _well() -> None:
    """Nothing goes wrong."""
