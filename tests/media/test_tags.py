from pathlib import Path

import pytest

from app.domain import Tags
from app.media.tags import LONGEST_TAG, read_tags
from tests.media_files import garble, write_sound, write_text

TAGS = {"title": "Night drive", "artist": "The Sines", "album": "Pure", "genre": "Electronic"}


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.m4a", "aac")])
def test_a_file_tells_its_title_artist_album_and_genre(tmp_path: Path, name: str, codec: str) -> None:
    assert read_tags(write_sound(tmp_path / name, codec=codec, tags=TAGS)) == Tags(**TAGS)


def test_the_name_of_the_file_says_nothing(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.m4a", codec="aac", tags=TAGS)
    for name in ("0a1b2c", "a.mp3", "a.ogg", "a.wav"):
        path = path.rename(tmp_path / name)
        assert read_tags(path).title == "Night drive"


def test_a_file_without_tags_and_one_that_is_no_music_tell_nothing(tmp_path: Path) -> None:
    assert read_tags(write_sound(tmp_path / "a.wav", codec="pcm_s16le")) == Tags()
    assert read_tags(write_text(tmp_path / "text.mp3")) == Tags()


def test_damaged_tags_raise_nothing(tmp_path: Path) -> None:
    for name, codec in (("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.m4a", "aac"), ("a.ogg", "vorbis")):
        path = write_sound(tmp_path / name, codec=codec, channels=2, tags=TAGS)
        for start in (0.0, 0.001, 0.01, 0.1):
            read_tags(garble(path, start=start, end=1.0))


def test_tags_are_one_clean_line_of_bounded_length(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac", tags={"title": " Night\n\tdrive\x07 ", "artist": "x" * 2000, "album": "  "})
    tags = read_tags(path)
    assert (tags.title, tags.album) == ("Night drive", None)
    assert tags.artist is not None
    assert len(tags.artist) == LONGEST_TAG
