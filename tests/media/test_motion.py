from pathlib import Path

import numpy as np
import pytest

from app.domain import MediaLimits, Motion
from app.errors import NoVideoStream
from app.media.bursts import Burst, take_bursts_in_passing
from app.media.motion import displacement, measure_motion, motion_of
from app.media.picture import Picture
from app.media.video_source import VideoSource
from tests.media_files import Film, moving_picture, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=3600)
SHARP = {"qp": "18"}


def motion(path: Path, *, frame_budget: int = 600) -> Motion:
    return measure_motion(path, [0.5, 1.5, 2.5, 3.5], limits=LIMITS, frame_budget=frame_budget)


def moving_film(path: Path, speed: float, *, size: tuple[int, int] = (240, 136), rate: int = 30, turn: int = 0) -> Path:
    film = Film(seconds=4, size=size, frames_per_second=rate, keyframe_every=rate, codec_options=SHARP, rotation=turn)
    return write_video(path, film, moving_picture(speed, rate))


def test_a_shift_is_measured_in_widths_of_the_picture() -> None:
    draw = moving_picture(0.02, 1)
    first, second = (draw(index, (160, 90))[:, :, 0] for index in (0, 1))
    assert displacement(first, second) == pytest.approx(0.02, rel=0.1)
    assert displacement(first, first) < 1e-4


def test_noise_on_a_flat_picture_is_no_motion() -> None:
    noise = np.random.default_rng(0)
    first, second = (np.clip(noise.normal(120, 3, (90, 160)), 0, 255).astype(np.uint8) for _ in range(2))
    assert displacement(first, second) < 0.001


@pytest.mark.parametrize("frame_budget", [0, 600])
def test_speed_is_the_same_for_every_frame_rate_and_size(tmp_path: Path, frame_budget: int) -> None:
    films = [
        moving_film(tmp_path / "a.mp4", 0.4),
        moving_film(tmp_path / "b.mp4", 0.4, rate=15),
        moving_film(tmp_path / "c.mp4", 0.4, size=(360, 204)),
    ]
    for film in films:
        assert motion(film, frame_budget=frame_budget).speed == pytest.approx([0.4] * 4, rel=0.12)


def test_a_short_video_is_measured_at_the_instants_and_a_long_one_at_keyframes(tmp_path: Path) -> None:
    path = moving_film(tmp_path / "clip.mp4", 0.2)
    assert motion(path).times_s == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.04)
    assert motion(path, frame_budget=0).times_s == pytest.approx([0, 1, 2, 3], abs=0.04)


def test_of_a_turned_video_the_width_is_that_which_is_shown(tmp_path: Path) -> None:
    path = moving_film(tmp_path / "clip.mp4", 0.2, size=(240, 120), turn=90)
    assert motion(path).speed == pytest.approx([0.4] * 4, rel=0.12)


def test_a_still_picture_does_not_move(tmp_path: Path) -> None:
    assert motion(moving_film(tmp_path / "clip.mp4", 0.0)).speed == pytest.approx([0] * 4, abs=0.005)


def test_a_cut_inside_a_burst_is_not_motion(tmp_path: Path) -> None:
    scenes = np.random.default_rng(4).uniform(0, 255, (8, 9, 15)).repeat(16, 1).repeat(16, 2).astype(np.uint8)

    def scene(index: int, size: tuple[int, int]) -> Picture:
        # It changes after the frames 15, 30, 45 …, with which the bursts begin.
        return np.repeat(scenes[max(index - 1, 0) // 15, : size[1], : size[0], None], 3, axis=2)

    film = Film(seconds=4, size=(240, 136), frames_per_second=30, keyframe_every=120, codec_options=SHARP)
    path = write_video(tmp_path / "clip.mp4", film, scene)
    measured = measure_motion(path, [0.499, 0.999, 1.499, 1.999], limits=LIMITS)
    assert measured.times_s == pytest.approx([0.5, 1.0, 1.5, 2.0], abs=0.01)
    assert measured.speed.max() < 0.02


def test_a_stream_that_changes_its_shape_midway_has_a_cut_there(tmp_path: Path) -> None:
    parts = [write_video(tmp_path / f"{width}.ts", Film(seconds=2, size=(width, 48))) for width in (64, 128)]
    both = tmp_path / "both.ts"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    shapes = [(48, 64), (48, 128), (24, 64)]
    pictures = [np.zeros(shape, np.uint8) for shape in shapes]
    assert motion_of([Burst((0.0, 0.1, 0.2), tuple(pictures))]).speed.shape == (0,)
    measured = measure_motion(both, [0.5, 1.9, 2.5], limits=LIMITS)
    assert len(measured.speed) >= 2
    assert np.isfinite(measured.speed).all()


def test_instants_that_share_a_keyframe_are_measured_once(tmp_path: Path) -> None:
    film = Film(seconds=20, keyframe_every=100)
    path = write_video(tmp_path / "clip.mp4", film)
    measured = measure_motion(path, [1.0, 3.0, 12.0], limits=LIMITS, frame_budget=0)
    assert measured.times_s == pytest.approx([0, 10])


def test_a_single_frame_has_no_motion_to_measure(tmp_path: Path) -> None:
    measured = motion(write_video(tmp_path / "clip.mp4", Film(seconds=0.1)))
    assert measured.speed.shape == measured.times_s.shape == (0,)


def test_music_has_no_motion(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        motion(write_sound(tmp_path / "song.flac"))


def test_without_seeking_motion_is_measured_in_passing(tmp_path: Path) -> None:
    path = moving_film(tmp_path / "clip.mp4", 0.4)
    bursts = take_bursts_in_passing(VideoSource(path, LIMITS), [0.5, 1.2, 1.5, 3.5])
    assert [burst.times_s[0] for burst in bursts] == pytest.approx([1, 2])
    assert motion_of(bursts).speed == pytest.approx([0.4] * 2, rel=0.12)
