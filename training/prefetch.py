"""Makes the next value while the present one is used. Knows nothing of batches."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")


def one_ahead(values: Iterable[Value]) -> Iterator[Value]:
    """The same values in the same order, each made in a thread while the one before is in use; errors come through."""
    source = iter(values)

    def following() -> tuple[Value] | None:
        for value in source:
            return (value,)
        return None

    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = thread.submit(following)
        while (made := coming.result()) is not None:
            coming = thread.submit(following)
            yield made[0]
