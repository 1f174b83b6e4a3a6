"""What becomes of the picture of a rendered video, and of all that a file may hold beside picture and sound."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from app.media.probe import probe
from tests.media.films import click_at, ffmpeg, film_with_sound, in_steps, noise
from tests.media.measured import RATE_HZ, heard, loudness, picture_packets, pictures
from tests.media.rendered import LIMITS, PLAIN, rendered
from tests.media_files import Film, frame_number, write_sound, write_video


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A track of 12 s, with another tone in each second."""
    return write_sound(tmp_path / "steps.wav", codec="pcm_s16le", rate_hz=RATE_HZ, samples=in_steps(12))


def test_a_turned_picture_stays_turned(tmp_path: Path, steps: Path) -> None:
    video = write_video(tmp_path / "a.mp4", Film(2, rotation=90))
    _, output = rendered(video, steps)
    assert probe(output, LIMITS).video == probe(video, LIMITS).video
    assert pictures(output)[0][1].shape == pictures(video)[0][1].shape


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_pictures_at_uneven_times_keep_them(tmp_path: Path, steps: Path, name: str) -> None:
    video = write_video(tmp_path / name, Film(3, timing=lambda index: index + index // 3 * 2))
    _, output = rendered(video, steps)
    before, after = ([time_s for time_s, _ in sorted(picture_packets(path))] for path in (video, output))
    assert [time_s - after[0] for time_s in after] == [
        pytest.approx(time_s - before[0], abs=0.002) for time_s in before
    ]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
@pytest.mark.parametrize("late_s", [0.0, 0.5])
def test_sound_and_picture_stay_together(tmp_path: Path, steps: Path, name: str, late_s: float) -> None:
    video = film_with_sound(tmp_path / name, Film(2, b_frames=2), click_at(1.5, 2.5), late_s=late_s)
    _, output = rendered(video, steps, replace(PLAIN, music_volume=0.0))
    distances_s = []
    for path in (video, output):
        found = heard(path)
        click_s = found.start_s + float(np.argmax(np.abs(found.samples[0]) > 0.05)) / RATE_HZ
        distances_s.append(click_s - pictures(path)[0][0])
    assert distances_s[1] == pytest.approx(distances_s[0], abs=0.02)
    assert distances_s[0] == pytest.approx(1.5 - late_s, abs=0.03)


def test_what_an_edit_list_hides_at_the_beginning_stays_hidden(tmp_path: Path, steps: Path) -> None:
    whole = film_with_sound(tmp_path / "whole.mp4", Film(6, b_frames=2, keyframe_every=30), click_at(3.0, 6.0))
    video = tmp_path / "a.mp4"
    ffmpeg("-ss", "1.5", "-i", whole, "-c", "copy", video)
    _, output = rendered(video, steps, replace(PLAIN, music_volume=0.0))
    shown = [[frame_number(picture) for _, picture in pictures(path)] for path in (video, output)]
    assert shown[1] == shown[0]
    assert shown[0][0] == 15
    found = heard(output)
    click_s = found.start_s + float(np.argmax(np.abs(found.samples[0]) > 0.05)) / RATE_HZ
    assert click_s - pictures(output)[0][0] == pytest.approx(1.5, abs=0.03)


def test_what_an_edit_list_hides_at_the_end_is_left_out_to_a_few_pictures(tmp_path: Path, steps: Path) -> None:
    video = write_video(tmp_path / "a.mp4", Film(8, b_frames=2))
    content = video.read_bytes()
    at = content.index(b"elst") + 12
    assert int.from_bytes(content[at : at + 4], "big") == 8000
    video.write_bytes(content[:at] + (3000).to_bytes(4, "big") + content[at + 4 :])
    _, output = rendered(video, steps)
    assert len(pictures(video)) == 30
    assert 30 <= len(pictures(output)) <= 33
    assert heard(output).duration_s == pytest.approx(3.0, abs=0.03)


@pytest.mark.parametrize(
    ("name", "film", "options", "suffix"),
    [
        ("a.avi", Film(3, codec="mpeg4", b_frames=2), (), ".mp4"),
        ("a.avi", Film(3, codec="libx264"), (), ".mp4"),
        ("a.ts", Film(3, codec="libx264", b_frames=2), (), ".mp4"),
        ("a.ts", Film(3, codec="libx265"), (), ".mp4"),
        ("a.mpg", Film(3, codec="mpeg2video", frames_per_second=25), (), ".mp4"),
        ("a.mov", Film(3, codec="prores_ks", pixel_format="yuv422p10le"), (), ".mov"),
        ("a.ogv", Film(3, codec="libtheora"), (), ".mkv"),
    ],
)
def test_a_container_that_few_know_becomes_one_that_many_do_and_the_pictures_stay(
    tmp_path: Path, steps: Path, name: str, film: Film, options: tuple[str, ...], suffix: str
) -> None:
    plain = write_video(tmp_path / "plain.mkv", replace(film, codec="ffv1", pixel_format="yuv420p", b_frames=0))
    codec = ("-c:v", film.codec, "-pix_fmt", film.pixel_format, "-g", "10")
    frames = ("-bf", str(film.b_frames)) if film.b_frames else ()
    ffmpeg("-i", plain, *codec, *frames, *options, tmp_path / name)
    made, output = rendered(tmp_path / name, steps)
    assert made.suffix == suffix
    before, after = ([frame_number(picture) for _, picture in pictures(path)] for path in (tmp_path / name, output))
    assert after == before
    assert loudness(output)[0] == pytest.approx(-14, abs=0.5)


def test_hevc_of_a_transport_stream_gets_the_name_that_all_players_know(tmp_path: Path, steps: Path) -> None:
    video = write_video(tmp_path / "a.ts", Film(2, codec="libx265"))
    _, output = rendered(video, steps)
    assert b"hvc1" in output.read_bytes()[:4000]


def test_subtitles_chapters_and_other_sounds_are_left_out(tmp_path: Path, steps: Path) -> None:
    film = film_with_sound(tmp_path / "film.mkv", Film(2), noise(2))
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    (tmp_path / "chapters.txt").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=one\n")
    more = ("-i", tmp_path / "words.srt", "-i", tmp_path / "chapters.txt")
    ffmpeg("-i", film, *more, "-map", "0", "-map", "0:a", "-map", "1", "-c", "copy", tmp_path / "a.mkv")
    _, output = rendered(tmp_path / "a.mkv", steps)
    with av.open(output) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert container.chapters() == []
