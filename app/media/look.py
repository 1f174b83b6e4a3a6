"""What a video looks like in four figures, from what was sampled of it. Opens no file and knows no encoder."""

import numpy as np
from numpy.typing import NDArray

from app.character import Look
from app.domain import Float32Array, Frames, VideoMaterial

# Axes: S frames, H height, X width, C colour channels, P coarse pixels.

_LUMA_C = np.array([0.2126, 0.7152, 0.0722], np.float32)
# Rows and columns that frames are averaged down to before they are compared: a grain or a title is no change.
_COARSE = (9, 16)
# By how much of the way from black to white a coarse pixel must change to count as another one.
_OTHER = 0.08


def look_of(material: VideoMaterial) -> Look:
    """`change` is 0 where there is but one frame."""
    coarse_SHXC = _coarse(material.frames)
    red, _, blue = coarse_SHXC.mean(axis=(0, 1, 2)).tolist()
    luma_SP = (coarse_SHXC @ _LUMA_C).reshape(len(coarse_SHXC), -1)
    speed = material.motion.speed
    return Look(
        pace=float(speed.mean()) if len(speed) else None,
        light=float(luma_SP.mean()),
        warmth=red - blue,
        change=float((np.abs(np.diff(luma_SP, axis=0)) > _OTHER).mean()) if len(luma_SP) > 1 else 0.0,
    )


def _coarse(frames: Frames) -> Float32Array:
    """Each frame once, (S, H, X, C), 0 to 1: of a long video one frame may stand for several instants."""
    is_new = np.append(True, np.diff(frames.times_s) != 0)
    rgb_SHXC = frames.rgb[is_new]
    rows, columns = (_bounds(size, parts) for size, parts in zip(rgb_SHXC.shape[1:3], _COARSE, strict=True))
    sums = np.add.reduceat(np.add.reduceat(rgb_SHXC, rows, axis=1, dtype=np.float32), columns, axis=2)
    counts = np.outer(np.diff(rows, append=rgb_SHXC.shape[1]), np.diff(columns, append=rgb_SHXC.shape[2]))
    averages: Float32Array = (sums / (255 * counts[None, :, :, None])).astype(np.float32)
    return averages


def _bounds(size: int, parts: int) -> NDArray[np.int64]:
    return np.unique(np.arange(parts) * size // parts)
