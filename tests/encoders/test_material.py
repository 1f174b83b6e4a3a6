from pathlib import Path

import numpy as np
import pytest

from app.domain import FramePlan, MediaLimits, SoundPlan
from app.encoders.material import Section, sound_material, sound_materials, video_material
from app.media.probe import probe
from tests.media_files import Film, frame_number, moving_picture, tone, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=600)
FRAMES = FramePlan(
    instants=5, width=64, height=48, fit="stretch", interpolation="area", motion_instants=3, frame_budget=200
)
SOUND = SoundPlan(rate_hz=22_050, windows=4, window_samples=22_050)


def test_a_video_gives_the_frames_at_the_centres_of_its_segments(tmp_path: Path) -> None:
    path = write_video(tmp_path / "numbered.mp4", Film(seconds=5.0, frames_per_second=10))
    material = video_material(path, FRAMES, limits=LIMITS, info=probe(path, LIMITS))
    assert material.duration_s == pytest.approx(5.0, abs=0.1)
    assert material.frames.rgb.shape == (5, 48, 64, 3)
    numbers = [frame_number(picture) for picture in material.frames.rgb]
    assert numbers == pytest.approx([5, 15, 25, 35, 45], abs=1)
    assert material.frames.times_s == pytest.approx(np.array(numbers) / 10, abs=0.05)


def test_motion_is_measured_at_the_plans_own_instants(tmp_path: Path) -> None:
    film = Film(seconds=3.0, size=(128, 96), frames_per_second=20)
    path = write_video(tmp_path / "moving.mp4", film, moving_picture(0.5, 20))
    material = video_material(path, FRAMES, limits=LIMITS, info=probe(path, LIMITS))
    assert material.motion.speed.shape == material.motion.times_s.shape == (3,)
    assert material.motion.speed == pytest.approx([0.5] * 3, rel=0.25)


def test_a_plan_without_motion_measures_none(tmp_path: Path) -> None:
    path = write_video(tmp_path / "numbered.mp4")
    plan = FramePlan(2, 32, 32, "crop", "bicubic", motion_instants=0, frame_budget=0)
    material = video_material(path, plan, limits=LIMITS, info=probe(path, LIMITS))
    assert material.frames.rgb.shape == (2, 32, 32, 3)
    assert material.motion.speed.shape == (0,)


def test_a_track_gives_windows_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    rising = np.concatenate([tone(2.0, amplitude=level) for level in (0.1, 0.2, 0.3, 0.4)])
    path = write_sound(tmp_path / "rising.flac", samples=rising)
    material = sound_material(path, SOUND, limits=LIMITS, info=probe(path, LIMITS))
    assert material.windows.shape == (4, 22_050)
    assert material.windows.dtype == np.float32
    assert material.starts_s == pytest.approx([0.5, 2.5, 4.5, 6.5], abs=0.01)
    assert np.abs(material.windows).max(axis=1) == pytest.approx([0.1, 0.2, 0.3, 0.4], rel=0.05)
    assert material.rate_hz == 22_050
    assert material.loudness_lufs is not None


def test_a_track_shorter_than_a_window_is_followed_by_silence(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "short.flac", seconds=0.5)
    material = sound_material(path, SOUND, limits=LIMITS, info=probe(path, LIMITS))
    assert material.starts_s.tolist() == [0, 0, 0, 0]
    assert np.abs(material.windows[:, :10_000]).max() > 0.4
    assert not material.windows[:, 12_000:].any()


def test_the_same_file_gives_the_same_material(tmp_path: Path) -> None:
    path = write_video(tmp_path / "numbered.mp4", Film(seconds=3.0, b_frames=2))
    first, second = (video_material(path, FRAMES, limits=LIMITS, info=probe(path, LIMITS)) for _ in range(2))
    np.testing.assert_array_equal(first.frames.rgb, second.frames.rgb)
    np.testing.assert_array_equal(first.frames.times_s, second.frames.times_s)
    np.testing.assert_array_equal(first.motion.speed, second.motion.speed)


def test_a_section_of_a_video_gives_the_frames_of_its_own_segments(tmp_path: Path) -> None:
    path = write_video(tmp_path / "numbered.mp4", Film(seconds=10.0, frames_per_second=10))
    info = probe(path, LIMITS)
    material = video_material(path, FRAMES, limits=LIMITS, info=info, section=Section(5.0, 10.0))
    assert material.duration_s == 5.0
    numbers = [frame_number(picture) for picture in material.frames.rgb]
    assert numbers == pytest.approx([55, 65, 75, 85, 95], abs=1)
    assert material.motion.times_s.min() > 5.0


def test_sections_of_a_track_are_heard_in_one_pass_as_if_each_were_a_file(tmp_path: Path) -> None:
    rising = np.concatenate([tone(2.0, amplitude=level) for level in (0.1, 0.2, 0.3, 0.4)])
    path = write_sound(tmp_path / "rising.flac", samples=rising)
    first, second = sound_materials(path, SOUND, limits=LIMITS, sections=[Section(0.0, 4.0), Section(4.0, 8.0)])
    assert np.abs(first.windows).max(axis=1) == pytest.approx([0.1, 0.1, 0.2, 0.2], rel=0.05)
    assert np.abs(second.windows).max(axis=1) == pytest.approx([0.3, 0.3, 0.4, 0.4], rel=0.05)
    assert second.starts_s == pytest.approx([4.0, 5.0, 6.0, 7.0], abs=0.01)
    assert (first.duration_s, second.duration_s) == (4.0, 4.0)
    assert first.loudness_lufs == second.loudness_lufs


def test_the_section_that_is_the_whole_is_the_whole(tmp_path: Path) -> None:
    path = write_video(tmp_path / "numbered.mp4", Film(seconds=3.0, with_sound=True))
    info, heard = probe(path, LIMITS, want="video"), probe(path, LIMITS, want="sound")
    whole = video_material(path, FRAMES, limits=LIMITS, info=info)
    section = video_material(path, FRAMES, limits=LIMITS, info=info, section=Section(0.0, info.duration_s))
    np.testing.assert_array_equal(whole.frames.rgb, section.frames.rgb)
    np.testing.assert_array_equal(whole.motion.speed, section.motion.speed)
    sound = sound_material(path, SOUND, limits=LIMITS, info=heard)
    (cut,) = sound_materials(path, SOUND, limits=LIMITS, sections=[Section(0.0, heard.duration_s)])
    np.testing.assert_array_equal(sound.windows, cut.windows)
