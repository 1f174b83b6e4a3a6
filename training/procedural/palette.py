"""Colours of the things in a film: what the world is made of, and what the film is tuned to. Knows no shape."""

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.procedural.look import BLUE, Look

# Films that stay in one place, where every shot shows the same colours.
ONE_PLACE_SHARE = 0.5
# Hue in degrees and saturation of what films are full of: skin, wood, leaves, sky, stone, sand, water, cloth.
_MATERIALS = np.array(
    [(22, 0.42), (30, 0.5), (95, 0.4), (208, 0.42), (40, 0.07), (42, 0.35), (195, 0.45), (345, 0.55), (255, 0.4)]
)


def draw_colours(look: Look, rng: np.random.Generator, *, setups: int, layers: int) -> Float32Array:
    """RGB 0 to 1, (setups, layers, 3): layer 0 and 1 are the background's, the rest belong to spots and objects."""
    shape = (setups, layers)
    material = _MATERIALS[rng.integers(0, len(_MATERIALS), shape)]
    # Shares are drawn by rank, so that a film of few things is not warm or cool by accident.
    rank = (rng.random(shape).argsort(axis=1) + rng.random(shape)) / layers
    warm = rank < 0.05 + 0.9 * look.warm_share
    hue = np.where(warm, look.warm_hue, BLUE) + look.hue_spread * rng.uniform(-1, 1, shape)
    is_material = rng.random(shape) < 0.25
    hue = np.where(is_material, material[..., 0], hue)
    own = look.saturation * rng.uniform(0.6, 1.2, shape)
    # What a thing is limits how colourful it is; the grading takes it along.
    saturation = np.where(is_material, material[..., 1] * (0.25 + 1.5 * look.saturation), own)
    saturation = np.where(look.saturation < 0.07, look.saturation * rng.random(shape), saturation)
    if rng.random() < ONE_PLACE_SHARE:
        hue, saturation = np.broadcast_to(hue[:1], shape), np.broadcast_to(saturation[:1], shape)
    spread = 0.12 + 0.5 * look.contrast
    shift = look.variety * rng.normal(0, 0.16, (setups, 1))
    value = 0.12 + 0.78 * look.light + shift + spread * rng.uniform(-0.75, 0.75, shape)
    colours = rgb_of(hue, np.clip(saturation, 0, 1), np.clip(value, 0.01, 1))
    return _ordered(colours, look, rng).astype(np.float32)


def rgb_of(
    hue: NDArray[np.float64], saturation: NDArray[np.float64], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """From hue in degrees, saturation and value 0 to 1 to RGB 0 to 1, a last axis of 3 added."""
    sector = (np.array([5.0, 3.0, 1.0]) + hue[..., None] / 60) % 6
    ramp = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    rgb: NDArray[np.float64] = value[..., None] * (1 - saturation[..., None] * ramp)
    return rgb


def _ordered(colours: NDArray[np.float64], look: Look, rng: np.random.Generator) -> NDArray[np.float64]:
    """The background's lighter colour on top where the scene is high, below where it is low, for most films."""
    luma = colours[:, :2] @ np.array([0.2126, 0.7152, 0.0722])
    is_top_lighter = luma[:, 0] > luma[:, 1]
    turned = is_top_lighter != (look.height > 0.5)
    turned &= rng.random(len(colours)) < 0.85
    colours[turned, :2] = colours[turned, 1::-1]
    return colours
