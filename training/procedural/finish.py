"""What cameras, editors and codecs do to every film: exposure, bars, titles, fades, grain. Knows no scene."""

import numpy as np

from app.domain import Float32Array
from training.procedural.look import Look
from training.procedural.textures import grain_bank, texture_bank

LEVELS = 1024
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def finished(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Float32Array:
    """From linear RGB (frames, 3, height, width) around 0 to 1 to what a decoder gives: uint8 (frames, height, width, 3)."""
    frames, _, height, width = pictures.shape
    if rng.random() < 0.3:
        pictures *= _vignette(height, width, rng.uniform(0.2, 0.9))
    if rng.random() < 0.2:
        _write_titles(pictures, rng)
    if look.kind == "screen" or rng.random() < 0.05:
        _open_window(pictures, rng)
    grain = 0.008 + 0.07 * look.grain**2
    start = (
        int(rng.integers(0, grain_bank().size - frames * height * width))
        if frames * height * width < grain_bank().size
        else 0
    )
    noise = np.resize(grain_bank()[start:], (frames, 1, height, width))
    pictures += noise * np.float32(grain)
    _fade(pictures, rng)
    coded = (np.clip(pictures, 0, 1.5) * np.float32((LEVELS - 1) / 1.5)).astype(np.int64)
    rgb = _curve(pictures, look, rng)[coded].transpose(0, 2, 3, 1)
    return _barred(np.ascontiguousarray(rgb), rng)


def _vignette(height: int, width: int, depth: float) -> Float32Array:
    x, y = np.linspace(-1, 1, width) ** 2, np.linspace(-1, 1, height) ** 2
    return (1 - depth * (x[None, :] + y[:, None]) / 2).astype(np.float32)


def _write_titles(pictures: Float32Array, rng: np.random.Generator) -> None:
    """Subtitles or a headline, on some frames, light or dark."""
    frames, _, height, width = pictures.shape
    rows = max(3, int(height * rng.uniform(0.05, 0.2)))
    top = int(rng.uniform(0.05, 0.95) * (height - rows))
    left = int(width * rng.uniform(0, 0.3))
    strip = texture_bank()[7][:rows, : width - 2 * left] > 0.2
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
    text = texture_bank()[7][: bottom - top, : right - left] > 0.3
    pictures[:, :, top:bottom, left:right] = np.where(text, 0.75 * (1 - page) + 0.15 * page, page)


def _fade(pictures: Float32Array, rng: np.random.Generator) -> None:
    """From and to black (or white) at the ends, and now and then a black frame or a flash between."""
    frames = len(pictures)
    gains = np.ones(frames, dtype=np.float32)
    for end in (0, 1):
        if rng.random() < 0.22:
            steps = int(rng.integers(1, max(2, frames // 8)))
            ramp = np.linspace(0, 1, steps + 1, dtype=np.float32)[:steps]
            gains[:steps] *= ramp if end == 0 else 1
            gains[frames - steps :] *= ramp[::-1] if end else 1
    if rng.random() < 0.06:
        gains[rng.random(frames) < 0.12] = 0
    if rng.random() < 0.05:
        gains[rng.random(frames) < 0.1] = 4
    pictures *= gains[:, None, None, None]


def _curve(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Float32Array:
    """A table from coded linear values to uint8: exposure towards the look's lightness, contrast, black level."""
    mean = float(np.clip((pictures[::4].mean(axis=(0, 2, 3)) @ LUMA), 0.02, 0.95))
    target = 0.06 + 0.72 * look.light
    gamma = float(np.clip(np.log(target) / np.log(mean), 0.45, 2.2)) ** 0.85
    value = np.linspace(0, 1.5, LEVELS) ** gamma
    steepness = 0.75 + 0.9 * look.contrast
    value = target + (value - target) * steepness
    black = rng.uniform(0, 0.09) if rng.random() < 0.3 else 0.0
    return np.clip((black + (1 - black) * value) * 255, 0, 255).astype(np.uint8)


def _barred(rgb: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Black bars of a wider film, or at the sides of a phone's upright one."""
    _, height, width, _ = rgb.shape
    chance = rng.random()
    if chance < 0.13:
        bar = round(height * rng.choice((0.06, 0.12, 0.16)))
        rgb[:, :bar] = rgb[:, height - bar :] = 0
    elif chance < 0.2:
        bar = round(width * rng.choice((0.125, 0.2, 0.34)))
        rgb[:, :, :bar] = rgb[:, :, width - bar :] = 0
    return rgb
