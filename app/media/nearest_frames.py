"""Watches frames go by in order and keeps the pictures nearest to given instants. Does not read files."""

from collections import deque
from collections.abc import Sequence

import av

from app.media.picture import Painter
from app.media.spans import Taken


class NearestFrames:
    """Paints only what it keeps: of the frames on both sides of an instant the nearer one, each frame once."""

    def __init__(self, times_s: Sequence[float], painter: Painter, *, sample_aspect: float) -> None:
        self._waiting = deque(sorted(times_s))
        self._painter = painter
        self._sample_aspect = sample_aspect
        self._before: tuple[float, av.VideoFrame] | None = None
        self._kept: av.VideoFrame | None = None
        self._taken = list[Taken]()

    @property
    def is_done(self) -> bool:
        return not self._waiting

    def see(self, time_s: float, frame: av.VideoFrame) -> None:
        while self._waiting and self._waiting[0] <= time_s:
            aim_s = self._waiting.popleft()
            if self._before is not None and aim_s - self._before[0] <= time_s - aim_s:
                self._keep(*self._before)
            else:
                self._keep(time_s, frame)
        self._before = time_s, frame

    def finish(self) -> list[Taken]:
        """All that was taken; the last frame serves the instants after it."""
        if self._waiting and self._before is not None:
            self._keep(*self._before)
            self._waiting.clear()
        return self._taken

    def _keep(self, time_s: float, frame: av.VideoFrame) -> None:
        if frame is not self._kept:
            picture = self._painter.rgb(frame, sample_aspect=self._sample_aspect)
            self._taken.append(Taken(time_s, picture))
            self._kept = frame
