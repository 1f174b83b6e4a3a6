"""Hubs: tracks that are near everything, and so crowd out what fits. Knows cosines, nothing of what made them.

Axes: V videos, M tracks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array


@dataclass(frozen=True, slots=True)
class HubShares:
    """How unevenly the first `depth` places go to the tracks.

    `shares` (M,): for each track, in how large a share of the videos' first places it is. `chance`: what the most
    frequent track would have if every video drew its first places blindly. `reached`: the share of the tracks that are
    in any video's first places.
    """

    depth: int
    shares: NDArray[np.float64]
    chance: float
    reached: float

    @property
    def top_track(self) -> int:
        return int(self.shares.argmax())

    @property
    def top_share(self) -> float:
        return float(self.shares.max())


def hub_shares(cosines_VM: Float32Array, *, depth: int = 5) -> HubShares:
    """Raises ValueError where there are fewer tracks than places."""
    video_count, track_count = cosines_VM.shape
    if track_count < depth:
        raise ValueError(f"{depth} first places need as many tracks; there are {track_count}")
    first_VK = np.argsort(-cosines_VM, axis=1, kind="stable")[:, :depth]
    shares = np.bincount(first_VK.ravel(), minlength=track_count) / video_count
    return HubShares(depth, shares, _blind_share(video_count, track_count, depth), float((shares > 0).mean()))


def _blind_share(video_count: int, track_count: int, depth: int) -> float:
    """The mean over 500 seeded draws of the most frequent track's share."""
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(500):
        blind = rng.random((video_count, track_count)).argpartition(depth - 1, axis=1)[:, :depth]
        counts.append(np.bincount(blind.ravel(), minlength=track_count).max())
    return float(np.mean(counts)) / video_count
