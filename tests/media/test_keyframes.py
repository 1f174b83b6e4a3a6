from pathlib import Path

from app.domain import MediaLimits
from app.media.keyframes import take_keyframes, take_keyframes_in_passing
from app.media.picture import Painter
from app.media.spans import spans_around
from app.media.video_source import VideoSource
from tests.media_files import Film, frame_number, write_video

SPANS, _ = spans_around([2.0, 6.0, 10.4, 14.0])
PAINTER = Painter((96, 72))


def source(path: Path) -> VideoSource:
    return VideoSource(path, MediaLimits(max_duration_s=3600))


def test_each_span_takes_the_last_keyframe_before_its_instant_or_the_first_after_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=16, keyframe_every=50))
    found = take_keyframes(source(path), SPANS, PAINTER)
    assert [one.taken and frame_number(one.taken.picture) for one in found] == [0, 50, 100, 150]


def test_a_span_without_a_keyframe_names_the_one_before_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=16, keyframe_every=85))
    found = take_keyframes(source(path), SPANS, PAINTER)
    assert [one.taken is None for one in found] == [False, True, False, True]
    assert [one.keyframe_s for one in found] == [0.0, 0.0, 8.5, 8.5]


def test_a_stream_that_seeks_to_any_packet_still_gives_keyframes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.ts", Film(seconds=16, keyframe_every=20, b_frames=2))
    numbers = [frame_number(one.taken.picture) for one in take_keyframes(source(path), SPANS, PAINTER) if one.taken]
    assert len(numbers) == 4
    assert [number % 20 for number in numbers] == [0] * 4


def test_without_seeking_the_first_keyframe_of_each_span_is_taken_in_passing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", Film(seconds=16, keyframe_every=10))
    found = take_keyframes_in_passing(source(path), SPANS, PAINTER)
    assert [one.taken and frame_number(one.taken.picture) for one in found] == [0, 40, 90, 130]
