"""Draws a film of a scene at the instants an encoder asks for: background, texture, things, then what cameras add."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array, FramePlan, Frames, Motion, VideoMaterial
from app.encoders.sampling import Float64Array, gs_instants
from training.procedural.finish import finished
from training.procedural.look import Look, draw_look
from training.procedural.palette import draw_colours
from training.procedural.scene import View
from training.procedural.shots import OBJECTS, Shots, draw_shots, measured_speed
from training.procedural.textures import BUILT, ROUGH, SIDE, SOFT, through_camera

# Layers from the back: two of the background, spots of a third colour, then the things.
LAYERS = 3 + OBJECTS


@dataclass(frozen=True, slots=True)
class Setups:
    """Everything that stays while the camera stands somewhere; one row a setup, lengths in frame widths and heights."""

    colours: Float32Array  # (setups, LAYERS, 3)
    gradient: Float64Array  # angle, place, softness
    texture: NDArray[np.int64]  # a soft and a rough kind
    amounts: Float64Array  # of soft shading, rough shading, spots, lamp, light or shadow on one side
    lamp: Float64Array  # x, y, radius
    corner: Float64Array  # texels
    step: Float64Array  # texels a pixel of a picture 96 wide
    place: Float64Array  # (setups, OBJECTS, 2)
    size: Float64Array  # (setups, OBJECTS, 2) half widths and half heights; 0 for none
    power: Float64Array  # (setups, OBJECTS) 1 a diamond, 2 an ellipse, 8 a box

    @property
    def areas(self) -> Float64Array:
        covered: Float64Array = np.minimum(1.0, 4 * self.size.prod(axis=2) * 0.8)
        return covered


def draw_video(view: View, rng: np.random.Generator, *, plan: FramePlan, duration_s: float) -> VideoMaterial:
    """The film as an encoder would get it from a file: pictures at jittered GS instants, motion at a few."""
    look = draw_look(view.factors, rng)
    shots = draw_shots(look, view, rng, duration_s=duration_s)
    setups = _draw_setups(look, rng, shots.setups)
    times_s = _taken(gs_instants(duration_s, plan.instants), duration_s, rng)
    pictures = _drawn(look, shots, setups, times_s, view.arc_at(times_s / duration_s), plan)
    rgb = finished(pictures, look, rng)
    # A file of one picture, or of too few frames, has no motion to measure.
    count = 0 if rng.random() < 0.03 else plan.motion_instants
    motion_s = gs_instants(duration_s, count) if count else np.zeros(0)
    speed = measured_speed(shots, motion_s, texture=look.texture, areas=setups.areas, rng=rng)
    motion = Motion(speed, motion_s.astype(np.float32))
    return VideoMaterial(duration_s, Frames(rgb, times_s.astype(np.float32)), motion)


def _taken(instants_s: Float64Array, duration_s: float, rng: np.random.Generator) -> Float64Array:
    """Real files give the frame or keyframe that is there: anywhere in the segment for some, exact for others."""
    segment_s = duration_s / max(1, len(instants_s))
    jitter = rng.uniform(-0.5, 0.5, len(instants_s)) * segment_s * (0.9 if rng.random() < 0.5 else 0.05)
    return np.clip(np.sort(instants_s + jitter), 0, duration_s)


def _draw_setups(look: Look, rng: np.random.Generator, count: int) -> Setups:
    things = rng.random((count, OBJECTS)) < 0.15 + 0.75 * look.objects
    size = (0.03 + 0.3 * look.size**1.5) * np.exp(rng.normal(0, 0.45, (count, OBJECTS, 1)))
    size = size * np.exp(rng.normal(0, 0.35, (count, OBJECTS, 2))) * things[..., None]
    place = rng.uniform(0.05, 0.95, (count, OBJECTS, 2))
    # The higher the scene, the higher its things, its horizon's weight and its lamp (picture rows grow downwards).
    place[..., 1] = np.clip(0.85 - 0.7 * look.height + rng.normal(0, 0.17, (count, OBJECTS)), 0.02, 0.98)
    power = (
        rng.choice((1.0, 8.0), (count, OBJECTS)) if rng.random() < look.angularity else np.full((count, OBJECTS), 2.0)
    )
    if look.kind == "people":
        _stand_people(place, size, power, rng)
    lamp = np.stack(
        [rng.uniform(0, 1, count), 0.9 - 0.8 * look.height + rng.normal(0, 0.12, count), rng.uniform(0.25, 0.5, count)],
        axis=1,
    )
    rough = BUILT if look.kind == "city" else (7,) if look.kind == "screen" else ROUGH
    gradient_angle = (
        rng.normal(0, 0.25, count) if look.kind in ("landscape", "people") else rng.uniform(-np.pi, np.pi, count)
    )
    calm = 0.25 if look.kind == "screen" else 1.0
    return Setups(
        colours=draw_colours(look, rng, setups=count, layers=LAYERS),
        gradient=np.stack(
            [gradient_angle, rng.uniform(0.2, 0.8, count), 0.02 + look.softness * rng.uniform(0, 0.8, count)], axis=1
        ),
        texture=np.stack([rng.choice(SOFT, count), rng.choice(rough, count)], axis=1),
        amounts=np.stack(
            [
                calm * (0.08 + 0.3 * look.texture) * rng.uniform(0.7, 1.2, count),
                (0.02 + 0.75 * look.texture**1.5) * rng.uniform(0.8, 1.2, count),
                calm * look.texture * rng.uniform(0, 0.9, count) * (rng.random(count) < 0.6),
                rng.uniform(0, 0.3, count),
                rng.uniform(-0.8, 0.6, count),
            ],
            axis=1,
        ),
        lamp=lamp,
        corner=rng.uniform(0, SIDE, (count, 2)),
        step=0.3 * 6.0**look.texture * np.exp(rng.normal(0, 0.2, count)),
        place=place,
        size=size,
        power=power,
    )


def _stand_people(place: Float64Array, size: Float64Array, power: Float64Array, rng: np.random.Generator) -> None:
    """Things 0 and 1 become a body and the head on it, near the middle."""
    count = len(place)
    scale = np.exp(rng.normal(-1.6, 0.4, count))
    x = rng.normal(0.5, 0.15, count)
    place[:, 0], size[:, 0], power[:, 0] = (
        np.stack([x, 0.95 - 0.2 * scale], 1),
        np.stack([0.9 * scale, 1.6 * scale], 1),
        4.0,
    )
    place[:, 1], size[:, 1], power[:, 1] = (
        np.stack([x, 0.85 - 2.0 * scale], 1),
        np.stack([0.4 * scale, 0.8 * scale], 1),
        2.0,
    )


def _drawn(
    look: Look, shots: Shots, setups: Setups, times_s: Float64Array, lift: Float64Array, plan: FramePlan
) -> Float32Array:
    """Linear RGB around 0 to 1, (frames, 3, height, width)."""
    shot = shots.at(times_s)
    setup = shots.setup[shot]
    since = (times_s - shots.cuts_s[shot])[:, None]
    across = ((np.arange(plan.width) + 0.5) / plan.width).astype(np.float32)
    down = ((np.arange(plan.height) + 0.5) / plan.height).astype(np.float32)
    moved = shots.pan[shot] * since + shots.shake[shot][:, None] * np.sin(np.outer(times_s, (17.0, 23.0)))
    nearer = np.exp(np.clip(shots.zoom[shot] * since[:, 0], -0.7, 0.7))
    soft, rough = _textures(setups, setup, moved, nearer, plan)
    amounts = setups.amounts[setup].astype(np.float32)[:, :, None, None]
    alphas = [_background(setups.gradient[setup], across, down), np.clip(2.5 * soft - 1.5, 0, 1) * amounts[:, 2]]
    alphas += _things(look, shots, setups, shot, since, moved, nearer, across, down)
    flat = _blended(alphas, setups.colours[setup])
    shade = 1 + amounts[:, 0] * soft
    glow = _glow(setups.lamp[setup], across, down)
    shade += amounts[:, 3] * (glow - 0.45)
    shade += amounts[:, 4] * (glow.max(axis=1, keepdims=True) - 0.45)
    shade += amounts[:, 1] * rough
    shade *= (1 + 0.3 * lift.astype(np.float32))[:, None, None]
    lit: Float32Array = flat * np.maximum(shade, 0.03)[:, None]
    return lit


def _glow(lamp: Float64Array, across: Float32Array, down: Float32Array) -> Float32Array:
    """Light around a place, 1 at its middle."""
    x, y, radius = lamp.astype(np.float32).T[:, :, None]
    beside, below = np.exp(-(((across - x) / radius) ** 2)), np.exp(-(((down - y) / radius) ** 2))
    glow: Float32Array = beside[:, None, :] * below[:, :, None]
    return glow


def _textures(
    setups: Setups, setup: NDArray[np.int64], moved: Float64Array, nearer: Float64Array, plan: FramePlan
) -> tuple[Float32Array, Float32Array]:
    seen = []
    for layer, fineness in ((0, 0.5), (1, 1.0)):
        step = fineness * setups.step[setup] / nearer * 96 / plan.width
        corner = setups.corner[setup] + moved * (plan.width * step)[:, None]
        seen.append(
            through_camera(
                setups.texture[setup, layer], corner[:, 0], corner[:, 1], step, height=plan.height, width=plan.width
            )
        )
    return seen[0], seen[1]


def _background(gradient: Float64Array, across: Float32Array, down: Float32Array) -> Float32Array:
    """How much of the second colour: a horizon or a slanted transition."""
    angle, place, softness = gradient.astype(np.float32).T[:, :, None, None]
    along = (across - 0.5)[None, None, :] * np.sin(angle) + (down - 0.5)[None, :, None] * np.cos(angle) + 0.5
    share: Float32Array = np.clip((along - place) / softness + 0.5, 0, 1)
    return share


def _things(
    look: Look, shots: Shots, setups: Setups, shot: NDArray[np.int64], since: Float64Array, moved: Float64Array,
    nearer: Float64Array, across: Float32Array, down: Float32Array,
) -> list[Float32Array]:  # fmt: skip
    """Coverage of each thing, (frames, height, width) each; they leave on one side and come back on the other."""
    setup = shots.setup[shot]
    edge = np.float32(1.5 + 14 * (1 - look.softness) ** 2)
    covers = []
    for index in range(OBJECTS):
        travelled = setups.place[setup, index] + shots.object_pan[shot, index] * since - moved
        centre = ((travelled + 0.3) % 1.6 - 0.3).astype(np.float32)
        size = np.maximum(setups.size[setup, index] * nearer[:, None], 1e-4).astype(np.float32)
        power = setups.power[setup, index].astype(np.float32)[:, None]
        x = np.minimum(np.abs(across - centre[:, :1]) / size[:, :1], 3) ** power
        y = np.minimum(np.abs(down - centre[:, 1:]) / size[:, 1:], 3) ** power
        covers.append(np.clip((1 - (x[:, None, :] + y[:, :, None])) * edge, 0, 1))
    return covers


def _blended(alphas: list[Float32Array], colours: Float32Array) -> Float32Array:
    """Layers over each other from the back, colours (frames, layers, 3), as one matrix product a frame."""
    frames, height, width = alphas[0].shape
    weights = np.empty((frames, len(alphas) + 1, height * width), dtype=np.float32)
    left = np.ones((frames, height * width), dtype=np.float32)
    for layer in range(len(alphas), 0, -1):
        alpha = alphas[layer - 1].reshape(frames, -1)
        weights[:, layer] = left * alpha
        left = left - weights[:, layer]
    weights[:, 0] = left
    return (colours.transpose(0, 2, 1) @ weights).reshape(frames, 3, height, width)
