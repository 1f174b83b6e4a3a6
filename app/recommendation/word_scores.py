"""Keeps what the words of the latest questions are worth: each set of filters asks for the same words again."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from app.recommendation.fuse import Scores

# Of a million tracks each takes eight megabytes.
MOST_KEPT = 8
Words = tuple[str, ...]


class WordScores:
    """By words and by the change at which the library stood. Threads may share it."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._kept: OrderedDict[tuple[Words, int], Scores] = OrderedDict()

    def of(self, words: Words, at: int, measure: Callable[[], Scores]) -> Scores:
        """What `measure` gives for these words, asked once for each change."""
        with self._turn:
            found = self._kept.get((words, at))
            if found is not None:
                self._kept.move_to_end((words, at))
                return found
        # Without the turn: others need not wait. Two that measure the same come to the same.
        found = measure()
        with self._turn:
            self._kept[words, at] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found
