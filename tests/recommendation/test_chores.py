import asyncio

import pytest

from app.errors import DiskFull
from app.recommendation.chores import Chore, doing


class Counted:
    """Fails the first `failures` times."""

    def __init__(self, *, failures: int = 0, failure: Exception | None = None) -> None:
        self.done = 0
        self._failures, self._failure = failures, failure or DiskFull()

    def __call__(self) -> None:
        self.done += 1
        if self.done <= self._failures:
            raise self._failure


async def done_at_least(chore: Counted, times: int) -> None:
    async with asyncio.timeout(10):
        while chore.done < times:
            await asyncio.sleep(0.005)


def test_each_chore_is_done_at_the_start_and_again_and_again() -> None:
    often, seldom = Counted(), Counted()

    async def live() -> None:
        async with doing(Chore("tidy", often, every_s=0.01), Chore("clean", seldom, every_s=3600)):
            await done_at_least(often, 3)
            await done_at_least(seldom, 1)

    asyncio.run(live())
    assert seldom.done == 1


@pytest.mark.parametrize("failure", [DiskFull(), PermissionError(), ValueError("nobody foresaw it")])
def test_a_chore_that_fails_is_tried_again_and_said_so(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    failing = Counted(failures=1, failure=failure)

    async def live() -> None:
        async with doing(Chore("tidy up", failing, every_s=0.01)):
            await done_at_least(failing, 2)

    asyncio.run(live())
    assert "could not tidy up" in caplog.text
