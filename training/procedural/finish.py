"""What cameras, editors and codecs do to every film: grading, bars, titles, fades, grain. Knows no scene."""

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.procedural.look import YELLOW, Look
from training.procedural.textures import PAGE, grain_bank, texture_bank

LEVELS = 1024
BRIGHTEST = 1.5
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
Pictures = NDArray[np.uint8]


def finished(pictures: Float32Array, look: Look, rng: np.random.Generator) -> Pictures:
    """From linear RGB (frames, 3, height, width) around 0 to 1 to a decoder's uint8 (frames, height, width, 3)."""
    light = _light_field(pictures.shape[2], pictures.shape[3], look, rng)
    curve = _curve(pictures, look, rng, shade=float(light.mean()))
    pictures = _graded(pictures, curve, look, rng)
    if rng.random() < 0.15:
        _write_titles(pictures, rng)
    if look.kind == "screen" or rng.random() < 0.03:
        _open_window(pictures, rng)
    pictures += _grain(pictures.shape, 0.006 + 0.07 * look.grain**2, rng)
    _fade(pictures, rng)
    lit = np.minimum(_developed(pictures, curve) * light, 255).astype(np.uint8)
    return _barred(np.ascontiguousarray(lit.transpose(0, 2, 3, 1)), rng)


def _light_field(height: int, width: int, look: Look, rng: np.random.Generator) -> Float32Array:
    """Light on the set: from above or below as the scene is high or low, and only on one place of it in low key."""
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    lit = np.exp(-1.6 * ((x - rng.uniform(-0.7, 0.7)) ** 2 + y**2))
    field = (1 - 0.9 * look.low_key * (1 - lit)) * (1 - 1.1 * (look.height - 0.5) * y)
    return np.maximum(field, 0.02).astype(np.float32)


def _developed(pictures: Float32Array, curve: Pictures) -> Pictures:
    return curve[(np.clip(pictures, 0, BRIGHTEST) * np.float32((LEVELS - 1) / BRIGHTEST)).astype(np.int64)]


def _graded(pictures: Float32Array, curve: Pictures, look: Look, rng: np.random.Generator) -> Float32Array:
    """Colour brought to the look's saturation and temperature, whatever was in front of the camera."""
    wanted = 0.02 + 0.7 * look.saturation * float(np.exp(rng.normal(0, 0.05)))
    sample = pictures[::4, :, ::3, ::3]
    low, high = 0.0, 4.0
    for _ in range(7):
        gain = (low + high) / 2
        found = _saturation(_developed(_tinted(sample, gain, _cast(sample, gain, look)), curve))
        low, high = (low, gain) if found > wanted else (gain, high)
    gain = (low + high) / 2
    return _tinted(pictures, gain, _cast(sample, gain, look))


def _tinted(pictures: Float32Array, gain: float, cast: Float32Array) -> Float32Array:
    grey = np.tensordot(LUMA, pictures, axes=(0, 1))[:, None]
    tinted: Float32Array = (grey + np.float32(gain) * (pictures - grey)) * cast
    return tinted


def _cast(sample: Float32Array, gain: float, look: Look) -> Float32Array:
    """Gains of red, green and blue that give the film its temperature: red less blue over luma, as wanted."""
    means = sample.mean(axis=(0, 2, 3))
    red, _, blue = 1 + gain * (means / (means @ LUMA) - 1)
    wanted = 0.65 * (2 * look.warm_share - 0.8) * min(1.0, 0.08 + 1.1 * look.saturation)
    warm = float(np.clip((wanted - (red - blue)) / max(red + blue, 0.2), -0.6, 0.6))
    # Where the warm hue is red rather than yellow, the cast has less green in it.
    green = 1 + 0.4 * max(warm, 0.0) * look.warm_hue / YELLOW
    cast = np.array([1 + warm, green, 1 - warm], dtype=np.float32)
    return (cast / (cast @ LUMA))[:, None, None]


def _saturation(pictures: Pictures) -> float:
    highest = np.maximum(pictures.max(axis=1), 1).astype(np.float32)
    return float(((highest - pictures.min(axis=1)) / highest).mean())


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


def _curve(pictures: Float32Array, look: Look, rng: np.random.Generator, *, shade: float) -> Pictures:
    """A table from coded linear values to uint8 that gives the film the look's lightness and contrast.

    A gamma for the mean (with what the light field takes away, `shade`, given back), then a gain around it for the
    deviation within a picture.
    """
    luma = np.minimum(np.tensordot(LUMA, pictures[::3, :, ::2, ::2], axes=(0, 1)), BRIGHTEST)
    mean = min(0.92, (0.035 + 0.75 * look.light) / shade)
    low, high = 0.2, 5.0
    for _ in range(10):
        gamma = np.sqrt(low * high)
        low, high = (gamma, high) if np.minimum(luma**gamma, 1.0).mean() > mean else (low, gamma)
    found = float(np.minimum(luma**gamma, 1.0).std(axis=(1, 2)).mean())
    wanted = (0.06 + 0.27 * look.contrast) * np.sqrt(4 * mean * (1 - mean)) * np.exp(rng.normal(0, 0.05))
    value = (np.linspace(0, BRIGHTEST, LEVELS) ** gamma - mean) * np.clip(wanted / max(found, 1e-3), 0.2, 4.0) + mean
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
