"""Does the same work on many items at a time, a bounded number of them in hand. Knows nothing of the work."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from app.errors import DiskFull, NotReady, SetupError
from app.recommendation.patience import StopSign

# After one of these nothing else would succeed either, so they end such work; every other error is one item's.
ENDING_ERRORS = (DiskFull, NotReady, SetupError)

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def side_by_side(
    work: Callable[[ItemT], ResultT], items: Iterable[ItemT], *, at_once: int, stop: StopSign
) -> Iterator[ResultT]:
    """Results as they come, in no order. Once `stop` is set no item is begun; those in hand still give results.

    An item is taken only when there is a place for it. What `work` raises ends everything, after the items in hand;
    KeyboardInterrupt, or closing the iterator, does not wait for them.
    """
    waiting, is_dropped = iter(items), False
    threads = ThreadPoolExecutor(at_once, thread_name_prefix="side-by-side")
    try:
        in_hand = {threads.submit(work, item) for item in islice(waiting, at_once)}
        while in_hand:
            done, in_hand = wait(in_hand, return_when=FIRST_COMPLETED)
            if not stop.is_set():
                in_hand |= {threads.submit(work, item) for item in islice(waiting, len(done))}
            for result in done:
                yield result.result()
    except (KeyboardInterrupt, GeneratorExit):
        # Whoever loses patience closes the pool next, which fails what the threads wait for.
        is_dropped = True
        raise
    finally:
        threads.shutdown(wait=not is_dropped, cancel_futures=is_dropped)
