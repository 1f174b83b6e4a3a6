"""Milliseconds by stage of one request. Knows no stage."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """`spent_ms` has the stages in the order in which they first began; what is measured again is added up."""

    spent_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        self.spent_ms.setdefault(stage, 0.0)
        try:
            yield
        finally:
            self.spent_ms[stage] += (time.perf_counter() - began) * 1000
