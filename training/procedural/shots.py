"""When a film cuts, and where camera and things are at any moment of it. Knows no colour and no pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from app.encoders.sampling import Float64Array
from training.procedural.look import Look
from training.procedural.scene import View

OBJECTS = 4
MOST_SETUPS = 24
# Optical flow sees little where there is nothing to hold on to, and something where there is only noise.
FLOW_FLOOR = 0.75
FLOW_NOISE = 0.2


@dataclass(frozen=True, slots=True)
class Shots:
    """`cuts_s`: where shots begin, from 0 on. The rest is one row a shot; a setup is a camera position come back to."""

    cuts_s: Float64Array
    setup: NDArray[np.int64]
    pan: Float64Array  # (shots, 2) frame widths per second, right and down
    zoom: Float64Array  # (shots,) share per second
    shake: Float64Array  # (shots,) frame widths
    object_pan: Float64Array  # (shots, OBJECTS, 2)

    def at(self, times_s: Float64Array) -> NDArray[np.int64]:
        """The shot each moment lies in."""
        return np.searchsorted(self.cuts_s, times_s, side="right") - 1

    @property
    def setups(self) -> int:
        return int(self.setup.max()) + 1


def draw_shots(look: Look, view: View, rng: np.random.Generator, *, duration_s: float) -> Shots:
    """Cuts at random lengths around the look's, quicker and livelier where the arc is high."""
    cuts_s = _cuts(look, view, rng, duration_s)
    shots = len(cuts_s)
    lift = view.arc_at(cuts_s / duration_s)
    speed = look.speed * np.exp(rng.normal(0, 0.3, shots) + 0.5 * lift)
    if look.kind in ("screen", "stills"):
        speed *= np.where(rng.random(shots) < rng.choice((0.6, 1.0)), 0.0, 0.3)
    camera = rng.choice((0.5, 0.8, 1.0), shots) * speed
    angle = np.where(rng.random(shots) < 0.8, np.pi * rng.integers(0, 2, shots), rng.uniform(0, 2 * np.pi, shots))
    object_angle = rng.uniform(0, 2 * np.pi, (shots, OBJECTS))
    object_speed = (speed[:, None] * rng.uniform(0.2, 1.8, (shots, OBJECTS)))[..., None]
    setups = 1 if shots == 1 else int(min(MOST_SETUPS, 2 + shots * rng.uniform(0.3, 1.0)))
    return Shots(
        cuts_s=cuts_s,
        setup=np.append(np.arange(min(setups, shots)), rng.integers(0, setups, max(0, shots - setups))),
        pan=camera[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1),
        zoom=np.where(rng.random(shots) < 0.3, rng.normal(0, 0.3, shots) * speed, 0.0),
        shake=np.where(rng.random(shots) < 0.3, 0.02, 0.002) * np.minimum(1.0, speed / 0.2),
        object_pan=object_speed * np.stack([np.cos(object_angle), np.sin(object_angle)], axis=2),
    )


def measured_speed(
    shots: Shots, times_s: Float64Array, *, texture: float, areas: Float64Array, rng: np.random.Generator
) -> Float32Array:
    """Mean displacement in frame widths per second as optical flow would report it; `areas` (setups, OBJECTS).

    Written down rather than measured on rendered frames: flow on ten pairs of pictures would cost more than drawing
    the film, and a nearest-texel camera has no displacement under a pixel.
    """
    shot = shots.at(times_s)
    camera = np.hypot(*shots.pan[shot].T) + 0.25 * np.abs(shots.zoom[shot]) + 4.0 * shots.shake[shot]
    covered = areas[shots.setup[shot]]
    things = (covered * np.hypot(shots.object_pan[shot, :, 0], shots.object_pan[shot, :, 1])).sum(axis=1)
    seen = FLOW_FLOOR + (1 - FLOW_FLOOR) * min(1.0, 2.5 * texture)
    noise = np.exp(rng.normal(0, FLOW_NOISE, len(times_s)))
    # Flow loses what moves further than a sixth of the picture between frames, and finds motion in a codec's noise.
    found = 5.0 * np.tanh((camera * seen + things) * noise / 5.0) + rng.exponential(_codec_noise(rng), len(times_s))
    speed: Float32Array = found.astype(np.float32)
    return speed


def _codec_noise(rng: np.random.Generator) -> float:
    return float(rng.choice((0.0, 0.0015, 0.006)))


def _cuts(look: Look, view: View, rng: np.random.Generator, duration_s: float) -> Float64Array:
    if look.shot_s is None:
        return np.zeros(1)
    shot_s = max(look.shot_s, duration_s / 400)
    lengths = shot_s * np.exp(rng.normal(0, 0.5, int(2.2 * duration_s / shot_s) + 4))
    starts = np.concatenate(([0.0], np.cumsum(lengths)[:-1]))
    lengths *= np.exp(-0.4 * view.arc_at(np.minimum(starts / duration_s, 1.0)))
    starts = np.concatenate(([0.0], np.cumsum(lengths)[:-1]))
    return starts[starts < duration_s]
