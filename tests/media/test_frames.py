from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.domain import FramePlan, Frames, MediaLimits
from app.errors import NoVideoStream, UnreadableMedia
from app.media import frames as frames_module
from app.media import video_source
from app.media.frames import sample_frames, sample_video
from app.media.motion import measure_motion
from app.media.video_reader import Keyframe, VideoReader
from tests.media_files import Film, frame_number, garble, moving_picture, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=3600)


def sampled(path: Path, times_s: Sequence[float], *, frame_budget: int = 600) -> Frames:
    return sample_frames(path, times_s, (96, 72), frame_budget=frame_budget, limits=LIMITS)


def numbers(frames: Frames) -> list[int]:
    return [frame_number(picture) for picture in frames.rgb]


def test_a_short_video_gives_the_very_frames_that_were_asked_for(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=5))
    frames = sampled(path, [0.02, 1.0, 2.31, 4.88])
    assert frames.rgb.shape == (4, 72, 96, 3)
    assert numbers(frames) == [0, 10, 23, 49]
    assert frames.times_s == pytest.approx([0.0, 1.0, 2.3, 4.9])


def test_pictures_come_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=5))
    assert numbers(sampled(path, [3.0, 1.0, 3.0, 2.0])) == [30, 10, 30, 20]


@pytest.mark.parametrize(
    ("name", "film"),
    [
        ("b_frames.mp4", Film(seconds=6, b_frames=3)),
        ("a.mkv", Film(seconds=6, b_frames=2)),
        ("a.ts", Film(seconds=6, b_frames=2, with_sound=True)),
        ("a.webm", Film(seconds=6, codec="libvpx", with_sound=True)),
        ("live.webm", Film(seconds=6, codec="libvpx-vp9", container_options={"live": "1"})),
        ("alpha.webm", Film(seconds=6, codec="libvpx-vp9", pixel_format="yuva420p")),
        ("a.avi", Film(seconds=6, codec="mpeg4", b_frames=2)),
        ("b.avi", Film(seconds=6, codec="mjpeg", pixel_format="yuvj420p")),
        ("a.mov", Film(seconds=6, codec="prores_ks", pixel_format="yuv422p10le")),
        ("hevc10.mp4", Film(seconds=6, codec="libx265", pixel_format="yuv420p10le", b_frames=2)),
        ("av1.mp4", Film(seconds=6, codec="libsvtav1")),
        ("odd.mp4", Film(seconds=6, size=(101, 75), pixel_format="yuv444p")),
        ("late.mp4", Film(seconds=6, first_time_s=10.0, b_frames=2)),
        ("fragments.mp4", Film(seconds=6, container_options={"movflags": "frag_keyframe+empty_moov"})),
        ("open.mp4", Film(seconds=6, b_frames=2, codec_options={"x264-params": "open-gop=1:scenecut=0"})),
        ("waves.mp4", Film(seconds=6, codec_options={"x264-params": "intra-refresh=1:scenecut=0"})),
        ("uneven.mp4", Film(seconds=6, timing=lambda index: index * index // 10 + index)),
    ],
)
@pytest.mark.parametrize("frame_budget", [0, 30, 600])
def test_the_time_that_is_told_is_the_time_of_the_picture(
    tmp_path: Path, name: str, film: Film, frame_budget: int
) -> None:
    path = write_video(tmp_path / name, film)
    timing = film.timing or (lambda index: index)
    shown_at_s = [timing(index) / film.frames_per_second for index in range(60)]
    wanted_s = np.linspace(0.2, shown_at_s[-1] - 0.2, 6)
    frames = sampled(path, wanted_s.tolist(), frame_budget=frame_budget)
    # AVI knows when a frame is decoded, not when it is shown: a frame earlier where frames are reordered.
    tolerance_s = 0.101 if name == "a.avi" else 0.051
    assert frames.times_s == pytest.approx([shown_at_s[number] for number in numbers(frames)], abs=tolerance_s)
    if frame_budget == 600:
        assert np.abs(frames.times_s - wanted_s).max() < 0.5


def test_without_a_budget_every_instant_takes_a_keyframe_of_its_own(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=20, keyframe_every=10, b_frames=2))
    wanted_s = [2.0, 6.0, 10.0, 14.0, 18.0]
    frames = sampled(path, wanted_s, frame_budget=0)
    assert [number % 10 for number in numbers(frames)] == [0] * 5
    assert np.abs(frames.times_s - wanted_s).max() < 2.0


def test_a_keyframe_after_the_instant_serves_its_span_too(tmp_path: Path) -> None:
    # Keyframes at 0, 5, 10 and 15 s; the spans meet at 3.95 and 6.95 s, and their keyframes follow their instants.
    path = write_video(tmp_path / "clip.mp4", Film(seconds=20, keyframe_every=50))
    assert numbers(sampled(path, [3.0, 4.9, 9.0], frame_budget=0)) == [0, 50, 100]


def test_a_span_without_a_keyframe_takes_the_nearest_picture(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=20, keyframe_every=100))
    frames = sampled(path, np.arange(1.0, 20.0, 2.0).tolist(), frame_budget=0)
    assert numbers(frames) == [0, 0, 0, 100, 100, 100, 100, 100, 100, 100]
    assert frames.times_s == pytest.approx([0] * 3 + [10] * 7)


