"""A pair's three sides show its scene. Whole pairs are costly: few are drawn, and only clear effects asked for."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain import FramePlan, SoundPlan
from tests.training.procedural.test_scene import MIDDLE
from training.procedural.composition import compose
from training.procedural.mixing import record
from training.procedural.pairs import ProceduralPair, draw_pair, material_of
from training.procedural.picture import draw_video
from training.procedural.scene import Factors, scene_of
from training.procedural.style import draw_style

FRAMES = FramePlan(
    instants=12, width=64, height=36, fit="stretch", interpolation="area", motion_instants=6, frame_budget=600
)
SOUND = SoundPlan(rate_hz=22_050, windows=4, window_samples=22_050)


def drawn(seed: int) -> ProceduralPair:
    return draw_pair(seed, frame_plan=FRAMES, sound_plan=SOUND)


@pytest.fixture(scope="module")
def pairs() -> list[ProceduralPair]:
    return [drawn(seed) for seed in range(8)]


def motion_and_change(factors: Factors) -> tuple[float, float]:
    """Mean speed in widths per second, and mean absolute difference of neighbouring frames, over some films."""
    speeds, changes = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        video = draw_video(scene_of(factors).seen(rng, noise=0.0), rng, plan=FRAMES, duration_s=20.0)
        # Now and then nothing could be measured, as with real films.
        speeds += [float(video.motion.speed.mean())] if len(video.motion.speed) else []
        changes.append(float(np.abs(np.diff(video.frames.rgb.astype(np.float32), axis=0)).mean()))
    return float(np.median(speeds)), float(np.median(changes))


def brightness(factors: Factors) -> float:
    means = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        video = draw_video(scene_of(factors).seen(rng, noise=0.0), rng, plan=FRAMES, duration_s=20.0)
        means.append(float(video.frames.rgb.mean()))
    return float(np.median(means))


def test_a_seed_gives_the_same_pair_whatever_was_drawn_before(pairs: list[ProceduralPair]) -> None:
    again = drawn(3)
    assert np.array_equal(again.video.frames.rgb, pairs[3].video.frames.rgb)
    assert np.array_equal(again.video.motion.speed, pairs[3].video.motion.speed)
    assert np.array_equal(again.sound.windows, pairs[3].sound.windows)
    assert again.briefs == pairs[3].briefs


def test_pairs_of_different_seeds_differ(pairs: list[ProceduralPair]) -> None:
    assert len({pair.video.frames.rgb.tobytes() for pair in pairs}) == len(pairs)
    assert len({pair.sound.windows.tobytes() for pair in pairs}) == len(pairs)


def test_a_pair_is_what_the_plans_ask_for_and_holds_only_numbers(pairs: list[ProceduralPair]) -> None:
    for pair in pairs:
        frames, motion, sound = pair.video.frames, pair.video.motion, pair.sound
        assert frames.rgb.shape == (12, 36, 64, 3)
        assert frames.rgb.dtype == np.uint8
        assert (np.diff(frames.times_s) >= 0).all()
        assert 0 <= frames.times_s[0] <= frames.times_s[-1] <= pair.video.duration_s
        assert len(motion.speed) == len(motion.times_s) <= 6
        assert (motion.speed >= 0).all()
        assert np.isfinite(motion.speed).all()
        assert sound.windows.shape == (4, 22_050)
        assert np.isfinite(sound.windows).all()
        # Music is handed over as decoders hand it: loud masters go beyond full scale.
        assert np.abs(sound.windows).max() < 4
        assert np.abs(sound.windows).max() > 1e-4


def test_a_fast_scene_moves_and_changes_more_than_a_slow_one() -> None:
    slow, fast = (motion_and_change(replace(MIDDLE, pace=pace)) for pace in (0.05, 0.95))
    assert fast[0] > 1.5 * slow[0]
    assert fast[1] > slow[1]


def test_a_light_scene_is_brighter_than_a_dark_one() -> None:
    assert brightness(replace(MIDDLE, light=0.95)) > brightness(replace(MIDDLE, light=0.05)) + 30


def test_pace_sets_the_tempo_and_warmth_the_mode() -> None:
    rng = np.random.default_rng(6)
    slow, fast = (
        np.median([draw_style(replace(MIDDLE, pace=pace), rng).tempo_bpm for _ in range(40)]) for pace in (0.05, 0.95)
    )
    sad, happy = ([draw_style(replace(MIDDLE, warmth=warmth), rng).mode for _ in range(40)] for warmth in (0.05, 0.95))
    assert fast > slow + 30
    assert sad.count("major") < happy.count("major")


def test_music_of_one_style_can_be_recorded_in_stereo_and_keeps_to_full_scale() -> None:
    rng = np.random.default_rng(7)
    style = draw_style(MIDDLE, rng)
    sound = record(compose(style, rng, length_s=8.0), style, rate_hz=22_050, channels=2)
    assert sound.shape[0] == 2
    assert 0.01 < np.abs(sound).max() <= 1.0


def test_material_of_a_short_sound_is_padded_with_silence() -> None:
    material = material_of(np.full(11_025, 0.5, np.float32), SOUND)
    assert material.duration_s == pytest.approx(0.5)
    assert (material.windows[:, 11_025:] == 0).all()
    assert (material.windows[:, :11_025] == 0.5).all()
