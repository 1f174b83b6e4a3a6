import asyncio
from pathlib import Path

import pytest

from app.access import ANYBODY, Caller
from app.catalogue.idempotency import Outcome
from app.recommendation.add_track import TrackFile
from app.recommendation.idempotency import Turn, fingerprint_of, one_turn
from app.recommendation.library import Library
from app.request_errors import IdempotencyKeyInUse, IdempotencyKeyReused

OUTCOME = Outcome("f" * 64, "01JD3W7E5V2S9B8F4H6K0M1N3P", is_new=True)
SOMEBODY = Caller("01JD3W7E5V2S9B8F4H6K0M1N3Q", "phone", "manage")


def file(*, sha256: str = "a" * 64, name: str = "song.ogg") -> TrackFile:
    return TrackFile(Path("/upload"), sha256=sha256, name=name, size_bytes=5)


async def come_to(outcome: Outcome | None, library: Library, *, caller: Caller = ANYBODY) -> Outcome | None:
    """What a request finds that comes to this itself."""
    async with one_turn("key", caller, library=library) as turn:
        turn.outcome = outcome
        return turn.known


def test_a_settled_request_is_known_to_the_next_one_of_the_same_caller(library: Library) -> None:
    async def run() -> None:
        assert await come_to(OUTCOME, library) is None
        assert await come_to(None, library) == OUTCOME
        assert await come_to(None, library, caller=SOMEBODY) is None

    asyncio.run(run())


def test_a_request_that_comes_to_nothing_frees_the_key(library: Library) -> None:
    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            async with one_turn("key", ANYBODY, library=library):
                raise ZeroDivisionError
        assert await come_to(None, library) is None
        assert await come_to(OUTCOME, library) is None

    asyncio.run(run())


def test_a_request_that_was_given_up_frees_the_key(library: Library) -> None:
    async def run() -> None:
        held = asyncio.Event()

        async def work() -> None:
            async with one_turn("key", ANYBODY, library=library):
                held.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await come_to(None, library) is None

    asyncio.run(run())


def test_a_key_in_use_is_refused(library: Library) -> None:
    async def run() -> None:
        async with one_turn("key", ANYBODY, library=library):
            with pytest.raises(IdempotencyKeyInUse):
                await come_to(None, library)
            assert await come_to(OUTCOME, library, caller=SOMEBODY) is None

    asyncio.run(run())


def test_a_long_request_keeps_its_key(library: Library) -> None:
    async def run() -> None:
        async with one_turn("key", ANYBODY, library=library, hold_s=0.4) as turn:
            await asyncio.sleep(1)
            with pytest.raises(IdempotencyKeyInUse):
                await come_to(None, library)
            turn.outcome = OUTCOME
        assert await come_to(None, library) == OUTCOME

    asyncio.run(run())


def test_without_a_key_nothing_is_remembered(library: Library) -> None:
    async def run() -> None:
        for _ in range(2):
            async with one_turn(None, ANYBODY, library=library) as turn:
                assert turn.known is None
                turn.outcome = OUTCOME

    asyncio.run(run())


def test_another_request_with_the_same_key_is_refused() -> None:
    turn = Turn(known=OUTCOME)
    assert turn.same(OUTCOME.fingerprint) == OUTCOME
    with pytest.raises(IdempotencyKeyReused):
        turn.same("0" * 64)


def test_a_fingerprint_is_of_all_that_was_sent_and_of_nothing_else() -> None:
    said = {"title": ["a"], "moods": ["x", "y"]}
    same = fingerprint_of(file(), {"moods": ("x", "y"), "title": ("a",)})
    assert fingerprint_of(file(), said) == same
    others = {
        fingerprint_of(file(sha256="b" * 64), said),
        fingerprint_of(file(name="other.ogg"), said),
        fingerprint_of(file(), said | {"title": ["b"]}),
        fingerprint_of(file(), said | {"moods": ["y", "x"]}),
        fingerprint_of(file(), {"title": ["a"]}),
    }
    assert len(others | {same}) == 6