def test_what_is_left_of_the_budget_reaches_into_the_widest_gap(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=20, keyframe_every=100))
    wanted_s = np.arange(1.0, 20.0, 2.0)
    gaps_s = [
        np.abs(sampled(path, wanted_s.tolist(), frame_budget=budget).times_s - wanted_s).max()
        for budget in (0, 60, 120, 199)
    ]
    assert all(wider >= narrower for wider, narrower in pairwise(gaps_s))
    assert gaps_s[0] > 6 > 3 > gaps_s[-1]


def test_the_work_does_not_grow_with_the_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = list[float]()

    def counted(reader: VideoReader, keyframe: Keyframe) -> object:
        decoded.append(keyframe.time_s)
        return decode_alone(reader, keyframe)

    decode_alone = VideoReader.decode_alone
    monkeypatch.setattr(VideoReader, "decode_alone", counted)
    monkeypatch.setattr(VideoReader, "frames", None)
    for seconds in (12, 60):
        decoded.clear()
        path = write_video(tmp_path / "clip.mp4", Film(seconds=seconds))
        wanted_s = (np.arange(8) + 0.5) * seconds / 8
        sampled(path, wanted_s.tolist(), frame_budget=0)
        assert len(decoded) == 8


def test_the_number_of_threads_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=20, keyframe_every=40, b_frames=2))
    wanted_s = np.linspace(0, 19, 12).tolist()
    for budget in (0, 100, 600):
        together = sampled(path, wanted_s, frame_budget=budget)
        with monkeypatch.context() as patch:
            patch.setattr(video_source, "SIDE_BY_SIDE", 5)
            patch.setattr(frames_module, "DECODER_THREADS", 3)
            apart = sampled(path, wanted_s, frame_budget=budget)
        assert np.array_equal(together.rgb, apart.rgb)
        assert np.array_equal(together.times_s, apart.times_s)


def test_a_damaged_short_video_gives_the_same_pictures_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "clip.ts", Film(seconds=12, b_frames=2), moving_picture(0.2, 10))
    rng, packet = np.random.default_rng(4), 188
    damaged = bytearray(path.read_bytes())
    for number in rng.choice(len(damaged) // packet - 40, 12, replace=False) + 20:
        damaged[number * packet + 60 : number * packet + 120] = rng.bytes(60)
    path.write_bytes(bytes(damaged))
    wanted_s = np.linspace(0.2, 11.8, 30).tolist()
    with monkeypatch.context() as patch:
        patch.setattr(frames_module, "DECODER_THREADS", 1)
        in_order = sampled(path, wanted_s, frame_budget=600)
    for _ in range(4):
        again = sampled(path, wanted_s, frame_budget=600)
        assert np.array_equal(again.rgb, in_order.rgb)


def test_a_damaged_stretch_costs_only_its_own_pictures(tmp_path: Path) -> None:
    path = garble(write_video(tmp_path / "clip.ts", Film(seconds=20)), start=0.4, end=0.6)
    for budget in (0, 600):
        frames = sampled(path, [1.0, 5.0, 15.0, 19.0], frame_budget=budget)
        assert frames.times_s == pytest.approx([1, 5, 15, 19], abs=1.0)


def test_a_video_of_which_nothing_decodes_is_unreadable(tmp_path: Path) -> None:
    path = garble(write_video(tmp_path / "clip.mp4", Film(with_sound=True)), start=0.01, end=0.9)
    for budget in (0, 600):
        with pytest.raises(UnreadableMedia, match="none of its pictures"):
            sampled(path, [0.5, 1.5], frame_budget=budget)


def test_music_with_a_cover_has_no_frames(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        sampled(write_sound(tmp_path / "song.flac", with_cover=True), [0.5])


def test_a_single_frame_serves_every_instant(tmp_path: Path) -> None:
    frames = sampled(write_video(tmp_path / "clip.mp4", Film(seconds=0.1)), [0.0, 0.05, 3.0])
    assert numbers(frames) == [0, 0, 0]


@pytest.mark.parametrize("frame_budget", [0, 600])
def test_frames_and_motion_together_are_what_each_is_alone(tmp_path: Path, frame_budget: int) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=8, b_frames=2))
    plan = FramePlan(6, 96, 72, "stretch", "area", motion_instants=3, frame_budget=frame_budget)
    times_s, motion_times_s = np.linspace(0.5, 7.5, 6), np.array([1.0, 3.5, 6.0])
    frames, motion = sample_video(path, plan, times_s=times_s, motion_times_s=motion_times_s, limits=LIMITS)
    alone = measure_motion(path, motion_times_s, limits=LIMITS, frame_budget=frame_budget)
    frames_alone = sampled(path, times_s.tolist(), frame_budget=frame_budget)
    assert np.array_equal(frames.times_s, frames_alone.times_s)
    assert np.array_equal(frames.rgb, frames_alone.rgb)
    assert len(motion.speed) == 3
    assert np.array_equal(motion.speed, alone.speed)
    assert np.array_equal(motion.times_s, alone.times_s)
