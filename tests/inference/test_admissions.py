from contextlib import ExitStack

import pytest

from app.errors import Overloaded
from app.inference.admissions import Admissions
from app.request_errors import RateLimited


def test_there_are_so_many_places_and_each_that_is_left_is_free_again() -> None:
    admissions = Admissions(3)
    with admissions.taken(), admissions.taken():
        with admissions.taken(), pytest.raises(Overloaded), admissions.taken():
            pytest.fail("a fourth was let in")
        with admissions.taken():
            pass


def test_one_caller_gets_half_of_them_and_others_the_rest() -> None:
    admissions = Admissions(5)
    with admissions.taken("one"), admissions.taken("one"):
        with pytest.raises(RateLimited), admissions.taken("one"):
            pytest.fail("a third of one caller was let in")
        with admissions.taken("two"), admissions.taken("two"), admissions.taken():
            pass
        with pytest.raises(RateLimited), admissions.taken("one"):
            pytest.fail("a third of one caller was let in")
    with admissions.taken("one"), admissions.taken("one"):
        pass


def test_nobody_in_particular_may_take_them_all() -> None:
    admissions = Admissions(4)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(admissions.taken())
        with pytest.raises(Overloaded), admissions.taken("one"):
            pytest.fail("a fifth was let in")


def test_a_place_is_free_again_after_a_failure() -> None:
    admissions = Admissions(1)
    with pytest.raises(ZeroDivisionError), admissions.taken("one"):
        raise ZeroDivisionError
    with admissions.taken("one"):
        pass
