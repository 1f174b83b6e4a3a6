import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from threading import Thread

import pytest

from app.errors import NoVideoStream
from app.recommendation.stages import StageBoard


async def told(stages: AsyncGenerator[str]) -> list[str]:
    async with asyncio.timeout(10):
        return [stage async for stage in stages]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def in_a_thread(tell: Callable[[str], None], *stages: str) -> None:
    thread = Thread(target=lambda: deque(map(tell, stages)))
    thread.start()
    thread.join()


def test_who_listened_before_the_request_came_hears_every_stage_in_order() -> None:
    async def run() -> list[str]:
        board = StageBoard()
        listening = asyncio.create_task(told(board.listen("a")))
        await settled()
        with board.telling("a") as tell:
            tell("receive")
            await asyncio.to_thread(in_a_thread, tell, "decode", "encode")
            tell("search")
        return await listening

    assert asyncio.run(run()) == ["receive", "decode", "encode", "search", "done"]


def test_who_comes_in_the_middle_hears_what_was_told_before() -> None:
    async def run() -> list[str]:
        board = StageBoard()
        with board.telling("a") as tell:
            tell("receive")
            await settled()
            listening = asyncio.create_task(told(board.listen("a")))
            await settled()
        return await listening

    assert asyncio.run(run()) == ["receive", "done"]


@pytest.mark.parametrize("turns", range(6))
def test_a_listener_that_takes_its_time_hears_the_last_stage_too(turns: int) -> None:
    async def run() -> list[str]:
        board, heard = StageBoard(), []
        listening = board.listen("a")
        with board.telling("a") as tell:
            tell("receive")
            tell("decode")
            heard.append(await anext(listening))
        for _ in range(turns):
            await asyncio.sleep(0)
        return heard + await told(listening)

    assert asyncio.run(run()) == ["receive", "decode", "done"]


def test_a_request_that_fails_says_so_and_still_raises() -> None:
    async def run() -> list[str]:
        board = StageBoard()
        listening = asyncio.create_task(told(board.listen("a")))
        await settled()
        with pytest.raises(NoVideoStream), board.telling("a"):
            raise NoVideoStream
        return await listening

    assert asyncio.run(run()) == ["failed"]


def test_requests_do_not_hear_of_each_other_and_several_may_listen_to_one() -> None:
    async def run() -> list[list[str]]:
        board = StageBoard()
        listening = [asyncio.create_task(told(board.listen(name))) for name in ("a", "a", "b")]
        await settled()
        with board.telling("a") as tell_a, board.telling("b"):
            tell_a("receive")
        return list(await asyncio.gather(*listening))

    assert asyncio.run(run()) == [["receive", "done"], ["receive", "done"], ["done"]]


def test_what_is_over_is_forgotten_and_its_name_may_be_used_again() -> None:
    async def run() -> list[str]:
        board = StageBoard()
        with board.telling("a") as tell:
            tell("receive")
        await settled()
        assert len(board) == 0
        listening = asyncio.create_task(told(board.listen("a")))
        await settled()
        with board.telling("a"):
            pass
        return await listening

    assert asyncio.run(run()) == ["done"]


def test_who_waits_in_vain_is_let_go_and_leaves_nothing() -> None:
    async def run() -> tuple[list[str], int]:
        board = StageBoard(patience_s=0.05)
        return await told(board.listen("a")), len(board)

    assert asyncio.run(run()) == ([], 0)


def test_a_listener_that_goes_away_leaves_nothing() -> None:
    async def run() -> int:
        board = StageBoard()
        listening = asyncio.create_task(told(board.listen("a")))
        await settled()
        assert len(board) == 1
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await settled()
        return len(board)

    assert asyncio.run(run()) == 0


def test_of_too_many_requests_the_oldest_is_forgotten_and_who_listens_to_it_let_go() -> None:
    async def run() -> tuple[list[str], int]:
        board = StageBoard(most=2)
        oldest = asyncio.create_task(told(board.listen("a")))
        others = [asyncio.create_task(told(board.listen(name))) for name in ("b", "c")]
        await settled()
        found = await oldest
        for other in others:
            other.cancel()
        return found, len(board)

    assert asyncio.run(run()) == ([], 2)
