"""What cameras, editors and codecs do to every film: grading, bars, titles, fades, grain. Knows no scene."""

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.procedural.look import Look
from training.procedural.textures import PAGE, grain_bank, texture_bank

LEVELS = 1024
BRIGHTEST = 1.5
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
Pictures = NDArray[np.uint8]


def finished(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Pictures:
    """From linear RGB (frames, 3, height, width) around 0 to 1 to a decoder's uint8 (frames, height, width, 3)."""
    if rng.random() < 0.12:
        pictures *= _vignette(pictures.shape[2], pictures.shape[3], rng.uniform(0.2, 0.8))
    pictures = _graded(pictures, look, rng)
    if rng.random() < 0.15:
        _write_titles(pictures, rng)
    if look.kind == "screen" or rng.random() < 0.03:
        _open_window(pictures, rng)
    pictures += _grain(pictures.shape, 0.006 + 0.07 * look.grain**2, rng)
    curve = _curve(pictures, look, rng)
    _fade(pictures, rng)
    coded = (np.clip(pictures, 0, BRIGHTEST) * np.float32((LEVELS - 1) / BRIGHTEST)).astype(np.int64)
    return _barred(np.ascontiguousarray(curve[coded].transpose(0, 2, 3, 1)), rng)


def _vignette(height: int, width: int, depth: float) -> Float32Array:
    x, y = np.linspace(-1, 1, width) ** 2, np.linspace(-1, 1, height) ** 2
    return (1 - depth * (x[None, :] + y[:, None]) / 2).astype(np.float32)


def _graded(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Float32Array:
    """Colour brought to the look's saturation and temperature, whatever was in front of the camera."""
    sample = pictures[::3, :, ::2, ::2]
    highest = np.maximum(sample.max(axis=1), 1e-3)
    found = float(((highest - sample.min(axis=1)) / highest).mean())
    wanted = 0.62 * look.saturation**1.2 * np.exp(rng.normal(0, 0.1))
    gain = np.float32(np.clip(wanted / max(found, 0.02), 0.0, 3.5))
    grey = np.tensordot(LUMA, pictures, axes=(0, 1))[:, None]
    warm = (2 * look.warm_share - 1) * min(1.0, 0.1 + 1.2 * look.saturation) * rng.uniform(0.22, 0.34)
    # A red cast where the warm hue is red: less green.
    cast = np.array([1 + warm, 1 + 0.4 * warm * look.warm_hue / 42.0 if warm > 0 else 1.0, 1 - warm], dtype=np.float32)
    graded: Float32Array = (grey + gain * (pictures - grey)) * (cast / (cast @ LUMA))[:, None, None]
    return graded


def _write_titles(pictures: Float32Array, rng: np.random.Generator) -> None:
    """Subtitles or a headline, on some frames, light or dark."""
    frames, _, height, width = pictures.shape
    rows = max(3, int(height * rng.uniform(0.05, 0.2)))
    top = int(rng.uniform(0.05, 0.95) * (height - rows))
    left = int(width * rng.uniform(0, 0.3))
    strip = texture_bank()[PAGE][:rows, : width - 2 * left] > 0.2
    shown = rng.random(frames) < rng.choice((0.1, 0.4, 1.0))
    value = 1.0 if rng.random() < 0.75 else 0.05
    area = pictures[:, :, top : top + rows, left : width - left]
    area[shown] = np.where(strip, np.float32(value), area[shown])


def _open_window(pictures: Float32Array, rng: np.random.Generator) -> None:
    """A flat page with lines of text over part of the picture, as in recordings of a screen."""
    _, _, height, width = pictures.shape
    top, left = int(height * rng.uniform(0, 0.3)), int(width * rng.uniform(0, 0.4))
    bottom, right = int(height * rng.uniform(0.6, 1)), int(width * rng.uniform(0.6, 1))
    page = np.float32(rng.choice((0.06, 0.15, 0.9, 1.0)))
    text = texture_bank()[PAGE][: bottom - top, : right - left] > 0.3
    pictures[:, :, top:bottom, left:right] = np.where(text, 0.75 * (1 - page) + 0.15 * page, page)


def _grain(shape: tuple[int, ...], amount: float, rng: np.random.Generator) -> Float32Array:
    frames, _, height, width = shape
    start = int(rng.integers(0, grain_bank().size // 2))
    return np.resize(grain_bank()[start:], (frames, 1, height, width)) * np.float32(amount)


def _fade(pictures: Float32Array, rng: np.random.Generator) -> None:
    """From and to black at the ends, and now and then a black frame or a flash between."""
    frames = len(pictures)
    gains = np.ones(frames, dtype=np.float32)
    steps = int(rng.integers(1, max(2, frames // 8)))
    ramp = np.linspace(0, 1, steps + 1, dtype=np.float32)[:steps]
    if rng.random() < 0.18:
        gains[:steps] *= ramp
    if rng.random() < 0.18:
        gains[frames - steps :] *= ramp[::-1]
    if rng.random() < 0.05:
        gains[rng.random(frames) < 0.12] = 0
    if rng.random() < 0.04:
        gains[rng.random(frames) < 0.1] = 4
    pictures *= gains[:, None, None, None]


def _curve(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Pictures:
    """A table from coded linear values to uint8 that gives the film the look's lightness and contrast.

    A gamma for the mean, then a gain around it for the deviation, both found on the film's histogram of luma.
    """
    luma = np.tensordot(LUMA, pictures[::2, :, ::2, ::2], axes=(0, 1))
    shares = np.histogram(luma, bins=LEVELS, range=(0, BRIGHTEST))[0] / luma.size
    levels = (np.arange(LEVELS) + 0.5) / LEVELS * BRIGHTEST
    mean = 0.035 + 0.75 * look.light
    deviation = (0.03 + 0.27 * look.contrast) * np.sqrt(4 * mean * (1 - mean)) * np.exp(rng.normal(0, 0.08))
    low, high = 0.2, 5.0
    for _ in range(14):
        gamma = np.sqrt(low * high)
        low, high = (gamma, high) if shares @ np.minimum(levels**gamma, 1.0) > mean else (low, gamma)
    value = levels**gamma
    found = np.sqrt(shares @ (np.minimum(value, 1.0) - mean) ** 2)
    value = mean + (value - mean) * np.clip(deviation / max(found, 1e-3), 0.25, 3.0)
    black = rng.uniform(0, 0.08) if rng.random() < 0.25 else 0.0
    table: Pictures = np.clip((black + (1 - black) * value) * 255, 0, 255).astype(np.uint8)
    return table


def _barred(rgb: Pictures, rng: np.random.Generator) -> Pictures:
    """Black bars of a wider film, or at the sides of a phone's upright one."""
    _, height, width, _ = rgb.shape
    chance = rng.random()
    if chance < 0.1:
        bar = round(height * rng.choice((0.06, 0.12, 0.16)))
        rgb[:, :bar] = rgb[:, height - bar :] = 0
    elif chance < 0.15:
        bar = round(width * rng.choice((0.125, 0.2, 0.34)))
        rgb[:, :, :bar] = rgb[:, :, width - bar :] = 0
    return rgb
