"""Paints the film of the page's tests: an evening by a lake, the sun going down. Drawn, so that it is nobody's."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.media_files import Film, Picture, write_video

SIZE = (640, 360)
FRAMES_PER_SECOND = 8
SECONDS = 6.0
HORIZON = 0.62
TOP, MIDDLE, LOW = np.array([[38, 44, 92], [214, 108, 92], [255, 196, 122]], np.float32)
SUN = np.array([255, 238, 196], np.float32)
# Each range of hills: height, waves over the width, how far it moves in all, and how much of the haze lies before it.
HILLS = ((0.20, 3.1, 0.05, 0.55), (0.13, 5.3, 0.11, 0.30), (0.07, 8.7, 0.20, 0.08))
SHADE = np.array([26, 24, 48], np.float32)

Layer = NDArray[np.float32]


def write_evening(path: Path, *, seconds: float = SECONDS) -> Path:
    """Writes the film, with a tone for its sound. Returns `path`."""
    frames = round(seconds * FRAMES_PER_SECOND)

    def picture(index: int, size: tuple[int, int]) -> Picture:
        return paint_evening(index / frames, size)

    film = Film(seconds, SIZE, FRAMES_PER_SECOND, keyframe_every=FRAMES_PER_SECOND, with_sound=True)
    return write_video(path, film, picture)


def paint_evening(progress: float, size: tuple[int, int]) -> Picture:
    """One picture of the film; `progress`, 0 to 1, is how far it has come."""
    width, height = size
    columns, rows = np.linspace(0, width / height, width), np.linspace(0, 1, height)
    across, down = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    sky = _sky(across, down, progress)
    land = _with_hills(sky, across, down, progress)
    return np.clip(_with_lake(land, across, down, progress), 0, 255).astype(np.uint8)


def _sky(across: Layer, down: Layer, progress: float) -> Layer:
    depth = np.clip(down / HORIZON, 0, 1)[..., None]
    colours = np.where(depth < 0.6, _blend(TOP, MIDDLE, depth / 0.6), _blend(MIDDLE, LOW, (depth - 0.6) / 0.4))
    distance = np.hypot(across - 1.15, down - (0.28 + 0.22 * progress))[..., None]
    glow = np.exp(-(distance**2) / 0.05) * 0.75
    disc = np.clip((0.062 - distance) / 0.004, 0, 1)
    return _blend(_blend(colours, LOW, glow), SUN, disc)


def _with_hills(picture: Layer, across: Layer, down: Layer, progress: float) -> Layer:
    for tall, waves, moves, haze in HILLS:
        place = (across + moves * progress) * waves
        ridge = HORIZON - tall * (0.55 + 0.3 * np.sin(place) + 0.15 * np.sin(2.7 * place + 1.3))
        inside = np.clip((down - ridge) / 0.004, 0, 1)[..., None]
        picture = _blend(picture, _blend(SHADE, MIDDLE, haze), inside)
    return picture


def _with_lake(picture: Layer, across: Layer, down: Layer, progress: float) -> Layer:
    """Below the horizon the picture lies upside down, broken by waves, and a little darker."""
    height, width = down.shape
    line = round(HORIZON * height)
    depth = np.arange(height - line)[:, None]
    sway = (3 * np.sin(depth * 0.55 + 40 * progress) * (depth / 40 + 0.3)).astype(int)
    columns = np.clip(np.arange(width)[None, :] + sway, 0, width - 1)
    mirrored = picture[np.clip(line - 1 - depth, 0, None), columns]
    below = _blend(mirrored, SHADE, 0.28)
    return np.concatenate([picture[:line], below])


def _blend(one: Layer, other: Layer, share: Layer | float) -> Layer:
    blended: Layer = one + (other - one) * share
    return blended
