from pathlib import Path

import numpy as np
import pytest

from app.domain import FramePlan, MediaLimits, SoundPlan
from app.encoders.material import sound_material, video_material
from app.errors import MediaTooShort
from app.media.probe import probe
from tests.media_files import Film, frame_number, tone
from tests.training.converters.films import write_film
from training.converters import video_sections
from training.converters.parts import LeftOut
from training.converters.video_sections import Lengths, Material, materials, sections_of

FRAMES = FramePlan(4, 64, 48, "stretch", "area", motion_instants=2, frame_budget=600)
SOUND = SoundPlan(rate_hz=16_000, windows=3, window_samples=8_000)
UNCUT = Lengths(shortest_s=1.0, longest_s=60.0, cut_s=None)
CUT = Lengths(shortest_s=1.0, longest_s=60.0, cut_s=2.0)


def taken_of(path: Path, lengths: Lengths) -> list[Material | LeftOut]:
    return list(materials(path, path.name, FRAMES, SOUND, lengths))


@pytest.mark.parametrize(
    ("duration_s", "cut_s", "expected"),
    [
        (9.0, None, [(0.0, 9.0)]),
        (3.9, 2.0, [(0.0, 3.9)]),
        (4.0, 2.0, [(0.0, 2.0), (2.0, 4.0)]),
        (9.0, 2.0, [(0.0, 2.25), (2.25, 4.5), (4.5, 6.75), (6.75, 9.0)]),
    ],
)
def test_sections_are_equal_leave_nothing_out_and_are_none_too_short(
    duration_s: float, cut_s: float | None, expected: list[tuple[float, float]]
) -> None:
    assert [(section.start_s, section.end_s) for section in sections_of(duration_s, cut_s)] == expected


@pytest.mark.parametrize("lengths", [UNCUT, Lengths(1.0, 60.0, cut_s=4.0)])
def test_a_file_that_is_not_cut_gives_what_a_server_takes(tmp_path: Path, lengths: Lengths) -> None:
    path = write_film(tmp_path / "a.mp4", Film(seconds=6.0), tone(5.0))
    (taken,) = taken_of(path, lengths)
    assert isinstance(taken, Material)
    limits = MediaLimits(max_duration_s=60.0)
    video = video_material(path, FRAMES, limits=limits, info=probe(path, limits, want="video"))
    sound = sound_material(path, SOUND, limits=limits, info=probe(path, limits, want="sound"))
    assert taken.part == ""
    np.testing.assert_array_equal(taken.video.frames.rgb, video.frames.rgb)
    np.testing.assert_array_equal(taken.video.motion.speed, video.motion.speed)
    np.testing.assert_array_equal(taken.sound.windows, sound.windows)
    assert (taken.video.duration_s, taken.sound.duration_s) == (video.duration_s, sound.duration_s)


def test_each_section_has_its_own_pictures_and_its_own_sound(tmp_path: Path) -> None:
    loud = np.concatenate([tone(2.0, amplitude=level) for level in (0.1, 0.4)])
    taken = taken_of(write_film(tmp_path / "a.mkv", Film(seconds=4.0), loud, sound_codec="flac"), CUT)
    assert [one.part for one in taken if isinstance(one, Material)] == ["#t=0.00,2.00", "#t=2.00,4.00"]
    first, second = (one for one in taken if isinstance(one, Material))
    assert [frame_number(picture) for picture in first.video.frames.rgb] == pytest.approx([2, 7, 12, 17], abs=1)
    assert [frame_number(picture) for picture in second.video.frames.rgb] == pytest.approx([22, 27, 32, 37], abs=1)
    assert np.abs(first.sound.windows[0]).max() == pytest.approx(0.1, rel=0.1)
    assert np.abs(second.sound.windows[-1]).max() == pytest.approx(0.4, rel=0.1)


def test_a_section_without_sound_is_left_out_alone(tmp_path: Path) -> None:
    late = np.concatenate([tone(2.5, amplitude=0.0), tone(1.5)])
    taken = taken_of(write_film(tmp_path / "a.mkv", Film(seconds=4.0), late, sound_codec="flac"), CUT)
    assert taken[0] == LeftOut("a.mkv#t=0.00,2.00", "silent_audio", "the audio is silent from beginning to end")
    assert isinstance(taken[1], Material)


def test_sections_too_many_for_the_memory_are_heard_in_several_passes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_film(tmp_path / "a.mp4", Film(seconds=10.0), tone(10.0))
    at_once = taken_of(path, CUT)
    monkeypatch.setattr(video_sections, "MOST_BYTES_OF_SOUND", 2 * 4 * SOUND.windows * SOUND.window_samples)
    in_passes = taken_of(path, CUT)
    assert len(at_once) == len(in_passes) == 5
    for one, other in zip(at_once, in_passes, strict=True):
        assert isinstance(one, Material)
        assert isinstance(other, Material)
        assert one.part == other.part
        np.testing.assert_array_equal(one.sound.windows, other.sound.windows)


def test_the_shorter_of_picture_and_sound_decides_whether_a_file_is_long_enough(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", Film(seconds=4.0), tone(0.5), sound_codec="flac")
    with pytest.raises(MediaTooShort) as caught:
        taken_of(path, UNCUT)
    assert caught.value.duration_s == pytest.approx(0.5, abs=0.05)
    assert caught.value.minimum_s == 1.0
