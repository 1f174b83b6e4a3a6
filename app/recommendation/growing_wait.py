"""How long to wait before something that failed is tried again: longer each time. Knows nothing of what it is."""

import time

FIRST_WAIT_S = 1.0
MOST_WAIT_S = 300.0


class GrowingWait:
    """`subject`: what is tried. It begins without a wait. For one thread."""

    def __init__(self, subject: str | None) -> None:
        self.subject = subject
        self._wait_s, self._until = 0.0, 0.0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    def grow(self) -> float:
        """It failed just now; how many seconds to wait."""
        self._wait_s = min(max(FIRST_WAIT_S, 2 * self._wait_s), MOST_WAIT_S)
        self._until = time.monotonic() + self._wait_s
        return self._wait_s
