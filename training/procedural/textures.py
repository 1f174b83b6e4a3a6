"""Tileable textures as found in real pictures, and looking at them through a moving camera. Knows no colour."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from app.encoders.sampling import Float64Array

SIDE = 256
# Amplitude falls as 1 / frequency ** slope in natural pictures, slope near 1 (Field 1987); across / down stretch it.
_CLOUDS = ((0.7, 1, 1), (1.0, 1, 1), (1.3, 1, 1), (1.8, 1, 1), (1.1, 4, 1), (1.1, 1, 4))
SOFT = (1, 2, 3, 4)
ROUGH = (0, 1, 5, 6, 7, 8, 9, 10)
BUILT = (6, 8, 9)
PAGE = 7


@lru_cache(maxsize=1)
def texture_bank() -> Float32Array:
    """(kinds, SIDE, SIDE), mean 0 and deviation 1 each, not to be written to."""
    rng = np.random.default_rng(1987)
    clouds = [_cloud(rng, slope, across, down) for slope, across, down in _CLOUDS]
    made = [_blocks(rng), _lines_of_text(rng), _dots(rng), _grid(rng), np.sign(_cloud(rng, 1.4, 1, 1))]
    bank = np.stack([(texture - texture.mean()) / texture.std() for texture in (*clouds, *made)]).astype(np.float32)
    bank.setflags(write=False)
    return bank


def through_camera(
    kinds: NDArray[np.int64], left: Float64Array, top: Float64Array, step: Float64Array, *, height: int, width: int
) -> Float32Array:
    """What cameras see of textures, (N, height, width); corner and step between pixels in texels, one a frame."""
    rows = (top[:, None] + step[:, None] * np.arange(height)).astype(np.int64) % SIDE
    columns = (left[:, None] + step[:, None] * np.arange(width)).astype(np.int64) % SIDE
    seen: Float32Array = texture_bank()[kinds[:, None, None], rows[:, :, None], columns[:, None, :]]
    return seen


@lru_cache(maxsize=1)
def grain_bank() -> Float32Array:
    """(2 ** 20,) of film grain, normal deviates; a megapixel is drawn once and cut anywhere."""
    grain = np.random.default_rng(35).standard_normal(1 << 20, dtype=np.float32)
    grain.setflags(write=False)
    return grain


def _cloud(rng: np.random.Generator, slope: float, across: float, down: float) -> Float32Array:
    rows, columns = np.fft.fftfreq(SIDE)[:, None] * down, np.fft.rfftfreq(SIDE)[None, :] * across
    frequency = np.maximum(np.hypot(rows, columns), 1 / SIDE)
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) / frequency**slope
    spectrum[0, 0] = 0
    return np.fft.irfft2(spectrum, (SIDE, SIDE)).astype(np.float32)


def _blocks(rng: np.random.Generator) -> Float32Array:
    """Walls: rectangles upon rectangles, each of one shade."""
    wall = np.zeros((SIDE, SIDE), dtype=np.float32)
    for side in (64, 32, 16, 8):
        for _ in range(SIDE // side * 6):
            top, left = rng.integers(0, SIDE, 2)
            height, width = rng.integers(side // 2, side + 1, 2)
            wall[top : top + height, left : left + width] = rng.normal()
    return wall


def _lines_of_text(rng: np.random.Generator) -> Float32Array:
    page = np.zeros((SIDE, SIDE), dtype=np.float32)
    for top in range(2, SIDE - 4, 8):
        letters = (rng.random(SIDE) < 0.55) & np.repeat(rng.random(SIDE // 8) < 0.8, 8)
        page[top : top + 4] = letters * rng.choice((0.5, 1.0), (4, SIDE))
    return page


def _dots(rng: np.random.Generator) -> Float32Array:
    """A crowd, leaves or lights: bright points of a few sizes."""
    field = np.zeros((SIDE, SIDE), dtype=np.float32)
    for size, count in ((2, 500), (4, 160), (7, 40)):
        for top, left in rng.integers(0, SIDE - size, (count, 2)):
            field[top : top + size, left : left + size] += rng.uniform(0.3, 1)
    return field


def _grid(rng: np.random.Generator) -> Float32Array:
    """Windows of a building: a raster of cells, some of them lit."""
    cells = rng.choice((-0.6, -0.2, 0.4, 1.5), (SIDE // 8, SIDE // 8), p=(0.3, 0.35, 0.25, 0.1))
    raster = np.kron(cells, np.ones((8, 8)))
    raster[::8] = raster[:, ::8] = -1
    return raster.astype(np.float32)
