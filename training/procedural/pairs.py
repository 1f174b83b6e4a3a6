"""One procedural pair: a film, music that fits it, and words about it, drawn from a seed. Knows no encoder."""

from dataclasses import dataclass

import numpy as np

from app.domain import Brief, Float32Array, FramePlan, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.sampling import window_starts
from training.procedural.composition import compose
from training.procedural.loudness import loudness_lufs
from training.procedural.mixing import record
from training.procedural.picture import draw_video
from training.procedural.scene import WORD_NOISE, Scene, View, draw_scene
from training.procedural.style import Style, draw_style
from training.procedural.wear import worn
from training.procedural.words import draw_keywords, draw_title

# Each side draws from a stream of its own, so that a change to one leaves the others as they were.
_SCENE, _PICTURE, _MUSIC, _WORDS = range(4)
SHORTEST_TRACK_S, LONGEST_TRACK_S = 12.0, 28.0
# Words cost next to nothing to draw, and a text encoder that reads them once a film learns films by heart.
BRIEFS = 4


@dataclass(frozen=True, slots=True)
class ProceduralPair:
    """`briefs`: what several people would write of the one film. `scene` and `style` are for tests and reports only."""

    video: VideoMaterial
    sound: SoundMaterial
    briefs: tuple[Brief, ...]
    scene: Scene
    style: Style


def draw_pair(seed: int, *, frame_plan: FramePlan, sound_plan: SoundPlan) -> ProceduralPair:
    """The pair of a seed: the same in every process, and independent of all others."""
    scene = draw_scene(_stream(seed, _SCENE))
    words = _stream(seed, _WORDS)
    sound, style = _draw_sound(scene, _stream(seed, _MUSIC), sound_plan)
    return ProceduralPair(
        video=_draw_video(scene, _stream(seed, _PICTURE), frame_plan),
        sound=sound,
        briefs=tuple(_draw_brief(scene, words) for _ in range(BRIEFS)),
        scene=scene,
        style=style,
    )


def _stream(seed: int, stream: int) -> np.random.Generator:
    return np.random.default_rng((seed, stream))


def _draw_brief(scene: Scene, rng: np.random.Generator) -> Brief:
    view = scene.seen(rng, noise=WORD_NOISE)
    return Brief(draw_title(view, rng), draw_keywords(view, rng))


def _draw_video(scene: Scene, rng: np.random.Generator, plan: FramePlan) -> VideoMaterial:
    view = scene.seen(rng)
    # Mostly what people upload; now and then a moment or a feature film, since features know the length.
    shortest, longest = (4.0, 300.0) if rng.random() < 0.75 else (0.2, 10_000.0)
    duration_s = float(np.exp(rng.uniform(np.log(shortest), np.log(longest))))
    return draw_video(view, rng, plan=plan, duration_s=duration_s)


def _draw_sound(scene: Scene, rng: np.random.Generator, plan: SoundPlan) -> tuple[SoundMaterial, Style]:
    view: View = scene.seen(rng)
    style = draw_style(view.factors, rng)
    score = compose(style, rng, length_s=float(rng.uniform(SHORTEST_TRACK_S, LONGEST_TRACK_S)), arc=view.arc)
    sound = worn(record(score, style, rate_hz=plan.rate_hz, channels=1)[0], rng, rate_hz=plan.rate_hz)
    return material_of(sound, plan), style


def material_of(sound: Float32Array, plan: SoundPlan) -> SoundMaterial:
    """What an encoder would get of a file with this mono sound at the plan's rate."""
    duration_s = len(sound) / plan.rate_hz
    starts_s = window_starts(duration_s, plan.windows, plan.window_samples / plan.rate_hz)
    windows = np.zeros((plan.windows, plan.window_samples), dtype=np.float32)
    for window, start_s in zip(windows, starts_s, strict=True):
        heard = sound[round(start_s * plan.rate_hz) :][: plan.window_samples]
        window[: len(heard)] = heard
    return SoundMaterial(
        duration_s, windows, starts_s.astype(np.float32), plan.rate_hz, loudness_lufs(sound, rate_hz=plan.rate_hz)
    )
