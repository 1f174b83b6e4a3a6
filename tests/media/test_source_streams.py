from pathlib import Path

import pytest

from app.domain import MediaLimits
from app.errors import NoAudioStream, NoVideoStream
from app.media.source_streams import source_streams
from tests.media.films import ffmpeg, film_with_sound, noise
from tests.media_files import Film, write_sound, write_video

LIMITS = MediaLimits(max_duration_s=3600)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_the_picture_ends_with_its_last_frame_however_long_the_sound_goes_on(tmp_path: Path, name: str) -> None:
    codec, sound = ("libvpx", ("-c:a", "libopus")) if name == "a.webm" else ("libx264", ("-c:a", "aac"))
    film = film_with_sound(tmp_path / name, Film(2, codec=codec), noise(2.2), sound=sound)
    found = source_streams(film, LIMITS, want="video")
    # Sound may begin some milliseconds before the picture in Matroska: what its decoder needs for a start.
    assert found.picture_end_s == pytest.approx(2.0, abs=0.03)
    assert not found.has_hidden_end


def test_it_counts_from_the_first_instant_of_the_file_be_it_of_the_sound(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path / "a.mp4", Film(2), noise(2.5), late_s=0.5)
    assert source_streams(film, LIMITS, want="video").picture_end_s == pytest.approx(2.5, abs=0.01)
    moved = tmp_path / "moved.ts"
    ffmpeg("-i", film, "-c", "copy", "-output_ts_offset", "100", moved)
    assert source_streams(moved, LIMITS, want="video").picture_end_s == pytest.approx(2.5, abs=0.05)


def test_the_streams_that_a_player_would_choose_are_named_by_their_numbers(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path / "film.mkv", Film(2), noise(2))
    cover = write_sound(tmp_path / "cover.mp3", codec="libmp3lame", with_cover=True)
    ffmpeg("-i", cover, "-i", film, "-map", "0:a", "-map", "1:v", "-map", "1:a", "-c", "copy", tmp_path / "a.mkv")
    marked = ("-disposition:a:0", "0", "-disposition:a:1", "default")
    ffmpeg("-i", tmp_path / "a.mkv", "-map", "0", "-c", "copy", *marked, tmp_path / "b.mkv")
    found = source_streams(tmp_path / "b.mkv", LIMITS, want="video")
    assert (found.picture, found.sound, found.demuxer) == (1, 2, "matroska")
    of_cover = source_streams(cover, LIMITS, want="sound")
    assert (of_cover.picture, of_cover.holds_film, of_cover.demuxer) == (None, False, "mp3")
    assert source_streams(film, LIMITS, want="sound").holds_film


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        source_streams(write_sound(tmp_path / "a.flac"), LIMITS, want="video")
    with pytest.raises(NoAudioStream):
        source_streams(write_video(tmp_path / "a.mp4"), LIMITS, want="sound")
