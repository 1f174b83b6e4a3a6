from pathlib import Path

import numpy as np
import pytest

from app.domain import MediaLimits
from app.media.video_source import VideoSource
from tests.media_files import Film, frame_number, truncate, write_video


def source(path: Path, *, skip_unreferenced: bool = False) -> VideoSource:
    return VideoSource(path, MediaLimits(max_duration_s=3600), skip_unreferenced=skip_unreferenced)


def test_frames_are_counted_where_the_container_does_not_say_and_no_further_than_asked(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv", "a.ts"):
        path = write_video(tmp_path / name, Film(seconds=5))
        for at_most, expected in ((10, 10), (1000, 50)):
            with source(path).reader() as reader:
                assert reader.count_frames(at_most=at_most) == expected


def test_a_keyframe_decodes_alone_without_the_packets_after_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=5, keyframe_every=20, b_frames=2))
    with source(path).reader() as reader:
        keyframe = reader.keyframe_near(3.5)
        assert keyframe is not None
        assert keyframe.time_s == pytest.approx(2.0)
        frame = reader.decode_alone(keyframe)
    assert frame is not None
    assert frame_number(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) == 20


def test_a_run_that_is_left_early_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=5, b_frames=3))
    with source(path).reader() as reader:
        for begin_s in (0.0, 3.0, 1.0):
            keyframe = reader.keyframe_near(begin_s)
            assert keyframe is not None
            for time_s, _ in reader.frames(after=keyframe, at_most=6):
                assert time_s == pytest.approx(begin_s)
                break


def test_unreferenced_frames_are_left_out_but_where_all_are_wanted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=10, keyframe_every=100, b_frames=3))
    with source(path, skip_unreferenced=True).reader() as reader:
        few = [time_s for time_s, _ in reader.frames()]
    with source(path, skip_unreferenced=True).reader() as reader:
        more = [time_s for time_s, _ in reader.frames(all_after_s=[4.0])]
    assert len(few) < 70
    assert {round(10 * time_s) for time_s in more} >= set(range(40, 44))
    assert len(few) < len(more) < 90


def test_a_file_that_only_says_it_has_moved_cannot_be_seeked(tmp_path: Path) -> None:
    # AVI keeps its index at the end. Large enough that opening it does not read it all.
    noise = np.random.default_rng(0).integers(0, 256, (7, 144, 192, 3), dtype=np.uint8)
    film = Film(seconds=150, size=(192, 144), frames_per_second=2, keyframe_every=20, codec_options={"qp": "5"})
    whole = write_video(tmp_path / "whole.avi", film, lambda index, size: noise[index % 7])
    with source(whole).reader() as reader:
        assert reader.seek(100.0)
    with source(truncate(whole, 0.8)).reader() as reader:
        assert not reader.seek(100.0)
