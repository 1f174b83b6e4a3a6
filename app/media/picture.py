"""Turns a decoded frame into the pixels an encoder asked for: scaled, turned upright, cropped. Does not decode."""

from dataclasses import dataclass
from typing import Literal

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

INTERPOLATIONS = {"area": Interpolation.AREA, "bicubic": Interpolation.BICUBIC}
# The same pixels on every processor; it costs nothing that could be measured (FFmpeg 8.0, 1080p to 224 x 224).
SAME_EVERYWHERE = Interpolation.BITEXACT | Interpolation.ACCURATE_RND
# A crop scales the whole picture first; beyond this, the long side of a very long picture is squeezed instead.
LARGEST_OVERHANG = 8


@dataclass(frozen=True, slots=True)
class Painter:
    """Makes pictures of one size; `size` is (width, height) as shown, `fit` and `interpolation` as in FramePlan.

    `sample_aspect` is the width of a stored pixel over its height. Frames are scaled before they are turned upright,
    since only small pictures are turned cheaply.
    """

    size: tuple[int, int]
    fit: Literal["stretch", "crop"] = "stretch"
    interpolation: Literal["area", "bicubic"] = "area"

    def rgb(self, frame: av.VideoFrame, *, sample_aspect: float) -> Picture:
        """The frame as shown, shape (height, width, 3)."""
        turns = quarter_turns(frame)
        size = self.size if turns % 2 == 0 else self.size[::-1]
        shown = frame.width * sample_aspect, float(frame.height)
        scaled = _covering(size, shown=shown) if self.fit == "crop" else size
        picture = _centre(self._scaled(frame, scaled, "rgb24"), size)
        return np.ascontiguousarray(np.rot90(picture, turns))

    def grey(self, frame: av.VideoFrame, *, sample_aspect: float) -> Picture:
        """The frame's brightness at the width of `size`, in the proportions it is shown in; shape (height, width)."""
        turns = quarter_turns(frame)
        shown = frame.width * sample_aspect, float(frame.height)
        factor = self.size[0] / shown[turns % 2]
        picture = self._scaled(frame, (self._side(shown[0] * factor), self._side(shown[1] * factor)), "gray")
        return np.ascontiguousarray(np.rot90(picture, turns))

    def _scaled(self, frame: av.VideoFrame, size: tuple[int, int], pixel_format: str) -> Picture:
        flags = int(INTERPOLATIONS[self.interpolation] | SAME_EVERYWHERE)
        small = frame.reformat(*size, pixel_format, interpolation=flags, threads=1)
        return np.asarray(small.to_ndarray(), dtype=np.uint8)

    def _side(self, length: float) -> int:
        width = self.size[0]
        return round(min(max(length, width / LARGEST_OVERHANG), width * LARGEST_OVERHANG))


def quarter_turns(frame: av.VideoFrame) -> int:
    """By how many quarter turns, counter-clockwise, the stored picture has to be turned to stand upright; 0 to 3."""
    return round(frame.rotation / 90) % 4


def _covering(size: tuple[int, int], *, shown: tuple[float, float]) -> tuple[int, int]:
    """The smallest size with the proportions of `shown` that covers `size`."""
    factor = max(size[0] / shown[0], size[1] / shown[1])
    across, down = (
        min(max(wanted, round(side * factor)), LARGEST_OVERHANG * wanted)
        for wanted, side in zip(size, shown, strict=True)
    )
    return across, down


def _centre(picture: Picture, size: tuple[int, int]) -> Picture:
    across, down = size
    left, top = (picture.shape[1] - across) // 2, (picture.shape[0] - down) // 2
    return picture[top : top + down, left : left + across]
